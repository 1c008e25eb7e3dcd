"""In: rows of values. Out: CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from analyzer.display import printable

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet run a cell, the full-width signs too (OWASP, "CSV Injection")."""


def to_csv(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Every value as text that shows what it is, and none as a formula."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8")


def _cell(value: Any) -> str:  # noqa: ANN401 - a report holds text, numbers and None
    text = "" if value is None else printable(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
