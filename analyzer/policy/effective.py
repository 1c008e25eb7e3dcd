"""In: the layers of policies over a principal and a request. Out: what they decide together.

A layer is a set of policies that speak as one: identity policies, a boundary, a level of service
control policies. Every layer must allow, and a Deny in any of them is final.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from analyzer.policy.actions import Actions
from analyzer.policy.arns import (
    Universe,
    arn_matches,
    arns_overlap,
    example,
    is_everything,
    is_of_service,
)
from analyzer.policy.conditions import (
    Clause,
    Context,
    Judgement,
    KeyState,
    Truth,
    Unset,
    candidates,
    expanded,
    is_listed,
    judge,
    states,
)
from analyzer.policy.documents import Held, Statement

_MOST_CHOICES = 64
_STAR = "*"


class Verdict(StrEnum):
    """What the policies say of one request. CONDITIONAL is never rounded up or down."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    NONE = "not allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Policies that speak as one. `unknown` names those whose text the export does not hold.

    `services` limits the layer to requests of these services, as resource control policies have it.
    """

    name: str
    held: tuple[Held, ...]
    unknown: tuple[str, ...] = ()
    services: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """A statement with the policy that it stands in: what a finding points at."""

    held: Held
    statement: Statement


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, the statements that allow and deny, and what makes it conditional."""

    verdict: Verdict
    allows: tuple[Cited, ...] = ()
    denies: tuple[Cited, ...] = ()
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """Resources of the account, as bits: those surely within reach, and those that may be."""

    sure: int
    maybe: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A statement as it applies to one principal under one profile."""

    layer: int
    cited: Cited
    judgement: Judgement
    patterns: tuple[tuple[str, bool], ...]
    sure: int
    maybe: int

    def covers(self, resource: str) -> Truth:
        """Whether the statement speaks of that resource; `*` is a request without one."""
        hits = [is_sure for pattern, is_sure in self.patterns if _covers(pattern, resource)]
        if self.cited.statement.excludes_resources:
            return Truth.TRUE if not hits else Truth.FALSE if any(hits) else Truth.UNKNOWN
        return Truth.FALSE if not hits else Truth.TRUE if any(hits) else Truth.UNKNOWN

    def opens(self, *, is_sure: bool) -> bool:
        """True if it applies, surely or perhaps, and speaks of every resource."""
        if self.judgement.truth is Truth.FALSE:
            return False
        if is_sure and (self.judgement.truth is Truth.UNKNOWN or self.judgement.free):
            return False
        if self.cited.statement.excludes_resources:
            return not self.patterns
        return any(
            (certain or not is_sure) and is_everything(pattern)
            for pattern, certain in self.patterns
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sheet:
    """Everything that the policies over a principal say under one profile.

    Principals with the same policies share it, unless a variable or condition tells them apart.
    `possible` holds the actions that may be allowed on some resource: a filter, not a verdict.
    """

    actions: Actions
    universe: Universe
    layers: tuple[Layer, ...]
    context: Context
    lines: tuple[_Line, ...]
    possible: int
    keys: frozenset[str]
    reached: dict[int, Reached] = field(default_factory=dict)
    others: dict[tuple[tuple[str, KeyState], ...], "Sheet"] = field(default_factory=dict)

    def given(self, keys: Mapping[str, KeyState]) -> "Sheet":
        """The same policies for a request that has these condition keys."""
        wanted = tuple(sorted((key.lower(), state) for key, state in keys.items()))
        if not any(key in self.keys for key, _ in wanted):
            return self
        if wanted not in self.others:
            context = self.context.with_keys(dict(wanted))
            self.others[wanted] = sheet(self.actions, self.universe, self.layers, context)
        return self.others[wanted]

    @property
    def allows_everything(self) -> bool:
        """True if each layer surely allows every action on every resource, Denies left aside."""
        return not any(layer.unknown for layer in self.layers) and self._opens(is_sure=True)

    @property
    def may_allow_everything(self) -> bool:
        """True if each layer may allow every action on every resource, and nothing bars it all."""
        return self._opens(is_sure=False) and not any(
            line.cited.statement.effect == "Deny"
            and line.judgement.truth is Truth.TRUE
            and line.cited.statement.actions == self.actions.everything
            and any(is_everything(pattern) for pattern, _ in line.patterns)
            for line in self.lines
        )

    def _opens(self, *, is_sure: bool) -> bool:
        for number, layer in enumerate(self.layers):
            allowed = 0
            for line in self.lines:
                if line.layer == number and line.cited.statement.effect == "Allow":
                    allowed |= line.cited.statement.actions if line.opens(is_sure=is_sure) else 0
            if allowed != self.actions.everything and not (layer.unknown and number):
                return False
        return True

    @property
    def denies_something(self) -> bool:
        """True if some statement denies, or may."""
        return any(
            line.cited.statement.denies
            and (line.judgement.truth is not Truth.FALSE or line.judgement.free)
            for line in self.lines
        )

    def reach(self, action: str) -> Reached:
        """On which of the account's own resources the action is allowed."""
        index = self.actions.bit(action).bit_length() - 1
        if index not in self.reached:
            lines = self._of(action)
            sure = maybe = 0
            for each in self._choices(lines):
                some = self._combined(each, action)
                sure, maybe = sure | some.sure, maybe | some.maybe
            self.reached[index] = Reached(sure, maybe)
        return self.reached[index]

    def on(self, action: str, resource: str) -> Decision:
        """What the policies say of that action on that resource."""
        lines = [each for each in self._of(action) if each.covers(resource) is not Truth.FALSE]
        choices = list(self._choices(lines))
        verdicts = [self._verdict(each, action, resource) for each in choices]
        best = min(verdicts, key=list(Verdict).index)
        # Of several choices the asker takes the best; DENIED needs every one of them to be so.
        return self._explained(best, choices[verdicts.index(best)], action, resource)

    def anywhere(self, action: str, shape: str | None = None) -> Decision:
        """What the policies say of that action on whatever resource suits the asker best.

        With a shape, an ARN pattern, on a new resource of that shape: none that the account has.
        """
        lines = self._of(action)
        shapes = [shape] if shape else [
            f"arn:aws:{service}:region:account:*"
            for service in sorted(self.actions.services_of(action))
        ]  # fmt: skip
        found = [
            self.on(action, each)
            for each in self._witnesses(lines, action, shapes, is_new=shape is not None)
        ]
        if shape is not None:
            return min(found, key=lambda each: list(Verdict).index(each.verdict))
        best = min(found, key=lambda each: list(Verdict).index(each.verdict), default=None)
        if best is not None and best.verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL):
            return best
        if self._may_meet(lines, action):
            return Decision(Verdict.CONDITIONAL, _cited(lines), because=("resource patterns",))
        return best or Decision(Verdict.NONE)

    def _of(self, action: str) -> list[_Line]:
        bit = self.actions.bit(action)
        return [line for line in self.lines if line.cited.statement.actions & bit]

    def _applies(self, layer: Layer, action: str) -> bool:
        return layer.services is None or action.partition(":")[0].lower() in layer.services

    def _choices(self, lines: list[_Line]) -> Iterator[list[_Line]]:
        """The lines under each set of values that the asker may pick, where picks are entangled.

        A key that one statement tests can be picked for that statement alone. Where several test
        it, one value must serve them all, so each candidate is tried on all of them.
        """
        used: dict[str, int] = {}
        for line in lines:
            for key in line.judgement.free:
                if self.context.of(key) is Unset.FREE:
                    used[key] = used.get(key, 0) + 1
        entangled = sorted(key for key, times in used.items() if times > 1)
        if not entangled:
            yield lines
            return
        tried = [self._states(key, lines) for key in entangled]
        number = math.prod(len(each) for each in tried)
        if number > _MOST_CHOICES or not is_listed(_tests(lines), entangled):
            yield [_doubted(line, entangled) for line in lines]
        if number > _MOST_CHOICES:
            return
        for values in itertools.product(*tried):
            context = self.context.with_keys(dict(zip(entangled, values, strict=True)))
            yield [_line(line.layer, line.cited, context, self.universe) for line in lines]

    def _states(self, key: str, lines: list[_Line]) -> list[KeyState]:
        """Values of the key worth trying, whichever statement names them."""
        named: set[str] = set()
        for line in lines:
            statement = line.cited.statement
            named |= candidates(
                statement.clauses, key, self.context, has_variables=statement.has_variables
            )
        return states(named)

    def _combined(self, lines: list[_Line], action: str) -> Reached:
        """S6 and S7 of the evaluation: each layer's Allows, less every Deny."""
        sure = maybe = self.universe.everything
        for number, layer in enumerate(self.layers):
            if not self._applies(layer, action):
                continue
            mine = [each for each in lines if each.layer == number]
            sure &= _union(mine, allows=True, is_sure=True) if not layer.unknown else 0
            if not layer.unknown:
                maybe &= _union(mine, allows=True, is_sure=False)
        applied = [each for each in lines if self._applies(self.layers[each.layer], action)]
        sure &= ~_union(applied, allows=False, is_sure=False)
        maybe &= ~_union(applied, allows=False, is_sure=True)
        return Reached(sure & maybe, maybe)

    def _verdict(self, lines: list[_Line], action: str, resource: str) -> Verdict:
        sure = True
        found = Verdict.ALLOWED
        for number, layer in enumerate(self.layers):
            if not self._applies(layer, action):
                continue
            allow, deny = Truth.FALSE, Truth.FALSE
            for line in lines:
                if line.layer != number:
                    continue
                truth = _both(line.judgement.truth, line.covers(resource))
                if line.cited.statement.allows:
                    allow = _either(allow, truth)
                if line.cited.statement.denies:
                    deny = _either(deny, truth)
            if deny is Truth.TRUE:
                return Verdict.DENIED
            if allow is Truth.FALSE and not layer.unknown:
                found = Verdict.NONE
            sure = sure and allow is Truth.TRUE and deny is Truth.FALSE and not layer.unknown
        if found is Verdict.NONE:
            return found
        return Verdict.ALLOWED if sure else Verdict.CONDITIONAL

    def _explained(
        self, verdict: Verdict, lines: list[_Line], action: str, resource: str
    ) -> Decision:
        touching = [
            line
            for line in lines
            if line.judgement.truth is not Truth.FALSE
            and line.covers(resource) is not Truth.FALSE
            and self._applies(self.layers[line.layer], action)
        ]
        allows = [line for line in touching if line.cited.statement.allows and line.layer == 0]
        denies = [line for line in touching if line.cited.statement.denies]
        because: set[str] = set()
        if verdict is Verdict.CONDITIONAL:
            for line in touching:
                because |= set(line.judgement.because)
                if line.covers(resource) is Truth.UNKNOWN:
                    because.add("a policy variable")
            because |= {name for layer in self.layers for name in layer.unknown}
        surely = [line for line in allows if line.judgement.truth is Truth.TRUE] or allows
        return Decision(verdict, _cited(surely), _cited(denies), tuple(sorted(because)))

    def _witnesses(
        self, lines: list[_Line], action: str, shapes: list[str], *, is_new: bool
    ) -> Iterator[str]:
        """Resources to try: one for each pattern that a statement has, and one that none names."""
        if self.actions.needs_star(action):
            yield _STAR
        seen = {example("*", shape) for shape in shapes}
        for line in lines:
            for pattern, _ in line.patterns:
                for shape in shapes:
                    witness = example(pattern, shape)
                    is_taken = is_new and self.universe.bit(witness)
                    if arn_matches(shape, witness) and not is_taken:
                        seen.add(witness)
        yield from sorted(seen)

    def _may_meet(self, lines: list[_Line], action: str) -> bool:
        """Whether patterns of all layers may overlap where no witness of ours stands."""
        services = self.actions.services_of(action)
        if self.actions.needs_star(action):
            return False
        meeting: list[str] | None = None
        for number, layer in enumerate(self.layers):
            if not self._applies(layer, action) or layer.unknown:
                continue
            mine = [
                pattern
                for line in lines
                if line.layer == number
                and line.cited.statement.allows
                and line.judgement.truth is not Truth.FALSE
                for pattern in (
                    [_STAR]
                    if line.cited.statement.excludes_resources
                    else [each for each, _ in line.patterns]
                )
                if is_of_service(pattern, services)
            ]
            meeting = mine if meeting is None else [
                each for each in mine if any(arns_overlap(each, other) for other in meeting)
            ]  # fmt: skip
        denied = any(
            line.cited.statement.effect == "Deny"
            and line.judgement.truth is Truth.TRUE
            and any(is_everything(pattern) for pattern, _ in line.patterns)
            for line in lines
        )
        return bool(meeting) and len(self.layers) > 1 and not denied


