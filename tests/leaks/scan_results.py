"""In: the result of a scan. Out: the one thing in it that a test is about."""

from datetime import UTC, datetime

from analyzer.leaks.model import Credential, LeakScan, Occurrence


def only(result: LeakScan) -> Credential:
    """The one credential of a scan."""
    assert len(result.credentials) == 1, result
    return result.credentials[0]


def only_place(result: LeakScan) -> Occurrence:
    """The one place of the one credential of a scan."""
    assert len(only(result).occurrences) == 1, result
    return only(result).occurrences[0]


def skip_reasons(result: LeakScan) -> dict[str, str]:
    """What was skipped, with the reasons."""
    return {skipped.what: skipped.reason for r in result.repositories for skipped in r.skipped}


def key_ids(result: LeakScan) -> set[str | None]:
    """The key IDs that were found."""
    return {credential.key_id for credential in result.credentials}


def commits(result: LeakScan) -> set[str | None]:
    """The commits of all places in the history."""
    return {o.commit for c in result.credentials for o in c.occurrences if o.commit}


def noon(day: int) -> datetime:
    """When the commits of a day of March 2024 were made."""
    return datetime(2024, 3, day, 12, tzinfo=UTC)
