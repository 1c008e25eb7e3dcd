"""In: a statement and a request context. Out: the statement bound to that context.

Where a request chooses the value of a condition key, every value that matters is tried here, on
all statements that test the key together.
"""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from analyzer.globs import NOTHING
from analyzer.policy.arns import ResourceIndex, arn_matches, is_everything
from analyzer.policy.conditions import (
    PICKED,
    ConditionResult,
    Context,
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
    """A statement bound to one request context.

    `layer` is the number of its policy layer, `result` whether its conditions hold. `patterns` are
    its resources with policy variables filled in, and whether that was certain; `certain` and
    `possible` the account's own resources that it covers, as bits of the ResourceIndex.
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

    @property
    def surely_excludes(self) -> bool:
        """True if it surely applies, and the resources that it excludes are all known."""
        return (
            self.statement.effect == "Deny"
            and self.result.truth is Ternary.TRUE
            and not _may_lack_value(self.patterns)
        )

    def covers(self, resource: str) -> Ternary:
        """Whether the statement covers that resource; `*` is a request without one.

        A statement on such an action has to name `*`. Of an ARN made of stars no page says whether
        it means the same.
        https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
        A variable without value in a NotResource excludes nothing, says one part of a page, and
        makes the statement invalid, says another, so what it leaves is covered possibly.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
        """
        hits = [
            is_certain and (resource != STAR or not pattern.strip("*"))
            for pattern, is_certain in self.patterns
            if _covers(pattern, resource)
        ]
        if self.statement.excludes_resources:
            if any(hits):
                return Ternary.FALSE
            return Ternary.UNKNOWN if hits or _may_lack_value(self.patterns) else Ternary.TRUE
        return Ternary.FALSE if not hits else Ternary.TRUE if any(hits) else Ternary.UNKNOWN

    def applies(self, resource: str) -> Ternary:
        """Whether it covers that resource and its conditions hold."""
        return all_of((self.result.truth, self.covers(resource)))

    def covers_everything(self, *, is_certain: bool) -> bool:
        """True if it covers every resource and its conditions hold, certainly or possibly."""
        if self.never_applies:
            return False
        if is_certain and (self.result.truth is Ternary.UNKNOWN or self.result.free):
            return False
        return self._has_every_resource(is_certain=is_certain)

    @property
    def denies_everything(self) -> bool:
        """True if it surely denies its actions on every resource."""
        return (
            self.statement.effect == "Deny"
            and self.result.truth is Ternary.TRUE
            and self._has_every_resource(is_certain=True)
        )

    def _has_every_resource(self, *, is_certain: bool) -> bool:
        if self.statement.excludes_resources:
            return not self.patterns
        return any(
            (is_known or not is_certain) and is_everything(pattern)
            for pattern, is_known in self.patterns
        )


def _may_lack_value(patterns: Iterable[tuple[str, bool]]) -> bool:
    """True if a variable of the patterns certainly or possibly has no value."""
    return any(not is_certain or NOTHING in pattern for pattern, is_certain in patterns)


def evaluate_statement(statement: Statement, context: Context) -> ConditionResult:
    """Whether the conditions of the statement hold in the context; unknown if it is unreadable."""
    if statement.unread:
        return ConditionResult(Ternary.UNKNOWN, frozenset(), (statement.unread,))
    return evaluate_conditions(
        statement.clauses,
        context,
        allows=statement.allows,
        has_variables=statement.has_variables,
    )


def bind(
    layer: int, reference: StatementRef, context: Context, resources: ResourceIndex
) -> BoundStatement:
    """The statement of that layer in that context."""
    statement = reference.statement
    patterns = tuple(
        substitute_variables(each, context, has_variables=statement.has_variables)
        for each in statement.resources
    )
    certain = possible = 0
    for pattern, is_certain in patterns:
        bits = resources.bits(pattern)
        possible |= bits
        certain |= bits if is_certain else 0
    if statement.excludes_resources:
        everything = resources.everything
        beyond = 0 if _may_lack_value(patterns) else everything & ~possible
        certain, possible = beyond, everything & ~certain
    result = evaluate_statement(statement, context)
    if reference.held.doubt and result.truth is not Ternary.FALSE:
        result = ConditionResult(Ternary.UNKNOWN, result.free, (reference.held.doubt,))
    return BoundStatement(layer, reference, result, patterns, certain, possible)


def doubt_deny(bound: BoundStatement, reason: str) -> BoundStatement:
    """A Deny that possibly does not count at all; an Allow stays as it is."""
    if not bound.statement.denies:
        return bound
    held = replace(bound.reference.held, doubt=reason)
    reasons = tuple(sorted({*bound.result.reasons, reason}))
    truth = all_of((bound.result.truth, Ternary.UNKNOWN))
    return replace(
        bound,
        reference=StatementRef(held, bound.statement),
        result=ConditionResult(truth, bound.result.free, reasons),
    )


def covered_resources(
    statements: Iterable[BoundStatement], *, allows: bool, is_certain: bool
) -> int:
    """The account's own resources, as bits, that these statements allow, or deny.

    `is_certain` asks for those that they certainly do, else for those that they possibly do. A
    certain Deny takes away from what is possible, a possible one from what is certain.
    """
    found = 0
    for each in statements:
        counts = each.statement.allows if allows else each.statement.denies
        truth = each.result.truth
        if counts and (truth is Ternary.TRUE or (truth is Ternary.UNKNOWN and not is_certain)):
            found |= each.certain if is_certain else each.possible
    return found


def references(statements: Iterable[BoundStatement]) -> tuple[StatementRef, ...]:
    """The statements as policies have them, each once."""
    return tuple(dict.fromkeys(each.reference for each in statements))


def free_key_choices(
    statements: list[BoundStatement], context: Context, resources: ResourceIndex
) -> Iterator[list[BoundStatement]]:
    """The statements bound again, for each set of values that a request can choose.

    The value of a key that one statement tests can be chosen for that statement alone, which
    `evaluate_conditions` has done. Where several test it, one value must serve them all, so each
    candidate is tried on all of them. Too many candidates: one choice, of which nothing is known.
    """
    shared_keys = _keys_of_several(statements, context)
    if not shared_keys:
        yield statements
        return
    tried = [_values_of(key, statements, context) for key in shared_keys]
    number = math.prod(len(each) for each in tried)
    clauses = (clause for each in statements for clause in each.statement.clauses)
    is_exhaustive = is_listed(clauses, shared_keys) and not _fill(statements, shared_keys)
    if number > _MOST_CHOICES or not is_exhaustive:
        yield [_make_unknown(each, shared_keys) for each in statements]
    if number > _MOST_CHOICES:
        return
    for values in itertools.product(*tried):
        chosen = context.with_keys(dict(zip(shared_keys, values, strict=True)))
        yield [bind(each.layer, each.reference, chosen, resources) for each in statements]


def _fill(statements: list[BoundStatement], keys: list[str]) -> bool:
    """True if a key stands as a variable in a resource, which some other value could then match."""
    texts = (text.lower() for each in statements for text in each.statement.resources)
    return any(f"${{{key}" in text for text in texts for key in keys)


def _keys_of_several(statements: list[BoundStatement], context: Context) -> list[str]:
    """The keys whose value a request can choose and that more than one statement tests."""
    used: dict[str, int] = {}
    for each in statements:
        for key in each.result.free:
            if context.of(key) in PICKED:
                used[key] = used.get(key, 0) + 1
    return sorted(key for key, times in used.items() if times > 1)


def _values_of(key: str, statements: list[BoundStatement], context: Context) -> list[KeyState]:
    """Values of the key worth trying, whichever statement names them."""
    clauses = [clause for each in statements for clause in each.statement.clauses]
    has_variables = any(each.statement.has_variables for each in statements)
    return values_to_try(clauses, key, context, has_variables=has_variables)


def _make_unknown(bound: BoundStatement, keys: list[str]) -> BoundStatement:
    if not bound.result.free & set(keys):
        return bound
    reasons = tuple(sorted({*bound.result.reasons, *keys}))
    return replace(bound, result=ConditionResult(Ternary.UNKNOWN, frozenset(), reasons))


def _covers(pattern: str, resource: str) -> bool:
    if resource == STAR:
        return is_everything(pattern)
    return is_everything(pattern) or arn_matches(pattern, resource)
