"""What stands between the report and its pages: arithmetic, chapters, exhibits, columns."""

import copy
import math
import re
from fractions import Fraction

import jinja2
import pytest
from markupsafe import Markup

from analyzer.writers import pdf
from analyzer.writers.view.evidence import entry_anchors, evidence_entries
from analyzer.writers.view.page import LONGEST, _environment, _locations_text, stylesheet
from analyzer.writers.view.population import LINES, tables
from analyzer.writers.view.practices import (
    count_by_severity,
    evidence_gaps,
    finding_groups,
    first_actions,
    practice_sections,
)
from analyzer.writers.view.score import score_steps, total_deduction


def test_the_printed_steps_lead_to_the_score(report):
    """Base and limits as printed, the least of them rounded down, give the account's score."""
    for account in report["accounts"]:
        way = score_steps(account)
        limits = [each["limit"] for each in account["score"]["caps"]]
        assert math.floor(min([way.base, *limits])) == account["score"]["value"]


def test_each_deduction_is_its_points_times_its_factor(report):
    """To the tenth that the ledger counts in, and their sum is the figure beside the score."""
    for account in report["accounts"]:
        way = score_steps(account)
        for cost in way.deductions:
            assert cost.points * cost.times == pytest.approx(cost.deduction, abs=0.05)
        total = sum(Fraction(str(cost.deduction)) for cost in way.deductions)
        assert Fraction(str(way.total)) == total
        assert total_deduction(account["score"]["ledger"]) == way.total


def test_accepted_findings_of_lower_severity_are_not_counted(report):
    """The ledger's line says how many cost something."""
    account = copy.deepcopy(report["accounts"][0])
    account["score"]["ledger"] = [
        {"rule": "a", "practice": "mfa", "severity": word, "failed": 3, "accepted": 2}
        | {"deduction": 0.0}
        for word in ("high", "medium")
    ]
    assert [cost.counted for cost in score_steps(account).deductions] == [3, 1]


def test_where_nothing_is_rated_no_figure_is_made_up(report):
    """Neither mean nor base, instead of a zero or a hundred."""
    account = copy.deepcopy(report["accounts"][0])
    for each in account["practices"]:
        each["score"] = None
    assert (score_steps(account).mean, score_steps(account).base) == (None, None)


def test_every_finding_stands_in_one_chapter(report, catalogue):
    """Under its check, and every check of the report has a row."""
    made = practice_sections(report, catalogue)
    found = [each["fingerprint"] for one in made for group in one.groups for each in group.findings]
    assert sorted(found) == sorted(each["fingerprint"] for each in report["findings"])
    rows = {check.entry.id for section in made for check in section.checks}
    assert rows == {rule["id"] for account in report["accounts"] for rule in account["rules"]}


def test_the_first_actions_are_the_worst_open_ones(report, catalogue):
    """Five checks at most, never one that somebody has accepted."""
    actions = first_actions(report, catalogue)
    assert len(actions) == 5
    assert actions[0].entry.severity.value == "critical"
    changed = copy.deepcopy(report)
    for finding in changed["findings"]:
        if finding["rule"] == actions[0].entry.id:
            finding["status"] = "accepted"
    assert actions[0].entry.id not in {each.entry.id for each in first_actions(changed, catalogue)}
    assert sum(count_by_severity(changed).values()) == len(report["findings"]) - len(
        actions[0].findings
    )


def test_an_accepted_finding_stands_behind_the_open_ones(report, catalogue):
    """It is still shown."""
    changed = copy.deepcopy(report)
    several = next(each for each in finding_groups(report, catalogue) if len(each.findings) > 1)
    first = several.first["fingerprint"]
    for finding in changed["findings"]:
        if finding["fingerprint"] == first:
            finding["status"] = "accepted"
    same = next(
        each for each in finding_groups(changed, catalogue) if each.entry.id == several.entry.id
    )
    assert same.findings[-1]["fingerprint"] == first
    assert same.open == len(same.findings) - 1


def test_each_gap_is_told_once_with_all_its_checks(report):
    """No check is lost when needs are put together."""
    told = {
        (rule, name) for gap in evidence_gaps(report) for rule in gap.rules for name in gap.accounts
    }
    assert told == {(gap["rule"], gap["account"]) for gap in report["coverage"]["evidence_gaps"]}


def test_every_file_stands_in_one_line_of_the_evidence(report):
    """Many small exports of a kind together, and each id leads to its line."""
    listed = evidence_entries(report)
    ids = [artifact["id"] for each in listed for artifact in each.artifacts]
    assert sorted(ids) == sorted(each["id"] for each in report["evidence"])
    assert set(entry_anchors(listed)) == set(ids)
    bundles = [each for each in listed if each.is_bundle]
    assert bundles
    assert all(each.name.endswith("/") for each in bundles)


