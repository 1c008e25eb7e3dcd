"""Archives are opened however they are made, nested or broken, and what stays closed is told."""

import bz2
import gzip
import io
import json
import lzma
import random
import sqlite3
import struct
import tarfile
import tracemalloc
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from analyzer.archives.budget import Budget
from analyzer.archives.members import (
    Member,
    OpeningRules,
    StreamedMember,
    UnopenedMember,
    is_archive,
    iter_members,
)
from tests.archives.archive_material import (
    ARCHIVES,
    COMPRESS,
    PROGRAM,
    a_tar,
    a_zip,
    commented,
    looked_into,
    opened,
    reheaded,
    relisted,
)
from tests.leaks.decode.encoded_material import PAIR

TEXT = PAIR.encode()
FILES = {"a/keys.ini": TEXT, "b.txt": b"nothing\n", "empty": b""}
WITH_CONTENT = {name: content for name, content in FILES.items() if content}
MB = 1 << 20


@pytest.mark.parametrize("make", ARCHIVES.values(), ids=ARCHIVES)
def test_an_archive_of_every_kind_gives_its_files(make):
    """Each file once, under its name."""
    data = make(FILES)
    assert is_archive(data)
    assert is_archive(memoryview(data))
    assert {name: content for name, content in opened(data).items() if content} == WITH_CONTENT


@pytest.mark.parametrize("compress", COMPRESS.values(), ids=COMPRESS)
def test_a_compressed_file_gives_its_content(compress):
    """Such a file keeps no name that could be trusted."""
    data = compress(TEXT)
    assert is_archive(data)
    assert opened(data, name="keys.ini.gz") == {"keys.ini.gz!/content": TEXT}


@pytest.mark.parametrize("outer", ARCHIVES.values(), ids=ARCHIVES)
@pytest.mark.parametrize("inner", ARCHIVES.values(), ids=ARCHIVES)
def test_an_archive_within_an_archive_is_opened(outer, inner):
    """The name tells the way to the file; a program that an archive stands behind comes too."""
    data = inner({"keys.ini": TEXT})
    program = {"d/in.bin": data} if data.startswith(PROGRAM) else {}
    found = opened(outer({"d/in.bin": data, "z": b"last"}))
    assert found == {"d/in.bin!/keys.ini": TEXT, "z": b"last"} | program


def test_the_layers_of_a_docker_image_are_opened():
    """`docker save` writes a tar archive of tar archives, compressed or not, and of JSON."""
    config = json.dumps({"config": {"Env": ["PATH=/bin", "A=B"]}}).encode()
    layer = a_tar({"root/.aws/credentials": TEXT})
    image = a_tar({
        "1a/layer.tar": layer, "blobs/sha256/2b": gzip.compress(layer), "3c.json": config,
    })  # fmt: skip
    assert opened(image) == {
        "1a/layer.tar!/root/.aws/credentials": TEXT,
        "blobs/sha256/2b!/root/.aws/credentials": TEXT,
        "3c.json": config,
    }


@pytest.mark.parametrize(
    "text",
    [b"", b"P", b"PK", b"x\x01 is no stream", b"BZh is a word", b"(a)\n" * 200, TEXT * 50,
     b" " * 257 + b"ustar is a word too" + b" " * 300, b"x^2 + y^2 = z^2\n" * 20,
     b"]" + bytes(50), b"]\0\0\x80" + b"\0\1" * 40, b"]\0\0\x80" + bytes(9) + b"x" * 9],
)  # fmt: skip
def test_text_is_no_archive(text):
    """A head that only looks like one is not taken for one."""
    assert not is_archive(text)


def test_names_are_data_and_nothing_is_written(tmp_path, monkeypatch):
    """Names that lead elsewhere or break lines come through as they are."""
    monkeypatch.chdir(tmp_path)
    names = ["../../up", "/etc/absolute", "two\nlines", "C:\\windows", "\u202egnp.exe", "--opt"]
    files = dict.fromkeys(names, TEXT)
    assert opened(a_zip(files)).keys() == files.keys()
    assert opened(a_tar(files)).keys() == files.keys()
    assert not list(Path().iterdir())


def test_names_that_are_no_text_are_shown_all_the_same():
    """Bytes that are no UTF-8 are written out."""
    data = a_tar({"n\u00e4me": TEXT}, tarfile.GNU_FORMAT).replace(
        "n\u00e4me".encode(), b"n\xff\xffme"
    )
    head = bytearray(data[:512])
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    assert opened(bytes(head) + data[512:]) == {"n\\xff\\xffme": TEXT}


