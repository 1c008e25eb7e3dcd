"""In: a document that holds the entries of several accounts. Out: one document for each of them.

Merged exports come from scripts that walk an organization, and from examples with half of the
account numbers redacted. Each entry belongs to the account in its own ARN.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode, Placed

_OWNER = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}|aws):")
_EVERYONE = "aws"
"""The owner of the policies that AWS maintains: they belong to each account."""


@dataclass(frozen=True, slots=True)
class SplitDocument:
    """The parts by account, and the entries that name no account.

    An entry keeps its place in the file. Authorization details keep their strays in every part,
    where the inventory names them; of other lists nobody could tell to whom they apply.
    """

    parts: Mapping[str, JsonNode]
    strays: tuple[JsonNode, ...]


def split_by_account(
    document: JsonNode, kind: ExportKind, accounts: frozenset[str]
) -> SplitDocument:
    """The document as one for each of the accounts; what is no list of entries is in every part."""
    owned = dict(kind.traits.own_arns)
    keeps_strays = kind is ExportKind.AUTHORIZATION_DETAILS
    parts: dict[str, dict[str, Any]] = {account: {} for account in sorted(accounts)}
    strays: list[JsonNode] = []
    for name, member in document.members():
        listed = next((key for key in owned if document.child(key) == member), None)
        for made in parts.values():
            made[name] = [] if listed else Placed(member.value, member.location)
        for entry, owner in _entries(member, owned[listed]) if listed else ():
            if owner is None:
                strays.append(entry)
            for account, made in parts.items():
                if owner in (account, _EVERYONE) or (owner is None and keeps_strays):
                    made[name].append(Placed(entry.value, entry.location))
    nodes = {account: JsonNode(made, document.location) for account, made in parts.items()}
    return SplitDocument(nodes, () if keeps_strays else tuple(strays))


def _entries(section: JsonNode, member: str) -> Iterator[tuple[JsonNode, str | None]]:
    """Each entry of the list with the owner that its ARN names."""
    for entry in section.elements():
        found = _OWNER.match(entry.text(member) or "")
        yield entry, found[1] if found else None
