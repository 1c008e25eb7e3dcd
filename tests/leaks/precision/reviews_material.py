"""In: the reviewed expectation and a scan. Out: both in one form, and how they differ.

A finding is one line: class, kind, the credential's id, where it stands, what hid it, the doubt.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analyzer.leaks.model import CredentialKind
from analyzer.leaks.scan import scan

REVIEWED = Path(__file__).parent / "reviewed"
FORMS = ("both", "wheel", "sdist", "tarball")
CLASSES = {"shown", "demoted"}
_BY_PLACE = "by-its-place"
"""Instead of the id of a console password: it is made of where the password stands, for a digest of
one could be guessed, and a package and the folder of its files are two places."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One credential of one package as its reviewer saw it; `places` by form of the package.

    `is_false` says that it is none: neither a key nor an example of one.
    """

    id: str
    kind: str
    doubt: str
    reason: str
    places: dict[str, tuple[str, ...]]
    is_false: bool = False

    def lines(self, form: str) -> Iterator[str]:
        """The findings that this makes in a wheel, a source package, or a package of npm."""
        for place in (*self.places.get("both", ()), *self.places.get(form, ())):
            yield _line(self.doubt, self.kind, self.id, place)


def reviewed_packages() -> list[str]:
    """The packages in which something was found, those of npm as "npm/…"."""
    return sorted(
        str(path.relative_to(REVIEWED).with_suffix("")) for path in REVIEWED.rglob("*.toml")
    )


def reviews(package: str) -> list[Reviewed]:
    """What was reviewed of a package; nothing where nobody has found anything in it."""
    path = REVIEWED / f"{package}.toml"
    told = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {"finding": []}
    return [
        Reviewed(
            each["id"],
            each["kind"],
            each.get("doubt", ""),
            each["reason"],
            {form: tuple(each[form]) for form in FORMS if form in each},
            each.get("is_false", False),
        )
        for each in told["finding"]
    ]


def scanned(path: Path, archive: str, top: str) -> set[str]:
    """What is found in a package, or in the folder of its files; all of it was read.

    Each path is as the package has it: below `archive` and the folder `top`.
    """
    result = scan([path])
    assert [each.skipped for each in result.repositories] == [()]
    found = set()
    for each in result.credentials:
        for place in each.occurrences:
            path = place.path.removeprefix(f"{archive}!/").removeprefix(f"{top}/")
            encoding = f" in {place.encoding}" if place.encoding else ""
            where = f"{path}:{place.line}{encoding}"
            found.add(_line(each.set_aside or "", each.kind, each.id, where))
    return found


def _line(doubt: str, kind: str, identity: str, place: str) -> str:
    identity = _BY_PLACE if kind == CredentialKind.CONSOLE_PASSWORD else identity
    shown = f"demoted {kind} {identity} {place} ({doubt})"
    return shown if doubt else f"shown {kind} {identity} {place}"


def difference(found: set[str], expected: set[str]) -> str:
    """What nobody has reviewed, and what was reviewed and is gone; empty where they agree."""
    unreviewed = [f"not reviewed: {line}" for line in sorted(found - expected)]
    gone = [f"reviewed, not found: {line}" for line in sorted(expected - found)]
    return "\n".join([*unreviewed, *gone])
