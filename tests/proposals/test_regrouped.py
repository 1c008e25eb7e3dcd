"""Nobody's rights change, by the texts over each user and by the evaluator."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.policy.authorizer import authorizer_for
from analyzer.proposals.regrouped import changed_rights, regroup
from tests.builders import account, allow, deny
from tests.proposals.people import proposed

STATEMENTS = (
    allow("s3:*"),
    allow("s3:GetObject", on="arn:aws:s3:::data/${aws:username}/*"),
    deny("s3:DeleteObject"),
    allow("ec2:StartInstances", when={"StringEquals": {"aws:PrincipalTag/team": "a"}}),
    deny("*", when={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
)
QUESTIONS = (
    ("s3:GetObject", "arn:aws:s3:::data/a/x"),
    ("s3:DeleteObject", "arn:aws:s3:::data/b/x"),
    ("ec2:StartInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"),
)
held = st.frozensets(st.integers(0, len(STATEMENTS) - 1), max_size=3)


def built(direct, by_group):
    """People a, b, … with those statements inline, and groups that give others."""
    case = account()
    for number, statements in enumerate(by_group):
        case = case.empty_group(f"g{number}")
        for each in sorted(statements):
            case = case.inline(f"p{each}", STATEMENTS[each])
    for number, (statements, group) in enumerate(direct):
        case = case.user("abcdefgh"[number]).password().tag("team", "a" if number % 2 else "b")
        for each in sorted(statements):
            case = case.inline(f"q{each}", STATEMENTS[each])
        case = case.group(f"g{group}") if group < len(by_group) else case
    return case


def answers(state):
    """What the evaluator says to each question, for each user."""
    authorizer = authorizer_for(state)
    return {
        (arn, action): authorizer.decide(policies, action, resource).verdict
        for arn, policies in authorizer.principals.items()
        for action, resource in QUESTIONS
    }


@settings(deadline=None)
@given(
    st.lists(st.tuples(held, st.integers(0, 3)), min_size=2, max_size=6),
    st.lists(held, max_size=3),
)
def test_proposed_groups_leave_every_users_rights_as_they_were(direct, by_group):
    """Whatever people hold directly and through groups, the evaluator answers the same after."""
    case = built(direct, by_group)
    before = case.account()
    proposal = proposed(case)
    after = regroup(before, proposal)
    everyone = {user.name for user in before.users}
    assert answers(before) == answers(after)
    assert changed_rights(authorizer_for(before), after, everyone) == ()


def test_a_move_that_takes_a_right_away_is_noticed():
    """The proof would fail if the proposal were wrong."""
    case = built([({0}, 9), ({0}, 9)], [])
    before, proposal = case.account(), proposed(case)
    wrong = replace(proposal, groups=tuple(replace(each, rights=()) for each in proposal.groups))
    assert changed_rights(authorizer_for(before), regroup(before, wrong), {"a", "b"}) == ("a", "b")
