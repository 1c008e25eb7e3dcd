"""In: what policies ask of a request. Out: the other circumstances in which it can be made.

A caller picks the network that it calls from, and may have a service call in its place: what
CloudFormation does for a stack, it does with the rights of whoever made the stack.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from analyzer.globs import matches
from analyzer.policy.actions import ActionIndex
from analyzer.policy.condition_parser import Clause
from analyzer.policy.conditions import KeyKnowledge, KeyState

FOREIGN = "credauditany"
"""Part of the ID of something that is the caller's own, so that no policy names it."""
OTHER_NETWORKS: tuple[Mapping[str, KeyState], ...] = (
    MappingProxyType({"aws:sourceip": KeyKnowledge.ANY_IPV6}),
    # An endpoint in a network of the caller's own, with whatever address there: AWS's endpoints
    # take requests of any account's credentials.
    MappingProxyType(
        {
            "aws:sourceip": KeyKnowledge.ABSENT,
            "aws:sourcevpc": (f"vpc-{FOREIGN}",),
            "aws:sourcevpcarn": (f"arn:aws:ec2:us-east-1:000000000000:vpc/vpc-{FOREIGN}",),
            "aws:sourcevpce": (f"vpce-{FOREIGN}",),
            "aws:vpcsourceip": KeyKnowledge.FREE,
            "aws:vpceaccount": ("000000000000",),
            "aws:vpceorgid": (f"o-{FOREIGN}",),
            "aws:vpceorgpaths": (f"o-{FOREIGN}/r-{FOREIGN}/",),
        }
    ),
)
"""From where a request can come besides an IPv4 address, and what it carries then.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties
"""
_CALLED_VIA = ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
_VIA = "aws:viaawsservice"
VIA_KEYS = frozenset((*_CALLED_VIA, _VIA))
_FORWARDING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "athena.amazonaws.com": ("athena:StartQueryExecution",),
        "cloudformation.amazonaws.com": (
            "cloudformation:CreateStack", "cloudformation:UpdateStack",
            "cloudformation:ExecuteChangeSet", "cloudformation:CreateStackSet",
            "cloudformation:CreateStackInstances", "cloudformation:CreateResource",
        ),
        "dynamodb.amazonaws.com": ("dynamodb:*",),
        "kms.amazonaws.com": ("kms:*",),
    }
)  # fmt: skip
"""Services of which it is known what makes them call others with the caller's rights.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
"""
_SUFFIX = ".amazonaws.com"
_OPEN = set("*?$")
_ANY_OTHER = "another service"


@dataclass(frozen=True, slots=True)
class ForwardingService:
    """A service that calls others in the caller's place; `actions` make it do so, as bits.

    `is_known` False: it is any of several, and nobody can tell which of them calls.
    """

    name: str
    actions: int
    is_known: bool = True

    @property
    def keys(self) -> Mapping[str, KeyState]:
        """What a request carries that the service makes; where from, nobody can tell."""
        caller: KeyState = (self.name,) if self.is_known else KeyKnowledge.UNKNOWN
        return {
            **dict.fromkeys(_CALLED_VIA, caller),
            _VIA: ("true",),
            "aws:sourceip": KeyKnowledge.UNKNOWN,
            "aws:sourcevpc": KeyKnowledge.UNKNOWN,
            "aws:sourcevpce": KeyKnowledge.UNKNOWN,
        }


def forwarding_services(
    clauses: Iterable[Clause], actions: ActionIndex
) -> Iterator[ForwardingService]:
    """The services that these clauses tell apart from the caller itself.

    One that a clause names counts by its name. For a pattern, and for aws:ViaAWSService, those
    whose calls are known count by theirs, and any other together: S3 calls KMS for whoever reads
    an object, and no page lists all services that do the like.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
    """
    asked = [clause for clause in clauses if clause.key.lower() in VIA_KEYS]
    named = [each for each in asked if each.key.lower() != _VIA and each.operator != "Null"]
    values = {value for clause in named for value in clause.values}
    names = {value for value in values if not set(value) & _OPEN}
    patterns = {value for value in values if set(value) & _OPEN}
    if len(named) < len(asked) or any("$" in value for value in patterns):
        patterns.add("*")
    names |= {each for each in _FORWARDING if any(matches(value, each) for value in patterns)}
    for name in sorted(names):
        yield ForwardingService(name, _bits_of(name, actions))
    if patterns and (others := _bits_of_others(patterns, actions)):
        yield ForwardingService(_ANY_OTHER, others, is_known=False)


def _bits_of(name: str, actions: ActionIndex) -> int:
    """What makes the service of that name call others."""
    usual = (f"{name.lower().removesuffix(_SUFFIX)}:*",)
    bits = 0
    for pattern in _FORWARDING.get(name.lower(), usual):
        bits |= actions.bits(pattern)
    return bits


def _bits_of_others(patterns: Iterable[str], actions: ActionIndex) -> int:
    """The actions of all other services whose usual name is one of these patterns."""
    if "*" in patterns:
        bits = actions.everything
    else:
        bits = 0
        for pattern in patterns:
            # A service's prefix is most often the first part of its name.
            prefix = pattern.lower().removesuffix(_SUFFIX).partition(".")[0]
            bits |= actions.bits(f"{prefix}:*")
    for name in _FORWARDING:
        bits &= ~actions.bits(f"{name.removesuffix(_SUFFIX)}:*")
    return bits
