"""A wheel holds the same program as the checkout: templates, catalogue and samples included."""

import pytest

pytestmark = pytest.mark.xdist_group("demo")


def test_the_installed_program_makes_every_report(demo):
    """From another folder, with nothing of the checkout in reach."""
    ended, out = demo
    assert ended.returncode == 0, ended.stderr
    assert {path.name for path in out.iterdir()} == {
        "report.html", "report.pdf", "report.json", "findings.csv", "population.csv",
        "controls.csv",
    }  # fmt: skip


def test_the_wheel_holds_no_tests_and_no_top_level_but_its_own(installed):
    """Two names: the package and its metadata (and a folder for its script)."""
    names = {path.name for path in installed.iterdir()} - {".lock"}  # the installer's own
    assert {name for name in names if not name.endswith(".dist-info")} == {"analyzer", "bin"}
