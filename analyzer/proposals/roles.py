"""In: an account and the leaks joined to it. Out: a role for each user whose key a program uses.

The role holds what the user holds, and lets in one program. What a role has no value for, such as
`aws:username`, is named: statements that test it mean something else for a role.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analyzer.config import Limits
from analyzer.inventory.model import AccessKey, Account, PolicyAttachment, PrincipalDetails, User
from analyzer.leaks.model import Occurrence
from analyzer.proposals.group_names import free_name
from analyzer.proposals.rights import LeftAlone
from analyzer.proposals.role_trust import OidcProvider, ReplacedUser, provider_of, trust_policy_for
from analyzer.proposals.workloads import Remote, Workload, find_workload, key_places
from analyzer.risk.assessment import LeakAssessment
from analyzer.rules.workload_keys import kind_of_holder, working_keys

_NOT_OF_ROLES = ("aws:username", "aws:userid", "aws:principaltype", "aws:multifactorauth")
"""Keys of requests that a role lacks, or has with another value, in lower case."""
_LONGEST = 50
"""What of a user's name goes into that of its role, for which IAM takes 64 characters."""


@dataclass(frozen=True, slots=True)
class ProposedRole:
    """A role in place of a user's keys, with the user's boundary and tags.

    `differs` are the condition keys in its policies that mean something else for a role.
    """

    name: str
    user: User
    keys: tuple[AccessKey, ...]
    workload: Workload
    places: tuple[Occurrence, ...]
    trust: Mapping[str, Any]
    provider: OidcProvider | None
    attached: tuple[PolicyAttachment, ...]
    inline: tuple[PolicyAttachment, ...]
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleProposal:
    """All of it."""

    roles: tuple[ProposedRole, ...]
    left_alone: tuple[LeftAlone, ...]


def propose_roles(
    account: Account,
    limits: Limits,
    leaks: tuple[LeakAssessment, ...] = (),
    remotes: Mapping[str, Remote] | None = None,
) -> RoleProposal:
    """One role for each user without a password whose key something works with.

    `remotes` are by the path of the repository as the scan names it.
    """
    taken = {each.name for each in account.roles}
    places = key_places(account, leaks)
    roles: list[ProposedRole] = []
    left: list[LeftAlone] = []
    held: dict[str, tuple[User, list[AccessKey]]] = {}
    for user, entry, key in working_keys(account, limits):
        if reason := _reason_to_leave(user, kind_of_holder(user, entry, key), account):
            left.append(LeftAlone(user.name, reason))
        else:
            held.setdefault(user.name, (user, []))[1].append(key)
    for user, keys in held.values():
        name = free_name(f"{user.name[:_LONGEST]}-role", taken)
        taken.add(name)
        seen = places.get(user.name, ())
        where = find_workload(user, tuple(keys), seen, remotes or {})
        roles.append(replace(_role_for(account, user, where, name), keys=tuple(keys), places=seen))
    return RoleProposal(tuple(roles), tuple(dict.fromkeys(left)))


def _reason_to_leave(user: User, kind: str, account: Account) -> str:
    if kind == "person":
        return "has an MFA device, so a person works with its key"
    if kind == "ses-smtp":
        return "sends mail by SES's SMTP interface, which takes no role"
    if user.details is None:
        return "the authorization details do not hold this user"
    known = {group.name for group in account.groups}
    if user.details.unplaced or set(user.details.groups) - known:
        return "the export does not tell all that it holds"
    return ""


def _role_for(account: Account, user: User, workload: Workload, name: str) -> ProposedRole:
    details = user.details
    assert details is not None  # noqa: S101 - `_reason_to_leave` let the others go
    held = tuple(_grants(account, details))
    replaced = ReplacedUser(account.id, account.partition, user.name)
    return ProposedRole(
        name=name,
        user=user,
        keys=(),
        workload=workload,
        places=(),
        trust=trust_policy_for(workload, replaced),
        provider=provider_of(workload.platform),
        attached=tuple({each.arn: each for each in held if each.arn}.values()),
        inline=tuple(each for each in held if each.arn is None),
        differs=tuple(_differing_keys(account, held)),
    )


def _grants(account: Account, details: PrincipalDetails) -> Iterator[PolicyAttachment]:
    """All that the user holds, through groups too; a quarantine stays with the user."""
    groups = {group.name: group.details for group in account.groups}
    for each in (details, *(groups[name] for name in details.groups)):
        yield from (grant for grant in (*each.attached, *each.inline) if not grant.is_quarantine)


def _differing_keys(account: Account, held: tuple[PolicyAttachment, ...]) -> Iterator[str]:
    documents = {policy.arn: policy.document for policy in account.policies}
    texts = [
        repr(document.value).lower()
        for grant in held
        if (document := grant.document or documents.get(grant.arn or "")) is not None
    ]
    yield from (key for key in _NOT_OF_ROLES if any(key in text for text in texts))
