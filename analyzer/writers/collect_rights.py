"""In: the text of the export script. Out: the rights that its calls need, as policies.

The script is the one place where the calls stand, so neither list can miss one.
"""

import json
import re
from typing import Any

from analyzer.policy.actions import ActionIndex, action_index

_PREFIXES = {
    "accessanalyzer": "access-analyzer",
    "account": "account",
    "cloudtrail": "cloudtrail",
    "cloudwatch": "cloudwatch",
    "cognito-identity": "cognito-identity",
    "ec2": "ec2",
    "ecs": "ecs",
    "iam": "iam",
    "identitystore": "identitystore",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "organizations": "organizations",
    "rolesanywhere": "rolesanywhere",
    "s3api": "s3",
    "secretsmanager": "secretsmanager",
    "sso-admin": "sso",
    "sts": "sts",
}
"""The prefix of a service's actions, by its name in the AWS CLI."""
_OTHER_NAMES = {
    "access-analyzer:listfindingsv2": "access-analyzer:listfindings",
    "access-analyzer:getfindingv2": "access-analyzer:getfinding",
    "s3:listbuckets": "s3:listallmybuckets",
}
"""Calls whose action is named otherwise.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamaccessanalyzer.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""
_CALL = re.compile(rf"\b({'|'.join(sorted(_PREFIXES))})\s([a-z]+(?:-[a-z0-9]+)+)")
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
_ASSUME_ROLE = "sts:AssumeRole"


def script_calls(script: str) -> tuple[tuple[str, str], ...]:
    """Service and operation of every call in the script, as the AWS CLI names them; sorted."""
    return tuple(sorted(set(_CALL.findall(_COMMENT.sub("", script)))))


def needed_actions(script: str) -> tuple[str, ...]:
    """The IAM action of every call, sorted, spelled as AWS's list of actions does."""
    index = action_index()
    return tuple(sorted({_action(index, *call) for call in script_calls(script)}))


def rights_policy(script: str, role: str = "") -> dict[str, Any]:
    """The identity policy that allows the calls of the script and nothing else.

    Most of them work on no single resource. With `role` it may also be assumed in every account.
    """
    reads = [each for each in needed_actions(script) if each != _ASSUME_ROLE]
    statements: list[dict[str, Any]] = [
        {"Sid": "ReadForCredaudit", "Effect": "Allow", "Action": reads, "Resource": "*"}
    ]
    if role:
        statements.append(
            {
                "Sid": "EnterEachAccount",
                "Effect": "Allow",
                "Action": [_ASSUME_ROLE],
                "Resource": f"arn:*:iam::*:role/{role}",
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def role_template(script: str, role: str) -> str:
    """A CloudFormation template of that role, in JSON: for a StackSet over the organization.

    Who runs the script is a parameter, and so is what the session must be given besides.
    """
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AuditAccount}:root"}},
        "Action": _ASSUME_ROLE,
        "Condition": {"ArnLike": {"aws:PrincipalArn": {"Ref": "Auditor"}}},
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The role through which credaudit's export script reads this account",
        "Parameters": {
            "AuditAccount": {
                "Type": "String",
                "AllowedPattern": "[0-9]{12}",
                "Description": "Number of the account in which the script is run",
            },
            "Auditor": {
                "Type": "String",
                "AllowedPattern": "arn:aws[a-z-]*:iam::[0-9]{12}:(user|role)/.+",
                "Description": "ARN of the user or role there that runs the script",
            },
        },
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": role,
                    "MaxSessionDuration": 3600,
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                    "Policies": [
                        {"PolicyName": "credaudit", "PolicyDocument": rights_policy(script)}
                    ],
                },
            }
        },
    }
    return json.dumps(template, indent=2)


def _action(index: ActionIndex, service: str, operation: str) -> str:
    named = f"{_PREFIXES[service]}:{operation.replace('-', '')}"
    action = _OTHER_NAMES.get(named, named)
    if not index.knows(action):  # a call that is newer than the list
        return f"{_PREFIXES[service]}:{''.join(map(str.capitalize, operation.split('-')))}"
    return next(index.named(index.bits(action)))
