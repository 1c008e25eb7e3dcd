"""In: an actor and a path whose requirements hold on some targets. Out: what the path leads to.

`edges` finds out which paths an actor can take; here is what each gain of the catalogue means: full
rights at once, the rights of others, or the actor itself with other policies than today.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import PrincipalDetails, User
from analyzer.policy.authorizer import MFA_KEYS
from analyzer.policy.conditions import KeyKnowledge, Ternary, any_of
from analyzer.policy.documents import PolicyInstance
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import PolicyLayer, Verdict, keys_mentioned
from analyzer.policy.principals import PrincipalPolicies, group_layer
from analyzer.policy.request_context import EntryPoint, entry_points_of
from analyzer.privesc.account_facts import NOBODY, caps_are_open
from analyzer.privesc.catalogue import EscalationPath, Gain, Precondition, Target
from analyzer.privesc.requirements import Actor

_KEY_MAKERS = frozenset({"iam:CreateAccessKey", "iam:UpdateAccessKey"})
_SELF = frozenset({Target.SELF_USER, Target.SELF_ROLE, Target.OWN_GROUP, Target.POLICY_OF_SELF})
_CHANGING = frozenset(
    {
        Gain.GROUP, Gain.OLDER_VERSION, Gain.OWN_IDENTITY_POLICIES, Gain.OWN_MFA_SESSION,
        Gain.CONDITIONAL_GRANTS,
    }
)  # fmt: skip
_TAG = "aws:principaltag/"


@dataclass(frozen=True, slots=True)
class Edge:
    """A path of the catalogue that a principal can take, and where it ends.

    `to_admin` are the targets over which it gets full rights at once: its own ARN where it raises
    itself or makes a new principal. `to` are the principals whose rights it gets, `on` the targets
    of a path that gives neither.
    """

    path: EscalationPath
    entry_point: EntryPoint
    to_admin: ResourceSet
    to: ResourceSet
    on: ResourceSet = NOBODY

    @property
    def leads_somewhere(self) -> bool:
        """True if it gives full rights, or the rights of anybody."""
        return bool(self.to_admin.possible | self.to.possible)


Follow = Callable[[Actor, int], Iterator[Edge]]
"""The edges of an actor, also of one as it would be after a step, by paths with these actions."""


def outcome(actor: Actor, path: EscalationPath, targets: ResourceSet, follow: Follow) -> Edge:
    """The edge of that path, whose requirements hold on those targets.

    Where a path changes the actor itself, `follow` tells where the changed actor gets. One that is
    changed already is not changed again.
    """
    to_admin = to = on = NOBODY
    if actor.depth and (path.gain in _CHANGING or _is_about_a_boundary(path)):
        return Edge(path, actor.entry_point, to_admin, to, on)
    match path.gain:
        case Gain.ADMIN:
            to_admin = _full_rights(actor, path, targets)
        case Gain.OTHER_USER | Gain.ROLE:
            if _is_about_a_boundary(path):
                to_admin = _admins_without_boundary(actor, targets, follow)
            else:
                to = _by_bare_key(actor, path, _without(targets, actor.own_bit))
        case Gain.GROUP:
            to_admin = _admin_by_joining(actor, targets, follow)
        case Gain.OLDER_VERSION:
            to_admin = _admin_by_rollback(actor, targets, follow)
        case Gain.OWN_IDENTITY_POLICIES:
            to_admin = _admin_by_removal(actor, path, targets, follow)
        case Gain.OWN_MFA_SESSION:
            to_admin = _admin_with_own_device(actor, targets, follow)
        case Gain.CONDITIONAL_GRANTS:
            to_admin = _admins_by_tags(actor, targets)
            to = _roles_by_tags(actor, targets)
        case _:
            on = targets
    return Edge(path, actor.entry_point, to_admin, to, on)


def _full_rights(actor: Actor, path: EscalationPath, targets: ResourceSet) -> ResourceSet:
    """Full rights, unless a boundary or an SCP stays over whoever gets them."""
    facts, own = actor.facts, ResourceSet(actor.own_bit, actor.own_bit)
    reached = {each.target for each in path.requires}
    if reached & _SELF or reached <= {None}:
        return _if_found(targets, _both(own, _unbound(actor)))
    if reached & {Target.NEW_USER, Target.NEW_ROLE}:
        # A new principal has no boundary, but the organization's policies are over it, too.
        certain = own.certain if _new_principals_are_unrestricted(actor) else 0
        return _if_found(targets, ResourceSet(certain, own.possible))
    return _both(targets, facts.without_boundary)


def _is_about_a_boundary(path: EscalationPath) -> bool:
    return Precondition.ROLE_HAS_BOUNDARY in path.preconditions


def _by_bare_key(actor: Actor, path: EscalationPath, targets: ResourceSet) -> ResourceSet:
    """The users whose rights a new access key certainly brings, and those it possibly does.

    A key brings no MFA. Whoever asks for MFA, and can't enrol a device by that key, is possible.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
    """
    if not _KEY_MAKERS & path.actions:
        return targets
    authorizer, certain = actor.facts.authorizer, targets.certain
    for arn in authorizer.resources.named(targets.certain):
        policies = authorizer.principals.get(arn)
        if policies is None or not MFA_KEYS & keys_mentioned(policies.layers):
            continue
        if authorizer.enrols_device(policies, EntryPoint.LEAKED_KEY) is not Ternary.TRUE:
            certain &= ~authorizer.resources.bit(arn)
    return ResourceSet(certain, targets.possible)


def _unbound(actor: Actor) -> ResourceSet:
    """The actor as it is now, unless a boundary or an SCP keeps it from full rights."""
    if not actor.depth:
        return actor.facts.without_boundary
    is_open = caps_are_open(actor.facts.authorizer, actor.policies)
    own = actor.own_bit
    return ResourceSet(own if is_open else 0, own if is_open is not False else 0)


def _new_principals_are_unrestricted(actor: Actor) -> bool:
    """True if the SCPs over the account allow everything."""
    scps = tuple(each for each in actor.policies.layers[1:] if each.name.startswith("SCP"))
    authorizer = actor.facts.authorizer
    context = authorizer.evaluators.context(actor.policies, actor.entry_point)
    return not scps or authorizer.evaluators.evaluator_for_policies(scps, context).allows_everything


def _admins_without_boundary(actor: Actor, targets: ResourceSet, follow: Follow) -> ResourceSet:
    """The roles that would be administrators without their boundary."""

    def would_be_admin(arn: str) -> Ternary:
        role = actor.facts.authorizer.principals[arn]
        rest = (role.identity, *role.layers[2:])
        is_bound = role.has_boundary
        return _would_be_admin(actor, rest, follow, role) if is_bound else Ternary.FALSE

    return _those(actor, targets, would_be_admin)


def _admin_by_joining(actor: Actor, targets: ResourceSet, follow: Follow) -> ResourceSet:
    """The groups that would make the user an administrator."""
    authorizer = actor.facts.authorizer
    groups = {group.arn: group for group in authorizer.account.groups}
    first, *rest = actor.policies.layers

    def makes_admin(arn: str) -> Ternary:
        more = group_layer(groups[arn], authorizer.store)
        unknown = (*first.unknown, *more.unknown)
        joined = PolicyLayer(first.name, (*first.held, *more.held), unknown)
        details = actor.policies.details
        member = replace(details, groups=(*details.groups, groups[arn].name))
        return _would_be_admin(actor, (joined, *rest), follow, details=member)

    return _those(actor, targets, makes_admin)


def _admin_by_rollback(actor: Actor, targets: ResourceSet, follow: Follow) -> ResourceSet:
    """The policies that, at an older version, would make the principal an administrator."""
    store = actor.facts.authorizer.store
    first, *rest = actor.policies.layers

    def with_version(arn: str, older: JsonNode) -> tuple[PolicyLayer, ...]:
        other = store.cache.held(older, arn, arn)
        held = tuple(other if each.arn == arn else each for each in first.held)
        return (replace(first, held=held), *rest)

    def makes_admin(arn: str) -> Ternary:
        versions = (with_version(arn, older) for older in store.policies[arn].older)
        return any_of(_would_be_admin(actor, layers, follow) for layers in versions)

    return _those(actor, targets, makes_admin)


def _admin_by_removal(
    actor: Actor, path: EscalationPath, targets: ResourceSet, follow: Follow
) -> ResourceSet:
    """The principal itself, if it is an administrator once its boundary or a Deny is gone."""
    details, (first, *rest) = actor.policies.details, actor.policies.layers
    if Precondition.CALLER_HAS_BOUNDARY in path.preconditions:
        has_boundary = actor.policies.has_boundary
        others = _other_boundaries(actor, path) if has_boundary else ()
        changed = [(first, *each, *rest[1:]) for each in others]
        is_gone = Precondition.WIDER_VERSION not in path.preconditions
        details = replace(details, boundary=None) if is_gone else details
    else:
        kept = _policies_left(actor, path, targets)
        changed = [(replace(first, held=left), *rest) for left in kept]
    truth = any_of(_would_be_admin(actor, layers, follow, details=details) for layers in changed)
    return _itself(actor, targets, truth)


def _policies_left(
    actor: Actor, path: EscalationPath, targets: ResourceSet
) -> Iterator[tuple[PolicyInstance, ...]]:
    """The identity policies left after one call that takes away something that denies.

    What goes is a policy of its own, a policy of one of its groups, or the membership in a group.
    """
    resources = actor.facts.authorizer.resources
    own, by_group = _policies_by_holder(actor)
    if {Precondition.MANAGED_DENY, Precondition.INLINE_DENY} & path.preconditions:
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
    managed = {Precondition.MANAGED_DENY, Precondition.MANAGED_DENY_GROUP} & path.preconditions
    is_of_kind = (policy.arn is not None) == bool(managed)
    return is_of_kind and any(each.denies for each in policy.document.statements)


def _other_boundaries(actor: Actor, path: EscalationPath) -> Iterator[tuple[PolicyLayer, ...]]:
    """What the path puts in the boundary's place: none at all, or an older version of it."""
    if Precondition.WIDER_VERSION not in path.preconditions:
        yield ()
        return
    boundary, store = actor.policies.layers[1], actor.facts.authorizer.store
    policy = store.policies.get(actor.policies.details.boundary or "")
    if policy is not None:
        for older in policy.older:
            yield (replace(boundary, held=(store.cache.held(older, policy.name, policy.arn),)),)


