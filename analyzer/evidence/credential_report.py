"""In: the text of a credential report. Out: a ReportTable: its rows, each with its account.

Source: AWS IAM User Guide, "Generate credential reports". Columns are matched by name, never by
position; a table without the 22 columns is derived from a report and is no evidence.
"""

import ast
import base64
import binascii
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from analyzer.config import DateOrder
from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import EvidenceDefect, Location, Note
from analyzer.evidence.cells import (
    MaybeBool,
    MaybeTime,
    MissingValue,
    looks_like_local_date,
    parse_bool,
    parse_time,
    truth_words,
)
from analyzer.evidence.json_documents import JsonNode

COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used",
    "password_last_changed", "password_next_rotation", "mfa_active",
    "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date",
    "access_key_1_last_used_region", "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
    "access_key_2_last_used_region", "access_key_2_last_used_service",
    "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
)  # fmt: skip
"""The 22 columns that every report has, in the order in which AWS writes them."""
OPTIONAL_COLUMNS = ("additional_credentials_info",)
BOOL_COLUMNS = ("password_enabled", *(name for name in COLUMNS if name.endswith("_active")))
TEXT_COLUMNS = (
    "user",
    "arn",
    *(name for name in COLUMNS if name.endswith(("_region", "_service"))),
)
TIME_COLUMNS = tuple(name for name in COLUMNS if name not in {*BOOL_COLUMNS, *TEXT_COLUMNS})
_REQUIRED = frozenset(COLUMNS)
_ARN = re.compile(r"arn:(aws[a-z-]*):iam::([0-9]{12}):(root|user/.+)", re.DOTALL)
_RECOGNISABLE = 6
_LONGEST_HEAD = 100_000
_LINE_END = re.compile(r"\r\n|\n|\r")
_PREAMBLE = re.compile(r"\ufeff?(?:#TYPE .*|\"?sep=.\"?\s*\Z)")
"""What PowerShell's Export-Csv and spreadsheets write before the header."""
ROOT_NAME = "<root_account>"
"""What the credential report calls the root user."""
_BASE64 = re.compile(r"[A-Za-z0-9+/]++={0,2}")
_BYTES_LITERAL = re.compile(
    r"""b(?:'(?:[^'\\\r\n]++|\\[\\'"nrt]|\\x[0-9a-f]{2})*'"""
    r"""|"(?:[^"\\\r\n]++|\\[\\'"nrt]|\\x[0-9a-f]{2})*")"""
)
"""What Python writes for bytes, and nothing else: whatever is evaluated must be a constant."""
_NOT_GIVEN = frozenset({"n/a", "#n/a"})


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One user's row. Each cell is a bool, a time, a text, or the MissingValue in its place."""

    user: str
    arn: str
    account: str
    partition: str
    location: Location
    cells: dict[str, bool | datetime | str]

    @property
    def is_root(self) -> bool:
        """True for the account's root user."""
        return self.arn.endswith(":root") and ":user/" not in self.arn

    def boolean(self, column: str) -> MaybeBool:
        """The truth value in the column."""
        value = self.cells[column]
        return value if isinstance(value, bool | MissingValue) else MissingValue.UNREADABLE

    def time(self, column: str) -> MaybeTime:
        """The time in the column."""
        value = self.cells[column]
        return value if isinstance(value, datetime | MissingValue) else MissingValue.UNREADABLE

    def text(self, column: str) -> str:
        """The text in the column; "" for N/A and for a column that the report lacks."""
        value = self.cells.get(column, "")
        if isinstance(value, bool | datetime | MissingValue) or value.lower() in _NOT_GIVEN:
            return ""
        return value


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A credential report: rows of one or more accounts, and notes on how the file differs."""

    rows: tuple[ReportRow, ...]
    notes: tuple[Note, ...]
    unplaced: int = 0
    """Rows that belong to no account, because their arn can't be read."""

    @property
    def newest(self) -> datetime | None:
        """The newest time of a past event in any row: the report can't be older than that."""
        columns = [name for name in TIME_COLUMNS if name != "password_next_rotation"]
        times = (row.cells[name] for row in self.rows for name in columns)
        return max((time for time in times if isinstance(time, datetime)), default=None)


