"""In: files that are cut off while they are read. Out: the proof that each costs itself alone.

To read a mapped file beyond its new end kills the process, as a failing disk does.
"""

import os
import random
import signal
import tarfile
from pathlib import Path

import pytest

from analyzer.git import object_store
from analyzer.leaks import completion, results
from analyzer.leaks.detect import deep_scan
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import folders, staged, unpack, worker
from tests.leaks.leak_material import Repository, credentials_file, key_id, repository
from tests.leaks.scan_results import key_ids

CUT_OFF = "the file was cut off, or its disk failed, while it was read"


def noise(size: int, seed: int = 0) -> bytes:
    """Bytes that don't compress."""
    return random.Random(seed).randbytes(size)  # noqa: S311 - no secret


def pack_of(repo: Repository) -> Path:
    """The only pack of a repository, made large enough to be mapped."""
    repo.put("noise", noise(2 << 20))
    (repo.path / "noise").unlink()
    repo.git("repack", "-adq")
    (pack,) = repo.path.glob(".git/objects/pack/*.pack")
    pack.chmod(0o600)
    return pack


def cut_off_before(monkeypatch, module, name: str, path: Path) -> None:
    """Makes a step of the scan begin with the file cut off, as another process might."""
    step = getattr(module, name)

    def cutting(*arguments):
        if path.exists():
            os.truncate(path, 0)
        return step(*arguments)

    monkeypatch.setattr(module, name, cutting)


@pytest.fixture
def repositories(repo):
    """Keys 1 to 3: in the pack of one repository, in a file beside it, and in another one."""
    repo.put("a", credentials_file(1))
    pack = pack_of(repo)
    (repo.path / "a").unlink()
    repo.write("b", credentials_file(2))
    inner = repository(repo.path / "inner")
    inner.put("c", credentials_file(3))
    (inner.path / "c").unlink()
    return repo, pack


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("module", "name"), [(object_store, "build_layout"), (worker, "scan_objects")]
)
def test_a_pack_that_is_cut_off_costs_itself(repositories, monkeypatch, jobs, module, name):
    """While it is opened, or while it is scanned: it is a gap with its name, the rest is found."""
    repo, pack = repositories
    cut_off_before(monkeypatch, module, name, pack)
    result = scan([repo.path], ScanOptions(jobs=jobs))
    assert key_ids(result) == {key_id(n=2), key_id(n=3)}
    first, _ = result.repositories
    assert (CUT_OFF, True) in {(each.reason, pack.name in each.what) for each in first.gaps}


def test_who_brought_it_in_is_lost_with_the_pack_and_what_was_found_stays(
    repositories, monkeypatch
):
    """All objects were read by then: the key in them is told, at no path and by nobody."""
    repo, pack = repositories
    cut_off_before(monkeypatch, completion, "attribute_hits", pack)
    result = scan([repo.path])
    assert key_ids(result) == {key_id(n=number) for number in (1, 2, 3)}
    (place,) = next(c.occurrences for c in result.credentials if c.key_id == key_id(n=1))
    assert (place.path, place.commit, place.author) == ("", None, None)
    assert place.object == repo.git("hash-object", "--stdin", feed=credentials_file(1).encode())
    assert CUT_OFF in {each.reason for each in result.repositories[0].gaps}


@pytest.mark.parametrize("name", ["missing_objects", "retry_with_git"])
def test_a_later_step_costs_itself(repositories, monkeypatch, name):
    """What would be known by it is a gap, and all keys are told."""
    repo, _ = repositories
    lost = repo.loose(repo.git("hash-object", "-w", "--stdin", feed=b"damaged"))
    lost.chmod(0o600)
    lost.write_bytes(b"no object")

    step = getattr(completion, name)

    def dying(repository, *others):
        if repository.store.is_mapped:
            os.kill(os.getpid(), signal.SIGBUS)
        return step(repository, *others)

    monkeypatch.setattr(completion, name, dying)
    result = scan([repo.path])
    assert key_ids(result) == {key_id(n=number) for number in (1, 2, 3)}
    assert result.repositories[0].gaps


