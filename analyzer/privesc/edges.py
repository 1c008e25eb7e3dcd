"""In: an actor and the catalogue of paths. Out: the edges that lead on from it.

That a requirement holds is kept as bits, one a target, for all principals and paths are compared.
Which statements allow it is decided again for the few paths that a report shows, by
`rules.privilege_queries.route_statements`.

Where a path changes a principal, the changed one is asked again, up to `MOST_CHANGES` in a row.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
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
from analyzer.privesc.changes import PrincipalChange, attachments, changes
from analyzer.privesc.differences import EVERY_DIFFERENCE, Difference, difference
from analyzer.privesc.outcomes import Edge, makes_admin, outcome, outcome_of_changes
from analyzer.privesc.requirements import Actor

MOST_CHANGES = 3
"""Changes of itself in a row that are followed; of one of somebody else, what comes after it."""
_MOST_STATES = 400
"""Changed principals that are asked for one actor; with more of them full rights are possible."""
_ADDING = frozenset({Gain.GROUP, Gain.OLDER_VERSION, Gain.ADMIN})
"""Gains that add to its Allows: of no use to whom everything is allowed already."""


@dataclass(frozen=True, slots=True, eq=False)
class PathIndex:
    """Paths, each with its requirements' actions as bits; the caches change no answer.

    `actions` are all that any path requires.
    """

    masks: tuple[tuple[EscalationPath, tuple[int, ...]], ...]
    masks_of: Mapping[str, tuple[int, ...]]
    actions: int
    paths_cache: dict[int, tuple[EscalationPath, ...]] = field(default_factory=dict)
    edges_cache: dict[tuple[object, ...], tuple[Edge, ...]] = field(default_factory=dict)

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
    every = 0
    for _, of_path in masks:
        for mask in of_path:
            every |= mask
    return PathIndex(masks, {path.id: of_path for path, of_path in masks}, every)


def edges(actor: Actor, index: PathIndex) -> tuple[Edge, ...]:
    """The paths that the actor can take, in the catalogue's order; then those after changes."""
    name = actor.state
    if name not in index.edges_cache:
        index.edges_cache[name] = tuple(_edges(actor, index))
    return index.edges_cache[name]


def _edges(actor: Actor, index: PathIndex) -> Iterator[Edge]:
    mine = _moves(actor, index)
    yield from (each for each in mine.edges.values() if each.leads_somewhere or each.on.possible)
    # Whoever has full rights in one step is asked for ways over one change and no more.
    most = 1 if any(each.to_admin.certain for each in mine.edges.values()) else MOST_CHANGES
    own: list[PrincipalChange] = []
    others: list[PrincipalChange] = []
    for change in mine.changes:
        is_own = change.actor.policies.arn == actor.policies.arn
        (own if is_own else others).append(change)
    yield from _Walk(actor, index, mine.edges, most).edges_after(tuple(own))
    for number, change in enumerate(others):
        if number == _MOST_STATES:
            yield _untried(change)
            return
        yield from (edge.following(change) for edge in _edges_as_another(change, index))


def _edges_as_another(change: PrincipalChange, index: PathIndex) -> tuple[Edge, ...]:
    """What is gained by the change of somebody else, the same for whoever makes it."""
    name = (*change.before.state, *change.actor.state)
    if name not in index.edges_cache:
        had = _moves(change.before, index).edges
        matters = difference(change.before, change.actor)
        moves = _moves(change.actor, index, matters, is_changed=True)
        gained = (_beyond(each, had) for each in moves.edges.values())
        index.edges_cache[name] = tuple(each for each in gained if each.leads_somewhere)
    return index.edges_cache[name]


@dataclass(frozen=True, slots=True)
class _Moves:
    """What an actor can do as it is: an edge for each path, and its changes not yet followed."""

    edges: Mapping[str, Edge]
    changes: tuple[PrincipalChange, ...]


