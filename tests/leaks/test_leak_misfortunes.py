"""In: faults of ours and of the machine. Out: the proof that each costs no more than its own."""

import os
import struct
from multiprocessing.connection import Connection

import pytest
from leak_material import credentials_file, key_id

from analyzer.leaks import probing, reading
from analyzer.leaks.credentials import LeakScan, Where
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.pool import LOST, Lost, spread
from analyzer.leaks.scan import scan


def keys(result: LeakScan) -> set[str | None]:
    """The key IDs that were found."""
    return {credential.key_id for credential in result.credentials}


def remarks(result: LeakScan) -> dict[str, str]:
    """What was skipped, with the reasons."""
    return {skipped.what: skipped.reason for r in result.repositories for skipped in r.skipped}


def breaks(monkeypatch, word: str) -> None:
    """Has the detector fail at any content in which the word stands."""
    examine = probing.examine

    def broken(data):
        if word.encode() in bytes(data):
            raise ZeroDivisionError(bytes(data))
        return examine(data)

    for module in (probing, reading):
        monkeypatch.setattr(module, "examine", broken)


# Exceptions


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_costs_its_own_piece(jobs):
    """All others are done, and the name of what went wrong is told."""

    def work(number: int) -> int:
        return 10 // (number - 3)

    found = dict(spread(work, range(20), jobs))
    assert found.pop(3) == Lost("ZeroDivisionError")
    assert found == {number: 10 // (number - 3) for number in range(20) if number != 3}


def test_a_process_that_ends_while_it_sends_costs_its_own_piece():
    """What comes after the break is not taken for the rest."""

    def half(connection: Connection, _: object) -> None:
        os.write(connection.fileno(), struct.pack("!i", 100) + b"half of it")
        os._exit(1)

    def work(number: int) -> int:
        if number == 0:
            Connection._send_bytes = half  # noqa: SLF001 - in the process of this piece
        return number

    assert dict(spread(work, range(4), 2)) == {0: LOST, 1: 1, 2: 2, 3: 3}


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
    assert said.where is Where.TAG_MESSAGE
    assert "malformed" in remarks(result)[f"tag {oid}"]


@pytest.mark.parametrize("kind", ["commit", "tag"])
def test_a_message_too_large_for_memory_is_a_message(repo, monkeypatch, kind):
    """With its line, as if it were a short one; and what stands above it is a header."""
    monkeypatch.setattr("analyzer.leaks.objects.loose.LARGEST_BODY", 100_000)
    monkeypatch.setattr("analyzer.leaks.probing.CHUNK", 10_000)
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
        (Where(f"{kind} message"), path, 2002, of, True),
    ]
    assert {o.where for o in found[key_id(n=1)]} == {Where(f"{kind} header")}


# The machine
