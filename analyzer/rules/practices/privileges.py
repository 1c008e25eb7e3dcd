"""In: how far everyone gets. Out: who is an administrator, who can become one, and how."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.cells import MissingValue
from analyzer.inventory.model import Account, ReportEntry, Role, User
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layers import StatementRef
from analyzer.policy.resource_search import decide_any_account
from analyzer.privesc.deny_policy import deny_policy_for
from analyzer.privesc.graph import EscalationGraph, Privilege, PrivilegeLevel
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    REMEDY,
    Fail,
    Outcome,
    Pass,
    Unknown,
    account_resource,
    as_variant,
    fail,
    is_for_emergencies,
    unreadable,
    user_resource,
)
from analyzer.rules.privilege_queries import (
    admin_statements,
    fail_principal,
    has_level,
    locations,
    names,
    noun_for,
    principals,
    route_statements,
)
from analyzer.rules.wide_statements import find_everything

_STEPS_UP = (PrivilegeLevel.DIRECT, PrivilegeLevel.CHAIN)


def admin_user_no_mfa(graph: EscalationGraph) -> Iterator[Outcome]:
    """An administrator with a live credential signs in without MFA."""
    for user, entry, privilege in _live_users(graph):
        is_admin = has_level(graph, privilege, PrivilegeLevel.ADMINISTRATOR)
        if isinstance(is_admin, Unknown):
            yield is_admin
        elif not is_admin or entry.mfa_active is True:
            yield Pass()
        elif entry.mfa_active is not False:
            yield unreadable(entry.row.at("mfa_active"))
        else:
            cited = admin_statements(graph, user.arn)
            where = entry.row.at("mfa_active"), *locations(cited)
            live = entry.described()
            yield fail(
                user_resource(user), *where, user=user.name, policies=names(cited), credentials=live
            )


def escalation_user_no_mfa(graph: EscalationGraph) -> Iterator[Outcome]:
    """A user who can become administrator signs in without MFA."""
    for user, entry, privilege in _live_users(graph):
        climbs = has_level(graph, privilege, *_STEPS_UP)
        if isinstance(climbs, Unknown):
            yield climbs
        elif not climbs or entry.mfa_active is True:
            yield Pass()
        elif entry.mfa_active is not False:
            yield unreadable(entry.row.at("mfa_active"))
        else:
            where = entry.row.at("mfa_active"), *locations(route_statements(graph, privilege))
            live = entry.described()
            yield fail(
                user_resource(user),
                *where,
                user=user.name,
                route=_describe_route(privilege),
                credentials=live,
            )


def privileged_user_virtual_mfa(graph: EscalationGraph) -> Iterator[Outcome]:
    """A privileged user's only MFA device is an app, which a phishing page can relay."""
    for principal, resource, privilege in principals(graph):
        if not isinstance(principal, User) or not principal.mfa_devices:
            continue
        is_privileged = has_level(graph, privilege, PrivilegeLevel.ADMINISTRATOR, *_STEPS_UP)
        if isinstance(is_privileged, Unknown):
            yield is_privileged
        elif is_privileged and all(each.is_virtual for each in principal.mfa_devices):
            where = (each.location for each in principal.mfa_devices)
            yield fail(resource, *where, user=principal.name, privilege=privilege.level.value)
        else:
            yield Pass()


