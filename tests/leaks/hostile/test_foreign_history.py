"""In: repositories that borrow a history. Out: the proof that only what was handed in is read."""

import pytest

from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import Repository, credentials_file, key_id, repository
from tests.leaks.scan_results import commits, key_ids, skip_reasons


def lend(repo: Repository, other: Repository, line: str | None = None) -> str:
    """Makes `repo` depend on the objects of `other`, with a ref to its commit."""
    commit = other.git("rev-parse", "HEAD")
    (repo.path / ".git" / "refs" / "heads" / "theirs").write_text(commit + "\n")
    (repo.path / ".git" / "objects" / "info").mkdir(exist_ok=True)
    alternates = repo.path / ".git" / "objects" / "info" / "alternates"
    alternates.write_text((line or str(other.path / ".git" / "objects")) + "\n")
    return commit


def scan_files(path):
    """What is found in files alone."""
    return scan([path], ScanOptions(history=False))


def test_objects_outside_are_not_borrowed(repo, outside):
    """Alternates that leave the path would show another's history: refused, and told."""
    repo.put("a", credentials_file())
    lend(repo, outside)
    result = scan([repo.path])
    assert key_ids(result) == {key_id()}
    assert "borrows" in skip_reasons(result)["history"]


@pytest.mark.parametrize("relative", [True, False])
def test_objects_inside_are_borrowed(repo, relative):
    """Alternates within the path are part of what was handed over."""
    other = repository(repo.path / "vendor")
    other.put("b", credentials_file(1), day=1)
    other.put("b", "", day=2)
    lend(repo, other, "../../vendor/.git/objects" if relative else None)
    assert key_ids(scan([repo.path])) == {key_id(n=1)}


def test_a_chain_of_alternates_is_followed_to_its_end(repo, outside):
    """A lender inside that borrows outside is no better."""
    inner = repository(repo.path / "vendor")
    inner.commit()
    lend(repo, inner)
    lend(inner, outside)
    result = scan([repo.path])
    assert key_ids(result) == set()
    assert "borrows" in skip_reasons(result)["history"]


@pytest.mark.parametrize(
    ("link", "line"),
    [("x/y", "link/../../private/.git/objects"), ("../private/x", "link/../.git/objects")],
)
def test_alternates_that_two_gits_would_read_differently_are_refused(repo, link, line, outside):
    """Some versions take `..` out of the text, others follow the link before it."""
    (repo.path / link).mkdir(parents=True)
    (repo.path / "link").symlink_to(repo.path / link)
    (repo.path / "private" / ".git" / "objects").mkdir(parents=True)
    repo.put("a", credentials_file(1))
    lend(repo, outside, str(repo.path / line))
    result = scan([repo.path])
    assert key_ids(result) == {key_id(n=1)}
    assert "borrows" in skip_reasons(result)["history"]


@pytest.mark.parametrize("line", ["circle", "a\0b", "none", ".", " "])
def test_alternates_that_lead_nowhere_are_refused(repo, line):
    """A circle, a NUL and an empty name are no folders of objects; the files are read."""
    repo.put("a", credentials_file())
    (repo.path / "circle").symlink_to("circle")
    lend(repo, repo, str(repo.path / "circle") if line == "circle" else line)
    assert key_ids(scan([repo.path])) == {key_id()}


def test_quoted_alternates_are_refused(repo, outside):
    """A name in quotes means one folder to git and may mean another one here."""
    target = str(outside.path / ".git" / "objects")
    (repo.path / ".git" / "objects" / f'"{target}"').mkdir(parents=True)
    lend(repo, outside, f'"{target}"')
    assert key_ids(scan([repo.path])) == set()


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
    assert ("history" in skip_reasons(result)) is (where != "inside")
    assert key_id(n=2) in key_ids(result)


def test_a_linked_work_tree_is_told(repo, tmp_path):
    """Its history lies in another repository."""
    repo.put("a", credentials_file())
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    result = scan([tmp_path / "linked"])
    assert commits(result) == set()
    assert "history" in skip_reasons(result)


def test_a_linked_work_tree_says_what_to_hand_in(repo, tmp_path):
    """The main repository, as its .git file names it; once that is handed in too, nothing lacks."""
    commit = repo.put("a", credentials_file())
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    reason = skip_reasons(scan([tmp_path / "linked"]))["history"]
    assert f"if {repo.path} is scanned as well" in reason
    result = scan([tmp_path / "linked", repo.path])
    assert commit in commits(result)
    assert not any(each.gaps for each in result.repositories)


