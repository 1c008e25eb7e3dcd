"""What the lint says never matches, and what it says always holds, the evaluator says as well."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence.artifacts import Location
from analyzer.policy.arns import resource_index
from analyzer.policy.bound_statements import bind
from analyzer.policy.conditions import (
    Context,
    KeyKnowledge,
    Ternary,
    evaluate_conditions,
)
from analyzer.policy.documents import PolicyInstance
from analyzer.policy.layers import StatementRef
from analyzer.policy.lint.action_details import action_details
from analyzer.policy.lint.condition_keys import (
    ALWAYS_PRESENT,
    KeyType,
    global_type,
    is_global,
    is_of_service,
    type_of,
)
from analyzer.policy.lint.faults import FaultKind, Meaning
from tests.policy.lint.crafted import around_of, document, faults

ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
DETAILS = action_details()
ACTIONS = st.lists(
    st.sampled_from(
        [
            "s3:GetObject", "s3:FetchObject", "s3:ListBucket", "s3:List*", "S3:putobject", "s4:*",
            "iam:CreateUser", "iam:Create*", "iam:AddUserToGroup", "iam:PassRole", "iam:GetRoles",
            "ec2:DescribeInstances", "ec2:StartInstances", "kms:Decrypt", "sts:AssumeRole", "*",
            "dynamodb:Get*", "sqs:SendMessage", "kms:Decypher", "health:DescribeEvents",
        ]
    ),
    min_size=1,
    max_size=3,
)  # fmt: skip
RESOURCES = st.lists(
    st.sampled_from(
        [
            "*", "arn:aws:s3:::ledger", "arn:aws:s3:::ledger/*", "arn:aws:s3:::led*",
            "arn:aws:s3:eu-west-1::ledger/*", "arn:aws-cn:s3:::ledger/*", f"{IAM}:user/*",
            f"{IAM}:group/staff", f"{IAM}:role/ops-?", f"arn:aws:ec2:*:{ACCOUNT}:instance/*",
            "arn:aws:ec2:*:*:*", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*", "arn:aws:s3:::*/*",
            f"arn:aws:sqs:*:{ACCOUNT}:jobs", f"arn:aws:dynamodb:*:{ACCOUNT}:table/t",
        ]
    ),
    min_size=1,
    max_size=2,
)  # fmt: skip
OPERATORS = [
    "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists",
    "StringNotEqualsIfExists", "ForAllValues:StringEquals", "ForAnyValue:StringLike", "Bool",
    "BoolIfExists", "Null", "NumericLessThan", "NumericGreaterThan", "DateLessThan",
    "DateGreaterThan", "IpAddress", "NotIpAddress", "ArnLike", "ArnNotEquals", "ArnEqualsIfExists",
]  # fmt: skip
KEYS = [
    "aws:SourceIp", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:CurrentTime",
    "aws:PrincipalArn", "aws:PrincipalTag/team", "aws:PrincipalTag/none", "aws:PrincipalOrgPaths",
    "aws:SourceVpce", "aws:RequestedRegion", "aws:SecureTransport", "aws:userid", "aws:UserAgent",
    "aws:TagKeys", "aws:ResourceTag/env", "aws:Foo", "s3:prefix", "s3:prefics", "aws:username",
    "iam:PassedToService", "kms:ViaService", "sts:ExternalId",
]  # fmt: skip
VALUES = [
    "blue", "blue-*", "*", "true", "false", "no", "60", "2025-01-01T00:00:00Z", "1.1.2020",
    "2030-01-01T00:00:00Z", "0.0.0.0/0", "10.0.0.0/8", "198.51.100.0/24", f"{IAM}:role/*",
    f"{IAM}:user/ann", "o-1/*", "eu-west-1", "${aws:username}", "",
]  # fmt: skip
CONDITIONS = st.dictionaries(
    st.sampled_from(OPERATORS),
    st.dictionaries(
        st.sampled_from(KEYS), st.lists(st.sampled_from(VALUES), max_size=2), min_size=1, max_size=2
    ),
    max_size=3,
)
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": ACTIONS,
        "Resource": RESOURCES,
        "Condition": CONDITIONS,
    }
)
VERSIONS = st.sampled_from(["2012-10-17", "2008-10-17"])
TEXTS = st.sampled_from(["blue", "red", "ann", "eu-west-1", "blue-1", "o-1/r-1/"])
OF_TYPE = {
    KeyType.STRING: TEXTS,
    KeyType.ARN: st.sampled_from([f"{IAM}:role/ops", f"{IAM}:user/ann"]),
    KeyType.BOOL: st.sampled_from(["true", "false"]),
    KeyType.NUMERIC: st.sampled_from(["0", "59", "61", "100000"]),
    KeyType.DATE: st.sampled_from(["2026-06-01T00:00:01Z", "2031-06-01T00:00:00Z"]),
    KeyType.ADDRESS: st.sampled_from(["198.51.100.9", "8.8.8.8"]),
}


def values_of(key):
    """The values that a request can have for the key, as many as its type takes."""
    kind = type_of(key, DETAILS) or KeyType.STRING
    if kind.has_many:
        return st.lists(TEXTS, min_size=1, max_size=3).map(tuple)
    return OF_TYPE[kind].map(lambda value: (value,))


def may_have(action, key):
    """Whether a request for the action can have the key, as AWS lists it."""
    if is_global(key) and global_type(key) is None:
        return False
    if key.startswith(("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys")) or is_of_service(
        key, DETAILS
    ):
        return DETAILS.has_key(action.lower(), key) is not False
    return key != "aws:principaltag/none"


@st.composite
def requests(draw, statement, table):
    """An action that AWS lists, a resource that it takes, and the keys that such a request has."""
    named = [name for name in table.named(statement.actions) if table.knows(name)]
    action = draw(st.sampled_from(named or ["s3:GetObject"]))
    forms = DETAILS.forms.get(action.lower()) or ()
    form = draw(st.sampled_from(forms)) if forms else ""
    name = draw(st.sampled_from(["ledger", "ops-1", "staff", "i-1"]))
    filled = form.replace("@", ACCOUNT).replace("?*", "eu-west-1").replace("*", name)
    resource = f"arn:aws:{filled}" if form else "*"
    keys = {}
    for key in sorted({each.key.lower() for each in statement.clauses}):
        has = may_have(action, key) and (
            key in ALWAYS_PRESENT or key == "aws:sourceip" or draw(st.booleans())
        )
        keys[key] = draw(values_of(key)) if has else KeyKnowledge.ABSENT
    keys.setdefault("aws:username", ("ann",))
    return action, resource, Context(keys)


def truth_of(statement, table, action, resource, context):
    """Whether the statement applies to the request, by the evaluator."""
    if not statement.actions & table.bit(action):
        return Ternary.FALSE
    held = PolicyInstance(document(), "p", Location("E1"))
    own = resource_index([resource], account=ACCOUNT)
    return bind(0, StatementRef(held, statement), context, own).applies(resource)


@given(STATEMENTS, VERSIONS, st.data())
def test_what_never_matches_is_never_allowed_and_never_denied(text, version, data):
    """Whatever request there could be by AWS's lists."""
    found = [each for each in faults(text, version=version) if each.meaning is Meaning.NEVER]
    if not found:
        return
    [statement] = document(text, version=version).statements
    table = around_of((text,)).actions
    asked = data.draw(requests(statement, table))
    assert truth_of(statement, table, *asked) is not Ternary.TRUE, [e.explanation for e in found]


