"""In: an account. Out: the people in it, each with the rights that they hold and from where.

A right is a managed policy, or the text of an inline one: two inline policies of one text are the
same right, whatever they are called.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.config import Limits
from analyzer.inventory.model import Account, PolicyAttachment, PrincipalDetails, User
from analyzer.rules.outcomes import is_for_emergencies


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """A managed policy by its ARN, or an inline one by its text; the other member is ""."""

    arn: str
    text: str
    name: str

    @property
    def is_managed(self) -> bool:
        """True for a managed policy."""
        return bool(self.arn)

    @property
    def label(self) -> str:
        """What a sentence calls it: a policy's name, "inline" before that of an inline one."""
        return self.name if self.is_managed else f"inline {self.name}"


@dataclass(frozen=True, slots=True)
class Holder:
    """A person and their rights: held directly, and through each of their groups."""

    user: User
    details: PrincipalDetails
    direct: Mapping[Right, tuple[PolicyAttachment, ...]]
    by_group: Mapping[str, frozenset[Right]]

    @property
    def rights(self) -> frozenset[Right]:
        """All of them."""
        return frozenset(self.direct).union(*self.by_group.values())


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A user of whom no proposal is made, and why."""

    user: str
    reason: str


@dataclass(frozen=True, slots=True)
class RightsOfPeople:
    """The people of an account, what its groups give, and the users who are left alone."""

    holders: tuple[Holder, ...]
    groups: Mapping[str, frozenset[Right]]
    left_alone: tuple[LeftAlone, ...]


def rights_of_people(account: Account, limits: Limits) -> RightsOfPeople:
    """Everyone who signs in as a person, by the credential report or another export.

    Programs are left alone, since a role suits them better, and so are declared break-glass users
    and those of whom the export does not tell what they hold. What AWS attached because it found a
    key in public is no right.
    """
    known: dict[tuple[str, str], Right] = {}

    def held(details: PrincipalDetails) -> dict[Right, tuple[PolicyAttachment, ...]]:
        found: dict[Right, tuple[PolicyAttachment, ...]] = {}
        for grant in (*details.attached, *details.inline):
            if not grant.is_quarantine and (right := _right_of(grant)):
                right = known.setdefault(_nameless(right), right)
                found[right] = (*found.get(right, ()), grant)
        return found

    groups = {each.name: frozenset(held(each.details)) for each in account.groups}
    unclear = {each.name for each in account.groups if _is_unclear(each.details)}
    holders, left = [], []
    for user, details in account.users_in_details():
        reason = _reason_to_leave(user, details, limits, frozenset(groups).difference(unclear))
        if reason:
            left.append(LeftAlone(user.name, reason))
            continue
        by_group = {name: groups[name] for name in details.groups}
        holders.append(Holder(user, details, held(details), by_group))
    left += [
        LeftAlone(user.name, "the authorization details do not hold this user")
        for user in account.users
        if user.details is None
    ]
    return RightsOfPeople(tuple(holders), groups, tuple(left))


def is_person(user: User) -> bool | None:
    """Whether somebody signs in as this user; None where no export says so or otherwise."""
    entry = user.report_entry
    if user.login_profile is not None or user.mfa_devices:
        return True
    if entry is None:
        return None
    if entry.password_enabled is True or entry.mfa_active is True:
        return True
    if entry.password_enabled is False and entry.mfa_active is False:
        return False
    return None


def _reason_to_leave(
    user: User, details: PrincipalDetails, limits: Limits, clear: frozenset[str]
) -> str:
    person = is_person(user)
    if person is False:
        return "has neither a password nor MFA, so it is a program or out of use"
    if person is None:
        return "no export says whether a person signs in as this user"
    if is_for_emergencies(user, limits):
        return "is declared as break-glass"
    if _is_unclear(details):
        return "the export does not tell what it holds"
    if lacking := sorted(set(details.groups) - clear):
        return f"the export does not tell what group {lacking[0]} gives"
    return ""


def _is_unclear(details: PrincipalDetails) -> bool:
    every = (*details.attached, *details.inline)
    return bool(details.unplaced) or any(_right_of(each) is None for each in every)


def _right_of(grant: PolicyAttachment) -> Right | None:
    """The right; None for an inline policy without a text."""
    if grant.arn is not None:
        return Right(grant.arn, "", grant.name)
    if grant.document is None:
        return None
    text = json.dumps(grant.document.value, separators=(",", ":"), ensure_ascii=True)
    return Right("", text, grant.name)


def _nameless(right: Right) -> tuple[str, str]:
    return right.arn, right.text
