"""In: how far everyone gets, and when each used which action. Out: rights to change that lie idle.

get-service-last-accessed-details at ACTION_LEVEL names the actions that AWS tracks and the last
attempt at each; of those that it does not track nobody can tell, so none of them is judged.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_TrackedActionLastAccessed.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from collections.abc import Iterator
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, Role, principal_noun
from analyzer.policy.actions import AccessLevel
from analyzer.policy.layers import Verdict
from analyzer.policy.principals import PrincipalPolicies
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Outcome, Pass, Unknown, fail, list_names, unreadable

_SHORTEST_TRACKING = 90
"""Days of tracking below which nothing is called unused, whatever the limit says."""
_TRACKED = "TrackedActionsLastAccessed"
_CHANGING = (AccessLevel.PERMISSIONS, AccessLevel.WRITE)


def actions_unused(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """A principal may write, or give rights, by actions that it has not called in 90 days.

    Services that it does not use at all are for `granted_services_unused`.
    """
    account = graph.authorizer.account
    known = {principal_noun(arn): each for arn, each in graph.authorizer.principals.items()}
    for node in account.documents_of_kind(ExportKind.LAST_ACCESSED):
        given = node.text("credaudit_principal")
        policies = known.get(principal_noun(given)) if given else None
        if policies is None:
            yield Unknown("the answer is of nobody in the authorization details", node.location)
        elif not (isinstance(policies.principal, Role) and policies.principal.is_service_linked):
            yield _check_principal(graph, policies, node, limits)


def _check_principal(
    graph: EscalationGraph, policies: PrincipalPolicies, node: JsonNode, limits: Limits
) -> Outcome:
    account, principal = graph.authorizer.account, policies.principal
    if node.text("JobStatus") != "COMPLETED":
        return Unknown("the last-accessed job was not complete when it was saved", node.location)
    if not _is_of_actions(node):
        return Unknown("the answer is of services, not of actions", node.location)
    made = policies.details.created
    if not isinstance(made, datetime):
        return unreadable(policies.details.location.child("CreateDate"))
    if account.days_since(made) < max(limits.unused_action, _SHORTEST_TRACKING):
        return Pass()
    idle = _idle_actions(account, node, limits)
    if isinstance(idle, Unknown):
        return idle
    unused = _granted(graph, policies, idle)
    if isinstance(unused, Unknown):
        return unused
    if not unused:
        return Pass()
    identity = principal.stable_id
    return fail(
        Resource(principal.arn, identity),
        node.location.child("ServicesLastAccessed"),
        principal=principal.arn,
        unused=len(unused),
        actions=list_names(unused),
        limit=limits.unused_action,
    )


def _is_of_actions(node: JsonNode) -> bool:
    """True for an answer at ACTION_LEVEL; one whose type was cut off shows it by an action."""
    services = node.each("ServicesLastAccessed")
    return node.text("JobType") == "ACTION_LEVEL" or any(each.child(_TRACKED) for each in services)


def _idle_actions(account: Account, node: JsonNode, limits: Limits) -> list[str] | Unknown:
    """The tracked actions of services in use that were not called within the limit."""
    idle = []
    for service in node.each("ServicesLastAccessed"):
        called = service.time("LastAuthenticated")
        if called is MissingValue.UNREADABLE:
            return unreadable(service.location.child("LastAuthenticated"))
        if not isinstance(called, datetime) or account.days_since(called) > limits.unused_service:
            continue
        for action in service.each(_TRACKED):
            used, name = action.time("LastAccessedTime"), action.text("ActionName")
            if used is MissingValue.UNREADABLE or not name:
                return unreadable(action.location_of("LastAccessedTime"))
            if not isinstance(used, datetime) or account.days_since(used) > limits.unused_action:
                prefix = service.text("ServiceNamespace") or ""
                idle.append(name if ":" in name else f"{prefix}:{name}")
    return idle


def _granted(
    graph: EscalationGraph, policies: PrincipalPolicies, idle: list[str]
) -> list[str] | Unknown:
    """Those of the actions that change something and that the principal may certainly call.

    Unknown where none is certain and some are possible.
    """
    index, authorizer = graph.authorizer.actions, graph.authorizer
    changing = [each for each in idle if any(index.has_level(each, level) for level in _CHANGING)]
    if not changing:
        return []
    possible = authorizer.possible(policies)
    found, doubts = list[str](), dict[str, None]()
    for action in changing:
        if not possible & index.bit(action):
            continue
        decision = authorizer.decide(policies, action)
        if decision.verdict is Verdict.ALLOWED:
            found.append(action)
        elif decision.verdict is Verdict.CONDITIONAL:
            doubts |= dict.fromkeys(decision.reasons)
    if doubts and not found:
        return Unknown(f"depends on {', '.join(doubts)}", policies.details.location)
    return found
