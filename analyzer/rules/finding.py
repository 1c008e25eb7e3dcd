"""In: nothing; these are the nouns of the judgement stage. Out: Resource, Finding, Result."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from analyzer.evidence.artifacts import Location
from analyzer.leaks.model import Occurrence
from analyzer.rules.catalogue import Fact


class Status(StrEnum):
    """The result of one rule for one account."""

    PASS = "pass"  # noqa: S105 - a result, not a password
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    NOT_ASSESSED = "not-assessed"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Resource:
    """What a finding is about.

    `identity` tells it from any other resource of the account for good: a user deleted and made
    again under the same name is another one, a key in another slot is the same one.
    """

    arn: str
    identity: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause for concern. A finding without a place can't be made.

    `variant` names the milder case of the rule that it is, "" for the rule's own. `withdrawn` is
    the fingerprint of a finding of the last report that can't be looked into now; it stays open,
    for it closes on evidence only.
    """

    rule: str
    account: str
    resource: Resource
    locations: tuple[Location | Occurrence, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    withdrawn: str = ""
    variant: str = ""

    def __post_init__(self) -> None:
        """Hold the first promise of the program: no pointer, no finding."""
        if not self.locations:
            message = f"finding of {self.rule} on {self.resource.arn} has no place"
            raise ValueError(message)

    @property
    def fingerprint(self) -> str:
        """32 hex digits of rule, account and the resource's lasting identity; nothing else.

        A variant is the same finding: it turns milder or worse, and stays open.
        """
        if self.withdrawn:
            return self.withdrawn
        source = "\0".join((self.rule, self.account, self.resource.identity))
        return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Result:
    """What one rule says of one account.

    `population` counts the members it looked at, `failed` those that break it, `unknown` those
    that could not be judged. `reason` explains a status that is neither pass nor fail, `command`
    is what the account owner runs to close the gap. `in_doubt` are the ARNs of all that could not
    be judged, where each is a user, role, group or policy; None where anybody may be among them.
    """

    rule: str
    status: Status
    population: int = 0
    failed: int = 0
    unknown: int = 0
    reason: str = ""
    command: str = ""
    findings: tuple[Finding, ...] = ()
    in_doubt: frozenset[str] | None = None
