"""In: everything that a run found. Out: the report document, in the shape of credaudit-report/1.

Every format is drawn from this one document, so no two of them can say different things.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from analyzer import __version__
from analyzer.config import Limits, Settings
from analyzer.controls.frameworks import Framework
from analyzer.controls.judgement import ControlResult, judge_organization
from analyzer.errors import EvidenceError
from analyzer.evidence.accepted_risks import RiskAcceptance
from analyzer.evidence.artifacts import Artifact
from analyzer.evidence.previous_report import SCHEMA, PreviousReport
from analyzer.inventory.model import Account
from analyzer.inventory.people import MatchedPeople
from analyzer.leaks.model import LeakScan
from analyzer.privesc.graph import EscalationGraph
from analyzer.proposals.account_proposals import AccountProposals
from analyzer.risk.assessment import LeakAssessment
from analyzer.rules.catalogue import Catalogue, fill_command, fill_sentence
from analyzer.rules.finding import Finding, Result, Status
from analyzer.rules.outcomes import REMEDY
from analyzer.rules.severity import Severity
from analyzer.score import FORMULA, Score
from analyzer.writers.document.controls import (
    CheckMapping,
    broken_controls,
    control_rows,
    findings_by_control,
    framework_dict,
)
from analyzer.writers.document.history import add_history
from analyzer.writers.document.leaked_credentials import keys_not_seen, leaks_by_severity
from analyzer.writers.document.parts import (
    WITHDRAWN,
    artifact_dict,
    coverage_dict,
    iso_utc,
    location_dict,
    suppression_dict,
)
from analyzer.writers.document.population import population_tables
from analyzer.writers.document.privileged import actions_table_date, privileged_section
from analyzer.writers.document.proposed import proposals_section

Report = dict[str, Any]
"""A document that the schema in `report.schema.json` accepts."""

SCORED_STATUSES = tuple(each for each in Status if each is not Status.ACCEPTED)
"""What a check can be before anybody accepts its findings."""


@dataclass(frozen=True, slots=True)
class AccountResult:
    """One account with its results, its accepted findings by fingerprint, score and graph.

    `graph` is None where the export that holds the policies was not handed in, `people` where no
    list of people was. `controls` are the results of all controls of all frameworks.
    """

    account: Account
    results: tuple[Result, ...]
    accepted: frozenset[str]
    score: Score
    graph: EscalationGraph | None
    controls: tuple[ControlResult, ...] = ()
    people: MatchedPeople | None = None


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Everything that one audit read, judged and scored."""

    settings: Settings
    catalogue: Catalogue
    accounts: tuple[AccountResult, ...]
    total: Score
    artifacts: tuple[Artifact, ...] = ()
    problems: tuple[EvidenceError, ...] = ()
    leaks: LeakScan | None = None
    assessments: tuple[LeakAssessment, ...] = ()
    earlier: tuple[PreviousReport, ...] = ()
    frameworks: Mapping[str, Framework] = field(default_factory=dict)
    mapping: CheckMapping = field(default_factory=dict)
    proposals: Mapping[str, AccountProposals] = field(default_factory=dict)

    def remedies(self, account: str) -> Mapping[str, str]:
        """The policies that what was used would leave, by the fingerprint of a finding."""
        proposed = self.proposals.get(account)
        return proposed.remedies if proposed else {}


def build_report(run: AuditResult) -> Report:
    """The whole report. The same run gives the same document, to the byte."""
    results, catalogue, leaks = run.accounts, run.catalogue, run.leaks
    as_of = max((each.account.as_of for each in results), default=run.settings.as_of)
    findings = sorted(
        (finding for each in results for finding in _findings(each, run)),
        key=_sort_key,
    )
    _add_related(findings)
    report = {
        "schema": SCHEMA,
        "tool": {
            "name": "credaudit",
            "version": __version__,
            "catalogue": catalogue.version,
            "actions_dated": actions_table_date(each.graph for each in results),
            "formula": FORMULA.name,
            "profile": run.settings.profile.value,
            "limits": _limits(run.settings.limits),
            "frameworks": list(run.settings.frameworks),
        },
        "as_of": iso_utc(as_of) if as_of else None,
        "score": _score(run.total),
        "evidence": [artifact_dict(each) for each in run.artifacts],
        "accounts": [_account(each, leaks) for each in results],
        "findings": findings,
        "frameworks": [
            framework_dict(each, run.mapping, catalogue, run.settings.limits)
            for each in run.frameworks.values()
        ],
        "controls": list(_controls(run, frozenset(each["fingerprint"] for each in findings))),
        "proposals": proposals_section(
            [(each.account, run.proposals.get(each.account.id)) for each in results]
        ),
        "credentials": leaks_by_severity(run.assessments),
        "suppressions": [suppression_dict(each) for each in leaks.suppressions] if leaks else [],
        "coverage": {
            "repositories": [coverage_dict(each) for each in leaks.repositories] if leaks else [],
            "evidence_gaps": [
                gap for each in results for gap in _unjudged(each, Status.NOT_ASSESSED)
            ],
            "not_requested": [
                gap for each in results for gap in _unjudged(each, Status.NOT_REQUESTED)
            ],
        },
        "problems": [
            {"where": each.where, "what": each.what, "remedy": each.remedy} for each in run.problems
        ],
    }
    add_history(report, run.earlier, catalogue)
    return report


def accepted_fingerprints(
    acceptances: Sequence[RiskAcceptance], results: Sequence[Result], account: Account
) -> frozenset[str]:
    """The fingerprints of the findings that an accepted risk in force covers."""
    valid = [each for each in acceptances if not each.invalid_reason(account.as_of)]
    return frozenset(
        finding.fingerprint
        for result in results
        for finding in result.findings
        if any(each.covers(finding.rule, account.id, finding.resource.arn) for each in valid)
    )


