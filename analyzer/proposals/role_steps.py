"""In: a proposed role. Out: the order of the change, as commands and as words for a person.

The key goes last, and not before the program has worked with the role: a key that is switched off
can be switched on again, a deleted one can't.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account
from analyzer.proposals.aws_commands import aws_command
from analyzer.proposals.inline_names import unique_names
from analyzer.proposals.platforms import Platform
from analyzer.proposals.roles import ProposedRole

_IN_PROGRAM = {
    Platform.GITHUB: "give the job `permissions: id-token: write`, and let "
    "aws-actions/configure-aws-credentials take the role in place of the key",
    Platform.GITLAB: "give the job an ID token with that audience, and take the role with it by "
    "sts assume-role-with-web-identity",
    Platform.BITBUCKET: "set `oidc: true` on the step, and take the role with its token",
    Platform.CIRCLECI: "take the role with $CIRCLE_OIDC_TOKEN, as the orb aws-cli does",
    Platform.CODEBUILD: "make it the project's service role",
    Platform.ECS: "name it as taskRoleArn in the task definition",
    Platform.LAMBDA: "make it the function's execution role",
    Platform.EKS: "associate it with the service account of the pods (Pod Identity)",
    Platform.EC2: "give the instances the instance profile",
    Platform.ELSEWHERE: "install a certificate for the program, and let aws_signing_helper fetch "
    "credentials; make a trust anchor and a profile in Roles Anywhere first",
}
_QUIET_DAYS = 14


@dataclass(frozen=True, slots=True)
class RoleStep:
    """One step: what is done and why, and the command for it, "" where a person does it."""

    what: str
    command: str = ""


def role_steps(role: ProposedRole, known_providers: frozenset[str]) -> Iterator[RoleStep]:
    """All steps in their order. `known_providers` are the ARNs of providers that exist."""
    provider = role.provider
    if provider is not None and lacks_provider(role, known_providers):
        yield RoleStep(
            "tell IAM of the provider, unless the account has it",
            aws_command(
                "iam create-open-id-connect-provider",
                url=f"https://{provider.url}",
                client_id_list=provider.audience,
            ),
        )
    yield from _make(role)
    yield RoleStep(f"in the program: {_IN_PROGRAM[role.workload.platform]}")
    yield RoleStep(f"take the key out of the program; wait until it is idle for {_QUIET_DAYS} days")
    yield from _retire(role)


def lacks_provider(role: ProposedRole, known_providers: frozenset[str]) -> bool:
    """True where the role trusts a provider that is none of those ARNs."""
    provider = role.provider
    return provider is not None and not any(
        arn.endswith(f":oidc-provider/{provider.url}") for arn in known_providers
    )


def role_tags(role: ProposedRole) -> dict[str, str]:
    """The user's tags, which its policies may test; nobody but AWS can set one of its own.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """
    details = role.user.details
    tags = details.tags if details else {}
    return {key: tags[key] for key in tags if not key.lower().startswith("aws:")}


def known_providers(account: Account) -> frozenset[str]:
    """The ARNs of the OpenID Connect providers that the exports list."""
    return frozenset(
        entry.text("Arn") or ""
        for document in account.documents_of_kind(ExportKind.OIDC_PROVIDERS)
        for entry in document.each("OpenIDConnectProviderList")
    )


def _make(role: ProposedRole) -> Iterator[RoleStep]:
    details, tags = role.user.details, role_tags(role)
    options = {"role_name": role.name, "assume_role_policy_document": json.dumps(role.trust)}
    if details and details.boundary:
        options["permissions_boundary"] = details.boundary
    if tags:
        options["tags"] = json.dumps([{"Key": key, "Value": tags[key]} for key in tags])
    yield RoleStep("make the role", aws_command("iam create-role", **options))
    for grant in role.attached:
        yield RoleStep(
            "give it what the user holds",
            aws_command("iam attach-role-policy", role_name=role.name, policy_arn=grant.arn or ""),
        )
    for name, grant in unique_names(role.inline):
        text = json.dumps(grant.document.value if grant.document else {})
        yield RoleStep(
            "give it what the user holds",
            aws_command(
                "iam put-role-policy", role_name=role.name, policy_name=name, policy_document=text
            ),
        )
    if role.workload.platform is Platform.EC2:
        profile = {"instance_profile_name": role.name}
        yield RoleStep(
            "make an instance profile of it", aws_command("iam create-instance-profile", **profile)
        )
        yield RoleStep(
            "make an instance profile of it",
            aws_command("iam add-role-to-instance-profile", **profile, role_name=role.name),
        )


def _retire(role: ProposedRole) -> Iterator[RoleStep]:
    user = role.user.name
    for key in role.keys:
        ids = {"user_name": user, "access_key_id": key.key_id or f"KEY-ID-OF-SLOT-{key.slot}"}
        yield RoleStep(
            "switch the key off; the same with Active takes it back",
            aws_command("iam update-access-key", **ids, status="Inactive"),
        )
        yield RoleStep(
            f"when nothing has missed it for {_QUIET_DAYS} days, delete it",
            aws_command("iam delete-access-key", **ids),
        )
    yield RoleStep("then delete the user, if it has no other use")
