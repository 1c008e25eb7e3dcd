"""In: the answer to a question. Out: text on stdout, as a table or as JSON.

No name of an export can style, move or hide anything of it.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analyzer.display import printable

_WIDEST = 100_000


def print_json(answer: Mapping[str, Any]) -> None:
    """The answer as JSON on stdout, in plain ASCII whatever the names hold."""
    click.echo(json.dumps(answer, indent=2))


def print_table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """A table: a terminal gets it folded to its width, a pipe one line a row."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(table)
        return
    console = Console(highlight=False, width=_WIDEST)
    with console.capture() as drawn:
        console.print(table)
    for line in drawn.get().splitlines():
        click.echo(line.rstrip())


def print_caveats(sentences: Iterable[str]) -> None:
    """The sentences under an answer."""
    for each in sentences:
        click.echo(f"note: {printable(each)}")


def format_locations(locations: Iterable[Mapping[str, str]]) -> str:
    """Policies and where they stand, in one piece: `name (file:pointer); …`."""
    return "; ".join(
        f"{each['policy']} ({each['evidence']}:{each['pointer']})" for each in locations
    )
