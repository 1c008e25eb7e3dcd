"""In: folders and archives. Out: the proof that each whole file in them comes out, named."""

import gzip
import hashlib
import io
import lzma
import struct
import tarfile
import zipfile

import pytest

from analyzer.errors import EvidenceError
from analyzer.evidence.input_files import InputFile, read_inputs
from analyzer.evidence.loading import load_evidence
from tests.evidence.export_material import (
    ACCOUNT,
    OTHER,
    faults,
    put,
    reading,
    report,
    rows,
    tarred,
    zipped,
)

POLICY = {"PasswordPolicy": {"MinimumPasswordLength": 14}}
FILES = {"b.txt": "second", "a.txt": "first"}


def read(folder, content: bytes) -> tuple[dict[str, bytes], list[str]]:
    """The files in a file of that content by name, and the errors as sentences."""
    found = list(read_inputs((put(folder, {"pack": content}) / "pack",)))
    files = {each.path: each.data for each in found if isinstance(each, InputFile)}
    return files, [str(each) for each in found if isinstance(each, EvidenceError)]


def stored(files: dict[str, str]) -> bytes:
    """A zip of the files, not compressed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def unlisted(data: bytes) -> bytes:
    """A zip that no longer lists its first file, which still lies in it."""
    begin, second = (data.index(b"PK\x01\x02"), data.rindex(b"PK\x01\x02"))
    end = bytearray(data[data.index(b"PK\x05\x06") :])
    listed = data[second : data.index(b"PK\x05\x06")]
    struct.pack_into("<HHLL", end, 8, 1, 1, len(listed), begin)
    return data[:begin] + listed + bytes(end)


ARCHIVES = {
    "zip": zipped(FILES),
    "zip, not compressed": stored(FILES),
    "tar": tarred(FILES, compress=False),
    "tar.gz": tarred(FILES),
    "tar.xz": lzma.compress(tarred(FILES, compress=False)),
}


@pytest.mark.parametrize("data", ARCHIVES.values(), ids=ARCHIVES)
def test_every_file_of_an_archive_comes_out_in_its_order(tmp_path, data):
    """Each is named after the archive and itself, and nothing else is given."""
    files, errors = read(tmp_path, data)
    assert list(files.items()) == [("pack!b.txt", b"second"), ("pack!a.txt", b"first")]
    assert errors == []


@pytest.mark.parametrize("data", [b"", b"PK", b"text", b"\x1f\x8b", b"BZh is a word"])
def test_a_file_that_is_no_archive_comes_out_as_it_is(tmp_path, data):
    """Its name and its bytes are those of the file."""
    assert read(tmp_path, data) == ({"pack": data}, [])


def test_an_empty_file_in_an_archive_is_a_file(tmp_path):
    """A file of no bytes is there; that it is no export is for the parser to say."""
    for pack in (zipped, tarred, stored):
        assert read(tmp_path, pack({"empty": ""})) == ({"pack!empty": b""}, [])


@pytest.mark.parametrize("pack", [zipped, stored, tarred], ids=["zip", "stored zip", "tar.gz"])
@pytest.mark.parametrize("archive", ["outer", "inner"])
def test_an_archive_that_breaks_off_gives_whole_files_and_a_problem(tmp_path, pack, archive):
    """No part of a file is evidence, and the damage is named with the archive's name."""
    whole = pack({"a.csv": report(), "b.csv": report() * 9})
    torn = whole[: len(whole) * 3 // 4]
    files, errors = read(tmp_path, torn if archive == "outer" else zipped({"in": torn}))
    assert set(files.values()) <= {report().encode()}
    assert any("damaged" in error for error in errors)
    assert all(error.startswith("pack") for error in errors)


def test_a_file_whose_checksum_is_another_is_damaged(tmp_path):
    """One changed byte, which no decompressor notices, costs the file."""
    data = stored(FILES)
    files, errors = read(tmp_path, data.replace(b"second", b"sEcond"))
    assert files == {"pack!a.txt": b"first"}
    assert errors[0].startswith("pack!b.txt: damaged: its checksum")


def test_a_file_that_the_zip_does_not_list_is_no_evidence(tmp_path):
    """What was taken off the list was taken back by whoever made the archive."""
    assert read(tmp_path, unlisted(zipped(FILES))) == ({"pack!a.txt": b"first"}, [])


def test_a_file_that_is_described_in_two_ways_is_damaged(tmp_path):
    """Where list and head disagree, one program reads this and another that."""
    data = bytearray(stored(FILES))
    struct.pack_into("<H", data, 8, zipfile.ZIP_DEFLATED)
    files, errors = read(tmp_path, bytes(data))
    assert files == {"pack!a.txt": b"first"}
    assert errors[0].startswith("pack!b.txt: damaged: the list of files and")


@pytest.mark.parametrize(
    "head", [b"# v2 git bundle\n", b"PACK\0\0\0\2\0\0\0\0"], ids=["bundle", "pack"]
)
@pytest.mark.parametrize("wrap", [bytes, lambda data: zipped({"x": data})], ids=["alone", "zip"])
def test_a_git_bundle_is_no_evidence(tmp_path, head, wrap):
    """Objects of a repository are for the scan, and the problem says how to hand them in."""
    files, (error,) = read(tmp_path, wrap(head + bytes(20)))
    assert files == {}
    assert "is a git bundle or pack, not an export. Hand it in as a repository" in error


def test_a_format_that_is_not_opened_is_named(tmp_path):
    """A RAR archive is no text that nobody knows, but an archive to be unpacked."""
    assert read(tmp_path, b"Rar!\x1a\x07\x01\0" + bytes(99)) == (
        {},
        ["pack: a RAR archive: not opened. Export it again, or unpack it"],
    )


def test_only_one_file_of_an_archive_is_held_at_a_time(tmp_path):
    """The first file comes out before the damage at the archive's end is met."""
    torn = tarred({"a.csv": report(), "b.csv": report()}, compress=False)[:2100]
    found = read_inputs((put(tmp_path, {"pack": torn}) / "pack",))
    assert next(found) == InputFile("pack!a.csv", report().encode())


def test_a_file_with_holes_is_not_read_for_its_parts(tmp_path):
    """What a sparse tar stores of a file are not the file's bytes."""
    sparse = tarfile.TarInfo("x")
    sparse.type = tarfile.GNUTYPE_SPARSE
    files, errors = read(tmp_path, sparse.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    assert files == {}
    assert errors == ["pack!x: is not a regular file. Export it again, or unpack it"]


def test_inputs_of_one_name_are_told_apart(tmp_path):
    """Two folders called alike do not become one, and nothing of either is lost."""
    for account in (ACCOUNT, OTHER):
        files = {"report.csv": report(account=account), "policy.json": POLICY}
        put(tmp_path / account / "export", files)
    evidence = load_evidence(tuple(tmp_path / account / "export" for account in (ACCOUNT, OTHER)))
    assert faults(evidence.problems) == ""
    assert {each.path: each.account for each in evidence.artifacts} == {
        f"{account}/export/{name}": account
        for account in (ACCOUNT, OTHER)
        for name in ("report.csv", "policy.json")
    }


def test_an_input_named_twice_is_read_once(tmp_path):
    """The same path in two spellings is one input."""
    folder = put(tmp_path / "in", {"report.csv": report()})
    evidence = load_evidence((folder, folder / ".." / "in"))
    assert len(evidence.artifacts) == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [("report.csv.gz", "report.csv"), ("users/a.csv.gz", "a.csv"), ("plain", "plain")],
)
def test_a_compressed_file_is_named_without_its_ending(tmp_path, name, shown):
    """A gzip that holds no tar is the file itself, in a folder and in another archive."""
    packed = gzip.compress(report().encode())
    alone = reading(tmp_path, {name: packed})
    inside = reading(tmp_path / "again", {"a.zip": zipped({name: packed})})
    assert [each.path for each in alone.artifacts] == [f"in/{name}!{shown}"]
    assert [each.path for each in inside.artifacts] == [f"in/a.zip!{name}!{shown}"]
    assert rows(alone)


def test_names_start_at_the_input(tmp_path):
    """No name holds a part of the machine's own path."""
    folder = put(tmp_path / "some" / "where", {"report.csv": report(), "bad.bin": b"\0"})
    evidence = load_evidence((folder, put(tmp_path, {"x.json": POLICY}) / "x.json"))
    assert [each.path for each in evidence.artifacts] == [
        "where/bad.bin",
        "where/report.csv",
        "x.json",
    ]
    assert str(tmp_path) not in faults(evidence.problems)


def test_a_member_of_an_archive_has_its_own_digest(tmp_path):
    """What is hashed in an archive is the member, so that it can be compared with the original."""
    evidence = reading(tmp_path, {"a.zip": zipped({"b.tgz": tarred({"c/report.csv": report()})})})
    (told,) = evidence.artifacts
    assert told.path == "in/a.zip!b.tgz!c/report.csv"
    assert told.sha256 == hashlib.sha256(report().encode()).hexdigest()


def test_a_workbook_is_refused_with_the_way_out(tmp_path):
    """An .xlsx is named as what it is, not as a zip of odd files."""
    book = zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})
    evidence = reading(tmp_path, {"report.xlsx": book, "ok.csv": report()})
    assert "in/report.xlsx: is a spreadsheet workbook" in faults(evidence.problems)
    assert "Hand in the CSV or JSON as AWS wrote it" in faults(evidence.problems)
    assert len(rows(evidence)) == 2


