"""In: where a program runs. Out: the trust policy of its role, as narrow as the files allow.

What no file tells stands in it as a word in CAPITALS, which whoever makes the role fills in; IAM
lets nobody in by such a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from analyzer.proposals.platforms import Platform
from analyzer.proposals.workloads import Workload

_GITHUB_HOST = "token.actions.githubusercontent.com"
_SERVICES: Mapping[Platform, str] = MappingProxyType(
    {
        Platform.CODEBUILD: "codebuild.amazonaws.com",
        Platform.ECS: "ecs-tasks.amazonaws.com",
        Platform.LAMBDA: "lambda.amazonaws.com",
        Platform.EKS: "pods.eks.amazonaws.com",
        Platform.EC2: "ec2.amazonaws.com",
        Platform.ELSEWHERE: "rolesanywhere.amazonaws.com",
    }
)

_OPEN_SUBJECTS = frozenset({Platform.BITBUCKET, Platform.CIRCLECI})
"""Platforms whose subject ends with the id of a step or a user, which changes."""


@dataclass(frozen=True, slots=True)
class ReplacedUser:
    """The user whose place a role takes: the account's number and partition, and the name."""

    account: str
    partition: str
    name: str


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An OpenID Connect provider that must exist: its host and path, and its audience."""

    url: str
    audience: str


def provider_of(platform: Platform) -> OidcProvider | None:
    """The provider that speaks for programs of the platform; None where a service of AWS does."""
    match platform:
        case Platform.GITHUB:
            return OidcProvider(_GITHUB_HOST, "sts.amazonaws.com")
        case Platform.GITLAB:
            return OidcProvider("gitlab.com", "https://gitlab.com")
        case Platform.BITBUCKET:
            host = "api.bitbucket.org/2.0/workspaces/WORKSPACE/pipelines-config/identity/oidc"
            return OidcProvider(host, "ari:cloud:bitbucket::workspace/WORKSPACE-UUID")
        case Platform.CIRCLECI:
            return OidcProvider("oidc.circleci.com/org/ORGANIZATION-ID", "ORGANIZATION-ID")
        case _:
            return None


def trust_policy_for(workload: Workload, user: ReplacedUser) -> dict[str, Any]:
    """The trust policy. Each condition ties the role to this account, repository or certificate."""
    provider = provider_of(workload.platform)
    return {
        "Version": "2012-10-17",
        "Statement": [
            _federated(workload, user, provider) if provider else _of_service(workload, user),
        ],
    }


def _federated(workload: Workload, user: ReplacedUser, provider: OidcProvider) -> dict[str, Any]:
    """GitHub: docs.github.com, "OpenID Connect reference"; GitLab: docs.gitlab.com, "ID tokens"."""
    arn = f"arn:{user.partition}:iam::{user.account}:oidc-provider/{provider.url}"
    subject = _subject(workload)
    test = "StringLike" if workload.platform in _OPEN_SUBJECTS else "StringEquals"
    condition = {"StringEquals": {f"{provider.url}:aud": provider.audience}}
    condition.setdefault(test, {})[f"{provider.url}:sub"] = subject
    return {
        "Effect": "Allow",
        "Principal": {"Federated": arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }


def _subject(workload: Workload) -> str:
    repository = workload.remote.name or "OWNER/REPOSITORY"
    branch = workload.remote.branch or "BRANCH"
    match workload.platform:
        case Platform.GITHUB:
            return f"repo:{repository}:ref:refs/heads/{branch}"
        case Platform.GITLAB:
            return f"project_path:{repository}:ref_type:branch:ref:{branch}"
        case Platform.BITBUCKET:
            return "{REPOSITORY-UUID}:*"
        case _:
            return "org/ORGANIZATION-ID/project/PROJECT-ID/user/*"


def _of_service(workload: Workload, user: ReplacedUser) -> dict[str, Any]:
    """Sources: the pages "Confused deputy" of IAM, "Task IAM role" of ECS, "Pod Identity" of EKS.

    That of Roles Anywhere is its "Trust model": the common name of a certificate tags the session.
    """
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": _SERVICES[workload.platform]},
        "Action": "sts:AssumeRole",
    }
    own = {"StringEquals": {"aws:SourceAccount": user.account}}
    where = f"{user.partition}:{{}}:{workload.region or 'REGION'}:{user.account}"
    match workload.platform:
        case Platform.ECS:
            own["ArnLike"] = {"aws:SourceArn": f"arn:{where.format('ecs')}:*"}
        case Platform.CODEBUILD:
            own["ArnLike"] = {"aws:SourceArn": f"arn:{where.format('codebuild')}:project/*"}
        case Platform.EKS:
            statement["Action"] = ["sts:AssumeRole", "sts:TagSession"]
            own = {
                "StringEquals": {
                    "aws:RequestTag/kubernetes-namespace": "NAMESPACE",
                    "aws:RequestTag/kubernetes-service-account": "SERVICE-ACCOUNT",
                }
            }
        case Platform.ELSEWHERE:
            statement["Action"] = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
            anchor = f"arn:{where.format('rolesanywhere')}:trust-anchor/TRUST-ANCHOR-ID"
            own = {
                "ArnEquals": {"aws:SourceArn": anchor},
                "StringEquals": {"aws:PrincipalTag/x509Subject/CN": user.name},
            }
        case _:
            return statement
    return {**statement, "Condition": own}
