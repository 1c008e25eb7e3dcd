"""In: one file as bytes. Out: ParsedFile: its kind, and a report table or documents."""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from analyzer.config import DateOrder
from analyzer.errors import EvidenceError
from analyzer.evidence import credential_report
from analyzer.evidence.artifacts import EvidenceDefect, Location, Note
from analyzer.evidence.cli_text import describe_cli_text, read_cli_text
from analyzer.evidence.credential_report import ReportTable
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.foreign_exports import (
    ForeignExport,
    foreign_binary,
    foreign_document,
    foreign_text,
)
from analyzer.evidence.json_documents import (
    JsonNode,
    looks_like_json,
    looks_like_yaml,
    parse_json,
    parse_yaml,
)
from analyzer.evidence.recognition import (
    FailedCall,
    count_entries,
    is_receipt,
    parse_cli_error,
    recognise,
)
from analyzer.evidence.terminal_copy import CommandOutput, printed_by_commands
from analyzer.evidence.text_encoding import decode_text
from analyzer.evidence.wrappings import recorded_error, unwrap

_CHECKSUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{200,}+={0,2}")
_RECEIPT = "it says that AWS makes a credential report, and holds none"
_AWS_COMMAND = re.compile(r"\s*aws(?:\.exe)?\s")


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
    if (foreign := foreign_binary(data)) is not None:
        raise _foreign_error(foreign)
    decoded = decode_text(data)
    if decoded is None:
        raise EvidenceError("is no text", remedy="Hand in the export as the AWS CLI wrote it")
    # Windows PowerShell redirects to UTF-16 with CR LF: neither is a spreadsheet's doing then.
    is_redirected = decoded.unusual.startswith("UTF-16")
    text = decoded.text.replace("\r\n", "\n") if is_redirected else decoded.text
    parsed = _parse_text(text, root, order)
    if not decoded.unusual:
        return parsed
    is_resaved = parsed.table is not None and not is_redirected
    defect = EvidenceDefect.RESAVED if is_resaved else EvidenceDefect.REMARK
    return _add_notes(parsed, (Note(f"the encoding is {decoded.unusual}", root, defect),))


def _parse_text(text: str, root: Location, order: DateOrder | None) -> ParsedFile:
    """The content of a text, which may be a terminal's copy of one or more."""
    outputs = printed_by_commands(text)
    if outputs is None:
        return _parse_content(text, root, order)
    if not outputs:
        raise EvidenceError(
            "holds a terminal's prompts and no output",
            remedy="Hand in what the command printed: aws … --output json > FILE",
        )
    parts: list[ParsedFile] = []
    faults: list[str] = []
    for number, output in enumerate(outputs):
        place = root if len(outputs) == 1 else root.child(number)
        try:
            parts.append(_parse_output(output, place, order))
        except EvidenceError as error:
            faults.append(f"output {number + 1} of a terminal's copy {error.what}")
    if not parts:
        raise EvidenceError(
            f"holds a terminal's prompts, and {faults[0]}",
            remedy="Hand in only what the command printed: aws … --output json > FILE",
        )
    notes = [Note("it is a terminal's copy; what stands between its prompts was read", root)]
    notes += [Note(fault, root, EvidenceDefect.UNREADABLE) for fault in faults]
    return _add_notes(_join_parts(parts), tuple(notes))


def _parse_output(output: CommandOutput, root: Location, order: DateOrder | None) -> ParsedFile:
    """What a command printed. Of a refusal the command says what was asked for."""
    error = None if looks_like_json(output.text) else parse_cli_error(output.text)
    if error is None or not _AWS_COMMAND.match(output.command):
        return _parse_content(output.text, root, order)
    return _parse_failed_call(replace(error, command=output.command[:1000]), root)


def _join_parts(parts: list[ParsedFile]) -> ParsedFile:
    tables = [each.table for each in parts if each.table]
    kinds = [each.kind for each in parts if each.kind is not ExportKind.UNRECOGNISED]
    return ParsedFile(
        kind=kinds[0] if kinds else ExportKind.UNRECOGNISED,
        table=_join_tables(tables) if tables else None,
        documents=tuple(document for each in parts for document in each.documents),
        sums=tuple(line for each in parts for line in each.sums),
        notes=tuple(note for each in parts for note in each.notes),
        rows=sum(each.rows for each in parts),
    )


def _parse_content(text: str, root: Location, order: DateOrder | None) -> ParsedFile:
    if not text.strip():
        raise EvidenceError("is empty", remedy="Export it again")
    if looks_like_json(text):
        found = parse_json(text, root)
        return _add_notes(_parse_documents(found.nodes, root, order), found.notes)
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
    if (answer := read_cli_text(text)) is not None:
        return _parse_documents((JsonNode(answer, root, is_in_text=True),), root, order)
    return _parse_last_resorts(text, root, order)


