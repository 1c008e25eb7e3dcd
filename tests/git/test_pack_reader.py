"""The function that applies deltas, and the sizes at the begin of a delta."""

import dulwich._pack
import dulwich.pack
import pytest

from analyzer.git.allowance import FREE, OVER_BUDGET, Allowance
from analyzer.git.objects import LARGEST_BODY
from analyzer.git.pack_reader import _check_result_size, _has_long_result_size
from analyzer.git.safe_open import DamagedObject


def size(number: int) -> bytes:
    """A size as a delta has it: seven bits a byte, lowest first."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def test_the_delta_function_is_the_public_one():
    """It is imported from where that is faster; a release that parts the two breaks this."""
    assert dulwich._pack.apply_delta is dulwich.pack.apply_delta  # noqa: SLF001 - the question


@pytest.mark.parametrize("base", [0, 127, 128, 16_383, 16_384, 2**21 - 1, 2**21, 2**40])
def test_no_large_result_passes_for_a_small_one(base):
    """Whatever the size of the base, a result that must be looked at closer is."""
    for result in (FREE, 2**21, LARGEST_BODY, LARGEST_BODY + 1, 2**60):
        assert _has_long_result_size(size(base) + size(result) + bytes(4))


def test_a_small_result_of_a_small_base_needs_no_closer_look():
    """Most deltas are so, and the closer look would cost as much as applying them."""
    for result in (5, FREE - 1):
        assert not _has_long_result_size(size(10_000) + size(result) + bytes(4))


def test_a_result_up_to_the_limit_is_rebuilt_and_none_above():
    """What is larger is never unpacked into memory."""
    _check_result_size(size(9) + size(LARGEST_BODY), 20, None)
    with pytest.raises(DamagedObject, match="too large to be rebuilt"):
        _check_result_size(size(9) + size(LARGEST_BODY + 1), 20, None)


def test_a_result_beyond_the_allowance_is_not_made():
    """What its stored size makes free is; the same size stored in fewer bytes is charged."""
    delta = size(9) + size(3 << 20)
    for stored, left in [(20, 3 << 20), (3 << 14, 0)]:
        _check_result_size(delta, stored, Allowance(left))
    for stored, left in [(20, 2 << 20), (3 << 13, 0), (3 << 14, -1)]:
        with pytest.raises(DamagedObject, match=OVER_BUDGET):
            _check_result_size(delta, stored, Allowance(left))


def test_a_size_without_an_end_is_damage():
    """Ten bytes hold every size; an eleventh would be read for ever."""
    with pytest.raises(DamagedObject, match="makes no sense"):
        _check_result_size(b"\xff" * 40, 20, None)
