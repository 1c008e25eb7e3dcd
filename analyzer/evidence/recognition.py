"""In: a document, or the text of a failed call. Out: its ExportKind, recognised by its content.

What tells each kind stands in `analyzer.evidence.export_kinds`.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode, normalised_key


class _Signature(NamedTuple):
    """Keys that a document of a kind has, normalised, and keys inside of others."""

    keys: frozenset[str]
    paths: tuple[str, ...]


_SIGNATURES = tuple(
    (
        kind,
        _Signature(
            frozenset(normalised_key(key) for key in keys if "/" not in key),
            tuple(key for key in keys if "/" in key),
        ),
    )
    for kind in ExportKind
    for keys in kind.traits.signatures
)
_LISTS = tuple(dict.fromkeys(key for kind in ExportKind for key in kind.traits.lists))
_ANSWERS = {answer: kind for kind in ExportKind for answer in kind.traits.answers}
_ERROR = re.compile(
    r"An error occurred \((\w+)\) when calling the (\w+) operation[^:]*: ?([^\r\n]*)"
)


@dataclass(frozen=True, slots=True)
class FailedCall:
    """The error text of an AWS CLI call, as the collect script or a person saved it.

    `command` is the command line where it was saved, too.
    """

    operation: str
    code: str
    message: str
    command: str = ""

    @property
    def kind(self) -> ExportKind:
        """The export that this error answers, FAILED_CALL where it only says that it failed."""
        return _ANSWERS.get((self.operation, self.code), ExportKind.FAILED_CALL)


def recognise(document: JsonNode) -> ExportKind:
    """Which export the document is; UNRECOGNISED where no call of the AWS CLI answers so."""
    if not isinstance(document.value, dict):
        return ExportKind.UNRECOGNISED
    keys = {normalised_key(str(key)) for key in document.value}
    return next(
        (
            kind
            for kind, signature in _SIGNATURES
            if signature.keys <= keys and all(map(partial(_has_path, document), signature.paths))
        ),
        ExportKind.UNRECOGNISED,
    )


def _has_path(document: JsonNode, path: str) -> bool:
    outer, _, inner = path.partition("/")
    found = document.child(outer)
    return found is not None and found.has(inner)


def count_entries(document: JsonNode) -> int:
    """How many entries the document's lists have together; 1 for an answer that is no list."""
    counts = [sum(1 for _ in document.each(key)) for key in _LISTS if document.has(key)]
    return sum(counts) if counts else 1


def parse_cli_error(text: str) -> FailedCall | None:
    """The AWS CLI's error message in a text, None where it holds none.

    The collect script writes the command on the first line, so a message in an unknown form still
    says which call failed.
    """
    command, _, message = text.strip().partition("\n")
    found = _ERROR.search(text[:10_000])
    if found:
        asked = command[:1000] if command.startswith("aws ") else ""
        return FailedCall(found[2], found[1], found[3][:300], asked)
    if not command.startswith("aws "):
        return None
    return FailedCall(command[:100], "an error", " ".join(message.split())[:300])
