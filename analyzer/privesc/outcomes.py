"""In: an actor and a path whose requirements hold on some targets. Out: what the path leads to.

`edges` finds out which paths an actor can take; here is what each gain of the catalogue means: full
rights at once, the rights of others, full rights for others, or a changed principal.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from analyzer.policy.authorizer import MFA_KEYS
from analyzer.policy.conditions import Ternary
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import keys_mentioned
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.account_facts import NOBODY
from analyzer.privesc.catalogue import EscalationPath, Gain, Target
from analyzer.privesc.changes import (
    OF_SELF,
    PrincipalChange,
    enrols_for_another,
    is_about_a_boundary,
    lifts_for_others,
)
from analyzer.privesc.requirements import Actor

_GROUPS = frozenset({Target.GROUP, Target.NEW_GROUP})
"""Groups that the actor joins itself."""
_KEY_MAKERS = frozenset({"iam:CreateAccessKey", "iam:UpdateAccessKey"})


@dataclass(frozen=True, slots=True)
class Edge:
    """A path of the catalogue that a principal can take, and where it ends.

    `to_admin` are the targets over which it gets full rights at once: its own ARN where it raises
    itself or makes a new principal. `to` are the principals whose rights it gets, `arms` those to
    whom it gives full rights, `on` the targets of a path that gives none of these. `after` are the
    changes that it makes first.
    """

    path: EscalationPath
    entry_point: EntryPoint
    to_admin: ResourceSet = NOBODY
    to: ResourceSet = NOBODY
    on: ResourceSet = NOBODY
    arms: ResourceSet = NOBODY
    after: tuple[PrincipalChange, ...] = ()

    @property
    def leads_somewhere(self) -> bool:
        """True if it gives full rights, or the rights of anybody, or full rights to somebody."""
        return bool(self.to_admin.possible | self.to.possible | self.arms.possible)

    @property
    def length(self) -> int:
        """How many steps it takes."""
        return 1 + len(self.after)

    def without(self, other: "Edge") -> "Edge":
        """What it gives beyond the other edge, which is by the same path."""
        return replace(
            self,
            to_admin=self.to_admin.beyond(other.to_admin),
            to=self.to.beyond(other.to),
            arms=self.arms.beyond(other.arms),
            on=self.on.beyond(other.on),
        )

    def joined(self, other: "Edge") -> "Edge":
        """What either edge gives, both by the same path."""
        return replace(
            self,
            to_admin=self.to_admin | other.to_admin,
            to=self.to | other.to,
            arms=self.arms | other.arms,
            on=self.on | other.on,
        )

    def following(self, change: PrincipalChange) -> "Edge":
        """The same edge as it is once that change is made."""
        if change.is_certain:
            return replace(self, after=(change, *self.after))
        return replace(
            self,
            to_admin=self.to_admin.doubted,
            to=self.to.doubted,
            arms=self.arms.doubted,
            after=(change, *self.after),
        )


def outcome(actor: Actor, path: EscalationPath, targets: ResourceSet) -> Edge:
    """The edge of that path, whose requirements hold on those targets.

    A path that changes a principal has an edge for the changes that lead to full rights at once,
    see `outcome_of_changes`.
    """
    edge = Edge(path, actor.entry_point)
    if path.gain in _CHANGING or is_about_a_boundary(path) or lifts_for_others(path):
        return edge
    match path.gain:
        case Gain.ADMIN:
            return replace(edge, to_admin=_full_rights(actor, path, targets))
        case Gain.OTHER_USER | Gain.ROLE:
            return replace(edge, to=_by_bare_key(actor, path, targets.among(~actor.own_bit)))
        case Gain.RIGHTS_FOR_OTHERS:
            return replace(edge, arms=_armed(actor, path, targets))
        case _:
            return replace(edge, on=targets)


_CHANGING = frozenset(
    {
        Gain.GROUP, Gain.OLDER_VERSION, Gain.OWN_IDENTITY_POLICIES, Gain.OWN_MFA_SESSION,
        Gain.CONDITIONAL_GRANTS, Gain.OTHER_NAME,
    }
)  # fmt: skip


def outcome_of_changes(
    actor: Actor, path: EscalationPath, judged: tuple[tuple[PrincipalChange, Ternary], ...]
) -> Edge:
    """The edge of a path for those of its changes that are full rights, certainly or possibly.

    With each change comes what `makes_admin` says of it.
    Where it changes others without taking them over, these are full rights for them.
    """
    certain = possible = 0
    for each, truth in judged:
        certain |= each.targets if truth is Ternary.TRUE and each.is_certain else 0
        possible |= each.targets if truth is not Ternary.FALSE else 0
    found = ResourceSet(certain, possible)
    if path.gain is Gain.RIGHTS_FOR_OTHERS:
        return Edge(path, actor.entry_point, arms=found)
    return Edge(path, actor.entry_point, to_admin=found)


def makes_admin(change: PrincipalChange) -> Ternary:
    """Whether the change makes an administrator of somebody who is none before."""
    if change.actor.is_admin and not change.before.is_admin:
        return Ternary.TRUE
    is_possible = change.actor.is_possibly_admin and not change.before.is_possibly_admin
    return Ternary.UNKNOWN if is_possible else Ternary.FALSE


def _full_rights(actor: Actor, path: EscalationPath, targets: ResourceSet) -> ResourceSet:
    """Full rights, unless a boundary or an SCP stays over whoever gets them."""
    facts, own = actor.facts, ResourceSet(actor.own_bit, actor.own_bit)
    reached = {each.target for each in path.requires}
    if reached & OF_SELF or reached <= {None} or reached & _GROUPS:
        return _if_found(targets, actor.uncapped)
    if reached & {Target.NEW_USER, Target.NEW_ROLE}:
        # A new principal has no boundary, but the organization's policies are over it, too.
        certain = own.certain if _new_principals_are_unrestricted(actor) else 0
        return _if_found(targets, ResourceSet(certain, own.possible))
    return targets & facts.without_boundary


def _armed(actor: Actor, path: EscalationPath, targets: ResourceSet) -> ResourceSet:
    """The principals, the actor left out, whom the path gives full rights.

    Over a group these are its members, or every user where they are put into it; over a policy all
    who hold it.
    """
    facts = actor.facts
    reached = {each.target for each in path.requires}
    if Target.POLICY_OF_ANYONE in reached:
        if "iam:SetDefaultPolicyVersion" in path.actions:
            targets &= facts.with_giving_version
        found = _each(targets, facts.holding)
    elif Target.GROUP in reached and "iam:AddUserToGroup" in path.actions:
        strong = targets & facts.strong_groups
        found = _if_found(strong, ResourceSet(facts.users, facts.users))
    elif Target.GROUP in reached:
        found = _each(targets, facts.members_of)
    else:
        found = targets
    return (found & facts.without_boundary).among(~actor.own_bit)


def _by_bare_key(actor: Actor, path: EscalationPath, targets: ResourceSet) -> ResourceSet:
    """The users whose rights a new access key certainly brings, and those it possibly does.

    A key brings no MFA, unless a device comes with it. Whoever asks for MFA, and can't enrol a
    device by that key, is possible.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
    """
    if not _KEY_MAKERS & path.actions or enrols_for_another(path):
        return targets
    authorizer, certain = actor.facts.authorizer, targets.certain
    for arn in authorizer.resources.named(targets.certain):
        policies = authorizer.principals.get(arn)
        if policies is None or not MFA_KEYS & keys_mentioned(policies.layers):
            continue
        if authorizer.enrols_device(policies, EntryPoint.LEAKED_KEY) is not Ternary.TRUE:
            certain &= ~authorizer.resources.bit(arn)
    return ResourceSet(certain, targets.possible)


def _new_principals_are_unrestricted(actor: Actor) -> bool:
    """True if the SCPs over the account allow everything."""
    scps = tuple(each for each in actor.policies.layers[1:] if each.name.startswith("SCP"))
    authorizer = actor.facts.authorizer
    context = authorizer.evaluators.context(actor.policies, actor.entry_point)
    return not scps or authorizer.evaluators.evaluator_for_policies(scps, context).allows_everything


def _if_found(targets: ResourceSet, reached: ResourceSet) -> ResourceSet:
    """What is reached, certainly if there is a certain target, possibly if a possible one."""
    return ResourceSet(
        reached.certain if targets.certain else 0, reached.possible if targets.possible else 0
    )


def _each(targets: ResourceSet, find: Callable[[int], int]) -> ResourceSet:
    return ResourceSet(find(targets.certain), find(targets.possible))
