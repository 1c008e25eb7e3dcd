"""In: a role's trust policy. Out: whom it trusts, and the conditions that restrict each of them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakKeyDictionary

from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Role
from analyzer.policy.actions import ActionIndex
from analyzer.policy.condition_parser import Clause
from analyzer.policy.documents import DocumentCache, PolicyInstance, Statement
from analyzer.policy.layers import StatementRef
from analyzer.policy.service_rules import ASSUME

WITH_TOKEN = "sts:AssumeRoleWithWebIdentity"  # noqa: S105 - an action, not a secret
WITH_SAML = "sts:AssumeRoleWithSAML"
_ASSUME_ACTIONS = (ASSUME, WITH_TOKEN, WITH_SAML)
_ACCOUNT = re.compile(r"[0-9]{12}")
_DELETED = re.compile(r"(?:AIDA|AROA|AGPA|ANPA)[A-Z2-7]{12,}")
_ARN = re.compile(r"arn:[^:]+:(?P<service>iam|sts)::(?P<account>[0-9]{12}):(?P<rest>.+)")
_NEVER = "Null"
_MFA_AGE = "aws:multifactorauthage"
_MFA_PRESENT = "aws:multifactorauthpresent"
_ALWAYS_THERE = ("aws:principalaccount",)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalaccount"""
_ARN_KEYS = ("aws:principalarn", "aws:sourcearn")
_COLONS = 5
_WILD = re.compile(r"[*?]")
_REGIONAL = re.compile(r"([a-z0-9-]+)\.[a-z]{2}(?:-[a-z]+)+-[0-9]\.amazonaws\.com")


class PrincipalType(StrEnum):
    """The kinds of principals that a trust policy can name."""

    ANYONE = "anyone"
    ACCOUNT = "account"
    USER = "user"
    ROLE = "role"
    SESSION = "session"
    SERVICE = "service"
    SAML = "SAML provider"
    OIDC = "OIDC provider"
    DELETED = "deleted principal"
    OTHER = "unreadable principal"


class Restriction(StrEnum):
    """What a condition restricts a trust to."""

    EXTERNAL_ID = "external ID"
    ORGANIZATION = "organization"
    ACCOUNT = "account"
    PRINCIPAL = "principal"
    MFA = "MFA"
    NETWORK = "network"
    SOURCE = "source"


_RESTRICTION_BY_KEY = {
    "sts:externalid": Restriction.EXTERNAL_ID,
    "aws:principalorgid": Restriction.ORGANIZATION,
    "aws:principalorgpaths": Restriction.ORGANIZATION,
    "aws:principalaccount": Restriction.ACCOUNT,
    "aws:principalarn": Restriction.PRINCIPAL,
    "aws:userid": Restriction.PRINCIPAL,
    _MFA_PRESENT: Restriction.MFA,
    _MFA_AGE: Restriction.MFA,
    "aws:sourceip": Restriction.NETWORK,
    "aws:sourcevpc": Restriction.NETWORK,
    "aws:sourcevpce": Restriction.NETWORK,
    "aws:sourcearn": Restriction.SOURCE,
    "aws:sourceaccount": Restriction.SOURCE,
    "aws:sourceorgid": Restriction.SOURCE,
    "aws:sourceorgpaths": Restriction.SOURCE,
}


@dataclass(frozen=True, slots=True)
class TrustGrant:
    """One principal that one Allow statement of the trust policy names.

    `account` is the account of the principal, None where it has none or it can't be told. For
    `excludes` the statement names everyone but that principal.
    """

    reference: StatementRef
    type: PrincipalType
    name: str
    account: str | None = None
    excludes: bool = False

    @property
    def statement(self) -> Statement:
        """The statement of the trust policy."""
        return self.reference.statement

    @property
    def restrictions(self) -> frozenset[Restriction]:
        """What its conditions restrict it to; one that "*" or a missing key fulfils does not."""
        clauses = (each for each in self.statement.clauses if is_restrictive(each))
        return frozenset(found for each in clauses if (found := restriction_of(each)))


