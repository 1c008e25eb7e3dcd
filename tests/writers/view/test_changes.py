"""What page one and the chapter of changes say of the reports before, and the line of the score."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.tracking.changes import Change
from analyzer.writers import html
from analyzer.writers.view.changes import HEIGHT, WIDTH, draw_trend, since_last

GONE = {
    "fingerprint": "a" * 32, "rule": "two-active-keys", "severity": "medium",
    "account": "111122223333", "resource": "arn:aws:iam::111122223333:user/gone",
    "title": "User has two active access keys", "status": "open", "since": "2026-01-01T00:00:00Z",
    "last": "2026-07-01T00:00:00Z", "reports": 2, "fixed": "2026-10-01T08:00:00Z", "lost": None,
    "change": "fixed", "change_reason": "",
}  # fmt: skip


def quarter(day, value, **more):
    """One report in numbers."""
    told = {"as_of": f"{day}T08:00:00Z", "value": value, "formula": "standard-1", "profile": "cis"}
    return told | more


QUARTERS = st.lists(
    st.builds(
        quarter,
        st.dates().map(str),
        st.none() | st.integers(0, 100),
        profile=st.sampled_from(["cis", "pci"]),
    ),
    min_size=1,
    max_size=8,
)


def followed(report, *words, warnings=(), alike=None):
    """The report as the second of two: its first findings have these changes, the rest are open."""
    findings = [each | {"change": "open", "reports": 2} for each in report["findings"]]
    for number, word in enumerate(words):
        findings[number] |= {"change": word, "change_reason": f"reason of {word}"}
    last = {
        "evidence": "P1", "as_of": "2026-07-01T08:00:00Z", "warnings": list(warnings),
        "score": {"then": 40, "now": report["score"]["value"]}, "comparable_score": alike,
    }  # fmt: skip
    then = {**report["history"]["quarters"][-1], **quarter("2026-07-01", 40), "sha256": "b" * 64}
    quarters = [then, *report["history"]["quarters"]]
    history = {"quarters": quarters, "last": last, "gone": [GONE]}
    return report | {"findings": findings, "history": history}


def shown(page):
    """The text of the page, blanks as one."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_first_report_says_that_nothing_is_compared(report, page):
    """And how the next one can be."""
    assert since_last(report) is None
    assert "No earlier report was handed in, so nothing is compared." in page
    assert "Since the last report" not in page


def test_changes_are_counted_by_word_and_severity(report):
    """What is gone counts with what is here."""
    told = since_last(followed(report, "new", "regressed"))
    assert told
    assert sum(sum(each.values()) for each in told.counts.values()) == len(report["findings"]) + 1
    assert (told.new, told.regressed, told.counts["fixed"]["medium"]) == (1, 1, 1)
    assert told.still_open == len(report["findings"]) - 2


def test_each_kind_of_change_has_its_table_and_what_is_open_has_none(report):
    """The worst first, with the reason."""
    told = since_last(followed(report, "accepted", "new", "not comparable", "regressed"))
    assert told
    names = [each.name for each in told.groups]
    assert names == ["new", "regressed", "fixed", "accepted", "not comparable"]
    assert told.groups[1].changes[0]["why"] == "reason of regressed"
    assert Change.OPEN.value not in names


def test_the_page_has_scores_counts_line_and_tables(report, catalogue):
    """On page one and in a chapter of its own, which links to nothing that is not there."""
    alike = {"then": 41, "now": 30, "checks": 99}
    made = followed(report, "new", "regressed", warnings=["other accounts"], alike=alike)
    text = shown(html.render(made, catalogue).decode())
    score = report["score"]["value"]
    assert f"Score 40 on 2026-07-01, now {score}." in text
    assert "By the 99 checks that both reports judged" in text
    assert "Caution: other accounts." in text
    assert "Fixed (1)" in text
    assert "User has two active access keys" in text
    assert "Score by quarter. 2026 Q3: 40, 2026 Q4:" in text


@given(QUARTERS)
def test_every_point_of_the_line_is_inside_its_drawing(quarters):
    """However many quarters, and whatever their scores; higher is better."""
    line = draw_trend(quarters)
    assert len(line.points) == len(quarters)
    for point in line.points:
        assert 0 <= point.x <= WIDTH
        assert 0 <= point.y <= HEIGHT
    scored = [each for each in line.points if each.value is not None]
    assert sorted(scored, key=lambda each: each.value or 0) == sorted(
        scored, key=lambda each: (-each.y, each.value or 0)
    )
    assert line.path.count("M") + line.path.count("L") == len(scored)


@pytest.mark.parametrize(
    ("quarters", "path", "breaks"),
    [
        ([("2026-01-01", 50, {}), ("2026-04-01", 60, {})], "ML", False),
        ([("2026-01-01", 50, {}), ("2026-04-01", 60, {"profile": "pci"})], "MM", True),
        ([("2026-01-01", 50, {}), ("2026-04-01", None, {}), ("2026-07-01", 60, {})], "MM", False),
        ([("2026-01-01", 50, {})], "M", False),
    ],
)
def test_the_line_breaks_where_scores_do_not_compare(quarters, path, breaks):
    """Another formula or profile, or no score at all; the caption says of the first."""
    line = draw_trend([quarter(day, value, **more) for day, value, more in quarters])
    assert re.sub("[^ML]", "", line.path) == path
    assert bool(line.note) is breaks
