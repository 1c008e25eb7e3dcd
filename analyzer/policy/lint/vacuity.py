"""In: a statement. Out: whether its conditions keep nobody out."""

from analyzer.policy.documents import Statement
from analyzer.policy.lint.clauses import clause_faults
from analyzer.policy.lint.faults import Meaning
from analyzer.policy.lint.surroundings import Surroundings

_VACUOUS = (Meaning.ALWAYS, Meaning.EVADED)


def restricts_nobody(statement: Statement, around: Surroundings) -> bool:
    """True if it has no condition, or each of them holds anyway, or for whoever lacks the key."""
    if statement.unread:
        return False
    if not statement.clauses:
        return True
    faults = clause_faults(statement, around)
    empty = {each.pointer for each in faults if each.meaning in _VACUOUS}
    return all(each.location.pointer in empty for each in statement.clauses)
