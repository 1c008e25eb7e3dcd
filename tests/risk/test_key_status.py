"""Whether a leaked credential still opens anything, and which cells say so."""

from datetime import timedelta

import pytest

from analyzer.inventory.model import ROOT_USER
from analyzer.leaks.model import ClaimedFacts, CredentialKind
from analyzer.risk.exposure import LONGEST_SESSION, exposure_of
from analyzer.risk.key_evidence import gather_evidence
from analyzer.risk.key_status import (
    EXPIRY_ROWS,
    KEY_ROWS,
    OTHER_ROWS,
    PASSWORD_ROWS,
    SERVICE_ROWS,
    KeyStatus,
    rows_for,
)
from analyzer.risk.owner import Certainty, Owner
from tests.builders import DETAILS, REPORT, account
from tests.risk.leaked import (
    KEY,
    OTHER,
    SECOND,
    THIRD,
    answered,
    at,
    bare_secret,
    joined,
    joined_all,
    leak,
    quoted,
    seen,
    spot,
)

SAYS_ANN = ClaimedFacts(user="ann")
NOBODY = Owner(Certainty.UNKNOWN, "nobody is known")
MOMENT = timedelta(seconds=1)
KEY_LIST = "access-keys.json"
KINDS_OF_KEYS = [kind for kind in CredentialKind if kind.is_of_access_key]
WHOLE = account().user("bob").user("ann").key(age=300).listed_key(SECOND, age=300)
"""Every key that there is has its entry in a list, and the leaked one is not among them."""


def status_of(case, credential):
    """The status, as an audit of the account tells it."""
    return joined(case, credential).status


def cells(case, credential):
    """What stands at the places that the status names."""
    return quoted(case, status_of(case, credential).locations)


# What a list of keys names.


def test_a_listed_key_that_is_on_is_active():
    """The list says so, and the report's cell beside it."""
    case = account().user("ann").key(age=300).listed_key(KEY, age=300)
    assert status_of(case, leak()).status is KeyStatus.ACTIVE
    listed, cell = cells(case, leak())
    assert (listed["AccessKeyId"], listed["Status"], cell) == (KEY, "Active", "true")


def test_a_listed_key_that_is_off_is_inactive():
    """The list says so, and the report's cell beside it."""
    case = account().user("ann").key(age=300, active=False)
    case = case.listed_key(KEY, age=300, status="Inactive")
    assert status_of(case, leak()).status is KeyStatus.INACTIVE
    listed, cell = cells(case, leak())
    assert (listed["Status"], cell) == ("Inactive", "false")


def test_a_key_that_changed_since_it_was_made_was_switched_off_then():
    """The list has the creation, the report the last change: nothing else changes a key."""
    case = account().user("ann").key(age=50, active=False)
    case = case.listed_key(KEY, age=300, status="Inactive")
    assert status_of(case, leak()).ended_at == at(50)


@pytest.mark.parametrize(
    "case",
    [
        account().user("ann").key(age=300, active=False),
        account().user("ann").key(age=50, active=False).key(age=40, active=False),
        account().user("ann").key(age="soon", active=False),
        account().user("ann"),
        account().user("ann").key(age=50, active=False).without(REPORT),
    ],
)
def test_when_a_key_was_switched_off_is_told_only_where_it_can_be(case):
    """Not by a key that never changed, by one of two, by a date that can't be read, by no row."""
    found = status_of(case.listed_key(KEY, age=300, status="Inactive"), leak())
    assert (found.status, found.ended_at) == (KeyStatus.INACTIVE, None)


def test_a_key_that_an_older_list_calls_inactive_may_be_on_again():
    """The report is newer, and its user has a key that is on and changed since it was made."""
    case = account().user("ann").key(age=50).listed_key(KEY, age=300, status="Inactive")
    assert status_of(case.captured(KEY_LIST, 60), leak()).status is KeyStatus.UNKNOWN
    assert status_of(case.captured(KEY_LIST, 0), leak()).status is KeyStatus.INACTIVE


