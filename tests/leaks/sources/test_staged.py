"""In: real commits with a real hook. Out: the proof that no key gets past it, however it is run."""

import hashlib
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.leaks.model import (
    LeakScan,
    PlaceKind,
)
from analyzer.leaks.options import Detectors, ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    ENVIRONMENT,
    Repository,
    credentials_file,
    key_id,
    repository,
)
from tests.leaks.scan_results import only_place

ROOT = Path(__file__).parents[3]


def hooked(repo: Repository, folder: str = ".") -> Repository:
    """The repository with a hook that looks at what is staged, started in `folder`."""
    hook = repo.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    command = f"{shlex.quote(sys.executable)} -m analyzer scan --staged --quiet ."
    hook.write_text(f"#!/bin/sh\ncd {folder} && PYTHONPATH={shlex.quote(str(ROOT))} {command}\n")
    hook.chmod(0o755)
    return repo


def commit(repo: Repository, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What git says to a commit."""
    command = ["git", "commit", "-q", "-m", "a change", *arguments]
    return subprocess.run(
        command, cwd=repo.path, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def stopped(repo: Repository, *arguments: str) -> bool:
    """Whether a commit was stopped because of the key in it."""
    done = commit(repo, *arguments)
    if done.returncode == 0:
        return False
    assert key_id() in done.stdout + done.stderr, done
    return True


def staged(folder: Path, **options) -> LeakScan:
    """What is staged there."""
    return scan([folder], ScanOptions(staged=True, **options))


def lost(result: LeakScan) -> dict[str, str]:
    """What could not be read, with the reasons."""
    return {skipped.what: skipped.reason for r in result.repositories for skipped in r.skipped}


def places(result: LeakScan) -> list[tuple[str, PlaceKind]]:
    """The path and the kind of each place."""
    return [(o.path, o.where) for c in result.credentials for o in c.occurrences]


def test_the_hook_stops_what_was_added(repo):
    """The plain way; and a commit without a key goes through."""
    repo.put("a", "nothing")
    hooked(repo).write("a", credentials_file())
    repo.git("add", "a")
    assert stopped(repo)
    repo.write("a", "something else")
    repo.git("add", "a")
    assert not stopped(repo)


@pytest.mark.parametrize("arguments", [("-a",), ("a",), ("--include", "a"), ("--only", "a")])
def test_the_hook_stops_what_is_added_while_committing(repo, arguments):
    """Git then makes another index, and names it to the hook alone."""
    repo.put("a", "nothing")
    hooked(repo).write("a", credentials_file())
    assert stopped(repo, *arguments)
    repo.write("a", "something else")
    assert not stopped(repo, *arguments)


def test_the_hook_stops_a_commit_in_a_linked_work_tree(repo, tmp_path):
    """Its index lies in one place, its objects in another."""
    hooked(repo).commit()
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Repository(tmp_path / "side")
    side.write("a", credentials_file())
    side.git("add", "a")
    assert stopped(side)
    side.write("a", "something else")
    assert not stopped(side, "-a")


def test_the_hook_stops_a_commit_in_a_submodule(repo, tmp_path):
    """Its git directory lies in that of the repository around it."""
    inner = repository(tmp_path / "inner")
    inner.put("b", "nothing")
    allowed = ("-c", "protocol.file.allow=always")
    repo.git(*allowed, "submodule", "--quiet", "add", str(inner.path), "sub")
    sub = Repository(repo.path / "sub")
    sub.write("a", credentials_file())
    sub.git("add", "a")
    assert places(staged(sub.path)) == [("a", PlaceKind.INDEX)]
    assert lost(staged(sub.path)) == {}


def test_the_hook_looks_at_all_that_is_staged_from_a_subfolder(repo):
    """A commit brings in the whole index, wherever one stands."""
    repo.put("deep/er/b", "nothing")
    hooked(repo, "deep/er").write("a", credentials_file())
    repo.git("add", "a")
    assert stopped(repo)
    assert places(staged(repo.path / "deep" / "er")) == [("a", PlaceKind.INDEX)]


@pytest.mark.parametrize("has_checksum", [True, False])
def test_the_hook_stops_the_first_commit_with_long_ids(tmp_path, has_checksum):
    """Before there is a commit, the index or the configuration tell how long an id is."""
    repo = repository(tmp_path / "long", "--object-format=sha256")
    hooked(repo).write("a", credentials_file())
    repo.git("add", "a")
    index = repo.path / ".git" / "index"
    if has_checksum:
        (repo.path / ".git" / "config").rename(tmp_path / "config")
    else:
        index.write_bytes(index.read_bytes()[:-32] + bytes(32))
    assert places(staged(repo.path)) == [("a", PlaceKind.INDEX)]
    if has_checksum:
        (tmp_path / "config").rename(repo.path / ".git" / "config")
    assert stopped(repo)


def test_a_shared_clone_is_compared_with_its_head(repo, tmp_path):
    """What it borrows from elsewhere is read here: git is about to read it, too."""
    repo.put("old", credentials_file(1))
    repo.git("clone", "-q", "--shared", str(repo.path), str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    assert (places(staged(clone.path)), lost(staged(clone.path))) == ([], {})
    clone.write("new", credentials_file(2))
    clone.git("add", "new")
    assert places(staged(clone.path)) == [("new", PlaceKind.INDEX)]


def test_without_a_readable_head_all_of_the_index_counts(repo):
    """Too much is looked at then, and nothing too little."""
    repo.put("old", credentials_file())
    repo.loose(repo.git("rev-parse", "HEAD^{tree}")).unlink()
    assert places(staged(repo.path)) == [("old", PlaceKind.INDEX)]


def test_a_folder_without_a_repository_is_told(tmp_path):
    """Nothing can be staged there, so nobody may take it for looked at."""
    (tmp_path / "plain").mkdir()
    assert lost(staged(tmp_path / "plain")) == {"index": "there is no repository here or above"}
    (tmp_path / "file").write_text(credentials_file())
    assert "index" in lost(staged(tmp_path / "file"))


def test_an_index_of_somewhere_else_is_refused(repo, tmp_path):
    """What the environment names has to be this repository's; it is never a link."""
    repo.put("a", "nothing")
    (tmp_path / "index").write_bytes((repo.path / ".git" / "index").read_bytes())
    (repo.path / ".git" / "link").symlink_to(tmp_path / "index")
    assert "outside" in lost(staged(repo.path, index=tmp_path / "index"))["index"]
    assert "outside" in lost(staged(repo.path, index=Path(".git/../../index")))["index"]
    assert lost(staged(repo.path, index=Path(".git/link")))["index"] == "not a regular file"
    assert lost(staged(repo.path, index=Path(".git/index"))) == {}


def test_staged_content_that_is_gone_is_told(repo):
    """With its path, and the others are looked at."""
    repo.write("a", "nothing much")
    repo.write("b", credentials_file())
    repo.git("add", "-A")
    repo.loose(repo.git("rev-parse", ":a")).unlink()
    result = staged(repo.path)
    assert lost(result) == {"a": "its staged content is missing or damaged"}
    assert places(result) == [("b", PlaceKind.INDEX)]


def test_what_is_only_intended_to_be_added_is_no_loss(repo):
    """No commit brings it in, and its content is nowhere yet."""
    repo.write("a", credentials_file())
    repo.git("add", "--intent-to-add", "a")
    assert (places(staged(repo.path)), lost(staged(repo.path))) == ([], {})


def test_a_split_index_is_told(repo):
    """Most of it lies in another file, which is not read."""
    repo.put("a", "nothing")
    repo.git("update-index", "--split-index")
    assert "split" in lost(staged(repo.path))["index"]


def test_a_sparse_index_is_compared_by_folders(repo):
    """What stands outside of the sparse part is as HEAD has it, or is told."""
    for name in ("in/a", "out/b"):
        repo.put(name, "nothing")
    before = repo.git("rev-parse", "HEAD")
    repo.put("out/b", "something")
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
    repo.write("in/a", credentials_file())
    repo.git("add", "in/a")
    assert (places(staged(repo.path)), lost(staged(repo.path))) == ([("in/a", PlaceKind.INDEX)], {})
    repo.git("reset", "-q", "--soft", before)
    assert list(lost(staged(repo.path))) == ["out/"]


def test_the_name_of_a_staged_file_is_looked_at(repo):
    """A commit brings in names as well."""
    repo.write(f"old-{key_id(n=1)}", "nothing")
    repo.commit()
    repo.write(f"new-{key_id(n=2)}", "nothing")
    repo.git("add", "-A")
    assert places(staged(repo.path)) == [(f"new-{key_id(n=2)}", PlaceKind.TREE_ENTRY)]


def test_a_large_staged_file_is_read_in_pieces(repo, monkeypatch):
    """What does not fit into memory is no reason to let it through."""
    monkeypatch.setattr("analyzer.git.loose_objects.LARGEST_BODY", 100_000)
    repo.write("a", "\n" * 150_000 + credentials_file())
    repo.git("add", "a")
    assert (places(staged(repo.path)), lost(staged(repo.path))) == ([("a", PlaceKind.INDEX)], {})


def test_other_detectors_see_what_is_staged(repo):
    """Whoever asks for them gets them here, too."""
    word = hashlib.sha256(b"a password").hexdigest()[:20] + "Xz"
    repo.write("a.py", f"password = '{word}'\n")
    repo.git("add", "a.py")
    assert places(staged(repo.path)) == []
    assert ("a.py", PlaceKind.INDEX) in places(staged(repo.path, detectors=Detectors.ALL))


def test_a_staged_file_that_breaks_our_code_is_told(repo, monkeypatch):
    """By the name of what went wrong, without anything of its content."""
    for n in range(2):
        repo.write(f"f{n}", credentials_file(n))
    repo.git("add", "-A")
    monkeypatch.setattr("analyzer.leaks.sources.staged.scan_content", breaking_at(key_id(n=0)))
    result = staged(repo.path)
    assert lost(result) == {"f0": "could not be examined: ZeroDivisionError"}
    assert places(result) == [("f1", PlaceKind.INDEX)]


def breaking_at(word: str):
    """The usual look at some content, that fails where the word is in it."""
    from analyzer.leaks.sources.content import scan_content  # noqa: PLC0415 - the one that is not replaced

    def look(terms, name, data):
        if word.encode() in bytes(data):
            raise ZeroDivisionError(word)
        return scan_content(terms, name, data)

    return look


def test_only_what_is_staged_is_read_before_a_commit(repo):
    """What HEAD has already, and what is not staged yet, is none of this commit's business."""
    repo.put("old", credentials_file(1), day=1)
    repo.write("new", "\n" + credentials_file(2))
    repo.git("add", "new")
    repo.write("new", "changed since")
    repo.write("later", credentials_file(3))
    found = only_place(scan([repo.path], ScanOptions(staged=True)))
    assert (found.path, found.line, found.where) == ("new", 3, PlaceKind.INDEX)


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_each_version_of_the_index_is_read(repo, version):
    """Git compresses paths in the fourth version, and has more flags in the third."""
    for name in ("deep/er/a", "deep/er/ab", "z"):
        repo.write(name, credentials_file(len(name)))
    repo.git("-c", f"index.version={version}", "add", "-A")
    if version == "3":
        repo.write("intended", "")
        repo.git("add", "-N", "intended")
    result = scan([repo.path], ScanOptions(staged=True))
    assert {c.occurrences[0].path for c in result.credentials} == {"deep/er/a", "deep/er/ab", "z"}


def test_what_a_partial_clone_never_fetched_of_the_index_is_told_with_its_command(repo, tmp_path):
    """It is not lost; what is staged and lost, in the same clone, is."""
    repo.put("a", credentials_file(1), day=1)
    repo.git("rm", "-q", "a")
    repo.put("b", "words", day=2)
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = Repository(tmp_path / "clone")
    repo.git("clone", "-q", "--filter=blob:none", f"file://{repo.path}", str(clone.path))
    clone.git("read-tree", "HEAD~1")
    (clone.path / "c").write_text("words of its own")
    clone.git("add", "c")
    damaged = clone.loose(clone.git("rev-parse", ":c"))
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:9])
    told = {each.what: each.reason for each in staged(clone.path).repositories[0].gaps}
    assert set(told) == {"a", "c"}
    assert "`git fetch --refetch --no-filter` brings the rest" in told["a"]
    assert "missing or damaged" in told["c"]
    clone.git("fetch", "-q", "--refetch", "--no-filter")
    assert {each.key_id for each in staged(clone.path).credentials} == {key_id(n=1)}


def test_what_is_lost_of_a_whole_clone_was_not_left_out_of_it(repo):
    """No command of git's brings it."""
    repo.put("a", "words", day=1)
    (repo.path / "b").write_text("words of its own")
    repo.git("add", "b")
    repo.loose(repo.git("rev-parse", ":b")).unlink()
    (gap,) = staged(repo.path).repositories[0].gaps
    assert (gap.what, gap.reason) == ("b", "its staged content is missing or damaged")
