"""In: a role's own trust policy and a session name. Out: whether someone takes the role by it.

Whoever takes a role with sts:AssumeRole, or with a web identity, picks the name of the session. A
service gives it one of its own (EC2 the ID of the instance), a SAML provider what it asserts.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
A trust policy can bind the name to the caller's own:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from analyzer.policy.actions import ActionIndex
from analyzer.policy.conditions import (
    Context,
    KeyKnowledge,
    KeyState,
    Ternary,
    all_of,
    any_of,
    evaluate_conditions,
    not_,
)
from analyzer.policy.documents import PolicyInstance, Statement
from analyzer.policy.service_rules import ASSUME
from analyzer.policy.trust_policies import WITH_SAML, WITH_TOKEN, PrincipalType, named_in

GIVEN_NAME = "whether the role is ever taken with that session name"
_KEY = "sts:rolesessionname"
_USER_NAME = "aws:username"
_CALLING = (
    PrincipalType.ANYONE,
    PrincipalType.ACCOUNT,
    PrincipalType.USER,
    PrincipalType.ROLE,
    PrincipalType.SESSION,
)
"""Principals that call sts:AssumeRole themselves."""
_MAY_BE_USERS = (PrincipalType.ANYONE, PrincipalType.ACCOUNT)


@dataclass(frozen=True, slots=True)
class _Taker:
    """Someone who may take the role, and what aws:username is in his request."""

    kind: PrincipalType
    name: str
    user_name: KeyState = KeyKnowledge.ABSENT


_ANYONE = _Taker(PrincipalType.ANYONE, "*")


def picks_session_name(trust: PolicyInstance, name: str, actions: ActionIndex) -> Ternary:
    """Whether someone whom the trust policy may let in can take the role by that name.

    Conditions on the session's name must let it pass; others say who takes the role, not how. TRUE:
    certainly. FALSE: each of them has to take another name. UNKNOWN where a service or a provider
    gives the name, and where nobody is let in.
    """
    taking = actions.bits_of((ASSUME, WITH_TOKEN, WITH_SAML))
    statements = [each for each in trust.document.statements if each.actions & taking]
    barring = [each for each in statements if each.denies and _KEY in each.mentions]
    truths = [
        all_of(
            (
                _leaves_the_name(statement, taker, actions),
                _fits(statement, taker, name),
                *(not_(_bars(each, taker, name)) for each in barring),
            )
        )
        for statement in statements
        if statement.allows
        for taker in _takers(statement)
    ]
    return any_of(truths) if truths else Ternary.UNKNOWN


def tells_session_names_apart(trust: PolicyInstance) -> bool:
    """True if some statement asks for the name of the session; else every name is as good."""
    return any(_KEY in each.mentions for each in trust.document.statements)


def _takers(statement: Statement) -> Iterator[_Taker]:
    """Whom an Allow lets take the role; those of an account are users, and others."""
    named = named_in(statement).every
    is_open = statement.unread or statement.excludes_principals
    for taker in (_ANYONE,) if is_open else (_Taker(kind, who) for kind, who, _ in named):
        if taker.kind is PrincipalType.USER:
            yield replace(taker, user_name=(taker.name.rpartition("/")[2],))
            continue
        yield taker
        if taker.kind in _MAY_BE_USERS:
            yield replace(taker, user_name=KeyKnowledge.UNKNOWN)


def _leaves_the_name(statement: Statement, taker: _Taker, actions: ActionIndex) -> Ternary:
    """Whether the taker names the session himself; of others nobody can tell."""
    calls = taker.kind in _CALLING and statement.actions & actions.bit(ASSUME)
    by_token = taker.kind is PrincipalType.OIDC and statement.actions & actions.bit(WITH_TOKEN)
    is_free = (calls or by_token) and not statement.unread
    return Ternary.TRUE if is_free else Ternary.UNKNOWN


def _bars(statement: Statement, taker: _Taker, name: str) -> Ternary:
    """Whether a Deny keeps that name from the taker; one that means others possibly does."""
    named = named_in(statement)
    is_meant = not statement.excludes_principals and (
        PrincipalType.ANYONE in named.kinds or taker.name in named.names
    )
    fits = _fits(statement, taker, name)
    return fits if is_meant and not statement.unread else all_of((fits, Ternary.UNKNOWN))


def _fits(statement: Statement, taker: _Taker, name: str) -> Ternary:
    """Whether the statement's conditions on the name of the session hold for the taker."""
    return evaluate_conditions(
        tuple(each for each in statement.clauses if each.key.lower() == _KEY),
        Context({_KEY: (name,), _USER_NAME: taker.user_name}),
        allows=statement.allows,
        has_variables=statement.has_variables,
    ).truth
