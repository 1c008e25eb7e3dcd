"""In: an account and proposed roles. Out: what each role could do that the key it replaces can't.

Nothing should be: the evaluator is asked about every action, for both, in the account as it would
be with the roles in it.
"""

from collections.abc import Iterator
from dataclasses import replace

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, PrincipalDetails, Role
from analyzer.policy.authorizer import AccountAuthorizer, authorizer_for
from analyzer.proposals.roles import ProposedRole

_NOWHERE = Location("")


def with_roles(account: Account, proposed: tuple[ProposedRole, ...]) -> Account:
    """The account with the proposed roles beside the users that they replace."""
    return replace(account, roles=(*account.roles, *(_made(each, account) for each in proposed)))


def reaches_more(account: Account, proposed: tuple[ProposedRole, ...]) -> dict[str, list[str]]:
    """For each role by name the actions that it can do and the user with its key can't."""
    authorizer = authorizer_for(with_roles(account, proposed))
    return {each.name: list(_beyond(authorizer, each, account)) for each in proposed}


def _beyond(authorizer: AccountAuthorizer, role: ProposedRole, account: Account) -> Iterator[str]:
    """The actions, told by their resources too: those in the account, and any that is new.

    A user may do to itself, such as make a key, what a role has nothing to do to.
    """
    user = authorizer.principals[role.user.arn]
    own = authorizer.principals[_arn_of(role, account)]
    ways = [authorizer.evaluator(user, each) for each in authorizer.entry_points(user)]
    for evaluator in authorizer.all_evaluators(own):
        for action in authorizer.actions.named(evaluator.possible_here):
            gained = evaluator.allowed_resources(action).possible
            for each in ways:
                gained &= ~each.allowed_resources(action).possible
            known = any(each.possible_here & authorizer.actions.bit(action) for each in ways)
            if gained or not known:
                yield action


def _made(role: ProposedRole, account: Account) -> Role:
    held = role.user.details
    assert held is not None  # noqa: S101 - only users with details are proposed a role
    details = PrincipalDetails(
        _NOWHERE,
        MissingValue.ABSENT,
        _NOWHERE,
        attached=role.attached,
        inline=role.inline,
        tags=held.tags,
        boundary=held.boundary,
    )
    trust = JsonNode(dict(role.trust), _NOWHERE)
    return Role(role.name, _arn_of(role, account), details, trust, MissingValue.ABSENT)


def _arn_of(role: ProposedRole, account: Account) -> str:
    return f"arn:{account.partition}:iam::{account.id}:role/{role.name}"