@dataclass(frozen=True, slots=True)
class NamedPrincipals:
    """The principals of one statement: all in order, and each name by what kind of name it is.

    `sessions` are session ARNs; `sessions_of` has them by partition, account and name of the role.
    """

    every: tuple[tuple[PrincipalType, str, str | None], ...]
    kinds: frozenset[PrincipalType]
    names: frozenset[str]
    accounts: frozenset[str]
    users: frozenset[str]
    roles: frozenset[str]
    sessions: frozenset[str]
    sessions_of: Mapping[tuple[str, str, str], tuple[str, ...]]


_NAMED: WeakKeyDictionary[Statement, NamedPrincipals] = WeakKeyDictionary()
"""What statements name, found once for each as long as it lives."""


def restriction_of(clause: Clause) -> Restriction | None:
    """What a condition on the key of this clause can restrict a trust to."""
    return _RESTRICTION_BY_KEY.get(clause.key.lower())


def assuming_actions(actions: ActionIndex) -> int:
    """The actions by which somebody takes a role, as bits."""
    return actions.bits_of(_ASSUME_ACTIONS)


def is_restrictive(clause: Clause) -> bool:
    """True if the clause holds only for requests that carry one of its values.

    Negated operators, `…IfExists` and ForAllValues hold without the key, if it can be missing; a
    pattern that leaves the owner open, such as `o-*` or `arn:aws:iam::*:role/ci`, holds for
    strangers, too.
    """
    name, key = clause.operator, clause.key.lower()
    if name == _NEVER:
        # The age is there only after MFA; its companion is there, and false, without.
        return key == _MFA_AGE and {value.lower() for value in clause.values} == {"false"}
    holds_without = clause.if_exists or clause.quantifier == "ForAllValues"
    if "Not" in name or (holds_without and key not in _ALWAYS_THERE):
        return False
    is_like = "Like" in name or name.startswith("Arn")
    values = [value for value in clause.values if value.strip()]
    return bool(values) and all(_narrows(key, value, is_like=is_like) for value in values)


def _narrows(key: str, value: str, *, is_like: bool) -> bool:
    """True if the value keeps strangers out."""
    if key == _MFA_PRESENT:
        return value.lower() == "true"
    prefix = _WILD.split(value)[0] if is_like else value
    restriction = _RESTRICTION_BY_KEY.get(key)
    if prefix == value or restriction is None:
        return not is_like or bool(value.strip("*"))
    if key in _ARN_KEYS:
        account, _, resource = value.split(":", 4)[-1].partition(":")
        # ARNs of buckets have no account; there the name itself has to begin.
        is_owned = account.isdigit() if account else bool(_WILD.split(resource)[0])
        return value.count(":") >= _COLONS and is_owned
    return len(prefix) > len("o-") if restriction is Restriction.ORGANIZATION else bool(prefix)


def service_name(name: str) -> str:
    """The service principal's name without region and partition, as newer policies write it."""
    folded = name.lower().removesuffix(".cn")
    found = _REGIONAL.fullmatch(folded)
    return f"{found[1]}.amazonaws.com" if found else folded


def trust_policy(role: Role, cache: DocumentCache) -> PolicyInstance:
    """The role's trust policy, parsed; one that can't be read where the export lacks it."""
    return cache.held(role.trust or JsonNode(None, role.details.location), "trust policy")


def trust_grants(trust: PolicyInstance, actions: ActionIndex) -> Iterator[TrustGrant]:
    """Everyone whom some Allow statement of the trust policy names, in the order of the text.

    Statements that neither allow nor may allow to assume the role are left out. A statement that
    can't be read lets in someone unknown.
    """
    assuming = assuming_actions(actions)
    for statement in trust.document.statements:
        if statement.allows and statement.actions & assuming:
            for kind, name, account in principals_in(statement):
                reference = StatementRef(trust, statement)
                yield TrustGrant(reference, kind, name, account, statement.excludes_principals)


