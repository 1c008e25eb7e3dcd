"""In: an account's authorizer. Out: the facts that paths ask for, as certain and possible sets.

A set is a pair: what is certainly in it, and what possibly is.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import Account, is_aws_managed_policy
from analyzer.policy.arns import arn_matches
from analyzer.policy.assumable_roles import AssumableRoles, assumable_roles_of
from analyzer.policy.authorizer import AccountAuthorizer
from analyzer.policy.conditions import (
    NO_KEYS,
    KeyState,
    Ternary,
)
from analyzer.policy.documents import PolicyInstance, Statement
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import Verdict
from analyzer.policy.principals import PrincipalPolicies, group_layer
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.service_rules import ASSUME
from analyzer.policy.tagged_requests import is_of_session_tags
from analyzer.privesc.giving_policies import gives_rights, lets_through, older_ones_of, those_of
from analyzer.privesc.principal_sets import (
    changeable_policies,
    denied_by_own_policies,
    holders_of_policies,
    members_of_groups,
    policies_at_version_limit,
    principals_by_boundary,
    principals_without_cap,
    roles_in_profile,
    unread_policies,
    users_with,
    users_with_free_slot,
)
from analyzer.privesc.role_trusts import (
    ProviderTrust,
    RoleTrust,
    provider_trusts,
    role_trusts,
    roles_by_service,
    roles_that_name,
)
from analyzer.privesc.taken_names import freeing_calls, name_in, named_resources

NOBODY = ResourceSet(0, 0)
EVERYTHING = ResourceSet(-1, -1)
"""Every resource, as bits: -1 has all of them set."""


@dataclass(frozen=True, slots=True, eq=False)
class AccountFacts:
    """Facts about the account, each a set of ARNs as bits.

    `without_boundary` are the principals that no boundary keeps from full rights, `bounded` those
    that have one; `denied_managed` and `denied_inline` those whom such a policy of their own, not
    of a group, denies something;
    `giving_policies` the policies of the export that let whoever holds them take any right,
    `older_giving` those of which an older version does, `open_policies` those that as a boundary
    let any right through: each with whether it certainly does.
    `with_boundary` are for each policy the principals whose boundary it is.
    `named` are the roles whose trust policy names the principal, or a session of the role; `trusts`
    those that let in the account, or anyone, `provider_trusts` those that let in an identity
    provider. `profiles` are the instance profiles that hold a role; no export lists the empty ones.
    `own_policies` are the managed policies that the account can change, `unread_policies` those
    without a whole text, `groups` the groups by name, `members` the users of each.
    `taken_names` are the ARNs of users, roles and policies, each by what AWS lets only one of them
    have, see `owner_of_name`. `freeing_calls` are for each policy those who hold it, or have it as
    boundary, with the action that takes it off each. `actors_cache`, `armed_cache` and
    `lifted_cache` keep what `changed_actors` and `changes` make of principals.
    """

    authorizer: AccountAuthorizer
    users: int
    roles: int
    services: Mapping[str, ResourceSet]
    holders: Mapping[str, int]
    giving_policies: tuple[tuple[str, bool], ...]
    older_giving: tuple[tuple[str, bool], ...]
    open_policies: tuple[tuple[str, bool], ...]
    without_boundary: ResourceSet
    bounded: int
    with_boundary: Mapping[str, int]
    denied_managed: int
    denied_inline: int
    with_free_slot: ResourceSet
    with_password: ResourceSet
    without_password: ResourceSet
    without_mfa: ResourceSet
    with_profile: ResourceSet
    profiles: int
    at_version_limit: int
    actions_of_iam: int
    named: Mapping[str, int]
    trusts: tuple[RoleTrust, ...]
    provider_trusts: tuple[ProviderTrust, ...]
    own_policies: ResourceSet
    unread_policies: frozenset[str]
    groups: Mapping[str, int]
    members: Mapping[str, int]
    taken_names: Mapping[str, str]
    freeing_calls: Mapping[str, tuple[tuple[str, str], ...]]
    assumable_roles: AssumableRoles
    assumable_cache: dict[tuple[object, ...], ResourceSet] = field(default_factory=dict)
    members_cache: dict[tuple[str, int], int] = field(default_factory=dict)
    policies_cache: dict[int, tuple[PolicyInstance, ...]] = field(default_factory=dict)
    actors_cache: dict[str, Any] = field(default_factory=dict)
    armed_cache: dict[Any, Any] = field(default_factory=dict)
    lifted_cache: dict[tuple[object, ...], tuple[Any, ...]] = field(default_factory=dict)
    strong_groups_cache: list[ResourceSet] = field(default_factory=list)
    retagging_cache: dict[int, tuple[tuple[Mapping[str, KeyState], int], ...]] = field(
        default_factory=dict
    )
    compared_texts_cache: list[Mapping[str, tuple[str, ...]]] = field(default_factory=list)
    new_principals_cache: dict[tuple[int, str], Verdict] = field(default_factory=dict)

    def assumable(
        self,
        policies: PrincipalPolicies,
        entry_point: EntryPoint,
        keys: Mapping[str, KeyState] = NO_KEYS,
    ) -> ResourceSet:
        """The roles that the principal can assume with these condition keys, itself left out."""
        # Of a principal as it would be after a step, the policies are others.
        evaluator = self.authorizer.evaluator(policies, entry_point)
        key = policies.arn, entry_point, id(evaluator), tuple(sorted(keys.items()))
        if key not in self.assumable_cache:
            self.assumable_cache[key] = self._assumable(policies, entry_point, keys)
        return self.assumable_cache[key]

    @property
    def strong_groups(self) -> ResourceSet:
        """The groups that give every member full rights."""
        if not self.strong_groups_cache:
            certain = possible = 0
            for group in self.authorizer.account.groups:
                evaluator = self.authorizer.evaluators.group_evaluator(group)
                bit = self.authorizer.resources.bit(group.arn)
                is_certain = evaluator.allows_everything and not evaluator.denies_something
                certain |= bit if is_certain else 0
                possible |= bit if is_certain or evaluator.possibly_allows_everything else 0
            self.strong_groups_cache.append(ResourceSet(certain, possible))
        return self.strong_groups_cache[0]

    @property
    def undescribed(self) -> int:
        """The users whose policies, groups, boundary and tags no export tells."""
        return self.users & ~self.authorizer.resources.bits_of(self.authorizer.principals)

    def owner_of_name(self, arn: str) -> str | None:
        """The ARN of the user, role or policy that has the name in that ARN; None if it is free.

        Paths and case make no difference.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        """
        return self.taken_names.get(name_in(arn))

    @property
    def compared_texts(self) -> Mapping[str, tuple[str, ...]]:
        """The texts with which any policy of the account, or of trust, compares each key."""
        if not self.compared_texts_cache:
            found: dict[str, dict[str, None]] = defaultdict(dict)
            for statement in self._statements():
                for clause in statement.clauses:
                    found[clause.key.lower()] |= dict.fromkeys(clause.values)
            self.compared_texts_cache.append({key: tuple(texts) for key, texts in found.items()})
        return self.compared_texts_cache[0]

    def _statements(self) -> Iterator[Statement]:
        authorizer, store = self.authorizer, self.authorizer.store
        layers = [layer for policies in authorizer.principals.values() for layer in policies.layers]
        layers += [group_layer(group, store) for group in authorizer.account.groups]
        held = [each.document for layer in layers for each in layer.held]
        held += [each.document for each in self._managed_policies()]
        held += [
            store.cache.document(node) for each in store.policies.values() for node in each.older
        ]
        documents = {id(each): each for each in held}
        documents |= {id(each.document): each.document for each in authorizer.trusts.values()}
        for document in documents.values():
            yield from document.statements

    @property
    def missing_policies(self) -> Iterator[str]:
        """The account's own policies that somebody holds and that the export does not have."""
        known = self.authorizer.store.policies
        for arn in self.freeing_calls:
            if arn not in known and not is_aws_managed_policy(arn):
                yield arn

    def names(self, policies: PrincipalPolicies) -> bool:
        """True if the trust policy of some role lets it in without an Allow of its own."""
        return policies.arn in self.named or any(trust.admits_anyone for trust in self.trusts)

    def _assumable(
        self, policies: PrincipalPolicies, entry_point: EntryPoint, keys: Mapping[str, KeyState]
    ) -> ResourceSet:
        evaluator = self.authorizer.evaluator(policies, entry_point).with_context(keys)
        own = evaluator.allowed_resources(ASSUME)
        context = self.authorizer.assuming_context(policies, entry_point, keys)
        certain = possible = 0
        one_by_one = self.named.get(policies.arn, 0)
        asks_for_tags = any(is_of_session_tags(key) for key in evaluator.keys)
        for trust in self.trusts:
            if trust.admits_anyone:
                one_by_one |= trust.roles
            elif trust.delegates is None or asks_for_tags:
                one_by_one |= own.possible & trust.roles
            elif own.possible & trust.roles:
                truth = trust.truth(context)
                possible |= own.possible & trust.roles if truth is not Ternary.FALSE else 0
                certain |= own.certain & trust.roles if truth is Ternary.TRUE else 0
        found = self.assumable_roles.among(policies, entry_point, one_by_one, keys)
        others = ~self.authorizer.resources.bit(policies.arn)
        return (ResourceSet(certain, possible) | found).among(others)

    def policies_with(self, actions: int) -> tuple[PolicyInstance, ...]:
        """The managed policies with a text that allow one of these actions.

        Of equal texts one, where no condition on the policy's ARN tells them apart.
        """
        if actions not in self.policies_cache:
            tests = self.compared_texts.get("iam:policyarn", ())
            found = {
                (id(each.document), *(arn_matches(test, each.arn or "") for test in tests)): each
                for each in self._managed_policies()
            }
            self.policies_cache[actions] = tuple(
                policy
                for policy in found.values()
                if any(
                    each.allows and each.actions & actions for each in policy.document.statements
                )
            )
        return self.policies_cache[actions]

    def _managed_policies(self) -> Iterator[PolicyInstance]:
        account, store = self.authorizer.account, self.authorizer.store
        arns = {policy.arn: policy.location for policy in account.policies}
        for arn, location in [*arns.items(), (_power_user(account), Location(""))]:
            if (held := store.managed(arn, location)) is not None:
                yield held

    def holding(self, policies: int) -> int:
        """The principals that hold one of these managed policies, themselves or by a group."""
        return self._any_of("holders", self.holders, policies)

    @property
    def with_giving_version(self) -> ResourceSet:
        """The policies of which an older version gives whoever holds it any right."""
        resources = self.authorizer.resources
        return ResourceSet(
            resources.bits_of(arn for arn, is_certain in self.older_giving if is_certain),
            resources.bits_of(arn for arn, _ in self.older_giving),
        )

    def bounded_by(self, policies: int) -> int:
        """The principals whose boundary is one of these managed policies."""
        return self._any_of("boundaries", self.with_boundary, policies)

    def members_of(self, groups: int) -> int:
        """The users in any of these groups."""
        return self._any_of("members", self.members, groups)

    def _any_of(self, name: str, members: Mapping[str, int], bits: int) -> int:
        key = name, bits
        if key not in self.members_cache:
            found = 0
            for arn in self.authorizer.resources.named(bits):
                found |= members.get(arn, 0)
            self.members_cache[key] = found
        return self.members_cache[key]


