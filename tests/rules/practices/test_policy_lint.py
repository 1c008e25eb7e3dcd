"""Practice 2: policies that do not do what they say."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account, allow, deny, policy_text

NUMBER = "111122223333"
IAM = f"arn:aws:iam::{NUMBER}"
ANN = account().user("ann")
GUARD, CONDITION, POLICY = (
    "guard-without-effect",
    "condition-without-effect",
    "policy-without-effect",
)
LOST = deny("guardduty:DeleteDetectr")
BY_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
IDLE = allow("s3:GetObject", on="arn:aws:s3:::ledger")
UNREAD = {"Effect": "Allow", "Action": "s3:Get*"}
FULL_ACCESS = {"Id": "p-FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "Name": "FullAWSAccess"}
SCP = {"Id": "p-1", "Type": "SERVICE_CONTROL_POLICY", "Name": "fence"}


def variant_of(case, rule):
    """The variant of the one finding."""
    [finding] = case.judged(rule).findings
    return finding.variant


def told_of(case, rule):
    """The faults that the one finding names."""
    [finding] = case.judged(rule).findings
    return finding.facts["faults"]


def under(*statements):
    """Ann's account under a service control policy of these statements."""
    targets = {"credaudit_target": NUMBER, "Policies": [FULL_ACCESS, SCP]}
    text = str(policy_text(*statements)).replace("'", '"')
    answer = {"Policy": {"PolicySummary": SCP, "Content": text}}
    return ANN.export("control-policies.json", targets).export("control-policies.json", answer)


