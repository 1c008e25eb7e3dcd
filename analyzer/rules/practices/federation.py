"""In: lists of identity providers, the roles. Out: providers out of date, out of use, or missing.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.policy.trust_policies import PrincipalType, TrustGrant
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Outcome, Pass, Unknown, as_variant, fail
from analyzer.rules.trusting_roles import (
    fail_role,
    list_some,
    trusting_roles,
    unread_statement,
    unreadable_grant,
)

_LIST_OF = {
    PrincipalType.SAML: ExportKind.SAML_PROVIDERS,
    PrincipalType.OIDC: ExportKind.OIDC_PROVIDERS,
}
_OIDC = ":oidc-provider/"


def saml_metadata_expired(account: Account, limits: Limits) -> Iterator[Outcome]:
    """The metadata of a SAML provider, with its certificates, has run out or is about to."""
    for document in account.documents_of_kind(ExportKind.SAML_PROVIDERS):
        for provider in document.each("SAMLProviderList"):
            arn, ends = provider.text("Arn") or account.root_arn, provider.time("ValidUntil")
            where = provider.location_of("ValidUntil")
            if not isinstance(ends, datetime):
                yield Unknown("nothing says until when the metadata is valid", where)
                continue
            left = -account.days_since(ends)
            found = fail(Resource(arn, arn), where, provider=_name(arn), arn=arn, ends=ends)
            if ends <= account.as_of:
                yield found
            elif left <= limits.metadata_warning:
                yield as_variant("soon", found)
            else:
                yield Pass()


def oidc_provider_unused(account: Account, graph: EscalationGraph) -> Iterator[Outcome]:
    """No role trusts the OpenID Connect provider."""
    trusted: set[str] = set()
    doubt: TrustGrant | None = None
    for _, openings in trusting_roles(graph):
        doubt = doubt or unread_statement(openings)
        trusted |= {each.name.lower() for each in openings if each.type is PrincipalType.OIDC}
    for provider in _oidc_providers(account):
        if provider.arn.lower() in trusted:
            yield Pass()
        elif doubt:
            yield unreadable_grant(doubt)
        elif not account.details_are_complete:
            yield Unknown("the authorization details are cut, so a role may be missing from them")
        else:
            yield fail(
                Resource(provider.arn, provider.arn), provider.location, provider=provider.arn
            )


def oidc_client_ids_unapproved(account: Account, limits: Limits) -> Iterator[Outcome]:
    """The provider's tokens may be made for clients that nobody approved."""
    approved = {each.lower() for each in limits.oidc_client_ids}
    for document in account.documents_of_kind(ExportKind.OIDC_PROVIDERS):
        if not document.has("ClientIDList"):
            continue
        clients = [each for each in document.each("ClientIDList") if isinstance(each.value, str)]
        others = [each for each in clients if each.value.lower() not in approved]
        arn = _oidc_arn(account, document)
        if others:
            yield fail(
                Resource(arn, arn),
                *(each.location for each in others),
                provider=arn,
                clients=list_some(tuple(each.value for each in others)),
                approved=", ".join(limits.oidc_client_ids) or "none",
            )
        else:
            yield Pass()


def role_trusts_missing_provider(account: Account, graph: EscalationGraph) -> Iterator[Outcome]:
    """The role trusts an identity provider of the account that is not there."""
    known = {each.arn.lower() for each in _oidc_providers(account)}
    known |= {arn.lower() for arn in _saml_providers(account)}
    for role, openings in trusting_roles(graph):
        named = [each for each in openings if each.type in _LIST_OF and each.account == account.id]
        unlisted = [each for each in named if each.name.lower() not in known]
        told = account.available_exports
        missing = [each for each in unlisted if _LIST_OF[each.type] in told]
        untold = [each for each in unlisted if _LIST_OF[each.type] not in told]
        if missing:
            yield fail_role(role, missing)
        elif untold:
            kind = _LIST_OF[untold[0].type]
            reason = f"trusts {untold[0].name}, and the list of such providers was not handed in"
            yield Unknown(reason, role.details.location, (kind.value,))
        elif named:
            yield Pass()
        elif unread := unread_statement(openings):
            yield unreadable_grant(unread)


@dataclass(frozen=True, slots=True)
class _Provider:
    arn: str
    location: Location


def _oidc_providers(account: Account) -> Iterator[_Provider]:
    """Each provider once, from the list or from the answer on it alone, which has no ARN."""
    seen: set[str] = set()
    for document in account.documents_of_kind(ExportKind.OIDC_PROVIDERS):
        found = [
            _Provider(arn, each.location)
            for each in document.each("OpenIDConnectProviderList")
            if (arn := each.text("Arn"))
        ]
        if document.text("Url"):
            found.append(_Provider(_oidc_arn(account, document), document.location))
        for provider in found:
            if provider.arn.lower() not in seen:
                seen.add(provider.arn.lower())
                yield provider


def _oidc_arn(account: Account, answer: JsonNode) -> str:
    url = (answer.text("Url") or "").removeprefix("https://")
    return f"arn:{account.partition}:iam::{account.id}{_OIDC}{url}"


def _saml_providers(account: Account) -> Iterator[str]:
    for document in account.documents_of_kind(ExportKind.SAML_PROVIDERS):
        for provider in document.each("SAMLProviderList"):
            yield provider.text("Arn") or ""


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
