"""In: findings. Out: the report of last quarter, as if it held these."""

from functools import cache

from analyzer.evidence.artifacts import Artifact, Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.previous_report import PreviousFinding, PreviousKey, PreviousReport
from analyzer.inventory.model import Account
from analyzer.rules.catalogue import Catalogue, load_catalogue
from analyzer.rules.finding import Finding
from analyzer.writers.document.population import population_tables
from tests.rules.small_exports import REPORT_TIME, days


@cache
def _catalogue() -> Catalogue:
    return load_catalogue()


def keys_of(account: Account) -> tuple[PreviousKey, ...]:
    """The account's keys as a report's population lists them."""
    rows = population_tables(account)["keys"].to_dict("records")
    return tuple(
        PreviousKey(
            account.id,
            *(row[name] for name in ("user", "created", "last_region", "last_service")),
            location=Location("P1", pointer=f"/accounts/0/population/keys/{index}"),
        )
        for index, row in enumerate(rows)
    )


def previous_of(
    account: str, *findings: Finding, keys: tuple[PreviousKey, ...] = ()
) -> PreviousReport:
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
                severity=_catalogue().entry_of(each.rule, each.variant).severity.value,
            )
            for index, each in enumerate(findings)
        },
        accounts=frozenset({account}),
        keys=keys,
    )
