"""The timeline picture: every date in its order, nothing on anything else, the same in words."""

import re
from datetime import UTC, datetime
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.risk.timeline import EventKind
from analyzer.writers import html
from analyzer.writers.view.escalation_diagram import TEXT
from analyzer.writers.view.timeline import LINE, NARROW, PAPER, WIDE, timeline
from tests.writers.leaked_report import joined, leak, on

WIDTHS = (WIDE, PAPER, NARROW)
TIMES = st.datetimes(datetime(2015, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda each: each.strftime("%Y-%m-%dT%H:%M:%SZ")
)
CLOSE = st.sampled_from([f"2026-03-01T12:00:0{second}Z" for second in range(4)])
EVENTS = st.lists(
    st.builds(
        lambda what, at: {"what": what.value, "at": at, "place": None},
        st.sampled_from(EventKind),
        TIMES | CLOSE,
    ),
    min_size=1,
    max_size=9,
)
SPANS = st.tuples(st.none() | TIMES | CLOSE, st.none() | TIMES | CLOSE, st.booleans())


def drawn(events, span, width):
    """The picture of a credential with these dates."""
    since, until, is_open = span
    known = {"since": since, "until": until, "open": is_open}
    return timeline(leak(timeline=events, exposure=known), width)


def box(mark):
    """What the words of a mark cover: left, right, top, bottom."""
    left, right = mark.extent
    return left, right, mark.y - TEXT, mark.y + 4


@given(EVENTS, SPANS, st.sampled_from(WIDTHS))
def test_nothing_leaves_the_picture(events, span, width):
    """Words, marks and the shaded span stand inside, whatever the dates are."""
    made = drawn(events, span, width)
    if made is None:
        return
    for mark in made.marks:
        left, right, top, bottom = box(mark)
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= made.height
        assert 0 <= mark.x <= width
    if made.exposed is not None:
        start, end = made.exposed
        assert 0 <= start <= end <= width - 10


@given(EVENTS, SPANS, st.sampled_from(WIDTHS))
def test_words_never_overlap_even_if_dates_coincide(events, span, width):
    """Neither each other, nor a line that leads to other words, nor the axis."""
    made = drawn(events, span, width)
    if made is None:
        return
    for one, other in combinations(made.marks, 2):
        assert abs(one.y - other.y) >= LINE
        for mark, words in ((one, other), (other, one)):
            left, right, top, bottom = box(words)
            high, low = sorted((mark.y, made.axis))
            assert not (left <= mark.x <= right and high < bottom and low > top)
    for mark in made.marks:
        assert mark.y + 4 <= made.axis - 6 if mark.is_above else mark.y - TEXT >= made.axis + 6


@given(EVENTS, SPANS, st.sampled_from(WIDTHS))
def test_the_order_is_that_of_time(events, span, width):
    """From left to right, and from top to bottom; no date is left out."""
    made = drawn(events, span, width)
    if made is None:
        assert {each["what"] for each in events} == {"report"}
        return
    in_time = sorted(events, key=lambda each: each["at"])
    assert [mark.words[-10:] for mark in made.marks] == [each["at"][:10] for each in in_time]
    for one, other in pairwise(made.marks):
        assert one.x <= other.x
        assert one.y < other.y
    assert sorted(made.in_words.split("; ")) == sorted(mark.words for mark in made.marks)


def test_distances_are_those_in_time():
    """A date in the middle of the span stands in the middle of the axis."""
    events = [on("2026-01-01", "created"), on("2026-01-11", "leaked"), on("2026-01-21", "report")]
    first, middle, last = (mark.x for mark in drawn(events, (None, None, True), WIDE).marks)
    assert middle - first == pytest.approx(last - middle)


def test_the_time_in_which_it_lay_open_is_shaded():
    """From its first day to its last, which are marks themselves."""
    made = timeline(leak())
    created, leaked, used, report = (mark.x for mark in made.marks)
    assert created < leaked < used
    assert made.exposed == (leaked, report)


@pytest.mark.parametrize("is_open", [True, False])
def test_the_shade_goes_on_only_where_it_may_still_be_open(is_open):
    """Whatever certainly ended has an end, though perhaps on a day that nobody knows."""
    assert timeline(leak(exposure={"open": is_open})).goes_on is is_open


def test_no_picture_is_made_of_nothing():
    """The date of the report alone tells nothing of the credential."""
    assert timeline(leak(timeline=[on("2026-06-09", "report")])) is None
    assert timeline(leak(timeline=[])) is None


def test_an_exposure_without_dates_is_not_shaded():
    """Nor one that would end before it begins."""
    dates = [on("2026-03-01", "leaked"), on("2026-02-01", "report")]
    late = {"since": "2026-03-01T12:00:00Z", "until": "2026-02-01T12:00:00Z"}
    assert timeline(leak(timeline=dates, exposure=late)).exposed is None
    assert timeline(leak(timeline=dates, exposure={"since": None})).exposed is None


@pytest.fixture(scope="module")
def pictures(report, catalogue):
    """Both pictures on the page, the wide one and that for a telephone."""
    page = html.render(joined(report, leak()), catalogue).decode()
    found = re.findall(r'<svg class="lifeline [a-z]+".*?</svg>', page, re.DOTALL)
    return [ET.fromstring(each) for each in found]  # noqa: S314 - our own page


def test_whoever_can_not_see_it_hears_the_same(pictures):
    """A name, and every date in words."""
    assert [each.get("class") for each in pictures] == ["lifeline wide", "lifeline narrow"]
    for picture in pictures:
        assert picture.get("role") == "img"
        ids = {each.get("id"): each.text for each in picture if each.get("id")}
        title, told = (ids[name] for name in picture.get("aria-labelledby").split())
        assert leak()["key_id"] in title
        assert told == (
            "created 2025-01-01; leaked 2026-03-01; last used 2026-06-01; report 2026-06-09."
        )


def test_the_picture_runs_nothing_and_loads_nothing(pictures):
    """Shapes and words only, all inside the view box."""
    for picture in pictures:
        assert {each.tag for each in picture.iter()} == {
            "svg", "title", "desc", "text", "path", "rect", "circle",
        }  # fmt: skip
        assert not any("style" in each.attrib for each in picture.iter())
        width, height = map(float, picture.get("viewBox").split()[2:])
        for each in picture.iter("text"):
            assert 0 <= float(each.get("x")) <= width
            assert 0 <= float(each.get("y")) <= height
