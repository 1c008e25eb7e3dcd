"""In: an actor and one path. Out: the targets on which every requirement of the path holds.

Every permission must be there by one and the same entry point, on real targets of this account.
What the path needs of a target besides, such as a free key slot, must be there, too.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from analyzer.evidence.artifacts import Location
from analyzer.globs import matches
from analyzer.inventory.model import User
from analyzer.policy.arns import sample_arn
from analyzer.policy.conditions import KeyKnowledge, KeyState, Ternary
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.federated_requests import admits_provider
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import Verdict
from analyzer.policy.pattern_overlap import sample_resources
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.resource_search import decide_new_resource, decide_own_account
from analyzer.policy.service_rules import ASSUME, PASS_ROLE
from analyzer.policy.target_states import BOUNDARY, TAGS
from analyzer.policy.trust_policies import PrincipalType
from analyzer.privesc.account_facts import EVERYTHING, NOBODY, AccountFacts, caps_are_open
from analyzer.privesc.catalogue import EscalationPath, Precondition, Requirement, Target
from analyzer.privesc.giving_policies import GIVING_ACTIONS, gives_rights
from analyzer.privesc.instance_profiles import roles_in_profiles

_OTHER_ROLES = frozenset(
    {Target.OTHER_ROLE, Target.SAME_ROLE, Target.ROLE_WITH_POLICY, Target.POLICY_OF_OTHER}
)
_NEW = frozenset({Target.NEW_USER, Target.NEW_ROLE})
_POLICY = "iam:policyarn"
_SERVICE = "iam:passedtoservice"


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """One principal by one entry point, asked for the paths that it can take.

    `is_changed`: it is not as the export has it, but as it would be after a step. `keys` are the
    condition keys that it has set for itself then. `is_certain` False: it possibly does not come in
    that way, so all that it can do is possible.
    """

    facts: AccountFacts
    policies: PrincipalPolicies
    entry_point: EntryPoint
    evaluator: PolicyEvaluator
    is_changed: bool = False
    keys: Mapping[str, KeyState] = field(default_factory=dict)
    is_certain: bool = True

    @property
    def own_bit(self) -> int:
        """The bit of the principal itself."""
        return self.facts.authorizer.resources.bit(self.policies.arn)

    @property
    def is_admin(self) -> bool:
        """True if every action on every resource is certainly allowed and nothing is denied."""
        return self.is_certain and any(
            each.allows_everything and not each.denies_something
            for each in self.evaluator.in_each_network
        )

    @property
    def is_possibly_admin(self) -> bool:
        """True if everything is possibly allowed, and giving rights is not denied."""
        anywhere = self.evaluator.in_each_network
        return any(each.possibly_allows_everything for each in anywhere) and any(
            self.evaluator.allowed_resources(each).possible & self.own_bit
            for each in GIVING_ACTIONS
        )

    @property
    def uncapped(self) -> ResourceSet:
        """Its own bit, unless a boundary or an SCP keeps it from full rights."""
        if not self.is_changed:
            found, own = self.facts.without_boundary, self.own_bit
            return ResourceSet(found.certain & own, found.possible & own)
        is_open = caps_are_open(self.facts.authorizer, self.policies)
        own = self.own_bit
        return ResourceSet(own if is_open else 0, own if is_open is not False else 0)

    @property
    def asks_for_policy(self) -> bool:
        """True if its policies tell apart which policy it attaches."""
        return _POLICY in self.evaluator.keys

    @property
    def state(self) -> tuple[object, ...]:
        """What tells it from the same principal before or after some change."""
        details = self.policies.details
        keys = tuple(sorted(self.keys.items()))
        return (
            *(self.policies.arn, self.entry_point, id(self.evaluator), self.is_certain),
            *(details.groups, details.boundary, keys),
        )

    @property
    def assumable(self) -> ResourceSet:
        """The roles that it can assume; possibly those, too, whose tags it changes first."""
        found = self.facts.assumable(self.policies, self.entry_point, self.keys)
        tags, taggable = self._free_tags, self._taggable & self.facts.roles & ~self.own_bit
        if not tags or not taggable & ~found.possible:
            return found
        tagged = self.facts.assumable(self.policies, self.entry_point, {**self.keys, **tags})
        return ResourceSet(found.certain, found.possible | (tagged.possible & taggable))

    def matching_targets(self, path: EscalationPath, policy: str | None = None) -> ResourceSet:
        """The targets for which every requirement holds; for paths without any, its own bit.

        `policy`: what the path attaches is that one.
        """
        found = self._permitted_targets(path, policy)
        if found.possible:
            found = _both(found, self._meeting_preconditions(path))
        is_certain = self.is_certain
        # Asked last, for it costs most: requests for which no target of the account is asked.
        for requirement in path.requires if found.possible else ():
            if self._candidates(path, requirement) is None:
                verdict = self._best_verdict(path, requirement, policy)
                if verdict not in (Verdict.ALLOWED, Verdict.CONDITIONAL):
                    return NOBODY
                is_certain &= verdict is Verdict.ALLOWED
        return ResourceSet(found.certain if is_certain else 0, found.possible)

    def _permitted_targets(self, path: EscalationPath, policy: str | None) -> ResourceSet:
        """The targets on which the permissions that ask for one are there; else the default."""
        everything = self.facts.authorizer.resources.everything
        found = ResourceSet(everything, everything)
        has_target = False
        for requirement in path.requires:
            candidates = self._candidates(path, requirement)
            if candidates is not None and found.possible:
                has_target = True
                permitted = self.permitted_on(path, requirement, policy)
                found = _both(found, _both(permitted, candidates))
        return found if has_target else self.default_targets(path)

    def default_targets(self, path: EscalationPath) -> ResourceSet:
        """What a path without a target ends at: the roles of its service, else the actor itself."""
        if Precondition.TRUSTS_SAML in path.preconditions:
            return self.roles_trusting(PrincipalType.SAML, path)
        if Precondition.TRUSTS_OIDC in path.preconditions:
            return self.roles_trusting(PrincipalType.OIDC, path)
        if path.role_trusts is None:
            return ResourceSet(self.own_bit, self.own_bit)
        return self.facts.services.get(path.role_trusts, NOBODY)

    def roles_trusting(self, kind: PrincipalType, path: EscalationPath) -> ResourceSet:
        """The roles that let in a provider of that type which the actor can change.

        Conditions and Denies of their trust policies decide on it, for a request by the actor.
        """
        certain = possible = 0
        authorizer = self.facts.authorizer
        context = authorizer.evaluators.context(self.policies, self.entry_point)
        for arn, grants in authorizer.grants.items():
            bit = authorizer.resources.bit(arn) & self.facts.roles
            providers = (each.name for each in grants if each.type is kind)
            for provider in dict.fromkeys(providers):
                verdicts = {self.evaluator.decide(each, provider).verdict for each in path.actions}
                if verdicts & {Verdict.NONE, Verdict.DENIED}:
                    continue
                admitted = admits_provider(
                    authorizer.trusts[arn], provider, context, authorizer.actions
                )
                is_sure = verdicts == {Verdict.ALLOWED} and admitted is Ternary.TRUE
                certain |= bit if is_sure else 0
                possible |= bit if admitted is not Ternary.FALSE else 0
        return ResourceSet(certain, possible)

    def _requests(
        self, path: EscalationPath, requirement: Requirement, policy: str | None = None
    ) -> Iterator[tuple[dict[str, KeyState], bool]]:
        """The condition keys that the request carries, for each choice that the actor has.

        With each whether the choice certainly serves the path.
        """
        names = " ".join(requirement.any_of)
        keys: dict[str, KeyState] = {}
        if PASS_ROLE in requirement.any_of and path.passed_to:
            keys[_SERVICE] = (path.passed_to,)
        if "iam:Attach" in names and policy is not None:
            yield {**keys, _POLICY: (policy,)}, True
        elif "iam:Attach" in names:
            is_new = requirement.target in _NEW
            for arn, is_certain in self.policies_to_give(_POLICY, is_new=is_new):
                yield {**keys, _POLICY: (arn,)}, is_certain
        elif requirement.target in _NEW:
            yield {**keys, BOUNDARY: KeyKnowledge.ABSENT}, True
            for arn, is_certain in self.policies_to_give(BOUNDARY):
                yield {**keys, BOUNDARY: (arn,)}, is_certain
        elif "PermissionsBoundary" in names and "iam:Put" in names:
            for arn, is_certain in self.policies_to_give(BOUNDARY):
                yield {**keys, BOUNDARY: (arn,)}, is_certain
        else:
            yield keys, True

    def policies_to_give(self, key: str, *, is_new: bool = True) -> Iterator[tuple[str, bool]]:
        """Policies with which a request gives any right, and whether each certainly does.

        Those that AWS maintains, the account's own, and what the actor can write itself: of all
        that the conditions on that key do not tell apart, one. What an own policy that gives some
        rights leads to is followed (`changes.attachments`), but for a principal that `is_new`.
        """
        if key not in self.evaluator.keys:
            yield self._managed("AdministratorAccess"), True
            return
        compared = self.evaluator.texts_compared_with(key)
        seen: dict[tuple[bool, ...], bool] = {}
        for arn, is_certain in self._policies_to_give(key, compared, is_new=is_new):
            alike = tuple(matches(text, arn) for text in compared)
            if not seen.get(alike, False) and (is_certain or alike not in seen):
                seen[alike] = is_certain
                yield arn, is_certain

    def _policies_to_give(
        self, key: str, compared: tuple[str, ...], *, is_new: bool
    ) -> Iterator[tuple[str, bool]]:
        facts, resources = self.facts, self.facts.authorizer.resources
        yield self._managed("AdministratorAccess"), True
        if key == _POLICY:
            # Whoever holds it gives itself the rest.
            yield self._managed("IAMFullAccess"), True
            for arn, is_certain in facts.giving_policies:
                if is_new or is_certain or arn in facts.unread_policies:
                    yield arn, is_certain
        else:
            yield from facts.open_policies
        switched = self.evaluator.allowed_resources("iam:SetDefaultPolicyVersion")
        for arn, is_certain in facts.older_giving:
            if switched.possible & resources.bit(arn):
                is_switched = bool(switched.certain & resources.bit(arn))
                yield arn, is_certain and is_switched and key == _POLICY
        rewritten = self._accepting_a_version(
            self.evaluator.allowed_resources("iam:CreatePolicyVersion")
        )
        for arn in resources.named(rewritten.possible):
            yield arn, bool(rewritten.certain & resources.bit(arn))
        yield from self._policies_to_write(compared)
        yield from self._policies_of_aws(compared)

    def _policies_of_aws(self, compared: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
        """One of the hundreds that AWS maintains, some of which give out rights, for each text."""
        store = self.facts.authorizer.store
        named = (sample_arn(text, self._managed("*")) for text in compared)
        for arn in (*filter(None, named), self._managed("credaudit-any")):
            held = store.managed(arn, Location(""))
            truth = gives_rights(held.document if held else None, self.facts.authorizer.actions)
            if truth is not Ternary.FALSE:
                yield arn, False

    def _policies_to_write(self, compared: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
        """Policies that the actor can make: one under each name that a condition or Allow tells."""
        account = self.facts.authorizer.account
        shape = f"arn:{account.partition}:iam::{account.id}:policy/*"
        statements = self.evaluator.statements_on("iam:CreatePolicy")
        named = (sample_arn(text, shape) for text in compared)
        for arn in (*filter(None, named), *sample_resources(statements, shape)):
            verdict = self.evaluator.decide("iam:CreatePolicy", arn).verdict
            if verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL):
                yield arn, verdict is Verdict.ALLOWED

    def _managed(self, name: str) -> str:
        return f"arn:{self.facts.authorizer.account.partition}:iam::aws:policy/{name}"

    def _new_resource_shape(self, requirement: Requirement) -> str | None:
        """What a new user or role looks like; None where any resource of the service will do."""
        account = self.facts.authorizer.account
        if requirement.target not in _NEW:
            return None
        kind = requirement.target.removeprefix("new-")
        return f"arn:{account.partition}:iam::{account.id}:{kind}/*"

    def _best_verdict(
        self, path: EscalationPath, requirement: Requirement, policy: str | None
    ) -> Verdict:
        """The best decision on a request for which no target of the account is asked."""
        shape = self._new_resource_shape(requirement)
        return min(
            (
                self._verdict(action, shape, keys, is_certain=is_certain)
                for keys, is_certain in self._requests(path, requirement, policy)
                for action in requirement.any_of
            ),
            key=list(Verdict).index,
            default=Verdict.NONE,
        )

    def _verdict(
        self, action: str, shape: str | None, keys: Mapping[str, KeyState], *, is_certain: bool
    ) -> Verdict:
        evaluator = self.evaluator.with_context(keys)
        decision = (
            decide_new_resource(evaluator, action, shape)
            if shape
            else decide_own_account(evaluator, action)
        )
        is_allowed = decision.verdict is Verdict.ALLOWED
        return Verdict.CONDITIONAL if is_allowed and not is_certain else decision.verdict

    def permitted_on(
        self, path: EscalationPath, requirement: Requirement, policy: str | None = None
    ) -> ResourceSet:
        """The account's own resources on which one of the requirement's actions is allowed."""
        if requirement.any_of == (ASSUME,):
            return self.assumable
        found = self._allowed(path, requirement, policy)
        if "iam:CreatePolicyVersion" in requirement.any_of:
            found = self._accepting_a_version(found)
        if requirement.target is Target.POLICY_OF_OTHER:
            return ResourceSet(
                self._roles_holding(found.certain), self._roles_holding(found.possible)
            )
        return found

    def _allowed(
        self, path: EscalationPath, requirement: Requirement, policy: str | None
    ) -> ResourceSet:
        certain = possible = 0
        tags, taggable = self._free_tags, self._taggable
        for keys, is_certain in self._requests(path, requirement, policy):
            evaluator = self.evaluator.with_context(keys)
            for action in requirement.any_of:
                allowed = evaluator.allowed_resources(action)
                certain |= allowed.certain if is_certain else 0
                possible |= allowed.possible
                if taggable:
                    retagged = evaluator.with_context(tags).allowed_resources(action)
                    possible |= retagged.possible & taggable
        return ResourceSet(certain, possible)

    @property
    def _free_tags(self) -> dict[str, KeyState]:
        """The tags of targets that policies ask for, as whoever tags the target sets them."""
        asked = self.evaluator.keys | self.facts.authorizer.trust_keys
        tags = (key for key in asked if key.startswith(TAGS))
        return dict.fromkeys(tags, KeyKnowledge.FREE)

    @property
    def _taggable(self) -> int:
        """The users and roles whose tags it possibly changes, if its policies ask for any."""
        if not self._free_tags:
            return 0
        users, roles = (
            self.evaluator.allowed_resources(f"iam:Tag{kind}").possible
            | self.evaluator.allowed_resources(f"iam:Untag{kind}").possible
            for kind in ("User", "Role")
        )
        return (users & self.facts.users) | (roles & self.facts.roles)

    def _roles_holding(self, policies: int) -> int:
        return self.facts.holding(policies) & self.facts.roles

    def _accepting_a_version(self, policies: ResourceSet) -> ResourceSet:
        """Without the right to delete a version, a policy that has five takes no new one."""
        full = self.facts.at_version_limit
        if not full & policies.possible:
            return policies
        deletable = self.evaluator.allowed_resources("iam:DeletePolicyVersion")
        return ResourceSet(
            policies.certain & (~full | deletable.certain),
            policies.possible & (~full | deletable.possible),
        )

    def _candidates(self, path: EscalationPath, requirement: Requirement) -> ResourceSet | None:
        """The real targets of that sort; None where any resource will do."""
        facts, own = self.facts, self.own_bit
        users, roles = facts.users & ~own, facts.roles & ~own
        match requirement.target:
            case Target.SELF_USER | Target.SELF_ROLE:
                return ResourceSet(own, own)
            case Target.OTHER_USER | Target.SAME_USER:
                return ResourceSet(users, users)
            case target if target in _OTHER_ROLES:
                return ResourceSet(roles, roles)
            case Target.ROLE:
                return facts.services.get(path.role_trusts or "", NOBODY)
            case Target.OWN_GROUP:
                return self._own_groups()
            case Target.GROUP:
                return self._other_groups()
            case Target.POLICY_OF_ANYONE:
                return facts.own_policies
            case Target.POLICY_OF_SELF | Target.OWN_BOUNDARY as target:
                is_held = target is Target.POLICY_OF_SELF
                return self._own_policies() if is_held else self._own_boundary()
            case Target.SELF_OR_ASSUMABLE_ROLE:
                assumable = self.assumable
                itself = 0 if isinstance(self.policies.principal, User) else own
                return ResourceSet(assumable.certain | itself, assumable.possible | itself)
            case _:
                return None

    def _own_groups(self) -> ResourceSet:
        names = set(self.policies.details.groups)
        groups = (each.arn for each in self.facts.authorizer.account.groups if each.name in names)
        found = sum(self.facts.authorizer.resources.bit(arn) for arn in groups)
        return ResourceSet(found, found)

    def _other_groups(self) -> ResourceSet:
        groups = (each.arn for each in self.facts.authorizer.account.groups)
        every = sum(self.facts.authorizer.resources.bit(arn) for arn in groups)
        found = every & ~self._own_groups().certain
        return ResourceSet(found, found)

    def _own_policies(self) -> ResourceSet:
        found = 0
        for policy in self.policies.identity.held:
            if policy.arn is not None and ":iam::aws:policy/" not in policy.arn:
                found |= self.facts.authorizer.resources.bit(policy.arn)
        return ResourceSet(found, found)

    def _own_boundary(self) -> ResourceSet:
        """The policy that is the actor's boundary, if the account owns it."""
        boundary = self.policies.details.boundary or ""
        bit = self.facts.authorizer.resources.bit(boundary)
        return NOBODY if ":iam::aws:policy/" in boundary else ResourceSet(bit, bit)

    def _meeting_preconditions(self, path: EscalationPath) -> ResourceSet:
        """The targets that have what the path needs of them besides permissions."""
        found = EVERYTHING
        for precondition in sorted(path.preconditions & TARGETS_WITH.keys()):
            found = _both(found, TARGETS_WITH[precondition](self))
        return found


def _both(one: ResourceSet, other: ResourceSet) -> ResourceSet:
    return ResourceSet(one.certain & other.certain, one.possible & other.possible)


TARGETS_WITH: Mapping[Precondition, Callable[[Actor], ResourceSet]] = MappingProxyType(
    {
        Precondition.FREE_KEY_SLOT: lambda actor: actor.facts.with_free_slot,
        Precondition.USER_WITH_PASSWORD: lambda actor: actor.facts.with_password,
        Precondition.USER_WITHOUT_PASSWORD: lambda actor: actor.facts.without_password,
        # The password of a user with MFA opens nothing by itself.
        Precondition.USER_WITHOUT_MFA: lambda actor: actor.facts.without_mfa,
        Precondition.INSTANCE_PROFILE: lambda actor: roles_in_profiles(
            actor.evaluator, actor.facts
        ),
    }
)
"""The preconditions that exports can tell of a target, and the targets that meet each.

All others are met by who the actor is (`edges`), by what a path leads to (`outcomes`), or make the
path a possibility only (`decidability` in the catalogue).
"""
