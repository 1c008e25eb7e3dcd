"""An account that looks well kept but for what its trusts, providers and analyzers say."""

from analyzer.rules.finding import Status
from analyzer.rules.severity import Severity
from analyzer.score import Grade, score
from tests.builders import AccountBuilder, the_catalogue
from tests.rules.overlooked_account import kept, overlooked


def found(case: AccountBuilder) -> set[tuple[Severity, str]]:
    """Severity and rule of each scored finding."""
    entries = the_catalogue()
    return {
        (entries.entry_of(each.rule, each.variant).severity, each.rule)
        for result in case.judged_all().values()
        for each in result.findings
        if entries.entries[each.rule].is_scored
    }


def graded(case: AccountBuilder) -> Grade:
    """The letter that the report would show."""
    results = tuple(case.judged_all().values())
    exports = case.account().available_exports
    return score(results, frozenset(), exports, the_catalogue()).grade


def test_an_administrator_role_for_guests_or_any_certificate_is_an_f():
    """Whatever else is kept well: two critical findings, and those on what waits."""
    worse = found(overlooked()) - found(kept())
    assert {
        (Severity.CRITICAL, "role-open-to-guests"),
        (Severity.CRITICAL, "roles-anywhere-trust-unbounded"),
        (Severity.HIGH, "analyzer-external-finding-open"),
        (Severity.MEDIUM, "analyzer-finding-overdue"),
        (Severity.MEDIUM, "saml-metadata-expired"),
    } <= worse
    assert graded(overlooked()) is Grade.F


def test_the_same_account_without_them_is_none():
    """So it is these that make the letter."""
    assert graded(kept()) is not Grade.F
    rules = {"role-open-to-guests", "roles-anywhere-trust-unbounded"}
    assert all(kept().status(rule) is not Status.FAIL for rule in rules)
