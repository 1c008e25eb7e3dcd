"""In: the results of an account's rules. Out: its Score, with a ledger to add up by hand.

All constants are in FORMULA. Its name is printed in every report: only scores of one formula can be
compared.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from analyzer.evidence.export_kinds import ExportKind
from analyzer.rules.catalogue import Catalogue, Practice
from analyzer.rules.finding import Finding, Result, Status
from analyzer.rules.severity import Severity


class Grade(StrEnum):
    """The score in a letter; NOT_RATED where too little could be assessed."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    F = "F"
    NOT_RATED = "not rated"


@dataclass(frozen=True, slots=True)
class Formula:
    """All constants of the score, under one name."""

    name: str = "standard-1"
    points: Mapping[Severity, int] = field(
        default_factory=lambda: {
            Severity.CRITICAL: 60,
            Severity.HIGH: 25,
            Severity.MEDIUM: 10,
            Severity.LOW: 3,
            Severity.INFO: 0,
        }
    )
    """Deducted for one failing resource; ten and more count double."""
    weights: Mapping[Practice, int] = field(
        default_factory=lambda: {
            Practice.MFA: 20,
            Practice.LEAST_PRIVILEGE: 20,
            Practice.ACCESS_KEYS: 20,
            Practice.ROLES: 12,
            Practice.GROUPS: 8,
            Practice.PASSWORDS: 8,
            Practice.REVIEWS: 7,
            Practice.IDENTITIES: 5,
        }
    )
    """How much each practice counts in the mean."""
    coverage: Mapping[Severity, int] = field(
        default_factory=lambda: {
            Severity.CRITICAL: 10,
            Severity.HIGH: 6,
            Severity.MEDIUM: 3,
            Severity.LOW: 1,
            Severity.INFO: 0,
        }
    )
    """How much each check counts in the coverage."""
    key_files: Mapping[Practice, ExportKind] = field(
        default_factory=lambda: {
            Practice.MFA: ExportKind.CREDENTIAL_REPORT,
            Practice.LEAST_PRIVILEGE: ExportKind.AUTHORIZATION_DETAILS,
            Practice.ACCESS_KEYS: ExportKind.CREDENTIAL_REPORT,
            Practice.ROLES: ExportKind.AUTHORIZATION_DETAILS,
            Practice.GROUPS: ExportKind.AUTHORIZATION_DETAILS,
            Practice.PASSWORDS: ExportKind.CREDENTIAL_REPORT,
            Practice.REVIEWS: ExportKind.ANALYZERS,
            Practice.IDENTITIES: ExportKind.CREDENTIAL_REPORT,
        }
    )
    """Without this file a practice is not rated, unless something in it fails all the same."""
    takeover: frozenset[str] = frozenset(
        {
            "leaked-key-active",
            "leaked-key-privileged-owner",
            "root-access-key-active",
            "root-key-used",
            "quarantine-policy-attached",
            "role-open-to-guests",
            "role-trust-any-principal",
        }
    )
    """The account-takeover checks: where one fails, somebody may be inside already."""
    high_caps: tuple[tuple[int, int], ...] = ((1, 89), (4, 79))
    critical_caps: tuple[tuple[int, int], ...] = ((1, 49), (3, 29))
    takeover_caps: tuple[tuple[int, int], ...] = ((1, 39), (2, 19))
    """Caps as (number of failing checks, highest score)."""
    grades: tuple[tuple[int, Grade], ...] = (
        (90, Grade.A), (80, Grade.B), (65, Grade.C), (50, Grade.D), (0, Grade.F),
    )  # fmt: skip
    rated_from: int = 60
    """Percent of coverage below which there is no grade."""
    best_from: int = 80
    """Percent of coverage below which the grade is B at most."""
    practice_rated_from: int = 25
    """Percent of its coverage below which a practice is not rated, unless something in it fails."""
    mean_share: Fraction = Fraction(2, 3)
    """The share of the mean in the base; the weakest practice has the rest."""
    worst_account_margin: int = 20
    """Points by which an organization's score may lie above that of its worst account."""


FORMULA = Formula()
_OUTSIDE_COVERAGE = frozenset({Status.NOT_APPLICABLE, Status.NOT_REQUESTED})


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger: a failing check and what it costs, in tenths of a point.

    A check whose findings differ in severity has a line for each.
    """

    rule: str
    practice: Practice
    severity: Severity
    failed: int
    accepted: int
    tenths: int


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on the score, and why it holds."""

    limit: int
    reason: str


@dataclass(frozen=True, slots=True)
class PracticeScore:
    """100 less the deductions of the practice, in tenths; None where it is not rated."""

    practice: Practice
    tenths: int | None
    weight: int


