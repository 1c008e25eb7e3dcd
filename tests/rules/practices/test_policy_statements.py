"""Practice 2: what a single policy gives away."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account, allow, deny

ANN = account().user("ann")
FULL = allow("*")
OWN = "arn:aws:iam::111122223333:policy/p"
WIDE = {
    "policy-service-wildcard": allow("s3:*"),
    "policy-notaction-allow": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
    "passrole-unrestricted": allow("iam:PassRole"),
    "assume-any-role": allow("sts:AssumeRole"),
    "kms-unrestricted": allow("kms:Decrypt"),
    "marketplace-subscribe-wildcard": allow("aws-marketplace:Subscribe"),
}
NARROW = {
    "policy-service-wildcard": allow("s3:Get*"),
    "policy-notaction-allow": deny("iam:*"),
    "passrole-unrestricted": allow(
        "iam:PassRole", when={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    ),
    "assume-any-role": allow("sts:AssumeRole", on="arn:aws:iam::111122223333:role/app"),
    "kms-unrestricted": allow("kms:Encrypt"),
    "marketplace-subscribe-wildcard": allow("aws-marketplace:ViewSubscriptions"),
}


def is_found(rule, statement):
    """Whether the rule speaks of the statement, at the statement."""
    found = ANN.policy("p", allow("ec2:Run*"), statement).proof(rule)
    return [(resource, value) for resource, _, value in found] == [("policy/p", statement)]


def is_passed(rule, statement):
    """Whether the rule is content with an inline policy of that statement."""
    return ANN.inline("p", statement).status(rule) is Status.PASS


def test_policy_service_wildcard_fails():
    """All of a service on everything; the finding points at the statement."""
    assert is_found("policy-service-wildcard", WIDE["policy-service-wildcard"])


def test_policy_service_wildcard_passes():
    """Part of a service."""
    assert is_passed("policy-service-wildcard", NARROW["policy-service-wildcard"])


def test_policy_notaction_allow_fails():
    """An Allow by exception."""
    assert is_found("policy-notaction-allow", WIDE["policy-notaction-allow"])


def test_policy_notaction_allow_fails_for_notresource():
    """Everything but one bucket is everything, users and roles among it."""
    wide = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b"}
    assert is_found("policy-notaction-allow", wide)


def test_policy_notaction_allow_passes():
    """A Deny by exception is a guard."""
    guard = {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}
    assert is_passed("policy-notaction-allow", guard)
    assert is_passed("policy-notaction-allow", NARROW["policy-notaction-allow"])


def test_passrole_unrestricted_fails():
    """Any role to any service."""
    assert is_found("passrole-unrestricted", WIDE["passrole-unrestricted"])


def test_passrole_unrestricted_passes():
    """One service."""
    assert is_passed("passrole-unrestricted", NARROW["passrole-unrestricted"])


def test_assume_any_role_fails():
    """Every role that lets the account in."""
    assert is_found("assume-any-role", WIDE["assume-any-role"])


def test_assume_any_role_passes():
    """One role."""
    assert is_passed("assume-any-role", NARROW["assume-any-role"])


def test_kms_unrestricted_fails():
    """Every key."""
    assert is_found("kms-unrestricted", WIDE["kms-unrestricted"])


def test_kms_unrestricted_passes():
    """Encrypting reveals nothing."""
    assert is_passed("kms-unrestricted", NARROW["kms-unrestricted"])


def test_marketplace_subscribe_wildcard_fails():
    """Buy anything."""
    assert is_found("marketplace-subscribe-wildcard", WIDE["marketplace-subscribe-wildcard"])


def test_marketplace_subscribe_wildcard_passes():
    """Look, not buy."""
    assert is_passed("marketplace-subscribe-wildcard", NARROW["marketplace-subscribe-wildcard"])


@pytest.mark.parametrize("rule", sorted(WIDE))
def test_a_policy_without_text_is_never_passed(rule):
    """What can't be read may hold anything."""
    assert ANN.policy("p").status(rule) is Status.NOT_ASSESSED
    broken = ANN.inline("p", {"Effect": "Allow", "Action": 7, "Resource": "*"})
    assert broken.status(rule) is Status.NOT_ASSESSED


def test_customer_policy_full_admin_attached_fails():
    """Somebody holds it."""
    [(resource, _, _)] = ANN.policy("p", FULL).proof("customer-policy-full-admin-attached")
    assert resource == "policy/p"