def _admin_with_own_device(actor: Actor, targets: ResourceSet, follow: Follow) -> ResourceSet:
    """The user itself, if it is or becomes an administrator with an MFA device of its own."""
    authorizer = actor.facts.authorizer
    is_possible = authorizer.enrols_device(actor.policies, actor.entry_point) is not Ternary.FALSE
    if actor.entry_point is EntryPoint.ENROLLED or not is_possible:
        return NOBODY
    evaluator = authorizer.evaluator(actor.policies, EntryPoint.ENROLLED)
    inner = Actor(actor.facts, actor.policies, EntryPoint.ENROLLED, evaluator, depth=1)
    return _itself(actor, targets, _becomes_admin(actor, inner, follow))


def _admins_by_tags(actor: Actor, targets: ResourceSet) -> ResourceSet:
    """The principals that tags of the actor's choice would possibly make administrators."""
    authorizer = actor.facts.authorizer

    def would_be_admin(arn: str) -> Ternary:
        policies = authorizer.principals[arn]
        tags = {key for key in keys_mentioned((policies.identity,)) if key.startswith(_TAG)}
        if not tags:
            return Ternary.FALSE
        is_own = policies.arn == actor.policies.arn
        entry_point = actor.entry_point if is_own else entry_points_of(policies.principal)[0]
        tagged = authorizer.evaluator(policies, entry_point).with_context(
            dict.fromkeys(tags, KeyKnowledge.FREE)
        )
        inner = Actor(actor.facts, policies, entry_point, tagged, depth=1)
        is_admin = inner.is_admin or tagged.possibly_allows_everything or _raises_itself(inner)
        return Ternary.TRUE if is_admin else Ternary.FALSE

    return ResourceSet(0, _those(actor, targets, would_be_admin).possible)


