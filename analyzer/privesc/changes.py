"""In: an actor, and a path whose requirements hold on some targets. Out: what the path changes.

A change gives a principal other policies or other condition keys than today: the actor itself, or
somebody whose rights it then has. `edges` follows where the changed principal gets.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from analyzer.policy.conditions import KeyState, Ternary
from analyzer.policy.documents import PolicyInstance
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import PolicyLayer, keys_mentioned
from analyzer.policy.principals import group_layer
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.catalogue import EscalationPath, Gain, Precondition, Target
from analyzer.privesc.changed_actors import (
    actor_of,
    changed_actor,
    older_boundaries,
    with_everything,
    with_policy,
    without_a_deny,
    without_boundary,
)
from analyzer.privesc.other_names import ARN, USER_NAME, other_names
from analyzer.privesc.requirements import Actor
from analyzer.privesc.tagging import PRINCIPAL_TAG, tag_names, taggings, untaggings

OF_SELF = frozenset({Target.SELF_USER, Target.SELF_ROLE, Target.OWN_GROUP, Target.POLICY_OF_SELF})
"""Targets by which a path raises the actor itself."""
_LIFTED = frozenset(
    {
        Precondition.BOUNDARY_OF_OTHER, Precondition.BOUNDARY_POLICY_OF_OTHER,
        Precondition.MANAGED_DENY_OTHER, Precondition.INLINE_DENY_OTHER,
    }
)  # fmt: skip
TAKEN_OVER = frozenset({Target.SAME_USER, Target.SAME_ROLE, Target.ROLE_WITH_POLICY})
"""Targets that a path raises and then takes over."""


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalChange:
    """A step after which somebody has other rights.

    `on` is what the path works on, `actor` whoever the one who takes the step is then, and `before`
    the same principal as it was. `targets` are all, as bits, on which the step does the same.
    """

    path: EscalationPath
    entry_point: EntryPoint
    on: str
    is_certain: bool
    actor: Actor
    before: Actor
    targets: int


def find_changes(
    actor: Actor, path: EscalationPath, targets: ResourceSet, done: int
) -> Iterator[PrincipalChange]:
    """What the path changes over these targets.

    `done`: the targets, as bits, over which it gives full rights anyhow; a path that does so over
    some is not tried on others that a boundary caps, for it is closed in the same way.
    """
    if done:
        return
    find = _FINDERS.get(path.gain)
    if is_about_a_boundary(path):
        find = _without_boundary
    elif lifts_for_others(path):
        find = _free_of_what_holds_it_back
    elif enrols_for_another(path):
        find = _with_device_of_the_actor
    if find is not None:
        yield from find(_Step(actor, path, targets))


def attachments(
    actor: Actor, path: EscalationPath, policies: Iterable[PolicyInstance], done: int
) -> Iterator[PrincipalChange]:
    """What attaching one of these policies changes, where not just any policy may be attached.

    `done`: the targets, as bits, over which the path gives full rights anyhow.
    """
    if not any(each.startswith("iam:Attach") for each in path.actions):
        return
    reached = {each.target for each in path.requires}
    for policy in policies if actor.asks_for_policy else ():
        targets = actor.matching_targets(path, policy.arn)
        step = _Step(actor, path, targets.among(~done))
        if reached & OF_SELF and not done:
            yield from step.on_itself((with_policy(actor, policy),))
        elif reached & TAKEN_OVER:
            yield from step.on_others(partial(_attach, policy))


def is_about_a_boundary(path: EscalationPath) -> bool:
    """True if the path takes the boundary off a role or user, to take it over then."""
    return bool(
        {Precondition.ROLE_HAS_BOUNDARY, Precondition.USER_HAS_BOUNDARY} & path.preconditions
    )


def lifts_for_others(path: EscalationPath) -> bool:
    """True if the path takes away from others what keeps them from full rights."""
    return bool(_LIFTED & path.preconditions)


def enrols_for_another(path: EscalationPath) -> bool:
    """True if the path enrols an MFA device for a user, to take that user over with it."""
    return any(
        "iam:EnableMFADevice" in each.any_of and each.target is Target.OTHER_USER
        for each in path.requires
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """The path that the actor takes, and on what."""

    actor: Actor
    path: EscalationPath
    targets: ResourceSet

    def on_each(self, change: Callable[[str], Iterator[Actor]]) -> Iterator[PrincipalChange]:
        """For each target, given by ARN, the actor as the step changes it."""
        resources = self.actor.facts.authorizer.resources
        for arn in resources.named(self.targets.possible):
            is_certain = bool(self.targets.certain & resources.bit(arn))
            for changed in change(arn):
                yield self._change(arn, changed, self.actor, is_certain=is_certain)

    def on_itself(
        self, changed: Iterable[Actor], truth: Ternary = Ternary.TRUE
    ) -> Iterator[PrincipalChange]:
        """The actor itself as the step changes it, whatever the target is."""
        is_certain = bool(self.targets.certain) and truth is Ternary.TRUE
        for each in changed if self.targets.possible else ():
            arn = self.actor.policies.arn
            yield self._change(arn, each, self.actor, is_certain=is_certain)

    def on_others(self, change: Callable[[Actor], Iterable[Actor]]) -> Iterator[PrincipalChange]:
        """For each target that is a principal, that principal as the step changes it.

        Of those who have the same rights then, one stands for all.
        """
        authorizer = self.actor.facts.authorizer
        firsts: dict[tuple[object, ...], tuple[str, Actor, Actor, bool]] = {}
        targets: dict[tuple[object, ...], int] = {}
        # Others are changed first or not at all: what comes then are changes of oneself.
        among = self.actor.own_bit if self.actor.is_changed else -1
        for arn in authorizer.resources.named(self.targets.possible & among):
            if arn not in authorizer.principals:
                continue
            bit = authorizer.resources.bit(arn)
            is_certain = bool(self.targets.certain & bit)
            before = actor_of(self.actor, arn)
            for changed in change(before):
                sort = changed.entry_point, is_certain, before is self.actor
                rights: tuple[object, ...] = id(changed.evaluator), *sort
                firsts.setdefault(rights, (arn, changed, before, is_certain))
                targets[rights] = targets.get(rights, 0) | bit
        for rights, (arn, changed, before, is_certain) in firsts.items():
            made = self._change(arn, changed, before, is_certain=is_certain)
            yield replace(made, targets=targets[rights])

    def _change(
        self, on: str, changed: Actor, before: Actor, *, is_certain: bool
    ) -> PrincipalChange:
        is_certain = is_certain and self.actor.is_certain
        targets = self.actor.facts.authorizer.resources.bit(on)
        return PrincipalChange(
            self.path, self.actor.entry_point, on, is_certain, changed, before, targets
        )


def _by_joining(step: _Step) -> Iterator[PrincipalChange]:
    """As a member of a group more."""
    actor, authorizer = step.actor, step.actor.facts.authorizer
    groups = {group.arn: group for group in authorizer.account.groups}
    first, *rest = actor.policies.layers

    def join(arn: str) -> Iterator[Actor]:
        more = group_layer(groups[arn], authorizer.store)
        unknown = (*first.unknown, *more.unknown)
        joined = PolicyLayer(first.name, (*first.held, *more.held), unknown)
        details = actor.policies.details
        member = replace(details, groups=(*details.groups, groups[arn].name))
        yield changed_actor(actor, (joined, *rest), member)

    return step.on_each(join)


def _by_rollback(step: _Step) -> Iterator[PrincipalChange]:
    """With an older version of a policy that it holds."""
    store = step.actor.facts.authorizer.store
    first, *rest = step.actor.policies.layers

    def roll_back(arn: str) -> Iterator[Actor]:
        for older in store.policies[arn].older if arn in store.policies else ():
            other = store.cache.held(older, arn, arn)
            held = tuple(other if each.arn == arn else each for each in first.held)
            yield changed_actor(step.actor, (replace(first, held=held), *rest))

    return step.on_each(roll_back)


def _by_removal(step: _Step) -> Iterator[PrincipalChange]:
    """Without its boundary, with another one, or without a policy that denies something."""
    actor, path = step.actor, step.path
    first, *rest = actor.policies.layers
    if Precondition.CALLER_HAS_BOUNDARY not in path.preconditions:
        return step.on_itself(without_a_deny(actor, path, step.targets))
    if not actor.policies.has_boundary:
        return iter(())
    if Precondition.WIDER_VERSION not in path.preconditions:
        return step.on_itself(without_boundary(actor))
    return step.on_itself(
        changed_actor(actor, (first, older, *rest[1:])) for older in older_boundaries(actor)
    )


def _attach(policy: PolicyInstance, before: Actor) -> tuple[Actor, ...]:
    return (with_policy(before, policy),)


def _without_boundary(step: _Step) -> Iterator[PrincipalChange]:
    """A role or user, which the actor takes over, without the boundary that caps it."""
    return step.on_others(without_boundary)


def _free_of_what_holds_it_back(step: _Step) -> Iterator[PrincipalChange]:
    """Somebody else, who is not taken over by it, without the boundary or without a Deny."""
    facts, needs = step.actor.facts, step.path.preconditions
    is_of_boundary = needs & {Precondition.BOUNDARY_OF_OTHER, Precondition.BOUNDARY_POLICY_OF_OTHER}
    among = facts.bounded
    if not is_of_boundary:
        is_managed = Precondition.MANAGED_DENY_OTHER in needs
        among = facts.denied_managed if is_managed else facts.denied_inline
    targets = step.targets
    if Precondition.BOUNDARY_POLICY_OF_OTHER in needs:
        targets = ResourceSet(facts.bounded_by(targets.certain), facts.bounded_by(targets.possible))
    narrowed = replace(step, targets=targets.among(among & ~step.actor.own_bit))

    def lift(before: Actor) -> Iterable[Actor]:
        key = (*before.state, step.path.id)
        if key not in facts.lifted_cache:
            facts.lifted_cache[key] = tuple(
                without_boundary(before)
                if is_of_boundary
                else without_a_deny(before, step.path, step.targets)
            )
        found: tuple[Actor, ...] = facts.lifted_cache[key]
        return found

    return narrowed.on_others(lift)


def _with_own_device(step: _Step) -> Iterator[PrincipalChange]:
    """With an MFA device that the user enrols itself."""
    actor = step.actor
    truth = actor.facts.authorizer.enrols_device(actor.policies, actor.entry_point)
    if actor.entry_point is EntryPoint.ENROLLED or truth is Ternary.FALSE:
        return iter(())
    enrolled = changed_actor(actor, entry_point=EntryPoint.ENROLLED)
    return step.on_itself((enrolled,), truth)


def _with_device_of_the_actor(step: _Step) -> Iterator[PrincipalChange]:
    """A user, whom the actor takes over, with an MFA device that the actor holds.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
    """

    def enrol(before: Actor) -> Iterator[Actor]:
        if before.entry_point is not EntryPoint.ENROLLED:
            yield changed_actor(before, entry_point=EntryPoint.ENROLLED)

    return step.on_others(enrol)


def _with_another_name(step: _Step) -> Iterator[PrincipalChange]:
    """By another name or path, which it gives itself."""
    actor = step.actor
    own = actor.other_arn or actor.policies.arn
    for arn, truth in other_names(actor.evaluator, actor.facts, own):
        keys: dict[str, KeyState] = {USER_NAME: (arn.rpartition("/")[2],), ARN: (arn,)}
        yield from step.on_itself((changed_actor(actor, keys=keys),), truth)


def _with_tags(step: _Step) -> Iterator[PrincipalChange]:
    """With tags of the actor's choice, or without them.

    Whether just these tags may be set or taken off, only a request tells.
    """
    actor, facts = step.actor, step.actor.facts
    change = untaggings if Precondition.TAG_DENIES in step.path.preconditions else taggings

    def tag(before: Actor) -> Iterator[Actor]:
        asked = keys_mentioned(before.policies.layers) | facts.authorizer.trust_keys
        names = tag_names(asked - before.keys.keys(), PRINCIPAL_TAG)
        for each in change(actor.evaluator, facts, names):
            if each.on & before.own_bit:
                yield changed_actor(before, keys=each.keys(PRINCIPAL_TAG + name for name in names))

    return (replace(each, is_certain=False) for each in step.on_others(tag))


def _under_its_boundary(step: _Step) -> Iterator[PrincipalChange]:
    """With every right that its boundary leaves, where that is less than all."""
    targets = {each.target for each in step.path.requires}
    facts = step.actor.facts
    if targets & OF_SELF:
        is_capped = step.actor.policies.has_boundary and not step.actor.uncapped.certain
        return step.on_itself((with_everything(step.actor),) if is_capped else ())
    if not targets & TAKEN_OVER:
        return iter(())
    capped = step.targets.among(facts.bounded & ~facts.without_boundary.certain)
    narrowed = replace(step, targets=capped)
    return narrowed.on_others(lambda before: (with_everything(before),))


_FINDERS: Mapping[Gain, Callable[[_Step], Iterator[PrincipalChange]]] = MappingProxyType(
    {
        Gain.ADMIN: _under_its_boundary,
        Gain.GROUP: _by_joining,
        Gain.OLDER_VERSION: _by_rollback,
        Gain.OWN_IDENTITY_POLICIES: _by_removal,
        Gain.OTHER_NAME: _with_another_name,
        Gain.OWN_MFA_SESSION: _with_own_device,
        Gain.CONDITIONAL_GRANTS: _with_tags,
    }
)