def padded(files: dict[str, str]) -> bytes:
    """A zip whose first member has a head longer than the list says, as Excel writes it."""
    data = zipped(files)
    name, extra = struct.unpack_from("<HH", data, 26)
    padding = struct.pack("<HH", 0xA220, 16) + bytes(16)
    head = data[:28] + struct.pack("<H", extra + len(padding)) + data[30 : 30 + name]
    moved = bytearray(head + padding + data[30 + name :])
    at = moved.rindex(b"PK\x05\x06") + 16
    struct.pack_into("<L", moved, at, struct.unpack_from("<L", moved, at)[0] + len(padding))
    place = moved.index(b"PK\x01\x02")
    while (place := moved.find(b"PK\x01\x02", place + 1)) > 0:
        offset = struct.unpack_from("<L", moved, place + 42)[0]
        struct.pack_into("<L", moved, place + 42, offset + len(padding))
    return bytes(moved)


@pytest.mark.parametrize(
    "member", ["[Content_Types].xml", "Index/Document.iwa", "META-INF/manifest.xml"]
)
def test_office_files_are_told_by_what_is_in_them(tmp_path, member):
    """Excel's padding, Numbers and LibreOffice: each is a spreadsheet, and no damaged archive."""
    book = padded({member: "<Types/>", "xl/workbook.xml": "<workbook/>"})
    evidence = reading(tmp_path, {"report.xlsx": book})
    assert "in/report.xlsx: is a spreadsheet workbook" in faults(evidence.problems)
    assert "not a copy of its values" in faults(evidence.problems)


