"""In: an error, findings, or credentials. Out: the exit code."""

from collections.abc import Iterable, Mapping
from typing import Any

from analyzer.errors import ConfigurationError, CredauditError
from analyzer.leaks.model import LeakScan

DONE = 0
FOUND = 1
USAGE = 2
INCOMPLETE = 3
INTERRUPTED = 130

SEVERITIES = ("critical", "high", "medium", "low", "info")
"""Worst first, as `--fail-on` takes them."""


def exit_code(error: CredauditError) -> int:
    """2 for a fault in what the person typed or configured, 3 for one in files."""
    return USAGE if isinstance(error, ConfigurationError) else INCOMPLETE


def has_findings(findings: Iterable[Mapping[str, Any]], fail_on: str) -> bool:
    """True if an open finding is at least as severe as `fail_on`; never for "never"."""
    if fail_on == "never":
        return False
    enough = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return any(each["severity"] in enough and each["status"] == "open" for each in findings)


def has_credentials(leaks: LeakScan, fail_on: str) -> bool:
    """True if a credential that is not set aside is at least as severe as `fail_on`.

    Any will do for "any", none for "never".
    """
    from analyzer.risk.exposure import latest_date
    from analyzer.rules.leak_severity import severity_of

    if fail_on == "never":
        return False
    enough = SEVERITIES if fail_on == "any" else SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    as_of = latest_date(leaks)
    live = (each for each in leaks.credentials if not each.set_aside)
    return any(severity_of(each, as_of).value in enough for each in live)
