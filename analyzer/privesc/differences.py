"""In: a principal before and after a change. Out: the paths for which the change can matter.

What another path allows is the same before and after, so nobody asks it again.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from analyzer.policy.arns import arns_overlap
from analyzer.policy.authorizer import MFA_KEYS
from analyzer.policy.bound_statements import BoundStatement
from analyzer.policy.conditions import Context
from analyzer.policy.documents import Statement
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layers import PolicyLayer
from analyzer.policy.target_states import TAGS
from analyzer.privesc.catalogue import EscalationPath, Gain, Target
from analyzer.privesc.other_names import ARN
from analyzer.privesc.requirements import Actor

_HELPING = (
    "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion",
    "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:Detach*", "iam:Delete*PermissionsBoundary",
    "iam:DeleteAccessKey", "iam:*InstanceProfile",
)  # fmt: skip
"""What a path may take besides its own actions: a policy to give, a free key slot, a profile."""
_RETAGGING = ("iam:TagUser", "iam:TagRole", "iam:UntagUser", "iam:UntagRole")
LIFTING = frozenset({Gain.OWN_IDENTITY_POLICIES, Gain.OWN_MFA_SESSION, Gain.CONDITIONAL_GRANTS})
"""Gains that lift what holds an actor back: worth trying after any other change."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What can be otherwise after a change.

    That are requests for these actions, as bits, and paths on these targets or with these gains.

    The rest says what the change may do together with another one: `words` are all actions that
    come or go, also those of which something else says the same today; `keys` the condition keys
    that have other states; `mentions` those that what comes or goes asks for. `is_lifting`:
    something goes that denies or caps.
    """

    actions: int
    targets: frozenset[Target] = frozenset()
    gains: frozenset[Gain] = LIFTING
    words: int = 0
    keys: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    is_lifting: bool = False

    def concerns(self, path: EscalationPath, masks: tuple[int, ...]) -> bool:
        """True if the path is to be asked again; `masks` are its requirements' actions as bits."""
        return (
            path.gain in self.gains
            or any(mask & self.actions for mask in masks)
            or any(each.target in self.targets for each in path.requires)
        )

    def joined(self, other: "Difference") -> "Difference":
        """What either says of what it may do together with a third."""
        return replace(
            self,
            words=self.words | other.words,
            keys=self.keys | other.keys,
            mentions=self.mentions | other.mentions,
            is_lifting=self.is_lifting or other.is_lifting,
        )


EVERY_DIFFERENCE = Difference(-1)


def difference(before: Actor, after: Actor) -> Difference:
    """What can be otherwise for a principal after a change; both are the same principal."""
    gains = LIFTING if _has_same_caps(before, after) else LIFTING | {Gain.ADMIN}
    old, new = before.policies.layers, after.policies.layers
    came, gone = _statements_beyond(new, old), _statements_beyond(old, new)
    return Difference(
        actions=_actions(before, after),
        targets=_targets(before, after),
        gains=gains,
        words=_words(before, after, (*came, *gone)),
        keys=_keys(before, after),
        mentions=frozenset(key for each in (*came, *gone) for key in _mentioned(each)),
        is_lifting=old[1:] != new[1:] or any(each.denies for each in gone),
    )


def _statements_beyond(
    layers: tuple[PolicyLayer, ...], others: tuple[PolicyLayer, ...]
) -> tuple[Statement, ...]:
    """The statements that the layers have more of than the others, wherever they stand."""
    left = Counter(_statement_ids(others))
    beyond: list[Statement] = []
    for name, statement in _statements_in(layers):
        if left[name, id(statement)]:
            left[name, id(statement)] -= 1
        else:
            beyond.append(statement)
    return tuple(beyond)


def _statement_ids(layers: tuple[PolicyLayer, ...]) -> Iterator[tuple[str, int]]:
    return ((name, id(statement)) for name, statement in _statements_in(layers))


def _statements_in(layers: tuple[PolicyLayer, ...]) -> Iterator[tuple[str, Statement]]:
    for layer in layers:
        for held in layer.held:
            for statement in held.document.statements:
                yield layer.name, statement


def _words(before: Actor, after: Actor, statements: Iterable[Statement]) -> int:
    layers = before.policies.layers, after.policies.layers
    if len(layers[0]) != len(layers[1]):
        return -1
    bits = 0
    for each in statements:
        bits |= each.actions
    return bits


def _keys(before: Actor, after: Actor) -> frozenset[str]:
    found = {key for key, _ in before.keys.items() ^ after.keys.items()}
    return frozenset(found | (MFA_KEYS if before.entry_point is not after.entry_point else set()))


