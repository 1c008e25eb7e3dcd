"""`credaudit scan`: leaked credentials in repositories, folders and files, of no account."""

import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from analyzer.cli.console import show_progress_bar, warn
from analyzer.cli.exit_codes import DONE, FOUND, INCOMPLETE, SEVERITIES, has_credentials
from analyzer.errors import ConfigurationError, EvidenceError
from analyzer.files import Skipped
from analyzer.leaks.key_id import DOCUMENTATION_ACCOUNTS
from analyzer.leaks.model import LeakScan, ScanCoverage
from analyzer.leaks.options import STANDARD_INPUT, Detectors, OnProgress, ScanOptions, display_names
from analyzer.writers.formats import SCAN_FORMATS, Format, render_file

_FORMATS = {each.name: each for each in SCAN_FORMATS}
LARGEST_INPUT = 256 * 1024 * 1024
"""Bytes taken from a pipe: what is larger has to lie in a file, which is read piece by piece."""
_SELDOM = 200_000
_PIPE = Path("-")


@click.command("scan")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(tuple(_FORMATS)),
    default="text",
    show_default=True,
    help="What to write.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there.  [default: standard output]",
)
@click.option("--no-history", is_flag=True, help="Only files, no history of a repository.")
@click.option("--staged", is_flag=True, help="Only what is staged for the next commit.")
@click.option(
    "--detectors",
    type=click.Choice([each.value for each in Detectors]),
    default=Detectors.AWS.value,
    show_default=True,
    help="Look for AWS credentials, or run the plugins of detect-secrets too (slow).",
)
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Set aside what stands in this baseline of detect-secrets, if it exists.",
)
@click.option(
    "--write-baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a baseline of what was found, to be audited and handed in next time.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["any", "never", *SEVERITIES]),
    default="any",
    show_default=True,
    help="Exit with 1 for a credential this bad or worse that is not set aside.",
)
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Remember there what packs hold, for the next scan.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes.  [default: one a processor]",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what was found, and errors.")
def command(**options: Any) -> None:  # noqa: ANN401 - click hands over what was typed
    """Search PATH for AWS credentials: repositories, folders, files; - is standard input.

    Exit codes: 0 nothing found, 1 something found (see --fail-on, whatever the format), 2 usage,
    3 nothing to scan, something unreadable, or an output not written.
    """
    paths = tuple(path for path in options["paths"] if path != _PIPE)
    _check(options, paths)
    piped = _piped() if _PIPE in options["paths"] else None
    # A scan makes a great many rows and hardly a cycle; to look for those often is time lost.
    gc.set_threshold(_SELDOM)
    with show_progress_bar("scanning", quiet=options["quiet"]) as told:
        # Only here: the detector's libraries take time to load, and --help needs none of them.
        from analyzer.leaks.detect.prefilter import compile_in_background

        with compile_in_background():
            from analyzer.leaks.scan import scan

        leaks = scan(paths, _options(options, piped, told))
    if leaks.credentials:
        from analyzer.risk.exposure import set_expired_requests_aside

        leaks = set_expired_requests_aside(leaks)
    _write(options, paths, leaks)
    sys.exit(_code(options, leaks))


def _check(options: Mapping[str, Any], paths: tuple[Path, ...]) -> None:
    """Refuse, before anything is read, what can't be meant."""
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise ConfigurationError("there is no such file or folder", where=str(missing[0]))
    if options["staged"] and _PIPE in options["paths"]:
        raise ConfigurationError("nothing is staged in standard input", where="--staged")


def _piped() -> bytes:
    data = sys.stdin.buffer.read(LARGEST_INPUT + 1)
    if len(data) > LARGEST_INPUT:
        raise EvidenceError(
            f"holds more than {LARGEST_INPUT} bytes",
            where=STANDARD_INPUT,
            remedy="Write it to a file and name that",
        )
    return data


def _options(
    options: Mapping[str, Any], piped: bytes | None, told: OnProgress | None
) -> ScanOptions:
    return ScanOptions(
        history=not options["no_history"],
        staged=options["staged"],
        index=_index() if options["staged"] else None,
        detectors=Detectors(options["detectors"]),
        jobs=options["jobs"],
        baseline=options["baseline"],
        cache=options["cache"],
        standard_input=piped,
        examples=DOCUMENTATION_ACCOUNTS,
        on_progress=told,
    )


def _index() -> Path | None:
    """The index that git is about to commit: for `commit -a` and `commit PATH` it makes another."""
    named = os.environ.get("GIT_INDEX_FILE")
    return Path(named) if named else None


def _roots(paths: tuple[Path, ...]) -> dict[str, Path]:
    """Where what the report calls by a name lies."""
    return {name: path for path, name in display_names(paths).items()}


def _write(options: Mapping[str, Any], paths: tuple[Path, ...], leaks: LeakScan) -> None:
    from analyzer.writers.atomic_file import write

    target = options["output"]
    colour = target is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    rendered = _render(
        _FORMATS[options["form"]], leaks, colour=colour, summary=not options["quiet"]
    )
    if target is None or target == _PIPE:
        click.echo(rendered, nl=False)
    else:
        write(target, rendered)
    if baseline := options["write_baseline"]:
        write(baseline, _baseline(leaks, _roots(paths), baseline, options["baseline"]))


def _render(form: Format, leaks: LeakScan, *, colour: bool, summary: bool) -> bytes:
    from analyzer.writers.scan.document import build_document

    (target,) = form.files.values()
    style = {"colour": colour, "summary": summary} if form.is_for_terminal else {}
    return render_file(target, build_document(leaks), **style)


def _baseline(leaks: LeakScan, roots: Mapping[str, Path], file: Path, before: Path | None) -> bytes:
    from analyzer.leaks.suppression.baseline import read_baseline
    from analyzer.writers.scan.baseline import render

    labels = read_baseline(before.read_bytes()) if before and before.exists() else ()
    return render(leaks, roots, file, labels)


def _code(options: Mapping[str, Any], leaks: LeakScan) -> int:
    """What could not be looked at weighs more than what was found: more may be there."""
    # An empty index is nothing to scan, and yet a commit that brings nothing in.
    named = len({*options["paths"]})
    scanned = leaks.repositories[:named]  # git directories within them come behind
    empty = [] if options["staged"] else [each for each in scanned if not each.objects]
    unread = [each for each in leaks.repositories if _lacking(options, each)]
    for each in empty:
        warn(f"{each.path}: nothing was scanned")
    for each in unread:
        first, *others = _lacking(options, each)
        more = f", and {len(others)} more" if others else ""
        warn(f"{each.path}: could not be read: {first.what} ({first.reason}){more}")
    if empty or unread or not leaks.repositories:
        return INCOMPLETE
    return FOUND if has_credentials(leaks, options["fail_on"]) else DONE


def _lacking(options: Mapping[str, Any], coverage: ScanCoverage) -> tuple[Skipped, ...]:
    """What keeps the scan from being whole; what a commit brings in must be read to the last."""
    return coverage.skipped if options["staged"] else coverage.gaps
