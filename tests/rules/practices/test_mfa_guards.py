"""Practices 1 and 3: guards that ask for MFA."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account, allow, deny

ANN = account().user("ann").key()
WITHOUT = {"aws:MultiFactorAuthPresent": "false"}
BOOL, IF_EXISTS = {"Bool": WITHOUT}, {"BoolIfExists": WITHOUT}


def test_mfa_deny_guard_bypassable_fails():
    """A bare key's request lacks the key, so Bool compares nothing and the Deny is skipped."""
    [(_, _, value)] = ANN.inline("g", deny("*", when=BOOL)).proof("mfa-deny-guard-bypassable")
    assert value["Condition"] == BOOL


def test_mfa_deny_guard_bypassable_passes():
    """BoolIfExists, or Null, catches the missing key."""
    for when in (IF_EXISTS, {"Null": {"aws:MultiFactorAuthAge": "true"}}):
        case = ANN.inline("g", deny("*", when=when))
        assert case.status("mfa-deny-guard-bypassable") is Status.PASS


PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
TOO_OLD = {AGE: "3600"}
LOOSE = {
    "Null asks for the key": {"Null": {PRESENT: "false"}, "Bool": WITHOUT},
    "Null of a list": {"Null": {PRESENT: ["false"]}},
    "Null on the age": {"Null": {AGE: "false"}, "NumericGreaterThan": TOO_OLD},
    "an age without IfExists": {"BoolIfExists": WITHOUT, "NumericGreaterThan": TOO_OLD},
    "any value": {"ForAnyValue:BoolIfExists": WITHOUT},
}
TIGHT = {
    "both IfExists": {"BoolIfExists": WITHOUT, "NumericGreaterThanIfExists": TOO_OLD},
    "all values": {"ForAllValues:Bool": WITHOUT},
    "Null and IfExists": {"Null": {AGE: "true"}, "BoolIfExists": WITHOUT},
}


@pytest.mark.parametrize("when", LOOSE.values(), ids=LOOSE)
def test_one_test_that_a_bare_key_fails_lets_it_pass_the_guard(when):
    """All tests of a statement must hold, so each of them must catch the missing key."""
    case = ANN.inline("g", deny("*", when=when))
    assert case.status("mfa-deny-guard-bypassable") is Status.FAIL


@pytest.mark.parametrize("when", TIGHT.values(), ids=TIGHT)
def test_a_guard_whose_every_test_catches_the_missing_key_holds(when):
    """As the evaluator has it for a request that carries neither key."""
    case = ANN.inline("g", deny("*", when=when))
    assert case.status("mfa-deny-guard-bypassable") is Status.PASS


@pytest.mark.parametrize(
    ("beside", "wanted"),
    [
        (deny("*", when=IF_EXISTS), Status.PASS),
        (deny("iam:*", when=IF_EXISTS), Status.FAIL),
        (deny("*", on="arn:aws:s3:::a/*", when=IF_EXISTS), Status.FAIL),
        (deny("*", when=IF_EXISTS | {"StringEquals": {"aws:PrincipalTag/a": "b"}}), Status.FAIL),
    ],
    ids=["everything", "fewer actions", "fewer resources", "more conditions"],
)
def test_a_limit_on_age_is_backed_by_a_guard_that_covers_it(beside, wanted):
    """Where another statement of the policy denies the bare key as much, nothing is open."""
    case = ANN.inline("g", deny("*", when={"NumericGreaterThan": TOO_OLD}), beside)
    assert case.status("mfa-deny-guard-bypassable") is wanted


def test_a_guard_that_nobody_can_read_is_not_assessed():
    """An operator that does not exist may catch the key or not."""
    case = ANN.inline("g", deny("*", when={"Boolean": WITHOUT}))
    assert case.status("mfa-deny-guard-bypassable") is Status.NOT_ASSESSED


@pytest.mark.parametrize(
    "case",
    [
        ANN.may("*").may_not("iam:AttachRolePolicy"),
        ANN.may("*").may_not("iam:Put*", "iam:Attach*"),
        ANN.may("iam:AttachUserPolicy"),
        ANN.may("iam:CreateLoginProfile").user("bob").attached("AdministratorAccess"),
    ],
    ids=["one action denied", "some actions denied", "one step", "by another user"],
)
def test_a_bare_key_one_step_from_full_rights_is_as_bad(case):
    """One denied action takes no administrator away, and a step is quickly taken."""
    resources = [resource for resource, _, _ in case.proof("privileged-key-no-mfa-condition")]
    assert resources == ["user/ann"]


def test_a_privileged_key_whose_status_is_unreadable_is_not_assessed():
    """It may be active."""
    case = ANN.may("*").cell("ann", "access_key_1_active", "?")
    assert case.status("privileged-key-no-mfa-condition") is Status.NOT_ASSESSED


def test_privileged_key_no_mfa_condition_fails():
    """Full rights for whoever finds the key; a guard with Bool does not help."""
    for case in (ANN.may("*"), ANN.may("*").inline("g", deny("*", when=BOOL))):
        [(resource, _, _)] = case.proof("privileged-key-no-mfa-condition")
        assert resource == "user/ann"


def test_privileged_key_no_mfa_condition_passes():
    """With a guard that works, the bare key is worth nothing."""
    case = ANN.mfa().may("*").inline("g", deny("*", when=IF_EXISTS))
    assert case.status("privileged-key-no-mfa-condition") is Status.PASS


def test_mfa_self_removal_allowed_fails():
    """The thief's first call."""
    case = ANN.inline("p", allow("iam:*MFA*", on="arn:aws:iam::*:user/${aws:username}"))
    [(resource, _, _)] = case.proof("mfa-self-removal-allowed")
    assert resource == "user/ann"


def test_mfa_self_removal_allowed_passes():
    """Only with MFA, or only for somebody else."""
    guarded = allow("iam:*MFA*", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    assert ANN.inline("p", guarded).status("mfa-self-removal-allowed") is Status.PASS
    other = allow("iam:*MFA*", on="arn:aws:iam::*:user/bob")
    assert ANN.inline("p", other).status("mfa-self-removal-allowed") is Status.PASS
