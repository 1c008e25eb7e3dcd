"""In: an evaluator and a path. Out: whether one and the same new principal meets all that it asks.

A path that makes a user, role or group does all that follows to that very one: it has one name,
and the boundary that it was made with.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from analyzer.policy.arns import arn_covers, arns_overlap, intersection, is_everything, sample_arn
from analyzer.policy.bound_statements import STAR, BoundStatement
from analyzer.policy.conditions import KeyKnowledge, KeyState, Ternary
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layers import Verdict
from analyzer.policy.pattern_overlap import sample_resources
from analyzer.policy.resource_search import decide_new_resource
from analyzer.policy.service_rules import boundary_state
from analyzer.policy.target_states import BOUNDARY
from analyzer.privesc.account_facts import AccountFacts
from analyzer.privesc.catalogue import EscalationPath, Target
from analyzer.privesc.policies_to_give import POLICY, policies_to_give
from analyzer.privesc.request_choices import boundary_choices

NEW = frozenset({Target.NEW_USER, Target.NEW_ROLE, Target.NEW_GROUP})
_POSSIBLE = (Verdict.ALLOWED, Verdict.CONDITIONAL)
_MOST_NAMES = 256
_PAIR = 2
_RANK = attrgetter("rank")


def verdict_on_new(
    evaluator: PolicyEvaluator, facts: AccountFacts, path: EscalationPath
) -> Verdict:
    """The best verdict on all that the path asks for on one new principal; ALLOWED if nothing."""
    wanted = tuple(each for each in path.requires if each.target in NEW)
    if not wanted:
        return Verdict.ALLOWED
    key = id(evaluator), path.id
    if key not in facts.new_principals_cache:
        asked = tuple(each.any_of for each in wanted)
        kind = str(wanted[0].target).removeprefix("new-")
        facts.new_principals_cache[key] = _Making(evaluator, facts, kind, asked).verdict()
    return facts.new_principals_cache[key]


@dataclass(frozen=True, slots=True)
class _Making:
    """A principal of that kind to be made; of each tuple of actions one must be allowed on it."""

    evaluator: PolicyEvaluator
    facts: AccountFacts
    kind: str
    asked: tuple[tuple[str, ...], ...]

    def verdict(self) -> Verdict:
        """The best one, by whichever boundary and name."""
        best = Verdict.NONE
        for boundary, is_certain in boundary_choices(self.evaluator, self.facts):
            found = self._with_boundary(boundary)
            if found is Verdict.ALLOWED and is_certain:
                return found
            best = Verdict.CONDITIONAL if found in _POSSIBLE else best
        return best

    @property
    def _shape(self) -> str:
        account = self.facts.authorizer.account
        return f"arn:{account.partition}:iam::{account.id}:{self.kind}/*"

    def _with_boundary(self, boundary: KeyState) -> Verdict:
        """The best verdict for a new principal under that boundary."""
        best = Verdict.NONE
        names = _Names(self.evaluator, self.asked, self._shape)
        # Where no name of a single pattern will do for some action, few need be tried.
        is_hopeful = self._worst(boundary, None) in _POSSIBLE
        for number, name in enumerate(names.samples() if is_hopeful else names.between()):
            if number == _MOST_NAMES:
                return Verdict.CONDITIONAL
            if self.facts.owner_of_name(name) is not None:
                continue
            found = self._worst(boundary, name)
            if found is Verdict.ALLOWED:
                return found
            best = Verdict.CONDITIONAL if found in _POSSIBLE else best
        return Verdict.CONDITIONAL if is_hopeful and names.may_have_more else best

    def _worst(self, boundary: KeyState, name: str | None) -> Verdict:
        """The worst verdict on what is asked, of the best actions, on that name or on any."""
        verdicts = []
        for actions in self.asked:
            verdicts.append(min((self._on(each, boundary, name) for each in actions), key=_RANK))
            if verdicts[-1] not in _POSSIBLE:
                break
        return max(verdicts, key=_RANK)

    def _on(self, action: str, boundary: KeyState, name: str | None) -> Verdict:
        best = Verdict.NONE
        for keys, is_certain in self._choices(action, boundary):
            evaluator = self.evaluator.with_context(keys)
            decision = (
                decide_new_resource(evaluator, action, self._shape)
                if name is None
                else evaluator.decide(action, name)
            )
            if decision.verdict is Verdict.ALLOWED and is_certain:
                return Verdict.ALLOWED
            best = Verdict.CONDITIONAL if decision.verdict in _POSSIBLE else best
        return best

    def _choices(
        self, action: str, boundary: KeyState
    ) -> Iterator[tuple[dict[str, KeyState], bool]]:
        """What a request for that action carries; the boundary only where the action knows it."""
        has_boundary = boundary_state(action) is not KeyKnowledge.ABSENT
        keys: dict[str, KeyState] = {BOUNDARY: boundary} if has_boundary else {}
        if action.startswith("iam:Attach"):
            for arn, is_certain in policies_to_give(self.evaluator, self.facts, POLICY):
                yield {**keys, POLICY: (arn,)}, is_certain
        else:
            yield keys, True


@dataclass(frozen=True, slots=True)
class _Names:
    """The names to try for a principal on which all these actions are asked for."""

    evaluator: PolicyEvaluator
    asked: tuple[tuple[str, ...], ...]
    shape: str

    def samples(self) -> Iterator[str]:
        """A name that no pattern tells, one of each pattern, and those where patterns overlap."""
        every = [each for actions in self.asked for each in self._statements(actions)]
        yield from dict.fromkeys((*sample_resources(every, self.shape), *self.between()))

    def between(self) -> Iterator[str]:
        """Names where the patterns of all that is asked overlap."""
        overlap, _ = self._overlap()
        yield from filter(None, (sample_arn(each, self.shape) for each in overlap))

    @property
    def may_have_more(self) -> bool:
        """True if there are more patterns than can be compared with each other."""
        return self._overlap()[1]

    def _statements(self, actions: Iterable[str]) -> list[BoundStatement]:
        return [each for action in actions for each in self.evaluator.statements_on(action)]

    def _overlap(self) -> tuple[list[str], bool]:
        """Patterns that every layer allows for all that is asked; whether there may be more."""
        found, is_cut = [STAR], False
        denied: list[str] = []
        lists: list[list[str]] = []
        for actions in self.asked:
            statements = self._statements(actions)
            denied += [pattern for each in statements for pattern in _denied(each)]
            lists += self._narrowing(statements)
        for patterns in lists:
            pairs = list(itertools.islice(itertools.product(found, patterns), _MOST_NAMES + 1))
            is_cut = is_cut or len(pairs) > _MOST_NAMES
            met = (each for pair in pairs[:_MOST_NAMES] for each in _in_common(*pair))
            found = list(dict.fromkeys(met))
        if not found and not is_cut:
            # What crossing patterns have in common was tried by examples.
            is_cut = len(lists) > _PAIR and all(
                any(arns_overlap(*each) for each in itertools.product(*pair))
                for pair in itertools.combinations(lists, _PAIR)
            )
        left = [each for each in found if not any(arn_covers(no, each) for no in denied)]
        return left, is_cut

    def _narrowing(self, statements: list[BoundStatement]) -> Iterator[list[str]]:
        """Lists of patterns, of each of which the name must match one: by layer, and by Deny."""
        for number, layer in enumerate(self.evaluator.layers):
            of_layer = [
                each for each in statements if each.layer == number and each.statement.allows
            ]
            patterns = [pattern for each in of_layer for pattern in _allowed(each)]
            if of_layer and not layer.unknown and not any(map(is_everything, patterns)):
                yield list(dict.fromkeys(patterns))
        for each in statements:
            if each.surely_excludes and each.statement.excludes_resources:
                yield [pattern for pattern, _ in each.patterns]


def _in_common(one: str, other: str) -> Iterator[str]:
    """Patterns of what both cover; where `a*` and `*b` cross, all of `a*b`."""
    met = intersection(one, other)
    if met is not None:
        yield met
    for start, end in ((one, other), (other, one)):
        head, _, tail = end.rpartition("*")
        if met is not None and start.endswith("*") and arn_covers(head + "*", start):
            yield start + tail


def _allowed(bound: BoundStatement) -> list[str]:
    if bound.never_applies:
        return []
    if bound.statement.excludes_resources:
        return [STAR]
    return [pattern for pattern, _ in bound.patterns]


def _denied(bound: BoundStatement) -> list[str]:
    is_certain = bound.statement.denies and bound.result.truth is Ternary.TRUE
    if not is_certain or bound.statement.excludes_resources:
        return []
    return [pattern for pattern, is_known in bound.patterns if is_known]
