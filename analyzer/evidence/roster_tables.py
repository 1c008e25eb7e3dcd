"""In: the bytes of a list of people. Out: its columns with their fields, and its records.

CSV in any encoding and with any delimiter, XLSX, and JSON: one shape for all. Every cell is text:
00123 stays 00123, and a surname "None" is a surname.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Location
from analyzer.evidence.roster_fields import (
    RosterField,
    count_known,
    field_of,
    field_of_path,
    header_key,
)
from analyzer.evidence.roster_model import RosterDefect
from analyzer.evidence.roster_values import is_state_word
from analyzer.evidence.text_encoding import decode_text
from analyzer.evidence.workbook import MOST_COLUMNS, is_workbook, read_workbook

MOST_ROWS = 1_000_000
_DELIMITERS = ",;\t|"
_HEADERS_WITHIN = 20
"""Records from the top among which the header stands; reports have titles above it."""
_LEAST_KNOWN = 2
"""Points, by `count_known`, that make a row a header."""
_LABELS = 5
"""From so many points on the second row is one of labels, as SuccessFactors writes them."""
_SAMPLE = 200
_SHARE = 0.8
_ADDRESS = re.compile(r"[^\s@;,<>\"]{1,64}@[^\s@;,<>\"]{1,190}\.[^\s@;,<>\"]{2,24}")
_DEEPEST = 6
_PRIVATE_TYPES = frozenset({"home", "personal", "private", "other"})
_REMEDY = "Hand in the list of people as HR or the directory exports it: CSV, XLSX or JSON"
_NOT_PEOPLE = "is a list of AWS principals, not of people"


@dataclass(frozen=True, slots=True)
class RosterColumn:
    """One column: its header, and its field; None for one that is not kept."""

    header: str
    field: RosterField | None


@dataclass(frozen=True, slots=True)
class RosterTable:
    """Records as cells by column, each with its place. `notes` say how the file was read."""

    columns: tuple[RosterColumn, ...]
    records: tuple[tuple[Location, tuple[str, ...]], ...]
    defects: tuple[RosterDefect, ...] = ()
    notes: tuple[str, ...] = ()
    shift: int = 0


def read_table(data: bytes, evidence: str, where: str, own: Mapping[str, str]) -> RosterTable:
    """The table in a file; `own` names fields by header where the person did.

    Raises EvidenceError for a file that is no text, is damaged, or has no column of ours.
    """
    if is_workbook(data):
        return _from_workbook(data, evidence, where, own)
    decoded = decode_text(data)
    if decoded is None:
        raise EvidenceError("is no text and no workbook", where=where, remedy=_REMEDY)
    if "\0" in decoded.text:
        fault = "holds NUL characters, so it is damaged"
        raise EvidenceError(fault, where=where, remedy=_REMEDY)
    notes = (f"encoded as {decoded.unusual}",) if decoded.unusual else ()
    text = decoded.text.lstrip("\ufeff")
    if text.lstrip()[:1] in {"{", "["}:
        table = _from_documents(text, evidence, where, own)
    else:
        table = _from_csv(text, evidence, where, own)
    return replace(table, notes=(*notes, *table.notes))


def _from_workbook(data: bytes, evidence: str, where: str, own: Mapping[str, str]) -> RosterTable:
    """The first sheet with the most known columns; a note names those that were not read."""
    book = read_workbook(data, where)
    best: tuple[int, str, RosterTable] | None = None
    for sheet in book.sheets:
        found = _build(sheet.rows, evidence, where, own)
        if found and (best is None or found[0] > best[0]):
            best = (found[0], sheet.name, found[1])
    if best is None:
        raise _headless(where)
    others = [each.name for each in book.sheets if each.name != best[1] and each.rows]
    said = f"sheet {best[1]!r} was read"
    more = f", {len(others)} other sheet(s) were not" if others else ""
    return replace(best[2], notes=(said + more,), shift=book.shift)


def _from_csv(text: str, evidence: str, where: str, own: Mapping[str, str]) -> RosterTable:
    stated = re.match(r"sep=(.)\r?\n", text)
    body = text[stated.end() :] if stated else text
    choices = stated[1] if stated else _DELIMITERS
    try:
        known = {each: _best_header(islice(_rows(body, each), _HEADERS_WITHIN), own)[1]
                 for each in choices}  # fmt: skip
        delimiter = max(choices, key=lambda each: known[each])
        found = _build(_rows(body, delimiter), evidence, where, own)
    except csv.Error as error:
        raise EvidenceError(f"can't be read: {error}", where=where, remedy=_REMEDY) from None
    if found is None:
        raise _headless(where)
    return found[1]


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each record with its number from 1, as a spreadsheet counts them."""
    for number, cells in enumerate(csv.reader(io.StringIO(text, ""), delimiter=delimiter), 1):
        if number > MOST_ROWS:
            raise csv.Error(f"more than {MOST_ROWS:,} rows")
        if len(cells) > MOST_COLUMNS:
            raise csv.Error(f"more than {MOST_COLUMNS:,} columns in row {number}")
        yield number, tuple(cells)


