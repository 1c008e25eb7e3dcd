"""The change as commands: rights are given before others go."""

import shlex

from analyzer.proposals.policy_steps import policy_steps
from tests.builders import account, allow
from tests.proposals.uses import asked, proposed

SHARED = "arn:aws:iam::111122223333:policy/team/shared"


def steps(case):
    """The operations of all commands with their options."""
    built = case.account()
    lines = [line for each in proposed(case).policies for line in policy_steps(each, built)]
    return [shlex.split(line)[2:] for line in lines]


def named(case):
    """The operations alone."""
    return [each[0] for each in steps(case)]


def managed(versions):
    """Ann holds a managed policy with so many versions, the last of which is in force."""
    case = account().user("ann").attached(SHARED).policy("team/shared", allow("s3:*", "sqs:*"))
    listed = case.details["Policies"][-1]["PolicyVersionList"]
    document = listed[0]["Document"]
    listed[:] = [
        {
            "VersionId": f"v{number}",
            "IsDefaultVersion": number == versions,
            "CreateDate": case.when(300 - number),
            "Document": document,
        }
        for number in range(1, versions + 1)
    ]
    return asked(case, "user/ann", {"s3": 1, "sqs": None})


def test_a_managed_policy_gets_a_new_version_that_is_in_force():
    """The old one can be put back."""
    [command] = steps(managed(4))
    assert command[:2] == ["create-policy-version", f"--policy-arn={SHARED}"]
    assert command[-1] == "--set-as-default"


def test_of_five_versions_the_oldest_makes_room():
    """IAM takes no sixth."""
    first, second = steps(managed(5))
    assert first == ["delete-policy-version", f"--policy-arn={SHARED}", "--version-id=v1"]
    assert second[0] == "create-policy-version"


def test_an_inline_policy_is_put_in_place():
    """By its holder's command."""
    case = account().role("ci").may("s3:*", "sqs:*")
    [command] = steps(asked(case, "role/ci", {"s3": 1, "sqs": None}))
    assert command[:3] == ["put-role-policy", "--role-name=ci", "--policy-name=p0"]


def test_a_policy_of_aws_goes_when_the_other_is_there():
    """Made, attached, and then the old one detached."""
    case = account().role("ci").attached("AdministratorAccess")
    case = asked(case, "role/ci", {"s3": 1})
    assert named(case) == ["create-policy", "attach-role-policy", "detach-role-policy"]


def test_a_policy_that_nobody_used_is_taken_away():
    """Detached or deleted; the managed one itself stays."""
    inline = asked(account().user("ann").may("sqs:*"), "user/ann", {"sqs": None})
    assert named(inline) == ["delete-user-policy"]
    case = account().user("ann").attached(SHARED).policy("team/shared", allow("sqs:*"))
    assert named(asked(case, "user/ann", {"sqs": None})) == ["detach-user-policy"]


def test_further_texts_are_attached_before_the_first_one_shrinks():
    """So nobody is without a right in between."""
    odd = [allow(f"s3:GetBucket{'x' * 90}{n}", on=f"arn:aws:s3:::{'y' * 40}{n}") for n in range(40)]
    case = account().user("ann").attached(SHARED)
    case = case.policy("team/shared", *odd, allow("sqs:*"))
    case = asked(case, "user/ann", {"s3": 1, "sqs": None})
    assert named(case) == ["create-policy", "attach-user-policy", "create-policy-version"]
