"""In: this run's findings and the last report. Out: since when each is open, and what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from analyzer.evidence.previous_report import PreviousReport
from analyzer.rules.finding import Finding, Status

_UNJUDGED = {Status.NOT_ASSESSED.value, Status.NOT_REQUESTED.value}


class Change(StrEnum):
    """What became of a finding from one report to the next."""

    NEW = "new"
    OPEN = "open"
    FIXED = "fixed"
    ACCEPTED = "accepted"
    REOPENED = "reopened"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True)
class FindingChange:
    """One finding and what became of it."""

    change: Change
    fingerprint: str
    rule: str
    severity: str
    account: str
    resource: str
    title: str


def first_seen(finding: Finding, previous: PreviousReport | None, as_of: datetime) -> datetime:
    """When the finding was first reported; this report's time for a new one."""
    earlier = previous.findings.get(finding.fingerprint) if previous else None
    return min(earlier.since, as_of) if earlier else as_of


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FindingChange, ...]:
    """Every finding of the two reports with what became of it, in the order of Change."""
    before = {each["fingerprint"]: each for each in old["findings"]}
    after = {each["fingerprint"]: each for each in new["findings"]}
    assessed_then, settled_now = _assessed_rules(old), _settled_rules(new)
    deltas = [
        _describe(_change_if_found(before.get(name), each, assessed_then), each)
        for name, each in after.items()
    ]
    deltas += [
        _describe(_change_if_gone(each, settled_now), each)
        for name, each in before.items()
        if name not in after
    ]
    order = list(Change)
    return tuple(
        sorted(deltas, key=lambda each: (order.index(each.change), each.rule, each.resource))
    )


def _change_if_found(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], assessed: frozenset[tuple[str, str]]
) -> Change:
    if after["status"] == "accepted":
        return Change.ACCEPTED
    if before is None:
        was_looked_at = (after["account"], after["rule"]) in assessed
        return Change.NEW if was_looked_at else Change.NOT_COMPARABLE
    return Change.REOPENED if before["status"] == "accepted" else Change.OPEN


def _change_if_gone(before: Mapping[str, Any], settled: frozenset[tuple[str, str]]) -> Change:
    was_looked_at = (before["account"], before["rule"]) in settled
    return Change.FIXED if was_looked_at else Change.NOT_COMPARABLE


def _assessed_rules(report: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    accounts: Sequence[Mapping[str, Any]] = report["accounts"]
    return frozenset(
        (account["id"], rule["id"])
        for account in accounts
        for rule in account["rules"]
        if rule["status"] not in _UNJUDGED
    )


def _settled_rules(report: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """The rules that were judged for every member: the one that is gone may be unreadable now."""
    accounts: Sequence[Mapping[str, Any]] = report["accounts"]
    unsettled = {
        (account["id"], rule["id"])
        for account in accounts
        for rule in account["rules"]
        if rule["unknown"]
    }
    return _assessed_rules(report) - unsettled


def _describe(change: Change, finding: Mapping[str, Any]) -> FindingChange:
    names = ("fingerprint", "rule", "severity", "account", "resource", "title")
    return FindingChange(change, *(finding[name] for name in names))
