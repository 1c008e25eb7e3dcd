"""`credaudit compare`: one report against another."""

from pathlib import Path

import click

from analyzer.display import printable
from analyzer.evidence.previous_report import load_report
from analyzer.tracking import Change, compare


@click.command("compare")
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(old: Path, new: Path) -> None:
    """Compare the report.json of two quarters: new, open, fixed, accepted, reopened."""
    before, after = load_report(old), load_report(new)
    deltas = compare(before, after)
    for change in Change:
        same = [each for each in deltas if each.change is change]
        if same:
            click.echo(f"{change.value} ({len(same)})")
        for each in same:
            click.echo(printable(f"  {each.severity:8} {each.rule}  {each.resource}"))
    scores = [report["score"]["value"] for report in (before, after)]
    click.echo(f"score {scores[0]} -> {scores[1]}")
    formulas = {report["tool"]["formula"] for report in (before, after)}
    catalogues = {report["tool"]["catalogue"] for report in (before, after)}
    if len(formulas) > 1 or len(catalogues) > 1:
        click.echo("the two scores were made by different catalogues or formulas: not comparable")
