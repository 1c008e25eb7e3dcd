"""In: an account and a proposal of groups. Out: the account as it would be; whose rights change.

Nobody's should: `rights_changed_by` is what proves it, by the policies over each user and by the
evaluator.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, Group, PolicyAttachment, PrincipalDetails, User
from analyzer.policy.authorizer import AccountAuthorizer, authorizer_for
from analyzer.policy.documents import DocumentCache
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.principals import policy_store, principal_policies
from analyzer.policy.request_context import EntryPoint
from analyzer.proposals.groups import GroupProposal, ProposedGroup, Regrouping
from analyzer.proposals.inline_names import name_inline_policies

_NOWHERE = Location("")


def regroup(account: Account, proposal: GroupProposal) -> Account:
    """The account after all moves of the proposal."""
    changes = {each.holder.user.name: each for each in proposal.regroupings}
    users = tuple(
        _moved(user, changes[user.name]) if user.name in changes else user for user in account.users
    )
    made = tuple(_made(each, account) for each in proposal.groups if each.is_new)
    joining = {each.name: each.joining for each in proposal.groups}
    groups = tuple(
        replace(each, members=(*each.members, *joining.get(each.name, ())))
        for each in account.groups
    )
    return replace(account, users=users, groups=(*groups, *made))


def rights_changed_by(authorizer: AccountAuthorizer, proposal: GroupProposal) -> tuple[str, ...]:
    """Which of those who move would not have the rights that they have now, by name."""
    moved = {each.holder.user.name for each in proposal.regroupings}
    if not moved:
        return ()
    return changed_rights(authorizer, regroup(authorizer.account, proposal), moved)


def changed_rights(
    authorizer: AccountAuthorizer, after: Account, users: Collection[str]
) -> tuple[str, ...]:
    """Which of these users do not have the same rights in the authorizer's account and in `after`.

    Rights are the same where the same texts stand over a user, since no decision depends on how a
    policy comes to its user, and where the evaluator allows the same actions by each way in.
    """
    before, cache = authorizer.account, authorizer.store.cache
    texts_before, texts_after = _texts(before, cache), _texts(after, cache)
    one, other = _AllowedActions(authorizer), _AllowedActions(authorizer_for(after))
    return tuple(
        user.name
        for user, _ in before.users_in_details()
        if user.name in users
        and (texts_before[user.arn] != texts_after.get(user.arn) or one.of(user) != other.of(user))
    )


def _texts(account: Account, cache: DocumentCache) -> Mapping[str, list[frozenset[int | str]]]:
    """For each principal the texts in each layer over it; the cache holds each text once."""
    return {
        each.arn: [
            frozenset((*(id(held.document) for held in layer.held), *layer.unknown))
            for layer in each.layers
        ]
        for each in principal_policies(account, policy_store(account, cache))
    }


@dataclass(frozen=True, slots=True)
class _AllowedActions:
    """What each user may do anywhere. Users whom nothing tells apart share an evaluator."""

    authorizer: AccountAuthorizer
    known: dict[int, frozenset[str]] = field(default_factory=dict)

    def of(self, user: User) -> Mapping[EntryPoint, frozenset[str]]:
        """The actions by each way in."""
        policies = self.authorizer.principals[user.arn]
        return {
            each: self._by(self.authorizer.evaluator(policies, each))
            for each in self.authorizer.entry_points(policies)
        }

    def _by(self, evaluator: PolicyEvaluator) -> frozenset[str]:
        if id(evaluator) not in self.known:  # the authorizer keeps it, so no other has its id
            names = self.authorizer.actions.named(evaluator.possible_here)
            self.known[id(evaluator)] = frozenset(names)
        return self.known[id(evaluator)]


def _moved(user: User, change: Regrouping) -> User:
    details = change.holder.details
    dropped = {id(grant) for right in change.drops for grant in change.holder.direct[right]}
    moved = replace(
        details,
        groups=(*details.groups, *change.joins),
        attached=tuple(each for each in details.attached if id(each) not in dropped),
        inline=tuple(each for each in details.inline if id(each) not in dropped),
    )
    return replace(user, details=moved)


def _made(group: ProposedGroup, account: Account) -> Group:
    attached = (
        PolicyAttachment(each.name, _NOWHERE, arn=each.arn)
        for each in group.rights
        if each.is_managed
    )
    inline = (
        PolicyAttachment(name, _NOWHERE, document=JsonNode(json.loads(text), _NOWHERE))
        for name, text in name_inline_policies(group.rights)
    )
    details = PrincipalDetails(
        _NOWHERE, MissingValue.ABSENT, _NOWHERE, tuple(attached), tuple(inline)
    )
    arn = f"arn:{account.partition}:iam::{account.id}:group/{group.name}"
    return Group(group.name, arn, details, group.joining)
