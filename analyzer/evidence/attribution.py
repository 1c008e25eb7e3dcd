"""In: parsed files and their names. Out: the account and the capture time of each.

Half of the exports name neither. Such a file belongs to the account of the pack whose manifest
lists it, else to that of the nearest folder or archive that names one, and was captured when the
manifest says. The folder or archive that a person gave is the last step: what lies beside it is
another input. And a folder is another account's where it and the one beside it answer one question.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from analyzer.evidence.artifacts import (
    Artifact,
    CaptureTimeSource,
    EvidenceDefect,
    Location,
    Note,
)
from analyzer.evidence.cells import parse_time
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.input_files import InputFile
from analyzer.evidence.json_documents import JsonNode
from analyzer.evidence.parsing import ParsedFile

File = tuple[Artifact, ParsedFile]

FINDING_KINDS = frozenset({ExportKind.ANALYZER_FINDINGS, ExportKind.FINDING_DETAILS})
"""Answers of Access Analyzer that hold findings: on access from outside, and all others."""
_ACCOUNT = re.compile(r"[0-9]{12}")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}):")
_IN_MESSAGE = re.compile(r"domain name ([0-9]{12})")
_OWN_ARNS = tuple(pair for kind in ExportKind for pair in kind.traits.own_arns)
"""Where a document names its own account. Trust policies name others, so no ARN but these."""
_ONE_ANSWER = frozenset(
    {ExportKind.PASSWORD_POLICY, ExportKind.ACCOUNT_SUMMARY, ExportKind.ACCOUNT_ALIASES}
)
"""Exports that name no account, and of which an account gives one."""
_FILE_TIME = re.compile(r"status_reports_(\d{4}-\d\d-\d\d)T(\d\d)[-:_]?(\d\d)[-:_]?(\d\d)")
_TIMES = ("CreateDate", "UpdateDate", "createdAt", "updatedAt", "analyzedAt", "UploadDate")


def accounts_in_document(document: JsonNode) -> frozenset[str]:
    """Every account that the document names as its own: none, one, or several by mistake.

    A finding's `resourceOwnerAccount` is not one of them: it says where the resource lies, and an
    organization's analyzer finds resources of every member. The analyzer's own ARN is.
    """
    stated = (
        document.text("credaudit_account") or document.text("Account") or document.text("account")
    )
    if stated is not None and _ACCOUNT.fullmatch(stated):
        return frozenset({stated})
    if recipients := _recipients(document):
        return recipients
    texts = [document.text(name) or "" for name in ("credaudit_principal", "credaudit_analyzer")]
    texts += [entry.text(key) or "" for name, key in _OWN_ARNS for entry in document.each(name)]
    found = {match[1] for match in map(_ARN.match, texts) if match}
    message = _IN_MESSAGE.search(document.text("message") or "")
    return frozenset(found | {message[1]} if message else found)


def _recipients(document: JsonNode) -> frozenset[str]:
    """The account that all events of a CloudTrail file are of; none where they are of several.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    events = document.each("Records") if document.has("Records") else document.each("Events")
    records = ((each.document("CloudTrailEvent"), each) for each in events)
    named = {
        (record if record is not None else each).text("recipientAccountId") or ""
        for record, each in records
    }
    found = frozenset(each for each in named if _ACCOUNT.fullmatch(each))
    return found if len(named) == 1 else frozenset()


def accounts_of_file(parsed: ParsedFile) -> frozenset[str]:
    """Every account that a row or a document of the file names as its own."""
    named = {row.account for row in parsed.table.rows} if parsed.table else set()
    for _, document in parsed.documents:
        named |= accounts_in_document(document)
    return frozenset(named)


def analyzer_findings(document: JsonNode) -> Iterator[JsonNode]:
    """The findings in an answer of Access Analyzer: the entries of a list, or a single one."""
    if document.has("findings"):
        yield from document.each("findings")
    else:
        yield document.child("finding") or document


def finding_account(found: JsonNode, fallback: str | None) -> str | None:
    """The account whose resource a finding is about, by its own word, else by the ARN.

    A bucket's ARN names no account; then it is that of the analyzer, `fallback`.
    """
    owner = found.text("resourceOwnerAccount") or ""
    if _ACCOUNT.fullmatch(owner):
        return owner
    named = _ARN.match(found.text("resource") or "")
    return named[1] if named else fallback


def ancestor_paths(path: str) -> list[str]:
    """The folders and archives a file lies in, the nearest first, all that was given last."""
    cuts = [index for index, letter in enumerate(path) if letter in "/!"]
    return [path[: cut + 1] for cut in reversed(cuts)] + [""]


def assign_accounts(files: Sequence[File], inputs: Sequence[InputFile]) -> list[str | None]:
    """Each file's account, by what it says, by its pack's manifest or by its neighbours.

    None where that is not one. `inputs` are the same files as they came in.
    """
    own = [accounts_of_file(parsed) for _, parsed in files]
    packs = {path: account for each in files for path, account in _pack_accounts(*each)}
    around: dict[str, set[str]] = {}
    for given, named in zip(inputs, own, strict=True):
        for container in (*_containers(given), _beside(given)):
            around.setdefault(container, set()).update(named)
    around |= {path: {account} for path, account in packs.items()}
    apart = _folders_apart(files, inputs, own)
    return [
        next(iter(named))
        if len(named) == 1
        else (None if named else packs.get(given.path) or _account_nearby(given, around, apart))
        for given, named in zip(inputs, own, strict=True)
    ]


def capture_times(files: Sequence[File]) -> list[tuple[datetime | None, CaptureTimeSource]]:
    """When each file was captured, and how that is known; the best source wins."""
    stated = {
        path: time for artifact, parsed in files for path, time in _pack_times(artifact, parsed)
    }
    return [_capture_time(artifact, parsed, stated) for artifact, parsed in files]


