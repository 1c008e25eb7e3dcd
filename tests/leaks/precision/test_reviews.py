"""In: the reviews of what is found in packages. Out: the proof that each is whole and harmless."""

import re

import pytest

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import CredentialKind
from tests.leaks.precision import npm_material, packages_material
from tests.leaks.precision.reviews_material import REVIEWED, reviewed_packages, reviews

LISTED = {
    *re.findall(r"^([a-z0-9]+)==", packages_material.LIST.read_text(), re.MULTILINE),
    *map(npm_material.reviewed_name, npm_material.listed()),
}
MOST_FALSE = 1
"""Of what is shown in all of these packages, which are two gigabytes of text."""


@pytest.mark.parametrize("name", reviewed_packages())
def test_each_review_is_whole(name):
    """It has a reason in a sentence, a known kind and a place, and each credential once."""
    told = reviews(name)
    assert told
    assert len({each.id for each in told}) == len(told)
    for each in told:
        assert each.kind in set(CredentialKind)
        assert any(each.places.values())
        assert re.fullmatch(r"[A-Z].{20,}\.", each.reason)


@pytest.mark.parametrize("name", reviewed_packages())
def test_a_review_gives_no_key_away(name):
    """It names credentials by a digest, so that nobody's scanner takes it for a leak."""
    assert scan_bytes((REVIEWED / f"{name}.toml").read_bytes()).sightings == ()


def test_each_review_is_of_a_listed_package():
    """What is dropped from a list takes its review with it."""
    assert set(reviewed_packages()) <= LISTED


def test_of_what_is_shown_hardly_anything_is_false():
    """What nobody ever issued is set aside, or not found."""
    told = [each for name in reviewed_packages() for each in reviews(name)]
    assert len([each.id for each in told if each.is_false and not each.doubt]) <= MOST_FALSE
