"""In: how far everyone gets, and the roles' trust policies. Out: trust in more than is meant."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import Role
from analyzer.policy.documents import Statement
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
from analyzer.rules.finding import Resource
from analyzer.rules.known_accounts import known_accounts
from analyzer.rules.outcomes import Outcome, Pass, Unknown, fail
from analyzer.rules.privilege_queries import admin_statements, locations
from analyzer.rules.wide_statements import find_writes

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
        "events.amazonaws.com",
        "firehose.amazonaws.com",
        "logs.amazonaws.com",
        "sagemaker.amazonaws.com",
        "scheduler.amazonaws.com",
        "sns.amazonaws.com",
        "states.amazonaws.com",
    }
)


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
    for role, outside in _opened_to_outsiders(graph, limits):
        held = [each for each in role.details.attached if each.aws_name in _READ_EVERYTHING]
        if not held:
            yield Pass()
        elif isinstance(outside, Unknown):
            yield outside
        else:
            yield _fail_role(role, outside, held[0].location, policy=held[0].name)


def role_external_privileged(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """An account outside the organization takes a role that is, or can become, administrator."""
    for role, outside in _opened_to_outsiders(graph, limits):
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
            yield _fail_role(role, outside, location, privilege=privilege.level.value)


def role_external_writes(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """An account outside the organization can change all resources of some type in this one.

    A role that is or can become administrator is told by `role_external_privileged`.
    """
    store, find = graph.authorizer.store, find_writes(graph)
    for role, outside in _opened_to_outsiders(graph, limits):
        policies = list(store.policies_of(role.details))
        held = [each for each in policies if not isinstance(each, str)]
        found = [
            (each.location_of(excess.statement), excess.words)
            for each in held
            for statement in each.document.statements
            for excess in find(statement)
        ]
        unread = [each for each in policies if isinstance(each, str)]
        unread += [one.unread for each in held for one in each.document.statements if one.unread]
        if graph.privileges[role.arn].level.is_privileged:
            yield Pass()
        elif found:
            where, words = found[0]
            yield (
                outside
                if isinstance(outside, Unknown)
                else _fail_role(role, outside, where, actions=words)
            )
        else:
            yield Unknown(unread[0], role.details.location) if unread else Pass()


def role_trust_external_no_external_id(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """An account outside the organization is let in without an external ID or MFA."""
    ties = (Restriction.EXTERNAL_ID, Restriction.MFA, Restriction.ORGANIZATION)
    known = known_accounts(graph.authorizer.account, limits)
    for role, openings in _roles(graph):
        loose = [
            each
            for each in openings
            if each.type in _OUTSIDERS
            and known.is_outside(each)
            and not _is_tied(graph, each, *ties)
        ]
        unread = [each for each in openings if each.type is PrincipalType.OTHER]
        if loose:
            yield known.doubt(role) or _fail_role(role, loose)
        elif unread:
            yield _unreadable_grant(unread[0])
        elif openings:
            yield Pass()


def oidc_trust_subject_unbounded(graph: EscalationGraph) -> Iterator[Outcome]:
    """Tokens of strangers, or of unrelated projects, open the role."""
    for role, openings in _roles(graph):
        trusts = [found for each in openings if (found := federated_trust(each)) is not None]
        loose = [each for each in trusts if each.is_unbounded]
        if loose:
            subject = loose[0].subject or "none"
            opened = [each.grant for each in loose]
            yield _fail_role(role, opened, subject=subject)
        elif unread := _unread_statement(openings):
            yield _unreadable_grant(unread)
        elif trusts:
            yield Pass()


def oidc_trust_audience_missing(graph: EscalationGraph) -> Iterator[Outcome]:
    """Tokens that were issued for something else open the role, too."""
    for role, openings in _roles(graph):
        trusts = [found for each in openings if (found := federated_trust(each)) is not None]
        loose = [each for each in trusts if not each.restricts_audience]
        if loose:
            yield _fail_role(role, [each.grant for each in loose])
        elif unread := _unread_statement(openings):
            yield _unreadable_grant(unread)
        elif trusts:
            yield Pass()


def saml_trust_audience_missing(graph: EscalationGraph) -> Iterator[Outcome]:
    """SAML assertions that were made for another service open the role, too.

    A trust that does not allow the call which takes assertions lets in nobody.
    """
    by_assertion = graph.authorizer.actions.bit(WITH_SAML)
    for role, openings in _roles(graph):
        trusts = [
            each
            for each in openings
            if each.type is PrincipalType.SAML and each.statement.actions & by_assertion
        ]
        loose = [each for each in trusts if not restricts_saml_audience(each)]
        if loose:
            yield _fail_role(role, loose)
        elif unread := _unread_statement(openings):
            yield _unreadable_grant(unread)
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
    for role, openings in _roles(graph):
        ours = [each for each in openings if each.account == own and each.type in _PEOPLE]
        unread = _unread_statement(openings)
        if not (ours or unread) or role.is_identity_center:
            continue
        privilege = graph.privileges[role.arn]
        if privilege.level is PrivilegeLevel.UNKNOWN:
            yield Unknown("; ".join(privilege.reasons), role.details.location)
        elif unread and not ours and privilege.level.is_privileged:
            yield _unreadable_grant(unread)
        elif privilege.level.is_privileged and (
            loose := [each for each in ours if not _is_tied(graph, each, Restriction.MFA)]
        ):
            yield _fail_role(role, loose, privilege=privilege.level.value)
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
    for role, openings in _roles(graph):
        mine = [each for each in openings if concerns(each)]
        wrong = [each for each in mine if is_wrong(each)]
        others = (each for each in mine if each.type is PrincipalType.OTHER)
        unread = _unread_statement(openings) or next(others, None)
        if wrong:
            yield _fail_role(role, wrong)
        elif unread:
            yield _unreadable_grant(unread)
        elif mine:
            yield Pass()


def _roles(graph: EscalationGraph) -> Iterator[tuple[Role, tuple[TrustGrant, ...]]]:
    """Each role with those whom it lets in; everybody but some counts as anyone, once."""
    for role in graph.authorizer.account.roles:
        if not role.is_service_linked:
            yield role, tuple(_told_as_let_in(graph.authorizer.grants.get(role.arn, ())))


def _told_as_let_in(openings: tuple[TrustGrant, ...]) -> Iterator[TrustGrant]:
    left_out: dict[Statement, list[TrustGrant]] = {}
    for each in openings:
        if each.excludes:
            left_out.setdefault(each.statement, []).append(each)
        else:
            yield each
    for grants in left_out.values():
        names = " and ".join(dict.fromkeys(each.name for each in grants))
        yield replace(
            grants[0], type=PrincipalType.ANYONE, name=f"everybody but {names}", account=None
        )


def _fail_role(role: Role, wrong: list[TrustGrant], *more: Location, **facts: str) -> Outcome:
    where = dict.fromkeys(each.reference.held.location_of(each.statement) for each in wrong)
    who = ", ".join(dict.fromkeys(each.name for each in wrong))
    return fail(Resource(role.arn, role.stable_id), *where, *more, role=role.name, who=who, **facts)


def _unread_statement(openings: tuple[TrustGrant, ...]) -> TrustGrant | None:
    """The first opening of which nobody can tell whom it lets in, be it a service or a provider."""
    for each in openings:
        if each.statement.unread or each.statement.principal is None:
            return each
    return None


def _unreadable_grant(grant: TrustGrant) -> Unknown:
    location = grant.reference.held.location_of(grant.statement)
    return Unknown(f"trusts {grant.name}, which can't be read", location)


def _opened_to_outsiders(
    graph: EscalationGraph, limits: Limits
) -> Iterator[tuple[Role, list[TrustGrant] | Unknown]]:
    """Each role that another account can take, with those grants; Unknown where whose it is.

    Unknown as well where the trust policy can't be read.
    """
    known = known_accounts(graph.authorizer.account, limits)
    for role, openings in _roles(graph):
        outside = [each for each in openings if known.is_outside(each)]
        if outside:
            yield role, known.doubt(role) or outside
        elif unread := _unread_statement(openings):
            yield role, _unreadable_grant(unread)
