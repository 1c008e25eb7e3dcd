"""In: the document of a scan. Out: JSON, pure ASCII, so that no name in it can move a terminal."""

import json

from analyzer.writers.scan.document import Scanned


def render(scanned: Scanned) -> bytes:
    """The document with a final newline, keys in the schema's order."""
    return (json.dumps(scanned, indent=1, ensure_ascii=True) + "\n").encode("ascii")
