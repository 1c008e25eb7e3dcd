"""In: a folder of the user's, and a pack. Out: what was read in the same pack before, if anything.

A pack is known by the SHA-256 of all its bytes and of its index: whoever forges an object's name
can't pass it for one that is known. The rules are part of the name, so a new version reads anew,
and so do other detectors and whoever seeks other IDs.
"""

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, fields, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from analyzer.files import Skipped
from analyzer.git.pack_layout import PackLayout
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

_LARGEST = 64 * 1024 * 1024
_PIECE = 1 << 24


def cache_key(
    part: PackLayout, detectors: Detectors, known_ids: frozenset[str] = frozenset()
) -> str:
    """What the results of reading a pack are called; reads its bytes, and unpacks none."""
    digest = hashlib.sha256(_rules())
    # Whoever sought other IDs, or none, has not remembered where these stand.
    digest.update("".join(f"{each}\n" for each in sorted(known_ids)).encode())
    digest.update(detectors.encode())
    if detectors is not Detectors.AWS:
        from importlib.metadata import version  # slow to load

        # What its plugins find depends on them as much as on us.
        digest.update(version("detect-secrets").encode())
    for content in (part.pack, part.index.table):
        digest.update(len(content).to_bytes(8))
        view = memoryview(content)
        for begin in range(0, len(view), _PIECE):
            digest.update(view[begin : begin + _PIECE])
    return digest.hexdigest()


def load(folder: Path, name: str, repository: str) -> PartialScan | None:
    """What was read under that name; None where nothing was, or it can't be made out."""
    try:
        data = (folder / f"{name}.json").read_bytes()
        return _parse_scan(json.loads(data), repository) if len(data) <= _LARGEST else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def save(folder: Path, name: str, read: PartialScan) -> None:
    """Keeps what was read; in a file for its owner alone, whole or not at all.

    Raises OSError where the folder can't be written to. No secret is in it: a Read holds none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "hits": [[oid, kind, [_to_json(each) for each in found]] for oid, kind, found in read.hits],
        "spots": [[_to_json(each.sighting), _to_json(each.occurrence)] for each in read.sightings],
        "skipped": [asdict(each) for each in read.skipped],
        "counts": [read.objects, read.size, read.containers],
    }
    descriptor, path = tempfile.mkstemp(dir=folder)
    with os.fdopen(descriptor, "w") as file:
        json.dump(told, file)
    Path(path).replace(folder / f"{name}.json")


@cache
def _rules() -> bytes:
    """A digest of the code that finds and judges."""
    home = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(home.rglob("*.py")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()


def _to_json(noun: Sighting | Occurrence) -> dict[str, Any]:
    """A noun as JSON holds it."""
    return {name: _to_json_value(value) for name, value in asdict(noun).items()}


def _to_json_value(value: object) -> object:
    if isinstance(value, dict):
        return {name: _to_json_value(each) for name, each in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value


def _parse_scan(told: dict[str, Any], repository: str) -> PartialScan:
    objects, size, containers = (int(count) for count in told["counts"])
    return PartialScan(
        sightings=[
            PlacedSighting(_parse_sighting(each), _parse_occurrence(place, repository))
            for each, place in told["spots"]
        ],
        hits=[(oid, kind, tuple(map(_parse_sighting, found))) for oid, kind, found in told["hits"]],
        skipped=[Skipped(**each) for each in told["skipped"]],
        objects=objects,
        size=size,
        containers=containers,
    )


def _parse_sighting(told: dict[str, Any]) -> Sighting:
    known = {field.name: told[field.name] for field in fields(Sighting)}
    facts, kind = ClaimedFacts(**known.pop("facts")), known["kind"]
    expires = datetime.fromisoformat(str(facts.expires)) if facts.expires else None
    known |= {"kind": kind and CredentialKind(kind), "half": CredentialPart(known["half"])}
    return Sighting(**known, claims=replace(facts, expires=expires))


def _parse_occurrence(told: dict[str, Any], repository: str) -> Occurrence:
    known = {field.name: told[field.name] for field in fields(Occurrence)}
    date = datetime.fromisoformat(known["date"]) if known["date"] else None
    known |= {"where": PlaceKind(known["where"]), "date": date, "repository": repository}
    return Occurrence(**known)
