"""The moves as commands: each right is given before its old grant is taken away."""

import shlex

from analyzer.proposals.group_steps import group_steps
from tests.builders import account, allow
from tests.proposals.people import proposed


def steps(case):
    """The commands of the proposal, as words."""
    return [shlex.split(each) for each in group_steps(proposed(case))]


def test_groups_are_made_and_joined_before_anything_is_taken_away():
    """Nobody is without a right in between."""
    case = account()
    for name in ("ann", "bob"):
        case = case.user(name).password().attached("AmazonSESFullAccess")
        case = case.inline(f"of-{name}", allow("s3:Get*"))
    order = [words[2] for words in steps(case)]
    assert order[0] == "create-group"
    assert {"attach-group-policy", "put-group-policy"} == set(order[1:3])
    assert order[3:5] == ["add-user-to-group"] * 2
    assert sorted(order[5:]) == ["delete-user-policy"] * 2 + ["detach-user-policy"] * 2
    assert [w[4] for w in steps(case) if w[2:4] == ["delete-user-policy", "--user-name=bob"]] == [
        "--policy-name=of-bob"
    ]


def test_a_name_that_begins_with_a_hyphen_or_holds_quotes_stays_one_value():
    """Names come from exports, which may be written by an attacker."""
    case = account()
    for name in ("--help", "a'; rm -rf ~;'"):
        case = case.user(name).password().attached("AmazonSESFullAccess")
    users = [words[-1] for words in steps(case) if words[2] == "add-user-to-group"]
    assert sorted(users) == ["--user-name=--help", "--user-name=a'; rm -rf ~;'"]


def test_two_inline_policies_of_one_name_do_not_overwrite_each_other():
    """The group takes both texts, each by a name of its own."""
    case = account()
    for name in ("ann", "bob"):
        case = case.user(name).password()
        case = case.inline("p", allow("s3:Get*")).inline("P", allow("s3:Put*"))
    names = [words[4] for words in steps(case) if words[2] == "put-group-policy"]
    assert sorted(name.lower() for name in names) == ["--policy-name=p", "--policy-name=p-2"]
