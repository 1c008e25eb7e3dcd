"""In: a policy document. Out: what it would give whoever gets it, as a policy or as a boundary."""

from collections.abc import Callable, Iterator

from analyzer.policy.actions import ActionIndex
from analyzer.policy.arns import is_everything
from analyzer.policy.authorizer import AccountAuthorizer
from analyzer.policy.conditions import Ternary, any_of
from analyzer.policy.documents import Document, Statement
from analyzer.policy.target_states import BOUNDARY

GIVING_ACTIONS = (
    "iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:AttachGroupPolicy", "iam:PutGroupPolicy",
    "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:CreatePolicyVersion", "iam:AddUserToGroup",
    "iam:UpdateAssumeRolePolicy",
)  # fmt: skip
"""Actions that give rights to whomever they are used on."""
_GIVING = (
    "iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:AttachRolePolicy", "iam:PutRolePolicy",
    "iam:AttachGroupPolicy", "iam:PutGroupPolicy",
)  # fmt: skip
_LEADING = (
    *_GIVING, "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:AddUserToGroup",
    "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile",
    "iam:UpdateAssumeRolePolicy", "iam:PassRole",
)  # fmt: skip
"""Actions that lead on from the policy that allows them, depending on what else there is."""
_UNBINDING = (
    "iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary",
)  # fmt: skip
"""Actions that lead out of a boundary that allows them."""
_CREDENTIALS = ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile")
_NAMING = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
_ITSELF = ":user/${aws:username}"
Judge = Callable[[Document | None, ActionIndex], Ternary]


def gives_rights(document: Document | None, actions: ActionIndex) -> Ternary:
    """Whether the policy lets whoever holds it take any right.

    It certainly does by one Allow without conditions that gives out rights on all, and possibly by
    any that gives some out, or leads on.
    """
    wanted, leading = actions.bits_of(_GIVING), actions.bits_of(_LEADING)
    return _judge(document, wanted, leading, actions, is_part_enough=True)


def lets_through(document: Document | None, actions: ActionIndex) -> Ternary:
    """Whether the policy, as a boundary, lets any right through."""
    leading = actions.bits_of((*_LEADING, *_UNBINDING))
    return _judge(document, actions.everything, leading, actions, is_part_enough=False)


def _judge(
    document: Document | None,
    wanted: int,
    leading: int,
    actions: ActionIndex,
    *,
    is_part_enough: bool,
) -> Ternary:
    if document is None:
        return Ternary.UNKNOWN
    if not any(each.allows and _leads(each, leading, actions) for each in document.statements):
        return Ternary.FALSE
    is_certain = not any(each.denies for each in document.statements) and any(
        each.actions & wanted and (is_part_enough or each.actions == wanted)
        for each in document.statements
        if not each.clauses
        and not each.excludes_resources
        and any(map(is_everything, each.resources))
    )
    return Ternary.TRUE if is_certain else Ternary.UNKNOWN


def _leads(statement: Statement, leading: int, actions: ActionIndex) -> bool:
    """True if it allows something that leads on; one's own credentials are no more than one has."""
    is_own = bool(statement.resources) and not statement.excludes_resources
    is_own = is_own and statement.has_variables
    is_own = is_own and all(each.endswith(_ITSELF) for each in statement.resources)
    leading &= ~actions.bits_of(_CREDENTIALS) if is_own else -1
    # Where only named boundaries may be put, or taken off, these are judged for themselves.
    names_some = any(
        each.key.lower() == BOUNDARY and each.operator.startswith(_NAMING)
        for each in statement.clauses
    )
    leading &= ~actions.bits_of(_UNBINDING) if names_some else -1
    return bool(statement.actions & leading)


def those_of(authorizer: AccountAuthorizer, judge: Judge) -> Iterator[tuple[str, bool]]:
    """The policies of the export for which it certainly or possibly holds."""
    for policy in authorizer.account.policies:
        held = authorizer.store.managed(policy.arn, policy.location)
        truth = judge(held.document if held else None, authorizer.actions)
        if truth is not Ternary.FALSE:
            yield policy.arn, truth is Ternary.TRUE


def older_ones_of(authorizer: AccountAuthorizer, judge: Judge) -> Iterator[tuple[str, bool]]:
    """The policies of the export of which it holds for an older version."""
    for policy in authorizer.account.policies:
        documents = (authorizer.store.cache.document(each) for each in policy.older)
        truth = any_of(judge(each, authorizer.actions) for each in documents)
        if truth is not Ternary.FALSE:
            yield policy.arn, truth is Ternary.TRUE