def _headless(where: str) -> EvidenceError:
    fault = "no row of it names columns such as name, e-mail, employee ID, status or end date"
    return EvidenceError(fault, where=where, remedy=_REMEDY)


def _best_header(
    rows: Iterable[tuple[int, tuple[str, ...]]], own: Mapping[str, str]
) -> tuple[int, int]:
    """The number of the row that names most columns of ours, and how much that tells."""
    best = (0, 0)
    for number, cells in rows:
        known = count_known(cells) + sum(header_key(each) in own for each in cells)
        if known > best[1]:
            best = (number, known)
    return best


def _build(
    rows: Iterable[tuple[int, tuple[str, ...]]], evidence: str, where: str, own: Mapping[str, str]
) -> tuple[int, RosterTable] | None:
    """How much its header tells, and the table under them; None where there is no header."""
    every = list(rows)
    number, known = _best_header(every[:_HEADERS_WITHIN], own)
    header = next((cells for at, cells in every if at == number), ())
    if "arn" in {header_key(each) for each in header or (every[0][1] if every else ())}:
        raise EvidenceError(_NOT_PEOPLE, where=where, remedy=_REMEDY)
    if known < _LEAST_KNOWN:
        return None
    body = [(at, cells) for at, cells in every if at > number and any(map(str.strip, cells))]
    if body and count_known(body[0][1]) >= _LABELS:
        body = body[1:]
    columns = tuple(RosterColumn(each.strip(), _field(each, own)) for each in header)
    # A delimiter at the end of every row is a habit; one in some rows is a cell too many.
    usual = max(len(columns), min((len(cells) for _, cells in body), default=0))
    defects = []
    records = []
    for at, cells in body:
        place = Location(evidence, at)
        if len(cells) > usual or any(map(str.strip, cells[len(columns) :])):
            fault = f"row {at} has more cells than the header, so its columns are out of place"
            defects.append(RosterDefect(fault, place, is_partial=True))
        else:
            filled = cells[: len(columns)] + ("",) * (len(columns) - len(cells))
            records.append((place, filled))
    table = RosterTable(columns, tuple(records), tuple(defects))
    return known, replace(table, columns=_by_content(table))


def _field(header: str, own: Mapping[str, str]) -> RosterField | None:
    stated = own.get(header_key(header))
    return RosterField(stated) if stated else field_of(header)


def _by_content(table: RosterTable) -> tuple[RosterColumn, ...]:
    """The columns, those of an unknown header told by their cells where their field is lacking."""
    has = {each.field for each in table.columns}
    made = list(table.columns)
    for index, column in enumerate(table.columns):
        if column.field is not None:
            continue
        cells = [cells[index].strip() for _, cells in table.records if cells[index].strip()]
        sample = cells[:_SAMPLE]
        for field, holds in _TELLING.items():
            fits = sum(map(holds, sample)) >= max(1, _SHARE * len(sample))
            if fits and field not in has:
                made[index] = RosterColumn(column.header, field)
                has.add(field)
                break
    return tuple(made)


