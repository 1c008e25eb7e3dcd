"""In: the statements of a trust policy. Out: what of them lets in nobody, or not those it seems to.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from collections.abc import Iterator

from analyzer.policy.documents import Statement
from analyzer.policy.lint.faults import Fault, FaultKind, Meaning
from analyzer.policy.lint.surroundings import Surroundings, fault_in
from analyzer.policy.service_rules import ASSUME
from analyzer.policy.trust_policies import (
    WITH_SAML,
    WITH_TOKEN,
    PrincipalType,
    assuming_actions,
    principals_in,
)

_WAYS = {
    PrincipalType.SAML: (WITH_SAML,),
    PrincipalType.OIDC: (WITH_TOKEN,),
    PrincipalType.SERVICE: (ASSUME,),
    PrincipalType.ACCOUNT: (ASSUME,),
    PrincipalType.USER: (ASSUME,),
    PrincipalType.ROLE: (ASSUME,),
    PrincipalType.SESSION: (ASSUME,),
}
"""The one call by which principals of that type take a role."""


def trust_faults(statement: Statement, around: Surroundings) -> Iterator[Fault]:
    """The faults that only a trust policy can have."""
    if statement.unread:
        return
    if statement.excludes_principals and statement.allows:
        names = ", ".join(name for _, name, _ in principals_in(statement))
        text = f"NotPrincipal lets in everybody but {names}"
        yield fault_in(statement, FaultKind.ALL_BUT_ONE, Meaning.REMARK, names, text)
    if statement.names_resource:
        text = "a trust policy takes no Resource"
        yield fault_in(statement, FaultKind.RESOURCE_IN_TRUST, Meaning.REFUSED, "Resource", text)
    named = principals_in(statement)
    for sort, name, _ in named:
        if sort in (PrincipalType.USER, PrincipalType.ROLE, PrincipalType.OTHER) and "*" in name:
            text = f"{name} has a wildcard, which no principal takes but * alone"
            yield fault_in(statement, FaultKind.WILDCARD_PRINCIPAL, Meaning.REFUSED, name, text)
    if statement.excludes_principals:
        return
    lost = [(sort, name) for sort, name, _ in named if not _fits(statement, sort, around)]
    meaning = Meaning.NEVER if len(lost) == len(named) else Meaning.PART
    for sort, name in lost:
        actions = ", ".join(statement.action_patterns)
        text = f"{actions} is no way in for the {sort.value} {name}"
        yield fault_in(statement, FaultKind.MISMATCHED_PRINCIPAL, meaning, name, text)


def _fits(statement: Statement, sort: PrincipalType, around: Surroundings) -> bool:
    """True if it names the call of that type of principals, or none that takes a role."""
    asked = statement.actions & assuming_actions(around.actions)
    return not asked or sort not in _WAYS or bool(asked & around.actions.bits_of(_WAYS[sort]))
