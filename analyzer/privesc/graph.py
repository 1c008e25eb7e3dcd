"""In: an account's authorizer and the catalogue of paths. Out: the escalation graph.

The search goes backwards, from whoever has full rights to whoever can get there: once over certain
steps alone, and once over possible ones, too.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from analyzer.inventory.model import Account, Role
from analyzer.policy.authorizer import MADE_BY, AccountAuthorizer, authorizer_for
from analyzer.policy.conditions import Ternary, any_of
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.account_facts import AccountFacts, account_facts
from analyzer.privesc.catalogue import EscalationPath, Requirement, load_paths
from analyzer.privesc.edges import find_edges
from analyzer.privesc.granting import GivingAction, empowers_others, giving_actions
from analyzer.privesc.instance_profiles import actions_into_profile
from analyzer.privesc.joint_search import JointRoute, JointSearch, joint_search
from analyzer.privesc.moves import PathIndex, path_index
from analyzer.privesc.outcomes import Edge
from analyzer.privesc.requirements import Actor
from analyzer.privesc.search import Distances, search_back
from analyzer.privesc.steps import EscalationStep, Goals, count_first_steps, routes_over


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
    """How far everyone gets, and the edges from each principal.

    `certain_admins` and `possible_admins` are those who have or reach full rights, as bits, and
    `certain_alone` and `possible_alone` those of them who need no second principal for it; `joint`
    has the routes of the others.
    """

    authorizer: AccountAuthorizer
    facts: AccountFacts
    privileges: Mapping[str, Privilege]
    edges: Mapping[str, tuple[Edge, ...]]
    certain_admins: int
    possible_admins: int
    certain_alone: int
    possible_alone: int
    certain_joint: JointSearch
    possible_joint: JointSearch
    joint: Mapping[str, JointRoute]
    path_index: PathIndex
    giving: tuple[GivingAction, ...]

    def goals(self, arn: str) -> Goals:
        """What counts as full rights at the end of that principal's certain edges."""
        return self.joint[arn].goals if arn in self.joint else Goals(self.certain_admins)

    def first_steps(self, arn: str) -> Iterator[EscalationStep]:
        """Every first step from which full rights are certainly reached."""
        goals = self.goals(arn)
        for edge in self.edges.get(arn, ()):
            for route in routes_over(self.authorizer.resources, arn, edge, goals, is_certain=True):
                yield route[0]

    def requirements(self, step: EscalationStep) -> tuple[Requirement, ...]:
        """What the step takes: what its path requires, and what puts the role into a profile."""
        policies = step.actor.policies if step.actor else self.authorizer.principals[step.source]
        evaluator = self.authorizer.evaluator(policies, step.entry_point)
        more = actions_into_profile(evaluator, self.facts, step.path, step.on)
        return (*step.path.requires, *(Requirement((each,), None) for each in more))


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
        arn: tuple(edge for actor in each for edge in find_edges(actor, index))
        for arn, each in actors.items()
        if arn not in admins
    }
    admins |= {arn for arn, each in steps.items() if is_admin_after_one_step(actors[arn], each)}
    found = _search(authorizer, actors, steps, frozenset(admins), giving_actions(facts))
    return EscalationGraph(
        authorizer=authorizer,
        facts=facts,
        privileges={arn: found.privilege(arn) for arn in authorizer.principals},
        edges=steps,
        certain_admins=found.certain_admins,
        possible_admins=found.possible_admins,
        certain_alone=found.certain_alone,
        possible_alone=found.possible_alone,
        certain_joint=found.certain_joint,
        possible_joint=found.possible_joint,
        joint=found.joint,
        path_index=index,
        giving=found.giving,
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
    """What an administrator has to do first: to make a credential, if only that makes it one."""
    entry_points = [actor.entry_point for actor in actors if actor.is_admin]
    if any(each not in MADE_BY for each in entry_points):
        return ()
    return tuple(MADE_BY[each] for each in entry_points[:1])


def is_admin_after_one_step(actors: tuple[Actor, ...], steps: tuple[Edge, ...]) -> bool:
    """True if everything is allowed, something denied, and it can certainly lift the Deny."""
    allowed = any(
        actor.is_certain and each.allows_everything
        for actor in actors
        for each in actor.evaluator.in_each_network
    )
    at_once = (edge.to_admin.certain for edge in steps if not edge.after)
    return allowed and any(each & actors[0].own_bit for each in at_once)


def _search(
    authorizer: AccountAuthorizer,
    actors: Mapping[str, tuple[Actor, ...]],
    steps: Mapping[str, tuple[Edge, ...]],
    admins: frozenset[str],
    giving: tuple[GivingAction, ...],
) -> "_Found":
    """The searches for certain routes, then for possible ones."""
    resources = authorizer.resources
    start = resources.bits_of(admins)
    certain = search_back(resources, steps, start, is_certain=True)
    certain_joint = joint_search(resources, _others(steps, certain.steps, admins), is_certain=True)
    joint = certain_joint.routes()
    certain_alone = start | resources.bits_of(certain.steps)
    certain_admins = certain_alone | resources.bits_of(joint)
    doubtful = frozenset(
        arn for arn, each in actors.items() if any(actor.is_possibly_admin for actor in each)
    )
    undescribed = (user.arn for user in authorizer.account.users if user.details is None)
    start = certain_alone | resources.bits_of(doubtful) | resources.bits_of(undescribed)
    possible = search_back(resources, steps, start, is_certain=False)
    settled = {*certain.steps, *possible.steps}
    possible_joint = joint_search(resources, _others(steps, settled, admins), is_certain=False)
    more = possible_joint.routes(but=resources.bits_of([*joint, *doubtful]))
    possible_alone = start | resources.bits_of(possible.steps)
    return _Found(
        authorizer=authorizer,
        actors=actors,
        steps=steps,
        admins=admins,
        certain=certain,
        possible=possible,
        doubtful=doubtful,
        certain_admins=certain_admins,
        possible_admins=possible_alone | certain_admins | resources.bits_of(more),
        certain_alone=certain_alone,
        possible_alone=possible_alone,
        certain_joint=certain_joint,
        possible_joint=possible_joint,
        joint=joint,
        possibly_joint=more,
        giving=giving,
    )


def _others(
    steps: Mapping[str, tuple[Edge, ...]], settled: Collection[str], admins: Collection[str]
) -> Mapping[str, tuple[Edge, ...]]:
    """The edges of those who are not settled yet."""
    return {arn: edges for arn, edges in steps.items() if arn not in settled and arn not in admins}


@dataclass(frozen=True, slots=True)
class _Found:
    """What the searches found, the certain and the possible ones."""

    authorizer: AccountAuthorizer
    actors: Mapping[str, tuple[Actor, ...]]
    steps: Mapping[str, tuple[Edge, ...]]
    admins: frozenset[str]
    certain: Distances
    possible: Distances
    doubtful: frozenset[str]
    certain_admins: int
    possible_admins: int
    certain_alone: int
    possible_alone: int
    certain_joint: JointSearch
    possible_joint: JointSearch
    joint: Mapping[str, JointRoute]
    possibly_joint: Mapping[str, JointRoute]
    giving: tuple[GivingAction, ...]

    def privilege(self, arn: str) -> Privilege:
        """How far that principal gets."""
        if arn in self.admins:
            return Privilege(
                arn, PrivilegeLevel.ADMINISTRATOR, reasons=administrator_reasons(self.actors[arn])
            )
        paths, conditional = self._count(arn)
        if arn in self.certain.steps or arn in self.joint:
            route = self._certain_route(arn)
            level = PrivilegeLevel.DIRECT if len(route) == 1 else PrivilegeLevel.CHAIN
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
        if arn in self.possible.steps or arn in self.possibly_joint:
            route = self._possible_route(arn)
            return Privilege(arn, PrivilegeLevel.CONDITIONAL, route, 0, conditional)
        return without_a_way(arn, self.actors[arn], self.giving)

    def _count(self, arn: str) -> tuple[int, int]:
        goals, possible = Goals(self.certain_admins), Goals(self.possible_admins)
        if arn in self.joint:
            goals = self.joint[arn].goals
            possible = Goals(possible.to | goals.to, goals.armed)
        if arn in self.possibly_joint:
            possible = self.possibly_joint[arn].goals
        return count_paths(self.steps.get(arn, ()), goals, possible)

    def _certain_route(self, arn: str) -> tuple[EscalationStep, ...]:
        if arn in self.joint:
            return self.joint[arn].steps
        return self._route(arn, self.certain)

    def _possible_route(self, arn: str) -> tuple[EscalationStep, ...]:
        if arn in self.possibly_joint:
            return self.possibly_joint[arn].steps
        return self._route(arn, self.possible)

    def _route(self, arn: str, distances: Distances) -> tuple[EscalationStep, ...]:
        route: list[EscalationStep] = []
        at: str | None = arn
        while at is not None and at in distances.steps:
            route += distances.next_steps(self.authorizer.resources, at, self.steps[at])
            at = route[-1].target
        if at is not None and not distances.is_certain and at in self.certain.steps:
            route += self._route(at, self.certain)
        return tuple(route)


def count_paths(steps: Iterable[Edge], goals: Goals, possible: Goals) -> tuple[int, int]:
    """How many first steps certainly lead to full rights, and how many possibly do."""
    steps = tuple(steps)
    certain = count_first_steps(steps, goals, is_certain=True)
    return certain, max(0, count_first_steps(steps, possible, is_certain=False) - certain)


def without_a_way(
    arn: str, actors: tuple[Actor, ...], giving: tuple[GivingAction, ...]
) -> Privilege:
    """How far a principal without any way for itself gets: to giving rights to others, or nowhere.

    Where it possibly gives them, the reasons say on what that depends.
    """
    truth = any_of(empowers_others(actor, giving) for actor in actors)
    if truth is Ternary.FALSE:
        return Privilege(arn, PrivilegeLevel.LIMITED)
    unknown = (name for actor in actors for each in actor.policies.layers for name in each.unknown)
    reasons = tuple(sorted({*unknown_reasons(actors), *unknown}))
    return Privilege(
        arn, PrivilegeLevel.INDIRECT, reasons=reasons if truth is Ternary.UNKNOWN else ()
    )


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
