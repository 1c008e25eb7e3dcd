"""In: repositories set up to hide a key. Out: the proof that it is found, or the gap is named."""

import os
from pathlib import Path

import pytest

from analyzer.leaks.scan import scan
from tests.leaks.leak_material import credentials_file, key_id
from tests.leaks.scan_results import commits, key_ids, skip_reasons


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
    assert (key_ids(result), commits(result)) == ({key_id()}, {commit})


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


def test_a_folder_that_plays_bare_hides_no_file(repo):
    """A work tree that looks like a git directory is read whole."""
    repo.put("a", "1")
    for name in ("objects", "refs"):
        repo.write(f"{name}/a", credentials_file(len(name)))
    repo.write("HEAD", "")
    assert key_ids(scan([repo.path])) == {key_id(n=7), key_id(n=4)}


@pytest.mark.parametrize("name", ["commondir", "reftable"])
def test_a_layout_that_is_not_understood_is_told(repo, name):
    """History kept in another way is announced as not read, not taken for empty."""
    repo.put("a", credentials_file())
    (repo.path / ".git" / name).write_text("../elsewhere")
    assert "history" in skip_reasons(scan([repo.path]))


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
    assert key_ids(result) == {key_id(n=2)}
    assert skip_reasons(result) == {"a": "Permission denied"}
