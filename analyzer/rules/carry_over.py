"""In: results, and the last report. Out: the results with what can't be looked into any more.

A finding closes on evidence. Where a rule can't be judged this time, or not for everyone, what it
found last time stays open: leaving a file out never makes an account look better.
"""

from dataclasses import replace

from analyzer.evidence.previous_report import PreviousFinding, PreviousReport
from analyzer.rules.finding import Finding, Resource, Result, Status


def carry_over_findings(
    results: tuple[Result, ...], account: str, previous: PreviousReport
) -> tuple[Result, ...]:
    """The results of one account, findings of the last report added where they were not settled."""
    earlier: dict[str, list[PreviousFinding]] = {}
    for finding in previous.findings.values():
        if finding.account == account:
            earlier.setdefault(finding.rule, []).append(finding)
    return tuple(_carried_over(result, account, earlier.get(result.rule, [])) for result in results)


def _carried_over(result: Result, account: str, earlier: list[PreviousFinding]) -> Result:
    is_settled = result.status is not Status.NOT_ASSESSED and not result.unknown
    now = {finding.fingerprint for finding in result.findings}
    left = [finding for finding in earlier if finding.fingerprint not in now]
    if is_settled or not left:
        return result
    kept = tuple(
        Finding(
            rule=result.rule,
            account=account,
            resource=Resource(finding.resource, finding.fingerprint),
            locations=(finding.location,),
            withdrawn=finding.fingerprint,
            variant=finding.variant,
        )
        for finding in sorted(left, key=lambda each: each.fingerprint)
    )
    return replace(
        result,
        status=Status.FAIL,
        population=max(result.population, result.failed + len(kept)),
        failed=result.failed + len(kept),
        findings=(*result.findings, *kept),
    )
