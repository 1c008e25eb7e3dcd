"""In: an artifact, a place, a credential, a repository. Out: its part of the report document.

Shared by the report of an audit and that of a scan alone, so both say the same thing alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analyzer.leaks.model import (
    ClaimedFacts,
    Credential,
    CredentialKind,
    Occurrence,
    ScanCoverage,
    Suppression,
)
from analyzer.rules.severity import Severity

WITHDRAWN = "found earlier; nothing that was handed in this time shows whether it still stands"
"""What is said of a finding of the last report that can't be looked into now."""

_SIGNED = "signed with that key; the key's secret is not in it"
_SIGNED_REQUESTS = frozenset(
    {
        CredentialKind.PRESIGNED_URL,
        CredentialKind.EKS_TOKEN,
        CredentialKind.BEDROCK_SHORT_KEY,
        CredentialKind.CLAUDE_SHORT_KEY,
        CredentialKind("cloudfront-signed-url"),
    }
)
_WITHOUT_SECRET = dict.fromkeys(_SIGNED_REQUESTS, _SIGNED) | {
    CredentialKind.SESSION_TOKEN: "the session's token; the key's secret is not in it"
}
"""Credentials that have the ID of a key in them, or beside them, and not its secret."""

if TYPE_CHECKING:  # a scan needs no evidence, and has no time to load it
    from analyzer.evidence.artifacts import Artifact, Location


def artifact_dict(file: Artifact) -> dict[str, Any]:
    """One file of the evidence."""
    return {
        "id": file.id,
        "path": file.path,
        "sha256": file.sha256,
        "bytes": file.size,
        "kind": file.kind.value,
        "account": file.account,
        "captured_at": iso_utc(file.captured_at) if file.captured_at else None,
        "captured_how": file.captured_how.value,
        "rows": file.rows,
        "notes": [note.text for note in file.notes],
    }


def location_dict(place: Location | Occurrence) -> dict[str, Any]:
    """Where a finding stands: in the evidence or in a repository."""
    if isinstance(place, Occurrence):
        return {
            "repository": place.repository,
            "object": place.object,
            "commit": place.commit,
            "path": place.path,
            "line": place.line,
        }
    return {
        "evidence": place.evidence,
        "row": place.row,
        "column": place.column,
        "pointer": place.pointer,
    }


def credential_dict(found: Credential, severity: Severity) -> dict[str, Any]:
    """One leaked credential by itself. Some kinds name their user; no account is known here."""
    owner = found.claims.user
    return {
        "id": found.id,
        "kind": found.kind.value,
        "key_id": found.key_id,
        "account": found.account,
        # The digest of what was signed tells two of them apart, and is that of no secret.
        "has_secret": found.secret_digest is not None and found.kind not in _SIGNED_REQUESTS,
        "owner": {
            "user": owner,
            "certainty": "exact" if owner else "unknown",
            "candidates": [],
        },
        "status": "unknown",
        "blast_radius": {"level": "not-assessed"},
        "severity": severity.value,
        "pair_proven": found.claims.proven is not None,
        "pairing": found.pairing,
        "facts": _facts(found.claims),
        "occurrences": [occurrence_dict(each) for each in found.occurrences],
        "set_aside": found.set_aside,
    }


def _facts(facts: ClaimedFacts) -> dict[str, Any]:
    """What it says of itself; issuer and subject only where it is a token that names them."""
    signed = ("issuer", facts.issuer), ("subject", facts.subject)
    return {
        "user": facts.user,
        "region": facts.region,
        "service": facts.service,
        "expires": iso_utc(facts.expires) if facts.expires else None,
        "proven": facts.proven,
        "label": facts.label,
    } | {name: told for name, told in signed if told}


def describe_halves(credential: Mapping[str, Any]) -> str:
    """Whether what was found with an ID is its secret, in words; empty for what has no ID."""
    if not credential["key_id"]:
        return ""
    if not credential["has_secret"] and credential["kind"] not in _SIGNED_REQUESTS:
        return "the ID alone, no secret"
    return _WITHOUT_SECRET.get(credential["kind"], "with its secret")


def credential_summary(credential: Mapping[str, Any]) -> Iterator[str]:
    """What the places say of a credential of the document, in words: its halves, proof and end."""
    facts = credential["facts"]
    if halves := describe_halves(credential):
        pairing = f": {credential['pairing']}" if credential["pairing"] else ""
        yield f"{halves}{pairing}"
    if facts["proven"]:
        yield f"proven: {facts['proven']}"
    if facts["expires"]:
        yield f"expires {facts['expires']}"
    named = ("of", facts.get("subject")), ("issued by", facts.get("issuer"))
    if told := [f"{how} {whom}" for how, whom in named if whom]:
        yield " ".join(told)
    if facts["service"] or facts["region"]:
        yield "for " + " in ".join(part for part in (facts["service"], facts["region"]) if part)


def suppression_dict(mark: Suppression) -> dict[str, Any]:
    """Somebody's mark that a credential may stay."""
    return {"by": mark.by, "credential": mark.credential, "reason": mark.reason}


def occurrence_dict(occurrence: Occurrence) -> dict[str, Any]:
    """One place where a leaked credential is."""
    return {
        "repository": occurrence.repository,
        "object": occurrence.object,
        "commit": occurrence.commit,
        "path": occurrence.path,
        "line": occurrence.line,
        "where": occurrence.where.value,
        "author": occurrence.author,
        "date": iso_utc(occurrence.date) if occurrence.date else None,
        "in_head": occurrence.in_head,
        "reachable": occurrence.reachable,
        "encoding": occurrence.encoding,
        "doubt": occurrence.doubt,
    }


def coverage_dict(coverage: ScanCoverage) -> dict[str, Any]:
    """What was read of a repository, and what was not."""
    return {
        "path": coverage.path,
        "objects": coverage.objects,
        "bytes": coverage.size,
        "containers": coverage.containers,
        "skipped": [
            {"what": each.what, "reason": each.reason, "bytes": each.size}
            for each in coverage.skipped
        ],
    }


def iso_utc(time: datetime) -> str:
    """A time as the schema has it: UTC, to the second, with Z."""
    return time.isoformat().replace("+00:00", "Z")


def location_text(place: Mapping[str, Any]) -> str:
    """Where in its file a place is, in words: row and column, pointer, or object:path:line."""
    if "repository" in place:
        parts = (place["commit"] or place["object"] or "work tree")[:12], place["path"]
        return f"{parts[0]}:{parts[1]}:{place['line']}"
    row = f"row {place['row']}" if place["row"] else ""
    column = f"column {place['column']}" if place["column"] else ""
    pointer = place["pointer"] if not row and place["pointer"] else ""
    return ", ".join(part for part in (row, column, pointer) if part) or "the whole file"
