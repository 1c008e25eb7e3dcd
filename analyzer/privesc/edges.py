"""In: an actor and the catalogue of paths. Out: the edges that lead on from it.

Where a path changes a principal, the changed one is asked again, up to `MOST_CHANGES` in a row.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from analyzer.policy.layer_decisions import ResourceSet
from analyzer.privesc.changes import PrincipalChange
from analyzer.privesc.differences import LIFTING, Difference, difference
from analyzer.privesc.moves import Moves, PathIndex, find_moves
from analyzer.privesc.outcomes import Edge
from analyzer.privesc.requirements import Actor

MOST_CHANGES = 3
"""Changes of itself in a row that are followed; of one of somebody else, what comes after it."""
_MOST_STATES = 400
"""Changed principals that are asked for one actor; with more of them full rights are possible."""
_Edges = Mapping[str, Edge]
_Step = tuple[object, ...]


def find_edges(actor: Actor, index: PathIndex) -> tuple[Edge, ...]:
    """The paths that the actor can take, in the catalogue's order; then those after changes."""
    name = actor.state
    if name not in index.edges_cache:
        index.edges_cache[name] = tuple(_edges(actor, index))
    return index.edges_cache[name]


def _edges(actor: Actor, index: PathIndex) -> Iterator[Edge]:
    mine = find_moves(actor, index)
    yield from (each for each in mine.edges.values() if each.leads_somewhere or each.on.possible)
    # Whoever has full rights in one step is asked for ways over one change and no more.
    most = 1 if any(each.to_admin.certain for each in mine.edges.values()) else MOST_CHANGES
    own: list[PrincipalChange] = []
    others: list[PrincipalChange] = []
    for change in mine.changes:
        is_own = change.actor.policies.arn == actor.policies.arn
        (own if is_own else others).append(change)
    firsts = tuple(_group_by_state(own))
    walk = _Walk(actor, index, mine.edges, most, firsts, _touched_by(firsts))
    yield from walk.edges()
    for number, change in enumerate(others):
        if number == _MOST_STATES:
            yield _untried(change)
            return
        yield from (edge.following(change) for edge in _edges_as_another(change, index))


def _edges_as_another(change: PrincipalChange, index: PathIndex) -> tuple[Edge, ...]:
    """What is gained by the change of somebody else, the same for whoever makes it."""
    name = (*change.before.state, *change.actor.state)
    if name not in index.edges_cache:
        had = find_moves(change.before, index).edges
        matters = difference(change.before, change.actor)
        moves = find_moves(change.actor, index, matters, is_changed=True)
        index.edges_cache[name] = tuple(_beyond(moves.edges, had))
    return index.edges_cache[name]


@dataclass(frozen=True, slots=True)
class _FirstChange:
    """The changes that lead the actor to one state, each of which may be the first."""

    alike: tuple[PrincipalChange, ...]
    matters: Difference

    @property
    def state(self) -> tuple[object, ...]:
        """The state, and whether the actor certainly comes to it."""
        return _state(self.alike[0], is_certain=True)


def _group_by_state(changes: Iterable[PrincipalChange]) -> Iterator[_FirstChange]:
    alike: dict[tuple[object, ...], list[PrincipalChange]] = {}
    for change in changes:
        alike.setdefault(_state(change, is_certain=True), []).append(change)
    for first, *others in alike.values():
        yield _FirstChange((first, *others), difference(first.before, first.actor))


def _touched_by(firsts: Iterable[_FirstChange]) -> Mapping[_Step, int]:
    found: dict[_Step, int] = {}
    for each in firsts:
        for step in map(_step, each.alike):
            found[step] = found.get(step, 0) | each.matters.actions
    return found


@dataclass(frozen=True, slots=True)
class _Changed:
    """The actor after some changes.

    `had` are the edges that it has with fewer of them, `matters` is what the last one can make a
    difference to, `touched` the actions, as bits, that all of them can.
    """

    done: tuple[PrincipalChange, ...]
    had: _Edges
    matters: Difference
    touched: int

    @property
    def is_certain(self) -> bool:
        """True if each of the changes certainly can be made."""
        return all(each.is_certain for each in self.done)


