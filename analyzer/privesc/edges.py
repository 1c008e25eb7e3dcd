"""In: a principal on its ground, and the catalogue. Out: the steps up that it can take."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from analyzer.inventory.model import User
from analyzer.policy.actions import ActionIndex
from analyzer.policy.conditions import KeyKnowledge
from analyzer.policy.documents import PolicyInstance
from analyzer.policy.evaluator import ResourceSet
from analyzer.policy.layers import PolicyLayer, keys_mentioned
from analyzer.policy.principals import PrincipalPolicies, group_layer
from analyzer.policy.request_context import EntryPoint, entry_points_of
from analyzer.policy.trust_policies import ASSUME
from analyzer.privesc.account_facts import NOBODY
from analyzer.privesc.catalogue import (
    Decidability,
    EscalationPath,
    Gain,
    Precondition,
    Requirement,
    SeverityCap,
    Target,
)
from analyzer.privesc.requirements import Actor

_SELF = frozenset({Target.SELF_USER, Target.SELF_ROLE, Target.OWN_GROUP, Target.POLICY_OF_SELF})
_TAG = "aws:principaltag/"


@dataclass(frozen=True, slots=True)
class Edge:
    """A path of the catalogue that a principal may go, and where it ends.

    `to_admin` are the targets over which it gets full rights at once (its own ARN where it raises
    itself or makes a new principal), `to` the principals whose rights it gets.
    """

    path: EscalationPath
    entry_point: EntryPoint
    to_admin: ResourceSet
    to: ResourceSet
    on: ResourceSet = NOBODY

    @property
    def leads_somewhere(self) -> bool:
        """True if there is any target at all."""
        return bool(self.to_admin.possible | self.to.possible)


@dataclass(frozen=True, slots=True, eq=False)
class PathIndex:
    """Paths, each with the actions that its requirements take, as bits."""

    masks: tuple[tuple[EscalationPath, tuple[int, ...]], ...]
    known: dict[int, tuple[EscalationPath, ...]] = field(default_factory=dict)

    def within(self, possible: int) -> tuple[EscalationPath, ...]:
        """The paths whose every requirement has one of these actions; found once for each set."""
        if possible not in self.known:
            self.known[possible] = tuple(
                path for path, masks in self.masks if all(each & possible for each in masks)
            )
        return self.known[possible]


def path_index(actions: ActionIndex, paths: tuple[EscalationPath, ...]) -> PathIndex:
    """These paths, in their order."""
    return PathIndex(
        tuple((path, tuple(_mask(actions, each) for each in path.requires)) for path in paths)
    )


def edges(actor: Actor, ways: PathIndex) -> Iterator[Edge]:
    """The paths that the principal may go, in the catalogue's order."""
    possible, actions = actor.evaluator.possible, actor.facts.authorizer.actions
    if actor.facts.names(actor.policies):
        possible |= actions.bit(ASSUME)
    for path in ways.within(possible):
        edge = _edge(actor, path)
        if edge is not None and (edge.leads_somewhere or edge.on.possible):
            yield edge


