"""The `credaudit verify` command: whether files still are those that a report was made from."""

import hashlib
import sys
from pathlib import Path

import click

from analyzer.cli.exit_codes import INCOMPLETE
from analyzer.display import printable
from analyzer.errors import EvidenceError
from analyzer.evidence.input_files import InputFile, read_inputs
from analyzer.evidence.previous_report import load_report


@click.command("verify")
@click.argument("report", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument(
    "inputs",
    nargs=-1,
    required=True,
    metavar="INPUT...",
    type=click.Path(exists=True, path_type=Path),
)
def command(report: Path, inputs: tuple[Path, ...]) -> None:
    """Check that INPUT holds every file that REPORT was made from, unchanged."""
    wanted = load_report(report)["evidence"]
    if not wanted:
        raise EvidenceError("was made from no evidence", where=str(report))
    given = {
        hashlib.sha256(each.data).hexdigest()
        for each in read_inputs(inputs)
        if isinstance(each, InputFile)
    }
    # A workbook is read by what asks for it, and not opened as evidence.
    given |= {hashlib.sha256(each.read_bytes()).hexdigest() for each in inputs if each.is_file()}
    missing = [each for each in wanted if each["sha256"] not in given]
    for each in missing:
        click.echo(printable(f"changed or missing: {each['path']} (SHA-256 {each['sha256']})"))
    click.echo(f"{len(wanted) - len(missing)} of {len(wanted)} files are as they were")
    sys.exit(INCOMPLETE if missing else 0)
