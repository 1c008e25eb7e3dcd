"""In: the account's facts and a principal. Out: by what it can give rights to others.

Whoever gains nothing by itself can still arm a friend, or an account that it has taken over.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from analyzer.policy.conditions import KeyState, Ternary
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import StatementRef, Verdict
from analyzer.policy.pattern_overlap import resource_patterns
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.target_states import BOUNDARY
from analyzer.privesc.account_facts import AccountFacts
from analyzer.privesc.giving_policies import GIVING_ACTIONS
from analyzer.privesc.policies_to_give import accepting_a_version
from analyzer.privesc.principal_sets import holds_deny
from analyzer.privesc.requirements import Actor

_TAKEN_AWAY = "whether what it takes away is the policy that denies something"
_NAMED = 3
"""So many targets are asked for their statements; each one more would show the same."""


@dataclass(frozen=True, slots=True)
class GivingRight:
    """An action that gives others rights: on how many of them, and the statements that allow it.

    `reasons` says what it depends on where it is not certain.
    """

    action: str
    is_certain: bool
    targets: int
    statements: tuple[StatementRef, ...]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GivingAction:
    """An action, on what it gives rights, and the condition keys that it is asked with."""

    action: str
    on: ResourceSet
    keys: Mapping[str, KeyState] = field(default_factory=dict)
    why: str = ""

    def allowed(self, evaluator: PolicyEvaluator, facts: AccountFacts, others: int) -> ResourceSet:
        """On which of the others it is allowed and gives something."""
        found = evaluator.with_context(self.keys).allowed_resources(self.action)
        if self.action == "iam:CreatePolicyVersion":
            found = accepting_a_version(evaluator, facts, found)
        return (found & self.on).among(others)


def giving_actions(facts: AccountFacts) -> tuple[GivingAction, ...]:
    """What gives rights in this account, by adding some or by lifting what holds somebody back."""
    return (*_adding(facts), *_lifting(facts))


def empowers_others(actor: Actor, giving: tuple[GivingAction, ...]) -> Ternary:
    """Whether it can give rights to somebody else."""
    found = [each.allowed(actor.evaluator, actor.facts, ~actor.own_bit) for each in giving]
    if actor.is_certain and any(each.certain for each in found):
        return Ternary.TRUE
    return Ternary.UNKNOWN if any(each.possible for each in found) else Ternary.FALSE


def giving_rights(
    facts: AccountFacts, giving: tuple[GivingAction, ...], arn: str
) -> tuple[GivingRight, ...]:
    """The principal's rights to give rights to others, the certain ones first.

    None are left out that make its level "can empower others".
    """
    policies = facts.authorizer.principals[arn]
    found = [right for each in giving if (right := _right(facts, policies, each))]
    return tuple(sorted(found, key=lambda each: not each.is_certain))


def _right(
    facts: AccountFacts, policies: PrincipalPolicies, giving: GivingAction
) -> GivingRight | None:
    """The right by whichever entry point gives it for certain; else by any; None without one."""
    authorizer = facts.authorizer
    others = ~authorizer.resources.bit(policies.arn)
    possible: GivingRight | None = None
    for entry_point, truth in authorizer.entry_points(policies).items():
        sets = giving.allowed(authorizer.evaluator(policies, entry_point), facts, others)
        bits = sets.certain or sets.possible
        if not bits:
            continue
        targets = list(islice(authorizer.resources.named(bits), _NAMED))
        decisions = [
            authorizer.decide(policies, giving.action, each, entry_point, giving.keys)
            for each in targets
        ]
        is_certain = truth is Ternary.TRUE and bool(sets.certain)
        best = [each for each in decisions if each.verdict is Verdict.ALLOWED] or decisions
        cited = dict.fromkeys(ref for each in best for ref in each.allows)
        why = dict.fromkeys(w for each in best for w in each.reasons)
        why |= {giving.why: None} if giving.why else {}
        reasons = () if is_certain else tuple(why)
        right = GivingRight(giving.action, is_certain, bits.bit_count(), tuple(cited), reasons)
        if is_certain:
            return right
        possible = possible or right
    return possible


def _adding(facts: AccountFacts) -> Iterator[GivingAction]:
    for action in GIVING_ACTIONS:
        bits = _resources_of(facts, action)
        yield GivingAction(action, ResourceSet(bits, bits))
    yield GivingAction("iam:SetDefaultPolicyVersion", facts.with_giving_version)
    tested = _those(facts, _is_told_by_tags) | facts.undescribed
    for kind, members in (("User", facts.users), ("Role", facts.roles)):
        for verb in ("Tag", "Untag"):
            on = ResourceSet(0, tested & members)
            yield GivingAction(f"iam:{verb}{kind}", on, why="the tags that may be changed")


def _lifting(facts: AccountFacts) -> Iterator[GivingAction]:
    resources, store = facts.authorizer.resources, facts.authorizer.store
    wide = f"arn:{facts.authorizer.account.partition}:iam::aws:policy/AdministratorAccess"
    for kind, members in (("User", facts.users), ("Role", facts.roles)):
        on = ResourceSet(facts.bounded, facts.bounded | facts.undescribed).among(members)
        yield GivingAction(f"iam:Delete{kind}PermissionsBoundary", on)
        yield GivingAction(f"iam:Put{kind}PermissionsBoundary", on, {BOUNDARY: (wide,)})
        for verb, is_managed in (("Detach", True), ("Delete", False)):
            denied = facts.denied_managed if is_managed else facts.denied_inline
            denied |= facts.undescribed
            yield GivingAction(
                f"iam:{verb}{kind}Policy", ResourceSet(0, denied & members), why=_TAKEN_AWAY
            )
    groups = [
        group
        for group in facts.authorizer.account.groups
        if facts.members.get(group.arn) or facts.undescribed
    ]
    for action, sorts in (
        ("iam:DetachGroupPolicy", (True,)),
        ("iam:DeleteGroupPolicy", (False,)),
        ("iam:RemoveUserFromGroup", (True, False)),
    ):
        denying = (
            group.arn
            for group in groups
            if any(holds_deny(store, group.details, is_managed=sort) for sort in sorts)
        )
        yield GivingAction(action, ResourceSet(0, resources.bits_of(denying)), why=_TAKEN_AWAY)


def _resources_of(facts: AccountFacts, action: str) -> int:
    """The resources on which the action works, as bits."""
    authorizer, found = facts.authorizer, 0
    forms = authorizer.actions.resource_forms(action)
    for pattern in resource_patterns(forms, authorizer.resources):
        found |= authorizer.resources.bits(pattern)
    return found


def _those(facts: AccountFacts, holds: Callable[[PrincipalPolicies], bool]) -> int:
    principals = facts.authorizer.principals.items()
    return facts.authorizer.resources.bits_of(arn for arn, each in principals if holds(each))


def _is_told_by_tags(policies: PrincipalPolicies) -> bool:
    return any(
        key.startswith("aws:principaltag/")
        for held in policies.identity.held
        for statement in held.document.statements
        for key in statement.mentions
    )
