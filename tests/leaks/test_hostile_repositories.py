"""In: repositories made by an enemy. Out: the proof that nothing runs, hangs or hides."""

import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.leaks.model import LeakScan, PlaceKind
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import ENVIRONMENT, Repository, credentials_file, key_id, repository


def remarks(result: LeakScan) -> dict[str, str]:
    """What was skipped, with the reasons."""
    return {skipped.what: skipped.reason for r in result.repositories for skipped in r.skipped}


def keys(result: LeakScan) -> set[str | None]:
    """The key IDs found."""
    return {credential.key_id for credential in result.credentials}


def commits(result: LeakScan) -> set[str | None]:
    """The commits of all places in the history."""
    return {o.commit for c in result.credentials for o in c.occurrences if o.commit}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Whoever opens a socket fails."""

    def refuse(*_, **__):
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that must never run; `<trap>.sprung` is there if it did."""
    program = tmp_path / "trap"
    program.write_text(f'#!/bin/sh\n: > "{program}.sprung"\n')
    program.chmod(0o755)
    return program


def sprung(trap: Path) -> bool:
    """Whether the trap has run; resets it."""
    mark = Path(f"{trap}.sprung")
    ran = mark.exists()
    mark.unlink(missing_ok=True)
    return ran


def attribute(repo: Repository, trap: Path, setting: str, attributes: str) -> None:
    """A setting that takes effect through attributes."""
    repo.git("config", setting, str(trap))
    (repo.path / ".git" / "info").mkdir(exist_ok=True)
    (repo.path / ".git" / "info" / "attributes").write_text(f"* {attributes}\n")


def hook(repo: Repository, trap: Path) -> None:
    """Hooks in the ordinary place."""
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        (repo.path / ".git" / "hooks").mkdir(exist_ok=True)
        shutil.copy(trap, repo.path / ".git" / "hooks" / name)


def hooks_path(repo: Repository, trap: Path) -> None:
    """Hooks in the tree, to be committed with it."""
    (repo.path / "hooks").mkdir()
    shutil.copy(trap, repo.path / "hooks" / "post-checkout")
    repo.git("config", "core.hooksPath", str(repo.path / "hooks"))


def forged_signature(repo: Repository, trap: Path) -> None:
    """A commit whose signature any log would have checked."""
    body = repo.git("cat-file", "commit", "HEAD").encode()
    head, _, message = body.partition(b"\n\n")
    forged = head + b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n -----END PGP SIGNATURE-----\n\n"
    oid = repo.git("hash-object", "-t", "commit", "-w", "--stdin", feed=forged + message + b"\n")
    repo.git("update-ref", "HEAD", oid)
    repo.git("config", "gpg.program", str(trap))
    repo.git("config", "log.showSignature", "true")


def promisor(repo: Repository, trap: Path, url: str) -> None:
    """A remote that promises a missing blob, at an address that is a program."""
    lost = repo.git("rev-parse", "HEAD:bait")
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "evil",
        "remote.evil.url": url.format(trap),
        "remote.evil.promisor": "true",
        "protocol.ext.allow": "always",
        "core.sshCommand": str(trap),
    }.items():
        repo.git("config", name, value)
    repo.loose(lost).unlink()
    (repo.path / "bait").unlink()


Arm = Callable[[Repository, Path], None]
VECTORS: dict[str, tuple[Arm, tuple[str, ...]]] = {
    "textconv": (
        lambda repo, trap: attribute(repo, trap, "diff.evil.textconv", "diff=evil"),
        ("log", "-p"),
    ),
    "diff command": (
        lambda repo, trap: attribute(repo, trap, "diff.evil.command", "diff=evil"),
        ("diff", "HEAD~"),
    ),
    "clean filter": (
        lambda repo, trap: attribute(repo, trap, "filter.evil.clean", "filter=evil"),
        ("add", "--renormalize", "."),
    ),
    "smudge filter": (
        lambda repo, trap: attribute(repo, trap, "filter.evil.smudge", "filter=evil"),
        ("checkout-index", "--force", "--all", "--prefix=out/"),
    ),
    "diff.external": (
        lambda repo, trap: repo.git("config", "diff.external", str(trap)),
        ("diff", "HEAD~"),
    ),
    "fsmonitor": (
        lambda repo, trap: repo.git("config", "core.fsmonitor", str(trap)),
        ("status",),
    ),
    "hooks": (hook, ("checkout", "HEAD")),
    "hooksPath": (hooks_path, ("checkout", "HEAD")),
    "showSignature": (forged_signature, ("log", "--format=%H")),
    "promisor ext": (
        lambda repo, trap: promisor(repo, trap, "ext::{} %S"),
        ("rev-list", "--objects", "HEAD"),
    ),
    "promisor ssh": (
        lambda repo, trap: promisor(repo, trap, "ssh://evil/{}"),
        ("rev-list", "--objects", "HEAD"),
    ),
}


