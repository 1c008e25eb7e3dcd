"""In: Evidence. Out: one Account for each account in it, joined from all of its files.

Joins by ARN and by user name. Where two exports tell of the same, the newer one is used, and a
problem names the other.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Artifact, EvidenceDefect, Note
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.credential_report import ReportRow
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.evidence.loading import Evidence, EvidenceDocument
from analyzer.inventory.account_documents import (
    by_kind,
    documents_of,
    findings_by_account,
    superseded,
)
from analyzer.inventory.authorization_details import (
    Pages,
    details_of,
    iter_groups,
    iter_policies,
    iter_roles,
    merge_pages,
    unplaced_problems,
)
from analyzer.inventory.model import Account, ListedKey, MfaDevice, User
from analyzer.inventory.newest_exports import export_times, newest_documents
from analyzer.inventory.report_rows import report_entry
from analyzer.inventory.small_exports import (
    ROOT_DEVICE_USER,
    Documents,
    account_alias,
    keys_last_used,
    listed_keys,
    login_profiles,
    mfa_devices,
    users_with_key_list,
)

_CLOCK_SKEW = timedelta(days=1)
_REPORT_CACHE = timedelta(hours=4)
_START = datetime.min.replace(tzinfo=UTC)


def build_accounts(
    evidence: Evidence, as_of: datetime | None = None
) -> tuple[tuple[Account, ...], tuple[EvidenceError, ...]]:
    """Every account, by number, and what could not be joined.

    An account's time is `as_of`; else its credential report's; else the newest that any of its
    files speaks of; else that of the whole evidence. Raises EvidenceError where there is none.
    """
    numbers = sorted(
        {row.account for _, table in evidence.tables for row in table.rows}
        | {each.account for each in evidence.documents if each.account and _makes_account(each)}
        or {each.account for each in evidence.documents if each.account}
    )
    fallback = as_of or _newest(evidence.artifacts)
    if numbers and fallback is None:
        raise _no_time_error(evidence)
    problems: list[EvidenceError] = []
    findings = findings_by_account(evidence)
    accounts = tuple(
        _with_findings(
            _build_account(number, evidence, as_of or fallback or _START, as_of is None, problems),
            findings.get(number, []),
        )
        for number in numbers
    )
    # What belongs to no account is found in every one of them, and told once.
    return accounts, tuple({str(each): each for each in problems}.values())


def _makes_account(document: EvidenceDocument) -> bool:
    """False for what speaks of accounts of which nothing else may be here.

    A management account exports the policies over its members, and a trail of an organization has
    events of all of them.
    """
    return document.kind not in {ExportKind.CONTROL_POLICIES, ExportKind.CLOUDTRAIL_EVENTS}


def _no_time_error(evidence: Evidence) -> EvidenceError:
    """What to say first: how dates are written where they are there, else when it was."""
    notes = (note.text for artifact in evidence.artifacts for note in artifact.notes)
    if any("--date-order" in text for text in notes):
        return EvidenceError(
            "its dates are written as a spreadsheet does, so no file says when it was made",
            remedy="Say --date-order dmy where the day comes first, or mdy where the month does",
        )
    return EvidenceError("no file says when it was made", remedy="Say it with --as-of")


def _build_account(
    number: str,
    evidence: Evidence,
    time: datetime,
    time_is_fallback: bool,
    problems: list[EvidenceError],
) -> Account:
    report, rows = _choose_report(number, evidence, problems)
    paths = {each.id: each.path for each in evidence.artifacts}
    current = newest_documents(
        documents_of(number, evidence), export_times(evidence.artifacts), paths, problems
    )
    documents = by_kind(current)
    pages = merge_pages(
        documents.get(ExportKind.AUTHORIZATION_DETAILS, ()), number, paths, problems
    )
    artifact_ids = _artifact_ids(number, evidence)
    left_out = superseded(number, evidence, report, current)
    artifacts = tuple(
        each for each in evidence.artifacts if each.id in artifact_ids and each.id not in left_out
    )
    captured = (report.captured_at if report else None) or _newest(artifacts)
    devices_by_owner = tuple(mfa_devices(documents))
    as_of = captured if time_is_fallback and captured else time
    roots = tuple(row.location for row in rows if row.is_root)
    by_arn = {
        row.arn: _without_future_times(row, as_of)
        for row in _by_arn(rows, paths, problems).values()
    }
    root = next((row for row in by_arn.values() if row.is_root), None)
    stated = {
        each.id: each.captured_at
        for each in artifacts
        if each.captured_at is not None and each.captured_how.is_stated
    }
    users = tuple(_join_users(by_arn, pages, documents, devices_by_owner, stated))
    groups, roles = tuple(iter_groups(pages)), tuple(iter_roles(pages))
    policies = tuple(iter_policies(pages))
    problems += unplaced_problems(users, groups, roles, policies, paths)
    gaps = (*pages.gaps, *_cut_details(artifacts))
    present = set(documents) | ({ExportKind.CREDENTIAL_REPORT} if rows else set())
    return Account(
        id=number,
        partition=_partition(rows, pages),
        as_of=as_of,
        as_of_is_stated=not time_is_fallback or _is_stated(report, artifacts, as_of),
        alias=account_alias(documents),
        root=report_entry(root) if root else None,
        root_mfa_devices=tuple(
            device for owner, device in devices_by_owner if owner == ROOT_DEVICE_USER
        )
        if ExportKind.MFA_DEVICES in present
        else None,
        users=users,
        groups=groups,
        roles=roles,
        policies=policies,
        listed_keys=tuple(listed_keys(documents)),
        keys_last_used=tuple(keys_last_used(documents, paths)),
        documents=documents,
        artifacts=artifacts,
        other_artifacts=tuple(each for each in evidence.artifacts if each.id not in artifact_ids),
        available_exports=frozenset(kind for kind in present if kind.traits.is_input),
        root_rows=roots,
        report_is_complete=_report_is_complete(report, evidence, documents, users),
        details_gaps=gaps,
        details_are_complete=not gaps and _details_are_complete(documents, pages, users),
    )


def _cut_details(artifacts: tuple[Artifact, ...]) -> Iterator[Note]:
    """What was already missing from the authorization details when they were read."""
    for artifact in artifacts:
        if artifact.kind is ExportKind.AUTHORIZATION_DETAILS:
            for note in artifact.notes:
                if note.defect is EvidenceDefect.TRUNCATED:
                    yield note


def _with_findings(account: Account, findings: list[JsonNode]) -> Account:
    """The account with the analyzers' findings on it, which may be in another account's export."""
    present = {ExportKind.ANALYZER_FINDINGS} if findings else set()
    exports = account.available_exports | present
    return replace(account, analyzer_findings=tuple(findings), available_exports=exports)


def _artifact_ids(number: str, evidence: Evidence) -> frozenset[str]:
    """The ids of the account's files, including those shared with other accounts."""
    ids = {each.id for each in evidence.artifacts if each.account == number}
    ids |= {
        artifact.id
        for artifact, table in evidence.tables
        if any(row.account == number for row in table.rows)
    }
    ids |= {each.node.location.evidence for each in evidence.documents if each.account == number}
    return frozenset(ids)


