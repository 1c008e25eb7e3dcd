"""In: a policy document. Out: all of its faults, in the order of the text."""

from collections.abc import Iterator

from analyzer.policy.documents import Document
from analyzer.policy.lint.clauses import clause_faults
from analyzer.policy.lint.exclusions import exclusion_faults
from analyzer.policy.lint.faults import Fault
from analyzer.policy.lint.grammar import grammar_faults
from analyzer.policy.lint.repetitions import repetition_faults
from analyzer.policy.lint.scopes import scope_faults
from analyzer.policy.lint.surroundings import Surroundings
from analyzer.policy.lint.trusts import trust_faults


def policy_faults(document: Document, around: Surroundings) -> tuple[Fault, ...]:
    """The faults of an identity policy, a permissions boundary or a service control policy.

    Each document is looked at once.
    """
    found = around.faults_cache.get(document)
    if found is None:
        found = around.faults_cache[document] = tuple(_policy_faults(document, around))
    return found


def _policy_faults(document: Document, around: Surroundings) -> Iterator[Fault]:
    yield from grammar_faults(document)
    for each in document.statements:
        yield from scope_faults(each, around)
        yield from clause_faults(each, around)
        yield from exclusion_faults(each)
    yield from repetition_faults(document, around)


def trust_policy_faults(document: Document, around: Surroundings) -> Iterator[Fault]:
    """The faults of a role's trust policy."""
    yield from grammar_faults(document, is_trust=True)
    for each in document.statements:
        yield from clause_faults(each, around)
        yield from exclusion_faults(each)
        yield from trust_faults(each, around)
