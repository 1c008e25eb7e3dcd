"""Accounts with evidence of use: last-accessed answers, Access Analyzer, CloudTrail."""

import json
from typing import Any

from analyzer.config import Limits
from analyzer.policy.authorizer import authorizer_for
from analyzer.proposals.policies import PolicyProposal, propose_policies
from analyzer.proposals.use import KnownUse, known_uses
from tests.builders import AccountBuilder
from tests.rules.small_exports import Age


def asked(
    case: AccountBuilder,
    principal: str,
    services: dict[str, Any],
    *,
    age: Age = 0,
    cut: bool = False,
) -> AccountBuilder:
    """AWS's answer on the principal, of that age.

    A service's value is the age of its last use, None for none, or the same for each of its
    tracked actions.
    """
    listed = []
    for name, used in services.items():
        entry: dict[str, Any] = {"ServiceNamespace": name}
        last = used
        if isinstance(used, dict):
            entry["TrackedActionsLastAccessed"] = [
                {"ActionName": action} | _stamp(case, "LastAccessedTime", when)
                for action, when in used.items()
            ]
            last = min((each for each in used.values() if each is not None), default=None)
        listed.append(entry | _stamp(case, "LastAuthenticated", last))
    answer = {
        "credaudit_principal": case.arn(principal),
        "JobStatus": "COMPLETED",
        "JobType": "ACTION_LEVEL",
        "JobCompletionDate": case.when(age),
        "IsTruncated": cut,
        "ServicesLastAccessed": listed,
    }
    return case.export(f"last-accessed-{principal.replace('/', '-')}.json", answer)


def _stamp(case: AccountBuilder, name: str, age: Age) -> dict[str, str]:
    return {} if age is None else {name: case.when(age)}


def event(
    case: AccountBuilder, principal: str, called: str, age: Age = 10, **members: Any
) -> dict[str, Any]:
    """A record of CloudTrail: `called` is the host's first word and the event's name."""
    host, name = called.split(":")
    arn = case.arn(principal)
    identity: dict[str, Any] = {"type": "IAMUser", "arn": arn, "accountId": case.number}
    if principal.startswith("role/"):
        issuer = {"type": "Role", "arn": arn}
        identity = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}}
    return {
        "eventVersion": "1.08",
        "eventTime": case.when(age),
        "eventSource": f"{host}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "readOnly": True,
        "recipientAccountId": case.number,
        "userIdentity": identity,
    } | members


def logged(
    case: AccountBuilder, *events: dict[str, Any], first: int = 100, last: int = 0
) -> AccountBuilder:
    """A log file with these events, and one of nobody in particular every fifth day."""
    others = [
        event(case, "user/somebody", "sts:GetCallerIdentity", age)
        for age in range(first, last - 1, -5)
    ]
    return case.export("log.json", {"Records": [*events, *others]})


def looked_up(case: AccountBuilder, *events: dict[str, Any]) -> AccountBuilder:
    """The same events as lookup-events answers."""
    listed = [
        {"EventName": each["eventName"], "CloudTrailEvent": json.dumps(each)} for each in events
    ]
    return case.export("events.json", {"Events": listed})


def use_of(case: AccountBuilder, principal: str) -> KnownUse:
    """What is known of that principal's use."""
    return known_uses(authorizer_for(case.account()), Limits())[case.arn(principal)]


def kept(case: AccountBuilder, principal: str, *actions: str) -> list[str]:
    """Which of these actions may not be taken for unused."""
    index = authorizer_for(case.account()).actions
    keep = use_of(case, principal).keep
    return [each for each in actions if index.bit(each) & keep]


def proposed(case: AccountBuilder, about: str = "", **limits: Any) -> PolicyProposal:
    """The policies that are proposed for the account."""
    return propose_policies(case.account(), Limits(**limits), about and case.arn(about))


def actions_of(proposal: PolicyProposal) -> dict[str, list[list[str]]]:
    """For each policy by its name the actions of each statement that would be left."""
    return {
        each.held.name: [
            statement.get("Action")
            for text in each.texts
            for statement in text.document["Statement"]
        ]
        for each in proposal.policies
    }


def reasons(proposal: PolicyProposal) -> dict[str, str]:
    """Why each policy that is left alone is."""
    return {each.held.name: each.reason for each in proposal.left_alone}