def _choose_report(
    number: str, evidence: Evidence, problems: list[EvidenceError]
) -> tuple[Artifact | None, list[ReportRow]]:
    """The newest credential report of the account; each older one is named as left unread."""
    reports = []
    for artifact, table in evidence.tables:
        rows = [row for row in table.rows if row.account == number]
        if rows:
            reports.append((artifact, rows))
    if not reports:
        return None, []
    reports.sort(key=lambda pair: (pair[0].captured_at or _START, pair[0].path))
    *older, newest = reports
    problems += [
        EvidenceError(
            f"is an older credential report of account {number}; {newest[0].path} was used",
            where=artifact.path,
            remedy="Audit each quarter by itself and compare the reports",
        )
        for artifact, rows in older
        if [row.cells for row in rows] != [row.cells for row in newest[1]]
    ]
    return newest


def _newest(artifacts: tuple[Artifact, ...]) -> datetime | None:
    return max((each.captured_at for each in artifacts if each.captured_at), default=None)


def _is_stated(report: Artifact | None, artifacts: tuple[Artifact, ...], as_of: datetime) -> bool:
    """True if a file says of itself that it was made at that time, and nobody inferred it."""
    told = (report,) if report and report.captured_at else artifacts
    return any(each.captured_at == as_of and each.captured_how.is_stated for each in told)


def _partition(rows: list[ReportRow], pages: Pages) -> str:
    if rows:
        return rows[0].partition
    arns = [*pages.users, *pages.roles, *pages.groups]
    return arns[0].split(":")[1] if arns else "aws"


