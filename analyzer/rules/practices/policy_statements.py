"""In: the policies that the account wrote or holds. Out: statements that give too much.

What serves as a permissions boundary alone gives nothing, so it is not asked.
"""

from collections.abc import Callable, Iterator
from itertools import chain

from analyzer.policy.arns import is_everything
from analyzer.policy.documents import Document, Statement
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Outcome, Pass, Unknown, as_variant, fail
from analyzer.rules.privilege_queries import (
    AccountPolicy,
    granting_policies,
    held_aws_policies,
    outcome_unless_found,
    statements_under_idle_conditions,
    unrestricted_statements,
)

_DECRYPTING = ("kms:Decrypt", "kms:ReEncryptFrom")
_READING = (
    "s3:GetObject",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
)
_HANDING_OUT = (
    "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile",
    "iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential",
    "sts:GetFederationToken", "redshift:GetClusterCredentials", "rds-db:connect",
    "lightsail:GetInstanceAccessDetails", "ec2:GetPasswordData",
)  # fmt: skip
_OPENING = (
    "s3:PutBucketPolicy", "s3:PutBucketAcl", "kms:PutKeyPolicy", "kms:CreateGrant",
    "lambda:AddPermission", "sns:AddPermission", "sqs:AddPermission",
    "secretsmanager:PutResourcePolicy", "ecr:SetRepositoryPolicy", "ec2:ModifySnapshotAttribute",
    "ec2:ModifyImageAttribute", "ram:CreateResourceShare",
)  # fmt: skip


def customer_policy_full_admin_attached(graph: EscalationGraph) -> Iterator[Outcome]:
    """A customer policy that someone holds allows everything. CIS 1.15 (5.0), FSBP IAM.1."""
    attached = (
        each for each in granting_policies(graph) if not each.is_inline and each.attachments != 0
    )
    yield from _check_full_admin(graph, attached)


def inline_policy_full_admin(graph: EscalationGraph) -> Iterator[Outcome]:
    """An inline policy allows everything. CIS 1.15 (5.0)."""
    yield from _check_full_admin(
        graph, (each for each in granting_policies(graph) if each.is_inline)
    )


def unattached_policy_full_admin(graph: EscalationGraph) -> Iterator[Outcome]:
    """A customer policy that nobody holds allows everything: one call from being used."""
    loose = (
        each for each in granting_policies(graph) if not each.is_inline and each.attachments == 0
    )
    yield from _check_full_admin(graph, loose)


def policy_service_wildcard(graph: EscalationGraph) -> Iterator[Outcome]:
    """A policy allows all of a service on everything. FSBP IAM.21."""
    yield from _check_statements(granting_policies(graph), _services)


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
            yield _fail_statements(policy, found, " and ".join(words))
        else:
            yield from outcome_unless_found(policy)


def passrole_unrestricted(graph: EscalationGraph) -> Iterator[Outcome]:
    """Any role may be handed to any service."""
    yield from _check_held(graph, "iam:PassRole")


def assume_any_role(graph: EscalationGraph) -> Iterator[Outcome]:
    """Any role that lets the account in may be taken."""
    yield from _check_held(graph, "sts:AssumeRole")


def kms_unrestricted(graph: EscalationGraph) -> Iterator[Outcome]:
    """Whatever any key of the account protects may be decrypted. FSBP KMS.1, KMS.2."""
    yield from _check_held(graph, *_DECRYPTING)


def marketplace_subscribe_wildcard(graph: EscalationGraph) -> Iterator[Outcome]:
    """Anything on the Marketplace may be bought."""
    yield from _check_held(graph, "aws-marketplace:Subscribe")


def data_read_unconstrained(graph: EscalationGraph) -> Iterator[Outcome]:
    """Every bucket, secret or parameter may be read."""
    yield from _check_held(graph, *_READING)


def credential_returning_actions_unconstrained(graph: EscalationGraph) -> Iterator[Outcome]:
    """Calls whose answer is a credential are allowed for everyone and everything."""
    yield from _check_held(graph, *_HANDING_OUT)


def resource_policy_write_unconstrained(graph: EscalationGraph) -> Iterator[Outcome]:
    """Whoever holds the policy opens any bucket, key, function or queue to outsiders."""
    yield from _check_held(graph, *_OPENING)


