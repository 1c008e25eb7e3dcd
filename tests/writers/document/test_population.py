"""The tables of everyone: root among them, and nothing unknown that looks like a no."""

from analyzer.inventory.model import ROOT_USER
from analyzer.writers.document.population import population_tables
from tests.builders import REPORT, account, key_id


def rows(case, table):
    """The rows of that table by their first column."""
    found = population_tables(case.account())[table].to_dict("records")
    return {next(iter(row.values())): row for row in found}


def test_root_and_its_keys_are_part_of_the_population():
    """A reviewer looks for root first."""
    case = account().root(mfa=False).key(age=300, last_used=2).user("ann").key()
    assert set(rows(case, "users")) == set(rows(case, "keys")) == {ROOT_USER, "ann"}
    told = rows(case, "users")[ROOT_USER]
    assert (told["mfa"], told["active_keys"], told["password"]) == ("no", 1, "yes")
    assert set(rows(case.without_root(), "users")) == {"ann"}


def test_a_key_whose_status_is_unreadable_is_no_inactive_one():
    """It is one more at most, and the oldest may be it."""
    case = account().user("ann").key(age=30).key(age=400)
    told = rows(case.cell("ann", "access_key_2_active", "?"), "users")["ann"]
    assert (told["active_keys"], told["oldest_key"]) == ("1 to 2", case.when(400)[:10])
    broken = case.cell("ann", "access_key_2_last_rotated", "?")
    assert rows(broken, "users")["ann"]["oldest_key"] == "unreadable"
    assert rows(case, "users")["ann"]["active_keys"] == 2


def test_a_key_that_only_a_list_names_is_part_of_the_population():
    """Without a credential report it would be the key that nobody counted."""
    name = key_id("111122223333")
    case = account().user("ann").without(REPORT).listed_key(name, age=300)
    told = rows(case, "keys")["ann"]
    assert (told["key_id"], told["active"], told["created"]) == (name, "yes", case.when(300)[:10])
    assert told["last_used"] == ""  # not "never": nothing says so
    both = account().user("ann").key(age=300).listed_key(name, age=300)
    assert len(population_tables(both.account())["keys"]) == 1


def test_never_used_is_said():
    """A blank would look like something that nobody knows."""
    case = account().user("ann").key(last_used=None).role("app", last_used=None)
    assert rows(case, "keys")["ann"]["last_used"] == "never"
    assert rows(case, "roles")["app"]["last_used"] == "never"
    assert rows(case, "users")["ann"]["last_activity"] == "never"
    assert (
        rows(account().user("ann").password(last_used=None), "users")["ann"]["last_activity"]
        == "never"
    )
    assert rows(account().user("ann"), "users")["ann"]["last_activity"] == ""
    broken = case.cell("ann", "access_key_1_last_used_date", "?")
    assert rows(broken, "users")["ann"]["last_activity"] == "unreadable"
