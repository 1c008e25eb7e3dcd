"""A format is a module and a row: the command line knows no format by itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.cli.audit import command as audit_command
from analyzer.cli.scan import command as scan_command
from analyzer.writers import json as json_writer
from analyzer.writers.formats import AUDIT_FORMATS, SCAN_FORMATS, render_file

ROOT = Path(__file__).parents[2]
PACK = ROOT / "sample_reports" / "evidence" / "northwind"
TSV = '''"""In: the report. Out: findings.tsv."""


def render(report):
    """A line a finding."""
    lines = ("\\t".join((each["rule"], each["resource"])) for each in report["findings"])
    return "".join(f"{line}\\n" for line in lines).encode()
'''
ROW = 'AUDIT_FORMATS = (\n    Format("tsv", {"findings.tsv": "analyzer.writers.tsv:render"}),\n'


@pytest.mark.parametrize(
    ("command", "formats"), [(audit_command, AUDIT_FORMATS), (scan_command, SCAN_FORMATS)]
)
def test_the_command_line_offers_the_rows_in_their_order(command, formats):
    """A row that nobody can ask for, or a choice that nobody renders, would break this."""
    (option,) = [each for each in command.params if "--format" in each.opts]
    assert list(option.type.choices) == [each.name for each in formats]


def test_each_file_has_one_row():
    """Two formats that write the same file would lose one of them."""
    for formats in (AUDIT_FORMATS, SCAN_FORMATS):
        names = [name for each in formats for name in each.files]
        assert len(names) == len(set(names))


def test_a_row_leads_to_the_function_that_renders_the_file(report):
    """The target is a module and a function of it."""
    assert render_file("analyzer.writers.json:render", report) == json_writer.render(report)


def test_a_new_format_takes_a_module_and_a_row(tmp_path):
    """Added as CONTRIBUTING says, to a copy of the package, it is offered, written and named."""
    for folder in ("analyzer", "templates"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    (tmp_path / "analyzer" / "writers" / "tsv.py").write_text(TSV)
    table = tmp_path / "analyzer" / "writers" / "formats.py"
    table.write_text(table.read_text().replace("AUDIT_FORMATS = (\n", ROW))
    ended = subprocess.run(
        [sys.executable, "-m", "analyzer", "audit", PACK, "-f", "tsv", "-o", "out"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["findings.tsv"]
    assert "arn:aws:iam::" in (tmp_path / "out" / "findings.tsv").read_text()
