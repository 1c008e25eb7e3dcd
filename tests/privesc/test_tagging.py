"""Which tags a principal may set or take off, where policies guard keys and values."""

import pytest

from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

IAM = "arn:aws:iam::111122223333:"
ANN, BOB = f"{IAM}user/ann", f"{IAM}user/bob"
TAGS = "iam:TagUser"
ADMINS = {"StringEquals": {"aws:PrincipalTag/team": "admin"}}
MARKED = {"StringEquals": {"aws:PrincipalTag/team": "admin", "aws:PrincipalTag/level": "9"}}
CONDITIONAL, LIMITED = PrivilegeLevel.CONDITIONAL, PrivilegeLevel.LIMITED


def level(*statements, tags=()):
    """How far ann gets, who has these tags."""
    case = account().user("ann").key()
    for name, value in tags:
        case = case.tag(name, value)
    return escalation_graph(case.inline("p", *statements).account()).privileges[ANN].level


def given(*values, operator="StringEquals", name="team"):
    """A condition on the value that the request gives the tag."""
    return {operator: {f"aws:RequestTag/{name}": list(values)}}


def named(*names, operator="ForAllValues:StringEquals"):
    """A condition on the names of the tags in the request."""
    return {operator: {"aws:TagKeys": list(names)}}


@pytest.mark.parametrize(
    ("tagging", "expected"),
    [
        ((allow(TAGS),), CONDITIONAL),
        ((allow(TAGS, on=BOB),), LIMITED),
        ((allow(TAGS, when=given("admin")),), CONDITIONAL),
        ((allow(TAGS, when=given("dev", "ops")),), LIMITED),
        ((allow(TAGS, when=given("adm*", operator="StringLike")),), CONDITIONAL),
        ((allow(TAGS, when=given("admin", operator="StringNotEquals")),), LIMITED),
        ((allow(TAGS, when=given("1", name="cost")),), CONDITIONAL),
        ((allow(TAGS, when=named("cost")),), LIMITED),
        ((allow(TAGS, when=named("cost", "team")),), CONDITIONAL),
        ((allow(TAGS, when=named("cost", "Team")),), CONDITIONAL),
        ((allow(TAGS, when=named("cost", operator="ForAnyValue:StringEquals")),), CONDITIONAL),
        ((allow(TAGS), deny(TAGS, when=given("admin"))), LIMITED),
        ((allow(TAGS), deny(TAGS, when=given("dev"))), CONDITIONAL),
        (
            (allow(TAGS), deny(TAGS, when=named("team", operator="ForAnyValue:StringEquals"))),
            LIMITED,
        ),
        (
            (allow(TAGS), deny(TAGS, when=named("cost", operator="ForAnyValue:StringEquals"))),
            CONDITIONAL,
        ),
    ],
)
def test_only_a_tag_that_may_be_set_opens_what_policies_tie_to_it(tagging, expected):
    """Both the key and the value must be allowed.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
    """
    assert level(allow("*", when=ADMINS), *tagging, tags=[("team", "dev")]) is expected


@pytest.mark.parametrize(
    ("tagging", "expected"),
    [
        ((allow(TAGS),), CONDITIONAL),
        ((allow(TAGS, when=named("team")),), LIMITED),
        ((allow(TAGS, when=named("team", "level")),), CONDITIONAL),
        ((allow(TAGS), deny(TAGS, when=given("9", name="level"))), LIMITED),
    ],
)
def test_where_two_tags_are_needed_both_must_be_allowed(tagging, expected):
    """One of them alone opens nothing."""
    assert level(allow("*", when=MARKED), *tagging) is expected


def test_two_tags_are_set_in_one_call():
    """So the way is one step long."""
    case = account().user("ann").key().inline("p", allow("*", when=MARKED), allow(TAGS))
    assert len(escalation_graph(case.account()).privileges[ANN].route) == 1


def test_of_two_tags_the_one_that_is_there_need_not_be_set():
    """The other is set to what it takes."""
    tagging = allow(TAGS, when=named("team"))
    assert level(allow("*", when=MARKED), tagging, tags=[("level", "9")]) is CONDITIONAL


@pytest.mark.parametrize(
    ("untagging", "expected"),
    [
        (allow("iam:UntagUser"), CONDITIONAL),
        (allow("iam:UntagUser", when=named("team")), CONDITIONAL),
        (allow("iam:UntagUser", when=named("cost")), LIMITED),
        (allow("iam:UntagUser", on=BOB), LIMITED),
    ],
)
def test_only_a_tag_that_may_be_taken_off_lifts_a_deny(untagging, expected):
    """The names in the request decide."""
    no = deny("iam:PutUserPolicy", when={"StringEquals": {"aws:PrincipalTag/team": "guest"}})
    statements = (allow("iam:PutUserPolicy", on=ANN), no, untagging)
    assert level(*statements, tags=[("team", "guest")]) is expected


@pytest.mark.parametrize(
    ("tagging", "expected"),
    [
        (allow(TAGS), CONDITIONAL),
        (allow(TAGS, when=given("red")), CONDITIONAL),
        (allow(TAGS, when=given("blue")), LIMITED),
        (allow(TAGS, when=named("cost")), LIMITED),
    ],
)
@pytest.mark.parametrize("family", ["iam", "aws"])
def test_a_tag_of_a_target_is_set_only_as_it_may_be(family, tagging, expected):
    """A right over whoever has the tag reaches those to whom it can be given."""
    tagged = {"StringEquals": {f"{family}:ResourceTag/team": "red"}}
    case = account().user("bob").may("*").user("ann").key()
    case = case.inline("p", allow("iam:CreateAccessKey", when=tagged), tagging)
    assert escalation_graph(case.account()).privileges[ANN].level is expected


def test_a_value_that_a_variable_asks_for_is_one_that_somebody_has():
    """A right over those with one's own tag reaches whoever has a tag that one may take on."""
    same = {"StringEquals": {"iam:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    case = account().user("bob").tag("team", "red").may("*").user("ann").tag("team", "x").key()
    for value, expected in (("red", CONDITIONAL), ("blue", LIMITED)):
        tagging = allow(TAGS, on=ANN, when=given(value))
        found = case.inline("p", allow("iam:CreateAccessKey", when=same), tagging)
        assert escalation_graph(found.account()).privileges[ANN].level is expected


def test_a_tag_that_a_trust_policy_asks_for_counts_like_any_other():
    """The guard on its value is heeded there, too."""
    case = account().role("strong").trusts({"AWS": f"{IAM}root"}, when=ADMINS).may("*")
    case = case.user("ann").key()
    for value, expected in (("admin", CONDITIONAL), ("dev", LIMITED)):
        found = case.inline("p", allow("sts:AssumeRole"), allow(TAGS, when=given(value)))
        assert escalation_graph(found.account()).privileges[ANN].level is expected
