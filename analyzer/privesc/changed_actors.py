"""In: an actor, and what is taken from it or given to it. Out: the same principal as it is then."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import PrincipalDetails
from analyzer.policy.conditions import KeyState
from analyzer.policy.documents import ALLOW_EVERYTHING, PolicyInstance
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import PolicyLayer
from analyzer.policy.request_context import EntryPoint, entry_points_of
from analyzer.privesc.catalogue import EscalationPath, Precondition
from analyzer.privesc.requirements import Actor

_GIVEN = "a policy that the path gives it"
_MANAGED = frozenset(
    {Precondition.MANAGED_DENY, Precondition.MANAGED_DENY_GROUP, Precondition.MANAGED_DENY_OTHER}
)
_OWN_DENY = frozenset(
    {
        Precondition.MANAGED_DENY, Precondition.INLINE_DENY,
        Precondition.MANAGED_DENY_OTHER, Precondition.INLINE_DENY_OTHER,
    }
)  # fmt: skip


def actor_of(actor: Actor, arn: str) -> Actor:
    """The principal of that ARN, as the actor comes in as it; the actor, if that is its own."""
    if arn == actor.policies.arn:
        return actor
    authorizer = actor.facts.authorizer
    policies = authorizer.principals[arn]
    entry_point = entry_points_of(policies.principal)[0]
    evaluator = authorizer.evaluator(policies, entry_point)
    return Actor(actor.facts, policies, entry_point, evaluator)


def changed_actor(
    before: Actor,
    layers: tuple[PolicyLayer, ...] | None = None,
    details: PrincipalDetails | None = None,
    entry_point: EntryPoint | None = None,
    keys: Mapping[str, KeyState] | None = None,
) -> Actor:
    """The same principal with these things changed."""
    unchanged = before.policies
    policies = replace(
        unchanged, layers=layers or unchanged.layers, details=details or unchanged.details
    )
    entry_point = entry_point or before.entry_point
    keys = {**before.keys, **(keys or {})}
    evaluator = before.facts.authorizer.evaluator(policies, entry_point).with_context(keys)
    return Actor(before.facts, policies, entry_point, evaluator, is_changed=True, keys=keys)


def with_policy(before: Actor, policy: PolicyInstance) -> Actor:
    """The same principal with one policy more."""
    first, *rest = before.policies.layers
    return changed_actor(before, (replace(first, held=(*first.held, policy)), *rest))


def with_everything(before: Actor) -> Actor:
    """The same principal with a policy that allows everything; what denies or caps it stays.

    What its other policies allow makes no difference then, so they are left out: of many who stand
    under one boundary all are alike.
    """
    armed = before.facts.armed_cache
    if before.state not in armed:
        armed[before.state] = _with_everything(before)
    found: Actor = armed[before.state]
    return found


def _with_everything(before: Actor) -> Actor:
    first, *rest = before.policies.layers
    denying = tuple(
        each for each in first.held if any(one.denies for one in each.document.statements)
    )
    location = before.policies.details.location
    cache = before.facts.authorizer.store.cache
    document = cache.document(JsonNode(ALLOW_EVERYTHING, location))
    given = PolicyInstance(document, _GIVEN, location, is_in_text=True)
    return changed_actor(before, (replace(first, held=(*denying, given)), *rest))


def without_boundary(before: Actor) -> Iterator[Actor]:
    """The same principal without its boundary, if it has one."""
    if before.policies.has_boundary:
        first, _, *rest = before.policies.layers
        details = replace(before.policies.details, boundary=None)
        yield changed_actor(before, (first, *rest), details)


def without_a_deny(before: Actor, path: EscalationPath, targets: ResourceSet) -> Iterator[Actor]:
    """The same principal after each call of the path that takes away something that denies."""
    first, *rest = before.policies.layers
    for left in _policies_left(before, path, targets):
        yield changed_actor(before, (replace(first, held=left), *rest))


def _policies_left(
    actor: Actor, path: EscalationPath, targets: ResourceSet
) -> Iterator[tuple[PolicyInstance, ...]]:
    """The identity policies left after one call that takes away something that denies.

    What goes is a policy of its own, a policy of one of its groups, or the membership in a group.
    """
    resources = actor.facts.authorizer.resources
    own, by_group = _policies_by_holder(actor)
    if _OWN_DENY & path.preconditions:
        of_groups = tuple(itertools.chain.from_iterable(by_group.values()))
        yield from ((*left, *of_groups) for left in _without_each_removable(path, own))
        return
    for group, policies in by_group.items():
        if not resources.bit(group) & targets.possible:
            continue
        of_others = (
            each for other, theirs in by_group.items() if other != group for each in theirs
        )
        kept = (*own, *of_others)
        if Precondition.DENY_FROM_GROUP in path.preconditions:
            yield kept
        else:
            yield from ((*kept, *left) for left in _without_each_removable(path, policies))


def _policies_by_holder(
    actor: Actor,
) -> tuple[tuple[PolicyInstance, ...], Mapping[str, tuple[PolicyInstance, ...]]]:
    """The policies with a text that the actor holds itself, and those of each of its groups."""
    account, store = actor.facts.authorizer.account, actor.facts.authorizer.store

    def known(details: PrincipalDetails) -> tuple[PolicyInstance, ...]:
        return tuple(
            each for each in store.policies_of(details) if isinstance(each, PolicyInstance)
        )

    details = actor.policies.details
    groups = (group for group in account.groups if group.name in details.groups)
    return known(details), {group.arn: known(group.details) for group in groups}


def _without_each_removable(
    path: EscalationPath, policies: tuple[PolicyInstance, ...]
) -> Iterator[tuple[PolicyInstance, ...]]:
    """The policies less one, for each one that denies something and that the path can remove."""
    for number, policy in enumerate(policies):
        if _is_removed_by(path, policy):
            yield (*policies[:number], *policies[number + 1 :])


def _is_removed_by(path: EscalationPath, policy: PolicyInstance) -> bool:
    """True if it denies something, and the path removes policies of its kind: managed or inline."""
    is_of_kind = (policy.arn is not None) == bool(_MANAGED & path.preconditions)
    return is_of_kind and any(each.denies for each in policy.document.statements)


def older_boundaries(actor: Actor) -> Iterator[PolicyLayer]:
    """The layer of its boundary with each of the policy's older versions."""
    boundary, store = actor.policies.layers[1], actor.facts.authorizer.store
    policy = store.policies.get(actor.policies.details.boundary or "")
    if policy is not None:
        for older in policy.older:
            yield replace(boundary, held=(store.cache.held(older, policy.name, policy.arn),))
