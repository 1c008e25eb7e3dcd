"""In: Settings. Out: the report. The whole run on one page: six stages, six calls."""

from analyzer.config import Settings
from analyzer.errors import EvidenceError
from analyzer.evidence.exceptions import read_exceptions
from analyzer.evidence.previous import read_previous
from analyzer.evidence.reading import read
from analyzer.identity import Account
from analyzer.inventory.joining import accounts_in
from analyzer.leaks.credentials import LeakScan
from analyzer.leaks.scan import scan
from analyzer.rules.catalogue import Catalogue, load
from analyzer.rules.run import Case, judge
from analyzer.score import organization, score
from analyzer.writers.contents import Judged, Report, Run, accepted_by, contents


def audit(settings: Settings) -> Report:
    """Read, join, scan, judge, score, and say so.

    Raises EvidenceError where nothing at all could be judged; what could not be read of the rest
    stands under `problems` in the report.
    """
    catalogue = load()
    evidence = read(settings.inputs, settings.date_order)
    accounts, unjoined = accounts_in(evidence, settings.as_of)
    problems = (*evidence.problems, *unjoined)
    if not accounts:
        raise EvidenceError(
            "; ".join(str(each) for each in problems) or "no export of any account was found",
            way_out="`credaudit collect` writes the script that makes the exports",
        )
    leaks = scan(settings.repositories) if settings.repositories else None
    judged = tuple(
        _judged(settings, account, _share(leaks, account, accounts), catalogue)
        for account in accounts
    )
    return contents(
        Run(
            settings=settings,
            catalogue=catalogue,
            judged=judged,
            total=organization([each.score for each in judged]),
            artifacts=evidence.artifacts,
            problems=problems,
            leaks=leaks,
            previous=read_previous(settings.previous) if settings.previous else None,
        )
    )


def _judged(
    settings: Settings, account: Account, leaks: LeakScan | None, catalogue: Catalogue
) -> Judged:
    exceptions = read_exceptions(settings.exceptions) if settings.exceptions else None
    case = Case(
        account=account,
        limits=settings.limits,
        leaks=leaks,
        previous=read_previous(settings.previous) if settings.previous else None,
        exceptions=exceptions,
    )
    results = judge(case, catalogue)
    accepted = accepted_by(exceptions or (), results, account)
    return Judged(account, results, accepted, score(results, accepted, account.present, catalogue))


def _share(
    leaks: LeakScan | None, account: Account, accounts: tuple[Account, ...]
) -> LeakScan | None:
    """The credentials that this account answers for; the first one answers for those of none."""
    if leaks is None:
        return None
    others = {each.id for each in accounts if each.id != account.id}
    is_first = account is accounts[0]
    mine = tuple(
        each
        for each in leaks.credentials
        if each.account == account.id or (is_first and each.account not in others)
    )
    return LeakScan(mine, leaks.repositories)
