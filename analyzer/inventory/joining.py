"""In: Evidence. Out: one Account for each account that the evidence speaks of, all files joined.

Joins by ARN and by user name. Where two credential reports cover the same account, the newer one
is used, and a problem names the other.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Artifact, Kind
from analyzer.evidence.credential_report import ReportRow
from analyzer.evidence.documents import Node
from analyzer.evidence.reading import Document, Evidence
from analyzer.identity import Account, ListedKey, MfaDevice, User
from analyzer.inventory.credentials import credentials
from analyzer.inventory.details import Pages, details, groups, joined, policies, roles
from analyzer.inventory.exports import (
    ROOT,
    Documents,
    alias,
    devices,
    listed_keys,
    login_profiles,
)

_ORGANIZATION_WIDE = frozenset(
    {Kind.ORGANIZATION, Kind.ORG_FEATURES, Kind.ORG_ACCOUNTS, Kind.IDENTITY_CENTER}
)
"""Exports that the management account alone can make, and that speak of every member."""
_NO_EXPORT = frozenset({Kind.FAILED_CALL, Kind.PACK_MANIFEST, Kind.CALLER_IDENTITY})
_START = datetime.min.replace(tzinfo=UTC)


def accounts_in(
    evidence: Evidence, as_of: datetime | None = None
) -> tuple[tuple[Account, ...], tuple[EvidenceError, ...]]:
    """Every account, by number, and what could not be joined.

    An account's time is `as_of`; else its credential report's; else the newest that any of its
    files speaks of; else that of the whole evidence. Raises EvidenceError where there is none.
    """
    numbers = sorted(
        {row.account for _, table in evidence.tables for row in table.rows}
        | {each.account for each in evidence.documents if each.account}
    )
    fallback = as_of or _newest(evidence.artifacts)
    if numbers and fallback is None:
        raise EvidenceError("no file says when it was made", way_out="Say it with --as-of")
    problems: list[EvidenceError] = []
    accounts = tuple(
        _account(number, evidence, as_of or fallback or _START, as_of is None, problems)
        for number in numbers
    )
    return accounts, tuple(problems)


def _account(
    number: str,
    evidence: Evidence,
    time: datetime,
    time_is_fallback: bool,
    problems: list[EvidenceError],
) -> Account:
    report, rows = _report(number, evidence, problems)
    documents = _documents(number, evidence)
    pages = joined(documents.get(Kind.AUTHORIZATION_DETAILS, ()), problems)
    speaking = _speaking_of(number, evidence)
    artifacts = tuple(each for each in evidence.artifacts if each.id in speaking)
    captured = (report.captured_at if report else None) or _newest(artifacts)
    owned = tuple(devices(documents))
    roots = [row for row in rows if row.is_root]
    present = set(documents) | ({Kind.CREDENTIAL_REPORT} if rows else set())
    return Account(
        id=number,
        partition=_partition(rows, pages),
        as_of=captured if time_is_fallback and captured else time,
        alias=alias(documents),
        root=credentials(roots[0]) if roots else None,
        root_mfa_devices=tuple(device for owner, device in owned if owner == ROOT)
        if Kind.MFA_DEVICES in present
        else None,
        users=tuple(_users(rows, pages, documents, owned, problems)),
        groups=tuple(groups(pages)),
        roles=tuple(roles(pages)),
        policies=tuple(policies(pages)),
        listed_keys=tuple(listed_keys(documents)),
        documents=documents,
        artifacts=artifacts,
        neighbours=tuple(each for each in evidence.artifacts if each.id not in speaking),
        present=frozenset(present - _NO_EXPORT),
        root_rows=tuple(row.place for row in roots),
        details_are_complete=pages.are_complete,
    )


def _speaking_of(number: str, evidence: Evidence) -> frozenset[str]:
    """The ids of the account's files, those that it shares with other accounts among them."""
    ids = {each.id for each in evidence.artifacts if each.account == number}
    ids |= {
        artifact.id
        for artifact, table in evidence.tables
        if any(row.account == number for row in table.rows)
    }
    ids |= {each.node.place.evidence for each in evidence.documents if each.account == number}
    return frozenset(ids)


def _report(
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
            way_out="Audit each quarter by itself and compare the reports",
        )
        for artifact, rows in older
        if [row.cells for row in rows] != [row.cells for row in newest[1]]
    ]
    return newest


def _documents(number: str, evidence: Evidence) -> Documents:
    """The account's own documents, newest file first, and its organization's."""
    times = {each.id: each.captured_at or _START for each in evidence.artifacts}

    def newest_first(document: Document) -> float:
        return -(times[document.node.place.evidence] - _START).total_seconds()

    kin = _organization_of(number, evidence)
    found: dict[Kind, tuple[Node, ...]] = {}
    for each in sorted(evidence.documents, key=newest_first):
        if each.account == number or (each.kind in _ORGANIZATION_WIDE and each.account in kin):
            found[each.kind] = (*found.get(each.kind, ()), each.node)
    return found


def _organization_of(number: str, evidence: Evidence) -> frozenset[str | None]:
    """The accounts whose organizations list-accounts export names this account as a member."""
    return frozenset(
        each.account
        for each in evidence.documents
        if each.kind is Kind.ORG_ACCOUNTS
        and any(member.text("Id") == number for member in each.node.each("Accounts"))
    )


def _newest(artifacts: tuple[Artifact, ...]) -> datetime | None:
    return max((each.captured_at for each in artifacts if each.captured_at), default=None)


def _partition(rows: list[ReportRow], pages: Pages) -> str:
    if rows:
        return rows[0].partition
    arns = [*pages.users, *pages.roles, *pages.groups]
    return arns[0].split(":")[1] if arns else "aws"


def _by_arn(rows: list[ReportRow], problems: list[EvidenceError]) -> dict[str, ReportRow]:
    """Each user's row. Of two that differ the first is used, and a problem names the other."""
    found: dict[str, ReportRow] = {}
    for row in (each for each in rows if not each.is_root):
        first = found.setdefault(row.arn, row)
        if first.cells != row.cells:
            problems.append(
                EvidenceError(
                    f"rows {first.place.row} and {row.place.row} of {row.place.evidence} tell "
                    f"different things of {row.arn}; row {first.place.row} was used",
                    way_out="Hand in one credential report for each account",
                )
            )
    return found


def _users(
    rows: list[ReportRow],
    pages: Pages,
    documents: Documents,
    owned: tuple[tuple[str, MfaDevice], ...],
    problems: list[EvidenceError],
) -> Iterator[User]:
    """Users of the report and of the details, one entry an ARN, by ARN."""
    by_arn = _by_arn(rows, problems)
    keys: dict[str, list[ListedKey]] = defaultdict(list)
    for key in listed_keys(documents):
        keys[key.user].append(key)
    held: dict[str, list[MfaDevice]] = defaultdict(list)
    for owner, device in owned:
        held[owner].append(device)
    profiles = dict(login_profiles(documents))
    for arn in sorted(by_arn.keys() | pages.users.keys()):
        row, entry = by_arn.get(arn), pages.users.get(arn)
        name = row.user if row else arn.rpartition("/")[2]
        yield User(
            name=name,
            arn=arn,
            credentials=credentials(row, tuple(keys[name])) if row else None,
            details=details(entry, "UserPolicyList") if entry else None,
            login_profile=profiles.get(name),
            mfa_devices=tuple(held[name]),
        )
