"""The decision on assuming a role, by every way in which a trust policy can mean a principal."""

import pytest

from analyzer.policy.request_context import EntryPoint
from tests.builders import account, allow, deny
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
    under_scps,
    verdict_in,
    with_boundary,
)

BOB, OTHER = f"{IAM}user/bob", f"{IAM}role/other"
SESSION = "arn:aws:sts::111122223333:assumed-role/other/job"
TAKE = allow("sts:AssumeRole", on=ROLE)
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole"}
UNHEARD = {"StringEquals": {UNKNOWN_KEY: "x"}}
WITH_DEVICE = {"Bool": {MFA: "true"}}
AROUND = account().role("other").trusts(ROOT)
"""An account with another role, which asks for the role; who takes it names the session."""


def trusting(*statements, case=LIVE):
    """The role with this trust policy; what a statement lacks is made up."""
    return case.role("app").trusting(*(ASSUME | each for each in statements))


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": [BOB, "*"]}])
def test_anyone_in_the_account_needs_no_allow_of_its_own(principal):
    """A star means everybody, and more than the account's name does."""
    case = role_trusting(principal)
    assert assume_verdict(case) is ALLOWED
    assert verdict_in(case, "sts:AssumeRole", ROLE) is ALLOWED
    assert level_of(role_trusting(principal).may("*")).is_privileged


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        ({"ArnEquals": {"aws:PrincipalArn": ANN}}, ALLOWED),
        ({"ArnLike": {"aws:PrincipalArn": f"{IAM}user/*"}}, ALLOWED),
        ({"ArnEquals": {"aws:PrincipalArn": BOB}}, NONE),
        ({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}, ALLOWED),
        ({"StringEquals": {"aws:PrincipalAccount": "444455556666"}}, NONE),
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, ALLOWED),
        ({"StringEquals": {"aws:PrincipalTag/team": "blue"}}, NONE),
        ({"StringEquals": {"sts:ExternalId": "x"}}, ALLOWED),
        (WITH_DEVICE, NONE),
        (UNHEARD, CONDITIONAL),
    ],
)
def test_a_star_is_narrowed_by_what_the_caller_meets_or_not(when, verdict):
    """Its conditions are judged as anybody's."""
    case = role_trusting("*", ann=LIVE.tag("team", "red"), when=when)
    assert assume_verdict(case, entry_point=EntryPoint.LEAKED_KEY) is verdict


@pytest.mark.parametrize(
    ("principal", "verdict"),
    [("*", ALLOWED), ({"AWS": SESSION}, ALLOWED), ({"AWS": OTHER}, NONE), (ROOT, NONE)],
)
def test_the_implicit_deny_of_a_boundary_stops_names_and_accounts(principal, verdict):
    """It stops no session that is named, and nobody who comes in as anyone."""
    case = role_trusting(principal, ann=with_boundary(AROUND.may("*"), allow("s3:*")))
    assert assume_verdict(case, who=OTHER) is verdict


@pytest.mark.parametrize("principal", ["*", {"AWS": SESSION}, {"AWS": OTHER}, ROOT])
def test_an_explicit_deny_of_a_boundary_stops_everyone(principal):
    """However the trust policy means the caller."""
    case = with_boundary(AROUND.may("*"), allow("*"), deny("sts:AssumeRole"))
    assert assume_verdict(role_trusting(principal, ann=case), who=OTHER) is DENIED


@pytest.mark.parametrize("principal", ["*", {"AWS": ANN}])
def test_scps_stop_whoever_needs_no_allow_of_its_own(principal):
    """A level that does not allow the call is no implicit deny of a boundary."""
    case = under_scps(role_trusting(principal), (allow("s3:*"),))
    assert assume_verdict(case) is NONE
    assert assume_verdict(under_scps(role_trusting(principal), (allow("*"),))) is ALLOWED


def test_one_statement_more_takes_no_way_in_away():
    """By name under a condition, and as one of the account without an Allow of her own."""
    named = {"Principal": {"AWS": ANN}, "Condition": UNHEARD}
    assert assume_verdict(trusting(named)) is CONDITIONAL
    assert assume_verdict(trusting(named, {"Principal": ROOT})) is CONDITIONAL
    assert assume_verdict(trusting({"Principal": ROOT}, named)) is CONDITIONAL


def test_an_allow_of_ones_own_in_doubt_leaves_a_grant_by_name_as_it_is():
    """The name needs none, so a doubtful one does no harm."""
    doubtful = allow("sts:AssumeRole", when=UNHEARD)
    assert assume_verdict(role_trusting({"AWS": ANN}, ann=LIVE.inline("p", doubtful))) is ALLOWED
    assert assume_verdict(role_trusting(ROOT, ann=LIVE.inline("p", doubtful))) is CONDITIONAL
    assert assume_verdict(role_trusting("*", ann=LIVE.inline("p", doubtful))) is ALLOWED


def test_the_better_of_two_ways_in_counts():
    """A sure name beside a doubtful star, and the other way round."""
    star, name = {"Principal": "*"}, {"Principal": {"AWS": OTHER}}
    capped = with_boundary(AROUND, allow("s3:*"))
    doubtful_star = star | {"Condition": UNHEARD}
    assert assume_verdict(trusting(name, doubtful_star, case=capped), who=OTHER) is CONDITIONAL
    assert assume_verdict(trusting(name, star, case=capped), who=OTHER) is ALLOWED
    assert assume_verdict(trusting(name, doubtful_star, case=AROUND), who=OTHER) is ALLOWED


