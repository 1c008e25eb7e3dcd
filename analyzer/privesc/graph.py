"""In: the verdicts of an account and the catalogue of paths. Out: how far each principal gets.

The walk goes backwards, from whoever has full rights to whoever can get there, once on sure steps
alone and once with conditional ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from analyzer.inventory.model import Account, Role
from analyzer.policy.authorizer import AccountAuthorizer, authorizer_for
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.request_context import EntryPoint, entry_points_of
from analyzer.privesc.account_facts import AccountFacts, account_facts
from analyzer.privesc.catalogue import EscalationPath, load_paths
from analyzer.privesc.edges import Edge, PathIndex, edges, path_index
from analyzer.privesc.requirements import Actor


class PrivilegeLevel(StrEnum):
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
        return self in (PrivilegeLevel.ADMINISTRATOR, PrivilegeLevel.DIRECT, PrivilegeLevel.CHAIN)


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step of a route: who goes which path, over which target, and whose rights it ends with.

    `target` None: the step itself ends with full rights. `on` is what the step works on.
    """

    source: str
    path: EscalationPath
    entry_point: EntryPoint
    on: str
    target: str | None
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Privilege:
    """How far one principal gets.

    `route` is a shortest way to full rights, empty for whoever has them. `ways` counts the first
    steps (a path over one target) from which full rights are surely reached, `conditional_ways`
    those where they may be.
    """

    arn: str
    level: PrivilegeLevel
    route: tuple[EscalationStep, ...] = ()
    paths: int = 0
    conditional_paths: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EscalationGraph:
    """How far everyone gets, and the steps that each could take first."""

    authorizer: AccountAuthorizer
    facts: AccountFacts
    privileges: Mapping[str, Privilege]
    edges: Mapping[str, tuple[Edge, ...]]
    administrators: int
    certain_admins: int
    possible_admins: int
    path_index: PathIndex

    def first_steps(self, arn: str) -> Iterator[EscalationStep]:
        """Every first step from which full rights are surely reached."""
        for move in self.edges.get(arn, ()):
            yield from edge_steps(self.authorizer, arn, move, self.certain_admins, is_sure=True)


_INDIRECT = (
    "iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:AttachGroupPolicy", "iam:PutGroupPolicy",
    "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:CreatePolicyVersion", "iam:AddUserToGroup",
    "iam:UpdateAssumeRolePolicy",
)  # fmt: skip
"""What gives others rights, though the asker itself gains nothing."""


def build_graph(held: AccountAuthorizer, paths: tuple[EscalationPath, ...]) -> EscalationGraph:
    """How far every principal of the account gets by these paths."""
    around = account_facts(held)
    walkers = {arn: tuple(_actors(around, permit)) for arn, permit in held.principals.items()}
    open_ways = path_index(held.actions, paths)
    admins = {arn for arn, each in walkers.items() if any(walker.is_admin for walker in each)}
    steps = {
        arn: tuple(move for walker in each for move in edges(walker, open_ways))
        for arn, each in walkers.items()
        if arn not in admins
    }
    admins |= {arn for arn, each in steps.items() if is_admin_after_one_step(walkers[arn], each)}
    bits = _bits_of(admins, held)
    sure = _Search(held, steps, is_certain=True).search_from(bits)
    doubtful = {
        arn for arn, each in walkers.items() if any(is_possibly_admin(walker) for walker in each)
    }
    surely = bits | _bits_of(sure, held)
    undescribed = (user.arn for user in held.account.users if user.details is None)
    start = surely | _bits_of(doubtful, held) | _bits_of(undescribed, held)
    maybe = _Search(held, steps, is_certain=False).search_from(start)
    found = _Found(
        authorizer=held,
        actors=walkers,
        steps=steps,
        admins=admins,
        certain=sure,
        possible=maybe,
        doubtful=frozenset(doubtful),
        certain_admins=surely,
        possible_admins=start | _bits_of(maybe, held),
    )
    powers = {arn: found.privilege(arn) for arn in held.principals}
    return EscalationGraph(
        held, around, powers, steps, bits, surely, found.possible_admins, open_ways
    )


def _actors(around: AccountFacts, permit: PrincipalPolicies) -> Iterator[Actor]:
    """One walker for each way in that the principal has."""
    seen: set[int] = set()
    for session in entry_points_of(permit.principal):
        sheet = around.authorizer.evaluator(permit, session)
        if id(sheet) not in seen:
            seen.add(id(sheet))
            yield Actor(around, permit, session, sheet)


def is_admin_after_one_step(walkers: tuple[Actor, ...], steps: tuple[Edge, ...]) -> bool:
    """Everything is allowed, something denied, and what is denied it can surely give itself."""
    return any(walker.evaluator.allows_everything for walker in walkers) and any(
        move.to_admin.certain & walkers[0].own_bit for move in steps
    )


