"""In: a principal on its ground, and the catalogue. Out: the steps up that it can take."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from analyzer.inventory.model import User
from analyzer.policy.actions import Actions
from analyzer.policy.conditions import Unset
from analyzer.policy.documents import Held
from analyzer.policy.evaluator import Reached
from analyzer.policy.layers import Layer, mentioned
from analyzer.policy.principals import Permit, group_layer
from analyzer.policy.request_context import Session, sessions_of
from analyzer.policy.trust_policies import ASSUME
from analyzer.privesc.account_facts import NOBODY
from analyzer.privesc.catalogue import Gain, Highest, Need, Offline, Path, Requirement, Target
from analyzer.privesc.requirements import Walker

_SELF = frozenset({Target.SELF_USER, Target.SELF_ROLE, Target.OWN_GROUP, Target.POLICY_OF_SELF})
_TAG = "aws:principaltag/"


@dataclass(frozen=True, slots=True)
class Move:
    """A path of the catalogue that a principal may go, and where it ends.

    `to_admin` are the targets over which it gets full rights at once (its own ARN where it raises
    itself or makes a new principal), `to` the principals whose rights it gets.
    """

    path: Path
    session: Session
    to_admin: Reached
    to: Reached
    on: Reached = NOBODY

    @property
    def leads_somewhere(self) -> bool:
        """True if there is any target at all."""
        return bool(self.to_admin.maybe | self.to.maybe)


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Paths, each with the actions that its requirements take, as bits."""

    masks: tuple[tuple[Path, tuple[int, ...]], ...]
    known: dict[int, tuple[Path, ...]] = field(default_factory=dict)

    def within(self, possible: int) -> tuple[Path, ...]:
        """The paths whose every requirement has one of these actions; found once for each set."""
        if possible not in self.known:
            self.known[possible] = tuple(
                path for path, masks in self.masks if all(each & possible for each in masks)
            )
        return self.known[possible]


def ways(actions: Actions, paths: tuple[Path, ...]) -> Ways:
    """These paths, in their order."""
    return Ways(
        tuple((path, tuple(_mask(actions, each) for each in path.requires)) for path in paths)
    )


def moves(walker: Walker, ways: Ways) -> Iterator[Move]:
    """The paths that the principal may go, in the catalogue's order."""
    possible, actions = walker.sheet.possible, walker.ground.verdicts.actions
    if walker.ground.names(walker.permit):
        possible |= actions.bit(ASSUME)
    for path in ways.within(possible):
        move = _move(walker, path)
        if move is not None and (move.leads_somewhere or move.on.maybe):
            yield move


def _move(walker: Walker, path: Path) -> Move | None:
    if not _fits(path, walker.permit):
        return None
    found = walker.targets(path)
    if not found.maybe:
        return None
    if path.offline is not Offline.FULL or path.highest in (Highest.LOW, Highest.MEDIUM):
        # No export shows the one resource that the path needs besides, or its review says "maybe".
        found = Reached(0, found.maybe)
    return _Ending(walker, path).move(found)


