"""In: the verdicts of an account and the catalogue of paths. Out: how far each principal gets.

The walk goes backwards, from whoever has full rights to whoever can get there, once on sure steps
alone and once with conditional ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from analyzer.inventory.model import Account, Role
from analyzer.policy.authorizer import Verdicts, verdicts
from analyzer.policy.principals import Permit
from analyzer.policy.request_context import Session, sessions_of
from analyzer.privesc.account_facts import Ground, ground
from analyzer.privesc.catalogue import Path, load
from analyzer.privesc.edges import Move, Ways, moves, ways
from analyzer.privesc.requirements import Walker


class Level(StrEnum):
    """How far a principal gets, from the most to the least. UNKNOWN is never the least."""

    ADMINISTRATOR = "administrator"
    DIRECT = "one step from administrator"
    CHAIN = "several steps from administrator"
    CONDITIONAL = "administrator under conditions"
    UNKNOWN = "unknown"
    INDIRECT = "can empower others"
    LIMITED = "limited"

    @property
    def is_privileged(self) -> bool:
        """True for administrators and for those who can surely become one."""
        return self in (Level.ADMINISTRATOR, Level.DIRECT, Level.CHAIN)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a route: who goes which path, over which target, and whose rights it ends with.

    `target` None: the step itself ends with full rights. `on` is what the step works on.
    """

    source: str
    path: Path
    session: Session
    on: str
    target: str | None
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Power:
    """How far one principal gets.

    `route` is a shortest way to full rights, empty for whoever has them. `ways` counts the first
    steps (a path over one target) from which full rights are surely reached, `conditional_ways`
    those where they may be.
    """

    arn: str
    level: Level
    route: tuple[Step, ...] = ()
    ways: int = 0
    conditional_ways: int = 0
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """How far everyone gets, and the steps that each could take first."""

    verdicts: Verdicts
    ground: Ground
    powers: Mapping[str, Power]
    moves: Mapping[str, tuple[Move, ...]]
    administrators: int
    surely: int
    perhaps: int
    ways: Ways

    def first_steps(self, arn: str) -> Iterator[Step]:
        """Every first step from which full rights are surely reached."""
        for move in self.moves.get(arn, ()):
            yield from steps_of(self.verdicts, arn, move, self.surely, is_sure=True)


_INDIRECT = (
    "iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:AttachGroupPolicy", "iam:PutGroupPolicy",
    "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:CreatePolicyVersion", "iam:AddUserToGroup",
    "iam:UpdateAssumeRolePolicy",
)  # fmt: skip
"""What gives others rights, though the asker itself gains nothing."""


def reach(held: Verdicts, paths: tuple[Path, ...]) -> Reach:
    """How far every principal of the account gets by these paths."""
    around = ground(held)
    walkers = {arn: tuple(_walkers(around, permit)) for arn, permit in held.permits.items()}
    open_ways = ways(held.actions, paths)
    admins = {arn for arn, each in walkers.items() if any(walker.is_admin for walker in each)}
    steps = {
        arn: tuple(move for walker in each for move in moves(walker, open_ways))
        for arn, each in walkers.items()
        if arn not in admins
    }
    admins |= {arn for arn, each in steps.items() if is_nearly_admin(walkers[arn], each)}
    bits = _bits_of(admins, held)
    sure = _Walk(held, steps, is_sure=True).back_from(bits)
    doubtful = {
        arn for arn, each in walkers.items() if any(may_be_admin(walker) for walker in each)
    }
    surely = bits | _bits_of(sure, held)
    undescribed = (user.arn for user in held.account.users if user.details is None)
    start = surely | _bits_of(doubtful, held) | _bits_of(undescribed, held)
    maybe = _Walk(held, steps, is_sure=False).back_from(start)
    found = _Found(
        verdicts=held,
        walkers=walkers,
        steps=steps,
        admins=admins,
        sure=sure,
        maybe=maybe,
        doubtful=frozenset(doubtful),
        surely=surely,
        perhaps=start | _bits_of(maybe, held),
    )
    powers = {arn: found.power(arn) for arn in held.permits}
    return Reach(held, around, powers, steps, bits, surely, found.perhaps, open_ways)


def _walkers(around: Ground, permit: Permit) -> Iterator[Walker]:
    """One walker for each way in that the principal has."""
    seen: set[int] = set()
    for session in sessions_of(permit.principal):
        sheet = around.verdicts.sheet(permit, session)
        if id(sheet) not in seen:
            seen.add(id(sheet))
            yield Walker(around, permit, session, sheet)


def is_nearly_admin(walkers: tuple[Walker, ...], steps: tuple[Move, ...]) -> bool:
    """Everything is allowed, something denied, and what is denied it can surely give itself."""
    return any(walker.sheet.allows_everything for walker in walkers) and any(
        move.to_admin.sure & walkers[0].own_bit for move in steps
    )


def may_be_admin(walker: Walker) -> bool:
    """Everything may be allowed, and the right to give out rights is not what is denied."""
    anything = walker.sheet.may_allow_everything
    return anything and any(walker.sheet.reach(each).maybe & walker.own_bit for each in _INDIRECT)


