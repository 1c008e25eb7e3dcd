"""In: git directories with a link for their objects. Out: the proof that git's view is ours.

`repo` of Android keeps refs in one folder and objects in another one, `git-new-workdir` links all
but HEAD and the index.
"""

import shutil
from pathlib import Path

import pytest

from analyzer.leaks.model import PlaceKind
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import Repository, credentials_file, key_id, repository
from tests.leaks.scan_results import key_ids, only_place, skip_reasons


def android(top: Path, *, depth: int = 0) -> Repository:
    """The work tree of a project, as `repo sync` makes it: its key is in the history alone."""
    origin = repository(top.parent / "origin")
    origin.put("k.env", credentials_file(1), day=1)
    origin.put("k.env", "", day=2)
    store, own = top / ".repo" / "project-objects" / "x.git", top / ".repo" / "projects" / "p.git"
    for each in (store, own):
        repository(each, "--bare")
    shutil.rmtree(own / "objects")
    (own / "objects").symlink_to("../../project-objects/x.git/objects")
    git_dir = Repository(own)
    git_dir.git("config", "core.bare", "false")
    cut = [f"--depth={depth}"] if depth else []
    git_dir.git("fetch", "-q", *cut, f"file://{origin.path}", "main:refs/remotes/m/main")
    git_dir.git("update-ref", "--no-deref", "HEAD", "refs/remotes/m/main")
    (top / "p").mkdir()
    (top / "p" / ".git").symlink_to("../.repo/projects/p.git")
    Repository(top / "p").git("reset", "-q", "--hard")
    return Repository(top / "p")


def new_work_tree(top: Path) -> Repository:
    """What `git-new-workdir` makes of a repository with a key in its history."""
    origin = repository(top.parent / "origin")
    origin.put("k.env", credentials_file(1), day=1)
    origin.put("k.env", "", day=2)
    (top / "p" / ".git").mkdir(parents=True)
    for name in ("config", "refs", "objects", "info", "packed-refs"):
        (top / "p" / ".git" / name).symlink_to(origin.path / ".git" / name)
    shutil.copy(origin.path / ".git" / "HEAD", top / "p" / ".git" / "HEAD")
    Repository(top / "p").git("reset", "-q", "--hard")
    return Repository(top / "p")


@pytest.mark.parametrize("make", [android, new_work_tree])
def test_what_is_staged_and_later_commits_are_read_through_the_link(tmp_path, make):
    """As git reads them, or no commit could be made there."""
    repo = make(tmp_path / "co")
    assert key_ids(scan([repo.path], ScanOptions(since="HEAD~1"))) == set()
    repo.write("new.env", credentials_file(2))
    repo.git("add", "new.env")
    staged = scan([repo.path], ScanOptions(staged=True))
    assert (key_ids(staged), skip_reasons(staged)) == ({key_id(n=2)}, {})
    repo.commit()
    since = scan([repo.path], ScanOptions(since="HEAD~1"))
    assert (key_ids(since), skip_reasons(since)) == ({key_id(n=2)}, {})


@pytest.mark.parametrize("is_apart", [False, True])
def test_a_branch_of_whoever_shares_the_objects_leads_to_them(tmp_path, is_apart):
    """The checkout as a whole, or its parts; what is in no branch is still told as such."""
    repo = android(tmp_path / "co")
    homes = [tmp_path / "co" / ".repo" / name for name in ("projects", "project-objects")]
    paths = homes if is_apart else [tmp_path / "co"]
    place = only_place(scan(paths))
    assert (place.reachable, place.path) == (True, "k.env")
    repo.git("update-ref", "-d", "refs/remotes/m/main")
    repo.git("update-ref", "--no-deref", "HEAD", repo.git("commit-tree", "-m", "x", "HEAD^{tree}"))
    assert not only_place(scan(paths)).reachable


def test_what_a_sharer_has_checked_out_is_in_head(tmp_path):
    """The store itself has a HEAD that leads to no commit."""
    repo = android(tmp_path / "co")
    repo.put("new.env", credentials_file(2), day=3)
    (repo.path / "new.env").unlink()
    found = {each.key_id: each.occurrences for each in scan([tmp_path / "co"]).credentials}
    in_head = {key: [place.in_head for place in places] for key, places in found.items()}
    assert in_head == {key_id(n=1): [False], key_id(n=2): [True]}


def test_sharers_of_one_name_have_each_its_own_head(tmp_path):
    """Where three work trees share a store, `.git` and HEAD are called the same in each."""
    origin = repository(tmp_path / "origin")
    origin.put("k.env", "", day=1)
    for number in (1, 2, 3):
        origin.git("checkout", "-q", "--detach", "main")
        origin.put("k.env", credentials_file(number), day=2)
        git_dir = tmp_path / f"tree{number}" / ".git"
        (git_dir / "refs").mkdir(parents=True)
        (git_dir / "objects").symlink_to("../../origin/.git/objects")
        (git_dir / "HEAD").write_text(origin.git("rev-parse", "HEAD"))
    origin.git("checkout", "-q", "main")
    found = scan([tmp_path]).credentials
    places = {each.key_id: [one.reachable for one in each.occurrences] for each in found}
    assert places == {key_id(n=number): [True] for number in (1, 2, 3)}


def test_what_only_the_index_of_a_sharer_has_is_staged_there(tmp_path):
    """It is called so, with its path."""
    repo = android(tmp_path / "co")
    repo.write("new.env", credentials_file(2))
    repo.git("add", "new.env")
    (repo.path / "new.env").unlink()
    places = {each.key_id: each.occurrences for each in scan([tmp_path / "co"]).credentials}
    (place,) = places[key_id(n=2)]
    assert (place.where, place.path) == (PlaceKind.INDEX, "new.env")


def test_a_shallow_checkout_is_cut_off_and_not_damaged(tmp_path):
    """The list of where it was cut off lies beside its refs."""
    android(tmp_path / "co", depth=1)
    result = scan([tmp_path / "co"])
    assert all(not each.gaps for each in result.repositories)
    assert any("a shallow clone" in reason for reason in skip_reasons(result).values())


def test_a_link_that_is_called_objects_makes_no_repository(tmp_path):
    """A folder of a program may have one, beside a file that is called HEAD."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "HEAD").write_text("words")
    (tmp_path / "x" / "objects").symlink_to("/usr/share")
    assert [each.gaps for each in scan([tmp_path / "x"]).repositories] == [()]


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_bare_repository_without_its_objects_is_not_taken_for_read(tmp_path, is_moved):
    """Handed in by itself, or in a folder; with its store everything is there."""
    android(tmp_path / "co")
    own = tmp_path / "co" / ".repo" / "projects"
    (given, name) = (own, "history of p.git") if is_moved else (own / "p.git", "history")
    result = scan([given])
    assert key_ids(result) == set()
    assert [each.what for one in result.repositories for each in one.gaps] == [name]
    result = scan([given, tmp_path / "co" / ".repo" / "project-objects"])
    assert key_ids(result) == {key_id(n=1)}
    assert all(not each.gaps for each in result.repositories)
    files = scan([given], ScanOptions(history=False))
    assert all(not each.gaps for each in files.repositories)