def is_possibly_admin(walker: Actor) -> bool:
    """Everything may be allowed, and the right to give out rights is not what is denied."""
    anything = walker.evaluator.possibly_allows_everything
    return anything and any(
        walker.evaluator.allowed_resources(each).possible & walker.own_bit for each in _INDIRECT
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """The walk back from full rights over everybody's first steps."""

    authorizer: AccountAuthorizer
    steps: Mapping[str, tuple[Edge, ...]]
    is_certain: bool

    def search_from(self, start: int) -> dict[str, tuple[int, int]]:
        """For each that gets there its distance, and the bits that were there a step before."""
        found: dict[str, tuple[int, int]] = {}
        waiting: dict[int, list[str]] = defaultdict(list)
        frontier = 0
        for arn, each in self.steps.items():
            if self.authorizer.resources.bit(arn) & start:
                continue
            at_once = goals = 0
            for move in each:
                at_once |= move.to_admin.certain if self.is_certain else move.to_admin.possible
                goals |= move.to.certain if self.is_certain else move.to.possible
            if at_once or goals & start:
                found[arn] = (1, start)
                frontier |= self.authorizer.resources.bit(arn)
            elif goals:
                waiting[goals].append(arn)
        distance, there = 1, start
        while frontier and waiting:
            distance, there, before = distance + 1, there | frontier, frontier
            frontier = 0
            for goals in [each for each in waiting if each & before]:
                for arn in waiting.pop(goals):
                    found[arn] = (distance, before)
                    frontier |= self.authorizer.resources.bit(arn)
        return found


@dataclass(frozen=True, slots=True)
class _Found:
    """What the two walks found, to be told principal by principal."""

    authorizer: AccountAuthorizer
    actors: Mapping[str, tuple[Actor, ...]]
    steps: Mapping[str, tuple[Edge, ...]]
    admins: set[str]
    certain: Mapping[str, tuple[int, int]]
    possible: Mapping[str, tuple[int, int]]
    doubtful: frozenset[str]
    certain_admins: int
    possible_admins: int

    def privilege(self, arn: str) -> Privilege:
        """How far that principal gets."""
        if arn in self.admins:
            return Privilege(arn, PrivilegeLevel.ADMINISTRATOR)
        ways, conditional = count_paths(
            self.steps.get(arn, ()), self.certain_admins, self.possible_admins
        )
        if arn in self.certain:
            level = PrivilegeLevel.DIRECT if self.certain[arn][0] == 1 else PrivilegeLevel.CHAIN
            route = tuple(self._route(arn, self.certain, is_sure=True))
            return Privilege(arn, level, route, ways, conditional)
        unknown = self.authorizer.principals[arn].identity.unknown
        if unknown:
            return Privilege(
                arn, PrivilegeLevel.UNKNOWN, reasons=unknown, conditional_paths=conditional
            )
        if arn in self.doubtful:
            because = unknown_reasons(self.actors[arn])
            return Privilege(
                arn, PrivilegeLevel.CONDITIONAL, conditional_paths=conditional, reasons=because
            )
        if arn in self.possible:
            route = tuple(self._route(arn, self.possible, is_sure=False))
            return Privilege(arn, PrivilegeLevel.CONDITIONAL, route, 0, conditional)
        is_indirect = any(can_empower_others(walker) for walker in self.actors[arn])
        return Privilege(arn, PrivilegeLevel.INDIRECT if is_indirect else PrivilegeLevel.LIMITED)

    def _route(
        self, arn: str, distances: Mapping[str, tuple[int, int]], *, is_sure: bool
    ) -> Iterator[EscalationStep]:
        at: str | None = arn
        while at is not None and at in distances:
            step = self._step(at, distances[at][1], is_sure=is_sure)
            yield step
            at = step.target
            if at is not None and at in self.certain and not is_sure:
                distances, is_sure = self.certain, True

    def _step(self, arn: str, goals: int, *, is_sure: bool) -> EscalationStep:
        for move in self.steps[arn]:
            for step in edge_steps(self.authorizer, arn, move, goals, is_sure=is_sure):
                return step
        message = f"no step of {arn} leads where the walk says"
        raise LookupError(message)


def count_paths(found: Iterable[Edge], surely: int, perhaps: int) -> tuple[int, int]:
    """The first steps from which full rights are surely reached, and those where they may be."""
    sure = either = 0
    for move in found:
        sure += move.to_admin.certain.bit_count() + (move.to.certain & surely).bit_count()
        either += move.to_admin.possible.bit_count() + (move.to.possible & perhaps).bit_count()
    return sure, either - sure


def can_empower_others(walker: Actor) -> bool:
    """True if it can surely give rights to somebody else."""
    others = ~walker.own_bit
    return any(walker.evaluator.allowed_resources(action).certain & others for action in _INDIRECT)


def edge_steps(
    verdicts: AccountAuthorizer, arn: str, move: Edge, goals: int, *, is_sure: bool
) -> Iterator[EscalationStep]:
    """The steps of one move: those that give full rights at once, then those to these goals."""
    at_once = move.to_admin.certain if is_sure else move.to_admin.possible
    to = (move.to.certain if is_sure else move.to.possible) & goals
    for on in verdicts.resources.named(at_once):
        sure = bool(move.to_admin.certain & verdicts.resources.bit(on))
        yield EscalationStep(arn, move.path, move.entry_point, on, None, sure)
    for target in verdicts.resources.named(to):
        sure = bool(move.to.certain & verdicts.resources.bit(target))
        yield EscalationStep(arn, move.path, move.entry_point, target, target, sure)


def _bits_of(found: Iterable[str], verdicts: AccountAuthorizer) -> int:
    bits = 0
    for arn in found:
        bits |= verdicts.resources.bit(arn)
    return bits


def unknown_reasons(walkers: tuple[Actor, ...]) -> tuple[str, ...]:
    """What it depends on whether they may do what their statements say."""
    found = {
        why
        for walker in walkers
        for line in walker.evaluator.statements
        for why in line.judgement.reason
    }
    return tuple(sorted(found))


def is_reportable(permit: PrincipalPolicies) -> bool:
    """False for roles that AWS itself owns; nobody in the account can use or change them."""
    return not (isinstance(permit.principal, Role) and permit.principal.is_service_linked)


def escalation_graph(account: Account) -> EscalationGraph:
    """How far every principal of the account gets, by every path of the catalogue."""
    paths = load_paths()
    return build_graph(
        authorizer_for(account, (action for path in paths for action in path.actions)), paths
    )