def policy_risky_non_default_version(graph: EscalationGraph) -> Iterator[Outcome]:
    """A version that is not in force allows everything; one call brings it back."""
    everything = graph.authorizer.actions.everything
    cache = graph.authorizer.store.cache
    for policy in graph.authorizer.account.policies:
        if policy.is_aws_managed or not policy.older:
            continue
        now = cache.document(policy.document).statements if policy.document else ()
        older = [cache.held(node, policy.name, policy.arn) for node in policy.older]
        wide = [
            held.location_of(each)
            for held in older
            for each in held.document.statements
            if each.effect == "Allow" and each.actions == everything and _is_open(each)
        ]
        if wide and not any(each.actions == everything and _is_open(each) for each in now):
            yield fail(Resource(policy.arn, policy.arn), *wide, policy=policy.name)
        else:
            yield Pass()


def _check_held(graph: EscalationGraph, *actions: str) -> Iterator[Outcome]:
    """Whoever holds the policy may do one of these to everything, whether AWS wrote it or not."""
    policies = chain(granting_policies(graph), held_aws_policies(graph))
    bits = sum(graph.authorizer.actions.bit(each) for each in actions)
    yield from _check_statements(policies, _names_one(graph, *actions), bits)


def _is_open(statement: Statement) -> bool:
    return not statement.clauses and any(is_everything(each) for each in statement.resources)


def _check_statements(
    policies: Iterator[AccountPolicy], what: Callable[[Statement], str], actions: int = -1
) -> Iterator[Outcome]:
    """One outcome for each policy; `what` names a statement's excess, "" where it has none.

    It is asked once for each distinct text, of which many policies have the same. `actions` are
    the bits of those that can be in excess.
    """
    excess: dict[Document | None, list[tuple[Statement, str]]] = {None: []}
    for policy in policies:
        document = policy.instance.document if policy.instance else None
        if document not in excess:
            named = ((each, what(each)) for each in unrestricted_statements(policy))
            excess[document] = [(each, said) for each, said in named if said]
        found = excess[document]
        if found:
            yield _fail_statements(
                policy, [each for each, _ in found], ", ".join(s for _, s in found)
            )
        else:
            yield from outcome_unless_found(policy, actions)


def _fail_statements(policy: AccountPolicy, found: list[Statement], said: str) -> Outcome:
    held = policy.instance
    if held is None:
        return Unknown(f"the text of {policy.name} is not in the export", policy.location)
    where = (held.location_of(each) for each in found)
    numbers = ", ".join(str(each.index + 1) for each in found)
    facts = {"policy": policy.name, "statements": numbers, "excess": said}
    found_here = fail(policy.resource, *dict.fromkeys((*where, *policy.holders)), **facts)
    return as_variant("aws-managed", found_here) if policy.is_aws_managed else found_here


def _check_full_admin(
    graph: EscalationGraph, policies: Iterator[AccountPolicy]
) -> Iterator[Outcome]:
    """One outcome for each policy: a condition that restricts nobody changes nothing."""
    everything, around = graph.authorizer.actions.everything, graph.authorizer.around
    for policy in policies:
        plain = [e for e in unrestricted_statements(policy) if e.actions == everything]
        idle = statements_under_idle_conditions(policy, around)
        conditioned = {each: why for each, why in idle if each.actions == everything}
        if plain:
            yield _fail_statements(policy, plain, "every action")
        elif conditioned:
            told = dict.fromkeys(each.explanation for why in conditioned.values() for each in why)
            said = f"every action, under conditions that restrict nobody ({'; '.join(told)}),"
            yield _fail_statements(policy, list(conditioned), said)
        else:
            yield from outcome_unless_found(policy)


def _services(statement: Statement) -> str:
    """The services that the statement allows whole, by name and not by a bare star."""
    if statement.excludes_actions:
        return ""
    whole = [
        each.partition(":")
        for each in statement.action_patterns
        if each.count(":") == 1 and not each.partition(":")[2].strip("*")
    ]
    names = sorted({service.lower() for service, _, rest in whole if rest and service.strip("*")})
    return ", ".join(f"{name}:*" for name in names)


def _names_one(graph: EscalationGraph, *actions: str) -> Callable[[Statement], str]:
    """Statements that allow one of these; whoever allows everything is another check's finding."""
    table = graph.authorizer.actions

    def said(statement: Statement) -> str:
        if statement.actions == table.everything:
            return ""
        return ", ".join(each for each in actions if statement.actions & table.bit(each))

    return said
