"""In: a report document. Out: which checks it judged of whom, and why another can't be compared.

Every function here reads `report.json` as it was written, by this version or an older one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.rules.engine import asks_for_limits, checks_by_rule
from analyzer.rules.finding import Status

Report = Mapping[str, Any]
Judged = frozenset[tuple[str, str]]
"""Pairs of account and rule."""

_UNJUDGED = {Status.NOT_ASSESSED.value, Status.NOT_REQUESTED.value}


def judged_rules(report: Report) -> Judged:
    """The rules that were judged, for some member at least, in each account."""
    return frozenset(
        (account["id"], rule["id"])
        for account in report["accounts"]
        for rule in account["rules"]
        if rule["status"] not in _UNJUDGED
    )


def settled_rules(report: Report) -> Judged:
    """The rules that were judged for every member: of any other, who is gone may be unread."""
    unsettled = {
        (account["id"], rule["id"])
        for account in report["accounts"]
        for rule in account["rules"]
        if rule["unknown"]
    }
    return judged_rules(report) - unsettled


def audited_accounts(report: Report) -> frozenset[str]:
    """The numbers of the accounts that the report is about."""
    return frozenset(account["id"] for account in report["accounts"])


def last_word(reports: Sequence[Report]) -> Report:
    """The newest of the reports, which come oldest first, with the accounts that only others have.

    So accounts that were audited one by one compare with the last report on each.
    """
    newest = reports[-1]
    accounts = {each["id"]: each for report in reports for each in report["accounts"]}
    return {**newest, "accounts": list(accounts.values())}


def have_other_limits(one: Report, other: Report) -> bool:
    """True if the two were judged by different thresholds, as far as they say."""
    told = [each["tool"].get("limits") for each in (one, other)]
    if None in told:
        return bool(one["tool"]["profile"] != other["tool"]["profile"])
    return bool(told[0] != told[1])


def why_unjudged(report: Report, account: str, rule: str) -> str:
    """Why the report says nothing of this rule in this account, in words for a reader."""
    for each in report["accounts"]:
        if each["id"] == account:
            known = {one["id"]: one["status"] for one in each["rules"]}
            if rule not in known:
                return "it has no such check"
            if known[rule] == Status.NOT_REQUESTED.value:
                return "the check was not requested"
            if known[rule] == Status.NOT_ASSESSED.value:
                return "the check was not assessed"
            return "the check was assessed in part"
    return "the account was not audited"


@dataclass(frozen=True, slots=True)
class Look:
    """What a report looked for: whether a finding that is missing from it is gone."""

    settled: Judged
    accounts: frozenset[str]
    has_other_limits: bool

    def would_show(self, account: str, rule: str) -> bool:
        """True if a finding of the rule that was still there would be in the report."""
        return (account, rule) in self.settled and not self.has_other_limits_for(rule)

    def has_other_limits_for(self, rule: str) -> bool:
        """True if the rule compares with thresholds, and those of the report before differ."""
        return self.has_other_limits and rule in checks_by_rule() and asks_for_limits(rule)


def look_of(report: Report, last: Report | None) -> Look:
    """What the report looked for; `last` is the one before it, None for the first."""
    other = last is not None and have_other_limits(last, report)
    return Look(settled_rules(report), audited_accounts(report), other)
