"""Whose account a leaked credential is of, and which repository has to do with which account."""

from datetime import timedelta

import pytest

from analyzer.config import Limits
from analyzer.leaks.key_id import CANARY_ACCOUNTS
from analyzer.leaks.model import LeakScan, UniqueIdSighting
from analyzer.risk.account_match import (
    AccountRelation,
    account_relation,
    audit_scope,
    is_certain_key,
    repository_links,
)
from tests.builders import account, key_id
from tests.risk.leaked import KEY, NUMBER, OTHER, SECOND, answered, bare_secret, leak, spot

ANN = account().user("ann").key()
CANARY = min(CANARY_ACCOUNTS)
PARTNER, TRAP = "777788889999", "666655554444"
LIMITS = Limits(own_accounts=frozenset({PARTNER}), decoy_accounts=frozenset({TRAP}))
USER, ROLE = "AIDARTX3GSDSZYIVAQEYB", "AROARTX3GSDSZYIVAQEYB"


def accounts_of(*cases):
    """The accounts by number, as an audit has them."""
    return {case.number: case.account() for case in cases}


def whose(credential, *cases, limits=LIMITS):
    """Whose account it is of, in an audit of these."""
    return account_relation(credential, audit_scope(accounts_of(*cases), limits))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (NUMBER, AccountRelation.OWN),
        (PARTNER, AccountRelation.KNOWN),
        (CANARY, AccountRelation.DECOY),
        (TRAP, AccountRelation.DECOY),
        (OTHER, AccountRelation.FOREIGN),
        (None, AccountRelation.UNKNOWN),
    ],
)
def test_the_account_in_the_key_tells_whose_it_is(number, expected):
    """Audited, known by configuration, a trap, somebody else's; without one nobody can tell."""
    found = leak(account=number, key_id=key_id(number, 1) if number else KEY)
    assert whose(found, ANN) is expected


def test_an_account_that_was_handed_in_is_own_in_a_run_over_many():
    """Each audited account counts, not the first alone."""
    assert whose(leak(account=OTHER), ANN, account(OTHER).user("bob")) is AccountRelation.OWN


@pytest.mark.parametrize("number", [OTHER, PARTNER, CANARY, TRAP, None])
def test_a_key_that_an_export_lists_is_own_whatever_its_id_says(number):
    """AWS's word goes before the bits of the ID."""
    for case in (ANN.listed_key(KEY), answered(ANN, "ann")):
        assert whose(leak(account=number), case) is AccountRelation.OWN


def test_a_list_that_names_other_keys_proves_nothing():
    """Nor does a key that was asked for, if it is another one."""
    for case in (ANN.listed_key(SECOND), answered(ANN, "ann", SECOND)):
        assert whose(leak(account=OTHER), case) is AccountRelation.FOREIGN


def test_the_account_that_lists_a_key_is_found_among_many():
    """Whichever of the audited accounts it is."""
    accounts = accounts_of(ANN.listed_key(SECOND), account(OTHER).user("bob").listed_key(KEY))
    named = audit_scope(accounts, Limits()).by_key
    assert named == {SECOND: accounts[NUMBER], KEY: accounts[OTHER]}
    asked = accounts_of(answered(ANN, "ann"))
    assert audit_scope(asked, Limits()).by_key == {KEY: asked[NUMBER]}


def test_a_bare_secret_is_in_no_list():
    """Without a key ID there is nothing to look up."""
    assert whose(bare_secret(account=None), ANN.listed_key(KEY)) is AccountRelation.UNKNOWN


def test_a_unique_id_proves_that_a_repository_has_to_do_with_an_account():
    """By repository: which account, whose ID, and where it stands."""
    mine = ANN.member(UserId=USER).role("app").member(RoleId=ROLE)
    here, there = spot(repository="one.git"), spot(repository="two.git")
    named = (
        UniqueIdSighting(USER, here),
        UniqueIdSighting(ROLE, here),
        UniqueIdSighting(ROLE, there),
    )
    accounts = accounts_of(mine, account(OTHER).user("bob"))
    found = repository_links(LeakScan(unique_ids=named), accounts)
    assert {where: [(each.holder, each.identifier) for each in told]
            for where, told in found.items()} == {
        "one.git": [("user ann", named[0]), ("role app", named[1])],
        "two.git": [("role app", named[2])],
    }  # fmt: skip
    assert all(each.account is accounts[NUMBER] for told in found.values() for each in told)


def test_an_id_that_no_audited_account_gave_proves_nothing():
    """It may be anybody's."""
    named = (UniqueIdSighting(ROLE, spot(timedelta(3))),)
    assert repository_links(LeakScan(unique_ids=named), accounts_of(ANN.member(UserId=USER))) == {}


def test_of_very_many_ids_some_are_told():
    """One would do, and a repository can hold those of everybody."""
    case = account()
    for number in range(20):
        case = case.user(f"u{number}").member(UserId=f"{USER[:-1]}{chr(ord('A') + number)}")
    accounts = accounts_of(case)
    named = [UniqueIdSighting(each.details.unique_id, spot()) for each in accounts[NUMBER].users]
    [(_, told)] = repository_links(LeakScan(unique_ids=tuple(named)), accounts).items()
    assert 0 < len(told) < len(named)


SAMPLE = KEY[:13] + "EXAMPLE"


@pytest.mark.parametrize(
    ("case", "credential", "expected"),
    [
        (ANN, leak(), True),
        (ANN, leak(key_id=SAMPLE), False),
        (ANN.listed_key(SAMPLE), leak(key_id=SAMPLE), True),
        (ANN, leak(key_id=key_id(OTHER, 1), account=NUMBER), False),
        (ANN.listed_key(key_id(OTHER, 1)), leak(key_id=key_id(OTHER, 1)), True),
        (ANN.listed_key(KEY), bare_secret(), False),
    ],
)
def test_a_key_is_real_where_an_export_or_its_own_bits_say_so(case, credential, expected):
    """And not by what stands beside it: whoever can write there can write anything."""
    assert is_certain_key(credential, audit_scope(accounts_of(case), LIMITS)) is expected
