"""Whose a leaked credential is: exactly where a file says so, and candidates everywhere else."""

import json

import pytest

from analyzer.config import Limits
from analyzer.inventory.model import ROOT_USER
from analyzer.leaks.model import ClaimedFacts, CredentialKind
from analyzer.risk.account_match import AccountRelation, audit_scope
from analyzer.risk.exposure import exposure_of
from analyzer.risk.owner import Certainty
from analyzer.risk.owner import find_owner as holder
from analyzer.risk.owner_candidates import CandidateCache
from tests.builders import REPORT, account
from tests.risk.leaked import (
    KEY,
    OTHER,
    SECOND,
    answered,
    bare_secret,
    joined,
    joined_all,
    leak,
    quoted,
    seen,
)

TWO = account().user("bob").key(age=300).user("ann").key(age=300)
SAYS_ANN = ClaimedFacts(user="ann")
SAMPLE = "AKIA" + "IOSFODNN7EXAMPLE"


def owner(case, credential):
    """Whose it is, as an audit of the account tells it."""
    return joined(case, credential).owner


def test_a_list_of_keys_names_the_owner():
    """list-access-keys has the key and its user in one entry, and that entry is the proof."""
    case = TWO.listed_key(KEY)
    found = owner(case, leak())
    assert (found.certainty, found.user, found.in_account.name) == (Certainty.EXACT, "ann", "ann")
    assert [each["AccessKeyId"] for each in quoted(case, found.locations)] == [KEY]
    assert found.candidates == ()


def test_the_answer_about_one_key_names_the_owner():
    """get-access-key-last-used answers with the user; which key was asked, the file's name says."""
    case = answered(TWO, "bob")
    found = owner(case, leak())
    assert (found.certainty, found.user) == (Certainty.EXACT, "bob")
    [answer] = quoted(case, found.locations)
    assert json.loads(answer)["UserName"] == "bob"


def test_an_answer_in_a_file_without_the_keys_id_names_nobody():
    """The answer itself does not say which key it is about."""
    answer = {"UserName": "bob", "AccessKeyLastUsed": {"Region": "N/A", "ServiceName": "N/A"}}
    for name in ("last-used.json", f"last-used-{KEY}-{SECOND}.json", f"last-used-X{KEY}.json"):
        assert owner(TWO.export(name, answer), leak()).certainty is Certainty.INFERRED


def test_the_file_with_the_secret_can_name_the_owner():
    """A Terraform state or the console's download has the user beside the key."""
    found = owner(TWO, leak(claims=SAYS_ANN))
    assert (found.certainty, found.user, found.in_account.name) == (Certainty.EXACT, "ann", "ann")
    assert found.locations == leak().occurrences


def test_a_list_goes_before_what_the_leak_says():
    """A file can be wrong or old, AWS's own list is neither."""
    for case in (TWO.listed_key(KEY), answered(TWO, "ann")):
        assert owner(case, leak(claims=ClaimedFacts(user="bob"))).user == "ann"


def test_a_name_beside_a_key_that_no_export_lists_makes_nobody_the_owner():
    """It can be anything's: a database's user, a mailbox, a folder."""
    for credential in (
        leak(claims=ClaimedFacts(user="carl")),
        bare_secret(claims=ClaimedFacts(user="carl")),
    ):
        found = owner(TWO, credential)
        assert (found.certainty, found.user) == (Certainty.INFERRED, None)
        assert {each.user for each in found.candidates} == {"ann", "bob", ROOT_USER}


def test_a_name_in_the_credential_that_no_export_lists_is_told_all_the_same():
    """The user may be gone, or an export incomplete."""
    for kind in (CredentialKind.BEDROCK_KEY, CredentialKind.SERVICE_PASSWORD):
        found = owner(TWO, leak(kind=kind, key_id=None, claims=ClaimedFacts(user="carl")))
        assert (found.certainty, found.user, found.in_account) == (Certainty.EXACT, "carl", None)
        assert "do not list" in found.reason


def test_a_listed_owner_whom_the_inventory_lacks_has_no_inventory_entry():
    """The list alone is no inventory."""
    entry = {"UserName": "carl", "AccessKeyId": KEY, "Status": "Active"}
    case = TWO.export("access-keys.json", {"AccessKeyMetadata": [entry]})
    found = owner(case, leak())
    assert (found.certainty, found.user, found.in_account) == (Certainty.EXACT, "carl", None)


@pytest.mark.parametrize(
    "credential",
    [leak(), leak(account=None), bare_secret(), leak(kind=CredentialKind.SMTP_PASSWORD)],
)
def test_nothing_exact_is_claimed_without_a_file_that_says_so(credential):
    """However few could own it, and however much speaks for one of them."""
    case = account().user("ann").key(age=101).tag("mail", "someone@example.com")
    found = owner(case, credential)
    assert (found.certainty, found.user, found.in_account) == (Certainty.INFERRED, None, None)
    assert {each.user for each in found.candidates} == {"ann", ROOT_USER}


