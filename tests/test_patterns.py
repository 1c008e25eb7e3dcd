"""What every regular expression of the package keeps away from, on each Python that it runs on."""

import importlib
import pkgutil
import re
import re._constants as codes
import re._parser as parser
from collections.abc import Iterator
from typing import Any

import pytest

import analyzer
from analyzer.leaks.lazy_regex import LazyRegex

SINGLE = {codes.IN, codes.LITERAL, codes.NOT_LITERAL, codes.ANY}
"""What matches one character: a possessive repeat of it never goes back into its body."""


def compiled(value: object) -> Iterator[re.Pattern[Any] | LazyRegex]:
    """The regular expressions in the value of a module's name."""
    if isinstance(value, re.Pattern | LazyRegex):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from compiled(each)
    elif isinstance(value, dict):
        yield from compiled(list(value.values()))


def regexes() -> Iterator[tuple[str, re.Pattern[Any] | LazyRegex]]:
    """Every regular expression that a module of the package holds, with its name."""
    for module in pkgutil.walk_packages(analyzer.__path__, "analyzer."):
        if not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                yield from ((f"{module.name}.{name}", each) for each in compiled(value))


def refused(parsed: Any) -> Iterator[str]:
    """Each possessive repeat and atomic group whose body is more than one class of characters."""
    for code, argument in parsed:
        body = argument[2] if code is codes.POSSESSIVE_REPEAT else ()
        is_single = len(body) == 1 and body[0][0] in SINGLE
        if code is codes.ATOMIC_GROUP or (body and not is_single):
            yield str(code)
        yield from refused(part for part in nested(argument))


def nested(argument: Any) -> Iterator[Any]:
    """The nodes somewhere below an argument of a node."""
    if isinstance(argument, parser.SubPattern):
        yield from argument
    elif isinstance(argument, (tuple, list)):
        for each in argument:
            yield from nested(each)


@pytest.mark.parametrize("regex", [r"(?:ab|c)*+d", r"(?:a+b)?+", r"x(y(?>ab))", r"(?:ab){2,}+"])
def test_the_check_knows_what_it_refuses(regex):
    """Or an empty walk would pass."""
    assert list(refused(parser.parse(regex)))
    assert not list(refused(parser.parse(r"[ab]*+c++(?:ab|d)*(?:e++f)*")))


def test_possessive_repeats_are_of_single_characters_only():
    """Python before 3.11.5 gets them wrong around branches and repeats (CPython gh-106052)."""
    found = dict(regexes())
    assert len(found) > 100
    wrong = {
        name: each.pattern
        for name, each in found.items()
        if list(refused(parser.parse(each.pattern, each.flags & ~re.UNICODE)))
    }
    assert not wrong