def sheet(
    actions: Actions, universe: Universe, layers: tuple[Layer, ...], context: Context
) -> Sheet:
    """The sheet of a principal under these layers, in that context. The first is its identity's."""
    lines = tuple(
        _line(number, Cited(held, statement), context, universe)
        for number, layer in enumerate(layers)
        for held in layer.held
        for statement in held.document.statements
    )
    possible = _possible(actions, layers, lines)
    return Sheet(actions, universe, layers, context, lines, possible, mentioned(layers))


def mentioned(layers: Iterable[Layer]) -> frozenset[str]:
    """The condition keys and variables that tell two principals with these layers apart."""
    return frozenset(
        key
        for layer in layers
        for held in layer.held
        for statement in held.document.statements
        for key in statement.mentions
    )


def _line(layer: int, cited: Cited, context: Context, universe: Universe) -> _Line:
    statement = cited.statement
    if statement.unread:
        judgement = Judgement(Truth.UNKNOWN, frozenset(), (statement.unread,))
    else:
        judgement = judge(
            statement.clauses,
            context,
            allows=statement.allows,
            has_variables=statement.has_variables,
        )
    if cited.held.doubt and judgement.truth is not Truth.FALSE:
        judgement = Judgement(Truth.UNKNOWN, judgement.free, (cited.held.doubt,))
    patterns = tuple(
        expanded(each, context, has_variables=statement.has_variables)
        for each in statement.resources
    )
    sure = maybe = 0
    for pattern, is_sure in patterns:
        bits = universe.bits(pattern)
        maybe |= bits
        sure |= bits if is_sure else 0
    if statement.excludes_resources:
        sure, maybe = universe.everything & ~maybe, universe.everything & ~sure
    return _Line(layer, cited, judgement, patterns, sure, maybe)