def test_the_ones_that_the_dates_rule_out_are_counted():
    """They are left out, not forgotten."""
    case = TWO.user("new", created=5)
    found = owner(case, seen(100))
    assert {each.user for each in found.candidates} == {"ann", "bob", ROOT_USER}
    assert found.excluded == 1


def test_a_key_that_tells_no_account_is_looked_for_in_all():
    """Each candidate says of which account it is."""
    accounts = (TWO.account(), account(OTHER).user("zoe").key(age=300).account())
    found = joined_all(accounts, leak(account=None)).owner
    told = {(each.account, each.user) for each in found.candidates}
    assert {("111122223333", "ann"), (OTHER, "zoe")} <= told
    assert found.account is None


def test_a_key_that_tells_its_account_is_looked_for_there_alone():
    """The bits of the ID are near proof."""
    accounts = (TWO.account(), account(OTHER).user("zoe").key(age=300).account())
    found = joined_all(accounts, leak()).owner
    assert {each.account for each in found.candidates} == {"111122223333"}
    assert found.account is accounts[0]


def test_a_name_alone_tells_no_account():
    """It ranks first among all that there are, for anybody can write a name."""
    accounts = TWO.account(), account(OTHER).user("zoe").account()
    found = joined_all(accounts, leak(key_id=None, account=None, claims=SAYS_ANN)).owner
    assert (found.certainty, found.account) == (Certainty.INFERRED, None)
    assert found.candidates[0].user == "ann"


def test_the_entries_of_other_keys_are_other_peoples():
    """A list has many keys, and each answer is about one."""
    case = account().user("bob").listed_key(SECOND).user("ann").listed_key(KEY)
    assert owner(case, leak()).user == "ann"
    both = answered(answered(TWO, "bob", SECOND), "ann")
    assert owner(both, leak()).user == "ann"
    assert "list-access-keys" in owner(case, leak()).reason
    assert "get-access-key-last-used" in owner(both, leak()).reason


def test_exports_that_name_different_users_for_a_key_name_nobody():
    """One of them is wrong, and nothing tells which."""
    found = owner(answered(TWO.listed_key(KEY), "bob"), leak())
    assert (found.certainty, found.user) == (Certainty.INFERRED, None)
    assert {"ann", "bob"} <= {each.user for each in found.candidates}


def test_in_an_account_outside_the_audit_nobody_is_looked_for():
    """Not even if a user of that name is at hand."""
    for limits in (Limits(), Limits(own_accounts=frozenset({OTHER}))):
        found = joined_all((TWO.account(),), leak(account=OTHER, claims=SAYS_ANN), limits).owner
        assert (found.certainty, found.user, found.candidates) == (Certainty.UNKNOWN, None, ())


def test_for_what_is_most_likely_no_credential_nobody_is_suspected():
    """Unless an export names it: then it is one."""
    case = TWO.listed_key(SAMPLE)
    doubtful = leak(key_id=SAMPLE, account=None, set_aside="an example")
    assert owner(TWO, doubtful).certainty is Certainty.UNKNOWN
    assert owner(case, doubtful).user == "ann"


def test_a_mark_beside_a_key_of_the_account_makes_it_no_example():
    """Its ID tells the account, and whoever wants a key to be passed over can write a comment."""
    found = owner(TWO, leak(set_aside="a comment lets it stay"))
    assert not found.is_doubted
    assert found.candidates


def test_root_by_a_name_is_root():
    """Whoever may do everything is not looked up among the users."""
    password = {"kind": CredentialKind.CONSOLE_PASSWORD, "key_id": None}
    assert owner(TWO, leak(claims=ClaimedFacts(user=ROOT_USER), **password)).is_root
    assert not owner(TWO, leak(claims=SAYS_ANN)).is_root


def test_an_account_of_which_nobody_is_known_has_root_at_least():
    """Every account has one."""
    case = account().without(REPORT).role("app")
    found = owner(case, leak())
    assert [each.user for each in found.candidates] == [ROOT_USER]


def test_when_too_many_keys_were_found_nobody_is_named_and_nobody_cleared():
    """Whoever plants made-up keys by the thousand does not hide a real one."""
    case = TWO.account()
    within = audit_scope({case.id: case}, Limits())
    seen_at = exposure_of(leak())
    asked = (leak(), seen_at, AccountRelation.OWN, within)
    assert holder(*asked, CandidateCache()).candidates
    found = holder(*asked, CandidateCache(left=0))
    assert (found.certainty, found.user, found.candidates) == (Certainty.UNKNOWN, None, ())
    assert "all users remain" in found.reason
