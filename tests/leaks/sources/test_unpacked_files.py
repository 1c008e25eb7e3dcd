"""In: archives of repositories, honest or not. Out: the proof that all in them is read or told."""

import gzip
import os
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from analyzer.files import Skipped
from analyzer.leaks.model import (
    LeakScan,
    PlaceKind,
)
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    credentials_file,
    key_id,
    packed,
)
from tests.leaks.scan_results import only, only_place, skip_reasons


def is_encrypted(archive: Path, *names: str) -> None:
    """Has an archive say of some files that they are encrypted, in its list and in their heads."""
    data = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as opened:
        for name in names:
            data[opened.getinfo(name).header_offset + 6] |= 1
            listed = data.index(name.encode(), data.rindex(b"PK\x05\x06") - 46 * 400) - 46
            while data[listed : listed + 4] != b"PK\x01\x02":
                listed = data.index(name.encode(), listed + 47) - 46
            data[listed + 8] |= 1
    archive.write_bytes(data)


def skipped(result: LeakScan) -> list[Skipped]:
    """All that was skipped."""
    return [each for coverage in result.repositories for each in coverage.skipped]


def test_each_encrypted_file_beside_a_repository_in_an_archive_is_told(repo):
    """Without the password nobody can read it, so it is no gap."""
    repo.put("a", credentials_file())
    repo.write("b", "nothing\n")
    repo.write("c", "nothing\n")
    archive = packed(repo, "zip")
    is_encrypted(archive, "repo/b", "repo/c")
    result = scan([archive])
    assert result.credentials[0].key_id == key_id()
    assert {(each.what, each.reason, each.is_gap) for each in skipped(result)} == {
        ("repo/b", "encrypted", False),
        ("repo/c", "encrypted", False),
    }


def test_a_damaged_file_beside_a_repository_in_an_archive_costs_no_other(repo):
    """It is told, and a scan without it is incomplete."""
    repo.write("A", "nothing\n" * 5000)
    repo.put("a", credentials_file())
    archive = packed(repo, "zip")
    data = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as opened:
        at = opened.getinfo("repo/A").header_offset + 40
    data[at : at + 9] = b"\xff" * 9
    archive.write_bytes(data)
    result = scan([archive])
    assert result.credentials[0].key_id == key_id()
    (told,) = skipped(result)
    assert (told.what, told.is_gap) == ("repo/A", True)
    assert told.reason.startswith("damaged")


def test_an_archive_that_breaks_off_behind_a_repository_is_read_so_far(repo):
    """And that it breaks off is told."""
    repo.put("a", credentials_file())
    archive = packed(repo, "tar")
    whole = archive.read_bytes().rstrip(b"\0")
    more = tarfile.TarInfo("more")
    more.size = 100_000
    archive.write_bytes(whole + bytes(-len(whole) % 512) + more.tobuf() + b"begun")
    result = scan([archive])
    assert result.credentials[0].key_id == key_id()
    assert ("archive", "damaged: ends too early") in {
        (each.what, each.reason) for each in skipped(result)
    }


def test_a_file_with_two_names_in_an_archive_has_both(repo):
    """Clones beside each other share their objects so, and none may lack them."""
    commit = repo.put("a", credentials_file(), day=1)
    repo.put("a", "gone", day=2)
    shutil.copytree(repo.path, repo.path.parent / "twin", copy_function=os.link)
    archive = repo.path.parent / "both.tar"
    with tarfile.open(archive, "w") as target:
        for name in ("repo", "twin"):
            target.add(repo.path.parent / name, name)
        assert any(each.islnk() for each in target.getmembers())
    result = scan([archive])
    assert not skipped(result)
    assert {each.commit for each in result.credentials[0].occurrences} == {commit}


@pytest.mark.parametrize("first", ["../out", "/etc/passwd", "none", "", "repo"])
def test_a_second_name_of_what_is_not_in_the_archive_is_told(repo, first):
    """Nothing outside of the folder gets a name in it."""
    repo.put("a", credentials_file())
    with tarfile.open(packed(repo, "tar"), "a") as target:
        link = tarfile.TarInfo("second")
        link.type, link.linkname = tarfile.LNKTYPE, first
        target.addfile(link)
    (repo.path.parent / "out").write_text("outside")
    result = scan([repo.path.parent / "packed.tar"])
    assert [each.what for each in skipped(result)] == ["second"]


def test_links_in_an_archive_of_a_repository_are_read_and_not_followed(repo, tmp_path):
    """What a link says may be a key, wherever it leads."""
    repo.put("a", "nothing")
    (repo.path / "link").symlink_to(f"/srv/{key_id()}")
    archive = shutil.make_archive(str(tmp_path / "packed"), "tar", repo.path.parent, "repo")
    found = only_place(scan([Path(archive)]))
    assert (found.path, found.where) == ("repo/link", PlaceKind.LINK_TARGET)


def test_nothing_is_unpacked_by_way_of_a_link(repo, tmp_path):
    """An archive that names a link as a folder writes nothing where the link leads."""
    repo.put("a", credentials_file())
    outside = tmp_path / "outside"
    outside.mkdir()
    with tarfile.open(tmp_path / "packed.tar", "w") as archive:
        for name in ("way", "way/in", "way/deep/in"):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, str(outside)
            archive.addfile(link)
        archive.addfile(tarfile.TarInfo("way/file"))
        archive.add(repo.path, "repo")
    result = scan([tmp_path / "packed.tar"])
    assert only(result).key_id == key_id()
    assert list(outside.iterdir()) == []


