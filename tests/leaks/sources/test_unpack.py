"""In: archives of repositories, and others. Out: the proof that each is taken for what it is."""

import gzip
import lzma
import shutil
import tarfile
import tracemalloc
from pathlib import Path

import pytest
import zstandard

from analyzer.leaks.model import (
    PlaceKind,
)
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import unpack
from tests.leaks.leak_material import (
    Repository,
    credentials_file,
    key_id,
    packed,
)
from tests.leaks.scan_results import only_place, skip_reasons


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, zstandard.compress])
def test_an_archive_of_a_repository_is_opened_whatever_compressed_it(repo, compress):
    """Its history is read, not only its files."""
    commit = repo.put("a", credentials_file(), day=1)
    repo.put("a", "gone", day=2)
    archive = repo.path.parent / "packed"
    archive.write_bytes(compress(packed(repo, "tar").read_bytes()))
    (credential,) = scan([archive]).credentials
    assert [each.commit for each in credential.occurrences] == [commit]


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