@given(STATEMENTS, VERSIONS, st.data())
def test_what_always_holds_does(text, version, data):
    """Each condition that is called so, in whatever request; or in those that lack its key."""
    [statement] = document(text, version=version).statements
    by_pointer = {each.location.pointer: each for each in statement.clauses}
    table = around_of((text,)).actions
    _, _, context = data.draw(requests(statement, table))
    for fault in faults(text, version=version):
        if fault.meaning not in (Meaning.ALWAYS, Meaning.EVADED):
            continue
        clause = by_pointer[fault.pointer]
        keys = {} if fault.meaning is Meaning.ALWAYS else {clause.key: KeyKnowledge.ABSENT}
        if fault.kind is FaultKind.ANY_VALUE and fault.meaning is Meaning.EVADED:
            keys = {clause.key: ("whatever the asker likes",)}
        result = evaluate_conditions(
            (clause,),
            context.with_keys(keys),
            allows=statement.allows,
            has_variables=statement.has_variables,
        )
        assert result.truth is Ternary.TRUE, fault.explanation


@given(st.lists(STATEMENTS, min_size=1, max_size=3), VERSIONS)
def test_every_fault_has_a_place_and_words(texts, version):
    """And the same policy has the same faults each time."""
    found = faults(*texts, version=version)
    assert found == faults(*texts, version=version)
    for each in found:
        assert each.explanation
        assert each.pointer.startswith("/Statement") or each.statement is None
