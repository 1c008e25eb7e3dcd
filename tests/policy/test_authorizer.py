"""Who may assume a role: its trust policy and the policies of whoever asks."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.conditions import Ternary
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import REPORT, account, allow, deny
from tests.policy.verdicts import (
    ALLOWED,
    ANN,
    CONDITIONAL,
    DENIED,
    IAM,
    LIVE,
    MFA,
    NONE,
    ROLE,
    ROOT,
    UNKNOWN_KEY,
    assume_verdict,
    level_of,
    role_trusting,
    verdict_in,
    with_boundary,
)

STS, SESSION = "arn:aws:sts::111122223333:", "assumed-role/other/one"


@pytest.mark.parametrize(
    ("principal", "granted", "verdict"),
    [
        (ROOT, (), NONE),
        (ROOT, (allow("sts:AssumeRole", on=ROLE),), ALLOWED),
        ({"AWS": "111122223333"}, (allow("sts:*", on=f"{IAM}role/*"),), ALLOWED),
        (ROOT, (allow("sts:AssumeRole", on=f"{IAM}role/other"),), NONE),
        ("*", (), ALLOWED),
        ("*", (allow("sts:AssumeRole", on=ROLE),), ALLOWED),
        ("*", (deny("sts:AssumeRole"),), DENIED),
        ({"AWS": ANN}, (), ALLOWED),
        ({"AWS": [f"{IAM}user/bob", ANN]}, (), ALLOWED),
        ({"AWS": f"{IAM}user/bob"}, (allow("*"),), NONE),
        ({"AWS": "arn:aws:iam::444455556666:root"}, (allow("*"),), NONE),
        ({"Service": "ec2.amazonaws.com"}, (allow("*"),), NONE),
        ({"AWS": ANN}, (deny("sts:AssumeRole"),), DENIED),
        (ROOT, (allow("*"), deny("sts:*", on=ROLE)), DENIED),
    ],
)
def test_an_account_delegates_and_a_named_user_is_let_in(principal, granted, verdict):
    """For the account the user's own policies must allow, too; not for its name, nor for anyone."""
    ann = LIVE.inline("p", allow("ec2:DescribeRegions"), *granted)
    assert assume_verdict(role_trusting(principal, ann=ann)) is verdict


def test_a_named_user_under_a_boundary_that_does_not_allow_is_conditional():
    """AWS's pages disagree on the boundary of a user whom a trust policy names."""
    ann = with_boundary(LIVE, allow("s3:*"))
    assert assume_verdict(role_trusting({"AWS": ANN}, ann=ann)) is CONDITIONAL
    assert (
        assume_verdict(role_trusting({"AWS": ANN}, ann=with_boundary(LIVE, allow("*")))) is ALLOWED
    )
    assert (
        assume_verdict(role_trusting({"AWS": ANN}, ann=with_boundary(LIVE, deny("sts:*"))))
        is DENIED
    )


def test_a_named_role_under_a_boundary_that_does_not_allow_is_not_let_in():
    """An implicit deny in its boundary cuts what names the role."""
    other = f"{IAM}role/other"
    free = account().role("other")
    assert assume_verdict(role_trusting({"AWS": other}, ann=free), who=other) is ALLOWED
    assert (
        assume_verdict(
            role_trusting({"AWS": other}, ann=with_boundary(free, allow("s3:*"))), who=other
        )
        is NONE
    )


@pytest.mark.parametrize(
    ("action", "verdict"),
    [("sts:*", ALLOWED), ("*", ALLOWED), ("STS:assume*", ALLOWED), ("sts:TagSession", NONE)],
)
def test_the_trust_must_speak_of_assuming(action, verdict):
    """By any pattern that covers sts:AssumeRole."""
    assert assume_verdict(role_trusting({"AWS": ANN}, action=action)) is verdict


