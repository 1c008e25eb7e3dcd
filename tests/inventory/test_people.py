"""A user is matched with a person by the best of its keys, and never more surely than that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.inventory.people import MatchedPeople, UserMatch, match_people
from analyzer.inventory.people_index import index_roster
from analyzer.inventory.user_keys import MatchTier
from tests.builders import AccountBuilder, account
from tests.evidence.roster_material import roster_of
from tests.hypothesis_profiles import examples

HEADER = "Employee ID,First Name,Last Name,Work Email,Login,Last Day\n"
ANN = "00123,Ann,Lee,ann.lee@corp.example,alee9,"
BO = "00124,Bo,Ray,bo.ray@corp.example,bray9,"
NAMES = st.sampled_from(["Ann", "Bo", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal", "Ida", "Jo"])
STRANGERS = st.lists(st.tuples(NAMES, NAMES), max_size=8)


def matched(case: AccountBuilder, *rows: str, settings: str = "") -> MatchedPeople:
    """The match of the account's users with these people."""
    files = {"p.csv": HEADER + "\n".join(rows)} | ({"s.toml": settings} if settings else {})
    return match_people(index_roster(roster_of(files)), case.account())


def match(user: str, *rows: str, settings: str = "", **tags: str) -> UserMatch:
    """The match of one user with these tags, their hyphens written as underscores."""
    case = account().user(user)
    for key, value in tags.items():
        case = case.tag(key, value)
    [found] = matched(case, *rows, settings=settings).matches.values()
    return found


@pytest.mark.parametrize(
    ("user", "tags", "tier"),
    [
        ("x", {"EmployeeID": "00123"}, MatchTier.EXACT_KEY),
        ("x", {"employee_number": "00123"}, MatchTier.EXACT_KEY),
        ("x", {"email": "Ann.Lee@corp.example"}, MatchTier.EXACT_KEY),
        ("x", {"Email": "ann.lee+aws@corp.example"}, MatchTier.EXACT_KEY),
        ("x", {"person": "ann.lee@corp.example"}, MatchTier.EXACT_KEY),
        ("ann.lee@corp.example", {}, MatchTier.EXACT_KEY),
        ("ALEE9", {}, MatchTier.EXACT_KEY),
        ("x", {"Name": "Ann Lee"}, MatchTier.EXACT_NAME),
        ("x", {"Name": "Lee, Ann"}, MatchTier.EXACT_NAME),
        ("x", {"employee_id": "123"}, MatchTier.EXACT_NAME),
        ("ann.lee", {}, MatchTier.EXACT_NAME),
        ("alee", {}, MatchTier.DERIVED),
        ("adm-ann.lee", {}, MatchTier.DERIVED),
        ("ann.lee2", {}, MatchTier.NONE),
        ("x", {"owner": "ann.lee@corp.example"}, MatchTier.NONE),
        ("x", {"team": "ann.lee@corp.example"}, MatchTier.NONE),
        ("ann.lee@elsewhere.example", {}, MatchTier.NONE),
    ],
)
def test_each_key_has_its_tier(user: str, tags: dict[str, str], tier: MatchTier):
    """An ID, an address and a sign-in name are sure; a name less so; a short form is a guess."""
    found = match(user, ANN, BO, **tags)
    assert found.tier is tier
    assert (found.person.person_id if found.person else "") == ("00123" if tier < 4 else "")


def test_an_address_in_another_own_domain_is_a_name():
    """The company has two domains, and its list knows the other one."""
    row = "7,Cy,Dale,cyd@other.example,,"
    assert match("cyd@corp.example", ANN, row).tier is MatchTier.EXACT_NAME
    assert match("cyd@strange.example", ANN, row).tier is MatchTier.NONE


def test_two_people_of_one_name_leave_the_match_open():
    """One of them has left; which one signs in here nobody can tell."""
    other = "00999,Ann,Lee,a.lee@corp.example,,2026-01-01"
    found = match("ann.lee.x", ANN, other, Name="Ann Lee")
    assert (found.tier, len(found.candidates)) == (MatchTier.AMBIGUOUS, 2)
    assert found.person is None


def test_an_id_outweighs_a_shared_name():
    """The name fits both, the ID one of them: that is no contradiction."""
    other = "00999,Ann,Lee,a.lee@corp.example,,2026-01-01"
    found = match("ann.lee.x", ANN, other, Name="Ann Lee", EmployeeID="00123")
    assert (found.tier, found.disagreeing) == (MatchTier.EXACT_KEY, ())


def test_keys_that_name_different_people_leave_the_match_open():
    """Jürgen's user carries the ID of Bo: none of the two is chosen."""
    juergen = "00125,Jürgen,Groß,,,"
    found = match("juergen.gross", ANN, BO, juergen, EmployeeID="00124")
    assert found.tier is MatchTier.AMBIGUOUS
    assert {key.people[0].person_id for key in found.disagreeing} == {"00124", "00125"}


