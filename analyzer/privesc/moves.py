"""In: an actor as it is, and the catalogue of paths. Out: its moves: edges, and its changes.

That a requirement holds is kept as bits, one a target, for all principals and paths are compared.
Which statements allow it is decided again for the few paths that a report shows, by
`rules.privilege_queries.route_statements`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analyzer.inventory.model import User
from analyzer.policy.actions import ActionIndex
from analyzer.policy.conditions import Ternary
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.service_rules import ASSUME
from analyzer.privesc.catalogue import (
    Decidability,
    EscalationPath,
    Gain,
    Precondition,
    SeverityCap,
    Target,
)
from analyzer.privesc.changes import PrincipalChange, attachments, find_changes
from analyzer.privesc.differences import EVERY_DIFFERENCE, LIFTING, Difference
from analyzer.privesc.outcomes import Edge, makes_admin, outcome, outcome_of_changes
from analyzer.privesc.requirements import Actor

_ADDING = frozenset({Gain.GROUP, Gain.ADMIN})
"""Gains that add to its Allows: of no use to whom everything is allowed already."""


@dataclass(frozen=True, slots=True, eq=False)
class PathIndex:
    """Paths, each with its requirements' actions as bits; the caches change no answer.

    `actions` are all that any path requires, `lifting` those of paths that lift what holds back.
    """

    masks: tuple[tuple[EscalationPath, tuple[int, ...]], ...]
    masks_of: Mapping[str, tuple[int, ...]]
    actions: int
    lifting: int
    partners_cache: dict[int, int] = field(default_factory=dict)
    paths_cache: dict[int, tuple[EscalationPath, ...]] = field(default_factory=dict)
    edges_cache: dict[tuple[object, ...], tuple[Edge, ...]] = field(default_factory=dict)

    def may_serve_together(self, one: Difference, other: Difference) -> bool:
        """True if two changes, each of which can be made first, may serve one path together."""
        if one.keys & other.mentions or other.keys & one.mentions:
            return True
        if (one.words | other.words) & self.lifting:
            return True
        if (one.is_lifting or other.is_lifting) and one.words & other.words & self.actions:
            return True
        return bool(self._partners(one.words & self.actions) & other.words)

    def _partners(self, actions: int) -> int:
        """What paths require besides one of these actions, as bits."""
        if actions not in self.partners_cache:
            found = 0
            for _, masks in self.masks:
                for number, mask in enumerate(masks):
                    for other in masks[:number] + masks[number + 1 :] if mask & actions else ():
                        found |= other
            self.partners_cache[actions] = found
        return self.partners_cache[actions]

    def within(self, possible: int) -> tuple[EscalationPath, ...]:
        """The paths whose every requirement has one of these actions; found once for each set."""
        if possible not in self.paths_cache:
            self.paths_cache[possible] = tuple(
                path for path, masks in self.masks if all(each & possible for each in masks)
            )
        return self.paths_cache[possible]


def path_index(actions: ActionIndex, paths: tuple[EscalationPath, ...]) -> PathIndex:
    """These paths, in their order."""
    masks = tuple(
        (path, tuple(actions.bits_of(each.any_of) for each in path.requires)) for path in paths
    )
    every = lifting = 0
    for path, of_path in masks:
        for mask in of_path:
            every |= mask
            lifting |= mask if path.gain in LIFTING else 0
    return PathIndex(masks, {path.id: of_path for path, of_path in masks}, every, lifting)


@dataclass(frozen=True, slots=True)
class Moves:
    """What an actor can do as it is: an edge for each path, and its changes not yet followed."""

    edges: Mapping[str, Edge]
    changes: tuple[PrincipalChange, ...]


def find_moves(
    actor: Actor,
    index: PathIndex,
    matters: Difference = EVERY_DIFFERENCE,
    also: frozenset[str] = frozenset(),
    *,
    is_changed: bool = False,
) -> Moves:
    """The moves by the paths for which it matters what has changed, and by these also, by id."""
    possible, actions = actor.evaluator.possible, actor.facts.authorizer.actions
    if actor.facts.names(actor.policies):
        possible |= actions.bit(ASSUME)
    found: dict[str, Edge] = {}
    made: list[PrincipalChange] = []
    is_full = is_changed and actor.is_granted_everything
    barren = _ADDING if is_full else frozenset()
    for path in index.within(possible):
        is_concerned = path.id in also or matters.concerns(path, index.masks_of[path.id])
        if not (is_concerned and _fits(path, actor.policies)):
            continue
        edge, of_path = _take(actor, path, index, changes_it=path.gain not in barren)
        found[path.id] = edge
        made += of_path
    return Moves(found, tuple(made))


def _take(
    actor: Actor, path: EscalationPath, index: PathIndex, *, changes_it: bool
) -> tuple[Edge, tuple[PrincipalChange, ...]]:
    """The edge by that path, and the changes of it that are to be followed.

    `changes_it` False: what it changes is of no use to the actor.
    """
    targets = _certain_only_if_decided(path, actor.matching_targets(path))
    edge = Edge(path, actor.entry_point)
    made: tuple[PrincipalChange, ...] = ()
    if targets.possible:
        edge = outcome(actor, path, targets)
    if targets.possible and changes_it:
        made = tuple(find_changes(actor, path, targets, edge.to_admin.certain))
    if actor.asks_for_policy and changes_it:
        policies = actor.facts.policies_with(index.actions)
        made += tuple(attachments(actor, path, policies, edge.to_admin.certain))
    judged = tuple((each, makes_admin(each)) for each in made)
    at_once = outcome_of_changes(actor, path, judged)
    if at_once.leads_somewhere:
        edge = edge.joined(at_once)
    if path.gain is Gain.RIGHTS_FOR_OTHERS:
        return edge, ()
    return edge, tuple(each for each, truth in judged if truth is not Ternary.TRUE)


def _certain_only_if_decided(path: EscalationPath, targets: ResourceSet) -> ResourceSet:
    """Certain is only what exports decide in full, with a severity not capped below high."""
    is_capped = path.severity_cap in (SeverityCap.LOW, SeverityCap.MEDIUM)
    if path.decidability is Decidability.FULL and not is_capped:
        return targets
    return targets.doubted


def _fits(path: EscalationPath, policies: PrincipalPolicies) -> bool:
    """True if the path is one for this kind of principal."""
    is_user = isinstance(policies.principal, User)
    needs = path.preconditions
    if (Precondition.CALLER_IS_USER in needs and not is_user) or (
        Precondition.CALLER_IS_ROLE in needs and is_user
    ):
        return False
    targets = {each.target for each in path.requires}
    if (Target.SELF_USER in targets and not is_user) or (Target.SELF_ROLE in targets and is_user):
        return False
    return not (Precondition.CALLER_HAS_BOUNDARY in needs and not policies.has_boundary)
