"""In: a question about an account. Out: the simulations that answer it, read from the exports.

A plain reading of what AWS puts together for a request, to be held against the product's own, with
which it shares nothing but the words for verdicts and key states. Where the exports leave something
open (a key policy, the policy of another account's resource, whether control policies reach a
service), there is one world for each way that it can be.
"""

from collections.abc import Iterator
from typing import Any

from analyzer.policy.layers import Verdict
from tests.policy.question_material import FOREIGN, LINKED, NUMBER, ONE_REGION, SESSION
from tests.policy.random_questions import Question
from tests.policy.simulator import Simulation, Simulator

Document = dict[str, Any]
_BEST_FIRST = (Verdict.ALLOWED, Verdict.NONE, Verdict.DENIED)
_GUARDED = ("s3", "sts", "kms", "sqs", "secretsmanager")
"""https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"""
_UNGUARDED = ("iam", "organizations")
_WITH_BOUNDARY = (
    *("iam:PutUserPolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:GetRole"),
)
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html"""
_ALL: Document = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


AWS_MANAGED: dict[str, Document] = {
    "AdministratorAccess": _document(_ALL),
    "AWSDenyAll": _document(_ALL | {"Effect": "Deny"}),
    "IAMFullAccess": _document(
        _ALL
        | {
            "Action": [
                "iam:*",
                *(f"organizations:Describe{each}" for each in ("Account", "Organization")),
                *("organizations:DescribeOrganizationalUnit", "organizations:DescribePolicy"),
                *(f"organizations:List{each}" for each in ("Children", "Parents", "Roots")),
                *("organizations:ListPoliciesForTarget", "organizations:ListPolicies"),
                "organizations:ListTargetsForPolicy",
            ]
        }
    ),
    "PowerUserAccess": _document(
        {
            "Effect": "Allow",
            "NotAction": ["iam:*", "organizations:*", "account:*"],
            "Resource": "*",
        },
        _ALL
        | {
            "Action": [
                *("account:GetAccountInformation", "account:GetGovCloudAccountInformation"),
                *("account:GetPrimaryEmail", "account:ListRegions"),
                *("iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles"),
                *("organizations:DescribeEffectivePolicy", "organizations:DescribeOrganization"),
            ]
        },
    ),
}
"""As of 2026-11: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html"""


def simulated(simulator: Simulator, question: Question) -> Verdict:
    """What iam-simulate says: conditional where the worlds differ in whether it lets the asker in.

    In each world the asker picks the name of its session.
    """
    worlds = [list(_choices(question, world)) for world in _worlds(question)]
    answers = iter(simulator.verdicts([each for world in worlds for each in world]))
    found = {min((next(answers) for _ in world), key=_BEST_FIRST.index) for world in worlds}
    if len(found) == 1:
        return found.pop()
    return Verdict.CONDITIONAL if Verdict.ALLOWED in found else Verdict.NONE


def _worlds(question: Question) -> Iterator[Simulation]:
    """What the policies of whoever owns the resource may be, and what they may be guarded by."""
    service = question.action.partition(":")[0]
    mine = _owner(question) != FOREIGN
    guards = [controls(question, "RESOURCE_CONTROL_POLICY")]
    if not mine or service in _UNGUARDED or question.who == LINKED:
        guards = [[]]
    elif service not in _GUARDED and guards[0]:
        guards.append([])
    for policy in _resource_policies(question, is_foreign=not mine):
        for guard in guards:
            yield {"resourcePolicy": policy, "resourceControlPolicies": guard}


def _resource_policies(question: Question, *, is_foreign: bool) -> list[Document | None]:
    delegating = _document(_ALL | {"Principal": {"AWS": f"arn:aws:iam::{NUMBER}:root"}})
    if question.action == "sts:AssumeRole" and not is_foreign:
        return [_entry(question, question.resource)["AssumeRolePolicyDocument"]]
    is_key = question.action.startswith("kms:") and ":key/" in question.resource
    is_shared = is_foreign and not question.action.startswith("iam:")
    return [None, delegating] if is_key or is_shared else [None]


def _choices(question: Question, world: Simulation) -> Iterator[Simulation]:
    """The same by each session that a policy tells apart, and by one that none does."""
    is_role = ":role/" in question.who
    for name in ("ci", "cd", "credaudit-any") if is_role else ("",):
        made = _simulation(question) | world
        if is_role:
            session = SESSION.replace("/ops/", f"/{question.who.rpartition('/')[2]}/")
            made["request"] = made["request"] | {"principal": f"{session}{name}"}
        yield made


def _simulation(question: Question) -> Simulation:
    entry = _entry(question, question.who)
    is_linked = question.who == LINKED
    boundary = _boundary(question, entry)
    return {
        "request": {
            "principal": question.who,
            "action": question.action,
            "resource": {
                "resource": question.resource,
                "accountId": _owner(question) or NUMBER,
            },
            "contextVariables": context(question),
        },
        "identityPolicies": [
            {"name": f"i{number}", "policy": each}
            for number, each in enumerate(identity_policies(question, entry))
        ],
        "serviceControlPolicies": [] if is_linked else controls(question, "SERVICE_CONTROL_POLICY"),
        **({"permissionBoundaryPolicies": [{"name": "b", "policy": boundary}]} if boundary else {}),
    }


def context(question: Question) -> dict[str, Any]:
    """The keys that the request carries: the asker's choice, and what follows from the account."""
    entry, target = _entry(question, question.who), _entry(question, question.resource)
    found: dict[str, Any] = {
        key: list(state) if key == "aws:TagKeys" else state[0]
        for key, state in question.keys.items()
        if isinstance(state, tuple)
    }
    if question.action.partition(":")[0] in ONE_REGION and question.action != "iam:PassRole":
        found["aws:RequestedRegion"] = "us-east-1"
    is_user = ":user/" in question.who
    found |= {"aws:PrincipalArn": question.who, "aws:PrincipalAccount": NUMBER}
    found |= {"aws:PrincipalType": "User" if is_user else "AssumedRole"}
    found |= {"aws:username": entry["UserName"]} if is_user else {}
    for tag in entry.get("Tags", []):
        found[f"aws:PrincipalTag/{tag['Key']}"] = tag["Value"]
    for tag in target.get("Tags", []):
        for family in ("aws", "iam"):
            found[f"{family}:ResourceTag/{tag['Key']}"] = tag["Value"]
    if "PermissionsBoundary" in target and question.action in _WITH_BOUNDARY:
        arn = target["PermissionsBoundary"]["PermissionsBoundaryArn"]
        found["iam:PermissionsBoundary"] = arn
    owner = _owner(question)
    return found | ({"aws:ResourceAccount": owner} if owner else {})


