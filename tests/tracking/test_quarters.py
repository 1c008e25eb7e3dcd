"""In: reports. Out: the proof that each quarter is told once, in order, with what it showed."""

from analyzer.tracking.quarters import describe_quarter, quarters_told
from tests.tracking.small_reports import QUARTERS, finding, quarter

OPEN, ACCEPTED = finding("ann", severity="high"), finding("zoe", status="accepted")


def test_a_quarter_counts_what_is_open_by_severity_and_what_is_accepted():
    """As its report did."""
    told = describe_quarter(quarter(QUARTERS[0], OPEN, ACCEPTED), None)
    assert told["open"] == {"critical": 0, "high": 1, "medium": 0, "low": 0, "info": 0}
    assert (told["accepted"], told["value"], told["grade"]) == (1, 50, "D")


def test_the_last_report_tells_of_those_before_it():
    """Whoever hands in one hands in the line; a report handed in itself is told by itself."""
    first = quarter(QUARTERS[0])
    told = describe_quarter(first, "a" * 64) | {"value": 11}
    second = quarter(QUARTERS[1]) | {"history": {"quarters": [told, describe_quarter(first, None)]}}
    alone = list(quarters_told([(second, "b" * 64)]))
    assert [(each["as_of"][:10], each["value"]) for each in alone] == [
        (QUARTERS[0], 11), (QUARTERS[1], 50),
    ]  # fmt: skip
    both = list(quarters_told([(first, "a" * 64), (second, "b" * 64)]))
    assert [each["sha256"] for each in both] == ["a" * 64, "b" * 64]
    assert both[0]["value"] == 50


def test_reports_of_other_shapes_tell_of_themselves_alone():
    """A history that is none is passed over."""
    assert len(list(quarters_told([(quarter(QUARTERS[0]) | {"history": 7}, "a" * 64)]))) == 1