@dataclass(frozen=True, slots=True)
class Score:
    """The score, and everything needed to work it out again.

    `value` counts accepted risks of critical and high severity in; `gross` counts all in, `net`
    leaves out all but the critical. `value` is None where no practice could be rated. `coverage`
    is in whole percent; `checks` says what it rests on: how many scored checks have each status.
    """

    value: int | None
    grade: Grade
    coverage: int
    caps: tuple[Cap, ...] = ()
    ledger: tuple[LedgerLine, ...] = ()
    practices: tuple[PracticeScore, ...] = ()
    gross: int | None = None
    net: int | None = None
    accepted: int = 0
    checks: Mapping[Status, int] = field(default_factory=dict)
    assessed_weight: int = 0
    applicable_weight: int = 0


def score(
    results: Sequence[Result],
    accepted: frozenset[str],
    available_exports: frozenset[ExportKind],
    catalogue: Catalogue,
    formula: Formula = FORMULA,
) -> Score:
    """The account's score. `accepted` are the fingerprints of findings that are accepted risks."""
    counted_when_accepted = frozenset({Severity.CRITICAL, Severity.HIGH})
    judged = frozenset(
        practice
        for practice in formula.weights
        if _is_judged(practice, results, catalogue, formula)
    )
    ledger = _build_ledger(results, accepted, counted_when_accepted, catalogue, formula)
    gross = _build_ledger(results, frozenset(), counted_when_accepted, catalogue, formula)
    net = _build_ledger(results, accepted, frozenset({Severity.CRITICAL}), catalogue, formula)
    assessed, applicable = _weigh_coverage(results, catalogue, formula)
    coverage = assessed * 100 // applicable if applicable else 0
    practices = _score_practices(ledger, available_exports, judged, formula)
    caps = _caps_in_force(ledger, formula)
    value = _compute_value(practices, caps, formula)
    return Score(
        value=value,
        grade=grade(value, coverage, formula),
        coverage=coverage,
        caps=caps,
        ledger=ledger,
        practices=practices,
        gross=_compute_value(
            _score_practices(gross, available_exports, judged, formula),
            _caps_in_force(gross, formula),
            formula,
        ),
        net=_compute_value(
            _score_practices(net, available_exports, judged, formula),
            _caps_in_force(net, formula),
            formula,
        ),
        accepted=sum(each.fingerprint in accepted for one in results for each in one.findings),
        checks=_count_checks(results, catalogue),
        assessed_weight=assessed,
        applicable_weight=applicable,
    )