def _limits(limits: Limits) -> dict[str, Any]:
    """Every threshold by its name; sets as sorted lists."""
    return {
        name: sorted(value) if isinstance(value, (tuple, frozenset)) else value
        for name, value in asdict(limits).items()
    }


def _findings(account_result: AccountResult, run: AuditResult) -> Iterator[dict[str, Any]]:
    catalogue = run.catalogue
    remedies = run.remedies(account_result.account.id)
    breaches = findings_by_control(account_result.controls)
    for result in account_result.results:
        for finding in result.findings:
            entry = catalogue.entry_of(result.rule, finding.variant)
            facts = finding.facts
            accepted = finding.fingerprint in account_result.accepted
            yield {
                "fingerprint": finding.fingerprint,
                "rule": entry.id,
                "variant": finding.variant or None,
                "practice": entry.practice.value,
                "severity": entry.severity.value,
                "confidence": entry.confidence.value,
                "account": finding.account,
                "resource": finding.resource.arn,
                "title": entry.title,
                "observed": _observed(finding, entry.observed),
                "expected": _fill(finding, entry.expected),
                "places": [location_dict(each) for each in finding.locations],
                "fix": {
                    "text": _fill(finding, entry.fix),
                    "commands": []
                    if finding.withdrawn
                    else [fill_command(each, facts) for each in entry.commands],
                    "policy": facts.get(REMEDY) or remedies.get(finding.fingerprint),
                },
                "controls": broken_controls(finding, entry.controls, breaches),
                "status": "accepted" if accepted else "open",
                "related": [],
            }


def _controls(run: AuditResult, reported: frozenset[str]) -> Iterator[dict[str, Any]]:
    """The results of each account, and where there are several, of all of them together."""
    accounts = [each.controls for each in run.accounts]
    for each in (*accounts, *([judge_organization(accounts)] if len(accounts) > 1 else [])):
        yield from control_rows(each, run.catalogue, reported)


def _observed(finding: Finding, template: str) -> str:
    return WITHDRAWN if finding.withdrawn else fill_sentence(template, finding.facts)


def _fill(finding: Finding, template: str) -> str:
    """The sentence with its facts; a finding carried over from the last report has none."""
    if finding.withdrawn and "{" in template:
        return "see the earlier report"
    return fill_sentence(template, finding.facts)


def _sort_key(finding: Mapping[str, Any]) -> tuple[int, str, str, str, str]:
    severities = [each.value for each in Severity]
    return (
        severities.index(finding["severity"]),
        finding["account"],
        finding["rule"],
        finding["resource"],
        finding["fingerprint"],
    )


def _add_related(findings: Sequence[dict[str, Any]]) -> None:
    """Names, for each finding on a principal, the other findings on it."""
    by_resource: dict[str, list[str]] = defaultdict(list)
    for each in findings:
        by_resource[each["resource"]].append(each["fingerprint"])
    for each in findings:
        if not each["resource"].endswith(":root"):
            others = by_resource[each["resource"]]
            each["related"] = [name for name in others if name != each["fingerprint"]]


def _score(score: Score) -> dict[str, Any]:
    return {
        "value": score.value,
        "grade": score.grade.value,
        "coverage": score.coverage,
        "gross": score.gross,
        "net": score.net,
        "accepted": score.accepted,
        "checks": {each.value: score.checks.get(each, 0) for each in SCORED_STATUSES},
        "caps": [{"limit": each.limit, "reason": each.reason} for each in score.caps],
        "ledger": [
            {
                "rule": each.rule,
                "practice": each.practice.value,
                "severity": each.severity.value,
                "failed": each.failed,
                "accepted": each.accepted,
                "deduction": each.tenths / 10,
            }
            for each in score.ledger
        ],
    }


def _account(account_result: AccountResult, leaks: LeakScan | None) -> dict[str, Any]:
    account = account_result.account
    tables = population_tables(account, account_result.people)
    return {
        "id": account.id,
        "alias": account.alias,
        "partition": account.partition,
        "as_of": iso_utc(account.as_of),
        "as_of_stated": account.as_of_is_stated,
        "score": _score(account_result.score),
        "practices": [
            {
                "id": each.practice.value,
                "score": None if each.tenths is None else each.tenths / 10,
                "weight": each.weight,
                "status": "not-assessed" if each.tenths is None else "rated",
            }
            for each in account_result.score.practices
        ],
        "rules": [_rule(each, account_result.accepted) for each in account_result.results],
        "privileged": privileged_section(account_result.graph),
        "keys_not_seen": keys_not_seen(account, leaks),
        "population": {name: table.to_dict("records") for name, table in tables.items()},
    }


def _rule(result: Result, accepted: frozenset[str]) -> dict[str, Any]:
    taken = all(each.fingerprint in accepted for each in result.findings)
    status = Status.ACCEPTED if result.findings and taken else result.status
    return {
        "id": result.rule,
        "status": status.value,
        "population": result.population,
        "failed": result.failed,
        "unknown": result.unknown,
        "reason": result.reason,
        "command": result.command,
    }


def _unjudged(account_result: AccountResult, status: Status) -> Iterator[dict[str, Any]]:
    """Every check of that status, with what it needs."""
    for result in account_result.results:
        if result.status is status:
            yield {
                "account": account_result.account.id,
                "rule": result.rule,
                "needs": result.reason,
                "command": result.command,
            }
