"""In: an account's authorizer and the catalogue of paths. Out: the escalation graph.

The search goes backwards, from whoever has full rights to whoever can get there: once over certain
steps alone, and once over possible ones, too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from analyzer.inventory.model import Account, Role
from analyzer.policy.authorizer import OWN_DEVICE, AccountAuthorizer, authorizer_for
from analyzer.policy.conditions import Ternary, any_of
from analyzer.policy.pattern_overlap import resource_patterns
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.account_facts import AccountFacts, account_facts
from analyzer.privesc.catalogue import EscalationPath, Requirement, load_paths
from analyzer.privesc.edges import PathIndex, edges, path_index
from analyzer.privesc.instance_profiles import actions_into_profile
from analyzer.privesc.outcomes import Edge
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
        """True for administrators and for those who can certainly become one."""
        return self in (PrivilegeLevel.ADMINISTRATOR, PrivilegeLevel.DIRECT, PrivilegeLevel.CHAIN)


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step of a route: who takes which path, over which target, and whose rights it gives.

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

    `route` is a shortest one to full rights, empty for whoever has them. `paths` counts the first
    steps (a path over one target) from which full rights are certainly reached, `conditional_paths`
    those from which they possibly are.
    """

    arn: str
    level: PrivilegeLevel
    route: tuple[EscalationStep, ...] = ()
    paths: int = 0
    conditional_paths: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EscalationGraph:
    """How far everyone gets, and the edges from each principal."""

    authorizer: AccountAuthorizer
    facts: AccountFacts
    privileges: Mapping[str, Privilege]
    edges: Mapping[str, tuple[Edge, ...]]
    administrators: int
    certain_admins: int
    possible_admins: int
    path_index: PathIndex

    def first_steps(self, arn: str) -> Iterator[EscalationStep]:
        """Every first step from which full rights are certainly reached."""
        for edge in self.edges.get(arn, ()):
            yield from edge_steps(self.authorizer, arn, edge, self.certain_admins, is_certain=True)

    def requirements(self, step: EscalationStep) -> tuple[Requirement, ...]:
        """What the step takes: what its path requires, and what puts the role into a profile."""
        policies = self.authorizer.principals[step.source]
        evaluator = self.authorizer.evaluator(policies, step.entry_point)
        more = actions_into_profile(evaluator, self.facts, step.path, step.on)
        return (*step.path.requires, *(Requirement((each,), None) for each in more))


GIVING_ACTIONS = (
    "iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:AttachGroupPolicy", "iam:PutGroupPolicy",
    "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:CreatePolicyVersion", "iam:AddUserToGroup",
    "iam:UpdateAssumeRolePolicy",
)  # fmt: skip
"""Actions that give others rights, though the actor itself gains nothing."""


def build_graph(
    authorizer: AccountAuthorizer, paths: tuple[EscalationPath, ...]
) -> EscalationGraph:
    """How far every principal of the account gets by these paths."""
    facts = account_facts(authorizer)
    actors = {
        arn: tuple(actors_by(facts, policies, authorizer.entry_points(policies)))
        for arn, policies in authorizer.principals.items()
    }
    index = path_index(authorizer.actions, paths)
    admins = {arn for arn, each in actors.items() if any(actor.is_admin for actor in each)}
    steps = {
        arn: tuple(edge for actor in each for edge in edges(actor, index))
        for arn, each in actors.items()
        if arn not in admins
    }
    admins |= {arn for arn, each in steps.items() if is_admin_after_one_step(actors[arn], each)}
    bits = authorizer.resources.bits_of(admins)
    certain = _Search(authorizer, steps, is_certain=True).search_from(bits)
    doubtful = {
        arn for arn, each in actors.items() if any(is_possibly_admin(actor) for actor in each)
    }
    certain_admins = bits | authorizer.resources.bits_of(certain)
    undescribed = (user.arn for user in authorizer.account.users if user.details is None)
    possible_start = (
        certain_admins
        | authorizer.resources.bits_of(doubtful)
        | authorizer.resources.bits_of(undescribed)
    )
    possible = _Search(authorizer, steps, is_certain=False).search_from(possible_start)
    found = _Found(
        authorizer=authorizer,
        actors=actors,
        steps=steps,
        admins=admins,
        certain=certain,
        possible=possible,
        doubtful=frozenset(doubtful),
        certain_admins=certain_admins,
        possible_admins=possible_start | authorizer.resources.bits_of(possible),
    )
    privileges = {arn: found.privilege(arn) for arn in authorizer.principals}
    return EscalationGraph(
        authorizer, facts, privileges, steps, bits, certain_admins, found.possible_admins, index
    )


