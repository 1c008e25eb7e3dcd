"""In: the report and the catalogue. Out: the eight chapters, and what to do first.

Findings are gathered by check, since a reader decides check by check and not line by line.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.rules.catalogue import Catalogue, Chapter, Entry, Severity
from analyzer.writers.contents import Report

Finding = Mapping[str, Any]

_FRAMEWORKS = {
    "cis_5_0": "CIS AWS 5.0",
    "cis_6_0": "CIS AWS 6.0",
    "cis_7_0": "CIS AWS 7.0",
    "cis_3_0": "CIS AWS 3.0",
    "fsbp": "AWS FSBP",
    "pci_dss_4_0": "PCI DSS 4.0",
    "nist_800_53_r5": "NIST 800-53 r5",
    "iso_27001_2022": "ISO 27001:2022",
    "soc2": "SOC 2",
}
"""What a reader calls each framework, the newest CIS edition in wide use first."""


@dataclass(frozen=True, slots=True)
class Group:
    """All findings of one check, those still open first; never empty."""

    entry: Entry
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding whose commands serve as the example."""
        return self.findings[0]

    @property
    def open(self) -> int:
        """How many nobody has accepted."""
        return sum(each["status"] == "open" for each in self.findings)

    @property
    def controls(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Framework and its control numbers, in the order of `_FRAMEWORKS`."""
        known = self.entry.controls
        return tuple((title, known[name]) for name, title in _FRAMEWORKS.items() if known.get(name))

    @property
    def first_step(self) -> str:
        """The first sentence of the fix, which is what to do today."""
        return re.split(r"(?<=\.)\s+(?=[A-Z])", self.first["fix"]["text"], maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check says of one account."""

    entry: Entry
    account: str
    status: str
    population: int
    failed: int
    unknown: int
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """One practice: heading, scores by account, every check's verdict, and what fails."""

    number: int
    chapter: Chapter
    scores: tuple[tuple[str, float | None, int], ...]
    verdicts: tuple[Verdict, ...]
    groups: tuple[Group, ...]

    def count(self, status: str) -> int:
        """How many verdicts have this status."""
        return sum(each.status == status for each in self.verdicts)


def sections(report: Report, catalogue: Catalogue) -> tuple[Section, ...]:
    """One section a practice, in the catalogue's order; findings worst check first."""
    found = groups(report, catalogue)
    return tuple(
        Section(
            number=number,
            chapter=chapter,
            scores=tuple(_scores(report, chapter)),
            verdicts=tuple(_verdicts(report, catalogue, chapter)),
            groups=tuple(each for each in found if each.entry.practice is chapter.practice),
        )
        for number, chapter in enumerate(catalogue.chapters, 1)
    )


def groups(report: Report, catalogue: Catalogue) -> tuple[Group, ...]:
    """Every failing check with its findings: worst first, then the one with most of them."""
    gathered: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report["findings"]:
        gathered[finding["rule"]].append(finding)
    made = (
        Group(
            catalogue.entries[rule],
            tuple(sorted(found, key=lambda each: each["status"] != "open")),
        )
        for rule, found in gathered.items()
    )
    ranks = list(Severity)
    return tuple(
        sorted(
            made,
            key=lambda each: (ranks.index(each.entry.severity), -each.open, each.entry.id),
        )
    )


def first_actions(report: Report, catalogue: Catalogue, most: int = 5) -> tuple[Group, ...]:
    """The checks to mend first: scored, not accepted, worst severity and most resources."""
    wanted = (each for each in groups(report, catalogue) if each.entry.is_scored and each.open)
    return tuple(wanted)[:most]


def by_severity(report: Report) -> Mapping[str, int]:
    """How many open findings there are of each severity, worst first."""
    found = [each["severity"] for each in report["findings"] if each["status"] == "open"]
    return {each.value: found.count(each.value) for each in Severity}


def gaps(report: Report) -> tuple[tuple[Mapping[str, Any], tuple[str, ...]], ...]:
    """What was not assessed: each need once, with the checks that wait for it."""
    waiting: dict[tuple[str, str, str], tuple[Mapping[str, Any], list[str]]] = {}
    for gap in report["coverage"]["evidence_gaps"]:
        name = (gap["account"], gap["needs"], gap["command"])
        waiting.setdefault(name, (gap, []))[1].append(gap["rule"])
    ranked = sorted(waiting.values(), key=lambda each: (not each[0]["command"], -len(each[1])))
    return tuple((gap, tuple(rules)) for gap, rules in ranked)


def _scores(report: Report, chapter: Chapter) -> Iterator[tuple[str, float | None, int]]:
    for account in report["accounts"]:
        for each in account["practices"]:
            if each["id"] == chapter.practice.value:
                yield account["id"], each["score"], each["weight"]


def _verdicts(report: Report, catalogue: Catalogue, chapter: Chapter) -> Sequence[Verdict]:
    """By check in the catalogue's order, then by account, so that accounts can be compared."""
    order = {name: number for number, name in enumerate(catalogue.entries)}
    made = [
        Verdict(
            entry=catalogue.entries[rule["id"]],
            account=account["id"],
            status=rule["status"],
            population=rule["population"],
            failed=rule["failed"],
            unknown=rule["unknown"],
            reason=rule["reason"],
        )
        for account in report["accounts"]
        for rule in account["rules"]
        if catalogue.entries[rule["id"]].practice is chapter.practice
    ]
    return sorted(made, key=lambda each: order[each.entry.id])
