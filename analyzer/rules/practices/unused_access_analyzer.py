"""In: an account. Out: whether anything tells its owner which access goes unused."""

from collections.abc import Iterator

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account
from analyzer.rules.outcomes import Outcome, Pass, Unknown, account_resource, fail
from analyzer.rules.unused_access import has_unused_access

_SUFFIX = "_UNUSED_ACCESS"


def unused_access_analyzer_missing(account: Account) -> Iterator[Outcome]:
    """No region has an unused-access analyzer, and nobody read the last-accessed details.

    IAM is global, so one analyzer in any region does. Findings on the account show one that lies
    in another account of the organization.
    """
    documents = account.documents_of_kind(ExportKind.ANALYZERS)
    is_there = any(
        (each.text("type") or "").endswith(_SUFFIX) and each.text("status") == "ACTIVE"
        for document in documents
        for each in document.each("analyzers")
    )
    is_read = ExportKind.LAST_ACCESSED in account.available_exports
    if is_there or is_read or has_unused_access(account):
        yield Pass()
        return
    for error in account.documents_of_kind(ExportKind.FAILED_CALL):
        called = (error.text("operation") or "").lower()
        if "listanalyzers" in called.replace("-", "").replace(" ", ""):
            yield Unknown("a region's list of analyzers could not be read", error.location)
            return
    where = (document.location for document in documents)
    yield fail(account_resource(account), *where, account=account.id)
