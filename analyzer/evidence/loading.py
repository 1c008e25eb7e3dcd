"""In: the inputs that a person named. Out: Evidence: every file's kind, rows and documents.

Every file is hashed before it is parsed. One that can't be read becomes a problem with its name
and a remedy, and the others are read.
"""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from analyzer.config import DateOrder
from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Artifact, EvidenceDefect, Location, Note
from analyzer.evidence.attribution import (
    File,
    accounts_in_document,
    analyzer_findings,
    assign_accounts,
    capture_times,
    checksum_mismatches,
    finding_account,
    later_than_report,
)
from analyzer.evidence.credential_report import ReportTable
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.input_files import InputFile, read_inputs
from analyzer.evidence.json_documents import JsonNode
from analyzer.evidence.parsing import ParsedFile, parse_file

_START = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EvidenceDocument:
    """One JSON or YAML document (or error that is an answer), and the account that it is about."""

    kind: ExportKind
    node: JsonNode
    account: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was handed in. `problems` are the files and parts that could not be used.

    `repeats` are the ids of files that have the content of another one of the same account.
    """

    artifacts: tuple[Artifact, ...] = ()
    tables: tuple[tuple[Artifact, ReportTable], ...] = ()
    documents: tuple[EvidenceDocument, ...] = ()
    problems: tuple[EvidenceError, ...] = ()
    repeats: frozenset[str] = frozenset()


def load_evidence(inputs: tuple[Path, ...], order: DateOrder | None = None) -> Evidence:
    """Everything in the inputs; the same files give the same result in whatever order they come."""
    found = list(read_inputs(inputs))
    problems = [each for each in found if isinstance(each, EvidenceError)]
    members = sorted((each for each in found if isinstance(each, InputFile)),
                    key=lambda each: (each.path, each.data))  # fmt: skip
    files: list[File] = []
    for member in members:
        artifact, parsed, problem = _load_file(member, f"E{len(files) + 1}", order)
        files.append((artifact, parsed))
        problems += [problem] if problem else []
    files = _attribute_files(files, members)
    problems += [EvidenceError(fault, where=path) for path, fault in checksum_mismatches(files)]
    files, repeats = _leave_out_repeats(files)
    documents = tuple(_assign_documents(files, problems))
    accounts = {each.account for each in documents}
    accounts |= {row.account for _, parsed in files if parsed.table for row in parsed.table.rows}
    return Evidence(
        artifacts=tuple(_note_other_accounts(*file, accounts) for file in files),
        tables=tuple((artifact, parsed.table) for artifact, parsed in files if parsed.table),
        documents=documents,
        problems=tuple(sorted(problems, key=str)),
        repeats=repeats,
    )


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
    """
    kept: dict[tuple[str | None, ...], Artifact] = {}
    by_age = sorted(files, key=lambda file: file[0].captured_at or _START, reverse=True)
    for artifact, _ in by_age:
        kept.setdefault(_sameness(artifact), artifact)
    result: list[File] = []
    repeats: set[str] = set()
    for artifact, parsed in files:
        first = kept[_sameness(artifact)]
        if first.id == artifact.id or artifact.account is None:
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
        if kind is ExportKind.ANALYZER_FINDINGS:
            owners = (finding_account(each, artifact.account) for each in analyzer_findings(node))
            about.update(owner for owner in owners if owner and owner not in accounts)
    if not about:
        return artifact
    told = ", ".join(f"{number} of account {owner}" for owner, number in sorted(about.items()))
    note = Note(f"findings on accounts that were not handed in: {told}", Location(artifact.id))
    return replace(artifact, notes=(*artifact.notes, note))


def _assign_documents(files: list[File], problems: list[EvidenceError]) -> list[EvidenceDocument]:
    """Every document with its account; one of two accounts, or of none, is a problem."""
    result: list[EvidenceDocument] = []
    for artifact, parsed in files:
        for kind, node in parsed.documents:
            named = accounts_in_document(node)
            if len(named) > 1:
                problems.append(_mixed_accounts_error(artifact, node, named))
                continue
            account = next(iter(named)) if named else artifact.account
            if account is None and kind.traits.needs_account:
                problems.append(_unattributed_error(artifact, kind))
            result.append(EvidenceDocument(kind, node, account))
    return result


def _mixed_accounts_error(
    artifact: Artifact, node: JsonNode, named: frozenset[str]
) -> EvidenceError:
    return EvidenceError(
        f"the document at {node.location.pointer or '/'} mixes accounts {', '.join(sorted(named))}",
        where=artifact.path,
        remedy="Hand in each account's own export",
    )


def _unattributed_error(artifact: Artifact, kind: ExportKind) -> EvidenceError:
    return EvidenceError(
        f"nothing says to which account this {kind.value} export belongs",
        where=artifact.path,
        remedy="Put each account's files into a folder of its own",
    )
