"""What exports show of one leaked key, question by question."""

import pytest

from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import ROOT_USER
from analyzer.leaks.model import ClaimedFacts, CredentialKind
from analyzer.risk.exposure import LONGEST_SESSION
from analyzer.risk.key_evidence import gather_evidence
from tests.builders import DETAILS, REPORT, account
from tests.risk.leaked import KEY, SECOND, answered, at, joined, leak, quoted, seen

KEY_LIST, SERVICE_LIST = "access-keys.json", "service.json"
SAYS_ANN = ClaimedFacts(user="ann")
ANN = account().user("bob").user("ann")
"""Two users without any credential; what follows is Ann's."""
LISTED = ANN.key(age=300).listed_key(KEY, age=300)


def evidence(case, credential=None, as_of=0):
    """The evidence on the credential, with the owner that an audit of the account finds."""
    credential = credential or leak()
    found = joined(case, credential)
    known = None if as_of is None else at(as_of)
    return gather_evidence(credential, found.exposure, found.owner, known)


def columns(locations):
    """The columns that the places name."""
    return [each.column for each in locations if isinstance(each, Location)]


# What the credential says of itself.


@pytest.mark.parametrize(("as_of", "has_expired"), [(20, True), (20.1, False), (None, False)])
def test_the_end_that_it_names_has_come_or_not(as_of, has_expired):
    """At the very second it has; without a time that has come for certain, nothing has."""
    url = leak(kind=CredentialKind.PRESIGNED_URL, key_id=None, claims=ClaimedFacts(expires=at(20)))
    found = evidence(ANN, url, as_of)
    assert (found.has_expired, found.expiry) == (has_expired, at(20))


def test_without_an_end_of_its_own_the_longest_session_ends_it():
    """Counted from the first sighting; what no commit dates has no end."""
    kind = CredentialKind.TEMPORARY_KEY
    assert evidence(ANN, seen(100, 50, kind=kind)).expiry == at(100) + LONGEST_SESSION
    assert evidence(ANN, seen(None, kind=kind)).expiry is None


# Its own entry in list-access-keys.


@pytest.mark.parametrize(
    ("status", "is_active", "is_inactive"),
    [("Active", True, False), ("Inactive", False, True), ("Suspended", False, False)],
)
def test_the_list_says_active_or_inactive_or_nothing_that_can_be_read(
    status, is_active, is_inactive
):
    """A word that AWS does not use is neither."""
    found = evidence(ANN.key(age=300).listed_key(KEY, age=300, status=status))
    assert (found.is_listed_active, found.is_listed_inactive) == (is_active, is_inactive)


def test_its_entry_is_named_with_the_slot_that_holds_it():
    """The slot is told by its creation; one that was made at another time is not named."""
    entry, cell = quoted(LISTED, evidence(LISTED).listed_cells)
    assert (entry["AccessKeyId"], cell) == (KEY, "true")
    other = ANN.key(age=200).listed_key(KEY, age=300)
    assert [each["AccessKeyId"] for each in quoted(other, evidence(other).listed_cells)] == [KEY]


def test_what_no_list_names_has_no_entry():
    """Neither the entry of another key nor the lack of any list says a thing."""
    for case in (ANN.key(age=300), ANN.key(age=300).listed_key(SECOND, age=300)):
        found = evidence(case)
        assert (found.listed_key, found.listed_cells) == (None, ())
        assert not found.is_listed_active
        assert not found.is_listed_inactive


def test_among_many_entries_its_own_is_found_by_the_key_id():
    """Wherever it stands in the lists."""
    case = ANN.listed_key(SECOND, age=200).listed_key(KEY, age=300)
    assert evidence(case).listed_key.key_id == KEY


def test_its_own_entry_makes_the_rows_of_others_needless():
    """They are gathered only where no list names the key."""
    assert evidence(LISTED).rows is None
    assert evidence(ANN.key(age=300)).rows is not None