def test_customer_policy_full_admin_attached_passes():
    """A boundary that allows everything gives nobody anything."""
    bounded = ANN.boundary(OWN).policy("p", FULL, attachments=0, boundaries=1)
    assert bounded.status("customer-policy-full-admin-attached") is Status.NOT_APPLICABLE
    held = ANN.attached(OWN).policy("p", allow("s3:Get*"))
    assert held.status("customer-policy-full-admin-attached") is Status.PASS


def test_inline_policy_full_admin_fails():
    """In a user, a group or a role."""
    case = ANN.inline("a", FULL).empty_group("g").inline("b", FULL).role("r").inline("c", FULL)
    found = [resource for resource, _, _ in case.proof("inline-policy-full-admin")]
    assert found == ["group/g", "role/r", "user/ann"]


def test_inline_policy_full_admin_passes():
    """With a condition it is not every action at every time."""
    guarded = allow("*", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    assert ANN.inline("a", guarded).status("inline-policy-full-admin") is Status.PASS


@pytest.mark.parametrize(
    "when",
    [
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
        {"StringNotEquals": {"aws:PrincipalTag/team": "nobody"}},
        {"StringLike": {"aws:PrincipalArn": "*"}, "Null": {"aws:PrincipalArn": "false"}},
    ],
)
def test_full_rights_under_conditions_that_restrict_nobody_are_full_rights(when):
    """In a policy of each sort, told once: the check of the condition leaves it to these."""
    full = allow("*", when=when)
    for case, rule in (
        (ANN.inline("a", full), "inline-policy-full-admin"),
        (ANN.attached(OWN).policy("p", full), "customer-policy-full-admin-attached"),
        (ANN.policy("p", full, attachments=0), "unattached-policy-full-admin"),
    ):
        [finding] = case.judged(rule).findings
        assert "conditions that restrict nobody" in str(finding.facts["excess"])
        assert case.status("condition-without-effect") is Status.PASS


def test_one_condition_that_restricts_is_enough():
    """All of them must hold."""
    when = {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}
    when |= {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    case = ANN.inline("a", allow("*", when=when))
    assert case.status("inline-policy-full-admin") is Status.PASS
    assert case.status("condition-without-effect") is Status.FAIL


def test_unattached_policy_full_admin_fails():
    """Nobody holds it yet."""
    case = ANN.policy("p", FULL, attachments=0)
    [(resource, _, _)] = case.proof("unattached-policy-full-admin")
    assert resource == "policy/p"


def test_unattached_policy_full_admin_passes():
    """Nothing much in it."""
    case = ANN.policy("p", allow("s3:Get*"), attachments=0)
    assert case.status("unattached-policy-full-admin") is Status.PASS


EVERY_ROLE = "arn:aws:iam::*:role/*"
EVERY_KEY = "arn:aws:kms:*:*:key/*"
EVERY_USER = "arn:aws:iam::111122223333:user/*"
BY_PATTERN = [
    ("assume-any-role", "sts:AssumeRole", EVERY_ROLE),
    ("passrole-unrestricted", "iam:PassRole", "arn:aws:iam::111122223333:role/*"),
    ("kms-unrestricted", "kms:Decrypt", EVERY_KEY),
    ("data-read-unconstrained", "s3:Get*", "arn:aws:s3:::*"),
    ("data-read-unconstrained", "secretsmanager:Get*", "arn:aws:secretsmanager:*:*:secret:*"),
    ("credential-returning-actions-unconstrained", "iam:CreateAccessKey", EVERY_USER),
    ("resource-policy-write-unconstrained", "s3:PutBucketPolicy", "arn:aws:s3:::*"),
    ("policy-service-wildcard", "sqs:*", "arn:aws:sqs:*:*:*"),
]


@pytest.mark.parametrize(("rule", "action", "pattern"), BY_PATTERN)
def test_a_pattern_that_names_every_resource_is_every_resource(rule, action, pattern):
    """The star is written out, and says the same; a name in it says less."""
    [finding] = ANN.inline("p", allow(action, on=pattern)).judged(rule).findings
    assert finding.variant == ""
    named = ANN.inline("p", allow(action, on=f"{pattern[:-1]}shop"))
    assert [each.variant for each in named.judged(rule).findings] in ([], ["limited"])


def test_one_region_is_told_and_so_is_another_account():
    """Every key of a region, every role of somebody else's account: the sentence says which."""
    one = "arn:aws:kms:eu-west-1:111122223333:key/*"
    [finding] = ANN.inline("p", allow("kms:Decrypt", on=one)).judged("kms-unrestricted").findings
    assert (finding.variant, finding.facts["bounds"]) == ("bounded", "region eu-west-1")
    theirs = allow("sts:AssumeRole", on="arn:aws:iam::444455556666:role/*")
    [finding] = ANN.inline("p", theirs).judged("assume-any-role").findings
    assert (finding.variant, finding.facts["bounds"]) == ("bounded", "account 444455556666")
    both = ANN.inline("p", allow("kms:Decrypt", on=one), allow("kms:Decrypt"))
    [finding] = both.judged("kms-unrestricted").findings
    assert (finding.variant, finding.facts["statements"]) == ("", "2")


VACUOUS = {
    "every network": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
    "MFA if present": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
    "a tag that nobody has": {"StringNotEquals": {"aws:PrincipalTag/level": "guest"}},
    "all values of none": {"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-1"}},
    "a key that is always there": {"Null": {"aws:PrincipalArn": "false"}},
    "any name": {"StringLike": {"aws:PrincipalArn": "*"}},
}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize("what", VACUOUS)
def test_full_rights_behind_a_condition_that_holds_anyway_are_full_rights(what):
    """In a customer policy, held or not, inline, and in a group."""
    full = allow("*", when=VACUOUS[what])
    assert is_found("customer-policy-full-admin-attached", full)
    assert ANN.inline("p", full).status("inline-policy-full-admin") is Status.FAIL
    loose = ANN.policy("p", full, attachments=0)
    assert loose.status("unattached-policy-full-admin") is Status.FAIL
    older = ANN.policy("p", allow("s3:Get*")).version(full)
    assert older.status("policy-risky-non-default-version") is Status.FAIL
    group = account().empty_group("ops").inline("p", full)
    assert group.status("group-effective-admin") is Status.FAIL


def test_full_rights_behind_a_condition_that_restricts_are_none_of_these():
    """Beside one that holds anyway, too."""
    guarded = allow("*", when=MFA | VACUOUS["every network"])
    assert ANN.inline("p", guarded).status("inline-policy-full-admin") is Status.PASS
    assert is_passed("kms-unrestricted", allow("kms:Decrypt", when=MFA))
    assert is_found("kms-unrestricted", allow("kms:Decrypt", when=VACUOUS["any name"]))


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:*", on="arn:aws:s3:::shop"),
        allow("s3:*", on=["arn:aws:s3:::shop", "arn:aws:s3:::shop/*"]),
        allow("s3:*", when=MFA),
        {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::payroll"},
    ],
)
def test_all_of_a_service_on_named_resources_is_a_milder_case(statement):
    """AWS's IAM.21 fails it whatever the resource."""
    [finding] = ANN.inline("p", statement).judged("policy-service-wildcard").findings
    assert finding.variant == "limited"
    both = ANN.inline("p", statement, allow("ec2:*"))
    [finding] = both.judged("policy-service-wildcard").findings
    assert (finding.variant, finding.facts["excess"]) == ("", "ec2:*")


