"""Practice 4: roles for guests, and for any certificate."""

import pytest

from analyzer.rules.finding import Status
from analyzer.rules.severity import Severity
from tests.builders import DETAILS, account, the_catalogue
from tests.rules.organization_exports import POOL, pool, roles_of_pool

COGNITO = "cognito-identity.amazonaws.com"
WEB = "sts:AssumeRoleWithWebIdentity"
OF_POOL = {"StringEquals": {f"{COGNITO}:aud": POOL}}
GUESTS, CERTIFICATES = "role-open-to-guests", "roles-anywhere-trust-unbounded"
PROFILES = "roles-anywhere-profile-unrestricted"
ANCHOR = "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/1a2b"
MACHINES = {"Service": "rolesanywhere.amazonaws.com"}
OF_ANCHOR = {"ArnEquals": {"aws:SourceArn": ANCHOR}}
OF_SUBJECT = {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "build"}}


def amr(value, operator="ForAnyValue:StringLike"):
    """The condition on how the identity signed in."""
    return {operator: {f"{COGNITO}:amr": value}}


def guest_role(*may, when=None):
    """A role that an identity pool hands out."""
    return account().role("app").may(*may).trusts({"Federated": COGNITO}, action=WEB, when=when)


def machine_role(*may, when=None):
    """A role for clients with a certificate."""
    return account().role("app").may(*may).trusts(MACHINES, when=when)


def severities(case, rule):
    """The severity of each finding of the rule."""
    found = case.judged(rule).findings
    return [the_catalogue().entry_of(rule, each.variant).severity for each in found]


# role-open-to-guests


@pytest.mark.parametrize(
    "when",
    [
        OF_POOL | amr("unauthenticated"),
        OF_POOL | amr(["authenticated", "unauthenticated"]),
        OF_POOL | amr("*authenticated"),
        OF_POOL | amr("authenticated", "ForAllValues:StringNotLike"),
        OF_POOL,
        None,
    ],
)
def test_a_role_for_guests_with_administrator_rights_is_critical(when):
    """Asked for, or not ruled out: whoever opens the app gets it."""
    assert severities(guest_role("*", when=when), GUESTS) == [Severity.CRITICAL]


@pytest.mark.parametrize(
    "when",
    [
        OF_POOL | amr("authenticated"),
        OF_POOL | amr("graph.facebook.com"),
        OF_POOL | amr("unauthenticated", "ForAnyValue:StringNotLike"),
    ],
)
def test_a_role_for_signed_in_identities_is_none_for_guests(when):
    """The condition holds for nobody who has not signed in."""
    assert guest_role("*", when=when).status(GUESTS) is Status.PASS


def test_a_deny_of_guests_closes_the_role():
    """Whatever the Allow says."""
    named = {"Principal": {"Federated": COGNITO}, "Action": WEB}
    case = guest_role("*").trusting(
        {"Effect": "Allow"} | named,
        {"Effect": "Deny", "Condition": amr("unauthenticated")} | named,
    )
    assert case.status(GUESTS) is Status.PASS


@pytest.mark.parametrize(
    ("may", "severity"),
    [
        (["s3:PutObject"], Severity.CRITICAL),
        (["s3:GetObject"], Severity.HIGH),
        (["mobileanalytics:PutEvents", "cognito-sync:*"], Severity.HIGH),
        (["iam:CreateAccessKey"], Severity.CRITICAL),
    ],
)
def test_what_guests_can_change_decides_how_bad_it_is(may, severity):
    """What an app sends of the guest itself is no change."""
    assert severities(guest_role(*may, when=OF_POOL), GUESTS) == [severity]


def test_a_policy_without_a_text_may_give_guests_anything():
    """Nothing unknown is called harmless."""
    case = account().role("app").attached("arn:aws:iam::111122223333:policy/gone")
    case = case.trusts({"Federated": COGNITO}, action=WEB)
    assert severities(case, GUESTS) == [Severity.CRITICAL]


def test_the_pool_is_the_second_witness():
    """Its own word that it has guests is among the places; that it has none makes it mild."""
    case = guest_role("*", when=OF_POOL)
    told = case.export("pools.json", pool(guests=True))
    [finding] = told.judged(GUESTS).findings
    assert [told.value_at(each)[1] for each in finding.locations][1:] == [True]
    shut = case.export("pools.json", pool(guests=False))
    assert severities(shut, GUESTS) == [Severity.LOW]
    other = case.export("pools.json", pool(guests=False, number=f"{POOL[:-1]}0"))
    assert Severity.CRITICAL in severities(other, GUESTS)


