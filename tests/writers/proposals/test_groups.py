"""Proposed groups as Terraform."""

from analyzer.writers.proposals.groups import groups_as_terraform
from tests.builders import account
from tests.proposals.people import proposed


def sellers():
    """The groups that are proposed for two people with the same direct policy."""
    case = account()
    for name in ("ann", "bob"):
        case = case.user(name).password().tag("team", "sales").attached("AmazonSESFullAccess")
    return proposed(case)


def test_whose_rights_would_change_stands_above_the_blocks():
    """Whoever applies them is warned as whoever types the commands is."""
    first, *_ = groups_as_terraform(sellers(), ("ann",))
    assert first == "# CAUTION: the rights of ann would change"


def test_what_belongs_to_a_new_group_is_made_after_it():
    """A name alone would let Terraform make both at once."""
    found = "\n".join(groups_as_terraform(sellers(), ()))
    assert "group      = aws_iam_group.everyone.name" in found
    assert "groups = [aws_iam_group.everyone.name]" in found


def test_nothing_to_propose_is_said():
    """An empty answer could be a fault."""
    assert list(groups_as_terraform(proposed(account()), ())) == [
        "# no group would take over anything that people hold directly"
    ]