def _edge(actor: Actor, path: EscalationPath) -> Edge | None:
    if not _fits(path, actor.policies):
        return None
    found = actor.matching_targets(path)
    if not found.possible:
        return None
    if path.offline is not Decidability.FULL or path.severity_cap in (
        SeverityCap.LOW,
        SeverityCap.MEDIUM,
    ):
        # No export shows the one resource that the path needs besides, or its review says "maybe".
        found = ResourceSet(0, found.possible)
    return _Outcome(actor, path).edge(found)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a path whose requirements hold gives the walker."""

    actor: Actor
    path: EscalationPath

    def edge(self, found: ResourceSet) -> Edge:
        """The step, with whatever it leads to."""
        actor, path = self.actor, self.path
        to_admin = to = on = NOBODY
        match path.gain:
            case Gain.ADMIN:
                to_admin = self._full_rights(found)
            case Gain.OTHER_USER | Gain.ROLE:
                to = self._becomes(found)
                if Precondition.ROLE_HAS_BOUNDARY in path.preconditions:
                    to_admin, to = self._without_boundary(found), NOBODY
            case Gain.GROUP:
                to_admin = self._after_joining(found)
            case Gain.OLDER_VERSION:
                to_admin = self._after_rollback(found)
            case Gain.OWN_IDENTITY_POLICIES:
                to_admin = self._after_removal(found)
            case Gain.CONDITIONAL_GRANTS:
                to_admin = self._tagged(found)
            case _:
                on = found
        return Edge(path, actor.entry_point, to_admin, to, on)

    def _becomes(self, found: ResourceSet) -> ResourceSet:
        others = ~self.actor.own_bit
        return ResourceSet(found.certain & others, found.possible & others)

    def _full_rights(self, found: ResourceSet) -> ResourceSet:
        """Full rights, unless a boundary stays over whoever gets them."""
        facts, path = self.actor.facts, self.path
        targets = {each.target for each in path.requires}
        own = self.actor.own_bit
        if targets & _SELF or targets <= {None}:
            return _where(found, own if found.certain else 0, own, facts.without_boundary)
        if targets & {Target.NEW_USER, Target.NEW_ROLE}:
            return _where(found, own if self._guards_are_open() else 0, own, ResourceSet(own, own))
        return ResourceSet(
            found.certain & facts.without_boundary.certain,
            found.possible & facts.without_boundary.possible,
        )

    def _guards_are_open(self) -> bool:
        """True if what the organization puts over a new principal allows everything."""
        actor = self.actor
        guards = tuple(each for each in actor.policies.layers[1:] if each.name.startswith("SCP"))
        authorizer = actor.facts.authorizer
        context = authorizer.context(actor.policies, actor.entry_point)
        return not guards or authorizer.evaluator_for_policies(guards, context).allows_everything

    def _would_be_admin(
        self, layers: tuple[PolicyLayer, ...], policies: PrincipalPolicies | None = None
    ) -> bool:
        """Whether the principal is an administrator, or makes itself one, under these layers."""
        actor = self.actor
        if actor.depth:
            return False
        who = replace(policies or actor.policies, layers=layers)
        entry_point = actor.entry_point if policies is None else entry_points_of(who.principal)[0]
        authorizer = actor.facts.authorizer
        changed = authorizer.evaluator_for_policies(layers, authorizer.context(who, entry_point))
        inner = Actor(actor.facts, who, entry_point, changed, depth=1)
        return inner.is_admin or _raises_itself(inner)

    def _without_boundary(self, found: ResourceSet) -> ResourceSet:
        """Roles that would be administrators without their boundary."""
        principals = self.actor.facts.authorizer.principals
        bits = 0
        for arn in self.actor.facts.authorizer.resources.named(found.possible):
            role = principals[arn]
            if role.has_boundary:
                rest = (role.identity, *role.layers[2:])
                bits |= self.actor.facts.authorizer.resources.bit(arn) * self._would_be_admin(
                    rest, role
                )
        return ResourceSet(found.certain & bits, found.possible & bits)

    def _after_joining(self, found: ResourceSet) -> ResourceSet:
        """Groups that would make the user an administrator."""
        authorizer = self.actor.facts.authorizer
        first, *rest = self.actor.policies.layers
        bits = 0
        for group in authorizer.account.groups:
            bit = authorizer.resources.bit(group.arn)
            if bit & found.possible:
                more = group_layer(group, authorizer.store)
                joined = PolicyLayer(first.name, (*first.held, *more.held), first.unknown)
                bits |= bit * self._would_be_admin((joined, *rest))
        return ResourceSet(found.certain & bits, found.possible & bits)

    def _after_rollback(self, found: ResourceSet) -> ResourceSet:
        """Policies that, at an older version, would make the principal an administrator."""
        authorizer = self.actor.facts.authorizer
        first, *rest = self.actor.policies.layers
        bits = 0
        for arn in authorizer.resources.named(found.possible):
            for older in authorizer.store.policies[arn].older:
                other = authorizer.store.cache.held(older, arn, arn)
                held = tuple(other if each.arn == arn else each for each in first.held)
                if self._would_be_admin((replace(first, held=held), *rest)):
                    bits |= authorizer.resources.bit(arn)
        return ResourceSet(found.certain & bits, found.possible & bits)

    def _after_removal(self, found: ResourceSet) -> ResourceSet:
        """Whether the principal is an administrator once the boundary or a Deny is gone."""
        actor, own = self.actor, self.actor.own_bit
        first, *rest = actor.policies.layers
        if Precondition.CALLER_HAS_BOUNDARY in self.path.preconditions:
            gone = actor.policies.has_boundary and self._would_be_admin((first, *rest[1:]))
            return _where(found, own if gone else 0, own if gone else 0, ResourceSet(-1, -1))
        for removed in self._removable(found):
            left = tuple(each for each in first.held if each not in removed)
            if self._would_be_admin((replace(first, held=left), *rest)):
                return _where(found, own, own, ResourceSet(-1, -1))
        return NOBODY

    def _removable(self, found: ResourceSet) -> Iterator[tuple[PolicyInstance, ...]]:
        """What one call takes away that denies: a policy of its own or of a group, or a group."""
        store = self.actor.facts.authorizer.store
        policies = self.actor.policies
        held = policies.identity.held
        number = sum(
            isinstance(each, PolicyInstance) for each in store.policies_of(policies.details)
        )
        if {Precondition.MANAGED_DENY, Precondition.INLINE_DENY} & self.path.preconditions:
            yield from ((each,) for each in held[:number] if _denies(each) and self._is_meant(each))
            return
        for group in self.actor.facts.authorizer.account.groups:
            if self.actor.facts.authorizer.resources.bit(group.arn) & found.possible:
                theirs = {id(each.document) for each in store.policies_of(group.details)
                          if isinstance(each, PolicyInstance)}  # fmt: skip
                mine = tuple(each for each in held[number:] if id(each.document) in theirs)
                if Precondition.DENY_FROM_GROUP in self.path.preconditions:
                    yield mine
                else:
                    yield from ((each,) for each in mine if _denies(each) and self._is_meant(each))

    def _is_meant(self, held: PolicyInstance) -> bool:
        """True if this path takes away policies of that kind: managed or inline."""
        managed = bool(
            {Precondition.MANAGED_DENY, Precondition.MANAGED_DENY_GROUP} & self.path.preconditions
        )
        return (held.arn is not None) == managed

    def _tagged(self, found: ResourceSet) -> ResourceSet:
        """The principals that tags of the walker's choice would make administrators."""
        actor, authorizer = self.actor, self.actor.facts.authorizer
        bits = 0
        for arn in authorizer.resources.named(found.possible):
            policies = authorizer.principals[arn]
            tests = {key for key in keys_mentioned((policies.identity,)) if key.startswith(_TAG)}
            if not tests:
                continue
            is_own = policies.arn == actor.policies.arn
            entry_point = actor.entry_point if is_own else entry_points_of(policies.principal)[0]
            given = authorizer.evaluator(policies, entry_point).with_context(
                dict.fromkeys(tests, KeyKnowledge.FREE)
            )
            inner = Actor(actor.facts, policies, entry_point, given, depth=1)
            if inner.is_admin or given.possibly_allows_everything or _raises_itself(inner):
                bits |= authorizer.resources.bit(arn)
        return ResourceSet(0, bits)


