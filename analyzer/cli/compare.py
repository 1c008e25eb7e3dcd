"""`credaudit compare`: one report against another."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from analyzer.display import printable
from analyzer.errors import EvidenceError
from analyzer.evidence.previous_report import load_report
from analyzer.tracking import Change, compare


@click.command("compare")
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(old: Path, new: Path) -> None:
    """Compare the report.json of two quarters: new, open, fixed, accepted, reopened."""
    before, after = _read_report(old), _read_report(new)
    deltas = compare(before, after)
    for change in Change:
        same = [each for each in deltas if each.change is change]
        if same:
            click.echo(f"{change.value} ({len(same)})")
        for each in same:
            click.echo(printable(f"  {each.severity:8} {each.rule}  {each.resource}"))
    scores = [_score_text(report) for report in (before, after)]
    click.echo(f"score {scores[0]} -> {scores[1]}")
    if _differ(before, after, "formula", "catalogue"):
        click.echo("the two scores were made by different catalogues or formulas: not comparable")
    if _differ(before, after, "profile"):
        profiles = " and ".join(report["tool"]["profile"] for report in (before, after))
        click.echo(f"made by the thresholds of {profiles}: what is new or fixed may be due to that")


def _read_report(file: Path) -> dict[str, Any]:
    """The report. EvidenceError for one that lacks what a comparison reads."""
    report = load_report(file)
    try:
        compare(report, report)
        _score_text(report)
        _differ(report, report, "formula", "catalogue", "profile")
    except (KeyError, TypeError, AttributeError) as error:
        raise EvidenceError(f"lacks {error}", where=str(file)) from None
    return report


def _score_text(report: Mapping[str, Any]) -> str:
    value = report["score"]["value"]
    return "none" if value is None else str(value)


def _differ(before: Mapping[str, Any], after: Mapping[str, Any], *names: str) -> bool:
    return any(before["tool"][name] != after["tool"][name] for name in names)
