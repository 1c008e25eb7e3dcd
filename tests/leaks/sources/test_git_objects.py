"""In: git objects of every kind. Out: the proof that each is scanned, and at which place."""

import subprocess

import pytest

from analyzer.git.base_notes import copied_runs
from analyzer.leaks.model import (
    Occurrence,
    PlaceKind,
)
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import git_objects
from analyzer.leaks.sources.work import PartialScan, SearchTerms
from tests.leaks.leak_material import credentials_file, key_id
from tests.leaks.scan_results import key_ids, noon, only, only_place, skip_reasons
from tests.leaks.sources.failing_detector import breaks


def test_commit_messages_are_read(repo):
    """The line is the message's, and the place is the commit; git keeps the last one in a file."""
    commit = repo.commit(f"subject\n\nthe key is {key_id()}", day=6)
    first, second = only(scan([repo.path])).occurrences
    assert first == Occurrence(
        repo.path.name, "", 3, PlaceKind.COMMIT_MESSAGE, commit, commit,
        "Ada Author <ada@example.com>", noon(6),
    )  # fmt: skip
    assert (second.path, second.where) == (".git/COMMIT_EDITMSG", PlaceKind.GIT_DIRECTORY)


def test_names_in_the_header_of_a_commit_are_read(repo):
    """A key in the author's name is found, and said to stand in the header."""
    tree = repo.git("write-tree")
    person = f"{key_id()} <a@example.com> 1700000000 +0000"
    body = f"tree {tree}\nauthor {person}\ncommitter {person}\n\nx\n".encode()
    repo.git("hash-object", "-t", "commit", "-w", "--stdin", feed=body)
    found = only(scan([repo.path])).occurrences
    assert [(o.where, o.line) for o in found] == [
        (PlaceKind.COMMIT_HEADER, 2),
        (PlaceKind.COMMIT_HEADER, 3),
    ]


def test_tag_messages_are_read(repo):
    """A tag's message names the tag, the tagger and the tagged commit."""
    commit = repo.commit()
    repo.git("tag", "-a", "v1", "-m", f"key {key_id()}", day=7)
    found = only_place(scan([repo.path]))
    assert found == Occurrence(
        repo.path.name, "v1", 1, PlaceKind.TAG_MESSAGE, repo.git("rev-parse", "v1"), commit,
        "Carl Committer <carl@example.com>", noon(7),
    )  # fmt: skip


def test_versions_in_a_pack_have_what_they_have_by_themselves(repo, monkeypatch):
    """Credentials that come, stay, move, are cut in two and go, in forty versions of a file."""
    lines = [f"line {n} of a long file, with nothing in it" for n in range(1000)]
    news = {5: key_id(n=1), 9: key_id(n=2)[:12], 12: key_id(n=3), 30: key_id(n=2)}
    for n in range(40):
        lines.insert(n * 331 % 1000, news.get(n, f"change {n}"))
        if n == 20:
            lines.remove(key_id(n=1))
        if n == 25:
            lines[lines.index(key_id(n=3))] = "X" + key_id(n=3)
        if n == 35:
            at = lines.index("X" + key_id(n=3))
            lines[at], lines[at + 2] = key_id(n=3)[:9], credentials_file(4)
        repo.put("a", "\n".join(lines), day=n % 20 + 1)
    repo.git("gc", "-q")
    shared = []
    monkeypatch.setattr(
        git_objects, "copied_runs", lambda *of: shared.append(copied_runs(*of)) or shared[-1]
    )
    options = ScanOptions(jobs=1)
    packed = scan([repo.path], options)
    assert len(shared) > 30, "git packed nearly all as deltas"
    monkeypatch.setattr(git_objects, "SHORTEST_VERSION", 1 << 30)
    each_by_itself = scan([repo.path], options)
    assert packed.credentials == each_by_itself.credentials
    assert key_ids(packed) == {key_id(n=n) for n in (1, 2, 3, 4)}
    assert len({place.object for found in packed.credentials for place in found.occurrences}) > 25


def test_a_blob_that_breaks_our_code_is_told_and_the_rest_read(repo, monkeypatch):
    """Nothing of its content stands in what is told."""
    for n in range(3):
        repo.put("a", credentials_file(n), day=n + 1)
    oid = repo.git("rev-parse", "HEAD~:a")
    breaks(monkeypatch, key_id(n=1))
    result = scan([repo.path], ScanOptions(jobs=1))
    assert key_ids(result) == {key_id(n=0), key_id(n=2)}
    assert skip_reasons(result) == {f"a, object {oid}": "could not be examined: ZeroDivisionError"}


def test_a_message_that_breaks_our_code_is_told_and_the_rest_read(repo, monkeypatch):
    """The same for commits, tags and trees."""
    repo.put("a", "nothing")
    broken = repo.commit(f"a key: {key_id(n=1)}")
    repo.commit(f"a key: {key_id(n=2)}")
    breaks(monkeypatch, key_id(n=1))
    result = scan([repo.path], ScanOptions(jobs=1, history=True))
    assert key_id(n=2) in key_ids(result)
    assert skip_reasons(result)[f"commit {broken}"] == "could not be examined: ZeroDivisionError"


def test_a_tag_of_a_short_id_ends_nothing(repo):
    """It names no object, so it is malformed, and what it stands beside is found."""
    repo.put("x", "nothing")
    repo.git("hash-object", "-w", "--stdin", feed=credentials_file().encode())
    text = b"object abc\ntype tree\ntag x\ntagger A <a@example.com> 1 +0000\n\n%s\n"
    text %= key_id(n=1).encode()
    oid = repo.git("hash-object", "-t", "tag", "--literally", "-w", "--stdin", feed=text)
    (repo.path / ".git" / "refs" / "tags" / "x").write_text(f"{oid}\n")
    result = scan([repo.path])
    assert key_ids(result) == {key_id(), key_id(n=1)}
    (said,) = next(c.occurrences for c in result.credentials if c.key_id == key_id(n=1))
    assert said.where is PlaceKind.TAG_MESSAGE
    assert "malformed" in skip_reasons(result)[f"tag {oid}"]


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


def test_a_key_in_a_name_is_found_in_each_version_of_its_folder(repo):
    """Names that hold nothing are searched once; one that holds something, wherever it stands."""
    name = f"backup-{key_id(1)}.txt"
    repo.put(name, "one", day=1)
    repo.put("other.txt", "aws secret access key notes", day=2)
    repo.put("third.txt", "two", day=3)
    terms = SearchTerms()
    trees = [repo.git("rev-parse", f"main~{back}^{{tree}}") for back in range(3)]
    silent: set[bytes] = set()
    found = PartialScan()
    for oid in trees:
        read = ["git", "cat-file", "tree", oid]
        body = subprocess.run(read, cwd=repo.path, check=True, capture_output=True).stdout
        git_objects.scan_small_object(found, terms, "r", (oid, "tree", body), silent)
    assert [oid for oid, _, _ in found.hits] == trees
    assert silent == {b"other.txt", b"third.txt"}
