"""`credaudit audit`: evidence in, reports out."""

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from analyzer.cli.console import print_summary, show_progress, warn
from analyzer.cli.exit_codes import DONE, FOUND, INCOMPLETE, SEVERITIES, has_findings
from analyzer.config import DateOrder, Profile, Settings, limits_of
from analyzer.errors import ConfigurationError, CredauditError
from analyzer.evidence.cells import parse_time
from analyzer.writers.formats import AUDIT_FORMATS, Format, render_file

Report = dict[str, Any]
_FORMATS = tuple(each.name for each in AUDIT_FORMATS)


def parse_as_of(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """The time that `--as-of` names, in UTC."""
    if value is None:
        return None
    read = parse_time(value)
    if not isinstance(read, datetime):
        raise click.BadParameter("write 2026-12-31 or 2026-12-31T18:00:00Z")
    return read


def parse_frameworks(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """The ids of the frameworks that `--framework` names, each once, in the order of the tables."""
    if not values:
        return ()
    # Only here: --help needs no table.
    from analyzer.controls.frameworks import load_frameworks

    known = {each.option: each.id for each in load_frameworks().values()}
    if wrong := [each for each in values if each not in known]:
        raise click.BadParameter(f"{wrong[0]!r} is none of {', '.join(known)}")
    return tuple(name for option, name in known.items() if option in values)


@click.command("audit")
@click.argument(
    "inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path)
)
@click.option(
    "--repo",
    "repositories",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Repository to search for keys; may be given again.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    default=Path("credaudit-report"),
    show_default=True,
    help="Folder for the reports.",
)
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(_FORMATS),
    default=_FORMATS,
    help="What to write; may be given again.  [default: all]",
)
@click.option(
    "--as-of",
    callback=parse_as_of,
    metavar="WHEN",
    help="Reckon ages from this time instead of the report's own.",
)
@click.option(
    "--previous",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="REPORT.json|DIR",
    help="Earlier report, or a folder of them: what changed since; may be given again.",
)
@click.option(
    "--exceptions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Accepted risks (TOML).",
)
@click.option(
    "--people",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ROSTER",
    help="List of people from HR or the directory; may be given again.",
)
@click.option(
    "--profile",
    type=click.Choice([each.value for each in Profile]),
    default="cis",
    show_default=True,
    help="Whose thresholds hold.",
)
@click.option(
    "--framework",
    "frameworks",
    multiple=True,
    metavar="NAME",
    callback=parse_frameworks,
    help="Framework whose controls the pages show, such as cis-7.0 or pci-dss; may be given again.",
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Own thresholds.  [default: credaudit.toml, if there is one]",
)
@click.option(
    "--date-order",
    type=click.Choice([each.value for each in DateOrder]),
    help="How a spreadsheet wrote local dates: dmy or mdy.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*SEVERITIES, "never"]),
    default="never",
    show_default=True,
    help="Exit with 1 for open findings this bad or worse.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def command(**options: Any) -> None:  # noqa: ANN401 - click hands over what was typed
    """Audit the accounts in INPUT: files, folders, .zip or .tar.gz, recognised by content."""
    quiet = bool(options["quiet"])
    with show_progress("reading and judging", quiet=quiet):
        # Only here: pandas takes a third of a second, and --help needs none of it.
        from analyzer.audit import audit

        report = audit(_settings(options))
    written, failed = _write(report, options["output"], options["formats"], quiet=quiet)
    for problem in report["problems"]:
        where = f"{problem['where']}: " if problem["where"] else ""
        remedy = f". {problem['remedy']}" if problem["remedy"] else ""
        warn(f"problem: {where}{problem['what']}{remedy}")
    if not quiet:
        print_summary(report, written)
    if failed or report["problems"]:
        sys.exit(INCOMPLETE)
    sys.exit(FOUND if has_findings(report["findings"], options["fail_on"]) else DONE)


def chosen_config(given: Path | None) -> Path | None:
    """The file of own thresholds: the one that is given, or a credaudit.toml in this folder."""
    here = Path("credaudit.toml")
    return given or (here if here.is_file() else None)


def _settings(options: Mapping[str, Any]) -> Settings:
    missing = [path for path in (*options["inputs"], *options["repositories"]) if not path.exists()]
    if missing:
        raise ConfigurationError("there is no such file or folder", where=str(missing[0]))
    profile = Profile(options["profile"])
    return Settings(
        inputs=tuple(options["inputs"]),
        repositories=tuple(options["repositories"]),
        as_of=options["as_of"],
        date_order=DateOrder(options["date_order"]) if options["date_order"] else None,
        profile=profile,
        limits=limits_of(profile, chosen_config(options["config"])),
        previous=tuple(options["previous"]),
        exceptions=options["exceptions"],
        people=tuple(options["people"]),
        frameworks=options["frameworks"],
    )


def _write(
    report: Report, folder: Path, formats: tuple[str, ...], *, quiet: bool
) -> tuple[list[Path], bool]:
    """Every format that can be made; a format that can't be does not stop the others."""
    from analyzer.writers.atomic_file import write

    written: list[Path] = []
    has_failed = False
    for name, target in _files(formats):
        path = folder / name
        try:
            with show_progress(f"writing {name}", quiet=quiet):
                write(path, render_file(target, report))
            written.append(path)
        except CredauditError as error:
            warn(str(error))
            has_failed = True
    return written, has_failed


def _files(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Each file of these formats and what renders it; those of slow formats last."""
    wanted: list[Format] = [each for each in AUDIT_FORMATS if each.name in names]
    for each in sorted(wanted, key=lambda each: each.is_slow):
        yield from each.files.items()
