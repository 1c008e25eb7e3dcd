"""Every kind of credential has a pattern, and every pattern says what the prefilter needs."""

import pytest

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect import patterns
from analyzer.leaks.detect.prefilter_terms import Form, Literal
from analyzer.leaks.detect.registry import PATTERNS, find_candidates
from tests.leaks.detect.test_prefilter import SHAPES

OURS = [kind for kind in CredentialKind if kind is not CredentialKind.OTHER]
"""All but what a plugin of detect-secrets finds."""


@pytest.mark.parametrize("kind", OURS)
def test_every_kind_has_a_pattern(kind):
    """Its table alone finds nothing."""
    known = {each for pattern in PATTERNS for each in pattern.kinds}
    assert kind in known, f"no file in {patterns.__path__[0]} has a pattern for {kind}"


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.find.__module__)
def test_every_pattern_says_what_the_prefilter_searches_for(pattern):
    """Content without any of it is never looked at, so without it nothing would be found."""
    assert pattern.prefilter or not pattern.kinds, f"{pattern.find} has no prefilter terms"
    assert all(each == each.lower() for each in pattern.keywords)
    for term in pattern.prefilter:
        assert not isinstance(term, Literal) or term.forms != Form(0)


@pytest.mark.parametrize("kind", OURS)
def test_every_kind_has_a_shape_that_is_tested(kind):
    """SHAPES go through the prefilter in every character set and through the whole detector."""
    found = {each.kind for text in SHAPES.values() for each in find_candidates(text)}
    assert kind in found, f"SHAPES in test_prefilter.py has no {kind}"


@pytest.mark.parametrize("name", SHAPES)
def test_a_pattern_finds_only_the_kinds_that_it_names(name):
    """Or the list of what it finds would be no list."""
    unnamed = [
        (pattern.find.__module__, each.kind)
        for pattern in PATTERNS
        if not pattern.adds_to_others
        for each in pattern.find(SHAPES[name])
        if each.kind not in pattern.kinds
    ]
    assert unnamed == []


def test_what_only_adds_to_others_comes_last():
    """Where two say different things of one value, the one that is of its kind is believed."""
    order = [pattern.adds_to_others for pattern in PATTERNS]
    assert order == sorted(order)
    assert True in order