def test_a_cache_is_not_asked_for_a_pack_that_is_cut_off(repositories, monkeypatch, tmp_path):
    """It is scanned, as far as that goes."""
    repo, pack = repositories
    monkeypatch.setattr("analyzer.leaks.sources.repository.MOST_CHECKED", 0)
    cut_off_before(monkeypatch, results, "cache_key", pack)
    result = scan([repo.path], ScanOptions(cache=tmp_path / "cache"))
    assert key_ids(result) == {key_id(n=2), key_id(n=3)}
    assert CUT_OFF in {each.reason for each in result.repositories[0].gaps}
    assert not [*(tmp_path / "cache").glob("*")]


def test_a_large_archive_that_is_cut_off_costs_itself(tmp_path, monkeypatch):
    """The file beside it is read, and what of it could be read as it stands."""
    monkeypatch.setattr(folders, "LARGEST", 1 << 20)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_text(credentials_file(1))
    (tmp_path / "noise").write_bytes(noise(2 << 20))
    with tarfile.open(folder / "b.tar", "w") as archive:
        archive.add(tmp_path / "noise", "noise")
    cut_off_before(monkeypatch, deep_scan, "iter_members", folder / "b.tar")
    result = scan([folder])
    assert key_ids(result) == {key_id(n=1)}
    assert [(each.what, each.reason) for each in result.repositories[0].gaps] == [
        ("b.tar", CUT_OFF)
    ]


def test_an_archive_that_was_handed_in_and_is_cut_off_is_a_gap(repo, tmp_path, monkeypatch):
    """The scan of another path goes on."""
    pack_of(repo)
    with tarfile.open(tmp_path / "r.tar", "w") as archive:
        archive.add(repo.path, "repo")
    (tmp_path / "a").write_text(credentials_file(1))
    cut_off_before(monkeypatch, unpack, "_unpack", tmp_path / "r.tar")
    result = scan([tmp_path / "r.tar", tmp_path / "a"])
    assert key_id(n=1) in key_ids(result)
    assert CUT_OFF in {each.reason for each in result.repositories[1].gaps}


def test_what_is_staged_is_unread_where_the_pack_is_cut_off(repo, monkeypatch):
    """Nothing is let through: it is a gap."""
    repo.write("a", credentials_file(1))
    repo.git("add", "a")
    oid = repo.git("rev-parse", ":a")
    pack = pack_of(repo)
    repo.git("rm", "-q", "--cached", "a")
    repo.git("commit", "-q", "-m", "without it")
    repo.git("update-index", "--add", "--cacheinfo", "100644", oid, "a")
    cut_off_before(monkeypatch, staged, "_changed_entries", pack)
    (coverage,) = scan([repo.path], ScanOptions(staged=True)).repositories
    assert [(each.what, each.reason) for each in coverage.gaps] == [("index", CUT_OFF)]


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGSEGV])
def test_a_file_that_ends_its_reader_costs_itself(tmp_path, monkeypatch, ending):
    """For lack of memory, say: what is beside it, and below, is read by another process."""
    for number in range(14):
        folder = tmp_path / f"{number}" / "sub"
        folder.mkdir(parents=True)
        for name in ("a", "b", "c"):
            (folder.parent / name).write_text(credentials_file(100 * number + ord(name)))
        (folder / "d").write_text(credentials_file(100 * number + ord("d")))
    step = folders._scan_file  # noqa: SLF001 - what reads one file

    def dying(scan_, source, entry, *others):
        if entry.name in {"3/b", "5/sub/d"}:
            os.kill(os.getpid(), ending)
        step(scan_, source, entry, *others)

    monkeypatch.setattr(folders, "_scan_file", dying)
    result = scan([tmp_path], ScanOptions(jobs=2))
    expected = {100 * number + ord(name) for number in range(14) for name in "abcd"}
    expected -= {300 + ord("b"), 500 + ord("d")}
    assert key_ids(result) == {key_id(n=number) for number in expected}
    (coverage,) = result.repositories
    assert [each.what for each in coverage.gaps] == ["3/b", "5/sub/d"]
    assert all("ended" in each.reason for each in coverage.gaps)
