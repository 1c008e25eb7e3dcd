"""Policy documents, as SDKs and people write them."""

import json
import urllib.parse
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.policy.actions import action_index
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.documents import DocumentCache, Effect
from analyzer.policy.layers import Verdict
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow
from tests.policy.verdicts import ALLOWED, DENIED, LIVE, NONE, verdict_by, verdict_in

ARN = "arn:aws:iam::111122223333:user/ann"
LIBRARY = DocumentCache(action_index())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Version", "Statement", "Effect", "Action", "Resource", "Condition", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def parsed(value):
    """The statements of a document."""
    return LIBRARY.document(JsonNode(value, Location("E1"))).statements


@given(VALUES)
def test_no_document_is_too_odd_to_be_read(value):
    """What can't be read says so, and then covers everything without being sure of anything."""
    for statement in parsed(value):
        if statement.unread:
            assert statement.effect is Effect.BOTH


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Permit", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Resource": "*"},
        {"Effect": "Allow", "Action": ["s3:*", 7], "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*"},
        "Allow",
    ],
)
def test_an_unreadable_statement_makes_all_it_could_touch_conditional(statement):
    """It may allow anything and deny anything."""
    case = account().user("ann").key().inline("p", statement, allow("ec2:*"))
    made = authorizer_for(case.account())
    for action in ("s3:GetObject", "ec2:RunInstances"):
        assert made.decide(made.principals[ARN], action).verdict is Verdict.CONDITIONAL


def test_one_text_is_parsed_once():
    """Whoever holds it."""
    text = {"Version": "2012-10-17", "Statement": [allow("s3:*")]}
    one, two = (JsonNode(json.loads(json.dumps(text)), Location(each)) for each in ("E1", "E2"))
    assert LIBRARY.document(one) is LIBRARY.document(two)


def test_each_holder_keeps_its_own_place():
    """Two users with the same inline text are shown where each of them has it."""
    case = account().user("ann").key().may("s3:*").user("bob").key().may("s3:*")
    made = authorizer_for(case.account())
    for number, name in enumerate(("ann", "bob")):
        decision = made.decide(made.principals[ARN.replace("ann", name)], "s3:GetObject")
        [cited] = decision.allows
        pointer = f"/UserDetailList/{number}/UserPolicyList/0/PolicyDocument/Statement/0"
        assert cited.held.location_of(cited.statement).pointer == pointer


def test_a_document_left_as_text_is_shown_as_a_whole():
    """URL-encoded, as the API sends it; a pointer can't lead into a text."""
    text = urllib.parse.quote(json.dumps({"Version": "2012-10-17", "Statement": allow("s3:*")}))
    case = account().user("ann").key()
    case = case.member(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": text}])
    made = authorizer_for(case.account())
    decision = made.decide(made.principals[ARN], "s3:GetObject")
    assert decision.verdict is Verdict.ALLOWED
    [cited] = decision.allows
    pointer = "/UserDetailList/0/UserPolicyList/0/PolicyDocument"
    assert cited.held.location_of(cited.statement).pointer == pointer


def test_old_documents_have_no_variables():
    """Before 2012-10-17 `${aws:username}` is a text like any other."""
    own = "arn:aws:iam::111122223333:user/${aws:username}"
    for version, verdict in (("2012-10-17", Verdict.ALLOWED), ("2008-10-17", Verdict.NONE)):
        document = {"Version": version, "Statement": allow("iam:GetUser", on=own)}
        case = account().user("ann").key()
        case = case.member(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": document}])
        made = authorizer_for(case.account())
        assert made.decide(made.principals[ARN], "iam:GetUser", ARN).verdict is verdict


def test_the_shape_of_the_cli_documentation_s_example_is_read():
    """An object where a list belongs, one statement without a list, cut, policies without text."""
    case = account().empty_group("Admins").user("ann").key()
    administrator = "arn:aws:iam::aws:policy/SomethingBySomebody"
    held = {"PolicyName": "SomethingBySomebody", "PolicyArn": administrator}
    case.details["GroupDetailList"][0]["AttachedManagedPolicies"] = held
    case.details["UserDetailList"][0]["GroupList"] = ["Admins"]
    case = case.page(IsTruncated=True, Marker="EXAMPLE")
    assert escalation_graph(case.account()).privileges[ARN].level is PrivilegeLevel.UNKNOWN
    results = case.judged_all()
    assert results["evidence-truncated"].failed
    assert results["user-effective-admin"].status == "not-assessed"


def test_the_cli_documentation_s_own_example_is_read_and_not_trusted_to_be_whole():
    """As the AWS CLI ships it: cut, a group's policies as one object, policies without text.

    https://docs.aws.amazon.com/cli/latest/reference/iam/get-account-authorization-details.html
    """
    page = files("awscli").joinpath("examples/iam/get-account-authorization-details.rst")
    text = page.read_text(encoding="utf-8")
    details = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert isinstance(details["GroupDetailList"][0]["AttachedManagedPolicies"], dict)
    case = account("123456789012")
    case.details.update(details)
    powers = escalation_graph(case.account()).privileges
    role = powers["arn:aws:iam::123456789012:role/EC2role"]
    assert role.level is PrivilegeLevel.UNKNOWN
    assert role.reasons == (
        "unknown grants from arn:aws:iam::aws:policy/AmazonS3FullAccess",
        "unknown grants from arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess",
    )
    assert powers["arn:aws:iam::123456789012:user/Alice"].level is PrivilegeLevel.ADMINISTRATOR
    assert not case.account().details_are_complete
    assert case.judged("evidence-truncated").failed


def test_not_action_is_everything_else_even_what_no_table_knows():
    """Actions that AWS has yet to invent are in the complement."""
    statement = {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}
    assert verdict_by(statement, action="foo:NewAction") is ALLOWED
    assert verdict_by(statement) is NONE


def test_members_in_another_case_are_read():
    """AWS would not store them; an edited export may have them, and a Deny must not get lost."""
    assert verdict_by(allow("*"), {"effect": "Deny", "action": "s3:*", "resource": "*"}) is DENIED


@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_old_versions_know_no_variables(version):
    """There a variable is text."""
    document = {"Statement": [allow("s3:*", on="arn:aws:s3:::bucket/${aws:username}/*")]}
    document |= {"Version": version} if version else {}
    ann = LIVE.member(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": document}])
    assert verdict_in(ann) is NONE
    assert verdict_in(ann, on="arn:aws:s3:::bucket/${aws:username}/photo") is ALLOWED
