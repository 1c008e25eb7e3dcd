"""Session tags: what it takes to pass them, and which of them a trust policy takes."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from tests.builders import account, allow, deny
from tests.policy.verdicts import (
    ALLOWED,
    ANN,
    CONDITIONAL,
    LIVE,
    NONE,
    ROLE,
    ROOT,
    assume_verdict,
    level_of,
)

TAKE, TAG = "sts:AssumeRole", "sts:TagSession"
BOTH = [TAKE, TAG]


def tagged(name="p", value="x", operator="StringEquals"):
    """A condition on one tag that is passed."""
    return {operator: {f"aws:RequestTag/{name}": value}}


def lets_in(principal=None, action=TAKE, when=None, effect="Allow"):
    """A statement of the role's trust policy."""
    found = {"Effect": effect, "Principal": principal or ROOT, "Action": action}
    return found | ({"Condition": when} if when else {})


MAY_BOTH = (allow(*BOTH),)


def asked(*trust, own=MAY_BOTH, case=LIVE):
    """Whether Ann, who has these statements, may take the role with that trust policy."""
    return assume_verdict(case.inline("own", *own).role("app").trusting(*trust))


@pytest.mark.parametrize(
    ("trusted", "own", "verdict"),
    [
        (BOTH, BOTH, ALLOWED),
        (TAKE, BOTH, NONE),
        (BOTH, [TAKE], NONE),
        (TAKE, [TAKE], NONE),
        ("sts:*", ["sts:*"], ALLOWED),
    ],
)
def test_tags_take_a_right_in_the_trust_policy_and_one_of_the_caller(trusted, own, verdict):
    """Without sts:TagSession on both sides the call fails.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
    """
    assert asked(lets_in(action=trusted, when=tagged()), own=[allow(*own)]) is verdict
    assert asked(lets_in(action=trusted), own=[allow(*own)]) is ALLOWED
    absent = {"Null": {"aws:RequestTag/p": "true"}}
    assert asked(lets_in(action=trusted, when=absent), own=[allow(*own)]) is ALLOWED
    assert asked(lets_in(action=trusted), own=[allow(*own, when=tagged())]) is verdict


def test_a_trust_that_names_the_caller_stands_in_for_both_of_its_rights():
    """By its name a user needs no Allow of its own for the tags either; a Deny counts."""
    named = lets_in({"AWS": ANN}, BOTH, tagged())
    assert asked(named, own=[allow("s3:*")]) is ALLOWED
    assert asked(lets_in({"AWS": ANN}, TAKE, tagged()), own=[allow("s3:*")]) is NONE
    assert asked(named, own=[allow("s3:*"), deny(TAG)]) is NONE


@pytest.mark.parametrize("principal", [ROOT, "*"])
def test_a_deny_of_the_tags_is_final_where_tags_are_needed(principal):
    """It keeps nobody out who can come without."""
    barred = lets_in("*", TAG, effect="Deny")
    assert asked(lets_in(principal, BOTH, tagged()), barred) is not ALLOWED
    assert asked(lets_in(principal, BOTH), barred) is ALLOWED
    assert asked(lets_in(principal, BOTH, tagged()), own=[allow(*BOTH), deny(TAG)]) is not ALLOWED
    assert asked(lets_in(principal, BOTH), own=[allow(*BOTH), deny(TAG)]) is ALLOWED


@pytest.mark.parametrize(
    ("of_tags", "verdict"),
    [
        (None, ALLOWED),
        (tagged(), ALLOWED),
        (tagged(value=["x", "y"]), ALLOWED),
        (tagged(value="y"), NONE),
        (tagged("q"), ALLOWED),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["p", "q"]}}, ALLOWED),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["q"]}}, NONE),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["q"]}}, ALLOWED),
        ({"Null": {"aws:RequestTag/p": "true"}}, NONE),
        ({"StringNotEquals": {"aws:RequestTag/p": "x"}}, NONE),
        ({"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["p"]}}, ALLOWED),
        ({"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": ["p"]}}, ALLOWED),
    ],
)
def test_both_rights_are_asked_with_the_same_tags(of_tags, verdict):
    """One statement takes the caller in with its tag, another lets the tags be passed."""
    assert asked(lets_in(when=tagged()), lets_in(action=TAG, when=of_tags)) is verdict
    own = [allow(TAKE), allow(TAG, when=of_tags)]
    assert asked(lets_in(action=BOTH, when=tagged()), own=own) is verdict


def test_which_tags_a_pattern_takes_is_shown_by_an_example_or_left_open():
    """A value in a pattern's place is one that fits; where none is found nobody can tell."""
    assert asked(lets_in(action=BOTH, when=tagged(value="x*", operator="StringLike"))) is ALLOWED
    assert asked(lets_in(action=BOTH, when=tagged(value="y", operator="StringNotLike"))) is ALLOWED
    unlucky = tagged(value="*y", operator="StringLike")
    unlucky |= tagged(value="credaudit*", operator="StringNotLike")
    assert asked(lets_in(action=BOTH, when=unlucky)) is CONDITIONAL
    from_other = LIVE.tag("team", "red")
    own_team = tagged(value="${aws:PrincipalTag/team}")
    assert asked(lets_in(action=BOTH, when=own_team), case=from_other) is not NONE
    assert asked(lets_in(action=TAKE, when=own_team), case=from_other) is NONE