OFF_IN_LIST = ANN.key(age=50).listed_key(KEY, age=300, status="Inactive").captured(KEY_LIST, 60)
"""An older list says Inactive; in the report Ann has a key that is on and changed since."""


def test_a_newer_report_may_show_that_the_key_is_on_again():
    """The slot has another date than the entry, since its status changed."""
    assert evidence(OFF_IN_LIST).newer_report_shows_it_active


@pytest.mark.parametrize(
    "case",
    [
        ANN.key(age=50).listed_key(KEY, age=300, status="Inactive").captured(KEY_LIST, 0),
        ANN.key(age=50, active=False)
        .listed_key(KEY, age=300, status="Inactive")
        .captured(KEY_LIST, 60),
        ANN.key(age=300, active=False)
        .key(age=50)
        .listed_key(KEY, age=300, status="Inactive")
        .captured(KEY_LIST, 60),
        OFF_IN_LIST.listed_key(SECOND, age=50),
        OFF_IN_LIST.without(REPORT),
        ANN.key(age=50),
    ],
    ids=["a list as new", "a slot that is off", "a slot of its own", "a slot of another key",
         "no report", "no entry"],
)  # fmt: skip
def test_nothing_else_shows_that_the_key_is_on_again(case):
    """The list is as new, or no slot that is on can be the key."""
    assert not evidence(case).newer_report_shows_it_active


def test_a_slot_that_changed_after_the_key_was_made_was_switched_off_then():
    """By more than a day: clocks differ."""
    for age, is_told in ((50, True), (298.9, True), (299, False), (300, False)):
        case = ANN.key(age=age, active=False).listed_key(KEY, age=300, status="Inactive")
        slot = evidence(case).slot_switched_off
        assert (slot and slot.created) == (at(age) if is_told else None)


def test_a_slot_that_is_on_was_not_switched_off():
    """Though it changed since the listed key was made."""
    assert evidence(OFF_IN_LIST).slot_switched_off is None


def test_one_of_two_slots_that_are_off_is_not_picked():
    """Either may be the key."""
    case = ANN.key(age=50, active=False).key(age=40, active=False)
    case = case.listed_key(KEY, age=300, status="Inactive")
    assert evidence(case).slot_switched_off is None


# A key that no list names.


def test_a_key_of_a_strange_account_has_no_possible_owner():
    """In an account of the audit root at least may own it, where nobody better is known."""
    assert evidence(ANN, leak(account="777788889999")).has_no_possible_owner
    assert not evidence(account()).has_no_possible_owner
    assert not evidence(LISTED).has_no_possible_owner


def test_the_report_may_predate_a_leak_of_later_or_of_no_date():
    """It was made at age 0."""
    ages = (0, -1, None)
    told = [evidence(ANN, seen(age)).report_may_predate_it for age in ages]
    assert told == [False, True, True]
    assert [evidence(ANN, seen(age)).is_undated for age in ages] == [False, False, True]


def test_everyone_may_own_a_key_of_which_nobody_is_known():
    """Root, too; of many rows only five are named."""
    found = evidence(ANN.key(age=300))
    assert {row["user"] for row in quoted(ANN, found.row_cells)} == {ROOT_USER, "ann", "bob"}
    crowd = account()
    for number in range(6):
        crowd = crowd.user(f"u{number}").key(age=300)
    many = evidence(crowd)
    assert (len(many.rows), len(many.row_cells), len(many.slots)) == (7, 5, 6)
    assert len(many.slot_cells("active")) == len(many.active_cells) == 5


@pytest.mark.parametrize(
    "case",
    [
        ANN.without_root(),
        ANN.without(REPORT),
        ANN.without(DETAILS),
        account().without(DETAILS),
        ANN.page(IsTruncated=True),
        ANN.summary(Users=3),
    ],
    ids=[
        "no row of root",
        "no report",
        "no details",
        "no details, root alone",
        "a cut page",
        "a third user somewhere",
    ],
)
def test_where_somebody_may_be_missing_no_rows_are_everyones(case):
    """None is not the same as nobody."""
    assert evidence(case).rows is None
    assert evidence(case).row_cells == ()


