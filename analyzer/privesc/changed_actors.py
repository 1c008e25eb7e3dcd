"""In: an actor, and what is taken from it or given to it. Out: the same principal as it is then."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import PrincipalDetails
from analyzer.policy.conditions import KeyKnowledge, KeyState
from analyzer.policy.documents import ALLOW_EVERYTHING, Document, PolicyInstance
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
    authorizer, known = actor.facts.authorizer, actor.facts.actors_cache
    if arn not in known:
        policies = authorizer.principals[arn]
        entry_point = entry_points_of(policies.principal)[0]
        evaluator = authorizer.evaluator(policies, entry_point)
        known[arn] = Actor(actor.facts, policies, entry_point, evaluator)
    found: Actor = known[arn]
    return found


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
    if before not in armed:
        armed[before] = _with_everything(before)
    found: Actor = armed[before]
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


def with_all(before: Actor, changed: Sequence[Actor]) -> Actor:
    """The same principal with all that it gets by these changes, and without what any takes away.

    Whichever of them are made, it is allowed no more: what denies in some alone is left out, and of
    the keys that a change sets it has whichever value suits it.
    """
    every = (before, *changed)
    layers = tuple(
        _widest(found)
        for name in [layer.name for layer in before.policies.layers]
        if (
            found := [
                layer for each in every for layer in each.policies.layers if layer.name == name
            ]
        )
        and len(found) == len(every)
    )
    groups = dict.fromkeys(name for each in every for name in each.policies.details.groups)
    details = replace(before.policies.details, groups=tuple(groups))
    if len(layers) < len(before.policies.layers):
        details = replace(details, boundary=None)
    keys: dict[str, KeyState] = {key: KeyKnowledge.FREE for each in every for key in each.keys}
    enrolled = any(each.entry_point is EntryPoint.ENROLLED for each in every)
    return changed_actor(before, layers, details, EntryPoint.ENROLLED if enrolled else None, keys)


def _widest(layers: Sequence[PolicyLayer]) -> PolicyLayer:
    """The layer with all that any of them allows, and what all of them deny."""
    number = Counter((id(each.document), each.arn) for layer in layers for each in layer.held)
    held = {(id(each.document), each.arn): each for layer in layers for each in layer.held}
    unknown = dict.fromkeys(reason for layer in layers for reason in layer.unknown)
    widest = (
        each if number[key] >= len(layers) else _without_denies(each) for key, each in held.items()
    )
    return replace(layers[0], held=tuple(widest), unknown=tuple(unknown))


def _without_denies(policy: PolicyInstance) -> PolicyInstance:
    allowing = tuple(each for each in policy.document.statements if each.allows)
    return replace(policy, document=Document(allowing))


def without_boundary(before: Actor) -> Iterator[Actor]:
    """The same principal without its boundary, if it has one."""
    if before.policies.has_boundary:
        first, _, *rest = before.policies.layers
        details = replace(before.policies.details, boundary=None)
        yield changed_actor(before, (first, *rest), details)


def without_a_deny(before: Actor, path: EscalationPath, targets: ResourceSet) -> Iterator[Actor]:
    """The same principal after each call of the path that takes away something that denies.

    What goes is a policy of its own, a policy of one of its groups, or the membership in a group.
    """
    first, *rest = before.policies.layers
    for gone, details in _removals(before, path, targets):
        left = list(first.held)
        for policy in gone:
            at = next((n for n, each in enumerate(left) if _is_same(each, policy)), None)
            if at is not None:
                del left[at]
        if len(left) < len(first.held):
            layers = (replace(first, held=tuple(left)), *rest)
            yield changed_actor(before, layers, details)


def _removals(
    before: Actor, path: EscalationPath, targets: ResourceSet
) -> Iterator[tuple[tuple[PolicyInstance, ...], PrincipalDetails]]:
    """The policies that one call takes away, and the principal's entry then."""
    resources, details = before.facts.authorizer.resources, before.policies.details
    own, by_group = _policies_by_holder(before)
    if _OWN_DENY & path.preconditions:
        yield from (((each,), details) for each in own if _is_removed_by(path, each))
        return
    for group, policies in by_group.items():
        if not resources.bit(group) & targets.possible:
            continue
        if Precondition.DENY_FROM_GROUP in path.preconditions:
            name = group.rpartition("/")[2]
            left = tuple(each for each in details.groups if each != name)
            yield policies, replace(details, groups=left)
        else:
            yield from (((each,), details) for each in policies if _is_removed_by(path, each))


def _is_same(one: PolicyInstance, other: PolicyInstance) -> bool:
    return one.document is other.document and one.arn == other.arn


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
