"""A name may be written in several ways, and no way makes another person of it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence.roster_model import PersonName
from analyzer.inventory.name_variants import (
    derived_of,
    pairs_in,
    pairs_of,
    says_administrator,
    spellings,
    without_affix,
)

LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßåøæéèçñłđšžčćþðœ"


def fits(user: str, given_name: str, family: str) -> bool:
    """True where a user of that name may be the person's by the full name."""
    return bool(pairs_in(user) & pairs_of(PersonName(given_name, family)))


@pytest.mark.parametrize(
    ("user", "given_name", "family"),
    [
        ("juergen.gross", "Jürgen", "Groß"),
        ("jurgen.gross", "Jürgen", "Groß"),
        ("gross_juergen", "Jürgen", "Groß"),
        ("soren.aagaard", "Søren", "Ågaard"),
        ("jerome.lefevre", "Jérôme", "Lefèvre"),
        ("lukasz.wrobel", "Łukasz", "Wróbel"),
        ("elif.yilmaz", "Elif", "Y\u0131lmaz"),
        ("anna.maria.lee", "Anna Maria", "Lee"),
        ("anna.lee", "Anna-Maria", "Lee"),
        ("ann.lee", "Ann B.", "Lee"),
        ("ursula.leyen", "Ursula", "von der Leyen"),
        ("ursula.vonderleyen", "Ursula", "von der Leyen"),
        ("eva.mueller-berg", "Eva", "Müller-Berg"),
        ("eva.berg", "Eva", "Müller-Berg"),
        ("sean.oneil", "Sean", "O'Neil"),
        ("ANN.LEE", "ann", "LEE"),
        ("ann.lee", "", "Ann Lee"),
    ],
)
def test_a_full_name_is_known_in_its_spellings(user: str, given_name: str, family: str):
    """Umlauts both ways, particles, double names, initials in the middle, either order."""
    assert fits(user, given_name, family)


@pytest.mark.parametrize(
    "user", ["ann.lee2", "ann.lee.2", "ann.leeds", "alee", "annlee", "ann", "lee", "anne.lee"]
)
def test_what_is_near_is_not_the_same(user: str):
    """A number marks a namesake, and a short form is no full name."""
    assert not fits(user, "Ann", "Lee")


def test_a_name_in_another_script_has_no_spelling():
    """How it is put into Latin letters nobody can tell: such a person is found by keys."""
    for name in ("李安", "Анна", "Ελένη"):
        assert spellings(name) == ()
        assert pairs_of(PersonName(name, name)) == frozenset()


@given(st.text(LETTERS, min_size=1, max_size=9), st.text(LETTERS, min_size=1, max_size=9))
def test_a_name_fits_its_own_spellings_however_its_letters_are_composed(first: str, last: str):
    """An umlaut as one sign or as two, in capitals or not, is the same letter."""
    for way in (0, -1):
        user = f"{spellings(first)[way]}.{spellings(last)[way]}"
        assert fits(user, unicodedata.normalize("NFD", first), last)
        assert fits(user, first.upper(), unicodedata.normalize("NFD", last))


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_name_breaks_the_spelling(first: str, last: str):
    """Whatever a cell holds: the keys are letters and digits, and never empty."""
    for key in (*derived_of(PersonName(first, last)), *(k for p in pairs_in(last) for k in p)):
        assert key.isascii()
        assert key.isalnum()


def test_short_forms_are_those_that_companies_make():
    """flast, firstl, lastf, initials, both names in one."""
    made = derived_of(PersonName("Ann", "Lee"))
    assert {"alee", "annl", "leea", "al", "annlee"} <= made


@pytest.mark.parametrize(
    ("name", "rest"),
    [("adm-ann", "ann"), ("a_alee", "alee"), ("ann.lee-admin", "ann.lee"), ("ext.bo", "bo"),
     ("ann.lee", ""), ("adam", ""), ("admin", "")],
)  # fmt: skip
def test_a_prefix_or_suffix_of_a_role_is_known(name: str, rest: str):
    """Only with a sign between: adam is no adm."""
    assert without_affix(name) == rest
    assert says_administrator(name) == (rest != "" and not name.startswith("ext"))
