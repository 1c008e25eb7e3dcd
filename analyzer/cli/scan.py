"""`credaudit scan`: leaked credentials in repositories, folders and files, of no account."""

import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from analyzer.cli.console import is_terminal, print_bytes, show_progress_bar, warn
from analyzer.cli.exit_codes import DONE, FOUND, INCOMPLETE, SEVERITIES, has_credentials
from analyzer.cli.scan_inputs import (
    find_index,
    find_quarantine,
    read_pipe,
    read_pushed_refs,
)
from analyzer.errors import ConfigurationError
from analyzer.files import NOT_READ, Skipped, path_fault
from analyzer.leaks.key_id import DOCUMENTATION_ACCOUNTS
from analyzer.leaks.model import LeakScan, ScanCoverage
from analyzer.leaks.options import (
    Detectors,
    OnProgress,
    ScanOptions,
    display_names,
)
from analyzer.writers.formats import SCAN_FORMATS, Format, render_file

_FORMATS = {each.name: each for each in SCAN_FORMATS}
_SELDOM = 200_000
_NOT_PIPED = {
    "--staged": "nothing is staged in standard input",
    "--since": "standard input has no commits",
    "--pre-receive": "its standard input is the list of refs: name the repository",
    "--commit-message": "name the file that git hands to the hook",
}
_PARTS = tuple(_NOT_PIPED)
"""Options that each ask for a part of what there is."""
_PIPE = Path("-")
_PIPE_IT = "What comes through a pipe is read with `-`: credaudit scan - < PATH"


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
@click.option(
    "--staged",
    is_flag=True,
    help="Only what is staged for the next commit; of files beside a folder, all that is staged.",
)
@click.option(
    "--since",
    metavar="COMMIT",
    help="Only what later commits of HEAD brought in; A..B: those of B that A lacks.",
)
@click.option(
    "--commit-message",
    is_flag=True,
    help="PATH is the message of a commit that is being made; for a commit-msg hook.",
)
@click.option(
    "--pre-receive",
    is_flag=True,
    help="Only what a push brings in; for a server's hook, which gets the refs as its input.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave out what is there, in files and in history; as in a .gitignore, may be repeated.",
)
@click.option(
    "--no-messages",
    is_flag=True,
    help="Leave out messages of commits and tags, and notes.",
)
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
    piped = read_pipe() if _PIPE in options["paths"] else None
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
    for path in paths:
        if fault := path_fault(path):
            remedy = _PIPE_IT if fault.endswith(NOT_READ) else ""
            raise ConfigurationError(fault, where=str(path), remedy=remedy)
    chosen = [name for name in (*_PARTS, "--no-history") if _is_given(options, name)]
    parts = [name for name in chosen if name in _PARTS]
    if len(parts) > 1 or (len(chosen) > 1 and parts[0] not in {"--staged", "--commit-message"}):
        raise ConfigurationError("each asks for something else", where=" and ".join(chosen))
    if parts and _PIPE in options["paths"]:
        raise ConfigurationError(_NOT_PIPED[parts[0]], where=parts[0])
    folders = [path for path in paths if path.is_dir()]
    if options["commit_message"] and folders:
        raise ConfigurationError("is a folder, and no message", where=str(folders[0]))


def _is_given(options: Mapping[str, Any], name: str) -> bool:
    return options[name.strip("-").replace("-", "_")] not in {None, False}


def _options(
    options: Mapping[str, Any], piped: bytes | None, told: OnProgress | None
) -> ScanOptions:
    return ScanOptions(
        history=not options["no_history"],
        staged=options["staged"],
        since=options["since"],
        pushed=read_pushed_refs() if options["pre_receive"] else None,
        quarantine=find_quarantine() if options["pre_receive"] else None,
        commit_message=options["commit_message"],
        exclude=options["exclude"],
        messages=not options["no_messages"],
        index=find_index() if options["staged"] else None,
        detectors=Detectors(options["detectors"]),
        jobs=options["jobs"],
        baseline=options["baseline"],
        cache=options["cache"],
        standard_input=piped,
        examples=DOCUMENTATION_ACCOUNTS,
        on_progress=told,
    )


def _roots(paths: tuple[Path, ...]) -> dict[str, Path]:
    """Where what the report calls by a name lies."""
    return {name: path for path, name in display_names(paths).items()}


def _write(options: Mapping[str, Any], paths: tuple[Path, ...], leaks: LeakScan) -> None:
    target = options["output"]
    colour = target is None and is_terminal(sys.stdout) and not os.environ.get("NO_COLOR")
    rendered = _render(
        _FORMATS[options["form"]], leaks, colour=colour, summary=not options["quiet"]
    )
    if target is None or target == _PIPE:
        print_bytes(rendered)
    else:
        _write_file(target, rendered)
    if baseline := options["write_baseline"]:
        _write_file(baseline, _baseline(leaks, _roots(paths), baseline, options["baseline"]))


def _write_file(path: Path, data: bytes) -> None:
    from analyzer.writers.atomic_file import write  # most scans print

    write(path, data)


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
    is_part = any(_is_given(options, name) for name in _PARTS)
    empty = [] if is_part else [each for each in scanned if _is_empty(each)]
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


def _is_empty(coverage: ScanCoverage) -> bool:
    return not coverage.objects and not coverage.is_left_out


def _lacking(options: Mapping[str, Any], coverage: ScanCoverage) -> tuple[Skipped, ...]:
    """What keeps the scan from being whole; what a commit brings in must be read to the last."""
    if not options["staged"]:
        return coverage.gaps
    return tuple(each for each in coverage.skipped if not each.is_wanted)