def test_an_explicit_deny_in_the_trust_is_final():
    """Whatever else the trust and the user's policies allow."""
    statement = {"Action": "sts:AssumeRole", "Principal": {"AWS": ANN}}
    both = (statement | {"Effect": "Allow"}, statement | {"Effect": "Deny"})
    assert assume_verdict(LIVE.may("*").role("app").trusting(*both)) is DENIED


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        ({"Bool": {MFA: "true"}}, NONE),
        ({"BoolIfExists": {MFA: "true"}}, ALLOWED),
        ({"StringEquals": {"sts:ExternalId": "guess"}}, ALLOWED),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, NONE),
        ({"StringEquals": {"aws:PrincipalArn": ANN}}, ALLOWED),
        ({"ArnLike": {"aws:PrincipalArn": f"{IAM}user/bob"}}, NONE),
        ({"StringEquals": {UNKNOWN_KEY: "x"}}, CONDITIONAL),
    ],
)
def test_conditions_of_the_trust_are_judged_for_a_leaked_key(when, verdict):
    """The external ID is the asker's to send, a second factor is not."""
    case = role_trusting({"AWS": ANN}, when=when)
    assert assume_verdict(case, entry_point=EntryPoint.LEAKED_KEY) is verdict


def test_an_mfa_device_opens_a_trust_that_asks_for_one():
    """The session of its owner brings it along."""
    ann = account().user("ann").password().mfa()
    case = role_trusting({"AWS": ANN}, ann=ann, when={"Bool": {MFA: "true"}})
    assert assume_verdict(case, entry_point=EntryPoint.CONSOLE) is ALLOWED


def test_no_role_trusts_itself_unasked():
    """Since 2022 it takes a trust policy that names the role."""
    assert assume_verdict(account().role("app").may("sts:AssumeRole"), who=ROLE) is NONE
    case = account().role("app").may("sts:AssumeRole").trusts({"AWS": ROLE})
    assert assume_verdict(case, who=ROLE) is ALLOWED


def test_a_role_without_its_trust_policy_may_let_anyone_in():
    """A cut export says nothing of it."""
    case = LIVE.may("sts:*").role("app").member(AssumeRolePolicyDocument=None)
    assert assume_verdict(case) is CONDITIONAL


def test_asking_for_assume_role_asks_the_trust_as_well():
    """A wide policy alone assumes nothing."""
    case = LIVE.may("sts:AssumeRole").role("app")
    assert verdict_in(case, "sts:AssumeRole", ROLE) is NONE
    assert verdict_in(case.trusts(ROOT), "sts:AssumeRole", ROLE) is ALLOWED


def test_deny_with_not_principal_hits_everyone_under_a_boundary():
    """Even the principal that it spares by name.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ANN}}
    spared = {
        "Effect": "Deny",
        "Action": "sts:AssumeRole",
        "NotPrincipal": {"AWS": [ANN, ROOT["AWS"]]},
    }
    assert assume_verdict(LIVE.role("app").trusting(allowed, spared)) is ALLOWED
    assert (
        assume_verdict(with_boundary(LIVE, allow("*")).role("app").trusting(allowed, spared))
        is DENIED
    )


def test_a_group_is_no_principal():
    """A trust that names one lets its members in as little as anyone."""
    ann = account().empty_group("dev").user("ann").key().group("dev").may("*")
    assert assume_verdict(role_trusting({"AWS": f"{IAM}group/dev"}, ann=ann)) is not ALLOWED


@pytest.mark.parametrize(
    ("denied", "verdict"),
    [
        ("role/other", DENIED),
        (SESSION, NONE),
        ("assumed-role/other/two", ALLOWED),
    ],
)
def test_a_deny_that_names_a_session_stops_that_session(denied, verdict):
    """Whoever may come in under one name alone is kept out by a Deny of that name."""
    service = "sts" if "assumed-role" in denied else "iam"
    allowed = {"Effect": "Allow", "Principal": {"AWS": f"{STS}{SESSION}"}}
    barred = {"Effect": "Deny", "Principal": {"AWS": f"arn:aws:{service}::111122223333:{denied}"}}
    said = [each | {"Action": "sts:AssumeRole"} for each in (allowed, barred)]
    case = account().role("other").trusts(ROOT).role("app").trusting(*said)
    assert assume_verdict(case, who=f"{IAM}role/other") is verdict


def test_a_role_under_another_session_name_passes_a_deny_of_one():
    """The name of a session is its holder's to pick."""
    allowed = {"Effect": "Allow", "Principal": {"AWS": f"{IAM}role/other"}}
    barred = {"Effect": "Deny", "Principal": {"AWS": f"{STS}{SESSION}"}}
    said = [each | {"Action": "sts:AssumeRole"} for each in (allowed, barred)]
    case = account().role("other").trusts(ROOT).role("app").trusting(*said)
    assert assume_verdict(case, who=f"{IAM}role/other") is ALLOWED


