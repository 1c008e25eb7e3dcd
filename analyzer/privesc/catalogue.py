"""In: paths.toml. Out: the escalation paths: how a principal gets rights that nobody gave it.

What each field means, and where the facts come from, stands at the head of that file.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

_ACTION = re.compile(r"[a-z][a-z0-9-]*:[A-Z][A-Za-z0-9]*")
_NEEDED = frozenset(
    {
        "category",
        "gain",
        "requires",
        "preconditions",
        "decidability",
        "action_text",
        "gains",
        "blocked_by",
        "refs",
    }
)
_OPTIONAL = frozenset({"role_trusts", "passed_to", "retired", "reviewed", "severity_cap"})


class Category(StrEnum):
    """What kind of escalation a path is."""

    SELF_ESCALATION = "self-escalation"
    PRINCIPAL_ACCESS = "principal-access"
    BOUNDARY_REMOVAL = "boundary-removal"
    DENY_REMOVAL = "deny-removal"
    CONDITION_BYPASS = "condition-bypass"
    GRANTING = "granting"
    NEW_PASSROLE = "new-passrole"
    EXISTING_PASSROLE = "existing-passrole"
    ORG_ESCALATION = "org-escalation"
    RESOURCE_ADMIN = "resource-admin"
    CREDENTIAL_ACCESS = "credential-access"


class Gain(StrEnum):
    """What a path ends with."""

    ADMIN = "admin"
    OTHER_USER = "other-user"
    OTHER_USER_LIMITED = "other-user-limited"
    ROLE = "role"
    ROLE_LIMITED = "role-limited"
    GROUP = "group"
    OLDER_VERSION = "older-version"
    OWN_IDENTITY_POLICIES = "own-identity-policies"
    CONDITIONAL_GRANTS = "conditional-grants"
    OWN_MFA_SESSION = "own-mfa-session"
    OTHER_NAME = "other-name"
    RIGHTS_FOR_OTHERS = "rights-for-others"
    CLUSTER_ADMIN = "cluster-admin"
    SECRET = "secret"  # noqa: S105 - what is gained, not a secret


class Target(StrEnum):
    """What a permission must reach to serve a path."""

    SELF_USER = "self-user"
    SELF_ROLE = "self-role"
    OWN_GROUP = "own-group"
    GROUP = "group"
    POLICY_OF_SELF = "policy-attached-to-self"
    OWN_BOUNDARY = "own-boundary"
    POLICY_OF_OTHER = "policy-attached-to-other"
    POLICY_OF_ANYONE = "policy-attached-to-anyone"
    ROLE_WITH_POLICY = "role-with-that-policy"
    OTHER_USER = "other-user"
    SAME_USER = "same-user"
    OTHER_ROLE = "other-role"
    SAME_ROLE = "same-role"
    SELF_OR_ASSUMABLE_ROLE = "self-or-assumable-role"
    ROLE = "role"
    NEW_USER = "new-user"
    NEW_ROLE = "new-role"
    NEW_GROUP = "new-group"
    PROVIDER = "provider"


class Precondition(StrEnum):
    """What a path takes besides permissions: of the caller, of the target, in the account."""

    CALLER_IS_USER = "caller-is-user"
    CALLER_IS_ROLE = "caller-is-role"
    CALLER_IN_GROUP = "caller-in-group"
    CALLER_HAS_BOUNDARY = "caller-has-boundary"
    ATTACHED_CUSTOMER_POLICY = "attached-customer-policy"
    WIDER_VERSION = "wider-non-default-version"
    MANAGED_DENY = "managed-deny-on-self"
    INLINE_DENY = "inline-deny-on-self"
    MANAGED_DENY_GROUP = "managed-deny-on-group"
    INLINE_DENY_GROUP = "inline-deny-on-group"
    DENY_FROM_GROUP = "deny-from-group"
    PRINCIPAL_TAG_GRANTS = "grants-conditioned-on-PrincipalTag"
    TAG_DENIES = "deny-conditioned-on-PrincipalTag"
    MFA_GRANTS = "grants-conditioned-on-MFA"
    NAME_GRANTS = "grants-conditioned-on-name"
    OWN_PERMISSION_SET = "own-permission-set"
    IDENTITY_CENTER_ACCOUNT = "identity-center-admin-account"

    OTHER_USER = "other-user"
    FREE_KEY_SLOT = "free-key-slot"
    ROOM_FOR_KEY = "room-for-a-key"
    INACTIVE_KEY = "inactive-key-known-secret"
    USER_WITH_PASSWORD = "user-with-password"  # noqa: S105 - a need, not a password
    USER_WITHOUT_PASSWORD = "user-without-password"  # noqa: S105 - likewise
    USER_WITHOUT_MFA = "user-without-mfa"
    SERVICE_CREDENTIAL = "existing-service-credential"
    ANY_ROLE = "any-role"
    STRONGER_ROLE = "stronger-role"
    STRONGER_GROUP = "stronger-group"
    ROLE_TRUSTS_CALLER = "role-trusts-caller"
    ROLE_WITH_CUSTOMER_POLICY = "role-with-customer-policy"
    USER_HAS_BOUNDARY = "user-has-boundary"
    BOUNDARY_OF_OTHER = "boundary-of-other"
    BOUNDARY_POLICY_OF_OTHER = "boundary-policy-of-other"
    MANAGED_DENY_OTHER = "managed-deny-on-other"
    INLINE_DENY_OTHER = "inline-deny-on-other"
    ROLE_HAS_BOUNDARY = "role-has-boundary"
    TRUSTS_SAML = "role-trusts-saml-provider"
    TRUSTS_OIDC = "role-trusts-oidc-provider"
    PASSABLE_ROLE = "passable-role"
    INSTANCE_PROFILE = "instance-profile"
    ROLE_IN_PROFILE = "role-in-instance-profile"

    AUTO_SCALING_GROUP = "existing-asg"
    APPLICATION = "existing-application"
    BROWSER = "existing-browser"
    CLUSTER = "existing-cluster"
    DATABASE = "existing-database"
    DEPLOYMENT_GROUP = "existing-deployment-group"
    DISTRIBUTION = "existing-distribution"
    DOCUMENT = "existing-document"
    DOMAIN = "existing-domain"
    ENDPOINT = "existing-endpoint"
    ENVIRONMENT = "existing-environment"
    FUNCTION = "existing-function"
    IDENTITY_POOL = "existing-identity-pool"
    INSTANCE = "existing-instance"
    INTERFACE = "existing-interface"
    INTERPRETER = "existing-interpreter"
    JOB = "existing-job"
    JOB_DEFINITION = "existing-job-definition"
    JOB_QUEUE = "existing-job-queue"
    LAUNCH_TEMPLATE = "existing-launch-template"
    MAINTENANCE_WINDOW = "existing-maintenance-window"
    MANAGED_INSTANCE = "existing-managed-instance"
    NOTEBOOK = "existing-notebook"
    PARAMETER = "existing-parameter"
    PERMISSION_SET = "existing-permission-set"
    PIPELINE = "existing-pipeline"
    PROFILE = "existing-profile"
    PROJECT = "existing-project"
    RUNTIME = "existing-runtime"
    SCHEDULE = "existing-schedule"
    SECRET = "existing-secret"  # noqa: S105 - likewise
    SERVICE = "existing-service"
    SESSION = "existing-session"
    STACK = "existing-stack"
    STACK_SET = "existing-stackset"
    STATE_MACHINE = "existing-state-machine"
    STREAM = "existing-stream"
    TASK_DEFINITION = "existing-task-definition"
    TASK_WITH_EXEC = "existing-task-with-exec"
    USER_POOL = "existing-user-pool"
    USER_PROFILE = "existing-user-profile"

    CONTROLLED_INSTANCE = "controlled-instance"
    NETWORK_PATH = "network-path"
    DEVICE_CERTIFICATE = "device-certificate"
    KUBERNETES_ACCESS = "kubernetes-access"
    SYSTEM_PASSWORD = "system-password"  # noqa: S105 - likewise


class Decidability(StrEnum):
    """How much of a path the exports decide."""

    FULL = "full"
    PARTIAL = "partial"
    RESOURCE = "resource"


class SeverityCap(StrEnum):
    """The highest severity of a finding for a path that no public source lists."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One permission that a path takes: any of the actions, on the target.

    `target` None: some resource of the service, which the export does not list.
    """

    any_of: tuple[str, ...]
    target: Target | None


@dataclass(frozen=True, slots=True)
class EscalationPath:
    """One escalation path. All of `requires` and all `preconditions` must hold.

    The prose may hold {role}, where `role_trusts` is given, and {target}, where a requirement works
    on another user, role or group. `passed_to` is the service for which iam:PassRole is asked: with
    few exceptions the one that the role must trust. `severity_cap` is the worst severity of a
    finding: it is given, as is `reviewed`, for the paths that no public source lists.
    """

    id: str
    category: Category
    gain: Gain
    requires: tuple[Requirement, ...]
    preconditions: frozenset[Precondition]
    role_trusts: str | None
    passed_to: str | None
    decidability: Decidability
    action_text: str
    gains: str
    blocked_by: str
    refs: tuple[str, ...]
    reviewed: str | None
    severity_cap: SeverityCap | None
    is_retired: bool

    @property
    def actions(self) -> frozenset[str]:
        """Every action that the path may use, as `service:Action`."""
        return frozenset(action for each in self.requires for action in each.any_of)


@cache
def load_paths() -> tuple[EscalationPath, ...]:
    """The paths that ship with the program, in the file's order."""
    return paths_in(files("analyzer.privesc").joinpath("paths.toml").read_text(encoding="utf-8"))


