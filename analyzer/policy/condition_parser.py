"""In: a statement's Condition. Out: its clauses, one for each operator on a key.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.policy.condition_operators import COMPARISONS

_QUANTIFIERS = ("ForAllValues", "ForAnyValue")
_NEGATIONS = (
    "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike",
    "NumericNotEquals", "DateNotEquals", "NotIpAddress",
)  # fmt: skip
_OPERATORS = {name.lower(): name for name in (*COMPARISONS, *_NEGATIONS, "Null")}


@dataclass(frozen=True, slots=True)
class Clause:
    """One operator on one key. `operator` is "" where it can't be read.

    `is_readable` False: nobody can tell what it asks, so nobody can tell whether it holds.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    location: Location
    quantifier: str = ""
    if_exists: bool = False
    is_readable: bool = True


def clauses(condition: JsonNode | None) -> tuple[Clause, ...]:
    """The clauses of a Condition. What can't be read of it becomes one that nobody can judge."""
    if condition is None:
        return ()
    if not isinstance(condition.value, dict):
        return (Clause("", "", (), condition.location, is_readable=False),)
    return tuple(
        clause
        for operator, block in condition.value.items()
        for clause in _block(str(operator), block, condition.location.child(str(operator)))
    )


def _block(written: str, block: object, location: Location) -> Iterator[Clause]:
    quantifier, _, rest = written.rpartition(":")
    if_exists = rest.lower().endswith("ifexists")
    base = rest[: -len("IfExists")] if if_exists else rest
    operator = _OPERATORS.get(base.lower(), "")
    named = {each.lower(): each for each in _QUANTIFIERS}.get(quantifier.lower(), quantifier)
    is_known = bool(operator) and (not quantifier or named in _QUANTIFIERS)
    if not isinstance(block, dict):
        yield Clause(operator, written, (), location, is_readable=False)
        return
    for key, given in block.items():
        values = _texts(given)
        yield Clause(
            operator=operator or written,
            key=str(key),
            values=values or (),
            location=location.child(str(key)),
            quantifier=named,
            if_exists=if_exists,
            is_readable=is_known and values is not None,
        )


def _texts(given: object) -> tuple[str, ...] | None:
    """The values as texts; None where one of them is none."""
    members = given if isinstance(given, list) else [given]
    texts = []
    for each in members:
        if isinstance(each, bool):
            texts.append(str(each).lower())
        elif isinstance(each, str | int | float):
            texts.append(str(each))
        else:
            return None
    return tuple(texts)
