"""In: words. Out: report documents that hold no more than what tracking reads."""

from collections.abc import Mapping
from typing import Any

ACCOUNT, OTHER = "111122223333", "444455556666"
RULE = "key-older-than-90-days"
QUARTERS = ("2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01", "2027-01-01")


def stamp(day: str) -> str:
    """That day at eight, as a report writes it."""
    return f"{day}T08:00:00Z"


def finding(name: str, rule: str = RULE, account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    """A finding of the rule on the user of that name."""
    return {
        "fingerprint": f"{account}-{rule}-{name}",
        "rule": rule,
        "variant": None,
        "severity": "medium",
        "account": account,
        "resource": f"arn:aws:iam::{account}:user/{name}",
        "title": "Active access key older than 90 days",
        "status": "open",
        **more,
    }


def quarter(
    day: str,
    *findings: Mapping[str, Any],
    accounts: tuple[str, ...] = (ACCOUNT,),
    rules: Mapping[str, Mapping[str, Any]] | None = None,
    **tool: Any,
) -> dict[str, Any]:
    """A report of that day; `rules` says what is special of a rule, `tool` what of the program."""
    told = {RULE: {}} | dict(rules or {})
    found = [{"since": stamp(day), **each} for each in findings]
    return {
        "schema": "credaudit-report/1",
        "tool": {"formula": "standard-1", "catalogue": "1", "profile": "cis", **tool},
        "as_of": stamp(day),
        "score": {"value": 50, "grade": "D", "coverage": 90},
        "evidence": [],
        "accounts": [
            {
                "id": account,
                "rules": [_rule(name, account, found, more) for name, more in told.items()],
                "practices": [{"id": "access-keys", "score": 90.0}],
            }
            for account in accounts
        ],
        "findings": found,
    }


def _rule(
    name: str, account: str, found: list[dict[str, Any]], more: Mapping[str, Any]
) -> dict[str, Any]:
    failed = sum((each["rule"], each["account"]) == (name, account) for each in found)
    told = {"id": name, "status": "fail" if failed else "pass", "population": 5, "failed": failed}
    return {**told, "unknown": 0, **more}
