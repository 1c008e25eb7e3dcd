"""In: two report documents. Out: both scores by today's formula, over the checks that both judged.

A score depends on the catalogue, the formula and on what was handed in. Where two reports differ in
one of these, their own scores do not compare; these two do, as far as findings tell severities.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analyzer.evidence.artifacts import Location
from analyzer.rules.catalogue import Catalogue, Practice
from analyzer.rules.finding import Finding, Resource, Result, Status
from analyzer.score import FORMULA, Score, organization_score, score
from analyzer.tracking.judged import Judged, Report, judged_rules


@dataclass(frozen=True, slots=True)
class ComparableScores:
    """The two scores, None where nothing could be rated, and how many checks they rest on."""

    then: int | None
    now: int | None
    checks: int


def score_alike(then: Report, now: Report, catalogue: Catalogue) -> ComparableScores:
    """Both scores over the checks that both reports judged in the same account."""
    shared = frozenset(
        (account, rule)
        for account, rule in judged_rules(then) & judged_rules(now)
        if rule in catalogue.entries
    )
    before, after = (_score_again(each, shared, catalogue).value for each in (then, now))
    return ComparableScores(before, after, len({rule for _, rule in shared}))


def _score_again(report: Report, shared: Judged, catalogue: Catalogue) -> Score:
    found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for each in report["findings"]:
        if (each["account"], each["rule"]) in shared:
            found[each["account"], each["rule"]].append(_finding(each, catalogue))
    accepted = frozenset(
        each["fingerprint"] for each in report["findings"] if each["status"] == "accepted"
    )
    scores = []
    for account in report["accounts"]:
        judged = [each for each in account["rules"] if (account["id"], each["id"]) in shared]
        results = [_result(each, tuple(found[account["id"], each["id"]])) for each in judged]
        if results:
            scores.append(score(results, accepted, _key_files(account), catalogue))
    return organization_score(scores) if scores else score((), frozenset(), frozenset(), catalogue)


def _finding(told: Mapping[str, Any], catalogue: Catalogue) -> Finding:
    """The finding as the report tells it; a case that is no longer known is the rule's own."""
    name = str(told.get("variant") or "")
    is_known = name in {*catalogue.entries[told["rule"]].variants, *catalogue.variants}
    return Finding(
        rule=told["rule"],
        account=told["account"],
        resource=Resource(told["resource"], told["fingerprint"]),
        locations=(Location("P1"),),
        withdrawn=told["fingerprint"],
        variant=name if is_known else "",
    )


def _result(rule: Mapping[str, Any], findings: tuple[Finding, ...]) -> Result:
    status = Status.FAIL if findings else Status(rule["status"])
    numbers = rule["population"], len(findings), rule["unknown"]
    return Result(rule["id"], status, *numbers, findings=findings)


def _key_files(account: Mapping[str, Any]) -> frozenset[Any]:
    """The files without which the practices that the report rates would not be rated."""
    rated = {each["id"] for each in account["practices"] if each["score"] is not None}
    return frozenset(FORMULA.key_files[each] for each in Practice if each.value in rated)
