"""In: nothing; these are the nouns of opened archives. Out: members, and the rules for them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. `name` is its path through the archives around it: "a.zip!/b.txt".

    With `is_opened` it is an archive whose files came before it: these are its own bytes.
    """

    name: str
    data: bytes
    is_opened: bool = False


@dataclass(frozen=True, slots=True)
class StreamedMember:
    """A file in an archive that is too large to be held: its pieces come as they are unpacked.

    They must be read to their end before the next member is asked for. Reading them never raises;
    what cuts the file short comes behind it as an `UnopenedMember` of its name.
    """

    name: str
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class UnopenedMember:
    """Something in an archive that was not read, or not wholly: its name, why, and its size."""

    what: str
    reason: str
    size: int | None = None

    @property
    def is_locked(self) -> bool:
        """Whether it needs a password."""
        from analyzer.archives.zip_reader import ENCRYPTED  # what holds it was imported from there

        return self.reason == ENCRYPTED


Opened: TypeAlias = Iterator[Member | StreamedMember | UnopenedMember]


def _refuse_nothing(_: memoryview) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class OpeningRules:
    """What comes out of an archive, and under which names; the defaults suit a search for secrets.

    With `is_strict` False, all that can be read comes, even if damaged or unlisted, and what is too
    large to be held comes as a stream. With True, only files that are whole and can be held: listed
    by the archive, of the size and checksum that it states; links and devices come as unopened.
    `separator` stands between an archive and a name in it. `keeps_stem` names the content of
    `a.csv.gz` `a.csv` instead of `CONTENT`. `refusal` gives the reason why an archive of given
    bytes must not be opened, "" for none. With `gives_opened`, the own bytes of an archive that
    was packed in another come behind its files: a comment of it, or what was deleted in it.
    """

    separator: str = "!/"
    keeps_stem: bool = False
    is_strict: bool = False
    refusal: Callable[[memoryview], str] = _refuse_nothing
    gives_opened: bool = False


ALL_THAT_CAN_BE_READ = OpeningRules()
