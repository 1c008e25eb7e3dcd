"""What a git directory says by its files alone: refs, HEAD, alternates, worktrees, gitfiles."""

import pytest

from analyzer.files import UnreadableFile
from analyzer.git.elsewhere import missing_history_reason
from analyzer.git.git_dir import (
    find_object_dirs,
    list_linked_work_trees,
    read_head,
    read_refs,
    read_shallow,
    resolve_gitfile,
)


@pytest.fixture
def git_dir(repo):
    """The git directory of a repository with two commits, a branch and two tags."""
    first = repo.put("a.txt", "1")
    repo.git("branch", "old", first)
    repo.put("a.txt", "2", day=2)
    repo.git("tag", "light")
    repo.git("tag", "-a", "-m", "a release", "heavy")
    return repo.path / ".git"


def by_git(repo) -> dict[str, str]:
    """Every ref with its object, as git tells them."""
    lines = repo.git("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
    return {name: oid for oid, _, name in (line.partition(" ") for line in lines)}


@pytest.mark.parametrize("is_packed", [False, True])
def test_refs_are_those_that_git_lists(repo, git_dir, is_packed):
    """In files of their own, in packed-refs, or half and half."""
    if is_packed:
        repo.git("pack-refs", "--all")
        repo.git("branch", "new", "old")
    refs = read_refs(git_dir)
    named = {name: oid for name, oid in refs.targets.items() if name.startswith("refs/")}
    assert named == by_git(repo)
    assert (refs.head, refs.skipped) == (repo.git("rev-parse", "HEAD"), ())


def test_a_detached_head_is_its_commit(repo, git_dir):
    """It names no branch, so it is the only way to what it holds."""
    repo.git("checkout", "--quiet", "--detach", "old")
    assert read_refs(git_dir).head == read_head(git_dir, git_dir) == repo.git("rev-parse", "old")


def test_a_head_without_a_commit_is_none(repo):
    """A new repository has a branch and nothing on it."""
    assert read_head(repo.path / ".git", repo.path / ".git") is None
    assert read_refs(repo.path / ".git").head is None


def test_a_ref_that_is_a_link_is_named_and_not_followed(repo, git_dir, tmp_path):
    """It could lead to any file of the machine."""
    outside = tmp_path / "outside"
    outside.write_text("f" * 40 + "\n")
    (git_dir / "refs" / "heads" / "evil").symlink_to(outside)
    refs = read_refs(git_dir)
    assert "refs/heads/evil" not in refs.targets
    assert any("evil" in each.what for each in refs.skipped)


def test_refs_in_the_reftable_format_are_said_to_be_unread(git_dir):
    """Nobody may take their absence for their emptiness."""
    (git_dir / "reftable").mkdir()
    assert [each.what for each in read_refs(git_dir).skipped] == ["history"]


def test_an_alternate_within_the_root_is_borrowed_from_and_no_other(repo, git_dir, tmp_path):
    """Else a repository could make the program read objects from anywhere."""
    near, far = repo.path / "near", tmp_path / "far"
    for folder in (near, far):
        folder.mkdir()
    (git_dir / "objects" / "info" / "alternates").write_text(f"{near}\n{far}\n")
    folders, skipped = find_object_dirs(git_dir, repo.path)
    assert folders == (git_dir / "objects", near)
    assert len(skipped) == 1


@pytest.mark.parametrize("lines", [["outside"] * 5000, ["# nothing", ""] * 5000])
def test_the_same_line_of_alternates_counts_once(git_dir, lines):
    """However often it stands there; comments do not count."""
    (git_dir / "objects" / "info" / "alternates").write_text("\n".join(lines))
    folders, skipped = find_object_dirs(git_dir, git_dir)
    assert folders == (git_dir / "objects",)
    assert len(skipped) == ("outside" in lines)


def test_more_alternates_than_are_followed_are_told_once(git_dir):
    """A list of millions would take hours, and fill the report."""
    lines = "".join(f"outside{number}\n" for number in range(5000))
    (git_dir / "objects" / "info" / "alternates").write_text(lines)
    _, skipped = find_object_dirs(git_dir, git_dir)
    assert len(skipped) == 1001
    assert "more than 1000 folders" in skipped[0].reason


def test_the_commits_at_which_a_clone_was_cut_off_are_read(repo, git_dir, tmp_path):
    """As git itself writes them."""
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow"))
    assert read_shallow(tmp_path / "shallow" / ".git") == {repo.git("rev-parse", "HEAD")}
    assert read_shallow(git_dir) == frozenset()


def test_linked_work_trees_are_found_and_their_heads_count(repo, git_dir):
    """What only their HEAD names can be reached as well."""
    repo.git("worktree", "add", "--quiet", "--detach", "beside", "old")
    assert [each.name for each in list_linked_work_trees(git_dir)] == ["beside"]
    assert repo.git("rev-parse", "old") in set(read_refs(git_dir).targets.values())
    assert missing_history_reason(repo.path / "beside", [repo.path]) is None


def test_a_gitfile_is_followed_within_the_root_alone(repo, git_dir, tmp_path):
    """It is a file of the scanned folder, and can name anything."""
    pointer = repo.path / "sub" / ".git"
    pointer.parent.mkdir()
    pointer.write_text("gitdir: ../.git\n")
    assert resolve_gitfile(pointer, repo.path) == git_dir
    pointer.write_text(f"gitdir: {tmp_path}\n")
    with pytest.raises(UnreadableFile):
        resolve_gitfile(pointer, repo.path)
    assert missing_history_reason(pointer.parent, [repo.path])


def test_a_file_that_is_no_gitfile_is_refused(repo):
    """Whatever it holds."""
    (repo.path / "x").write_text("text\n")
    with pytest.raises(UnreadableFile, match="points nowhere"):
        resolve_gitfile(repo.path / "x", repo.path)
