"""In: a statement's conditions. Out: those on one key that no value meets together."""

from collections.abc import Iterator
from datetime import UTC, datetime

from analyzer.evidence.cells import parse_iso_time
from analyzer.globs import covers
from analyzer.policy.condition_parser import Clause
from analyzer.policy.conditions import Context, KeyKnowledge, Ternary, evaluate_conditions
from analyzer.policy.documents import Statement
from analyzer.policy.lint.faults import Fault, FaultKind, Meaning
from analyzer.policy.lint.surroundings import fault_in

_MOST = 8
"""Clauses on one key that are looked at together."""
_LOWER = ("GreaterThan", "GreaterThanEquals", "Equals")
_UPPER = ("LessThan", "LessThanEquals", "Equals")


def exclusion_faults(statement: Statement) -> Iterator[Fault]:
    """Operators that are ANDed on one key and exclude each other."""
    if statement.unread:
        return
    by_key: dict[str, list[Clause]] = {}
    for each in statement.clauses:
        by_key.setdefault(each.key.lower(), []).append(each)
    for key, clauses in by_key.items():
        is_plain = all(each.is_readable and each.values for each in clauses)
        if not 1 < len(clauses) <= _MOST or not is_plain:
            continue
        if _exclude(key, clauses, has_variables=statement.has_variables):
            names = " and ".join(each.operator for each in clauses)
            text = f"no value of {clauses[0].key} meets {names} together"
            value = clauses[0].key
            place = clauses[0].location.pointer
            kind = FaultKind.EXCLUSIVE
            yield fault_in(statement, kind, Meaning.NEVER, value, text, pointer=place)


def _exclude(key: str, clauses: list[Clause], *, has_variables: bool) -> bool:
    context = Context({key: KeyKnowledge.FREE})
    truth = evaluate_conditions(
        tuple(clauses), context, allows=True, has_variables=has_variables
    ).truth
    return truth is Ternary.FALSE or _has_no_room(clauses) or _negates_itself(clauses)


def _negates_itself(clauses: list[Clause]) -> bool:
    """True if one clause asks for what another rules out, by patterns."""
    for one in clauses:
        is_asking = "Not" not in one.operator and one.operator.endswith(("Like", "Equals"))
        if not is_asking or not one.operator.startswith(("String", "Arn")) or one.if_exists:
            continue
        for other in clauses:
            is_opposite = other.operator.replace("Not", "") == one.operator != other.operator
            if is_opposite and not (one.quantifier or other.quantifier):
                ruled_out = (
                    any(_covers(one.operator, wide, each) for wide in other.values)
                    for each in one.values
                )
                if all(ruled_out):
                    return True
    return False


def _covers(operator: str, wide: str, narrow: str) -> bool:
    return wide == narrow or (operator.endswith("Like") and covers(wide, narrow))


def _has_no_room(clauses: list[Clause]) -> bool:
    """True if the least value that numbers or dates allow lies above the greatest."""
    least: list[tuple[float, bool]] = []
    most: list[tuple[float, bool]] = []
    for each in clauses:
        family = next((f for f in ("Numeric", "Date") if each.operator.startswith(f)), "")
        if not family or each.if_exists or each.quantifier or "Not" in each.operator:
            continue
        numbers = [_number(value) for value in each.values]
        if any(number is None for number in numbers):
            continue
        known = [number for number in numbers if number is not None]
        sort = each.operator.removeprefix(family)
        if sort in _LOWER:
            least.append((min(known), sort == "GreaterThan"))
        if sort in _UPPER:
            most.append((max(known), sort == "LessThan"))
    return any(
        low > high or (low == high and (is_open or is_closed))
        for low, is_open in least
        for high, is_closed in most
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        found = parse_iso_time(text)
        return found.astimezone(UTC).timestamp() if isinstance(found, datetime) else None
