"""Practice 3 and 4: credentials beside those that a user works with."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import REPORT, account, key_id
from tests.rules.small_exports import SECOND, days

KEPT, TOGETHER = "inactive-key-kept", "key-and-console-password-together"
PROGRAM, MORE = "service-user-with-console-password", "more-credentials-than-report-shows"
ANN = account().user("ann")
BOT = account().user("svc-backup")
KEYS = [key_id("111122223333", number) for number in range(3)]


# inactive-key-kept


@pytest.mark.parametrize(
    ("age", "status"),
    [(days(91) - SECOND, Status.PASS), (days(91), Status.FAIL), ("?", Status.NOT_ASSESSED)],
)
def test_an_inactive_key_is_kept_too_long_after_ninety_days(age, status):
    """The report's date is of the last change of its status."""
    case = ANN.key(age=age, last_used=200, active=False)
    assert case.status(KEPT) is status


def test_each_inactive_key_is_found_and_no_active_one():
    """Root's are told of elsewhere."""
    case = account().key(age=400, active=False).user("ann").key(age=400, active=False)
    [(resource, spot, _)] = case.key(age=400).proof(KEPT)
    assert (resource, spot) == ("user/ann", f"{REPORT}:3:access_key_1_last_rotated")


def test_a_key_of_unreadable_status_is_no_inactive_one():
    """Nor is it an active one."""
    case = ANN.key(age=400).cell("ann", "access_key_1_active", "?")
    assert case.status(KEPT) is Status.NOT_ASSESSED


# key-and-console-password-together


def test_a_password_and_a_key_of_one_user_are_found():
    """However many keys there are, it is one finding of the user."""
    case = ANN.password().key().key()
    [(resource, spot, value)] = case.proof(TOGETHER)
    assert (resource, spot, value) == ("user/ann", f"{REPORT}:3:password_enabled", "true")
    assert case.judged(TOGETHER).findings[0].facts["keys"] == 2


def test_one_sort_of_credential_is_in_order():
    """A person with a password, a program with a key; an inactive key is none."""
    case = ANN.password().key(active=False).user("bot").key().user("nobody")
    result = case.judged(TOGETHER)
    assert (result.status, result.population) == (Status.PASS, 2)


def test_a_program_s_user_is_told_of_once():
    """It has a finding of its own, which is worse."""
    case = BOT.password().key()
    assert (case.status(PROGRAM), case.status(TOGETHER)) == (Status.FAIL, Status.PASS)


@pytest.mark.parametrize("column", ["password_enabled", "access_key_1_active"])
def test_a_password_and_a_key_are_not_assessed_where_one_is_unreadable(column: str):
    """Either decides."""
    assert ANN.password().key().cell("ann", column, "?").status(TOGETHER) is Status.NOT_ASSESSED


# service-user-with-console-password


def test_a_program_by_its_name_fails_with_a_password():
    """Its key is at work."""
    [(resource, spot, value)] = BOT.password().key().proof(PROGRAM)
    assert (resource, spot, value) == ("user/svc-backup", f"{REPORT}:3:password_enabled", "true")


def test_a_user_whose_password_nobody_uses_while_the_key_works_is_a_program():
    """Whatever it is called."""
    assert ANN.password(last_used=None).key().status(PROGRAM) is Status.FAIL
    assert ANN.password(last_used=3).key().status(PROGRAM) is Status.PASS


@pytest.mark.parametrize(("used", "status"), [(30, Status.FAIL), (31, Status.PASS)])
def test_a_program_s_key_is_at_work_within_thirty_days(used: int, status: Status):
    """One that rests is told of by other checks."""
    assert BOT.password().key(age=90, last_used=used).status(PROGRAM) is status


def test_users_without_a_key_or_a_password_are_no_concern():
    """There is nothing to separate."""
    assert BOT.password().user("ci").key().status(PROGRAM) is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("case", "column"),
    [
        (ANN.password(last_used=None).key(), "password_last_used"),
        (BOT.password().key(), "access_key_1_last_used_date"),
        (BOT.password().key(), "access_key_1_active"),
        (BOT.password().key(), "password_enabled"),
    ],
)
def test_a_program_is_not_assessed_where_a_deciding_cell_is_unreadable(case, column: str):
    """Unknown is not safe."""
    name = case.rows[-1]["user"]
    assert case.cell(name, column, "?").status(PROGRAM) is Status.NOT_ASSESSED


# more-credentials-than-report-shows

LISTED = ANN.key().certificate().listed_key(KEYS[0]).signing_certificate("TA7EXAMPLE")


def test_keys_that_the_report_has_no_slot_for_are_found():
    """Two are listed, one is in the report."""
    case = LISTED.listed_key(KEYS[1])
    [(resource, spot, _)] = case.proof(MORE)
    assert (resource, spot) == ("user/ann", "access-keys.json:/0/AccessKeyMetadata/0")
    assert "2 access keys are listed" in case.judged(MORE).findings[0].facts["more"]
    assert LISTED.status(MORE) is Status.PASS


def test_a_third_key_is_one_too_many_whatever_the_report_has():
    """AWS allows two, so it is found without the report, too."""
    case = LISTED.listed_key(KEYS[1]).listed_key(KEYS[2]).without(REPORT)
    assert case.status(MORE) is Status.FAIL


def test_a_listed_signing_certificate_must_be_in_the_report():
    """The same certificate in two answers is one."""
    assert LISTED.signing_certificate("TA7EXAMPLE").status(MORE) is Status.PASS
    assert LISTED.signing_certificate("TA8EXAMPLE").status(MORE) is Status.FAIL


@pytest.mark.parametrize("file", [REPORT, "access-keys.json", "certificates.json"])
def test_nobody_is_called_complete_without_each_of_the_lists(file: str):
    """And the command that makes the missing one is named."""
    result = LISTED.without(file).judged(MORE)
    assert result.status is Status.NOT_ASSESSED
    assert result.command


@pytest.mark.parametrize(("text", "status"), [("3 more keys", Status.FAIL), ("N/A", Status.PASS)])
def test_what_the_report_itself_says_of_more_is_found(text: str, status: Status):
    """In the column that the guide documents beside the 22."""
    header, *rows = LISTED.csv.splitlines()
    told = [f"{row},{text if row.startswith('ann,') else 'N/A'}" for row in rows]
    case = LISTED.bare_report("\n".join([f"{header},additional_credentials_info", *told]))
    result = case.judged(MORE)
    assert result.status is status
    columns = [each.locations[0].column for each in result.findings]
    assert columns == ["additional_credentials_info"] * (status is Status.FAIL)
