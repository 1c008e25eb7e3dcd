"""In: an action and the ARN that it works on. Out: what AWS decides beside anybody's policies.

Policies alone do not tell what a request may do: some services have one region, some resources are
changed by AWS alone, some calls need no permission at all. Each rule names its page.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from analyzer.policy.actions import AccessLevel, ActionIndex, carries_key, depends_on_action
from analyzer.policy.conditions import KeyKnowledge, KeyState

ASSUME = "sts:AssumeRole"
PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action, not a secret
KEY_POLICY = "the key policy"

_NO_PERMISSION_NEEDED = frozenset({"sts:getcalleridentity"})
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""
_OF_BARE_SESSIONS = (
    "iam:PassRole", "sts:AssumeRole", "sts:GetCallerIdentity", "sts:SetSourceIdentity",
    "sts:TagSession",
)  # fmt: skip
"""Beside the two operations of STS, what is no operation of its own: calls of others need it."""
_SESSION_TOKEN = "sts:getsessiontoken"  # noqa: S105 - an action, not a secret

_ONE_REGION = frozenset(
    {
        "account", "artifact", "bcm-dashboards", "bcm-data-exports", "bcm-pricing-calculator",
        "bcm-recommended-actions", "billing", "billingconductor", "budgets", "ce", "cloudfront",
        "iam", "importexport", "invoicing", "networkmanager", "notifications-contacts",
        "organizations", "route53", "savingsplans", "shield", "tax", "waf",
    }
)  # fmt: skip
"""Service prefixes whose requests all go to one region of the partition.

Those that botocore 1.44 (2026-11) calls global, or asks in one region wherever it is pointed to,
less those with a second endpoint: AWS Health has one more region, meetings of Chime are in many,
and Support answers in Virginia, Oregon and Ireland, though
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html
says otherwise: https://docs.aws.amazon.com/awssupport/latest/user/about-support-api.html#endpoint
"""
_REGION_OF_PARTITION: Mapping[str, str] = MappingProxyType(
    {
        "aws": "us-east-1",
        "aws-cn": "cn-northwest-1",
        "aws-us-gov": "us-gov-west-1",
        "aws-iso": "us-iso-east-1",
        "aws-iso-b": "us-isob-east-1",
        "aws-iso-e": "eu-isoe-west-1",
        "aws-iso-f": "us-isof-south-1",
    }
)
_OTHER_REGION: Mapping[tuple[str, str], str | None] = MappingProxyType(
    {
        ("aws", "cost-optimization-hub"): "us-east-1",
        ("aws", "cur"): "us-east-1",
        ("aws", "devicefarm"): "us-west-2",
        ("aws", "freetier"): "us-east-1",
        ("aws", "globalaccelerator"): "us-west-2",
        ("aws", "networkmanager"): "us-west-2",
        ("aws", "route53-recovery-control-config"): "us-west-2",
        ("aws", "route53domains"): "us-east-1",
        ("aws-cn", "cur"): "cn-northwest-1",
        ("aws-cn", "iam"): "cn-north-1",
        ("aws-cn", "savingsplans"): None,  # has an endpoint in each region of China
        ("aws-cn", "support"): "cn-north-1",
        ("aws-us-gov", "support"): "us-gov-west-1",
    }
)
"""Services of one region that is another, or that have one in that partition alone; of 2026-11.

