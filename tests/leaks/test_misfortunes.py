"""In: faults of ours and of the machine. Out: the proof that each costs no more than its own."""

import errno
import os
import shutil
import struct
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from analyzer.files import UnreadableFile
from analyzer.forks import WORKER_LOST, WorkerLost, run_forked
from analyzer.git.object_store import open_store
from analyzer.leaks import scheduler
from analyzer.leaks.model import LeakScan, PlaceKind
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import content, git_objects
from tests.leaks.leak_material import credentials_file, key_id, repository


def keys(result: LeakScan) -> set[str | None]:
    """The key IDs that were found."""
    return {credential.key_id for credential in result.credentials}


def remarks(result: LeakScan) -> dict[str, str]:
    """What was skipped, with the reasons."""
    return {skipped.what: skipped.reason for r in result.repositories for skipped in r.skipped}


def breaks(monkeypatch, word: str) -> None:
    """Has the detector fail at any content in which the word stands."""
    examine = content.scan_bytes

    def broken(data, *unique_ids):
        if word.encode() in bytes(data):
            raise ZeroDivisionError(bytes(data))
        return examine(data, *unique_ids)

    for module in (content, git_objects):
        monkeypatch.setattr(module, "scan_bytes", broken)


# Exceptions


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_costs_its_own_piece(jobs):
    """All others are done, and the name of what went wrong is told."""

    def work(number: int) -> int:
        return 10 // (number - 3)

    found = dict(run_forked(work, range(20), jobs))
    assert found.pop(3) == WorkerLost("ZeroDivisionError")
    assert found == {number: 10 // (number - 3) for number in range(20) if number != 3}


def test_a_process_that_ends_while_it_sends_costs_its_own_piece():
    """What comes after the break is not taken for the rest."""

    def part(connection: Connection, _: object) -> None:
        os.write(connection.fileno(), struct.pack("!i", 100) + b"half of it")
        os._exit(1)

    def work(number: int) -> int:
        if number == 0:
            Connection._send_bytes = part  # noqa: SLF001 - in the process of this piece
        return number

    assert dict(run_forked(work, range(4), 2)) == {0: WORKER_LOST, 1: 1, 2: 2, 3: 3}


def test_a_blob_that_breaks_our_code_is_told_and_the_rest_read(repo, monkeypatch):
    """Nothing of its content stands in what is told."""
    for n in range(3):
        repo.put("a", credentials_file(n), day=n + 1)
    oid = repo.git("rev-parse", "HEAD~:a")
    breaks(monkeypatch, key_id(n=1))
    result = scan([repo.path], ScanOptions(jobs=1))
    assert keys(result) == {key_id(n=0), key_id(n=2)}
    assert remarks(result) == {f"object {oid}": "could not be examined: ZeroDivisionError"}


def test_a_file_that_breaks_our_code_is_told_and_the_rest_read(tmp_path, monkeypatch):
    """The same for files, their names, and links."""
    for n in range(2):
        (tmp_path / f"f{n}").write_text(credentials_file(n))
    (tmp_path / f"{key_id(n=2)}.txt").write_text("nothing")
    (tmp_path / "link").symlink_to(f"/srv/{key_id(n=3)}")
    for n in range(1, 4):
        with monkeypatch.context() as patch:
            breaks(patch, key_id(n=n))
            result = scan([tmp_path], ScanOptions(jobs=1))
        assert keys(result) == {key_id(n=other) for other in range(4) if other != n}
        assert "could not be examined: ZeroDivisionError" in remarks(result).values()


def test_a_message_that_breaks_our_code_is_told_and_the_rest_read(repo, monkeypatch):
    """The same for commits, tags and trees."""
    repo.put("a", "nothing")
    broken = repo.commit(f"a key: {key_id(n=1)}")
    repo.commit(f"a key: {key_id(n=2)}")
    breaks(monkeypatch, key_id(n=1))
    result = scan([repo.path], ScanOptions(jobs=1, history=True))
    assert key_id(n=2) in keys(result)
    assert remarks(result)[f"commit {broken}"] == "could not be examined: ZeroDivisionError"


# Objects that git would not have made


def test_a_tag_of_a_short_id_ends_nothing(repo):
    """It names no object, so it is malformed, and what it stands beside is found."""
    repo.put("x", "nothing")
    repo.git("hash-object", "-w", "--stdin", feed=credentials_file().encode())
    text = b"object abc\ntype tree\ntag x\ntagger A <a@example.com> 1 +0000\n\n%s\n"
    text %= key_id(n=1).encode()
    oid = repo.git("hash-object", "-t", "tag", "--literally", "-w", "--stdin", feed=text)
    (repo.path / ".git" / "refs" / "tags" / "x").write_text(f"{oid}\n")
    result = scan([repo.path])
    assert keys(result) == {key_id(), key_id(n=1)}
    (said,) = next(c.occurrences for c in result.credentials if c.key_id == key_id(n=1))
    assert said.where is PlaceKind.TAG_MESSAGE
    assert "malformed" in remarks(result)[f"tag {oid}"]


@pytest.mark.parametrize("kind", ["commit", "tag"])
def test_a_message_too_large_for_memory_is_a_message(repo, monkeypatch, kind):
    """With its line, as if it were a short one; and what stands above it is a header."""
    monkeypatch.setattr("analyzer.git.loose_objects.LARGEST_BODY", 100_000)
    monkeypatch.setattr("analyzer.leaks.sources.content.CHUNK", 10_000)
    commit = repo.put("a", "nothing")
    message = ("x" * 99 + "\n") * 2000 + credentials_file(2)
    head = {
        "commit": f"tree {repo.git('rev-parse', 'HEAD^{tree}')}\n"
        f"author {key_id(n=1)} <a@example.com> 1709287200 +0000\n"
        f"committer {key_id(n=1)} <a@example.com> 1709287200 +0000\n",
        "tag": f"object {commit}\ntype commit\ntag v1\n"
        f"tagger {key_id(n=1)} <a@example.com> 1709287200 +0000\n",
    }[kind]
    text = f"{head}\n{message}".encode()
    oid = repo.git("hash-object", "-t", kind, "-w", "--stdin", feed=text)
    repo.git("update-ref", "refs/heads/x" if kind == "commit" else "refs/tags/v1", oid)
    result = scan([repo.path])
    found = {c.key_id: c.occurrences for c in result.credentials}
    path, of = ("", oid) if kind == "commit" else ("v1", commit)
    assert [(o.where, o.path, o.line, o.commit, o.reachable) for o in found[key_id(n=2)]] == [
        (PlaceKind(f"{kind} message"), path, 2002, of, True),
    ]
    assert {o.where for o in found[key_id(n=1)]} == {PlaceKind(f"{kind} header")}


# The machine


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
    assert remarks(result) == {f"objects/{oid[:2]}": "Permission denied"}
    assert [o.commit for c in result.credentials for o in c.occurrences] == [commit]


def test_objects_that_can_not_be_listed_are_a_history_that_is_lost(repo, unlistable):
    """No path of this machine stands in what is told."""
    repo.put("a", credentials_file())
    unlistable(repo.path / ".git" / "objects")
    result = scan([repo.path], ScanOptions(jobs=1))
    assert remarks(result)["history"] == "objects: Permission denied"
    assert str(repo.path) not in str(remarks(result))
    assert keys(result) == {key_id()}


def without_index(repo, home: Path) -> Path:
    """The only pack of a repository, packed and moved to a folder without its index."""
    repo.git("repack", "-adq")
    (pack,) = (repo.path / ".git" / "objects" / "pack").glob("*.pack")
    for path in pack.parent.iterdir():
        if path != pack:
            path.unlink()
    home.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(pack, home))


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
    assert remarks(result) == {}


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

    monkeypatch.setattr(f"analyzer.leaks.sources.repository.{refused}", full)
    result = scan([repo.path])
    assert keys(result) == {key_id(n=1), key_id(n=2)}
    skipped = [each for of in result.repositories for each in of.skipped]
    assert any("No space left" in each.reason for each in skipped)


@pytest.mark.parametrize("fault", [UnreadableFile("it is gone"), OSError(errno.EIO, "bad")])
def test_a_git_directory_that_can_not_be_opened_costs_its_own_history(repo, monkeypatch, fault):
    """Others are read all the same."""
    repo.put("a", credentials_file(1))
    (repo.path / "a").unlink()
    inner = repository(repo.path / "inner")
    inner.put("b", credentials_file(2))
    (inner.path / "b").unlink()
    opened = scheduler.open_repository

    def refusing(number, called, *rest):
        if called.endswith("inner"):
            raise fault
        return opened(number, called, *rest)

    monkeypatch.setattr(scheduler, "open_repository", refusing)
    result = scan([repo.path])
    assert keys(result) == {key_id(n=1)}
    (of_inner,) = (each for each in result.repositories if each.path == "repo/inner")
    assert "can't be opened" in of_inner.skipped[0].reason
