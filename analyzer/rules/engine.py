"""In: an account and what else a check may read. Out: one Result for each rule of the catalogue.

A check is any public function of a file in `practices/`. It asks by parameter name for what it
reads: account, graph (who can escalate to what), limits, leaks, findings and unsettled (what the
checks before it found, and which rules of them could not be judged), previous (the last report),
accepted_risks, told_elsewhere (the ids of accepted risks that another account answers for), people
(whose user is whose, by the lists of people).
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from analyzer.config import Limits
from analyzer.evidence.accepted_risks import RiskAcceptance
from analyzer.evidence.artifacts import EvidenceDefect, Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.previous_report import PreviousReport
from analyzer.inventory.model import Account, is_identity_center_role
from analyzer.inventory.people import MatchedPeople
from analyzer.leaks.model import LeakScan
from analyzer.privesc.graph import EscalationGraph, escalation_graph
from analyzer.rules import practices
from analyzer.rules.carry_over import carry_over_findings, principals_in_doubt
from analyzer.rules.catalogue import Catalogue, CheckEntry, Input
from analyzer.rules.finding import Finding, Result, Status
from analyzer.rules.outcomes import Fail, Outcome, Unknown

Check = Callable[..., Iterator[Outcome]]

RIGHTS_UNJUDGED = "the rights of the account could not be judged: please report it"
_INCOMPLETE = "the export does not list everyone, so principals may be missing"


@dataclass(frozen=True, slots=True)
class CheckInput:
    """All that a check can ask for. What was not handed in is None; a missing graph is built."""

    account: Account
    limits: Limits = field(default_factory=Limits)
    leaks: LeakScan | None = None
    previous: PreviousReport | None = None
    accepted_risks: tuple[RiskAcceptance, ...] | None = None
    graph: EscalationGraph | None = None
    told_elsewhere: frozenset[str] = frozenset()
    people: MatchedPeople | None = None

    def holds(self, name: str) -> bool:
        """True if that input of the catalogue was handed in."""
        companions = {
            "repo_scan": self.leaks,
            "previous_run": self.previous,
            "exceptions": self.accepted_risks,
            "people": self.people,
        }
        if name in companions:
            return companions[name] is not None
        return name in self.account.available_exports


def checks_by_rule() -> Mapping[str, Check]:
    """Every check by its id: the name of its function with hyphens."""
    return {rule: _check_of(rule) for rule in _homes()}


def _check_of(rule: str) -> Check:
    check: Check = getattr(_homes()[rule], rule.replace("-", "_"))
    return check


@cache
def _homes() -> Mapping[str, ModuleType]:
    """The file of `practices/` in which each check is, found once a process."""
    modules = (each.name for each in iter_modules(practices.__path__, f"{practices.__name__}."))
    return {
        name.replace("_", "-"): module
        for module in map(import_module, modules)
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
    }


def run_checks(given: CheckInput, catalogue: Catalogue) -> tuple[Result, ...]:
    """The result of every rule, in the catalogue's order.

    Checks that ask for `findings` run last, on the findings of all others.
    """
    if given.graph is None:
        given = replace(given, graph=graph_of(given.account))
    checks = checks_by_rule()
    late = [name for name in checks if reads_findings(name)]
    results = {
        name: _run_check(entry, checks[name], catalogue, given, ((), frozenset()))
        for name, entry in catalogue.entries.items()
        if name not in late
    }
    found = tuple(finding for result in results.values() for finding in result.findings)
    unsettled = frozenset(name for name, result in results.items() if is_unsettled(result))
    before = found, unsettled | frozenset(late)
    for name in late:
        results[name] = _run_check(catalogue.entries[name], checks[name], catalogue, given, before)
    ordered = tuple(results[name] for name in catalogue.entries)
    return (
        carry_over_findings(ordered, given.account.id, given.previous)
        if given.previous
        else ordered
    )


def run_again(rule: str, given: CheckInput, catalogue: Catalogue) -> Result:
    """What one rule alone says, as under other thresholds; never one that asks for `findings`."""
    result = _run_check(
        catalogue.entries[rule], _check_of(rule), catalogue, given, ((), frozenset())
    )
    if given.previous is None:
        return result
    return carry_over_findings((result,), given.account.id, given.previous)[0]


def asks_for_limits(rule: str) -> bool:
    """True if the rule compares with thresholds, and needs none of the other rules' findings."""
    return "limits" in _parameters(_check_of(rule)) and not reads_findings(rule)


