"""`credaudit propose roles`: a role in place of each key that a program works with."""

from datetime import datetime
from pathlib import Path

import click

from analyzer.cli.output import print_caveats, print_json
from analyzer.cli.proposal_options import proposal_command, read_limits
from analyzer.cli.query import QueryCommand, caveats, open_query
from analyzer.config import Limits
from analyzer.inventory.model import Account
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.privesc.graph import escalation_graph
from analyzer.proposals.remotes import read_remotes
from analyzer.proposals.role_reach import reaches_more
from analyzer.proposals.role_steps import known_providers
from analyzer.proposals.roles import propose_roles
from analyzer.risk.assessment import LeakAssessment, assess_leaks
from analyzer.writers.proposals.roles import roles_as_json, roles_as_terraform, roles_as_text

_BOUND = (
    "Words in CAPITALS are for you to fill in: no file says them. Resource policies that name the "
    "user, not the role, have to be changed as well."
)


@click.command("roles", cls=QueryCommand)
@proposal_command
@click.option(
    "--repo",
    "repositories",
    multiple=True,
    metavar="PATH",
    type=click.Path(exists=True, path_type=Path),
    help="Repository to search for the keys: the file that holds one tells where it works.",
)
def command(  # noqa: PLR0913 - one parameter an option
    *,
    inputs: tuple[Path, ...],
    number: str | None,
    as_of: datetime | None,
    config: Path | None,
    form: str,
    repositories: tuple[Path, ...],
) -> None:
    """Propose a role for each user whose access key a program works with.

    Told for each: where the program runs, whom the role lets in, its rights, which are the user's,
    and the steps from the key to the role. A workflow of GitHub gets a role for its repository and
    branch, a task definition one for ECS, and what runs outside AWS one for Roles Anywhere.
    """
    found = open_query(inputs, as_of, number)
    account, limits = found.account, read_limits(config)
    leaks = _joined_leaks(account, limits, repositories) if repositories else ()
    proposal = propose_roles(account, limits, leaks, read_remotes(repositories))
    more = reaches_more(account, proposal.roles)
    providers = known_providers(account)
    bounds = [_BOUND, *caveats(account)]
    if form == "json":
        answer = roles_as_json(proposal, more, providers)
        print_json({**found.heading, **answer, "bounds": bounds})
    elif form == "terraform":
        click.echo("\n\n".join(roles_as_terraform(proposal, more, providers)))
    else:
        click.echo(f"account {account.id} as of {found.heading['as_of']}")
        for line in roles_as_text(proposal, more, providers):
            click.echo(line)
        print_caveats(bounds)
    found.finish()


def _joined_leaks(
    account: Account, limits: Limits, repositories: tuple[Path, ...]
) -> tuple[LeakAssessment, ...]:
    leaks = scan(repositories, ScanOptions(decoys=limits.decoy_accounts))
    return assess_leaks(
        leaks, {account.id: account}, {account.id: escalation_graph(account)}, limits
    )
