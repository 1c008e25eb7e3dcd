"""In: a proposal of groups. Out: the moves as commands of the AWS CLI, in an order that is safe.

Every right is given before the old grant of it is taken away, so nobody is without it in between,
and a command that fails takes nothing away.
"""

from collections.abc import Iterator

from analyzer.proposals.aws_commands import aws_command
from analyzer.proposals.groups import GroupProposal, ProposedGroup, Regrouping
from analyzer.proposals.inline_names import name_inline_policies


def group_steps(proposal: GroupProposal) -> Iterator[str]:
    """One command after the other; run with `set -e`, or stop at the first that fails."""
    for group in proposal.groups:
        if group.is_new:
            yield from _make(group)
        for user in group.joining:
            yield aws_command("iam add-user-to-group", group_name=group.name, user_name=user)
    for change in proposal.regroupings:
        yield from _drop(change)


def _make(group: ProposedGroup) -> Iterator[str]:
    yield aws_command("iam create-group", group_name=group.name)
    for right in group.rights:
        if right.is_managed:
            yield aws_command(
                "iam attach-group-policy", group_name=group.name, policy_arn=right.arn
            )
    for name, text in name_inline_policies(group.rights):
        yield aws_command(
            "iam put-group-policy", group_name=group.name, policy_name=name, policy_document=text
        )


def _drop(change: Regrouping) -> Iterator[str]:
    user = change.holder.user.name
    for right in change.drops:
        for grant in change.holder.direct[right]:
            if grant.arn is not None:
                yield aws_command("iam detach-user-policy", user_name=user, policy_arn=grant.arn)
            else:
                yield aws_command("iam delete-user-policy", user_name=user, policy_name=grant.name)
