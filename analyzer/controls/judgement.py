"""In: an account's results and what they were judged on. Out: the result of every control.

A control is judged by its own thresholds, whatever those of the run: where they differ, the checks
behind it are asked again, and only these. What a control leaves to the organization, such as "a set
number of days", is judged by the run's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from analyzer.config import Limits
from analyzer.controls.frameworks import Control, Coverage, Framework
from analyzer.controls.mapping import MappedCheck, coverage_of
from analyzer.rules.catalogue import Catalogue
from analyzer.rules.engine import CheckInput, asks_for_limits, is_unsettled, run_again
from analyzer.rules.finding import Finding, Result, Status

DISQUALIFYING = frozenset(
    {"evidence-account-mismatch", "evidence-truncated", "report-missing-root-row"}
)
"""Doubts about a file after which nothing passes on its word; others are said beside a pass."""


class ControlStatus(StrEnum):
    """The result of one control. PARTLY: nothing that was tested breaks it, and not all was."""

    PASS = "pass"  # noqa: S105 - a result, not a password
    FAIL = "fail"
    NOT_ASSESSED = "not-assessed"
    PARTLY = "partly"
    NOT_COVERED = "not-covered"


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """One check behind a control, judged by the control's thresholds.

    `findings` are those that break the control; `accepted` holds the fingerprints of those among
    them that a risk acceptance in force covers. `status` is the control's: a check that fails for
    other controls alone passes here.
    """

    mapped: MappedCheck
    status: Status
    population: int
    unknown: int
    findings: tuple[Finding, ...]
    accepted: frozenset[str]
    reason: str

    @property
    def failed(self) -> int:
        """How many members break the control."""
        return len(self.findings)


@dataclass(frozen=True, slots=True)
class ControlResult:
    """What one account, or the organization where `account` is None, has to show for a control.

    `evidence` are the ids of the files that the checks read, `doubts` what the checks of the
    evidence found in them.
    """

    control: Control
    account: str | None
    status: ControlStatus
    coverage: Coverage
    checks: tuple[CheckAnswer, ...] = ()
    evidence: tuple[str, ...] = ()
    doubts: tuple[Finding, ...] = ()

    @property
    def population(self) -> int:
        """How many members the checks looked at, one that two of them look at counted twice."""
        return sum(each.population for each in self.checks)

    @property
    def failed(self) -> int:
        """How many of them break the control, counted alike."""
        return sum(each.failed for each in self.checks)

    @property
    def accepted(self) -> int:
        """How many of those that break it somebody has accepted."""
        return sum(len(each.accepted) for each in self.checks)

    @property
    def reason(self) -> str:
        """Why it was not assessed; "" for any other result."""
        if self.status is not ControlStatus.NOT_ASSESSED:
            return ""
        told = (each.reason for each in self.checks if _is_open(each) and each.reason)
        unasked = (each.reason for each in self.checks if each.status is Status.NOT_REQUESTED)
        return next(told, None) or next(unasked, "the evidence is not fit to rely on")


def judge_controls(
    frameworks: Mapping[str, Framework],
    mapping: Mapping[tuple[str, str], tuple[MappedCheck, ...]],
    given: CheckInput,
    results: Iterable[Result],
    catalogue: Catalogue,
) -> tuple[ControlResult, ...]:
    """Every control of every framework, for one account; `results` are those of the run.

    Fails if a check behind it finds what breaks it, accepted or not; not assessed if one could not
    be judged, or not for everyone, or a file that it rests on is disqualified, or nobody asked for
    any of them. Otherwise it passes, or is partly covered where the checks are only a part of what
    it asks for, or nobody asked for one of them.
    """
    asked = _Answers(given, {each.rule: each for each in results}, catalogue)
    return tuple(
        _judge_control(control, mapping[framework.id, control.id], asked)
        for framework in frameworks.values()
        for control in framework.controls.values()
    )


def judge_organization(accounts: Iterable[tuple[ControlResult, ...]]) -> tuple[ControlResult, ...]:
    """Each control over all accounts: the worst of their results, their checks added up."""
    return tuple(_add_up(of_all) for of_all in zip(*accounts, strict=True))


@dataclass(frozen=True, slots=True)
class _Answers:
    """The results of the run, and those under other thresholds, each asked for once."""

    given: CheckInput
    results: Mapping[str, Result]
    catalogue: Catalogue
    again: dict[tuple[str, Limits], Result] = field(default_factory=dict)

    def under(self, rule: str, limits: Mapping[str, Any]) -> Result:
        """The rule's result by these thresholds, the run's for those that are not named."""
        own = replace(self.given.limits, **limits)
        if own == self.given.limits or not asks_for_limits(rule):
            return self.results[rule]
        if (rule, own) not in self.again:
            self.again[rule, own] = run_again(rule, replace(self.given, limits=own), self.catalogue)
        return self.again[rule, own]

    def accepted(self, findings: Iterable[Finding]) -> frozenset[str]:
        """The fingerprints of those that somebody has accepted."""
        account = self.given.account
        risks = self.given.accepted_risks or ()
        valid = [each for each in risks if not each.invalid_reason(account.as_of)]
        if not valid:
            return frozenset()
        return frozenset(
            each.fingerprint
            for each in findings
            if any(risk.covers(each.rule, account.id, each.resource.arn) for risk in valid)
        )

    def doubts(self, evidence: frozenset[str]) -> Iterator[Finding]:
        """What the checks of the evidence say of these files."""
        for rule, result in self.results.items():
            if self.catalogue.entries[rule].kind == "data-quality":
                for each in result.findings:
                    places = {getattr(place, "evidence", None) for place in each.locations}
                    if places & evidence:
                        yield each


def _judge_control(
    control: Control, mapped: tuple[MappedCheck, ...], asked: _Answers
) -> ControlResult:
    coverage = coverage_of(control, mapped)
    number = asked.given.account.id
    if coverage is Coverage.NOT_COVERED:
        return ControlResult(control, number, ControlStatus.NOT_COVERED, coverage)
    checks = tuple(_test(each, control, asked) for each in mapped)
    evidence = tuple(_evidence(checks, asked))
    doubts = tuple(asked.doubts(frozenset(evidence)))
    return ControlResult(
        control, number, _status(checks, coverage, doubts), coverage, checks, evidence, doubts
    )


def _test(mapped: MappedCheck, control: Control, asked: _Answers) -> CheckAnswer:
    result = asked.under(mapped.rule, control.limits)
    # Thousands of findings have a handful of variants.
    variants = {each.variant for each in result.findings}
    counted = {each for each in variants if mapped.counts(asked.catalogue, each)}
    findings = tuple(each for each in result.findings if each.variant in counted)
    status = result.status
    if status is Status.FAIL and not findings:
        status = Status.NOT_ASSESSED if result.unknown else Status.PASS
    return CheckAnswer(
        mapped=mapped,
        status=status,
        population=result.population,
        unknown=result.unknown or int(is_unsettled(result)),
        findings=findings,
        accepted=asked.accepted(findings),
        reason=result.reason,
    )


def _is_open(check: CheckAnswer) -> bool:
    is_asked = check.status is not Status.NOT_REQUESTED
    return is_asked and (check.status is Status.NOT_ASSESSED or check.unknown > 0)


def _status(
    checks: tuple[CheckAnswer, ...], coverage: Coverage, doubts: tuple[Finding, ...]
) -> ControlStatus:
    if any(each.findings for each in checks):
        return ControlStatus.FAIL
    if any(map(_is_open, checks)) or any(each.rule in DISQUALIFYING for each in doubts):
        return ControlStatus.NOT_ASSESSED
    unasked = sum(each.status is Status.NOT_REQUESTED for each in checks)
    if unasked == len(checks):
        return ControlStatus.NOT_ASSESSED
    is_whole = coverage is Coverage.FULL and not unasked
    return ControlStatus.PASS if is_whole else ControlStatus.PARTLY


def _evidence(checks: tuple[CheckAnswer, ...], asked: _Answers) -> Iterator[str]:
    """The files of the kinds that the checks ask for, in the order in which they were read.

    Of another account's files those that speak of the whole organization.
    """
    kinds = {
        name
        for each in checks
        for needed in asked.catalogue.entries[each.mapped.rule].inputs
        for name in needed
    }
    account = asked.given.account
    yield from (each.id for each in account.artifacts if each.kind.value in kinds)
    for file in account.other_artifacts:
        if file.kind.value in kinds and any(
            node.location.evidence == file.id for node in account.documents_of_kind(file.kind)
        ):
            yield file.id


_WORST_FIRST = (
    ControlStatus.FAIL, ControlStatus.NOT_ASSESSED, ControlStatus.PARTLY, ControlStatus.PASS,
    ControlStatus.NOT_COVERED,
)  # fmt: skip
_WORST_CHECK_FIRST = (
    Status.FAIL, Status.NOT_ASSESSED, Status.NOT_REQUESTED, Status.PASS, Status.NOT_APPLICABLE,
    Status.ACCEPTED,
)  # fmt: skip


def _add_up(results: tuple[ControlResult, ...]) -> ControlResult:
    first = results[0]
    return replace(
        first,
        account=None,
        status=min((each.status for each in results), key=_WORST_FIRST.index),
        checks=tuple(
            _add_checks(of_all) for of_all in zip(*(each.checks for each in results), strict=True)
        ),
        evidence=tuple(dict.fromkeys(name for each in results for name in each.evidence)),
        doubts=tuple(doubt for each in results for doubt in each.doubts),
    )


def _add_checks(checks: tuple[CheckAnswer, ...]) -> CheckAnswer:
    return replace(
        checks[0],
        status=min((each.status for each in checks), key=_WORST_CHECK_FIRST.index),
        population=sum(each.population for each in checks),
        unknown=sum(each.unknown for each in checks),
        findings=tuple(finding for each in checks for finding in each.findings),
        accepted=frozenset[str]().union(*(each.accepted for each in checks)),
        reason=next((each.reason for each in checks if _is_open(each) and each.reason), ""),
    )
