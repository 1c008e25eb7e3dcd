"""In: a principal on its ground, and one path. Out: the targets on which it holds all of the path.

Every permission must be there in one and the same session, on real targets of this account; what
the path needs of a target besides, such as a free key slot, must be there, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.inventory.model import User
from analyzer.policy.conditions import KeyState, Unset
from analyzer.policy.evaluator import Reached, Sheet
from analyzer.policy.layers import Verdict
from analyzer.policy.principals import Permit
from analyzer.policy.request_context import Session
from analyzer.policy.trust_policies import Who
from analyzer.privesc.account_facts import NOBODY, Ground
from analyzer.privesc.catalogue import Need, Path, Requirement, Target

PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action, not a secret
_POLICY = "iam:policyarn"
_BOUNDARY = "iam:permissionsboundary"
_SERVICE = "iam:passedtoservice"


@dataclass(frozen=True, slots=True, eq=False)
class Walker:
    """One principal in one session, about to try the paths."""

    ground: Ground
    permit: Permit
    session: Session
    sheet: Sheet
    depth: int = 0

    @property
    def own_bit(self) -> int:
        """The bit of the principal itself."""
        return self.ground.verdicts.universe.bit(self.permit.arn)

    @property
    def is_admin(self) -> bool:
        """True if every action on every resource is surely allowed and nothing is denied."""
        return self.sheet.allows_everything and not self.sheet.denies_something

    def targets(self, path: Path) -> Reached:
        """The targets for which every requirement holds; for paths without any, its own bit."""
        sure = maybe = self.ground.verdicts.universe.everything
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
            within = self._on(requirement, keys)
            sure &= within.sure & candidates.sure
            maybe &= within.maybe & candidates.maybe
        if not has_target:
            around = self._around(path)
            sure, maybe = around.sure, around.maybe
        needed = self._needed(path)
        sure, maybe = sure & needed.sure, maybe & needed.maybe
        return Reached(sure if is_sure else 0, maybe if is_possible else 0)

    def _around(self, path: Path) -> Reached:
        """What a path without a target ends at: the roles of its service, else the asker itself."""
        if Need.TRUSTS_SAML in path.needs:
            return self._behind(Who.SAML, path)
        if Need.TRUSTS_OIDC in path.needs:
            return self._behind(Who.OIDC, path)
        if path.role_trusts is None:
            return Reached(self.own_bit, self.own_bit)
        return self.ground.services.get(path.role_trusts, NOBODY)

    def _behind(self, sort: Who, path: Path) -> Reached:
        """The roles that trust a provider of that sort which the asker can change."""
        sure = maybe = 0
        verdicts = self.ground.verdicts
        for arn, openings in verdicts.openings.items():
            for opening in openings:
                if opening.who is sort:
                    found = [self.sheet.on(each, opening.name).verdict for each in path.actions]
                    bit = verdicts.universe.bit(arn) & self.ground.roles
                    sure |= bit if set(found) == {Verdict.ALLOWED} else 0
                    maybe |= bit if not set(found) & {Verdict.NONE, Verdict.DENIED} else 0
        return Reached(sure, maybe)

    def _keys(self, path: Path, requirement: Requirement) -> dict[str, KeyState]:
        """The condition keys that the request of this requirement carries."""
        names = " ".join(requirement.any_of)
        keys: dict[str, KeyState] = {}
        if PASS_ROLE in requirement.any_of and path.role_trusts:
            keys[_SERVICE] = (path.role_trusts,)
        if "iam:Attach" in names:
            partition = self.ground.verdicts.account.partition
            keys[_POLICY] = (f"arn:{partition}:iam::aws:policy/AdministratorAccess",)
        if requirement.target in (Target.NEW_USER, Target.NEW_ROLE):
            keys[_BOUNDARY] = Unset.ABSENT
        elif "PermissionsBoundary" in names and "iam:Put" in names:
            partition = self.ground.verdicts.account.partition
            keys[_BOUNDARY] = (f"arn:{partition}:iam::aws:policy/AdministratorAccess",)
        return keys

    def _shape(self, requirement: Requirement) -> str | None:
        """What a new user or role looks like; None where any resource of the service will do."""
        account = self.ground.verdicts.account
        if requirement.target not in (Target.NEW_USER, Target.NEW_ROLE):
            return None
        sort = requirement.target.removeprefix("new-")
        return f"arn:{account.partition}:iam::{account.id}:{sort}/*"

    def _anywhere(
        self, requirement: Requirement, keys: Mapping[str, KeyState], shape: str | None
    ) -> Verdict:
        sheet = self.sheet.given(keys)
        decisions = (
            sheet.anew(action, shape) if shape else sheet.at_home(action)
            for action in requirement.any_of
        )
        verdicts = [each.verdict for each in decisions]
        return min(verdicts, key=list(Verdict).index)

    def _on(self, requirement: Requirement, keys: Mapping[str, KeyState]) -> Reached:
        """The account's own resources on which one of the requirement's actions is allowed."""
        if requirement.any_of == ("sts:AssumeRole",):
            return self.ground.assumable(self.permit, self.session)
        found = self._reach(requirement.any_of, keys)
        if "iam:CreatePolicyVersion" in requirement.any_of:
            found = self._with_room(found)
        if requirement.target is Target.POLICY_OF_OTHER:
            return Reached(self._holders(found.sure), self._holders(found.maybe))
        return found

    def _reach(self, any_of: tuple[str, ...], keys: Mapping[str, KeyState]) -> Reached:
        """S11: the boundary that a target has is part of the request, so targets go by boundary."""
        sure = maybe = 0
        sheet = self.sheet.given(keys)
        groups: Mapping[str | None, int] = {None: -1}
        if _BOUNDARY not in keys and sheet is not sheet.given({_BOUNDARY: Unset.ABSENT}):
            rest = ~sum(self.ground.boundaries.values())
            groups = {**self.ground.boundaries, None: self.ground.boundaries.get(None, 0) | rest}
        for boundary, targets in groups.items():
            state: KeyState = Unset.ABSENT if boundary is None else (boundary,)
            mine = sheet.given({_BOUNDARY: state}) if len(groups) > 1 else sheet
            for action in any_of:
                found = mine.reach(action)
                sure |= found.sure & targets
                maybe |= found.maybe & targets
        return Reached(sure, maybe)

    def _holders(self, policies: int) -> int:
        return self.ground.holding(policies) & self.ground.roles

    def _with_room(self, policies: Reached) -> Reached:
        """Without the right to delete a version, a policy that has five takes no new one."""
        full = self.ground.full
        if not full & policies.maybe:
            return policies
        deletable = self.sheet.reach("iam:DeletePolicyVersion")
        return Reached(
            policies.sure & (~full | deletable.sure), policies.maybe & (~full | deletable.maybe)
        )

    def _candidates(self, path: Path, requirement: Requirement) -> Reached | None:
        """The real targets of that sort; None where any resource will do."""
        ground, own = self.ground, self.own_bit
        users, roles = ground.users & ~own, ground.roles & ~own
        match requirement.target:
            case Target.SELF_USER | Target.SELF_ROLE:
                return Reached(own, own)
            case Target.OTHER_USER | Target.SAME_USER:
                return Reached(users, users)
            case Target.OTHER_ROLE | Target.SAME_ROLE | Target.ROLE_WITH_POLICY:
                return Reached(roles, roles)
            case Target.POLICY_OF_OTHER:
                return Reached(roles, roles)
            case Target.ROLE:
                return ground.services.get(path.role_trusts or "", NOBODY)
            case Target.OWN_GROUP:
                return self._own_groups()
            case Target.GROUP:
                return self._other_groups()
            case Target.POLICY_OF_SELF:
                return self._own_policies()
            case Target.SELF_OR_ASSUMABLE_ROLE:
                taken = ground.assumable(self.permit, self.session)
                mine = 0 if isinstance(self.permit.principal, User) else own
                return Reached(taken.sure | mine, taken.maybe | mine)
            case _:
                return None

    def _own_groups(self) -> Reached:
        names = set(self.permit.details.groups)
        groups = (each.arn for each in self.ground.verdicts.account.groups if each.name in names)
        found = sum(self.ground.verdicts.universe.bit(arn) for arn in groups)
        return Reached(found, found)

    def _other_groups(self) -> Reached:
        groups = (each.arn for each in self.ground.verdicts.account.groups)
        every = sum(self.ground.verdicts.universe.bit(arn) for arn in groups)
        found = every & ~self._own_groups().sure
        return Reached(found, found)

    def _own_policies(self) -> Reached:
        found = 0
        for held in self.permit.identity.held:
            if held.arn is not None and ":iam::aws:policy/" not in held.arn:
                found |= self.ground.verdicts.universe.bit(held.arn)
        return Reached(found, found)

    def _needed(self, path: Path) -> Reached:
        """The targets that have what the path needs of them."""
        sure = maybe = -1
        ground = self.ground
        sets = {
            Need.FREE_KEY_SLOT: ground.with_free_slot,
            Need.USER_WITH_PASSWORD: ground.with_password,
            Need.USER_WITHOUT_PASSWORD: ground.without_password,
        }
        for need, members in sets.items():
            if need in path.needs:
                sure, maybe = sure & members.sure, maybe & members.maybe
        if path.id == "iam-update-login-profile":
            # The password of a user with MFA opens nothing by itself.
            sure, maybe = sure & ground.without_mfa.sure, maybe & ground.without_mfa.maybe
        if Need.INSTANCE_PROFILE in path.needs and not self._makes_profiles():
            sure, maybe = sure & ground.with_profile.sure, maybe & ground.with_profile.maybe
        return Reached(sure, maybe)

    def _makes_profiles(self) -> bool:
        """True if it can put a role into an instance profile of its own making."""
        needed = ("iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile")
        return all(self.sheet.at_home(each).verdict is Verdict.ALLOWED for each in needed)
