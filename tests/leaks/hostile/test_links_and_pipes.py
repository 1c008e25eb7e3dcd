"""In: repositories with links and pipes. Out: the proof that none is followed or waited for."""

import os
import shutil

import pytest

from analyzer.leaks.scan import scan
from tests.leaks.leak_material import credentials_file, key_id
from tests.leaks.scan_results import commits, key_ids, skip_reasons


def test_links_out_of_the_tree_are_not_followed(repo, outside):
    """Neither to a file nor to a folder nor in a circle; each that leaves the tree is told."""
    (repo.path / "file").symlink_to(outside.path / "private")
    (repo.path / "folder").symlink_to(outside.path)
    (repo.path / "circle").symlink_to("circle")
    (repo.path / "within").symlink_to("circle")
    repo.write("a", credentials_file())
    result = scan([repo.path])
    assert key_ids(result) == {key_id()}
    assert set(skip_reasons(result)) == {"file", "folder"}


@pytest.mark.parametrize("part", [".git", "objects", "refs", "objects/pack"])
def test_a_git_directory_that_is_linked_in_is_refused(repo, part, outside):
    """A link in place of git's own folders leads to another's history; what is ours is read."""
    repo.put("a", credentials_file())
    ours, theirs = repo.path / ".git", outside.path / ".git"
    if part != ".git":
        ours, theirs = ours / part, theirs / part
    shutil.rmtree(ours)
    ours.symlink_to(theirs)
    result = scan([repo.path])
    assert key_ids(result) == {key_id()}
    assert any("link" in reason or "not a" in reason for reason in skip_reasons(result).values())


@pytest.mark.parametrize("pattern", ["pack", "pack/*.pack", "??"])
def test_a_link_within_the_objects_is_called_one(repo, tmp_path, pattern):
    """The system's words for it, "too many levels of symbolic links", would send people astray."""
    repo.put("a", credentials_file())
    if pattern != "??":
        repo.git("repack", "-adq")
    objects = repo.path / ".git" / "objects"
    for number, each in enumerate(objects.glob(pattern)):
        shutil.move(each, tmp_path / f"{number}")
        each.symlink_to(tmp_path / f"{number}")
    told = skip_reasons(scan([repo.path]))
    linked = {name: reason for name, reason in told.items() if name.startswith(".git/objects/")}
    assert {*linked.values()} == {"a symbolic link, which is not followed"}


def test_a_linked_packed_refs_is_not_read(repo, tmp_path):
    """A list of refs that is a link is told and left, so what it names is not reachable."""
    commit = repo.put("a", credentials_file())
    (tmp_path / "refs").write_text(f"{commit} refs/heads/x\n")
    repo.git("update-ref", "-d", "refs/heads/main")
    (repo.path / ".git" / "packed-refs").symlink_to(tmp_path / "refs")
    result = scan([repo.path])
    assert [o.reachable for o in result.credentials[0].occurrences if o.commit] == [False]
    assert skip_reasons(result)["packed-refs"] == "not a regular file"


def test_a_linked_folder_of_refs_is_told(repo, tmp_path):
    """Refs in a folder elsewhere are not read, and their absence is not silent."""
    repo.put("a", credentials_file())
    (repo.path / ".git" / "refs" / "evil").symlink_to(tmp_path)
    assert set(skip_reasons(scan([repo.path]))) == {"refs/evil", ".git/refs/evil"}


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
    assert key_ids(result) == {key_id()}
    assert any("not a" in reason or "neither" in reason for reason in skip_reasons(result).values())


def test_a_configuration_that_includes_a_pipe_is_never_read(repo):
    """Ordinary git would wait for ever."""
    commit = repo.put("a", credentials_file())
    os.mkfifo(repo.path / ".git" / "pipe")
    with (repo.path / ".git" / "config").open("a") as config:
        config.write("[include]\npath = pipe\n")
    assert commits(scan([repo.path])) == {commit}


def test_no_index_is_read_through_a_link(repo, tmp_path, outside):
    """What stands in another repository's index is nobody's business here."""
    oid = repo.git("hash-object", "-w", "--stdin", feed=credentials_file(3).encode())
    repo.commit()
    outside.write("private-name", credentials_file(3))
    outside.git("add", "-A")
    (tmp_path / "trees" / "one").mkdir(parents=True)
    shutil.copy(outside.path / ".git" / "index", tmp_path / "trees" / "one" / "index")
    (repo.path / ".git" / "worktrees").symlink_to(tmp_path / "trees")
    assert {o.path for c in scan([repo.path]).credentials for o in c.occurrences} == {""}
    (repo.path / ".git" / "worktrees").unlink()
    (repo.path / ".git" / "worktrees").mkdir()
    (repo.path / ".git" / "worktrees" / "one").symlink_to(tmp_path / "trees" / "one")
    found = [o for c in scan([repo.path]).credentials for o in c.occurrences]
    assert [(o.object, o.path) for o in found] == [(oid, "")]
