"""In: an actor and the catalogue of paths. Out: the edges that lead on from it.

That a requirement holds is kept as bits, one a target, for all principals and paths are compared.
Which statements allow it is decided again for the few paths that a report shows, by
`rules.privilege_queries.route_statements`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from analyzer.inventory.model import User
from analyzer.policy.actions import ActionIndex
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.service_rules import ASSUME
from analyzer.privesc.catalogue import (
    Decidability,
    EscalationPath,
    Precondition,
    SeverityCap,
    Target,
)
from analyzer.privesc.outcomes import Edge, outcome
from analyzer.privesc.requirements import Actor


@dataclass(frozen=True, slots=True, eq=False)
class PathIndex:
    """Paths, each with its requirements' actions as bits; the cache changes no answer."""

    masks: tuple[tuple[EscalationPath, tuple[int, ...]], ...]
    masks_of: Mapping[str, tuple[int, ...]]
    paths_cache: dict[int, tuple[EscalationPath, ...]] = field(default_factory=dict)

    def within(self, possible: int) -> tuple[EscalationPath, ...]:
        """The paths whose every requirement has one of these actions; found once for each set."""
        if possible not in self.paths_cache:
            self.paths_cache[possible] = tuple(
                path for path, masks in self.masks if all(each & possible for each in masks)
            )
        return self.paths_cache[possible]


def path_index(actions: ActionIndex, paths: tuple[EscalationPath, ...]) -> PathIndex:
    """These paths, in their order."""
    masks = tuple(
        (path, tuple(actions.bits_of(each.any_of) for each in path.requires)) for path in paths
    )
    return PathIndex(masks, {path.id: of_path for path, of_path in masks})


def edges(actor: Actor, index: PathIndex, touching: int = -1) -> Iterator[Edge]:
    """The paths that the actor can take, in the catalogue's order.

    `touching`: only those that require one of these actions, as bits.
    """
    possible, actions = actor.evaluator.possible, actor.facts.authorizer.actions
    if actor.facts.names(actor.policies):
        possible |= actions.bit(ASSUME)
    for path in index.within(possible):
        if not any(mask & touching for mask in index.masks_of[path.id]):
            continue
        edge = _edge(actor, path, index)
        if edge is not None and (edge.leads_somewhere or edge.on.possible):
            yield edge


def _edge(actor: Actor, path: EscalationPath, index: PathIndex) -> Edge | None:
    if not _fits(path, actor.policies):
        return None
    targets = actor.matching_targets(path)
    if not targets.possible:
        return None
    if path.decidability is not Decidability.FULL or path.severity_cap in (
        SeverityCap.LOW,
        SeverityCap.MEDIUM,
    ):
        # Certain is only a path that exports decide in full, with a severity not capped below high.
        targets = ResourceSet(0, targets.possible)
    return outcome(actor, path, targets, lambda changed, touching: edges(changed, index, touching))


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
