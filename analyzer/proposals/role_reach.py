"""In: an account and proposed roles. Out: what each role could do that the key it replaces can't.

Nothing should be: the evaluator is asked about every action, for both, in the account as it would
be with the roles in it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, PrincipalDetails, Role
from analyzer.policy.authorizer import AccountAuthorizer, authorizer_for
from analyzer.policy.documents import Statement
from analyzer.proposals.roles import ProposedRole

_NOWHERE = Location("")
_NOT_ALIKE = frozenset({"aws:username", "aws:userid", "aws:principaltype", "aws:principalarn"})
"""What tells a user from a role in a request, in lower case. MFA does not: neither shows it."""
_TURNED = re.compile(r"not|null|\A\Z", re.IGNORECASE)
"""Operators that a missing key meets, and those that can't be read."""


def with_roles(account: Account, proposed: tuple[ProposedRole, ...]) -> Account:
    """The account with the proposed roles beside the users that they replace."""
    return replace(account, roles=(*account.roles, *(_made(each, account) for each in proposed)))


def reaches_more(account: Account, proposed: tuple[ProposedRole, ...]) -> dict[str, list[str]]:
    """For each role by name the actions that it can do and the user with its key can't."""
    authorizer = authorizer_for(with_roles(account, proposed))
    return {each.name: list(_beyond(authorizer, each, account)) for each in proposed}


def _beyond(authorizer: AccountAuthorizer, role: ProposedRole, account: Account) -> Iterator[str]:
    """The actions by which the role reaches a resource, of the account or any other, that is new.

    Resources of the account are asked for one by one. Others have no end: of them the texts tell,
    which are the user's, so only a statement that stops the user and not the role lets it further.
    """
    user = authorizer.principals[role.user.arn]
    own = authorizer.principals[_arn_of(role, account)]
    ways = [authorizer.evaluator(user, each) for each in authorizer.entry_points(user)]
    loose = 0
    for statement in (s for layer in own.layers for p in layer.held for s in p.document.statements):
        loose |= statement.actions if _may_stop_the_user_alone(statement) else 0
    for evaluator in authorizer.all_evaluators(own):
        for action in authorizer.actions.named(evaluator.possible_here):
            bit = authorizer.actions.bit(action)
            gained = evaluator.allowed_resources(action).possible
            for each in ways:
                gained &= ~each.allowed_resources(action).possible
            if gained or loose & bit or not any(each.possible_here & bit for each in ways):
                yield action


def _may_stop_the_user_alone(statement: Statement) -> bool:
    """True if it withholds something by a key that a role lacks, or has with another value.

    A Deny may then pass the role by. So may an Allow whose test is turned round, and which a
    missing key meets.
    """
    if not any(key in _NOT_ALIKE for key in statement.mentions):
        return False
    return statement.denies or any(
        clause.key.lower() in _NOT_ALIKE
        and (clause.if_exists or clause.quantifier or _TURNED.search(clause.operator))
        for clause in statement.clauses
    )


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
