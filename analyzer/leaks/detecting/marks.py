"""In: a text. Out: the marks of all families, one for each value and place, in order."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields, replace

from analyzer.leaks.credentials import CredentialKind, Facts
from analyzer.leaks.detecting.blocks import blocks
from analyzer.leaks.detecting.detected import Family, Mark
from analyzer.leaks.detecting.families import (
    bearer_keys,
    key_ids,
    owners,
    prefixed_keys,
    registry_tokens,
    requests_signed,
    secret_keys,
    service_passwords,
    session_tokens,
    sign_in,
    signing_keys,
    tables,
)

__all__ = ["FAMILIES", "Mark", "marks"]

FAMILIES: tuple[Family, ...] = (
    key_ids.FAMILY,
    secret_keys.FAMILY,
    session_tokens.FAMILY,
    bearer_keys.FAMILY,
    requests_signed.FAMILY,
    *service_passwords.FAMILIES,
    sign_in.FAMILY,
    registry_tokens.FAMILY,
    tables.FAMILY,
    owners.FAMILY,
    signing_keys.FAMILY,
    prefixed_keys.FAMILY,
)


def marks(text: str) -> list[Mark]:
    """Every credential-shaped value in `text` with what it says by itself, in order of offset.

    Takes time linear in the text, whatever it holds.
    """
    small = text.lower()
    found: dict[tuple[int, int, CredentialKind], list[Mark]] = defaultdict(list)
    for family in FAMILIES:
        if not family.anchors or any(anchor in small for anchor in family.anchors):
            for mark in family.find(text):
                found[mark.start, mark.end, mark.kind].append(mark)
    merged = [_merged(same) for _, same in sorted(found.items(), key=lambda item: item[0])]
    numbers = blocks(text, [mark.start for mark in merged])
    return [replace(mark, block=number) for mark, number in zip(merged, numbers, strict=True)]


def _merged(same: list[Mark]) -> Mark:
    """One mark out of those that several families made of the same value: all that they know."""
    if len(same) == 1:
        return same[0]
    best = max(same, key=lambda mark: (mark.certain, bool(mark.name)))
    return replace(best, facts=together(mark.facts for mark in same))


def together(known: Iterable[Facts]) -> Facts:
    """All that several facts say; the first that says something wins."""
    gathered: dict[str, object] = {}
    for facts in known:
        for field in fields(facts):
            if gathered.get(field.name) is None:
                gathered[field.name] = getattr(facts, field.name)
    return Facts(**gathered)  # type: ignore[arg-type]