def test_columns_of_one_row_are_told_together():
    """A row is looked up once."""
    place = {"row": 3, "pointer": "/Content"}
    both = [place | {"column": "mfa_active"}, place | {"column": "password_enabled"}]
    assert _locations_text(both) == "row 3, columns mfa_active, password_enabled"
    assert _locations_text(both[:1]) == "row 3, column mfa_active"
    many = [place | {"row": number, "column": "user"} for number in range(1, 8)]
    assert _locations_text(many).endswith("; 3 more in report.json")


def test_lines_on_paper_are_cut_not_wrapped(report):
    """Every line of a table has its columns at the same places, whatever a name holds."""
    account = copy.deepcopy(report["accounts"][0])
    users = account["population"]["users"]
    users[0]["user"] = "n" * 300 + "\u202e"
    blocks = list(tables(account)[0].blocks(1000))
    assert len(blocks) == -(-len(users) // LINES)
    head, lines = blocks[0]
    at = head.index("Created")
    assert lines[0][at - 3] == "…"
    assert {line[at : at + 2] for line in lines} <= {"20", "  ", ""}


def test_paper_shows_fewer_of_each_when_there_are_very_many(report):
    """Down to a floor; a small report is cut at the usual number only."""
    assert pdf.findings_per_check({"findings": [{"rule": "a"}] * 400}) == pdf.FINDINGS
    crowd = [{"rule": str(number % 40)} for number in range(4000)]
    assert pdf.findings_per_check({"findings": crowd}) == pdf.BUDGET // 40
    assert (
        pdf.findings_per_check({"findings": [{"rule": str(n % 90)} for n in range(9000)]})
        == pdf.FEWEST
    )
    assert pdf.findings_per_check(report) == pdf.FINDINGS


def test_no_text_gets_past_the_two_gates(tmp_path):
    """Escaped and made visible without a filter being asked for; an unknown name is an error."""
    (tmp_path / "a.html.j2").write_text("{{ name }}{{ ours }}{% if missing %}{% endif %}")
    template = _environment(tmp_path).get_template("a.html.j2")
    with pytest.raises(jinja2.UndefinedError):
        template.render(name="", ours="")
    (tmp_path / "b.html.j2").write_text("{{ name }}{{ ours }}")
    template = _environment(tmp_path).get_template("b.html.j2")
    made = template.render(name="<b>\u202e\x00", ours=Markup("<i>"))
    assert made == "&lt;b&gt;\\u202e\\x00<i>"


def test_a_word_without_end_is_cut_on_paper_only(tmp_path):
    """A path in a repository can be of any length, and the renderer takes minutes to break it."""
    (tmp_path / "a.html.j2").write_text("<b>{{ name }}</b>")
    name = f"{'x' * 10_000} y {'z' * LONGEST}"
    screen, paper = (
        _environment(tmp_path, is_paper=each).get_template("a.html.j2").render(name=name)
        for each in (False, True)
    )
    assert screen == f"<b>{name}</b>"
    assert paper == f"<b>{'x' * LONGEST}… y {'z' * LONGEST}</b>"


def test_a_check_that_differs_by_account_says_where(report, catalogue):
    """Where accounts differ, each result stands with its account."""
    checks = [each for section in practice_sections(report, catalogue) for each in section.checks]
    apart = next(each for each in checks if not each.is_alike)
    assert apart.worst == apart.results[0][0]
    assert sum(len(accounts) for _, accounts in apart.results) == len(report["accounts"])


def test_text_is_readable_in_light_and_dark():
    """Contrast of 4.5 and more for every colour of text, on light and on dark paper."""
    style = stylesheet("screen.css")
    for scheme in re.findall(r":root \{([^}]*--pass[^}]*)\}", style):
        colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{3,6})", scheme))
        for name in ("ink", "soft", "accent", "critical", "high", "medium", "low", "info", "pass"):
            for paper in ("paper", "tint", "mark"):
                assert contrast(colours[name], colours[paper]) >= 4.5, (name, paper)


def contrast(one, other):
    """The ratio that WCAG 2 defines."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    """Relative luminance of #rgb or #rrggbb."""
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_each_variant_of_a_check_is_a_group_with_an_anchor_of_its_own(report, catalogue):
    """Its severity and words are its own; the check's own anchor is always there."""
    changed = copy.deepcopy(report)
    rule = "user-effective-admin"
    [first] = [each for each in changed["findings"] if each["rule"] == rule][:1]
    milder = first | {"variant": "no-way-in", "severity": "low", "fingerprint": "f" * 32}
    changed["findings"].append(milder)
    groups = [each for each in finding_groups(changed, catalogue) if each.entry.id == rule]
    assert {each.anchor: each.entry.severity.value for each in groups} == {
        rule: "high",
        f"{rule}-no-way-in": "low",
    }
    changed["findings"].remove(first)
    groups = [each for each in finding_groups(changed, catalogue) if each.entry.id == rule]
    assert any(each.anchor == rule for each in groups)
