"""A wheel holds the same program as the checkout: templates, catalogue and samples included."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder into which a wheel built from this checkout was installed."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    built = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([*pip, *built], check=True)
    (wheel,) = folder.glob("credaudit-*.whl")
    target = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def test_the_installed_program_makes_every_report(installed, tmp_path):
    """From another folder, with nothing of the checkout in reach."""
    ended = subprocess.run(
        [sys.executable, "-m", "analyzer", "demo", "-o", "out"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "report.html", "report.pdf", "report.json", "findings.csv", "population.csv",
    }  # fmt: skip


def test_the_wheel_holds_no_tests_and_no_top_level_but_its_own(installed):
    """Two names: the package and its metadata (and pip's folder of scripts)."""
    names = {path.name for path in installed.iterdir()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"analyzer", "bin"}
