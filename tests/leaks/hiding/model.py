"""In: the name of a hiding place. Out: its key pair, and what a scan must say of it.

A name alone decides on the pair, so that a test can be collected before the repository is made.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from analyzer.leaks.model import CredentialKind, PlaceKind
from tests.leaks.leak_material import digest, key_id, secret


class Holder(StrEnum):
    """What keeps a hiding place alive; it decides which copies of a repository have it."""

    HEAD = "a file that HEAD and the work tree have"
    FILE = "a file of the work tree that git does not hold"
    REF = "an object that a ref leads to"
    REF_NAME = "the name of a ref"
    LOST = "an object that no ref leads to"
    GIT_FILE = "a file of the git directory"


@dataclass(frozen=True, slots=True)
class Pair:
    """A key ID and its secret."""

    n: int
    prefix: str = "AKIA"

    @property
    def id(self) -> str:
        """The key ID."""
        return key_id(n=self.n, prefix=self.prefix)

    @property
    def secret(self) -> str:
        """The secret access key."""
        return secret(self.n)

    @property
    def digest(self) -> str:
        """What a report may say of the secret."""
        return digest(self.n)

    @property
    def file(self) -> str:
        """The pair as the AWS CLI keeps it; the ID stands in line 2."""
        return f"[default]\naws_access_key_id = {self.id}\naws_secret_access_key = {self.secret}\n"

    @property
    def words(self) -> str:
        """The pair on one line, in characters that every name in git may have."""
        return f"id={self.id},secret={self.secret}"

    def fill(self, template: str) -> str:
        """A text with the pair in the places of %ID%, %SECRET%, their halves, and %URLSECRET%."""
        parts = {
            "%ID%": self.id,
            "%ID1%": self.id[:7],
            "%ID2%": self.id[7:],
            "%SECRET%": self.secret,
            "%S1%": self.secret[:19],
            "%S2%": self.secret[19:],
            "%URLSECRET%": quote(self.secret, safe=""),
        }
        for token, value in parts.items():
            template = template.replace(token, value)
        return template


def pair_for(name: str, having: str = "", lacking: str = "", prefix: str = "AKIA") -> Pair:
    """The pair of a place, whose secret has these characters and lacks those."""
    n = zlib.crc32(name.encode())
    while set(having) - set(secret(n)) or set(lacking) & set(secret(n)):
        n += 1
    return Pair(n, prefix)


@dataclass(frozen=True, slots=True)
class Place:
    """A key pair, where it is hidden, and what a scan must say of it.

    `path` and `also` are patterns; one occurrence has to match the first, and none may match
    neither. Of `where` and `lines` each one listed is right; where none is, nothing is demanded,
    nor is it where `in_head` or `reachable` is None. `day` is that of the commit that brought the
    place in, None where no commit did. `extras` are the other credentials that stand there.
    """

    name: str
    pair: Pair
    holder: Holder
    path: str
    where: frozenset[PlaceKind] = frozenset()
    lines: tuple[int, ...] = ()
    day: int | None = None
    author: str | None = None
    in_head: bool | None = None
    reachable: bool | None = None
    set_aside: bool = False
    kind: CredentialKind = CredentialKind.LONG_TERM_KEY
    extras: frozenset[CredentialKind] = frozenset()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hideout:
    """A place that is a file of its own, and how to make that file."""

    place: Place
    file: str
    content: Callable[[], bytes]


HEAD_DAY = 5
"""The day of March 2024 on which the files of HEAD came in."""
ADA = "Ada Author <ada@example.com>"


def in_head(  # noqa: PLR0913 - one for each thing a test may demand
    name: str,
    pair: Pair,
    path: str,
    *lines: int,
    set_aside: bool = False,
    kind: CredentialKind = CredentialKind.LONG_TERM_KEY,
    extras: frozenset[CredentialKind] = frozenset(),
    also: tuple[str, ...] = (),
) -> Place:
    """A place in a file that HEAD and the work tree have."""
    return Place(
        name=name,
        pair=pair,
        holder=Holder.HEAD,
        path=path,
        where=frozenset({PlaceKind.HISTORY}),
        lines=lines,
        day=HEAD_DAY,
        author=ADA,
        in_head=True,
        reachable=True,
        set_aside=set_aside,
        kind=kind,
        extras=extras,
        also=also,
    )


def line_of(text: str, part: str) -> int:
    """The line in which a part of a text begins."""
    return text[: text.index(part)].count("\n") + 1
