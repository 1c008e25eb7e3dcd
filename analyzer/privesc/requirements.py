"""In: a principal on its ground, and one path. Out: the targets on which it holds all of the path.

Every permission must be there in one and the same session, on real targets of this account; what
the path needs of a target besides, such as a free key slot, must be there, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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

PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action, not a secret
_POLICY = "iam:policyarn"
_BOUNDARY = "iam:permissionsboundary"
_SERVICE = "iam:passedtoservice"


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """One principal in one session, about to try the paths."""

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
        """True if every action on every resource is surely allowed and nothing is denied."""
        return self.evaluator.allows_everything and not self.evaluator.denies_something

    def matching_targets(self, path: EscalationPath) -> ResourceSet:
        """The targets for which every requirement holds; for paths without any, its own bit."""
        sure = maybe = self.facts.authorizer.resources.everything
        is_sure = is_possible = True
        has_target = False
        for requirement in path.requires:
            keys = self._keys(path, requirement)
            candidates = self._candidates(path, requirement)
            if candidates is None:
                verdict = self._anywhere(requirement, keys, self._shape(requirement))
                is_sure &= verdict is Verdict.ALLOWED
                is_possible &= verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL)
                continue
            has_target = True
            within = self.permitted_on(requirement, keys)
            sure &= within.certain & candidates.certain
            maybe &= within.possible & candidates.possible
        if not has_target:
            around = self.default_targets(path)
            sure, maybe = around.certain, around.possible
        needed = self._needed(path)
        sure, maybe = sure & needed.certain, maybe & needed.possible
        return ResourceSet(sure if is_sure else 0, maybe if is_possible else 0)

    def default_targets(self, path: EscalationPath) -> ResourceSet:
        """What a path without a target ends at: the roles of its service, else the asker itself."""
        if Precondition.TRUSTS_SAML in path.preconditions:
            return self.roles_trusting(PrincipalType.SAML, path)
        if Precondition.TRUSTS_OIDC in path.preconditions:
            return self.roles_trusting(PrincipalType.OIDC, path)
        if path.role_trusts is None:
            return ResourceSet(self.own_bit, self.own_bit)
        return self.facts.services.get(path.role_trusts, NOBODY)

    def roles_trusting(self, sort: PrincipalType, path: EscalationPath) -> ResourceSet:
        """The roles that trust a provider of that sort which the asker can change."""
        sure = maybe = 0
        authorizer = self.facts.authorizer
        for arn, openings in authorizer.grants.items():
            for opening in openings:
                if opening.type is sort:
                    found = [
                        self.evaluator.decide(each, opening.name).verdict for each in path.actions
                    ]
                    bit = authorizer.resources.bit(arn) & self.facts.roles
                    sure |= bit if set(found) == {Verdict.ALLOWED} else 0
                    maybe |= bit if not set(found) & {Verdict.NONE, Verdict.DENIED} else 0
        return ResourceSet(sure, maybe)

    def _keys(self, path: EscalationPath, requirement: Requirement) -> dict[str, KeyState]:
        """The condition keys that the request of this requirement carries."""
        names = " ".join(requirement.any_of)
        keys: dict[str, KeyState] = {}
        if PASS_ROLE in requirement.any_of and path.role_trusts:
            keys[_SERVICE] = (path.role_trusts,)
        if "iam:Attach" in names:
            partition = self.facts.authorizer.account.partition
            keys[_POLICY] = (f"arn:{partition}:iam::aws:policy/AdministratorAccess",)
        if requirement.target in (Target.NEW_USER, Target.NEW_ROLE):
            keys[_BOUNDARY] = KeyKnowledge.ABSENT
        elif "PermissionsBoundary" in names and "iam:Put" in names:
            partition = self.facts.authorizer.account.partition
            keys[_BOUNDARY] = (f"arn:{partition}:iam::aws:policy/AdministratorAccess",)
        return keys

    def _shape(self, requirement: Requirement) -> str | None:
        """What a new user or role looks like; None where any resource of the service will do."""
        account = self.facts.authorizer.account
        if requirement.target not in (Target.NEW_USER, Target.NEW_ROLE):
            return None
        sort = requirement.target.removeprefix("new-")
        return f"arn:{account.partition}:iam::{account.id}:{sort}/*"

    def _anywhere(
        self, requirement: Requirement, keys: Mapping[str, KeyState], shape: str | None
    ) -> Verdict:
        evaluator = self.evaluator.with_context(keys)
        decisions = (
            decide_new_resource(evaluator, action, shape)
            if shape
            else decide_own_account(evaluator, action)
            for action in requirement.any_of
        )
        authorizer = [each.verdict for each in decisions]
        return min(authorizer, key=list(Verdict).index)

    def permitted_on(self, requirement: Requirement, keys: Mapping[str, KeyState]) -> ResourceSet:
        """The account's own resources on which one of the requirement's actions is allowed."""
        if requirement.any_of == ("sts:AssumeRole",):
            return self.facts.assumable(self.policies, self.entry_point)
        found = self.permitted_by_boundary(requirement.any_of, keys)
        if "iam:CreatePolicyVersion" in requirement.any_of:
            found = self._with_room(found)
        if requirement.target is Target.POLICY_OF_OTHER:
            return ResourceSet(self._holders(found.certain), self._holders(found.possible))
        return found

    def permitted_by_boundary(
        self, any_of: tuple[str, ...], keys: Mapping[str, KeyState]
    ) -> ResourceSet:
        """S11: the boundary that a target has is part of the request, so targets go by boundary."""
        sure = maybe = 0
        evaluator = self.evaluator.with_context(keys)
        groups: Mapping[str | None, int] = {None: -1}
        if _BOUNDARY not in keys and evaluator is not evaluator.with_context(
            {_BOUNDARY: KeyKnowledge.ABSENT}
        ):
            rest = ~sum(self.facts.boundaries.values())
            groups = {**self.facts.boundaries, None: self.facts.boundaries.get(None, 0) | rest}
        for boundary, targets in groups.items():
            state: KeyState = KeyKnowledge.ABSENT if boundary is None else (boundary,)
            mine = evaluator.with_context({_BOUNDARY: state}) if len(groups) > 1 else evaluator
            for action in any_of:
                found = mine.allowed_resources(action)
                sure |= found.certain & targets
                maybe |= found.possible & targets
        return ResourceSet(sure, maybe)

    def _holders(self, policies: int) -> int:
        return self.facts.holding(policies) & self.facts.roles

    def _with_room(self, policies: ResourceSet) -> ResourceSet:
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
                taken = facts.assumable(self.policies, self.entry_point)
                mine = 0 if isinstance(self.policies.principal, User) else own
                return ResourceSet(taken.certain | mine, taken.possible | mine)
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
        for held in self.policies.identity.held:
            if held.arn is not None and ":iam::aws:policy/" not in held.arn:
                found |= self.facts.authorizer.resources.bit(held.arn)
        return ResourceSet(found, found)

    def _needed(self, path: EscalationPath) -> ResourceSet:
        """The targets that have what the path needs of them."""
        sure = maybe = -1
        facts = self.facts
        sets = {
            Precondition.FREE_KEY_SLOT: facts.with_free_slot,
            Precondition.USER_WITH_PASSWORD: facts.with_password,
            Precondition.USER_WITHOUT_PASSWORD: facts.without_password,
        }
        for need, members in sets.items():
            if need in path.preconditions:
                sure, maybe = sure & members.certain, maybe & members.possible
        if path.id == "iam-update-login-profile":
            # The password of a user with MFA opens nothing by itself.
            sure, maybe = sure & facts.without_mfa.certain, maybe & facts.without_mfa.possible
        if Precondition.INSTANCE_PROFILE in path.preconditions and not self._makes_profiles():
            sure, maybe = sure & facts.with_profile.certain, maybe & facts.with_profile.possible
        return ResourceSet(sure, maybe)

    def _makes_profiles(self) -> bool:
        """True if it can put a role into an instance profile of its own making."""
        needed = ("iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile")
        return all(
            decide_own_account(self.evaluator, each).verdict is Verdict.ALLOWED for each in needed
        )