def _mentioned(statement: Statement) -> frozenset[str]:
    """The keys that it depends on; the name of a user, where it names users."""
    names_users = any(":user/" in each for each in statement.resources)
    return statement.mentions | ({ARN} if names_users else frozenset())


def _has_same_caps(before: Actor, after: Actor) -> bool:
    """True if what a grant of everything would give is the same."""
    return (
        before.policies.layers[1:] == after.policies.layers[1:]
        and before.uncapped == after.uncapped
    )


def _targets(before: Actor, after: Actor) -> frozenset[Target]:
    """The targets that are others for it: what it holds, is a member or capped of, is called."""
    found: set[Target] = set()
    old, new = before.policies, after.policies
    if old.details.groups != new.details.groups:
        found.add(Target.OWN_GROUP)
    if {each.arn for each in old.identity.held} != {each.arn for each in new.identity.held}:
        found.add(Target.POLICY_OF_SELF)
    if old.details.boundary != new.details.boundary:
        found.add(Target.OWN_BOUNDARY)
    if before.other_arn != after.other_arn:
        found.add(Target.SELF_USER)
    return frozenset(found)


def _actions(before: Actor, after: Actor) -> int:
    """The actions, as bits, whose requests can be decided otherwise."""
    facts, old, new = after.facts, before.evaluator, after.evaluator
    # Layers of one name are the account's guardrails, which no change touches.
    layers = [{layer.name: layer.unknown for layer in each.layers} for each in (old, new)]
    shared = layers[0].keys() & layers[1].keys()
    if any(layers[0][name] != layers[1][name] for name in shared):
        return -1
    contexts = _context(before), _context(after)
    said = _statements(old, shared, contexts[0]), _statements(new, shared, contexts[1])
    bits = _held_back(old, shared) | _held_back(new, shared)
    for key in said[0].keys() ^ said[1].keys():
        each = said[0].get(key) or said[1][key]
        bits |= each.statement.actions & (-1 if _reaches_iam(each) else ~facts.actions_of_iam)
    asked = sorted(facts.authorizer.trust_keys)
    if contexts[0].told_apart_by(asked) != contexts[1].told_apart_by(asked):
        bits |= facts.authorizer.actions.bits("sts:*")
    return _with_what_they_help(after, bits)


def _with_what_they_help(after: Actor, bits: int) -> int:
    """These actions, and those whose requests depend on them besides."""
    facts, actions = after.facts, after.facts.authorizer.actions
    if any(bits & actions.bits(each) for each in _RETAGGING):
        compared = after.evaluator.keys | facts.authorizer.trust_keys
        bits |= -1 if any(key.startswith(TAGS) for key in compared) else 0
    if any(bits & actions.bits(each) for each in _HELPING):
        bits |= facts.actions_of_iam
    return bits


def _context(actor: Actor) -> Context:
    contexts = actor.facts.authorizer.evaluators
    return contexts.context(actor.policies, actor.entry_point).with_keys(actor.keys)


def _statements(
    evaluator: PolicyEvaluator, layers: AbstractSet[str], context: Context
) -> Mapping[Hashable, BoundStatement]:
    """The statements of these layers, of those that decide alike in one layer one."""
    names = [layer.name for layer in evaluator.layers]
    return {
        (names[each.layer], *_meaning(each, context)): each
        for each in evaluator.statements
        if names[each.layer] in layers
    }


def _meaning(bound: BoundStatement, context: Context) -> tuple[Hashable, ...]:
    """All that its decisions depend on."""
    statement = bound.statement
    clauses = (
        (each.operator, each.key, each.values, each.quantifier, each.if_exists, each.is_readable)
        for each in statement.clauses
    )
    return (
        *(statement.effect, statement.actions, statement.resources),
        *(statement.excludes_resources, tuple(clauses)),
        *(statement.has_variables, statement.unread, bound.reference.held.doubt),
        context.told_apart_by(sorted(statement.mentions)),
    )


def _held_back(evaluator: PolicyEvaluator, shared: AbstractSet[str]) -> int:
    """The actions, as bits, of which the layers that are none of `shared` hold something back."""
    found = 0
    for number, layer in enumerate(evaluator.layers):
        if layer.name in shared:
            continue
        if layer.unknown:
            return -1
        allowed = denied = 0
        for each in evaluator.statements:
            if each.layer == number and each.statement.denies:
                denied |= each.statement.actions
            elif each.layer == number and not each.statement.mentions:
                is_wide = each.covers_everything(is_certain=True)
                allowed |= each.statement.actions if is_wide else 0
        found |= ~allowed | denied
    return found


def _reaches_iam(bound: BoundStatement) -> bool:
    """False if the statement is about resources of other services alone."""
    return bound.statement.excludes_resources or any(
        arns_overlap(pattern, "arn:*:iam::*:*") for pattern, _ in bound.patterns
    )
