"""In: a LeakScan. Out: the document of a scan, in the shape of credaudit-scan/1.

Every format is drawn from it, so no two of them can tell different things.
"""

from collections.abc import Mapping
from typing import Any

from analyzer import __version__
from analyzer.leaks.model import LeakScan
from analyzer.risk.exposure import latest_date
from analyzer.rules.leak_severity import severity_of
from analyzer.rules.severity import Severity
from analyzer.writers.document.parts import coverage_dict, credential_dict, suppression_dict

Scanned = dict[str, Any]
"""A document that the schema in `scan.schema.json` accepts."""

SCHEMA = "credaudit-scan/1"


def build_document(leaks: LeakScan) -> Scanned:
    """The whole document, worst first; the same scan gives the same document, to the byte."""
    as_of = latest_date(leaks)
    found = [credential_dict(each, severity_of(each, as_of)) for each in leaks.credentials]
    return {
        "schema": SCHEMA,
        "tool": {"name": "credaudit", "version": __version__},
        "credentials": sorted(found, key=_rank),
        "suppressions": [suppression_dict(each) for each in leaks.suppressions],
        "coverage": {"repositories": [coverage_dict(each) for each in leaks.repositories]},
    }


def _rank(found: Mapping[str, Any]) -> tuple[bool, int, str]:
    """What is set aside comes last, whatever it would weigh."""
    severities = [each.value for each in Severity]
    return found["set_aside"] is not None, severities.index(found["severity"]), found["id"]
