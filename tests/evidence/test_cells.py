"""In: cells with any text at all. Out: the proof that nothing is coerced."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.config import DateOrder
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import (
    MissingValue,
    looks_like_local_date,
    parse_bool,
    parse_time,
    time_from_epoch,
)
from analyzer.evidence.credential_report import BOOL_COLUMNS, COLUMNS, TIME_COLUMNS, read_report
from tests.evidence.export_material import row

SENTINELS = {"n/a", "#n/a", "no_information", "not_supported"}
STATED_GAPS = set(MissingValue) - {MissingValue.UNREADABLE}
TIMES = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1))  # noqa: DTZ001


TRUE_WORDS = {
    "true",
    "wahr",
    "vrai",
    "verdadero",
    "vero",
    "verdadeiro",
    "waar",
    "sant",
    "sand",
    "sann",
    "tosi",
    "prawda",
    "pravda",
    "igaz",
    "истина",
    "doğru",
}
FALSE_WORDS = {
    "false",
    "falsch",
    "faux",
    "falso",
    "onwaar",
    "falskt",
    "falsk",
    "usann",
    "epätosi",
    "fałsz",
    "nepravda",
    "hamis",
    "ложь",
    "yanliş",
}
NEAR_WORDS = ["0", "1", "yes", "no", "on", "off", "tru", "wahrheit", "fals", "vera", "ja", "nein"]


@given(st.text() | st.sampled_from([*NEAR_WORDS, *TRUE_WORDS, *FALSE_WORDS, "WAHR", "Faux"]))
def test_a_flag_is_true_or_false_by_those_words_alone(text):
    """Nothing but true and false is one, in any case and in the languages of spreadsheets."""
    told = parse_bool(text)
    word = text.strip().lower()
    assert (told is True) == (word in TRUE_WORDS)
    assert (told is False) == (word in FALSE_WORDS)


@given(st.text())
def test_a_moment_is_a_time_only_where_one_is_written(text):
    """No text without a full ISO date becomes a time, and none becomes a gap by another name."""
    parsed = parse_time(text)
    has_date = re.match(r"\d{4}-\d\d-\d\d", text.strip()) is not None
    is_word = text.strip().lower() in SENTINELS
    assert has_date or not isinstance(parsed, datetime)
    assert (parsed in STATED_GAPS) <= is_word
    assert isinstance(parsed, datetime | MissingValue)


@given(TIMES, st.integers(-14 * 60, 14 * 60), st.sampled_from(["T", " "]))
def test_a_written_time_is_that_time_in_utc(time, minutes, between):
    """Whatever the offset, the moment is the same, in UTC and to the second."""
    there = time.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    told = parse_time(there.isoformat(between))
    assert told == there
    assert told.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "20220308", "10101010", "2022-W10", "2022W10", "2022-3-8", "44628", "44628.5",
        "08.03.2022", "03/08/2022", "8 Mar 2022", "today", "never", "2022-13-01", "2022-02-30",
        "2022-03-08x10:00", "2022-03-08T25:00:00Z", "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00", "1646734272", "-", "0", "\ud800",
    ],
)  # fmt: skip
def test_what_could_mean_several_times_means_none(text):
    """Serial numbers, local dates, weeks and impossible days stay unreadable."""
    assert parse_time(text) is MissingValue.UNREADABLE


@pytest.mark.parametrize(
    ("text", "day_first", "month_first"),
    [
        ("08.03.2022", "2022-03-08T00:00", "2022-08-03T00:00"),
        ("8/3/2022 9:05", "2022-03-08T09:05", "2022-08-03T09:05"),
        ("08-03-2022, 12:05 AM", "2022-03-08T00:05", "2022-08-03T00:05"),
        ("08/03/2022 12:05:07 pm", "2022-03-08T12:05:07", "2022-08-03T12:05:07"),
        ("31.12.2022", "2022-12-31T00:00", None),
        ("12/31/2022", None, "2022-12-31T00:00"),
        ("08.03.2022 13:05 PM", None, None),
        ("08.03.2022 0:05 AM", None, None),
        ("08.03.22", None, None),
        ("2022-03-08", "2022-03-08T00:00", "2022-03-08T00:00"),
    ],
)
def test_an_order_reads_local_dates_and_nothing_else(text, day_first, month_first):
    """With the order given the day is the day; an impossible date stays unreadable."""
    for order, wanted in ((DateOrder.DAY_FIRST, day_first), (DateOrder.MONTH_FIRST, month_first)):
        told = parse_time(text, order)
        assert told == (
            MissingValue.UNREADABLE
            if wanted is None
            else datetime.fromisoformat(wanted).replace(tzinfo=UTC)
        )


@given(st.text(), st.sampled_from([*DateOrder, None]))
def test_no_text_breaks_the_reading_of_times(text, order):
    """Any text is a time or a gap, in whatever order dates are read."""
    assert isinstance(parse_time(text, order), datetime | MissingValue)
    assert looks_like_local_date(text) in {True, False}


@given(st.integers() | st.floats())
def test_no_number_breaks_the_reading_of_epochs(number):
    """Infinity, no number and the year 60,000 are unreadable; the rest is a time in UTC."""
    told = time_from_epoch(number)
    assert told is MissingValue.UNREADABLE or told.tzinfo is UTC


CELL = st.text(st.characters(blacklist_characters='",\n\r'), max_size=30)


@given(st.dictionaries(st.sampled_from(BOOL_COLUMNS + TIME_COLUMNS), CELL, max_size=6))
def test_any_text_in_any_cell_is_kept_apart(cells):
    """Whatever a cell holds, the reader goes on, and only the words of AWS mean what AWS means."""
    made = row() | cells
    text = "\n".join([",".join(COLUMNS), ",".join(made[name] for name in COLUMNS)])
    (read_,) = read_report(text, Location("E1")).rows
    for name, cell in cells.items():
        word = cell.strip().lower()
        value = read_.boolean(name) if name in BOOL_COLUMNS else read_.time(name)
        assert (value is False) == (word == "false" and name in BOOL_COLUMNS)
        assert (value is True) == (word == "true" and name in BOOL_COLUMNS)
        assert (value in STATED_GAPS) <= (word in SENTINELS)


@pytest.mark.parametrize("column", BOOL_COLUMNS + TIME_COLUMNS)
def test_an_unreadable_cell_is_noted_at_its_place(column):
    """The note of damage names row and column, and shows the text without what it hides."""
    made = row(**{column: "x\u202ey"})
    text = "\n".join([",".join(COLUMNS), ",".join(made[name] for name in COLUMNS)])
    (note,) = read_report(text, Location("E1")).notes
    assert (note.location.row, note.location.column) == (2, column)
    assert "\\u202e" in note.text


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00+00:00", "31.12.9999"],
)
def test_a_time_that_no_export_can_have_is_unreadable(text):
    """What programs write for "never" is no date to count from."""
    assert parse_time(text, DateOrder.DAY_FIRST) is MissingValue.UNREADABLE
