"""The `credaudit verify` command: whether files still are those that a report was made from."""

import hashlib
import json
import sys
from pathlib import Path

import click

from analyzer.cli.outcome import INCOMPLETE
from analyzer.display import visible
from analyzer.errors import EvidenceError
from analyzer.evidence.containers import Member, members


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
    try:
        wanted = json.loads(report.read_bytes())["evidence"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"is no report ({error})", where=str(report)) from None
    given = {
        hashlib.sha256(each.data).hexdigest()
        for each in members(inputs)
        if isinstance(each, Member)
    }
    missing = [each for each in wanted if each["sha256"] not in given]
    for each in missing:
        click.echo(visible(f"changed or missing: {each['path']} (SHA-256 {each['sha256']})"))
    click.echo(f"{len(wanted) - len(missing)} of {len(wanted)} files are as they were")
    sys.exit(INCOMPLETE if missing else 0)
