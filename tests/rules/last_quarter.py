"""In: findings. Out: the report of last quarter, as if it held these."""

from analyzer.evidence.artifacts import Artifact, Kind, Place
from analyzer.evidence.previous_report import Previous, PreviousFinding
from analyzer.rules.finding import Finding
from tests.rules.small_exports import REPORT_TIME, days


def previous_of(account: str, *findings: Finding) -> Previous:
    """A report of that account with these findings, each under its rule's id as its title."""
    then = REPORT_TIME - days(90)
    return Previous(
        artifact=Artifact("P1", "report.json", "0" * 64, 1, Kind.PREVIOUS_REPORT),
        as_of=then,
        findings={
            each.fingerprint: PreviousFinding(
                fingerprint=each.fingerprint,
                rule=each.rule,
                account=account,
                resource=each.resource.arn,
                title=each.rule,
                since=then,
                place=Place("P1", pointer=f"/findings/{index}"),
            )
            for index, each in enumerate(findings)
        },
        accounts=frozenset({account}),
    )
