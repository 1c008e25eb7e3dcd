"""In: nothing; this is a noun of the rules. Out: Severity."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad one failing resource is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
