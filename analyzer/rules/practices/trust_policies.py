"""In: how far everyone gets, and the roles' trust policies. Out: trust in more than is meant."""

from collections.abc import Callable, Iterator

from analyzer.config import Limits
from analyzer.inventory.model import Role
from analyzer.policy.federated_trust import federated_trust, restricts_saml_audience
from analyzer.policy.trust_policies import (
    WITH_SAML,
    PrincipalType,
    Restriction,
    TrustGrant,
    service_name,
)
from analyzer.policy.trust_ties import is_tied
from analyzer.privesc.graph import EscalationGraph, PrivilegeLevel
from analyzer.rules.known_accounts import known_accounts
from analyzer.rules.outcomes import Outcome, Pass, Unknown, as_variant
from analyzer.rules.privilege_queries import admin_statements, locations
from analyzer.rules.trusting_roles import (
    fail_role,
    opened_to_outsiders,
    trusting_roles,
    unread_statement,
    unreadable_grant,
)

_TIES = frozenset(
    {Restriction.ORGANIZATION, Restriction.ACCOUNT, Restriction.EXTERNAL_ID, Restriction.PRINCIPAL}
)
_OUTSIDERS = (PrincipalType.ACCOUNT, PrincipalType.USER, PrincipalType.ROLE, PrincipalType.SESSION)
_READ_EVERYTHING = frozenset({"ReadOnlyAccess"})
_DEPUTIES = frozenset(
    {
        # Services that act for many accounts at once and send aws:SourceAccount or aws:SourceArn.
        "apigateway.amazonaws.com",
        "bedrock.amazonaws.com",
        "cloudformation.amazonaws.com",
        "cloudtrail.amazonaws.com",
        "config.amazonaws.com",
        "datasync.amazonaws.com",
        "events.amazonaws.com",
        "firehose.amazonaws.com",
        "iot.amazonaws.com",
        "logs.amazonaws.com",
        "personalize.amazonaws.com",
        "sagemaker.amazonaws.com",
        "scheduler.amazonaws.com",
        "sns.amazonaws.com",
        "states.amazonaws.com",
        "vpc-flow-logs.amazonaws.com",
    }
)
"""Each service's own guide says so, such as

https://docs.aws.amazon.com/datasync/latest/userguide/cross-service-confused-deputy-prevention.html
https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
"""


def role_trust_any_principal(graph: EscalationGraph) -> Iterator[Outcome]:
    """Anyone with an AWS account can take the role."""

    def is_open(each: TrustGrant) -> bool:
        is_wide = each.type is PrincipalType.ANYONE or each.excludes
        return is_wide and not _is_tied(graph, each, *_TIES)

    yield from _check_grants(graph, is_open)


