"""In: a trust policy and a principal of the same account. Out: what it says of that principal.

A trust policy lets a principal in as one of an account, by its name, by the name of a session, or
as anyone; which of these decides what else the principal needs, see `Admission`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from analyzer.inventory.model import Role
from analyzer.policy.actions import ActionIndex
from analyzer.policy.bound_statements import evaluate_statement
from analyzer.policy.conditions import Context, Ternary, all_of, any_of
from analyzer.policy.documents import PolicyInstance, Statement
from analyzer.policy.layers import StatementRef
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.service_rules import ASSUME
from analyzer.policy.trust_policies import PrincipalType, named_in, role_key

_ACCOUNT_FIELD = 4
_WITHOUT_BOUNDARY = "the boundary does not allow sts:AssumeRole"


class Admission(StrEnum):
    """As what a trust policy lets a principal in.

    ACCOUNT: the account is trusted, and its own policies decide. ROLE, USER: by its name, without
    an Allow of its own; the boundary of a role limits that, of users AWS's pages disagree. DIRECT:
    as anyone, or by the name of a session; no boundary limits that but by a Deny.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """

    ACCOUNT = "account"
    ROLE = "role"
    USER = "user"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class TrustAllow:
    """A statement that lets the principal in, and whether it certainly does."""

    admission: Admission
    truth: Ternary
    reference: StatementRef
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrustDecision:
    """What a trust policy says of one principal: the statements that count, and their reasons."""

    allows: tuple[TrustAllow, ...]
    denied: Ternary
    denies: tuple[StatementRef, ...]
    reasons: tuple[str, ...]

    def admitting(self, *admissions: Admission) -> tuple[TrustAllow, ...]:
        """The Allows of those kinds; where some are certain, these alone."""
        found = [each for each in self.allows if each.admission in admissions]
        certain = [each for each in found if each.truth is Ternary.TRUE]
        return tuple(certain or found)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for the role: a user, or a session of a role by its ARN, "" for one without name."""

    policies: PrincipalPolicies
    session: str = ""


def callers_told_apart(trust: PolicyInstance, policies: PrincipalPolicies) -> Iterator[Caller]:
    """The principal by each of its sessions that the trust policy names, and by any other.

    Whoever has a role picks the name of the session.
    """
    yield Caller(policies)
    if isinstance(policies.principal, Role):
        role = role_key(policies.arn)
        named = (named_in(each).sessions_of.get(role, ()) for each in trust.document.statements)
        for session in dict.fromkeys(itertools.chain.from_iterable(named)):
            yield Caller(policies, session)


def decide_trust(
    trust: PolicyInstance,
    caller: Caller,
    context: Context,
    actions: ActionIndex,
    action: str = ASSUME,
) -> TrustDecision:
    """What the trust policy says of that action of the caller with that request context.

    A statement that can't be read possibly lets it in, and possibly keeps it out.
    """
    asked = actions.bit(action)
    statements = [each for each in trust.document.statements if each.actions & asked]
    denies = list(_denies(trust, statements, caller, context))
    return TrustDecision(
        allows=tuple(_allows(trust, statements, caller, context)),
        denied=any_of(truth for truth, _, _ in denies),
        denies=tuple(reference for _, reference, _ in denies),
        reasons=tuple(sorted({reason for _, _, reasons in denies for reason in reasons})),
    )


def _allows(
    trust: PolicyInstance,
    statements: Iterable[Statement],
    caller: Caller,
    context: Context,
) -> Iterator[TrustAllow]:
    for statement in statements:
        if not statement.allows:
            continue
        result = evaluate_statement(statement, context)
        if result.truth is Ternary.FALSE:
            continue
        for admission, match in _admissions(statement, caller):
            truth = all_of((match, result.truth))
            yield TrustAllow(admission, truth, StatementRef(trust, statement), result.reasons)


