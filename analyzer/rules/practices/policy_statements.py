"""In: the policies that the account wrote or holds. Out: statements that give too much.

What serves as a permissions boundary alone gives nothing, so it is not asked.
"""

from collections.abc import Iterator
from itertools import chain

from analyzer.policy.arns import is_everything
from analyzer.policy.documents import Effect, Statement
from analyzer.policy.lint.vacuity import restricts_nobody
from analyzer.policy.whole_types import names_all_of_service
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.action_lists import ActionList, listed_actions
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Outcome, Pass, fail
from analyzer.rules.privilege_queries import (
    granting_policies,
    held_aws_policies,
    outcome_unless_found,
)
from analyzer.rules.wide_statements import (
    Excess,
    ExcessOf,
    check_held,
    check_statements,
    fail_statements,
    find_everything,
    find_held,
)

_DECRYPTING = ("kms:Decrypt", "kms:ReEncryptFrom")


def customer_policy_full_admin_attached(graph: EscalationGraph) -> Iterator[Outcome]:
    """A customer policy that someone holds allows everything. CIS 1.15 (5.0), FSBP IAM.1."""
    attached = (
        each for each in granting_policies(graph) if not each.is_inline and each.attachments != 0
    )
    yield from check_statements(attached, find_everything(graph))


def inline_policy_full_admin(graph: EscalationGraph) -> Iterator[Outcome]:
    """An inline policy allows everything. CIS 1.15 (5.0)."""
    inline = (each for each in granting_policies(graph) if each.is_inline)
    yield from check_statements(inline, find_everything(graph))


def unattached_policy_full_admin(graph: EscalationGraph) -> Iterator[Outcome]:
    """A customer policy that nobody holds allows everything: one call from being used."""
    loose = (
        each for each in granting_policies(graph) if not each.is_inline and each.attachments == 0
    )
    yield from check_statements(loose, find_everything(graph))


def policy_service_wildcard(graph: EscalationGraph) -> Iterator[Outcome]:
    """A policy allows all of a service; milder where a resource or condition bounds it. IAM.21.

    AWS's control looks at neither.
    https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-21
    """
    finders = (_find_services(graph, is_bounded=each) for each in (False, True))
    yield from check_statements(granting_policies(graph), *finders)


def policy_notaction_allow(graph: EscalationGraph) -> Iterator[Outcome]:
    """An Allow names what it leaves out, so it grows with AWS."""
    for policy in granting_policies(graph):
        found = [
            each
            for each in (policy.instance.document.statements if policy.instance else ())
            if each.effect == "Allow" and (each.excludes_actions or each.excludes_resources)
        ]
        if found:
            words = sorted(
                {"NotAction" if each.excludes_actions else "NotResource" for each in found}
            )
            yield fail_statements(policy, found, " and ".join(words))
        else:
            yield from outcome_unless_found(policy)


def passrole_unrestricted(graph: EscalationGraph) -> Iterator[Outcome]:
    """Any role may be handed to any service."""
    yield from check_held(graph, ("iam:PassRole",))


def assume_any_role(graph: EscalationGraph) -> Iterator[Outcome]:
    """Any role that lets the account in may be taken."""
    yield from check_held(graph, ("sts:AssumeRole",))


def kms_unrestricted(graph: EscalationGraph) -> Iterator[Outcome]:
    """Whatever any key of the account protects may be decrypted. FSBP KMS.1, KMS.2."""
    yield from check_held(graph, _DECRYPTING)


def marketplace_subscribe_wildcard(graph: EscalationGraph) -> Iterator[Outcome]:
    """Anything on the Marketplace may be bought."""
    yield from check_held(graph, ("aws-marketplace:Subscribe",))


def data_read_unconstrained(graph: EscalationGraph) -> Iterator[Outcome]:
    """Every bucket, table, secret or parameter may be read; milder for logs and code alone."""
    data = listed_actions(ActionList.DATA_READ)
    texts = listed_actions(ActionList.TEXT_READ)
    finders = find_held(graph, data), find_held(graph, texts, "logs-and-code")
    bits = graph.authorizer.actions.bits_of((*data, *texts))
    policies = chain(granting_policies(graph), held_aws_policies(graph))
    yield from check_statements(policies, *finders, actions=bits)


def credential_returning_actions_unconstrained(graph: EscalationGraph) -> Iterator[Outcome]:
    """Calls whose answer is a credential are allowed for everyone and everything."""
    yield from check_held(graph, listed_actions(ActionList.CREDENTIAL_RETURNING))


def resource_policy_write_unconstrained(graph: EscalationGraph) -> Iterator[Outcome]:
    """Whoever holds the policy opens any bucket, key, function or queue to outsiders."""
    yield from check_held(graph, listed_actions(ActionList.RESOURCE_POLICY_WRITE))


def policy_risky_non_default_version(graph: EscalationGraph) -> Iterator[Outcome]:
    """A version that is not in force allows everything; one call brings it back."""
    cache, find = graph.authorizer.store.cache, find_everything(graph)
    for policy in graph.authorizer.account.policies:
        if policy.is_aws_managed or not policy.older:
            continue
        now = cache.document(policy.document).statements if policy.document else ()
        older = [cache.held(node, policy.name, policy.arn) for node in policy.older]
        wide = [
            held.location_of(each)
            for held in older
            for each in held.document.statements
            if any(find(each))
        ]
        if wide and not any(excess for each in now for excess in find(each)):
            yield fail(Resource(policy.arn, policy.arn), *wide, policy=policy.name)
        else:
            yield Pass()


def _find_services(graph: EscalationGraph, *, is_bounded: bool) -> ExcessOf:
    """The services that a statement allows whole; bounded, those that it ties to anything."""
    around, account = graph.authorizer.around, graph.authorizer.account.id

    def found(statement: Statement) -> Iterator[Excess]:
        if statement.effect is not Effect.ALLOW or statement.unread:
            return
        is_free = is_bounded or restricts_nobody(statement, around)
        names = [
            service
            for service in _whole_services(statement)
            if is_free and (is_bounded or _names_all(statement, service, around.partition, account))
        ]
        if names:
            words = ", ".join(f"{name}:*" for name in names)
            yield Excess(statement, words, variant="limited" if is_bounded else "")

    return found


def _whole_services(statement: Statement) -> list[str]:
    """The services that the statement allows whole, by name and not by a bare star."""
    if statement.excludes_actions:
        return []
    whole = [
        each.partition(":")
        for each in statement.action_patterns
        if each.count(":") == 1 and not each.partition(":")[2].strip("*")
    ]
    return sorted({service.lower() for service, _, rest in whole if rest and service.strip("*")})


def _names_all(statement: Statement, service: str, partition: str, account: str) -> bool:
    """True if the statement names every resource of the service."""
    if statement.excludes_resources:
        return not statement.resources
    return any(
        is_everything(each) or names_all_of_service(each, service, partition, account)
        for each in statement.resources
    )
