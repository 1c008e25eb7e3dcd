"""Practice 8: who has left can't get in, and answers for nothing any more."""

from datetime import timedelta

import pytest

from analyzer.config import Profile
from analyzer.rules.catalogue import Confidence
from analyzer.rules.finding import Result, Status
from analyzer.rules.severity import Severity
from tests.builders import DETAILS, REPORT, AccountBuilder, account, the_catalogue
from tests.rules.small_exports import REPORT_TIME

LIVE, USED, KEPT = "leaver-live-credential", "leaver-credential-used", "leaver-user-kept"
OWNER, BARRED = "owner-left", "barred-live-credential"
HEADER = "Employee ID,First Name,Last Name,Work Email,Start Date,Last Day\n"
THERE = "00200,Bo,Ray,bo.ray@corp.example,2019-01-01,"
GONE = "00201,Cy,Dale,cy.dale@corp.example,2019-01-01,2026-01-31"


def ago(days: int) -> str:
    """The date so many days before the report."""
    return f"{REPORT_TIME - timedelta(days=days):%Y-%m-%d}"


def listed(case: AccountBuilder, *rows: str) -> AccountBuilder:
    """With a list of these people, and of one who is there and one who left."""
    return case.people(HEADER + "\n".join((*rows, THERE, GONE)))


def ann(left: int | None, person_id: str = "00123", mail: str = "ann.lee@corp.example") -> str:
    """Ann Lee's row; `left` are the days since her last day."""
    return f"{person_id},Ann,Lee,{mail},2019-01-01,{'' if left is None else ago(left)}"


def tagged(tag: str = "00123") -> AccountBuilder:
    """A user with an employee ID."""
    return account().user("worker").tag("employee-id", tag)


def severity(rule: str, result: Result) -> tuple[Severity, Confidence]:
    """How the one finding weighs, and how sure it is."""
    [finding] = result.findings
    entry = the_catalogue().entry_of(rule, finding.variant)
    return entry.severity, entry.confidence


# Situations 1 to 8 of the table in the specification, with people of our own.


def test_a_leaver_s_active_key_is_found_by_the_id():
    """Ten days after the last day, and the tag names the ID."""
    result = listed(tagged().key(), ann(10)).judged(LIVE)
    assert result.status is Status.FAIL
    assert severity(LIVE, result) == (Severity.HIGH, Confidence.HIGH)
    assert "10 days before" in str(result.findings[0].facts["left"])


def test_an_id_without_its_zeros_is_joined_by_name_and_reported():
    """The list lost the zeros: less sure, and the list is to blame."""
    case = listed(tagged().key(), ann(10, "123"))
    assert severity(LIVE, case.judged(LIVE)) == (Severity.HIGH, Confidence.MEDIUM)
    assert case.status("roster-ambiguous") is Status.FAIL
    assert listed(tagged().key(), ann(10)).status("roster-ambiguous") is Status.PASS


def test_a_short_form_of_a_leaver_s_name_is_no_finding():
    """The namesake who had `alee` before may be in no file; so nobody can tell."""
    result = listed(account().user("alee").key(), ann(10)).judged(LIVE)
    assert (result.status, result.findings) == (Status.NOT_ASSESSED, ())
    assert "perhaps one person" in result.reason


def test_two_of_one_name_of_whom_one_left_are_not_assessed():
    """A number of people, and no name of theirs."""
    rows = ann(10), ann(None, "00999", "ann.lee.2@corp.example")
    result = listed(account().user("ann.lee.x").tag("Name", "Ann Lee").key(), *rows).judged(LIVE)
    assert result.status is Status.NOT_ASSESSED
    assert "fits 2 people" in result.reason
    assert "00999" not in result.reason


def test_whoever_came_back_has_not_left():
    """One employment ended in 2023, the next began in 2025."""
    old = "00123,Ann,Lee,ann.lee@corp.example,2019-01-01,2023-12-31"
    new = "00123,Ann,Lee,ann.lee@corp.example,2025-01-01,"
    assert listed(tagged().key(), old, new).status(LIVE) is Status.NOT_APPLICABLE


def test_whoever_leaves_in_three_weeks_has_not_left():
    """The day lies ahead."""
    assert listed(tagged().key(), ann(-21)).status(LIVE) is Status.NOT_APPLICABLE


def test_inactive_without_an_end_is_barred_and_no_leaver():
    """SuccessFactors writes inactive for a leave of absence, too."""
    text = (
        "STATUS,USERID,USERNAME,FIRSTNAME,LASTNAME,EMAIL\n"
        "inactive,00123,alee,Ann,Lee,a@corp.example\nactive,7,b,Bo,Ray,b@corp.example\n"
    )
    case = tagged().key().people(text)
    assert case.status(BARRED) is Status.FAIL
    assert case.judged(LIVE).findings == ()