def principals_in(statement: Statement) -> tuple[tuple[PrincipalType, str, str | None], ...]:
    """The principals of a statement: kind, name as written, account."""
    return named_in(statement).every


def named_in(statement: Statement) -> NamedPrincipals:
    """The same, to be looked up by name."""
    found = _NAMED.get(statement)
    if found is None:
        found = _NAMED[statement] = _index(tuple(_read_principals(statement)))
    return found


def _index(every: tuple[tuple[PrincipalType, str, str | None], ...]) -> NamedPrincipals:
    def of_kind(kind: PrincipalType) -> frozenset[str]:
        return frozenset(name for each, name, _ in every if each is kind)

    sessions: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for kind, name, _ in every:
        if kind is PrincipalType.SESSION:
            sessions[_role_of(name)].append(name)
    return NamedPrincipals(
        every=every,
        kinds=frozenset(kind for kind, _, _ in every),
        names=frozenset(name for _, name, _ in every),
        accounts=frozenset(
            account or name for kind, name, account in every if kind is PrincipalType.ACCOUNT
        ),
        users=of_kind(PrincipalType.USER),
        roles=of_kind(PrincipalType.ROLE),
        sessions=of_kind(PrincipalType.SESSION),
        sessions_of={role: tuple(dict.fromkeys(names)) for role, names in sessions.items()},
    )


def _read_principals(statement: Statement) -> Iterator[tuple[PrincipalType, str, str | None]]:
    node = statement.principal
    if node is None or statement.unread:
        yield PrincipalType.OTHER, statement.unread or "no principal", None
    elif isinstance(node.value, dict):
        for key in node.value:
            for each in JsonNode({key: node.value[key]}, node.location).each(key):
                yield _principal(str(key), each.value)
    else:
        for each in node.elements():
            yield _principal("AWS", each.value)


def _principal(member: str, value: object) -> tuple[PrincipalType, str, str | None]:
    if not isinstance(value, str) or not value:
        return PrincipalType.OTHER, str(value)[:100], None
    if member == "Service":
        return PrincipalType.SERVICE, value, None
    if member == "Federated":
        return _federated(value)
    return _aws(value) if member == "AWS" else (PrincipalType.OTHER, value, None)


def _federated(value: str) -> tuple[PrincipalType, str, str | None]:
    found = _ARN.fullmatch(value)
    account = found["account"] if found else None
    is_saml = found is not None and found["rest"].startswith("saml-provider/")
    return PrincipalType.SAML if is_saml else PrincipalType.OIDC, value, account


def _aws(value: str) -> tuple[PrincipalType, str, str | None]:
    if value == "*":
        return PrincipalType.ANYONE, value, None
    if _ACCOUNT.fullmatch(value):
        return PrincipalType.ACCOUNT, value, value
    if _DELETED.fullmatch(value):
        return PrincipalType.DELETED, value, None
    found = _ARN.fullmatch(value)
    if found is None:
        return PrincipalType.OTHER, value, None
    types = {
        "root": PrincipalType.ACCOUNT,
        "user": PrincipalType.USER,
        "role": PrincipalType.ROLE,
        "assumed-role": PrincipalType.SESSION,
    }
    return types.get(found["rest"].partition("/")[0], PrincipalType.OTHER), value, found["account"]


def names_role(session: str, role: str) -> bool:
    """True if the session ARN is one of that role. Session ARNs leave the role's path away."""
    is_session = session.split(":", 5)[-1].startswith("assumed-role/")
    return is_session and _role_of(session) == role_key(role)


def role_key(role: str) -> tuple[str, str, str]:
    """Partition, account and name of the role: what its session ARNs say of it."""
    fields = role.split(":", _COLONS)
    return _field(fields, 1), _field(fields, 4), fields[-1].rpartition("/")[2]


def _role_of(session: str) -> tuple[str, str, str]:
    fields = session.split(":", _COLONS)
    name = fields[-1].partition("/")[2].partition("/")[0]
    return _field(fields, 1), _field(fields, 4), name


def _field(fields: list[str], number: int) -> str:
    return fields[number] if number < len(fields) else ""
