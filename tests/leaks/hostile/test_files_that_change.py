"""In: files that are cut off while they are read. Out: the proof that each costs itself alone.

To read a mapped file beyond its new end kills the process, as a failing disk does.
"""

import os
import random
import signal
import tarfile
from pathlib import Path

import pytest

from analyzer.archives import members
from analyzer.git import object_store
from analyzer.leaks import completion, histories, opened
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import folders, staged, unpack, work
from tests.leaks.leak_material import Repository, credentials_file, key_id, repository
from tests.leaks.scan_results import key_ids, only, skip_reasons

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


def die_at(monkeypatch, names: set[str], ending: int) -> None:
    """Makes whoever reads a file of one of these names end by a signal."""
    step = folders._scan_file  # noqa: SLF001 - what reads one file
    monkeypatch.setattr(work, "_FEW_FILES", 0)  # else they are read by one process, the test's own

    def dying(scan_, source, entry, *others):
        if entry.name in names:
            os.kill(os.getpid(), ending)
        step(scan_, source, entry, *others)

    monkeypatch.setattr(folders, "_scan_file", dying)


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
    ("module", "name"), [(object_store, "build_layout"), (histories, "scan_objects")]
)
def test_a_pack_that_is_cut_off_costs_itself(repositories, monkeypatch, jobs, module, name):
    """While it is opened, or while it is scanned: it is a gap with its name, the rest is found."""
    repo, pack = repositories
    cut_off_before(monkeypatch, module, name, pack)
    result = scan([repo.path], ScanOptions(jobs=jobs))
    assert key_ids(result) == {key_id(n=2), key_id(n=3)}
    first, _ = result.repositories
    assert (CUT_OFF, True) in {(each.reason, pack.name in each.what) for each in first.gaps}


@pytest.mark.parametrize("exclude", [(), ("/a",)])
def test_who_brought_it_in_is_lost_with_the_pack_and_what_was_found_stays(
    repositories, monkeypatch, exclude
):
    """All objects were read by then: the key in them is told, at no path and by nobody.

    No pattern leaves it out, as nobody knows its path; that is told.
    """
    repo, pack = repositories
    cut_off_before(monkeypatch, completion, "attribute_hits", pack)
    result = scan([repo.path], ScanOptions(exclude=exclude))
    assert key_ids(result) == {key_id(n=number) for number in (1, 2, 3)}
    (place,) = next(c.occurrences for c in result.credentials if c.key_id == key_id(n=1))
    assert (place.path, place.commit, place.author) == ("", None, None)
    assert place.object == repo.git("hash-object", "--stdin", feed=credentials_file(1).encode())
    assert CUT_OFF in {each.reason for each in result.repositories[0].gaps}
    assert ("not applied" in skip_reasons(result).get("--exclude", "")) is bool(exclude)


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
    cut_off_before(monkeypatch, opened, "cache_key", pack)
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
    cut_off_before(monkeypatch, members, "iter_members", folder / "b.tar")
    result = scan([folder])
    assert key_ids(result) == {key_id(n=1)}
    assert [(each.what, each.reason) for each in result.repositories[0].gaps] == [
        ("b.tar", CUT_OFF)
    ]


def test_a_large_archive_that_ends_its_reader_is_searched_as_it_stands(tmp_path, monkeypatch):
    """In ranges, like any large file; that it was not opened is a gap."""
    monkeypatch.setattr(folders, "LARGEST", 1 << 20)
    monkeypatch.setattr("analyzer.leaks.sources.large_files.CHUNK", 1 << 19)
    (tmp_path / "key").write_text(credentials_file(1))
    (tmp_path / "noise").write_bytes(noise(2 << 20))
    (tmp_path / "folder").mkdir()
    with tarfile.open(tmp_path / "folder" / "b.tar", "w") as archive:
        for name in ("noise", "key"):
            archive.add(tmp_path / name, name)
    monkeypatch.setattr(members, "iter_members", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    result = scan([tmp_path / "folder"])
    assert [each.path for each in only(result).occurrences] == ["b.tar"]
    (gap,) = result.repositories[0].gaps
    assert gap.what == "b.tar"
    assert "ended" in gap.reason


def test_an_archive_that_was_handed_in_and_is_cut_off_is_a_gap(repo, tmp_path, monkeypatch):
    """The scan of another path goes on."""
    pack_of(repo)
    with tarfile.open(tmp_path / "r.tar", "w") as archive:
        archive.add(repo.path, "repo")
    (tmp_path / "a").write_text(credentials_file(1))
    cut_off_before(monkeypatch, unpack, "write_entries", tmp_path / "r.tar")
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
    cut_off_before(monkeypatch, staged, "_wanted_entries", pack)
    (coverage,) = scan([repo.path], ScanOptions(staged=True)).repositories
    assert [(each.what, each.reason) for each in coverage.gaps] == [("index", CUT_OFF)]


def test_what_is_staged_is_left_out_of_a_large_pack_as_of_any(repo):
    """Another process reads that one; what it left out is counted here."""
    pack_of(repo)
    repo.write("a", credentials_file(1))
    repo.write("b", credentials_file(2))
    repo.git("add", ".")
    result = scan([repo.path], ScanOptions(staged=True, exclude=("a",)))
    assert key_ids(result) == {key_id(n=2)}
    assert skip_reasons(result) == {"--exclude a": "left out: 1 changed file"}


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGSEGV])
def test_a_file_that_ends_its_reader_costs_itself(tmp_path, monkeypatch, ending):
    """For lack of memory, say: what is beside it, and below, is read by another process."""
    for number in range(14):
        folder = tmp_path / f"{number}" / "sub"
        folder.mkdir(parents=True)
        for name in ("a", "b", "c"):
            (folder.parent / name).write_text(credentials_file(100 * number + ord(name)))
        (folder / "d").write_text(credentials_file(100 * number + ord("d")))
    die_at(monkeypatch, {"3/b", "5/sub/d"}, ending)
    result = scan([tmp_path], ScanOptions(jobs=2))
    expected = {100 * number + ord(name) for number in range(14) for name in "abcd"}
    expected -= {300 + ord("b"), 500 + ord("d")}
    assert key_ids(result) == {key_id(n=number) for number in expected}
    (coverage,) = result.repositories
    assert [each.what for each in coverage.gaps] == ["3/b", "5/sub/d"]
    assert all("ended" in each.reason for each in coverage.gaps)


def test_what_is_left_out_stays_so_where_a_reader_ended(tmp_path, monkeypatch):
    """However often a folder is gone over, what a pattern names is not read, and counts once."""
    for number in range(14):
        (tmp_path / f"{number}" / "sub" / "gen").mkdir(parents=True)
    for n, name in enumerate(("a", "b", "c.map", "d", "gen/e", "f")):
        for place in ("3", "3/sub"):
            path = tmp_path / place / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(credentials_file(n + 10 * len(place)))
    die_at(monkeypatch, {"3/b", "3/sub/d"}, signal.SIGKILL)
    reports = []
    options = ScanOptions(jobs=2, exclude=("/3/**/gen/", "*.map"), on_progress=reports.append)
    result = scan([tmp_path], options)
    assert key_ids(result) == {key_id(n=number) for number in (10, 13, 15, 50, 51, 55)}
    assert [each.what for each in result.repositories[0].gaps] == ["3/b", "3/sub/d"]
    told = skip_reasons(result)
    assert told["--exclude *.map"] == "left out: 2 files"
    assert told["--exclude /3/**/gen/"] == "left out: 2 folders"
    assert reports[-1].done == reports[-1].total
