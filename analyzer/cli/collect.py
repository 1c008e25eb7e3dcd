"""`credaudit collect`: the script that makes the evidence, and the rights that it needs."""

import json
from pathlib import Path

import click

from analyzer.cli.console import warn


@click.command("collect")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there.  [default: standard output]",
)
@click.option(
    "--organization",
    metavar="ROLE",
    default="",
    help="Make one pack of each account of the organization, entered through this role.",
)
@click.option(
    "--policy",
    "is_policy",
    is_flag=True,
    help="Print the rights that the script needs, as a policy, instead of the script.",
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="REGION",
    help="Region to ask; may be given again.  [default: all that are switched on]",
)
@click.option(
    "--last-accessed",
    type=click.Choice(["auto", "action", "service", "none"]),
    is_flag=False,
    flag_value="action",
    default="auto",
    help="Ask which actions, or services, each principal used; auto: actions up to 250 users and "
    "roles, services up to 1000.  [default: auto]",
)
@click.option(
    "--extended",
    is_flag=True,
    help="Also ask what runs with which role, and the policies of buckets, keys, secrets and "
    "functions.",
)
def command(  # noqa: PLR0913 - one parameter an option
    output: Path | None,
    organization: str,
    regions: tuple[str, ...],
    last_accessed: str,
    *,
    is_policy: bool,
    extended: bool,
) -> None:
    """Write the read-only script that an account owner runs (AWS CLI v2, CloudShell)."""
    from analyzer.writers.atomic_file import write
    from analyzer.writers.collect_rights import rights_policy
    from analyzer.writers.collect_script import LastAccessed, collect_script

    text = collect_script(
        regions=regions,
        last_accessed=LastAccessed(last_accessed),
        extended=extended,
        organization=organization,
    )
    if is_policy:
        text = json.dumps(rights_policy(text, organization), indent=2) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    write(output, text.encode())
    warn(f"wrote {output}" if is_policy else f"wrote {output}; run it as: bash {output.name}")
