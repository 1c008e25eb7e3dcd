"""Practice 5: rights by job through groups."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import DETAILS, REPORT, account, allow

ANN = account().user("ann")
GRANTING = account().empty_group("dev").attached("ViewOnlyAccess")
QUARANTINE = "AWSCompromisedKeyQuarantineV3"


# user-direct-policy


def test_user_direct_policy_fails_for_an_attached_policy():
    """A managed policy hangs on the user itself."""
    case = ANN.group("dev").attached("ReadOnlyAccess")
    [(resource, spot, value)] = case.proof("user-direct-policy")
    assert (resource, value["PolicyName"]) == ("user/ann", "ReadOnlyAccess")
    assert spot == f"{DETAILS}:/UserDetailList/0/AttachedManagedPolicies/0"


def test_user_direct_policy_fails_for_an_inline_policy():
    """An inline policy is a direct one too."""
    [(_, spot, value)] = ANN.inline("extra").proof("user-direct-policy")
    assert (spot, value["PolicyName"]) == (f"{DETAILS}:/UserDetailList/0/UserPolicyList/0", "extra")


def test_user_direct_policy_is_one_finding_with_all_its_places():
    """Three policies of one user are one cause."""
    [finding] = ANN.attached("A", "B").inline("c").judged("user-direct-policy").findings
    assert len(finding.locations) == 3


def test_user_direct_policy_passes_for_a_member_of_a_group():
    """Rights from groups are as they should be."""
    assert ANN.group("dev").status("user-direct-policy") is Status.PASS


@pytest.mark.parametrize("version", ["", "V2", "V3"])
def test_user_direct_policy_passes_for_the_quarantine(version: str):
    """AWS attached it, not the account; another rule speaks of it."""
    case = ANN.attached(f"AWSCompromisedKeyQuarantine{version}")
    assert case.status("user-direct-policy") is Status.PASS


def test_user_direct_policy_fails_for_a_namesake_of_the_quarantine():
    """A policy of the account's own does not hide behind the name that AWS's policy has."""
    case = ANN.attached(ANN.arn(f"policy/{QUARANTINE}"))
    assert case.status("user-direct-policy") is Status.FAIL


def test_user_direct_policy_fails_for_an_inline_policy_named_like_the_quarantine():
    """The quarantine is a managed policy; an inline one of that name is the account's."""
    assert ANN.inline(QUARANTINE).status("user-direct-policy") is Status.FAIL


# user-only-direct-policies


def test_user_only_direct_policies_fails_outside_every_group():
    """All rights are the user's own."""
    [(resource, spot, _)] = ANN.attached("ReadOnlyAccess").proof("user-only-direct-policies")
    assert resource == "user/ann"
    assert spot == f"{DETAILS}:/UserDetailList/0/AttachedManagedPolicies/0"


def test_user_only_direct_policies_passes_for_a_member_of_a_group():
    """Direct policies besides a group's are the other rule's finding."""
    case = GRANTING.user("ann").attached("ReadOnlyAccess").group("dev")
    assert case.status("user-only-direct-policies") is Status.PASS


def test_user_only_direct_policies_does_not_concern_users_without_policies():
    """Without direct policies, and for the quarantine alone, there is nothing to move."""
    assert ANN.status("user-only-direct-policies") is Status.NOT_APPLICABLE
    assert ANN.attached(QUARANTINE).status("user-only-direct-policies") is Status.NOT_APPLICABLE


# user-in-no-group


@pytest.mark.parametrize("case", [ANN.password(), ANN.key()], ids=["password", "key"])
def test_user_in_no_group_fails_for_a_live_credential(case):
    """Who can get in and belongs to no group."""
    assert case.proof("user-in-no-group") == [
        ("user/ann", f"{DETAILS}:/UserDetailList/0/GroupList", [])
    ]


def test_user_in_no_group_passes_for_a_member():
    """A member of a group keeps the rule."""
    case = GRANTING.user("ann").password().group("dev")
    assert case.status("user-in-no-group") is Status.PASS


def test_user_in_no_group_does_not_concern_users_who_cannot_get_in():
    """An inactive key is no live credential."""
    assert ANN.key(active=False).status("user-in-no-group") is Status.NOT_APPLICABLE


def test_user_in_no_group_is_not_assessed_without_the_report():
    """Only the credential report says whether a credential is live."""
    case = ANN.without(REPORT).audited_at(0)
    assert case.status("user-in-no-group") is Status.NOT_ASSESSED


# inline-policies-present


def test_inline_policies_present_fails_for_a_group():
    """A group's inline policy shows in no list of policies."""
    [(resource, spot, value)] = (
        account().empty_group("dev").inline("x").proof("inline-policies-present")
    )
    assert (resource, value["PolicyName"]) == ("group/dev", "x")
    assert spot == f"{DETAILS}:/GroupDetailList/0/GroupPolicyList/0"


def test_inline_policies_present_fails_for_a_role():
    """A role's inline policy shows in no list of policies."""
    [(resource, spot, _)] = account().role("app").inline("x").proof("inline-policies-present")
    assert (resource, spot) == ("role/app", f"{DETAILS}:/RoleDetailList/0/RolePolicyList/0")