def test_a_listed_status_that_can_not_be_read_is_unknown():
    """It may well be active."""
    case = account().user("ann").key(age=300).listed_key(KEY, status="Suspended")
    assert status_of(case, leak()).status is KeyStatus.UNKNOWN
    assert cells(case, leak())[0]["Status"] == "Suspended"


def test_a_list_goes_before_every_date():
    """Whatever commits say of when the key leaked."""
    case = account().user("ann").key(age=300).listed_key(KEY, age=300)
    for credential in (seen(None), seen(-5), seen(1000)):
        assert status_of(case, credential).status is KeyStatus.ACTIVE


# What has an end of its own.


def test_what_ran_out_before_the_report_has_expired():
    """At the time that it names itself."""
    kind = CredentialKind.PRESIGNED_URL
    told = status_of(account(), leak(kind=kind, key_id=None, claims=ClaimedFacts(expires=at(20))))
    assert (told.status, told.ended_at) == (KeyStatus.EXPIRED, at(20))
    running = leak(kind=kind, key_id=None, claims=ClaimedFacts(expires=at(-1)))
    assert status_of(account(), running).status is KeyStatus.UNKNOWN


@pytest.mark.parametrize("kind", [kind for kind in CredentialKind if kind.is_temporary])
def test_what_is_temporary_has_expired_after_the_longest_session(kind):
    """Whoever made it; a moment earlier nobody can tell."""
    told = status_of(account(), seen(LONGEST_SESSION, 1, kind=kind))
    assert (told.status, told.ended_at) == (KeyStatus.EXPIRED, at(0))
    assert (
        status_of(account(), seen(LONGEST_SESSION - MOMENT, kind=kind)).status is KeyStatus.UNKNOWN
    )


def test_the_time_that_counts_is_the_reports():
    """An account that was exported earlier has not outlived as much."""
    credential = seen(1, kind=CredentialKind.TEMPORARY_KEY)
    assert status_of(account(), credential).status is KeyStatus.UNKNOWN
    assert status_of(account().audited_at(-1), credential).status is KeyStatus.EXPIRED


# What no list names: the lists are whole.


def test_a_key_that_is_in_no_list_is_deleted_where_the_lists_are_whole():
    """Each slot of the report has its entry, and both exports know the same users."""
    assert status_of(WHOLE, leak()).status is KeyStatus.DELETED
    assert {row["user"] for row in cells(WHOLE, leak())} == {ROOT_USER, "ann", "bob"}


def test_a_name_beside_the_key_makes_no_list_whole():
    """Whoever writes to the repository can name a user who has no key at all."""
    case = account().user("bob").key(age=300).user("ann").key(age=300).listed_key(SECOND, age=300)
    assert status_of(case, leak(claims=SAYS_ANN)).status is KeyStatus.UNKNOWN
    assert status_of(WHOLE, leak(claims=SAYS_ANN)).status is KeyStatus.DELETED


def test_a_newer_key_of_a_known_owner_has_replaced_it():
    """The list names one that was made since, and this one no more."""
    case = account().root().user("ann").key(age=90).listed_key(SECOND, age=90)
    found = status_of(case, leak(claims=SAYS_ANN))
    assert (found.status, found.is_certain) == (KeyStatus.ROTATED, True)
    assert cells(case, leak(claims=SAYS_ANN)) == [at(90).isoformat()]


# What no list names: there is no list, or not a whole one.

NO_LIST = account().user("bob").user("ann")


def test_where_nobody_has_a_key_none_works():
    """The rows of all who could own it say so."""
    assert status_of(NO_LIST, leak()).status is KeyStatus.DELETED
    assert {row["user"] for row in cells(NO_LIST, leak())} == {ROOT_USER, "ann", "bob"}


def test_where_every_key_is_off_this_one_is_off():
    """Whichever it is."""
    case = NO_LIST.key(age=300, active=False).user("carl").key(age=300, active=False)
    found = status_of(case, leak())
    assert (found.status, found.is_certain) == (KeyStatus.INACTIVE, True)
    assert cells(case, leak()) == ["false", "false"]


@pytest.mark.parametrize("age", [300, 50])
def test_a_key_that_is_off_does_not_tell_since_when(age):
    """Its date may be the one on which it was made, or another key's than the leaked one's."""
    case = NO_LIST.key(age=age, active=False).user("carl").key(age=50, active=False)
    assert status_of(case, leak()).ended_at is None


