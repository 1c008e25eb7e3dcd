"""What a request gets from the principal it works on: boundary and tags, or that it has none."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.conditions import KeyKnowledge
from analyzer.policy.request_context import EntryPoint
from tests.builders import REPORT, account, allow, deny
from tests.policy.verdicts import (
    ALLOWED,
    ANN,
    CONDITIONAL,
    DENIED,
    IAM,
    LIMIT,
    LIVE,
    NONE,
    ROLE,
    verdict_in,
)

BOB = f"{IAM}user/bob"
BOUNDARY, TEAM = "iam:PermissionsBoundary", "iam:ResourceTag/team"
GIVE = "iam:PutUserPolicy"


def states(case, arn, *keys):
    """The states of these keys in a request on that ARN."""
    found = authorizer_for(case.account()).evaluators.targets.keys_of(arn, keys)
    return tuple(found[key] for key in keys)


def reached(case, action):
    """Whom of the account Ann certainly reaches, and whom possibly, by name."""
    found = authorizer_for(case.account())
    sets = found.evaluator(found.principals[ANN], EntryPoint.LEAKED_KEY).allowed_resources(action)
    return tuple(
        [arn.removeprefix(IAM) for arn in found.resources.named(bits)]
        for bits in (sets.certain, sets.possible)
    )


def test_the_state_of_a_key_is_the_value_or_that_there_is_none():
    """Of a user whom the details leave out, nobody can tell."""
    case = LIVE.user("bob").boundary(LIMIT).tag("Team", "red").user("eve").empty_group("dev")
    keys = ("iam:permissionsboundary", "iam:resourcetag/team", "aws:resourcetag/other")
    assert states(case, BOB, *keys) == ((LIMIT,), ("red",), KeyKnowledge.ABSENT)
    assert set(states(case, f"{IAM}group/dev", *keys)) == {KeyKnowledge.ABSENT}
    case.details["UserDetailList"].pop()
    assert set(states(case, f"{IAM}user/eve", *keys)) == {KeyKnowledge.UNKNOWN}


def test_tags_of_a_policy_are_in_no_export():
    """It has no boundary, though."""
    case = LIVE.policy("mine", allow("s3:*"))
    found = states(case, f"{IAM}policy/mine", "iam:permissionsboundary", "iam:resourcetag/team")
    assert found == (KeyKnowledge.ABSENT, KeyKnowledge.UNKNOWN)


@pytest.mark.parametrize(
    ("when", "certain"),
    [
        ({"StringEquals": {TEAM: "red"}}, ["user/bob"]),
        ({"StringEquals": {"aws:ResourceTag/team": "red"}}, ["user/bob"]),
        ({"StringEquals": {"AWS:resourcetag/TEAM": "red"}}, ["user/bob"]),
        ({"StringEqualsIgnoreCase": {TEAM: "BLUE"}}, ["user/eve"]),
        ({"StringLike": {TEAM: "*e*"}}, ["user/bob", "user/eve"]),
        ({"StringNotEquals": {TEAM: "red"}}, ["user/ann", "user/eve"]),
        ({"Null": {TEAM: "true"}}, ["user/ann"]),
        ({"Null": {TEAM: "false"}}, ["user/bob", "user/eve"]),
        ({"StringEqualsIfExists": {TEAM: "red"}}, ["user/ann", "user/bob"]),
        ({"StringEquals": {TEAM: "${aws:PrincipalTag/team}"}}, []),
        ({"StringEquals": {BOUNDARY: LIMIT}}, ["user/eve"]),
        ({"ArnLike": {BOUNDARY: f"{IAM}policy/*"}}, ["user/eve"]),
        ({"StringNotEquals": {BOUNDARY: LIMIT}}, ["user/ann", "user/bob"]),
        ({"StringEquals": {BOUNDARY: LIMIT, TEAM: "blue"}}, ["user/eve"]),
        ({"StringEquals": {BOUNDARY: LIMIT, TEAM: "red"}}, []),
    ],
)
def test_a_right_over_some_principals_reaches_these_and_is_certain(when, certain):
    """Whoever else there is, is out of reach, and nothing is left in doubt."""
    case = account().user("bob").tag("team", "red").user("eve").tag("team", "blue").boundary(LIMIT)
    case = case.user("ann").key().may(GIVE, on=f"{IAM}user/*", when=when)
    assert reached(case, GIVE) == (certain, certain)


def test_a_deny_by_the_targets_state_spares_the_others():
    """Those under a boundary are nobody's to change."""
    case = account().user("bob").boundary(LIMIT).user("ann").key()
    case = case.inline("p", allow(GIVE), deny("iam:*", when={"StringEquals": {BOUNDARY: LIMIT}}))
    assert verdict_in(case, GIVE, BOB) is DENIED
    assert verdict_in(case, GIVE, ANN) is ALLOWED


def test_the_state_of_somebody_undescribed_is_in_doubt():
    """A user that only the credential report knows may be tagged and bound."""
    case = account().user("bob").user("ann").key().may(GIVE, when={"StringEquals": {TEAM: "red"}})
    assert verdict_in(case, GIVE, BOB) is NONE
    case.details["UserDetailList"].pop(0)
    assert verdict_in(case, GIVE, BOB) is CONDITIONAL
    assert reached(case, GIVE) == ([], ["user/bob"])


def test_a_user_that_is_yet_to_be_made_may_have_any_tag():
    """The caller gives it the ones that suit."""
    case = LIVE.may("iam:TagUser", when={"StringEquals": {TEAM: "red"}})
    assert verdict_in(case, "iam:TagUser", f"{IAM}user/new") is CONDITIONAL


def test_a_role_is_not_surely_passed_by_the_tags_that_it_has():
    """AWS warns that PassRole can't be held to them, so nobody can tell; other calls are."""
    when = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    for team, verdict in (("red", ALLOWED), ("blue", NONE)):
        case = LIVE.may("iam:PassRole", "iam:DeleteRole", when=when)
        case = case.role("app").tag("team", team)
        assert verdict_in(case, "iam:PassRole", ROLE) is CONDITIONAL
        assert verdict_in(case, "iam:DeleteRole", ROLE) is verdict


def test_more_values_than_can_be_told_apart_leave_doubt_and_never_safety():
    """A hundred teams are too many to split the account by."""
    case = account()
    for number in range(100):
        case = case.user(f"u{number}").tag("team", f"t{number}")
    when = {"StringLike": {TEAM: "t*"}}
    case = case.user("ann").key().may(GIVE, when=when).without(REPORT)
    certain, possible = reached(case, GIVE)
    assert len(possible) >= 100
    assert set(certain) <= set(possible)
