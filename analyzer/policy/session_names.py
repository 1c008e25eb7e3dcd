"""In: a role's own trust policy and a session name. Out: whether someone can pick that name.

Whoever takes a role with sts:AssumeRole, or with a web identity, picks the name of the session. A
service gives it one of its own (EC2 the ID of the instance), a SAML provider what it asserts.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
"""

from analyzer.policy.actions import ActionIndex
from analyzer.policy.conditions import Context, Ternary, evaluate_conditions
from analyzer.policy.documents import PolicyInstance, Statement
from analyzer.policy.service_rules import ASSUME
from analyzer.policy.trust_policies import WITH_TOKEN, PrincipalType, named_in

GIVEN_NAME = "whether the role is ever taken with that session name"
_KEY = "sts:rolesessionname"
_CALLING = (
    PrincipalType.ANYONE,
    PrincipalType.ACCOUNT,
    PrincipalType.USER,
    PrincipalType.ROLE,
    PrincipalType.SESSION,
)
"""Principals that call sts:AssumeRole themselves."""


def picks_session_name(trust: PolicyInstance, name: str, actions: ActionIndex) -> bool:
    """True if someone whom the trust policy may let in can certainly take the role by that name.

    Conditions on the session's name must let it pass; others say who takes the role, not how.
    """
    context = Context({_KEY: (name,)})
    statements = trust.document.statements
    barred = (each for each in statements if each.denies and _KEY in each.mentions)
    return all(_fits(each, context) is Ternary.FALSE for each in barred) and any(
        _leaves_the_name(each, actions) and _fits(each, context) is Ternary.TRUE
        for each in statements
    )


def _leaves_the_name(statement: Statement, actions: ActionIndex) -> bool:
    """True if the statement lets in whoever names the session himself."""
    if statement.unread or not statement.allows:
        return False
    kinds = named_in(statement).kinds
    calls = statement.excludes_principals or kinds.intersection(_CALLING)
    by_call = calls and statement.actions & actions.bit(ASSUME)
    by_token = PrincipalType.OIDC in kinds and statement.actions & actions.bit(WITH_TOKEN)
    return bool(by_call or by_token)


def _fits(statement: Statement, context: Context) -> Ternary:
    """Whether the statement's conditions on the name of the session hold."""
    return evaluate_conditions(
        tuple(each for each in statement.clauses if each.key.lower() == _KEY),
        context,
        allows=statement.allows,
        has_variables=statement.has_variables,
    ).truth