def user_effective_admin(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """A user may do everything, by whatever policies. CIS 1.15 (5.0).

    A declared break-glass user is meant to. It signs in with a password and MFA; with a key, or
    without MFA, it is an administrator as any other.
    """
    for principal, resource, privilege in principals(graph):
        if not isinstance(principal, User):
            continue
        named = {"principal": principal.name}
        outcome = _check_administrator(graph, principal, resource, privilege, named)
        entry = principal.report_entry
        is_guarded = entry is not None and entry.mfa_active is True and not entry.may_hold_key
        if isinstance(outcome, Fail) and is_guarded and is_for_emergencies(principal, limits):
            yield as_variant("for-emergencies", outcome)
        else:
            yield outcome


def role_effective_admin(graph: EscalationGraph) -> Iterator[Outcome]:
    """A role may do everything; roles of Identity Center are named as such."""
    for principal, resource, privilege in principals(graph):
        if not isinstance(principal, User):
            kind = "Identity Center role" if principal.is_identity_center else "role"
            named = {"principal": f"{kind} {principal.name}", "role": principal.name}
            yield _check_administrator(graph, principal, resource, privilege, named)


def group_effective_admin(graph: EscalationGraph) -> Iterator[Outcome]:
    """A group gives its members full rights. The evidence lists them."""
    for group in graph.authorizer.account.groups:
        evaluator = graph.authorizer.evaluators.group_evaluator(group)
        unknown = evaluator.layers[0].unknown
        cited = _full_rights(graph, evaluator)
        if cited:
            members = ", ".join(group.members) or "nobody yet"
            where = *locations(cited), group.details.location
            resource = Resource(group.arn, group.arn)
            yield fail(resource, *where, group=group.name, policies=names(cited), members=members)
        elif unknown:
            yield Unknown(unknown[0], group.details.location)
        else:
            yield Pass()


def too_many_administrators(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """More principals have full rights than agreed. Roles of one permission set count once."""
    found: dict[str, str] = {}
    unknown = 0
    for principal, _, privilege in principals(graph):
        if privilege.level is PrivilegeLevel.ADMINISTRATOR:
            is_shared = not isinstance(principal, User) and principal.is_identity_center
            name = principal.name.rpartition("_")[0] if is_shared else principal.arn
            found.setdefault(name, principal.arn)
        elif privilege.level is PrivilegeLevel.UNKNOWN:
            unknown += 1
    if len(found) > limits.administrators:
        where = (
            location
            for arn in found.values()
            for location in locations(admin_statements(graph, arn))[:1]
        )
        account = graph.authorizer.account
        who = ", ".join(sorted(arn.rpartition("/")[2] for arn in found.values()))
        yield fail(
            account_resource(account),
            *where,
            count=len(found),
            limit=limits.administrators,
            who=who,
        )
    elif unknown and len(found) + unknown > limits.administrators:
        yield Unknown(f"{unknown} principals hold policies whose text is not in the export")
    else:
        yield Pass()


def principal_privilege_escalation(graph: EscalationGraph) -> Iterator[Outcome]:
    """A principal can certainly become administrator, by paths that the exports decide."""
    for principal, resource, privilege in principals(graph):
        climbs = has_level(graph, privilege, *_STEPS_UP)
        if isinstance(climbs, Unknown):
            yield climbs
        elif not climbs:
            yield Pass()
        else:
            closing = deny_policy_for(graph, principal.arn)
            first = closing.statements[0] if closing else None
            yield fail_principal(
                principal,
                resource,
                *locations(route_statements(graph, privilege)),
                principal=noun_for(principal),
                steps=len(privilege.route),
                route=_describe_route(privilege),
                ways=privilege.paths,
                first=" and ".join(first.actions) if first else "",
                closes=first.closes if first else 0,
                **{REMEDY: closing.document if closing else ""},
            )


def principal_escalation_potential(graph: EscalationGraph) -> Iterator[Outcome]:
    """A principal becomes administrator if something is there that no export shows."""
    for principal, resource, privilege in principals(graph):
        if privilege.level is PrivilegeLevel.CONDITIONAL and privilege.route:
            where = locations(route_statements(graph, privilege)) or (
                graph.authorizer.principals[principal.arn].details.location,
            )
            yield fail_principal(
                principal,
                resource,
                *where,
                principal=noun_for(principal),
                route=_describe_route(privilege),
                ways=privilege.conditional_paths,
                needs=", ".join(sorted(privilege.route[0].path.preconditions))
                or "its conditions to hold",
            )
        else:
            yield Pass()


def dormant_privileged_live_key(graph: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """Nobody has used the identity for long, its key still works, and it is privileged."""
    account = graph.authorizer.account
    for user, entry, privilege in _live_users(graph):
        if not entry.active_keys:
            continue
        is_privileged = has_level(graph, privilege, PrivilegeLevel.ADMINISTRATOR, *_STEPS_UP)
        last = _last_activity(entry)
        if isinstance(is_privileged, Unknown):
            yield is_privileged
        elif last is MissingValue.UNREADABLE:
            yield unreadable(entry.active_keys[0].location("last_used_date"))
        elif not is_privileged or is_for_emergencies(user, limits):
            yield Pass()
        elif not isinstance(last, datetime) and not _is_dated(user):
            yield unreadable(entry.row.at("user_creation_time"))
        elif not _is_idle(account, limits, user, last):
            yield Pass()
        else:
            where = (key.location("last_used_date") for key in entry.active_keys)
            seen = last if isinstance(last, datetime) else "never"
            yield fail(
                user_resource(user),
                *where,
                user=user.name,
                privilege=privilege.level.value,
                last=seen,
            )


def _full_rights(graph: EscalationGraph, evaluator: PolicyEvaluator) -> tuple[StatementRef, ...]:
    """The statements that give full rights, a condition that holds anyway left aside; else none."""
    if evaluator.denies_something:
        return ()
    if evaluator.allows_everything:
        return decide_any_account(evaluator, "iam:AttachRolePolicy").allows
    find = find_everything(graph)
    policies = evaluator.layers[0].held
    return tuple(
        StatementRef(held, each)
        for held in policies
        for each in held.document.statements
        if any(find(each))
    )


def _check_administrator(
    graph: EscalationGraph,
    principal: User | Role,
    resource: Resource,
    privilege: Privilege,
    named: Mapping[str, str],
) -> Outcome:
    is_admin = has_level(graph, privilege, PrivilegeLevel.ADMINISTRATOR)
    if isinstance(is_admin, Unknown):
        return is_admin
    if not is_admin:
        return Pass()
    cited = admin_statements(graph, privilege.arn)
    return fail_principal(principal, resource, *locations(cited), policies=names(cited), **named)


def _describe_route(privilege: Privilege) -> str:
    """The route in words: "bob makes … as role adm, then …"."""
    parts: list[str] = []
    before: str | None = None
    source = ""
    for step in privilege.route:
        on = step.on.rpartition(":")[2]
        does = step.path.action_text.replace("{target}", on).replace("{role}", on)
        if parts:
            who = "that" if before == step.source else step.source.rpartition(":")[2]
            does = f", then {does}" if source == step.source else f", and as {who} {does}"
        parts.append(does)
        before, source = step.target, step.source
    return "".join(parts)


def _live_users(graph: EscalationGraph) -> Iterator[tuple[User, ReportEntry, Privilege]]:
    for principal, _, privilege in principals(graph):
        entry = principal.report_entry if isinstance(principal, User) else None
        if isinstance(principal, User) and entry and entry.has_live_credential is not False:
            yield principal, entry, privilege


def _last_activity(entry: ReportEntry) -> datetime | MissingValue:
    """The last sign-in or use of a key; ABSENT for none ever, UNREADABLE where it can't be told."""
    times = [entry.password_last_used, *(key.last_used for key in entry.keys)]
    if any(each is MissingValue.UNREADABLE for each in times):
        return MissingValue.UNREADABLE
    return max((each for each in times if isinstance(each, datetime)), default=MissingValue.ABSENT)


def _is_dated(user: User) -> bool:
    """True if an export says when the user was made: from then on it counts as idle."""
    return isinstance(user.created, datetime)


def _is_idle(account: Account, limits: Limits, user: User, last: datetime | MissingValue) -> bool:
    since = last if isinstance(last, datetime) else user.created
    if not isinstance(since, datetime):
        return False
    return account.days_since(since) > limits.unused_credential
