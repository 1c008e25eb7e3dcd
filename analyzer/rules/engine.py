"""In: an account and what else a check may read. Out: one Result for each rule of the catalogue.

A check is any public function of a file in `practices/`. It asks by parameter name for what it
reads: account, reach (how far everyone gets), limits, leaks, findings (of the checks before it),
previous, exceptions.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType

from analyzer.config import Limits
from analyzer.evidence.accepted_risks import RiskAcceptance
from analyzer.evidence.artifacts import EvidenceDefect
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.previous_report import PreviousReport
from analyzer.inventory.model import Account
from analyzer.leaks.model import LeakScan
from analyzer.privesc.graph import EscalationGraph, escalation_graph
from analyzer.rules.carry_over import carry_over_findings
from analyzer.rules.catalogue import Catalogue, CheckEntry
from analyzer.rules.finding import Finding, Result, Status
from analyzer.rules.outcomes import Fail, Outcome, Unknown
from analyzer.rules.practices import (
    access_keys,
    evidence_quality,
    groups,
    identities,
    leaked_keys,
    least_privilege,
    mfa,
    mfa_guards,
    passwords,
    policy_statements,
    privileges,
    reviews,
    roles,
    trust_policies,
)

Check = Callable[..., Iterator[Outcome]]

_PRACTICES: tuple[ModuleType, ...] = (
    mfa, mfa_guards, privileges, policy_statements, least_privilege, access_keys, leaked_keys,
    roles, trust_policies, groups, passwords, reviews, evidence_quality, identities,
)  # fmt: skip
NOT_BUILT = "not built yet"
_CUT = "the export does not list everyone, so principals may be missing"


@dataclass(frozen=True, slots=True)
class CheckInput:
    """All that checks may ask for. What was not handed in is None; `reach` is worked out then."""

    account: Account
    limits: Limits = field(default_factory=Limits)
    leaks: LeakScan | None = None
    previous: PreviousReport | None = None
    exceptions: tuple[RiskAcceptance, ...] | None = None
    graph: EscalationGraph | None = None

    def holds(self, name: str) -> bool:
        """True if that input of the catalogue was handed in."""
        beside = {
            "repo_scan": self.leaks,
            "previous_run": self.previous,
            "exceptions": self.exceptions,
        }
        if name in beside:
            return beside[name] is not None
        return name in self.account.available_exports


def checks_by_rule() -> Mapping[str, Check]:
    """Every check by its id: the name of its function with hyphens."""
    return {
        name.replace("_", "-"): function
        for module in _PRACTICES
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
    }


def run_checks(case: CheckInput, catalogue: Catalogue) -> tuple[Result, ...]:
    """The result of every rule, in the catalogue's order.

    Checks that ask for `findings` run last, on the findings of all others.
    """
    if case.graph is None and ExportKind.AUTHORIZATION_DETAILS in case.account.available_exports:
        case = replace(case, graph=escalation_graph(case.account))
    built = checks_by_rule()
    late = [name for name, check in built.items() if "findings" in _parameters(check)]
    results = {
        name: _result(entry, built.get(name), catalogue, case, ())
        for name, entry in catalogue.entries.items()
        if name not in late
    }
    found = tuple(finding for result in results.values() for finding in result.findings)
    for name in late:
        results[name] = _result(catalogue.entries[name], built[name], catalogue, case, found)
    ordered = tuple(results[name] for name in catalogue.entries)
    return (
        carry_over_findings(ordered, case.account.id, case.previous) if case.previous else ordered
    )


def _result(
    entry: CheckEntry,
    check: Check | None,
    catalogue: Catalogue,
    case: CheckInput,
    findings: tuple[Finding, ...],
) -> Result:
    if check is None:
        return Result(entry.id, Status.NOT_ASSESSED, reason=NOT_BUILT)
    lacking = _missing_inputs(entry, case)
    if lacking:
        what = " and ".join(catalogue.inputs[name].what for name in lacking)
        command = "; ".join(catalogue.inputs[name].command for name in lacking)
        return Result(entry.id, Status.NOT_ASSESSED, reason=f"needs {what}", command=command)
    offered = {
        "account": case.account,
        "limits": case.limits,
        "leaks": case.leaks,
        "findings": findings,
        "previous": case.previous,
        "exceptions": case.exceptions,
        "graph": case.graph,
    }
    outcomes = list(check(**{name: offered[name] for name in _parameters(check)}))
    result = _summarise(entry, case.account, outcomes)
    if result.status is not Status.NOT_ASSESSED:
        return result
    again = "; ".join(catalogue.inputs[name].command for name in entry.inputs[0])
    return replace(result, command=again)


def _parameters(check: Check) -> tuple[str, ...]:
    return tuple(inspect.signature(check).parameters)


def _missing_inputs(entry: CheckEntry, case: CheckInput) -> list[str]:
    """The inputs that the nearest alternative lacks; none where one alternative is complete."""
    gaps = [[name for name in needed if not case.holds(name)] for needed in entry.inputs]
    return min(gaps, key=len)


def _summarise(entry: CheckEntry, account: Account, outcomes: list[Outcome]) -> Result:
    """Fail if anyone fails; not assessed if anyone can't be judged; not applicable if no one is."""
    failed = [each for each in outcomes if isinstance(each, Fail)]
    unknown = [each for each in outcomes if isinstance(each, Unknown)]
    reason = _unknown_result(unknown, len(outcomes))
    is_cut = _rests_on_part(entry, account)
    if failed:
        status = Status.FAIL
        reason = reason or (_CUT if is_cut else "")
    elif unknown:
        status = Status.NOT_ASSESSED
    elif is_cut:
        status, reason = Status.NOT_ASSESSED, _CUT
    elif outcomes:
        status = Status.PASS
    else:
        status, reason = Status.NOT_APPLICABLE, "nothing in the account falls under this check"
    findings = (
        Finding(entry.id, account.id, each.resource, each.locations, each.facts) for each in failed
    )
    return Result(
        rule=entry.id,
        status=status,
        population=len(outcomes),
        failed=len(failed),
        # How many principals a cut export leaves out nobody knows; one at least.
        unknown=len(unknown) + is_cut,
        reason=reason,
        findings=tuple(sorted(findings, key=lambda each: (each.resource.arn, each.fingerprint))),
    )


def _unknown_result(unknown: list[Unknown], population: int) -> str:
    if not unknown:
        return ""
    first = unknown[0]
    if population == 1:
        return first.reason
    location = first.location
    where = (
        f"{location.evidence}{f' row {location.row}' if location.row else ''}: " if location else ""
    )
    return f"{len(unknown)} of {population} can't be judged; the first: {where}{first.reason}"


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