def test_inline_policies_present_passes_without_one():
    """Managed policies can be listed, versioned and reviewed."""
    case = account().role("app").attached("ReadOnlyAccess").empty_group("dev")
    assert case.status("inline-policies-present") is Status.PASS


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("AWSServiceRoleForSupport", "/aws-service-role/support.amazonaws.com/"),
        ("AWSReservedSSO_Admin_0123456789abcdef", "/aws-reserved/sso.amazonaws.com/"),
    ],
)
def test_inline_policies_present_does_not_concern_roles_that_aws_writes(name: str, path: str):
    """Service-linked roles and those of Identity Center are not the account's to change."""
    case = account().role(name, path=path).inline("x")
    assert case.status("inline-policies-present") is Status.NOT_APPLICABLE


# group-empty


def test_group_empty_fails_without_members():
    """No user's list of groups names it."""
    case = account().empty_group("old").user("ann").group("dev")
    expected = [("group/old", f"{DETAILS}:/GroupDetailList/0/GroupName", "old")]
    assert case.proof("group-empty") == expected


def test_group_empty_passes_with_a_member():
    """One member is enough."""
    assert ANN.group("dev").status("group-empty") is Status.PASS


def test_group_empty_is_not_assessed_where_users_may_be_missing():
    """A member may stand on a page that was not handed in."""
    case = account().empty_group("old").page(IsTruncated=True)
    assert case.status("group-empty") is Status.NOT_ASSESSED


# group-without-policies, groups-with-identical-grants


def test_group_without_policies_fails():
    """Its members get nothing from it."""
    [(resource, _, value)] = account().empty_group("dev").proof("group-without-policies")
    assert (resource, value) == ("group/dev", "dev")


def test_group_without_policies_passes():
    """Attached or inline."""
    case = account().empty_group("dev").attached("ReadOnlyAccess").empty_group("ops").may("s3:*")
    assert case.status("group-without-policies") is Status.PASS


def test_groups_with_identical_grants_fails():
    """The same text under another name is the same."""
    case = account().empty_group("a").inline("x", allow("s3:*"))
    case = case.empty_group("b").inline("y", allow("s3:*"))
    [(resource, _, _)] = case.proof("groups-with-identical-grants")
    assert resource == "group/b"


def test_groups_with_identical_grants_passes():
    """Each its own; groups that give nothing are another check's finding."""
    case = account().empty_group("a").may("s3:*").empty_group("b").may("ec2:*")
    assert case.status("groups-with-identical-grants") is Status.PASS
    both_empty = account().empty_group("a").empty_group("b")
    assert both_empty.status("groups-with-identical-grants") is Status.PASS


def test_a_group_without_policies_changes_nothing():
    """Its member has all rights from direct policies, and none from a group."""
    member = account().empty_group("dev").user("ann").key().attached("ReadOnlyAccess").group("dev")
    assert member.status("user-only-direct-policies") is Status.FAIL
    assert member.status("user-in-no-group") is Status.FAIL
    [finding] = member.judged("user-in-no-group").findings
    assert "user/ann" in finding.resource.arn


def test_a_group_that_the_export_lacks_may_give_rights():
    """Nobody can tell what the member has from it."""
    member = account().user("ann").key().attached("ReadOnlyAccess").member(GroupList=["lost"])
    assert member.status("user-only-direct-policies") is Status.NOT_ASSESSED


def test_user_only_direct_policies_is_mild_for_whoever_cannot_get_in():
    """A user without a live credential is to be deleted, not moved."""
    dead, live = ANN.attached("ReadOnlyAccess"), ANN.key().attached("ReadOnlyAccess")
    found = [case.judged("user-only-direct-policies").findings[0].variant for case in (dead, live)]
    assert found == ["no-way-in", ""]


def test_group_empty_is_not_assessed_where_an_entry_hides_its_groups():
    """Whoever's membership can't be read may be a member; a bad attachment is none."""
    case = account().empty_group("dev").user("ann")
    hidden = case.member(GroupList=[{"Arn": "arn:aws:iam::111122223333:group/dev"}])
    assert hidden.status("group-empty") is Status.NOT_ASSESSED
    assert case.member(Groups=["dev"]).status("group-empty") is Status.NOT_ASSESSED
    other = case.member(AttachedManagedPolicies=[{"PolicyName": "x"}])
    assert other.status("group-empty") is Status.FAIL


def test_user_in_no_group_is_not_assessed_where_the_group_hides_what_it_gives():
    """A group whose rights can't be read may give the user's."""
    case = account().user("ann").password().group("dev")
    assert case.status("user-in-no-group") is Status.FAIL
    groups = [case.details["GroupDetailList"][0] | {"More": {"Statement": [{"Effect": "Allow"}]}}]
    assert case.page(GroupDetailList=groups).status("user-in-no-group") is Status.NOT_ASSESSED


# group-single-member


def test_group_single_member_is_found_with_the_member():
    """Two members make a job of it; an empty group is told of elsewhere."""
    case = account().user("ann").group("solo").group("dev").user("bob").group("dev")
    case = case.empty_group("none")
    [(resource, _, value)] = case.proof("group-single-member")
    assert (resource, value) == ("group/solo", "solo")
    assert case.judged("group-single-member").findings[0].facts["user"] == "ann"


def test_group_single_member_is_not_assessed_where_members_may_be_missing():
    """The other may stand on the page that was cut off."""
    case = account().user("ann").group("solo")
    assert case.page(IsTruncated=True).status("group-single-member") is Status.NOT_ASSESSED
