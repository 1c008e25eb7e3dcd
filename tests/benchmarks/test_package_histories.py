"""In: archives made here. Out: what a benchmark scans: repositories and trees."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.benchmarks.package_histories import (
    PackageHistory,
    build_repository,
    build_tree,
    inner_path,
    read_histories,
    spread,
)

HISTORY = PackageHistory("@scope/thing", "npm", ("1.0.0", "1.1.0"))


def archive(path: Path, files: dict[str, bytes]) -> None:
    """A tarball of the files, all of which may be run, with a link out of it."""
    with tarfile.open(path, "w:gz") as opened:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            opened.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("package/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(link)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache that has the archives of `HISTORY`, so that no registry is asked."""
    folder = tmp_path / "archives/scope-thing"
    folder.mkdir(parents=True)
    archive(folder / "scope-thing-1.0.0.tgz", {"package/a": b"one", "package/b": b"two"})
    archive(folder / "scope-thing-1.1.0.tgz", {"package/a": b"new", "../../evil": b"bad"})
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    """What git says of a repository."""
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_each_version_is_a_commit_of_its_regular_files(cache):
    """What the next version lacks is gone; links and paths out of the archive never come in."""
    folder = build_repository(HISTORY, cache)
    assert git(folder, "log", "--format=%s").split("\n")[:-1] == ["Release 1.1.0", "Release 1.0.0"]
    assert git(folder, "ls-tree", "-r", "--name-only", "main").split() == ["a"]
    assert git(folder, "ls-tree", "-r", "--name-only", "main~1").split() == ["a", "b"]
    assert git(folder, "ls-tree", "main", "a").startswith("100755")
    assert git(folder, "show", "main:a") == "new"


def test_a_repository_is_built_again_only_for_other_versions(cache):
    """A second run keeps the pack; another list of versions makes another repository."""
    folder = build_repository(HISTORY, cache)
    (folder / "mark").touch()
    build_repository(HISTORY, cache)
    assert (folder / "mark").exists()
    build_repository(PackageHistory("@scope/thing", "npm", ("1.0.0",)), cache)
    assert not (folder / "mark").exists()
    assert git(folder, "rev-list", "--count", "main").strip() == "1"


def test_a_tree_takes_the_newest_version_first(cache):
    """So many files as asked for, those of each archive in a folder of its own."""
    folder = build_tree((HISTORY,), 2, cache)
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert found == ["scope-thing/scope-thing-1.0.0/a", "scope-thing/scope-thing-1.1.0/a"]


def test_a_tree_takes_packages_in_turn():
    """No package has two archives in before each has one."""
    first, second = [Path("a1"), Path("a2")], [Path("b1")]
    assert [str(path) for path in spread((first, second))] == ["a2", "b1", "a1"]


@pytest.mark.parametrize(
    "name", ["top", "top/../x", "/top/x", "top/.git/config", "top/a\nb", "..", ""]
)
def test_a_path_that_must_not_be_written_is_none(name):
    """Nothing leaves the folder, plays at being git's or breaks the stream for git."""
    assert inner_path(name) is None


def test_every_history_names_its_versions_once():
    """The pinned lists hold real histories: several versions each, none twice."""
    histories = read_histories()
    assert len({history.name for history in histories}) == len(histories)
    for history in histories:
        assert history.registry in {"npm", "pypi"}
        assert 20 <= len(set(history.versions)) == len(history.versions) <= 60
