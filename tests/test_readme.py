"""The README says what is true: its help block, its figures, its commands."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from analyzer.cli import credaudit
from analyzer.reach.catalogue import load as paths
from analyzer.rules.catalogue import load
from analyzer.rules.run import checks

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
HELP = re.compile(
    r"<!-- help: (?P<command>.+) -->\n```\n(?P<text>.*?)```\n<!-- end of help -->", re.DOTALL
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


def test_the_numbers_of_checks_and_paths_are_right():
    """As many as the catalogues have, and all of them are built."""
    assert set(load().entries) == set(checks())
    assert f"lists the {len(checks())} checks" in README
    assert f"From there {len(paths())} known paths" in README


def test_every_command_named_exists():
    """No example calls a command that is not there."""
    named = set(re.findall(r"^    credaudit ([\w-]+)", README, re.MULTILINE))
    assert named
    assert named <= set(credaudit.commands_in)
