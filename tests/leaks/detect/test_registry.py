"""Every kind of credential has a pattern, and every pattern says what the prefilter needs."""

import pytest

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect import patterns
from analyzer.leaks.detect.prefilter_terms import Form, Literal
from analyzer.leaks.detect.registry import PATTERNS, called_for, find_candidates
from tests.leaks.detect.test_prefilter import SHAPES
from tests.leaks.leak_material import key_id

ORDINARY = """
AKIA, ASIA and ABSK begin such keys; the secret access key and the session token come with them.
The user name and the password of the client, its client_secret and the API key are in the profile.
-----BEGIN PRIVATE KEY----- is how a file begins. Set X-Amz-Signature= and AWSAccessKeyId= to yours.
An MFA seed is shown once; smtp and email-passwords are ses credentials. The token: "expiresAt".
"""
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
    assert pattern.triggers, f"{pattern.find} is never called"
    for term in pattern.prefilter:
        assert not isinstance(term, Literal) or term.forms != Form(0)


@pytest.mark.parametrize("kind", OURS)
def test_every_kind_has_a_shape_that_is_tested(kind):
    """SHAPES go through the prefilter in every character set and through the whole detector."""
    found = {each.kind for text in SHAPES.values() for each in find_candidates(text)}
    assert kind in found, f"SHAPES in test_prefilter.py has no {kind}"


TEXTS = {**SHAPES, "a key with its user": f'{{"UserName": "ann", "AccessKeyId": "{key_id()}"}}'}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("frame", ["{}", "é\u3000“{}”\udcff\n"], ids=["alone", "within a text"])
def test_a_pattern_is_called_for_where_it_finds_something(name, frame):
    """However the characters around are written: triggers see bytes, patterns see characters."""
    text = frame.format(TEXTS[name])
    able = {number for number, each in enumerate(PATTERNS) if any(each.find(text))}
    assert able or frame != "{}"
    assert able <= called_for(text)


def test_ordinary_text_calls_for_no_pattern():
    """Words alone, as guides and rules of scanners have them, cost nothing but the one pass."""
    assert called_for(ORDINARY) == set()


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