@dataclass(frozen=True, slots=True)
class _Ending:
    """What a path whose requirements hold gives the walker."""

    walker: Walker
    path: Path

    def move(self, found: Reached) -> Move:
        """The step, with whatever it leads to."""
        walker, path = self.walker, self.path
        to_admin = to = on = NOBODY
        match path.gain:
            case Gain.ADMIN:
                to_admin = self._full_rights(found)
            case Gain.OTHER_USER | Gain.ROLE:
                to = self._taken(found)
                if Need.ROLE_HAS_BOUNDARY in path.needs:
                    to_admin, to = self._unbounded(found), NOBODY
            case Gain.GROUP:
                to_admin = self._joined(found)
            case Gain.OLDER_VERSION:
                to_admin = self._older(found)
            case Gain.OWN_IDENTITY_POLICIES:
                to_admin = self._less(found)
            case Gain.CONDITIONAL_GRANTS:
                to_admin = self._tagged(found)
            case _:
                on = found
        return Move(path, walker.session, to_admin, to, on)

    def _taken(self, found: Reached) -> Reached:
        others = ~self.walker.own_bit
        return Reached(found.sure & others, found.maybe & others)

    def _full_rights(self, found: Reached) -> Reached:
        """Full rights, unless a boundary stays over whoever gets them."""
        ground, path = self.walker.ground, self.path
        targets = {each.target for each in path.requires}
        own = self.walker.own_bit
        if targets & _SELF or targets <= {None}:
            return _where(found, own if found.sure else 0, own, ground.unbound)
        if targets & {Target.NEW_USER, Target.NEW_ROLE}:
            return _where(found, own if self._guards_are_open() else 0, own, Reached(own, own))
        return Reached(found.sure & ground.unbound.sure, found.maybe & ground.unbound.maybe)

    def _guards_are_open(self) -> bool:
        """True if what the organization puts over a new principal allows everything."""
        walker = self.walker
        guards = tuple(each for each in walker.permit.layers[1:] if each.name.startswith("SCP"))
        verdicts = walker.ground.verdicts
        context = verdicts.context(walker.permit, walker.session)
        return not guards or verdicts.sheet_of(guards, context).allows_everything

    def _altered(self, layers: tuple[Layer, ...], permit: Permit | None = None) -> bool:
        """Whether the principal is an administrator, or makes itself one, under these layers."""
        walker = self.walker
        if walker.depth:
            return False
        who = replace(permit or walker.permit, layers=layers)
        session = walker.session if permit is None else sessions_of(who.principal)[0]
        verdicts = walker.ground.verdicts
        changed = verdicts.sheet_of(layers, verdicts.context(who, session))
        inner = Walker(walker.ground, who, session, changed, depth=1)
        return inner.is_admin or _raises_itself(inner)

    def _unbounded(self, found: Reached) -> Reached:
        """Roles that would be administrators without their boundary."""
        permits = self.walker.ground.verdicts.permits
        bits = 0
        for arn in self.walker.ground.verdicts.universe.named(found.maybe):
            role = permits[arn]
            if role.has_boundary:
                rest = (role.identity, *role.layers[2:])
                bits |= self.walker.ground.verdicts.universe.bit(arn) * self._altered(rest, role)
        return Reached(found.sure & bits, found.maybe & bits)

    def _joined(self, found: Reached) -> Reached:
        """Groups that would make the user an administrator."""
        verdicts = self.walker.ground.verdicts
        first, *rest = self.walker.permit.layers
        bits = 0
        for group in verdicts.account.groups:
            bit = verdicts.universe.bit(group.arn)
            if bit & found.maybe:
                more = group_layer(group, verdicts.shelf)
                joined = Layer(first.name, (*first.held, *more.held), first.unknown)
                bits |= bit * self._altered((joined, *rest))
        return Reached(found.sure & bits, found.maybe & bits)

    def _older(self, found: Reached) -> Reached:
        """Policies that, at an older version, would make the principal an administrator."""
        verdicts = self.walker.ground.verdicts
        first, *rest = self.walker.permit.layers
        bits = 0
        for arn in verdicts.universe.named(found.maybe):
            for older in verdicts.shelf.policies[arn].older:
                other = verdicts.shelf.library.held(older, arn, arn)
                held = tuple(other if each.arn == arn else each for each in first.held)
                if self._altered((replace(first, held=held), *rest)):
                    bits |= verdicts.universe.bit(arn)
        return Reached(found.sure & bits, found.maybe & bits)

    def _less(self, found: Reached) -> Reached:
        """Whether the principal is an administrator once the boundary or a Deny is gone."""
        walker, own = self.walker, self.walker.own_bit
        first, *rest = walker.permit.layers
        if Need.CALLER_HAS_BOUNDARY in self.path.needs:
            gone = walker.permit.has_boundary and self._altered((first, *rest[1:]))
            return _where(found, own if gone else 0, own if gone else 0, Reached(-1, -1))
        for removed in self._removable(found):
            left = tuple(each for each in first.held if each not in removed)
            if self._altered((replace(first, held=left), *rest)):
                return _where(found, own, own, Reached(-1, -1))
        return NOBODY

    def _removable(self, found: Reached) -> Iterator[tuple[Held, ...]]:
        """What one call takes away that denies: a policy of its own or of a group, or a group."""
        shelf = self.walker.ground.verdicts.shelf
        permit = self.walker.permit
        held = permit.identity.held
        number = sum(isinstance(each, Held) for each in shelf.granted(permit.details))
        if {Need.MANAGED_DENY, Need.INLINE_DENY} & self.path.needs:
            yield from ((each,) for each in held[:number] if _denies(each) and self._is_meant(each))
            return
        for group in self.walker.ground.verdicts.account.groups:
            if self.walker.ground.verdicts.universe.bit(group.arn) & found.maybe:
                theirs = {id(each.document) for each in shelf.granted(group.details)
                          if isinstance(each, Held)}  # fmt: skip
                mine = tuple(each for each in held[number:] if id(each.document) in theirs)
                if Need.DENY_FROM_GROUP in self.path.needs:
                    yield mine
                else:
                    yield from ((each,) for each in mine if _denies(each) and self._is_meant(each))

    def _is_meant(self, held: Held) -> bool:
        """True if this path takes away policies of that kind: managed or inline."""
        managed = bool({Need.MANAGED_DENY, Need.MANAGED_DENY_GROUP} & self.path.needs)
        return (held.arn is not None) == managed

    def _tagged(self, found: Reached) -> Reached:
        """The principals that tags of the walker's choice would make administrators."""
        walker, verdicts = self.walker, self.walker.ground.verdicts
        bits = 0
        for arn in verdicts.universe.named(found.maybe):
            permit = verdicts.permits[arn]
            tests = {key for key in mentioned((permit.identity,)) if key.startswith(_TAG)}
            if not tests:
                continue
            is_own = permit.arn == walker.permit.arn
            session = walker.session if is_own else sessions_of(permit.principal)[0]
            given = verdicts.sheet(permit, session).given(dict.fromkeys(tests, Unset.FREE))
            inner = Walker(walker.ground, permit, session, given, depth=1)
            if inner.is_admin or given.may_allow_everything or _raises_itself(inner):
                bits |= verdicts.universe.bit(arn)
        return Reached(0, bits)