def _roles_by_tags(actor: Actor, targets: ResourceSet) -> ResourceSet:
    """The roles that possibly let the actor in with tags of its own choice."""
    authorizer = actor.facts.authorizer
    tags = {key for key in authorizer.trust_keys if key.startswith(_TAG)}
    if actor.depth or not tags or not targets.possible & actor.own_bit:
        return NOBODY
    chosen = dict.fromkeys(tags, KeyKnowledge.FREE)
    bits = 0
    for role in authorizer.resources.named(actor.facts.roles & ~actor.own_bit):
        said = authorizer.may_assume(actor.policies, role, actor.entry_point, chosen)
        if said.verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL):
            bits |= authorizer.resources.bit(role)
    return ResourceSet(0, bits)


def _would_be_admin(
    actor: Actor,
    layers: tuple[PolicyLayer, ...],
    follow: Follow,
    policies: PrincipalPolicies | None = None,
    details: PrincipalDetails | None = None,
) -> Ternary:
    """Whether the actor, or whoever holds `policies`, is or becomes administrator by these layers.

    A principal with changed policies is asked for every path, but for those that change it again.
    """
    unchanged = policies or actor.policies
    changed = replace(unchanged, layers=layers, details=details or unchanged.details)
    entry_point = actor.entry_point if policies is None else entry_points_of(changed.principal)[0]
    authorizer = actor.facts.authorizer
    context = authorizer.evaluators.context(changed, entry_point)
    evaluator = authorizer.evaluators.evaluator_for_policies(layers, context)
    inner = Actor(actor.facts, changed, entry_point, evaluator, depth=1)
    before = (
        actor
        if policies is None
        else Actor(actor.facts, policies, entry_point, authorizer.evaluator(policies, entry_point))
    )
    return _becomes_admin(before, inner, follow)


