"""In: nothing; these are the nouns of the leak stage. Out: sightings, credentials, coverage.

Nothing here can hold a secret's value: a credential carries its key ID and a digest.
"""

import copyreg
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import partial
from operator import attrgetter
from typing import Any, TypeAlias

from analyzer.files import Skipped
from analyzer.leaks.credential_kinds import CredentialKind

__all__ = [
    "ClaimedFacts",
    "Credential",
    "CredentialKind",
    "CredentialPart",
    "LeakScan",
    "Occurrence",
    "PlaceKind",
    "PlacedSighting",
    "ScanCoverage",
    "Sighting",
    "Skipped",
    "Suppression",
    "UniqueIdSighting",
    "ValueKey",
    "only_new",
    "place_sightings",
]


class CredentialPart(StrEnum):
    """Which part of a credential is at a place."""

    ID = "id"
    SECRET = "secret"  # noqa: S105 - a word
    WHOLE = "whole"  # what needs no other part


class PlaceKind(StrEnum):
    """In which part of a repository an occurrence is."""

    WORK_TREE = "work tree"
    HISTORY = "history"
    COMMIT_MESSAGE = "commit message"
    TAG_MESSAGE = "tag message"
    COMMIT_HEADER = "commit header"
    TAG_HEADER = "tag header"
    TREE_ENTRY = "name in a tree"
    FILE_NAME = "file name"
    LINK_TARGET = "target of a symbolic link"
    INDEX = "staged"
    GIT_DIRECTORY = "git directory"
    STANDARD_INPUT = "standard input"
    ADDED_LINE = "added line of a diff"
    KEPT_LINE = "unchanged line of a diff"
    REMOVED_LINE = "removed line of a diff"


ValueKey: TypeAlias = tuple[CredentialPart, str | None]
"""What tells a value from others: its part, and the key ID or the digest."""


@dataclass(frozen=True, slots=True)
class ClaimedFacts:
    """What a credential, and the text around it, claims about itself; None where it claims nothing.

    No account was asked, so all but `proven` may be false. `account` has 12 digits. `expires` is in
    UTC. `proven` says how an ID and a secret were proven offline to belong together. `label` is
    what a plugin of detect-secrets calls its find. `issuer` is who signed a token, `subject` for
    whom or what: no user of IAM by that name need exist.
    """

    account: str | None = None
    user: str | None = None
    region: str | None = None
    service: str | None = None
    expires: datetime | None = None
    proven: str | None = None
    label: str | None = None
    issuer: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A key ID, a secret or a token at one line of one text; never a secret's value.

    kind      None for the unique ID of a user, a role or the like: searched for, and no credential
    line      counts from 1
    digest    the start of the SHA-256 of the secret or token; None where only an ID is known
    pairing   the reason for which an ID and a digest are taken for two parts of one key
    doubt     the reason for which this is most likely no live credential, whatever its place
    encoding  what had to be decoded to read it, outermost first ("base64, UTF-16"); "" for none
    member    the path within an archive, "b.zip!/c.txt", without the outermost file; "" for none
    claims    what it claims about itself
    allowed   the inline comment that allows it, quoted
    """

    kind: CredentialKind | None
    line: int
    part: CredentialPart
    key_id: str | None = None
    digest: str | None = None
    pairing: str | None = None
    doubt: str | None = None
    encoding: str = ""
    member: str = ""
    claims: ClaimedFacts = ClaimedFacts()
    allowed: str | None = None

    @property
    def value_key(self) -> ValueKey:
        """Equal for two sightings of one value: its part, and the key ID or the digest."""
        return self.part, self.key_id if self.part is CredentialPart.ID else self.digest


def only_new(known: Iterable[Sighting], found: Iterable[Sighting]) -> Iterator[Sighting]:
    """The sightings of `found` with a value that none of `known` has."""
    values = {each.value_key for each in known}
    return (each for each in found if each.value_key not in values)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place of a credential: repository@object:path:line.

    `line` counts from 1. `path` goes on behind "!/" inside an archive; in a commit it is empty, in
    a tag it is the tag's name. `object` is None for a file that was read from disk. `commit`,
    `author` and `date` are those of the oldest commit that introduced the object at `path`; None
    where that is not known. Where a history breaks off, as in a shallow clone, `commit` is the one
    at its edge; what it has may be older, so `author` and `date` are None. `date` is when the
    commit was made, not when it was authored: an amended commit keeps the latter, which can lie
    before the content. `reachable` is False where no branch, tag or other ref leads to it. `doubt`
    is a reason against this place alone: a lock file, say, or a comment that allows it.
    """

    repository: str
    path: str
    line: int
    where: PlaceKind
    object: str | None = None
    commit: str | None = None
    author: str | None = None
    date: datetime | None = None
    in_head: bool = False
    reachable: bool = True
    encoding: str = ""
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """One leaked credential with every place where it is, oldest first.

    `id` is stable over runs and history rewrites: it depends on the credential alone, or, if a
    person may have chosen the value, on its oldest place. `account` is decoded from the key ID, or
    else what the credential claims; None where neither shows it. `secret_digest` is the start of a
    SHA-256, enough to see that two secrets are the same one; a password could be guessed from it,
    so no writer shows it. It is None where only the ID was found. `set_aside` is the reason for
    which this is most likely no live credential (a documentation example, say) or may stay; None
    where there is none. `pairing` is the reason for which ID and secret are taken for a pair.
    """

    id: str
    kind: CredentialKind
    key_id: str | None
    account: str | None
    secret_digest: str | None
    occurrences: tuple[Occurrence, ...]
    set_aside: str | None = None
    pairing: str | None = None
    claims: ClaimedFacts = ClaimedFacts()


