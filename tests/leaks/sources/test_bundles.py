"""In: git bundles of a repository. Out: the proof that they are read as one."""

import pytest

from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    Repository,
    credentials_file,
)
from tests.leaks.scan_results import only, only_place, skip_reasons


def test_a_bundle_is_read(repo, tmp_path):
    """A bundle is a repository in one file, with all of its history."""
    commit = repo.put("a", credentials_file(), day=1)
    repo.put("a", "gone", day=2)
    repo.git("bundle", "create", "-q", str(tmp_path / "all.bundle"), "--all")
    found = only_place(scan([tmp_path / "all.bundle"]))
    assert (found.repository, found.path, found.commit) == ("all.bundle", "a", commit)


def test_a_bundle_that_builds_on_another_one_is_read_as_far_as_it_goes(repo, tmp_path):
    """What it builds on is told as missing, and its own commits are read."""
    repo.put("a", "\n".join(map(str, range(2000))), day=1)
    commit = repo.put("b", credentials_file(), day=2)
    repo.git("bundle", "create", "-q", str(tmp_path / "new.bundle"), "HEAD~..main")
    result = scan([tmp_path / "new.bundle"])
    assert any(o.commit == commit or o.object for o in only(result).occurrences)
    assert "builds on" in skip_reasons(result)["history"]


@pytest.mark.parametrize(("what", "in_head"), [("--all", True), ("main", False)])
def test_a_bundle_knows_its_head_if_it_has_one(repo, tmp_path, what, in_head):
    """What was checked out when a bundle was made is its HEAD."""
    repo.put("a", credentials_file())
    repo.git("bundle", "create", "-q", str(tmp_path / "made.bundle"), what)
    assert only_place(scan([tmp_path / "made.bundle"])).in_head is in_head


def test_a_bundle_made_beside_a_linked_work_tree_is_read(repo, tmp_path):
    """Git lists the HEAD of each work tree in it, under no name of a ref."""
    repo.put("a", "nothing", day=1)
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "side"))
    commit = Repository(tmp_path / "side").put("b", credentials_file(), day=2)
    repo.git("bundle", "create", "-q", str(tmp_path / "all.bundle"), "--all")
    result = scan([tmp_path / "all.bundle"])
    assert (only_place(result).commit, only_place(result).reachable) == (commit, True)
    assert skip_reasons(result) == {}
