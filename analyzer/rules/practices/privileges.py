"""In: how far everyone gets. Out: who is an administrator, who can become one, and how."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.cells import MissingValue
from analyzer.inventory.model import Account, ReportEntry, User
from analyzer.policy.conditions import KeyKnowledge
from analyzer.policy.layers import Verdict
from analyzer.privesc.deny_policy import deny_policy_for
from analyzer.privesc.graph import EscalationGraph, Privilege, PrivilegeLevel
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    REMEDY,
    Outcome,
    Pass,
    Unknown,
    account_resource,
    fail,
    unreadable,
    user_resource,
)
from analyzer.rules.privilege_queries import (
    admin_statements,
    has_level,
    names,
    noun_for,
    places,
    principals,
    route_statements,
)

_TRAIL = (
    "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors",
)  # fmt: skip
_ARMING = (
    "iam:CreateUser", "iam:CreateRole", "iam:PutUserPolicy", "iam:PutRolePolicy",
    "iam:AttachUserPolicy", "iam:AttachRolePolicy",
)  # fmt: skip
_STEPS_UP = (PrivilegeLevel.DIRECT, PrivilegeLevel.CHAIN)


def admin_user_no_mfa(reach: EscalationGraph) -> Iterator[Outcome]:
    """An administrator with a live credential signs in without MFA."""
    for user, credentials, power in _live_users(reach):
        is_admin = has_level(power, PrivilegeLevel.ADMINISTRATOR)
        if isinstance(is_admin, Unknown):
            yield is_admin
        elif not is_admin or credentials.mfa_active is True:
            yield Pass()
        elif credentials.mfa_active is not False:
            yield unreadable(credentials.row.at("mfa_active"))
        else:
            cited = admin_statements(reach, user.arn)
            where = credentials.row.at("mfa_active"), *places(cited)
            live = credentials.described()
            yield fail(
                user_resource(user), *where, user=user.name, policies=names(cited), credentials=live
            )


def escalation_user_no_mfa(reach: EscalationGraph) -> Iterator[Outcome]:
    """A user who can become administrator signs in without MFA."""
    for user, credentials, power in _live_users(reach):
        climbs = has_level(power, *_STEPS_UP)
        if isinstance(climbs, Unknown):
            yield climbs
        elif not climbs or credentials.mfa_active is True:
            yield Pass()
        elif credentials.mfa_active is not False:
            yield unreadable(credentials.row.at("mfa_active"))
        else:
            where = credentials.row.at("mfa_active"), *places(route_statements(reach, power))
            live = credentials.described()
            yield fail(
                user_resource(user), *where, user=user.name, route=_told(power), credentials=live
            )


def privileged_user_virtual_mfa(reach: EscalationGraph) -> Iterator[Outcome]:
    """A privileged user's only MFA device is an app, which a phishing page can relay."""
    for principal, resource, power in principals(reach):
        if not isinstance(principal, User) or not principal.mfa_devices:
            continue
        is_privileged = has_level(power, PrivilegeLevel.ADMINISTRATOR, *_STEPS_UP)
        if isinstance(is_privileged, Unknown):
            yield is_privileged
        elif is_privileged and all(each.is_virtual for each in principal.mfa_devices):
            where = (each.place for each in principal.mfa_devices)
            yield fail(resource, *where, user=principal.name, power=power.level.value)
        else:
            yield Pass()


def user_effective_admin(reach: EscalationGraph) -> Iterator[Outcome]:
    """A user may do everything, by whatever policies. CIS 1.15 (5.0)."""
    for principal, resource, power in principals(reach):
        if isinstance(principal, User):
            yield _administers(reach, principal.name, resource, power)


def role_effective_admin(reach: EscalationGraph) -> Iterator[Outcome]:
    """A role may do everything; roles of Identity Center are named as such."""
    for principal, resource, power in principals(reach):
        if not isinstance(principal, User):
            kind = "Identity Center role" if principal.is_identity_center else "role"
            yield _administers(reach, f"{kind} {principal.name}", resource, power)


