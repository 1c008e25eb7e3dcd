"""In: the ARN of a policy that AWS maintains. Out: what it allows, where the export lacks its text.

The export carries every attached policy, unless it was filtered or cut. Of a few the text is short
and stands here as of 2026-11; of a few more the gist is known; all others stay unknown.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from typing import Any

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.policy.actions import AccessLevel
from analyzer.policy.documents import Document, DocumentCache, Effect, PolicyInstance, Statement

_ALL: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_TEXTS: dict[str, list[dict[str, Any]]] = {
    "AdministratorAccess": [_ALL],
    "IAMFullAccess": [
        _ALL
        | {
            "Action": [
                "iam:*",
                "organizations:DescribeAccount",
                "organizations:DescribeOrganization",
                "organizations:DescribeOrganizationalUnit",
                "organizations:DescribePolicy",
                "organizations:ListChildren",
                "organizations:ListParents",
                "organizations:ListPolicies",
                "organizations:ListPoliciesForTarget",
                "organizations:ListRoots",
                "organizations:ListTargetsForPolicy",
            ]
        }
    ],
    "PowerUserAccess": [
        {
            "Effect": "Allow",
            "NotAction": ["iam:*", "organizations:*", "account:*"],
            "Resource": "*",
        },
        _ALL
        | {
            "Action": [
                "account:GetAccountInformation",
                "account:GetGovCloudAccountInformation",
                "account:GetPrimaryEmail",
                "account:ListRegions",
                "iam:CreateServiceLinkedRole",
                "iam:DeleteServiceLinkedRole",
                "iam:ListRoles",
                "organizations:DescribeEffectivePolicy",
                "organizations:DescribeOrganization",
            ]
        },
    ],
    "AWSDenyAll": [_ALL | {"Effect": "Deny"}],
}
_READERS = frozenset({"ReadOnlyAccess", "SecurityAudit", "ViewOnlyAccess", "AWSSupportAccess"})
"""Policies whose long text we don't repeat; what they allow reads or lists, and nothing else."""


def aws_managed_policy(arn: str, location: Location, cache: DocumentCache) -> PolicyInstance | None:
    """The policy as attached to its holder; None where its text is not known."""
    owner, _, path = arn.partition(":policy/")
    name = path.rpartition("/")[2]
    if not owner.endswith(":iam::aws"):
        return None
    text = aws_managed_text(arn, location)
    if text is not None:
        return PolicyInstance(cache.document(text), name, location, arn, is_in_text=True)
    if name in _READERS:
        return PolicyInstance(_reader(name, cache), name, location, arn, is_in_text=True)
    return None


def aws_managed_text(arn: str, location: Location) -> JsonNode | None:
    """The text of the policy as attached there; None where it does not stand here."""
    owner, _, path = arn.partition(":policy/")
    name = path.rpartition("/")[2]
    if not owner.endswith(":iam::aws") or name not in _TEXTS:
        return None
    return JsonNode({"Version": "2012-10-17", "Statement": _TEXTS[name]}, location)


def _reader(name: str, cache: DocumentCache) -> Document:
    """Possibly any read or list action: which of them, only the text would say."""
    actions = cache.actions
    bits = actions.level(AccessLevel.READ) | actions.level(AccessLevel.LIST)
    why = f"the text of {name} is not in the export"
    return Document((Statement(0, "", Effect.ALLOW, bits, (), ("*",), unread=why),))
