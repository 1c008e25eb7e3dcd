"""A zip archive is told by its end, and where it contradicts itself both of it is read."""

import zipfile

import pytest

from analyzer.archives import zip_reader
from analyzer.archives.budget import Budget
from analyzer.archives.decompress import DamagedError
from analyzer.archives.members import Member, is_archive, iter_members
from analyzer.archives.zip_reader import read_zip
from tests.archives.archive_material import (
    a_streamed_zip,
    a_zip,
    commented,
    opened,
    reheaded,
    relisted,
)
from tests.leaks.decode.encoded_material import PAIR

TEXT = PAIR.encode()
FILES = {"a/keys.ini": TEXT, "b.txt": b"nothing\n"}


@pytest.mark.parametrize("change", [relisted, reheaded])
@pytest.mark.parametrize(
    ("method", "lie"),
    [(zipfile.ZIP_DEFLATED, {"method": 0}), (zipfile.ZIP_STORED, {"method": 8}),
     (zipfile.ZIP_STORED, {"packed": 3}), (zipfile.ZIP_DEFLATED, {"packed": 3}),
     (zipfile.ZIP_DEFLATED, {"flags": 1})],
)  # fmt: skip
def test_a_file_is_read_in_both_ways_where_its_list_and_its_head_disagree(change, method, lie):
    """One program believes the list, another one the head: the file has a content for each."""
    data = change(a_zip({"a": TEXT}, method), **lie)
    found = list(iter_members(data, Budget()))
    assert len(found) >= 2
    assert TEXT in [each.data for each in found if isinstance(each, Member)]


def test_a_file_that_a_pipe_wrote_is_read_once():
    """Its head cannot tell the size, so it does not disagree with the list."""
    assert len(list(iter_members(a_streamed_zip({"a": TEXT}), Budget()))) == 1


@pytest.mark.parametrize(
    "head", [b"#!/bin/sh\n", b"MZ\x90\0", b"\x7fELF", b"any text\n", b"GIF89a"]
)
@pytest.mark.parametrize(
    "note", [b"", b"n", b"PK\x05\x06 in a comment" * 9, b"\n" * 65_535, b"v" * 100 + b"\x05" * 40]
)
def test_a_zip_archive_is_told_by_its_end_whatever_stands_before_it(head, note):
    """Programs that unpack themselves have one behind them, and a comment may follow it."""
    data = head + commented(a_zip(FILES), note)
    for content in (data, memoryview(data)):
        assert is_archive(content)
    assert opened(data).keys() >= FILES.keys()


def test_a_signature_may_follow_a_zip_archive():
    """Installers carry one: bytes of any value behind the end, of which that says nothing."""
    data = b"\x7fELF" + a_zip(FILES) + bytes(range(256)) * 20
    assert is_archive(data)
    assert opened(data).keys() >= FILES.keys()


def test_a_program_that_reads_zip_archives_is_none():
    """It has the words of the format, and no list before them."""
    words = b"\x7fELF" + bytes(300) + b"PK\x01\x02PK\x03\x04PK\x05\x06" + bytes(300)
    assert not is_archive(words)


def names_until_damage(data: bytes, *, is_strict: bool) -> tuple[set[str], str]:
    """The names that come, and the reason why no more do, if there is one."""
    names = set()
    try:
        for entry in read_zip(memoryview(data), is_strict=is_strict):
            names.add(entry.name)
    except DamagedError as error:
        return names, str(error)
    return names, ""


def without_a_list(data: bytes) -> bytes:
    """The archive, whose end says that the list of its files has no bytes."""
    end = data.rindex(b"PK\x05\x06")
    return data[: end + 12] + bytes(4) + data[end + 16 :]


@pytest.mark.parametrize("number", [1, 2])
def test_a_list_that_breaks_off_is_damage_and_what_it_lists_before_is_read(number):
    """Where an entry of the list does not begin as one, the rest of the list is lost."""
    data = bytearray(a_zip(FILES))
    at = [0, data.index(b"PK\x01\x02"), data.rindex(b"PK\x01\x02")][number]
    data[at] = 0
    names, reason = names_until_damage(bytes(data), is_strict=True)
    assert names == set(list(FILES)[: number - 1])
    assert reason == "damaged: the list of its files breaks off"


@pytest.mark.parametrize("is_strict", [True, False])
def test_files_before_an_empty_list_are_damage(is_strict):
    """Strictly none is read; a search finds them, and says that the list is lost."""
    names, reason = names_until_damage(without_a_list(a_zip(FILES)), is_strict=is_strict)
    assert names == (set() if is_strict else set(FILES))
    assert reason == "damaged: the list of its files is missing"


def test_an_empty_archive_is_whole():
    """It has an end and nothing else."""
    assert names_until_damage(a_zip({}), is_strict=True) == (set(), "")


def test_a_list_may_end_with_a_signature():
    """APPNOTE.TXT 4.3.13: it stands between the list and the end, as part of the list."""
    data = a_zip(FILES)
    end = data.rindex(b"PK\x05\x06")
    signature = b"PK\x05\x05" + bytes([3, 0]) + b"abc"
    size = int.from_bytes(data[end + 12 : end + 16], "little") + len(signature)
    signed = data[:end] + signature + data[end : end + 12] + size.to_bytes(4, "little")
    assert names_until_damage(signed + data[end + 16 :], is_strict=True) == (set(FILES), "")


def test_lzma_is_read_in_slices(monkeypatch):
    """A file that is mapped can be larger than all memory: no copy of it is made."""
    monkeypatch.setattr(zip_reader, "_SLICE", 50)
    (read,) = iter_members(a_zip({"a": TEXT * 100}, zipfile.ZIP_LZMA), Budget())
    assert read.data == TEXT * 100