def reads_findings(rule: str) -> bool:
    """True if the rule judges what other rules found, so that it has to run after them."""
    return "findings" in _parameters(_check_of(rule))


def is_unsettled(result: Result) -> bool:
    """True where the rule was not judged, or not for everyone: more may be there than it found."""
    return result.status.is_open or result.unknown > 0


def _run_check(
    entry: CheckEntry,
    check: Check,
    catalogue: Catalogue,
    given: CheckInput,
    before: tuple[tuple[Finding, ...], frozenset[str]],
) -> Result:
    lacking = _missing_inputs(entry, given)
    if lacking:
        return _unjudged(entry, [catalogue.inputs[name] for name in lacking])
    offered = {
        "account": given.account,
        "limits": given.limits,
        "leaks": given.leaks,
        "findings": before[0],
        "unsettled": before[1],
        "told_elsewhere": given.told_elsewhere,
        "previous": given.previous,
        "accepted_risks": given.accepted_risks,
        "people": given.people,
        "graph": given.graph,
    }
    if "graph" in _parameters(check) and given.graph is None and _has_details(given.account):
        return Result(entry.id, Status.NOT_ASSESSED, reason=RIGHTS_UNJUDGED)
    outcomes = list(_outcomes(check(**{name: offered[name] for name in _parameters(check)})))
    result = _summarise(entry, given.account, outcomes)
    if result.status is not Status.NOT_ASSESSED:
        return result
    wanted = next(
        (each.inputs for each in outcomes if isinstance(each, Unknown) and each.inputs), ()
    )
    again = "; ".join(catalogue.inputs[name].command for name in wanted or entry.inputs[0])
    return replace(result, command=again)


def _unjudged(entry: CheckEntry, lacking: list[Input]) -> Result:
    """The result without these inputs: what nobody asked for is told apart from a gap."""
    on_request = [each for each in lacking if each.is_on_request]
    wanted = on_request or lacking
    what = " and ".join(each.what for each in wanted)
    return Result(
        entry.id,
        Status.NOT_REQUESTED if on_request else Status.NOT_ASSESSED,
        reason=f"needs {what}",
        command="; ".join(each.command for each in wanted),
    )


def graph_of(account: Account) -> EscalationGraph | None:
    """The escalation graph; None without the export of the policies, or where it breaks off.

    A fault in one account must cost neither the others nor the checks that need no policies.
    """
    if not _has_details(account):
        return None
    try:
        return escalation_graph(account)
    except Exception:  # noqa: BLE001 - see above; the checks and the audit say that it is missing
        return None


def _has_details(account: Account) -> bool:
    return ExportKind.AUTHORIZATION_DETAILS in account.available_exports


def _outcomes(members: Iterator[Outcome]) -> Iterator[Outcome]:
    """The outcomes until the check raises, which leaves the members after that unknown."""
    try:
        yield from members
    except Exception as fault:  # noqa: BLE001 - a fault in one check must not cost the others
        yield Unknown(f"the check broke off ({type(fault).__name__}): please report it")


def _parameters(check: Check) -> tuple[str, ...]:
    return tuple(inspect.signature(check).parameters)


def _missing_inputs(entry: CheckEntry, given: CheckInput) -> list[str]:
    """The inputs that the nearest alternative lacks; none where one alternative is complete."""
    gaps = [[name for name in needed if not given.holds(name)] for needed in entry.inputs]
    return min(gaps, key=len)