def test_where_every_key_is_newer_than_the_leak_it_was_likely_rotated():
    """Not certainly: the report's date moves when a key is switched off and on, too."""
    case = NO_LIST.key(age=60).user("carl").key(age=50)
    found = status_of(case, seen(200, 100))
    assert (found.status, found.is_certain) == (KeyStatus.ROTATED, False)
    assert cells(case, seen(200, 100)) == [at(60).isoformat(), at(50).isoformat()]


def test_newer_means_newer_than_the_last_place_by_more_than_a_day():
    """Whoever wrote it down again had it still; and clocks differ."""
    for age in (60, 50, 49):
        assert status_of(NO_LIST.key(age=age), seen(200, 50)).status is KeyStatus.UNKNOWN
    assert status_of(NO_LIST.key(age=48.9), seen(200, 50)).status is KeyStatus.ROTATED


def test_where_a_key_that_is_on_may_be_it_nobody_knows():
    """The cells of those that may be it are named, not those of newer ones."""
    case = NO_LIST.key(age=300).key(age=10, active=False).user("carl").key(age=10)
    assert status_of(case, leak()).status is KeyStatus.UNKNOWN
    locations = status_of(case, leak()).locations
    assert [
        (location.column, value)
        for location, value in zip(locations, cells(case, leak()), strict=True)
    ] == [("access_key_1_active", "true")]


def test_a_status_that_can_not_be_read_is_not_off():
    """One such cell among many keeps the key alive."""
    case = NO_LIST.key(age=300, active=False).key(age=300, active=False)
    case = case.cell("ann", "access_key_2_active", "perhaps")
    assert status_of(case, leak()).status is KeyStatus.UNKNOWN
    assert cells(case, leak()) == ["perhaps"]


# What an export can't know.

OLDER = {
    "no list": NO_LIST,
    "a whole list": WHOLE,
    "keys that are off": NO_LIST.key(age=300, active=False),
    "newer keys": NO_LIST.key(age=1),
    "a newer key in the list": account().user("ann").key(age=1).listed_key(SECOND, age=1),
}


@pytest.mark.parametrize("case", OLDER)
@pytest.mark.parametrize("claims", [ClaimedFacts(), SAYS_ANN])
@pytest.mark.parametrize("credential", [seen(-0.1), seen(-0.1, -3), seen(None)])
def test_exports_that_may_be_older_than_the_key_never_say_that_it_is_gone(case, claims, credential):
    """A leak of after the report, or of nobody knows when, may be of a key that was made since."""
    found = status_of(OLDER[case], leak(*credential.occurrences, claims=claims))
    assert found.status is KeyStatus.UNKNOWN


CHANGED = account().user("ann").key(age=150).listed_key(SECOND, age=300)
"""One key and one entry: either its status changed, or it is another key than the listed one."""


def test_a_list_that_is_older_than_the_leak_never_says_deleted():
    """The key may have been made between the list and the leak, in place of the listed one."""
    assert status_of(CHANGED.captured(KEY_LIST, 99), leak()).status is KeyStatus.DELETED
    assert status_of(CHANGED.captured(KEY_LIST, 101), leak()).status is KeyStatus.UNKNOWN


def test_a_list_without_a_time_of_its_own_may_be_older():
    """The CLI writes none into its answer."""
    assert status_of(CHANGED, leak()).status is KeyStatus.UNKNOWN


def test_a_list_of_any_time_tells_what_it_tells_apart():
    """Each slot of the report, which is newer, was made when the entry was, so it is no other."""
    for age in (99, 101):
        assert status_of(WHOLE.captured(KEY_LIST, age), leak()).status is KeyStatus.DELETED


