"""In: archives in base64, as a mail has them. Out: the proof that they are read whole, or told."""

import base64
import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from analyzer.archives.budget import Budget
from analyzer.leaks.decode.embedded_archives import embedded_archives
from analyzer.leaks.detect.candidate import ContentResult
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import CredentialPart
from tests.leaks.leak_material import credentials_file, digest, key_id, repository

HEAD = b"Content-Transfer-Encoding: base64\nContent-Type: application/zip\n\n"
TAIL = b"\n--=_boundary--\n"


def noise(size: int) -> bytes:
    """Bytes that nothing makes smaller."""
    return random.Random(size).randbytes(size)  # noqa: S311


def zipped(*files: bytes) -> bytes:
    """A zip archive of files that are called by their number."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in enumerate(files):
            archive.writestr(f"{number}.env", data)
    return packed.getvalue()


def tarred(*files: bytes) -> bytes:
    """A compressed tar archive of files that are called by their number."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for number, data in enumerate(files):
            entry = tarfile.TarInfo(f"{number}.env")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def encrypted(*files: bytes) -> bytes:
    """A zip archive that says of its first file that it is encrypted."""
    data = bytearray(zipped(*files))
    data[6] |= 1
    data[data.find(b"PK\1\2") + 8] |= 1
    return bytes(data)


def mail(data: bytes) -> bytes:
    """A file as an attachment."""
    return HEAD + base64.encodebytes(data) + TAIL


def field(data: bytes) -> bytes:
    """A file as a value on one line."""
    return b'{\n  "file": "' + base64.b64encode(data) + b'"\n}\n'


def bare(data: bytes) -> bytes:
    """A file in lines of base64, and nothing else."""
    return base64.encodebytes(data)


def pairs(found: ContentResult) -> set[tuple[str | None, str | None]]:
    """Each key ID with its secret."""
    return {
        (each.key_id, each.digest) for each in found.sightings if each.part is CredentialPart.ID
    }


PAIR = credentials_file().encode()
LARGE = 2 << 20
ARCHIVES: dict[str, Callable[[], bytes]] = {
    "zip": lambda: zipped(noise(LARGE), PAIR),
    "tar.gz": lambda: tarred(noise(LARGE), PAIR),
    "gzip": lambda: gzip.compress(base64.b64encode(noise(LARGE)) + b"\n" + PAIR),
    "zlib": lambda: zlib.compress(base64.b64encode(noise(LARGE)) + b"\n" + PAIR),
    "zip in tar.gz": lambda: tarred(noise(9), zipped(noise(LARGE), PAIR)),
    "gzip twice": lambda: gzip.compress(gzip.compress(PAIR)),
    "mail in zip": lambda: zipped(mail(zipped(noise(LARGE), PAIR))),
    "base64 of base64": lambda: base64.b64encode(gzip.compress(gzip.compress(PAIR))),
}
FRAMES = [mail, field, bare]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("archive", ARCHIVES)
def test_an_archive_in_base64_is_read_to_its_end(archive, frame):
    """However large it is, and however deep its files lie."""
    found = scan_bytes(frame(ARCHIVES[archive]()))
    assert pairs(found) == {(key_id(), digest())}
    assert found.skipped == ()


TWICE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zip": zipped,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": zstandard.compress,
    "tar.gz": tarred,
}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("pack", TWICE.values(), ids=TWICE)
@pytest.mark.parametrize("size", [0, 200 << 10])
def test_base64_of_base64_is_read_whatever_is_in_it(pack, frame, size):
    """A manifest has in base64 what a program had put into base64 before."""
    found = scan_bytes(frame(base64.b64encode(pack(base64.b64encode(noise(size)) + b"\n" + PAIR))))
    assert pairs(found) == {(key_id(), digest())}
    assert found.skipped == ()


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("data", [b"7z\xbc\xaf\x27\x1c\0\4", b"Rar!\x1a\x07\1\0"])
def test_base64_of_base64_that_stays_closed_is_told(frame, data):
    """Of formats that are not opened, no more can be said."""
    (told,) = scan_bytes(frame(base64.b64encode(data + noise(99)))).skipped
    assert "not opened" in told.reason


@pytest.mark.parametrize("frame", FRAMES)
def test_a_bundle_in_base64_is_read(frame, tmp_path: Path):
    """It holds a whole repository."""
    repo = repository(tmp_path / "r")
    repo.put("a", PAIR)
    repo.git("bundle", "create", "-q", str(tmp_path / "x.bundle"), "--all")
    found = scan_bytes(frame((tmp_path / "x.bundle").read_bytes()))
    assert pairs(found) == {(key_id(), digest())}
    twice = scan_bytes(frame(base64.b64encode((tmp_path / "x.bundle").read_bytes())))
    assert pairs(twice) == {(key_id(), digest())}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (encrypted(PAIR * 3), "encrypted"),
        (tarred(encrypted(PAIR * 3)), "encrypted"),
        (b"7z\xbc\xaf\x27\x1c\0\4" + noise(99), "7z"),
        (b"Rar!\x1a\x07\1\0" + noise(99), "RAR"),
        (gzip.compress(noise(999))[:500], ""),
    ],
)
def test_what_stays_closed_in_base64_is_told(frame, data, reason):
    """With the line where it begins, and why."""
    (told,) = scan_bytes(frame(data)).skipped
    line = {mail: 4, field: 2, bare: 1}[frame]
    assert told.what.startswith(f"base64 in line {line}")
    assert reason in told.reason


def test_a_member_knows_its_way_and_its_line():
    """The mail's line, the archive's file, and the line in that."""
    found = scan_bytes(mail(ARCHIVES["zip"]()))
    assert {(each.member, each.line) for each in found.sightings} == {
        ("base64 in line 4!/1.env", 2),
        ("base64 in line 4!/1.env", 3),
    }


def test_what_is_over_the_budget_is_told():
    """A bomb is not unpacked, and not forgotten either."""
    found = scan_bytes(field(gzip.compress(gzip.compress(bytes(500 << 20)))))
    assert any("unpack" in each.reason for each in found.skipped)


def test_mails_in_mails_end():
    """What lies in too many of them is told."""
    data = PAIR
    for _ in range(9):
        data = mail(zipped(data + noise(99)))
    assert any("base64 inside each other" in each.reason for each in scan_bytes(data).skipped)


@pytest.mark.parametrize("text", [b"", b"eJ" + b"x" * 99, b"H4sI", b"UEsDB" + b"\n" * 99])
def test_what_only_begins_like_an_archive_is_none(text):
    """Chance makes two characters, and a text quotes more."""
    assert list(embedded_archives(text, [5], Budget())) == []


def test_lines_that_follow_are_no_part_of_it():
    """A word below the base64 and a key beside it are no base64."""
    text = b"data: " + base64.b64encode(zipped(PAIR)) + b"\nname\n  other: word\n"
    (found,) = embedded_archives(text, [10], Budget())
    assert found.data == PAIR