def actors_by(
    facts: AccountFacts, policies: PrincipalPolicies, entry_points: Mapping[EntryPoint, Ternary]
) -> Iterator[Actor]:
    """One actor for each of the entry points, unless another already has the same rights."""
    seen: set[tuple[object, ...]] = set()
    authorizer = facts.authorizer
    for entry_point, truth in entry_points.items():
        evaluator = authorizer.evaluator(policies, entry_point)
        context = authorizer.evaluators.context(policies, entry_point)
        # Trust policies may tell entry points apart that the principal's own policies do not.
        rights = (id(evaluator), *map(context.of, sorted(authorizer.trust_keys)))
        if rights not in seen:
            seen.add(rights)
            is_certain = truth is Ternary.TRUE
            yield Actor(facts, policies, entry_point, evaluator, is_certain=is_certain)


def administrator_reasons(actors: tuple[Actor, ...]) -> tuple[str, ...]:
    """What an administrator has to do first: to enrol an MFA device, if only that makes it one."""
    entry_points = {actor.entry_point for actor in actors if actor.is_admin}
    return (OWN_DEVICE,) if entry_points == {EntryPoint.ENROLLED} else ()


def is_admin_after_one_step(actors: tuple[Actor, ...], steps: tuple[Edge, ...]) -> bool:
    """True if everything is allowed, something denied, and it can certainly lift the Deny."""
    allowed = any(
        actor.is_certain and each.allows_everything
        for actor in actors
        for each in actor.evaluator.in_each_network
    )
    return allowed and any(edge.to_admin.certain & actors[0].own_bit for edge in steps)