def paths_in(text: str) -> tuple[EscalationPath, ...]:
    """The paths of a TOML text, in its order.

    ValueError, which names the path, where a field is missing or unknown, or where a value is none
    of its vocabulary.
    """
    return tuple(_named(name, table) for name, table in tomllib.loads(text)["path"].items())


def _named(name: str, table: Mapping[str, Any]) -> EscalationPath:
    wrong = (_NEEDED - table.keys()) | (table.keys() - _NEEDED - _OPTIONAL)
    if wrong:
        raise ValueError(f"path {name}: missing or unknown: {', '.join(sorted(wrong))}")
    try:
        return _path(name, table)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"path {name}: {error}") from error


def _path(name: str, table: Mapping[str, Any]) -> EscalationPath:
    return EscalationPath(
        id=name,
        category=Category(table["category"]),
        gain=Gain(table["gain"]),
        requires=tuple(_requirement(**each) for each in table["requires"]),
        preconditions=frozenset(Precondition(each) for each in table["preconditions"]),
        role_trusts=table.get("role_trusts"),
        passed_to=table.get("passed_to", table.get("role_trusts")),
        decidability=Decidability(table["decidability"]),
        action_text=table["action_text"],
        gains=table["gains"],
        blocked_by=table["blocked_by"],
        refs=tuple(table["refs"]),
        reviewed=table.get("reviewed"),
        severity_cap=SeverityCap(table["severity_cap"]) if "severity_cap" in table else None,
        is_retired=table.get("retired", False),
    )


def _requirement(any_of: list[str], target: str | None = None) -> Requirement:
    for action in any_of:
        if not _ACTION.fullmatch(action):
            raise ValueError(f"{action!r} is not an action")
    return Requirement(tuple(any_of), None if target is None else Target(target))
