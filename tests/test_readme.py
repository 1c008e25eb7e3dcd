"""The README says what is true: its help block, its figures, its commands."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from analyzer.cli import credaudit
from analyzer.privesc.catalogue import load_paths as paths
from analyzer.risk.exposure import ExposureLevel
from analyzer.risk.key_status import KeyStatus
from analyzer.rules.catalogue import load_catalogue
from analyzer.rules.engine import checks_by_rule
from analyzer.rules.joined_leak_severity import TABLE
from tests.leaks.leak_material import credentials_file

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HELP = re.compile(
    r"<!-- help: (?P<command>[^\n]+) -->\n```\n(?P<text>.*?)```\n<!-- end of help -->", re.DOTALL
)


@pytest.mark.parametrize("block", list(HELP.finditer(README)), ids=lambda block: block["command"])
def test_help_blocks_are_what_the_program_prints(block):
    """Print the new one with: credaudit audit --help."""
    arguments = block["command"].split()[1:]
    shown = CliRunner().invoke(
        credaudit, [*arguments, "--help"], prog_name="credaudit", terminal_width=100
    )
    assert block["text"] == shown.output


def test_there_is_a_help_block():
    """The test above would pass on a README without any."""
    assert HELP.search(README)


def test_the_workflow_scans_and_hands_on_what_it_found(tmp_path):
    """Its step, run where a key lies, fails and leaves the file that the next one takes."""
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    steps = yaml.safe_load(block)["jobs"]["keys"]["steps"]
    (line,) = (step["run"] for step in steps if step.get("run", "").startswith("credaudit"))
    (upload,) = (step for step in steps if "upload-sarif" in step.get("uses", ""))
    (tmp_path / "deploy.env").write_text(credentials_file(1))
    command = [sys.executable, "-m", "analyzer", *shlex.split(line)[1:]]
    there = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=tmp_path, env=there, check=False)
    written = json.loads((tmp_path / upload["with"]["sarif_file"]).read_text())
    assert (ended.returncode, len(written["runs"][0]["results"])) == (1, 1)
    assert upload["if"] == "always()"


def test_the_numbers_of_checks_and_paths_are_right():
    """As many as the catalogues have, and all of them are built."""
    assert set(load_catalogue().entries) == set(checks_by_rule())
    assert f"lists the {len(checks_by_rule())} checks" in README
    assert f"From there {len(paths())} known paths" in README


def test_every_command_named_exists():
    """No example calls a command that is not there."""
    named = set(re.findall(r"^    credaudit ([\w-]+)", README, re.MULTILINE))
    assert named
    assert named <= set(credaudit.commands_in)


def test_the_severities_of_leaked_keys_are_those_of_the_program():
    """The table is read cell by cell and compared with the one that judges."""
    table = README.partition("<!-- severities of leaked keys -->")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n")[3:]]
    assert [row[0] for row in rows] == [
        each.value for each in ExposureLevel if each != ExposureLevel.DOUBTFUL
    ]
    columns = (
        (KeyStatus.ACTIVE,),
        (KeyStatus.INACTIVE,),
        (KeyStatus.ROTATED,),
        (KeyStatus.DELETED, KeyStatus.EXPIRED),
    )
    for what, *cells in rows:
        for cell, statuses in zip(cells, columns, strict=True):
            for status in statuses:
                assert cell == " / ".join(TABLE[ExposureLevel(what), status])
