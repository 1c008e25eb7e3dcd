"""In: the roles' trust policies, identity pools. Out: roles for whoever comes without an identity.

A guest of an identity pool shows no credential at all. A client of Roles Anywhere shows a
certificate, and without a condition any certificate of any authority will do.
https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
"""

from collections.abc import Iterator

from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, Role, User
from analyzer.policy.condition_parser import Clause
from analyzer.policy.conditions import KeyKnowledge, Ternary
from analyzer.policy.documents import Effect
from analyzer.policy.federated_requests import admits_provider
from analyzer.policy.request_context import EntryPoint, request_context
from analyzer.policy.trust_policies import (
    PrincipalType,
    Restriction,
    TrustGrant,
    is_restrictive,
    service_name,
)
from analyzer.policy.trust_ties import is_tied
from analyzer.privesc.graph import EscalationGraph, PrivilegeLevel
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Fail, Outcome, Pass, Unknown, as_variant, fail, unreadable
from analyzer.rules.trusting_roles import (
    changing_actions,
    fail_role,
    list_some,
    told_by_guests,
    trusting_roles,
    unread_statement,
    unreadable_grant,
)

_COGNITO = frozenset(
    {
        "cognito-identity.amazonaws.com",
        "cognito-identity-us-gov.amazonaws.com",
        "cognito-identity.cn-north-1.amazonaws.com.cn",
    }
)
_GUESTS = "AllowUnauthenticatedIdentities"
_GUEST = "unauthenticated"
_ANYWHERE = "rolesanywhere.amazonaws.com"
_ANCHOR = ":trust-anchor/"
_OF_CERTIFICATES = ("aws:principaltag/x509", "aws:requesttag/x509")


def role_open_to_guests(account: Account, graph: EscalationGraph | None) -> Iterator[Outcome]:
    """Whoever opens the app or the page gets the role's credentials, without signing in."""
    pools = dict(_pools(account))
    for role, openings in trusting_roles(graph) if graph else ():
        named = [each for each in openings if _issuer(each) in _COGNITO]
        if not named:
            if unread := unread_statement(openings):
                yield unreadable_grant(unread)
            continue
        is_open = _admits_guests(graph, role, named) if graph else Ternary.UNKNOWN
        if is_open is Ternary.FALSE:
            yield Pass()
        elif graph is None or is_open is Ternary.UNKNOWN:
            where = named[0].reference.held.location_of(named[0].statement)
            yield Unknown("whether guests get in depends on more than what they are", where)
        else:
            yield _fail_guests(graph, role, named, pools)
    known = {role.arn for role in account.roles}
    for number, pool in pools.items():
        yield from _check_pool(account, number, pool, known)


def roles_anywhere_trust_unbounded(graph: EscalationGraph) -> Iterator[Outcome]:
    """Any certificate of any authority that the account trusts opens the role."""
    for role, openings in trusting_roles(graph):
        named = [each for each in openings if _is_anywhere(each)]
        unnamed = [each for each in named if not _asks_of_certificate(each)]
        loose = [
            each
            for each in unnamed
            if not _names_anchor(each) and not _is_closed_by_deny(graph, each)
        ]
        if loose:
            found = fail_role(role, loose)
            is_limited = not _may_be_privileged(graph, role)
            yield as_variant("limited", found) if is_limited else found
        elif unnamed:
            yield as_variant("any-certificate", fail_role(role, unnamed))
        elif named:
            yield Pass()
        elif unread := unread_statement(openings):
            yield unreadable_grant(unread)


def roles_anywhere_profile_unrestricted(
    account: Account, graph: EscalationGraph | None
) -> Iterator[Outcome]:
    """A profile of Roles Anywhere hands out all that its roles may do."""
    if ExportKind.ROLES_ANYWHERE not in account.available_exports and graph is not None:
        for role, openings in trusting_roles(graph):
            if any(_is_anywhere(each) for each in openings):
                reason = f"{role.name} serves Roles Anywhere, and no profile was handed in"
                yield Unknown(reason, role.details.location, (ExportKind.ROLES_ANYWHERE.value,))
                return
    for document in account.documents_of_kind(ExportKind.ROLES_ANYWHERE):
        for profile in document.each("profiles"):
            if profile.boolean("enabled") is False:
                continue
            policies = list(profile.each("managedPolicyArns"))
            if profile.text("sessionPolicy") or policies:
                yield Pass()
                continue
            arn = profile.text("profileArn") or account.root_arn
            roles = tuple(str(each.value).rpartition("/")[2] for each in profile.each("roleArns"))
            yield fail(
                Resource(arn, arn),
                profile.location,
                profile=profile.text("name") or arn,
                roles=list_some(roles) or "none",
            )


def _issuer(grant: TrustGrant) -> str:
    return grant.name.lower() if grant.type is PrincipalType.OIDC else ""


