"""Whatever the detector finds in the whole of a text, the prefilter does not pass over.

In: the fields of each credential, in every spelling, format and encoding. Out: what is found with
the prefilter, and without it: the same.
"""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.leaks.detect.deep_scan import scan_deeply
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.prefilter_terms import REACH
from tests.hypothesis_profiles import examples
from tests.leaks.detect.format_material import CHARACTER_SETS, ESCAPES, FORMATS, PLACES
from tests.leaks.detect.spelled_material import BLANKS, COMMANDS, FIELDS, SPELLINGS, write

NEVER = frozenset[bytes]()


def both(data: bytes) -> tuple[set[object], set[object]]:
    """What is found with the prefilter, and what the detector finds in all of it."""
    with_prefilter = {(each.kind, each.digest, each.key_id) for each in scan_bytes(data).sightings}
    whole = scan_deeply(data, [], NEVER).sightings
    return with_prefilter, {(each.kind, each.digest, each.key_id) for each in whole}


@pytest.mark.parametrize("name", FIELDS)
def test_nothing_is_passed_over_in_any_format_and_encoding(name):
    """Names as one word and with separators, signs with blanks and without; found somewhere."""
    found: set[object] = set()
    for spelling, frame, escape in product(("camel", "Pascal", "snake"), FORMATS, ESCAPES):
        blank = " " if spelling == "Pascal" else ""
        data = ESCAPES[escape](write(FIELDS[name], spelling, frame, blank)).encode()
        with_prefilter, whole = both(data)
        assert with_prefilter == whole, data
        found |= whole
    assert found


@given(
    name=st.sampled_from(list(FIELDS)),
    spelling=st.sampled_from(list(SPELLINGS)),
    frame=st.sampled_from(list(FORMATS)),
    blank=st.sampled_from(BLANKS),
    escape=st.sampled_from(list(ESCAPES)),
    gap=st.integers(0, REACH),
    is_reversed=st.booleans(),
    place=st.sampled_from(list(PLACES)),
    characters=st.sampled_from(list(CHARACTER_SETS)),
)
@examples(8)
def test_nothing_is_passed_over_wherever_it_stands(  # noqa: PLR0913, PLR0917 - all that may vary
    name, spelling, frame, blank, escape, gap, is_reversed, place, characters
):
    """First or last, in a long text, its fields in any order, up to the prefilter's reach apart."""
    text = write(FIELDS[name], spelling, frame, blank, gap, is_reversed=is_reversed)
    text = PLACES[place].replace("{}", ESCAPES[escape](text), 1)
    with_prefilter, whole = both(text.encode(CHARACTER_SETS[characters]))
    assert with_prefilter == whole


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("escape", ESCAPES)
def test_no_command_is_passed_over(command, escape):
    """In one line and over several, as a list of arguments, in any encoding."""
    with_prefilter, whole = both(ESCAPES[escape](COMMANDS[command]).encode())
    assert with_prefilter == whole
    assert whole or escape != "as it is"