def checksum_mismatches(files: Sequence[File]) -> Iterable[tuple[str, str]]:
    """The path and the fault of each file that a SHA256SUMS beside it describes differently."""
    digests = {artifact.path: artifact.sha256 for artifact, _ in files}
    for artifact, parsed in files:
        folder = ancestor_paths(artifact.path)[0]
        for name, digest in parsed.sums:
            path = folder + name.removeprefix("./")
            if digests.get(path, digest) != digest:
                yield (
                    path,
                    "was changed after it was collected: its SHA-256 is not the recorded one",
                )
            elif path not in digests and not any(each.startswith(f"{path}!") for each in digests):
                yield path, "is in the pack's checksum list, but was not handed in"


def later_than_report(parsed: ParsedFile, captured: datetime, location: Location) -> Note | None:
    """A note where a credential report has times after its own: somebody changed one of them."""
    newest = parsed.table.newest if parsed.table else None
    if newest is None or newest <= captured:
        return None
    text = f"it holds a time ({newest:%Y-%m-%d %H:%M:%S}) after its own report time"
    return Note(text, location, EvidenceDefect.RESAVED)


def _folders_apart(
    files: Sequence[File], inputs: Sequence[InputFile], own: Sequence[frozenset[str]]
) -> frozenset[str]:
    """The folders that name no account and hold an answer that a folder beside them has, too.

    One account gives one answer, so they are another account's, or of another time.
    """
    answers: dict[str, dict[ExportKind, set[str]]] = {}
    named: set[str] = set()
    for (artifact, parsed), given, accounts in zip(files, inputs, own, strict=True):
        for folder in _containers(given)[:-1]:
            named |= {folder} if accounts else set()
            for kind, _ in parsed.documents:
                if kind in _ONE_ANSWER:
                    answers.setdefault(folder, {}).setdefault(kind, set()).add(artifact.sha256)
    return frozenset(
        folder
        for folder, held in answers.items()
        if folder not in named
        and any(
            held.get(kind, digests) != digests
            for other, theirs in answers.items()
            if other in named and ancestor_paths(other[:-1])[0] == ancestor_paths(folder[:-1])[0]
            for kind, digests in theirs.items()
        )
    )


def _account_nearby(
    given: InputFile, around: dict[str, set[str]], apart: frozenset[str]
) -> str | None:
    """The account of the nearest folder or archive that names any; None where it names several.

    What is in a folder `apart` has no neighbours beyond it.
    """
    places = _containers(given) if given.root else [_beside(given)]
    ends = next((index for index, name in enumerate(places) if name in apart), len(places))
    places = places[: ends + 1]
    near = next((around[name] for name in places if around[name]), set())
    return next(iter(near)) if len(near) == 1 else None


def _containers(given: InputFile) -> list[str]:
    """The folders and archives the file lies in, the nearest first, up to what was given."""
    inside = given.path[len(given.root) :]
    return [given.root + each for each in ancestor_paths(inside)] if given.root else []


def _beside(given: InputFile) -> str:
    """The folder in which the input itself lies: a file given by itself has its neighbours there.

    Written so that it is the name of no file in the evidence.
    """
    return f"\0{given.folder}"


def _pack_accounts(artifact: Artifact, parsed: ParsedFile) -> Iterable[tuple[str, str]]:
    """A pack's folder and each file that its manifest lists, with the manifest's account."""
    folder = ancestor_paths(artifact.path)[0]
    for kind, document in parsed.documents:
        account = document.text("account") or ""
        if kind is ExportKind.PACK_MANIFEST and _ACCOUNT.fullmatch(account):
            if folder:
                yield folder, account
            for call in document.each("calls"):
                for name in (call.text("file"), call.text("error")):
                    if name:
                        yield folder + name, account


def _pack_times(artifact: Artifact, parsed: ParsedFile) -> Iterable[tuple[str, datetime]]:
    folder = ancestor_paths(artifact.path)[0]
    for kind, document in parsed.documents:
        if kind is ExportKind.PACK_MANIFEST:
            for call in document.each("calls"):
                started = call.time("started")
                for name in (call.text("file"), call.text("error")):
                    if name and isinstance(started, datetime):
                        yield folder + name, started


def _capture_time(
    artifact: Artifact, parsed: ParsedFile, stated: dict[str, datetime]
) -> tuple[datetime | None, CaptureTimeSource]:
    for kind, document in parsed.documents:
        generated = document.time("GeneratedTime")
        if kind is ExportKind.CREDENTIAL_REPORT and isinstance(generated, datetime):
            return generated, CaptureTimeSource.STATED
    if artifact.path in stated:
        return stated[artifact.path], CaptureTimeSource.PACK
    newest = parsed.table.newest if parsed.table else _newest_time(parsed)
    named = _FILE_TIME.search(artifact.path)
    if named:
        read = parse_time(f"{named[1]}T{named[2]}:{named[3]}:{named[4]}")
        if isinstance(read, datetime) and (newest is None or read >= newest):
            return read, CaptureTimeSource.FILE_NAME
    return (newest, CaptureTimeSource.NEWEST_STAMP) if newest else (None, CaptureTimeSource.UNKNOWN)


def _newest_time(parsed: ParsedFile) -> datetime | None:
    """The newest time of creation, change or use in any entry that the documents list."""
    times: list[datetime] = []
    for _, document in parsed.documents:
        for _, section in document.members():
            for node in section.elements() if isinstance(section.value, list) else ():
                used = node.child("RoleLastUsed")
                found = [node.time(name) for name in _TIMES]
                found += [used.time("LastUsedDate")] if used else []
                times += [time for time in found if isinstance(time, datetime)]
    return max(times, default=None)
