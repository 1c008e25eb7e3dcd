"""In: a trust policy and an identity provider. Out: whether who speaks for the provider gets in.

He calls without credentials of AWS, so the call has no keys of a principal, and what he asserts of
the user is his own choice.
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml
"""

from collections.abc import Iterator

from analyzer.policy.actions import ActionIndex
from analyzer.policy.bound_statements import evaluate_statement
from analyzer.policy.conditions import (
    Context,
    KeyKnowledge,
    KeyState,
    Ternary,
    all_of,
    any_of,
    not_,
)
from analyzer.policy.documents import PolicyInstance, Statement
from analyzer.policy.session_tags import TAG_SESSION
from analyzer.policy.tagged_requests import tag_choices
from analyzer.policy.trust_policies import WITH_SAML, WITH_TOKEN, PrincipalType, named_in

_SAML_ARN = ":saml-provider/"
_OF_SAML = "saml:"
_OF_PRINCIPAL = "aws:principal"
_WITHOUT_CREDENTIALS: dict[str, KeyState] = {
    "aws:multifactorauthpresent": KeyKnowledge.ABSENT,
    "aws:multifactorauthage": KeyKnowledge.ABSENT,
    "aws:tokenissuetime": KeyKnowledge.ABSENT,
    "aws:userid": KeyKnowledge.UNKNOWN,
    "aws:username": KeyKnowledge.UNKNOWN,
    "aws:federatedprovider": KeyKnowledge.UNKNOWN,
    "aws:sourceidentity": KeyKnowledge.UNKNOWN,
    # The call has no such parameter.
    "sts:externalid": KeyKnowledge.ABSENT,
}


def admits_provider(
    trust: PolicyInstance, provider: str, caller: Context, actions: ActionIndex
) -> Ternary:
    """Whether the trust policy lets in an assertion or token of the provider, by its ARN.

    `caller` is the context of whoever sends it, for the time and the network. Session tags need
    sts:TagSession, as everywhere.
    """
    call = WITH_SAML if _SAML_ARN in provider else WITH_TOKEN
    asked = actions.bit(call) | actions.bit(TAG_SESSION)
    statements = [each for each in trust.document.statements if each.actions & asked]
    is_told = not _asserts_for_both(statements)
    context = _without_credentials(statements, provider, caller)
    return any_of(
        _answer(
            statements,
            provider,
            each,
            [actions.bit(name) for name in names],
            is_sure=is_sure and is_told,
        )
        for network in (context, *map(context.varied, context.alternatives))
        for each, names, is_sure in _by_tags(statements, network, call)
    )


def _asserts_for_both(statements: list[Statement]) -> bool:
    """True if an Allow and a Deny ask for one claim of the assertion, which has one value only."""
    allowed, denied = (
        {key for each in some for key in each.mentions if key.startswith(_OF_SAML)}
        for some in (
            [each for each in statements if each.allows],
            [each for each in statements if each.denies],
        )
    )
    return bool(allowed & denied)


def _by_tags(
    statements: list[Statement], context: Context, call: str
) -> Iterator[tuple[Context, tuple[str, ...], bool]]:
    for choice in tag_choices(statements, context):
        names = (call, TAG_SESSION) if choice.is_tagged else (call,)
        yield context.varied(choice.keys), names, choice.is_sure


def _answer(
    statements: list[Statement],
    provider: str,
    context: Context,
    asked: list[int],
    *,
    is_sure: bool,
) -> Ternary:
    """Whether all that is asked is allowed in one request."""
    truth = all_of(
        all_of(
            (
                any_of(_allows(each, provider, context) for each in speaking),
                not_(any_of(_denies(each, provider, context) for each in speaking)),
            )
        )
        for bit in asked
        for speaking in ([each for each in statements if each.actions & bit],)
    )
    return truth if is_sure else all_of((truth, Ternary.UNKNOWN))


def _allows(statement: Statement, provider: str, context: Context) -> Ternary:
    named = named_in(statement)
    is_meant = statement.unread or (
        not statement.excludes_principals
        and (provider in named.names or PrincipalType.ANYONE in named.kinds)
    )
    if not statement.allows or not is_meant:
        return Ternary.FALSE
    return evaluate_statement(statement, context).truth


def _denies(statement: Statement, provider: str, context: Context) -> Ternary:
    named = named_in(statement)
    is_named = provider in named.names or PrincipalType.ANYONE in named.kinds
    if not statement.denies or (not statement.unread and is_named is statement.excludes_principals):
        return Ternary.FALSE
    return evaluate_statement(statement, context).truth


def _without_credentials(statements: list[Statement], provider: str, caller: Context) -> Context:
    """The context of the call. Its sender writes the assertion, but for what names the provider."""
    mentioned = {key for each in statements for key in each.mentions}
    of_principal = {key for key in (*caller.keys, *mentioned) if key.startswith(_OF_PRINCIPAL)}
    keys: dict[str, KeyState] = dict.fromkeys(of_principal, KeyKnowledge.UNKNOWN)
    keys |= _WITHOUT_CREDENTIALS
    if _SAML_ARN in provider:
        account, name = provider.split(":")[4], provider.partition(_SAML_ARN)[2]
        keys |= {key: KeyKnowledge.FREE for key in mentioned if key.startswith(_OF_SAML)}
        keys |= {"saml:doc": (f"{account}/{name}",), "saml:namequalifier": KeyKnowledge.UNKNOWN}
    return caller.with_keys(keys)
