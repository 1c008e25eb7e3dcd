"""In: a document, of a report or of a scan. Out: it as JSON.

Pure ASCII, so that no name in it can move a terminal.
"""

import json
from collections.abc import Mapping
from typing import Any


def render(document: Mapping[str, Any]) -> bytes:
    """The document as JSON with a final newline, keys in the schema's order."""
    return (json.dumps(document, indent=1, ensure_ascii=True) + "\n").encode("ascii")