def test_a_submodule_by_itself_says_what_to_hand_in(repo, tmp_path):
    """Its history is in the repository that it is a part of."""
    repo.put("a", credentials_file())
    whole = repository(tmp_path / "whole")
    allow = ("-c", "protocol.file.allow=always")
    whole.git(*allow, "submodule", "--quiet", "add", str(repo.path), "lib")
    reason = skip_reasons(scan([whole.path / "lib"]))["history"]
    assert "if .., seen from there, is scanned as well" in reason
    assert skip_reasons(scan([whole.path / "lib", whole.path])) == {}


@pytest.mark.parametrize(
    ("named", "owner"),
    [
        ("/srv/shop/.git/worktrees/side", "/srv/shop"),
        ("/srv/shop.git/worktrees/side", "/srv/shop.git"),
        ("/srv/shop/.git/modules/lib/modules/deep", "/srv/shop"),
        ("/srv/histories/shop", "/srv/histories/shop"),
        ("/srv/shop/.git/", "/srv/shop"),
    ],
)
def test_what_to_hand_in_is_the_repository_and_not_a_part_of_it(tmp_path, named, owner):
    """A folder of a git directory is of no use to whoever wants to scan it."""
    (tmp_path / ".git").write_text(f"gitdir: {named}\n")
    reason = skip_reasons(scan([tmp_path]))["history"]
    assert reason.endswith(f"if {owner} is scanned as well")


@pytest.mark.parametrize("what", [".git", ".git/objects"])
def test_a_history_behind_a_symbolic_link_says_what_to_hand_in(repo, tmp_path, what):
    """Android's repo links .git or what is in it, git-new-workdir the latter."""
    commit = repo.put("a", credentials_file())
    tree = tmp_path / "tree"
    (tree / what).parent.mkdir(parents=True)
    (tree / what).symlink_to(repo.path / what)
    reason = skip_reasons(scan([tree]))["history"]
    assert f"if {repo.path} is scanned as well" in reason
    result = scan([tree, repo.path])
    assert commit in commits(result)
    assert not any(each.gaps for each in result.repositories)


def test_a_whole_checkout_of_android_lacks_nothing(repo, tmp_path):
    """Below .repo are a folder of links for each project, and another one with its objects."""
    repo.put("a", credentials_file())
    home = tmp_path / "android"
    (home / "shop").mkdir(parents=True)
    projects, stores = home / ".repo" / "projects", home / ".repo" / "project-objects"
    stores.mkdir(parents=True)
    (repo.path / ".git").rename(stores / "shop.git")
    (projects / "shop.git").mkdir(parents=True)
    (projects / "shop.git" / "objects").symlink_to("../../project-objects/shop.git/objects")
    (home / "shop" / ".git").symlink_to("../.repo/projects/shop.git")
    result = scan([home])
    assert key_ids(result) == {key_id()}
    assert not any(each.gaps for each in result.repositories)
    (gap,) = scan([home / "shop"]).repositories[0].gaps
    assert "if ../.repo/projects/shop.git, seen from there, is scanned as well" in gap.reason


def test_objects_that_are_not_borrowed_say_what_to_hand_in(repo, outside, tmp_path):
    """A folder that has the lender too: then they are read."""
    repo.put("a", credentials_file())
    lend(repo, outside)
    reason = skip_reasons(scan([repo.path]))["history"]
    assert reason.endswith(f"they are in {outside.path}: scan a folder that has both")
    assert not any(each.gaps for each in scan([tmp_path]).repositories)


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
    told = {what for what in skip_reasons(scan([home])) if what.startswith("history")}
    assert told == {"history of src/linked", "history of src/link"}
    assert not any(what.startswith("history") for what in skip_reasons(scan_files(home)))


def test_a_linked_work_tree_that_was_moved_with_its_repository_is_not_missed(repo, tmp_path):
    """Its pointer names the place where both were; its history is read with the repository."""
    repo.put("a", credentials_file(1))
    repo.git("worktree", "add", "-q", "--detach", str(repo.path / "trees" / "one"))
    moved = tmp_path / "moved"
    repo.path.rename(moved)
    assert "history of trees/one" not in skip_reasons(scan([moved]))
    (moved / "trees" / "one").rename(moved / "trees" / "two")
    assert "history of trees/two" in skip_reasons(scan([moved]))