def test_a_deny_of_one_session_leaves_the_role_its_others():
    """Whoever takes the role picks the name of the session."""
    denied = {"Effect": "Deny", "Principal": {"AWS": SESSION}}
    case = trusting({"Principal": {"AWS": OTHER}}, denied, case=AROUND)
    assert assume_verdict(case, who=OTHER) is ALLOWED
    whole = denied | {"Principal": {"AWS": [SESSION, OTHER]}}
    assert assume_verdict(trusting({"Principal": "*"}, whole, case=AROUND), who=OTHER) is DENIED


def test_a_deny_of_a_session_of_ones_own_choice_by_name_of_the_role_is_final():
    """A condition on the caller's ARN means the role, whatever the session is called."""
    barred = {"Effect": "Deny", "Principal": "*"}
    barred |= {"Condition": {"ArnEquals": {"aws:PrincipalArn": OTHER}}}
    case = trusting({"Principal": {"AWS": OTHER}}, barred, case=AROUND)
    assert assume_verdict(case, who=OTHER) is DENIED


def test_a_session_of_another_role_lets_nobody_else_in():
    """A role of the same name in another account is another role."""
    foreign = SESSION.replace("111122223333", "444455556666")
    assert assume_verdict(role_trusting({"AWS": foreign}, ann=AROUND), who=OTHER) is NONE
    apple = SESSION.replace("role/other/", "role/others/")
    assert assume_verdict(role_trusting({"AWS": apple}, ann=AROUND), who=OTHER) is NONE


@pytest.mark.parametrize(
    ("spared", "verdict"),
    [
        ([BOB, ROOT["AWS"]], DENIED),
        ([ROOT["AWS"]], DENIED),
        ([ANN, ROOT["AWS"]], ALLOWED),
        ([ANN, "111122223333"], ALLOWED),
        ([ANN], CONDITIONAL),
        (["*"], CONDITIONAL),
    ],
)
def test_a_deny_by_exception_spares_whom_it_names_and_nobody_else(spared, verdict):
    """The account has to be named beside its user, and alone spares none of them."""
    denied = {"Effect": "Deny", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": spared}}
    assert assume_verdict(trusting({"Principal": "*"}, denied)) is verdict


@pytest.mark.parametrize(
    ("left_out", "verdict"),
    [([BOB], ALLOWED), ([ANN], NONE), ([ROOT["AWS"]], CONDITIONAL), (["*"], NONE)],
)
def test_an_allow_by_exception_lets_in_all_but_those(left_out, verdict):
    """Whether an account's name leaves out everybody in it, no page says."""
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": left_out}}
    assert assume_verdict(LIVE.role("app").trusting(allowed)) is verdict


def test_an_allow_by_exception_needs_no_allow_of_ones_own():
    """It is as wide as a star."""
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": BOB}}
    case = LIVE.role("app").trusting(allowed).may("*")
    assert level_of(case).is_privileged
    assert level_of(case, BOB.replace("bob", "ann")).is_privileged


def test_tags_of_the_role_are_known_to_its_own_trust():
    """A condition on them holds for the role as it is tagged."""
    when = {"StringEquals": {"iam:ResourceTag/open": "yes"}}
    assert assume_verdict(role_trusting({"AWS": ANN}, when=when).tag("open", "yes")) is ALLOWED
    assert assume_verdict(role_trusting({"AWS": ANN}, when=when).tag("open", "no")) is NONE
    assert assume_verdict(role_trusting({"AWS": ANN}, when=when)) is NONE


def test_a_tag_shared_by_role_and_caller_is_compared():
    """Attribute-based access within one account."""
    when = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    own = allow("sts:AssumeRole", when=when)
    for team, verdict in (("red", ALLOWED), ("blue", NONE)):
        ann = LIVE.inline("p", own).tag("team", "red")
        assert assume_verdict(role_trusting(ROOT, ann=ann).tag("team", team)) is verdict


@pytest.mark.parametrize("principal", [ROOT, {"AWS": ANN}, "*"])
def test_a_trust_that_asks_for_a_device_is_met_by_whoever_enrols_one(principal):
    """With nothing but her key, if she may enrol a device for herself."""
    device = allow("iam:EnableMFADevice", "iam:CreateVirtualMFADevice")
    with_it = role_trusting(principal, ann=LIVE.inline("p", TAKE, device), when=WITH_DEVICE)
    assert assume_verdict(with_it) is ALLOWED
    without = role_trusting(principal, ann=LIVE.inline("p", TAKE), when=WITH_DEVICE)
    assert assume_verdict(without) is NONE
    assert level_of(with_it.may("*")).is_privileged
    assert not level_of(without.may("*")).is_privileged


def test_a_role_has_no_device_to_show():
    """Sessions of roles that take one another bring none along, for all that is known."""
    case = role_trusting({"AWS": OTHER}, ann=AROUND, when={"BoolIfExists": {MFA: "true"}})
    assert assume_verdict(case, who=OTHER) is not NONE


def test_an_unreadable_trust_neither_lets_in_nor_keeps_out():
    """It may do both."""
    case = LIVE.role("app").trusting({"Effect": "Perhaps", "Principal": "*", "Action": "sts:*"})
    assert assume_verdict(case) is CONDITIONAL
    cut = LIVE.role("app").member(AssumeRolePolicyDocument="{")
    assert assume_verdict(cut) is CONDITIONAL


def test_a_trust_under_another_partition_names_somebody_else():
    """The same name in China is another user."""
    assert assume_verdict(role_trusting({"AWS": ANN.replace("aws", "aws-cn", 1)})) is NONE
