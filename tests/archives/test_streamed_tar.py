"""A compressed tar archive is read while it is unpacked, within the same budget as any other."""

import gzip
import hashlib
import io
import tarfile
import tracemalloc

import pytest

from analyzer.archives import tar_reader
from analyzer.archives.budget import Budget
from analyzer.archives.members import Member, OpeningRules, iter_members
from analyzer.archives.tar_reader import TarStream, read_tar
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


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["as it is", "compressed"])
def test_what_stands_behind_the_end_of_an_archive_is_read(pack):
    """`cat a.tar b.tar` has two archives, and whatever else was added is a file."""
    joined = a_tar({"a": b"nothing"}) + a_tar({"z": TEXT}) + bytes(MB) + TEXT
    read, closed = looked_into(pack(joined))
    assert read == {"a": b"nothing", "z": TEXT, "behind the end": TEXT}
    assert not closed


def test_an_archive_behind_the_end_is_opened():
    """Whatever its format is."""
    read, closed = looked_into(a_tar({"a": b"nothing"}) + gzip.compress(TEXT * 100))
    assert read == {"a": b"nothing", "behind the end!/content": TEXT * 100}
    assert not closed


def test_strictly_an_archive_ends_at_its_end():
    """Evidence is what other programs take out of it too."""
    joined = a_tar({"a": b"nothing"}) + a_tar({"z": TEXT})
    members = iter_members(joined, Budget(), rules=OpeningRules(is_strict=True))
    assert [each.name for each in members if isinstance(each, Member)] == ["a"]


def test_an_archive_that_breaks_off_in_a_head_says_so():
    """Half a head names nothing, and is not taken for the end."""
    whole = a_tar({"a": b"nothing", "z": TEXT})
    read, closed = looked_into(gzip.compress(whole[: 3 * 512 - 200]))
    assert read == {"a": b"nothing"}
    assert closed == {"content": "damaged: no head where the next file should begin"}


def test_what_is_skipped_of_a_mapped_archive_is_not_held():
    """A header for all files may state any size; the archive may be larger than all memory."""
    head = tarfile.TarInfo("x")
    head.size, head.type = 64 * MB, tarfile.XGLTYPE
    data = head.tobuf(tarfile.GNU_FORMAT) + bytes(64 * MB) + a_tar({"z": TEXT})
    tracemalloc.start()
    read = {each.name for each in iter_members(data, Budget()) if isinstance(each, Member)}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == {"z"}
    assert peak < 8 * MB


def a_tar_of(kind: bytes, content: bytes) -> bytes:
    """A tar archive with one entry of a kind, and content whatever the kind; then a file."""
    entry = tarfile.TarInfo("odd")
    entry.linkname, entry.type, entry.size = "elsewhere", kind, len(content)
    return entry.tobuf() + content + bytes(-len(content) % 512) + a_tar({"a": b"words"})


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["as it is", "compressed"])
@pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"5", b"6", b"D", b"V"])
def test_content_of_what_is_called_no_file_is_read(pack, kind):
    """A folder or a link has none, unless somebody hides it there; evidence has no such files."""
    read, closed = looked_into(pack(a_tar_of(kind, gzip.compress(TEXT))))
    named = "odd/" if kind == b"5" else "odd"
    assert read == {f"{named}!/content": TEXT, "a": b"words"}
    assert not closed
    strictly = iter_members(
        pack(a_tar_of(kind, TEXT)), Budget(), rules=OpeningRules(is_strict=True)
    )
    assert [each.name for each in strictly if isinstance(each, Member)] == ["a"]


@pytest.mark.parametrize("where", ["of all", "of one"])
def test_a_comment_in_a_header_is_read(where):
    """As `git archive` writes it, and other programs pass over it."""
    target = io.BytesIO()
    comment = {"comment": TEXT.decode()}
    with tarfile.open(
        fileobj=target, mode="w", pax_headers=comment if where == "of all" else {}
    ) as archive:
        entry = tarfile.TarInfo("a")
        entry.pax_headers = comment if where == "of one" else {}
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    data = gzip.compress(target.getvalue())
    assert looked_into(data)[0] == {"comment of a header": TEXT, "a": b"x"}
    members = iter_members(data, Budget(), rules=OpeningRules(is_strict=True))
    assert [each.name for each in members if isinstance(each, Member)] == ["a"]


@pytest.mark.parametrize("where", ["of all", "of one"])
@pytest.mark.parametrize("key", ["SCHILY.xattr.user.note", "uname", "VENDOR.note"])
def test_other_texts_in_a_header_are_read_with_their_names(where, key):
    """Attributes of a file, its owner, whatever a program has put there."""
    records = {key: TEXT.decode(), "mtime": "1700000000.123456789", "path": "a" * 200}
    target = io.BytesIO()
    with tarfile.open(
        fileobj=target, mode="w", pax_headers=records if where == "of all" else {}
    ) as archive:
        for _ in range(3):
            entry = tarfile.TarInfo("a")
            entry.pax_headers = records if where == "of one" else {}
            entry.size = 1
            archive.addfile(entry, io.BytesIO(b"x"))
    data = gzip.compress(target.getvalue())
    found = [each for each in iter_members(data, Budget()) if isinstance(each, Member)]
    values = [each.data for each in found if each.name == "values of a header"]
    assert values == [key.encode() + b"=" + TEXT], "the same for each file, so once"
    members = iter_members(data, Budget(), rules=OpeningRules(is_strict=True))
    assert {each.data for each in members if isinstance(each, Member)} == {b"x"}


def test_many_headers_of_their_own_all_come(monkeypatch):
    """However many are known to have come, and one that is known may come again."""
    monkeypatch.setattr(tar_reader, "_MOST_SEEN", 2)
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for number in range(7):
            entry = tarfile.TarInfo("a")
            entry.pax_headers = {"VENDOR.note": f"a note with number {number}"}
            archive.addfile(entry)
    found = [each.name for each in read_tar(TarStream(memoryview(target.getvalue())))]
    assert found.count("values of a header") == 7