def group_effective_admin(reach: EscalationGraph) -> Iterator[Outcome]:
    """A group gives its members full rights. The evidence lists them."""
    for group in reach.authorizer.account.groups:
        sheet = reach.authorizer.group_evaluator(group)
        unknown = sheet.layers[0].unknown
        if sheet.allows_everything and not sheet.denies_something:
            cited = sheet.decide_any_account("iam:AttachRolePolicy").allows
            members = ", ".join(group.members) or "nobody yet"
            where = *places(cited), group.details.place
            resource = Resource(group.arn, group.arn)
            yield fail(resource, *where, group=group.name, policies=names(cited), members=members)
        elif unknown:
            yield Unknown(unknown[0], group.details.place)
        else:
            yield Pass()


def too_many_administrators(reach: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """More principals have full rights than agreed. Roles of one permission set count once."""
    found: dict[str, str] = {}
    unknown = 0
    for principal, _, power in principals(reach):
        if power.level is PrivilegeLevel.ADMINISTRATOR:
            is_shared = not isinstance(principal, User) and principal.is_identity_center
            name = principal.name.rpartition("_")[0] if is_shared else principal.arn
            found.setdefault(name, principal.arn)
        elif power.level is PrivilegeLevel.UNKNOWN:
            unknown += 1
    if len(found) > limits.administrators:
        where = (
            place for arn in found.values() for place in places(admin_statements(reach, arn))[:1]
        )
        account = reach.authorizer.account
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


def principal_privilege_escalation(reach: EscalationGraph) -> Iterator[Outcome]:
    """A principal can surely become administrator, by paths that the exports decide."""
    for principal, resource, power in principals(reach):
        climbs = has_level(power, *_STEPS_UP)
        if isinstance(climbs, Unknown):
            yield climbs
        elif not climbs:
            yield Pass()
        else:
            closing = deny_policy_for(reach, principal.arn)
            first = closing.statements[0] if closing else None
            yield fail(
                resource,
                *places(route_statements(reach, power)),
                principal=noun_for(principal),
                steps=len(power.route),
                route=_told(power),
                ways=power.paths,
                first=" and ".join(first.actions) if first else "",
                closes=first.closes if first else 0,
                **{REMEDY: closing.document if closing else ""},
            )


def principal_escalation_potential(reach: EscalationGraph) -> Iterator[Outcome]:
    """A principal becomes administrator if something is there that no export shows."""
    for principal, resource, power in principals(reach):
        if power.level is PrivilegeLevel.CONDITIONAL and power.route:
            where = places(route_statements(reach, power)) or (
                reach.authorizer.principals[principal.arn].details.place,
            )
            yield fail(
                resource,
                *where,
                principal=noun_for(principal),
                route=_told(power),
                ways=power.conditional_paths,
                needs=", ".join(sorted(power.route[0].path.preconditions))
                or "its conditions to hold",
            )
        else:
            yield Pass()


def audit_trail_tamper_rights(reach: EscalationGraph) -> Iterator[Outcome]:
    """Someone other than an administrator can stop or bend the audit trail."""
    for principal, resource, power in principals(reach):
        if power.level is PrivilegeLevel.ADMINISTRATOR:
            continue
        permit = reach.authorizer.principals[principal.arn]
        possible = reach.authorizer.possible(permit)
        decisions = {
            action: reach.authorizer.decide(permit, action)
            for action in _TRAIL
            if possible & reach.authorizer.actions.bit(action)
        }
        sure = {
            action: each for action, each in decisions.items() if each.verdict is Verdict.ALLOWED
        }
        if sure:
            where = (place for each in sure.values() for place in places(each.allows))
            said = ", ".join(sure)
            yield fail(resource, *dict.fromkeys(where), principal=noun_for(principal), actions=said)
        elif any(each.verdict is Verdict.CONDITIONAL for each in decisions.values()):
            why = next(each.reason for each in decisions.values() if each.reason)
            yield Unknown(f"depends on {', '.join(why)}", permit.details.place)
        else:
            yield Pass()


def identity_admin_without_boundary(reach: EscalationGraph) -> Iterator[Outcome]:
    """Someone makes or arms identities, and no boundary is asked of them."""
    for principal, resource, power in principals(reach):
        if power.level is PrivilegeLevel.ADMINISTRATOR:
            continue
        permit = reach.authorizer.principals[principal.arn]
        bare = {"iam:PermissionsBoundary": KeyKnowledge.ABSENT}
        possible = reach.authorizer.possible(permit, bare)
        decisions = {
            action: reach.authorizer.decide(permit, action, None, None, bare)
            for action in _ARMING
            if possible & reach.authorizer.actions.bit(action)
        }
        sure = [name for name, each in decisions.items() if each.verdict is Verdict.ALLOWED]
        if sure:
            where = (place for name in sure for place in places(decisions[name].allows))
            who = noun_for(principal)
            yield fail(resource, *dict.fromkeys(where), principal=who, actions=", ".join(sure))
        elif power.level is PrivilegeLevel.UNKNOWN:
            yield Unknown("; ".join(power.reasons), permit.details.place)
        else:
            yield Pass()


def dormant_privileged_live_key(reach: EscalationGraph, limits: Limits) -> Iterator[Outcome]:
    """Nobody has used the identity for long, its key still works, and it is privileged."""
    account = reach.authorizer.account
    for user, credentials, power in _live_users(reach):
        if not credentials.active_keys:
            continue
        is_privileged = has_level(power, PrivilegeLevel.ADMINISTRATOR, *_STEPS_UP)
        last = _last_activity(credentials)
        if isinstance(is_privileged, Unknown):
            yield is_privileged
        elif last is MissingValue.UNREADABLE:
            yield unreadable(credentials.active_keys[0].place("last_used_date"))
        elif not is_privileged or not _is_idle(account, limits, user, last):
            yield Pass()
        else:
            where = (key.place("last_used_date") for key in credentials.active_keys)
            seen = last if isinstance(last, datetime) else "never"
            yield fail(
                user_resource(user), *where, user=user.name, power=power.level.value, last=seen
            )


def _administers(
    reach: EscalationGraph, name: str, resource: Resource, power: Privilege
) -> Outcome:
    is_admin = has_level(power, PrivilegeLevel.ADMINISTRATOR)
    if isinstance(is_admin, Unknown):
        return is_admin
    if not is_admin:
        return Pass()
    cited = admin_statements(reach, power.arn)
    return fail(resource, *places(cited), principal=name, policies=names(cited))


def _told(power: Privilege) -> str:
    """The route in words: "bob makes … as role adm, then …"."""
    parts = []
    for step in power.route:
        target = (step.target or step.on).rpartition(":")[2]
        parts.append(step.path.action_text.replace("{target}", target).replace("{role}", target))
    return ", and as that ".join(parts)


def _live_users(reach: EscalationGraph) -> Iterator[tuple[User, ReportEntry, Privilege]]:
    for principal, _, power in principals(reach):
        credentials = principal.report_entry if isinstance(principal, User) else None
        if (
            isinstance(principal, User)
            and credentials
            and credentials.has_live_credential is not False
        ):
            yield principal, credentials, power


def _last_activity(credentials: ReportEntry) -> datetime | MissingValue:
    """The last sign-in or use of a key; ABSENT for none ever, UNREADABLE where it can't be told."""
    times = [credentials.password_last_used, *(key.last_used for key in credentials.keys)]
    if any(each is MissingValue.UNREADABLE for each in times):
        return MissingValue.UNREADABLE
    return max((each for each in times if isinstance(each, datetime)), default=MissingValue.ABSENT)


def _is_idle(account: Account, limits: Limits, user: User, last: datetime | MissingValue) -> bool:
    since = last if isinstance(last, datetime) else user.created
    if not isinstance(since, datetime):
        return True
    return account.age(since) > timedelta(days=limits.unused_credential)
