"""In: text as repositories are full of. Out: the proof that none of it is a credential to us."""

import pytest

from analyzer.leaks.detect.detector import scan_bytes
from tests.benchmarks.ordinary_text import ORDINARY, ordinary_text

KB = 1 << 10


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_text_holds_no_credential(kind):
    """Digests, base64 and names of AWS are none, whatever word stands beside them."""
    found = scan_bytes(ordinary_text(kind, 128 * KB)).sightings
    assert [each for each in found if not each.doubt] == []
