"""What is said of identity policies: one for each kind of fault, and some without any."""

import pytest

from analyzer.policy.lint.faults import FaultKind, Meaning
from tests.builders import allow, deny
from tests.policy.lint.crafted import faults, told

NEVER, PART, ALWAYS, EVADED, REFUSED, REMARK = (
    Meaning.NEVER, Meaning.PART, Meaning.ALWAYS, Meaning.EVADED, Meaning.REFUSED, Meaning.REMARK,
)  # fmt: skip
K = FaultKind
ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
BUCKET, OBJECTS = "arn:aws:s3:::ledger", "arn:aws:s3:::ledger/*"
INSTANCE = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0abc"
READ = "s3:GetObject"
NOTHING = set()


def when(operator, key, *values):
    """An Allow to read objects under that condition."""
    given = values[0] if len(values) == 1 else list(values)
    return allow(READ, on=OBJECTS, when={operator: {key: given}})


SAID = {
    # What the statement names.
    "unknown action": (allow("s3:FetchObject"), (K.UNKNOWN_ACTION, NEVER, "INVALID_ACTION")),
    "unknown service": (allow("s4:*"), (K.UNKNOWN_SERVICE, NEVER, "INVALID_SERVICE_IN_ACTION")),
    "text that is no action": (
        allow("FetchObject"), (K.UNKNOWN_SERVICE, NEVER, "INVALID_SERVICE_IN_ACTION"),
    ),
    "one action of two unknown": (
        allow(READ, "s3:FetchObject", on=OBJECTS), (K.UNKNOWN_ACTION, PART, "INVALID_ACTION"),
    ),
    "unknown action left out": (
        {"Effect": "Allow", "NotAction": "iam:MakeUser", "Resource": "*"},
        (K.UNKNOWN_ACTION, REMARK, "INVALID_ACTION"),
    ),
    "resource of another service": (allow(READ, on=INSTANCE), (K.RESOURCE_MISMATCH, NEVER, None)),
    "object action on a bucket": (
        allow("s3:PutObject", on=BUCKET), (K.OBJECT_ACTION_ON_BUCKET, NEVER, None),
    ),
    "bucket action on objects": (
        allow("s3:ListBucket", on=OBJECTS), (K.RESOURCE_MISMATCH, NEVER, None),
    ),
    "list action on one resource": (
        allow("ec2:DescribeVolumes", on=INSTANCE), (K.NEEDS_STAR, NEVER, None),
    ),
    "user action on a group": (
        deny("iam:DeleteUser", on=f"{IAM}:group/admins"), (K.USER_ACTION_ON_GROUP, NEVER, None),
    ),
    "region in an S3 ARN": (
        allow(READ, on="arn:aws:s3:eu-west-1::ledger/*"),
        (K.S3_FIELDS, NEVER, "ARN_REGION_NOT_ALLOWED"),
    ),
    "account in an S3 ARN": (
        allow("s3:ListBucket", on=f"arn:aws:s3::{ACCOUNT}:ledger"),
        (K.S3_FIELDS, NEVER, "ARN_REGION_NOT_ALLOWED"),
    ),
    "ARN of another partition": (
        allow(READ, on="arn:aws-cn:s3:::ledger/*"), (K.OTHER_PARTITION, NEVER, "INVALID_PARTITION"),
    ),
    "wildcard in the service": (
        allow("kinesis*:Get*"), (K.WILDCARD_SERVICE, REMARK, "WILDCARD_IN_SERVICE_NAME"),
    ),
    "service that AWS gave up": (
        allow("deeplens:GetModel"), (K.UNKNOWN_SERVICE, NEVER, "INVALID_SERVICE_IN_ACTION"),
    ),
    "right that AWS replaced": (allow("aws-portal:ViewBilling"), None),
    "name in another case": (allow("S3:gETobject", on=OBJECTS), None),
    "everything by two stars": (allow("**"), None),
    "everything by service": (allow("*:*"), None),
    "everything but one": ({"Effect": "Allow", "Action": READ, "NotResource": OBJECTS}, None),
    "ARN made of stars": (allow("ec2:DescribeVolumes", on="arn:aws:ec2:*:*:*"), None),
    "wide pattern of buckets": (allow(READ, on="arn:aws:s3:::ledger*"), None),
    "variable in a resource": (
        allow("iam:GetUser", on=IAM + ":user/${aws:username}"), None,
    ),
    # The grammar.
    "Effect in lower case": (
        allow(READ, on=OBJECTS) | {"Effect": "allow"},
        (K.INVALID_EFFECT, REFUSED, "INVALID_EFFECT"),
    ),
    "Effect that is none": (
        allow(READ, on=OBJECTS) | {"Effect": "Permit"},
        (K.INVALID_EFFECT, REFUSED, "INVALID_EFFECT"),
    ),
    "no Action": (
        {"Effect": "Allow", "Resource": OBJECTS}, (K.MISSING_ELEMENT, REFUSED, "MISSING_ACTION"),
    ),
    "no Resource": (
        {"Effect": "Allow", "Action": READ}, (K.MISSING_ELEMENT, REFUSED, "MISSING_RESOURCE"),
    ),
    "Action beside NotAction": (
        allow(READ, on=OBJECTS) | {"NotAction": "iam:*"},
        (K.BOTH_ELEMENTS, REFUSED, "UNSUPPORTED_ELEMENT_COMBINATION"),
    ),
    "Action in two spellings": (
        allow(READ, on=OBJECTS) | {"action": "*"},
        (K.REPEATED_MEMBER, REFUSED, "DUPLICATE_KEYS_WITH_DIFFERENT_CASE"),
    ),
    "Action that is a number": (
        {"Effect": "Allow", "Action": 7, "Resource": "*"}, (K.UNREADABLE, REFUSED, None),
    ),
    "empty Action": (
        {"Effect": "Allow", "Action": [], "Resource": "*"},
        (K.EMPTY_ACTION, NEVER, "EMPTY_ARRAY_ACTION"),
    ),
    "empty Resource": (allow(READ, on=[]), (K.EMPTY_RESOURCE, NEVER, "EMPTY_ARRAY_RESOURCE")),
    "Principal": (
        allow(READ, on=OBJECTS) | {"Principal": "*"},
        (K.IDENTITY_PRINCIPAL, REFUSED, "UNSUPPORTED_PRINCIPAL"),
    ),
    "variable without an end": (
        allow(READ, on="arn:aws:s3:::ledger/${aws:username"),
        (K.UNCLOSED_VARIABLE, REFUSED, "MISSING_BRACE_IN_VARIABLE"),
    ),
    "text in place of an ARN": (
        allow(READ, on="ledger/*"), (K.INVALID_ARN, REFUSED, "INVALID_ARN_PREFIX"),
    ),
    "ARN without a service": (
        allow(READ, on="arn:aws::::ledger/*"), (K.INVALID_ARN, REFUSED, "INVALID_ARN_PREFIX"),
    ),
    "partition that is none": (
        allow(READ, on="arn:amazon:s3:::ledger/*"), (K.INVALID_ARN, REFUSED, "INVALID_ARN_PREFIX"),
    ),
    "ARN of four fields": (
        allow("s3:ListBucket", on="arn:aws:s3:::l", when=None) | {"Resource": "arn:aws:s3:ledger"},
        (K.MISSING_ARN_FIELD, REMARK, "MISSING_ARN_FIELD"),
    ),
    # Conditions that never hold.
    "wildcard without Like": (
        when("StringEquals", "aws:PrincipalTag/team", "blue-*"),
        (K.WILDCARD_VALUE, NEVER, "WILDCARD_WITHOUT_LIKE_OPERATOR"),
    ),
    "wildcard in one value of two": (
        when("StringEquals", "aws:PrincipalTag/team", "blue-*", "red"),
        (K.WILDCARD_VALUE, REMARK, "WILDCARD_WITHOUT_LIKE_OPERATOR"),
    ),
    "wildcard that a variable stands for": (
        when("StringEquals", "s3:ExistingObjectTag/mark", "${*}"), None,
    ),
    "unknown global key": (
        when("StringEquals", "aws:Team", "blue"),
        (K.UNKNOWN_GLOBAL_KEY, NEVER, "INVALID_GLOBAL_CONDITION_KEY"),
    ),
    "unknown key of a service": (
        when("StringEquals", "s3:x-amz-storage-klass", "GLACIER"),
        (K.UNKNOWN_SERVICE_KEY, NEVER, "INVALID_SERVICE_CONDITION_KEY"),
    ),
    "key that the action lacks": (
        when("StringLike", "s3:prefix", "in/*"), (K.UNSUPPORTED_KEY, NEVER, None),
    ),
    "tag key that the service lacks": (
        deny("health:Describe*", when={"StringEquals": {"aws:ResourceTag/env": "prod"}}),
        (K.UNSUPPORTED_TAG_KEY, NEVER, "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"),
    ),
    "Bool on an address": (
        when("Bool", "aws:SourceIp", "true"), (K.TYPE_MISMATCH, NEVER, "TYPE_MISMATCH"),
    ),
    "network of a user name": (
        when("IpAddress", "aws:username", "198.51.100.0/24"),
        (K.TYPE_MISMATCH, NEVER, "TYPE_MISMATCH"),
    ),
    "date on a Boolean": (
        when("DateLessThan", "aws:SecureTransport", "2030-01-01T00:00:00Z"),
        (K.TYPE_MISMATCH, NEVER, "TYPE_MISMATCH"),
    ),
    "Boolean that is none": (
        when("Bool", "aws:SecureTransport", "yes"),
        (K.INVALID_BOOLEAN, NEVER, "TYPE_MISMATCH_BOOLEAN"),
    ),
    "number that is none": (
        when("NumericLessThan", "aws:MultiFactorAuthAge", "an hour"),
        (K.INVALID_NUMBER, NEVER, "TYPE_MISMATCH_NUMBER"),
    ),
    "date that is none": (
        when("DateLessThan", "aws:CurrentTime", "31/12/2030"),
        (K.INVALID_DATE, NEVER, "TYPE_MISMATCH_DATE"),
    ),
    "network that is none": (
        when("IpAddress", "aws:SourceIp", "198.51.100.0/33"),
        (K.INVALID_NETWORK, NEVER, "TYPE_MISMATCH_IP_RANGE"),
    ),
    "private address": (
        when("IpAddress", "aws:SourceIp", "10.20.0.0/16", "192.168.7.1"),
        (K.PRIVATE_ADDRESS, NEVER, "PRIVATE_IP_ADDRESS"),
    ),
    "private address among others": (
        when("IpAddress", "aws:SourceIp", "10.20.0.0/16", "198.51.100.7"),
        (K.PRIVATE_ADDRESS, REMARK, "PRIVATE_IP_ADDRESS"),
    ),
    "time that is over": (
        when("DateLessThan", "aws:CurrentTime", "2025-12-31T23:59:59Z"), (K.EXPIRED, NEVER, None),
    ),
    "time to come": (when("DateLessThan", "aws:CurrentTime", "2027-12-31T23:59:59Z"), None),
    "Null with IfExists": (
        when("NullIfExists", "aws:TokenIssueTime", "true"),
        (K.NULL_IF_EXISTS, REFUSED, "NULL_WITH_IF_EXISTS"),
    ),
    "Null true on a key that is always there": (
        when("Null", "aws:PrincipalArn", "true"), (K.KEY_NEVER_MISSING, NEVER, None),
    ),
    "empty list of values": (
        allow(READ, on=OBJECTS, when={"StringEquals": {"aws:PrincipalTag/team": []}}),
        (K.EMPTY_CONDITION, NEVER, "EMPTY_ARRAY_CONDITION"),
    ),
    "two values at once": (
        allow(READ, on=OBJECTS, when={
            "StringEquals": {"aws:PrincipalTag/team": "blue"},
            "StringNotEquals": {"aws:PrincipalTag/team": "blue"},
        }),
        (K.EXCLUSIVE, NEVER, None),
    ),
    "absent, and with a value": (
        deny("*", when={"Null": {"aws:SourceVpce": "true"},
                        "StringEquals": {"aws:SourceVpce": "vpce-1"}}),
        (K.EXCLUSIVE, NEVER, None),
    ),
    "under and over": (
        allow("*", when={"NumericLessThan": {"aws:MultiFactorAuthAge": "60"},
                         "NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}),
        (K.EXCLUSIVE, NEVER, None),
    ),
    "like and not like": (
        deny("*", when={"ArnLike": {"aws:PrincipalArn": f"{IAM}:role/ops-*"},
                        "ArnNotLike": {"aws:PrincipalArn": f"{IAM}:role/*"}}),
        (K.EXCLUSIVE, NEVER, None),
    ),
    "operator that is none": (
        when("StringMatches", "aws:username", "ann"), (K.UNREADABLE_CONDITION, REMARK, None),
    ),
    # Conditions that always hold.
    "every address": (
        when("IpAddress", "aws:SourceIp", "0.0.0.0/0"), (K.ALL_ADDRESSES, ALWAYS, None),
    ),
    "every address of version 6": (
        when("IpAddress", "aws:SourceIp", "::/0"), (K.ALL_ADDRESSES, ALWAYS, None),
    ),
    "every address in two halves": (
        when("IpAddress", "aws:SourceIp", "0.0.0.0/1", "128.0.0.0/1"),
        (K.ALL_ADDRESSES, ALWAYS, None),
    ),
    "no address outside": (
        deny("*", when={"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        (K.ALL_ADDRESSES, NEVER, None),
    ),
    "IfExists on MFA": (
        when("BoolIfExists", "aws:MultiFactorAuthPresent", "true"),
        (K.MISSING_PASSES, EVADED, None),
    ),
    "IfExists on a network": (
        when("StringEqualsIfExists", "aws:SourceVpc", "vpc-1"), (K.MISSING_PASSES, EVADED, None),
    ),
    "IfExists on a key that is there": (
        when("StringEqualsIfExists", "aws:RequestedRegion", "eu-west-1"), None,
    ),
    "IfExists on a key for direct calls": (
        when("StringEqualsIfExists", "aws:CalledViaLast", "cloudformation.amazonaws.com"), None,
    ),
    "negated tag that nobody has": (
        when("StringNotEquals", "aws:PrincipalTag/clearance", "none"),
        (K.MISSING_PASSES, EVADED, None),
    ),
    "negated tag that somebody has": (
        when("StringNotEquals", "aws:PrincipalTag/Team", "red"), None,
    ),
    "negated header": (
        when("StringNotLike", "aws:UserAgent", "curl/*"), (K.MISSING_PASSES, EVADED, None),
    ),
    "negated wildcard without Like": (
        when("StringNotEquals", "aws:PrincipalArn", f"{IAM}:user/guest-*"),
        (K.WILDCARD_VALUE, ALWAYS, "WILDCARD_WITHOUT_LIKE_OPERATOR"),
    ),
    "negated unknown key": (
        when("StringNotEquals", "aws:Team", "red"),
        (K.UNKNOWN_GLOBAL_KEY, ALWAYS, "INVALID_GLOBAL_CONDITION_KEY"),
    ),
    "ForAllValues on many values": (
        when("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-1/*"),
        (K.FOR_ALL_VALUES, EVADED, None),
    ),
    "ForAllValues on one value": (
        when("ForAllValues:StringEquals", "aws:SourceVpce", "vpce-1"),
        (K.SINGLE_VALUED_KEY, EVADED, "FORALLVALUES_WITH_SINGLE_VALUED_KEY"),
    ),
    "ForAllValues beside Null false": (
        allow(READ, on=OBJECTS, when={
            "ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"},
            "Null": {"aws:PrincipalOrgPaths": "false"},
        }),
        None,
    ),
    "ForAllValues on tag keys": (
        allow("ec2:CreateTags", when={"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}),
        (K.FOR_ALL_VALUES, REMARK, None),
    ),
    "any value of a key that is there": (
        when("StringLike", "aws:userid", "*"), (K.ANY_VALUE, ALWAYS, None),
    ),
    "any external ID": (
        allow("sts:AssumeRole", on=f"{IAM}:role/ops", when={"StringLike": {"sts:ExternalId": "*"}}),
        (K.ANY_VALUE, EVADED, None),
    ),
    "any value of a tag": (when("StringLike", "aws:PrincipalTag/team", "*"), None),
    "Null false on a key that is there": (
        when("Null", "aws:PrincipalAccount", "false"), (K.KEY_ALWAYS_PRESENT, ALWAYS, None),
    ),
    "Null true on MFA": (when("Null", "aws:MultiFactorAuthAge", "true"), None),
    # Rights that other checks judge.
    "any role passed": (
        allow("iam:PassRole"), (K.PASS_ANY_ROLE, REMARK, "PASS_ROLE_WITH_STAR_IN_RESOURCE"),
    ),
    "any role passed by a wildcard": (
        allow("iam:Pass*"), (K.PASS_ANY_ROLE, REMARK, "PASS_ROLE_WITH_STAR_IN_RESOURCE"),
    ),
    "any role passed to one service": (
        allow("iam:PassRole", when={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
        None,
    ),
    "any role passed but one": (
        {"Effect": "Allow", "Action": "iam:PassRole", "NotResource": f"{IAM}:role/admin"}, None,
    ),
    "any service-linked role": (
        allow("iam:CreateServiceLinkedRole"),
        (K.ANY_SERVICE_LINKED_ROLE, REMARK, "CREATE_SLR_WITH_STAR_IN_RESOURCE"),
    ),
    "user that is not there": (allow("iam:GetUser", on=f"{IAM}:user/nobody"), None),
    # Repetitions.
    "action that another covers": (
        allow("s3:Get*", READ, on=OBJECTS), (K.REDUNDANT_ACTION, REMARK, "REDUNDANT_ACTION"),
    ),
    "resource that another covers": (
        allow(READ, on=[OBJECTS, f"{OBJECTS[:-1]}in/*"]),
        (K.REDUNDANT_RESOURCE, REMARK, "REDUNDANT_RESOURCE"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_a_statement_is_told_by_its_kind_meaning_and_code(name):
    """One fault for each crafted statement, and none for those that are right as they are."""
    statement, wanted = SAID[name]
    assert told(faults(statement)) == ({wanted} if wanted else NOTHING)


ACTIONS_OF_IAM = deny("iam:Create*")
GUARDS = {
    "misspelt action": deny("guardduty:DeleteDetectr"),
    "user actions on a group": deny("iam:AttachUserPolicy", on=f"{IAM}:group/staff"),
    "misspelt MFA key": deny("*", when={"Bool": {"aws:MultiFactorAuthPresnt": "false"}}),
    "ANDed operators": deny(
        "*",
        when={
            "StringEquals": {"aws:RequestedRegion": "eu-west-1"},
            "StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]},
        },
    ),
    "object action on a bucket": deny("s3:DeleteObject", on=BUCKET),
    "key that the action lacks": deny(
        "s3:PutObject", when={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_guards_that_do_not_guard_are_told(name):
    """Each of them denies nothing at all."""
    assert NEVER in {each.meaning for each in faults(GUARDS[name])}


SOUND = {
    "by MFA": deny("*", when={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
    "by exception": {
        "Effect": "Deny",
        "NotAction": ["iam:GetUser", "sts:GetSessionToken"],
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    },
    "by region": deny("*", when={"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}),
    "of what has no tag": deny("ec2:RunInstances", when={"Null": {"aws:RequestTag/team": "true"}}),
    "of what is encrypted otherwise": deny(
        "s3:PutObject", on=OBJECTS, when={"Null": {"s3:x-amz-server-side-encryption": "true"}}
    ),
    "of old sessions": deny(
        "*", when={"DateLessThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}}
    ),
    "of everyone but one tag": deny("*", when={"StringNotLike": {"aws:PrincipalTag/team": "*"}}),
    "of roles but one": deny(
        "iam:*",
        on=f"{IAM}:role/guard",
        when={"ArnNotLike": {"aws:PrincipalArn": f"{IAM}:role/ops"}},
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_guards_as_they_are_written_everywhere_have_no_fault(name):
    """A false alarm on a guard that works would have somebody take it down."""
    assert told(faults(SOUND[name])) == NOTHING


def test_a_misspelt_key_tells_what_the_condition_does():
    """A Deny with it denies nobody, and one that asks for its absence denies everybody."""
    [lost] = faults(deny("*", when={"Bool": {"aws:Mfa": "false"}}))
    [whole] = faults(deny("*", when={"Null": {"aws:Mfa": "true"}}))
    assert (lost.meaning, whole.meaning) == (NEVER, ALWAYS)


@pytest.mark.parametrize(
    ("version", "meaning"), [(None, NEVER), ("2008-10-17", NEVER), ("2012-10-17", None)]
)
def test_a_variable_needs_the_new_version(version, meaning):
    """Without it the statement is about a user of that very name, which cannot be."""
    own = allow("iam:ChangePassword", on=IAM + ":user/${aws:username}")
    found = [
        each.meaning
        for each in faults(own, version=version)
        if each.kind is K.VARIABLE_WITHOUT_VERSION
    ]
    assert found == ([meaning] if meaning else [])


def test_a_variable_in_a_condition_needs_the_new_version():
    """Text that no value of the key equals; under a negation every value differs from it."""
    for operator, meaning in (("StringEquals", NEVER), ("StringNotEquals", ALWAYS)):
        own = when(operator, "aws:PrincipalTag/team", "${aws:username}")
        found = {(each.kind, each.meaning) for each in faults(own, version="2008-10-17")}
        assert found == {(K.VARIABLE_WITHOUT_VERSION, meaning)}


def test_versions_that_are_none_are_told():
    """A missing one is a remark, another one breaks the grammar."""
    plain = allow(READ, on=OBJECTS)
    assert told(faults(plain, version=None)) == {(K.MISSING_VERSION, REMARK, "MISSING_VERSION")}
    assert told(faults(plain, version="2012-10-71")) == {
        (K.INVALID_VERSION, REFUSED, "INVALID_VERSION")
    }


def test_a_document_without_statements_grants_nothing():
    """It is the document that has the fault."""
    [fault] = faults()
    assert (fault.kind, fault.meaning, fault.statement) == (K.NO_STATEMENT, NEVER, None)


def test_a_sid_stands_once():
    """Both statements that have it are named."""
    found = faults(allow(READ, on=OBJECTS) | {"Sid": "Own"}, deny("iam:*") | {"Sid": "Own"})
    assert [(each.kind, each.statement) for each in found] == [
        (K.REPEATED_SID, 0),
        (K.REPEATED_SID, 1),
    ]


def test_what_the_policy_itself_denies_is_not_granted():
    """The Deny covers all of it, without a condition."""
    found = faults(allow("iam:CreateUser", on=f"{IAM}:user/*"), ACTIONS_OF_IAM)
    assert [(each.kind, each.meaning, each.statement) for each in found] == [
        (K.DENIED_ANYWAY, NEVER, 0)
    ]
    held = deny("iam:Create*", when={"Bool": {"aws:SecureTransport": "false"}})
    assert told(faults(allow("iam:CreateUser", on=f"{IAM}:user/*"), held)) == NOTHING


def test_a_statement_that_another_covers_is_a_remark():
    """Of two that say the same, the later one."""
    twice = allow(READ, on=OBJECTS)
    found = faults(twice, allow("s3:Get*", on=OBJECTS))
    assert [(each.kind, each.statement) for each in found] == [(K.REDUNDANT_STATEMENT, 0)]
    assert [each.statement for each in faults(twice, twice)] == [1]


def test_both_members_are_named_where_two_differ_in_case():
    """Nobody can tell which of them AWS reads, so the sentence names both."""
    [fault] = faults(allow(READ) | {"action": "*"})
    assert fault.explanation == "statement 1 holds both Action and action"


def test_what_is_unknown_is_never_said_not_to_exist():
    """The table is of a day, and AWS adds actions every week."""
    for statement in (allow("s3:FetchObject"), allow("s4:Get"), when("StringEquals", "s3:x", "y")):
        [fault] = faults(statement)
        assert "action table of 20" in fault.explanation
        assert "exist" not in fault.explanation


def test_a_fault_of_a_condition_points_at_its_clause():
    """And the value is what stands there."""
    [fault] = faults(when("IpAddress", "aws:SourceIp", "0.0.0.0/0"))
    assert fault.pointer == "/Statement/0/Condition/IpAddress/aws:SourceIp"
    assert fault.value == "0.0.0.0/0"