def looks_like_report(text: str) -> bool:
    """True for a table whose header has the credential report's column names, complete or not."""
    first = _header_line(text)
    return len(_REQUIRED & set(_split_header(first, _guess_delimiter(first)))) >= _RECOGNISABLE


def csv_from_wrapper(content: str) -> str | None:
    """The CSV in a `Content` value: plain, in base64 or as Python's `b'…'`; else None."""
    if _BYTES_LITERAL.fullmatch(content.strip()):
        literal = ast.literal_eval(content.strip())
        content = literal.decode("utf-8", "replace") if isinstance(literal, bytes) else ""
    if looks_like_report(content):
        return content
    packed = "".join(content.split())
    if not _BASE64.fullmatch(packed):
        return None
    try:
        text = base64.b64decode(packed).decode("utf-8-sig")
    except (binascii.Error, ValueError):
        return None
    return text if looks_like_report(text) else None


def read_report(text: str, root: Location, order: DateOrder | None = None) -> ReportTable:
    """All rows of the report. Raises EvidenceError for a table that is not one as AWS writes it."""
    reader = _Reader(root, order)
    first = _header_line(text)
    delimiter = _guess_delimiter(first)
    if delimiter != ",":
        reader.remark(f"the delimiter is {delimiter!r}, AWS writes a comma", EvidenceDefect.RESAVED)
    if text.startswith("\ufeff"):
        reader.remark("it starts with a byte order mark", EvidenceDefect.RESAVED)
    if "\r\n" in text[:100_000]:
        reader.remark("lines end in CR LF, AWS writes LF", EvidenceDefect.RESAVED)
    rows = tuple(reader.read_rows(text.lstrip("\ufeff"), delimiter))
    return ReportTable(rows, tuple(reader.notes), reader.unplaced)


def is_report_row(node: JsonNode) -> bool:
    """True for an object whose members are columns of the report, complete or not."""
    names = {_normalise_name(name) for name, _ in node.members()}
    return len(_REQUIRED & names) >= _RECOGNISABLE


def read_objects(nodes: Iterable[JsonNode], order: DateOrder | None = None) -> ReportTable:
    """The report from rows as objects, as `ConvertTo-Json` and Python's DictReader give them.

    Raises EvidenceError where a row lacks columns of the report.
    """
    reader: _Reader | None = None
    rows: list[ReportRow] = []
    for number, node in enumerate(nodes, 1):
        reader = reader or _Reader(Location(node.location.evidence), order)
        members = dict(node.members())
        names = [_normalise_name(name) for name in members]
        if names != reader.columns:
            reader.columns = reader.check_header(names, number)
        row = reader.parse_row([_cell(each.value) for each in members.values()], node.location)
        rows += [row] if row else []
    notes = tuple(reader.notes) if reader else ()
    return ReportTable(tuple(rows), notes, reader.unplaced if reader else 0)


