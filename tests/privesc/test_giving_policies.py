"""What a policy would give whoever gets it, as a policy or as a boundary."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.conditions import Ternary
from analyzer.privesc.giving_policies import gives_rights, lets_through, older_ones_of, those_of
from tests.builders import account, allow, deny

MINE = "arn:aws:iam::111122223333:policy/mine"
BOB, HERSELF = "arn:aws:iam::*:user/bob", "arn:aws:iam::*:user/${aws:username}"
UNBIND = "iam:DeleteUserPermissionsBoundary"
REGION = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}


def bounded_by(operator):
    """A condition on the boundary."""
    return {operator: {"iam:PermissionsBoundary": MINE}}


@pytest.mark.parametrize(
    ("statements", "gives", "opens"),
    [
        ((allow("*"),), Ternary.TRUE, Ternary.TRUE),
        ((allow("iam:PutUserPolicy"),), Ternary.TRUE, Ternary.UNKNOWN),
        ((allow("*", when=REGION),), Ternary.UNKNOWN, Ternary.UNKNOWN),
        ((allow("*"), deny("s3:*")), Ternary.UNKNOWN, Ternary.UNKNOWN),
        ((allow("iam:*", on=MINE),), Ternary.UNKNOWN, Ternary.UNKNOWN),
        ((allow("iam:PassRole"),), Ternary.UNKNOWN, Ternary.UNKNOWN),
        ((allow("iam:CreateAccessKey"),), Ternary.UNKNOWN, Ternary.UNKNOWN),
        ((allow("iam:CreateAccessKey", on=HERSELF),), Ternary.FALSE, Ternary.FALSE),
        ((allow("iam:CreateAccessKey", on=[HERSELF, BOB]),), Ternary.UNKNOWN, Ternary.UNKNOWN),
        ((allow("iam:PutUserPolicy", on=HERSELF),), Ternary.UNKNOWN, Ternary.UNKNOWN),
        ((allow(UNBIND),), Ternary.FALSE, Ternary.UNKNOWN),
        ((allow(UNBIND, when=bounded_by("StringEquals")),), Ternary.FALSE, Ternary.FALSE),
        ((allow(UNBIND, when=bounded_by("ArnNotEquals")),), Ternary.FALSE, Ternary.UNKNOWN),
        ((allow("iam:Get*", "s3:*"),), Ternary.FALSE, Ternary.FALSE),
        ((deny("*"),), Ternary.FALSE, Ternary.FALSE),
    ],
)
def test_a_policy_gives_all_rights_some_or_none(statements, gives, opens):
    """Some are enough for doubt."""
    found = authorizer_for(account().policy("mine", *statements).account())
    held = found.store.managed(MINE, found.account.policies[0].location)
    assert gives_rights(held.document, found.actions) is gives
    assert lets_through(held.document, found.actions) is opens


def test_a_policy_without_text_may_give_anything():
    """Nobody has read it."""
    found = authorizer_for(account().policy("mine").account())
    assert gives_rights(None, found.actions) is Ternary.UNKNOWN
    assert dict(those_of(found, gives_rights)) == {MINE: False}
    assert dict(those_of(found, lets_through)) == {MINE: False}


def test_an_older_version_counts_for_itself():
    """The one that is in force may give nothing."""
    case = account().policy("mine", allow("s3:*"))
    assert dict(older_ones_of(authorizer_for(case.account()), gives_rights)) == {}
    found = authorizer_for(case.version(allow("*")).account())
    assert dict(older_ones_of(found, gives_rights)) == {MINE: True}
    assert dict(those_of(found, gives_rights)) == {}
