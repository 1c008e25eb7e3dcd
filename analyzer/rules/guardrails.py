"""In: an account and its control policies. Out: which guardrails these put over everybody in it.

The question is put to the evaluator: a made-up administrator, and root, ask for what a guardrail
forbids. A policy that spares some principals by name is one all the same, and so is one that
protects some trail or analyzer by its ARN.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, PrincipalDetails, Role, User
from analyzer.policy.account_evaluators import AccountEvaluators
from analyzer.policy.conditions import Context, KeyKnowledge
from analyzer.policy.documents import ALLOW_EVERYTHING
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layers import PolicyLayer, Verdict
from analyzer.policy.organization_policies import organization_layers
from analyzer.policy.request_context import EntryPoint, request_context

_NAME = "credaudit-question"
_NOWHERE = Location("")
_STAR = "*"
_FIELDS = 6
_ELSEWHERE = ("ap-southeast-4", "sa-east-1", "af-south-1", "me-central-1")
"""Regions in which few work; who limits regions leaves one of them out."""


class Guardrail(StrEnum):
    """What control policies are expected to forbid, in words."""

    ROOT = "use of the root user"
    LEAVING = "leaving the organization"
    TRAIL = "stopping or deleting a trail"
    ANALYZER = "deleting an access analyzer"
    KEYS = "making long-term access keys"


class Presence(StrEnum):
    """Whether a guardrail is there. UNKNOWN where a policy's text or place is not known."""

    PRESENT = "present"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Guardrails:
    """Each guardrail's presence, and where the policies over the account stand.

    `limits_regions` is for information: who may work where is the owner's choice.
    """

    presence: dict[Guardrail, Presence]
    limits_regions: Presence
    locations: tuple[Location, ...]

    def with_presence(self, presence: Presence) -> tuple[str, ...]:
        """The guardrails, in words, of which that is true."""
        return tuple(name.value for name, each in self.presence.items() if each is presence)


_ASKED: dict[Guardrail, tuple[tuple[str, str], ...]] = {
    Guardrail.ROOT: (
        ("iam:CreateUser", "iam::@:user/x"),
        ("iam:CreateAccessKey", "iam::@:user/x"),
        ("lambda:CreateFunction", "lambda:us-east-1:@:function:x"),
        ("s3:DeleteBucket", "s3:::x"),
    ),
    Guardrail.LEAVING: (("organizations:LeaveOrganization", _STAR),),
    Guardrail.TRAIL: (
        ("cloudtrail:StopLogging", "cloudtrail:us-east-1:@:trail/x"),
        ("cloudtrail:DeleteTrail", "cloudtrail:us-east-1:@:trail/x"),
    ),
    Guardrail.ANALYZER: (
        ("access-analyzer:DeleteAnalyzer", "access-analyzer:us-east-1:@:analyzer/x"),
    ),
    Guardrail.KEYS: (("iam:CreateAccessKey", "iam::@:user/x"),),
}
"""The questions: an action and a resource, `@` for the account. All must be denied."""
_ONE_IS_ENOUGH = frozenset({Guardrail.TRAIL, Guardrail.ANALYZER})
"""Guardrails that may name the one trail or analyzer that matters."""


def guardrails_of(account: Account, evaluators: AccountEvaluators) -> Guardrails:
    """The guardrails that the service control policies over the account make."""
    cache = evaluators.store.cache
    layers = tuple(
        each for each in organization_layers(account, cache) if not each.guards_resources
    )
    everything = cache.held(JsonNode(ALLOW_EVERYTHING, _NOWHERE, is_in_text=True), _NAME)
    asked = (PolicyLayer("identity", (everything,)), *layers)
    anybody = evaluators.evaluator_for_policies(asked, _anybody(account))
    root = evaluators.evaluator_for_policies(asked, _root(account))
    presence = {
        each: _presence(account, layers, root if each is Guardrail.ROOT else anybody, each)
        for each in Guardrail
    }
    return Guardrails(presence, _limits_regions(account, anybody), tuple(_places(layers)))


def _presence(
    account: Account, layers: tuple[PolicyLayer, ...], by: PolicyEvaluator, wanted: Guardrail
) -> Presence:
    answers = []
    for action, resource in _ASKED[wanted]:
        tried = [_arn(account, resource)]
        if wanted in _ONE_IS_ENOUGH:
            tried += _denied_resources(account, layers, by.actions.bit(action))
        answers.append(_best(_answer(by, action, each) for each in tried))
    if Presence.MISSING in answers:
        return Presence.MISSING
    return Presence.UNKNOWN if Presence.UNKNOWN in answers else Presence.PRESENT


def _answer(by: PolicyEvaluator, action: str, resource: str) -> Presence:
    match by.decide(action, resource).verdict:
        case Verdict.DENIED | Verdict.NONE:
            return Presence.PRESENT
        case Verdict.ALLOWED:
            return Presence.MISSING
        case _:
            return Presence.UNKNOWN


def _best(answers: Iterable[Presence]) -> Presence:
    """Present where it is on any of the resources, else unknown where it may be on one."""
    found = set(answers)
    order = (Presence.PRESENT, Presence.UNKNOWN, Presence.MISSING)
    return next(each for each in order if each in found)


def _denied_resources(
    account: Account, layers: tuple[PolicyLayer, ...], action: int
) -> Iterator[str]:
    """Resources that a Deny on the action speaks of, its wildcards filled in."""
    for layer in layers:
        for held in layer.held:
            for statement in held.document.statements:
                if statement.denies and statement.actions & action:
                    yield from (_filled(account, each) for each in statement.resources)


def _filled(account: Account, pattern: str) -> str:
    fields = pattern.split(":", _FIELDS - 1)
    if len(fields) < _FIELDS:
        return _STAR
    chosen = (None, account.partition, None, "us-east-1", account.id, None)
    filled = [
        whole if whole and each and set(each) <= {"*"} else each
        for each, whole in zip(fields, chosen, strict=True)
    ]
    return ":".join(each.replace("*", "x").replace("?", "x") for each in filled)


def _limits_regions(account: Account, anybody: PolicyEvaluator) -> Presence:
    asked = "lambda:CreateFunction"
    answers = [
        _answer(
            anybody.with_context({"aws:requestedregion": (region,)}),
            asked,
            f"arn:{account.partition}:lambda:{region}:{account.id}:function:x",
        )
        for region in _ELSEWHERE
    ]
    return _best(answers)


def _anybody(account: Account) -> Context:
    """The context of an administrator whom no policy names."""
    details = PrincipalDetails(_NOWHERE, MissingValue.ABSENT, _NOWHERE)
    arn = f"arn:{account.partition}:iam::{account.id}:role/{_NAME}"
    role = Role(_NAME, arn, details, None, MissingValue.ABSENT)
    return request_context(account, role, EntryPoint.ROLE)


def _root(account: Account) -> Context:
    """The context of root, who is no user of a name."""
    context = request_context(account, User("", account.root_arn), EntryPoint.CONSOLE)
    return context.with_keys(
        {"aws:principaltype": ("Account",), "aws:username": KeyKnowledge.ABSENT}
    )


def _arn(account: Account, resource: str) -> str:
    return (
        resource
        if resource == _STAR
        else f"arn:{account.partition}:{resource.replace('@', account.id)}"
    )


def _places(layers: tuple[PolicyLayer, ...]) -> Iterator[Location]:
    seen: set[Location] = set()
    for layer in layers:
        for held in layer.held:
            if held.location not in seen:
                seen.add(held.location)
                yield held.location
