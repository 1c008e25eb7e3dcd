"""In: one grant of a trust policy. Out: whether the policy ties it down, and by what.

A condition of the Allow does so, or a Deny of all who lack what it asks for: AWS's own pages write
"only my organization" either way.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
"""

from collections.abc import Iterable
from dataclasses import replace

from analyzer.policy.actions import ActionIndex
from analyzer.policy.condition_parser import Clause
from analyzer.policy.documents import Effect, Statement
from analyzer.policy.trust_policies import (
    PrincipalType,
    Restriction,
    TrustGrant,
    assuming_actions,
    is_restrictive,
    named_in,
    restriction_of,
)

_MFA_PRESENT = "aws:multifactorauthpresent"
_MFA_AGE = "aws:multifactorauthage"
_OF_ACCOUNTS = (
    PrincipalType.ACCOUNT,
    PrincipalType.USER,
    PrincipalType.ROLE,
    PrincipalType.SESSION,
)
_OF_SERVICES = ("aws:principalisawsservice", "aws:viaawsservice")
"""Keys that are false for whoever is no service."""


def is_tied(grant: TrustGrant, kinds: Iterable[Restriction], actions: ActionIndex) -> bool:
    """True if nobody gets in by the grant without meeting a restriction of one of these kinds.

    So it is where a Deny closes the grant to everybody.
    """
    wanted = frozenset(kinds)
    return bool(grant.restrictions & wanted) or any(
        _closes(each, grant, wanted, actions)
        for each in grant.reference.held.document.statements
        if each.effect is Effect.DENY and not each.unread
    )


def _closes(
    statement: Statement, grant: TrustGrant, kinds: frozenset[Restriction], actions: ActionIndex
) -> bool:
    """True if the Deny means all by that grant who do not meet a restriction of these kinds."""
    taking = grant.statement.actions & assuming_actions(actions)
    if taking & ~statement.actions or not _means(statement, grant):
        return False
    return all(_met_by_others(each, grant) or _spares(each) in kinds for each in statement.clauses)


def _means(statement: Statement, grant: TrustGrant) -> bool:
    """True if the Deny means everybody whom the grant lets in, but for those that it names."""
    named = named_in(statement)
    is_everyone = PrincipalType.ANYONE in named.kinds
    is_named = grant.name in named.names or (
        grant.type in _OF_ACCOUNTS and grant.account in named.accounts
    )
    if statement.excludes_principals:
        # Whether an account that is named stands for its users as well, no page says.
        return not is_everyone and not is_named
    return is_everyone or (is_named and not grant.excludes)


def _met_by_others(clause: Clause, grant: TrustGrant) -> bool:
    """True for a condition that holds for whoever is no service."""
    is_false = [each.lower() for each in clause.values] == ["false"]
    is_asked = clause.key.lower() in _OF_SERVICES and clause.operator == "Bool"
    return is_asked and is_false and grant.type is not PrincipalType.SERVICE


def _spares(clause: Clause) -> Restriction | None:
    """The restriction by which one escapes a Deny with that condition, None where it is none.

    The condition holds for all who lack its values, and for those without the key.
    """
    key, values = clause.key.lower(), {value.lower() for value in clause.values}
    if not clause.is_readable or clause.quantifier == "ForAnyValue":
        return None
    if key == _MFA_AGE and clause.operator == "Null" and values == {"true"}:
        return Restriction.MFA
    if key == _MFA_PRESENT and values == {"false"} and clause.if_exists:
        return None if "Not" in clause.operator else Restriction.MFA
    if "Not" not in clause.operator:
        return None
    turned = replace(
        clause, operator=clause.operator.replace("Not", ""), if_exists=False, quantifier=""
    )
    return restriction_of(clause) if is_restrictive(turned) else None