def _is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


_TELLING = {RosterField.MAIL: _is_address, RosterField.STATUS: is_state_word}


def _from_documents(text: str, evidence: str, where: str, own: Mapping[str, str]) -> RosterTable:
    """The people in JSON documents, back to back or in one list, as records of one table."""
    entries = list(_entries(text, where))
    if any("Arn" in entry for _, entry in entries):
        raise EvidenceError(_NOT_PEOPLE, where=where, remedy=_REMEDY)
    flat = [(pointer, _flatten(entry)) for pointer, entry in entries]
    paths = dict.fromkeys(path for _, cells in flat for path in cells)
    if len(paths) > MOST_COLUMNS:
        fault = f"has more than {MOST_COLUMNS:,} different members"
        raise EvidenceError(fault, where=where, remedy=_REMEDY)
    is_identity_center = ("IdentityStoreId",) in paths
    columns = []
    for path in paths:
        stated = own.get(header_key("".join(path)))
        field = RosterField(stated) if stated else field_of_path(path)
        if is_identity_center and path == ("UserId",):
            field = RosterField.SYSTEM_ID
        columns.append(RosterColumn(".".join(path), field))
    if not {each.field for each in columns} - {None, RosterField.PRIVATE}:
        raise _headless(where)
    records = tuple(
        (Location(evidence, pointer=pointer), tuple(cells.get(path, "") for path in paths))
        for pointer, cells in flat
    )
    return RosterTable(tuple(columns), records)


def _entries(text: str, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each person's object with its pointer."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    documents: list[Any] = []
    position = 0
    try:
        while position < len(text):
            document, end = decoder.raw_decode(text, position)
            documents.append(document)
            position = end + len(text[end:]) - len(text[end:].lstrip(" \t\r\n,\x1e"))
    except (ValueError, RecursionError) as error:
        raise EvidenceError(f"is damaged JSON ({error})", where=where, remedy=_REMEDY) from None
    for number, document in enumerate(documents):
        prefix = f"/{number}" if len(documents) > 1 else ""
        name, people = _list_in(document)
        for index, each in enumerate(people):
            if isinstance(each, dict):
                place = f"{prefix}/{name}/{index}" if name else f"{prefix}/{index}"
                yield (prefix if people[0] is document else place), each


def _list_in(document: Any) -> tuple[str, Sequence[Any]]:  # noqa: ANN401 - JSON has any
    """The list of people in a document, and its member's name; one object is a list of itself."""
    if isinstance(document, list):
        return "", document
    lists = {
        name: value
        for name, value in document.items()
        if isinstance(value, list) and any(isinstance(each, dict) for each in value)
    } if isinstance(document, dict) else {}  # fmt: skip
    listing = max(lists, key=lambda name: len(lists[name]), default="")
    is_person = isinstance(document, dict) and count_known(document) >= _LEAST_KNOWN
    return (listing, lists[listing]) if listing and not is_person else ("", [document])


def _flatten(entry: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    """The texts in an object by path; those of a list stand side by side, private ones left out."""
    found: dict[tuple[str, ...], list[str]] = {}

    def walk(value: Any, path: tuple[str, ...]) -> None:  # noqa: ANN401 - JSON has any
        if len(path) > _DEEPEST:
            return
        if isinstance(value, dict):
            kinds = {str(value.get(name, "")).casefold() for name in ("type", "Type")}
            if not kinds & _PRIVATE_TYPES:
                for name, inner in value.items():
                    walk(inner, (*path, name))
        elif isinstance(value, list):
            for inner in value[:_SAMPLE]:
                walk(inner, path)
        elif value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            found.setdefault(path, []).append(text)

    walk(entry, ())
    return {path: ";".join(texts) for path, texts in found.items()}