@dataclass(frozen=True, slots=True)
class UniqueIdSighting:
    """A unique ID of the inventory and its oldest place in a repository.

    AWS issues such an ID once, so whoever wrote it there worked with the account that has it: the
    repository belongs to this account. It is no secret and gives no access.
    """

    unique_id: str
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class ScanCoverage:
    """How much of one repository was read, and what was skipped.

    `objects` counts files and git objects, `size` is their bytes, `containers` counts the archives
    that were opened. `is_left_out` says that the caller asked to leave out the whole of it.
    """

    path: str
    objects: int = 0
    size: int = 0
    containers: int = 0
    skipped: tuple[Skipped, ...] = ()
    is_left_out: bool = False

    @property
    def gaps(self) -> tuple[Skipped, ...]:
        """What should have been read, and was not."""
        return tuple(each for each in self.skipped if each.is_gap)


@dataclass(frozen=True, slots=True)
class Suppression:
    """A statement that a credential may stay: what says so, of which credential id, and why.

    `by` is "comment", "baseline", ".gitleaksignore" or ".secrets.baseline".
    """

    by: str
    credential: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeakScan:
    """All credentials of all repositories, once each, and what the scan covered.

    `unique_ids` has each unique ID that was searched for, once for each repository that has it,
    sorted by repository and ID.
    """

    credentials: tuple[Credential, ...] = ()
    repositories: tuple[ScanCoverage, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    unique_ids: tuple[UniqueIdSighting, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedSighting:
    """A sighting and its place."""

    sighting: Sighting
    occurrence: Occurrence


def place_sightings(sightings: Iterable[Sighting], place: Occurrence) -> Iterator[PlacedSighting]:
    """The sightings at `place`; line, encoding and path within an archive are those of each."""
    for each in sightings:
        path = f"{place.path}!/{each.member}" if each.member else place.path
        # `replace` takes four times as long, and there are tens of thousands.
        occurrence = Occurrence(
            repository=place.repository,
            path=path,
            line=each.line,
            where=place.where,
            object=place.object,
            commit=place.commit,
            author=place.author,
            date=place.date,
            in_head=place.in_head,
            reachable=place.reachable,
            encoding=each.encoding,
            doubt=each.allowed,
        )
        yield PlacedSighting(each, occurrence)


def _pickle_by_values(*kinds: type[Any]) -> None:
    """Has objects of these kinds pickled as their values, in the order of their fields.

    Workers send them by the ten thousand. What a frozen dataclass with slots does by itself takes
    three times as long.
    """
    for kind in kinds:
        values = attrgetter(*(each.name for each in fields(kind)))
        copyreg.pickle(kind, partial(_reduce, kind, values))


def _reduce(
    kind: type[Any], values: Callable[[object], tuple[object, ...]], each: object
) -> tuple[type[Any], tuple[object, ...]]:
    return kind, values(each)


_pickle_by_values(ClaimedFacts, Sighting, Occurrence, PlacedSighting)
