"""In: an artifact, a place, an occurrence, a repository. Out: its part of the report document."""

from datetime import datetime
from typing import Any

from analyzer.evidence.artifacts import Artifact, Place
from analyzer.leaks.credentials import Occurrence, RepositoryCoverage


def artifact(file: Artifact) -> dict[str, Any]:
    """One file of the evidence."""
    return {
        "id": file.id,
        "path": file.path,
        "sha256": file.sha256,
        "bytes": file.size,
        "kind": file.kind.value,
        "account": file.account,
        "captured_at": stamp(file.captured_at) if file.captured_at else None,
        "captured_how": file.captured_how.value,
        "rows": file.rows,
        "notes": [note.text for note in file.notes],
    }


def place(spot: Place | Occurrence) -> dict[str, Any]:
    """Where a finding stands: in the evidence or in a repository."""
    if isinstance(spot, Place):
        return {
            "evidence": spot.evidence,
            "row": spot.row,
            "column": spot.column,
            "pointer": spot.pointer,
        }
    return {
        "repository": spot.repository,
        "object": spot.object,
        "commit": spot.commit,
        "path": spot.path,
        "line": spot.line,
    }


def occurrence(spot: Occurrence) -> dict[str, Any]:
    """One spot where a leaked credential stands."""
    return {
        "repository": spot.repository,
        "object": spot.object,
        "commit": spot.commit,
        "path": spot.path,
        "line": spot.line,
        "where": spot.where.value,
        "author": spot.author,
        "date": stamp(spot.date) if spot.date else None,
        "in_head": spot.in_head,
        "reachable": spot.reachable,
    }


def repository(coverage: RepositoryCoverage) -> dict[str, Any]:
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


def stamp(time: datetime) -> str:
    """A time as the schema has it: UTC, to the second, with Z."""
    return time.isoformat().replace("+00:00", "Z")
