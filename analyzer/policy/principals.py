"""In: an account. Out: each principal with the layers of policies over it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import (
    UNREADABLE_BOUNDARY,
    Account,
    Group,
    Policy,
    PolicyAttachment,
    PrincipalDetails,
    Role,
    User,
)
from analyzer.policy.aws_managed import aws_managed_policy
from analyzer.policy.documents import DocumentCache, PolicyInstance, literal_actions_in
from analyzer.policy.layers import PolicyLayer

Principal = User | Role
_BOUNDARY = "permissions boundary"
"""The name of that layer."""


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalPolicies:
    """A principal and its policy layers: identity policies, then boundary, then SCPs and RCPs."""

    principal: Principal
    details: PrincipalDetails
    layers: tuple[PolicyLayer, ...]

    @property
    def arn(self) -> str:
        """The principal's ARN."""
        return self.principal.arn

    @property
    def identity(self) -> PolicyLayer:
        """What it holds itself, and through its groups."""
        return self.layers[0]

    @property
    def has_boundary(self) -> bool:
        """True if a permissions boundary caps its identity policies, as they are asked here."""
        return any(layer.name == _BOUNDARY for layer in self.layers)


@dataclass(frozen=True, slots=True)
class PolicyStore:
    """The account's managed policies by ARN, and the cache of parsed documents."""

    cache: DocumentCache
    policies: dict[str, Policy]

    def policies_of(self, details: PrincipalDetails) -> Iterator[PolicyInstance | str]:
        """The policies that a principal or group holds; a text for what nobody can tell of them.

        That is a policy whose text the export lacks, and whatever can't be placed in its entry.
        """
        for grant in (*details.attached, *details.inline):
            yield self._policy(grant)
            policy = self.policies.get(grant.arn or "")
            for part in policy.unplaced if policy else ():
                yield f"unknown grants from {grant.arn}, which holds {part.described()}"
        for part in details.unplaced:
            yield f"unknown grants from {part.described()}"

    def _policy(self, grant: PolicyAttachment) -> PolicyInstance | str:
        if grant.arn is None:
            if grant.document is None:
                return f"inline policy {grant.name} without text"
            return self.cache.held(grant.document, grant.name)
        return self.managed(grant.arn, grant.location) or f"unknown grants from {grant.arn}"

    def managed(self, arn: str, location: Location) -> PolicyInstance | None:
        """The managed policy, as attached at that place; None where nobody has its text."""
        policy = self.policies.get(arn)
        if policy is not None and policy.document is not None:
            return self.cache.held(policy.document, policy.name, policy.arn)
        return aws_managed_policy(arn, location, self.cache)

    def boundary(self, details: PrincipalDetails) -> PolicyLayer | None:
        """The layer of the principal's boundary, None where it has none."""
        if details.boundary is None:
            return None
        if details.boundary == UNREADABLE_BOUNDARY:
            return PolicyLayer(_BOUNDARY, (), (UNREADABLE_BOUNDARY,))
        location = details.location.child("PermissionsBoundary")
        policy = self._policy(
            PolicyAttachment(details.boundary.rpartition("/")[2], location, arn=details.boundary)
        )
        entry = self.policies.get(details.boundary)
        if isinstance(policy, PolicyInstance):
            doubts = tuple(each.described() for each in entry.unplaced) if entry else ()
            return PolicyLayer(_BOUNDARY, (policy,), doubts)
        return PolicyLayer(_BOUNDARY, (), (f"boundary {details.boundary} unknown",))


def policy_store(account: Account, cache: DocumentCache) -> PolicyStore:
    """The policy store of the account."""
    return PolicyStore(cache, {policy.arn: policy for policy in account.policies})


def principal_policies(
    account: Account, store: PolicyStore, guardrails: tuple[PolicyLayer, ...] = ()
) -> Iterator[PrincipalPolicies]:
    """Every user and role of the authorization details, with the layers over it.

    Guardrails of the organization reach no service-linked role, and neither does a boundary.
    """
    groups = {group.name: group for group in account.groups}
    for user, details in account.users_in_details():
        missing = [name for name in details.groups if name not in groups]
        policies = [*store.policies_of(details), *_through_groups(details, groups, store)]
        policies += [f"unknown grants from group {name}" for name in missing]
        layers = _layers(policies, store.boundary(details), guardrails)
        yield PrincipalPolicies(user, details, layers)
    for role in account.roles:
        own = store.policies_of(role.details)
        layers = (
            _layers(own, None, ())
            if role.is_service_linked
            else _layers(own, store.boundary(role.details), guardrails)
        )
        yield PrincipalPolicies(role, role.details, layers)


def group_layer(group: Group, store: PolicyStore) -> PolicyLayer:
    """The layer that the group gives its members."""
    return _identity(store.policies_of(group.details))


def documents_of_account(account: Account) -> Iterator[str]:
    """The literal actions that any document of the account names."""
    every = [each for _, each in account.users_in_details()]
    every += [group.details for group in account.groups]
    every += [role.details for role in account.roles]
    nodes = [grant.document for details in every for grant in details.inline]
    nodes += [node for policy in account.policies for node in (policy.document, *policy.older)]
    nodes += [role.trust for role in account.roles]
    for node in nodes:
        if node is not None:
            yield from literal_actions_in(node)


def _through_groups(
    details: PrincipalDetails, groups: dict[str, Group], store: PolicyStore
) -> Iterator[PolicyInstance | str]:
    for name in details.groups:
        if name in groups:
            yield from store.policies_of(groups[name].details)


def _layers(
    policies: Iterable[PolicyInstance | str],
    boundary: PolicyLayer | None,
    guardrails: tuple[PolicyLayer, ...],
) -> tuple[PolicyLayer, ...]:
    return (_identity(policies), *((boundary,) if boundary else ()), *guardrails)


def _identity(policies: Iterable[PolicyInstance | str]) -> PolicyLayer:
    every = list(policies)
    known = tuple(each for each in every if isinstance(each, PolicyInstance))
    return PolicyLayer("identity", known, tuple(each for each in every if isinstance(each, str)))