def _parse_last_resorts(text: str, root: Location, order: DateOrder | None) -> ParsedFile:
    """YAML, for almost any text could be some. Raises EvidenceError for all else, by its name."""
    if (foreign := foreign_text(text)) is not None:
        raise _foreign_error(foreign)
    if printed := describe_cli_text(text):
        raise EvidenceError(
            f"is {printed}, whose values nobody can tell apart for certain",
            remedy="Run the command again with --output json",
        )
    if looks_like_yaml(text):
        found = parse_yaml(text, root)
        return _add_notes(_parse_documents(found.nodes, root, order), found.notes)
    raise EvidenceError(
        "is no export that credaudit knows",
        remedy="Hand in what the commands of `credaudit collect` print, with --output json",
    )


def _foreign_error(foreign: ForeignExport) -> EvidenceError:
    return EvidenceError(f"holds {foreign.what}: not used", remedy=foreign.instead)


def _parse_documents(
    nodes: tuple[JsonNode, ...], root: Location, order: DateOrder | None
) -> ParsedFile:
    """All documents; a credential report's JSON wrapper is opened."""
    answers = tuple(each for each in unwrap(nodes, JsonNode(None, root)) if not is_receipt(each))
    if nodes and not answers:
        # People run generate-credential-report first and copy its answer, too: it is no damage.
        return ParsedFile(notes=(Note(_RECEIPT, root),))
    report_rows = [node for node in answers if credential_report.is_report_row(node)]
    kinds = [
        (recognise(node), node) for node in answers if not credential_report.is_report_row(node)
    ]
    errors = [
        _failed_call_document(error, node)
        for kind, node in kinds
        if kind is ExportKind.UNRECOGNISED and (error := recorded_error(node)) is not None
    ]
    known = [(kind, node) for kind, node in kinds if kind is not ExportKind.UNRECOGNISED] + errors
    unknown = [
        node
        for kind, node in kinds
        if kind is ExportKind.UNRECOGNISED and recorded_error(node) is None
    ]
    if not known and not report_rows:
        raise _unknown_error(unknown)
    tables, notes = _parse_tables(known, report_rows, order)
    notes += [_unknown_note(node) for node in unknown]
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
        kind=known[0][0] if known else ExportKind.CREDENTIAL_REPORT,
        table=table,
        documents=tuple(known),
        notes=(*notes, *(table.notes if table else ())),
        rows=sum(
            count_entries(node) for kind, node in known if kind is not ExportKind.CREDENTIAL_REPORT
        )
        + (len(table.rows) if table else 0),
    )


def _parse_tables(
    known: list[tuple[ExportKind, JsonNode]], rows: list[JsonNode], order: DateOrder | None
) -> tuple[list[ReportTable], list[Note]]:
    """Every credential report in the documents. One that can't be read costs no other.

    Raises EvidenceError where there is nothing beside it.
    """
    readings: list[tuple[Location, Callable[[], ReportTable]]] = [
        (node.location, partial(_parse_wrapped_report, node, order))
        for kind, node in known
        if kind is ExportKind.CREDENTIAL_REPORT
    ]
    if rows:
        reading = partial(credential_report.read_objects, rows, order)
        readings.append((rows[0].location, reading))
    tables: list[ReportTable] = []
    notes: list[Note] = []
    for location, read in readings:
        try:
            tables.append(read())
        except EvidenceError as error:
            if len(readings) == 1 and len(known) <= 1:
                raise
            notes.append(Note(error.what, location, EvidenceDefect.UNREADABLE))
    return tables, notes


def _unknown_error(nodes: list[JsonNode]) -> EvidenceError:
    """What the file is instead of an export; the first document that is known decides."""
    if not nodes:
        return EvidenceError(
            "is an empty list, and nothing says of what",
            remedy="Hand in the whole answer, without --query",
        )
    if (foreign := next(filter(None, map(foreign_document, nodes)), None)) is not None:
        return _foreign_error(foreign)
    return EvidenceError(
        "is JSON, but no answer of an AWS call that credaudit reads",
        remedy="See `credaudit collect` for the calls",
    )


def _unknown_note(node: JsonNode) -> Note:
    foreign = foreign_document(node)
    what = f"{foreign.what}: not used" if foreign else "no export that credaudit knows, left out"
    return Note(what, node.location, EvidenceDefect.UNREADABLE)


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
            remedy="Run `aws iam get-credential-report --output json` again",
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
    note = Note(f"{error.operation} answered {error.code}: {error.message}", root)
    document = _failed_call_document(error, JsonNode(None, root))
    return ParsedFile(error.kind, documents=(document,), notes=(note,), rows=0)


def _failed_call_document(error: FailedCall, node: JsonNode) -> tuple[ExportKind, JsonNode]:
    """The error as a document of its own, so that checks can point at it."""
    value = {
        "credaudit_error": error.code,
        "operation": error.operation,
        "message": error.message,
        "command": error.command,
    }
    return error.kind, JsonNode(value, node.location)


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