@dataclass(frozen=True, slots=True)
class _Walk:
    """The walk from an actor over changes of it, at `most` so many in a row.

    `had` are its edges without any change: what it reaches without one does not count after one.
    `touched_by` are the actions, as bits, that each step which can be the first touches, `alone`
    keeps the edges after it.
    """

    actor: Actor
    index: PathIndex
    had: _Edges
    most: int
    firsts: tuple[_FirstChange, ...]
    touched_by: Mapping[_Step, int]
    alone: dict[_Step, _Edges] = field(default_factory=dict)

    def edges(self) -> Iterator[Edge]:
        """What is gained by the changes, the fewest in a row first.

        Where some certainly give full rights, no more in a row are tried.
        """
        waiting = deque(
            _Changed(each.alike[:1], self.had, each.matters, each.matters.actions)
            for each in self.firsts
        )
        seen, most = {each.state for each in self.firsts}, self.most
        while waiting and len(waiting[0].done) <= most:
            at = waiting.popleft()
            moves = self._moves(at)
            had = self._had_by_parts(at)
            for edge in _beyond(moves.edges, had):
                yield from (_after(edge, way) for way in self._ways(at))
                most = len(at.done) if at.is_certain and edge.to_admin.certain else most
            if len(at.done) >= most:
                continue
            for changed in self._next(at, moves, _merge(had, moves.edges)):
                state = _state(changed.done[-1], is_certain=changed.is_certain)
                if state in seen:
                    continue
                seen.add(state)
                if len(seen) > _MOST_STATES:
                    yield _after(_untried(changed.done[-1]), at.done)
                    return
                waiting.append(changed)

    def _moves(self, at: _Changed) -> Moves:
        """What it can do then, where that can be otherwise; and the firsts that may help."""
        helping = {
            str(step[0])
            for step, touched in self.touched_by.items()
            if self.index.joins(at.touched, touched)
        }
        actor = at.done[-1].actor
        moves = find_moves(actor, self.index, at.matters, frozenset(helping), is_changed=True)
        if len(at.done) == 1:
            self.alone[_step(at.done[0])] = moves.edges
        return moves

    def _had_by_parts(self, at: _Changed) -> _Edges:
        """What it has with fewer of the changes: without the last one, or with one alone."""
        had = at.had
        for each in at.done[1:]:
            had = _merge(had, self.alone.get(_step(each), {}))
        return had

    def _ways(self, at: _Changed) -> tuple[tuple[PrincipalChange, ...], ...]:
        """The changes that lead there; of several first ones that do, each."""
        if len(at.done) > 1:
            return (at.done,)
        state = _state(at.done[0], is_certain=True)
        return tuple((one,) for each in self.firsts if each.state == state for one in each.alike)

    def _next(self, at: _Changed, moves: Moves, had: _Edges) -> Iterator[_Changed]:
        """The actor after one change more, for each that may be of use."""
        for change in moves.changes:
            if change.actor.state == self.actor.state:
                continue
            # What it could do first has to serve a path together with what has changed.
            known = self.touched_by.get(_step(change))
            is_alone = known is not None and not self.index.joins(at.touched, known)
            if is_alone and change.path.gain not in LIFTING:
                continue
            matters = difference(change.before, change.actor)
            yield _Changed((*at.done, change), had, matters, at.touched | matters.actions)


def _state(change: PrincipalChange, *, is_certain: bool) -> tuple[object, ...]:
    """What tells the principal from itself after other changes."""
    return (*change.actor.state, is_certain and change.is_certain)


def _step(change: PrincipalChange) -> _Step:
    """What tells the call from others: its path, its target, the name or tags that it gives."""
    keys = change.actor.keys.items() - change.before.keys.items()
    return change.path.id, change.on, tuple(sorted(keys))


def _beyond(edges: _Edges, had: _Edges) -> Iterator[Edge]:
    """What they give besides those that it had."""
    for name, edge in edges.items():
        more = edge.without(had[name]) if edge.leads_somewhere and name in had else edge
        if more.leads_somewhere:
            yield more


def _merge(had: _Edges, more: _Edges) -> _Edges:
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
