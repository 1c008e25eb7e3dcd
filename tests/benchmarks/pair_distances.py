"""How far key IDs and their secrets stand apart in real content, and which secrets have a name.

Run: python -m tests.benchmarks.pair_distances [--reach LINES] PATH...
PATH is a git repository, of which every blob is read, or a folder, of which every file is.

One row for each ID and secret that are paired within --reach lines, with or without a name, the
nearest first, at the place where they are nearest; the last column says whether the scanner pairs
them, too. Whoever judges the rows sees which distances and names are right: `pairing.REACH`,
`NAMELESS_REACH`. Proven pairs are left out: no distance was asked for them. No secret is shown.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analyzer.leaks.detect import pairing
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import CredentialPart, Sighting
from tests.benchmarks.prefilter_hits import contents

REACH = 100
BOUNDS = (0, 1, 2, 3, 7, 16, 64)
LIMITS = ("REACH", "NAMELESS_REACH", "_NEAR")
_LINES = re.compile(r"(?P<lines>\d+) lines? (?P<side>below|above)")
_NAME = re.compile(r", named (?P<name>.+)\Z")


@dataclass(frozen=True, slots=True, order=True)
class PairedPlaces:
    """An ID and a secret at one place: the lines between them, below the ID or above it."""

    lines: int
    place: str
    name: str
    side: str
    doubt: str
    key_id: str
    digest: str

    @property
    def pair(self) -> tuple[str, str]:
        """Which ID and which secret."""
        return self.key_id, self.digest


@contextmanager
def reach(lines: int) -> Iterator[None]:
    """Pairs are made up to so many lines apart while the block runs, whatever stands between."""
    known = {name: getattr(pairing, name) for name in LIMITS}
    for name in LIMITS:
        setattr(pairing, name, lines)
    try:
        yield
    finally:
        for name, value in known.items():
            setattr(pairing, name, value)


def paired(data: bytes, where: str) -> Iterator[PairedPlaces]:
    """The pairs of a key ID and a secret in one content."""
    for each in scan_bytes(data).sightings:
        if each.part is CredentialPart.ID and each.pairing and not each.claims.proven:
            yield _as_row(each, where)


def _as_row(each: Sighting, where: str) -> PairedPlaces:
    told = each.pairing or ""
    lines, name = _LINES.search(told), _NAME.search(told)
    return PairedPlaces(
        int(lines["lines"]) if lines else 0,
        f"{where}{'!/' if each.member else ''}{each.member}:{each.line}",
        name["name"] if name else "",
        lines["side"] if lines else "",
        each.doubt or "",
        each.key_id or "",
        each.digest or "",
    )


def nearest(rows: Iterator[PairedPlaces]) -> dict[tuple[str, str], PairedPlaces]:
    """Each pair where its halves are nearest."""
    best: dict[tuple[str, str], PairedPlaces] = {}
    for row in rows:
        best[row.pair] = min(row, best.get(row.pair, row))
    return best


def print_tables(path: Path, lines: int) -> None:
    """Each pair, then how many there are by distance, with a name and without."""
    held = [(name, data) for name, data in contents(path) if scan_bytes(data).sightings]
    usual = nearest(row for name, data in held for row in paired(data, name))
    with reach(lines):
        found = sorted(nearest(row for name, data in held for row in paired(data, name)).values())
    print(f"{path}\n\n| lines | name | place | doubt of the ID | paired |\n|---:|---|---|---|---|")
    for row in found:
        is_ours = "yes" if row.pair in usual else "no"
        name = row.name or "(none)"
        where = f"{row.lines} {row.side}".strip()
        print(f"| {where} | {name:.40} | {row.place:.100} | {row.doubt:.24} | {is_ours} |")
    print("\n| lines, at most | named | of these paired | without a name | of these paired |")
    print("|---:|---:|---:|---:|---:|")
    counted = Counter((_bound(row, lines), bool(row.name), row.pair in usual) for row in found)
    for bound in (*BOUNDS, lines):
        cells = (
            (counted[bound, is_named, True] + counted[bound, is_named, False],
             counted[bound, is_named, True])
            for is_named in (True, False)
        )  # fmt: skip
        print(f"| {bound} | {' | '.join(str(cell) for both in cells for cell in both)} |")


def _bound(row: PairedPlaces, most: int) -> int:
    return next((bound for bound in BOUNDS if row.lines <= bound), most)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--reach", type=int, default=REACH, help=f"lines  [{REACH}]")
    given = parser.parse_args()
    for path in given.paths:
        print_tables(path, given.reach)


if __name__ == "__main__":
    main()