def test_a_list_of_active_people_shows_no_leaver_and_says_so():
    """Personio leaves out the inactive: not assessed, and a stranger is not in the active list."""
    text = "First name,Last name,Email address,Status\nBo,Ray,bo.ray@corp.example,Active\n"
    case = account().user("eve.fox").password().people(text)
    for rule in (LIVE, USED, KEPT, OWNER):
        result = case.judged(rule)
        assert (result.status, result.findings) == (Status.NOT_ASSESSED, ())
        assert "nobody in the list of people has left" in result.reason
    [finding] = case.judged("user-of-nobody").findings
    told = the_catalogue().entry_of("user-of-nobody", finding.variant)
    assert "not in the active list" in told.observed
    assert case.status("roster-partial") is Status.FAIL


# leaver-live-credential


@pytest.mark.parametrize(("days", "profile", "status"), [
    (1, Profile.CIS, Status.PASS),
    (2, Profile.CIS, Status.FAIL),
    (0, Profile.PCI, Status.PASS),
    (1, Profile.PCI, Status.FAIL),
])  # fmt: skip
def test_leaver_live_credential_allows_a_day_and_pci_none(days: int, profile, status: Status):
    """Whole days since the last day."""
    case = listed(tagged().password().limits(profile), ann(days))
    assert case.status(LIVE) is status


def test_leaver_live_credential_of_an_administrator_is_critical():
    """Full rights in the hands of a stranger."""
    result = listed(tagged().key().may("*"), ann(10)).judged(LIVE)
    assert severity(LIVE, result) == (Severity.CRITICAL, Confidence.HIGH)


def test_leaver_live_credential_by_name_is_less_sure():
    """The full name of one person among all."""
    result = listed(account().user("ann.lee").key(), ann(10, mail="x@corp.example")).judged(LIVE)
    assert severity(LIVE, result) == (Severity.HIGH, Confidence.MEDIUM)


def test_leaver_live_credential_passes_where_nothing_is_live():
    """The user may stay for a while; nobody can get in."""
    assert listed(tagged().key(active=False), ann(10)).status(LIVE) is Status.PASS


def test_leaver_live_credential_without_a_day_fails_on_the_word():
    """The list says that she has left, and not when."""
    text = "Employee ID,Name,Status\n00123,Ann Lee,Terminated\n7,Bo Ray,Active\n"
    [finding] = tagged().key().people(text).judged(LIVE).findings
    assert finding.facts["left"] == "on a day that the list does not give"


def test_leaver_live_credential_points_at_the_credential_and_the_row_of_the_list():
    """Cell, tag and row: a reader can go to each, and no name stands there."""
    case = listed(tagged().key(), ann(10))
    assert case.proof(LIVE) == [("user/worker", f"{REPORT}:3:access_key_1_active", "true")]
    [finding] = case.judged(LIVE).findings
    _, tag, row = finding.locations
    assert case.value_at(tag)[1] == {"Key": "employee-id", "Value": "00123"}
    assert case.value_at(row)[0] == "people.csv"
    assert "Lee" not in str(finding.facts)


def test_leaver_live_credential_is_unknown_where_a_status_cannot_be_read():
    """It may be active."""
    case = listed(tagged().key(), ann(10)).cell("worker", "access_key_1_active", "?")
    assert case.status(LIVE) is Status.NOT_ASSESSED


def test_leaver_live_credential_is_unknown_where_the_list_is_unclear():
    """A last day that nobody can read: she may have left."""
    row = "00123,Ann,Lee,ann.lee@corp.example,2019-01-01,some day"
    result = listed(tagged().key(), row).judged(LIVE)
    assert result.status is Status.NOT_ASSESSED


def test_leaver_live_credential_needs_the_tags_of_whoever_fits_nobody():
    """Without the authorization details a tag may name a leaver."""
    result = listed(account().user("x").key(), ann(10)).without(DETAILS).judged(LIVE)
    assert result.status is Status.NOT_ASSESSED
    assert "get-account-authorization-details" in result.command


def test_leaver_live_credential_leaves_out_what_is_stated_to_be_a_program():
    """The file beside the list says so; its name fits a leaver."""
    arn = account().arn("user/alee")
    case = listed(account().user("alee").key(), ann(10))
    case = case.people(f'[[user]]\narn = "{arn}"\nkind = "service"\n', "people.toml")
    assert case.status(LIVE) is Status.NOT_APPLICABLE


def test_an_unreadable_list_is_no_missing_one():
    """It was asked for, and could not be judged."""
    result = tagged().key().people("nothing of use\n").judged(LIVE)
    assert (result.status, result.reason) == (
        Status.NOT_ASSESSED,
        "no list of people could be read",
    )


def test_without_a_list_the_check_asks_for_one():
    """With the option to hand it in by."""
    result = tagged().key().judged(LIVE)
    assert result.status is Status.NOT_REQUESTED
    assert "--people" in result.command


@pytest.mark.parametrize("status", ["Active", "?"])
def test_leaver_live_credential_counts_what_the_report_does_not_show(status: str):
    """An API key or an SSH key lets in as well, and so nothing of the user is merely kept."""
    api = listed(tagged().service_credential(status=status), ann(400))
    ssh = listed(tagged().ssh_key(status=status), ann(400))
    expected = Status.FAIL if status == "Active" else Status.NOT_ASSESSED
    for case, service in ((api, "bedrock"), (ssh, "codecommit")):
        result = case.judged(LIVE)
        assert result.status is expected
        told = [str(each.facts["credentials"]) for each in result.findings]
        assert told == [f"credential of {service}.amazonaws.com"] * len(told)
        assert case.status(KEPT) is Status.NOT_APPLICABLE


