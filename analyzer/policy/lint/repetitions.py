"""In: a document. Out: what another part of it says already, or takes away again."""

from collections.abc import Iterator

from analyzer.policy.arns import arn_covers, is_everything
from analyzer.policy.documents import Document, Effect, Statement
from analyzer.policy.lint.faults import Fault, FaultKind, Meaning
from analyzer.policy.lint.surroundings import Surroundings, fault_in

_MOST = 100
"""Statements, actions or resources that are compared with each other; IAM takes no longer ones."""
_PASSING, _LINKING = "iam:PassRole", "iam:CreateServiceLinkedRole"


def repetition_faults(document: Document, around: Surroundings) -> Iterator[Fault]:
    """What is said twice, and Allows that the document itself denies."""
    for each in document.statements[:_MOST]:
        if each.unread:
            continue
        yield from _actions(each, around)
        yield from _resources(each)
        yield from _wide_iam(each, around)
        yield from _statements(each, document)


def _actions(statement: Statement, around: Surroundings) -> Iterator[Fault]:
    patterns = tuple(dict.fromkeys(statement.action_patterns))[:_MOST]
    bits = [around.actions.bits(each) for each in patterns]
    for number, (pattern, mine) in enumerate(zip(patterns, bits, strict=True)):
        wider = next(
            (
                patterns[other]
                for other, theirs in enumerate(bits)
                if other != number
                and mine
                and mine & ~theirs == 0
                and (mine != theirs or other < number)
            ),
            None,
        )
        if wider is not None:
            text = f"{wider} covers {pattern}"
            kind = FaultKind.REDUNDANT_ACTION
            yield fault_in(statement, kind, Meaning.REMARK, pattern, text)


def _resources(statement: Statement) -> Iterator[Fault]:
    patterns = tuple(dict.fromkeys(statement.resources))[:_MOST]
    for number, pattern in enumerate(patterns):
        for other, wide in enumerate(patterns):
            if other != number and arn_covers(wide, pattern):
                if arn_covers(pattern, wide) and other > number:
                    continue
                text = f"{wide} covers {pattern}"
                kind = FaultKind.REDUNDANT_RESOURCE
                yield fault_in(statement, kind, Meaning.REMARK, pattern, text)
                break


def _wide_iam(statement: Statement, around: Surroundings) -> Iterator[Fault]:
    is_wide = not statement.excludes_resources and any(
        is_everything(each) for each in statement.resources
    )
    is_whole = statement.excludes_actions or statement.actions == around.actions.everything
    if statement.effect is not Effect.ALLOW or not is_wide or is_whole or statement.clauses:
        return
    for action, kind in (
        (_PASSING, FaultKind.PASS_ANY_ROLE),
        (_LINKING, FaultKind.ANY_SERVICE_LINKED_ROLE),
    ):
        if statement.actions & around.actions.bit(action):
            text = f"{action} is allowed on every role"
            yield fault_in(statement, kind, Meaning.REMARK, action, text)


def _statements(statement: Statement, document: Document) -> Iterator[Fault]:
    for other in document.statements[:_MOST]:
        if other is statement or other.unread or other.clauses or not statement.actions:
            continue
        if statement.actions & ~other.actions or not _covers_resources(other, statement):
            continue
        if statement.effect is Effect.ALLOW and other.effect is Effect.DENY:
            text = f"statement {other.index + 1} denies all that it allows"
            kind = FaultKind.DENIED_ANYWAY
            yield fault_in(statement, kind, Meaning.NEVER, "", text)
            return
        is_same = not statement.clauses and other.actions == statement.actions
        is_twin = is_same and _covers_resources(statement, other)
        if statement.effect is other.effect and not (is_twin and other.index > statement.index):
            text = f"statement {other.index + 1} says as much"
            kind = FaultKind.REDUNDANT_STATEMENT
            yield fault_in(statement, kind, Meaning.REMARK, "", text)
            return


def _covers_resources(wide: Statement, narrow: Statement) -> bool:
    """True if the wide statement speaks of every resource of the narrow one."""
    if not wide.excludes_resources and any(is_everything(each) for each in wide.resources):
        return True
    if wide.excludes_resources or narrow.excludes_resources:
        return False
    return bool(narrow.resources) and all(
        any(arn_covers(each, mine) for each in wide.resources) for mine in narrow.resources
    )