def role_trust_unlisted_account(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """The role trusts an account that neither the organization nor the auditor names."""
    known = known_accounts(graph.authorizer.account, limits)

    def is_unlisted(each: TrustGrant) -> bool:
        return each.type in _OUTSIDERS and known.is_outside(each)

    yield from _check_grants(graph, is_unlisted)


def role_external_read_everything(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """An account outside the organization can read everything in this one."""
    for role, outside in opened_to_outsiders(graph, limits):
        held = [each for each in role.details.attached if each.aws_name in _READ_EVERYTHING]
        if not held:
            yield Pass()
        elif isinstance(outside, Unknown):
            yield outside
        else:
            yield fail_role(role, outside, held[0].location, policy=held[0].name)


def role_external_privileged(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """An account outside the organization takes a role that is, or can become, administrator."""
    for role, outside in opened_to_outsiders(graph, limits):
        privilege = graph.privileges[role.arn]
        if privilege.level is PrivilegeLevel.UNKNOWN:
            yield Unknown("; ".join(privilege.reasons), role.details.location)
        elif not privilege.level.is_privileged:
            yield Pass()
        elif isinstance(outside, Unknown):
            yield outside
        else:
            cited = admin_statements(graph, role.arn)
            location = (*locations(cited), role.details.location)[0]
            yield fail_role(role, outside, location, privilege=privilege.level.value)


def role_trust_external_no_external_id(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """An account outside the organization is let in without an external ID or MFA."""
    ties = (Restriction.EXTERNAL_ID, Restriction.MFA, Restriction.ORGANIZATION)
    known = known_accounts(graph.authorizer.account, limits)
    for role, openings in trusting_roles(graph):
        loose = [
            each
            for each in openings
            if each.type in _OUTSIDERS
            and known.is_outside(each)
            and not _is_tied(graph, each, *ties)
        ]
        unread = [each for each in openings if each.type is PrincipalType.OTHER]
        if loose:
            yield known.doubt(role) or fail_role(role, loose)
        elif unread:
            yield unreadable_grant(unread[0])
        elif openings:
            yield Pass()


def oidc_trust_subject_unbounded(graph: EscalationGraph) -> Iterator[Outcome]:
    """Tokens of strangers, or of unrelated projects, open the role."""
    for role, openings in trusting_roles(graph):
        trusts = [found for each in openings if (found := federated_trust(each)) is not None]
        loose = [each for each in trusts if each.is_unbounded]
        of_any_branch = [each for each in trusts if each.takes_any_branch]
        if loose or of_any_branch:
            wrong = loose or of_any_branch
            subject = wrong[0].subject or "none"
            failing = fail_role(role, [each.grant for each in wrong], subject=subject)
            yield failing if loose else as_variant(_branch_case(graph, role), failing)
        elif unread := unread_statement(openings):
            yield unreadable_grant(unread)
        elif trusts:
            yield Pass()


def _branch_case(graph: EscalationGraph, role: Role) -> str:
    """The variant for a role that any branch of one repository opens."""
    level = graph.privileges[role.arn].level
    is_limited = level in (PrivilegeLevel.LIMITED, PrivilegeLevel.INDIRECT)
    return "any-branch-limited" if is_limited else "any-branch"


def oidc_trust_audience_missing(graph: EscalationGraph) -> Iterator[Outcome]:
    """Tokens that were issued for something else open the role, too."""
    for role, openings in trusting_roles(graph):
        trusts = [found for each in openings if (found := federated_trust(each)) is not None]
        loose = [each for each in trusts if not each.restricts_audience]
        if loose:
            yield fail_role(role, [each.grant for each in loose])
        elif unread := unread_statement(openings):
            yield unreadable_grant(unread)
        elif trusts:
            yield Pass()


def saml_trust_audience_missing(graph: EscalationGraph) -> Iterator[Outcome]:
    """SAML assertions that were made for another service open the role, too.

    A trust that does not allow the call which takes assertions lets in nobody.
    """
    by_assertion = graph.authorizer.actions.bit(WITH_SAML)
    for role, openings in trusting_roles(graph):
        trusts = [
            each
            for each in openings
            if each.type is PrincipalType.SAML and each.statement.actions & by_assertion
        ]
        loose = [each for each in trusts if not restricts_saml_audience(each)]
        if loose:
            yield fail_role(role, loose)
        elif unread := unread_statement(openings):
            yield unreadable_grant(unread)
        elif trusts:
            yield Pass()


def service_trust_confused_deputy(graph: EscalationGraph) -> Iterator[Outcome]:
    """A service that works for everybody is let in on anybody's behalf."""

    def is_loose(each: TrustGrant) -> bool:
        is_deputy = service_name(each.name) in _DEPUTIES
        return is_deputy and not _is_tied(graph, each, Restriction.SOURCE)

    yield from _check_grants(graph, is_loose, lambda each: each.type is PrincipalType.SERVICE)


def role_trust_deleted_principal(graph: EscalationGraph) -> Iterator[Outcome]:
    """The role trusts someone who is gone."""
    yield from _check_grants(graph, lambda each: each.type is PrincipalType.DELETED)


def role_trust_iam_user(graph: EscalationGraph) -> Iterator[Outcome]:
    """The role trusts a single user by name, and his long-term credentials without MFA."""
    yield from _check_grants(
        graph,
        lambda each: each.type is PrincipalType.USER and not _is_tied(graph, each, Restriction.MFA),
    )


def privileged_role_no_mfa_for_users(graph: EscalationGraph) -> Iterator[Outcome]:
    """People of this account take a privileged role without MFA."""
    own = graph.authorizer.account.id
    for role, openings in trusting_roles(graph):
        ours = [each for each in openings if each.account == own and each.type in _PEOPLE]
        unread = unread_statement(openings)
        if not (ours or unread) or role.is_identity_center:
            continue
        privilege = graph.privileges[role.arn]
        if privilege.level is PrivilegeLevel.UNKNOWN:
            yield Unknown("; ".join(privilege.reasons), role.details.location)
        elif unread and not ours and privilege.level.is_privileged:
            yield unreadable_grant(unread)
        elif privilege.level.is_privileged and (
            loose := [each for each in ours if not _is_tied(graph, each, Restriction.MFA)]
        ):
            yield fail_role(role, loose, privilege=privilege.level.value)
        else:
            yield Pass()


_PEOPLE = (PrincipalType.ACCOUNT, PrincipalType.USER)


def _is_tied(graph: EscalationGraph, grant: TrustGrant, *kinds: Restriction) -> bool:
    """True if a condition, or a Deny of all others, ties the grant to something of these kinds."""
    return is_tied(grant, kinds, graph.authorizer.actions)


def _check_grants(
    graph: EscalationGraph,
    is_wrong: Callable[[TrustGrant], bool],
    concerns: Callable[[TrustGrant], bool] = lambda _: True,
) -> Iterator[Outcome]:
    """One outcome for each role that lets in anyone of whom the check speaks."""
    for role, openings in trusting_roles(graph):
        mine = [each for each in openings if concerns(each)]
        wrong = [each for each in mine if is_wrong(each)]
        others = (each for each in mine if each.type is PrincipalType.OTHER)
        unread = unread_statement(openings) or next(others, None)
        if wrong:
            yield fail_role(role, wrong)
        elif unread:
            yield unreadable_grant(unread)
        elif mine:
            yield Pass()
