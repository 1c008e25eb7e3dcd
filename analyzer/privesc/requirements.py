"""In: an actor and one path. Out: the targets on which every requirement of the path holds.

Every permission must be there by one and the same entry point, on real targets of this account.
What the path needs of a target besides, such as a free key slot, must be there, too.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from analyzer.inventory.model import User
from analyzer.policy.conditions import KeyState, Ternary
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.federated_requests import admits_provider
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import Verdict
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.resource_search import decide_own_account
from analyzer.policy.service_rules import ASSUME
from analyzer.policy.target_states import TAGS
from analyzer.policy.trust_policies import PrincipalType
from analyzer.privesc.account_facts import EVERYTHING, NOBODY, AccountFacts
from analyzer.privesc.catalogue import EscalationPath, Precondition, Requirement, Target
from analyzer.privesc.giving_policies import GIVING_ACTIONS
from analyzer.privesc.instance_profiles import roles_in_profiles
from analyzer.privesc.new_principals import NEW, verdict_on_new
from analyzer.privesc.other_names import ARN
from analyzer.privesc.policies_to_give import POLICY, accepting_a_version
from analyzer.privesc.principal_sets import caps_are_open
from analyzer.privesc.request_choices import request_choices
from analyzer.privesc.tagging import retaggings_of_targets
from analyzer.privesc.targets import targets_of

_DELETE_KEY = "iam:DeleteAccessKey"


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
    def other_arn(self) -> str | None:
        """Its ARN, if it has taken another name; all sets of targets have it by the old one."""
        match self.keys.get(ARN):
            case (arn,):
                return str(arn)
            case _:
                return None

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
            return self.facts.without_boundary.among(self.own_bit)
        is_open = caps_are_open(self.facts.authorizer, self.policies)
        own = self.own_bit
        return ResourceSet(own if is_open else 0, own if is_open is not False else 0)

    @property
    def is_granted_everything(self) -> bool:
        """True if what it holds itself allows everything, whatever caps or denies it."""
        return any(
            each.layer == 0
            and each.statement.allows
            and each.statement.actions == self.facts.authorizer.actions.everything
            and each.covers_everything(is_certain=True)
            for each in self.evaluator.statements
        )

    @property
    def with_room_for_key(self) -> ResourceSet:
        """The users who have room for another access key, or of whom it may delete one first.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        """
        return self.facts.with_free_slot | self.evaluator.allowed_resources(_DELETE_KEY)

    @property
    def asks_for_policy(self) -> bool:
        """True if its policies tell apart which policy it attaches."""
        return POLICY in self.evaluator.keys

    @property
    def state(self) -> tuple[object, ...]:
        """What tells it from the same principal before or after some change."""
        details = self.policies.details
        keys = tuple(sorted(self.keys.items()))
        held = (
            (layer.name, tuple(sorted(id(each.document) for each in layer.held)))
            for layer in self.policies.layers
        )
        return (
            *(self.policies.arn, self.entry_point, self.is_certain, tuple(held)),
            *(frozenset(details.groups), details.boundary, keys),
        )

    @property
    def assumable(self) -> ResourceSet:
        """The roles that it can assume; possibly those, too, whose tags it changes first."""
        found = self.facts.assumable(self.policies, self.entry_point, self.keys)
        possible, others = found.possible, self.facts.roles & ~self.own_bit
        for each in retaggings_of_targets(self.evaluator, self.facts):
            if each.on & others & ~possible:
                keys = {**self.keys, **each.keys(self._tags_asked)}
                tagged = self.facts.assumable(self.policies, self.entry_point, keys)
                possible |= tagged.possible & each.on & others
        return ResourceSet(found.certain, possible)

    @property
    def _tags_asked(self) -> frozenset[str]:
        """The condition keys for tags of a target that its policies, or trust policies, mention."""
        asked = self.evaluator.keys | self.facts.authorizer.trust_keys
        return frozenset(key for key in asked if key.startswith(TAGS))

    def matching_targets(self, path: EscalationPath, policy: str | None = None) -> ResourceSet:
        """The targets for which every requirement holds; for paths without any, its own bit.

        By a service that AWS has ended there are none.
        `policy`: what the path attaches is that one.
        """
        if path.is_retired:
            return NOBODY
        found = self._permitted_targets(path, policy)
        if found.possible:
            found &= self._meeting_preconditions(path)
        is_certain = self.is_certain
        # Asked last, for it costs most: requests for which no target of the account is asked.
        for verdict in self._verdicts_without_target(path, policy) if found.possible else ():
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
                if self.other_arn is not None and requirement.target is Target.SELF_USER:
                    permitted = self._permitted_on_itself(path, requirement, policy, self.other_arn)
                found &= permitted & candidates
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
        for each in self.facts.provider_trusts:
            if each.type is not kind:
                continue
            actions, provider = path.actions, each.provider
            verdicts = {self.evaluator.decide(action, provider).verdict for action in actions}
            if verdicts & {Verdict.NONE, Verdict.DENIED}:
                continue
            admitted = admits_provider(each.trust, provider, context, authorizer.actions)
            is_sure = verdicts == {Verdict.ALLOWED} and admitted is Ternary.TRUE
            certain |= each.roles if is_sure else 0
            possible |= each.roles if admitted is not Ternary.FALSE else 0
        return ResourceSet(certain, possible)

    def _verdicts_without_target(
        self, path: EscalationPath, policy: str | None
    ) -> Iterator[Verdict]:
        """The best decision on each request for which no target of the account is asked."""
        yield verdict_on_new(self.evaluator, self.facts, path)
        for requirement in path.requires:
            if requirement.target not in NEW and self._candidates(path, requirement) is None:
                yield self._best_verdict(path, requirement, policy)

    def _best_verdict(
        self, path: EscalationPath, requirement: Requirement, policy: str | None
    ) -> Verdict:
        return min(
            (
                self._verdict(action, keys, is_certain=is_certain)
                for keys, is_certain in self._requests(path, requirement, policy)
                for action in requirement.any_of
            ),
            key=lambda each: each.rank,
            default=Verdict.NONE,
        )

    def _verdict(self, action: str, keys: Mapping[str, KeyState], *, is_certain: bool) -> Verdict:
        decision = decide_own_account(self.evaluator.with_context(keys), action)
        is_allowed = decision.verdict is Verdict.ALLOWED
        return Verdict.CONDITIONAL if is_allowed and not is_certain else decision.verdict

    def _requests(
        self, path: EscalationPath, requirement: Requirement, policy: str | None
    ) -> Iterator[tuple[dict[str, KeyState], bool]]:
        return request_choices(self.evaluator, self.facts, path, requirement, policy)

    def permitted_on(
        self, path: EscalationPath, requirement: Requirement, policy: str | None = None
    ) -> ResourceSet:
        """The account's own resources on which one of the requirement's actions is allowed."""
        if requirement.any_of == (ASSUME,):
            return self.assumable
        found = self._allowed(path, requirement, policy)
        if "iam:CreatePolicyVersion" in requirement.any_of:
            found = accepting_a_version(self.evaluator, self.facts, found)
        if requirement.target is Target.POLICY_OF_OTHER:
            return ResourceSet(
                self._roles_holding(found.certain), self._roles_holding(found.possible)
            )
        return found

    def _allowed(
        self, path: EscalationPath, requirement: Requirement, policy: str | None
    ) -> ResourceSet:
        certain = possible = 0
        retaggings = retaggings_of_targets(self.evaluator, self.facts)
        for keys, is_certain in self._requests(path, requirement, policy):
            evaluator = self.evaluator.with_context(keys)
            for action in requirement.any_of:
                allowed = evaluator.allowed_resources(action)
                certain |= allowed.certain if is_certain else 0
                possible |= allowed.possible
                for each in retaggings:
                    if each.on & ~possible:
                        tagged = evaluator.with_context({**keys, **each.keys(self._tags_asked)})
                        possible |= tagged.allowed_resources(action).possible & each.on
        return ResourceSet(certain, possible)

    def _permitted_on_itself(
        self, path: EscalationPath, requirement: Requirement, policy: str | None, arn: str
    ) -> ResourceSet:
        """Its own bit, if one of the requirement's actions is allowed on it by that other ARN."""
        certain = possible = False
        for keys, is_certain in self._requests(path, requirement, policy):
            evaluator = self.evaluator.with_context(keys)
            for action in requirement.any_of:
                of_target = evaluator.compared_by(action)
                own = evaluator.targets.keys_of(self.policies.arn, of_target)
                verdict = evaluator.varied(own).decide(action, arn).verdict
                certain |= is_certain and verdict is Verdict.ALLOWED
                possible |= verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL)
        return ResourceSet(certain * self.own_bit, possible * self.own_bit)

    def _roles_holding(self, policies: int) -> int:
        return self.facts.holding(policies) & self.facts.roles

    def _candidates(self, path: EscalationPath, requirement: Requirement) -> ResourceSet | None:
        """The real targets of that sort; None where any resource will do."""
        if requirement.target is Target.SELF_OR_ASSUMABLE_ROLE:
            itself = 0 if isinstance(self.policies.principal, User) else self.own_bit
            return self.assumable | ResourceSet(itself, itself)
        return targets_of(self.facts, self.policies, path, requirement)

    def _meeting_preconditions(self, path: EscalationPath) -> ResourceSet:
        """The targets that have what the path needs of them besides permissions."""
        found = EVERYTHING
        for precondition in sorted(path.preconditions & TARGETS_WITH.keys()):
            found &= TARGETS_WITH[precondition](self)
        return found


TARGETS_WITH: Mapping[Precondition, Callable[[Actor], ResourceSet]] = MappingProxyType(
    {
        Precondition.FREE_KEY_SLOT: lambda actor: actor.facts.with_free_slot,
        Precondition.ROOM_FOR_KEY: lambda actor: actor.with_room_for_key,
        Precondition.USER_WITH_PASSWORD: lambda actor: actor.facts.with_password,
        Precondition.USER_WITHOUT_PASSWORD: lambda actor: actor.facts.without_password,
        # The password of a user with MFA opens nothing by itself.
        Precondition.USER_WITHOUT_MFA: lambda actor: actor.facts.without_mfa,
        # A machine that runs has its role by a profile.
        Precondition.ROLE_IN_PROFILE: lambda actor: actor.facts.with_profile,
        Precondition.INSTANCE_PROFILE: lambda actor: roles_in_profiles(
            actor.evaluator, actor.facts
        ),
    }
)
"""The preconditions that exports can tell of a target, and the targets that meet each.

All others are met by who the actor is (`edges`), by what a path leads to (`outcomes`), or make the
path a possibility only (`decidability` in the catalogue).
"""