def _by_arn(
    rows: list[ReportRow], paths: Mapping[str, str], problems: list[EvidenceError]
) -> dict[str, ReportRow]:
    """Each user's row, root's too. Where two rows of a user differ, the cell is unreadable."""
    found: dict[str, ReportRow] = {}
    for row in rows:
        first = found.setdefault(row.arn, row)
        if first.cells != row.cells:
            cells = {
                name: value if row.cells.get(name) == value else MissingValue.UNREADABLE
                for name, value in first.cells.items()
            }
            found[row.arn] = replace(first, cells=cells)
            problems.append(
                EvidenceError(
                    f"tells different things of {row.arn} in {_place(first)} and {_place(row)}; "
                    "where they differ neither counts",
                    where=paths.get(row.location.evidence, row.location.evidence),
                    remedy="Hand in one credential report for each account",
                )
            )
    return found


def _place(row: ReportRow) -> str:
    return f"row {row.location.row}" if row.location.row else f"{row.location.pointer}"


def _without_future_times(row: ReportRow, as_of: datetime) -> ReportRow:
    """The row with future times made unreadable: they have no age."""
    latest = as_of + _CLOCK_SKEW
    cells = {
        name: MissingValue.UNREADABLE
        if isinstance(value, datetime) and value > latest and name != "password_next_rotation"
        else value
        for name, value in row.cells.items()
    }
    return replace(row, cells=cells) if cells != row.cells else row


def _report_is_complete(
    report: Artifact | None, evidence: Evidence, documents: Documents, users: tuple[User, ...]
) -> bool:
    """False where the credential report lacks someone: a row was lost, or other exports name more.

    A user created in the four hours before it doesn't count: AWS caches a report for that long.
    """
    if report is None:
        return True
    if any(table.unplaced for artifact, table in evidence.tables if artifact.id == report.id):
        return False
    listed = sum(user.report_entry is not None for user in users)
    oldest = report.captured_at - _REPORT_CACHE if report.captured_at is not None else None
    missing = [
        user
        for user in users
        if user.report_entry is None
        and not (oldest and isinstance(user.created, datetime) and user.created >= oldest)
    ]
    return not missing and _all_listed(documents, {"Users": listed})


def _details_are_complete(documents: Documents, pages: Pages, users: tuple[User, ...]) -> bool:
    """False where the credential report or the account summary has more than the details."""
    if ExportKind.AUTHORIZATION_DETAILS not in documents:
        return True
    counted = {"Users": len(pages.users), "Groups": len(pages.groups), "Roles": len(pages.roles)}
    return all(user.details is not None for user in users) and _all_listed(documents, counted)


def _all_listed(documents: Documents, counted: dict[str, int]) -> bool:
    """False where the account's own summary counts more than the export lists."""
    for node in documents.get(ExportKind.ACCOUNT_SUMMARY, ()):
        counts = node.child("SummaryMap")
        for name, listed in counted.items():
            stated = counts.number(name) if counts else None
            if stated is not None and stated > listed:
                return False
    return True


def _join_users(
    rows: dict[str, ReportRow],
    pages: Pages,
    documents: Documents,
    devices_by_owner: tuple[tuple[str, MfaDevice], ...],
    stated: Mapping[str, datetime],
) -> Iterator[User]:
    """The users of the report and of the details, one for each ARN, sorted by ARN."""
    by_arn = {arn: row for arn, row in rows.items() if not row.is_root}
    keys: dict[str, list[ListedKey]] = defaultdict(list)
    for key in listed_keys(documents):
        keys[key.user].append(key)
    held: dict[str, list[MfaDevice]] = defaultdict(list)
    for owner, device in devices_by_owner:
        held[owner].append(device)
    profiles = dict(login_profiles(documents))
    told = users_with_key_list(documents)
    for arn in sorted(by_arn.keys() | pages.users.keys()):
        row, entry = by_arn.get(arn), pages.users.get(arn)
        name = row.user if row else arn.rpartition("/")[2]
        own_keys = tuple(keys[name]) if name in told else None
        yield User(
            name=name,
            arn=arn,
            report_entry=report_entry(row, own_keys, stated) if row else None,
            details=details_of(pages, arn, entry, "UserDetailList") if entry else None,
            login_profile=profiles.get(name),
            mfa_devices=tuple(held[name]),
        )