def identity_policies(question: Question, entry: Document) -> Iterator[Document]:
    """What the principal holds itself and through its groups."""
    groups = [
        each
        for each in question.account.details["GroupDetailList"]
        if each["GroupName"] in entry.get("GroupList", [])
    ]
    for holder in (entry, *groups):
        for member in ("UserPolicyList", "RolePolicyList", "GroupPolicyList"):
            yield from (each["PolicyDocument"] for each in holder.get(member, []))
        for each in holder.get("AttachedManagedPolicies", []):
            yield _managed(question, each["PolicyArn"])


def _owner(question: Question) -> str | None:
    """The account that the ARN names, if any."""
    return next((each for each in (NUMBER, FOREIGN) if f":{each}:" in question.resource), None)


def policies_over(question: Question) -> Iterator[tuple[str, Document]]:
    """What the asker holds, its boundary, and the trust policy of the role that it asks for."""
    entry = _entry(question, question.who)
    yield from (("identity", each) for each in identity_policies(question, entry))
    if boundary := _boundary(question, entry):
        yield "boundary", boundary
    if trust := _entry(question, question.resource).get("AssumeRolePolicyDocument"):
        yield "trust", trust


def controls(question: Question, sort: str) -> list[Document]:
    """The organization's policies of that sort, level by level; none over its own account."""
    answers = question.account.exports.get("control-policies.json", [])
    if "organization.json" in question.account.exports:
        return []
    texts = {
        each["Policy"]["PolicySummary"]["Id"]: each["Policy"]["Content"]
        for each in answers
        if "Policy" in each
    }
    return [
        {
            "orgIdentifier": level["credaudit_target"],
            "policies": [
                {"name": each["Id"], "policy": texts[each["Id"]]}
                for each in level["Policies"]
                if each["Type"] == sort and each["Id"] in texts
            ],
        }
        for level in answers
        if "credaudit_target" in level
    ]


def _entry(question: Question, arn: str) -> Document:
    details = question.account.details
    entries = (*details["UserDetailList"], *details["RoleDetailList"])
    return next((each for each in entries if each["Arn"] == arn), {})


def _managed(question: Question, arn: str) -> Document:
    if ":aws:policy/" in arn:
        return AWS_MANAGED[arn.rpartition("/")[2]]
    policies = question.account.details["Policies"]
    policy = next(each for each in policies if each["Arn"] == arn)
    return dict(policy["PolicyVersionList"][0]["Document"])


def _boundary(question: Question, entry: Document) -> Document | None:
    """The text of the boundary; no boundary limits a service-linked role."""
    if "PermissionsBoundary" not in entry or question.who == LINKED:
        return None
    return _managed(question, entry["PermissionsBoundary"]["PermissionsBoundaryArn"])