def _raises_itself(actor: Actor) -> bool:
    """True if it can surely give itself any right: the paths that need nothing but itself."""
    own = actor.own_bit
    if not actor.facts.without_boundary.certain & own and len(actor.policies.layers) > 1:
        return False
    names = ("iam:PutUserPolicy", "iam:AttachUserPolicy")
    if not isinstance(actor.policies.principal, User):
        names = ("iam:PutRolePolicy", "iam:AttachRolePolicy")
    return any(actor.evaluator.allowed_resources(name).certain & own for name in names)


def _fits(path: EscalationPath, policies: PrincipalPolicies) -> bool:
    """True if the path is one for this kind of principal."""
    is_user = isinstance(policies.principal, User)
    needs = path.preconditions
    if (Precondition.CALLER_IS_USER in needs and not is_user) or (
        Precondition.CALLER_IS_ROLE in needs and is_user
    ):
        return False
    targets = {each.target for each in path.requires}
    if (Target.SELF_USER in targets and not is_user) or (Target.SELF_ROLE in targets and is_user):
        return False
    return not (Precondition.CALLER_HAS_BOUNDARY in needs and not policies.has_boundary)


def _where(found: ResourceSet, sure: int, maybe: int, within: ResourceSet) -> ResourceSet:
    """The bits, where anything was found at all."""
    return ResourceSet(
        sure & within.certain if found.certain else 0,
        maybe & within.possible if found.possible else 0,
    )


def _mask(actions: ActionIndex, requirement: Requirement) -> int:
    found = 0
    for action in requirement.any_of:
        found |= actions.bit(action)
    return found


def _denies(held: PolicyInstance) -> bool:
    return any(each.denies for each in held.document.statements)