def _becomes_admin(actor: Actor, changed: Actor, follow: Follow) -> Ternary:
    """Whether the changed actor is administrator, makes itself one, or takes over one.

    What the actor reaches by the same path without the change does not count. Several paths end
    in the same change, which is followed once.
    """
    cache, details = actor.facts.changes_cache, changed.policies.details
    of_actor = actor.policies.arn, actor.entry_point, id(actor.evaluator)
    of_changed = changed.entry_point, id(changed.evaluator), details.groups, details.boundary
    if (*of_actor, *of_changed) not in cache:
        cache[*of_actor, *of_changed] = _follow_change(actor, changed, follow)
    return cache[*of_actor, *of_changed]


def _follow_change(actor: Actor, changed: Actor, follow: Follow) -> Ternary:
    is_new = changed.is_admin and not actor.is_admin
    if is_new or (_raises_itself(changed) and not _raises_itself(actor)):
        return Ternary.TRUE
    touching = _actions_changed(actor, changed)
    found = {
        each.path.id: _administrators_reached(each, changed) for each in follow(changed, touching)
    }
    if not any(each.possible for each in found.values()):
        return Ternary.FALSE
    unchanged = replace(actor, depth=1)
    for each in follow(unchanged, touching):
        reached, had = found.get(each.path.id, NOBODY), _administrators_reached(each, unchanged)
        found[each.path.id] = ResourceSet(
            reached.certain & ~had.certain, reached.possible & ~had.possible
        )
    if any(each.certain for each in found.values()):
        return Ternary.TRUE
    return Ternary.UNKNOWN if any(each.possible for each in found.values()) else Ternary.FALSE


def _actions_changed(actor: Actor, changed: Actor) -> int:
    """The actions, as bits, on which the change can make a difference.

    Where a layer is gone, or the request is another, that is any action.
    """
    before, after = actor.evaluator, changed.evaluator
    is_same_request = actor.entry_point is changed.entry_point and before.context == after.context
    if not is_same_request or len(before.layers) != len(after.layers):
        return -1
    spoken = [
        Counter((each.layer, id(each.statement)) for each in one.statements)
        for one in (before, after)
    ]
    bits = 0
    for each in (*before.statements, *after.statements):
        key = each.layer, id(each.statement)
        bits |= each.statement.actions if spoken[0][key] != spoken[1][key] else 0
    return bits


def _administrators_reached(edge: Edge, actor: Actor) -> ResourceSet:
    """The targets of the edge over which the actor gets full rights."""
    those = actor.facts.administrators
    return ResourceSet(
        edge.to_admin.certain | (edge.to.certain & those),
        edge.to_admin.possible | (edge.to.possible & those),
    )


def _raises_itself(actor: Actor) -> bool:
    """True if it can certainly give itself any right, by the paths that need nothing but itself."""
    own = actor.own_bit
    if not _unbound(actor).certain & own:
        return False
    actions = ("iam:PutUserPolicy", "iam:AttachUserPolicy")
    if not isinstance(actor.policies.principal, User):
        actions = ("iam:PutRolePolicy", "iam:AttachRolePolicy")
    return any(actor.evaluator.allowed_resources(action).certain & own for action in actions)


def _those(actor: Actor, targets: ResourceSet, holds: Callable[[str], Ternary]) -> ResourceSet:
    """The targets, given by ARN, of which that holds, certainly or possibly."""
    resources = actor.facts.authorizer.resources
    certain = possible = 0
    for arn in resources.named(targets.possible):
        truth = holds(arn)
        certain |= resources.bit(arn) if truth is Ternary.TRUE else 0
        possible |= resources.bit(arn) if truth is not Ternary.FALSE else 0
    return ResourceSet(targets.certain & certain, targets.possible & possible)


def _itself(actor: Actor, targets: ResourceSet, truth: Ternary) -> ResourceSet:
    """The actor, if that is true or possible, and if there is a target at all."""
    certain = actor.own_bit if truth is Ternary.TRUE else 0
    possible = actor.own_bit if truth is not Ternary.FALSE else 0
    return _if_found(targets, ResourceSet(certain, possible))


def _if_found(targets: ResourceSet, reached: ResourceSet) -> ResourceSet:
    """What is reached, certainly if there is a certain target, possibly if a possible one."""
    return ResourceSet(
        reached.certain if targets.certain else 0, reached.possible if targets.possible else 0
    )


def _both(one: ResourceSet, other: ResourceSet) -> ResourceSet:
    return ResourceSet(one.certain & other.certain, one.possible & other.possible)


def _without(targets: ResourceSet, bit: int) -> ResourceSet:
    return ResourceSet(targets.certain & ~bit, targets.possible & ~bit)