HOLDERS = {
    "customer policy": (lambda made: ANN.policy("p", made), "policy/p"),
    "policy of nobody": (lambda made: ANN.policy("p", made, attachments=0), "policy/p"),
    "boundary": (
        lambda made: ANN.boundary(f"{IAM}:policy/p").policy(
            "p", allow("s3:*"), made, attachments=0, boundaries=1
        ),
        "policy/p",
    ),
    "inline policy of a user": (lambda made: ANN.inline("p", made), "user/ann"),
    "inline policy of a group": (lambda made: ANN.empty_group("g").inline("p", made), "group/g"),
    "inline policy of a role": (lambda made: ANN.role("r").inline("p", made), "role/r"),
    "service control policy": (under, "root"),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_guard_without_effect_fails(holder):
    """A Deny with a typo, wherever it stands; the finding points at it."""
    made, resource = HOLDERS[holder]
    [found] = made(LOST).proof(GUARD)
    assert found.resource == resource
    if holder != "service control policy":
        assert found.value == LOST


@pytest.mark.parametrize(
    "statement",
    [
        deny("iam:AttachUserPolicy", on=f"{IAM}:group/staff"),
        deny("*", when={"Bool": {"aws:MultiFactorAuthPresnt": "false"}}),
        deny("*", when={"StringEquals": {"aws:PrincipalArn": f"{IAM}:role/*"}}),
        deny("s3:DeleteObject", on="arn:aws:s3:::ledger"),
    ],
)
def test_guard_without_effect_fails_for_what_it_is_about(statement):
    """The wrong kind of resource, a key that no request has, a test that no value meets."""
    assert variant_of(ANN.inline("p", statement), GUARD) == ""


def test_guard_without_effect_is_milder_where_a_part_works():
    """One name of two is misspelt: the other one is denied."""
    case = ANN.inline("p", deny("guardduty:DeleteDetectr", "guardduty:DeleteDetector"))
    assert variant_of(case, GUARD) == "in-part"


def test_guard_without_effect_passes():
    """Guards that work, and an Allow that grants nothing, which is another finding."""
    guard = deny("*", when={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
    assert ANN.inline("p", guard).status(GUARD) is Status.PASS
    assert ANN.inline("p", IDLE).status(GUARD) is Status.NOT_APPLICABLE


def test_policies_of_aws_are_not_looked_at():
    """The account can't change them."""
    case = ANN.aws_policy("Odd", LOST, IDLE).user("bob").attached("Odd")
    assert case.status(GUARD) is Status.NOT_APPLICABLE
    assert case.status(POLICY) is Status.NOT_APPLICABLE


def test_condition_without_effect_fails():
    """Rights over all of IAM for everyone, whatever the condition seems to ask for."""
    case = ANN.inline("p", allow("iam:*", when=BY_MFA))
    [found] = case.proof(CONDITION)
    assert found.value == "true"
    assert variant_of(case, CONDITION) == ""
    assert "IfExists" in told_of(case, CONDITION)


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-1/r-1/"}},
        {"StringNotEquals": {"aws:PrincipalTag/clearance": "none"}},
        {"StringLike": {"aws:PrincipalArn": "*"}},
        {"Null": {"aws:PrincipalArn": "false"}},
    ],
)
def test_condition_without_effect_is_milder_for_lesser_rights(condition):
    """The condition holds for all who have the policy, of a right that is not everything."""
    case = ANN.inline("p", allow("ec2:StopInstances", when=condition))
    assert variant_of(case, CONDITION) == "limited"


def test_condition_without_effect_is_milder_in_what_gives_nothing():
    """A boundary and a service control policy allow everything, and grant nobody a thing."""
    made, _ = HOLDERS["boundary"]
    assert variant_of(made(allow("*", when=BY_MFA)), CONDITION) == "limited"
    assert variant_of(under(allow("*", when=BY_MFA)), CONDITION) == "limited"


def test_condition_without_effect_passes():
    """A test that a bare key fails; a Deny is strict when its condition always holds."""
    strict = allow("*", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    whole = deny("s3:*", when={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})
    assert ANN.inline("p", strict, whole).status(CONDITION) is Status.PASS


def test_a_tag_that_sessions_may_bring_is_not_called_nobodys():
    """Whoever takes the role passes tags, and which ones no export tells."""
    wanted = allow("s3:*", when={"StringNotEquals": {"aws:PrincipalTag/clearance": "none"}})
    case = ANN.inline("p", wanted)
    assert case.status(CONDITION) is Status.FAIL
    tagged = case.role("ci").trusts(
        {"AWS": f"{IAM}:root"}, action=["sts:AssumeRole", "sts:TagSession"]
    )
    assert tagged.status(CONDITION) is Status.PASS


@pytest.mark.parametrize("holder", HOLDERS)
def test_policy_without_effect_fails(holder):
    """An Allow of objects on a bucket grants nothing."""
    made, resource = HOLDERS[holder]
    [found] = made(IDLE).proof(POLICY)
    assert found.resource == resource


def test_policy_without_effect_names_the_fault_and_the_code():
    """In words, with what stands there and what Access Analyzer calls it."""
    said = told_of(ANN.inline("p", allow("s3:FetchObject")), POLICY)
    assert said.startswith("statement 1: s3:FetchObject is not in the action table of 20")
    assert said.endswith("(INVALID_ACTION)")


def test_policy_without_effect_is_one_finding_with_every_place():
    """However many statements of a policy are idle."""
    many = [allow(f"s3:FetchObject{number}") for number in range(7)]
    [finding] = ANN.inline("p", *many).judged(POLICY).findings
    assert len(finding.locations) == 7
    assert finding.facts["faults"].endswith("; and 3 more")


def test_policy_without_effect_passes():
    """A remark is no finding, and neither is one name of several that AWS does not list."""
    case = ANN.inline("p", allow("s3:*", "s3:GetObject", "s3:FetchObject", "iam:PassRole"))
    assert case.status(POLICY) is Status.PASS


def test_policy_without_effect_fails_for_a_trust_that_lets_in_nobody():
    """The provider of SAML assertions has a call of its own; no other check speaks of the trust."""
    case = account().role("app").trusts({"Federated": f"{IAM}:saml-provider/corp"})
    assert variant_of(case, POLICY) == "trust"
    assert case.status("saml-trust-audience-missing") is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    "statement",
    [
        UNREAD,
        allow("s3:Get*") | {"NotAction": "iam:*"},
        allow("s3:Get*") | {"Effect": "allow"},
        allow("s3:Get*") | {"Principal": "*"},
    ],
)
def test_policy_without_effect_is_told_otherwise_for_broken_grammar(statement):
    """IAM saves no such policy, so nobody can tell what it grants."""
    assert variant_of(ANN.inline("p", statement), POLICY) == "malformed"


def test_both_spellings_of_a_member_are_named():
    """Nobody can tell which of the two counts."""
    said = told_of(ANN.inline("p", allow("s3:Get*") | {"action": "*"}), POLICY)
    assert "both Action and action" in said


OF_POLICIES = (
    "policy-service-wildcard", "policy-notaction-allow", "passrole-unrestricted",
    "kms-unrestricted", "data-read-unconstrained", "resource-policy-write-unconstrained",
    "mfa-deny-guard-bypassable", GUARD, CONDITION,
)  # fmt: skip
OF_PRINCIPALS = ("user-effective-admin", "principal-privilege-escalation")


def test_an_unreadable_statement_in_a_policy_of_nobody_costs_nobody():
    """Every check is judged as if the policy were not there; it is named all the same."""
    case = ANN.inline("own", allow("ec2:Describe*"))
    broken = case.policy("broken", UNREAD, attachments=0)
    before, after = case.judged_all(), broken.judged_all()
    for rule in (*OF_POLICIES, *OF_PRINCIPALS, "unattached-policy-full-admin"):
        assert (after[rule].status, after[rule].unknown) == (before[rule].status, 0)
    assert variant_of(broken, POLICY) == "malformed"


def test_an_unreadable_statement_costs_those_who_hold_it():
    """Ann holds the policy, so she and the policy are in doubt; bob is not."""
    broken = f"{IAM}:policy/broken"
    case = account().user("bob").user("ann").attached(broken).policy("broken", UNREAD)
    results = case.judged_all()
    for rule in OF_PRINCIPALS:
        assert results[rule].in_doubt == {f"{IAM}:user/ann"}
        assert results[rule].unknown == 1
    assert results["policy-service-wildcard"].in_doubt == {broken}
    assert "principal-can-grant-privileges" not in {
        rule for rule, each in results.items() if each.status is Status.FAIL
    }


def test_a_boundary_that_is_unreadable_costs_those_under_it():
    """It is attached to nobody, and caps ann all the same."""
    limit = f"{IAM}:policy/limit"
    case = ANN.may("s3:*").boundary(limit).policy("limit", UNREAD, attachments=0, boundaries=1)
    assert case.judged(GUARD).unknown == 1
