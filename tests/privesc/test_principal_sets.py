"""Sets of principals and policies, each by one quality."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.privesc.principal_sets import caps_are_open, users_with, users_with_free_slot
from tests.builders import account, allow

ANN, BOB = "arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/bob"


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [(allow("*"), True), (allow("s3:*"), False), (None, None)],
)
def test_a_boundary_leaves_full_rights_only_where_it_allows_everything(boundary, expected):
    """Of one without a text nobody can tell."""
    case = account().user("ann").boundary("arn:aws:iam::111122223333:policy/cap")
    case = case if boundary is None else case.policy("cap", boundary)
    authorizer = authorizer_for(case.account())
    assert caps_are_open(authorizer, authorizer.principals[ANN]) is expected


def test_two_keys_fill_both_slots():
    """Whether they are active makes no difference to AWS."""
    case = account().user("ann").key().key(active=False).user("bob").key()
    found = users_with_free_slot(authorizer := authorizer_for(case.account()))
    assert list(authorizer.resources.named(found.certain)) == [BOB]


def test_a_flag_that_nobody_can_read_is_neither_set_nor_unset():
    """Such a user may be in either set, and is certainly in none."""
    case = account().user("ann").password().user("bob").cell("bob", "password_enabled", "perhaps")
    authorizer = authorizer_for(case.account())
    with_one = users_with(authorizer, "password_enabled", is_set=True)
    without = users_with(authorizer, "password_enabled", is_set=False)
    assert list(authorizer.resources.named(with_one.certain)) == [ANN]
    assert list(authorizer.resources.named(with_one.possible)) == [ANN, BOB]
    assert list(authorizer.resources.named(without.possible)) == [BOB]
    assert not without.certain
