"""Proposed policies as a reader gets them, whatever names and files hold."""

import pytest

from analyzer.config import Limits
from analyzer.proposals.policies import propose_policies
from analyzer.writers.proposals.policies import policies_as_terraform, policies_as_text
from tests.builders import account, allow
from tests.proposals.uses import asked, event, logged

SHARED = "arn:aws:iam::111122223333:policy/team/shared"


def place(location):
    """A file by its number."""
    return {"evidence": location.evidence, "pointer": location.pointer or ""}


def text(case, faults=None):
    """The page for the account."""
    built = case.account()
    return "\n".join(
        policies_as_text(propose_policies(built, Limits()), faults or {}, built, place)
    )


def terraform(case):
    """The blocks for the account."""
    built = case.account()
    return "\n\n".join(policies_as_terraform(propose_policies(built, Limits()), {}, built))


def shared():
    """Two users hold one policy, of which they used S3."""
    case = account().user("ann").attached(SHARED).user("bob").attached(SHARED)
    case = case.policy("team/shared", allow("s3:*", "sqs:*"), attachments=2)
    for name in ("ann", "bob"):
        case = asked(case, f"user/{name}", {"s3": 1, "sqs": None})
    return case


def test_the_text_says_who_shares_a_policy():
    """What one of them used stays for all."""
    assert "attached to user ann, user bob (shared: what any of them used stays)" in text(shared())


def test_a_policy_that_can_go_is_told_so():
    """It has no text to show."""
    case = asked(account().user("ann").may("sqs:*"), "user/ann", {"sqs": None})
    assert "nothing of it was used: it can go" in text(case)


def test_a_fault_is_told_as_a_caution():
    """With the principal and what would be wrong."""
    page = text(shared(), {"arn:aws:iam::111122223333:user/ann": ["would gain s3:GetObject"]})
    assert "CAUTION: policies of user ann are withheld, since it\n  would gain s3:GetObject" in page


def test_terraform_keeps_the_path_of_a_policy():
    """Another path would make another policy."""
    found = terraform(shared())
    assert f'id = "{SHARED}"' in found
    assert 'path   = "/team/"' in found


def test_a_name_with_a_template_is_no_template_in_terraform():
    """Nor does it end its string."""
    case = account().user("ann").inline('${evil}"', allow("s3:*", "sqs:*"))
    found = terraform(asked(case, "user/ann", {"s3": 1, "sqs": None}))
    assert '"$${evil}\\""' in found


@pytest.mark.parametrize(
    "members",
    [
        {"userIdentity": "ann"},
        {"userIdentity": {"type": "AssumedRole", "sessionContext": []}},
        {"eventTime": 10**30, "eventName": None},
        {"eventSource": ["s3"], "errorCode": {}},
        {"eventName": "\x1b[2J*" * 50, "recipientAccountId": 7},
    ],
)
def test_an_odd_record_costs_nobody_anything(members):
    """It is left out, or keeps what it may mean; nothing in it reaches the terminal as it is."""
    case = account().user("ann").may("ec2:*", "kms:*")
    odd = event(case, "user/ann", "ec2:RunInstances", **members)
    page = text(logged(case, event(case, "user/ann", "ec2:RunInstances"), odd))
    assert "inline p0 of user ann" in page
    assert "\x1b" not in page


def test_several_policies_are_summed_up_first():
    """The largest gain first; of one or two the pages are short enough."""
    case = account().user("ann").may("sqs:*").user("bob").may("s3:*").user("eve").may("ec2:*")
    for name in ("ann", "bob", "eve"):
        case = asked(case, f"user/{name}", {"s3": None, "sqs": None, "ec2": None})
    lines = text(case).splitlines()
    assert lines[0] == "3 policies can be smaller, 0 can't, and 0 are left alone:"
    assert lines[1].startswith("  inline p0 of user eve: ")
    assert lines[3].startswith("  inline p0 of user ann: ")
    assert "can be smaller" not in text(shared())


def test_terraform_says_that_nothing_is_proposed():
    """An empty answer could be a fault."""
    assert terraform(account()) == "# no policy can be made smaller from what these files tell"
