"""The tables of everyone: root among them, and nothing unknown that looks like a no."""

from analyzer.inventory.model import ROOT_USER
from analyzer.writers.document.population import population_tables
from tests.builders import REPORT, account, key_id


def rows(case, table):
    """The rows of that table by their first column."""
    given = case.case()
    found = population_tables(given.account, given.people)[table].to_dict("records")
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


def test_whose_a_user_is_stands_beside_it_as_surely_as_it_is_known():
    """An ID, perhaps an ID, a number of people, nobody; and nothing where no list was handed in."""
    text = (
        "Employee ID,First Name,Last Name,Work Email\n1,Ann,Lee,ann@corp.example\n"
        "2,Bo,Ray,bo.x@corp.example\n3,Bo,Ray,bo.y@corp.example\n"
    )
    users = account().user("ann.lee").user("alee").user("bo.ray").user("build").user("kiosk")
    stated = f'[[user]]\narn = "{users.arn("user/kiosk")}"\nkind = "service"\n'
    told = rows(users.people(text).people(stated, "people.toml"), "users")
    assert {name: row["person"] for name, row in told.items()} == {
        ROOT_USER: "",
        "ann.lee": "1",
        "alee": "perhaps 1",
        "bo.ray": "2 people fit",
        "build": "nobody",
        "kiosk": "service",
    }
    assert told["ann.lee"]["match"] == "the user name"
    assert {row["person"] for row in rows(users, "users").values()} == {""}
