"""In: Settings. Out: the report document. The whole run on one page.

Evidence → accounts → leaks → checks and score, account by account → leaks joined to accounts →
the document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analyzer.companions import (
    Companions,
    companion_files,
    leave_out_newer,
    read_companions,
)
from analyzer.config import Settings
from analyzer.controls.frameworks import Framework, load_frameworks
from analyzer.controls.judgement import judge_controls
from analyzer.controls.mapping import MappedCheck, map_checks
from analyzer.errors import ConfigurationError, EvidenceError
from analyzer.evidence.accepted_risks import RiskAcceptance
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import Evidence, load_evidence
from analyzer.evidence.previous_report import PreviousReport
from analyzer.inventory.join import build_accounts
from analyzer.inventory.model import Account
from analyzer.inventory.people import match_people
from analyzer.inventory.unique_ids import unique_ids
from analyzer.leaks.key_id import DOCUMENTATION_ACCOUNTS
from analyzer.leaks.model import Credential, LeakScan
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.privesc.graph import EscalationGraph
from analyzer.proposals.account_proposals import propose_all
from analyzer.proposals.remotes import read_remotes
from analyzer.risk.account_match import audit_scope
from analyzer.risk.assessment import LeakAssessment, assess_leaks
from analyzer.rules.catalogue import Catalogue, load_catalogue
from analyzer.rules.engine import RIGHTS_UNJUDGED, CheckInput, graph_of, is_unsettled, run_checks
from analyzer.score import organization_score, score
from analyzer.writers.document.report import (
    AccountResult,
    AuditResult,
    Report,
    accepted_fingerprints,
    build_report,
)


def audit(settings: Settings) -> Report:
    """Read, join, scan, judge, score, and report.

    What could not be read is listed under `problems` in the report, and the rest goes on. Raises
    EvidenceError where no account at all could be judged, and ConfigurationError where `as_of`
    lies before the evidence was made.
    """
    standards = _load_standards()
    companions = read_companions(settings, standards.catalogue)
    evidence = load_evidence(settings.inputs, settings.date_order)
    accounts, unjoined = build_accounts(evidence, settings.as_of)
    problems = (*evidence.problems, *unjoined)
    if not accounts:
        raise EvidenceError(
            "; ".join(str(each) for each in problems) or "no export of any account was found",
            remedy="`credaudit collect` writes the script that makes the exports",
        )
    _check_time(settings, evidence)
    companions = leave_out_newer(companions, max(each.as_of for each in accounts))
    leaks = _scan_leaks(settings, accounts) if settings.repositories else None
    leaks_of = _leaks_by_account(leaks, accounts) if leaks else {}
    results = _judge_all(settings, accounts, leaks_of, companions, standards)
    assessments = _assess(settings, leaks, results) if leaks else ()
    remotes = read_remotes(settings.repositories)
    return build_report(
        AuditResult(
            settings=settings,
            catalogue=standards.catalogue,
            accounts=results,
            total=organization_score([each.score for each in results]),
            artifacts=(*evidence.artifacts, *companion_files(companions, accounts)),
            problems=(
                *problems,
                *companions.problems,
                *_missing_accounts(companions.previous, accounts),
                *_unread_repositories(leaks),
                *_unjudged_rights(results),
            ),
            leaks=leaks,
            assessments=assessments,
            proposals={
                each.account.id: propose_all(
                    each.graph.authorizer, settings.limits, assessments, each.results, remotes
                )
                for each in results
                if each.graph is not None
            },
            earlier=companions.earlier,
            frameworks=standards.frameworks,
            mapping=standards.mapping,
        )
    )


@dataclass(frozen=True, slots=True)
class _Standards:
    """By what accounts are judged: the checks, and the frameworks with the checks behind each."""

    catalogue: Catalogue
    frameworks: Mapping[str, Framework]
    mapping: Mapping[tuple[str, str], tuple[MappedCheck, ...]]


def _load_standards() -> _Standards:
    catalogue, frameworks = load_catalogue(), load_frameworks()
    return _Standards(catalogue, frameworks, map_checks(frameworks, catalogue))


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


def _scan_leaks(settings: Settings, accounts: tuple[Account, ...]) -> LeakScan:
    """One scan for all accounts, which also looks for their unique IDs."""
    known = frozenset[str]().union(*map(unique_ids, accounts))
    options = ScanOptions(
        decoys=settings.limits.decoy_accounts,
        # Whoever hands in the exports of an account has it, whatever its number.
        examples=DOCUMENTATION_ACCOUNTS.difference(account.id for account in accounts),
        unique_ids=known,
    )
    return scan(settings.repositories, options)


def _leaks_by_account(leaks: LeakScan, accounts: tuple[Account, ...]) -> Mapping[str, LeakScan]:
    """For each account the credentials it answers for, and the sightings of its own unique IDs.

    The first account answers for the credentials of none.
    """
    numbers = [each.id for each in accounts]
    by_key = audit_scope({each.id: each for each in accounts}).by_key
    credentials: dict[str, list[Credential]] = {number: [] for number in numbers}
    for each in leaks.credentials:
        lister = by_key.get(each.key_id or "")
        number = lister.id if lister else each.account
        credentials[number if number in credentials else numbers[0]].append(each)

    def leaks_of(account: Account) -> LeakScan:
        own = unique_ids(account)
        sightings = tuple(each for each in leaks.unique_ids if each.unique_id in own)
        return LeakScan(tuple(credentials[account.id]), leaks.repositories, unique_ids=sightings)

    return {each.id: leaks_of(each) for each in accounts}


def _judge_all(
    settings: Settings,
    accounts: tuple[Account, ...],
    leaks_of: Mapping[str, LeakScan],
    companions: Companions,
    standards: _Standards,
) -> tuple[AccountResult, ...]:
    """Every account. An accepted risk that any of them needs is not called needless in another.

    What is wrong with one that none of them needs is said of the first.
    """

    def judged(
        account: Account, graph: EscalationGraph | None, told: frozenset[str]
    ) -> AccountResult:
        given = CheckInput(
            account,
            settings.limits,
            leaks_of.get(account.id),
            companions.previous,
            companions.accepted_risks,
            graph,
            told,
            match_people(companions.people, account) if companions.people else None,
        )
        return _judge_account(given, standards)

    first = tuple(judged(each, graph_of(each), frozenset()) for each in accounts)
    everywhere = [each for each in companions.accepted_risks or () if not each.only_account]
    if not everywhere or len(accounts) == 1:
        return first
    told = _told_elsewhere(everywhere, first)
    return tuple(
        judged(each.account, each.graph, ids) if ids else each
        for each, ids in zip(first, told, strict=True)
    )


def _told_elsewhere(
    risks: list[RiskAcceptance], results: tuple[AccountResult, ...]
) -> Iterator[frozenset[str]]:
    """For each account the ids of the risks for which another one answers.

    That is one that needs them, or may need them where its rule was not judged; else the first.
    """
    needed = [_covering(risks, each) for each in results]
    doubtful = [_undecided(risks, each) - ids for each, ids in zip(results, needed, strict=True)]
    needless = frozenset(each.id for each in risks).difference(*needed, *doubtful)
    for number in range(len(results)):
        others = [each for index, each in enumerate(needed) if index != number]
        possible = frozenset[str]().union(*doubtful) - doubtful[number]
        yield possible.union(*others, needless if number else ()) - needed[number]


def _covering(risks: list[RiskAcceptance], result: AccountResult) -> frozenset[str]:
    """The ids of those that cover a finding of the account."""
    found = [(each.rule, each.resource.arn) for one in result.results for each in one.findings]
    return frozenset(
        each.id
        for each in risks
        if any(each.covers(rule, result.account.id, arn) for rule, arn in found)
    )


def _undecided(risks: list[RiskAcceptance], result: AccountResult) -> frozenset[str]:
    """The ids of those whose rule was not judged in the account, or not for everyone."""
    unsettled = {each.rule for each in result.results if is_unsettled(each)}
    return frozenset(each.id for each in risks if each.rule in unsettled)


def _unjudged_rights(results: tuple[AccountResult, ...]) -> Iterator[EvidenceError]:
    """One problem for each account with policies whose rights could not be judged."""
    for each in results:
        has_policies = ExportKind.AUTHORIZATION_DETAILS in each.account.available_exports
        if has_policies and each.graph is None:
            yield EvidenceError(RIGHTS_UNJUDGED, where=f"account {each.account.id}")


def _judge_account(given: CheckInput, standards: _Standards) -> AccountResult:
    """One account through every check, its score, and its controls."""
    account, catalogue = given.account, standards.catalogue
    results = run_checks(given, catalogue)
    accepted = accepted_fingerprints(given.accepted_risks or (), results, account)
    scored = score(results, accepted, account.available_exports, catalogue)
    frameworks, mapping = standards.frameworks, standards.mapping
    controls = judge_controls(frameworks, mapping, given, results, catalogue)
    return AccountResult(account, results, accepted, scored, given.graph, controls, given.people)


def _assess(
    settings: Settings, leaks: LeakScan, results: tuple[AccountResult, ...]
) -> tuple[LeakAssessment, ...]:
    """Every leaked credential joined to whichever account it belongs to."""
    accounts = {each.account.id: each.account for each in results}
    graphs = {each.account.id: each.graph for each in results if each.graph is not None}
    return assess_leaks(leaks, accounts, graphs, settings.limits)


def _missing_accounts(
    previous: PreviousReport | None, accounts: tuple[Account, ...]
) -> Iterator[EvidenceError]:
    """One problem for each account of the last report of which nothing was handed in."""
    now = {account.id for account in accounts}
    for number in sorted(previous.accounts - now if previous else ()):
        yield EvidenceError(
            f"account {number} was in the last report, and nothing of it was handed in this time",
            remedy="Hand in its exports too; its findings are not closed",
        )


def _unread_repositories(leaks: LeakScan | None) -> Iterator[EvidenceError]:
    """One problem for each repository that could not be read wholly; its coverage has the rest."""
    for repository in leaks.repositories if leaks else ():
        if repository.gaps:
            first, *others = repository.gaps
            more = f", and {len(others)} more" if others else ""
            yield EvidenceError(
                f"could not be read: {first.what} ({first.reason}){more}", where=repository.path
            )
