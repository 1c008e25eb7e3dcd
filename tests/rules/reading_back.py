"""In: an export's text and a Place. Out: what stands there, found without the analyzer."""

import base64
import csv
import io
import json
from typing import Any

from analyzer.evidence.artifacts import Location


def value_in(text: str, location: Location) -> Any:
    """The cell, the row or the member that the place names. LookupError if there is none."""
    if location.row is None:
        return _member(text, location.pointer) if location.pointer else text
    if location.pointer:
        text = base64.b64decode(_member(text, location.pointer)).decode()
    records = list(csv.reader(io.StringIO(text)))
    row = dict(zip(records[0], records[location.row - 1], strict=True))
    return row[location.column] if location.column else row


def _member(text: str, pointer: str) -> Any:
    """The value that an RFC 6901 pointer leads to; documents back to back count as a list."""
    decoder, documents, position = json.JSONDecoder(), [], 0
    while position < len(text):
        document, position = decoder.raw_decode(text, position)
        documents.append(document)
        position += len(text[position:]) - len(text[position:].lstrip())
    value = documents[0] if len(documents) == 1 else documents
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name) if isinstance(value, list) else name]
    return value
