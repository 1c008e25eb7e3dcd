"""In: nothing; these are the nouns of detection. Out: candidates, patterns, results.

Only a candidate holds a secret's value, and no representation of it shows that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from analyzer.files import Skipped
from analyzer.leaks.detect.prefilter_terms import Expression, Literal
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart, Sighting

EXAMPLE = "an example from documentation: the value says so"
"""Why a value that has EXAMPLE in it is doubted."""
EXAMPLE_ACCOUNT = "an example from documentation: its account is nobody's"
"""Why a credential of an account that only documentation has is doubted."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that has the shape of a credential, and its place in a text: text[start:end].

    `value` is what a digest is made of, with escapes undone. `name` is the variable, key or column
    that holds it, if there is one. Where `stands_alone` is False it counts only beside a key ID.
    `key_id` is the one that a token names. `signed_text` is the request whose signature can prove
    a secret.
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


@dataclass(frozen=True, slots=True)
class Pattern:
    """Shapes that are searched for together.

    `kinds` are those of which `find` gives candidates that no other pattern gives. `triggers` are
    expressions of Hyperscan, one of which matches in any text in which `find` finds something: it
    is not called for others. They see UTF-8, byte by byte. `prefilter` says what of it shows in any
    content, plain or encoded: what has none of that is never searched at all. With `adds_to_others`
    it gives candidates of other patterns once more, with what stands beside them.
    """

    kinds: frozenset[CredentialKind]
    triggers: tuple[bytes, ...]
    prefilter: tuple[Literal | Expression, ...]
    find: Callable[[str], Iterator[Candidate]]
    adds_to_others: bool = False


@dataclass(frozen=True, slots=True)
class ContentResult:
    """What a piece of content holds, what of it was not looked at, and how many archives it was.

    `unpacked` counts the bytes of its archives, `decoded` those that were put out by decoders.
    """

    sightings: tuple[Sighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    containers: int = 0
    unpacked: int = 0
    decoded: int = 0


NOTHING = ContentResult()
