"""`credaudit collect`: the script that makes the evidence."""

from pathlib import Path

import click

from analyzer.cli.console import warn


@click.command("collect")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the script there.  [default: standard output]",
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="REGION",
    help="Region to ask for analyzers; may be given again.  [default: all]",
)
@click.option(
    "--last-accessed",
    is_flag=True,
    help="Also ask which granted services each principal used (slow).",
)
def command(output: Path | None, regions: tuple[str, ...], *, last_accessed: bool) -> None:
    """Write the read-only script that an account owner runs (AWS CLI v2, CloudShell)."""
    from analyzer.writers.atomic_file import write
    from analyzer.writers.collect_script import collect_script

    text = collect_script(regions=regions, last_accessed=last_accessed)
    if output is None:
        click.echo(text, nl=False)
        return
    write(output, text.encode())
    warn(f"wrote {output}; run it as: bash {output.name}")
