"""In: nothing; these are the nouns of detecting. Out: Mark, Family.

The only place where a secret's value lives; neither is ever shown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from analyzer.files import Skipped
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart, Sighting

EXAMPLE = "an example from documentation: the value says so"
"""The doubt about a value that has EXAMPLE in it."""
EXAMPLE_ACCOUNT = "an example from documentation: its account is nobody's"
"""The doubt about what belongs to an account that only documentation has."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that counts, and where it stands in its text: text[start:end].

    `value` is what a digest is made of, with escapes undone. `name` is the assigned name, key or
    column, if there is one. Where `certain` is False it counts only beside a key ID. `key_id` is
    the one that a token names. `witness` is the text from which a proof can be worked out. `block`
    tells objects, sections and paragraphs apart.
    """

    kind: CredentialKind
    part: CredentialPart
    start: int
    end: int
    value: str = field(repr=False)
    name: str = ""
    stands_alone: bool = True
    doubt: str | None = None
    claims: ClaimedFacts = field(default_factory=ClaimedFacts)
    key_id: str | None = None
    signed_text: str = field(default="", repr=False)
    block: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """Shapes that are looked for together.

    `anchors` are small-letter pieces one of which occurs in any text that holds such a shape,
    whatever the case; none means that every text is looked at.
    """

    keywords: tuple[str, ...]
    find: Callable[[str], Iterator[Candidate]]


@dataclass(frozen=True, slots=True)
class ContentResult:
    """What a piece of content holds, what of it was not looked at, and how many archives it was."""

    sightings: tuple[Sighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    containers: int = 0


NOTHING = ContentResult()
