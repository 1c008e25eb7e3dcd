"""What stands between the report and its pages: arithmetic, chapters, exhibits, columns."""

import copy
import re

import jinja2
import pytest
from markupsafe import Markup

from analyzer.writers import html, pdf
from analyzer.writers.document.parts import location_text
from analyzer.writers.view.evidence import citations, entry_anchors, evidence_entries
from analyzer.writers.view.page import LONGEST, _locations_text, page_environment, stylesheet
from analyzer.writers.view.population import LINES, tables
from tests.writers.leaked_report import CELL, SPOT, plain


def test_a_problem_without_a_file_is_not_called_a_file(report, catalogue):
    """An account of the last report can be missing as a whole."""
    changed = copy.deepcopy(report)
    changed["problems"] = [{"where": "", "what": "account 1 is missing", "remedy": ""}]
    told = plain(html.render(changed, catalogue).decode())
    assert "Problems with the evidence: 1 ( appendix B )" in told
    assert "could not be used (" not in told


def test_a_repository_called_like_an_exhibit_is_none():
    """Its places are not cited as those of an export, with the digest of that."""
    artifact = {"id": "E1", "path": "credential-report.json", "sha256": "0" * 64}
    finding = {"places": [SPOT | {"repository": "E1"}, CELL]}
    first, second = citations(finding, {"E1": artifact}, {"E1": "E1"})
    assert (first.artifact, first.anchor, first.source) == (None, "", "E1")
    assert (second.artifact, second.anchor, second.source) == (artifact, "E1", artifact["path"])


def test_a_place_in_the_root_folder_of_a_machine_has_words():
    """That folder has no name."""
    assert location_text(SPOT | {"repository": ""}) == f"{SPOT['commit'][:12]}:deploy.env:1"


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
    assert pdf.findings_per_check(crowd(400, checks=1)) == pdf.FINDINGS
    assert pdf.findings_per_check(crowd(4000, checks=40)) == pdf.BUDGET // 40
    assert pdf.findings_per_check(crowd(9000, checks=90)) == pdf.FEWEST
    assert pdf.findings_per_check(report) == pdf.FINDINGS
    variants = {"findings": [{"rule": "a", "variant": str(n % 30)} for n in range(3000)]}
    assert pdf.findings_per_check(variants) == pdf.BUDGET // 30


def crowd(findings, *, checks):
    """So many findings of so many checks."""
    return {"findings": [{"rule": str(n % checks), "variant": None} for n in range(findings)]}


def test_no_text_gets_past_the_two_gates(tmp_path):
    """Escaped and made visible without a filter being asked for; an unknown name is an error."""
    (tmp_path / "a.html.j2").write_text("{{ name }}{{ ours }}{% if missing %}{% endif %}")
    template = page_environment(tmp_path).get_template("a.html.j2")
    with pytest.raises(jinja2.UndefinedError):
        template.render(name="", ours="")
    (tmp_path / "b.html.j2").write_text("{{ name }}{{ ours }}")
    template = page_environment(tmp_path).get_template("b.html.j2")
    made = template.render(name="<b>\u202e\x00", ours=Markup("<i>"))
    assert made == "&lt;b&gt;\\u202e\\x00<i>"


def test_a_word_without_end_is_cut_on_paper_only(tmp_path):
    """A path in a repository can be of any length, and the renderer takes minutes to break it."""
    (tmp_path / "a.html.j2").write_text("<b>{{ name }}</b>")
    name = f"{'x' * 10_000} y {'z' * LONGEST}"
    screen, paper = (
        page_environment(tmp_path, is_paper=each).get_template("a.html.j2").render(name=name)
        for each in (False, True)
    )
    assert screen == f"<b>{name}</b>"
    assert paper == f"<b>{'x' * LONGEST}… y {'z' * LONGEST}</b>"


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