https://docs.aws.amazon.com/general/latest/gr/billing.html (cost and usage)
https://docs.aws.amazon.com/general/latest/gr/devicefarm.html
https://docs.aws.amazon.com/global-accelerator/latest/dg/limits-global-accelerator.html
https://docs.aws.amazon.com/general/latest/gr/r53.html (domains, recovery control)
"""

_POLICY_OF_AWS = "arn:*:iam::aws:policy/*"
_SERVICE_LINKED_ROLE = "arn:*:iam::*:role/aws-service-role/*"
_RESERVED_ROLE = "arn:*:iam::*:role/aws-reserved/*"
_ALIAS_OF_AWS = "arn:*:kms:*:*:alias/aws/*"
_CHANGES = (AccessLevel.WRITE, AccessLevel.PERMISSIONS, AccessLevel.TAGGING)
_OF_SERVICE_LINKED = frozenset(
    {"iam:deleteservicelinkedrole", "iam:updateroledescription", "iam:passrole"}
)
"""What the account does with roles of services: it gives one to the service that it is made for.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-api-permissions.html
"""
_WITH_BOUNDARY = frozenset(
    {
        "iam:attachrolepolicy", "iam:attachuserpolicy", "iam:createrole", "iam:createuser",
        "iam:deleterole", "iam:deleterolepermissionsboundary", "iam:deleterolepolicy",
        "iam:deleteuserpermissionsboundary", "iam:deleteuserpolicy", "iam:detachrolepolicy",
        "iam:detachuserpolicy", "iam:getrole", "iam:putrolepermissionsboundary",
        "iam:putrolepolicy", "iam:putuserpermissionsboundary", "iam:putuserpolicy",
        "iam:updateassumerolepolicy", "iam:updaterole", "iam:updateroledescription",
    }
)  # fmt: skip
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html"""
_SETTING_BOUNDARY = frozenset(
    {
        "iam:createrole", "iam:createuser", "iam:putrolepermissionsboundary",
        "iam:putuserpermissionsboundary",
    }
)  # fmt: skip
_ALWAYS_GIVEN = frozenset({"iam:policyarn", "sts:rolesessionname"})
"""Keys of parameters that their calls require, so that none of them lacks one."""
_OF_SESSIONS_TOO = frozenset(
    {"ec2:sourceinstancearn", "ssm:sourceinstancearn", "identitystore:userid"}
)
"""Keys that AWS lists with a few actions, and that some sessions carry to every service.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""
_OF_TARGETS = ("iam:permissionsboundary", "iam:resourcetag")
_ACCOUNT_FIELD = 4
_FIELDS = 6


def needs_no_permission(action: str, *, is_user: bool) -> bool:
    """True for calls that no policy grants, and no Deny stops.

    sts:GetSessionToken is one for users; a role's session can't call it.
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """
    folded = action.lower()
    return folded in _NO_PERMISSION_NEEDED or (is_user and folded == _SESSION_TOKEN)


def actions_of_bare_sessions(actions: ActionIndex) -> int:
    """What a session of sts:GetSessionToken without MFA can call, as bits, if policies allow it.

    "You cannot call any IAM API operations unless MFA authentication information is included in
    the request", and of STS none but AssumeRole and GetCallerIdentity.
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """
    closed = actions.bits("iam:*") | actions.bits("sts:*")
    return actions.everything & ~closed | actions.bits_of(_OF_BARE_SESSIONS)


def fixed_region(action: str, partition: str) -> str | None:
    """The one region to which requests for the action go; None where the caller picks it.

    iam:PassRole is no request of its own: the service that gets the role asks, in its own region.
    """
    service = action.partition(":")[0].lower()
    if action.lower() == PASS_ROLE.lower():
        return None
    usual = _REGION_OF_PARTITION.get(partition) if service in _ONE_REGION else None
    return _OTHER_REGION.get((partition, service), usual)


def boundary_state(action: str) -> KeyKnowledge:
    """What is known of the key iam:PermissionsBoundary in requests for the action.

    Where one makes a principal or gives it a boundary, the caller picks it: FREE. Where one changes
    a principal, it is that one's own, UNKNOWN without it. Other requests lack the key.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    folded = action.lower()
    if folded in _SETTING_BOUNDARY:
        return KeyKnowledge.FREE
    return KeyKnowledge.UNKNOWN if folded in _WITH_BOUNDARY else KeyKnowledge.ABSENT


def keys_of_actions(keys: Iterable[str]) -> tuple[str, ...]:
    """Those of the keys, in lower case, that requests for some actions have and others lack.

    Keys of the principal worked on are left out: see `boundary_state` and `target_states`.
    """
    found = (each for each in keys if each not in _OF_SESSIONS_TOO and depends_on_action(each))
    return tuple(sorted(each for each in found if each.partition("/")[0] not in _OF_TARGETS))


def key_states(action: str, keys: Iterable[str]) -> dict[str, KeyState]:
    """What the action makes of such keys of its requests; nothing of those that it leaves as is.

    A key that requests for the action never have is absent; one that they always have has a value
    that the caller picks.
    """
    states: dict[str, KeyState] = {}
    for key in keys:
        is_carried = carries_key(action, key)
        if is_carried is False:
            states[key] = KeyKnowledge.ABSENT
        elif is_carried and key in _ALWAYS_GIVEN:
            states[key] = KeyKnowledge.CHOSEN
        elif is_carried is None and key.startswith(("aws:requesttag/", "aws:tagkeys")):
            states[key] = KeyKnowledge.UNKNOWN
    return states


def carries_target_key(action: str, key: str) -> bool:
    """True if the value of that key of a target, in lower case, decides on requests for the action.

    AWS warns against tags of the role with iam:PassRole: what comes of it, no page promises.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    return action.lower() != PASS_ROLE.lower() or "resourcetag/" not in key


def reserved_patterns(action: str, actions: ActionIndex) -> tuple[str, ...]:
    """ARN patterns of what AWS alone works on by that action, whatever anybody's policies say.

    Policies that AWS maintains
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html), roles
    of Identity Center (https://repost.aws/knowledge-center/identity-center-aws-reserved-sso-errors)
    and of services
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html), and
    aliases of keys that AWS manages
    (https://docs.aws.amazon.com/kms/latest/developerguide/alias-manage.html).
    """
    folded = action.lower()
    if folded.startswith("kms:") and folded.endswith("alias"):
        return (_ALIAS_OF_AWS,)
    if not folded.startswith("iam:") or not any(
        actions.has_level(action, each) for each in _CHANGES
    ):
        return ()
    if folded in _OF_SERVICE_LINKED:
        return (_POLICY_OF_AWS, _RESERVED_ROLE)
    return (_POLICY_OF_AWS, _RESERVED_ROLE, _SERVICE_LINKED_ROLE)


def needs_key_policy(action: str, resource: str | None, actions: ActionIndex) -> bool:
    """True if a key policy of KMS must allow the request, too: identity policies never do alone.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    Whoever makes, moves or deletes an alias needs the right on its key as well, which the key
    policy gives: https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
    """
    if not action.lower().startswith("kms:"):
        return False
    forms = actions.resource_forms(action).forms
    return any(":key/" in form for form in forms) or (resource is not None and ":key/" in resource)


def account_of(resource: str) -> str | None:
    """The account that the ARN names; None where it names none, as ARNs of buckets do."""
    fields = resource.split(":", _FIELDS - 1)
    has_account = len(fields) == _FIELDS and fields[_ACCOUNT_FIELD].isdigit()
    return fields[_ACCOUNT_FIELD] if has_account else None
