"""In: an account. Out: rights given past the groups, and groups without a use."""

from collections.abc import Iterator, Mapping

from analyzer.evidence.cells import MissingValue
from analyzer.inventory.model import (
    SECOND_ENTRY,
    Account,
    Group,
    PolicyAttachment,
    PrincipalDetails,
    User,
)
from analyzer.policy.documents import PolicyInstance
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.finding import Resource
from analyzer.rules.listed_credentials import AWS_MADE_USER
from analyzer.rules.outcomes import (
    Fail,
    Outcome,
    Pass,
    Unknown,
    fail,
    shut_out,
    unreadable,
    user_resource,
)


def user_direct_policy(account: Account) -> Iterator[Outcome]:
    """A user holds policies of its own. CIS 1.15 (5.0), Security Hub IAM.2."""
    for user, details in account.users_in_details():
        if user.name.startswith(AWS_MADE_USER):
            continue
        held = _direct_attachments(details)
        if held:
            yield _fail_direct(user, held)
        else:
            yield _unplaced(details) or Pass()


def user_only_direct_policies(account: Account) -> Iterator[Outcome]:
    """All of a user's rights are its own: no group that it is in gives any."""
    granting = _grants_by_group(account)
    for user, details in account.users_in_details():
        held = _direct_attachments(details)
        if user.name.startswith(AWS_MADE_USER) or not (held or details.unplaced):
            continue
        doubt = _unplaced(details)
        if doubt is not None:
            yield doubt
        elif any(granting.get(name) for name in details.groups):
            yield Pass()
        elif unlisted := [name for name in details.groups if name not in granting]:
            yield Unknown(f"group {unlisted[0]} is not in the export", details.location)
        else:
            yield shut_out(user, _fail_direct(user, held))


def user_in_no_group(account: Account) -> Iterator[Outcome]:
    """A user with a live credential is in no group, or only in groups that give nothing."""
    granting = _grants_by_group(account)
    unclear = {group.name: _unplaced(group.details) for group in account.groups}
    for user, details in account.users_in_details():
        if user.report_entry is not None and user.report_entry.has_live_credential is False:
            continue
        if any(granting.get(name, True) for name in details.groups):
            yield Pass()
        elif doubt := _unplaced(details) or _first_of(unclear, details.groups):
            yield doubt
        elif user.report_entry is None:
            yield Unknown("no credential report says whether the user can get in", details.location)
        elif user.report_entry.has_live_credential is MissingValue.UNREADABLE:
            yield unreadable(user.report_entry.first_unreadable_cell)
        else:
            live = user.report_entry.described()
            where = details.location.child("GroupList"), user.report_entry.row
            yield fail(user_resource(user), *where, user=user.name, credentials=live)


def inline_policies_present(account: Account) -> Iterator[Outcome]:
    """A group or role holds inline policies, which no list of policies shows."""
    groups = ((f"group {each.name}", each.arn, each.details) for each in account.groups)
    roles = (
        (f"role {each.name}", each.arn, each.details)
        for each in account.roles
        if not each.is_service_linked and not each.is_identity_center
    )
    for principal, arn, details in (*groups, *roles):
        if details.inline:
            where = (grant.location for grant in details.inline)
            names = _join_names(details.inline)
            yield fail(Resource(arn, arn), *where, principal=principal, policies=names)
        else:
            yield _unplaced(details) or Pass()


def group_empty(account: Account) -> Iterator[Outcome]:
    """A group has no members."""
    doubt = _unclear_membership(account)
    for group in account.groups:
        if group.members:
            yield Pass()
        elif doubt is not None:
            yield doubt
        elif not account.details_are_complete:
            yield Unknown("the authorization details are cut, so members may be missing from them")
        else:
            location = group.details.location.child("GroupName")
            yield fail(Resource(group.arn, group.arn), location, group=group.name)


def group_single_member(account: Account) -> Iterator[Outcome]:
    """A group stands for one person."""
    doubt = _unclear_membership(account)
    for group in account.groups:
        if len(group.members) != 1:
            yield Pass()
        elif doubt is not None:
            yield doubt
        elif not account.details_are_complete:
            yield Unknown("the authorization details are cut, so members may be missing from them")
        else:
            location, [member] = group.details.location.child("GroupName"), group.members
            resource = Resource(group.arn, group.arn)
            yield fail(resource, location, group=group.name, user=member)


def group_without_policies(account: Account) -> Iterator[Outcome]:
    """A group gives its members nothing."""
    for group in account.groups:
        if group.details.attached or group.details.inline:
            yield Pass()
        elif doubt := _unplaced(group.details):
            yield doubt
        else:
            location = group.details.location.child("GroupName")
            yield fail(Resource(group.arn, group.arn), location, group=group.name)


def groups_with_identical_grants(graph: EscalationGraph) -> Iterator[Outcome]:
    """Two groups give the same, by the same policies or the same texts."""
    seen: dict[tuple[str, ...], Group] = {}
    store = graph.authorizer.store
    for group in graph.authorizer.account.groups:
        held = tuple(sorted(_grant_key(each) for each in store.policies_of(group.details)))
        first = seen.setdefault(held, group) if held else group
        if first is group:
            yield Pass()
        else:
            where = group.details.location, first.details.location
            resource = Resource(group.arn, group.arn)
            yield fail(resource, *where, group=group.name, other=first.name)


def _grants_by_group(account: Account) -> dict[str, bool]:
    """For each group of the export whether it holds a policy."""
    return {
        group.name: bool(group.details.attached or group.details.inline) for group in account.groups
    }


def _grant_key(held: PolicyInstance | str) -> str:
    """What tells a grant from another: the policy's ARN, or the text of an inline one."""
    if isinstance(held, str):
        return held
    return held.arn or f"inline {id(held.document)}"


def _unplaced(details: PrincipalDetails) -> Unknown | None:
    """The outcome where the entry holds something of which nobody can tell what it gives."""
    if not details.unplaced:
        return None
    first = details.unplaced[0]
    return Unknown(f"the entry holds {first.described()}", first.location)


def _first_of(doubts: Mapping[str, Unknown | None], names: tuple[str, ...]) -> Unknown | None:
    return next((doubt for name in names if (doubt := doubts.get(name))), None)


def _unclear_membership(account: Account) -> Unknown | None:
    """The outcome for a group without members where an entry does not say in which its user is."""
    for user, details in account.users_in_details():
        for part in details.unplaced:
            step = (part.location.pointer or "").removeprefix(details.location.pointer or "")
            if "group" in step.lower() or part.what == SECOND_ENTRY:
                why = f"the entry of user {user.name} holds {part.described()}"
                return Unknown(f"{why}, so it may be a member", part.location)
    return None


def _direct_attachments(details: PrincipalDetails) -> list[PolicyAttachment]:
    grants = (*details.attached, *details.inline)
    return [grant for grant in grants if not grant.is_quarantine]


def _fail_direct(user: User, held: list[PolicyAttachment]) -> Fail:
    where = (grant.location for grant in held)
    names = _join_names(held)
    return fail(user_resource(user), *where, user=user.name, policies=names, count=len(held))


def _join_names(grants: list[PolicyAttachment] | tuple[PolicyAttachment, ...]) -> str:
    return ", ".join(sorted(grant.name for grant in grants))
