"""What would be enough of each policy, and what is left alone."""

import pytest

from tests.builders import account, allow, deny, policy_text
from tests.proposals.uses import actions_of, asked, proposed, reasons

SHARED = "arn:aws:iam::111122223333:policy/shared"
S3_ONLY = {"s3": {"GetBucketAcl": 1, "CreateBucket": None}, "sqs": None}


def test_an_inline_policy_keeps_what_was_used():
    """With its resource."""
    case = (
        account()
        .user("ann")
        .may("s3:CreateBucket", "s3:GetBucketAcl", "sqs:*", on="arn:aws:s3:::a")
    )
    proposal = proposed(asked(case, "user/ann", S3_ONLY))
    assert actions_of(proposal) == {"p0": [["s3:GetBucketAcl"]]}
    [policy] = proposal.policies
    assert policy.after == 1 < policy.before
    assert [witness.used for _, witness in policy.used] == ["s3:GetBucketAcl"]
    assert policy.texts[0].document["Statement"][0]["Resource"] == "arn:aws:s3:::a"


def test_a_shared_policy_keeps_what_any_holder_used():
    """One used S3, the other SQS."""
    case = account().user("ann").attached(SHARED).user("bob").attached(SHARED)
    case = case.policy("shared", allow("s3:*", "sqs:*", "kms:*"), attachments=2)
    case = asked(
        asked(case, "user/ann", {"s3": 1, "sqs": None, "kms": None}),
        "user/bob",
        {"s3": None, "sqs": 1, "kms": None},
    )
    assert actions_of(proposed(case)) == {"shared": [["s3:*", "sqs:*"]]}


def test_a_shared_policy_is_left_alone_where_one_holder_is_unknown():
    """Nobody knows what bob needs."""
    case = account().user("ann").attached(SHARED).user("bob").attached(SHARED)
    case = case.policy("shared", allow("s3:*", "sqs:*"), attachments=2)
    case = asked(case, "user/ann", {"s3": 1, "sqs": None})
    assert reasons(proposed(case)) == {"shared": "no export tells what its holder used"}


def test_a_groups_policy_is_judged_by_all_members():
    """Each of them used something else."""
    case = account().empty_group("dev").may("s3:*", "sqs:*", "kms:*")
    case = case.user("ann").group("dev").user("bob").group("dev")
    case = asked(case, "user/ann", {"s3": 1, "sqs": None, "kms": None})
    assert reasons(proposed(case))
    case = asked(case, "user/bob", {"s3": None, "sqs": None, "kms": 1})
    assert actions_of(proposed(case)) == {"p0": [["s3:*", "kms:*"]]}


def test_a_policy_of_which_nothing_was_used_can_go():
    """There is no text in its place."""
    case = asked(account().user("ann").may("sqs:*"), "user/ann", {"sqs": None})
    [policy] = proposed(case).policies
    assert (policy.texts, policy.after) == ((), 0)


def test_a_policy_of_which_all_was_used_is_settled():
    """Nothing could go."""
    case = asked(account().user("ann").may("sqs:*"), "user/ann", {"sqs": 1})
    proposal = proposed(case)
    assert not proposal.policies
    assert [each.name for each in proposal.settled] == ["p0"]


def test_a_wide_policy_of_aws_gets_one_of_ones_own_in_its_place():
    """AWS's text is in the program, and the name says whose it is."""
    case = account().role("ci").attached("AdministratorAccess")
    [policy] = proposed(asked(case, "role/ci", {"s3": 1, "sqs": None})).policies
    assert policy.is_moved
    [text] = policy.texts
    assert text.name == "ci-AdministratorAccess-used"
    assert text.document["Statement"][0]["Action"] == ["iam:PassRole", "s3:*"]


def test_a_narrow_policy_of_aws_is_left_alone():
    """AWS maintains it."""
    case = (
        account().user("ann").attached("Narrow").aws_policy("Narrow", allow("s3:Get*", "sqs:Get*"))
    )
    case = asked(case, "user/ann", {"s3": 1, "sqs": None})
    assert "AWS maintains it" in reasons(proposed(case))["Narrow"]


@pytest.mark.parametrize(("changed", "is_young"), [(89, True), (90, False)])
def test_a_policy_that_was_changed_lately_is_left_alone(changed, is_young):
    """Its new rights had no time to be used."""
    case = account().user("ann").attached(SHARED).policy("shared", allow("sqs:*"))
    case.details["Policies"][-1]["PolicyVersionList"][0]["CreateDate"] = case.when(changed)
    case = asked(case, "user/ann", {"sqs": None})
    assert ("was changed less than 90 days ago" in reasons(proposed(case)).values()) is is_young


