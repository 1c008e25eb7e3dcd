"""Practice 2: who, without full rights, arms others or blinds the audit trail."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from analyzer.rules.finding import Status
from analyzer.rules.severity import Severity
from tests.builders import DETAILS, account, allow, deny, the_catalogue

ANN = account().user("ann")
BOB = account().user("bob").user("ann").key()
GRANTING = "principal-can-grant-privileges"
FROM_OFFICE = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}


def severity_of(finding) -> Severity:
    """What the finding weighs in the report."""
    return the_catalogue().entry_of(finding.rule, finding.variant).severity


# principal-can-grant-privileges


@pytest.mark.parametrize(
    ("action", "on"),
    [
        ("iam:PutUserPolicy", "user/bob"),
        ("iam:AttachUserPolicy", "user/bob"),
        ("iam:CreatePolicyVersion", "policy/job"),
        ("iam:AttachGroupPolicy", "group/dev"),
        ("iam:PutGroupPolicy", "group/d*"),
    ],
)
def test_principal_can_grant_privileges_fails(action: str, on: str):
    """Ann gains nothing by herself, and may arm somebody else."""
    case = account().policy("job", allow("s3:ListBucket")).empty_group("dev").user("bob")
    [finding] = case.user("ann").key().may(action, on=account().arn(on)).judged(GRANTING).findings
    assert finding.resource.arn.endswith(":user/ann")
    assert finding.facts["actions"] == action
    assert severity_of(finding) is Severity.HIGH


def test_principal_can_grant_privileges_shows_the_statements():
    """The first place is the statement that gives the right; both of a user's are there."""
    case = BOB.may("s3:*").may("iam:PutUserPolicy", on="arn:aws:iam::111122223333:user/bob")
    [(_, spot, value)] = case.proof(GRANTING)
    assert spot == f"{DETAILS}:/UserDetailList/1/UserPolicyList/1/PolicyDocument/Statement/0"
    assert value["Action"] == ["iam:PutUserPolicy"]


def test_principal_can_grant_privileges_is_medium_under_conditions():
    """From the office alone, which no export shows."""
    on = "arn:aws:iam::111122223333:user/bob"
    case = account().user("bob").user("ann").password()
    [finding] = case.may("iam:PutUserPolicy", on=on, when=FROM_OFFICE).judged(GRANTING).findings
    assert finding.variant == "under-conditions"
    assert severity_of(finding) is Severity.MEDIUM


def test_principal_can_grant_privileges_is_low_where_nobody_can_get_in():
    """The report shows no live credential of Ann's; without the report she may have one."""
    on = "arn:aws:iam::111122223333:user/bob"
    case = account().user("bob").user("ann").may("iam:PutUserPolicy", on=on)
    [shut] = case.judged(GRANTING).findings
    [live] = case.key().judged(GRANTING).findings
    assert [severity_of(shut), severity_of(live)] == [Severity.LOW, Severity.HIGH]


def test_principal_can_grant_privileges_fails_for_everyone_of_that_level():
    """A role, and a user by its group: whoever the graph says can empower others."""
    bob = "arn:aws:iam::111122223333:user/bob"
    case = account().empty_group("help").may("iam:PutUserPolicy", on=bob).user("bob")
    case = case.user("ann").key().group("help").role("desk").may("iam:AttachUserPolicy", on=bob)
    privileges = escalation_graph(case.account()).privileges
    able = {arn for arn, each in privileges.items() if each.level is PrivilegeLevel.INDIRECT}
    found = {each.resource.arn for each in case.judged(GRANTING).findings}
    assert able == found == {case.arn("user/ann"), case.arn("role/desk")}


def test_principal_can_grant_privileges_passes():
    """Reading, or denied; and an administrator is found elsewhere."""
    on = "arn:aws:iam::111122223333:user/bob"
    reading = BOB.may("iam:Get*", "iam:List*")
    denied = BOB.may("iam:PutUserPolicy", on=on).may_not("iam:PutUserPolicy")
    admin = BOB.may("*")
    assert reading.status(GRANTING) is Status.PASS
    assert denied.status(GRANTING) is Status.PASS
    assert admin.status(GRANTING) is Status.PASS
    assert admin.status("user-effective-admin") is Status.FAIL


def test_principal_can_grant_privileges_is_not_assessed_for_unknown_policies():
    """What the policy gives, no export says."""
    case = BOB.attached("arn:aws:iam::111122223333:policy/lost")
    assert case.status(GRANTING) is Status.NOT_ASSESSED


# audit-trail-tamper-rights


def test_audit_trail_tamper_rights_fails():
    """cloudtrail:* outside administration."""
    [(resource, _, value)] = ANN.may("cloudtrail:*").proof("audit-trail-tamper-rights")
    assert (resource, value["Action"]) == ("user/ann", ["cloudtrail:*"])


def test_audit_trail_tamper_rights_passes():
    """Reading is no tampering, and a Deny holds."""
    assert ANN.may("cloudtrail:Get*").status("audit-trail-tamper-rights") is Status.PASS
    denied = ANN.inline("p", allow("cloudtrail:*"), deny("cloudtrail:*"))
    assert denied.status("audit-trail-tamper-rights") is Status.PASS


# detection-tamper-rights

DETECTION = "detection-tamper-rights"


@pytest.mark.parametrize(
    "action",
    [
        "guardduty:DeleteDetector", "config:StopConfigurationRecorder", "macie2:DisableMacie",
        "securityhub:DisableSecurityHub", "access-analyzer:DeleteAnalyzer", "inspector2:Disable",
        "organizations:LeaveOrganization",
    ],
)  # fmt: skip
def test_detection_tamper_rights_fails(action: str):
    """Each service that raises alarms, and the guardrails of the organization."""
    [finding] = ANN.key().may(action, "s3:List*").judged(DETECTION).findings
    assert finding.resource.arn.endswith(":user/ann")
    assert finding.facts["actions"] == action
    assert severity_of(finding) is Severity.HIGH


def test_detection_tamper_rights_is_medium_for_hiding_findings():
    """A filter leaves the service on; beside the right to stop it, only that is told."""
    hiding = ANN.key().may("guardduty:CreateFilter")
    [finding] = hiding.judged(DETECTION).findings
    assert (finding.variant, severity_of(finding)) == ("hides-findings", Severity.MEDIUM)
    [finding] = hiding.may("inspector2:Disable").judged(DETECTION).findings
    assert (finding.variant, finding.facts["actions"]) == ("", "inspector2:Disable")


def test_detection_tamper_rights_passes():
    """Reading is no tampering, a Deny holds, and an administrator is found elsewhere."""
    for case in (ANN.may("guardduty:Get*"), ANN.may("*"),
                 ANN.inline("p", allow("guardduty:*"), deny("guardduty:*"))):  # fmt: skip
        assert case.user("bob").status(DETECTION) is Status.PASS


def test_detection_tamper_rights_is_not_assessed_under_a_condition():
    """From the office alone, which no export shows."""
    case = ANN.may("guardduty:DeleteDetector", when=FROM_OFFICE)
    assert case.status(DETECTION) is Status.NOT_ASSESSED


# identity-admin-without-boundary


def test_identity_admin_without_boundary_fails():
    """Whoever makes roles may make any."""
    [(resource, _, _)] = ANN.may("iam:CreateRole").proof("identity-admin-without-boundary")
    assert resource == "user/ann"


def test_identity_admin_without_boundary_passes():
    """A boundary is asked of each new role."""
    asked = {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/b"}}
    case = ANN.may("iam:CreateRole", when=asked)
    assert case.status("identity-admin-without-boundary") is Status.PASS
