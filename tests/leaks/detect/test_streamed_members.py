"""In: archives whose files are too large to be held. Out: the proof that they are read to the end.

What is cut off all the same is a gap, named with its place.
"""

import base64
import gzip
import hashlib
import zipfile

import pytest

from analyzer.archives.budget import Budget
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.scan import scan
from tests.archives.archive_material import COMPRESS, a_tar, a_zip
from tests.leaks.leak_material import credentials_file, digest, key_id

MB = 1 << 20
LINE = b"2024-03-01T10:00:00Z INFO worker: request 4711 took 12 ms, status 200, cache miss\n"
KEY = credentials_file().encode()
WRAPPED = {
    "alone": lambda packed: packed,
    "twice": gzip.compress,
    "in a tar": lambda packed: a_tar({"log": packed}),
    "in a compressed tar": lambda packed: gzip.compress(a_tar({"log": packed})),
    "in a zip": lambda packed: a_zip({"log": packed}),
    "stored in a zip": lambda packed: a_zip({"log": packed}, zipfile.ZIP_STORED),
    "after another": lambda packed: a_tar({"a": b"a", "log": packed, "z": b"z"}),
}


def log(size: int) -> bytes:
    """A log that ends with a key."""
    return LINE * (size // len(LINE)) + KEY


@pytest.fixture(autouse=True)
def _hold_little(monkeypatch):
    """No member of more than 100 KB is held, and streams are read in pieces of 200 KB."""
    made = Budget.for_size

    def small(size: int) -> Budget:
        budget = made(size)
        budget.largest = 100_000
        return budget

    monkeypatch.setattr("analyzer.leaks.detect.deep_scan.Budget.for_size", small)
    monkeypatch.setattr("analyzer.leaks.detect.pieces.CHUNK", 200_000)


def found(data: bytes) -> set[tuple[str | None, str | None, int]]:
    """Key IDs with digests and lines, of content of which nothing is skipped."""
    result = scan_bytes(data)
    assert not result.skipped
    return {(each.key_id, each.digest, each.line) for each in result.sightings}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
@pytest.mark.parametrize("compress", COMPRESS.values(), ids=COMPRESS)
def test_a_key_at_the_end_of_a_long_log_is_found(compress, wrap):
    """With its line, whatever packed the log and wherever it lies."""
    text = log(MB)
    line = text.count(b"\n")
    assert found(wrap(compress(text))) == {
        (key_id(), digest(), line - 1),
        (key_id(), digest(), line),
    }


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2,
                                    zipfile.ZIP_LZMA])  # fmt: skip
def test_a_long_log_in_a_zip_archive_is_read(method):
    """By each method of zip."""
    assert {each for each, _, _ in found(a_zip({"log": log(MB)}, method))} == {key_id()}


@pytest.mark.parametrize("compress", COMPRESS.values(), ids=COMPRESS)
def test_several_streams_in_a_row_are_one_text(compress):
    """As a log is appended to: the key lies in the last of them."""
    text = LINE * 5_000
    lines = {line for _, _, line in found(compress(text) + compress(text) + compress(KEY))}
    assert lines == {10_002, 10_003}


@pytest.mark.parametrize("at", [200_000, 600_000])
@pytest.mark.parametrize("shift", [0, 5, 25, 60, 80])
def test_a_key_across_two_pieces_is_found_once(tmp_path, at, shift):
    """Wherever the end of a piece cuts it: the ID and its secret are one credential."""
    text = (LINE * 10_000)[: at - shift] + b"\n" + KEY + LINE * 5_000
    (tmp_path / "log.gz").write_bytes(gzip.compress(text))
    (credential,) = scan([tmp_path]).credentials
    assert (credential.key_id, credential.secret_digest) == (key_id(), digest())
    line = text[: at - shift].count(b"\n") + 3
    assert [each.line for each in credential.occurrences] == [line]


def test_what_lies_behind_a_long_file_is_read():
    """The stream of the archive goes on behind it."""
    data = gzip.compress(a_tar({"a": log(MB), "z": credentials_file(1).encode()}))
    assert {each for each, _, _ in found(data)} == {key_id(), key_id(n=1)}


def test_a_long_log_in_base64_is_read_too():
    """A small archive in base64 can unpack to much."""
    text = b"log: " + base64.b64encode(gzip.compress(log(2 * MB))) + b"\n"
    assert key_id() in {each.key_id for each in scan_bytes(text).sightings}


@pytest.mark.parametrize("column", range(0, 76, 3))
def test_a_long_text_that_is_base64_in_lines_is_read(column):
    """Wherever the end of a line cuts what would tell of the key."""
    text = LINE * 10_000 + b"-" * column + b"\n" + KEY + LINE * 3_000
    assert key_id() in {each for each, _, _ in found(gzip.compress(base64.encodebytes(text)))}


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_long_log_that_breaks_off_is_a_gap(share):
    """It is read as far as it goes, and the rest is said to be missing, with what was read."""
    noise = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(20_000))
    packed = gzip.compress(KEY + noise + KEY)
    result = scan_bytes(packed[: int(len(packed) * share)])
    assert key_id() in {each.key_id for each in result.sightings}
    (told,) = [each for each in result.skipped if each.is_gap]
    assert told.what == "content"
    assert "ends too early" in told.reason
    assert "bytes were read" in told.reason


def test_a_zip_archive_too_large_to_be_held_is_a_gap():
    """It can't be read as a stream: what it stores shows, the rest is said to be closed."""
    inner = a_zip({"log": log(MB)}, zipfile.ZIP_STORED)
    result = scan_bytes(gzip.compress(inner))
    assert {each.key_id for each in result.sightings} == {key_id()}
    assert [(each.what, each.is_gap) for each in result.skipped] == [("content", True)]


def test_what_a_budget_leaves_out_is_a_gap_with_its_place(monkeypatch):
    """Text that is dense with encodings may exceed it: the file is named."""
    made = Budget.for_size

    def tight(size: int) -> Budget:
        budget = made(size)
        budget.layers_left = 3
        return budget

    monkeypatch.setattr("analyzer.leaks.detect.deep_scan.Budget.for_size", tight)
    text = (KEY + LINE * 400) * 20
    result = scan_bytes(a_zip({"a": b"a", "dense.log": text}))
    assert [(each.what, each.is_gap) for each in result.skipped] == [("dense.log", True)]


def test_a_locked_file_is_told_and_is_no_gap():
    """Nobody could read it without its password; a format that is not opened, somebody could."""
    data = bytearray(a_zip({"a": KEY}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[6] |= 1
    result = scan_bytes(bytes(data))
    assert [(each.what, each.is_gap) for each in result.skipped] == [("a", False)]
    other = scan_bytes(a_zip({"a.7z": b"7z\xbc\xaf\x27\x1c" + bytes(100)}))
    assert [(each.what, each.is_gap) for each in other.skipped] == [("a.7z", True)]


def test_an_archive_in_a_large_blob_is_opened(repo, monkeypatch):
    """It is copied to an unnamed file for that; nothing of it is skipped."""
    for module in ("objects", "loose_objects", "pack_reader"):
        monkeypatch.setattr(f"analyzer.git.{module}.LARGEST_BODY", 1_000, raising=False)
    noise = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(1_000))
    repo.put("backup.zip", a_zip({"noise": noise, "credentials": KEY}))
    (repo.path / "backup.zip").unlink()
    result = scan([repo.path])
    (credential,) = result.credentials
    assert {each.path for each in credential.occurrences} == {"backup.zip!/credentials"}
    assert not result.repositories[0].skipped
