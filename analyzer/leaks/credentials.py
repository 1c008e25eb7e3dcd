"""In: nothing; these are the nouns of the leak stage. Out: Occurrence, Credential, LeakScan.

Nothing here can hold a secret's value: a credential carries its key ID and a digest.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CredentialKind(StrEnum):
    """What was found."""

    LONG_TERM_KEY = "aws-access-key"  # AKIA…: a user's or root's
    TEMPORARY_KEY = "aws-temporary-key"  # ASIA…: of a session
    SECRET = "aws-secret-key"  # noqa: S105 - the kind of a finding: a secret without its key ID


class Where(StrEnum):
    """In which part of a repository an occurrence stands."""

    WORK_TREE = "work tree"
    HISTORY = "history"
    COMMIT_MESSAGE = "commit message"
    TAG_MESSAGE = "tag message"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One spot where a credential stands: repository@object:path:line.

    `object` and `commit` are None for a file of the work tree that git does not hold. `commit`,
    `author` and `date` are those of the oldest reachable commit that introduced the blob at
    `path`; None where that is not known. `date` is when the commit was made, not when it was
    authored: an amended commit keeps the latter, which can lie before the content. In a commit
    message `path` is empty, in a tag message it is the tag's name. `line` counts from 1.
    """

    repository: str
    path: str
    line: int
    where: Where
    object: str | None = None
    commit: str | None = None
    author: str | None = None
    date: datetime | None = None
    in_head: bool = False
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Credential:
    """One leaked credential with every place where it stands, oldest first.

    `id` is stable over runs and history rewrites: it depends on the credential alone. `account`
    is decoded from the key ID, None where the ID is of the old format or there is none.
    `secret_digest` is the start of a SHA-256, enough to see that two secrets are the same one and
    not enough to look one up; None where only the ID was seen. `demoted` says why this is most
    likely no live credential (a documentation example, say), None where nothing speaks for that.
    """

    id: str
    kind: CredentialKind
    key_id: str | None
    account: str | None
    secret_digest: str | None
    occurrences: tuple[Occurrence, ...]
    demoted: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a repository that was not looked at, why, and how many bytes it has."""

    what: str
    reason: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class RepositoryCoverage:
    """What was read of one repository: objects and files, their bytes, and what was left out."""

    path: str
    objects: int = 0
    size: int = 0
    containers: int = 0
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class LeakScan:
    """All credentials of all repositories, one entry each, and what the scan covered."""

    credentials: tuple[Credential, ...] = ()
    repositories: tuple[RepositoryCoverage, ...] = ()
