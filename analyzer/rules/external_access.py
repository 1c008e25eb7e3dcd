"""In: an account's Access Analyzer findings. Out: which are on access from outside, and of whom.

list-findings, the older call, names the principal at once; list-findings-v2 does not, and
get-finding-v2 has it for each finding.
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ExternalAccessDetails.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.evidence.cells import MaybeBool
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.rules.known_accounts import KnownAccounts

_EXTERNAL_ANALYZERS = frozenset({"ACCOUNT", "ORGANIZATION"})
_OF_ACCOUNT = re.compile(r"([0-9]{12})|arn:[^:]+:[^:]*:[^:]*:([0-9]{12}):.*", re.DOTALL)
_OF_ORGANIZATIONS = ("aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid")


@dataclass(frozen=True, slots=True)
class ExternalAccess:
    """What a finding says of one principal from outside: who it is, and what it may do."""

    found: JsonNode
    detail: JsonNode

    @property
    def is_public(self) -> MaybeBool:
        """Whether everybody has the access."""
        return self.detail.boolean("isPublic")

    @property
    def who(self) -> tuple[str, ...]:
        """The principals as the finding names them."""
        principal = self.detail.child("principal")
        members = principal.members() if principal is not None else ()
        return tuple(str(each.value) for _, node in members for each in node.elements())

    @property
    def actions(self) -> tuple[str, ...]:
        """What they may do; none where the finding does not say."""
        return tuple(str(each.value) for each in self.detail.each("action"))

    def is_known(self, known: KnownAccounts) -> bool:
        """True if a condition asks for the own organization, or each principal is of its accounts.

        A canonical user ID and a wildcard name no account, so nobody can tell.
        """
        condition = self.detail.child("condition")
        for key, value in condition.members() if condition is not None else ():
            if key.lower() in _OF_ORGANIZATIONS and any(
                str(value.value).startswith(each) for each in known.organizations
            ):
                return True
        numbers = [_account_of(each) for each in self.who]
        return bool(numbers) and set(numbers) <= known.numbers


def _account_of(principal: str) -> str:
    """The account's number in an ARN, or the number itself; "" where there is none."""
    found = _OF_ACCOUNT.fullmatch(principal)
    return (found[1] or found[2]) if found else ""


def is_external(found: JsonNode) -> bool:
    """True for a finding on access from outside; list-findings, the older call, names no type."""
    return found.text("findingType") in {"ExternalAccess", None}


def external_access(found: JsonNode) -> Iterator[ExternalAccess]:
    """What the finding tells of principals from outside; nothing where it has no details."""
    if found.has("findingDetails"):
        for detail in found.each("findingDetails"):
            external = detail.child("externalAccessDetails")
            if external is not None:
                yield ExternalAccess(found, external)
    elif found.has("isPublic"):
        yield ExternalAccess(found, found)


def findings_once(account: Account) -> Iterator[JsonNode]:
    """Each finding once: the answer with its details, else its entry in a list."""
    found = account.analyzer_findings
    detailed = {each.text("id") for each in found if each.has("findingDetails")}
    seen: set[str | None] = set()
    for each in found:
        number = each.text("id")
        is_told = number in seen or (number in detailed and not each.has("findingDetails"))
        if number is None or not is_told:
            seen.add(number)
            yield each


def has_external_findings(account: Account) -> bool:
    """True unless findings were handed in, and none of them is by an analyzer of outside access."""
    return not _has_foreign_findings_alone(account) or _has_quiet_external_analyzer(account)


def _has_foreign_findings_alone(account: Account) -> bool:
    """True if there are findings, in the account's exports or on it, and none of that sort."""
    listed = [
        found
        for document in account.documents_of_kind(ExportKind.ANALYZER_FINDINGS)
        for found in document.each("findings")
    ]
    found = (*listed, *account.analyzer_findings)
    return bool(found) and not any(map(is_external, found))


def _has_quiet_external_analyzer(account: Account) -> bool:
    """True if an external-access analyzer is active and some analyzer has found nothing."""
    lists = account.documents_of_kind(ExportKind.ANALYZER_FINDINGS)
    is_quiet = any(
        each.has("findings") and not any(True for _ in each.each("findings")) for each in lists
    )
    analyzers = account.documents_of_kind(ExportKind.ANALYZERS)
    return is_quiet and any(
        each.text("type") in _EXTERNAL_ANALYZERS and each.text("status") == "ACTIVE"
        for document in analyzers
        for each in document.each("analyzers")
    )