def test_links_and_devices_of_a_tar_archive_are_no_files():
    """A link leads to nothing here, a device is never opened."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            entry = tarfile.TarInfo("link")
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        entry = tarfile.TarInfo("real")
        entry.size = len(TEXT)
        archive.addfile(entry, io.BytesIO(TEXT))
    assert opened(target.getvalue()) == {"real": TEXT}


def test_long_names_of_a_tar_archive_are_kept():
    """Each format has its own way to keep more than a hundred characters."""
    name = "d/" * 100 + "keys.ini"
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        assert opened(a_tar({name: TEXT, "b": TEXT}, form)) == {name: TEXT, "b": TEXT}


def test_streams_behind_each_other_are_all_read():
    """`cat a.gz b.gz` is a gzip file too."""
    for compress in (COMPRESS["gzip"], COMPRESS["bzip2"], COMPRESS["xz"], COMPRESS["zstandard"]):
        assert opened(compress(b"x" * 9) + compress(TEXT)) == {"content": b"x" * 9 + TEXT}


def test_a_large_zip_archive_keeps_its_numbers_elsewhere():
    """Sizes and places beyond 4 GB stand in an extra field, the list's place in a longer record."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("big", "w", force_zip64=True) as file:
            file.write(TEXT)
        archive.writestr("small", TEXT)
    data = target.getvalue()
    begin, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    longer = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2, 2, end - begin, begin)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    short = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    assert opened(data[:end] + longer + locator + short) == {"big": TEXT, "small": TEXT}


def test_a_file_that_a_zip_archive_does_not_list_is_read():
    """What was taken off the list, or never was on it, still lies there."""
    hidden = a_zip({"hidden": TEXT})
    hidden = hidden[: hidden.index(b"PK\x01\x02")]
    assert opened(hidden + a_zip({"b": b"b"})) == {"b": b"b", "hidden": TEXT}


