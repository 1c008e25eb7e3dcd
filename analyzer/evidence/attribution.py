"""In: parsed files and their names. Out: the account and the time that each of them speaks of.

Half of the exports name neither. Such a file belongs to the account that its nearest folder or
archive speaks of, and was captured when the collect script's own record says.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from analyzer.evidence.artifacts import Artifact, Clock, Flaw, Kind, Note, Place
from analyzer.evidence.cells import moment
from analyzer.evidence.json_documents import Node
from analyzer.evidence.parsing import Parsed

File = tuple[Artifact, Parsed]

_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):")
_IN_MESSAGE = re.compile(r"domain name (\d{12})")
_OWN_ARNS = (
    ("UserDetailList", "Arn"), ("GroupDetailList", "Arn"), ("RoleDetailList", "Arn"),
    ("Policies", "Arn"), ("analyzers", "arn"), ("VirtualMFADevices", "SerialNumber"),
    ("MFADevices", "SerialNumber"),
    ("SAMLProviderList", "Arn"), ("OpenIDConnectProviderList", "Arn"),
    ("ServerCertificateMetadataList", "Arn"),
)  # fmt: skip
"""Where a document names its own account. Trust policies name others, so no ARN but these."""
_PRINCIPAL_ARNS = _OWN_ARNS[:3]
_FILE_TIME = re.compile(r"status_reports_(\d{4}-\d\d-\d\d)T(\d\d)[-:_]?(\d\d)[-:_]?(\d\d)")
_TIMES = ("CreateDate", "UpdateDate", "createdAt", "updatedAt", "analyzedAt", "UploadDate")


def accounts_named(document: Node) -> frozenset[str]:
    """Every account that the document says to be its own."""
    stated = (
        document.text("credaudit_account") or document.text("Account") or document.text("account")
    )
    if stated is not None and _ACCOUNT.fullmatch(stated):
        return frozenset({stated})
    principal = document.text("credaudit_principal") or document.text("resourceOwnerAccount") or ""
    if _ACCOUNT.fullmatch(principal):
        return frozenset({principal})
    texts = [principal]
    texts += [entry.text(key) or "" for name, key in _OWN_ARNS for entry in document.each(name)]
    found = {match[1] for match in map(_ARN.match, texts) if match}
    message = _IN_MESSAGE.search(document.text("message") or "")
    return frozenset(found | {message[1]} if message else found)


def containers(path: str) -> list[str]:
    """The folders and archives a file lies in, the nearest first, all that was given last."""
    cuts = [index for index, letter in enumerate(path) if letter in "/!"]
    return [path[: cut + 1] for cut in reversed(cuts)] + [""]


def accounts_of(files: Sequence[File]) -> list[str | None]:
    """The one account that each file speaks of, by its own word or by its neighbours'."""
    own = [_own_accounts(parsed) for _, parsed in files]
    around: dict[str, set[str]] = {}
    for (artifact, _), named in zip(files, own, strict=True):
        for container in containers(artifact.path):
            around.setdefault(container, set()).update(named)
    return [
        next(iter(named)) if len(named) == 1 else (None if named else _neighbours(artifact, around))
        for (artifact, _), named in zip(files, own, strict=True)
    ]


def times_of(files: Sequence[File]) -> list[tuple[datetime | None, Clock]]:
    """When each file was captured, and how that is known; the best source wins."""
    stated = {
        path: time for artifact, parsed in files for path, time in _pack_times(artifact, parsed)
    }
    return [_time_of(artifact, parsed, stated) for artifact, parsed in files]


def sum_faults(files: Sequence[File]) -> Iterable[tuple[str, str]]:
    """Each file whose content is not what a SHA256SUMS beside it says: its path, the fault."""
    digests = {artifact.path: artifact.sha256 for artifact, _ in files}
    for artifact, parsed in files:
        folder = containers(artifact.path)[0]
        for name, digest in parsed.sums:
            path = folder + name.removeprefix("./")
            if digests.get(path, digest) != digest:
                yield (
                    path,
                    "was changed after it was collected: its SHA-256 is not the recorded one",
                )
            elif path not in digests and not any(each.startswith(f"{path}!") for each in digests):
                yield path, "is in the pack's checksum list, but was not handed in"


def later_than_report(parsed: Parsed, captured: datetime, place: Place) -> Note | None:
    """A note where a credential report knows of things after its own time."""
    newest = parsed.table.newest if parsed.table else None
    if newest is None or newest <= captured:
        return None
    text = f"it holds a time ({newest:%Y-%m-%d %H:%M:%S}) after its own report time"
    return Note(text, place, Flaw.RESAVED)


def _own_accounts(parsed: Parsed) -> frozenset[str]:
    named = {row.account for row in parsed.table.rows} if parsed.table else set()
    for _, document in parsed.documents:
        named |= accounts_named(document)
    return frozenset(named)


def _neighbours(artifact: Artifact, around: dict[str, set[str]]) -> str | None:
    """The account of the nearest folder or archive that names any; None where it names several."""
    near = next((around[name] for name in containers(artifact.path) if around[name]), set())
    return next(iter(near)) if len(near) == 1 else None


def _pack_times(artifact: Artifact, parsed: Parsed) -> Iterable[tuple[str, datetime]]:
    folder = containers(artifact.path)[0]
    for kind, document in parsed.documents:
        if kind is Kind.PACK_MANIFEST:
            for call in document.each("calls"):
                started = call.moment("started")
                for name in (call.text("file"), call.text("error")):
                    if name and isinstance(started, datetime):
                        yield folder + name, started


def _time_of(
    artifact: Artifact, parsed: Parsed, stated: dict[str, datetime]
) -> tuple[datetime | None, Clock]:
    for kind, document in parsed.documents:
        generated = document.moment("GeneratedTime")
        if kind is Kind.CREDENTIAL_REPORT and isinstance(generated, datetime):
            return generated, Clock.STATED
    if artifact.path in stated:
        return stated[artifact.path], Clock.PACK
    newest = parsed.table.newest if parsed.table else _newest(parsed)
    named = _FILE_TIME.search(artifact.path)
    if named:
        read = moment(f"{named[1]}T{named[2]}:{named[3]}:{named[4]}")
        if isinstance(read, datetime) and (newest is None or read >= newest):
            return read, Clock.FILE_NAME
    return (newest, Clock.NEWEST_STAMP) if newest else (None, Clock.UNKNOWN)


def _newest(parsed: Parsed) -> datetime | None:
    """The newest time of creation, change or use in any entry that the documents list."""
    times: list[datetime] = []
    for _, document in parsed.documents:
        for entries in document.value.values() if isinstance(document.value, dict) else ():
            for entry in entries if isinstance(entries, list) else ():
                node = Node(entry, document.place)
                used = node.child("RoleLastUsed")
                found = [node.moment(name) for name in _TIMES]
                found += [used.moment("LastUsedDate")] if used else []
                times += [time for time in found if isinstance(time, datetime)]
    return max(times, default=None)
