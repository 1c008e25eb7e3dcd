"""A cell of a roster becomes a day or a state, or says that nobody can tell."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.config import DateOrder
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.roster_model import PersonState
from analyzer.evidence.roster_values import (
    DayOrder,
    day_order,
    parse_day,
    parse_flag,
    parse_state,
    state_of_flags,
    state_of_number,
)

OPEN = DayOrder(None)
DAYS = st.dates(date(1950, 1, 1), date(2098, 12, 31))


def moment(year: int, month: int, day: int) -> datetime:
    """Midnight of that day."""
    return datetime(year, month, day, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-30", "30.09.2026", "30.9.26", "46295", "46295.25", "2026/09/30",
        "20260930120000.0Z", "134352000000000000", "30 Sep 2026", "30-Sep-2026",
        "/Date(1790726400000)/", "2026-09-30T00:00:00.000Z", "30/09/2026", "30-09-2026 08:00",
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_way_of_writing(text: str):
    """ISO, points, slashes with a part above 12, serials, FILETIME, LDAP, PowerShell's JSON."""
    assert parse_day(text, day_order([text], None)).date() == date(2026, 9, 30)


@pytest.mark.parametrize(
    "text",
    ["", "0000-00-00", "00.00.0000", "9999-12-31", "31.12.9999", "0", "9223372036854775807",
     "never", "N/A", "2999-12-31"],
)  # fmt: skip
def test_no_day_is_no_day(text: str):
    """What systems write for "none" and "never"."""
    assert parse_day(text, OPEN) is MissingValue.ABSENT


@pytest.mark.parametrize(
    "text", ["soon", "31.02.2026", "05/06/2026", "12345678", "1.1", "30 Sop 2026", "=NOW()", "1026"]
)
def test_what_cannot_be_read_is_never_guessed(text: str):
    """Nor is it "none": a leaver whose day is spoilt has not stayed."""
    assert parse_day(text, OPEN) is MissingValue.UNREADABLE


@given(DAYS)
def test_every_day_survives_every_way_of_writing(day: date):
    """What was written is what is read, in each order and each count."""
    at = moment(day.year, day.month, day.day)
    serial = (day - date(1899, 12, 30)).days
    ticks = (at - moment(1601, 1, 1)) // timedelta(microseconds=1) * 10
    for text, order in (
        (f"{day:%d/%m/%Y}", DateOrder.DAY_FIRST),
        (f"{day:%m/%d/%Y}", DateOrder.MONTH_FIRST),
        (f"{day:%d.%m.%Y}", DateOrder.MONTH_FIRST),
        (day.isoformat(), None),
        (str(ticks), None),
    ):
        assert parse_day(text, DayOrder(order)) == at
    if 20_000 <= serial < 80_000:
        assert parse_day(str(serial), OPEN) == at


def test_a_workbook_of_old_macs_counts_from_1904():
    """The same number is a day four years and one day later."""
    assert parse_day("44833", OPEN, 1462) == moment(2026, 9, 30)


def test_a_part_above_twelve_outweighs_what_was_stated():
    """The column itself cannot be wrong about its order."""
    assert day_order(["13/01/2026"], DateOrder.MONTH_FIRST).order is DateOrder.DAY_FIRST
    assert day_order(["01/02/2026"], DateOrder.MONTH_FIRST).order is DateOrder.MONTH_FIRST
    assert day_order(["13/01/2026", "01/13/2026"], None).is_contradictory


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ACTIVE", "employed"), ("Password reset", "employed"), ("LOCKED_OUT", "employed"),
        ("Pending user action", "future"), ("Onboarding", "future"), ("Leave", "away"),
        ("Elternzeit", "away"), ("Suspended", "barred"), ("inactive", "barred"),
        ("Inactif", "barred"), ("Terminated", "left"), ("ausgeschieden", "left"), ("sorti", "left"),
        ("DEPROVISIONED", "left"), ("gekündigt", "unknown"), ("???", "unknown"),
        ("FALSE", "barred"),
    ],
)  # fmt: skip
def test_a_word_of_a_status_means_what_it_means_everywhere(word: str, state: str):
    """Left needs a word that means nothing else; a bare "inactive" may be a leave."""
    assert parse_state(word, {}) is (PersonState(state) if any(map(str.isalnum, word)) else None)


def test_own_words_outweigh_the_list():
    """A company knows what its words mean."""
    assert parse_state("Inaktiv", {"inaktiv": PersonState.LEFT}) is PersonState.LEFT


def test_a_kind_of_leave_leaves_no_trace():
    """Sick or with a child: both are away, and nothing more is kept."""
    assert {parse_state(word, {}) for word in ("Mutterschutz", "sabbatical")} == {PersonState.AWAY}


def test_flags_and_numbers():
    """userAccountControl, OneLogin's numbers, yes and no in three languages."""
    flags = {"512": "employed", "514": "barred", "66048": "employed", "66050": "barred"}
    assert {text: state_of_flags(text) for text in flags} == flags
    assert [state_of_number(text) for text in ("1", "2", "3", "on")] == [
        PersonState.EMPLOYED, PersonState.BARRED, PersonState.UNKNOWN, None,
    ]  # fmt: skip
    assert [parse_flag(text) for text in ("ja", "Non", "TRUE", "falsch", "maybe")] == [
        True, False, True, False, None,
    ]  # fmt: skip
