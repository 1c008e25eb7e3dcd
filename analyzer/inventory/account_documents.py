"""In: Evidence. Out: the documents that speak of an account, and the files that don't count."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from analyzer.evidence.artifacts import Artifact
from analyzer.evidence.attribution import FINDING_KINDS, analyzer_findings, finding_account
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.evidence.loading import Evidence, EvidenceDocument
from analyzer.inventory.newest_exports import export_times, newest_documents
from analyzer.inventory.small_exports import Documents

_START = datetime.min.replace(tzinfo=UTC)


def documents_of(number: str, evidence: Evidence) -> list[EvidenceDocument]:
    """The account's own documents, newest file first, and its organization's."""
    times = {each.id: each.captured_at or _START for each in evidence.artifacts}

    def newest_first(document: EvidenceDocument) -> float:
        return -(times[document.node.location.evidence] - _START).total_seconds()

    organization_accounts = _organization_of(number, evidence)
    own = (
        each
        for each in evidence.documents
        if each.account == number
        or (each.kind.traits.is_organization_wide and each.account in organization_accounts)
    )
    return sorted(own, key=newest_first)


def by_kind(documents: Iterable[EvidenceDocument]) -> Documents:
    """The documents' roots by their kind, in the order given."""
    found: dict[ExportKind, tuple[JsonNode, ...]] = {}
    for each in documents:
        found[each.kind] = (*found.get(each.kind, ()), each.node)
    return found


def superseded(
    number: str,
    evidence: Evidence,
    report: Artifact | None,
    current: Iterable[EvidenceDocument],
) -> frozenset[str]:
    """The ids of the account's files of which nothing counts: a newer file tells the same."""
    read_as_rows = ExportKind.CREDENTIAL_REPORT
    used = {each.node.location.evidence for each in current if each.kind is not read_as_rows}
    used |= {report.id} if report else set()
    read = {each.node.location.evidence for each in evidence.documents if each.account == number}
    read |= {
        artifact.id
        for artifact, table in evidence.tables
        if any(row.account == number for row in table.rows)
    }
    return frozenset((read | evidence.repeats) - used)


def findings_by_account(evidence: Evidence) -> dict[str | None, list[JsonNode]]:
    """Access Analyzer's findings by the account of the resource, whoever's analyzer made them.

    An organization's analyzer finds resources of every member, and its lists are with the account
    that runs it.
    """
    lists = [
        each
        for each in evidence.documents
        if each.kind in FINDING_KINDS and each.account is not None
    ]
    result: dict[str | None, list[JsonNode]] = defaultdict(list)
    for document in newest_documents(lists, export_times(evidence.artifacts), {}, []):
        for found in analyzer_findings(document.node):
            result[finding_account(found, document.account)].append(found)
    return result


def _organization_of(number: str, evidence: Evidence) -> frozenset[str | None]:
    """The accounts whose organizations list-accounts export names this account as a member."""
    return frozenset(
        each.account
        for each in evidence.documents
        if each.kind is ExportKind.ORG_ACCOUNTS
        and any(member.text("Id") == number for member in each.node.each("Accounts"))
    )