def test_notresource_of_another_type_leaves_every_key():
    """Everything but a bucket holds all the keys."""
    but = {"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": "arn:aws:s3:::b"}
    assert is_found("kms-unrestricted", but)


def test_reading_logs_or_code_alone_is_a_milder_case():
    """Beside data they are not told."""
    rule = "data-read-unconstrained"
    [finding] = ANN.inline("p", allow("logs:Get*", "codecommit:GitPull")).judged(rule).findings
    assert finding.variant == "logs-and-code"
    [finding] = ANN.inline("p", allow("logs:Get*", "dynamodb:Scan")).judged(rule).findings
    assert (finding.variant, finding.facts["excess"]) == ("", "dynamodb:Scan")


def test_a_long_list_is_told_in_part():
    """The statement itself holds the rest."""
    [finding] = (
        ANN.inline("p", allow("dynamodb:*", "kinesis:GetRecords"))
        .judged("data-read-unconstrained")
        .findings
    )
    said = str(finding.facts["excess"])
    assert said.startswith("dynamodb:GetItem, dynamodb:BatchGetItem")
    assert said.endswith(" and 1 more")


@pytest.mark.parametrize(
    ("rule", "wide", "narrow"),
    [
        ("data-read-unconstrained", "s3:GetObject", "s3:ListBucket"),
        ("credential-returning-actions-unconstrained", "iam:CreateAccessKey", "iam:GetUser"),
        ("resource-policy-write-unconstrained", "s3:PutBucketPolicy", "s3:GetBucketPolicy"),
    ],
)
def test_rights_without_limit_are_found(rule, wide, narrow):
    """On every resource; on one they are as they should be."""
    assert is_found(rule, allow(wide))
    assert is_passed(rule, allow(narrow))
    assert is_passed(rule, allow(wide, on="arn:aws:s3:::one/*"))


def test_data_read_unconstrained_fails():
    """Every object of every bucket."""
    assert is_found("data-read-unconstrained", allow("s3:Get*"))


