"""In: an account's Access Analyzer findings. Out: what unused-access analyzers say of whom.

list-findings-v2 names the type, the resource and the status; the time without use that makes an
analyzer speak is a setting of the analyzer, which list-analyzers shows.
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummaryV2.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeTime
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import SETTLED, Outcome, Pass, as_variant, fail, unreadable

NOT_UNUSED_ACCESS = "the findings are not those of an unused-access analyzer"


class UnusedType(StrEnum):
    """What an unused-access analyzer can find, as `findingType` names it."""

    ROLE = "UnusedIAMRole"
    KEY = "UnusedIAMUserAccessKey"
    PASSWORD = "UnusedIAMUserPassword"  # noqa: S105 - a type of finding, not a password
    PERMISSION = "UnusedPermission"


@dataclass(frozen=True, slots=True)
class UnusedAccess:
    """One finding: about which principal, since when it is known, and where it stands."""

    arn: str
    since: MaybeTime
    status: str | None
    unused_services: int | None
    node: JsonNode

    @property
    def location(self) -> Location:
        """The finding as a whole."""
        return self.node.location

    @property
    def unsettled(self) -> Outcome | None:
        """The outcome where it needs nobody any more or can't be read; None for an open one."""
        if self.status in SETTLED:
            return Pass()
        return None if self.status == "ACTIVE" else unreadable(self.node.location_of("status"))


def unused_access(account: Account, sort: UnusedType) -> tuple[UnusedAccess, ...]:
    """The findings of that type, in the order of the files."""
    return tuple(
        UnusedAccess(
            found.text("resource") or account.root_arn,
            found.time("createdAt"),
            found.text("status"),
            found.number("numberOfUnusedServices"),
            found,
        )
        for found in _listed_findings(account)
        if found.text("findingType") == sort
    )


def has_unused_access(account: Account) -> bool:
    """True if some finding is one of an unused-access analyzer, whatever its type."""
    return any(found.text("findingType") in set(UnusedType) for found in _listed_findings(account))


def open_locations(account: Account, sort: UnusedType) -> dict[str, Location]:
    """Where the open findings of that type stand, by the principal's ARN."""
    return {
        each.arn: each.location for each in unused_access(account, sort) if each.unsettled is None
    }


def check_unreported(account: Account, sort: UnusedType) -> Iterator[Outcome]:
    """One outcome for each user that the analyzer names and the credential report does not.

    Who is in the report is judged by its dates, which are to the second.
    """
    reported = {user.arn for user, _ in account.users_in_report()}
    for each in unused_access(account, sort):
        if each.arn not in reported:
            name = each.arn.rpartition("/")[2]
            period = analyzer_period(account)
            found = fail(Resource(each.arn, each.arn), each.location, user=name, period=period)
            yield each.unsettled or as_variant("analyzer", found)


def analyzer_period(account: Account) -> str:
    """How long a time without use the analyzers look for, as far as list-analyzers tells."""
    ages = {
        unused.number("unusedAccessAge")
        for document in account.documents_of_kind(ExportKind.ANALYZERS)
        for analyzer in document.each("analyzers")
        if (analyzer.text("type") or "").endswith("_UNUSED_ACCESS")
        if (configuration := analyzer.child("configuration")) is not None
        if (unused := configuration.child("unusedAccess")) is not None
    }
    age = ages.pop() if len(ages) == 1 else None
    return f"{age} days" if age is not None else "the time that the analyzer looks back"


def _listed_findings(account: Account) -> Iterator[JsonNode]:
    for document in account.documents_of_kind(ExportKind.ANALYZER_FINDINGS):
        yield from document.each("findings")
