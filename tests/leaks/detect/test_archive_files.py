"""In: archives too large for memory. Out: the proof that they are opened all the same."""

import gzip
import io
import sqlite3
import tarfile
import zipfile

import pytest

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.scan import scan
from tests.archives.archive_material import a_tar, a_zip
from tests.leaks.leak_material import credentials_file, digest, key_id

FILLED = 65 << 20
"""Bytes that make a file larger than what is held in memory."""


def image(path, *layers: bytes) -> None:
    """What `docker save` writes: layers in a tar archive, behind much else."""
    filling = tarfile.TarInfo("filling")
    filling.size = FILLED
    with path.open("wb") as target:
        target.write(filling.tobuf())
        target.seek(FILLED, 1)
        for number, layer in enumerate(layers):
            head = tarfile.TarInfo(f"{number}/layer.tar.gz")
            head.size = len(layer)
            target.write(head.tobuf() + layer + bytes(-len(layer) % 512))
        target.write(bytes(1024))


def layer(text: str) -> bytes:
    """A layer with one file."""
    head = tarfile.TarInfo("root/.aws/credentials")
    content = text.encode()
    head.size = len(content)
    return gzip.compress(head.tobuf() + content + bytes(-len(content) % 512 + 1024))


def test_an_archive_too_large_for_memory_is_opened(tmp_path):
    """The images of containers are, most of them, and their layers hold whole file systems."""
    image(tmp_path / "image.tar", layer(credentials_file()))
    result = scan([tmp_path])
    (credential,) = result.credentials
    assert credential.key_id == key_id()
    (place,) = credential.occurrences
    assert place.path == "image.tar!/0/layer.tar.gz!/root/.aws/credentials"
    assert result.repositories[0].containers == 1
    assert not result.repositories[0].skipped


def test_what_such_an_archive_stores_unpacked_is_found_once(tmp_path):
    """It shows through, and is known from the file that it lies in."""
    image(tmp_path / "image.tar", credentials_file().encode())
    (credential,) = scan([tmp_path]).credentials
    assert [each.path for each in credential.occurrences] == ["image.tar!/0/layer.tar.gz"]


def test_what_stays_closed_in_such_an_archive_is_told(tmp_path):
    """As of any other."""
    image(
        tmp_path / "image.tar", b"7z\xbc\xaf\x27\x1c" + bytes(100), layer(credentials_file())[:100]
    )
    skipped = scan([tmp_path]).repositories[0].skipped
    assert {(each.what[:19], each.reason.partition(":")[0]) for each in skipped} == {
        ("image.tar!/0/layer.", "a 7z archive"),
        ("image.tar!/1/layer.", "damaged"),
    }


def test_a_large_file_that_is_no_archive_is_read_as_before(tmp_path):
    """Piece by piece, to its end."""
    with (tmp_path / "dump").open("wb") as target:
        target.seek(FILLED)
        target.write(b"\n" + credentials_file().encode())
    result = scan([tmp_path])
    (credential,) = result.credentials
    assert credential.key_id == key_id()
    assert [each.path for each in credential.occurrences] == ["dump"]
    assert not result.repositories[0].skipped


def a_database(path, *, is_deleted: bool) -> bytes:
    """A database with a row, or what is left of it."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE note (text)")
        database.execute("INSERT INTO note VALUES (?)", (credentials_file(),))
        database.execute("INSERT INTO note VALUES ('words')")
        database.commit()
        if is_deleted:
            database.execute("DELETE FROM note WHERE rowid = 1")
    database.close()
    return path.read_bytes()


def commented(content: bytes) -> bytes:
    """A zip archive with a comment."""
    target = io.BytesIO(a_zip({"a": b"words"}))
    with zipfile.ZipFile(target, "a") as archive:
        archive.comment = content
    return target.getvalue()


@pytest.mark.parametrize("form", ["deleted row", "comment", "comment in a comment's archive"])
def test_what_an_inner_archive_has_outside_of_its_files_is_searched(tmp_path, form):
    """A row that was deleted, a comment: nothing shows through what is packed around it."""
    if form == "deleted row":
        data = gzip.compress(a_database(tmp_path / "a.db", is_deleted=True))
    elif form == "comment":
        data = gzip.compress(a_tar({"a.zip": commented(credentials_file().encode())}))
    else:
        inner = commented(credentials_file().encode())
        data = gzip.compress(a_tar({"a.zip": a_zip({"b.zip": inner}, zipfile.ZIP_STORED)}))
    found = scan_bytes(data).sightings
    assert {each.digest for each in found} >= {digest()}
    assert {each.key_id for each in found} == {key_id()}


def test_what_an_inner_archive_stores_unpacked_is_found_once(tmp_path):
    """The bytes of an archive have it too, and tell nothing new."""
    for inner in (
        a_database(tmp_path / "a.db", is_deleted=False),
        a_zip({"a": credentials_file().encode()}, zipfile.ZIP_STORED),
    ):
        found = scan_bytes(gzip.compress(inner)).sightings
        assert [each.line for each in found] == [2, 3]
        assert all(each.member in {"note", "a"} for each in found)
