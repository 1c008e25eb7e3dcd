"""In: a seed. Out: a random account, and questions that are worth asking in it.

Each account holds Ann (in a group), Bob, a few roles, a policy of its own, and at times boundaries
and policies of the organization. A question says which condition keys its request carries, so that
nothing but the account's own evidence is left to be known or unknown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple, TypeVar

from analyzer.policy.conditions import KeyKnowledge, KeyState
from tests.builders import AccountBuilder, account, allow

T = TypeVar("T")
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

_PATTERNS = (
    *("*", "iam:*", "sts:*", "s3:*", "kms:*", "IAM:put*", "iam:*Role", "s3:Get?bject"),
    *("sts:Assume*", "iam:Pass*", "ec2:*", "dynamodb:*", "sqs:*", "lambda:Invoke*"),
)
_ARNS = (
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
_OF_TARGETS = tuple(test.key for test in OF_PRINCIPALS)
OF_SESSIONS = (Test(_STRINGS, "sts:ExternalId", ("secret", "s*")),)
_CHOSEN: dict[str, tuple[KeyState, ...]] = {
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
_TRUSTED: tuple[Any, ...] = (
    *("*", {"AWS": "*"}) * 2,
    *({"AWS": f"{IAM}root"}, {"AWS": NUMBER}) * 2,
    *({"AWS": ANN}, {"AWS": OPS}, {"AWS": [BOB, ANN]}, {"AWS": BOB}, {"AWS": [f"{IAM}root", ANN]}),
    *({"AWS": f"{SESSION}ci"}, {"AWS": [f"{SESSION}ci", f"{SESSION}cd"]}, {"AWS": f"{SESSION}cd"}),
    *({"AWS": f"arn:aws:iam::{FOREIGN}:root"}, {"AWS": f"arn:aws:iam::{FOREIGN}:user/ann"}),
    *({"Service": "ec2.amazonaws.com"}, {"AWS": [OPS, f"{SESSION}ci", f"{IAM}root"]}),
    {"Federated": f"{IAM}saml-provider/corp", "AWS": ANN},
)
_MANAGED = (
    *("AdministratorAccess", "IAMFullAccess", "PowerUserAccess", "AWSDenyAll"),
    f"{IAM}policy/own",
)
_NOW_AND_THEN, _SOMETIMES, _OFTEN = 0.12, 0.25, 0.5
_GUARDED = ("s3:*", "sts:*", "kms:*", "sqs:*", "secretsmanager:*", "dynamodb:*", "iam:*", "ec2:*")


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """Whether this principal of the account may do that, by a request that has these keys."""

    account: AccountBuilder
    who: str
    action: str
    resource: str
    keys: dict[str, KeyState]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an account's policies are about: what conditions test, and what is asked."""

    tests: Sequence[Test]
    requests: Sequence[tuple[str, str]]


def random_questions(seed: int, number: int) -> list[Question]:
    """That many questions about one account, always the same for a seed."""
    rng = Random(seed)  # noqa: S311 - nothing secret
    pool = rng.choice([OTHERS, IDENTITY, ASSUMING, ASSUMING])
    requests = [rng.choice(pool) for _ in range(number)]
    tests = list(TESTS)
    tests += OF_PRINCIPALS * 3 if pool is IDENTITY else OF_SESSIONS if pool is ASSUMING else ()
    subject = Subject(some(rng, tests, 3), requests)  # few, so that statements meet on one key
    made = random_account(rng, subject)
    return [
        Question(
            made, rng.choice([ANN, ANN, ANN, OPS, OPS, LINKED]), *each, chosen_keys(rng, *each)
        )
        for each in requests
    ]


def some(rng: Random, values: Sequence[T], most: int = 2) -> list[T]:
    """One of them, or a few."""
    return rng.sample(values, rng.randint(1, min(most, len(values))))


def chosen_keys(rng: Random, action: str, resource: str) -> dict[str, KeyState]:
    """What the request carries that does not follow from the account."""
    found = {key: rng.choice(states) for key, states in _CHOSEN.items()}
    if not any(f":{number}:" in resource for number in (NUMBER, FOREIGN)):
        found["aws:ResourceAccount"] = rng.choice([ABSENT, (NUMBER,)])
    if resource not in (ANN, BOB, APP, OPS, LINKED, RESERVED):
        found |= dict.fromkeys(_OF_TARGETS, ABSENT)
    if action != "sts:AssumeRole":
        found["sts:ExternalId"] = ABSENT
    if action.partition(":")[0] in ONE_REGION and action != "iam:PassRole":
        del found["aws:RequestedRegion"]
    return found


