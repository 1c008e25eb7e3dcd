"""A compressed tar archive is read while it is unpacked, within the same budget as any other."""

import gzip
import hashlib
import tracemalloc

import pytest

from analyzer.archives.budget import Budget
from analyzer.archives.members import Member, iter_members
from tests.archives.archive_material import a_tar, looked_into
from tests.leaks.decode.encoded_material import PAIR

TEXT = PAIR.encode()
MB = 1 << 20


def test_a_compressed_tar_archive_is_never_held_as_a_whole():
    """Only one of its files is, so a source package or a layer may be as large as it likes."""
    data = gzip.compress(a_tar({f"{n}": bytes(MB) for n in range(20)} | {"z": TEXT}))
    budget = Budget(free_bytes=2 * MB, largest=2 * MB)
    tracemalloc.start()
    read = {each.name for each in iter_members(data, budget) if isinstance(each, Member)}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(read), "z" in read) == (21, True)
    assert peak < 6 * MB


def test_a_file_that_is_too_large_to_be_held_is_read_all_the_same():
    """It comes as a stream, and what follows comes behind it."""
    data = gzip.compress(a_tar({"a": bytes(3 * MB) + b"end", "z": TEXT}))
    read, closed = looked_into(data, Budget(largest=2 * MB))
    assert read == {"a": bytes(3 * MB) + b"end", "z": TEXT}
    assert not closed


def test_going_over_a_file_costs_what_unpacking_it_does():
    """A bomb in front of the other files is not gone over for ever."""
    data = gzip.compress(a_tar({"a": bytes(30 * MB), "z": TEXT}))
    read, closed = looked_into(data, Budget(unpacked_left=10 * MB, largest=2 * MB))
    assert "z" not in read
    assert "than its size allows: the rest is not read" in closed["a"]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_compressed_tar_archive_that_breaks_off_is_read_as_far_as_it_goes(share):
    """What stands before the break is read, and the break is told."""
    noise = {f"{n}": hashlib.sha256(str(n).encode()).digest() * 200 for n in range(100)}
    data = gzip.compress(a_tar({"a": TEXT} | noise))
    read, closed = looked_into(data[: int(len(data) * share)])
    assert read["a"] == TEXT
    assert all("ends too early" in reason for reason in closed.values())
    assert closed
