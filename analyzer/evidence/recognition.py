"""In: a document, or the text of a failed call. Out: its ExportKind, recognised by its content.

What tells each kind stands in `analyzer.evidence.export_kinds`.
"""

import re
from dataclasses import dataclass
from itertools import islice

from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode

_SIGNATURES = tuple((kind, keys) for kind in ExportKind for keys in kind.traits.signatures)
_LONGEST_MESSAGE = 3000
_MOST_ENTRIES = 1000
"""So many entries of a list are looked at for the member that tells it."""
_LISTS = tuple(dict.fromkeys(key for kind in ExportKind for key in kind.traits.lists))
_STATES = frozenset({"STARTED", "INPROGRESS", "COMPLETE"})
_ANSWERS = {answer: kind for kind in ExportKind for answer in kind.traits.answers}
_MESSAGES = (
    (
        re.compile(r"The Password Policy with domain name [0-9]{12} cannot be found"),
        "GetAccountPasswordPolicy",
    ),
    (re.compile(r"Login Profile for User \S{1,64} cannot be found"), "GetLoginProfile"),
)
"""What AWS says where there is none. PowerShell and recorded responses print no more than that."""
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
    return next(
        (kind for kind, signature in _SIGNATURES if has_shape(document, signature)),
        ExportKind.UNRECOGNISED,
    )


def has_shape(document: JsonNode, signature: tuple[str, ...]) -> bool:
    """True if the document has every member of the signature, and each is of the shape it says.

    `Key` is a member; `Key[]` a list; `Key/Inner` an object with that member, `Key[]/Inner` a list
    with such an object in it; `A|B` as the inner one is either. An empty list shows no members, so
    there the key has to be spelled as AWS does: services differ in no more than that. `Key[+]` is
    never empty.
    """
    is_object = isinstance(document.value, dict)
    return is_object and all(_has_member(document, part) for part in signature)


def _has_member(document: JsonNode, part: str) -> bool:
    outer, _, inner = part.partition("/")
    name = outer.removesuffix("[]").removesuffix("[+]")
    if not document.has(name):
        return False
    found, wanted = document.child(name), inner.split("|") if inner else []
    is_list = outer != name
    if found is None or found.value == []:
        return not wanted or (outer.endswith("[]") and name in document.value)
    if is_list and not isinstance(found.value, list | dict):
        return False
    entries = islice(found.elements(), _MOST_ENTRIES) if is_list else (found,)
    return not wanted or any(entry.has(key) for entry in entries for key in wanted)


def is_receipt(document: JsonNode) -> bool:
    """True for the answer of generate-credential-report: that AWS makes one, and no report."""
    names = {name for name, _ in document.members()}
    return document.text("State") in _STATES and names <= {"State", "Description"}


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
    asked = command[:1000] if command.startswith("aws ") else ""
    found = _ERROR.search(text[:10_000])
    if found:
        return FailedCall(found[2], found[1], found[3][:300], asked)
    for pattern, operation in _MESSAGES:
        if said := pattern.search(" ".join(text[:_LONGEST_MESSAGE].split())):
            return FailedCall(operation, "NoSuchEntity", f"{said[0]}.", asked)
    if not command.startswith("aws "):
        return None
    return FailedCall(command[:100], "an error", " ".join(message.split())[:300])
