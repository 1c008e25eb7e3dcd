"""In: an actor and one path. Out: the targets on which every requirement of the path holds.

Every permission must be there by one and the same entry point, on real targets of this account.
What the path needs of a target besides, such as a free key slot, must be there, too.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from analyzer.inventory.model import User
from analyzer.policy.conditions import KeyKnowledge, KeyState
from analyzer.policy.evaluator import PolicyEvaluator, ResourceSet
from analyzer.policy.layers import Verdict
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.resource_search import decide_new_resource, decide_own_account
from analyzer.policy.trust_policies import PrincipalType
from analyzer.privesc.account_facts import NOBODY, AccountFacts
from analyzer.privesc.catalogue import EscalationPath, Precondition, Requirement, Target
from analyzer.privesc.instance_profiles import roles_in_profiles

EVERYTHING = ResourceSet(-1, -1)
"""Every resource, as bits: -1 has all of them set."""
PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action, not a secret
_POLICY = "iam:policyarn"
_BOUNDARY = "iam:permissionsboundary"
_SERVICE = "iam:passedtoservice"


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """One principal by one entry point, asked for the paths that it can take.

    `depth` is 1 for a principal as it would be after a step, which is asked for no further step.
    """

    facts: AccountFacts
    policies: PrincipalPolicies
    entry_point: EntryPoint
    evaluator: PolicyEvaluator
    depth: int = 0

    @property
    def own_bit(self) -> int:
        """The bit of the principal itself."""
        return self.facts.authorizer.resources.bit(self.policies.arn)

    @property
    def is_admin(self) -> bool:
        """True if every action on every resource is certainly allowed and nothing is denied."""
        return self.evaluator.allows_everything and not self.evaluator.denies_something

    def matching_targets(self, path: EscalationPath) -> ResourceSet:
        """The targets for which every requirement holds; for paths without any, its own bit."""
        certain = possible = self.facts.authorizer.resources.everything
        is_certain = is_possible = True
        has_target = False
        for requirement in path.requires:
            keys = self._request_keys(path, requirement)
            candidates = self._candidates(path, requirement)
            if candidates is None:
                verdict = self._best_verdict(
                    requirement, keys, self._new_resource_shape(requirement)
                )
                is_certain &= verdict is Verdict.ALLOWED
                is_possible &= verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL)
                continue
            has_target = True
            permitted = self.permitted_on(requirement, keys)
            certain &= permitted.certain & candidates.certain
            possible &= permitted.possible & candidates.possible
        if not has_target:
            targets = self.default_targets(path)
            certain, possible = targets.certain, targets.possible
        needed = self._meeting_preconditions(path)
        certain, possible = certain & needed.certain, possible & needed.possible
        return ResourceSet(certain if is_certain else 0, possible if is_possible else 0)

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
        """The roles that trust a provider of that type which the actor can change."""
        certain = possible = 0
        authorizer = self.facts.authorizer
        for arn, grants in authorizer.grants.items():
            for grant in grants:
                if grant.type is kind:
                    verdicts = [
                        self.evaluator.decide(each, grant.name).verdict for each in path.actions
                    ]
                    bit = authorizer.resources.bit(arn) & self.facts.roles
                    certain |= bit if set(verdicts) == {Verdict.ALLOWED} else 0
                    possible |= bit if not set(verdicts) & {Verdict.NONE, Verdict.DENIED} else 0
        return ResourceSet(certain, possible)

    def _request_keys(self, path: EscalationPath, requirement: Requirement) -> dict[str, KeyState]:
        """The condition keys that the request of this requirement carries."""
        names = " ".join(requirement.any_of)
        keys: dict[str, KeyState] = {}
        if PASS_ROLE in requirement.any_of and path.passed_to:
            keys[_SERVICE] = (path.passed_to,)
        if "iam:Attach" in names:
            partition = self.facts.authorizer.account.partition
            keys[_POLICY] = (f"arn:{partition}:iam::aws:policy/AdministratorAccess",)
        if requirement.target in (Target.NEW_USER, Target.NEW_ROLE):
            keys[_BOUNDARY] = KeyKnowledge.ABSENT
        elif "PermissionsBoundary" in names and "iam:Put" in names:
            partition = self.facts.authorizer.account.partition
            keys[_BOUNDARY] = (f"arn:{partition}:iam::aws:policy/AdministratorAccess",)
        return keys

    def _new_resource_shape(self, requirement: Requirement) -> str | None:
        """What a new user or role looks like; None where any resource of the service will do."""
        account = self.facts.authorizer.account
        if requirement.target not in (Target.NEW_USER, Target.NEW_ROLE):
            return None
        kind = requirement.target.removeprefix("new-")
        return f"arn:{account.partition}:iam::{account.id}:{kind}/*"

    def _best_verdict(
        self, requirement: Requirement, keys: Mapping[str, KeyState], shape: str | None
    ) -> Verdict:
        evaluator = self.evaluator.with_context(keys)
        decisions = (
            decide_new_resource(evaluator, action, shape)
            if shape
            else decide_own_account(evaluator, action)
            for action in requirement.any_of
        )
        verdicts = [each.verdict for each in decisions]
        return min(verdicts, key=list(Verdict).index)

    def permitted_on(self, requirement: Requirement, keys: Mapping[str, KeyState]) -> ResourceSet:
        """The account's own resources on which one of the requirement's actions is allowed."""
        if requirement.any_of == ("sts:AssumeRole",):
            return self.facts.assumable(self.policies, self.entry_point)
        found = self.permitted_by_boundary(requirement.any_of, keys)
        if "iam:CreatePolicyVersion" in requirement.any_of:
            found = self._accepting_a_version(found)
        if requirement.target is Target.POLICY_OF_OTHER:
            return ResourceSet(
                self._roles_holding(found.certain), self._roles_holding(found.possible)
            )
        return found

    def permitted_by_boundary(
        self, any_of: tuple[str, ...], keys: Mapping[str, KeyState]
    ) -> ResourceSet:
        """Where one of the actions is allowed, each target asked with the boundary that it has.

        A request on a principal carries the ARN of the principal's boundary as a condition key.
        """
        certain = possible = 0
        for evaluator, targets in self._evaluators_by_boundary(keys):
            for action in any_of:
                allowed = evaluator.allowed_resources(action)
                certain |= allowed.certain & targets
                possible |= allowed.possible & targets
        return ResourceSet(certain, possible)

    def _evaluators_by_boundary(
        self, keys: Mapping[str, KeyState]
    ) -> Iterator[tuple[PolicyEvaluator, int]]:
        """For each boundary an evaluator of requests on what has it, and the bits of these.

        Without a boundary the key is absent. One evaluator for everything where the request brings
        a boundary of its own, or no policy asks for the key.
        """
        evaluator = self.evaluator.with_context(keys)
        if _BOUNDARY in keys or _BOUNDARY not in evaluator.keys:
            yield evaluator, EVERYTHING.possible
            return
        with_boundary = 0
        for boundary, targets in self.facts.boundaries.items():
            if boundary is not None:
                with_boundary |= targets
                yield evaluator.with_context({_BOUNDARY: (boundary,)}), targets
        yield evaluator.with_context({_BOUNDARY: KeyKnowledge.ABSENT}), ~with_boundary

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
            case Target.OTHER_ROLE | Target.SAME_ROLE | Target.ROLE_WITH_POLICY:
                return ResourceSet(roles, roles)
            case Target.POLICY_OF_OTHER:
                return ResourceSet(roles, roles)
            case Target.ROLE:
                return facts.services.get(path.role_trusts or "", NOBODY)
            case Target.OWN_GROUP:
                return self._own_groups()
            case Target.GROUP:
                return self._other_groups()
            case Target.POLICY_OF_SELF:
                return self._own_policies()
            case Target.SELF_OR_ASSUMABLE_ROLE:
                assumable = facts.assumable(self.policies, self.entry_point)
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

    def _meeting_preconditions(self, path: EscalationPath) -> ResourceSet:
        """The targets that have what the path needs of them besides permissions."""
        found = EVERYTHING
        for precondition in sorted(path.preconditions & TARGETS_WITH.keys()):
            members = TARGETS_WITH[precondition](self)
            found = ResourceSet(found.certain & members.certain, found.possible & members.possible)
        return found


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