def test_of_two_lists_the_older_one_counts():
    """Each names the keys of some users only."""
    case = account().user("ann").key(age=150).listed_key(SECOND, age=300)
    entry = {"UserName": "bob", "AccessKeyId": THIRD, "Status": "Active"}
    entry |= {"CreateDate": case.when(300)}
    case = case.user("bob").key(age=300).export("bob.json", {"AccessKeyMetadata": [entry]})
    calls = [{"file": KEY_LIST, "started": case.when(5)}]
    for age, expected in ((99, KeyStatus.DELETED), (101, KeyStatus.UNKNOWN)):
        both = [*calls, {"file": "bob.json", "started": case.when(age)}]
        pack = case.export("pack.json", {"credaudit_pack": 1, "calls": both})
        assert status_of(pack, leak()).status is expected


INCOMPLETE = {
    "a key in no list": WHOLE.user("carl").key(age=300),
    "a second key in no list": WHOLE.key(age=300),
    "a key of root": account().key(age=300).user("ann").key(age=300).listed_key(SECOND, age=300),
    "no row of root": WHOLE.without_root(),
    "no report": WHOLE.without(REPORT),
    "no details": WHOLE.without(DETAILS),
    "a cut page of details": WHOLE.page(IsTruncated=True),
    "a user in the summary alone": WHOLE.summary(Users=3),
}


@pytest.mark.parametrize("case", INCOMPLETE)
@pytest.mark.parametrize("kind", KINDS_OF_KEYS)
def test_what_is_incomplete_never_says_that_a_key_is_gone(case, kind):
    """Whoever is missing, or has a key that no list names, may be the owner."""
    assert status_of(INCOMPLETE[case], leak(kind=kind)).status is KeyStatus.UNKNOWN


@pytest.mark.parametrize("lacking", [REPORT, DETAILS])
def test_a_user_of_one_export_alone_shows_that_the_other_is_incomplete(lacking):
    """Then more may be missing in both."""
    lone = account().user("eve", created=300)
    case = account().user("ann").key(age=300).listed_key(SECOND, age=300)
    if lacking == REPORT:
        case.details["UserDetailList"] += lone.details["UserDetailList"]
    else:
        case.rows.append(lone.rows[-1])
    assert status_of(case, leak()).status is KeyStatus.UNKNOWN


@pytest.mark.parametrize("case", [NO_LIST, NO_LIST.key(active=False), NO_LIST.key(age=5)])
@pytest.mark.parametrize("lack", [REPORT, DETAILS, ROOT_USER])
def test_without_a_list_too_everyone_must_be_known(case, lack):
    """Else somebody unknown may have the key, and it may be on."""
    case = case.without_root() if lack == ROOT_USER else case.without(lack)
    assert status_of(case, leak()).status is KeyStatus.UNKNOWN


def test_a_known_owner_whom_the_report_lacks_may_have_any_key():
    """Whatever others have."""
    for kind in (CredentialKind.SMTP_PASSWORD, CredentialKind.CONSOLE_PASSWORD):
        for user in ("eve", ROOT_USER):
            credential = leak(kind=kind, key_id=None, claims=ClaimedFacts(user=user))
            assert status_of(NO_LIST.without_root(), credential).status is KeyStatus.UNKNOWN


def test_an_answer_about_the_key_itself_shows_that_it_is_there():
    """AWS knows it, so a list that lacks it is no proof of its end."""
    case = answered(WHOLE, "ann")
    assert status_of(case, leak()).status is KeyStatus.UNKNOWN


@pytest.mark.parametrize("case", [WHOLE, account().user("ann").key(age=90).listed_key(SECOND)])
def test_a_secret_without_its_id_is_never_missing_from_a_list(case):
    """Lists name IDs, so it may be the secret of any key that they name."""
    assert not status_of(case, bare_secret(spot(100), claims=SAYS_ANN)).is_dead


def test_without_an_account_nothing_is_known():
    """Nor of a key of an account that is not part of the audit."""
    accounts = (NO_LIST.account(), account(OTHER).user("zoe").account())
    assert joined_all(accounts, leak(account=None)).status.status is KeyStatus.UNKNOWN
    assert joined_all(accounts, leak(account="777788889999")).status.status is KeyStatus.UNKNOWN


# What is no access key.

PASSWORD = {"kind": CredentialKind.CONSOLE_PASSWORD, "key_id": None, "claims": SAYS_ANN}


