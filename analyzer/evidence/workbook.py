"""In: the bytes of an XLSX workbook. Out: the rows of its visible sheets, as text, with numbers.

Read within a budget and without entities, as a file from a stranger: ECMA-376 part 1, sections 12
and 18. A formula counts as the value that was saved with it; nothing is calculated.
"""

import re
import xml.parsers.expat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.archives.budget import Budget
from analyzer.archives.decompress import DamagedError
from analyzer.archives.zip_reader import ArchiveEntry, read_zip
from analyzer.errors import EvidenceError

LARGEST_PART = 128 << 20
"""Bytes of one unpacked sheet: half a million rows of ten short cells."""
_LARGEST_ALL = 256 << 20
MOST_CELLS = 4_000_000
MOST_COLUMNS = 1_000
LONGEST_CELL = 32_767
"""Letters of a cell, as Excel itself limits them."""
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STRINGS = "xl/sharedStrings.xml"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_NUMBER = re.compile(r"[0-9]{1,10}")
_LETTERS = 26
_SHIFT_1904 = 1462
"""Days between the two epochs that a workbook can count from."""
_REMEDY = "Save it as CSV (UTF-8) and hand that in"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, and its rows by the number that the spreadsheet shows."""

    name: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Workbook:
    """The visible sheets in their order. `shift`: days to add to a serial number of a day."""

    sheets: tuple[Sheet, ...]
    shift: int = 0


def is_workbook(data: bytes) -> bool:
    """True for a zip archive that has a workbook's list of sheets in it, by its first bytes."""
    return data.startswith(b"PK\x03\x04") and b"xl/" in data


def read_workbook(data: bytes, where: str) -> Workbook:
    """The sheets. Raises EvidenceError for a file that is damaged, encrypted, or too large."""
    try:
        parts = _unpack(memoryview(data), where)
        if _WORKBOOK not in parts:
            raise EvidenceError("holds no workbook", where=where, remedy=_REMEDY)
        names, shift = _sheet_names(parts)
        strings = _shared_strings(parts.get(_STRINGS, b""))
        budget = _Cells()
        sheets = tuple(
            Sheet(name, tuple(_sheet_rows(parts[part], strings, budget)))
            for part, name in names.items()
            if part in parts
        )
    except DamagedError as error:
        raise EvidenceError(str(error), where=where, remedy=_REMEDY) from None
    except (xml.parsers.expat.ExpatError, LookupError, ValueError) as error:
        # The last two come of an encoding that a part claims and that there is none of.
        fault = f"damaged: its XML can't be read ({error})"
        raise EvidenceError(fault, where=where, remedy=_REMEDY) from None
    except _TooLargeError as error:
        raise EvidenceError(str(error), where=where, remedy=_REMEDY) from None
    return Workbook(sheets, shift)


class _TooLargeError(Exception):
    """A workbook holds more than a list of people ever does; the message says of what."""


def _unpack(data: memoryview, where: str) -> Mapping[str, bytes]:
    """The parts that are read, of the many that a workbook has. Links and macros are none."""
    wanted = {_WORKBOOK, _RELATIONS, _STRINGS}
    budget = Budget(unpacked_left=_LARGEST_ALL, members_left=10_000)
    parts: dict[str, bytes] = {}
    for entry in read_zip(data):
        if not budget.charge_member():
            raise EvidenceError(budget.last_refusal, where=where, remedy=_REMEDY)
        if entry.name not in parts and (entry.name in wanted or _SHEET.fullmatch(entry.name)):
            parts[entry.name] = _content(entry, budget, where)
    return parts


def _content(entry: ArchiveEntry, budget: Budget, where: str) -> bytes:
    if isinstance(entry.content, str):
        raise EvidenceError(entry.content, where=f"{where}!{entry.name}", remedy=_REMEDY)
    pieces = [entry.content] if isinstance(entry.content, memoryview) else entry.content
    content = bytearray()
    for piece in pieces:
        if len(content) + len(piece) > LARGEST_PART or not budget.charge_unpacked(len(piece)):
            fault = "unpacks to more bytes than any list of people has"
            raise EvidenceError(fault, where=f"{where}!{entry.name}", remedy=_REMEDY)
        content += piece
    return bytes(content)


