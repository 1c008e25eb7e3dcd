"""Who would join which group, for which rights, and what stays direct."""

from tests.builders import account, allow
from tests.proposals.people import joining, proposed


def holding(case, names, *policies):
    """More people, each with these policies attached directly."""
    for name in names:
        case = case.user(name).password().attached(*policies)
    return case


def labels(rights):
    """The names of rights."""
    return [each.label for each in rights]


def test_people_with_the_same_direct_policies_get_a_group():
    """Two sellers hold the same by themselves; the group takes it over."""
    case = holding(account(), ["a", "b"], "AmazonSESFullAccess")
    case = holding(case, ["c", "d"], "AmazonEC2FullAccess")
    proposal = proposed(case)
    assert joining(proposal) == {
        "amazonsesfullaccess": ("a", "b"),
        "amazonec2fullaccess": ("c", "d"),
    }
    assert [labels(each.drops) for each in proposal.regroupings[:1]] == [["AmazonSESFullAccess"]]


def test_what_all_of_them_hold_goes_to_one_group_for_everyone():
    """Beside it each job has its own."""
    case = holding(account(), ["a", "b"], "IAMUserChangePassword", "AmazonSESFullAccess")
    case = holding(case, ["c", "d"], "IAMUserChangePassword", "AmazonEC2FullAccess")
    proposal = proposed(case)
    assert joining(proposal)["everyone"] == ("a", "b", "c", "d")
    assert [each.is_base for each in proposal.groups] == [True, False, False]
    assert all(len(each.joins) == 2 for each in proposal.regroupings)


def test_an_existing_group_is_used_where_it_gives_nothing_more():
    """Three people hold by themselves what the group gives; the fourth holds less and stays out."""
    case = account().empty_group("ops").attached("AmazonEC2FullAccess", "AmazonS3FullAccess")
    case = holding(case, ["a"], "AmazonEC2FullAccess", "AmazonS3FullAccess")
    case = holding(case, ["b"], "AmazonEC2FullAccess")
    proposal = proposed(case)
    assert joining(proposal) == {"ops": ("a",)}
    assert not proposal.groups[0].is_new


def test_who_holds_everything_through_groups_is_left_as_is():
    """There is nothing to mend."""
    case = account().empty_group("ops").attached("AmazonEC2FullAccess")
    case = case.user("a").password().group("ops")
    proposal = proposed(case)
    assert proposal.settled == ("a",)
    assert not proposal.regroupings


def test_a_right_of_one_person_alone_stays_with_that_person():
    """A group of one would hide it."""
    case = holding(account(), ["a", "b"], "AmazonSESFullAccess")
    case = case.attached("AmazonEC2FullAccess").user("c").password().attached("AmazonSESFullAccess")
    [change] = [each for each in proposed(case).regroupings if each.holder.user.name == "b"]
    assert labels(change.keeps) == ["AmazonEC2FullAccess"]
    assert labels(change.drops) == ["AmazonSESFullAccess"]


def test_a_set_beyond_the_quota_of_a_group_becomes_two_groups():
    """IAM attaches ten managed policies to a group."""
    case = account()
    arns = [f"arn:aws:iam::111122223333:policy/p{number:02}" for number in range(11)]
    for arn in arns:
        case = case.policy(arn.rpartition("/")[2], allow("s3:Get*"))
    proposal = proposed(holding(case, ["a", "b"], *arns))
    assert [len(each.rights) for each in proposal.groups] == [10, 1]
    assert len({each.name for each in proposal.groups}) == 2


def test_long_inline_policies_are_split_by_the_quota_of_characters():
    """All inline policies of a group may hold 5,120 characters."""
    case = account()
    for name in ("a", "b"):
        case = case.user(name).password()
        for letter in "xyz":
            case = case.inline(letter, allow(*[f"s3:{letter * 30}{i}" for i in range(60)]))
    assert [len(each.rights) for each in proposed(case).groups] == [2, 1]


def test_who_would_be_in_more_than_ten_groups_is_left_alone():
    """IAM would refuse the eleventh, half way through the moves."""
    case = account()
    for number in range(10):
        case = case.empty_group(f"g{number}").attached(f"Service{number}ReadOnly")
    for name in ("a", "b"):
        case = case.user(name).password().attached("AmazonSESFullAccess")
        for number in range(10):
            case = case.group(f"g{number}")
    proposal = proposed(case)
    assert {each.reason for each in proposal.left_alone} == {"would be in more than 10 groups"}
    assert not proposal.groups