def _possible(actions: Actions, layers: tuple[Layer, ...], lines: tuple[_Line, ...]) -> int:
    found = actions.everything
    for number, layer in enumerate(layers):
        if layer.services is not None or layer.unknown:
            continue
        allowed = 0
        for line in lines:
            statement = line.cited.statement
            is_off = line.judgement.truth is Truth.FALSE
            if line.layer == number and statement.allows and not is_off:
                allowed |= statement.actions
        found &= allowed
    return found


def _covers(pattern: str, resource: str) -> bool:
    if resource == _STAR:
        return is_everything(pattern)
    return is_everything(pattern) or arn_matches(pattern, resource)


def _union(lines: Iterable[_Line], *, allows: bool, is_sure: bool) -> int:
    found = 0
    for line in lines:
        speaks = line.cited.statement.allows if allows else line.cited.statement.denies
        truth = line.judgement.truth
        if speaks and (truth is Truth.TRUE or (truth is Truth.UNKNOWN and not is_sure)):
            found |= line.sure if is_sure else line.maybe
    return found


def _tests(lines: list[_Line]) -> Iterator[Clause]:
    for line in lines:
        yield from line.cited.statement.clauses


def _doubted(line: _Line, keys: list[str]) -> _Line:
    if not line.judgement.free & set(keys):
        return line
    because = tuple(sorted({*line.judgement.because, *keys}))
    return replace(line, judgement=Judgement(Truth.UNKNOWN, frozenset(), because))


def _both(one: Truth, other: Truth) -> Truth:
    if Truth.FALSE in (one, other):
        return Truth.FALSE
    return Truth.TRUE if one is other is Truth.TRUE else Truth.UNKNOWN


def _either(one: Truth, other: Truth) -> Truth:
    if Truth.TRUE in (one, other):
        return Truth.TRUE
    return Truth.FALSE if one is other is Truth.FALSE else Truth.UNKNOWN


def _cited(lines: Iterable[_Line]) -> tuple[Cited, ...]:
    return tuple(dict.fromkeys(line.cited for line in lines))
