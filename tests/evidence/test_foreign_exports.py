"""In: files of other services, tools and programs. Out: the proof that each is named, not used."""

import json

import pytest

from analyzer.evidence.export_kinds import ExportKind
from tests.evidence.export_material import ACCOUNT, faults, reading

FINDING = {"SchemaVersion": "2018-10-08", "Id": "1", "AwsAccountId": ACCOUNT, "ProductArn": "a"}
DUTY = {"SchemaVersion": "2.0", "AccountId": ACCOUNT, "Service": {"DetectorId": "x"}, "Type": "y"}
FOREIGN = {
    "Security Hub findings": {"Findings": [FINDING]},
    "GuardDuty findings": {"Findings": [DUTY]},
    "Inspector findings": {"findings": [{"findingArn": "a", "awsAccountId": ACCOUNT}]},
    "Macie findings": {"findings": [{"accountId": ACCOUNT, "classificationDetails": {}}]},
    "validate-policy": {"findings": [{"findingType": "WARNING", "issueCode": "A"}]},
    "Trusted Advisor results": {"result": {"checkId": "x", "flaggedResources": []}},
    "Prowler's results": [{"CheckID": "iam_x", "StatusExtended": "y", "Status": "FAIL"}],
    "OCSF, as Prowler": [{"finding_info": {"uid": "x"}, "metadata": {"version": "1"}}],
    "ScoutSuite's results": {"provider_code": "aws", "services": {}, "last_run": {}},
    "a Steampipe query's rows": {"columns": [{"name": "x"}], "rows": [{"x": 1}]},
    "Cloud Custodian's resources": [{"UserName": "a", "c7n:MatchedFilters": ["x"]}],
    "list of users": {"Users": [{"UserName": "ann", "UserId": "AIDA", "Arn": "x"}]},
    "`iam get-group`": {"Group": {"GroupId": "AGPA"}, "Users": [{"UserId": "AIDA"}]},
    "who holds a policy": {"PolicyUsers": [], "PolicyGroups": [], "PolicyRoles": []},
    "names of inline policies": {"PolicyNames": ["a"]},
    "another service than IAM": {"PasswordPolicy": {"MinimumLength": 8, "RequireSymbols": True}},
    "list of roles": {"Roles": [{"RoleName": "r", "RoleId": "AROA"}]},
    "policy-version": {"PolicyVersion": {"Document": {}, "VersionId": "v1"}},
    "without their texts": {"Policies": [{"PolicyId": "ANPA", "PolicyName": "p"}]},
    "`iam list-policies`": {"Policies": [], "IsTruncated": False},
    "does not say on what they lie": {"Policies": [{"Id": "p-1", "AwsManaged": False}]},
    "EC2 instances": {"Instances": [{"InstanceId": "i-1"}]},
    "Lightsail instances": {"instances": [{"name": "x", "blueprintId": "y"}]},
    "a policy document by itself": {"Version": "2012-10-17", "Statement": []},
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "a picture (PNG)": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a picture (JPEG)": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "old office program": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0",
    "a list of people": "Personalnummer;Name;Eintritt\n7;Ost;01.02.2019\n",
    "Prowler": "AUTH_METHOD;TIMESTAMP;ACCOUNT_UID;CHECK_ID\nx;y;z;iam_1\n",
    "ScoutSuite": 'scoutsuite_results =\n{"account_id": "1"}',
}  # fmt: skip


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_something_else_is_named_with_what_to_hand_in(tmp_path, what):
    """The file is told by its shape, is not used, and the way out is said."""
    content = FOREIGN[what]
    content = json.dumps(content) if isinstance(content, list) else content
    evidence = reading(tmp_path, {"x": content})
    assert [each.kind for each in evidence.artifacts] == [ExportKind.UNRECOGNISED]
    assert evidence.documents == ()
    told = faults(evidence.problems)
    assert what in told
    assert ": not used. " in told
    assert "Hand in" in told or "hand in" in told


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"findings": [{"findingType": "X", "status": "ACTIVE"}]}, ExportKind.ANALYZER_FINDINGS),
        ({"findings": []}, ExportKind.ANALYZER_FINDINGS),
        ({"Findings": []}, ExportKind.UNRECOGNISED),
        ({"Instances": [{"InstanceArn": "a"}]}, ExportKind.IDENTITY_CENTER),
        ({"Instances": []}, ExportKind.IDENTITY_CENTER),
        ({"Users": [{"UserId": "1-2", "IdentityStoreId": "d-1"}]}, ExportKind.IDENTITY_STORE),
        ({"Users": []}, ExportKind.UNRECOGNISED),
        ({"AttachedManagedPolicies": []}, ExportKind.UNRECOGNISED),
        ({"findingDetails": [{"unusedIamRoleDetails": {}}]}, ExportKind.FINDING_DETAILS),
        ({"findingDetails": []}, ExportKind.ANALYZER_FINDINGS),
        ({"certificates": [{"certificateArn": "a"}]}, ExportKind.UNRECOGNISED),
        ({"MFADevices": 3}, ExportKind.UNRECOGNISED),
    ],
    ids=str,
)
def test_one_key_is_told_by_the_shape_of_what_is_under_it(tmp_path, document, kind):
    """Services share the names of members, not the members of their entries."""
    assert reading(tmp_path, {"x.json": document}).artifacts[0].kind is kind