def test_settings_can_ask_for_a_longer_time_and_never_for_a_shorter_one():
    """Ninety days are the least."""
    case = asked(account().user("ann").may("sqs:*", "s3:*"), "user/ann", {"sqs": 60, "s3": 100})
    assert actions_of(proposed(case, unused_service=30)) == {"p0": [["sqs:*"]]}
    assert actions_of(proposed(case, unused_service=120)) == {}


def test_a_policy_that_cannot_be_read_is_left_alone():
    """Nobody knows what its statement means."""
    broken = {"Effect": "Perhaps", "Action": "s3:*", "Resource": "*"}
    case = asked(
        account().user("ann").inline("p", allow("sqs:*"), broken), "user/ann", {"sqs": None}
    )
    assert "can't be read" in reasons(proposed(case))["p"]


def test_only_the_asked_principal_is_looked_at():
    """Others have policies, too."""
    case = account().user("ann").may("sqs:*").user("bob").may("sqs:*")
    for name in ("ann", "bob"):
        case = asked(case, f"user/{name}", {"sqs": None})
    [policy] = proposed(case, "user/ann").policies
    assert policy.held.entities[0].name == "ann"


def test_what_an_inline_policy_has_no_room_for_becomes_managed():
    """A user's inline policies have 2,048 characters together."""
    case = account().user("ann").may("ec2:*")
    used = dict.fromkeys(("RunInstances", "CreateVpc", "DeleteVpc", "StopInstances"))
    filler = {f"arn:aws:s3:::{'x' * 60}{number}" for number in range(27)}
    case = case.inline("rest", deny("s3:*", on=sorted(filler)))
    [policy] = proposed(
        asked(case, "user/ann", {"ec2": {"RunScheduledInstances": 1} | used})
    ).policies
    assert policy.is_moved
    assert [each.name for each in policy.texts] == ["ann-p0-used"]


def test_room_is_given_away_once():
    """Two policies that both grow share what is left of 2,048 characters."""
    used = {name: {"MadeUp": 1} for name in ("sns", "sqs")}
    for name in used:
        used[name] |= {
            f"{verb}{'Queue' if name == 'sqs' else 'Topic'}": None for verb in ("Create", "Delete")
        }
    case = account().user("ann").may("sns:*").may("sqs:*")
    filler = [f"arn:aws:s3:::{'x' * 60}{number}" for number in range(18)]
    case = asked(case.inline("rest", deny("s3:*", on=filler)), "user/ann", used)
    moved = {each.held.name: each.is_moved for each in proposed(case).policies}
    assert moved == {"p0": False, "p1": True}


def test_nobody_gets_more_managed_policies_than_iam_allows():
    """Ten of them, and the one that is too long for inline would be the eleventh."""
    arns = [f"arn:aws:iam::111122223333:policy/q{number}" for number in range(10)]
    case = account().user("ann").may("ec2:*").attached(*arns)
    filler = [f"arn:aws:s3:::{'x' * 60}{number}" for number in range(27)]
    case = case.inline("rest", deny("s3:*", on=filler))
    used = {"RunScheduledInstances": 1, "RunInstances": None, "CreateVpc": None}
    proposal = proposed(asked(case, "user/ann", {"ec2": used}))
    assert "fits into no policy" in reasons(proposal)["p0"]


def test_the_reader_is_told_what_no_file_can_show():
    """Inline policies have no date, and rare needs no use."""
    case = asked(account().user("ann").may("sqs:*"), "user/ann", {"sqs": None})
    [policy] = proposed(case).policies
    assert any("no date of an inline policy" in each for each in policy.bounds)
    assert any("emergency" in each for each in policy.bounds)


def test_a_text_keeps_its_version():
    """Without one, variables mean themselves."""
    case = account().user("ann").may("sqs:*", "s3:*")
    held = case.details["UserDetailList"][-1]["UserPolicyList"][0]
    held["PolicyDocument"] = {"Statement": policy_text(allow("sqs:*", "s3:*"))["Statement"]}
    [policy] = proposed(asked(case, "user/ann", {"sqs": None, "s3": 1})).policies
    assert policy.texts[0].document["Version"] == "2008-10-17"


def test_a_user_for_emergencies_is_left_alone():
    """It is there for what happens less than once in the period."""
    case = asked(account().user("glass").may("sqs:*"), "user/glass", {"sqs": None})
    left = reasons(proposed(case, break_glass=("glass",)))
    assert left == {"p0": "user glass: is declared as break-glass"}
