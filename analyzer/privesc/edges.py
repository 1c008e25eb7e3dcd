"""In: an actor and the catalogue of paths. Out: the edges that lead on from it.

Where a path changes a principal, the changed one is asked again, up to `MOST_CHANGES` in a row.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.policy.layer_decisions import ResourceSet
from analyzer.privesc.changed_actors import with_all
from analyzer.privesc.changes import PrincipalChange
from analyzer.privesc.differences import LIFTING, Difference, difference
from analyzer.privesc.moves import PathIndex, find_moves
from analyzer.privesc.outcomes import Edge
from analyzer.privesc.requirements import Actor

MOST_CHANGES = 3
"""Changes of itself in a row that are followed; of one of somebody else, what comes after it."""
_MOST_STATES = 400
"""Changed principals that are asked for one actor; with more of them full rights are possible."""
_MANY = 40
"""With more, somebody looks first whether all changes together give anything."""
_TOGETHER = 2
"""The fewest changes of which one can look whether they give anything together."""
_Edges = Mapping[str, Edge]
_Call = tuple[object, ...]


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
    firsts = tuple(_group_by_state(own, mine.edges))
    walk = _Walk(actor, index, mine.edges, most, firsts, _by_call(firsts))
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
class _Changed:
    """The actor after some changes.

    `alike` are the last changes that lead to the same, one of which is in `done`. `had` are the
    edges that it has without the last one. `matters` is what the last one can make a difference to,
    and what all of them may do together with another.
    """

    done: tuple[PrincipalChange, ...]
    alike: tuple[PrincipalChange, ...]
    had: _Edges
    matters: Difference

    @property
    def actor(self) -> Actor:
        """The actor as it is then."""
        return self.done[-1].actor

    @property
    def is_certain(self) -> bool:
        """True if each of the changes certainly can be made."""
        return all(each.is_certain for each in self.done)

    @property
    def ways(self) -> Iterator[tuple[PrincipalChange, ...]]:
        """The changes that lead there, in each of their forms."""
        return ((*self.done[:-1], each) for each in self.alike)

    def after(self, change: PrincipalChange, had: _Edges) -> "_Changed":
        """The actor after one change more."""
        matters = difference(change.before, change.actor)
        return _Changed((*self.done, change), (change,), had, matters.joined(self.matters))


@dataclass(frozen=True, slots=True)
class _Walk:
    """The walk from an actor over changes of it, at `most` so many in a row.

    `had` are its edges without any change: what it reaches without one does not count after one.
    `firsts` are the changes that it can begin with, `by_call` what each of them may do together
    with others.
    """

    actor: Actor
    index: PathIndex
    had: _Edges
    most: int
    firsts: tuple[_Changed, ...]
    by_call: Mapping[_Call, Difference]

    def edges(self) -> Iterator[Edge]:
        """What is gained by the changes, the fewest in a row first.

        Where some certainly give full rights, no more in a row are tried. Where there are many
        changes, nobody follows them together if all at once give nothing more.
        """
        waiting, most, found = deque(self.firsts), self.most, self.had
        unchanged = self.actor.state
        seen = {_state(each.done[0], is_certain=True) for each in self.firsts}
        while waiting and len(waiting[0].done) <= most:
            at = waiting.popleft()
            if len(at.done) == _TOGETHER and len(seen) > _MANY:
                if self._is_barren(found, [each.actor for each in (at, *waiting)]):
                    return
                if len(seen) > _MOST_STATES:
                    yield _after(_untried(at.done[-1]), at.done[:-1])
                    return
            moves = find_moves(
                at.actor, self.index, at.matters, self._helping(at.matters), is_changed=True
            )
            for edge in _beyond(moves.edges, at.had):
                yield from (_after(edge, way) for way in at.ways)
                most = len(at.done) if at.is_certain and edge.to_admin.certain else most
            had, found = _merge(at.had, moves.edges), _merge(found, moves.edges)
            for change in moves.changes if len(at.done) < most else ():
                state = _state(change, is_certain=at.is_certain)
                is_new = state not in seen and state[:-1] != unchanged
                if is_new and self._is_worth_it(change, at.matters):
                    seen.add(state)
                    waiting.append(at.after(change, had))

    def _helping(self, matters: Difference) -> frozenset[str]:
        """The paths of first changes that may be of use after those that were made."""
        return frozenset(
            str(path)
            for (path, *_), first in self.by_call.items()
            if self.index.may_serve_together(matters, first)
        )

    def _is_worth_it(self, change: PrincipalChange, matters: Difference) -> bool:
        """False for what it could do first, and that serves no path with what has changed since."""
        first = self.by_call.get(_call(change))
        if first is None or change.path.gain in LIFTING:
            return True
        return self.index.may_serve_together(matters, first)

    def _is_barren(self, found: _Edges, changed: Sequence[Actor]) -> bool:
        """True if all changes together certainly give no more than each of them."""
        actor = self.actor
        for _ in range(self.most):
            # What another name opens, only that name tells.
            if any(each.other_arn for each in changed):
                return False
            actor = with_all(actor, changed)
            moves = find_moves(actor, self.index, is_changed=True)
            if any(_beyond(moves.edges, found)):
                return False
            changed = [each.actor for each in moves.changes]
            if not changed:
                break
        return True


def _group_by_state(changes: Iterable[PrincipalChange], had: _Edges) -> Iterator[_Changed]:
    alike: dict[tuple[object, ...], list[PrincipalChange]] = {}
    for change in changes:
        alike.setdefault(_state(change, is_certain=True), []).append(change)
    for first, *others in alike.values():
        matters = difference(first.before, first.actor)
        yield _Changed((first,), (first, *others), had, matters)


def _by_call(firsts: Iterable[_Changed]) -> Mapping[_Call, Difference]:
    return {_call(change): each.matters for each in firsts for change in each.alike}


def _state(change: PrincipalChange, *, is_certain: bool) -> tuple[object, ...]:
    """What tells the principal from itself after other changes."""
    return (*change.actor.state, is_certain and change.is_certain)


def _call(change: PrincipalChange) -> _Call:
    """What tells the change from others, whatever was changed before it."""
    (held, old), (now, new) = _parts(change.before), _parts(change.actor)
    came, gone = now - held, held - now
    keys = frozenset(change.actor.keys.items() - change.before.keys.items())
    return change.path.id, change.on, change.is_certain, came, gone, new - old, old - new, keys


def _parts(actor: Actor) -> tuple[frozenset[object], frozenset[object]]:
    """The documents that it holds in each layer, and its groups and way of coming in."""
    layers = actor.policies.layers
    held = ((layer.name, id(each.document), each.arn) for layer in layers for each in layer.held)
    return frozenset(held), frozenset((*actor.policies.details.groups, actor.entry_point))


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