def _summarise(entry: CheckEntry, account: Account, outcomes: list[Outcome]) -> Result:
    """Fail if anyone fails; not assessed if anyone can't be judged; not applicable if no one is."""
    outcomes = _merge_same(outcomes)
    failed = [each for each in outcomes if isinstance(each, Fail)]
    unknown = [each for each in outcomes if isinstance(each, Unknown)]
    reason = _summarise_unknown(unknown, len(outcomes), account)
    is_incomplete = _rests_on_part(entry, account)
    if failed:
        status = Status.FAIL
        reason = reason or (_INCOMPLETE if is_incomplete else "")
    elif unknown:
        status = Status.NOT_ASSESSED
    elif is_incomplete:
        status, reason = Status.NOT_ASSESSED, _INCOMPLETE
    elif outcomes:
        status = Status.PASS
    else:
        status, reason = Status.NOT_APPLICABLE, "nothing in the account falls under this check"
    findings = (
        Finding(
            entry.id,
            account.id,
            each.resource,
            each.locations,
            each.facts,
            variant=_variant_of(each),
        )
        for each in failed
    )
    return Result(
        rule=entry.id,
        status=status,
        population=len(outcomes),
        failed=len(failed),
        # How many principals a cut export leaves out nobody knows; one at least.
        unknown=len(unknown) + is_incomplete,
        in_doubt=None if is_incomplete else principals_in_doubt(unknown, account),
        reason=reason,
        findings=tuple(sorted(findings, key=lambda each: (each.resource.arn, each.fingerprint))),
    )


def _variant_of(failing: Fail) -> str:
    """What the check says, and that IAM lets nobody change a role of Identity Center."""
    reserved = "identity-center" if is_identity_center_role(failing.resource.arn) else ""
    return "+".join(name for name in (failing.variant, reserved) if name)


def _merge_same(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes, failures on one resource as one, with all its places: they are one finding.

    Where one of them is a milder case, the other speaks.
    """
    merged: list[Outcome] = []
    failed: dict[str, int] = {}
    for each in outcomes:
        number = failed.get(each.resource.identity) if isinstance(each, Fail) else None
        if not isinstance(each, Fail) or number is None:
            if isinstance(each, Fail):
                failed[each.resource.identity] = len(merged)
            merged.append(each)
            continue
        first = merged[number]
        assert isinstance(first, Fail)  # noqa: S101 - only failures have a number
        where = tuple(dict.fromkeys((*first.locations, *each.locations)))
        worse = each if first.variant and not each.variant else first
        merged[number] = replace(worse, locations=where)
    return merged


def _summarise_unknown(unknown: list[Unknown], population: int, account: Account) -> str:
    if not unknown:
        return ""
    first = unknown[0]
    if population == 1:
        return first.reason
    location = first.location
    where = f"{_place(location, account)}: " if location else ""
    return f"{len(unknown)} of {population} can't be judged; the first: {where}{first.reason}"


def _place(location: Location, account: Account) -> str:
    """The file by the name that a reader knows it by, and the row or pointer in it."""
    files = (*account.artifacts, *account.other_artifacts)
    path = next((each.path for each in files if each.id == location.evidence), location.evidence)
    if location.row:
        return f"{path} row {location.row}"
    return f"{path} at {location.pointer}" if location.pointer else path


def _rests_on_part(entry: CheckEntry, account: Account) -> bool:
    """True where a pass would speak of principals that an export may not list."""
    partial: set[str] = set()
    if not account.report_is_complete:
        partial.add(ExportKind.CREDENTIAL_REPORT.value)
    if not account.details_are_complete:
        partial.add(ExportKind.AUTHORIZATION_DETAILS.value)
    partial |= {
        artifact.kind.value
        for artifact in account.artifacts
        if any(note.defect is EvidenceDefect.TRUNCATED for note in artifact.notes)
    }
    needed = {name for alternative in entry.inputs for name in alternative}
    return entry.is_scored and bool(needed & partial & account.available_exports)
