"""Where the account summary and root's row disagree, the contradiction is named."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account

COUNTS = "population-count-mismatch"


def test_no_device_and_no_credential_is_no_critical_finding():
    """The row knows nothing of root's password; the summary says that there is none."""
    case = account().root(mfa=False, password="not_supported")
    case = case.summary(AccountMFAEnabled=0, AccountPasswordPresent=0, AccountAccessKeysPresent=0)
    result = case.judged("root-mfa-missing")
    assert result.status is Status.NOT_ASSESSED
    assert "summary" in result.reason


@pytest.mark.parametrize(
    "members", [{}, {"AccountPasswordPresent": 1, "AccountAccessKeysPresent": 0}]
)
def test_a_summary_that_knows_of_a_password_or_of_none_leaves_the_finding(members):
    """Older summaries lack the member: what is not said is not safe."""
    case = account().root(mfa=False, password="not_supported")
    case = case.summary(AccountMFAEnabled=0, **members)
    assert case.status("root-mfa-missing") is Status.FAIL


def test_an_active_key_of_root_in_the_row_is_believed():
    """Who has a key can act, whatever the summary says; and the contradiction is named."""
    case = account().root(mfa=False, password="not_supported").key()
    case = case.summary(AccountMFAEnabled=0, AccountPasswordPresent=0, AccountAccessKeysPresent=0)
    assert case.status("root-mfa-missing") is Status.FAIL
    assert case.status("root-access-key-active") is Status.FAIL
    assert [each.facts["what"] for each in case.judged(COUNTS).findings] == [
        "root's active access keys"
    ]


@pytest.mark.parametrize(("row", "stated"), [(True, 0), (False, 1)])
def test_two_words_on_the_device_are_neither_pass_nor_fail(row: bool, stated: int):
    """One of the two is out of date or was changed, and nobody can say which."""
    case = account().root(mfa=row).summary(AccountMFAEnabled=stated)
    assert case.status("root-mfa-missing") is Status.NOT_ASSESSED
    [finding] = case.judged(COUNTS).findings
    assert (finding.facts["stated"], finding.facts["counted"]) == (stated, int(row))


def test_an_inactive_key_is_present_and_no_contradiction():
    """The summary counts keys, active or not."""
    case = (
        account().root().key(active=False).summary(AccountMFAEnabled=1, AccountAccessKeysPresent=1)
    )
    assert not case.judged(COUNTS).findings
    assert case.status("root-mfa-missing") is Status.PASS
