"""In: a statement and what is known of the asker. Out: the statement as it applies to the asker.

Values that the asker picks for itself are tried out here, all statements that test them together.
"""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from analyzer.policy.arns import ResourceIndex, arn_matches, is_everything
from analyzer.policy.conditions import (
    ConditionResult,
    Context,
    KeyKnowledge,
    KeyState,
    Ternary,
    all_of,
    evaluate_conditions,
    is_listed,
    substitute_variables,
    values_to_try,
)
from analyzer.policy.documents import Statement
from analyzer.policy.layers import StatementRef

STAR = "*"
"""The resource of a request that names none."""
_MOST_CHOICES = 64


@dataclass(frozen=True, slots=True)
class BoundStatement:
    """A statement as it applies to one principal under one profile.

    `layer` is the number of the layer that it stands in; `sure` and `maybe` are the resources of
    the account, as bits, that it speaks of.
    """

    layer: int
    reference: StatementRef
    result: ConditionResult
    patterns: tuple[tuple[str, bool], ...]
    certain: int
    possible: int

    @property
    def statement(self) -> Statement:
        """The statement itself."""
        return self.reference.statement

    @property
    def never_applies(self) -> bool:
        """True if its conditions surely do not hold."""
        return self.result.truth is Ternary.FALSE

    def covers(self, resource: str) -> Ternary:
        """Whether the statement speaks of that resource; `*` is a request without one."""
        hits = [is_sure for pattern, is_sure in self.patterns if _covers(pattern, resource)]
        if self.statement.excludes_resources:
            return Ternary.TRUE if not hits else Ternary.FALSE if any(hits) else Ternary.UNKNOWN
        return Ternary.FALSE if not hits else Ternary.TRUE if any(hits) else Ternary.UNKNOWN

    def applies(self, resource: str) -> Ternary:
        """Whether it speaks of that resource and its conditions hold."""
        return all_of((self.result.truth, self.covers(resource)))

    def covers_everything(self, *, is_sure: bool) -> bool:
        """True if it applies, surely or perhaps, and speaks of every resource."""
        if self.never_applies:
            return False
        if is_sure and (self.result.truth is Ternary.UNKNOWN or self.result.free):
            return False
        return self._speaks_of_all(is_sure=is_sure)

    @property
    def denies_everything(self) -> bool:
        """True if it surely denies its actions on every resource."""
        return (
            self.statement.effect == "Deny"
            and self.result.truth is Ternary.TRUE
            and self._speaks_of_all(is_sure=True)
        )

    def _speaks_of_all(self, *, is_sure: bool) -> bool:
        if self.statement.excludes_resources:
            return not self.patterns
        return any(
            (certain or not is_sure) and is_everything(pattern)
            for pattern, certain in self.patterns
        )


def bind(
    layer: int, cited: StatementRef, context: Context, resources: ResourceIndex
) -> BoundStatement:
    """The line of that statement of that layer in that context."""
    statement = cited.statement
    patterns = tuple(
        substitute_variables(each, context, has_variables=statement.has_variables)
        for each in statement.resources
    )
    sure = maybe = 0
    for pattern, is_sure in patterns:
        bits = resources.bits(pattern)
        maybe |= bits
        sure |= bits if is_sure else 0
    if statement.excludes_resources:
        sure, maybe = resources.everything & ~maybe, resources.everything & ~sure
    return BoundStatement(layer, cited, _judged(cited, context), patterns, sure, maybe)


def covered_resources(statements: Iterable[BoundStatement], *, allows: bool, is_sure: bool) -> int:
    """The account's resources of which these lines speak, allowing or denying, surely or perhaps.

    A Deny without doubt takes away from what may be; one in doubt from what is sure.
    """
    found = 0
    for each in statements:
        speaks = each.statement.allows if allows else each.statement.denies
        truth = each.result.truth
        if speaks and (truth is Ternary.TRUE or (truth is Ternary.UNKNOWN and not is_sure)):
            found |= each.certain if is_sure else each.possible
    return found


def references(statements: Iterable[BoundStatement]) -> tuple[StatementRef, ...]:
    """The statements of these lines, each once."""
    return tuple(dict.fromkeys(each.reference for each in statements))


def free_key_choices(
    statements: list[BoundStatement], context: Context, resources: ResourceIndex
) -> Iterator[list[BoundStatement]]:
    """The lines under each set of values that the asker may pick, where picks are entangled.

    A key that one statement tests can be picked for that statement alone. Where several test
    it, one value must serve them all, so each candidate is tried on all of them.
    """
    entangled = _entangled(statements, context)
    if not entangled:
        yield statements
        return
    tried = [_states(key, statements, context) for key in entangled]
    number = math.prod(len(each) for each in tried)
    tests = (clause for each in statements for clause in each.statement.clauses)
    if number > _MOST_CHOICES or not is_listed(tests, entangled):
        yield [_doubted(each, entangled) for each in statements]
    if number > _MOST_CHOICES:
        return
    for values in itertools.product(*tried):
        chosen = context.with_keys(dict(zip(entangled, values, strict=True)))
        yield [bind(each.layer, each.reference, chosen, resources) for each in statements]


def _judged(cited: StatementRef, context: Context) -> ConditionResult:
    statement = cited.statement
    if statement.unread:
        judgement = ConditionResult(Ternary.UNKNOWN, frozenset(), (statement.unread,))
    else:
        judgement = evaluate_conditions(
            statement.clauses,
            context,
            allows=statement.allows,
            has_variables=statement.has_variables,
        )
    if cited.held.doubt and judgement.truth is not Ternary.FALSE:
        return ConditionResult(Ternary.UNKNOWN, judgement.free, (cited.held.doubt,))
    return judgement


def _entangled(statements: list[BoundStatement], context: Context) -> list[str]:
    """The keys of the asker's choice that more than one statement tests."""
    used: dict[str, int] = {}
    for each in statements:
        for key in each.result.free:
            if context.of(key) is KeyKnowledge.FREE:
                used[key] = used.get(key, 0) + 1
    return sorted(key for key, times in used.items() if times > 1)


def _states(key: str, statements: list[BoundStatement], context: Context) -> list[KeyState]:
    """Values of the key worth trying, whichever statement names them."""
    tests = [clause for each in statements for clause in each.statement.clauses]
    has_variables = any(each.statement.has_variables for each in statements)
    return values_to_try(tests, key, context, has_variables=has_variables)


def _doubted(bound: BoundStatement, keys: list[str]) -> BoundStatement:
    if not bound.result.free & set(keys):
        return bound
    reasons = tuple(sorted({*bound.result.reasons, *keys}))
    return replace(bound, result=ConditionResult(Ternary.UNKNOWN, frozenset(), reasons))


def _covers(pattern: str, resource: str) -> bool:
    if resource == STAR:
        return is_everything(pattern)
    return is_everything(pattern) or arn_matches(pattern, resource)