@pytest.mark.parametrize(
    ("case", "expected", "cell"),
    [
        (account().user("ann"), KeyStatus.DELETED, "false"),
        (account().user("ann").password(changed=50), KeyStatus.ROTATED, at(50).isoformat()),
        (account().user("ann").password(changed=99), KeyStatus.ACTIVE, at(99).isoformat()),
        (account().user("ann").password(changed=300), KeyStatus.ACTIVE, at(300).isoformat()),
        (account().user("ann").password(changed="soon"), KeyStatus.UNKNOWN, "soon"),
    ],
)
def test_a_password_is_active_until_it_is_changed_or_taken_away(case, expected, cell):
    """By the user's cells in the report; clocks may differ by a day."""
    credential = seen(200, 100, **PASSWORD)
    assert status_of(case, credential).status is expected
    assert cells(case, credential) == [cell]


def test_a_changed_password_ended_with_the_change():
    """That is the day on which the leak was worth nothing any more."""
    assert status_of(account().user("ann").password(changed=50), leak(**PASSWORD)).ended_at == at(
        50
    )


def test_a_password_of_nobody_known_is_unknown():
    """As is one that nothing dates."""
    case = account().user("ann").password(changed=50)
    assert status_of(case.without(REPORT), leak(**PASSWORD)).status is KeyStatus.UNKNOWN
    assert (
        status_of(case, leak(**PASSWORD | {"claims": ClaimedFacts()})).status is KeyStatus.UNKNOWN
    )
    assert status_of(case, seen(None, **PASSWORD)).status is KeyStatus.UNKNOWN


@pytest.mark.parametrize("age", [-1, None])
def test_a_report_that_may_be_older_than_the_leak_does_not_say_that_a_password_is_gone(age):
    """The user may have been given one since."""
    assert status_of(account().user("ann"), seen(age, **PASSWORD)).status is KeyStatus.UNKNOWN


SERVICE = sorted(
    {
        CredentialKind.BEDROCK_KEY,
        CredentialKind.CLAUDE_KEY,
        CredentialKind.SERVICE_PASSWORD,
        CredentialKind.SERVICE_API_KEY,
    }
)


def with_service(*entries):
    """An account with these service-specific credentials: user, status."""
    listed = [
        {"UserName": user, "Status": status, "ServiceSpecificCredentialId": f"ACCA{number}"}
        for number, (user, status) in enumerate(entries)
    ]
    case = account().user("bob").user("ann")
    case = case.export("service.json", {"ServiceSpecificCredentials": listed})
    return case.captured("service.json", 0)


@pytest.mark.parametrize("kind", SERVICE)
@pytest.mark.parametrize(
    ("case", "expected", "read"),
    [
        (account().user("ann"), KeyStatus.UNKNOWN, []),
        (with_service(("bob", "Inactive")), KeyStatus.UNKNOWN, []),
        (with_service(("ann", "Inactive"), ("bob", "Active")), KeyStatus.INACTIVE, ["Inactive"]),
        (
            with_service(("ann", "Inactive"), ("ann", "Inactive")),
            KeyStatus.INACTIVE,
            ["Inactive"] * 2,
        ),
        (
            with_service(("ann", "Inactive"), ("ann", "Active")),
            KeyStatus.UNKNOWN,
            ["Inactive", "Active"],
        ),
        (with_service(("ann", "Odd")), KeyStatus.UNKNOWN, ["Odd"]),
    ],
)
def test_a_credential_of_one_service_is_off_where_all_of_its_user_are(kind, case, expected, read):
    """The list does not name it by what stands in the repository, so one that is on may be it."""
    credential = leak(kind=kind, key_id=None, claims=SAYS_ANN)
    assert status_of(case, credential).status is expected
    assert cells(case, credential) == read


def test_a_list_that_may_be_older_than_the_leak_does_not_say_that_it_is_off():
    """Another credential may have been made since."""
    for locations in ((spot(None),), (spot(-1),)):
        credential = leak(*locations, kind=CredentialKind.BEDROCK_KEY, key_id=None, claims=SAYS_ANN)
        assert status_of(with_service(("ann", "Inactive")), credential).status is KeyStatus.UNKNOWN


