"""In: a person's name, a user's name. Out: the spellings by which the two may be compared.

Letters are put into ASCII by a table of our own, both ways where people use two: ü is ue and u.
A name in another script has no spelling here; such a person is found by keys alone.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from analyzer.evidence.roster_model import PersonName

_LETTERS = {
    "ä": ("ae", "a"), "ö": ("oe", "o"), "ü": ("ue", "u"), "å": ("aa", "a"), "ø": ("oe", "o"),
    "æ": ("ae", "a"), "œ": ("oe", "o"), "ß": ("ss", "s"), "đ": ("d", "dj"), "ð": ("d", "dh"),
    "þ": ("th", "t"), "ł": ("l", "l"), "\u0131": ("i", "i"), "ħ": ("h", "h"), "ŋ": ("ng", "n"),
    "ĳ": ("ij", "y"), "ŧ": ("t", "t"), "ñ": ("n", "ny"), "š": ("s", "sh"), "č": ("c", "ch"),
    "ž": ("z", "zh"), "ć": ("c", "ch"), "ş": ("s", "sh"), "ș": ("s", "sh"), "ç": ("c", "c"),
    "ÿ": ("y", "y"), "ĸ": ("k", "k"), "ŀ": ("l", "l"), "ə": ("e", "a"), "ƒ": ("f", "f"),
}  # fmt: skip
"""What each letter is written as, two ways; those that decompose, as é does, need no entry."""
_PARTICLES = frozenset(
    {
        "al", "ap", "bin", "da", "dal", "de", "del", "della", "den", "der", "di", "do", "dos",
        "du", "el", "ibn", "la", "le", "ten", "ter", "van", "vom", "von", "zu", "zum", "zur",
    }
)  # fmt: skip
_WORDS = re.compile(r"[a-z0-9]+")
_AFFIX = re.compile(
    r"(?:adm|admin|a|ext|extern|x|da|sa|priv|pa|t0|t1|u)[-_.](?P<after>.+)"
    r"|(?P<before>.+)[-_.](?:adm|admin|a|ext|extern|priv|aws|cli|api|dev|test)",
    re.IGNORECASE,
)
_ADMINISTRATOR = re.compile(
    r"(?:adm|admin|a|da|priv|pa|t0)[-_.].+|.+[-_.](?:adm|admin|a|priv)", re.IGNORECASE
)
_LONGEST = 8
"""Words of a name that are looked at; no name has more, and more would make too many spellings."""


@lru_cache(maxsize=1 << 16)
def spellings(text: str) -> tuple[str, ...]:
    """The text in lower-case ASCII, its words parted by blanks; none for another script.

    Two where people use two: "gross jurgen" and "gross juergen".
    """
    lowered = unicodedata.normalize("NFC", text).casefold().replace("\u2019", "'")
    # An apostrophe is no border: O'Neil is oneil.
    bare = lowered.replace("'", "")
    found = (_spell(bare, way) for way in ((0,) if bare.isascii() else (0, 1)))
    return tuple(dict.fromkeys(each for each in found if each))


def _spell(text: str, way: int) -> str:
    if text.isascii():
        return " ".join(_WORDS.findall(text)[:_LONGEST])
    made = "".join(_LETTERS[each][way] if each in _LETTERS else each for each in text)
    ascii_only = "".join(
        each for each in unicodedata.normalize("NFKD", made) if not unicodedata.combining(each)
    )
    if any(each.isalpha() and not each.isascii() for each in ascii_only):
        return ""
    return " ".join(_WORDS.findall(ascii_only)[:_LONGEST])


def pairs_of(name: PersonName) -> frozenset[tuple[str, str]]:
    """Given and family name as a user's name may hold them: whole, or parts of double names."""
    return frozenset(pair for given, family in _parts(name) for pair in _pair(given, family))


def derived_of(name: PersonName) -> frozenset[str]:
    """What companies make of a name: flast, firstl, initials, the family name alone."""
    made: set[str] = set()
    for given, family in pairs_of(name):
        made |= {given[0] + family, given + family[0], family + given[0], given[0] + family[0]}
        made |= {given + family, family + given, family, given}
    return frozenset(made)


def _parts(name: PersonName) -> Iterator[tuple[list[str], list[str]]]:
    """Words of the given and the family name; every split where they are one text."""
    for family in spellings(name.family):
        words = family.split()
        if name.given:
            for given in spellings(name.given):
                yield given.split(), words
        else:
            for border in range(1, len(words)):
                yield words[:border], words[border:]


def _pair(given: list[str], family: list[str]) -> Iterator[tuple[str, str]]:
    own = [word for word in family if word not in _PARTICLES] or family
    families = {"".join(family), "".join(own), own[0], own[-1]}
    for first in {"".join(given), given[0]}:
        yield from ((first, last) for last in families)


def pairs_in(text: str) -> frozenset[tuple[str, str]]:
    """A user's name, or that in a tag, as given and family name, in either order.

    A number at the end marks a namesake and is left where it is: ann.lee2 is not ann.lee.
    """
    found: set[tuple[str, str]] = set()
    family, comma, given = text.partition(",")
    for spelled in spellings(f"{given} {family}" if comma else text):
        words = spelled.split()
        for border in range(1, len(words)):
            first, last = "".join(words[:border]), "".join(words[border:])
            found |= {(first, last), (last, first)}
    return frozenset(found)


def derived_in(text: str) -> frozenset[str]:
    """A user's name without its signs."""
    return frozenset(each.replace(" ", "") for each in spellings(text))


def without_affix(text: str) -> str:
    """The name without a prefix or suffix of a role, "" where it has none: adm-ann is ann."""
    read = _AFFIX.fullmatch(text)
    return (read["after"] or read["before"]) if read else ""


def says_administrator(text: str) -> bool:
    """True for a name that says by a prefix or suffix that it is for administration."""
    return _ADMINISTRATOR.fullmatch(text) is not None


def local_part(address: str) -> str:
    """What stands before the sign of an address, without what follows a plus."""
    return address.partition("@")[0].partition("+")[0]


def plain_addresses(texts: Iterable[str], domains: frozenset[str]) -> Iterator[str]:
    """The addresses in lower case; of the company's own domains without what follows a plus."""
    for text in texts:
        lowered = text.strip().casefold()
        local, sign, domain = lowered.partition("@")
        if sign and domain:
            own = local.partition("+")[0] if domain in domains else local
            yield f"{own or local}@{domain}"
