"""In: a trust in an identity provider. Out: whose tokens it accepts, by its conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from analyzer.policy.condition_parser import Clause
from analyzer.policy.trust_policies import PrincipalType, TrustGrant, is_restrictive

_COGNITO = (
    "cognito-identity.amazonaws.com",
    "cognito-identity-us-gov.amazonaws.com",
    "cognito-identity.cn-north-1.amazonaws.com.cn",
)
_SHARED = (
    *_COGNITO,
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "agent.buildkite.com",
    "oidc.vercel.com",
    "api.pulumi.com/oidc",
    "accounts.google.com",
    "graph.facebook.com",
    "www.amazon.com",
    "auth.fly.io",
    "oidc.codefresh.io",
    "scm.azure.com",
)
"""Issuers that sign tokens for many customers; whoever opens an account there gets one, too.

Others, such as CircleCI, Bitbucket and Entra ID, have an address of its own for each customer.
"""
_OF_REPOSITORIES = ("token.actions.githubusercontent.com", "gitlab.com")
_WHOLE_REPOSITORY = re.compile(r"(?:repo|project_path):[^*?]+/[^*?:]+(?::\*+)", re.IGNORECASE)
"""A subject of any branch, tag, environment and pull request of one repository.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""
_OF_OWNERS = ("repository_owner", "repository_owner_id", "namespace_id", "namespace_path")
"""Claims that name an owner, and so any project of the owner's."""
_OF_ANYONE = ("ref", "ref_type", "environment", "event_name", "workflow", "job_workflow_ref")
"""Claims that every project of a shared issuer may have alike."""
_AUDIENCE = ("aud", "amr", "azp", "oaud")
_OWNER_AND_NAME = 2
"""Parts of a subject that name one repository of one owner, as in repo:OWNER/NAME."""
_SEPARATORS = ":/|"


class SubjectBinding(StrEnum):
    """How far a pattern narrows the subject of a token."""

    EXACT = "exact"
    WITHIN = "within one project"
    OWNER = "any project of one owner"
    OPEN = "anyone"


@dataclass(frozen=True, slots=True)
class FederatedTrust:
    """What a trust in a web-identity provider asks of a token.

    `subject` is the loosest pattern by which a token gets in, None where no condition names one.
    """

    grant: TrustGrant
    issuer: str
    is_shared: bool
    restricts_audience: bool
    subject: str | None
    binding: SubjectBinding

    @property
    def is_unbounded(self) -> bool:
        """True if strangers, or unrelated projects of one owner, get in.

        A private issuer, such as a cluster's own, is unbounded only where nothing restricts the
        subject at all.
        """
        return self.binding is SubjectBinding.OPEN or (
            self.is_shared and self.binding is SubjectBinding.OWNER
        )

    @property
    def takes_any_branch(self) -> bool:
        """True if one repository is named at GitHub or GitLab, and no branch or environment of it.

        Access Analyzer warns of it: whoever may push a branch, or open a pull request, gets in.
        """
        is_hosted = self.issuer.lower() in _OF_REPOSITORIES
        is_whole = bool(_WHOLE_REPOSITORY.fullmatch(self.subject or ""))
        names_branch = any(
            _claim(each, self.issuer) in _OF_ANYONE and is_restrictive(each)
            for each in self.grant.statement.clauses
            if each.key.lower().startswith(f"{self.issuer.lower()}:")
        )
        is_wide = is_whole and self.binding is SubjectBinding.WITHIN
        return is_hosted and is_wide and not names_branch


def federated_trust(grant: TrustGrant) -> FederatedTrust | None:
    """The trust in a web-identity provider; None for any other grant."""
    if grant.type is not PrincipalType.OIDC:
        return None
    issuer = _issuer(grant.name)
    clauses = grant.statement.clauses
    on_token = [each for each in clauses if each.key.lower().startswith(f"{issuer.lower()}:")]
    # Whether somebody signed in tells nothing of the pool: everybody can make one of their own.
    audience = ("aud",) if issuer.lower() in _COGNITO else _AUDIENCE
    restricts_audience = any(
        _claim(each, issuer) in audience and is_restrictive(each) for each in on_token
    )
    on_subject = [
        each
        for each in on_token
        if _claim(each, issuer) not in (*_AUDIENCE, *_OF_ANYONE) and is_restrictive(each)
    ]
    subject, binding = _tightest(on_subject, issuer)
    is_shared = issuer.lower() in _SHARED
    if issuer.lower() in _COGNITO and restricts_audience:
        # An identity pool is the owner's own; its ID stands in the audience.
        binding = SubjectBinding.WITHIN if binding is SubjectBinding.OPEN else binding
    return FederatedTrust(grant, issuer, is_shared, restricts_audience, subject, binding)


def restricts_saml_audience(grant: TrustGrant) -> bool:
    """True if a SAML trust asks for the audience, as AWS's own sign-in page has it.

    The issuer is no audience: the same provider makes assertions for other services.
    """
    return any(
        each.key.lower() in ("saml:aud", "saml:recipient") and is_restrictive(each)
        for each in grant.statement.clauses
    )


def subject_binding(pattern: str, *, is_like: bool) -> SubjectBinding:
    """How far one pattern narrows the subject: by what comes before its first wildcard.

    `repo:owner/name:*` keeps to one project, `repo:owner/*` to one owner. `repo:owner*` also takes
    whoever calls himself owner2, and so does a pattern that starts with a wildcard.
    `system:serviceaccount:*` is anyone in a cluster, `organization:acme:project:*` any project.
    """
    if not is_like or not set(pattern) & set("*?"):
        return SubjectBinding.EXACT
    fixed = pattern[: min(at for each in "*?" if (at := pattern.find(each)) >= 0)]
    fixed = fixed.removeprefix("system:").replace(":project:", ":")  # words, and nobody's name
    if not fixed or fixed[-1] not in _SEPARATORS:
        whole = _whole_parts(fixed)
        if whole == _OWNER_AND_NAME:
            return SubjectBinding.OWNER
        return SubjectBinding.WITHIN if whole > _OWNER_AND_NAME else SubjectBinding.OPEN
    parts = _whole_parts(fixed)
    if parts < 2:  # noqa: PLR2004 - a kind, such as `repo:`, and nobody's name
        return SubjectBinding.OPEN
    return SubjectBinding.OWNER if parts == 2 else SubjectBinding.WITHIN  # noqa: PLR2004 - kind and owner


def _whole_parts(fixed: str) -> int:
    """How many parts of the text are certainly whole: those that a separator ends."""
    return sum(each in _SEPARATORS for each in fixed)


def _issuer(name: str) -> str:
    _, marker, issuer = name.partition(":oidc-provider/")
    return issuer if marker else name


def _claim(clause: Clause, issuer: str) -> str:
    return clause.key[len(issuer) + 1 :].lower()


def _tightest(clauses: list[Clause], issuer: str) -> tuple[str | None, SubjectBinding]:
    """Conditions add up, so the tightest counts; its values are alternatives, so their loosest."""
    order = list(SubjectBinding)
    tightest: tuple[str | None, SubjectBinding] = (None, SubjectBinding.OPEN)
    for clause in clauses:
        is_like = "Like" in clause.operator
        values = [(value, subject_binding(value, is_like=is_like)) for value in clause.values]
        if _claim(clause, issuer) in _OF_OWNERS:
            values = [
                (value, max(binding, SubjectBinding.OWNER, key=order.index))
                for value, binding in values
            ]
        loosest = max(values, key=lambda each: order.index(each[1]))
        if tightest[0] is None or order.index(loosest[1]) < order.index(tightest[1]):
            tightest = loosest
    return tightest
