"""In: an account and proposed policies. Out: the account as it would be; what is wrong with it.

Nothing should be: the evaluator is asked, for everyone who holds one of them, whether anything new
is allowed, and whether all that was used still is, on the same resources.
"""

from collections.abc import Iterator
from dataclasses import replace

from analyzer.display import list_first
from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import (
    Account,
    Policy,
    PolicyAttachment,
    PrincipalDetails,
)
from analyzer.policy.authorizer import AccountAuthorizer, authorizer_for
from analyzer.policy.principals import documents_of_account
from analyzer.proposals.policies import NewText, PolicyProposal, ProposedPolicy
from analyzer.proposals.policy_holders import Entity
from analyzer.proposals.use import KnownUse

_NOWHERE = Location("")
_MOST_NAMED = 5


def trim_account(account: Account, policies: tuple[ProposedPolicy, ...]) -> Account:
    """The account after all of these changes."""
    by_entity: dict[str, list[tuple[Entity, ProposedPolicy]]] = {}
    for each in policies:
        for entity in each.held.entities:
            by_entity.setdefault(entity.arn, []).append((entity, each))

    def changed(arn: str, details: PrincipalDetails) -> PrincipalDetails:
        for _, each in by_entity.get(arn, ()):
            details = _changed(details, each, account)
        return details

    texts = {each.held.arn: each.texts[0] for each in policies if _keeps_place(each)}
    kept = tuple(
        replace(policy, document=_node(texts[policy.arn])) if policy.arn in texts else policy
        for policy in account.policies
    )
    made = tuple(_policy(text, account) for text in _all_new(policies))
    return replace(
        account,
        users=tuple(
            replace(user, details=changed(user.arn, user.details)) if user.details else user
            for user in account.users
        ),
        groups=tuple(
            replace(group, details=changed(group.arn, group.details)) for group in account.groups
        ),
        roles=tuple(
            replace(role, details=changed(role.arn, role.details)) for role in account.roles
        ),
        policies=(*kept, *made),
    )


def faults_of(authorizer: AccountAuthorizer, proposal: PolicyProposal) -> dict[str, list[str]]:
    """By ARN of a holder what would be wrong after the change; only holders with a fault."""
    account = authorizer.account
    extra = tuple(documents_of_account(account))
    # The new policies are resources, too: both sides have them, so that like is compared.
    made = tuple(_policy(each, account) for each in _all_new(proposal.policies))
    before = replace(account, policies=(*account.policies, *made))
    authorizer = authorizer_for(before, extra) if made else authorizer
    after = authorizer_for(trim_account(account, proposal.policies), extra)
    holders = sorted({arn for each in proposal.policies for arn in each.held.holders})
    found = {arn: list(_faults(authorizer, after, proposal.uses[arn])) for arn in holders}
    return {arn: faults for arn, faults in found.items() if faults}


def without_faults(proposal: PolicyProposal, faults: dict[str, list[str]]) -> PolicyProposal:
    """The proposal less all that a holder with a fault holds."""
    sound = tuple(
        each for each in proposal.policies if not any(arn in faults for arn in each.held.holders)
    )
    return replace(proposal, policies=sound)


def _faults(before: AccountAuthorizer, after: AccountAuthorizer, use: KnownUse) -> Iterator[str]:
    index = before.actions
    one, other = before.principals[use.arn], after.principals[use.arn]
    was, is_now = before.possible(one), after.possible(other)
    if gained := is_now & ~was:
        yield f"would gain {_named(gained, before)}"
    if lost := was & use.used & ~is_now:
        yield f"would lose {_named(lost, before)}, which it used"
    witnessed = index.bits_of(each.used for each in use.witnesses if index.knows(each.used))
    old = before.all_evaluators(one)
    new = after.all_evaluators(other)
    for action in index.named(is_now & was):
        first, second = ([each.allowed_resources(action) for each in way] for way in (old, new))
        reached, reaches = (_any(each.possible for each in some) for some in (first, second))
        if reaches & ~reached:
            yield f"would reach more with {action}"
        if index.bit(action) & witnessed and (
            reached & ~reaches
            or before.decide(one, action).verdict is not after.decide(other, action).verdict
        ):
            yield f"would not do {action} as before, which it used"


def _any(sets: Iterator[int]) -> int:
    bits = 0
    for each in sets:
        bits |= each
    return bits


def _named(bits: int, authorizer: AccountAuthorizer) -> str:
    return list_first(list(authorizer.actions.named(bits)), _MOST_NAMED)


def _keeps_place(each: ProposedPolicy) -> bool:
    return bool(each.held.arn and each.texts and not each.is_moved)


def _new_managed(each: ProposedPolicy) -> tuple[NewText, ...]:
    """The texts that become new managed policies."""
    if each.is_moved:
        return each.texts
    return each.texts[1:] if each.held.arn else ()


def _all_new(policies: tuple[ProposedPolicy, ...]) -> Iterator[NewText]:
    return (text for each in policies for text in _new_managed(each))


def _changed(details: PrincipalDetails, each: ProposedPolicy, account: Account) -> PrincipalDetails:
    held = each.held
    attached, inline = list(details.attached), list(details.inline)
    if held.arn and not _keeps_place(each):
        attached = [grant for grant in attached if grant.arn != held.arn]
    if not held.arn:
        inline = [grant for grant in inline if grant.name != held.name]
        if not each.is_moved:
            inline += [
                PolicyAttachment(text.name, _NOWHERE, document=_node(text)) for text in each.texts
            ]
    attached += [
        PolicyAttachment(text.name, _NOWHERE, arn=_arn(text, account))
        for text in _new_managed(each)
    ]
    return replace(details, attached=tuple(attached), inline=tuple(inline))


def _policy(text: NewText, account: Account) -> Policy:
    return Policy(text.name, _arn(text, account), None, None, _node(text), _NOWHERE)


def _arn(text: NewText, account: Account) -> str:
    return f"arn:{account.partition}:iam::{account.id}:policy/{text.name}"


def _node(text: NewText) -> JsonNode:
    return JsonNode(dict(text.document), _NOWHERE)