def _cell(value: object) -> str:
    """The value as the report has it: tools turn true and false into truth values."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


@dataclass(slots=True)
class _Reader:
    """Reads one file, and keeps notes: each remark once, with its first location."""

    root: Location
    order: DateOrder | None
    notes: list[Note] = field(default_factory=list)
    remarks: set[str] = field(default_factory=set)
    unplaced: int = 0
    columns: list[str] = field(default_factory=list)
    is_lost: bool = False
    """The rows at hand stand under a header that can't be read."""

    def remark(self, text: str, defect: EvidenceDefect, location: Location | None = None) -> None:
        if text not in self.remarks:
            self.remarks.add(text)
            self.notes.append(Note(text, location or self.root, defect))

    def read_rows(self, text: str, delimiter: str) -> Iterator[ReportRow]:
        """Every row. A further header (reports put back to back) starts a new table.

        Each line is read by itself, for no cell of AWS's holds a line break: an open quotation mark
        costs its own row and no other. Raises EvidenceError where the first header is not that of a
        credential report; the rows under a later one are left out and counted as lost.
        """
        for number, line in enumerate(_LINE_END.split(text), 1):
            if not line.strip() or (not self.columns and _PREAMBLE.match(line)):
                continue
            for record in self._split_concatenated(_cells_of(line, delimiter), number):
                if not any(cell.strip() for cell in record):
                    continue
                names = [_normalise_name(cell) for cell in record]
                if not self.columns or {"user", "arn"} <= set(names):
                    self._start_table(names, number)
                elif self.is_lost:
                    self.unplaced += 1
                else:
                    is_open = line.count('"') % 2 == 1
                    row = self.parse_row(record, self._location(number), has_open_quote=is_open)
                    if row is not None:
                        yield row

    def _start_table(self, names: list[str], number: int) -> None:
        try:
            self.columns, self.is_lost = self.check_header(names, number), False
        except EvidenceError as error:
            if not self.columns:
                raise
            self.is_lost = True
            self.unplaced += 1
            self.notes.append(Note(error.what, self._location(number), EvidenceDefect.UNREADABLE))

    def _location(self, number: int) -> Location:
        return Location(self.root.evidence, number, pointer=self.root.pointer)

    def _split_concatenated(self, record: list[str], number: int) -> Iterator[list[str]]:
        """The record, cut where a report without a final newline runs into the next one's header.

        AWS writes no final newline, so `cat` of two reports makes such a record.
        """
        for index, (left, right) in enumerate(pairwise(record)):
            runs_together = left.lower().endswith("user") and _normalise_name(left) != "user"
            if self.columns and index and runs_together and _normalise_name(right) == "arn":
                self.remark(
                    "reports were put back to back without a line break",
                    EvidenceDefect.REMARK,
                    self._location(number),
                )
                yield [*record[:index], left[: -len("user")].rstrip("\ufeff")]
                yield ["user", *record[index + 1 :]]
                return
        yield record

    def check_header(self, names: list[str], number: int) -> list[str]:
        missing = sorted(_REQUIRED - set(names))
        if missing or len(set(names)) != len(names):
            fault = f"lacks {', '.join(missing)}" if missing else "names a column twice"
            raise EvidenceError(
                f"row {number} is the header of a derived table: it {fault}",
                remedy="Hand in the credential report as AWS wrote it; a table made from it is "
                "no longer evidence",
            )
        extra = [name for name in names if name not in {*COLUMNS, *OPTIONAL_COLUMNS}]
        if extra:
            self.remark(f"it has columns that AWS does not write: {', '.join(extra)[:200]}",
                        EvidenceDefect.RESAVED)  # fmt: skip
        if tuple(name for name in names if name in _REQUIRED) != COLUMNS:
            self.remark("its columns are not in the order that AWS writes", EvidenceDefect.RESAVED)
        return names

    def parse_row(
        self, line: list[str], location: Location, *, has_open_quote: bool = False
    ) -> ReportRow | None:
        """The row; None, with a note, where its arn names no account."""
        cells = dict(zip(self.columns, line, strict=False))
        if fault := self._find_row_fault(line, has_open_quote=has_open_quote):
            note = f"the row {fault}, its values can't be trusted"
            self.notes.append(Note(note, location, EvidenceDefect.UNREADABLE))
            # A shifted row would put true values under the wrong names.
            cells = dict.fromkeys(_REQUIRED, "") | {
                name: cells.get(name, "") for name in ("user", "arn")
            }
        arn = cells["arn"].strip()
        found = _ARN.fullmatch(arn)
        if found is None:
            self.unplaced += 1
            self.notes.append(
                Note("the arn is that of no user, so the row belongs to no account and was "
                     "left out", location.at("arn"), EvidenceDefect.UNREADABLE)
            )  # fmt: skip
            return None
        name = ROOT_NAME if found[3] == "root" else arn.rpartition("/")[2]
        if cells["user"].strip() != name:
            self.remark(f"the user cell says {cells['user'].strip()[:64]!r} and the arn {name!r}",
                        EvidenceDefect.RESAVED, location.at("user"))  # fmt: skip
        self._remark_further_credentials(cells, location)
        return ReportRow(
            user=name,
            arn=arn,
            account=found[2],
            partition=found[1],
            location=location,
            cells=self._parse_cells(cells, location),
        )

    def _find_row_fault(self, line: list[str], *, has_open_quote: bool) -> str:
        if len(line) != len(self.columns):
            return f"has {len(line)} cells under {len(self.columns)} columns"
        if any("\n" in cell or "\r" in cell for cell in line):
            return "has a line break inside a cell"
        return "has a quotation mark that is never closed" if has_open_quote else ""

    def _remark_further_credentials(self, cells: dict[str, str], location: Location) -> None:
        """Where a user holds more than the columns show, AWS says so in words."""
        for name in OPTIONAL_COLUMNS:
            said = cells.get(name, "").strip()
            if said and said.lower() not in _NOT_GIVEN:
                self.remark(f"it names credentials beside its columns: {said[:200]!r}",
                            EvidenceDefect.REMARK, location.at(name))  # fmt: skip

    def _parse_cells(
        self, cells: dict[str, str], location: Location
    ) -> dict[str, bool | datetime | str]:
        values: dict[str, bool | datetime | str] = {
            name: cells.get(name, "").strip() for name in (*TEXT_COLUMNS, *OPTIONAL_COLUMNS)
        }
        for name in BOOL_COLUMNS:
            values[name] = parse_bool(cells[name])
            if isinstance(values[name], bool) and cells[name].strip() not in {"true", "false"}:
                words = truth_words(cells[name])
                self.remark(f"truth values are written {words}, AWS writes true/false",
                            EvidenceDefect.RESAVED, location.at(name))  # fmt: skip
        for name in TIME_COLUMNS:
            values[name] = parse_time(cells[name], self.order)
            if looks_like_local_date(cells[name]):
                self._remark_local_date(location.at(name))
        for name in (*BOOL_COLUMNS, *TIME_COLUMNS):
            if values[name] is MissingValue.UNREADABLE:
                self._remark_unreadable(cells[name], location.at(name))
        return values

    def _remark_local_date(self, location: Location) -> None:
        outcome = (
            "read as --date-order says"
            if self.order
            else "can't be read without --date-order dmy, or mdy where the month comes first"
        )
        self.remark(
            f"dates are written as a spreadsheet does ({outcome})", EvidenceDefect.RESAVED, location
        )

    def _remark_unreadable(self, cell: str, location: Location) -> None:
        shown = f"{cell.strip()[:40]!r}" if cell.strip() else "an empty cell"
        self.remark(f"{location.column} holds {shown}, which AWS never writes there",
                    EvidenceDefect.UNREADABLE, location)  # fmt: skip


def _header_line(text: str) -> str:
    """The first line that is none of what PowerShell and spreadsheets put before the header."""
    lines = (line for line in text.lstrip("\ufeff \r\n")[:_LONGEST_HEAD].split("\n"))
    return next((line for line in lines if line.strip() and not _PREAMBLE.match(line)), "")


def _cells_of(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        # A cell longer than any of AWS: with one cell too many, so that nobody trusts the row.
        return [*(cell[:_LONGEST_HEAD] for cell in line.split(delimiter)), ""]


def _split_header(line: str, delimiter: str) -> list[str]:
    return [_normalise_name(name) for name in line.split(delimiter)]


def _normalise_name(cell: str) -> str:
    """A column's name without what encodings, quotes and spreadsheets leave around it."""
    return cell.strip('\ufeff" \t\r\n').lower()


def _guess_delimiter(header: str) -> str:
    return max(",;\t", key=header.count)
