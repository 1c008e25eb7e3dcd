"""In: the inputs that a person named. Out: Evidence: every file's kind, rows and documents.

Every file is hashed before it is parsed. One that can't be read becomes a problem with its name
and a remedy, and the others are read.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from analyzer.config import DateOrder
from analyzer.display import list_first
from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Artifact, EvidenceDefect, Location, Note
from analyzer.evidence.attribution import (
    FINDING_KINDS,
    File,
    accounts_in_document,
    accounts_of_file,
    analyzer_findings,
    assign_accounts,
    capture_times,
    checksum_mismatches,
    finding_account,
    later_than_report,
)
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.credential_report import ReportTable
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.input_files import InputFile, is_clutter, read_inputs
from analyzer.evidence.json_documents import JsonNode
from analyzer.evidence.merged_exports import split_by_account
from analyzer.evidence.parsing import ParsedFile, parse_file

_START = datetime.min.replace(tzinfo=UTC)
_NAMED = 5
"""So many places stand in a sentence."""


@dataclass(frozen=True, slots=True)
class EvidenceDocument:
    """One JSON or YAML document (or error that is an answer), and the account that it is about."""

    kind: ExportKind
    node: JsonNode
    account: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was handed in. `problems` are the files and parts that could not be used.

    `skipped` counts the files that macOS and Windows put beside others; the first artifact has a
    note on them. `repeats` are the ids of files that have the content of another one of the same
    account.
    """

    artifacts: tuple[Artifact, ...] = ()
    tables: tuple[tuple[Artifact, ReportTable], ...] = ()
    documents: tuple[EvidenceDocument, ...] = ()
    problems: tuple[EvidenceError, ...] = ()
    skipped: int = 0
    repeats: frozenset[str] = frozenset()


def load_evidence(inputs: tuple[Path, ...], order: DateOrder | None = None) -> Evidence:
    """Everything in the inputs; the same files give the same result in whatever order they come."""
    found = list(read_inputs(inputs))
    problems = [each for each in found if isinstance(each, EvidenceError)]
    given = [each for each in found if isinstance(each, InputFile)]
    skipped = sum(map(is_clutter, given))
    members = sorted((each for each in given if not is_clutter(each)),
                    key=lambda each: (each.path, each.data))  # fmt: skip
    files: list[File] = []
    for member in members:
        artifact, parsed, problem = _load_file(member, f"E{len(files) + 1}", order)
        files.append((artifact, parsed))
        problems += [problem] if problem else []
        problems += _unreadable_time_errors(artifact, parsed)
        problems += _lost_part_errors(artifact, parsed)
    files = _attribute_files(files, members)
    problems += [EvidenceError(fault, where=path) for path, fault in checksum_mismatches(files)]
    files, repeats = _leave_out_repeats(files)
    files, documents = _assign_documents(files, problems)
    accounts = {each.account for each in documents}
    accounts |= {row.account for _, parsed in files if parsed.table for row in parsed.table.rows}
    artifacts = [_note_other_accounts(*file, accounts) for file in files]
    return Evidence(
        artifacts=tuple(_note_skipped(artifacts, skipped)),
        tables=tuple((artifact, parsed.table) for artifact, parsed in files if parsed.table),
        documents=tuple(documents),
        problems=tuple(sorted(problems, key=str)),
        skipped=skipped,
        repeats=repeats,
    )


def _note_skipped(artifacts: list[Artifact], skipped: int) -> list[Artifact]:
    if not artifacts or not skipped:
        return artifacts
    first, *rest = artifacts
    text = f"{skipped} file(s) that macOS or Windows put beside the evidence were skipped"
    return [replace(first, notes=(*first.notes, Note(text, Location(first.id)))), *rest]


def _load_file(
    member: InputFile, number: str, order: DateOrder | None
) -> tuple[Artifact, ParsedFile, EvidenceError | None]:
    digest = hashlib.sha256(member.data).hexdigest()
    artifact = Artifact(number, member.path, digest, len(member.data), ExportKind.UNRECOGNISED)
    root = Location(number)
    try:
        parsed = parse_file(member.data, root, order)
    except EvidenceError as error:
        fault = EvidenceError(error.what, where=member.path, remedy=error.remedy)
        note = Note(error.what, root, EvidenceDefect.UNREADABLE)
        return replace(artifact, notes=(note,)), ParsedFile(), fault
    lost = parsed.table.unplaced if parsed.table else 0
    unplaced = None
    if lost:
        unplaced = EvidenceError(
            f"{lost} row(s) can't be told to any account, so nobody knows what they hold",
            where=member.path,
            remedy="Export it again",
        )
    return (
        replace(artifact, kind=parsed.kind, rows=parsed.rows, notes=parsed.notes),
        parsed,
        unplaced,
    )


def _unreadable_time_errors(artifact: Artifact, parsed: ParsedFile) -> list[EvidenceError]:
    """One problem for each report time that can't be that of an export."""
    return [
        EvidenceError(
            f"the report time at {node.location_of('GeneratedTime').pointer} can't be read",
            where=artifact.path,
            remedy="Run `aws iam get-credential-report --output json` again",
        )
        for _, node in parsed.documents
        if node.time("GeneratedTime") is MissingValue.UNREADABLE
    ]