def account_facts(authorizer: AccountAuthorizer) -> AccountFacts:
    """The facts of the account."""
    account = authorizer.account
    roles = [role for role in account.roles if not role.is_service_linked]
    trusts = tuple(role_trusts(authorizer))
    open_trusts = (each for each in trusts if each.trusts_account or each.admits_anyone)
    return AccountFacts(
        authorizer=authorizer,
        users=authorizer.resources.bits_of(user.arn for user in account.users),
        roles=authorizer.resources.bits_of(role.arn for role in roles),
        services=roles_by_service(authorizer, roles),
        holders=holders_of_policies(authorizer),
        giving_policies=tuple(those_of(authorizer, gives_rights)),
        older_giving=tuple(older_ones_of(authorizer, gives_rights)),
        open_policies=tuple(those_of(authorizer, lets_through)),
        without_boundary=principals_without_cap(authorizer),
        bounded=authorizer.resources.bits_of(
            arn for arn, each in authorizer.principals.items() if each.has_boundary
        ),
        with_boundary=principals_by_boundary(authorizer),
        denied_managed=denied_by_own_policies(authorizer, is_managed=True),
        denied_inline=denied_by_own_policies(authorizer, is_managed=False),
        with_free_slot=users_with_free_slot(authorizer),
        with_password=users_with(authorizer, "password_enabled", is_set=True),
        without_password=users_with(authorizer, "password_enabled", is_set=False),
        without_mfa=users_with(authorizer, "mfa_active", is_set=False),
        with_profile=roles_in_profile(authorizer, roles),
        profiles=authorizer.resources.bits_of(
            arn for role in account.roles for arn in role.instance_profiles or ()
        ),
        at_version_limit=policies_at_version_limit(authorizer),
        actions_of_iam=authorizer.actions.bits("iam:*"),
        own_policies=changeable_policies(authorizer),
        unread_policies=frozenset(unread_policies(authorizer)),
        groups={group.name: authorizer.resources.bit(group.arn) for group in account.groups},
        members=members_of_groups(authorizer),
        taken_names={name_in(arn): arn for arn in named_resources(account)},
        freeing_calls=freeing_calls(account),
        named=roles_that_name(account, trusts),
        trusts=tuple(open_trusts),
        provider_trusts=tuple(provider_trusts(authorizer, roles)),
        assumable_roles=assumable_roles_of(authorizer),
    )


def _power_user(account: Account) -> str:
    """The policy of AWS's own that reaches far without giving rights in IAM."""
    return f"arn:{account.partition}:iam::aws:policy/PowerUserAccess"