def test_leaver_live_credential_passes_for_an_api_key_that_is_switched_off():
    """The user alone is left."""
    case = listed(tagged().service_credential(status="Inactive"), ann(400))
    assert (case.status(LIVE), case.status(KEPT)) == (Status.PASS, Status.FAIL)


# leaver-credential-used


@pytest.mark.parametrize(("used", "status"), [(9, Status.PASS), (8, Status.FAIL)])
def test_leaver_credential_used_counts_days_after_the_last_one(used: int, status: Status):
    """The last day and the day after are allowed, in whatever time zone; ten days ago she left."""
    assert listed(tagged().key(last_used=used), ann(10)).status(USED) is status


def test_leaver_credential_used_counts_sign_ins_and_closed_keys_too():
    """What was used and then deactivated was used all the same."""
    for case in (tagged().password(last_used=2), tagged().key(last_used=2, active=False)):
        result = listed(case, ann(10)).judged(USED)
        assert severity(USED, result) == (Severity.CRITICAL, Confidence.HIGH)


def test_leaver_credential_used_needs_a_last_day():
    """Without one nobody can say what was after it."""
    text = "Employee ID,Name,Status\n00123,Ann Lee,Terminated\n7,Bo Ray,Active\n"
    assert tagged().key().people(text).status(USED) is Status.NOT_ASSESSED


# leaver-user-kept


@pytest.mark.parametrize(("days", "status"), [(90, Status.PASS), (91, Status.FAIL)])
def test_leaver_user_kept_allows_ninety_days(days: int, status: Status):
    """Then nobody needs it any more."""
    assert listed(tagged().key(active=False), ann(days)).status(KEPT) is status


def test_leaver_user_kept_leaves_live_ones_to_the_worse_check():
    """One finding a cause."""
    assert listed(tagged().key(), ann(400)).status(KEPT) is Status.NOT_APPLICABLE


# owner-left


@pytest.mark.parametrize("value", ["00123", "Ann.Lee@corp.example"])
def test_owner_left_fails_for_an_id_or_an_address(value: str):
    """A program's owner has left; the tag is the proof."""
    case = listed(account().user("build").key().tag("Owner", value), ann(10))
    spot = f"{DETAILS}:/UserDetailList/0/Tags/0"
    assert case.proof(OWNER) == [("user/build", spot, {"Key": "Owner", "Value": value})]
    assert severity(OWNER, case.judged(OWNER))[0] is Severity.MEDIUM


def test_owner_left_of_a_role_with_full_rights_is_high():
    """Roles have owners, too."""
    case = listed(account().role("deploy").may("*").tag("owner", "00123"), ann(10))
    assert severity(OWNER, case.judged(OWNER))[0] is Severity.HIGH


@pytest.mark.parametrize("value", ["platform-team", "Ann Lee", "ann.lee"])
def test_owner_left_does_not_concern_teams_and_bare_names(value: str):
    """A name is not sure enough for the owner of a program."""
    case = listed(account().user("build").key().tag("owner", value), ann(10))
    assert case.status(OWNER) is Status.NOT_APPLICABLE


def test_owner_left_passes_for_somebody_who_is_there():
    """As most are."""
    case = listed(account().user("build").key().tag("owner", "bo.ray@corp.example"))
    assert case.status(OWNER) is Status.PASS


def test_owner_left_does_not_repeat_what_is_said_of_the_person():
    """Her own user, tagged with her own address: the leaver's check tells it."""
    case = tagged().key().tag("owner", "ann.lee@corp.example")
    assert listed(case, ann(10)).status(OWNER) is Status.NOT_APPLICABLE


# barred-live-credential


def directory(status: str) -> str:
    """A directory with Ann in that state, and Bo."""
    return f"Login,Email,Status\nannlee7,ann.lee@corp.example,{status}\nbo,bo@corp.example,Active\n"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("SUSPENDED", Status.FAIL),
        ("ACTIVE", Status.NOT_APPLICABLE),
        ("LEAVE", Status.NOT_APPLICABLE),
    ],
)
def test_barred_live_credential_fails_for_a_suspended_account(status: str, expected: Status):
    """Whoever is away keeps the access."""
    case = account().user("annlee7").key().people(directory(status))
    assert case.status(BARRED) is expected


def test_barred_live_credential_passes_where_nothing_is_live():
    """The suspension reached AWS."""
    case = account().user("annlee7").key(active=False).people(directory("SUSPENDED"))
    assert case.status(BARRED) is Status.PASS


def test_barred_live_credential_rests_on_exact_keys():
    """A suspended namesake is not enough."""
    rows = "Login,Email,Name,Status\nother,x@corp.example,Ann Lee,SUSPENDED\n"
    assert account().user("ann.lee").key().people(rows).status(BARRED) is Status.NOT_APPLICABLE
