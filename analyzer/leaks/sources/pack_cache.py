"""In: a folder of the user's, and a pack. Out: the result of an earlier scan of it, if any.

A pack is known by the SHA-256 of all its bytes and of its index, so an object with a forged name
can't pass for a known one. The key also covers the code that scans, the detectors and the unique
IDs that are searched for: a new version scans again, and so does a search for something else.
`opened` loads before a repository's objects are queued, and saves after the last of them.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import analyzer
from analyzer.files import Skipped
from analyzer.git.pack_layout import PackLayout
from analyzer.git.references import LfsPointer
from analyzer.leaks.model import (
    ClaimedFacts,
    CredentialKind,
    CredentialPart,
    Occurrence,
    PlacedSighting,
    PlaceKind,
    Sighting,
)
from analyzer.leaks.options import Detectors
from analyzer.leaks.sources.work import PartialScan

_LARGEST_ENTRY = 64 * 1024 * 1024
_CHUNK = 1 << 24
_SCANNING_CODE = ("archives", "git", "leaks", "errors.py", "files.py", "forks.py")
"""Everything of this package that a scan loads, as modules and packages."""


def cache_key(
    part: PackLayout, detectors: Detectors, unique_ids: frozenset[str] = frozenset()
) -> str:
    """The name under which the result of scanning a pack is kept: 64 hex digits.

    Reads all bytes of the pack, and unpacks none.
    """
    digest = hashlib.sha256(_digest_of_code())
    # A scan that searched for other IDs, or for none, did not record where these are.
    digest.update("".join(f"{each}\n" for each in sorted(unique_ids)).encode())
    digest.update(detectors.encode())
    if detectors is not Detectors.AWS:
        from importlib.metadata import version  # slow to load

        # What its plugins find depends on their version as much as on ours.
        digest.update(version("detect-secrets").encode())
    for content in (part.pack, part.index.table):
        digest.update(len(content).to_bytes(8))
        view = memoryview(content)
        for begin in range(0, len(view), _CHUNK):
            digest.update(view[begin : begin + _CHUNK])
    return digest.hexdigest()


def load(folder: Path, key: str, repository: str) -> PartialScan | None:
    """The result kept under that key, as of `repository`; None if there is none that is valid."""
    try:
        data = (folder / f"{key}.json").read_bytes()
        return _parse_scan(json.loads(data), repository) if len(data) <= _LARGEST_ENTRY else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def save(folder: Path, key: str, scan: PartialScan) -> None:
    """Keeps a result in a file that only its owner can read, written whole or not at all.

    Raises OSError where the folder can't be written to. No secret is written: a scan holds none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "hits": [
            [oid, kind, [_to_json(each) for each in sightings]]
            for oid, kind, sightings in scan.hits
        ],
        "sightings": [
            [_to_json(each.sighting), _to_json(each.occurrence)] for each in scan.sightings
        ],
        "skipped": [asdict(each) for each in scan.skipped],
        "gitlinks": [[name.hex(), oid] for name, oid in sorted(scan.gitlinks)],
        "pointers": scan.pointers,
        "counts": [scan.objects, scan.size, scan.containers],
    }
    from tempfile import mkstemp  # only here: most scans keep nothing

    descriptor, path = mkstemp(dir=folder)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file)
    Path(path).replace(folder / f"{key}.json")


def scanning_code() -> list[Path]:
    """Every source file that decides what a scan of a pack finds."""
    home = Path(analyzer.__file__).parent
    places = [home / name for name in _SCANNING_CODE]
    return sorted(
        path for place in places for path in (place.rglob("*.py") if place.is_dir() else (place,))
    )


@cache
def _digest_of_code() -> bytes:
    digest = hashlib.sha256()
    for path in scanning_code():
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()


def _to_json(noun: Sighting | Occurrence) -> dict[str, Any]:
    return {name: _to_json_value(value) for name, value in asdict(noun).items()}


def _to_json_value(value: object) -> object:
    if isinstance(value, dict):
        return {name: _to_json_value(each) for name, each in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value


def _parse_scan(document: Mapping[str, Any], repository: str) -> PartialScan:
    objects, size, containers = (int(count) for count in document["counts"])
    return PartialScan(
        sightings=[
            PlacedSighting(_parse_sighting(sighting), _parse_occurrence(place, repository))
            for sighting, place in document["sightings"]
        ],
        hits=[
            (oid, kind, tuple(map(_parse_sighting, sightings)))
            for oid, kind, sightings in document["hits"]
        ],
        skipped=[Skipped(**each) for each in document["skipped"]],
        gitlinks={(bytes.fromhex(name), oid) for name, oid in document["gitlinks"]},
        pointers={
            oid: LfsPointer(str(of), int(size)) for oid, (of, size) in document["pointers"].items()
        },
        objects=objects,
        size=size,
        containers=containers,
    )


def _parse_sighting(document: Mapping[str, Any]) -> Sighting:
    sighting, claims = Sighting(**document), ClaimedFacts(**document["claims"])
    expires = datetime.fromisoformat(str(claims.expires)) if claims.expires else None
    return replace(
        sighting,
        kind=CredentialKind(sighting.kind) if sighting.kind else None,
        part=CredentialPart(sighting.part),
        claims=replace(claims, expires=expires),
    )


def _parse_occurrence(document: Mapping[str, Any], repository: str) -> Occurrence:
    place = Occurrence(**document)
    return replace(
        place,
        repository=repository,
        where=PlaceKind(place.where),
        date=datetime.fromisoformat(str(place.date)) if place.date else None,
    )