def test_a_link_through_a_link_is_told(repo, tmp_path):
    """It could not be laid anywhere but outside."""
    repo.put("a", credentials_file())
    with tarfile.open(tmp_path / "packed.tar", "w") as archive:
        for name in ("way", "way/deep/in"):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
            archive.addfile(link)
        archive.add(repo.path, "repo")
    reasons = skip_reasons(scan([tmp_path / "packed.tar"]))
    assert reasons["way/deep/in"] == "its name leads through a link: not read"
    assert not (tmp_path / "deep").exists()


def opened_by(archive: Path, *entries: tuple[tarfile.TarInfo, bytes]) -> None:
    """Puts entries before those of a tar archive, whose kinds may have no content."""
    before = archive.read_bytes()
    with archive.open("wb") as file:
        for entry, body in entries:
            entry.size = len(body)
            file.write(entry.tobuf(tarfile.PAX_FORMAT) + body + bytes(-len(body) % 512))
        file.write(before)


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["as it is", "compressed"])
@pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"5", b"6", b"D", b"V"])
def test_content_of_what_is_called_no_file_beside_a_repository_is_read(repo, kind, compress):
    """A folder, a link or a device has none, unless somebody hides it there."""
    repo.put("a", "words")
    archive = packed(repo, "tar")
    entry = tarfile.TarInfo("repo/.git/odd")
    entry.type, entry.linkname = kind, "HEAD"
    opened_by(archive, (entry, credentials_file().encode()))
    archive.write_bytes(compress(archive.read_bytes()))
    place = only_place(scan([archive]))
    assert place.path == "beside the files of the archive/1 repo!.git!odd"
    assert place.line > 1


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["as it is", "compressed"])
@pytest.mark.parametrize("key", ["comment", "SCHILY.xattr.user.note", "uname"])
def test_what_a_header_of_an_archive_of_a_repository_says_is_read(repo, key, compress):
    """Programs that unpack it pass over that."""
    repo.put("a", "words")
    archive = packed(repo, "tar")
    entry = tarfile.TarInfo("noted")
    entry.pax_headers = {key: credentials_file()}
    opened_by(archive, (entry, b"words"))
    archive.write_bytes(compress(archive.read_bytes()))
    result = scan([archive])
    assert only(result).key_id == key_id()
    assert only_place(result).path.startswith("beside the files of the archive/1 ")


@pytest.mark.parametrize("where", ["of the archive", "of a file"])
def test_a_comment_in_a_zip_archive_of_a_repository_is_read(repo, where):
    """Beside the list of its files, and in that."""
    repo.put("a", "words")
    archive = packed(repo, "zip")
    with zipfile.ZipFile(archive, "a") as opened:
        noted = zipfile.ZipInfo("noted")
        if where == "of a file":
            noted.comment = credentials_file().encode()
        else:
            opened.comment = credentials_file().encode()
        opened.writestr(noted, "words")
    result = scan([archive])
    assert only(result).key_id == key_id()
    assert only_place(result).path == "beside the files of the archive/1 comments of the archive"


def test_the_name_in_the_header_of_a_compressed_archive_of_a_repository_is_read(repo):
    """Nobody sees it who unpacks it under the name that it has now."""
    repo.put("a", "words")
    archive = packed(repo, "tar")
    packed_by = repo.path.parent / "packed.tar.gz"
    with packed_by.open("wb") as file, gzip.GzipFile(f"{key_id()}.tar", "wb", fileobj=file) as to:
        to.write(archive.read_bytes())
    result = scan([packed_by])
    assert only(result).key_id == key_id()
    assert only_place(result).path == "beside the files of the archive/1 comments of the archive"


def test_what_stands_beside_files_makes_no_repository_and_leaves_none_out(repo):
    """Whatever it is called, and where the archive has a file in its place, that is told."""
    repo.put("a", credentials_file())
    archive = packed(repo, "tar")
    names = ["x/.git/HEAD", "x/.git/objects/17/0", "n" * 900, "../../out"]
    folders = [tarfile.TarInfo(name) for name in names]
    for each in folders:
        each.type = tarfile.DIRTYPE
    body = f"words and {key_id(n=2)}\n".encode()
    opened_by(archive, *((each, body) for each in folders))
    result = scan([archive])
    assert skipped(result) == []
    found = {each.key_id: len(each.occurrences) for each in result.credentials}
    assert found[key_id(n=2)] == len(names)
    assert key_id() in found
    taken = tarfile.TarInfo("beside the files of the archive")
    opened_by(archive, (taken, b"words"))
    result = scan([archive])
    assert {each.what.strip("/") for each in skipped(result)} == {*names}
    assert all(each.is_gap for each in skipped(result))


def test_links_in_an_archive_that_breaks_off_are_read(repo):
    """They are made last, of as much as there is."""
    repo.put("a", "nothing")
    (repo.path / "link").symlink_to(f"/srv/{key_id()}")
    archive = packed(repo, "tar")
    more = tarfile.TarInfo("more")
    more.size = 100_000
    archive.write_bytes(archive.read_bytes().rstrip(b"\0") + bytes(1))
    whole = archive.read_bytes()
    archive.write_bytes(whole + bytes(-len(whole) % 512) + more.tobuf() + b"begun")
    found = only_place(scan([archive]))
    assert (found.path, found.where) == ("repo/link", PlaceKind.LINK_TARGET)
