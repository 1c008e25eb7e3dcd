"""In: a word or two. Out: answers of AWS on organizations, Identity Center, trails and the like.

Each is one document, which `SmallExports.export` puts into a file.
"""

from typing import Any

SERVICE = "SERVICE_CONTROL_POLICY"
OPEN = {"Id": "p-FullAWSAccess", "Type": SERVICE, "Name": "FullAWSAccess"}
SET = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
POOL = "eu-west-1:11111111-2222-3333-4444-555555555555"
TRAIL = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/all"
GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"
FILTERS = {
    "root": "$.userIdentity.type = Root",
    "calls": "UnauthorizedOperation AccessDenied",
    "mfa": "ConsoleLogin $.additionalEventData.MFAUsed",
    "policies": "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy "
    "PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion "
    "AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy AttachGroupPolicy "
    "DetachGroupPolicy",
    "trails": "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging",
    "failures": "ConsoleLogin Failed authentication",
    "organization": "organizations.amazonaws.com AcceptHandshake AttachPolicy CreateAccount "
    "CreateOrganizationalUnit CreatePolicy DeclineHandshake DeleteOrganization "
    "DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType "
    "InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization "
    "UpdatePolicy UpdateOrganizationalUnit",
}
"""Filter patterns with the words that tell the event, by the name of the metric."""
GUARDED = (
    {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
    },
    {
        "Effect": "Deny",
        "Action": [
            "organizations:LeaveOrganization",
            "cloudtrail:StopLogging",
            "cloudtrail:DeleteTrail",
            "access-analyzer:DeleteAnalyzer",
            "iam:CreateAccessKey",
        ],
        "Resource": "*",
    },
)
"""Statements of a service control policy that holds every guardrail."""


def level(target: str, *policies: str) -> dict[str, Any]:
    """list-policies-for-target: these control policies, and the open one."""
    attached = [{"Id": each, "Type": SERVICE, "Name": each} for each in policies]
    return {"credaudit_target": target, "Policies": [OPEN, *attached]}


def control_policy(number: str, *statements: Any) -> dict[str, Any]:
    """describe-policy of one service control policy."""
    content = {"Version": "2012-10-17", "Statement": list(statements)}
    about = {"Id": number, "Type": SERVICE, "Name": number}
    return {"Policy": {"PolicySummary": about, "Content": content}}


def organization(management: str, features: str = "ALL") -> dict[str, Any]:
    """describe-organization."""
    told = {"Id": "o-example123", "MasterAccountId": management, "FeatureSet": features}
    return {"Organization": told}


def delegate(*numbers: str) -> dict[str, Any]:
    """list-delegated-administrators."""
    return {"DelegatedAdministrators": [{"Id": each, "Name": "security"} for each in numbers]}


def permission_set(length: str = "PT1H", arn: str = SET, name: str = "Admins") -> dict[str, Any]:
    """describe-permission-set."""
    told = {"Name": name, "PermissionSetArn": arn, "SessionDuration": length}
    return {"PermissionSet": told}


def policies_of_set(*names: str, arn: str = SET) -> dict[str, Any]:
    """list-managed-policies-in-permission-set: policies of AWS."""
    held = [{"Name": each, "Arn": f"arn:aws:iam::aws:policy/{each}"} for each in names]
    return {"credaudit_permission_set": arn, "AttachedManagedPolicies": held}


def assignment(account: str, sort: str, who: str = "p-1", arn: str = SET) -> dict[str, Any]:
    """list-account-assignments, with one."""
    told = {"AccountId": account, "PermissionSetArn": arn, "PrincipalType": sort}
    return {"AccountAssignments": [told | {"PrincipalId": who}]}


def pool(*, guests: Any, number: str = POOL) -> dict[str, Any]:
    """describe-identity-pool."""
    return {
        "IdentityPoolId": number,
        "IdentityPoolName": "shop",
        "AllowUnauthenticatedIdentities": guests,
    }


def roles_of_pool(guest: str, number: str = POOL) -> dict[str, Any]:
    """get-identity-pool-roles, with the role of guests."""
    return {"IdentityPoolId": number, "Roles": {"unauthenticated": guest}}


def trails(*, wide: Any = True, arn: str = TRAIL, group: str = GROUP) -> dict[str, Any]:
    """describe-trails, with one trail."""
    told = {"Name": "all", "TrailARN": arn, "HomeRegion": "eu-west-1", "IsMultiRegionTrail": wide}
    return {"trailList": [told | {"CloudWatchLogsLogGroupArn": group}]}


def logging(*, is_on: Any = True, arn: str = TRAIL) -> dict[str, Any]:
    """get-trail-status of the trail."""
    return {"credaudit_trail": arn, "IsLogging": is_on}


def metric_filters(*names: str) -> dict[str, Any]:
    """describe-metric-filters: one for each of these events, on the trail's log group."""
    return {
        "metricFilters": [
            {
                "filterName": each,
                "filterPattern": FILTERS[each],
                "logGroupName": "trail",
                "metricTransformations": [{"metricName": each, "metricNamespace": "CIS"}],
            }
            for each in names
        ]
    }


def alarms(*names: str, is_on: Any = True, tells: bool = True) -> dict[str, Any]:
    """describe-alarms: one on the metric of each of these events."""
    heard = ["arn:aws:sns:eu-west-1:111122223333:duty"] if tells else []
    return {
        "MetricAlarms": [
            {
                "AlarmArn": f"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{each}",
                "MetricName": each,
                "Namespace": "CIS",
                "ActionsEnabled": is_on,
                "AlarmActions": heard,
            }
            for each in names
        ]
    }


def contact(**members: str | None) -> dict[str, Any]:
    """get-contact-information; None leaves a member out."""
    whole: dict[str, str | None] = {
        "FullName": "Shop Ltd",
        "AddressLine1": "1 High Street",
        "City": "Leeds",
        "CountryCode": "GB",
        "PhoneNumber": "+44 113 496 0000",
    }
    told = {name: text for name, text in (whole | members).items() if text is not None}
    return {"ContactInformation": told}


def alternate_contact(sort: str) -> dict[str, Any]:
    """get-alternate-contact of that type."""
    return {"AlternateContact": {"AlternateContactType": sort, "Name": "Team"}}