CLUTTER: dict[str, str | bytes] = {
    "__MACOSX/in/._report.csv": b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X",
    "in/._report.csv": b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X",
    "in/.DS_Store": b"\x00\x00\x00\x01Bud1\x00",
    "in/Thumbs.db": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "in/desktop.ini": "[.ShellClassInfo]\r\nIconFile=x".encode("utf-16"),
}


def test_what_systems_put_beside_files_is_skipped_and_counted(tmp_path):
    """A zip made on a Mac or a folder from Windows is read without a problem."""
    pack = zipped(CLUTTER | {"in/report.csv": report()})
    evidence = reading(tmp_path, {"evidence.zip": pack})
    assert faults(evidence.problems) == ""
    assert [each.path for each in evidence.artifacts] == ["in/evidence.zip!in/report.csv"]
    assert evidence.skipped == len(CLUTTER)
    assert (
        f"{len(CLUTTER)} file(s) that macOS or Windows put" in evidence.artifacts[0].notes[0].text
    )


@pytest.mark.parametrize("name", ["._report.csv", ".DS_Store", "Thumbs.db", "desktop.ini"])
def test_an_export_under_the_name_of_clutter_is_read(tmp_path, name):
    """Nobody hides a report by its name."""
    evidence = reading(tmp_path, {name: report()})
    assert len(rows(evidence)) == 2
    assert evidence.skipped == 0