def test_a_user_too_new_for_the_report_may_own_it():
    """AWS keeps a report for four hours, so it may lack the user though it is complete."""
    new, case = account().user("eve", created=1 / 24), ANN.key(age=300)
    case.details["UserDetailList"] += new.details["UserDetailList"]
    assert case.account().report_is_complete
    assert evidence(case).rows is None


def test_an_owner_whom_an_export_names_is_the_only_one_that_counts():
    """Without a row of that user there are none; a name in the repository alone proves nothing."""
    named = answered(ANN.key(age=300), "ann")
    assert [row["user"] for row in quoted(named, evidence(named).row_cells)] == ["ann"]
    assert evidence(answered(ANN.key(age=300), "eve")).rows is None
    assert len(evidence(ANN.key(age=300), leak(claims=SAYS_ANN)).rows) == 3


def test_only_access_keys_have_slots():
    """A password is in no slot, so there are no rows of everyone whose slots could hold it."""
    assert evidence(ANN, leak(kind=CredentialKind.CONSOLE_PASSWORD, key_id=None)).rows is None


WHOLE = ANN.key(age=300).listed_key(SECOND, age=300)
"""Each slot has its own entry in a list."""
COUNTED = ANN.key(age=150).listed_key(SECOND, age=300)
"""As many entries as slots, but of another date."""


def test_a_key_is_missing_where_each_slot_has_the_entry_of_another_key():
    """However old the list is: the newer report has no slot left for it."""
    assert evidence(WHOLE).is_missing_from_whole_lists
    assert evidence(WHOLE.captured(KEY_LIST, 101)).is_missing_from_whole_lists


def test_entries_that_are_only_counted_must_be_newer_than_the_leak():
    """The leak is a hundred days old."""
    assert evidence(COUNTED.captured(KEY_LIST, 99)).is_missing_from_whole_lists
    assert not evidence(COUNTED.captured(KEY_LIST, 101)).is_missing_from_whole_lists


@pytest.mark.parametrize(
    ("case", "credential"),
    [
        (WHOLE.key(age=300), leak()),
        (COUNTED.key(age=20).captured(KEY_LIST, 1), leak()),
        (WHOLE.without_root(), leak()),
        (WHOLE.without(KEY_LIST), leak()),
        (ANN, leak()),
        (LISTED, leak()),
        (answered(WHOLE, "ann"), leak()),
        (WHOLE, leak(kind=CredentialKind.SECRET, key_id=None)),
    ],
    ids=["a slot without entry", "more slots than entries", "no row of root", "no list",
         "no list and no slot", "a key that is listed", "a key that another export names",
         "a secret without a key ID"],
)  # fmt: skip
def test_a_key_is_missing_from_no_list_that_may_not_be_whole(case, credential):
    """Nor can one be missed that is there, or whose ID nobody knows."""
    assert not evidence(case, credential).is_missing_from_whole_lists


def test_the_owners_newer_key_was_made_after_the_first_sighting():
    """Only of an owner who is known; a key of that very second is not newer."""
    for age, is_newer in ((90, True), (100, False), (300, False)):
        newer = evidence(ANN.key(age=age), leak(claims=SAYS_ANN)).owners_newer_key
        assert (newer is not None) == is_newer
    assert evidence(ANN.key(age=90)).owners_newer_key is None


def test_every_slot_is_off_only_where_each_says_so():
    """A status that can't be read is not off."""
    off = ANN.key(age=300, active=False).user("carl").key(age=300, active=False)
    assert evidence(off).every_slot_is_inactive
    assert not evidence(off.key(age=300)).every_slot_is_inactive
    odd = off.cell("carl", "access_key_1_active", "perhaps")
    assert not evidence(odd).every_slot_is_inactive


