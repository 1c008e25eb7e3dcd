"""In: an account's Access Analyzer findings. Out: what unused-access analyzers say of whom.

list-findings-v2 names the type, the resource and the status; the time without use that makes an
analyzer speak is a setting of the analyzer, which list-analyzers shows.
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummaryV2.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeTime
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    SETTLED,
    Outcome,
    Pass,
    as_variant,
    fail,
    unreadable,
    user_resource,
)

NOT_UNUSED_ACCESS = "the findings are not those of an unused-access analyzer"


class UnusedType(StrEnum):
    """What an unused-access analyzer can find, as `findingType` names it."""

    ROLE = "UnusedIAMRole"
    KEY = "UnusedIAMUserAccessKey"
    PASSWORD = "UnusedIAMUserPassword"  # noqa: S105 - a type of finding, not a password
    PERMISSION = "UnusedPermission"


@dataclass(frozen=True, slots=True)
class UnusedAccess:
    """One finding: about which principal, since when it is known, and where it stands.

    `analyzed` is when the analyzer last looked.
    """

    arn: str
    since: MaybeTime
    analyzed: MaybeTime
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
            found.time("analyzedAt"),
            found.text("status"),
            found.number("numberOfUnusedServices"),
            found,
        )
        for found in _findings(account)
        if found.text("findingType") == sort
    )


def has_unused_access(account: Account) -> bool:
    """True if some finding is one of an unused-access analyzer, whatever its type."""
    return any(found.text("findingType") in set(UnusedType) for found in _findings(account))


def open_by_name(account: Account, sort: UnusedType) -> dict[str, UnusedAccess]:
    """The open findings of that type by the name of the user or role, which an account has once.

    A finding's ARN may lack the path.
    """
    return {
        principal_name(each.arn): each
        for each in unused_access(account, sort)
        if each.unsettled is None
    }


def check_by_analyzer(
    account: Account, sort: UnusedType, last_uses: Mapping[str, datetime | None]
) -> Iterator[Outcome]:
    """One outcome for each user that the analyzer names, and no other finding does.

    `last_uses` are the users of the credential report, by name, that have such a credential and
    are not found by its dates, with the last use; None is never. Of a user whom the report shows
    without one, or with a use after the analyzer last looked, the finding is out of date.
    """
    reported = {user.name: user for user, _ in account.users_in_report()}
    for each in unused_access(account, sort):
        name = principal_name(each.arn)
        if name in reported and name not in last_uses:
            continue
        user, used = reported.get(name), last_uses.get(name)
        if used and isinstance(each.analyzed, datetime) and used > each.analyzed:
            yield Pass()
            continue
        found = fail(
            user_resource(user) if user else Resource(each.arn, each.arn),
            each.location,
            *([user.report_entry.row] if user and user.report_entry else []),
            user=name,
            period=analyzer_period(account),
            last=used or ("never" if name in last_uses else "not told"),
        )
        yield each.unsettled or as_variant("analyzer", found)


def principal_name(arn: str) -> str:
    """The name of the user or role."""
    return arn.rpartition("/")[2]


def analyzer_period(account: Account) -> str:
    """How long a time without use the analyzers look for, as far as list-analyzers tells."""
    ages = set(unused_access_ages(account))
    age = ages.pop() if len(ages) == 1 else None
    return f"{age} days" if age is not None else "the time that the analyzer looks back"


def unused_access_ages(account: Account) -> Iterator[int | None]:
    """The days without use after which each analyzer for unused access speaks; None: unreadable."""
    for document in account.documents_of_kind(ExportKind.ANALYZERS):
        for analyzer in document.each("analyzers"):
            configuration = analyzer.child("configuration")
            unused = configuration.child("unusedAccess") if configuration else None
            if unused and (analyzer.text("type") or "").endswith("_UNUSED_ACCESS"):
                yield unused.number("unusedAccessAge")


def _findings(account: Account) -> Iterator[JsonNode]:
    """Each finding once: its entry in a list, else the answer that was asked for it alone."""
    found = account.analyzer_findings
    listed = {each.text("id") for each in found if not each.has("findingDetails")}
    for each in found:
        if not each.has("findingDetails") or each.text("id") not in listed:
            yield each