def _lost_part_errors(artifact: Artifact, parsed: ParsedFile) -> list[EvidenceError]:
    """One problem for each part of the file, larger than a row, that was not read."""
    # What is wrong with a row is counted, and told by the checks that need the row.
    table = parsed.table.rows if parsed.table else ()
    rows = {row.location.pointer for row in table if row.location.row is None}
    lost = (
        note
        for note in parsed.notes
        if note.defect is EvidenceDefect.UNREADABLE
        and note.location.row is None
        and not rows & {note.location.pointer, (note.location.pointer or "").rpartition("/")[0]}
    )
    return [
        EvidenceError(
            f"{note.text} ({note.location.pointer})" if note.location.pointer else note.text,
            where=artifact.path,
            remedy="Export it again",
        )
        for note in islice(lost, _NAMED)
    ]


def _attribute_files(files: list[File], inputs: list[InputFile]) -> list[File]:
    facts = zip(files, assign_accounts(files, inputs), capture_times(files), strict=True)
    result = []
    for (artifact, parsed), account, (time, how) in facts:
        late = later_than_report(parsed, time, Location(artifact.id)) if time else None
        notes = (*artifact.notes, late) if late else artifact.notes
        attributed = replace(
            artifact, account=account, captured_at=time, captured_how=how, notes=notes
        )
        result.append((attributed, parsed))
    return result


def _leave_out_repeats(files: list[File]) -> tuple[list[File], frozenset[str]]:
    """The files, all but one of those with one content and one account emptied; and these.

    A pack and the folder it was made from are one piece of evidence. Of several the newest counts.
    What names several accounts itself is about the same ones wherever it lies.
    """
    kept: dict[tuple[str | None, ...], Artifact] = {}
    by_age = sorted(files, key=lambda file: file[0].captured_at or _START, reverse=True)
    for artifact, _ in by_age:
        kept.setdefault(_sameness(artifact), artifact)
    result: list[File] = []
    repeats: set[str] = set()
    for artifact, parsed in files:
        first = kept[_sameness(artifact)]
        is_known = artifact.account is not None or len(accounts_of_file(parsed)) > 1
        if first.id == artifact.id or not is_known:
            result.append((artifact, parsed))
            continue
        note = Note(f"has the content of {first.path}, so it counts once", Location(artifact.id))
        repeats.add(artifact.id)
        # Reports are compared when one is chosen; all else would count twice.
        left = ParsedFile(parsed.kind, parsed.table)
        result.append((replace(artifact, notes=(*artifact.notes, note)), left))
    return result, frozenset(repeats)


def _sameness(artifact: Artifact) -> tuple[str | None, ...]:
    # Only the name of such a file says which key it is about.
    is_named = artifact.kind is ExportKind.KEY_LAST_USED
    name = re.split(r"[/!]", artifact.path)[-1] if is_named else ""
    return artifact.sha256, artifact.account, name


def _note_other_accounts(
    artifact: Artifact, parsed: ParsedFile, accounts: set[str | None]
) -> Artifact:
    """The file, with a note of the findings in it on accounts of which nothing was handed in."""
    about: Counter[str] = Counter()
    for kind, node in parsed.documents:
        if kind in FINDING_KINDS:
            owners = (finding_account(each, artifact.account) for each in analyzer_findings(node))
            about.update(owner for owner in owners if owner and owner not in accounts)
    if not about:
        return artifact
    told = ", ".join(f"{number} of account {owner}" for owner, number in sorted(about.items()))
    note = Note(f"findings on accounts that were not handed in: {told}", Location(artifact.id))
    return replace(artifact, notes=(*artifact.notes, note))


def _assign_documents(
    files: list[File], problems: list[EvidenceError]
) -> tuple[list[File], list[EvidenceDocument]]:
    """Every document with its account, and the files with notes on those that hold several."""
    annotated: list[File] = []
    result: list[EvidenceDocument] = []
    for artifact, parsed in files:
        notes: list[Note] = []
        if parsed.table and len(accounts := {row.account for row in parsed.table.rows}) > 1:
            notes.append(_several_accounts_note(accounts, Location(artifact.id)))
        for kind, node in parsed.documents:
            named = accounts_in_document(node)
            if len(named) > 1:
                notes.append(_several_accounts_note(named, node.location))
                split = split_by_account(node, kind, named)
                result += [EvidenceDocument(kind, part, of) for of, part in split.parts.items()]
                notes += [_stray_note(entry) for entry in split.strays]
                problems += _stray_errors(artifact, kind, split.strays)
                continue
            account = next(iter(named)) if named else artifact.account
            if account is None and kind.traits.needs_account:
                problems.append(_unattributed_error(artifact, kind))
            result.append(EvidenceDocument(kind, node, account))
        annotated.append((replace(artifact, notes=(*artifact.notes, *notes)), parsed))
    return annotated, result


def _several_accounts_note(accounts: Iterable[str], location: Location) -> Note:
    listed = ", ".join(sorted(accounts))
    return Note(f"it holds entries of accounts {listed}; each was judged by itself", location)


def _stray_note(entry: JsonNode) -> Note:
    text = "an entry of a list of several accounts names none of them, so it was left out"
    return Note(text, entry.location, EvidenceDefect.TRUNCATED)


def _stray_errors(
    artifact: Artifact, kind: ExportKind, strays: tuple[JsonNode, ...]
) -> list[EvidenceError]:
    if not strays:
        return []
    places = list_first([each.location.pointer or "/" for each in strays], _NAMED)
    return [
        EvidenceError(
            f"holds {kind.value} of several accounts, and nobody can tell whose are the entries "
            f"at {places}; they were left out",
            where=artifact.path,
            remedy="Hand in each account's own export",
        )
    ]


def _unattributed_error(artifact: Artifact, kind: ExportKind) -> EvidenceError:
    return EvidenceError(
        f"nothing says to which account this {kind.value} export belongs",
        where=artifact.path,
        remedy="Put each account's files into a folder of its own",
    )
