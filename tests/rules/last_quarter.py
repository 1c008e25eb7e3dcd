"""In: findings. Out: the report of last quarter, as if it held these."""

from analyzer.evidence.artifacts import Artifact, Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.previous_report import PreviousFinding, PreviousReport
from analyzer.rules.finding import Finding
from tests.rules.small_exports import REPORT_TIME, days


def previous_of(account: str, *findings: Finding) -> PreviousReport:
    """A report of that account with these findings, each under its rule's id as its title."""
    then = REPORT_TIME - days(90)
    return PreviousReport(
        artifact=Artifact("P1", "report.json", "0" * 64, 1, ExportKind.PREVIOUS_REPORT),
        as_of=then,
        findings={
            each.fingerprint: PreviousFinding(
                fingerprint=each.fingerprint,
                rule=each.rule,
                account=account,
                resource=each.resource.arn,
                title=each.rule,
                since=then,
                location=Location("P1", pointer=f"/findings/{index}"),
                variant=each.variant,
            )
            for index, each in enumerate(findings)
        },
        accounts=frozenset({account}),
    )