@pytest.mark.parametrize("vector", VECTORS)
def test_no_program_of_the_repository_runs(repo, trap, vector):
    """A trap that ordinary git springs stays silent, and the keys are found all the same."""
    arm, command = VECTORS[vector]
    repo.put("a", credentials_file(1), day=1)
    repo.put("bait", "bait", day=2)
    repo.put("a", credentials_file(2), day=3)
    arm(repo, trap)
    sprung(trap)
    result = scan([repo.path])
    assert not sprung(trap)
    assert keys(result) == {key_id(n=1), key_id(n=2)}
    subprocess.run(["git", *command], cwd=repo.path, env=ENVIRONMENT, check=False,
                   stdin=subprocess.DEVNULL, capture_output=True)  # fmt: skip
    assert sprung(trap), "the trap was not armed, so its silence proves nothing"


def test_the_callers_environment_leads_git_nowhere(repo, trap, tmp_path, monkeypatch):
    """Inherited variables neither run a program nor lend other objects or another repository."""
    commit = repo.put("a", credentials_file(), day=1)
    other = repository(tmp_path / "other")
    other.put("b", credentials_file(7))
    for name, value in {
        "GIT_DIR": str(other.path / ".git"),
        "GIT_WORK_TREE": str(other.path),
        "GIT_OBJECT_DIRECTORY": str(other.path / ".git" / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(other.path / ".git" / "objects"),
        "GIT_EXTERNAL_DIFF": str(trap),
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": str(trap),
        "PAGER": str(trap),
    }.items():
        monkeypatch.setenv(name, value)
    result = scan([repo.path])
    assert (keys(result), commits(result)) == ({key_id()}, {commit})
    assert not sprung(trap)
    assert not (tmp_path / "trace").exists()


def test_nothing_is_written(repo, tmp_path, monkeypatch):
    """Every file and folder below the path keeps its bytes, its times and its mode."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    repo.put("a", credentials_file(), day=1)
    repo.git("tag", "-a", "v1", "-m", "one")
    repo.git("gc", "-q")
    repo.put("b", credentials_file(), day=2)

    def state() -> dict[Path, tuple[int, int, bytes]]:
        """What must not change, but for access times."""
        return {
            path: (path.lstat().st_mtime_ns, path.lstat().st_mode,
                   path.read_bytes() if path.is_file() else b"")
            for path in [repo.path, *repo.path.rglob("*")]
        }  # fmt: skip

    before = state()
    assert scan([repo.path]).credentials
    assert state() == before


@pytest.mark.parametrize(
    "hide",
    [
        lambda repo, old: repo.git("replace", old, repo.git("hash-object", "-w", "/dev/null")),
        lambda repo, _: repo.git("replace", "--graft", "HEAD"),
        lambda repo, _: (repo.path / ".git" / "shallow").write_text(
            repo.git("rev-parse", "HEAD") + "\n"
        ),
        lambda repo, _: (repo.path / ".git" / "info" / "grafts").write_text(
            repo.git("rev-parse", "HEAD") + "\n"
        ),
        lambda repo, _: repo.git("config", "log.showRoot", "false"),
        lambda repo, _: repo.git("config", "core.bigFileThreshold", "1"),
        lambda repo, _: (repo.path / ".git" / "info" / "attributes").write_text("* -diff\n"),
        lambda repo, _: repo.git("config", "core.worktree", "/"),
    ],
)
def test_nothing_hides_a_key(repo, hide):
    """Replacements, grafts, a false shallow file and settings make no difference."""
    (repo.path / ".git" / "info").mkdir(exist_ok=True)
    commit = repo.put("a", credentials_file(), day=1)
    old = repo.git("rev-parse", "HEAD:a")
    repo.put("a", "gone", day=2)
    hide(repo, old)
    result = scan([repo.path])
    assert (keys(result), commits(result)) == ({key_id()}, {commit})


def test_a_lying_commit_graph_hides_nothing(repo):
    """The cache of parents, which lies next to the objects, is not believed."""
    first = repo.put("a", credentials_file(), day=1)
    repo.put("a", "gone", day=2)
    repo.git("commit-graph", "write", "--reachable")
    graph = repo.path / ".git" / "objects" / "info" / "commit-graph"
    tree = bytes.fromhex(repo.git("rev-parse", "HEAD^{tree}"))
    no_parent = bytes.fromhex("70000000")
    before, _, after = graph.read_bytes().partition(tree)
    graph.chmod(0o644)
    graph.write_bytes(before + tree + no_parent + after[len(no_parent) :])
    assert first not in repo.git("rev-list", "HEAD"), "the lie is not believed by anyone"
    assert commits(scan([repo.path])) == {first}


def outside(tmp_path: Path) -> Repository:
    """A repository that was not handed over."""
    other = repository(tmp_path / "private")
    other.put("private", credentials_file(9))
    return other


def test_links_out_of_the_tree_are_not_followed(repo, tmp_path):
    """Neither to a file nor to a folder nor in a circle; each that leaves the tree is told."""
    other = outside(tmp_path)
    (repo.path / "file").symlink_to(other.path / "private")
    (repo.path / "folder").symlink_to(other.path)
    (repo.path / "circle").symlink_to("circle")
    (repo.path / "within").symlink_to("circle")
    repo.write("a", credentials_file())
    result = scan([repo.path])
    assert keys(result) == {key_id()}
    assert set(remarks(result)) == {"file", "folder"}


@pytest.mark.parametrize("part", [".git", "objects", "refs", "objects/pack"])
def test_a_git_directory_that_is_linked_in_is_refused(repo, tmp_path, part):
    """A link in place of git's own folders leads to another's history; what is ours is read."""
    other = outside(tmp_path)
    repo.put("a", credentials_file())
    ours, theirs = repo.path / ".git", other.path / ".git"
    if part != ".git":
        ours, theirs = ours / part, theirs / part
    shutil.rmtree(ours)
    ours.symlink_to(theirs)
    result = scan([repo.path])
    assert keys(result) == {key_id()}
    assert any("link" in reason or "not a" in reason for reason in remarks(result).values())


def test_a_linked_packed_refs_is_not_read(repo, tmp_path):
    """A list of refs that is a link is told and left, so what it names is not reachable."""
    commit = repo.put("a", credentials_file())
    (tmp_path / "refs").write_text(f"{commit} refs/heads/x\n")
    repo.git("update-ref", "-d", "refs/heads/main")
    (repo.path / ".git" / "packed-refs").symlink_to(tmp_path / "refs")
    result = scan([repo.path])
    assert [o.reachable for o in result.credentials[0].occurrences if o.commit] == [False]
    assert remarks(result)["packed-refs"] == "not a regular file"


def test_a_linked_folder_of_refs_is_told(repo, tmp_path):
    """Refs in a folder elsewhere are not read, and their absence is not silent."""
    repo.put("a", credentials_file())
    (repo.path / ".git" / "refs" / "evil").symlink_to(tmp_path)
    assert set(remarks(scan([repo.path]))) == {"refs/evil", ".git/refs/evil"}


@pytest.mark.parametrize(
    "place",
    [".git/packed-refs", ".git/refs/heads/pipe", ".git/HEAD", ".git/shallow", ".git/config",
     "pipe", ".git/objects/info/alternates", ".git/objects/pack/pipe.pack", ".git"],
)  # fmt: skip
def test_a_pipe_keeps_nobody_waiting(repo, place):
    """A pipe without a writer is told, and the rest is read."""
    repo.put("a", credentials_file())
    path = repo.path / place
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    result = scan([repo.path])
    assert keys(result) == {key_id()}
    assert any("not a" in reason or "neither" in reason for reason in remarks(result).values())


def test_a_configuration_that_includes_a_pipe_is_never_read(repo):
    """Ordinary git would wait for ever."""
    commit = repo.put("a", credentials_file())
    os.mkfifo(repo.path / ".git" / "pipe")
    with (repo.path / ".git" / "config").open("a") as config:
        config.write("[include]\npath = pipe\n")
    assert commits(scan([repo.path])) == {commit}


def lend(repo: Repository, other: Repository, line: str | None = None) -> str:
    """Makes `repo` depend on the objects of `other`, with a ref to its commit."""
    commit = other.git("rev-parse", "HEAD")
    (repo.path / ".git" / "refs" / "heads" / "theirs").write_text(commit + "\n")
    (repo.path / ".git" / "objects" / "info").mkdir(exist_ok=True)
    alternates = repo.path / ".git" / "objects" / "info" / "alternates"
    alternates.write_text((line or str(other.path / ".git" / "objects")) + "\n")
    return commit


def test_objects_outside_are_not_borrowed(repo, tmp_path):
    """Alternates that leave the path would show another's history: refused, and told."""
    other = outside(tmp_path)
    repo.put("a", credentials_file())
    lend(repo, other)
    result = scan([repo.path])
    assert keys(result) == {key_id()}
    assert "borrows" in remarks(result)["history"]


@pytest.mark.parametrize("relative", [True, False])
def test_objects_inside_are_borrowed(repo, relative):
    """Alternates within the path are part of what was handed over."""
    other = repository(repo.path / "vendor")
    other.put("b", credentials_file(1), day=1)
    other.put("b", "", day=2)
    lend(repo, other, "../../vendor/.git/objects" if relative else None)
    assert keys(scan([repo.path])) == {key_id(n=1)}


def test_a_chain_of_alternates_is_followed_to_its_end(repo, tmp_path):
    """A lender inside that borrows outside is no better."""
    inner = repository(repo.path / "vendor")
    inner.commit()
    lend(repo, inner)
    lend(inner, outside(tmp_path))
    result = scan([repo.path])
    assert keys(result) == set()
    assert "borrows" in remarks(result)["history"]


@pytest.mark.parametrize(
    ("link", "line"),
    [("x/y", "link/../../private/.git/objects"), ("../private/x", "link/../.git/objects")],
)
def test_alternates_that_two_gits_would_read_differently_are_refused(repo, tmp_path, link, line):
    """Some versions take `..` out of the text, others follow the link before it."""
    other = outside(tmp_path)
    (repo.path / link).mkdir(parents=True)
    (repo.path / "link").symlink_to(repo.path / link)
    (repo.path / "private" / ".git" / "objects").mkdir(parents=True)
    repo.put("a", credentials_file(1))
    lend(repo, other, str(repo.path / line))
    result = scan([repo.path])
    assert keys(result) == {key_id(n=1)}
    assert "borrows" in remarks(result)["history"]


@pytest.mark.parametrize("line", ["circle", "a\0b", "none", ".", " "])
def test_alternates_that_lead_nowhere_are_refused(repo, line):
    """A circle, a NUL and an empty name are no folders of objects; the files are read."""
    repo.put("a", credentials_file())
    (repo.path / "circle").symlink_to("circle")
    lend(repo, repo, str(repo.path / "circle") if line == "circle" else line)
    assert keys(scan([repo.path])) == {key_id()}


def test_quoted_alternates_are_refused(repo, tmp_path):
    """A name in quotes means one folder to git and may mean another one here."""
    other = outside(tmp_path)
    target = str(other.path / ".git" / "objects")
    (repo.path / ".git" / "objects" / f'"{target}"').mkdir(parents=True)
    lend(repo, other, f'"{target}"')
    assert keys(scan([repo.path])) == set()


@pytest.mark.parametrize(
    "where", ["inside", "outside", "nowhere", "garbage", "no repository", "nul"]
)
def test_a_git_file_leads_only_inside(repo, tmp_path, where):
    """A pointer is followed within the path; any other one is told."""
    commit = repo.put("a", credentials_file(1), day=1)
    repo.put("a", credentials_file(2), day=2)
    moved = (repo.path if where == "inside" else tmp_path) / "moved"
    (repo.path / ".git").rename(moved)
    pointer = {
        "inside": "gitdir: moved\n",
        "outside": f"gitdir: {moved}\n",
        "nowhere": "gitdir: none\n",
        "garbage": "moved\n",
        "no repository": "gitdir: sub\n",
        "nul": "gitdir: a\0b\n",
    }
    (repo.path / ".git").write_text(pointer[where])
    (repo.path / "sub").mkdir()
    result = scan([repo.path])
    assert (commit in commits(result)) is (where == "inside")
    assert ("history" in remarks(result)) is (where != "inside")
    assert key_id(n=2) in keys(result)


def test_a_linked_work_tree_is_told(repo, tmp_path):
    """Its history lies in another repository."""
    repo.put("a", credentials_file())
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    result = scan([tmp_path / "linked"])
    assert commits(result) == set()
    assert "history" in remarks(result)


def test_a_linked_work_tree_anywhere_is_told(repo, tmp_path):
    """Each work tree in what is read has its history there, or is named."""
    repo.put("a", credentials_file(1))
    home = tmp_path / "home"
    repo.git("worktree", "add", "-q", "-b", "one", str(home / "src" / "linked"))
    linked = repository(home / "other")
    linked.put("a", "nothing")
    linked.git("worktree", "add", "-q", "-b", "two", str(home / "src" / "known"))
    (home / "src" / "link").mkdir()
    (home / "src" / "link" / ".git").symlink_to(repo.path / ".git")
    told = {what for what in remarks(scan([home])) if what.startswith("history")}
    assert told == {"history of src/linked", "history of src/link"}
    assert not any(what.startswith("history") for what in remarks(scan_files(home)))


def test_a_linked_work_tree_that_was_moved_with_its_repository_is_not_missed(repo, tmp_path):
    """Its pointer names the place where both were; its history is read with the repository."""
    repo.put("a", credentials_file(1))
    repo.git("worktree", "add", "-q", "--detach", str(repo.path / "trees" / "one"))
    moved = tmp_path / "moved"
    repo.path.rename(moved)
    assert "history of trees/one" not in remarks(scan([moved]))
    (moved / "trees" / "one").rename(moved / "trees" / "two")
    assert "history of trees/two" in remarks(scan([moved]))


def scan_files(path):
    """What is found in files alone."""
    return scan([path], ScanOptions(history=False))


def test_no_index_is_read_through_a_link(repo, tmp_path):
    """What stands in another repository's index is nobody's business here."""
    other = outside(tmp_path)
    oid = repo.git("hash-object", "-w", "--stdin", feed=credentials_file(3).encode())
    repo.commit()
    other.write("private-name", credentials_file(3))
    other.git("add", "-A")
    (tmp_path / "trees" / "one").mkdir(parents=True)
    shutil.copy(other.path / ".git" / "index", tmp_path / "trees" / "one" / "index")
    (repo.path / ".git" / "worktrees").symlink_to(tmp_path / "trees")
    assert {o.path for c in scan([repo.path]).credentials for o in c.occurrences} == {""}
    (repo.path / ".git" / "worktrees").unlink()
    (repo.path / ".git" / "worktrees").mkdir()
    (repo.path / ".git" / "worktrees" / "one").symlink_to(tmp_path / "trees" / "one")
    found = [o for c in scan([repo.path]).credentials for o in c.occurrences]
    assert [(o.object, o.path) for o in found] == [(oid, "")]


@pytest.mark.parametrize("name", ["commondir", "reftable"])
def test_a_layout_that_is_not_understood_is_told(repo, name):
    """History kept in another way is announced as not read, not taken for empty."""
    repo.put("a", credentials_file())
    (repo.path / ".git" / name).write_text("../elsewhere")
    assert "history" in remarks(scan([repo.path]))


NAMES = [b"new\nline", b"esc\x1b[31m", b"\xff\xfe", "rtl\u202e".encode(), b"--output=x",
         b"=cmd", b"<b>", b'"quoted"', b" space ", b"sub\n/new", b"\xe2\x80\xa8sep",
         b"tab\tbed", b":(top)x"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_carried_whole(repo, name):
    """A name is text that can be written as UTF-8, and the place is found in HEAD under it."""
    commit = repo.put(name, credentials_file(), day=1)
    result = scan([repo.path])
    (found,) = result.credentials[0].occurrences
    assert found.path == name.decode("utf-8", "backslashreplace")
    assert found.path.encode()
    assert (found.commit, found.in_head) == (commit, True)


def test_a_hostile_author_is_text(repo):
    """Bytes that are no UTF-8, no date and no end of it do no harm."""
    repo.put("a", credentials_file())
    tree = repo.git("rev-parse", "HEAD^{tree}")
    body = b"tree %b\nauthor \xff\x1b <x>\ncommitter c <c> 99999999999999999999 +0000\n\nm\n"
    oid = repo.git(
        "hash-object", "-t", "commit", "-w", "--literally", "--stdin",
        feed=body.replace(b"%b", tree.encode()),
    )  # fmt: skip
    repo.git("update-ref", "--no-deref", "HEAD", oid)
    (repo.path / ".git" / "refs" / "heads" / "main").write_text(oid)
    (found,) = scan([repo.path]).credentials[0].occurrences
    assert (found.commit, found.author, found.date) == (oid, "\\xff\x1b <x>", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"tree\n",
        b"tree 00\n\n",
        b"tree " + b"0" * 40 + b"\n\n\n",
        b"tree TREE\nparent x\n\n\n",
        b"tree COMMIT\nparent COMMIT\n\n\n",
    ],
)
def test_a_malformed_commit_is_a_gap(repo, body):
    """A commit that is none, or names what it must not, does not end the scan of the others."""
    commit = repo.put("a", credentials_file())
    tree = repo.git("rev-parse", "HEAD^{tree}")
    body = body.replace(b"COMMIT", commit.encode()).replace(b"TREE", tree.encode())
    oid = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", feed=body)
    (repo.path / ".git" / "refs" / "heads" / "bad").write_text(oid)
    child = repo.git("commit-tree", "-p", oid, "-m", key_id(n=2), tree, day=2)
    repo.git("update-ref", "refs/heads/child", child)
    result = scan([repo.path])
    assert commits(result) == {commit, child}
    assert remarks(result)


def test_a_commit_that_calls_another_one_a_folder_takes_nothing_from_it(repo):
    """Git believes whom it reads first, and then knows no commit of that id; its origin stays."""
    commit = repo.put("a", credentials_file())
    bodies = (f"tree {commit}\n\n{n}\n".encode() for n in range(1000))
    digests = (hashlib.sha1(b"commit %d\0" % len(body) + body) for body in bodies)  # noqa: S324
    first = next(n for n, found in enumerate(digests) if found.hexdigest() < commit)
    body = f"tree {commit}\n\n{first}\n".encode()
    oid = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", feed=body)
    assert oid < commit
    (repo.path / ".git" / "refs" / "heads" / "bad").write_text(oid)
    assert commits(scan([repo.path])) == {commit}


def test_a_parent_that_is_a_folder_is_read_as_one(repo):
    """A commit whose parent is a tree, on which git gives up, hides neither."""
    commit = repo.put("a", credentials_file(1), day=1)
    tree = repo.git("rev-parse", "HEAD^{tree}")
    (repo.path / "a").unlink()
    body = f"tree {tree}\nparent {tree}\n\n{key_id(n=2)}\n".encode()
    oid = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", feed=body)
    (repo.path / ".git" / "refs" / "heads" / "bad").write_text(oid)
    result = scan([repo.path])
    assert keys(result) == {key_id(n=1), key_id(n=2)}
    assert commits(result) == {commit, oid}


@pytest.mark.parametrize("content", ["", "x", "0" * 39, "0" * 64, "../../x", "0" * 40, "\0" * 40])
def test_a_ref_that_names_nothing_is_told(repo, content):
    """Garbage in a ref is told under its name and takes no other ref with it."""
    commit = repo.put("a", credentials_file())
    (repo.path / ".git" / "refs" / "heads" / "bad").write_text(content)
    result = scan([repo.path])
    assert commits(result) == {commit}
    assert "refs/heads/bad" in remarks(result)


def bomb(repo: Repository) -> None:
    """A commit with a hundred million paths to one blob."""
    blob = repo.git("hash-object", "-w", "--stdin", feed=credentials_file(2).encode())
    mode, kind, oid = "100644", "blob", blob
    for _ in range(8):
        lines = "".join(f"{mode} {kind} {oid}\t{name}\n" for name in range(10))
        oid = repo.git("mktree", feed=lines.encode())
        mode, kind = "040000", "tree"
    commit = repo.git("commit-tree", "-p", "HEAD", "-m", "bomb", oid, day=2)
    repo.git("update-ref", "refs/heads/main", commit)


def test_a_tree_bomb_ends_in_time(repo):
    """The key in it is found at one of its paths, and what is not known of it is told."""
    commit = repo.put("a", credentials_file(1), day=1)
    bomb(repo)
    result = scan([repo.path], ScanOptions(git_seconds=1))
    found = {c.key_id: c.occurrences[0] for c in result.credentials}
    assert found[key_id(n=1)].commit == commit
    in_bomb = found[key_id(n=2)]
    assert (in_bomb.path, in_bomb.commit, in_bomb.in_head) == ("0/0/0/0/0/0/0/0", None, True)
    assert "longer than 1 second" in remarks(result)["who brought in what was found"]


def test_a_zlib_bomb_is_read_in_pieces(repo):
    """A blob a thousand times as large as its file is read to its end, without being held."""
    size = 200 * 1024 * 1024
    with (repo.path / "zeros").open("wb") as file:
        file.truncate(size)
    repo.commit()
    (repo.path / "zeros").unlink()
    (coverage,) = scan([repo.path]).repositories
    assert coverage.size > size
    assert coverage.skipped == ()


def test_a_git_that_hangs_is_ended_with_its_children(repo, tmp_path, monkeypatch):
    """The time limit kills the process group and is told; the files are still read."""
    repo.put("a", credentials_file())
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "git"
    fake.write_text(f"#!/bin/sh\n(sleep 3; : > {tmp_path}/survived) &\nsleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    begun = time.monotonic()
    result = scan([repo.path], ScanOptions(git_seconds=0.5))
    assert "longer than 0.5 seconds" in remarks(result)["who brought in what was found"]
    assert keys(result) == {key_id()}
    time.sleep(max(0.0, 3.5 - (time.monotonic() - begun)))
    assert not (tmp_path / "survived").exists()


def test_without_git_the_files_are_read(repo, tmp_path, monkeypatch):
    """Without git every object is read; only who brought it in is not known, and that is told."""
    repo.put("a", credentials_file())
    monkeypatch.setenv("PATH", str(tmp_path))
    result = scan([repo.path])
    (found,) = result.credentials[0].occurrences
    assert (found.where, found.path, found.commit) == (PlaceKind.HISTORY, "a", None)
    assert "can't be started" in remarks(result)["who brought in what was found"]


def test_a_git_program_in_the_repository_is_not_git(repo, trap, monkeypatch):
    """A relative entry of the search path does not lead into the scanned folder."""
    commit = repo.put("a", credentials_file())
    shutil.copy(trap, repo.path / "git")
    monkeypatch.chdir(repo.path)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    assert commits(scan([Path()])) == {commit}
    assert not sprung(trap)


def test_a_folder_that_plays_bare_hides_no_file(repo):
    """A work tree that looks like a git directory is read whole."""
    repo.put("a", "1")
    for name in ("objects", "refs"):
        repo.write(f"{name}/a", credentials_file(len(name)))
    repo.write("HEAD", "")
    assert keys(scan([repo.path])) == {key_id(n=7), key_id(n=4)}


def test_a_file_that_can_not_be_read_is_told(tmp_path, monkeypatch):
    """A refusal of the system is an entry with its reason."""
    (tmp_path / "a").write_text(credentials_file(1))
    (tmp_path / "b").write_text(credentials_file(2))
    opening = os.open

    def refuse(path, *rest, **options):
        """No right to read a."""
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return opening(path, *rest, **options)

    monkeypatch.setattr(os, "open", refuse)
    result = scan([tmp_path])
    assert keys(result) == {key_id(n=2)}
    assert remarks(result) == {"a": "Permission denied"}


def test_no_secret_is_in_the_result(repo):
    """The whole result, written out, holds no ten characters of a secret."""
    repo.put("a", credentials_file())
    repo.commit(credentials_file(1))
    shown = repr(scan([repo.path]))
    for n in (0, 1):
        value = credentials_file(n).split()[-1]
        assert hashlib.sha256(value.encode()).hexdigest()[:16] in shown
        assert not [at for at in range(31) if value[at : at + 10] in shown]
