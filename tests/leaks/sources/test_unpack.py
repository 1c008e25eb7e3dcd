"""In: archives of repositories, made to be honest or not. Out: the proof that nothing is lost."""

import gzip
import lzma
import os
import shutil
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import zstandard

from analyzer.files import Skipped
from analyzer.leaks.model import (
    LeakScan,
    PlaceKind,
)
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import unpack
from tests.leaks.leak_material import (
    Repository,
    credentials_file,
    key_id,
)
from tests.leaks.scan_results import only, only_place, skip_reasons


def packed(repo, form: str) -> Path:
    """An archive of a repository."""
    made = shutil.make_archive(str(repo.path.parent / "packed"), form, repo.path.parent, "repo")
    return Path(made)


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


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, zstandard.compress])
def test_an_archive_of_a_repository_is_opened_whatever_compressed_it(repo, compress):
    """Its history is read, not only its files."""
    commit = repo.put("a", credentials_file(), day=1)
    repo.put("a", "gone", day=2)
    archive = repo.path.parent / "packed"
    archive.write_bytes(compress(packed(repo, "tar").read_bytes()))
    (credential,) = scan([archive]).credentials
    assert [each.commit for each in credential.occurrences] == [commit]


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


@pytest.mark.parametrize("name", ["{}", "{}/HEAD", "{}/objects/17/0"])
def test_the_names_of_an_archive_are_not_kept_to_look_for_a_repository(tmp_path, monkeypatch, name):
    """However many there are: a small file can have hundreds of thousands."""
    monkeypatch.setattr(unpack, "_MOST_FOLDERS", 100)
    heads = (tarfile.TarInfo(name.format(i)).tobuf() for i in range(20_000))
    (tmp_path / "many").write_bytes(gzip.compress(b"".join(heads), 1))
    tracemalloc.start()
    with unpack.unpack(tmp_path / "many") as (folder, told):
        assert (folder, told) == (tmp_path / "many", ())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_a_bomb_is_not_unpacked_to_look_for_a_repository(tmp_path, monkeypatch):
    """What an archive may cost depends on its size, here too."""
    told = 0

    def counted(data, program):
        nonlocal told
        for piece in pieces(data, program):
            told += len(piece)
            yield piece

    pieces = unpack.decompress
    monkeypatch.setattr(unpack, "decompress", counted)
    monkeypatch.setattr(unpack, "_LISTED", 4 << 20)
    bomb = tarfile.TarInfo("bomb")
    bomb.size = 40 << 20
    (tmp_path / "bomb").write_bytes(gzip.compress(bomb.tobuf() + bytes(bomb.size)))
    with unpack.unpack(tmp_path / "bomb") as (folder, _):
        assert folder == tmp_path / "bomb"
    assert 0 < told < 10 << 20


@pytest.mark.parametrize("content", [b"", b"text", bytes(600)])
def test_a_file_that_is_no_archive_is_read_where_it_stands(tmp_path, content):
    """Whatever is in it, and if nothing is."""
    (tmp_path / "file").write_bytes(content)
    with unpack.unpack(tmp_path / "file") as (folder, told):
        assert (folder, told) == (tmp_path / "file", ())


def test_a_bundle_is_read(repo, tmp_path):
    """A bundle is a repository in one file, with all of its history."""
    commit = repo.put("a", credentials_file(), day=1)
    repo.put("a", "gone", day=2)
    repo.git("bundle", "create", "-q", str(tmp_path / "all.bundle"), "--all")
    found = only_place(scan([tmp_path / "all.bundle"]))
    assert (found.repository, found.path, found.commit) == ("all.bundle", "a", commit)


def test_a_bundle_that_builds_on_another_one_is_read_as_far_as_it_goes(repo, tmp_path):
    """What it builds on is told as missing, and its own commits are read."""
    repo.put("a", "\n".join(map(str, range(2000))), day=1)
    commit = repo.put("b", credentials_file(), day=2)
    repo.git("bundle", "create", "-q", str(tmp_path / "new.bundle"), "HEAD~..main")
    result = scan([tmp_path / "new.bundle"])
    assert any(o.commit == commit or o.object for o in only(result).occurrences)
    assert "builds on" in skip_reasons(result)["history"]


@pytest.mark.parametrize(("what", "in_head"), [("--all", True), ("main", False)])
def test_a_bundle_knows_its_head_if_it_has_one(repo, tmp_path, what, in_head):
    """What was checked out when a bundle was made is its HEAD."""
    repo.put("a", credentials_file())
    repo.git("bundle", "create", "-q", str(tmp_path / "made.bundle"), what)
    assert only_place(scan([tmp_path / "made.bundle"])).in_head is in_head


def test_a_bundle_made_beside_a_linked_work_tree_is_read(repo, tmp_path):
    """Git lists the HEAD of each work tree in it, under no name of a ref."""
    repo.put("a", "nothing", day=1)
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "side"))
    commit = Repository(tmp_path / "side").put("b", credentials_file(), day=2)
    repo.git("bundle", "create", "-q", str(tmp_path / "all.bundle"), "--all")
    result = scan([tmp_path / "all.bundle"])
    assert (only_place(result).commit, only_place(result).reachable) == (commit, True)
    assert skip_reasons(result) == {}


@pytest.mark.parametrize("form", ["gztar", "zip", "tar"])
def test_an_archive_of_a_repository_is_read_as_a_repository(repo, tmp_path, form):
    """Whoever was handed a packed folder need not unpack it."""
    commit = repo.put("a", credentials_file(), day=1)
    repo.put("a", "gone", day=2)
    archive = shutil.make_archive(str(tmp_path / "packed"), form, repo.path.parent, repo.path.name)
    result = scan([Path(archive)])
    assert only_place(result).commit == commit
    assert only_place(result).path == "a"


@pytest.mark.parametrize("form", ["gztar", "zip"])
@pytest.mark.parametrize("options", [["--mirror"], ["--bare"], []])
def test_an_archive_of_a_repository_whose_refs_are_packed_is_one(repo, tmp_path, form, options):
    """Its folder of refs is empty, as that of a mirror mostly is; messages are read as well."""
    commit = repo.put("a", credentials_file(), day=1)
    repo.commit(message=f"without {key_id(n=2)}", day=2)
    home = tmp_path / "parent" / "copy.git"
    repo.git("clone", "-q", *options, str(repo.path), str(home))
    Repository(home).git("pack-refs", "--all")
    archive = shutil.make_archive(str(tmp_path / "packed"), form, home.parent, home.name)
    result = scan([Path(archive)])
    places = {each.key_id: each.occurrences[0] for each in result.credentials}
    assert (places[key_id()].commit, places[key_id()].reachable) == (commit, True)
    assert places[key_id(n=2)].where is PlaceKind.COMMIT_MESSAGE
    assert skip_reasons(result) == {}


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


def test_content_of_what_is_called_a_folder_beside_a_repository_is_a_gap(repo):
    """It can't be unpacked as what it is called; a list of names in a folder is no gap."""
    repo.put("a", "words")
    archive = packed(repo, "tar")
    body = credentials_file().encode()
    with archive.open("r+b") as file:
        before = file.read()
        file.seek(0)
        for kind, name in ((b"5", "folder"), (b"D", "names")):
            entry = tarfile.TarInfo(name)
            entry.type, entry.size = kind, len(body)
            file.write(entry.tobuf() + body + bytes(-len(body) % 512))
        file.write(before)
    told = {each.what: each.is_gap for each in skipped(scan([archive]))}
    assert told == {"folder/": True, "names": False}
