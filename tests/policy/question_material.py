"""In: nothing; what random questions are made of. Out: who is there, what is asked, what is tested.

Texts overlap on purpose: patterns mean some of the requests, conditions some of the keys' values.
"""

from typing import Any, NamedTuple

from analyzer.policy.conditions import KeyKnowledge, KeyState

NUMBER, FOREIGN = "111122223333", "444455556666"
IAM = f"arn:aws:iam::{NUMBER}:"
ANN, BOB, APP = f"{IAM}user/ann", f"{IAM}user/team/bob", f"{IAM}role/app"
OPS = f"{IAM}role/ops/ops"
LINKED = f"{IAM}role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
RESERVED = f"{IAM}role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_admin_0123456789abcdef"
LIMIT = f"{IAM}policy/limit"
SESSION = f"arn:aws:sts::{NUMBER}:assumed-role/ops/"
ABSENT = KeyKnowledge.ABSENT
ONE_REGION = ("iam", "cloudfront", "route53", "organizations")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html"""

OTHERS: tuple[tuple[str, str], ...] = (
    ("s3:GetObject", "arn:aws:s3:::bucket/ann/photo"),
    ("s3:ListBucket", "arn:aws:s3:::bucket"),
    ("s3:ListAllMyBuckets", "*"),
    ("ec2:DescribeInstances", "*"),
    ("ec2:TerminateInstances", f"arn:aws:ec2:eu-west-1:{NUMBER}:instance/i-1"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:eu-west-1:{NUMBER}:table/t"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:eu-west-1:{FOREIGN}:table/t"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{NUMBER}:function:f"),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{NUMBER}:q"),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{FOREIGN}:q"),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{NUMBER}:secret:s-AbCdEf"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{NUMBER}:key/1234"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{FOREIGN}:key/1234"),
    ("kms:DeleteAlias", f"arn:aws:kms:eu-west-1:{NUMBER}:alias/aws/s3"),
    ("kms:DeleteAlias", f"arn:aws:kms:eu-west-1:{NUMBER}:alias/own"),
    ("kms:ListKeys", "*"),
    ("cloudfront:CreateInvalidation", f"arn:aws:cloudfront::{NUMBER}:distribution/E1"),
    ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1"),
    ("organizations:LeaveOrganization", "*"),
    ("organizations:DescribeOrganization", "*"),
)
IDENTITY: tuple[tuple[str, str], ...] = (
    ("iam:GetUser", ANN),
    ("iam:GetUser", BOB),
    ("iam:CreateAccessKey", ANN),
    ("iam:CreateAccessKey", BOB),
    ("iam:PutUserPolicy", BOB),
    ("iam:PutUserPolicy", f"arn:aws:iam::{FOREIGN}:user/x"),
    ("iam:AttachRolePolicy", APP),
    ("iam:AttachRolePolicy", RESERVED),
    ("iam:AttachRolePolicy", LINKED),
    ("iam:PassRole", APP),
    ("iam:PassRole", RESERVED),
    ("iam:PassRole", LINKED),
    ("iam:DeleteServiceLinkedRole", LINKED),
    ("iam:UpdateAssumeRolePolicy", APP),
    ("iam:GetRole", RESERVED),
    ("iam:CreatePolicyVersion", LIMIT),
    ("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ("iam:ListAccountAliases", "*"),
    ("sts:GetCallerIdentity", "*"),
    ("sts:GetSessionToken", "*"),
)
ASSUMING: tuple[tuple[str, str], ...] = (
    ("sts:AssumeRole", APP),
    ("sts:AssumeRole", f"arn:aws:iam::{FOREIGN}:role/theirs"),
)
ASKED = tuple(dict.fromkeys(action for action, _ in (*OTHERS, *IDENTITY, *ASSUMING)))

PATTERNS = (
    *("*", "iam:*", "sts:*", "s3:*", "kms:*", "IAM:put*", "iam:*Role", "s3:Get?bject"),
    *("sts:Assume*", "iam:Pass*", "ec2:*", "dynamodb:*", "sqs:*", "lambda:Invoke*"),
)
ARNS = (
    *(
        "arn:aws:iam::*:user/*",
        f"{IAM}*",
        f"{IAM}role/*",
        "arn:aws:iam::*:role/app",
        "arn:*:*:*:*:*",
    ),
    *("arn:aws:s3:::*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", "arn:aws:s3:::*/ann/*"),
    *(
        f"arn:aws:*:*:{NUMBER}:*",
        f"arn:aws:*:*:{FOREIGN}:*",
        f"{IAM}role/aws-*",
        "arn:aws:iam::aws:*",
    ),
    *(f"{IAM}user/${{aws:username}}", "arn:aws:s3:::bucket/${aws:username}/*"),
    *(
        "arn:aws:s3:::bucket/${aws:PrincipalTag/none, 'ann'}/*",
        f"{IAM}*/a?${{aws:PrincipalTag/team}}",
    ),
)
_STRINGS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
_NUMBERS = ("NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals", "NumericEquals")
_ARN_OPERATORS = ("ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals")
_SETS = tuple(f"{each}:{name}" for each in ("ForAnyValue", "ForAllValues") for name in _STRINGS)


class Test(NamedTuple):
    """What a condition can ask: operators, a key, and values that fit both."""

    operators: tuple[str, ...]
    key: str
    values: tuple[str, ...]


_REGIONS = ("eu-west-1", "us-east-1", "eu-*", "EU-WEST-1")
_NETWORKS = ("203.0.113.0/24", "198.51.100.7/32", "0.0.0.0/0", "2001:db8::/32", "192.0.2.1")
TESTS = (
    Test(("Bool",), "aws:MultiFactorAuthPresent", ("true", "false")),
    Test(_NUMBERS, "aws:MultiFactorAuthAge", ("300", "3600")),
    Test(("IpAddress", "NotIpAddress"), "aws:SourceIp", _NETWORKS),
    Test(_STRINGS, "aws:SourceVpce", ("vpce-1", "vpce-*")),
    Test((*_STRINGS, "StringEqualsIgnoreCase"), "aws:RequestedRegion", _REGIONS),
    Test(_STRINGS, "aws:PrincipalTag/team", ("x", "X", "?", "${aws:username}")),
    Test(_STRINGS, "aws:PrincipalTag/none", ("x", "*")),
    Test(_STRINGS, "aws:username", ("ann", "a?n", "${aws:PrincipalTag/team}")),
    Test(("StringEquals", "StringNotEquals"), "aws:PrincipalAccount", (NUMBER, FOREIGN)),
    Test(("StringEquals", "StringNotEquals"), "aws:PrincipalType", ("User", "AssumedRole")),
    Test(_ARN_OPERATORS, "aws:PrincipalArn", (ANN, OPS, f"{IAM}*", "arn:*:iam::*:user/*", "*")),
    Test(("StringEquals", "StringNotEquals"), "aws:ResourceAccount", (NUMBER, FOREIGN)),
    Test(("StringEquals", "StringNotLike"), "aws:PrincipalOrgID", ("o-example123", "o-*")),
    Test(_SETS, "aws:TagKeys", ("red", "blue", "b*")),
    Test(("Bool",), "aws:SecureTransport", ("true", "false")),
    Test(("Bool",), "aws:ViaAWSService", ("true", "false")),
    Test(("DateLessThan", "DateGreaterThan"), "aws:CurrentTime", ("2020-01-01T00:00:00Z",)),
)
OF_PRINCIPALS = (
    Test(_STRINGS, "aws:ResourceTag/team", ("x", "y", "?", "${aws:PrincipalTag/team}")),
    Test(_STRINGS, "iam:ResourceTag/team", ("x", "y")),
    Test(("StringEquals", "ArnLike", "StringNotEquals"), "iam:PermissionsBoundary", (LIMIT,)),
)
OF_TARGETS = tuple(test.key for test in OF_PRINCIPALS)
OF_SESSIONS = (Test(_STRINGS, "sts:ExternalId", ("secret", "s*")),)
CHOSEN: dict[str, tuple[KeyState, ...]] = {
    "aws:MultiFactorAuthPresent": (ABSENT, ("true",), ("false",)),
    "aws:MultiFactorAuthAge": (ABSENT, ("60",), ("900",)),
    "aws:SourceIp": (("203.0.113.7",), ("192.0.2.1",), ("2001:db8::1",), ABSENT),
    "aws:SourceVpce": (ABSENT, ("vpce-1",), ("vpce-2",)),
    "aws:RequestedRegion": (("eu-west-1",), ("us-east-1",)),
    "aws:PrincipalOrgID": (ABSENT, ("o-example123",), ("o-other",)),
    "aws:TagKeys": (ABSENT, ("red",), ("red", "blue"), ("green", "blue")),
    "aws:SecureTransport": (("true",), ("false",)),
    "aws:ViaAWSService": (("false",), ("true",)),
    "aws:CurrentTime": (("2026-10-01T00:00:00Z",),),
    "sts:ExternalId": (ABSENT, ("secret",), ("other",)),
}
"""What requests carry by the asker's choice; all else follows from the account."""
TRUSTED: tuple[Any, ...] = (
    *("*", {"AWS": "*"}) * 2,
    *({"AWS": f"{IAM}root"}, {"AWS": NUMBER}) * 2,
    *({"AWS": ANN}, {"AWS": OPS}, {"AWS": [BOB, ANN]}, {"AWS": BOB}, {"AWS": [f"{IAM}root", ANN]}),
    *({"AWS": f"{SESSION}ci"}, {"AWS": [f"{SESSION}ci", f"{SESSION}cd"]}, {"AWS": f"{SESSION}cd"}),
    *({"AWS": f"arn:aws:iam::{FOREIGN}:root"}, {"AWS": f"arn:aws:iam::{FOREIGN}:user/ann"}),
    *({"Service": "ec2.amazonaws.com"}, {"AWS": [OPS, f"{SESSION}ci", f"{IAM}root"]}),
    {"Federated": f"{IAM}saml-provider/corp", "AWS": ANN},
)
MANAGED = (
    *("AdministratorAccess", "IAMFullAccess", "PowerUserAccess", "AWSDenyAll"),
    f"{IAM}policy/own",
)
GUARDED = ("s3:*", "sts:*", "kms:*", "sqs:*", "secretsmanager:*", "dynamodb:*", "iam:*", "ec2:*")
