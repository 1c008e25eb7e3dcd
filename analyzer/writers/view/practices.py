"""In: the report and the catalogue. Out: the eight chapters, and what to do first.

Findings are gathered by check, since a reader decides check by check and not line by line.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.rules.catalogue import Catalogue, Chapter, CheckEntry
from analyzer.rules.severity import Severity
from analyzer.writers.document.parts import WITHDRAWN
from analyzer.writers.document.report import Report

Finding = Mapping[str, Any]
Verdict = Mapping[str, Any]

_WORST_FIRST = ("fail", "accepted", "not-assessed", "not-requested", "pass", "not-applicable")

_FRAMEWORKS = {
    "cis_5_0": "CIS AWS 5.0",
    "cis_6_0": "CIS AWS 6.0",
    "cis_7_0": "CIS AWS 7.0",
    "cis_3_0": "CIS AWS 3.0",
    "security_hub": "AWS Security Hub",
    "aws_fsbp": "AWS FSBP",
    "pci_dss_4_0": "PCI DSS 4.0.1",
    "nist_800_53_r5": "NIST 800-53 r5",
    "iso_27001_2022": "ISO 27001:2022",
    "soc2": "SOC 2",
}
"""What a reader calls each framework, the newest CIS edition in wide use first."""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All findings of one check, or of one variant of it, those still open first; never empty.

    Among these, those that were looked into this time come first. `entry` is the check as it
    speaks of the variant; `anchor` is where links to the check lead.
    """

    entry: CheckEntry
    findings: tuple[Finding, ...]
    anchor: str

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
class CheckSummary:
    """One check with what it says of each account: pairs of account and the report's rule."""

    entry: CheckEntry
    verdicts: tuple[tuple[str, Verdict], ...]

    @property
    def results(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each result, worst first, with the accounts that have it."""
        return tuple(
            (word, accounts)
            for word in _WORST_FIRST
            if (accounts := tuple(name for name, each in self.verdicts if each["status"] == word))
        )

    @property
    def worst(self) -> str:
        """The worst result of any account."""
        return self.results[0][0]

    @property
    def is_alike(self) -> bool:
        """True where all accounts have the same result."""
        return len(self.results) == 1

    @property
    def reason(self) -> str:
        """Why an account has the worst result, as far as that needs a reason."""
        return next(
            str(each["reason"]) for _, each in self.verdicts if each["status"] == self.worst
        )

    @property
    def failed(self) -> int:
        """How many resources break it in all accounts."""
        return self._sum("failed")

    @property
    def population(self) -> int:
        """How many it looked at in all accounts."""
        return self._sum("population")

    @property
    def unknown(self) -> int:
        """How many could not be judged in all accounts."""
        return self._sum("unknown")

    def _sum(self, name: str) -> int:
        return sum(int(each[name]) for _, each in self.verdicts)


@dataclass(frozen=True, slots=True)
class PracticeSection:
    """One practice: heading, account with score and weight, every check, and what fails."""

    number: int
    chapter: Chapter
    scores: tuple[tuple[str, float | None, int], ...]
    checks: tuple[CheckSummary, ...]
    groups: tuple[FindingGroup, ...]

    @property
    def tally(self) -> Mapping[str, int]:
        """How many checks have each result, where accounts differ the worst."""
        found = [each.worst for each in self.checks]
        return {word: found.count(word) for word in _WORST_FIRST if word in found}


@dataclass(frozen=True, slots=True)
class EvidenceGap:
    """One need, the command that meets it, and the checks that wait for it in these accounts."""

    needs: str
    command: str
    accounts: tuple[str, ...]
    rules: tuple[str, ...]


def practice_sections(report: Report, catalogue: Catalogue) -> tuple[PracticeSection, ...]:
    """One section a practice, in the catalogue's order; findings worst check first."""
    found = finding_groups(report, catalogue)
    return tuple(
        PracticeSection(
            number=number,
            chapter=chapter,
            scores=tuple(_scores(report, chapter)),
            checks=tuple(_checks(report, catalogue, chapter)),
            groups=tuple(each for each in found if each.entry.practice is chapter.practice),
        )
        for number, chapter in enumerate(catalogue.chapters, 1)
    )


def finding_groups(report: Report, catalogue: Catalogue) -> tuple[FindingGroup, ...]:
    """Every failing check with its findings: worst first, then the one with most of them."""
    gathered: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in report["findings"]:
        gathered[finding["rule"], finding["variant"] or ""].append(finding)
    named: set[str] = set()
    made = []
    for rule, variant in sorted(gathered):  # the rule's own case comes first and has its anchor
        found = sorted(gathered[rule, variant], key=_example_rank)
        anchor = f"{rule}-{variant}" if rule in named else rule
        named.add(rule)
        made.append(FindingGroup(catalogue.entry_of(rule, variant), tuple(found), anchor))
    ranks = list(Severity)
    return tuple(
        sorted(
            made,
            key=lambda each: (ranks.index(each.entry.severity), -each.open, each.anchor),
        )
    )


def first_actions(report: Report, catalogue: Catalogue, most: int = 5) -> tuple[FindingGroup, ...]:
    """The checks to mend first: scored, not accepted, worst severity and most resources."""
    wanted = (
        each for each in finding_groups(report, catalogue) if each.entry.is_scored and each.open
    )
    return tuple(wanted)[:most]


def count_by_severity(report: Report) -> Mapping[str, int]:
    """How many open findings there are of each severity, worst first."""
    found = [each["severity"] for each in report["findings"] if each["status"] == "open"]
    return {each.value: found.count(each.value) for each in Severity}


def evidence_gaps(report: Report) -> tuple[EvidenceGap, ...]:
    """What was not assessed: each need once, what a command would close first."""
    return _gather_needs(report["coverage"]["evidence_gaps"])


def checks_not_requested(report: Report) -> tuple[EvidenceGap, ...]:
    """What nobody asked for: each thing to hand in once."""
    return _gather_needs(report["coverage"]["not_requested"])


def _gather_needs(gaps: Sequence[Mapping[str, Any]]) -> tuple[EvidenceGap, ...]:
    accounts: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for gap in gaps:
        accounts[gap["needs"], gap["command"], gap["rule"]].append(gap["account"])
    rules: defaultdict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (needs, command, rule), where in accounts.items():
        rules[needs, command, tuple(where)].append(rule)
    made = (EvidenceGap(*need, tuple(waiting)) for need, waiting in rules.items())
    return tuple(sorted(made, key=lambda each: (not each.command, -len(each.rules))))


def _example_rank(finding: Finding) -> tuple[bool, bool]:
    """What can serve as the example comes first; a withdrawn one has no facts and no commands."""
    return finding["status"] != "open", finding["observed"] == WITHDRAWN


def _scores(report: Report, chapter: Chapter) -> Iterator[tuple[str, float | None, int]]:
    for account in report["accounts"]:
        for each in account["practices"]:
            if each["id"] == chapter.practice.value:
                yield account["id"], each["score"], each["weight"]


def _checks(report: Report, catalogue: Catalogue, chapter: Chapter) -> Iterator[CheckSummary]:
    """In the catalogue's order; a check that was put to no account is left out."""
    verdicts: defaultdict[str, list[tuple[str, Verdict]]] = defaultdict(list)
    for account in report["accounts"]:
        for rule in account["rules"]:
            verdicts[rule["id"]].append((account["id"], rule))
    for entry in catalogue.entries.values():
        if entry.practice is chapter.practice and verdicts[entry.id]:
            yield CheckSummary(entry, tuple(verdicts[entry.id]))
