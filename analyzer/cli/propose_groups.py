"""`credaudit propose groups`: groups by job for what people hold directly."""

from datetime import datetime
from pathlib import Path

import click

from analyzer.cli.output import print_caveats, print_json
from analyzer.cli.proposal_options import proposal_command, read_limits
from analyzer.cli.query import QueryCommand, open_query
from analyzer.policy.authorizer import authorizer_for
from analyzer.proposals.groups import propose_groups
from analyzer.proposals.regrouped import rights_changed_by
from analyzer.proposals.rights import rights_of_people
from analyzer.writers.proposals.groups import groups_as_json, groups_as_terraform, groups_as_text

_BOUND = (
    "Rights over a group come with it: where a policy names a group as its resource, whoever "
    "holds that policy reaches the new members, too."
)


@click.command("groups", cls=QueryCommand)
@proposal_command
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
    proposal = propose_groups(rights_of_people(found.account, read_limits(config)))
    changed = rights_changed_by(authorizer_for(found.account), proposal)
    if form == "json":
        print_json({**found.heading, **groups_as_json(proposal, changed), "bounds": [_BOUND]})
    elif form == "terraform":
        click.echo("\n\n".join(groups_as_terraform(proposal, changed)))
    else:
        click.echo(f"account {found.account.id}")
        for line in groups_as_text(proposal, changed):
            click.echo(line)
        print_caveats([_BOUND])
    found.finish()
