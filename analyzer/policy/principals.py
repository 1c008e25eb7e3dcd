"""In: an account. Out: each principal with the layers of policies over it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.inventory.model import (
    Account,
    Group,
    Policy,
    PolicyAttachment,
    PrincipalDetails,
    Role,
    User,
)
from analyzer.policy.aws_managed import known
from analyzer.policy.documents import Held, Library, literal_actions
from analyzer.policy.layers import Layer

Principal = User | Role


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """A principal and the layers over it: identity policies first, then boundary and guardrails."""

    principal: Principal
    details: PrincipalDetails
    layers: tuple[Layer, ...]

    @property
    def arn(self) -> str:
        """The principal's ARN."""
        return self.principal.arn

    @property
    def identity(self) -> Layer:
        """What it holds itself, and through its groups."""
        return self.layers[0]

    @property
    def has_boundary(self) -> bool:
        """True if a permissions boundary caps its identity policies."""
        return self.details.boundary is not None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The account's managed policies by ARN, and the library that parses them."""

    library: Library
    policies: dict[str, Policy]

    def granted(self, details: PrincipalDetails) -> Iterator[Held | str]:
        """What the principal or group holds; a name where the text is not in the export."""
        for grant in (*details.attached, *details.inline):
            yield self._held(grant)

    def _held(self, grant: PolicyAttachment) -> Held | str:
        if grant.arn is None:
            if grant.document is None:
                return f"inline policy {grant.name} without text"
            return self.library.held(grant.document, grant.name)
        policy = self.policies.get(grant.arn)
        if policy is not None and policy.document is not None:
            return self.library.held(policy.document, policy.name, policy.arn)
        return known(grant.arn, grant.place, self.library) or f"unknown grants from {grant.arn}"

    def boundary(self, details: PrincipalDetails) -> Layer | None:
        """The layer of the principal's boundary, None where it has none."""
        if details.boundary is None:
            return None
        place = details.place.child("PermissionsBoundary")
        found = self._held(
            PolicyAttachment(details.boundary.rpartition("/")[2], place, arn=details.boundary)
        )
        if isinstance(found, Held):
            return Layer("permissions boundary", (found,))
        return Layer("permissions boundary", (), (f"boundary {details.boundary} unknown",))


def shelf(account: Account, library: Library) -> Shelf:
    """The shelf of the account."""
    return Shelf(library, {policy.arn: policy for policy in account.policies})


def permits(account: Account, shelf: Shelf, guardrails: tuple[Layer, ...] = ()) -> Iterator[Permit]:
    """Every user and role of the authorization details, with the layers over it.

    Guardrails of the organization reach no service-linked role, and neither does a boundary.
    """
    groups = {group.name: group for group in account.groups}
    for user, details in account.users_in_details():
        missing = [name for name in details.groups if name not in groups]
        held = [*shelf.granted(details), *_through_groups(details, groups, shelf)]
        held += [f"unknown grants from group {name}" for name in missing]
        yield Permit(user, details, _layers(held, shelf.boundary(details), guardrails))
    for role in account.roles:
        over = () if role.is_service_linked else guardrails
        boundary = None if role.is_service_linked else shelf.boundary(role.details)
        yield Permit(role, role.details, _layers(shelf.granted(role.details), boundary, over))


def group_layer(group: Group, shelf: Shelf) -> Layer:
    """What the group gives its members."""
    return _identity(shelf.granted(group.details))


def documents_of(account: Account) -> Iterator[str]:
    """The literal actions that any document of the account names."""
    every = [each for _, each in account.users_in_details()]
    every += [group.details for group in account.groups]
    every += [role.details for role in account.roles]
    nodes = [grant.document for details in every for grant in details.inline]
    nodes += [node for policy in account.policies for node in (policy.document, *policy.older)]
    nodes += [role.trust for role in account.roles]
    for node in nodes:
        if node is not None:
            yield from literal_actions(node)


def _through_groups(
    details: PrincipalDetails, groups: dict[str, Group], shelf: Shelf
) -> Iterator[Held | str]:
    for name in details.groups:
        if name in groups:
            yield from shelf.granted(groups[name].details)


def _layers(
    held: Iterable[Held | str], boundary: Layer | None, guardrails: tuple[Layer, ...]
) -> tuple[Layer, ...]:
    return (_identity(held), *((boundary,) if boundary else ()), *guardrails)


def _identity(held: Iterable[Held | str]) -> Layer:
    found = list(held)
    texts = tuple(each for each in found if isinstance(each, Held))
    return Layer("identity", texts, tuple(each for each in found if isinstance(each, str)))
