"""In: bytes that came through a pipe. Out: a PartialScan of them, by file and line where they tell.

`scan` calls it. A diff is taken apart; anything else is one text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analyzer.archives.signatures import looks_like_archive
from analyzer.files import Skipped
from analyzer.leaks.model import Occurrence, PlacedSighting, PlaceKind, place_sightings
from analyzer.leaks.options import STANDARD_INPUT
from analyzer.leaks.sources.content import failure, scan_content, under_path
from analyzer.leaks.sources.diffs import BinaryPart, DiffPart, holds_diff, split_diff
from analyzer.leaks.sources.work import PartialScan, SearchTerms


def scan_standard_input(data: bytes, terms: SearchTerms) -> PartialScan:
    """Scans the bytes as one file; of a diff each file, with the numbers of its lines."""
    scan = PartialScan(objects=1, size=len(data))
    if not looks_like_archive(data) and holds_diff(data):
        for part in split_diff(data):
            if isinstance(part, Skipped):
                scan.skipped.append(part)
            else:
                _scan_part(scan, part, terms)
        return scan
    result = scan_content(terms, STANDARD_INPUT, data)
    place = Occurrence(STANDARD_INPUT, "", 0, PlaceKind.STANDARD_INPUT)
    scan.sightings += place_sightings(result.sightings, place)
    scan.containers += result.containers
    scan.skipped += (replace(each, what=each.what or STANDARD_INPUT) for each in result.skipped)
    return scan


def _scan_part(scan: PartialScan, part: DiffPart | BinaryPart, terms: SearchTerms) -> None:
    try:
        result = scan_content(terms, part.path or STANDARD_INPUT, part.text)
    except Exception as fault:  # noqa: BLE001 - a fault in one file must not cost the others
        scan.skipped.append(failure(part.path or STANDARD_INPUT, fault))
        return
    scan.containers += result.containers
    scan.skipped += (under_path(part.path or STANDARD_INPUT, each) for each in result.skipped)
    place = Occurrence(
        STANDARD_INPUT, part.path, 0, PlaceKind.STANDARD_INPUT, None, part.commit, part.author
    )
    if isinstance(part, BinaryPart):
        here = place_sightings(result.sightings, replace(place, where=part.kind))
        scan.sightings += here if part.has_lines else map(_without_line, here)
    else:
        scan.sightings += _number_lines(place_sightings(result.sightings, place), part)


def _without_line(placed: PlacedSighting) -> PlacedSighting:
    return replace(placed, occurrence=replace(placed.occurrence, line=1))


def _number_lines(placed: Iterator[PlacedSighting], part: DiffPart) -> Iterator[PlacedSighting]:
    """The sightings that are this part's own, at the lines of the file."""
    for each in placed:
        index = min(max(each.occurrence.line, 1), len(part.numbers)) - 1
        if number := part.numbers[index]:
            kind = part.kinds[index]
            line = 1 if each.sighting.member else number
            yield replace(each, occurrence=replace(each.occurrence, line=line, where=kind))