def test_a_statement_outweighs_all_and_shows_what_differs():
    """Somebody looked into it; the tag is wrong all the same."""
    arn = account().arn("user/x")
    settings = f'[[user]]\narn = "{arn}"\nperson = "00123"'
    found = match("x", ANN, BO, settings=settings, EmployeeID="00124")
    assert (found.tier, found.person.person_id) == (MatchTier.STATED, "00123")
    assert len(found.disagreeing) == 2


def test_a_user_may_be_stated_to_be_nobody_s():
    """A program, or for emergencies; and whoever is stated and listed nowhere is nobody."""
    arn = account().arn("user/x")
    found = match("x", ANN, settings=f'[[user]]\narn = "{arn}"\nkind = "service"')
    assert (found.tier, found.person) == (MatchTier.STATED, None)
    lost = match("x", ANN, settings=f'[[user]]\narn = "{arn}"\nperson = "none of them"')
    assert lost.tier is MatchTier.NONE


def test_rows_of_one_id_and_two_people_match_nobody_for_sure():
    """The ID was given twice."""
    found = match("x", ANN, "00123,Bo,Ray,,,", EmployeeID="00123")
    assert found.tier is MatchTier.AMBIGUOUS


def test_zeros_that_a_spreadsheet_took_make_a_match_less_sure():
    """And none at all where two IDs fit."""
    assert match("x", "123,Ann,Lee,,,", EmployeeID="00123").is_unpadded
    two = match("x", "123,Ann,Lee,,,", "0123,Bo,Ray,,,", EmployeeID="00123")
    assert two.tier is MatchTier.AMBIGUOUS


def test_own_tags_may_hold_the_id():
    """The settings name them."""
    assert match("x", ANN, staffRef="00123").tier is MatchTier.NONE
    found = match("x", ANN, settings='id_tags = ["staffRef"]', staffRef="00123")
    assert found.tier is MatchTier.EXACT_KEY


@pytest.mark.parametrize(
    ("shown", "text"), [("id", "00123"), ("mail", "ann.lee@corp.example"), ("name", "Ann Lee")]
)
def test_a_person_is_shown_as_the_settings_say(shown: str, text: str):
    """By default the employee ID."""
    people = matched(account().user("ann.lee"), ANN, settings=f'shown = "{shown}"')
    assert people.shown(people.roster.people[0]) == text


def test_whoever_has_no_id_is_shown_by_the_row():
    """A name is not let slip because the ID is lacking."""
    people = matched(account().user("ann.lee"), ",Ann,Lee,ann.lee@corp.example,,")
    assert people.shown(people.roster.people[0]) == "in row 2 of p.csv"


def rows_of(strangers: list[tuple[str, str]]) -> list[str]:
    """A row for each, with an ID and an address of its own."""
    return [
        f"S{number},{first},{last},s{number}@corp.example,,"
        for number, (first, last) in enumerate(strangers)
    ]


@examples(0.3)
@given(STRANGERS, st.sampled_from(["ann.lee@corp.example", "alee9", "x"]))
def test_strangers_never_change_a_match_by_an_exact_key(strangers, user: str):
    """Whoever else is in the list, even under the same name."""
    tags = {"EmployeeID": "00123"} if user == "x" else {}
    alone, among = match(user, ANN, **tags), match(user, ANN, *rows_of(strangers), **tags)
    assert (alone.tier, alone.person.person_id) == (MatchTier.EXACT_KEY, "00123")
    assert (among.tier, among.person.person_id) == (MatchTier.EXACT_KEY, "00123")


@examples(0.3)
@given(STRANGERS, NAMES, NAMES)
def test_strangers_never_make_a_match_surer(strangers, first: str, last: str):
    """More people can only raise doubts; and a name that two have is never a match."""
    rows = rows_of([(first, last), *strangers])
    found = match(f"{first}.{last}", *rows)
    bearers = sum({one, two} == {first, last} for one, two in [(first, last), *strangers])
    assert found.tier is (MatchTier.EXACT_NAME if bearers == 1 else MatchTier.AMBIGUOUS)


@examples(0.3)
@given(st.permutations([ANN, BO, *rows_of([("Ann", "Lee"), ("Cy", "Ray")])]))
def test_the_order_of_the_rows_does_not_matter(rows: list[str]):
    """The same list in another order gives the same match."""
    for user in ("ann.lee", "bo.ray", "cray", "alee9"):
        found, again = match(user, *sorted(rows)), match(user, *rows)
        assert found.tier is again.tier
        assert {each.person_id for each in (found.person, *found.candidates) if each} == {
            each.person_id for each in (again.person, *again.candidates) if each
        }