@pytest.mark.parametrize(
    ("excepted", "verdict"),
    [
        ([f"{STS}{SESSION}", f"{IAM}role/other", ROOT["AWS"]], ALLOWED),
        ([f"{STS}{SESSION}", f"{IAM}role/other"], CONDITIONAL),
        ([f"{IAM}role/other", ROOT["AWS"]], CONDITIONAL),
        ([f"{STS}{SESSION}"], CONDITIONAL),
        ([ROOT["AWS"]], DENIED),
    ],
)
def test_a_deny_excepts_a_session_with_its_role_and_its_account(excepted, verdict):
    """Named all three it is out of reach; named in part, it may be denied.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    allowed = {"Effect": "Allow", "Principal": "*"}
    barred = {"Effect": "Deny", "NotPrincipal": {"AWS": excepted}}
    said = [each | {"Action": "sts:AssumeRole"} for each in (allowed, barred)]
    case = account().role("other").trusts(ROOT).role("app").trusting(*said)
    assert assume_verdict(case, who=f"{IAM}role/other") is verdict


@pytest.mark.parametrize(("number", "verdict"), [("111122223333", ALLOWED), ("444455556666", NONE)])
def test_the_account_of_the_role_is_known_to_its_trust_policy(number, verdict):
    """It owns the resource that is asked for."""
    when = {"StringEquals": {"aws:ResourceAccount": number}}
    assert assume_verdict(role_trusting({"AWS": ANN}, when=when)) is verdict


DEVICE = allow("iam:EnableMFADevice", "iam:CreateVirtualMFADevice")
ASKS_FOR_IT = allow("s3:*", when={"Bool": {MFA: "true"}})


def ways_in(case, by=None):
    """How Ann comes in, by any of her credentials or by one, and how certain each way is."""
    found = authorizer_for(case.account())
    policies = found.principals[ANN]
    return dict(found.entry_points_from(policies, by) if by else found.entry_points(policies))


@pytest.mark.parametrize(
    ("statements", "truth"),
    [
        ((DEVICE, ASKS_FOR_IT), Ternary.TRUE),
        ((DEVICE,), None),
        ((ASKS_FOR_IT,), None),
        ((allow("iam:EnableMFADevice"), ASKS_FOR_IT), Ternary.UNKNOWN),
        ((allow("iam:CreateVirtualMFADevice"), ASKS_FOR_IT), None),
        ((allow("iam:*", on=f"{IAM}user/bob"), ASKS_FOR_IT), None),
        (
            (allow("iam:*", on=[f"{IAM}user/${{aws:username}}", f"{IAM}mfa/*"]), ASKS_FOR_IT),
            Ternary.TRUE,
        ),
        ((DEVICE, deny("iam:EnableMFADevice"), ASKS_FOR_IT), None),
        ((allow("iam:*", when={"Bool": {MFA: "true"}}),), None),
        ((allow("iam:*", when={"StringEquals": {UNKNOWN_KEY: "x"}}), ASKS_FOR_IT), Ternary.UNKNOWN),
    ],
)
def test_whoever_may_enrol_a_device_comes_in_with_one(statements, truth):
    """Where it changes anything, and the enrolment itself does not ask for a device."""
    found = ways_in(LIVE.inline("p", *statements))
    assert found.get(EntryPoint.ENROLLED) is truth
    assert found[EntryPoint.LEAKED_KEY] is Ternary.TRUE


def test_a_device_is_enrolled_by_whichever_way_one_comes_in():
    """With a password, with a device already, and where nobody knows how."""
    own = (DEVICE, ASKS_FOR_IT)
    for case in (
        account().user("ann").password(),
        account().user("ann").password().mfa().key(),
        account().user("ann").without(REPORT),
    ):
        assert ways_in(case.inline("p", *own))[EntryPoint.ENROLLED] is Ternary.TRUE


def test_a_trust_policy_that_asks_for_a_device_makes_it_worth_having_one():
    """Her own policies need not mention it."""
    case = LIVE.inline("p", DEVICE).role("app")
    assert EntryPoint.ENROLLED not in ways_in(case.trusts(ROOT))
    assert EntryPoint.ENROLLED in ways_in(case.trusts(ROOT, when={"Bool": {MFA: "true"}}))


def test_a_key_alone_brings_no_password_with_it():
    """From a leaked key one gets to a device of one's own, and not to the console."""
    case = account().user("ann").password().key().inline("p", DEVICE, ASKS_FOR_IT)
    found = authorizer_for(case.account())
    reached = found.entry_points_from(found.principals[ANN], EntryPoint.LEAKED_KEY)
    assert set(reached) == {EntryPoint.LEAKED_KEY, EntryPoint.ENROLLED}