def _raises_itself(walker: Walker) -> bool:
    """True if it can surely give itself any right: the paths that need nothing but itself."""
    own = walker.own_bit
    if not walker.ground.unbound.sure & own and len(walker.permit.layers) > 1:
        return False
    names = ("iam:PutUserPolicy", "iam:AttachUserPolicy")
    if not isinstance(walker.permit.principal, User):
        names = ("iam:PutRolePolicy", "iam:AttachRolePolicy")
    return any(walker.sheet.reach(name).sure & own for name in names)


def _fits(path: Path, permit: Permit) -> bool:
    """True if the path is one for this kind of principal."""
    is_user = isinstance(permit.principal, User)
    needs = path.needs
    if (Need.CALLER_IS_USER in needs and not is_user) or (Need.CALLER_IS_ROLE in needs and is_user):
        return False
    targets = {each.target for each in path.requires}
    if (Target.SELF_USER in targets and not is_user) or (Target.SELF_ROLE in targets and is_user):
        return False
    return not (Need.CALLER_HAS_BOUNDARY in needs and not permit.has_boundary)


def _where(found: Reached, sure: int, maybe: int, within: Reached) -> Reached:
    """The bits, where anything was found at all."""
    return Reached(
        sure & within.sure if found.sure else 0, maybe & within.maybe if found.maybe else 0
    )


def _mask(actions: Actions, requirement: Requirement) -> int:
    found = 0
    for action in requirement.any_of:
        found |= actions.bit(action)
    return found


def _denies(held: Held) -> bool:
    return any(each.denies for each in held.document.statements)