def _sheet_names(parts: Mapping[str, bytes]) -> tuple[Mapping[str, str], int]:
    """The visible sheets' parts with their names, in their order, and the shift of days."""
    targets: dict[str, str] = {}
    named: list[tuple[str, str]] = []
    shift = 0

    def relation(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "").removeprefix("/xl/").removeprefix("/")
            targets[attributes.get("Id", "")] = f"xl/{target}"

    def sheet(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal shift
        if tag == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            shift = _SHIFT_1904
        if tag == "sheet" and attributes.get("state", "visible") == "visible":
            ids = [value for name, value in attributes.items() if name.endswith(":id")]
            named.append(("".join(ids[:1]), attributes.get("name", "")))

    _parse(parts.get(_RELATIONS, b"<none/>"), relation)
    _parse(parts[_WORKBOOK], sheet)
    return {targets.get(ref, ref): name for ref, name in named}, shift


def _shared_strings(data: bytes) -> list[str]:
    """The texts that cells name by number; a text in parts is one, its pronunciation left out."""
    strings: list[str] = []
    pieces: list[str] = []
    is_spoken = False

    def start(tag: str, _: Mapping[str, str]) -> None:
        nonlocal is_spoken
        if tag == "si":
            pieces.clear()
        is_spoken = is_spoken or tag == "rPh"

    def end(tag: str, text: str) -> None:
        nonlocal is_spoken
        if tag == "t" and not is_spoken:
            pieces.append(text)
        elif tag == "rPh":
            is_spoken = False
        elif tag == "si":
            if len(strings) > MOST_CELLS:
                raise _TooLargeError(f"holds more than {MOST_CELLS:,} cells")
            strings.append("".join(pieces)[:LONGEST_CELL])

    if data:
        _parse(data, start, end)
    return strings


@dataclass(slots=True)
class _Cells:
    """How many cells may still be read."""

    left: int = MOST_CELLS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _TooLargeError(f"holds more than {MOST_CELLS:,} cells")


@dataclass(slots=True)
class _SheetReader:
    """What has been read of a sheet; a cell ends a value, a row ends its cells."""

    strings: list[str]
    budget: _Cells
    rows: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    cells: dict[int, str] = field(default_factory=dict)
    number: int = 0
    column: int = -1
    kind: str = ""
    value: list[str] = field(default_factory=list)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "row":
            stated = _whole(attributes.get("r", ""))
            # Rows come in order: one that says otherwise could hide above the header.
            self.number = max(stated or 0, self.number + 1)
            self.cells, self.column = {}, -1
        elif tag == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            self.column = _column(reference[1]) if reference else self.column + 1
            self.kind = attributes.get("t", "n")
            self.value.clear()

    def end(self, tag: str, text: str) -> None:
        if tag == "v" or (tag == "t" and self.kind == "inlineStr"):
            self.value.append(text)
        elif tag == "c" and self.value:
            self.budget.take()
            if self.column >= MOST_COLUMNS:
                raise _TooLargeError(f"has more than {MOST_COLUMNS:,} columns")
            self.cells[self.column] = self._text("".join(self.value))
        elif tag == "row" and self.cells:
            width = max(self.cells) + 1
            row = tuple(self.cells.get(index, "") for index in range(width))
            self.rows.append((self.number, row))

    def _text(self, value: str) -> str:
        if self.kind == "s":
            index = _whole(value)
            is_known = index is not None and index < len(self.strings)
            return self.strings[index or 0] if is_known else ""
        if self.kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        whole = value.removesuffix(".0") if self.kind == "n" else value
        return whole[:LONGEST_CELL]


def _sheet_rows(
    data: bytes, strings: list[str], budget: _Cells
) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = _SheetReader(strings, budget)
    _parse(data, reader.start, reader.end)
    yield from reader.rows


def _whole(text: str) -> int | None:
    """The number that a text is, None for any other; no row or text has one above ten digits."""
    return int(text) if _NUMBER.fullmatch(text) else None


def _column(letters: str) -> int:
    """A column's place from 0: "A" is 0, "AB" is 27."""
    place = 0
    for letter in letters:
        place = place * _LETTERS + ord(letter) - ord("A") + 1
    return place - 1


def _parse(
    data: bytes,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str, str], None] | None = None,
) -> None:
    """Calls `start` with each element, and `end` with each element's own text."""
    parser = xml.parsers.expat.ParserCreate()
    text: list[str] = []

    def opened(tag: str, attributes: Mapping[str, str]) -> None:
        text.clear()
        start(tag.rpartition(":")[2], attributes)

    def closed(tag: str) -> None:
        if end is not None:
            end(tag.rpartition(":")[2], "".join(text))
        text.clear()

    def refuse(*_: Any) -> None:  # noqa: ANN401 - whatever expat hands over
        raise _TooLargeError("declares entities, which no workbook needs")

    parser.buffer_text = True
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(data, True)  # noqa: FBT003 - expat takes its arguments by place only
