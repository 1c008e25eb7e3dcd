"""Practices 1 and 3: guards that ask for MFA."""

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
