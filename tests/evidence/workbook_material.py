"""In: rows of values. Out: an XLSX workbook, made as ECMA-376 has it, without a library."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HIDDEN = ' state="hidden"'
REL = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def cell(column: int, row: int, value: object) -> str:
    """A cell: a number as such, a text in line, a formula with the value that was saved."""
    name = f"{chr(ord('A') + column)}{row}"
    if isinstance(value, int | float):
        return f'<c r="{name}"><v>{value}</v></c>'
    text = str(value)
    if text.startswith("="):
        return f'<c r="{name}" t="str"><f>{escape(text[1:])}</f><v>saved</v></c>'
    return f'<c r="{name}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def sheet(rows: Sequence[Sequence[object]]) -> str:
    """The XML of a sheet; an empty text makes no cell."""
    body = "".join(
        f'<row r="{number}">'
        + "".join(cell(at, number, value) for at, value in enumerate(row) if value != "")
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    return f"{HEAD}<worksheet {NS}><sheetData>{body}</sheetData></worksheet>"


def workbook(
    sheets: Mapping[str, Sequence[Sequence[object]]],
    *,
    hidden: Sequence[str] = (),
    is_1904: bool = False,
    parts: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """The file; `parts` are put in place of those that it would have."""
    entries = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"'
        f"{HIDDEN if name in hidden else ''}/>"
        for number, name in enumerate(sheets, 1)
    )
    epoch = '<workbookPr date1904="1"/>' if is_1904 else ""
    relations = "".join(
        f'<Relationship Id="rId{number}" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    book = f"{HEAD}<workbook {NS} {REL}>{epoch}<sheets>{entries}</sheets></workbook>"
    made: dict[str, str | bytes] = {
        "[Content_Types].xml": f"{HEAD}<Types/>",
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": f"{HEAD}<Relationships>{relations}</Relationships>",
    }
    made |= {
        f"xl/worksheets/sheet{number}.xml": sheet(rows)
        for number, rows in enumerate(sheets.values(), 1)
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (made | dict(parts or {})).items():
            archive.writestr(name, content)
    return target.getvalue()
