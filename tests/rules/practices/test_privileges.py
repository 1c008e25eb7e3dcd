"""Practice 2: who is an administrator, and who can become one."""

import json

import pytest

from analyzer.rules.finding import Status
from analyzer.rules.severity import Severity
from tests.builders import REPORT, account, allow, key_id, the_catalogue
from tests.risk.leaked import answered

NUMBER = "111122223333"
ANN = account().user("ann")
ADMIN = ANN.key().attached("AdministratorAccess")
WITH_TARGET = account().role("deploy", service="lambda.amazonaws.com").may("*")
CLIMBER = WITH_TARGET.user("bob").key().may("iam:PassRole", "lambda:*")
MANY = [f"adm{number}" for number in range(6)]


def crowd(names: list[str]):
    """An account with these administrators."""
    case = account()
    for name in names:
        case = case.user(name).key().attached("AdministratorAccess")
    return case


# admin-user-no-mfa


def test_admin_user_no_mfa_fails():
    """Full rights behind a password alone. The finding shows the cell and the grant."""
    case = ANN.password().attached("AdministratorAccess")
    [(resource, spot, value)] = case.proof("admin-user-no-mfa")
    assert (resource, value) == ("user/ann", "false")
    assert spot.endswith(":3:mfa_active")


def test_admin_user_no_mfa_passes():
    """With MFA, or with nothing that lets the user in."""
    assert ADMIN.mfa().status("admin-user-no-mfa") is Status.PASS
    dead = ANN.attached("AdministratorAccess")
    assert dead.status("admin-user-no-mfa") is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    "broken",
    [
        {"Effect": "Alow", "Action": "*", "Resource": "*"},
        {"Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*"},
        "x",
        None,
    ],
    ids=str,
)
@pytest.mark.parametrize("rule", ["admin-user-no-mfa", "user-effective-admin"])
def test_a_statement_that_can_not_be_read_may_make_an_administrator(broken, rule):
    """Whoever holds it is not called limited, so the check is not assessed."""
    assert ANN.key().inline("p", broken).status(rule) is Status.NOT_ASSESSED


# escalation-user-no-mfa


def test_escalation_user_no_mfa_fails():
    """One step from full rights, and no second factor on the way."""
    [(resource, _, value)] = CLIMBER.proof("escalation-user-no-mfa")
    assert (resource, value) == ("user/bob", "false")


def test_escalation_user_no_mfa_passes():
    """With MFA."""
    assert CLIMBER.mfa().status("escalation-user-no-mfa") is Status.PASS


# privileged-user-virtual-mfa


def test_privileged_user_virtual_mfa_fails():
    """An app on a phone is all that an administrator has."""
    case = ADMIN.mfa().mfa_device(f"arn:aws:iam::{NUMBER}:mfa/ann")
    [(resource, _, _)] = case.proof("privileged-user-virtual-mfa")
    assert resource == "user/ann"


def test_privileged_user_virtual_mfa_passes():
    """A FIDO key among the devices is enough."""
    case = ADMIN.mfa().mfa_device(f"arn:aws:iam::{NUMBER}:u2f/user/ann/key")
    assert case.status("privileged-user-virtual-mfa") is Status.PASS


# user-effective-admin


