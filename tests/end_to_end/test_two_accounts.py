"""Several accounts in one run: what is accepted for all of them is needed by any of them."""

from analyzer.audit import audit
from analyzer.config import Settings
from tests.builders import account

RISKS = """
[[exception]]
id = "EX-1"
rule = "console-user-no-mfa"
resource = "*"
reason = "single sign-on comes in spring"
owner = "ann"
approver = "bob"
created = 2026-09-01
expires = 2026-12-01
"""


def statuses(folder, *cases):
    """The status of exception-expired in each account of the run."""
    (folder / "risks.toml").write_text(RISKS)
    inputs = tuple(case.write(folder / case.number) for case in cases)
    report = audit(Settings(inputs=inputs, exceptions=folder / "risks.toml"))
    return {
        each["id"]: rule["status"]
        for each in report["accounts"]
        for rule in each["rules"]
        if rule["id"] == "exception-expired"
    }


def test_an_exception_that_one_account_needs_is_needless_in_none(tmp_path):
    """The other account has the rule in order, and no reason to delete the exception."""
    needs = account().user("ann").password()
    keeps = account("444455556666").user("bob").password().mfa()
    told = statuses(tmp_path, needs, keeps)
    assert told == {"111122223333": "pass", "444455556666": "pass"}


def test_an_exception_that_no_account_needs_is_found_once(tmp_path):
    """Nobody has the finding any more: one cause, told in the first account."""
    cases = [
        account(number).user("ann").password().mfa() for number in ("111122223333", "444455556666")
    ]
    told = statuses(tmp_path, *cases)
    assert told == {"111122223333": "fail", "444455556666": "pass"}


def test_an_exception_that_nobody_can_judge_is_called_needed_in_none(tmp_path):
    """Where no account's rule was judged, none of them vouches for another."""
    cases = [
        account(number).user("ann").password().cell("ann", "mfa_active", "?")
        for number in ("111122223333", "444455556666")
    ]
    assert set(statuses(tmp_path, *cases).values()) == {"not-assessed"}
    mixed = statuses(tmp_path, cases[0], account("444455556666").user("bob").password().mfa())
    assert mixed == {"111122223333": "not-assessed", "444455556666": "pass"}


def test_the_evidence_says_how_many_exceptions_the_file_lists(tmp_path):
    """None would mean that none was read."""
    (tmp_path / "risks.toml").write_text(RISKS + RISKS.replace("EX-1", "EX-2"))
    exports = account().write(tmp_path / "exports")
    report = audit(Settings(inputs=(exports,), exceptions=tmp_path / "risks.toml"))
    [file] = [each for each in report["evidence"] if each["kind"] == "exceptions"]
    assert file["rows"] == 2
