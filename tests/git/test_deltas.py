"""What stands in a delta, and what comes of one that breaks off: against deltas of another hand."""

import pytest
from dulwich.pack import create_delta
from hypothesis import given
from hypothesis import strategies as st

from analyzer.git.deltas import iter_operations, read_sizes
from analyzer.git.safe_open import DamagedObject
from tests.git.delta_material import BASE, COPIES, INSERTS, Copy, Insert, delta_of
from tests.git.git_material import number
from tests.hypothesis_profiles import examples


def written(delta, operations):
    """The operations as they were written."""
    for length, source, at in operations:
        yield Insert(delta[at : at + length]) if source is None else Copy(source, length)


def operations_in(delta):
    """Those of a whole delta."""
    return list(written(delta, iter_operations(delta)))


def operations_before_the_fault(delta):
    """Those that come before it is found to be damaged, which it must be."""
    operations, found = written(delta, iter_operations(delta)), []
    with pytest.raises(DamagedObject):
        found.extend(operations)
    return found


@examples(2)
@given(st.lists(COPIES | INSERTS, max_size=12))
def test_operations_come_as_they_were_written(operations):
    """In order, with both sizes before them."""
    delta, made = delta_of(*operations)
    assert operations_in(delta) == operations
    assert read_sizes(delta)[:2] == (len(BASE), len(made))


@examples(2)
@given(st.integers(0, 0xFFFFFFFF), st.integers(1, 0xFFFFFF))
def test_a_copy_leaves_out_each_byte_that_is_0(source, length):
    """Of both numbers, also between two others: whichever are left out, the rest is put right."""
    assert operations_in(number(1) + number(1) + Copy(source, length).written()) == [
        Copy(source, length)
    ]


@pytest.mark.parametrize("said", range(128))
def test_any_bytes_may_be_left_out(said):
    """Each of the first bytes that a copy can have says which follow it."""
    places = [place for place in range(7) if said >> place & 1]
    body = bytes(0x11 * (place + 1) for place in places)
    both = sum(0x11 * (place + 1) << 8 * place for place in places)
    expected = Copy(both & 0xFFFFFFFF, both >> 32 or 0x10000)
    assert operations_in(b"\1\1" + bytes([0x80 | said]) + body) == [expected]


def test_what_dulwich_writes_makes_what_it_was_made_from():
    """Deltas of an encoder that is not ours."""
    after = BASE[70_000:] + b"new" + BASE[:70_000]
    delta = b"".join(create_delta(BASE, after))
    made = b"".join(
        delta[at : at + length] if source is None else BASE[source : source + length]
        for length, source, at in iter_operations(delta)
    )
    assert made == after
    assert read_sizes(delta)[:2] == (len(BASE), len(after))


@examples(1)
@given(st.lists(COPIES | INSERTS, min_size=1, max_size=6), st.data())
def test_of_a_delta_that_breaks_off_all_comes_that_is_there(operations, data):
    """Whole operations before the break, of new bytes those that are there, and then the fault."""
    delta, made = delta_of(*operations)
    ends = [len(number(len(BASE)) + number(len(made)))]
    for each in operations:
        ends.append(ends[-1] + len(each.written()))
    cut = data.draw(st.integers(ends[0], len(delta) - 1))
    whole = sum(end <= cut for end in ends) - 1
    if cut in ends:
        assert operations_in(delta[:cut]) == operations[:whole]
        return
    broken, begin = operations[whole], ends[whole]
    rest = [Insert(broken.content[: cut - begin - 1])] if isinstance(broken, Insert) else []
    rest = [each for each in rest if each.content]
    assert operations_before_the_fault(delta[:cut]) == [*operations[:whole], *rest]


def test_an_operation_that_means_nothing_ends_a_delta():
    """Git keeps the first byte 0 for later: what stands before it counts, and nothing behind it."""
    delta = b"\3\6" + Insert(b"abc").written() + b"\0" + Insert(b"def").written()
    assert operations_before_the_fault(delta) == [Insert(b"abc")]


@pytest.mark.parametrize("head", [b"", b"\x80", b"\1", b"\1\x80", b"\x80\x80\x80"])
def test_without_both_sizes_there_is_nothing(head):
    """Nobody knows where its operations begin."""
    assert operations_before_the_fault(head) == []
    with pytest.raises(DamagedObject):
        read_sizes(head)


def test_no_size_is_believed_that_is_longer_than_any():
    """So no number of a thousand digits is put together."""
    assert read_sizes(b"\xff" * 9 + b"\1" + b"\1") == ((1 << 64) - 1, 1, 11)
    with pytest.raises(DamagedObject):
        read_sizes(b"\xff" * 10 + b"\1" + b"\1")