@dataclass(frozen=True, slots=True)
class _Walk:
    """The walk back from full rights over everybody's first steps."""

    verdicts: Verdicts
    steps: Mapping[str, tuple[Move, ...]]
    is_sure: bool

    def back_from(self, start: int) -> dict[str, tuple[int, int]]:
        """For each that gets there its distance, and the bits that were there a step before."""
        found: dict[str, tuple[int, int]] = {}
        waiting: dict[int, list[str]] = defaultdict(list)
        frontier = 0
        for arn, each in self.steps.items():
            if self.verdicts.universe.bit(arn) & start:
                continue
            at_once = goals = 0
            for move in each:
                at_once |= move.to_admin.sure if self.is_sure else move.to_admin.maybe
                goals |= move.to.sure if self.is_sure else move.to.maybe
            if at_once or goals & start:
                found[arn] = (1, start)
                frontier |= self.verdicts.universe.bit(arn)
            elif goals:
                waiting[goals].append(arn)
        distance, there = 1, start
        while frontier and waiting:
            distance, there, before = distance + 1, there | frontier, frontier
            frontier = 0
            for goals in [each for each in waiting if each & before]:
                for arn in waiting.pop(goals):
                    found[arn] = (distance, before)
                    frontier |= self.verdicts.universe.bit(arn)
        return found


@dataclass(frozen=True, slots=True)
class _Found:
    """What the two walks found, to be told principal by principal."""

    verdicts: Verdicts
    walkers: Mapping[str, tuple[Walker, ...]]
    steps: Mapping[str, tuple[Move, ...]]
    admins: set[str]
    sure: Mapping[str, tuple[int, int]]
    maybe: Mapping[str, tuple[int, int]]
    doubtful: frozenset[str]
    surely: int
    perhaps: int

    def power(self, arn: str) -> Power:
        """How far that principal gets."""
        if arn in self.admins:
            return Power(arn, Level.ADMINISTRATOR)
        ways, conditional = counted(self.steps.get(arn, ()), self.surely, self.perhaps)
        if arn in self.sure:
            level = Level.DIRECT if self.sure[arn][0] == 1 else Level.CHAIN
            route = tuple(self._route(arn, self.sure, is_sure=True))
            return Power(arn, level, route, ways, conditional)
        unknown = self.verdicts.permits[arn].identity.unknown
        if unknown:
            return Power(arn, Level.UNKNOWN, because=unknown, conditional_ways=conditional)
        if arn in self.doubtful:
            because = doubts(self.walkers[arn])
            return Power(arn, Level.CONDITIONAL, conditional_ways=conditional, because=because)
        if arn in self.maybe:
            route = tuple(self._route(arn, self.maybe, is_sure=False))
            return Power(arn, Level.CONDITIONAL, route, 0, conditional)
        is_indirect = any(empowers(walker) for walker in self.walkers[arn])
        return Power(arn, Level.INDIRECT if is_indirect else Level.LIMITED)

    def _route(
        self, arn: str, distances: Mapping[str, tuple[int, int]], *, is_sure: bool
    ) -> Iterator[Step]:
        at: str | None = arn
        while at is not None and at in distances:
            step = self._step(at, distances[at][1], is_sure=is_sure)
            yield step
            at = step.target
            if at is not None and at in self.sure and not is_sure:
                distances, is_sure = self.sure, True

    def _step(self, arn: str, goals: int, *, is_sure: bool) -> Step:
        for move in self.steps[arn]:
            for step in steps_of(self.verdicts, arn, move, goals, is_sure=is_sure):
                return step
        message = f"no step of {arn} leads where the walk says"
        raise LookupError(message)


def counted(found: Iterable[Move], surely: int, perhaps: int) -> tuple[int, int]:
    """The first steps from which full rights are surely reached, and those where they may be."""
    sure = either = 0
    for move in found:
        sure += move.to_admin.sure.bit_count() + (move.to.sure & surely).bit_count()
        either += move.to_admin.maybe.bit_count() + (move.to.maybe & perhaps).bit_count()
    return sure, either - sure


def empowers(walker: Walker) -> bool:
    """True if it can surely give rights to somebody else."""
    others = ~walker.own_bit
    return any(walker.sheet.reach(action).sure & others for action in _INDIRECT)


def steps_of(
    verdicts: Verdicts, arn: str, move: Move, goals: int, *, is_sure: bool
) -> Iterator[Step]:
    """The steps of one move: those that give full rights at once, then those to these goals."""
    at_once = move.to_admin.sure if is_sure else move.to_admin.maybe
    to = (move.to.sure if is_sure else move.to.maybe) & goals
    for on in verdicts.universe.named(at_once):
        sure = bool(move.to_admin.sure & verdicts.universe.bit(on))
        yield Step(arn, move.path, move.session, on, None, sure)
    for target in verdicts.universe.named(to):
        sure = bool(move.to.sure & verdicts.universe.bit(target))
        yield Step(arn, move.path, move.session, target, target, sure)


def _bits_of(found: Iterable[str], verdicts: Verdicts) -> int:
    bits = 0
    for arn in found:
        bits |= verdicts.universe.bit(arn)
    return bits


def doubts(walkers: tuple[Walker, ...]) -> tuple[str, ...]:
    """What it depends on whether they may do what their statements say."""
    found = {
        why for walker in walkers for line in walker.sheet.lines for why in line.judgement.because
    }
    return tuple(sorted(found))


def is_told(permit: Permit) -> bool:
    """False for roles that AWS itself owns; nobody in the account can use or change them."""
    return not (isinstance(permit.principal, Role) and permit.principal.is_service_linked)


def reach_of(account: Account) -> Reach:
    """How far every principal of the account gets, by every path of the catalogue."""
    paths = load()
    return reach(verdicts(account, (action for path in paths for action in path.actions)), paths)