def test_data_read_unconstrained_passes():
    """One bucket."""
    assert is_passed("data-read-unconstrained", allow("s3:Get*", on="arn:aws:s3:::one/*"))


def test_credential_returning_actions_unconstrained_fails():
    """A key for anyone."""
    assert is_found("credential-returning-actions-unconstrained", allow("iam:Create*"))


def test_credential_returning_actions_unconstrained_passes():
    """A key for oneself."""
    own = allow("iam:Create*", on="arn:aws:iam::*:user/${aws:username}")
    assert is_passed("credential-returning-actions-unconstrained", own)


def test_resource_policy_write_unconstrained_fails():
    """Open any bucket."""
    assert is_found("resource-policy-write-unconstrained", allow("s3:Put*"))


def test_resource_policy_write_unconstrained_passes():
    """Open one."""
    one = allow("s3:Put*", on="arn:aws:s3:::one")
    assert is_passed("resource-policy-write-unconstrained", one)


def test_policy_risky_non_default_version_fails():
    """The old version waits."""
    case = ANN.policy("p", allow("s3:Get*")).version(FULL)
    [(resource, spot, _)] = case.proof("policy-risky-non-default-version")
    assert resource == "policy/p"
    assert "PolicyVersionList/1/Document/Statement/0" in spot


def test_policy_risky_non_default_version_passes():
    """Less than now, or as much."""
    held = ANN.attached(OWN)
    for case in (held.policy("p", allow("s3:*")).version(allow("s3:Get*")),
                 held.policy("p", FULL).version(FULL)):  # fmt: skip
        assert case.status("policy-risky-non-default-version") is Status.PASS


EVERY = {
    "passrole-unrestricted": allow("iam:PassRole"),
    "assume-any-role": allow("sts:AssumeRole"),
    "kms-unrestricted": allow("kms:Decrypt"),
    "marketplace-subscribe-wildcard": allow("aws-marketplace:Subscribe"),
    "data-read-unconstrained": allow("s3:GetObject"),
    "credential-returning-actions-unconstrained": allow("iam:CreateAccessKey"),
    "resource-policy-write-unconstrained": allow("s3:PutBucketPolicy"),
}


@pytest.mark.parametrize("rule", EVERY)
def test_a_policy_that_aws_maintains_counts_for_whoever_holds_it(rule: str):
    """By a group, and once for all its holders, with a fix that does not ask to change it."""
    case = account().aws_policy("JobPower", EVERY[rule]).empty_group("dev").attached("JobPower")
    [finding] = case.role("app").attached("JobPower").judged(rule).findings
    assert finding.facts["policy"] == "JobPower, held by group dev, role app,"
    assert finding.variant == "aws-managed"
    assert len(finding.locations) == 3
    unheld = account().aws_policy("JobPower", EVERY[rule]).role("app")
    assert unheld.status(rule) is not Status.FAIL


@pytest.mark.parametrize("rule", EVERY)
def test_an_aws_policy_without_its_text_is_not_assessed(rule: str):
    """A filtered export lacks it, and what it gives nobody can say."""
    case = account().role("app").attached("SomeServiceFullAccess")
    assert case.status(rule) is Status.NOT_ASSESSED


@pytest.mark.parametrize("rule", [*EVERY, "policy-service-wildcard", "policy-notaction-allow"])
def test_what_serves_as_a_boundary_alone_gives_nothing(rule: str):
    """The same policy, held as well, is judged."""
    statement = EVERY.get(rule) or WIDE[rule]
    limit = account().policy("limit", statement, attachments=0, boundaries=1)
    bound = limit.user("ann").key().boundary("arn:aws:iam::111122223333:policy/limit")
    assert bound.status(rule) is not Status.FAIL
    held = account().policy("limit", statement, attachments=1, boundaries=1)
    assert held.status(rule) is Status.FAIL


@pytest.mark.parametrize("counts", [{"boundaries": 1}, {"boundaries": 0}])
def test_a_boundary_is_in_use_by_its_count_or_by_whoever_has_it(counts):
    """Where the count is behind, the user's own entry tells; then it is no loose full access."""
    case = account().policy("limit", FULL, attachments=0, **counts)
    case = case.user("ann").key().boundary("arn:aws:iam::111122223333:policy/limit")
    assert case.status("unused-customer-policy") is Status.PASS
    assert case.status("unattached-policy-full-admin") is not Status.FAIL
    loose = account().policy("limit", FULL, attachments=0)
    assert loose.status("unused-customer-policy") is Status.FAIL
    assert loose.status("unattached-policy-full-admin") is Status.FAIL
