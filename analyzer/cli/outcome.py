"""In: an error, or findings. Out: the exit code."""

from collections.abc import Iterable, Mapping
from typing import Any

from analyzer.errors import ConfigurationError, CredauditError

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
