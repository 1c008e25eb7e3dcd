"""In: an account's authorizer. Out: whom its roles trust: services, the account, principals."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analyzer.inventory.model import Account, Role
from analyzer.policy.authorizer import AccountAuthorizer
from analyzer.policy.bound_statements import evaluate_statement
from analyzer.policy.conditions import (
    Context,
    KeyKnowledge,
    KeyState,
    Ternary,
    any_of,
    evaluate_conditions,
)
from analyzer.policy.documents import PolicyInstance, Statement
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.request_variants import OTHER_NETWORKS
from analyzer.policy.service_rules import ASSUME
from analyzer.policy.tagged_requests import is_of_session_tags
from analyzer.policy.target_states import OWNER, is_of_target
from analyzer.policy.trust_policies import (
    PrincipalType,
    TrustGrant,
    names_role,
    principals_in,
    service_name,
)

_NAMED = (PrincipalType.USER, PrincipalType.ROLE, PrincipalType.SESSION)
_SESSION = ":assumed-role/"


@dataclass(frozen=True, slots=True)
class RoleTrust:
    """A trust policy and the roles that have it.

    `delegates`: it lets the whole account in by one Allow, and says nothing else; `trusts_account`:
    it does so, whatever else it says. `names` are the users, roles and sessions that it names.
    `admits_anyone`: it can let in whoever asks, without an Allow of its own; so can one that nobody
    can read.
    """

    roles: int
    delegates: TrustGrant | None
    trusts_account: bool
    names: frozenset[str]
    admits_anyone: bool

    def truth(self, context: Context) -> Ternary:
        """Whether the delegating statement trusts a principal with that request context."""
        if self.delegates is None:
            return Ternary.FALSE
        statement = self.delegates.statement
        if not statement.clauses:
            return Ternary.TRUE
        return evaluate_conditions(
            statement.clauses, context, allows=True, has_variables=statement.has_variables
        ).truth


def roles_by_service(authorizer: AccountAuthorizer, roles: list[Role]) -> Mapping[str, ResourceSet]:
    """For each service the roles that trust it."""
    certain: dict[str, int] = defaultdict(int)
    possible: dict[str, int] = defaultdict(int)
    context = _from_a_service(authorizer.account)
    assume = authorizer.actions.bit(ASSUME)
    for role in roles:
        bit = authorizer.resources.bit(role.arn)
        for opening in authorizer.grants.get(role.arn, ()):
            is_cognito = opening.type is PrincipalType.OIDC and opening.name.startswith(
                "cognito-identity."
            )
            if opening.excludes or (opening.type is not PrincipalType.SERVICE and not is_cognito):
                continue
            name = service_name(opening.name)
            truth = evaluate_statement(opening.statement, context).truth
            if truth is Ternary.FALSE or not (opening.statement.actions & assume or is_cognito):
                continue
            wanted = opening.statement.actions if is_cognito else assume
            barred = _bars(authorizer.trusts[role.arn], name, wanted, context)
            possible[name] |= bit if barred is not Ternary.TRUE else 0
            is_certain = (truth is Ternary.TRUE or is_cognito) and barred is Ternary.FALSE
            certain[name] |= bit if is_certain else 0
    return {name: ResourceSet(certain[name], possible[name]) for name in possible}


def _bars(trust: PolicyInstance, service: str, wanted: int, context: Context) -> Ternary:
    """Whether a Deny of one of these actions keeps the service out, whatever the Allows say."""
    return any_of(
        evaluate_statement(each, context).truth
        for each in trust.document.statements
        if each.denies and (each.unread or (each.actions & wanted and _speaks_of(each, service)))
    )


def _speaks_of(statement: Statement, service: str) -> bool:
    is_named = any(
        who is PrincipalType.ANYONE
        or (who in (PrincipalType.SERVICE, PrincipalType.OIDC) and service_name(name) == service)
        for who, name, _ in principals_in(statement)
    )
    return is_named is not statement.excludes_principals


def _from_a_service(account: Account) -> Context:
    """The request context of a service that acts for a resource of this account."""
    keys: dict[str, KeyState] = {
        "aws:sourceaccount": (account.id,),
        "aws:principalisawsservice": ("true",),
        "sts:externalid": KeyKnowledge.ABSENT,
    }
    return Context(keys, {})


def role_trusts(authorizer: AccountAuthorizer) -> Iterable[RoleTrust]:
    """The trust policies of the account, those with the same text once."""
    by_document: dict[int, int] = defaultdict(int)
    example: dict[int, str] = {}
    for arn, trust in authorizer.trusts.items():
        by_document[id(trust.document)] |= authorizer.resources.bit(arn)
        example.setdefault(id(trust.document), arn)
    for key, roles in by_document.items():
        yield _trust(authorizer, example[key], roles)


def _trust(authorizer: AccountAuthorizer, arn: str, roles: int) -> RoleTrust:
    statements = authorizer.trusts[arn].document.statements
    assume = authorizer.actions.bit(ASSUME)
    mine = [
        each
        for each in authorizer.grants[arn]
        if each.statement.actions & assume and each.type is not PrincipalType.SERVICE
    ]
    delegating = [
        each
        for each in mine
        if each.type is PrincipalType.ACCOUNT and each.account == authorizer.account.id
    ]
    names = frozenset(each.name for each in mine if each.type in _NAMED)
    # Whoever an Allow excepts, a service for instance, it lets in everybody else.
    admits_anyone = any(
        each.type is PrincipalType.ANYONE or each.statement.unread for each in mine
    ) or any(each.allows and each.excludes_principals for each in statements)
    is_plain = not any(each.denies or each.unread for each in statements)
    is_plain = is_plain and not any(_depends_on_request(each.statement) for each in delegating)
    is_plain = is_plain and not names and not admits_anyone and len(delegating) == 1
    return RoleTrust(
        roles=roles,
        delegates=delegating[0] if is_plain else None,
        trusts_account=bool(delegating),
        names=names,
        admits_anyone=admits_anyone,
    )


@dataclass(frozen=True, slots=True)
class ProviderTrust:
    """Roles, as bits, with one trust policy, that names an identity provider of that type."""

    type: PrincipalType
    provider: str
    trust: PolicyInstance
    roles: int


def provider_trusts(authorizer: AccountAuthorizer, roles: list[Role]) -> Iterator[ProviderTrust]:
    """The trust policies of these roles that let in a provider, by its text and provider once."""
    found: dict[tuple[int, PrincipalType, str], ProviderTrust] = {}
    for role in roles:
        trust, bit = authorizer.trusts.get(role.arn), authorizer.resources.bit(role.arn)
        if trust is None:
            continue
        for grant in authorizer.grants[role.arn]:
            if grant.type not in (PrincipalType.SAML, PrincipalType.OIDC):
                continue
            key = id(trust.document), grant.type, grant.name
            before = found[key].roles if key in found else 0
            found[key] = ProviderTrust(grant.type, grant.name, trust, before | bit)
    return iter(found.values())


def roles_that_name(account: Account, trusts: Iterable[RoleTrust]) -> Mapping[str, int]:
    """The roles that name each principal, as bits. Sessions leave the path of their role away."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for role in account.roles:
        by_name[role.arn.rpartition("/")[2]].append(role.arn)
    found: dict[str, int] = defaultdict(int)
    for trust in trusts:
        for name in trust.names:
            if _SESSION not in name:
                found[name] |= trust.roles
                continue
            for arn in by_name[name.partition(_SESSION)[2].partition("/")[0]]:
                found[arn] |= trust.roles if names_role(name, arn) else 0
    return found


def _depends_on_request(statement: Statement) -> bool:
    """True if the conditions ask for more than who the principal is.

    That is the network, the role, or the tags of the session.
    """
    keys = statement.mentions
    others = {key for network in OTHER_NETWORKS for key in network}
    return bool(keys & {OWNER, *others}) or any(
        is_of_target(key) or is_of_session_tags(key) for key in keys
    )