@pytest.mark.parametrize(
    "case",
    [
        ADMIN,
        ANN.key().may("*"),
        ANN.key().may("*:*"),
        ANN.key().may("iam:*").may("*", on=["arn:aws:s3:::a", "*"]),
        ANN.key().group("ops").empty_group("x"),
    ],
    ids=["attached", "inline", "star-star", "two-statements", "group"],
)
def test_user_effective_admin_fails(case):
    """Whatever the route by which everything is allowed."""
    if case.details["GroupDetailList"]:
        case = account().user("ann").key().group("ops")
        case.details["GroupDetailList"][0]["AttachedManagedPolicies"] = [
            {"PolicyName": "a", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
        ]
    [(resource, _, _)] = case.proof("user-effective-admin")
    assert resource == "user/ann"


def test_user_effective_admin_fails_where_only_a_trifle_is_denied():
    """A Deny on one action that the user can take away from itself changes nothing."""
    case = ANN.key().may("*").may_not("organizations:LeaveOrganization")
    assert case.status("user-effective-admin") is Status.FAIL


@pytest.mark.parametrize(
    "case",
    [
        ANN.key().may("s3:*"),
        ANN.key().may("*", on="arn:aws:s3:::*"),
        ANN.key().may("*").may_not("iam:*"),
        ADMIN.boundary(f"arn:aws:iam::{NUMBER}:policy/b").policy("b", allow("s3:*")),
        ANN.key().may("*", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
    ],
    ids=["service", "bucket", "deny", "boundary", "bare-key"],
)
def test_user_effective_admin_passes(case):
    """Less than everything, by scope, Deny, boundary or condition."""
    assert case.status("user-effective-admin") is Status.PASS


def test_user_effective_admin_is_unknown_behind_a_missing_policy():
    """A policy without text may hold anything; an absent boundary may cut anything."""
    missing = ANN.key().attached(f"arn:aws:iam::{NUMBER}:policy/gone")
    assert missing.status("user-effective-admin") is Status.NOT_ASSESSED
    capped = ADMIN.boundary(f"arn:aws:iam::{NUMBER}:policy/gone")
    assert capped.status("user-effective-admin") is Status.NOT_ASSESSED


# group-effective-admin, role-effective-admin


def test_group_effective_admin_fails():
    """The finding lists the members."""
    case = ANN.group("ops").empty_group("adm").attached("AdministratorAccess")
    [(resource, _, _)] = case.proof("group-effective-admin")
    assert resource == "group/adm"


def test_group_effective_admin_passes():
    """A group with something to do."""
    case = account().empty_group("dev").may("s3:*")
    assert case.status("group-effective-admin") is Status.PASS


GUARD = {
    "Effect": "Deny",
    "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}


def test_group_effective_admin_fails_behind_a_guard_that_asks_for_mfa():
    """A member enrols a device, and nothing is denied any more."""
    case = account().empty_group("adm").attached("AdministratorAccess").inline("guard", GUARD)
    [finding] = case.judged("group-effective-admin").findings
    assert finding.facts["policies"] == "AdministratorAccess"


def test_group_effective_admin_passes_where_a_deny_stays_whatever_a_member_shows():
    """No device lifts it."""
    lasting = {key: value for key, value in GUARD.items() if key != "Condition"}
    case = account().empty_group("adm").attached("AdministratorAccess").inline("guard", lasting)
    assert case.status("group-effective-admin") is Status.PASS


def test_role_effective_admin_fails():
    """Service-linked roles are AWS's own business."""
    case = account().role("ops").may("*").role("AWSServiceRoleForX", path="/aws-service-role/x/")
    [(resource, _, _)] = case.may("*").proof("role-effective-admin")
    assert resource == "role/ops"


def test_role_effective_admin_passes():
    """A role with something to do."""
    assert account().role("app").may("s3:*").status("role-effective-admin") is Status.PASS


# too-many-administrators


def test_too_many_administrators_fails():
    """Six, where five are agreed."""
    [finding] = crowd(MANY).judged("too-many-administrators").findings
    assert finding.facts["count"] == 6


def test_too_many_administrators_passes():
    """Five; or as many as have been agreed."""
    assert crowd(MANY[:5]).status("too-many-administrators") is Status.PASS
    agreed = crowd(MANY).limits(administrators=6)
    assert agreed.status("too-many-administrators") is Status.PASS


# principal-privilege-escalation


def test_principal_privilege_escalation_fails():
    """The statement that grants the step is the evidence, and the remedy is a policy."""
    [finding] = CLIMBER.judged("principal-privilege-escalation").findings
    assert finding.facts["principal"] == "user bob"
    assert "role/deploy" in str(finding.facts["route"])
    statements = json.loads(str(finding.facts["remedy"]))["Statement"]
    assert statements[0]["Effect"] == "Deny"
    [(_, _, value)] = CLIMBER.proof("principal-privilege-escalation")
    assert value["Action"] == ["iam:PassRole", "lambda:*"]


def test_principal_privilege_escalation_fails_over_several_steps():
    """Each step by itself is harmless."""
    case = CLIMBER.role("step").may("iam:PassRole", "lambda:*")
    case = case.trusts({"AWS": f"arn:aws:iam::{NUMBER}:root"})
    case = case.user("cy").key().may("sts:AssumeRole")
    found = case.judged("principal-privilege-escalation").findings
    steps = {str(each.facts["principal"]): each.facts["steps"] for each in found}
    assert steps == {"user bob": 1, "user cy": 2, "role step": 1}


def test_principal_privilege_escalation_passes():
    """Administrators are no climbers, and rights over strangers' things lead nowhere."""
    assert ADMIN.status("principal-privilege-escalation") is Status.PASS
    scoped = WITH_TARGET.user("bob").key().may("iam:PassRole", on="arn:aws:iam::*:role/other")
    assert scoped.may("lambda:*").status("principal-privilege-escalation") is Status.PASS


# principal-escalation-potential


def test_principal_escalation_potential_fails():
    """A function that runs as a strong role may exist; the exports do not say."""
    case = WITH_TARGET.user("bob").key().may("lambda:UpdateFunctionCode")
    [(resource, _, _)] = case.proof("principal-escalation-potential")
    assert resource == "user/bob"


def test_principal_escalation_potential_passes():
    """Where no strong role lets in the service, its functions have none."""
    case = account().user("bob").key().may("lambda:UpdateFunctionCode")
    assert case.status("principal-escalation-potential") is Status.PASS


# dormant-privileged-live-key


def test_dormant_privileged_live_key_fails():
    """An administrator's key that nobody has used for 91 days."""
    case = ANN.key(age=200, last_used=91).attached("AdministratorAccess")
    [(resource, _, _)] = case.proof("dormant-privileged-live-key")
    assert resource == "user/ann"


def test_dormant_privileged_live_key_passes():
    """In use, or without privilege."""
    assert ADMIN.status("dormant-privileged-live-key") is Status.PASS
    plain = ANN.key(age=200, last_used=91).may("s3:*")
    assert plain.status("dormant-privileged-live-key") is Status.PASS


def test_dormant_privileged_live_key_is_not_assessed_where_nothing_dates_the_user():
    """Never used, and nobody knows since when: new or dormant."""
    case = account().user("ann", created="?").key(age=5, last_used=None)
    case = case.attached("AdministratorAccess")
    assert case.status("dormant-privileged-live-key") is Status.NOT_ASSESSED


# leaked-key-privileged-owner


def test_leaked_key_privileged_owner_fails():
    """The list of keys says whose it is."""
    key = key_id(NUMBER)
    case = ADMIN.listed_key(key).leak(key, account=NUMBER)
    [finding] = case.judged("leaked-key-privileged-owner").findings
    assert finding.facts["user"] == "ann"


def test_leaked_key_privileged_owner_passes():
    """The owner may do little."""
    key = key_id(NUMBER)
    case = ANN.key().may("s3:*").listed_key(key).leak(key, account=NUMBER)
    assert case.status("leaked-key-privileged-owner") is Status.PASS


def test_leaked_key_privileged_owner_passes_where_full_rights_take_mfa():
    """Whoever found the key has no device of the owner's."""
    key = key_id(NUMBER)
    guarded = ANN.key().mfa().may("*", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    case = guarded.listed_key(key).leak(key, account=NUMBER)
    assert case.status("leaked-key-privileged-owner") is Status.PASS
    assert case.status("user-effective-admin") is Status.FAIL


@pytest.mark.parametrize("rule", ["user-effective-admin", "principal-privilege-escalation"])
def test_whoever_cannot_get_in_is_to_be_deleted(rule: str):
    """Without password, active key and certificate it is low; where nobody knows, it is not."""
    dead = ANN.key(active=False)
    dead = dead.may("*") if rule == "user-effective-admin" else dead.may("iam:PutUserPolicy")
    [shut] = dead.judged(rule).findings
    assert the_catalogue().entry_of(rule, shut.variant).severity is Severity.LOW
    assert "delete-user" in the_catalogue().entry_of(rule, shut.variant).commands[0]
    for case in (dead.password(), dead.without(REPORT)):
        [open_] = case.judged(rule).findings
        assert the_catalogue().entry_of(rule, open_.variant).severity is Severity.HIGH


def test_leaked_key_privileged_owner_fails_where_an_inquiry_names_the_owner():
    """get-access-key-last-used says whose the key is, whatever lists there are of other keys."""
    key, other = key_id(NUMBER), key_id(NUMBER, 1)
    asked = answered(ADMIN, "ann", key).leak(key, account=NUMBER)
    for case in (asked, asked.user("bob").key().listed_key(other)):
        assert case.status("leaked-key-privileged-owner") is Status.FAIL


def test_leaked_key_privileged_owner_is_not_assessed_where_the_inquiry_is_of_another_key():
    """That another key was asked for tells nothing of the one that leaked."""
    case = answered(ADMIN, "ann", key_id(NUMBER, 1)).leak(key_id(NUMBER), account=NUMBER)
    assert case.status("leaked-key-privileged-owner") is Status.NOT_ASSESSED


def test_dormant_privileged_live_key_spares_a_declared_break_glass_user():
    """It is meant to rest."""
    case = ANN.key(age=200, last_used=91).attached("AdministratorAccess")
    declared = case.limits(break_glass=frozenset({"ann"}))
    assert case.status("dormant-privileged-live-key") is Status.FAIL
    assert declared.status("dormant-privileged-live-key") is Status.PASS


EMERGENCY = (
    account().limits(break_glass=frozenset({"ann"})).user("ann").attached("AdministratorAccess")
)


@pytest.mark.parametrize(
    ("case", "variant"),
    [
        (EMERGENCY.password(last_used=None).mfa(), "for-emergencies"),
        (EMERGENCY.password(last_used=None), ""),
        (EMERGENCY.password().mfa().key(), ""),
        (EMERGENCY.password().mfa().key().cell("ann", "access_key_1_active", "?"), ""),
        (EMERGENCY.password().cell("ann", "mfa_active", "?"), ""),
        (EMERGENCY.without(REPORT), ""),
        (ADMIN.password().mfa(), ""),
    ],
    ids=["guarded", "no MFA", "a key", "perhaps a key", "perhaps MFA", "no report", "undeclared"],
)
def test_user_effective_admin_is_milder_for_a_declared_break_glass_user(case, variant):
    """It is meant to have full rights, as long as it signs in with MFA and holds no key."""
    (finding,) = case.judged("user-effective-admin").findings
    assert finding.variant == variant
    told = the_catalogue().entry_of("user-effective-admin", finding.variant)
    assert (told.severity is Severity.LOW) is bool(variant)
