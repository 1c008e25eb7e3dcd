"""The chapter of controls: what is chosen, and each control as a work paper."""

from pathlib import Path

import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.writers import html
from analyzer.writers.view.controls import framework_sheets
from analyzer.writers.view.page import render_page
from tests.writers.document.golden_controls import golden_account

NONE = frozenset[str]()
"""No finding that the page shows."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The exports of the golden account."""
    return golden_account().write(tmp_path_factory.mktemp("one") / "exports")


@pytest.fixture(scope="module")
def report(folder: Path):
    """Its report."""
    return audit(Settings(inputs=(folder,)))


def shown(report, **more):
    """The ids of the frameworks that are shown."""
    sheets = framework_sheets(report, NONE, **{"is_paper": False, "most": 10, **more})
    return [each.framework["id"] for each in sheets]


def with_tool(report, **members):
    """The report of another run."""
    return report | {"tool": report["tool"] | members}


def sheet_of(report, framework, control, **more):
    """One control."""
    names = frozenset(each["fingerprint"] for each in report["findings"])
    sheets = framework_sheets(report, names, **{"is_paper": False, "most": 10, **more})
    found = next(each for each in sheets if each.framework["id"] == framework)
    return next(each for each in found.sheets if each.control["id"] == control)


def test_a_page_shows_every_framework_unless_some_were_chosen(report):
    """They are folded, so none is in the way."""
    assert shown(report) == [each["id"] for each in report["frameworks"]]
    assert shown(with_tool(report, frameworks=["hipaa"])) == ["hipaa"]


@pytest.mark.parametrize(
    ("profile", "frameworks"),
    [
        ("cis", ["cis_7_0"]),
        ("pci", ["cis_7_0", "pci_dss_4_0"]),
        ("fsbp", ["cis_7_0", "aws_fsbp"]),
    ],
)
def test_paper_shows_the_newest_cis_and_the_profiles_own(report, profile, frameworks):
    """Fifteen frameworks would be a book."""
    assert shown(with_tool(report, profile=profile), is_paper=True) == frameworks
    chosen = with_tool(report, frameworks=["soc2"])
    assert shown(chosen, is_paper=True) == ["soc2"]


def test_a_work_paper_names_files_exceptions_and_a_conclusion(report):
    """All that a reviewer asks for, in one place."""
    (paper,) = sheet_of(report, "cis_5_0", "1.9").papers
    assert [file["kind"] for _, file in paper.files] == ["credential_report"]
    (line,) = paper.exceptions
    assert line.resource.endswith("user/ann")
    assert line.anchor == f"f-{paper.row['exceptions'][0]}"
    assert paper.conclusion == "Not met: 1 exception."


def test_a_proxy_is_never_said_to_be_met(report):
    """Nothing was found, and that is all that can be said."""
    for framework in framework_sheets(report, NONE, is_paper=False, most=10):
        for sheet in framework.sheets:
            for paper in sheet.papers:
                is_met = paper.conclusion.startswith("Met")
                assert is_met == (paper.row["status"] == "pass"), sheet.anchor


def test_a_control_that_is_not_covered_has_no_paper(report):
    """The table says why."""
    assert not sheet_of(report, "cis_7_0", "2.1.4").papers


def test_exceptions_beyond_the_most_are_counted(report):
    """None drops out in silence."""
    row = sheet_of(report, "nist_800_53_r5", "AC-6", most=1).papers[0]
    assert len(row.exceptions) == 1
    assert row.more_exceptions == row.row["failed"] - 1


def test_a_paper_links_to_findings_that_the_page_has(report):
    """And to files of its list of evidence."""
    page = html.render(with_tool(report, frameworks=["cis_5_0"])).decode()
    part = page[page.index('id="controls"') : page.index('id="gaps"')]
    links = {each.split('"')[0] for each in part.split('href="#')[1:]}
    assert links
    assert all(f'id="{each}"' in page for each in links)
    assert "CIS AWS Foundations Benchmark 5.0" in part
    assert "Benchmark 7.0" not in part


def test_paper_has_a_table_and_the_papers_of_the_chosen(report, catalogue):
    """With the threshold that the control names."""
    chosen = with_tool(report, frameworks=["pci_dss_4_0"])
    page = render_page(
        "print.html.j2", chosen, catalogue, paper=True, most=5, most_rows=50, style="", attached=()
    )
    part = page[page.index('id="controls"') : page.index('id="gaps"')]
    assert "passwords have at least 12 characters" in part
    assert "Thresholds of the control: password length 12" in part
    assert "<details" not in part
