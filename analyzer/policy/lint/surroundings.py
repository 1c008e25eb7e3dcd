"""In: nothing; what a lint knows beside the policy. Out: Surroundings, and how a fault is made."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from analyzer.policy.actions import ActionIndex
from analyzer.policy.documents import Document, Statement
from analyzer.policy.lint.action_details import ActionDetails, action_details
from analyzer.policy.lint.faults import Fault, FaultKind, Meaning


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Surroundings:
    """What a lint knows beside the policy.

    `as_of` is the time of the evidence. `principal_tags` are the keys, in lower case, of the tags
    that some user or role has; None where a session may bring others, or nobody knows.
    """

    actions: ActionIndex
    as_of: datetime
    partition: str = "aws"
    principal_tags: frozenset[str] | None = None
    faults_cache: dict[Document, tuple[Fault, ...]] = field(default_factory=dict)
    forms_cache: dict[str, frozenset[str] | None] = field(default_factory=dict)
    fits_cache: dict[tuple[str, str], bool] = field(default_factory=dict)
    listed_cache: dict[str, bool] = field(default_factory=dict)

    @property
    def details(self) -> ActionDetails:
        """What AWS lists with each action; read when first asked for."""
        return action_details()

    def listed(self, pattern: str) -> Iterator[str]:
        """The actions that AWS lists and the pattern stands for, in lower case."""
        for name in self.actions.named(self.actions.bits(pattern)):
            if self.actions.knows(name):
                yield name.lower()

    def is_listed(self, pattern: str) -> bool:
        """True if the pattern stands for an action that AWS lists."""
        found = self.listed_cache.get(pattern)
        if found is None:
            found = self.listed_cache[pattern] = next(self.listed(pattern), None) is not None
        return found

    def forms_of(self, pattern: str) -> frozenset[str] | None:
        """The forms of resources that its actions work on; None where AWS does not say of one."""
        if pattern not in self.forms_cache:
            told = [self.details.forms.get(name) for name in self.listed(pattern)]
            self.forms_cache[pattern] = (
                None
                if any(each is None for each in told)
                else frozenset(form for each in told for form in each or ())
            )
        return self.forms_cache[pattern]


def fault_in(  # noqa: PLR0913 - one parameter for each thing that a fault tells
    statement: Statement,
    kind: FaultKind,
    meaning: Meaning,
    value: str,
    explanation: str,
    *,
    pointer: str | None = None,
) -> Fault:
    """A fault of that statement, at the pointer or at the statement as a whole."""
    place = statement.step if pointer is None else pointer
    return Fault(kind, meaning, statement.index, place, value, explanation)
