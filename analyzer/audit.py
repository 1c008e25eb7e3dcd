"""In: Settings. Out: the report. The whole run on one page: six stages, six calls."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analyzer.config import Settings
from analyzer.errors import ConfigurationError, EvidenceError
from analyzer.evidence.accepted_risks import (
    RiskAcceptance,
    accepted_risks_file,
    read_accepted_risks,
)
from analyzer.evidence.artifacts import Artifact
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import Evidence, load_evidence
from analyzer.evidence.previous_report import PreviousReport, read_previous
from analyzer.inventory.join import build_accounts
from analyzer.inventory.model import Account
from analyzer.inventory.unique_ids import unique_ids
from analyzer.leaks.model import Credential, LeakScan
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.privesc.graph import escalation_graph
from analyzer.risk.account_match import audit_scope
from analyzer.risk.assessment import LeakAssessment, assess_leaks
from analyzer.rules.catalogue import Catalogue, load_catalogue
from analyzer.rules.engine import CheckInput, run_checks
from analyzer.score import organization_score, score
from analyzer.writers.document.report import (
    AccountResult,
    AuditResult,
    Report,
    accepted_by,
    build_report,
)


def audit(settings: Settings) -> Report:
    """Read, join, scan, judge, score, and say so.

    Raises EvidenceError where nothing at all could be judged; what could not be read of the rest
    stands under `problems` in the report.
    """
    catalogue = load_catalogue()
    beside = _read_companions(settings)
    evidence = load_evidence(settings.inputs, settings.date_order)
    accounts, unjoined = build_accounts(evidence, settings.as_of)
    problems = (*evidence.problems, *unjoined)
    if not accounts:
        raise EvidenceError(
            "; ".join(str(each) for each in problems) or "no export of any account was found",
            remedy="`credaudit collect` writes the script that makes the exports",
        )
    _check_time(settings, evidence)
    leaks = _scan_leaks(settings, accounts) if settings.repositories else None
    shares = _leaks_by_account(leaks, accounts) if leaks else {}
    judged = tuple(
        _judge_account(settings, account, shares.get(account.id), beside, catalogue)
        for account in accounts
    )
    return build_report(
        AuditResult(
            settings=settings,
            catalogue=catalogue,
            accounts=judged,
            total=organization_score([each.score for each in judged]),
            artifacts=(*evidence.artifacts, *beside.artifacts),
            problems=(
                *problems,
                *_missing_accounts(beside, accounts),
                *_unread_repositories(leaks),
            ),
            leaks=leaks,
            assessments=_assess(settings, leaks, judged) if leaks else (),
            previous=beside.previous,
        )
    )


@dataclass(frozen=True, slots=True)
class _Companions:
    """What was handed in beside the exports; None where it was not."""

    previous: PreviousReport | None
    exceptions: tuple[RiskAcceptance, ...] | None
    artifacts: tuple[Artifact, ...]


def _read_companions(settings: Settings) -> _Companions:
    previous = read_previous(settings.previous) if settings.previous else None
    if settings.exceptions is None:
        return _Companions(previous, None, (previous.artifact,) if previous else ())
    exceptions = read_accepted_risks(settings.exceptions)
    files = (accepted_risks_file(settings.exceptions),)
    return _Companions(previous, exceptions, (*((previous.artifact,) if previous else ()), *files))


def _judge_account(
    settings: Settings,
    account: Account,
    leaks: LeakScan | None,
    beside: _Companions,
    catalogue: Catalogue,
) -> AccountResult:
    graph = (
        escalation_graph(account)
        if ExportKind.AUTHORIZATION_DETAILS in account.available_exports
        else None
    )
    case = CheckInput(account, settings.limits, leaks, beside.previous, beside.exceptions, graph)
    results = run_checks(case, catalogue)
    accepted = accepted_by(beside.exceptions or (), results, account)
    scored = score(results, accepted, account.available_exports, catalogue)
    return AccountResult(account, results, accepted, scored, graph)


def _check_time(settings: Settings, evidence: Evidence) -> None:
    """Refuse a time before the evidence was made: every age would be wrong."""
    stated = [
        each.captured_at
        for each in evidence.artifacts
        if each.captured_at and each.captured_how.is_stated
    ]
    if settings.as_of and stated and settings.as_of.date() < max(stated).date():
        raise ConfigurationError(
            f"the evidence was made on {max(stated):%Y-%m-%d}, after that time",
            where="--as-of",
            remedy="Leave the option away to reckon from the evidence's own time",
        )


def _missing_accounts(
    beside: _Companions, accounts: tuple[Account, ...]
) -> Iterator[EvidenceError]:
    now = {account.id for account in accounts}
    for number in sorted(beside.previous.accounts - now if beside.previous else ()):
        yield EvidenceError(
            f"account {number} was in the last report, and nothing of it was handed in this time",
            remedy="Hand in its exports too; its findings are not closed",
        )


def _unread_repositories(leaks: LeakScan | None) -> Iterator[EvidenceError]:
    """One problem a repository of which something could not be read; its ledger has the rest."""
    for repository in leaks.repositories if leaks else ():
        if repository.gaps:
            first, *others = repository.gaps
            more = f", and {len(others)} more" if others else ""
            yield EvidenceError(
                f"could not be read: {first.what} ({first.reason}){more}", where=repository.path
            )


def _scan_leaks(settings: Settings, accounts: tuple[Account, ...]) -> LeakScan:
    known = frozenset[str]().union(*map(unique_ids, accounts))
    options = ScanOptions(decoys=settings.limits.decoy_accounts, unique_ids=known)
    return scan(settings.repositories, options)


def _assess(
    settings: Settings, leaks: LeakScan, judged: tuple[AccountResult, ...]
) -> tuple[LeakAssessment, ...]:
    accounts = {each.account.id: each.account for each in judged}
    graphs = {each.account.id: each.graph for each in judged if each.graph is not None}
    return assess_leaks(leaks, accounts, graphs, settings.limits)


def _leaks_by_account(leaks: LeakScan, accounts: tuple[Account, ...]) -> Mapping[str, LeakScan]:
    """By account: the credentials it answers for; the first one answers for those of none.

    Beside them stand the unique IDs that are the account's own.
    """
    numbers = [each.id for each in accounts]
    by_key = audit_scope({each.id: each for each in accounts}).by_key
    mine: dict[str, list[Credential]] = {number: [] for number in numbers}
    for each in leaks.credentials:
        lister = by_key.get(each.key_id or "")
        number = lister.id if lister else each.account
        mine[number if number in mine else numbers[0]].append(each)

    def share(account: Account) -> LeakScan:
        own = unique_ids(account)
        named = tuple(each for each in leaks.unique_ids if each.unique_id in own)
        return LeakScan(tuple(mine[account.id]), leaks.repositories, unique_ids=named)

    return {each.id: share(each) for each in accounts}
