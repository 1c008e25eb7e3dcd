"""In: one file as bytes. Out: what it is and what it says: a report table, or documents."""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass

from analyzer.config import DateOrder
from analyzer.errors import EvidenceError
from analyzer.evidence import credential_report
from analyzer.evidence.artifacts import Flaw, Kind, Note, Place
from analyzer.evidence.credential_report import ReportTable
from analyzer.evidence.json_documents import (
    Node,
    from_json,
    from_yaml,
    looks_like_json,
    looks_like_yaml,
)
from analyzer.evidence.recognition import FailedCall, entries_in, failed_call, kind_of
from analyzer.evidence.text_encoding import decoded

_CHECKSUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{200,}+={0,2}")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one file holds: a report table, documents, or the sums of other files."""

    kind: Kind = Kind.UNRECOGNISED
    table: ReportTable | None = None
    documents: tuple[tuple[Kind, Node], ...] = ()
    sums: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    rows: int = 0


def parse(data: bytes, root: Place, order: DateOrder | None) -> Parsed:
    """The file's content. Raises EvidenceError where it is none that an audit can use."""
    read = decoded(data)
    if read is None:
        raise EvidenceError("is no text", way_out="Hand in the export as the AWS CLI wrote it")
    parsed = _by_content(read.text, root, order)
    if not read.unusual:
        return parsed
    flaw = Flaw.RESAVED if parsed.table else Flaw.REMARK
    return _with_notes(parsed, (Note(f"the encoding is {read.unusual}", root, flaw),))


def _by_content(text: str, root: Place, order: DateOrder | None) -> Parsed:
    if not text.strip():
        raise EvidenceError("is empty", way_out="Export it again")
    if looks_like_json(text):
        found = from_json(text, root)
        return _with_notes(_documents(found.nodes, order), found.notes)
    if credential_report.looks_like_report(text):
        return _table(credential_report.read(text, root, order))
    if (wrapped := credential_report.unwrapped(text.strip())) is not None:
        return _table(credential_report.read(wrapped, root, order))
    if (error := failed_call(text)) is not None:
        return _failed(error, root)
    if sums := tuple((m[2].strip(), m[1]) for m in map(_CHECKSUM.fullmatch, text.split("\n")) if m):
        return Parsed(Kind.CHECKSUMS, sums=sums, rows=len(sums))
    if (plain := _unbased(text)) is not None:
        return _by_content(plain, root, order)
    if looks_like_yaml(text):
        return _documents(from_yaml(text, root).nodes, order)
    raise EvidenceError("is no export that credaudit knows", way_out="See `credaudit collect`")


def _documents(nodes: tuple[Node, ...], order: DateOrder | None) -> Parsed:
    """All documents; a credential report's JSON wrapper is opened."""
    kinds = [(kind_of(node), node) for node in nodes]
    known = [(kind, node) for kind, node in kinds if kind is not Kind.UNRECOGNISED]
    if not known:
        raise EvidenceError(
            "is JSON, but no answer of an AWS call that credaudit reads",
            way_out="See `credaudit collect` for the calls",
        )
    tables = [_wrapped(node, order) for kind, node in known if kind is Kind.CREDENTIAL_REPORT]
    notes = [
        Note("no export that credaudit knows, left out", node.place, Flaw.UNREADABLE)
        for kind, node in kinds
        if kind is Kind.UNRECOGNISED
    ]
    notes += [
        Note("it says that more pages follow, and they are not in it", node.place, Flaw.TRUNCATED)
        for kind, node in known
        if kind is not Kind.AUTHORIZATION_DETAILS and _is_cut(node)
    ]
    table = _joined(tables) if tables else None
    return Parsed(
        kind=known[0][0],
        table=table,
        documents=tuple(known),
        notes=(*notes, *(table.notes if table else ())),
        rows=sum(entries_in(node) for kind, node in known if kind is not Kind.CREDENTIAL_REPORT)
        + (len(table.rows) if table else 0),
    )


def _is_cut(node: Node) -> bool:
    """True for one page of several. Authorization details are judged as a whole, elsewhere."""
    follows = node.child("Marker") or node.child("NextToken")
    return node.flag("IsTruncated") is True or follows is not None


def _wrapped(node: Node, order: DateOrder | None) -> ReportTable:
    content = node.child("Content")
    text = content.value if content else None
    csv_text = credential_report.unwrapped(text) if isinstance(text, str) else None
    if content is None or csv_text is None:
        raise EvidenceError(
            f"Content at {node.place.pointer or '/'} is no credential report",
            way_out="Run `aws iam get-credential-report` again",
        )
    return credential_report.read(csv_text, content.place, order)


def _joined(tables: list[ReportTable]) -> ReportTable:
    return ReportTable(
        tuple(row for table in tables for row in table.rows),
        tuple(note for table in tables for note in table.notes),
        sum(table.unplaced for table in tables),
    )


def _table(table: ReportTable) -> Parsed:
    return Parsed(Kind.CREDENTIAL_REPORT, table=table, notes=table.notes, rows=len(table.rows))


def _failed(error: FailedCall, root: Place) -> Parsed:
    """An error text stands as a document of its own, so that the checks can point at it."""
    value = {
        "credaudit_error": error.code,
        "operation": error.operation,
        "message": error.message,
    }
    note = Note(f"{error.operation} answered {error.code}: {error.message}", root)
    return Parsed(error.kind, documents=((error.kind, Node(value, root)),), notes=(note,), rows=0)


def _unbased(text: str) -> str | None:
    """The text that a base64 text holds, None where it holds none."""
    packed = "".join(text.split())
    if not _BASE64.fullmatch(packed):
        return None
    try:
        inner = decoded(b64decode(packed))
    except (binascii.Error, ValueError):
        return None
    return inner.text if inner and looks_like_json(inner.text) else None


def _with_notes(parsed: Parsed, notes: tuple[Note, ...]) -> Parsed:
    return Parsed(
        parsed.kind,
        parsed.table,
        parsed.documents,
        parsed.sums,
        (*notes, *parsed.notes),
        parsed.rows,
    )
