"""`credaudit demo`: the main job on the evidence that ships with the program."""

from importlib.resources import files
from pathlib import Path

import click

from analyzer.cli.audit import command as audit
from analyzer.errors import EvidenceError


@click.command("demo")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    default=Path("credaudit-demo"),
    show_default=True,
    help="Folder for the reports.",
)
@click.pass_context
def command(context: click.Context, output: Path) -> None:
    """Audit two made-up accounts that ship with the program."""
    evidence = sample_evidence()
    context.invoke(audit, **_arguments(context, [str(evidence), "-o", str(output)]))


def sample_evidence() -> Path:
    """The folder with the sample evidence, in a wheel or in a checkout."""
    package = Path(str(files("analyzer")))
    for folder in (package / "sample_evidence", package.parent / "sample_reports" / "evidence"):
        if folder.is_dir():
            return folder
    raise EvidenceError("the sample evidence is not installed", remedy="Install credaudit again")


def _arguments(context: click.Context, typed: list[str]) -> dict[str, object]:
    return audit.make_context("audit", typed, parent=context).params