def test_a_credential_of_one_service_of_nobody_known_is_unknown():
    """Whatever the list says of anybody."""
    credential = leak(kind=CredentialKind.BEDROCK_KEY, key_id=None)
    assert status_of(with_service(("ann", "Inactive")), credential).status is KeyStatus.UNKNOWN


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in CredentialKind
        if not (kind.is_of_access_key or kind.is_temporary or kind.is_service_specific)
        and kind is not PASSWORD["kind"]
    ],
)
def test_of_other_kinds_no_export_tells(kind):
    """Nothing is called dead for want of evidence."""
    for case in OLDER.values():
        assert status_of(case, leak(kind=kind, claims=SAYS_ANN)).status is KeyStatus.UNKNOWN


# The table itself.

EVERY_ROW = (*EXPIRY_ROWS, *KEY_ROWS, *PASSWORD_ROWS, *SERVICE_ROWS, *OTHER_ROWS)
ANNS_KEY = account().user("ann").key(age=300)
ONE_OF_EACH = (
    (account(), seen(1000, kind=CredentialKind.TEMPORARY_KEY)),
    (ANNS_KEY.listed_key(KEY, age=300), leak()),
    (
        account().user("ann").key(age=50).listed_key(KEY, age=300, status="Inactive")
        .captured(KEY_LIST, 60),
        leak(),
    ),
    (
        account().user("ann").key(age=300, active=False)
        .listed_key(KEY, age=300, status="Inactive"),
        leak(),
    ),
    (ANNS_KEY.listed_key(KEY, status="Suspended"), leak()),
    (NO_LIST, leak(account="777788889999")),
    (account().user("ann").key(age=1).without(REPORT), leak()),
    (NO_LIST, seen(None)),
    (NO_LIST, seen(-1)),
    (NO_LIST.without_root(), leak()),
    (account().root().user("ann").key(age=90).listed_key(SECOND, age=90), leak(claims=SAYS_ANN)),
    (WHOLE, leak()),
    (NO_LIST, leak()),
    (NO_LIST.key(age=300, active=False), leak()),
    (NO_LIST.key(age=50), seen(200, 100)),
    (NO_LIST.key(age=300), leak()),
    (ANNS_KEY.without(REPORT), leak(**PASSWORD)),
    (account().user("ann"), seen(-1, **PASSWORD)),
    (account().user("ann"), leak(**PASSWORD)),
    (account().user("ann").password(changed=50), leak(**PASSWORD)),
    (account().user("ann").password(changed=300), leak(**PASSWORD)),
    (account().user("ann").password(changed="soon"), leak(**PASSWORD)),
    (with_service(("ann", "Inactive")), leak(kind=SERVICE[0], key_id=None)),
    (account().user("ann"), leak(kind=SERVICE[0], key_id=None, claims=SAYS_ANN)),
    (with_service(("ann", "Odd")), leak(spot(-1), kind=SERVICE[0], key_id=None, claims=SAYS_ANN)),
    (with_service(("ann", "Inactive")), leak(kind=SERVICE[0], key_id=None, claims=SAYS_ANN)),
    (with_service(("ann", "Active")), leak(kind=SERVICE[0], key_id=None, claims=SAYS_ANN)),
    (account(), leak(kind=CredentialKind.SIGNING_KEY, key_id=None)),
)  # fmt: skip
"""A case for each row of the table."""


def test_every_row_of_the_table_decides_some_case():
    """A row that an earlier one always answers for would be dead, and mislead its reader."""
    reasons = {status_of(case, credential).reason for case, credential in ONE_OF_EACH}
    assert {row.reason for row in EVERY_ROW if row.reason} <= reasons


def test_no_two_rows_give_the_same_reason():
    """A reader of the report can tell by its reason which row decided."""
    reasons = [row.reason for row in EVERY_ROW]
    assert len(reasons) == len(set(reasons))


@pytest.mark.parametrize("kind", list(CredentialKind))
def test_some_row_decides_about_every_kind(kind):
    """The last row of each part holds whatever the exports show."""
    *_, last = rows_for(kind)
    assert last.status is KeyStatus.UNKNOWN
    assert last.holds(gather_evidence(leak(kind=kind), exposure_of(leak(kind=kind)), NOBODY, None))
