"""In: the document of a scan. Out: one row a place, safe to open in a spreadsheet."""

from collections.abc import Iterator
from typing import Any

from analyzer.writers.csv_cells import to_csv
from analyzer.writers.scan.document import Scanned

_COLUMNS = (
    "severity", "kind", "key_id", "account", "user", "has_secret", "pairing", "expires",
    "repository", "path", "line", "where", "commit", "object", "author", "date", "in_head",
    "reachable", "encoding", "doubt", "set_aside", "credential", "label", "service", "region",
    "proven",
)  # fmt: skip


def render(scanned: Scanned) -> bytes:
    """Worst first; a credential has as many rows as places, each with all that is known of it."""
    return to_csv(_COLUMNS, _rows(scanned))


def _rows(scanned: Scanned) -> Iterator[list[Any]]:
    for found in scanned["credentials"]:
        facts = found["facts"]
        known = found | facts | {"user": found["owner"]["user"], "credential": found["id"]}
        for place in found["occurrences"]:
            row = known | place
            yield [row[name] for name in _COLUMNS]
