"""In: a baseline of detect-secrets. Out: its entries, and the names it may have a credential by.

A baseline names a value by its unsalted SHA-1. A scan keeps no value, so files are read again to
compare; only digests leave this module.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzer.files import UnreadableFile, read_untrusted
from analyzer.leaks.model import Credential, CredentialPart

_LARGEST = 32 * 1024 * 1024
"""Bytes of the largest file that is read again."""


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """One entry of a baseline; `is_secret` is how people labelled it, None if they did not yet."""

    path: str
    kind: str
    sha1: str
    is_secret: bool | None = None


def read_baseline(data: bytes) -> tuple[BaselineEntry, ...]:
    """The entries of a baseline, whatever tool wrote it. Raises ValueError if it is none."""
    try:
        results = json.loads(data)["results"]
        entries = [(path, entry) for path, listed in results.items() for entry in listed]
        return tuple(_parse_entry(path, entry) for path, entry in entries)
    except (AttributeError, KeyError, TypeError, RecursionError, ValueError) as fault:
        raise ValueError("is no baseline of detect-secrets") from fault


def _parse_entry(path: str, entry: Mapping[str, Any]) -> BaselineEntry:
    label = entry.get("is_secret")
    sha1 = str(entry["hashed_secret"]).lower()
    return BaselineEntry(path, str(entry["type"]), sha1, label if isinstance(label, bool) else None)


def sha1_of(value: str) -> str:
    """The name of a value in a baseline: 40 hex digits."""
    return hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class RereadSecret:
    """A value that was read again in the work tree, where, and its SHA-1.

    `name` is the key ID, or the digest of the secret as in `Credential.secret_digest`.
    """

    repository: str
    path: str
    line: int
    part: CredentialPart
    name: str
    sha1: str


def reread_secrets(
    credentials: Iterable[Credential], roots: Mapping[str, Path]
) -> Iterator[RereadSecret]:
    """The credentials' values that are still plain text in the work tree, file by file.

    Only files in which a credential was found are opened, and none by a link out of its root.
    `roots` are the folders of the repositories, by name.
    """
    from analyzer.leaks.detect.registry import find_candidates
    from analyzer.leaks.detect.sightings import secret_digest

    wanted = list(credentials)
    names = {name for each in wanted for name in (each.key_id, each.secret_digest) if name}
    places = {(place.repository, place.path) for each in wanted for place in each.occurrences}
    for repository, path in sorted(places):
        root = roots.get(repository)
        text = _read_file(root, path).decode("latin-1") if root else ""
        for candidate in find_candidates(text) if text else ():
            name = (
                candidate.value
                if candidate.part is CredentialPart.ID
                else secret_digest(candidate.value)
            )
            if name in names:
                line = text.count("\n", 0, candidate.start) + 1
                yield RereadSecret(
                    repository, path, line, candidate.part, name, sha1_of(candidate.value)
                )


def known_secrets(values: Iterable[RereadSecret]) -> dict[str, str]:
    """The SHA-1 of each secret that could be read again, by its digest."""
    return {each.name: each.sha1 for each in values if each.part is not CredentialPart.ID}


def baseline_names(credential: Credential, secrets: Mapping[str, str]) -> frozenset[str]:
    """Every name under which a baseline may have the credential as it is now.

    `secrets` are SHA-1 by digest. A key ID in a baseline does not cover the key once its secret was
    found too: that is a new leak.
    """
    digest = credential.secret_digest
    if digest is None:
        return frozenset({sha1_of(credential.key_id or credential.id)})
    return frozenset({secrets.get(digest, ""), stable_name(digest)} - {""})


def stable_name(digest: str) -> str:
    """The name of a secret in a baseline of ours, for which no file has to be read again."""
    return sha1_of(f"sha256:{digest}")


def _read_file(root: Path, path: str) -> bytes:
    """A file's bytes; b"" if it is gone, no regular file, too large or outside of the tree."""
    file = root if root.is_file() else root / path
    home = os.path.realpath(root.parent if root.is_file() else root)
    if not Path(os.path.realpath(file.parent)).is_relative_to(home):
        return b""
    try:
        return read_untrusted(file, _LARGEST)
    except UnreadableFile:
        return b""
