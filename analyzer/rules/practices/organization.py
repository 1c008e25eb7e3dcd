"""In: what Organizations says. Out: an account without one, without guardrails, or with too much.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_best-practices.html
"""

from collections.abc import Iterator

from analyzer.config import Limits
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, Role
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.organization_policies import management_account
from analyzer.policy.trust_policies import PrincipalType, service_name
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.guardrails import Presence, guardrails_of
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    account_resource,
    as_variant,
    fail,
    unreadable,
)
from analyzer.rules.trusting_roles import trusting_roles
from analyzer.rules.workload_services import WORKLOAD_SERVICES

_NOT_IN_USE = "AWSOrganizationsNotInUseException"
_ALL = "ALL"
_MADE_BY_AWS = ("aws-controltower-", "AWSControlTower", "stacksets-", "AWSCloudFormationStackSet")
"""How the names of roles begin that the organization's own services work with."""


def org_guardrails_missing(account: Account, graph: EscalationGraph | None) -> Iterator[Outcome]:
    """The service control policies over the account leave something to everybody. CIS 2.1.2 (7.0).

    The management account stands under none.
    """
    if account.id == management_account(account) or _is_alone(account):
        return
    if ExportKind.CONTROL_POLICIES not in account.available_exports:
        yield Unknown("no control policy was handed in", None, ("scp",))
        return
    evaluators = (graph.authorizer if graph else authorizer_for(account)).evaluators
    found = guardrails_of(account, evaluators)
    missing, unknown = map(found.with_presence, (Presence.MISSING, Presence.UNKNOWN))
    documents = account.documents_of_kind(ExportKind.CONTROL_POLICIES)
    if missing and (found.locations or any(_is_answer_on_service(each) for each in documents)):
        yield fail(
            account_resource(account),
            *(found.locations or (each.location for each in documents)),
            missing="; ".join(missing),
            present="; ".join(found.with_presence(Presence.PRESENT)) or "none",
            regions="limited" if found.limits_regions is Presence.PRESENT else "not limited",
        )
    elif missing or unknown:
        what = "; ".join(unknown or missing)
        yield Unknown(f"whether a service control policy forbids this can't be told: {what}")
    else:
        yield Pass()


def management_account_with_workloads(
    account: Account, graph: EscalationGraph
) -> Iterator[Outcome]:
    """Programs work in the account that rules the organization. CIS 2.1.3 (7.0)."""
    management = management_account(account)
    if management is None and not list(_not_in_use(account)):
        yield Unknown("no description of the organization names its management account")
    if account.id != management:
        return
    roles = list(_workload_roles(graph))
    keys = [
        (user, entry.row)
        for user, entry in account.users_in_report()
        if entry.password_enabled is False and entry.active_keys
    ]
    if roles or keys:
        yield fail(
            account_resource(account),
            *(role.details.location for role in roles),
            *(row.at("user") for _, row in keys),
            roles=len(roles),
            users=len(keys),
        )
    elif not account.details_are_complete:
        yield Unknown("the authorization details are cut, so a role may be missing from them")
    else:
        yield Pass()


def account_outside_organization(account: Account) -> Iterator[Outcome]:
    """The account belongs to no organization. Security Hub Account.2."""
    documents = account.documents_of_kind(ExportKind.ORGANIZATION)
    alone = [each.location for each in _not_in_use(account)]
    told = [found for each in documents if (found := each.child("Organization"))]
    if told and alone:
        why = "two answers contradict each other, and nothing says which is newer"
        yield Unknown(why, alone[0])
    elif alone:
        yield fail(account_resource(account), *alone, account=account.id)
    elif any(each.text("Id") for each in told):
        yield Pass()
    elif told:
        yield unreadable(told[0].location_of("Id"))


def organization_without_all_features(account: Account) -> Iterator[Outcome]:
    """The organization pays one bill, and can forbid its accounts nothing."""
    for document in account.documents_of_kind(ExportKind.ORGANIZATION):
        found = document.child("Organization")
        if found is None:
            continue
        features, where = found.text("FeatureSet"), found.location_of("FeatureSet")
        if features is None:
            yield unreadable(where)
        elif features != _ALL:
            number = found.text("Id") or "the organization"
            yield fail(
                account_resource(account, "features"),
                where,
                organization=number,
                features=features,
            )
        else:
            yield Pass()


def delegated_administrator_undeclared(account: Account, limits: Limits) -> Iterator[Outcome]:
    """An account administers services for the organization, and nobody declared it.

    CIS 2.1.5, 2.1.6 (7.0). Told once, in the management account.
    """
    if management_account(account) not in {None, account.id} or _is_alone(account):
        return
    if ExportKind.DELEGATED_ADMINISTRATORS not in account.available_exports:
        yield Unknown("no list of delegates was handed in", None, ("delegated_administrators",))
        return
    declared = limits.delegated_administrators
    services = _services_by_delegate(account)
    for document in account.documents_of_kind(ExportKind.DELEGATED_ADMINISTRATORS):
        for each in document.each("DelegatedAdministrators"):
            number = each.text("Id")
            if number is None:
                yield unreadable(each.location_of("Id"))
                continue
            if number in declared:
                yield Pass()
                continue
            found = fail(
                account_resource(account, f"delegate/{number}"),
                each.location_of("Id"),
                delegate=number,
                name=each.text("Name") or "without a name",
                services=", ".join(services.get(number, ())) or "services that no export names",
            )
            yield found if declared else as_variant("none-declared", found)


def _is_alone(account: Account) -> bool:
    """True for an account that AWS says is in no organization."""
    documents = account.documents_of_kind(ExportKind.ORGANIZATION)
    answers = _not_in_use(account)
    return bool(answers) and len(answers) == len(documents)


def _not_in_use(account: Account) -> list[JsonNode]:
    documents = account.documents_of_kind(ExportKind.ORGANIZATION)
    return [each for each in documents if each.text("credaudit_error") == _NOT_IN_USE]


def _workload_roles(graph: EscalationGraph) -> Iterator[Role]:
    for role, openings in trusting_roles(graph):
        is_of_aws = role.name.startswith(_MADE_BY_AWS) or role.is_identity_center
        named = {service_name(each.name) for each in openings if each.type is PrincipalType.SERVICE}
        if named & WORKLOAD_SERVICES and not is_of_aws:
            yield role


def _is_answer_on_service(node: JsonNode) -> bool:
    """True for an answer on what is attached that speaks of service control policies."""
    is_level = node.has("credaudit_target") or node.has("credaudit_unit")
    asked = node.text("credaudit_filter") or "SERVICE_CONTROL_POLICY"
    return is_level and node.has("Policies") and asked == "SERVICE_CONTROL_POLICY"


def _services_by_delegate(account: Account) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for document in account.documents_of_kind(ExportKind.DELEGATED_ADMINISTRATORS):
        if number := document.text("credaudit_delegate"):
            named = (each.text("ServicePrincipal") for each in document.each("DelegatedServices"))
            found[number] = (*found.get(number, ()), *(each for each in named if each))
    return found