def test_without_the_roles_the_pools_alone_are_judged():
    """A pool with guests and a role for them fails, one without guests passes."""
    case = account().without(DETAILS).export("pools.json", pool(guests=True))
    role = "arn:aws:iam::111122223333:role/app"
    assert case.status(GUESTS) is Status.NOT_ASSESSED
    assert severities(case.export("pools.json", roles_of_pool(role)), GUESTS) == [Severity.HIGH]
    none = account().without(DETAILS).export("pools.json", pool(guests=False))
    assert none.status(GUESTS) is Status.PASS
    unread = account().without(DETAILS).export("pools.json", pool(guests="perhaps"))
    assert unread.status(GUESTS) is Status.NOT_ASSESSED


def test_a_trust_that_cant_be_read_may_let_in_guests():
    """It costs this role alone."""
    odd = {"Effect": "Allow", "Principal": {"Federated": COGNITO}, "Action": 7}
    case = account().role("odd").trusting(odd)
    assert case.status(GUESTS) is Status.NOT_ASSESSED


# roles-anywhere-trust-unbounded


@pytest.mark.parametrize(
    ("may", "severity"), [("*", Severity.CRITICAL), ("s3:GetObject", Severity.HIGH)]
)
@pytest.mark.parametrize(
    "when",
    [
        None,
        {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:rolesanywhere:*:111122223333:trust-anchor/*"}},
        {"StringLike": {"aws:PrincipalTag/x509Subject/CN": "*"}},
        {"StringEqualsIfExists": {"aws:PrincipalTag/x509Subject/CN": "build"}},
    ],
)
def test_any_certificate_opens_the_role(may, severity, when):
    """Each anchor is of this account, so the account's number narrows nothing."""
    assert severities(machine_role(may, when=when), CERTIFICATES) == [severity]


def test_one_anchor_still_lets_in_all_of_its_certificates():
    """Milder than any anchor, and no longer critical."""
    assert severities(machine_role("*", when=OF_ANCHOR), CERTIFICATES) == [Severity.MEDIUM]


@pytest.mark.parametrize("when", [OF_SUBJECT, OF_SUBJECT | OF_ANCHOR])
def test_a_named_certificate_keeps_the_rule(when):
    """With its anchor at best."""
    assert machine_role("*", when=when).status(CERTIFICATES) is Status.PASS


def test_a_deny_of_other_anchors_names_the_anchor_too():
    """AWS's own pages write it either way."""
    named = {"Principal": MACHINES, "Action": "sts:AssumeRole"}
    others = {"Effect": "Deny", "Condition": {"ArnNotEquals": {"aws:SourceArn": ANCHOR}}} | named
    case = machine_role("*").trusting({"Effect": "Allow"} | named, others)
    assert severities(case, CERTIFICATES) == [Severity.MEDIUM]


def test_roles_of_other_services_are_not_asked_for_certificates():
    """They have no members in this check."""
    assert account().role("app").status(CERTIFICATES) is Status.NOT_APPLICABLE


# roles-anywhere-profile-unrestricted


def profile(**members):
    """list-profiles, with one."""
    arn = "arn:aws:rolesanywhere:eu-west-1:111122223333:profile/p1"
    told = {"profileArn": arn, "name": "build", "enabled": True} | members
    return account().export("profiles.json", {"profiles": [told]})


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({}, Status.FAIL),
        ({"sessionPolicy": "{}"}, Status.PASS),
        ({"managedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}, Status.PASS),
        ({"managedPolicyArns": []}, Status.FAIL),
        ({"enabled": False}, Status.NOT_APPLICABLE),
    ],
)
def test_a_profile_limits_its_sessions(members, status):
    """By a policy of its own or by managed ones, while it is enabled."""
    assert profile(**members).status(PROFILES) is status


def test_the_files_that_are_missing_are_named():
    """Where a role serves Roles Anywhere, with the command that makes the file."""
    result = machine_role("s3:GetObject").judged(PROFILES)
    assert result.status is Status.NOT_ASSESSED
    assert "rolesanywhere list-profiles" in result.command
    assert account().role("app").status(PROFILES) is Status.NOT_APPLICABLE
    assert account().without(DETAILS).status(PROFILES) is Status.NOT_ASSESSED
