"""`credaudit compare`: the newest report against those before it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from analyzer.cli.exit_codes import DONE, FOUND
from analyzer.errors import EvidenceError

_FORMATS = ("text", "json", "markdown", "html")
_FAILING = ("new", "regressed")


@click.command("compare")
@click.argument(
    "reports", nargs=-1, required=True, metavar="OLD... NEW", type=click.Path(path_type=Path)
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="text",
    show_default=True,
    help="What to write.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write to.  [default: standard output]",
)
@click.option("--all", "lists_open", is_flag=True, help="List what is still open, too (text).")
@click.option(
    "--fail-on",
    type=click.Choice([*_FAILING, "never"]),
    multiple=True,
    default=("never",),
    help="Exit with 1 for new or for regressed findings; may be given again.  [default: never]",
)
def command(**options: Any) -> None:  # noqa: ANN401 - click hands over what was typed
    """Compare NEW, a report.json, with OLD: earlier ones, or folders of them.

    What is new, fixed, regressed (it was fixed in between), accepted, and still open.
    """
    document = _compare(options["reports"])
    text = _render(document, options["form"], lists_open=options["lists_open"])
    if options["output"]:
        from analyzer.writers.atomic_file import write

        write(options["output"], text.encode("utf-8"))
    else:
        click.echo(text, nl=False)
    found = {each for each in _FAILING if any(document["counts"][each].values())}
    sys.exit(FOUND if found & set(options["fail_on"]) else DONE)


def _compare(reports: tuple[Path, ...]) -> dict[str, Any]:
    """The document of the comparison. EvidenceError for a report that lacks what it reads."""
    # Only here: the formula needs all checks, and --help none of them.
    from analyzer.evidence.earlier_reports import read_earlier_reports
    from analyzer.evidence.previous_report import open_report
    from analyzer.rules.catalogue import load_catalogue
    from analyzer.tracking.comparison import compare, find_damage
    from analyzer.writers.comparison.document import comparison_document

    *old, new = reports
    if not old:
        raise click.UsageError("give two reports at least: OLD... NEW")
    catalogue = load_catalogue()
    now = open_report(new).document
    earlier = read_earlier_reports(old).reports
    for document, where in (
        (now, str(new)),
        *((each.document, each.artifact.path) for each in earlier),
    ):
        if damage := find_damage(document, catalogue):
            raise EvidenceError(damage, where=where)
    before = [each.document for each in earlier]
    return comparison_document(before[-1], now, compare(before, now, catalogue))


def _render(document: Mapping[str, Any], form: str, *, lists_open: bool) -> str:
    """The document in one of the formats, with a line end behind its last line."""
    from analyzer.writers.comparison.markdown import render_markdown
    from analyzer.writers.comparison.page import render_comparison_page
    from analyzer.writers.comparison.text import render_text

    if form == "json":
        return json.dumps(document, indent=1) + "\n"
    if form == "html":
        return render_comparison_page(document) + "\n"
    lines = (
        render_markdown(document)
        if form == "markdown"
        else render_text(document, lists_open=lists_open)
    )
    return "".join(f"{line}\n" for line in lines)
