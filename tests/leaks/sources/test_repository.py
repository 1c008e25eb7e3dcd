"""In: git directories in every state. Out: the proof that what can be opened is scanned."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from analyzer.git.object_store import open_store
from analyzer.leaks.model import (
    PlaceKind,
)
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    credentials_file,
    key_id,
    repository,
)
from tests.leaks.scan_results import key_ids, noon, only_place, skip_reasons


@pytest.mark.parametrize("pack", [True, False])
def test_a_bare_repository_is_read(repo, tmp_path, pack):
    """History is all there is, from a pack as from single objects."""
    commit = repo.put("a", credentials_file())
    bare = tmp_path / "bare.git"
    repo.git("clone", "-q", "--bare", str(repo.path), str(bare))
    if pack:
        repository(bare.parent / "x").git("-C", str(bare), "gc", "-q")
    found = only_place(scan([bare]))
    assert (found.commit, found.in_head, found.path) == (commit, True, "a")


def test_a_sha256_repository_is_read(tmp_path):
    """Both object formats are git's."""
    repo = repository(tmp_path / "repo", "--object-format=sha256")
    repo.put("deep/a", credentials_file(), day=3)
    found = only_place(scan([repo.path]))
    assert (len(found.object or ""), found.date, found.in_head) == (64, noon(3), True)


def test_an_empty_repository_is_read(repo):
    """No commit is no error, and its files are files."""
    assert scan([repo.path]).credentials == ()
    repo.write("a", credentials_file())
    result = scan([repo.path])
    assert only_place(result).where is PlaceKind.WORK_TREE
    assert skip_reasons(result) == {}


@pytest.mark.parametrize("damage", ["missing", "garbage"])
def test_a_pack_without_a_usable_index_is_indexed_elsewhere(repo, damage):
    """Git makes an index in a folder of ours; nothing is written into the repository."""
    commit = repo.put("a", credentials_file(), day=1)
    (repo.path / "a").unlink()
    repo.git("gc", "-q")
    (index,) = (repo.path / ".git" / "objects" / "pack").glob("*.idx")
    index.chmod(0o644)
    if damage == "missing":
        index.unlink()
    else:
        index.write_bytes(b"garbage")
    before = sorted(path.name for path in repo.path.rglob("*"))
    result = scan([repo.path])
    assert only_place(result).commit == commit
    assert skip_reasons(result) == {}
    assert sorted(path.name for path in repo.path.rglob("*")) == before


@pytest.fixture
def unlistable(monkeypatch):
    """Has the system refuse to list a folder, as it refuses all but the superuser."""

    def refuse(refused: Path) -> None:
        def refusing(real):
            def listing(folder="."):
                is_open = isinstance(folder, int)
                path = Path(f"/proc/self/fd/{folder}").readlink() if is_open else Path(folder)
                if path == refused:
                    raise PermissionError(errno.EACCES, "Permission denied", str(path))
                return real(folder)

            return listing

        monkeypatch.setattr(os, "scandir", refusing(os.scandir))
        monkeypatch.setattr(os, "listdir", refusing(os.listdir))

    return refuse


def without_index(repo, home: Path) -> Path:
    """The only pack of a repository, packed and moved to a folder without its index."""
    repo.git("repack", "-adq")
    (pack,) = (repo.path / ".git" / "objects" / "pack").glob("*.pack")
    for path in pack.parent.iterdir():
        if path != pack:
            path.unlink()
    home.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(pack, home))


def test_a_folder_of_objects_that_can_not_be_listed_costs_its_own(repo, unlistable):
    """It is told by its place below objects, and everybody knows who wrote the rest."""
    commit = repo.put("a", credentials_file(1), day=2)
    repo.put("a", "nothing")
    oid = repo.git("hash-object", "-w", "--stdin", feed=credentials_file(2).encode())
    assert {repo.git("rev-parse", name)[:2] for name in (f"{commit}:a", "HEAD:a")} != {oid[:2]}
    unlistable(repo.loose(oid).parent)
    (lost,) = open_store(repo.path / ".git" / "objects").unreadable
    assert (lost.where, lost.reason) == (oid[:2], "Permission denied")
    result = scan([repo.path], ScanOptions(jobs=1))
    assert skip_reasons(result) == {f"objects/{oid[:2]}": "Permission denied"}
    assert [o.commit for c in result.credentials for o in c.occurrences] == [commit]


def test_objects_that_can_not_be_listed_are_a_history_that_is_lost(repo, unlistable):
    """No path of this machine stands in what is told."""
    repo.put("a", credentials_file())
    unlistable(repo.path / ".git" / "objects")
    result = scan([repo.path], ScanOptions(jobs=1))
    assert skip_reasons(result)["history"] == "objects: Permission denied"
    assert str(repo.path) not in str(skip_reasons(result))
    assert key_ids(result) == {key_id()}


def test_two_packs_of_one_name_are_both_indexed(repo):
    """A store and the one that it borrows from may each have lost the index of the same pack."""
    commit = repo.put("a", credentials_file(), day=1)
    repo.put("a", "nothing", day=2)
    without_index(repo, repo.path / "other" / "objects" / "pack")
    alternates = repo.path / ".git" / "objects" / "info" / "alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_text(f"{repo.path}/other/objects\n")
    result = scan([repo.path])
    assert {o.commit for c in result.credentials for o in c.occurrences if o.commit} == {commit}
    assert skip_reasons(result) == {}


@pytest.mark.parametrize("refused", ["tempfile.mkdtemp", "shutil.copyfileobj"])
def test_without_room_for_a_copy_the_pack_is_told_and_the_rest_read(repo, monkeypatch, refused):
    """A full disk ends no scan; the pack is looked at as any other file."""
    repo.put("a", credentials_file(1), day=1)
    without_index(repo, repo.path.parent / "elsewhere")
    (repo.path / "a").unlink()
    repo.git("hash-object", "-w", "--stdin", feed=credentials_file(2).encode())
    real = {"tempfile.mkdtemp": tempfile.mkdtemp}.get(refused)

    def full(*arguments, **options):
        if real and not options:
            return real(*arguments)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(refused, full)
    result = scan([repo.path])
    assert key_ids(result) == {key_id(n=1), key_id(n=2)}
    skipped = [each for of in result.repositories for each in of.skipped]
    assert any("No space left" in each.reason for each in skipped)
