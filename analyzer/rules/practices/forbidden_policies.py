"""In: the graph and the auditor's list. Out: managed policies that nobody should hold."""

from collections.abc import Iterator

from analyzer.config import Limits
from analyzer.inventory.model import PolicyAttachment
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.outcomes import Outcome, Pass, fail
from analyzer.rules.privilege_queries import policy_holders


def forbidden_managed_policy(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """Somebody holds a policy on the list. AWS Config has iam-policy-blacklisted-check for it."""
    if not limits.forbidden_policies:
        return
    for noun, resource, details in policy_holders(graph):
        held = [each for each in details.attached if _is_forbidden(each, limits)]
        if held:
            yield fail(
                resource,
                *(each.location for each in held),
                holder=noun,
                policies=", ".join(dict.fromkeys(each.name for each in held)),
            )
        else:
            yield Pass()


def _is_forbidden(held: PolicyAttachment, limits: Limits) -> bool:
    return bool({held.arn, held.name} & limits.forbidden_policies)
