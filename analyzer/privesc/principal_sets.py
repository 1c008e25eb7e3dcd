"""In: an account's authorizer. Out: sets of its principals and policies, each by one quality.

A set is a pair: what is certainly in it, and what possibly is; or bits alone, where the export
leaves no doubt.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from analyzer.inventory.model import PrincipalDetails, Role, User
from analyzer.policy.arns import is_everything
from analyzer.policy.authorizer import AccountAuthorizer
from analyzer.policy.documents import PolicyInstance
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.principals import PolicyStore, PrincipalPolicies
from analyzer.policy.request_context import EntryPoint

_KEY_SLOTS = 2
_VERSIONS = 5
"""Versions of a managed policy that AWS keeps at most."""


def principals_without_cap(authorizer: AccountAuthorizer) -> ResourceSet:
    """Those whom neither boundary nor SCPs nor their own Denies keep from full rights."""
    principals = authorizer.principals.values()
    return _set_of(authorizer, ((each.arn, caps_are_open(authorizer, each)) for each in principals))


def caps_are_open(authorizer: AccountAuthorizer, policies: PrincipalPolicies) -> bool | None:
    """Whether boundary, SCPs and its own Denies leave all rights; None where that is unknown.

    A few Denies are usual and leave them, such as that of leaving the organization; what denies
    most of all actions leaves so little that nobody can tell what the rights are worth.
    """
    half = authorizer.actions.everything.bit_count() // 2
    is_barred = _denied_by_itself(policies).bit_count() > half
    caps = policies.layers[1:]
    if not caps:
        return None if is_barred else True
    entry_point = EntryPoint.ROLE if isinstance(policies.principal, Role) else EntryPoint.ANY
    evaluator = authorizer.evaluators.evaluator_for_policies(
        caps, authorizer.evaluators.context(policies, entry_point)
    )
    if evaluator.allows_everything:
        return None if is_barred or evaluator.reachable.bit_count() <= half else True
    return None if any(layer.unknown for layer in caps) else False


def _denied_by_itself(policies: PrincipalPolicies) -> int:
    """The actions, as bits, that its identity policies deny on everything, whatever is asked."""
    found = 0
    for held in policies.identity.held:
        for statement in held.document.statements:
            is_plain = statement.denies and not statement.clauses and not statement.unread
            if is_plain and any(map(is_everything, statement.resources)):
                found |= 0 if statement.excludes_resources else statement.actions
    return found


def users_with(authorizer: AccountAuthorizer, flag: str, *, is_set: bool) -> ResourceSet:
    """The users of whom the credential report says so in the column of that name."""

    def belongs(user: User) -> bool | None:
        found = getattr(user.report_entry, flag) if user.report_entry is not None else None
        return found is is_set if isinstance(found, bool) else None

    return _set_of(authorizer, ((user.arn, belongs(user)) for user in authorizer.account.users))


def users_with_free_slot(authorizer: AccountAuthorizer) -> ResourceSet:
    """The users who have room for another access key."""
    return _set_of(
        authorizer,
        (
            (
                user.arn,
                None if user.report_entry is None else len(user.report_entry.keys) < _KEY_SLOTS,
            )
            for user in authorizer.account.users
        ),
    )


def roles_in_profile(authorizer: AccountAuthorizer, roles: Iterable[Role]) -> ResourceSet:
    """Those of the roles that an instance profile holds."""
    return _set_of(
        authorizer,
        (
            (role.arn, None if role.instance_profiles is None else bool(role.instance_profiles))
            for role in roles
        ),
    )


def _set_of(
    authorizer: AccountAuthorizer, members: Iterable[tuple[str, bool | None]]
) -> ResourceSet:
    certain = possible = 0
    for arn, belongs in members:
        bit = authorizer.resources.bit(arn)
        certain |= bit if belongs is True else 0
        possible |= bit if belongs is not False else 0
    return ResourceSet(certain, possible)


def holders_of_policies(authorizer: AccountAuthorizer) -> Mapping[str, int]:
    """The principals that hold each managed policy, themselves or by a group."""
    found: dict[str, int] = defaultdict(int)
    for arn, policies in authorizer.principals.items():
        for layer in policies.layers[:1]:
            for held in layer.held:
                if held.arn is not None:
                    found[held.arn] |= authorizer.resources.bit(arn)
    return found


def principals_by_boundary(authorizer: AccountAuthorizer) -> Mapping[str, int]:
    """The principals whose boundary each policy is."""
    found: dict[str, int] = defaultdict(int)
    for arn, policies in authorizer.principals.items():
        if policies.details.boundary is not None:
            found[policies.details.boundary] |= authorizer.resources.bit(arn)
    return found


def members_of_groups(authorizer: AccountAuthorizer) -> Mapping[str, int]:
    """The users in each group, by its ARN."""
    arns = {group.name: group.arn for group in authorizer.account.groups}
    found: dict[str, int] = defaultdict(int)
    for user, details in authorizer.account.users_in_details():
        for name in details.groups:
            found[arns.get(name, "")] |= authorizer.resources.bit(user.arn)
    return found


def denied_by_own_policies(authorizer: AccountAuthorizer, *, is_managed: bool) -> int:
    """The principals that hold a Deny in a policy of that sort, themselves."""
    principals = authorizer.principals.items()
    return authorizer.resources.bits_of(
        arn
        for arn, each in principals
        if holds_deny(authorizer.store, each.details, is_managed=is_managed)
    )


def holds_deny(store: PolicyStore, details: PrincipalDetails, *, is_managed: bool) -> bool:
    """True if a managed policy that it holds itself, or an inline one, denies something."""
    return any(
        isinstance(each, PolicyInstance)
        and (each.arn is not None) == is_managed
        and any(statement.denies for statement in each.document.statements)
        for each in store.policies_of(details)
    )


def changeable_policies(authorizer: AccountAuthorizer) -> ResourceSet:
    """The managed policies that the account can change."""
    found = authorizer.resources.bits_of(
        each.arn for each in authorizer.account.policies if not each.is_aws_managed
    )
    return ResourceSet(found, found)


def policies_at_version_limit(authorizer: AccountAuthorizer) -> int:
    """The customer policies that have no room for another version."""
    policies = authorizer.account.policies
    return authorizer.resources.bits_of(
        each.arn for each in policies if len(each.older) + 1 >= _VERSIONS
    )


def unread_policies(authorizer: AccountAuthorizer) -> Iterator[str]:
    """The managed policies of whose text the export lacks something."""
    for policy in authorizer.account.policies:
        held = authorizer.store.managed(policy.arn, policy.location)
        if held is None or any(each.unread for each in held.document.statements):
            yield policy.arn