def _moves(
    actor: Actor,
    index: PathIndex,
    matters: Difference = EVERY_DIFFERENCE,
    *,
    is_changed: bool = False,
) -> _Moves:
    """The moves by the paths for which it matters what has changed."""
    possible, actions = actor.evaluator.possible, actor.facts.authorizer.actions
    if actor.facts.names(actor.policies):
        possible |= actions.bit(ASSUME)
    found: dict[str, Edge] = {}
    made: list[PrincipalChange] = []
    is_full = is_changed and actor.is_granted_everything
    barren = _ADDING if is_full else frozenset()
    for path in index.within(possible):
        is_concerned = matters.concerns(path, index.masks_of[path.id])
        if not (is_concerned and _fits(path, actor.policies)):
            continue
        edge, of_path = _take(actor, path, index, changes_it=path.gain not in barren)
        found[path.id] = edge
        made += of_path
    return _Moves(found, tuple(made))


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
        made = tuple(changes(actor, path, targets, edge.to_admin.certain))
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


@dataclass(frozen=True, slots=True)
class _Walk:
    """The walk from an actor over changes of it, or of whom it then is, at `most` so many in a row.

    `had` are its edges without any change: what it reaches without one does not count after one.
    """

    actor: Actor
    index: PathIndex
    had: Mapping[str, Edge]
    most: int

    def edges_after(self, firsts: tuple[PrincipalChange, ...]) -> Iterator[Edge]:
        """What is gained by these changes, and by more after them, the fewest in a row first.

        Where some certainly give full rights, no more in a row are tried.
        """
        alike: dict[tuple[object, ...], list[PrincipalChange]] = {}
        for first in firsts:
            alike.setdefault((*first.actor.state, first.is_certain), []).append(first)
        waiting: deque[tuple[Mapping[str, Edge], tuple[PrincipalChange, ...]]] = deque()
        waiting += ((self.had, (each[0],)) for each in alike.values())
        seen, most = set(alike), self.most
        while waiting:
            had, done = waiting.popleft()
            if len(done) > most:
                return
            last = done[-1]
            matters = difference(last.before, last.actor)
            moves = _moves(last.actor, self.index, matters, is_changed=True)
            is_certain = all(each.is_certain for each in done)
            same = alike[*last.actor.state, last.is_certain] if len(done) == 1 else ()
            ways = tuple((each,) for each in same) or (done,)
            leading = (each for each in moves.edges.values() if each.leads_somewhere)
            for edge in (_beyond(each, had) for each in leading):
                if edge.leads_somewhere:
                    yield from (_after(edge, way) for way in ways)
                    most = len(done) if is_certain and edge.to_admin.certain else most
            if len(done) >= most:
                continue
            had = _merge(had, moves.edges)
            for change in moves.changes:
                state = (*change.actor.state, is_certain and change.is_certain)
                if state in seen or change.actor.state == self.actor.state:
                    continue
                seen.add(state)
                if len(seen) > _MOST_STATES:
                    yield _after(_untried(change), done)
                    return
                waiting.append((had, (*done, change)))


def _beyond(edge: Edge, had: Mapping[str, Edge]) -> Edge:
    return edge.without(had[edge.path.id]) if edge.path.id in had else edge


def _merge(had: Mapping[str, Edge], more: Mapping[str, Edge]) -> Mapping[str, Edge]:
    """What either gives, path by path."""
    return {
        **had,
        **{name: edge.joined(had[name]) if name in had else edge for name, edge in more.items()},
    }


def _after(edge: Edge, done: Iterable[PrincipalChange]) -> Edge:
    for change in reversed(tuple(done)):
        edge = edge.following(change)
    return edge


def _untried(change: PrincipalChange) -> Edge:
    """The edge for a change that nobody followed: it possibly gives full rights."""
    own = change.actor.own_bit
    return Edge(change.path, change.entry_point, to_admin=ResourceSet(0, own))


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