@pytest.mark.parametrize("make", ARCHIVES.values(), ids=ARCHIVES)
def test_an_archive_that_breaks_off_is_read_as_far_as_it_goes(make):
    """Half an upload holds half of the files, and the rest is told."""
    noise = random.Random(1).randbytes(200_000)  # noqa: S311 - nothing secret
    data = make({"first": TEXT, "noise": noise})
    read, closed = looked_into(data[: len(data) * 3 // 4])
    assert any("damaged" in reason for reason in closed.values())
    # bzip2 gives nothing before it has seen the end of a block.
    assert TEXT in b"".join(read.values()) or data.startswith(b"BZh")


@pytest.mark.parametrize("compress", COMPRESS.values(), ids=COMPRESS)
@pytest.mark.parametrize("size", [10, 50_000, 600_000])
def test_a_stream_that_breaks_off_says_so(compress, size):
    """Wherever it ends too early; and one that ends where it should has no fault."""
    data = compress(random.Random(size).randbytes(size))  # noqa: S311 - nothing secret
    assert len(opened(data)["content"]) == size
    for end in (len(data) // 2, len(data) - 5, len(data) - 1):
        assert looked_into(data[:end])[1]["content"].startswith("damaged")


@pytest.mark.parametrize("program", sorted(COMPRESS.keys() - {"zstandard without a sum"}))
def test_a_damaged_stream_says_so(program):
    """Nothing is raised; every program keeps a sum, or can be told to."""
    data = bytearray(COMPRESS[program](PAIR.encode() * 500))
    data[len(data) // 2 : len(data) * 3 // 4] = b"\xff" * (len(data) * 3 // 4 - len(data) // 2)
    assert any("damaged" in reason for reason in looked_into(bytes(data))[1].values())


def test_an_encrypted_file_is_told_and_the_others_are_read():
    """Without the password nobody can say what is in it."""
    data = reheaded(relisted(a_zip({"a": TEXT, "b": TEXT}), flags=1), flags=1)
    assert looked_into(data) == ({"a": TEXT}, {"b": "encrypted"})


def test_a_method_that_is_not_known_is_told():
    """Such as Deflate64."""
    data = reheaded(relisted(a_zip({"a": TEXT}), method=9), method=9)
    closed = looked_into(data)[1]
    assert closed == {"a": "compressed by method 9 of zip: not opened"}


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\x07\x01\0", "RAR"),
        (b"LZIP", "lzip"),
        (b"\x89LZO\0\r\n\x1a\n", "lzop"),
        (b"\xff\x06\0\0sNaPpY", "Snappy"),
        (b"\xed\xab\xee\xdb\3\0", "RPM"),
        (b"hsqs", "SquashFS"),
        (b"MSWIM\0\0\0", "WIM"),
    ],
)
def test_a_format_that_is_not_opened_is_named(head, form):
    """So that a reader of the report can open it."""
    data = head + bytes(100)
    assert is_archive(data)
    (closed,) = [each for each in iter_members(data, Budget()) if isinstance(each, UnopenedMember)]
    assert form in closed.reason
    assert closed.size == len(data)


@pytest.mark.parametrize(
    "lie", [{"size": 0}, {"size": 2**32 - 2}, {"packed": 2**32 - 2}, {"offset": 2**32 - 2},
            {"offset": 1}, {"packed": 3}],
)  # fmt: skip
def test_lies_about_sizes_and_places_lead_nowhere(lie):
    """A size is never believed; a place outside is damage."""
    read, closed = looked_into(relisted(a_zip({"a": TEXT}), **lie))
    assert read.get("a") == TEXT or closed


def test_a_bomb_is_left_when_it_outgrows_the_budget():
    """Far more than memory holds: neither memory nor time is spent on it, and the ledger has it."""
    packer = bz2.BZ2Compressor(9)
    data = b"".join(packer.compress(bytes(MB)) for _ in range(100)) + packer.flush()
    budget = Budget(unpacked_left=60 * MB, largest=20 * MB)
    tracemalloc.start()
    size, closed = 0, list[UnopenedMember]()
    for each in iter_members(data, budget):
        if isinstance(each, StreamedMember):
            size += sum(map(len, each.pieces))
        elif isinstance(each, UnopenedMember):
            closed.append(each)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 59 * MB < size <= 60 * MB
    assert peak < 60 * MB
    (told,) = closed
    assert told.what == "content"
    assert f"the rest is not read ({size} bytes were read)" in told.reason


def test_archives_inside_each_other_share_the_room():
    """What is held at once stays within one limit, however deep the archives lie."""
    data = TEXT
    for _ in range(4):
        data = gzip.compress(a_zip({"z": data, "f": bytes(4 * MB)}, zipfile.ZIP_STORED))
    budget = Budget(free_bytes=10 * MB)
    read, closed = looked_into(data, budget)
    assert any("too large to be opened within another" in each for each in closed.values())
    assert TEXT not in read.values()
    assert budget.free_bytes == 10 * MB


@pytest.mark.parametrize("note", [b"", b"a note"])
def test_a_program_with_an_archive_behind_it_is_told_where_it_is_too_large(note):
    """Such a jar is told by its end alone; where it can't be held, that it is closed is a gap."""
    noise = random.Random(0).randbytes(3 * MB)  # noqa: S311 - no secret
    jar = b"#!/bin/sh\n" + commented(a_zip({"a": noise}), note)
    data = gzip.compress(a_tar({"app.jar": jar, "z": TEXT}))
    read, closed = looked_into(data, Budget(largest=MB))
    assert read == {"app.jar": jar, "z": TEXT}
    assert closed == {"app.jar": "zip: too large to be opened within another"}


def test_many_files_that_share_the_same_bytes_are_charged_each_time():
    """A list may name one file a thousand times: that is how the largest bombs are made."""
    data = a_zip({"a": bytes(MB)})
    begin, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    listed = data[begin:end] * 1000
    last = bytearray(data[end:])
    struct.pack_into("<HHL", last, 8, 1000, 1000, len(listed))
    budget = Budget(unpacked_left=50 * MB)
    total = sum(
        len(each.data)
        for each in iter_members(data[:begin] + listed + bytes(last), budget)
        if isinstance(each, Member)
    )
    assert total <= 50 * MB
    assert budget.exceeded


def test_an_archive_of_itself_ends():
    """What is nested beyond the depth is told; it is not followed for ever."""
    data = TEXT
    for _ in range(20):
        data = gzip.compress(data)
    read, closed = looked_into(data)
    assert "lies in too many archives inside each other" in closed.values()
    assert len(read) == 1
    assert TEXT not in read.values()


def test_more_files_than_are_opened_are_told_once():
    """However many an archive lists, no list of them is kept."""
    listed = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"n"
    data = listed * 200_000
    data += struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, len(data), 0, 0)
    budget = Budget(members_left=2_000)
    tracemalloc.start()
    count = sum(1 for _ in iter_members(data, budget))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 2_001
    assert peak < MB
    assert budget.exceeded == ("holds more members than are opened",)


def test_a_million_empty_streams_are_read_in_linear_time():
    """`cat` of many empty gzip files is small and must stay cheap."""
    assert opened(gzip.compress(b"") * 100_000 + gzip.compress(TEXT)) == {"content": TEXT}


def an_ar(files: dict[str, bytes]) -> bytes:
    """A Debian package, say; a name of more than fifteen characters stands in a table."""
    table = b"".join(name.encode() + b"/\n" for name in files if len(name) > 15)

    def head(name: str, size: int) -> bytes:
        return f"{name:16}{0:<12}{0:<6}{0:<6}{100644:<8}{size:<10}`\n".encode()

    parts = [b"!<arch>\n"]
    if table:
        parts += [head("//", len(table)), table, b"\n" * (len(table) % 2)]
    for name, content in files.items():
        at = table.find(name.encode() + b"/\n")
        shown = f"/{at}" if len(name) > 15 else f"{name}/"
        parts += [head(shown, len(content)), content, b"\n" * (len(content) % 2)]
    return b"".join(parts)


def test_an_ar_archive_is_opened():
    """A Debian package, with the archives in it; one that is cut off is told of."""
    data = an_ar({
        "debian-binary": b"2.0\n",
        "data.tar.xz": lzma.compress(a_tar({"./etc/aws": TEXT})),
        "a_very_long_name_of_a_file.o": b"odd",
    })  # fmt: skip
    assert opened(data) == {
        "debian-binary": b"2.0\n",
        "data.tar.xz!/./etc/aws": TEXT,
        "a_very_long_name_of_a_file.o": b"odd",
        "/": b"a_very_long_name_of_a_file.o/\n",
    }
    assert any("ends too early" in reason for reason in looked_into(data[:-10])[1].values())
    assert any("no head" in reason for reason in looked_into(data[:80] + b"x" * 99)[1].values())


@pytest.mark.parametrize("first", sorted(COMPRESS))
@pytest.mark.parametrize("second", sorted(COMPRESS))
def test_what_another_program_went_on_with_is_read(first, second):
    """`cat a.gz b.xz`, and with the zeros that a tape fills up with between them."""
    for between in (b"", b"\0" * 10_000):
        data = COMPRESS[first](b"one ") + between + COMPRESS[second](TEXT)
        assert opened(data) == {"content": b"one " + TEXT}


@pytest.mark.parametrize("program", sorted(COMPRESS))
@pytest.mark.parametrize("wrap", [bytes, lambda data: gzip.compress(a_tar({"a": data}))])
def test_what_stands_behind_a_compressed_file_is_read(program, wrap):
    """A program that unpacks it passes over that; nobody else would see it in an archive."""
    read, closed = looked_into(wrap(COMPRESS[program](b"one ") + TEXT))
    assert [*read.values()] == [b"one " + TEXT]
    assert not closed


@pytest.mark.parametrize("program", sorted(COMPRESS))
def test_strictly_nothing_is_added_to_a_compressed_file(program):
    """What other programs take out of it is evidence."""
    rules = OpeningRules(is_strict=True)
    (member,) = iter_members(COMPRESS[program](b"one ") + TEXT, Budget(), rules=rules)
    assert isinstance(member, Member)
    assert member.data == b"one "


def a_database(content: bytes) -> bytes:
    """A SQLite database with that in its only table."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute("CREATE TABLE a(x)")
        made.execute("INSERT INTO a VALUES (?)", (content,))
        made.commit()
        return made.serialize()


HOLDERS = (lambda content: a_tar({"a": content}), lambda content: an_ar({"a": content}), a_database)


@pytest.mark.parametrize("outer", [*ARCHIVES.values(), *COMPRESS.values()])
def test_what_stands_in_front_of_a_zip_archive_is_read(outer):
    """It lies in another archive, or in a compressed file, so that nothing else searches it."""
    data = b"what stands in front" + a_zip({"a": TEXT})
    found = opened(outer(data) if outer in COMPRESS.values() else outer({"in": data}))
    assert sorted(map(len, found.values())) == sorted((len(TEXT), len(data)))


@pytest.mark.parametrize("compress", COMPRESS.values(), ids=COMPRESS)
def test_a_zip_archive_behind_a_compressed_file_hides_nothing_of_it(compress):
    """What is unpacked and what follows are one content, which ends as an archive does."""
    read = opened(compress(b"what is compressed") + a_zip({"a": TEXT})).values()
    assert any(each.startswith(b"what is compressed") for each in read)
    assert TEXT in read


@pytest.mark.parametrize("first", [*COMPRESS.values(), *HOLDERS])
def test_a_zip_archive_behind_another_file_is_read(first):
    """What one program takes for the one, another takes for the other."""
    read, _ = looked_into(first(b"harmless") + a_zip({"keys": TEXT}))
    assert TEXT in read.values()