def conditions(rng: Random, tests: Sequence[Test]) -> dict[str, Any]:
    """The member Condition: none, mostly, or up to two tests that may contradict one another."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        test = rng.choice(tests)
        if rng.random() < _NOW_AND_THEN:
            found.setdefault("Null", {})[test.key] = rng.choice(["true", "false"])
            continue
        operator = rng.choice(test.operators) + rng.choice(["", "", "IfExists"])
        chosen = some(rng, test.values)
        found.setdefault(operator, {})[test.key] = chosen if len(chosen) > 1 else chosen[0]
    return {"Condition": found} if found else {}


def statement(rng: Random, subject: Subject) -> dict[str, Any]:
    """An Allow or a Deny, about some of the requests or about nothing of them."""
    actions = (*("*",) * 3, *(action for action, _ in subject.requests), *_PATTERNS)
    resources = (*("*",) * 3, *(resource for _, resource in subject.requests), *_ARNS)
    return {
        "Effect": rng.choice(["Allow", "Allow", "Allow", "Deny"]),
        rng.choice(["Action"] * 4 + ["NotAction"]): some(rng, actions),
        rng.choice(["Resource"] * 4 + ["NotResource"]): some(rng, resources),
        **conditions(rng, subject.tests),
    }


def document(rng: Random, subject: Subject) -> dict[str, Any]:
    """A policy, every other one wide, now and then of the version that knows no variables."""
    version = "2008-10-17" if rng.random() < _NOW_AND_THEN else "2012-10-17"
    wide = [allow("*")] if rng.random() < _OFTEN else []
    found = [statement(rng, subject) for _ in range(rng.randint(1, 3))]
    return {"Version": version, "Statement": [*wide, *found]}


def trust_policy(rng: Random, tests: Sequence[Test]) -> dict[str, Any]:
    """Up to three statements: who is let in, who is kept out, by name or by exception."""
    found = []
    for _ in range(rng.randint(1, 3)):
        named = "NotPrincipal" if rng.random() < _NOW_AND_THEN else "Principal"
        principals = [each for each in _TRUSTED if named == "Principal" or "*" not in str(each)]
        found.append(
            {
                "Effect": rng.choice(["Allow", "Allow", "Allow", "Deny"]),
                named: rng.choice(principals),
                "Action": rng.choice(
                    ["sts:AssumeRole", "sts:AssumeRole", "sts:*", "sts:TagSession"]
                ),
                **conditions(rng, tests),
            }
        )
    return {"Version": "2012-10-17", "Statement": found}


def random_account(rng: Random, subject: Subject) -> AccountBuilder:
    """An account in which these requests mean something."""

    def held(most: int) -> list[dict[str, Any]]:
        found = [document(rng, subject) for _ in range(rng.randint(0, most))]
        return [{"PolicyName": f"p{at}", "PolicyDocument": each} for at, each in enumerate(found)]

    def limited(made: AccountBuilder) -> AccountBuilder:
        return made.boundary(LIMIT) if rng.random() < _SOMETIMES else made

    def attached(made: AccountBuilder) -> AccountBuilder:
        return made.attached(rng.choice(_MANAGED)) if rng.random() < _SOMETIMES else made

    made = account().empty_group("dev").member(GroupPolicyList=held(1))
    for name in ("limit", "own"):
        version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document(rng, subject)}
        made = made.policy(name).member(PolicyVersionList=[version])
    made = limited(made.user("bob", path="/team/").key().tag("team", "y"))
    made = (
        made.role("app")
        .tag("team", "x")
        .member(AssumeRolePolicyDocument=trust_policy(rng, subject.tests))
    )
    made = limited(made)
    made = made.role(RESERVED.rpartition("/")[2], path="/aws-reserved/sso.amazonaws.com/")
    made = made.role(LINKED.rpartition("/")[2], path="/aws-service-role/x.amazonaws.com/")
    made = limited(made.member(RolePolicyList=held(1)))
    made = made.role("ops", path="/ops/").tag("team", "x").member(RolePolicyList=held(2))
    made = attached(limited(made))
    made = made.user("ann").key().tag("team", rng.choice(["x", "ann"])).group("dev")
    made = attached(limited(made.member(UserPolicyList=held(2))))
    return organized(rng, made, subject)


def organized(rng: Random, made: AccountBuilder, subject: Subject) -> AccountBuilder:
    """Now and then under policies of an organization, level by level, or its management account."""
    levels = rng.choice([(), (), ("r-1",), ("r-1", "ou-1")])
    if levels and rng.random() < _NOW_AND_THEN:
        made = made.organization(management=NUMBER)
    for target in levels:
        text = document(rng, subject) | {"Version": "2012-10-17"}
        texts = {f"p-{target}": ("SERVICE_CONTROL_POLICY", text)}
        if rng.random() < _OFTEN:
            guard = {
                "Effect": "Deny",
                "Principal": "*",
                "Action": some(rng, _GUARDED),
                "Resource": rng.choice(["*", "*", "arn:aws:s3:::*", f"{IAM}*"]),
                **conditions(rng, subject.tests),
            }
            text = {"Version": "2012-10-17", "Statement": [guard]}
            texts[f"p-{target}-rcp"] = ("RESOURCE_CONTROL_POLICY", text)
        for answer in _level(target, texts):
            made = made.export("control-policies.json", answer)
    return made


def _level(target: str, texts: dict[str, tuple[str, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    summaries = [{"Id": number, "Type": sort} for number, (sort, _) in texts.items()]
    attached = [*summaries, {"Id": "p-RCPFullAWSAccess", "Type": "RESOURCE_CONTROL_POLICY"}]
    yield {"credaudit_target": target, "credaudit_account": NUMBER, "Policies": attached}
    for summary in summaries:
        yield {"Policy": {"PolicySummary": summary, "Content": texts[summary["Id"]][1]}}