def organization_score(scores: Sequence[Score], formula: Formula = FORMULA) -> Score:
    """The score over all accounts: their mean, but never far above the worst of them."""
    if len(scores) == 1:
        return scores[0]
    values = [each.value for each in scores if each.value is not None]
    checks = sum((Counter(each.checks) for each in scores), Counter[Status]())
    assessed = sum(each.assessed_weight for each in scores)
    applicable = sum(each.applicable_weight for each in scores)
    coverage = assessed * 100 // applicable if applicable else 0
    cap = min(values, default=0) + formula.worst_account_margin
    value = min(sum(values) // len(values), cap) if values else None
    weakest, margin = min(values, default=0), formula.worst_account_margin
    reason = (
        f"it cannot exceed the weakest account's score ({weakest}) by more than {margin} points"
    )
    return Score(
        value=value,
        grade=grade(value, coverage, formula),
        coverage=coverage,
        caps=(Cap(cap, reason),) if values and cap < sum(values) // len(values) else (),
        gross=_organization_value([each.gross for each in scores], formula),
        net=_organization_value([each.net for each in scores], formula),
        accepted=sum(each.accepted for each in scores),
        checks={status: checks[status] for status in Status if checks[status]},
        assessed_weight=assessed,
        applicable_weight=applicable,
    )


def _organization_value(given: Sequence[int | None], formula: Formula) -> int | None:
    """The mean of what is rated, but never far above the worst; None where nothing is."""
    values = [each for each in given if each is not None]
    if not values:
        return None
    return min(sum(values) // len(values), min(values) + formula.worst_account_margin)


def grade(value: int | None, coverage: int, formula: Formula = FORMULA) -> Grade:
    """The letter for a score; thin coverage withholds it, or the A."""
    if value is None or coverage < formula.rated_from:
        return Grade.NOT_RATED
    letter = next(letter for least, letter in formula.grades if value >= least)
    return Grade.B if letter is Grade.A and coverage < formula.best_from else letter


def deduction_tenths(severity: Severity, failed: int, formula: Formula = FORMULA) -> int:
    """Tenths of a point for so many failing resources: points x (1 + min(1, log10 n))."""
    if failed <= 0:
        return 0
    return round(10 * formula.points[severity] * (1 + min(1.0, math.log10(failed))))


def _build_ledger(
    results: Sequence[Result],
    accepted: frozenset[str],
    counted_when_accepted: frozenset[Severity],
    catalogue: Catalogue,
    formula: Formula,
) -> tuple[LedgerLine, ...]:
    """A line for each severity of a failing control, the worst first.

    `counted_when_accepted` are the severities that cost the same when they are accepted.
    """
    lines = []
    for result in results:
        entry = catalogue.entries[result.rule]
        if not entry.is_scored:
            continue
        found: dict[Severity, list[Finding]] = {severity: [] for severity in Severity}
        for finding in result.findings:
            found[catalogue.entry_of(result.rule, finding.variant).severity].append(finding)
        for severity, findings in found.items():
            if not findings:
                continue
            taken = sum(finding.fingerprint in accepted for finding in findings)
            counted = len(findings) - (0 if severity in counted_when_accepted else taken)
            tenths = deduction_tenths(severity, counted, formula)
            line = LedgerLine(entry.id, entry.practice, severity, len(findings), taken, tenths)
            lines.append(line)
    return tuple(lines)


def _score_practices(
    ledger: Sequence[LedgerLine],
    available_exports: frozenset[ExportKind],
    judged: frozenset[Practice],
    formula: Formula,
) -> tuple[PracticeScore, ...]:
    """100 less the deductions; None without the key file, or where too little could be judged.

    What costs nothing, such as an accepted risk, rates no practice: 100 would be of the unknown.
    """
    scores = []
    for practice, weight in formula.weights.items():
        costs = [line.tenths for line in ledger if line.practice is practice]
        is_rated = (formula.key_files[practice] in available_exports and practice in judged) or any(
            costs
        )
        scores.append(
            PracticeScore(practice, max(0, 1000 - sum(costs)) if is_rated else None, weight)
        )
    return tuple(scores)


def _caps_in_force(ledger: Sequence[LedgerLine], formula: Formula) -> tuple[Cap, ...]:
    """Every cap that holds, the lowest first. A check that costs nothing any more holds none."""
    counted = [line for line in ledger if line.tenths]
    critical = [line for line in counted if line.severity is Severity.CRITICAL]
    high = [line for line in counted if line.severity is Severity.HIGH]
    takeover = [line for line in critical if line.rule in formula.takeover]
    caps = []
    for lines, limits, words in (
        (high, formula.high_caps, "high-severity"),
        (critical, formula.critical_caps, "critical"),
        (takeover, formula.takeover_caps, "account-takeover"),
    ):
        for least, limit in limits:
            if len(lines) >= least:
                checks = "check" if len(lines) == 1 else "checks"
                caps.append(Cap(limit, f"{len(lines)} {words} {checks} failed"))
    return tuple(sorted(caps, key=lambda cap: cap.limit))


def _compute_value(
    practices: Sequence[PracticeScore], caps: Sequence[Cap], formula: Formula
) -> int | None:
    rated = [(each.tenths, each.weight) for each in practices if each.tenths is not None]
    if not rated:
        return None
    mean = Fraction(sum(tenths * weight for tenths, weight in rated), sum(w for _, w in rated))
    lowest = min(tenths for tenths, _ in rated)
    base = (formula.mean_share * mean + (1 - formula.mean_share) * lowest) / 10
    return math.floor(min([base, *(Fraction(cap.limit) for cap in caps)]))


def _is_judged(
    practice: Practice, results: Sequence[Result], catalogue: Catalogue, formula: Formula
) -> bool:
    """True if checks of the practice were judged, and enough of what applies, by their weight."""
    own = [each for each in results if catalogue.entries[each.rule].practice is practice]
    scored = [each for each in own if catalogue.entries[each.rule].is_scored]
    assessed, applicable = _weigh_coverage(own, catalogue, formula)
    return (
        any(each.status in {Status.PASS, Status.FAIL} for each in scored)
        and assessed * 100 >= formula.practice_rated_from * applicable
    )


def _count_checks(results: Sequence[Result], catalogue: Catalogue) -> Mapping[Status, int]:
    """How many scored checks have each status, in its order."""
    found = Counter(each.status for each in results if catalogue.entries[each.rule].is_scored)
    return {status: found[status] for status in Status if found[status]}


def _weigh_coverage(
    results: Sequence[Result], catalogue: Catalogue, formula: Formula
) -> tuple[int, int]:
    """The weight of the assessed and of the applicable controls that somebody asked for.

    In whole points.
    """
    assessed, applicable = Fraction(0), 0
    for result in results:
        entry = catalogue.entries[result.rule]
        if entry.is_scored and result.status not in _OUTSIDE_COVERAGE:
            weight = formula.coverage[entry.severity]
            applicable += weight
            assessed += weight * _share_assessed(result)
    return int(assessed), applicable


def _share_assessed(result: Result) -> Fraction:
    """How much of the control was assessed: where it is known whom it could not judge, the rest."""
    if result.status is not Status.NOT_ASSESSED:
        return Fraction(1)
    if not result.in_doubt or not result.population:
        return Fraction(0)
    return Fraction(max(result.population - result.unknown, 0), result.population)
