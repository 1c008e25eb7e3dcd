"""In: what there is to say. Out: text on stderr, an answer's bytes on stdout.

Colour and progress are for terminals alone.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from analyzer.cli.exit_codes import SEVERITIES
from analyzer.display import printable
from analyzer.errors import OutputError
from analyzer.leaks.options import OnProgress, Progress

_STDOUT = "standard output"
_OBJECTS_PER_LINE = 50_000
_BYTES_PER_LINE = 256 * 1024 * 1024
"""After so many the log gets a line: every few seconds, on most machines."""


def warn(text: str) -> None:
    """One line to the person at the terminal, whatever a file name in it holds."""
    click.echo(f"credaudit: {printable(text)}", err=True)


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a person reads the stream; nobody does where it was closed before the start."""
    return stream is not None and stream.isatty()


def print_bytes(data: bytes) -> None:
    """Writes all of it to stdout; a reader who has seen enough, such as `head`, is no failure.

    Raises OutputError for any other reason not to be written.
    """
    if sys.stdout is None:
        raise OutputError("is closed", where=_STDOUT)
    try:
        click.echo(data, nl=False)
    except OSError as error:
        # Python flushes stdout once more at its end, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise OutputError(error.strerror or "can't be written", where=_STDOUT) from None


@contextmanager
def show_progress(what: str, *, quiet: bool) -> Iterator[None]:
    """A spinner while the block runs, on a terminal; nothing elsewhere."""
    if quiet or not is_terminal(sys.stderr):
        yield
        return
    # Only here: rich takes a twentieth of a second, and a pipe needs none of it.
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def show_progress_bar(what: str, *, quiet: bool) -> Iterator[OnProgress | None]:
    """A bar while the block runs, on a terminal; what it yields moves the bar on.

    Elsewhere, as in a workflow's log, a line now and then; none for a short run.
    """
    if quiet or not is_terminal(sys.stderr):
        yield None if quiet else _line_printer(what)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda now: bar.update(task, completed=now.done, total=now.total)


def _line_printer(what: str) -> OnProgress:
    """Prints a line each time so many more objects, or bytes, are read: never by the clock."""
    last = 0

    def tell(now: Progress) -> None:
        nonlocal last
        step = now.objects // _OBJECTS_PER_LINE + now.size // _BYTES_PER_LINE
        if step > last:
            last = step
            share = 100 * now.done // now.total
            size = now.size // 1_000_000
            warn(f"{what}: {now.objects:,} objects, {size:,} MB, {share} % of what is known so far")

    return tell


def print_summary(report: Mapping[str, Any], written: Sequence[Path]) -> None:
    """Score, findings by severity and practice, and where the files are."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    score = report["score"]
    shown = "none" if score["value"] is None else f"{score['value']}"
    console.print(f"score {shown}, {score['grade']}, coverage {score['coverage']} %")
    if asked := {each["needs"] for each in report["coverage"]["not_requested"]}:
        console.print(f"not requested: {'; '.join(sorted(asked)).replace('needs ', '')}")
    counts = Counter(
        each["severity"] if each["status"] == "open" else "accepted" for each in report["findings"]
    )
    parts = [f"{counts[name]} {name}" for name in (*SEVERITIES, "accepted") if counts[name]]
    console.print(f"findings: {', '.join(parts) or 'none'}")
    table = Table(box=None, pad_edge=False, show_header=False)
    for account in report["accounts"]:
        label = f"{account['alias'] or 'account'} ({account['id']})"
        value = account["score"]["value"]
        grade = account["score"]["grade"]
        # Text, since rich reads "[/b]" in a string as style, and an alias can be anything.
        table.add_row(Text(printable(label)), "none" if value is None else str(value), grade)
    if len(report["accounts"]) > 1:
        console.print(table)
    if not all(account["as_of_stated"] for account in report["accounts"]):
        console.print(
            "ages are lower bounds: no file says when it was made; say the audit date with --as-of"
        )
    for path in written:
        console.print(f"wrote {path}", markup=False, soft_wrap=True)