def test_of_more_tags_than_can_be_tried_the_likely_ones_are():
    """A policy that asks for many tags by their values gets them; else nobody can tell."""
    many = {"StringEquals": {f"aws:RequestTag/n{number}": "x" for number in range(7)}}
    names = {"ForAllValues:StringEquals": {"aws:TagKeys": [f"n{each}" for each in range(7)]}}
    assert asked(lets_in(action=BOTH, when=many)) is ALLOWED
    assert asked(lets_in(action=BOTH, when=many | names)) is ALLOWED
    assert asked(lets_in(action=BOTH, when={**names, **tagged("n1")})) is ALLOWED
    assert asked(lets_in(action=TAKE, when=many)) is NONE
    no_last = allow(TAG, when={"StringNotEquals": {"aws:RequestTag/n0": "x"}})
    assert asked(lets_in(action=BOTH, when=many), own=[allow(TAKE), no_last]) is CONDITIONAL
    barred = deny(TAG, when={"ForAnyValue:StringEquals": {"aws:TagKeys": list("abcdefg")}})
    assert asked(lets_in(action=BOTH, when=tagged()), own=[allow(*BOTH), barred]) is ALLOWED
    every = {"ForAnyValue:StringEquals": {"aws:TagKeys": ["n6"]}}
    with_last = allow(TAG, when={**names, **every})
    assert asked(lets_in(action=BOTH), own=[allow(TAKE, when=tagged("n1")), with_last]) is ALLOWED


@pytest.mark.parametrize("trusted", [TAKE, BOTH])
def test_the_way_to_full_rights_asks_for_the_tags_as_well(trusted):
    """What the graph says of many roles at once is what each of them says."""
    strong = LIVE.may(*BOTH).role("app").trusts(ROOT, action=trusted, when=tagged()).may("*")
    assert level_of(strong).is_privileged is (trusted == BOTH)
    apart = (lets_in(when=tagged()), lets_in(action=TAG, when=tagged(value="y")))
    assert not level_of(LIVE.may(*BOTH).role("app").trusting(*apart).may("*")).is_privileged
    own = LIVE.inline("p", allow(TAKE, when=tagged()), allow(TAG))
    assert level_of(own.role("app").trusts(ROOT, action=trusted).may("*")).is_privileged is (
        trusted == BOTH
    )


@pytest.mark.parametrize(
    ("trust", "wanted", "verdict"),
    [
        ([lets_in(action=BOTH, when=tagged("t", "dev"))], "admin", NONE),
        ([lets_in(action=BOTH, when=tagged("t", "admin"))], "admin", ALLOWED),
        ([lets_in(action=BOTH, when=tagged("t", "Admin"))], "admin", NONE),
        ([lets_in(action=BOTH, when=tagged("t", ["dev", "admin"]))], "admin", CONDITIONAL),
        ([lets_in(action=BOTH, when=tagged("t", "a*", "StringLike"))], "admin", CONDITIONAL),
        (
            [lets_in(action=BOTH, when=tagged("t", "dev", "StringEqualsIfExists"))],
            "dev",
            CONDITIONAL,
        ),
        ([lets_in(action=BOTH)], "admin", CONDITIONAL),
        ([lets_in(when=tagged("t", "dev")), lets_in(action=TAG)], "admin", NONE),
        (
            [lets_in(action=BOTH, when=tagged("t", "dev")), lets_in(action=BOTH)],
            "admin",
            CONDITIONAL,
        ),
        ([lets_in(), lets_in(action=TAG, when=tagged("t", "dev"))], "dev", CONDITIONAL),
        ([lets_in(), lets_in(action=TAG, when=tagged("t", "own"))], "own", ALLOWED),
        ([lets_in(), lets_in(action=TAG, when=tagged("t", "own"))], "admin", NONE),
        ([lets_in()], "own", ALLOWED),
        ([lets_in()], "admin", NONE),
        ([lets_in(), lets_in(action=TAG, effect="Deny")], "own", ALLOWED),
        ([lets_in(action="sts:Tag*"), lets_in()], "admin", CONDITIONAL),
        ([{"Effect": "Allow", "Principal": ROOT, "NotAction": "sts:Get*"}], "admin", CONDITIONAL),
    ],
)
def test_a_session_has_the_tag_without_which_its_role_takes_nobody_in(trust, wanted, verdict):
    """What the trust policy asks of every session is certain; what it leaves open is unknown."""
    having = {"StringEquals": {"aws:PrincipalTag/t": wanted}}
    case = account().role("app").tag("T", "own").trusting(*trust).may("s3:*", when=having)

    found = authorizer_for(case.account())
    decision = found.decide(found.principals[ROLE], "s3:GetObject", "arn:aws:s3:::bucket/x")
    assert decision.verdict is verdict
