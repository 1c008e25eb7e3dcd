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
    evidence = sample_folder("evidence")
    people = [word for path in sorted(sample_folder("people").iterdir()) for word in _handed(path)]
    context.invoke(audit, **_arguments(context, [str(evidence), *people, "-o", str(output)]))


def sample_folder(name: str) -> Path:
    """The folder with the samples of that name, in a wheel or in a checkout."""
    package = Path(str(files("analyzer")))
    for folder in (package / f"sample_{name}", package.parent / "sample_reports" / name):
        if folder.is_dir():
            return folder
    raise EvidenceError(f"the sample {name} is not installed", remedy="Install credaudit again")


def _handed(path: Path) -> tuple[str, str]:
    return "--people", str(path)


def _arguments(context: click.Context, typed: list[str]) -> dict[str, object]:
    return audit.make_context("audit", typed, parent=context).params
