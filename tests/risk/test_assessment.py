"""Many leaks in one run: each is judged as if it were alone."""

from dataclasses import replace
from itertools import permutations

import pytest

from analyzer.config import Limits
from analyzer.leaks.model import ClaimedFacts, CredentialKind, LeakScan
from analyzer.privesc.graph import escalation_graph
from analyzer.risk.assessment import assess_leaks
from analyzer.risk.key_status import KeyStatus
from tests.builders import account, key_id
from tests.risk.leaked import KEY, NUMBER, SECOND, THIRD, at, joined, leak, spot

FOURTH = key_id(NUMBER, 4)
CASE = (
    account().user("ann").key(age=50).listed_key(SECOND, age=50).user("bob").user("carl")
)  # fmt: skip
"""Every key has its entry in a list; ann has one that is newer than the leaks, bob has none."""


def leaked(name, key, *, user=None, **more):
    """A key of the account that no list names, from one commit."""
    claims = ClaimedFacts(account=CASE.number, user=user, **more.pop("claims", {}))
    return replace(leak(spot(100), key_id=key, claims=claims, **more), id=name)


TOGETHER = {
    "users": (leaked("1", KEY, user="ann"), leaked("2", FOURTH, user="bob"), leaked("3", THIRD)),
    "ends": (
        leaked("1", KEY, claims={"expires": at(60)}),
        leaked("2", FOURTH),
        leaked("3", None, kind=CredentialKind.SECRET),
    ),
}


def assessed(*credentials):
    """What one run tells of all of them."""
    case = CASE.account()
    graphs = {case.id: escalation_graph(case)}
    return assess_leaks(LeakScan(credentials), {case.id: case}, graphs, Limits())


def verdict(told):
    """What is told of one credential, apart from the account it was told of."""
    owner = told.owner
    return told.status, (owner.certainty, owner.user, owner.candidates), told.blast_radius


@pytest.mark.parametrize("leaks", TOGETHER.values(), ids=TOGETHER)
def test_other_leaks_and_their_order_change_nothing(leaks):
    """Which others stand in the same commit is no fact about a key."""
    alone = {each.id: verdict(joined(CASE, each)) for each in leaks}
    for order in permutations(leaks):
        told = {each.credential.id: verdict(each) for each in assessed(*order)}
        assert told == alone


def test_two_keys_of_one_commit_have_each_its_own_owner_s_fate():
    """Ann has a newer key, so hers was rotated; bob has none, so his was deleted."""
    ann, bob, _ = assessed(*TOGETHER["users"])
    assert (ann.status.status, bob.status.status) == (KeyStatus.ROTATED, KeyStatus.DELETED)


def test_a_key_that_two_exports_give_to_two_users_lends_nobody_its_candidates():
    """Whose slot holds the listed key says nothing of another key from the same place."""
    case = account().user("ann").key(age=300).listed_key(KEY, age=300)
    answer = {"UserName": "bob", "AccessKeyLastUsed": {"Region": "N/A", "ServiceName": "N/A"}}
    case = case.user("bob").export(f"last-used-{KEY}.json", answer)
    listed, stranger = leak(spot(100)), replace(leak(spot(100), key_id=FOURTH), id="2")
    made = case.account()
    graphs = {made.id: escalation_graph(made)}
    scan = LeakScan((listed, stranger))
    _, told = assess_leaks(scan, {made.id: made}, graphs, Limits())
    assert verdict(told) == verdict(joined(case, stranger))
