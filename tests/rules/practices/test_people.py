"""Practice 8: each user is one person's, and each person has one user."""

import pytest

from analyzer.rules.finding import Status
from analyzer.rules.severity import Severity
from tests.builders import DETAILS, REPORT, AccountBuilder, account, the_catalogue

NOBODY, SEVERAL = "user-of-nobody", "several-users-per-person"
DISAGREE, PROGRAM = "person-keys-disagree", "person-works-like-a-program"
LIST = """Employee ID,First Name,Last Name,Work Email,Login,Last Day
00123,Ann,Lee,ann.lee@corp.example,annlee7,
00124,Bo,Ray,bo.ray@corp.example,,
00125,Cy,Dale,cy.dale@corp.example,,2026-01-31
"""


def listed(case: AccountBuilder, text: str = LIST) -> AccountBuilder:
    """With the list of people."""
    return case.people(text)


def severity(case: AccountBuilder, rule: str) -> Severity:
    """How the one finding weighs."""
    [finding] = case.judged(rule).findings
    return the_catalogue().entry_of(rule, finding.variant).severity


# user-of-nobody


def test_user_of_nobody_fails_for_a_password_that_fits_nobody():
    """Medium, and high with full rights; the row of the user is the proof."""
    case = listed(account().user("eve.fox").password())
    assert case.proof(NOBODY) == [("user/eve.fox", f"{REPORT}:3:user", "eve.fox")]
    assert severity(case, NOBODY) is Severity.MEDIUM
    assert severity(listed(account().user("eve.fox").password().may("*")), NOBODY) is Severity.HIGH


def test_user_of_nobody_counts_an_mfa_device_as_a_person():
    """Programs have none."""
    assert listed(account().user("eve.fox").key().mfa()).status(NOBODY) is Status.FAIL


@pytest.mark.parametrize("name", ["ann.lee", "annlee7", "bo.ray@corp.example", "cy.dale"])
def test_user_of_nobody_passes_for_whoever_is_in_the_list(name: str):
    """Leavers too: their users are for the checks of leavers."""
    assert listed(account().user(name).password()).status(NOBODY) is Status.PASS


def test_user_of_nobody_does_not_judge_a_likely_match():
    """A short form fits one person: perhaps it is hers."""
    result = listed(account().user("blee").user("alee").password()).judged(NOBODY)
    assert (result.status, result.findings) == (Status.NOT_ASSESSED, ())


def test_user_of_nobody_does_not_concern_programs():
    """A key alone, a user declared for emergencies, one stated to be a service's."""
    assert listed(account().user("build").key()).status(NOBODY) is Status.NOT_APPLICABLE
    glass = account().user("glass").password().limits(break_glass=frozenset({"glass"}))
    assert listed(glass).status(NOBODY) is Status.NOT_APPLICABLE
    arn = account().arn("user/kiosk")
    stated = listed(account().user("kiosk").password())
    stated = stated.people(f'[[user]]\narn = "{arn}"\nkind = "service"\n', "people.toml")
    assert stated.status(NOBODY) is Status.NOT_APPLICABLE


def test_user_of_nobody_is_not_assessed_by_a_list_of_leavers():
    """Nobody can be missing from it."""
    text = "Employee ID,Name,Last Day\n7,Cy Dale,2026-01-31\n"
    result = listed(account().user("eve.fox").password(), text).judged(NOBODY)
    assert (result.status, result.findings) == (Status.NOT_ASSESSED, ())


# several-users-per-person


def test_several_users_per_person_fails_for_two_of_one_person():
    """One by the address, one by the sign-in name: medium."""
    case = account().user("annlee7").password().user("ann.lee@corp.example").password()
    assert severity(listed(case), SEVERAL) is Severity.MEDIUM
    [finding] = listed(case).judged(SEVERAL).findings
    assert set(str(finding.facts["users"]).split(", ")) == {"annlee7", "ann.lee@corp.example"}


def test_several_users_per_person_is_mild_for_a_split_that_the_names_tell():
    """One for daily work, one for administration."""
    case = account().user("annlee7").password().user("adm-annlee7").password()
    case = case.tag("employee-id", "00123")
    assert severity(listed(case), SEVERAL) is Severity.LOW


def test_several_users_per_person_passes_for_a_person_with_a_program():
    """A key alone is no second way to sign in; nor is a likely match a sure one."""
    case = account().user("annlee7").password().user("x").key().tag("employee-id", "00123")
    assert listed(case).status(SEVERAL) is Status.PASS
    case = account().user("annlee7").password().user("alee").password()
    assert listed(case).status(SEVERAL) is Status.PASS


def test_several_users_per_person_is_the_same_finding_after_one_more():
    """The person is the cause, whichever users there are."""
    two = account().user("annlee7").password().user("ann.lee").password()
    three = two.user("x").password().tag("employee-id", "00123")
    [one], [other] = (listed(each).judged(SEVERAL).findings for each in (two, three))
    assert one.fingerprint == other.fingerprint


# person-keys-disagree


def test_person_keys_disagree_fails_where_name_and_id_name_two_people():
    """The tag is the first proof; both people are shown by their IDs."""
    case = listed(account().user("ann.lee").tag("employee-id", "00124"))
    spot = f"{DETAILS}:/UserDetailList/0/Tags/0"
    value = {"Key": "employee-id", "Value": "00124"}
    assert case.proof(DISAGREE) == [("user/ann.lee", spot, value)]
    [finding] = case.judged(DISAGREE).findings
    assert (finding.facts["first"], finding.facts["second"]) == ("00124", "00123")


def test_person_keys_disagree_passes_where_they_agree():
    """Two keys of one person; of one key alone nothing is said."""
    assert listed(account().user("ann.lee").tag("employee-id", "00123")).status(DISAGREE) is (
        Status.PASS
    )
    one = account().user("worker").tag("employee-id", "00123")
    assert listed(one).status(DISAGREE) is Status.NOT_APPLICABLE


# person-works-like-a-program


@pytest.mark.parametrize(
    ("signed_in", "used", "service", "status"),
    [
        (100, 1, "s3", Status.FAIL),
        (None, 1, "s3", Status.FAIL),
        (10, 1, "s3", Status.PASS),
        (100, 60, "s3", Status.PASS),
        (100, 1, "sts", Status.PASS),
    ],
)
def test_person_works_like_a_program(signed_in, used: int, service: str, status: Status):
    """The key works and the person does not sign in; a service of terminals says nothing."""
    case = account().user("annlee7").password(last_used=signed_in)
    case = case.key(last_used=used, service=service)
    assert listed(case).status(PROGRAM) is status


def test_person_works_like_a_program_concerns_people_alone():
    """A user that fits nobody is for other checks."""
    case = account().user("build").password(last_used=100).key(last_used=1)
    assert listed(case).status(PROGRAM) is Status.NOT_APPLICABLE
