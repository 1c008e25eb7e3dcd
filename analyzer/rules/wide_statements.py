"""In: policies and the actions that a check asks for. Out: where they allow these without limit.

A condition that holds for everybody is no limit, and a pattern that names every resource of the
type is none either. One region is a limit in words alone, so the finding names it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from analyzer.display import list_first
from analyzer.policy.arns import is_everything
from analyzer.policy.documents import Document, Effect, Statement
from analyzer.policy.lint.vacuity import restricts_nobody
from analyzer.policy.whole_types import Reach, reach_of
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.outcomes import Fail, Outcome, Unknown, as_variant, fail
from analyzer.rules.privilege_queries import (
    AccountPolicy,
    granting_policies,
    held_aws_policies,
    outcome_unless_found,
)

_TOLD = 6
"""Actions that a sentence names; the statement itself holds them all."""


@dataclass(frozen=True, slots=True)
class Excess:
    """What a statement gives too much, in words, and within which bounds: "" for none.

    `variant` is the milder case that it is by itself.
    """

    statement: Statement
    words: str
    bounds: str = ""
    variant: str = ""


ExcessOf = Callable[[Statement], Iterator[Excess]]


def find_held(graph: EscalationGraph, actions: tuple[str, ...], variant: str = "") -> ExcessOf:
    """What of the actions a statement allows on all that one of them works on.

    Whoever allows every action is another check's finding.
    """
    table, around = graph.authorizer.actions, graph.authorizer.around
    bits = table.bits_of(actions)
    account, partition = graph.authorizer.account.id, around.partition

    def found(statement: Statement) -> Iterator[Excess]:
        asked = statement.actions & bits
        if statement.effect is not Effect.ALLOW or not asked or statement.unread:
            return
        if statement.actions == table.everything or not restricts_nobody(statement, around):
            return
        reaches: dict[Reach, list[str]] = {}
        for action in actions:
            if asked & table.bit(action):
                reach = reach_of(statement, action, partition, account)
                if reach is not None:
                    reaches.setdefault(reach, []).append(action)
        for reach, names in reaches.items():
            yield Excess(statement, list_actions(names), reach.bounds, variant)

    return found


def find_everything(graph: EscalationGraph) -> ExcessOf:
    """Whether a statement allows every action on every resource to everybody who holds it."""
    everything, around = graph.authorizer.actions.everything, graph.authorizer.around

    def found(statement: Statement) -> Iterator[Excess]:
        is_whole = statement.effect is Effect.ALLOW and statement.actions == everything
        if is_whole and _is_open(statement) and restricts_nobody(statement, around):
            idle = ", under conditions that restrict nobody," if statement.clauses else ""
            yield Excess(statement, f"every action{idle}")

    return found


def check_held(graph: EscalationGraph, actions: tuple[str, ...]) -> Iterator[Outcome]:
    """Whoever holds the policy may do one of these to everything, whether AWS wrote it or not."""
    bits = graph.authorizer.actions.bits_of(actions)
    policies = chain(granting_policies(graph), held_aws_policies(graph))
    yield from check_statements(policies, find_held(graph, actions), actions=bits)


def check_statements(
    policies: Iterator[AccountPolicy], *finders: ExcessOf, actions: int = -1
) -> Iterator[Outcome]:
    """One outcome for each policy. Of the finders, each milder than the last, the first speaks.

    They are asked once for each distinct text, of which many policies have the same. `actions` are
    the bits of those that can be in excess.
    """
    known: dict[Document, list[Excess]] = {}
    for policy in policies:
        document = policy.instance.document if policy.instance else None
        if document is not None and document not in known:
            known[document] = _first_excess(document, finders)
        found = known[document] if document is not None else []
        if found:
            yield _fail(policy, found)
        else:
            yield from outcome_unless_found(policy, actions)


def fail_statements(policy: AccountPolicy, found: list[Statement], said: str) -> Fail | Unknown:
    """The finding at these statements of the policy."""
    return _fail(policy, [Excess(each, said) for each in found])


def _first_excess(document: Document, finders: tuple[ExcessOf, ...]) -> list[Excess]:
    for find in finders:
        found = [excess for each in document.statements for excess in find(each)]
        if found:
            return [each for each in found if not each.bounds] or found
    return []


def _fail(policy: AccountPolicy, found: list[Excess]) -> Fail | Unknown:
    held = policy.instance
    if held is None:
        return Unknown(f"the text of {policy.name} is not in the export", policy.location)
    where = (held.location_of(each.statement) for each in found)
    facts = {
        "policy": policy.name,
        "statements": ", ".join(dict.fromkeys(str(each.statement.index + 1) for each in found)),
        "excess": ", ".join(dict.fromkeys(each.words for each in found)),
    }
    variants = [found[0].variant, "aws-managed" if policy.is_aws_managed else ""]
    bounds = " and ".join(dict.fromkeys(each.bounds for each in found if each.bounds))
    if bounds:
        facts["bounds"] = bounds
        variants.insert(0, "bounded")
    told = fail(policy.resource, *dict.fromkeys((*where, *policy.holders)), **facts)
    return as_variant("+".join(filter(None, variants)), told)


def _is_open(statement: Statement) -> bool:
    """True if the statement speaks of every resource of every service."""
    if statement.excludes_resources:
        return not statement.resources
    return any(is_everything(each) for each in statement.resources)


def list_actions(names: list[str]) -> str:
    """The first of them, and how many more there are."""
    return list_first(names, _TOLD)