def _denies(
    trust: PolicyInstance,
    statements: Iterable[Statement],
    caller: Caller,
    context: Context,
) -> Iterator[tuple[Ternary, StatementRef, tuple[str, ...]]]:
    for statement in statements:
        if not statement.denies:
            continue
        result = evaluate_statement(statement, context)
        truth = all_of((_is_denied(statement, caller), result.truth))
        if truth is not Ternary.FALSE:
            reasons = result.reasons or ("NotPrincipal",) if truth is Ternary.UNKNOWN else ()
            yield truth, StatementRef(trust, statement), reasons


def _admissions(statement: Statement, caller: Caller) -> Iterator[tuple[Admission, Ternary]]:
    """As what an Allow means the principal, and whether it does."""
    if statement.unread:
        yield Admission.DIRECT, Ternary.UNKNOWN
        return
    if statement.excludes_principals:
        # Everyone but those named. Whether that leaves out all of an account named, no page says.
        if not _names(statement, caller):
            is_whole_account = _names_account(statement, caller)
            yield Admission.DIRECT, Ternary.UNKNOWN if is_whole_account else Ternary.TRUE
        return
    for admission in _means(statement, caller):
        yield admission, Ternary.TRUE


def _means(statement: Statement, caller: Caller) -> Iterator[Admission]:
    """As what the statement means the caller by name, account, or along with everybody."""
    named, arn = named_in(statement), caller.policies.arn
    if PrincipalType.ANYONE in named.kinds or caller.session in named.sessions:
        yield Admission.DIRECT
    if arn in named.users:
        yield Admission.USER
    if arn in named.roles:
        yield Admission.ROLE
    if _account(caller) in named.accounts:
        yield Admission.ACCOUNT


def _is_denied(statement: Statement, caller: Caller) -> Ternary:
    """Whether a Deny means the principal, its conditions left aside.

    One by exception (NotPrincipal) excepts a principal only if it names its account, too, and for
    a role the session; it always means those with a permissions boundary.
    """
    if statement.unread:
        return Ternary.TRUE
    if not statement.excludes_principals:
        return Ternary.TRUE if any(_means(statement, caller)) else Ternary.FALSE
    if caller.policies.has_boundary or not _names(statement, caller):
        return Ternary.TRUE
    is_whole = _names_account(statement, caller) and (
        not isinstance(caller.policies.principal, Role)
        or caller.session in named_in(statement).sessions
    )
    return Ternary.FALSE if is_whole else Ternary.UNKNOWN


def _names(statement: Statement, caller: Caller) -> bool:
    """True if the statement names the caller, its role, or everyone."""
    named = named_in(statement)
    return (
        PrincipalType.ANYONE in named.kinds
        or caller.policies.arn in named.names
        or caller.session in named.sessions
    )


def _names_account(statement: Statement, caller: Caller) -> bool:
    return _account(caller) in named_in(statement).accounts


def _account(caller: Caller) -> str:
    return caller.policies.arn.split(":")[_ACCOUNT_FIELD]


@dataclass(frozen=True, slots=True)
class Way:
    """A way in which a trust policy lets a caller in.

    `granted` is the number of the caller's policy layers whose Allows the trust stands in for:
    none, its identity policies, or its boundary as well. `doubt` says on what the way depends.
    """

    granted: int
    admitting: tuple[TrustAllow, ...]
    is_certain: bool
    doubt: str = ""


def ways_in(said: TrustDecision, *, has_boundary: bool) -> Iterator[Way]:
    """The ways in which a trust policy lets in a caller of whom it says that; none if it denies.

    Of a trust that names a user
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html says that no
    boundary limits it, the page on the AssumeRole call that one does.
    """
    if said.denied is Ternary.TRUE:
        return
    beyond = 2 if has_boundary else 1
    for admissions, granted, doubt in (
        (tuple(Admission), 0, ""),
        ((Admission.ROLE,), 1, ""),
        ((Admission.USER,), beyond, _WITHOUT_BOUNDARY if has_boundary else ""),
        ((Admission.USER,), 1, ""),
        ((Admission.DIRECT,), beyond, ""),
    ):
        if admitting := said.admitting(*admissions):
            is_sure = admitting[0].truth is Ternary.TRUE and said.denied is Ternary.FALSE
            yield Way(granted, admitting, is_sure and not doubt, doubt)