def test_every_slot_is_newer_only_by_more_than_a_day_after_the_last_sighting():
    """And with a date that can be read, of a leak that has one."""
    for age, is_newer in ((48.9, True), (49, False), (50, False), ("soon", False)):
        assert evidence(ANN.key(age=age), seen(200, 50)).every_slot_is_newer is is_newer
    assert not evidence(ANN.key(age=10).key(age=300), seen(200, 50)).every_slot_is_newer
    assert not evidence(ANN.key(age=10), seen(None)).every_slot_is_newer


def test_the_active_keys_that_can_be_it_are_named_before_others():
    """Where none can, any that are on are named; one that is off never is."""
    case = ANN.key(age=10).key(age=300)
    assert columns(evidence(case).active_cells) == ["access_key_2_active"]
    newer = ANN.key(age=10).key(age=5)
    assert columns(evidence(newer).active_cells) == ["access_key_1_active", "access_key_2_active"]
    assert evidence(ANN.key(age=300, active=False)).active_cells == ()


# A console password.

PASSWORD = {"kind": CredentialKind.CONSOLE_PASSWORD, "key_id": None, "claims": SAYS_ANN}


@pytest.mark.parametrize(
    ("changed", "at_time", "is_since"),
    [(48.9, at(48.9), True), (49, at(49), False), (300, at(300), False), ("soon", None, False)],
)
def test_a_password_was_changed_since_the_leak_by_more_than_a_day(changed, at_time, is_since):
    """The last sighting is 50 days old; a date that can't be read tells nothing."""
    case = ANN.password(changed=changed)
    found = evidence(case, seen(200, 50, **PASSWORD))
    assert (found.password_changed, found.password_was_changed_since) == (at_time, is_since)
    [cell] = quoted(case, found.password_cell("password_last_changed"))
    assert cell == (changed if changed == "soon" else at(changed).isoformat())


def test_a_password_of_nobody_known_has_no_row():
    """Nor has one whose leak no commit dates been changed since."""
    unknown = evidence(ANN.password(changed=5), leak(**PASSWORD | {"claims": ClaimedFacts()}))
    assert (unknown.password_row, unknown.password_cell("user")) == (None, ())
    assert not unknown.password_was_changed_since
    assert not evidence(ANN.password(changed=5), seen(None, **PASSWORD)).password_was_changed_since


# A credential of one service.

BEDROCK = {"kind": CredentialKind.BEDROCK_KEY, "key_id": None, "claims": SAYS_ANN}


def with_service(*entries):
    """An account with these service-specific credentials: user, status."""
    listed = [{"UserName": user, "Status": status} for user, status in entries]
    return ANN.export(SERVICE_LIST, {"ServiceSpecificCredentials": listed})


def test_the_entries_of_a_service_list_are_those_of_its_user():
    """Each is named by its status."""
    case = with_service(("ann", "Inactive"), ("bob", "Active"), ("ann", "Active"))
    found = evidence(case, leak(**BEDROCK))
    assert [each.text("Status") for each in found.service_entries] == ["Inactive", "Active"]
    assert quoted(case, found.service_cells) == ["Inactive", "Active"]
    assert evidence(ANN, leak(**BEDROCK)).service_entries == ()


def test_a_service_list_may_predate_a_leak_of_later():
    """A list without a time of its own may be of any time."""
    case = with_service(("ann", "Active"))
    assert not evidence(
        case.captured(SERVICE_LIST, 99), leak(**BEDROCK)
    ).service_list_may_predate_it
    assert evidence(case.captured(SERVICE_LIST, 101), leak(**BEDROCK)).service_list_may_predate_it
    assert evidence(case, leak(**BEDROCK)).service_list_may_predate_it


def test_without_an_account_every_export_may_predate_it_and_nothing_is_known():
    """Of a key of an account that is not part of the audit."""
    found = evidence(ANN.key(age=300), leak(account="777788889999"))
    assert (found.account, found.rows, found.service_entries) == (None, None, ())
    assert found.report_may_predate_it
    assert found.service_list_may_predate_it
    assert not found.is_missing_from_whole_lists
