"""In: the graph with the trust policies. Out: what checks on trust ask of a role."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from analyzer.config import Limits
from analyzer.display import list_first
from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import Role
from analyzer.policy.actions import AccessLevel, ActionIndex
from analyzer.policy.documents import Statement
from analyzer.policy.trust_policies import PrincipalType, TrustGrant
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.catalogue import Fact
from analyzer.rules.finding import Resource
from analyzer.rules.known_accounts import known_accounts
from analyzer.rules.outcomes import Fail, Unknown, fail

_CHANGING = (AccessLevel.WRITE, AccessLevel.PERMISSIONS, AccessLevel.TAGGING)
_ASKING = ("*:Get*", "*:List*", "*:Describe*")
"""AWS calls a few of these writes, such as athena:GetSessionEndpoint, which ReadOnlyAccess has."""
_LISTED = 3
_TOLD_BY_GUESTS = (
    "cognito-identity:*",
    "cognito-sync:*",
    "mobileanalytics:*",
    "mobiletargeting:PutEvents",
    "mobiletargeting:UpdateEndpoint",
    "rum:PutRumEvents",
)
"""What a page or an app sends of the guest itself: its settings, and how it is used.

https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
"""


def trusting_roles(graph: EscalationGraph) -> Iterator[tuple[Role, tuple[TrustGrant, ...]]]:
    """Each role that the account can change, with everyone whom its trust policy lets in.

    Everybody but some counts as anyone, once.
    """
    for role in graph.authorizer.account.roles:
        if not role.is_service_linked:
            yield role, tuple(_told_as_let_in(graph.authorizer.grants.get(role.arn, ())))


def _told_as_let_in(openings: tuple[TrustGrant, ...]) -> Iterator[TrustGrant]:
    left_out: dict[Statement, list[TrustGrant]] = {}
    for each in openings:
        if each.excludes:
            left_out.setdefault(each.statement, []).append(each)
        else:
            yield each
    for grants in left_out.values():
        names = " and ".join(dict.fromkeys(each.name for each in grants))
        yield replace(
            grants[0], type=PrincipalType.ANYONE, name=f"everybody but {names}", account=None
        )


def fail_role(role: Role, wrong: list[TrustGrant], *more: Location, **facts: Fact) -> Fail:
    """The role breaks a rule by these grants: `role` and `who` are its facts, beside others."""
    where = dict.fromkeys(each.reference.held.location_of(each.statement) for each in wrong)
    who = ", ".join(dict.fromkeys(each.name for each in wrong))
    return fail(role_resource(role), *where, *more, role=role.name, who=who, **facts)


def role_resource(role: Role) -> Resource:
    """The role, told from a namesake by the time it was made."""
    return Resource(role.arn, role.stable_id)


def opened_to_outsiders(
    graph: EscalationGraph, limits: Limits
) -> Iterator[tuple[Role, list[TrustGrant] | Unknown]]:
    """Each role that another account can take, with those grants; Unknown where whose it is.

    Unknown as well where the trust policy can't be read.
    """
    known = known_accounts(graph.authorizer.account, limits)
    for role, openings in trusting_roles(graph):
        outside = [each for each in openings if known.is_outside(each)]
        if outside:
            yield role, known.doubt(role) or outside
        elif unread := unread_statement(openings):
            yield role, unreadable_grant(unread)


def unread_statement(openings: tuple[TrustGrant, ...]) -> TrustGrant | None:
    """The first opening of which nobody can tell whom it lets in, be it a service or a provider."""
    for each in openings:
        if each.statement.unread or each.statement.principal is None:
            return each
    return None


def unreadable_grant(grant: TrustGrant) -> Unknown:
    """The outcome for a role of which nobody can tell whom it trusts."""
    location = grant.reference.held.location_of(grant.statement)
    return Unknown(f"trusts {grant.name}, which can't be read", location)


def changing_actions(graph: EscalationGraph, role: Role, *, but: int = 0) -> tuple[str, ...]:
    """What the role possibly may change anywhere, less the actions of `but`, as bits."""
    actions = graph.authorizer.actions
    possible = graph.authorizer.possible(graph.authorizer.principals[role.arn])
    return tuple(actions.named(possible & _changing(actions) & ~but))


@lru_cache(maxsize=4)
def _changing(actions: ActionIndex) -> int:
    bits = 0
    for level in _CHANGING:
        bits |= actions.level(level)
    for pattern in _ASKING:
        bits &= ~actions.bits(pattern)
    return bits


def told_by_guests(actions: ActionIndex) -> int:
    """What a guest of an app is meant to write, as bits."""
    bits = 0
    for each in _TOLD_BY_GUESTS:
        bits |= actions.bits(each)
    return bits


def list_some(names: tuple[str, ...]) -> str:
    """The first names, and how many more there are."""
    return list_first(names, _LISTED)
