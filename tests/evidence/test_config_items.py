"""In: AWS Config's items of IAM in each form. Out: the proof that they are read as details."""

import json
from urllib.parse import quote

import pytest

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import ACCOUNT, faults, reading

ALL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
ANN = {
    "path": "/",
    "userName": "ann",
    "userId": "AIDAEXAMPLE",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/ann",
    "createDate": "2024-05-06T07:08:09.000Z",
    "userPolicyList": [{"policyName": "own", "policyDocument": quote(json.dumps(ALL))}],
    "groupList": ["dev"],
    "attachedManagedPolicies": [],
    "permissionsBoundary": None,
    "tags": [],
}
DEV = {
    "groupName": "dev",
    "groupId": "AGPAEXAMPLE",
    "arn": f"arn:aws:iam::{ACCOUNT}:group/dev",
    "groupPolicyList": [],
    "attachedManagedPolicies": [],
}


def item(sort: str, entity, *, status: str = "OK", captured: str = "2026-03-01T00:00:00Z"):
    """A configuration item."""
    return {
        "resourceType": f"AWS::IAM::{sort}",
        "awsAccountId": ACCOUNT,
        "ARN": entity["arn"],
        "configurationItemStatus": status,
        "configurationItemCaptureTime": captured,
        "configuration": entity,
    }


ITEMS = [item("User", ANN), item("Group", DEV)]
OTHERS = [{"resourceType": "AWS::EC2::Instance", "configuration": {"instanceId": "i-1"}}]
FORMS = {
    "snapshot": {"fileVersion": "1.0", "configurationItems": OTHERS + ITEMS},
    "history, as text": {
        "configurationItems": [
            each | {"configuration": json.dumps(each["configuration"])} for each in ITEMS
        ]
    },
    "batch": {"baseConfigurationItems": ITEMS, "unprocessedResourceKeys": []},
    "advanced query": {"Results": [json.dumps(each) for each in ITEMS], "QueryInfo": {}},
    "items by themselves": ITEMS,
    "--query Results": [json.dumps(each) for each in ITEMS],
}


@pytest.mark.parametrize("form", FORMS)
def test_items_of_config_are_authorization_details(tmp_path, form):
    """An item holds the whole entity, so its policies count as they would from IAM itself."""
    evidence = reading(tmp_path, {"c.json": json.dumps(FORMS[form])})
    assert faults(evidence.problems) == ""
    assert [each.kind for each in evidence.documents] == [ExportKind.AUTHORIZATION_DETAILS]
    (account,), _ = build_accounts(evidence)
    (ann,) = account.users
    assert (ann.name, ann.details.groups) == ("ann", ("dev",))
    assert [each.document.value for each in ann.details.inline] == [ALL]
    assert account.groups[0].members == ("ann",)
    assert account.details_are_cut


def test_the_newest_item_counts_and_a_deleted_entity_is_gone(tmp_path):
    """A history holds every state that an entity was in."""
    old = item("User", ANN | {"groupList": ["old"]}, captured="2025-01-01T00:00:00Z")
    bob = ANN | {"userName": "bob", "arn": f"arn:aws:iam::{ACCOUNT}:user/bob"}
    gone = item("User", bob, status="ResourceDeleted")
    page = {"configurationItems": [ITEMS[0], old, item("User", bob, captured="2025"), gone]}
    (account,), _ = build_accounts(reading(tmp_path, {"c.json": page}))
    assert [(each.name, each.details.groups) for each in account.users] == [("ann", ("dev",))]


def test_an_item_keeps_its_place(tmp_path):
    """A pointer leads to the item's configuration in the snapshot."""
    (account,), _ = build_accounts(reading(tmp_path, {"c.json": FORMS["snapshot"]}))
    place = account.users[0].details.location.pointer
    assert place == "/configurationItems/1/configuration"


def test_the_history_of_a_policy_is_read(tmp_path):
    """One policy with its texts is no list of policies without them."""
    policy = {
        "policyName": "own",
        "policyId": "ANPAEXAMPLE",
        "createDate": "2024-05-06T07:08:09.000Z",
        "arn": f"arn:aws:iam::{ACCOUNT}:policy/own",
        "policyVersionList": [
            {"versionId": "v1", "isDefaultVersion": True, "document": quote(json.dumps(ALL))}
        ],
    }
    page = {"configurationItems": [item("Policy", policy)]}
    evidence = reading(tmp_path, {"c.json": page})
    assert faults(evidence.problems) == ""
    (account,), _ = build_accounts(evidence)
    assert account.policies[0].document.value == ALL


@pytest.mark.parametrize(
    "page",
    [
        {"Results": [json.dumps({"resourceType": "AWS::IAM::User"})], "QueryInfo": {}},
        {"configurationItems": OTHERS},
    ],
    ids=["no configuration", "other services"],
)
def test_items_without_an_entity_of_iam_are_named_with_the_query_to_run(tmp_path, page):
    """What to select is said."""
    told = faults(reading(tmp_path, {"c.json": page}).problems)
    assert "items without the configuration" in told
    assert "SELECT resourceType, configuration" in told
