"""`credaudit propose policies`: of each policy what was used of it."""

from datetime import datetime
from pathlib import Path

import click

from analyzer.cli.output import print_caveats, print_json
from analyzer.cli.proposal_options import proposal_command, read_limits
from analyzer.cli.query import QueryCommand, caveats, open_query, principal_in
from analyzer.policy.authorizer import authorizer_for
from analyzer.proposals.policies import propose_policies
from analyzer.proposals.trimmed_account import faults_of, without_faults
from analyzer.writers.proposals.policies import (
    policies_as_json,
    policies_as_terraform,
    policies_as_text,
)

_BOUND = (
    "iam:PassRole stays wherever it is granted: AWS does not track it. Where AWS tracks services "
    "alone, all granted actions of a used service stay."
)


@click.command("policies", cls=QueryCommand)
@click.argument("principal", required=False)
@proposal_command
def command(  # noqa: PLR0913 - one parameter an option
    *,
    principal: str | None,
    inputs: tuple[Path, ...],
    number: str | None,
    as_of: datetime | None,
    config: Path | None,
    form: str,
) -> None:
    """Propose smaller policies from what was used in 90 days or more.

    Read as witnesses are last-accessed answers, Access Analyzer's findings and recommendations,
    CloudTrail's log files and lookup-events. PRINCIPAL is a user or role: an ARN, `role/ci` or a
    name; without it, everybody's policies are looked at.
    """
    found = open_query(inputs, as_of, number, principal or "")
    account = found.account
    authorizer = authorizer_for(account)
    about = principal_in(authorizer, principal).arn if principal else ""
    proposal = propose_policies(account, read_limits(config), about, authorizer)
    faults = faults_of(authorizer, proposal)
    proposal = without_faults(proposal, faults)
    bounds = [_BOUND, *caveats(account)]
    if form == "json":
        answer = policies_as_json(proposal, faults, account, found.location)
        print_json({**found.heading, **answer, "bounds": bounds})
    elif form == "terraform":
        click.echo("\n\n".join(policies_as_terraform(proposal, faults, account)))
    else:
        click.echo(f"account {account.id} as of {found.heading['as_of']}")
        for line in policies_as_text(proposal, faults, account, found.location):
            click.echo(line)
        print_caveats(bounds)
    found.finish()
