"""In: one file as bytes. Out: ParsedFile: its kind, and a report table or documents."""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass

from analyzer.config import DateOrder
from analyzer.errors import EvidenceError
from analyzer.evidence import credential_report
from analyzer.evidence.artifacts import EvidenceDefect, Location, Note
from analyzer.evidence.credential_report import ReportTable
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import (
    JsonNode,
    looks_like_json,
    looks_like_yaml,
    parse_json,
    parse_yaml,
)
from analyzer.evidence.recognition import FailedCall, count_entries, parse_cli_error, recognise
from analyzer.evidence.text_encoding import decode_text

_CHECKSUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{200,}+={0,2}")


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What one file holds: a report table, documents, or the sums of other files."""

    kind: ExportKind = ExportKind.UNRECOGNISED
    table: ReportTable | None = None
    documents: tuple[tuple[ExportKind, JsonNode], ...] = ()
    sums: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    rows: int = 0


def parse_file(data: bytes, root: Location, order: DateOrder | None) -> ParsedFile:
    """The file's content. Raises EvidenceError for one that is no export, or is damaged.

    `root` is the location of the file, `order` how a spreadsheet wrote its dates.
    """
    decoded = decode_text(data)
    if decoded is None:
        raise EvidenceError("is no text", remedy="Hand in the export as the AWS CLI wrote it")
    parsed = _parse_content(decoded.text, root, order)
    if not decoded.unusual:
        return parsed
    defect = EvidenceDefect.RESAVED if parsed.table else EvidenceDefect.REMARK
    return _add_notes(parsed, (Note(f"the encoding is {decoded.unusual}", root, defect),))


def _parse_content(text: str, root: Location, order: DateOrder | None) -> ParsedFile:
    if not text.strip():
        raise EvidenceError("is empty", remedy="Export it again")
    if looks_like_json(text):
        found = parse_json(text, root)
        return _add_notes(_parse_documents(found.nodes, order), found.notes)
    if credential_report.looks_like_report(text):
        return _parse_table(credential_report.read_report(text, root, order))
    if (wrapped := credential_report.csv_from_wrapper(text.strip())) is not None:
        return _parse_table(credential_report.read_report(wrapped, root, order))
    if (error := parse_cli_error(text)) is not None:
        return _parse_failed_call(error, root)
    if sums := tuple((m[2].strip(), m[1]) for m in map(_CHECKSUM.fullmatch, text.split("\n")) if m):
        return ParsedFile(ExportKind.CHECKSUMS, sums=sums, rows=len(sums))
    if (inner := _from_base64(text)) is not None:
        return _parse_content(inner, root, order)
    if looks_like_yaml(text):
        return _parse_documents(parse_yaml(text, root).nodes, order)
    raise EvidenceError("is no export that credaudit knows", remedy="See `credaudit collect`")


def _parse_documents(nodes: tuple[JsonNode, ...], order: DateOrder | None) -> ParsedFile:
    """All documents; a credential report's JSON wrapper is opened."""
    kinds = [(recognise(node), node) for node in nodes]
    known = [(kind, node) for kind, node in kinds if kind is not ExportKind.UNRECOGNISED]
    if not known:
        raise EvidenceError(
            "is JSON, but no answer of an AWS call that credaudit reads",
            remedy="See `credaudit collect` for the calls",
        )
    tables = [
        _parse_wrapped_report(node, order)
        for kind, node in known
        if kind is ExportKind.CREDENTIAL_REPORT
    ]
    notes = [
        Note("no export that credaudit knows, left out", node.location, EvidenceDefect.UNREADABLE)
        for kind, node in kinds
        if kind is ExportKind.UNRECOGNISED
    ]
    notes += [
        Note(
            "it says that more pages follow, and they are not in it",
            node.location,
            EvidenceDefect.TRUNCATED,
        )
        for kind, node in known
        if kind is not ExportKind.AUTHORIZATION_DETAILS and _is_cut(node)
    ]
    table = _join_tables(tables) if tables else None
    return ParsedFile(
        kind=known[0][0],
        table=table,
        documents=tuple(known),
        notes=(*notes, *(table.notes if table else ())),
        rows=sum(
            count_entries(node) for kind, node in known if kind is not ExportKind.CREDENTIAL_REPORT
        )
        + (len(table.rows) if table else 0),
    )


def _is_cut(node: JsonNode) -> bool:
    """True for one page of several. For authorization details the inventory decides that."""
    follows = node.child("Marker") or node.child("NextToken")
    return node.boolean("IsTruncated") is True or follows is not None


def _parse_wrapped_report(node: JsonNode, order: DateOrder | None) -> ReportTable:
    content = node.child("Content")
    text = content.value if content else None
    csv_text = credential_report.csv_from_wrapper(text) if isinstance(text, str) else None
    if content is None or csv_text is None:
        raise EvidenceError(
            f"Content at {node.location.pointer or '/'} is no credential report",
            remedy="Run `aws iam get-credential-report` again",
        )
    return credential_report.read_report(csv_text, content.location, order)


def _join_tables(tables: list[ReportTable]) -> ReportTable:
    return ReportTable(
        tuple(row for table in tables for row in table.rows),
        tuple(note for table in tables for note in table.notes),
        sum(table.unplaced for table in tables),
    )


def _parse_table(table: ReportTable) -> ParsedFile:
    return ParsedFile(
        ExportKind.CREDENTIAL_REPORT, table=table, notes=table.notes, rows=len(table.rows)
    )


def _parse_failed_call(error: FailedCall, root: Location) -> ParsedFile:
    """The error as a document of its own, so that checks can point at it."""
    value = {
        "credaudit_error": error.code,
        "operation": error.operation,
        "message": error.message,
        "command": error.command,
    }
    note = Note(f"{error.operation} answered {error.code}: {error.message}", root)
    return ParsedFile(
        error.kind, documents=((error.kind, JsonNode(value, root)),), notes=(note,), rows=0
    )


def _from_base64(text: str) -> str | None:
    """The text that a base64 text holds, None where it holds none."""
    packed = "".join(text.split())
    if not _BASE64.fullmatch(packed):
        return None
    try:
        inner = decode_text(b64decode(packed))
    except (binascii.Error, ValueError):
        return None
    return inner.text if inner and looks_like_json(inner.text) else None


def _add_notes(parsed: ParsedFile, notes: tuple[Note, ...]) -> ParsedFile:
    return ParsedFile(
        parsed.kind,
        parsed.table,
        parsed.documents,
        parsed.sums,
        (*notes, *parsed.notes),
        parsed.rows,
    )