def test_a_role_enrols_nothing():
    """Devices are for users."""
    case = account().role("app").inline("p", DEVICE, ASKS_FOR_IT)
    found = authorizer_for(case.account())
    assert set(found.entry_points(found.principals[ROLE])) == {EntryPoint.ROLE}


@pytest.mark.parametrize(
    "when",
    [
        {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-123"}},
    ],
)
def test_a_user_in_its_own_network_is_told_from_the_thief_of_its_key(when):
    """Where she works from no export tells; the thief is surely somewhere else."""
    case = account().user("ann").key().may("iam:CreateUser", when=when)
    asked = authorizer_for(case.account())
    policies = asked.principals[ANN]
    herself = asked.decide(policies, "iam:CreateUser", f"{IAM}user/new")
    assert herself.verdict is CONDITIONAL
    thief = asked.decide(policies, "iam:CreateUser", f"{IAM}user/new", EntryPoint.LEAKED_KEY)
    assert thief.verdict is NONE


KEY_ONLY = account().user("ann").key()
WITHOUT_MFA = deny("*", when={"BoolIfExists": {MFA: "false"}})
UNLESS_SESSION = deny("*", when={"Null": {MFA: "true"}})


@pytest.mark.parametrize(
    "statements",
    [
        [allow("*"), UNLESS_SESSION],
        [allow("*", when={"Null": {"aws:TokenIssueTime": "false"}})],
        [allow("*", when={"Bool": {MFA: "false"}})],
        [allow("*", when={"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}})],
    ],
)
def test_a_key_gives_a_session_that_calls_everything_but_iam(statements):
    """sts:GetSessionToken takes no permission; without MFA, IAM and most of STS stay closed."""
    case = KEY_ONLY.inline("p", *statements)
    for action, on, verdict in (
        ("s3:GetObject", "arn:aws:s3:::bucket/x", ALLOWED),
        ("sts:AssumeRole", f"{IAM}role/other", ALLOWED),
        ("iam:PassRole", f"{IAM}role/other", ALLOWED),
        ("iam:GetUser", ANN, NONE),
        ("iam:PutUserPolicy", ANN, NONE),
        ("sts:GetFederationToken", f"{STS}federated-user/x", NONE),
    ):
        assert verdict_in(case, action, on, by=(ANN, EntryPoint.SESSION)) is verdict
    assert ways_in(case, EntryPoint.LEAKED_KEY)[EntryPoint.SESSION] is Ternary.TRUE
    assert verdict_in(case, by=(ANN, None)) is ALLOWED


def test_a_session_counts_only_where_it_lets_more_than_its_key():
    """A guard that both meet makes no second way in, and neither does one of the key alone."""
    for statements in ((WITHOUT_MFA,), (deny("*", when={"Bool": {MFA: "false"}}),), ()):
        case = KEY_ONLY.inline("p", allow("*"), *statements)
        assert EntryPoint.SESSION not in ways_in(case)


def test_a_session_without_mfa_gives_no_right_over_iam():
    """What only a session may do is not done to IAM by it."""
    case = KEY_ONLY.may("iam:PutUserPolicy", when={"Null": {MFA: "false"}})
    assert EntryPoint.SESSION in ways_in(case)
    assert level_of(case) is PrivilegeLevel.LIMITED
    guarded = KEY_ONLY.inline("p", allow("*"), UNLESS_SESSION)
    assert level_of(guarded) is not PrivilegeLevel.ADMINISTRATOR


def test_a_trust_policy_that_asks_for_a_session_lets_one_in():
    """Whoever holds the key asks for one first."""
    trust = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    trust["Condition"] = {"Null": {MFA: "true"}}
    allowed = {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": "sts:AssumeRole"}
    case = KEY_ONLY.role("app").trusting(allowed, trust)
    assert assume_verdict(case) is ALLOWED
    assert assume_verdict(case, entry_point=EntryPoint.LEAKED_KEY) is DENIED


@pytest.mark.parametrize(
    ("right", "truth"),
    [
        (allow("iam:CreateAccessKey", on=ANN), Ternary.TRUE),
        (allow("iam:CreateAccessKey", when={"StringEquals": {UNKNOWN_KEY: "x"}}), Ternary.UNKNOWN),
        (allow("iam:CreateAccessKey", on=f"{IAM}user/bob"), None),
    ],
)
def test_whoever_may_make_a_key_comes_in_by_that(right, truth):
    """A guard with Bool does not hit a key, for its requests lack what the guard looks at."""
    guard = {"Effect": "Deny", "NotAction": "iam:CreateAccessKey", "Resource": "*"}
    guard["Condition"] = {"Bool": {MFA: "false"}}
    case = account().user("ann").password().inline("p", right, allow("s3:*"), guard)
    assert ways_in(case).get(EntryPoint.NEW_KEY) is truth
    expected = {Ternary.TRUE: ALLOWED, Ternary.UNKNOWN: CONDITIONAL, None: DENIED}
    assert verdict_in(case, by=(ANN, None)) is expected[truth]
    assert ways_in(case, EntryPoint.CONSOLE).get(EntryPoint.NEW_KEY) is truth


def test_a_new_key_counts_only_where_it_lets_more_than_the_password():
    """With IfExists the guard hits the key, too."""
    guard = {"Effect": "Deny", "NotAction": "iam:CreateAccessKey", "Resource": "*"}
    guard["Condition"] = {"BoolIfExists": {MFA: "false"}}
    case = account().user("ann").password().inline("p", allow("*"), guard)
    assert EntryPoint.NEW_KEY not in ways_in(case)
    assert level_of(case) is PrivilegeLevel.LIMITED


def test_a_third_key_takes_the_place_of_another():
    """Two keys that are switched off leave no room: one has to go first."""
    guard = deny("s3:*", when={"Bool": {MFA: "false"}})
    full = account().user("ann").password().key(active=False).key(active=False)
    may = full.inline("p", allow("iam:CreateAccessKey", "s3:*"), guard)
    assert EntryPoint.NEW_KEY not in ways_in(may)
    freed = full.inline("p", allow("iam:CreateAccessKey", "iam:DeleteAccessKey"), guard)
    assert ways_in(freed)[EntryPoint.NEW_KEY] is Ternary.TRUE


def test_whoever_may_set_a_password_comes_in_by_that():
    """Its session has the key that a guard with Null wants, and may call IAM."""
    guard = {"Effect": "Deny", "NotAction": "iam:CreateLoginProfile", "Resource": "*"}
    guard["Condition"] = {"Null": {MFA: "true"}}
    case = KEY_ONLY.inline("p", allow("*"), guard)
    assert ways_in(case, EntryPoint.LEAKED_KEY)[EntryPoint.NEW_PASSWORD] is Ternary.TRUE
    assert level_of(case) is PrivilegeLevel.ADMINISTRATOR
    privilege = escalation_graph(case.account()).privileges[ANN]
    assert privilege.reasons == ("setting a password of its own",)
    assert EntryPoint.NEW_PASSWORD not in ways_in(KEY_ONLY.inline("p", allow("s3:*"), guard))
    assert EntryPoint.NEW_PASSWORD not in ways_in(
        KEY_ONLY.password().inline("p", allow("*"), guard)
    )


def test_nothing_is_made_of_the_credentials_of_a_role():
    """It has none of its own."""
    found = authorizer_for(account().role("app").inline("p", allow("*"), UNLESS_SESSION).account())
    assert set(found.entry_points(found.principals[ROLE])) == {EntryPoint.ROLE}
