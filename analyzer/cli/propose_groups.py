"""`credaudit propose groups`: groups by job for what people hold directly."""

from datetime import datetime
from pathlib import Path

import click

from analyzer.cli.output import print_caveats, print_json
from analyzer.cli.query import QueryCommand, evidence_command, open_query
from analyzer.config import Profile, limits_of
from analyzer.proposals.groups import propose_groups
from analyzer.proposals.regrouped import changed_rights, regroup
from analyzer.proposals.rights import rights_of_people
from analyzer.writers.proposals.groups import (
    groups_as_json,
    groups_as_terraform,
    groups_as_text,
)

_BOUND = (
    "Rights over a group come with it: where a policy names a group as its resource, whoever "
    "holds that policy reaches the new members, too."
)


@click.command("groups", cls=QueryCommand)
@evidence_command
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Names break-glass users.  [default: credaudit.toml, if there is one]",
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["text", "json", "terraform"]),
    default="text",
    show_default=True,
    help="How to print the proposal.",
)
def command(
    *,
    inputs: tuple[Path, ...],
    number: str | None,
    as_of: datetime | None,
    config: Path | None,
    form: str,
) -> None:
    """Propose groups by job for what people hold directly; nobody's rights change.

    People with the same rights share a group. Existing groups are used where they give nothing
    more. Who has a right that nobody else has is named, with the group that comes nearest.
    """
    found = open_query(inputs, as_of, number)
    here = Path("credaudit.toml")
    limits = limits_of(Profile.CIS, config or (here if here.is_file() else None))
    people = rights_of_people(found.account, limits)
    proposal = propose_groups(people)
    moved = {each.holder.user.name for each in proposal.regroupings}
    changed = changed_rights(found.account, regroup(found.account, proposal), moved)
    if form == "json":
        print_json({**found.heading, **groups_as_json(proposal, changed), "bounds": [_BOUND]})
    elif form == "terraform":
        click.echo("\n\n".join(groups_as_terraform(proposal)))
    else:
        click.echo(f"account {found.account.id}")
        for line in groups_as_text(proposal, changed):
            click.echo(line)
        print_caveats([_BOUND])
    found.finish()
