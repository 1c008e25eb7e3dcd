"""In: what there is to say. Out: text on stderr; colour and progress only on a terminal."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from analyzer.cli.outcome import SEVERITIES
from analyzer.display import visible


def say(text: str) -> None:
    """One line to the person at the terminal, whatever a file name in it holds."""
    click.echo(f"credaudit: {visible(text)}", err=True)


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[None]:
    """A spinner while the block runs, on a terminal; nothing elsewhere."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


def summary(report: Mapping[str, Any], written: Sequence[Path]) -> None:
    """Score, findings by severity and practice, and where the files are."""
    console = Console(stderr=True, highlight=False)
    score = report["score"]
    shown = "none" if score["value"] is None else f"{score['value']}"
    console.print(f"score {shown}, {score['grade']}, coverage {score['coverage']} %")
    counts = Counter(each["severity"] for each in report["findings"])
    parts = [f"{counts[name]} {name}" for name in SEVERITIES if counts[name]]
    console.print(f"findings: {', '.join(parts) or 'none'}")
    table = Table(box=None, pad_edge=False, show_header=False)
    for account in report["accounts"]:
        label = f"{account['alias'] or 'account'} ({account['id']})"
        value = account["score"]["value"]
        grade = account["score"]["grade"]
        table.add_row(visible(label), "none" if value is None else str(value), grade)
    if len(report["accounts"]) > 1:
        console.print(table)
    for path in written:
        console.print(f"wrote {path}", markup=False, soft_wrap=True)
