"""In: the roles' trust policies. Out: what accounts outside may change, and weak external IDs.

An external ID is no secret; it tells the customers of a provider apart, so two relationships need
two of them, and nobody should hit on one by chance.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
"""

import re
from collections.abc import Iterator

from analyzer.config import Limits
from analyzer.inventory.model import Role
from analyzer.policy.condition_parser import Clause
from analyzer.policy.trust_policies import TrustGrant, is_restrictive
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.known_accounts import known_accounts
from analyzer.rules.outcomes import Outcome, Pass, Unknown, as_variant
from analyzer.rules.trusting_roles import (
    changing_actions,
    fail_role,
    list_some,
    opened_to_outsiders,
    trusting_roles,
    unread_statement,
    unreadable_grant,
)

_EXTERNAL_ID = "sts:externalid"
_SHORTEST = 8
"""Characters below which an external ID can be hit upon by trying."""
_WILD = re.compile(r"[*?]")
Asked = tuple[TrustGrant, Clause]


def role_external_writes(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """An account outside the organization can change something, though not become administrator."""
    for role, outside in opened_to_outsiders(graph, limits):
        if graph.privileges[role.arn].level.is_privileged:
            continue  # role-external-privileged says so
        policies = graph.authorizer.principals[role.arn]
        rights = changing_actions(graph, role)
        if policies.identity.unknown:
            yield Unknown(f"{role.name} holds {policies.identity.unknown[0]}")
        elif not rights:
            yield Pass()
        elif isinstance(outside, Unknown):
            yield outside
        else:
            yield fail_role(role, outside, role.details.location, rights=list_some(rights))


def external_id_shared_or_guessable(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """One external ID serves several accounts, or can be hit upon."""
    known = known_accounts(graph.authorizer.account, limits)
    asked: list[tuple[Role, list[Asked]]] = []
    for role, openings in trusting_roles(graph):
        outside = [each for each in openings if known.is_outside(each)]
        found = [(each, clause) for each in outside for clause in _asked_of(each)]
        if found:
            asked.append((role, found))
        elif unread := unread_statement(openings):
            yield unreadable_grant(unread)
    trusted = _accounts_by_id(asked)
    for role, found in asked:
        yield _judge(role, found, trusted, graph.authorizer.account.id)


def _judge(role: Role, found: list[Asked], trusted: dict[str, set[str]], own: str) -> Outcome:
    shared = [each for each in found if any(len(trusted[v]) > 1 for v in each[1].values)]
    guessable = [
        each for each in found if any(_is_guessable(v, each[0], own) for v in each[1].values)
    ]
    wrong = shared or guessable
    if not wrong:
        return Pass()
    accounts = sorted({name for _, clause in wrong for v in clause.values for name in trusted[v]})
    outcome = fail_role(role, [grant for grant, _ in wrong], accounts=", ".join(accounts))
    return outcome if shared else as_variant("guessable", outcome)


def _asked_of(grant: TrustGrant) -> Iterator[Clause]:
    """The conditions of the grant on the external ID that keep others out."""
    for clause in grant.statement.clauses:
        if clause.key.lower() == _EXTERNAL_ID and is_restrictive(clause):
            yield clause


def _accounts_by_id(asked: list[tuple[Role, list[Asked]]]) -> dict[str, set[str]]:
    trusted: dict[str, set[str]] = {}
    for _, found in asked:
        for grant, clause in found:
            for value in clause.values:
                trusted.setdefault(value, set()).add(grant.account or grant.name)
    return trusted


def _is_guessable(value: str, grant: TrustGrant, own: str) -> bool:
    """True for a short one and for an account's number; of a pattern its beginning counts."""
    fixed = _WILD.split(value)[0]
    return len(fixed) < _SHORTEST or value.strip() in {own, grant.account}