def is_possibly_admin(actor: Actor) -> bool:
    """True if everything is possibly allowed, and giving rights is not denied."""
    anywhere = actor.evaluator.in_each_network
    return any(each.possibly_allows_everything for each in anywhere) and any(
        actor.evaluator.allowed_resources(each).possible & actor.own_bit for each in GIVING_ACTIONS
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """The search back from full rights over everybody's edges."""

    authorizer: AccountAuthorizer
    steps: Mapping[str, tuple[Edge, ...]]
    is_certain: bool

    def search_from(self, start: int) -> dict[str, tuple[int, int]]:
        """For each principal that gets there its distance, and the bits found one step before."""
        found: dict[str, tuple[int, int]] = {}
        waiting: dict[int, list[str]] = defaultdict(list)
        frontier = 0
        for arn, each in self.steps.items():
            if self.authorizer.resources.bit(arn) & start:
                continue
            at_once = goals = 0
            for edge in each:
                at_once |= edge.to_admin.certain if self.is_certain else edge.to_admin.possible
                goals |= edge.to.certain if self.is_certain else edge.to.possible
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
    """What the two searches found, the certain and the possible one."""

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
            return Privilege(
                arn, PrivilegeLevel.ADMINISTRATOR, reasons=administrator_reasons(self.actors[arn])
            )
        paths, conditional = count_paths(
            self.steps.get(arn, ()), self.certain_admins, self.possible_admins
        )
        if arn in self.certain:
            level = PrivilegeLevel.DIRECT if self.certain[arn][0] == 1 else PrivilegeLevel.CHAIN
            route = tuple(self._route(arn, self.certain, is_certain=True))
            return Privilege(arn, level, route, paths, conditional)
        unknown = self.authorizer.principals[arn].identity.unknown
        if unknown:
            return Privilege(
                arn, PrivilegeLevel.UNKNOWN, reasons=unknown, conditional_paths=conditional
            )
        if arn in self.doubtful:
            reasons = unknown_reasons(self.actors[arn])
            return Privilege(
                arn, PrivilegeLevel.CONDITIONAL, conditional_paths=conditional, reasons=reasons
            )
        if arn in self.possible:
            route = tuple(self._route(arn, self.possible, is_certain=False))
            return Privilege(arn, PrivilegeLevel.CONDITIONAL, route, 0, conditional)
        return without_a_way(arn, self.actors[arn])

    def _route(
        self, arn: str, distances: Mapping[str, tuple[int, int]], *, is_certain: bool
    ) -> Iterator[EscalationStep]:
        at: str | None = arn
        while at is not None and at in distances:
            step = self._step(at, distances[at][1], is_certain=is_certain)
            yield step
            at = step.target
            if at is not None and at in self.certain and not is_certain:
                distances, is_certain = self.certain, True

    def _step(self, arn: str, goals: int, *, is_certain: bool) -> EscalationStep:
        for edge in self.steps[arn]:
            for step in edge_steps(self.authorizer, arn, edge, goals, is_certain=is_certain):
                return step
        message = f"no step of {arn} leads where the search says"
        raise LookupError(message)


def count_paths(
    steps: Iterable[Edge], certain_admins: int, possible_admins: int
) -> tuple[int, int]:
    """How many first steps certainly lead to full rights, and how many possibly do."""
    certain = possible = 0
    for edge in steps:
        certain += (
            edge.to_admin.certain.bit_count() + (edge.to.certain & certain_admins).bit_count()
        )
        possible += (
            edge.to_admin.possible.bit_count() + (edge.to.possible & possible_admins).bit_count()
        )
    return certain, possible - certain


def without_a_way(arn: str, actors: tuple[Actor, ...]) -> Privilege:
    """How far a principal without any way for itself gets: to giving rights to others, or nowhere.

    Where it possibly gives them, the reasons say on what that depends.
    """
    truth = any_of(empowers_others(actor) for actor in actors)
    if truth is Ternary.FALSE:
        return Privilege(arn, PrivilegeLevel.LIMITED)
    unknown = (name for actor in actors for each in actor.policies.layers for name in each.unknown)
    reasons = tuple(sorted({*unknown_reasons(actors), *unknown}))
    return Privilege(
        arn, PrivilegeLevel.INDIRECT, reasons=reasons if truth is Ternary.UNKNOWN else ()
    )


def empowers_others(actor: Actor) -> Ternary:
    """Whether it can give rights to somebody else."""
    found = [
        (
            actor.evaluator.allowed_resources(action),
            others_to_give(actor.facts, actor.policies, action),
        )
        for action in GIVING_ACTIONS
    ]
    if actor.is_certain and any(allowed.certain & others for allowed, others in found):
        return Ternary.TRUE
    is_possible = any(allowed.possible & others for allowed, others in found)
    return Ternary.UNKNOWN if is_possible else Ternary.FALSE


def others_to_give(facts: AccountFacts, policies: PrincipalPolicies, action: str) -> int:
    """The resources other than the principal itself on which the action gives rights, as bits."""
    authorizer, found = facts.authorizer, 0
    forms = authorizer.actions.resource_forms(action)
    for pattern in resource_patterns(forms, authorizer.resources):
        found |= authorizer.resources.bits(pattern)
    return found & ~authorizer.resources.bit(policies.arn)


def edge_steps(
    authorizer: AccountAuthorizer, arn: str, edge: Edge, goals: int, *, is_certain: bool
) -> Iterator[EscalationStep]:
    """The steps of one edge: those that give full rights at once, then those to these goals."""
    at_once = edge.to_admin.certain if is_certain else edge.to_admin.possible
    to = (edge.to.certain if is_certain else edge.to.possible) & goals
    for on in authorizer.resources.named(at_once):
        certain = bool(edge.to_admin.certain & authorizer.resources.bit(on))
        yield EscalationStep(arn, edge.path, edge.entry_point, on, None, certain)
    for target in authorizer.resources.named(to):
        certain = bool(edge.to.certain & authorizer.resources.bit(target))
        yield EscalationStep(arn, edge.path, edge.entry_point, target, target, certain)


def unknown_reasons(actors: tuple[Actor, ...]) -> tuple[str, ...]:
    """What it depends on whether the actors are allowed what their statements say."""
    reasons = {
        why
        for actor in actors
        for statement in actor.evaluator.statements
        for why in statement.result.reasons
    }
    return tuple(sorted(reasons))


def is_reportable(policies: PrincipalPolicies) -> bool:
    """False for roles that AWS itself owns; nobody in the account can use or change them."""
    return not (isinstance(policies.principal, Role) and policies.principal.is_service_linked)


def escalation_graph(account: Account) -> EscalationGraph:
    """How far every principal of the account gets, by every path of the catalogue."""
    paths = load_paths()
    return build_graph(
        authorizer_for(account, (action for path in paths for action in path.actions)), paths
    )