def _admits_guests(graph: EscalationGraph, role: Role, named: list[TrustGrant]) -> Ternary:
    """Whether the trust policy lets in a token of a guest, of any pool that it names."""
    account, actions = graph.authorizer.account, graph.authorizer.actions
    held = graph.authorizer.trusts[role.arn]
    nobody = request_context(account, User("", ""), EntryPoint.ANY)
    answers = []
    for issuer in dict.fromkeys(each.name for each in named):
        keys = {f"{issuer}:amr": (_GUEST,)}
        free = dict.fromkeys((f"{issuer}:aud", f"{issuer}:sub"), KeyKnowledge.FREE)
        context = nobody.with_keys({**free, **keys})
        answers.append(admits_provider(held, issuer, context, actions))
    for truth in (Ternary.TRUE, Ternary.UNKNOWN):
        if truth in answers:
            return truth
    return Ternary.FALSE


def _fail_guests(
    graph: EscalationGraph, role: Role, named: list[TrustGrant], pools: dict[str, JsonNode]
) -> Fail:
    asked = _audiences(named)
    told = [pools[each] for each in asked if each in pools]
    where = [each.location_of(_GUESTS) for each in told]
    writes = changing_actions(graph, role, but=told_by_guests(graph.authorizer.actions))
    level = graph.privileges[role.arn].level
    rights = list_some(writes) or "rights that change nothing"
    found = fail_role(role, named, *where, rights=level.value if level.is_privileged else rights)
    if asked and len(told) == len(asked) and all(each.boolean(_GUESTS) is False for each in told):
        return as_variant("pool-without-guests", found)
    is_grave = bool(writes) or _may_be_privileged(graph, role)
    return found if is_grave else as_variant("reads", found)


def _check_pool(
    account: Account, number: str, pool: JsonNode, known: set[str]
) -> Iterator[Outcome]:
    """The pool, where it hands its guests a role that the authorization details do not list."""
    match pool.boolean(_GUESTS):
        case False:
            yield Pass()
        case True:
            role = dict(_roles_of_guests(account)).get(number)
            if role is None:
                yield Unknown("no get-identity-pool-roles export names its roles", pool.location)
            elif role.value not in known:
                found = fail(
                    Resource(account.root_arn, f"{account.root_arn}#pool/{number}"),
                    pool.location_of(_GUESTS),
                    role.location,
                    role=str(role.value).rpartition("/")[2],
                    pool=number,
                    who=f"guests of pool {pool.text('IdentityPoolName') or number}",
                    rights="rights that no export tells",
                )
                yield as_variant("pool", found)
        case _:
            yield unreadable(pool.location_of(_GUESTS))


def _audiences(named: list[TrustGrant]) -> tuple[str, ...]:
    """The identity pools that the grants ask for."""
    return tuple(
        value
        for each in named
        for clause in each.statement.clauses
        if clause.key.lower() == f"{_issuer(each)}:aud" and is_restrictive(clause)
        for value in clause.values
    )


def _may_be_privileged(graph: EscalationGraph, role: Role) -> bool:
    """True unless the role certainly is no administrator and can't become one."""
    level = graph.privileges[role.arn].level
    return level.is_privileged or level in (PrivilegeLevel.UNKNOWN, PrivilegeLevel.CONDITIONAL)


def _pools(account: Account) -> Iterator[tuple[str, JsonNode]]:
    """The described identity pools by their ID."""
    for document in account.documents_of_kind(ExportKind.IDENTITY_POOLS):
        number = document.text("IdentityPoolId")
        if number and document.has("AllowUnauthenticatedIdentities"):
            yield number, document


def _roles_of_guests(account: Account) -> Iterator[tuple[str, JsonNode]]:
    for document in account.documents_of_kind(ExportKind.IDENTITY_POOLS):
        number, roles = document.text("IdentityPoolId"), document.child("Roles")
        role = roles.child(_GUEST) if roles else None
        if number and role is not None:
            yield number, role


def _is_anywhere(grant: TrustGrant) -> bool:
    return grant.type is PrincipalType.SERVICE and service_name(grant.name) == _ANYWHERE


def _asks_of_certificate(grant: TrustGrant) -> bool:
    """True if a condition asks for something that stands in the certificate."""
    return any(_is_of_certificate(each) for each in grant.statement.clauses)


def _is_of_certificate(clause: Clause) -> bool:
    return clause.key.lower().startswith(_OF_CERTIFICATES) and is_restrictive(clause)


def _names_anchor(grant: TrustGrant) -> bool:
    """True if a condition names the trust anchors: `…:trust-anchor/*` is each of them."""
    return any(
        each.key.lower() == "aws:sourcearn"
        and is_restrictive(each)
        and all(value.partition(_ANCHOR)[2].strip("*") for value in each.values)
        for each in grant.statement.clauses
    )


def _is_closed_by_deny(graph: EscalationGraph, grant: TrustGrant) -> bool:
    """True if a Deny of the trust policy keeps out all who come by another trust anchor."""
    denies = (
        each for each in grant.reference.held.document.statements if each.effect is Effect.DENY
    )
    return (
        any("aws:sourcearn" in each.mentions for each in denies)
        and Restriction.SOURCE not in grant.restrictions
        and is_tied(grant, (Restriction.SOURCE,), graph.authorizer.actions)
    )
