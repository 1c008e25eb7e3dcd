"""In: real repositories. Out: the proof that each place has the commit that introduced it."""

import pytest

from analyzer.leaks.attribution.introduced_by import Attribution, attribute_hits
from analyzer.leaks.model import (
    CredentialKind,
    CredentialPart,
    PlaceKind,
    Sighting,
)
from analyzer.leaks.scan import scan
from analyzer.leaks.sources.repository import open_repository
from tests.leaks.leak_material import (
    Repository,
    credentials_file,
    key_id,
)
from tests.leaks.scan_results import noon, only, only_place, skip_reasons


def test_a_deleted_key_is_found_with_the_commit_that_brought_it_in(repo):
    """Later versions of a file and its end don't hide who wrote the key, and when."""
    repo.put("a.txt", "nothing", day=1)
    commit = repo.put("a.txt", credentials_file(), day=2)
    repo.put("a.txt", "nothing again", day=3)
    (repo.path / "a.txt").unlink()
    repo.commit(day=4)
    found = only_place(scan([repo.path]))
    assert (found.commit, found.date, found.in_head) == (commit, noon(2), False)


def test_a_key_that_came_back_is_dated_by_its_first_coming(repo):
    """The oldest commit that introduced a blob counts, not a later one that restored it."""
    first = repo.put("a", credentials_file(), day=1)
    repo.put("a", "", day=2)
    repo.put("a", credentials_file(), day=3)
    found = only_place(scan([repo.path]))
    assert (found.commit, found.in_head) == (first, True)


def test_one_credential_has_all_its_places_oldest_first(repo):
    """Two paths, two versions and an untracked copy are five places of one credential."""
    repo.put("b", credentials_file(), day=1)
    repo.put("copy/b", credentials_file(), day=2)
    repo.put("b", "\n" + credentials_file(), day=3)
    repo.write("untracked", credentials_file())
    result = scan([repo.path])
    assert [(o.path, o.line, o.date, o.where, o.in_head) for o in only(result).occurrences] == [
        ("b", 2, noon(1), PlaceKind.HISTORY, False),
        ("copy/b", 2, noon(2), PlaceKind.HISTORY, True),
        ("b", 3, noon(3), PlaceKind.HISTORY, True),
        ("untracked", 2, None, PlaceKind.WORK_TREE, False),
    ]


def test_a_false_date_makes_no_commit_older_than_its_parents(repo):
    """A descendant whose clock was wrong did not bring the key in."""
    first = repo.put("a", credentials_file(), day=5)
    repo.put("a", "", day=6)
    repo.put("a", credentials_file(), day=1)
    assert only_place(scan([repo.path])).commit == first


def test_content_that_only_a_merge_has_is_found_there(repo):
    """A key typed in while a conflict was resolved belongs to the merge."""
    repo.put("a", "1")
    repo.git("checkout", "-q", "-b", "side")
    repo.put("b", "2", day=2)
    repo.git("checkout", "-q", "main")
    repo.put("c", "3", day=3)
    repo.git("merge", "-q", "--no-commit", "side", day=4)
    merge = repo.put("a", credentials_file(), day=4)
    repo.put("a", "", day=5)
    assert len(repo.git("rev-list", "--parents", "-1", merge).split()) == 3
    assert only_place(scan([repo.path])).commit == merge


def test_a_merged_key_belongs_to_the_branch_and_not_to_the_merge(repo):
    """Merging is not introducing."""
    repo.put("a", "1")
    repo.git("checkout", "-q", "-b", "side")
    commit = repo.put("b", credentials_file(), day=2)
    repo.git("checkout", "-q", "main")
    repo.put("c", "3", day=3)
    repo.git("merge", "-q", "side", day=4)
    assert only_place(scan([repo.path])).commit == commit


@pytest.mark.parametrize("ref", ["refs/heads/x", "refs/remotes/o/x", "refs/notes/x", "refs/stash"])
@pytest.mark.parametrize("packed", [True, False])
def test_every_ref_is_history(repo, ref, packed):
    """Not only branches, and not only in one of git's two ways to keep them."""
    repo.put("a", "1")
    repo.git("checkout", "-q", "--detach")
    commit = repo.put("a", credentials_file(), day=2)
    repo.git("update-ref", ref, commit)
    repo.git("checkout", "-q", "main")
    if packed:
        repo.git("pack-refs", "--all")
    assert only_place(scan([repo.path])).commit == commit


def test_a_detached_head_is_history(repo):
    """A commit that only HEAD names is read."""
    repo.put("a", "1")
    repo.git("checkout", "-q", "--detach")
    commit = repo.put("a", credentials_file(), day=2)
    found = only_place(scan([repo.path]))
    assert (found.commit, found.in_head) == (commit, True)


def test_what_no_ref_leads_to_is_found_and_called_unreachable(repo):
    """An amended commit stays in the store until git clears up, and everybody can read it there."""
    commit = repo.put("a", credentials_file())
    repo.git("rm", "-q", "a")
    repo.git("commit", "-q", "--amend", "--allow-empty", "-m", "gone")
    found = only_place(scan([repo.path]))
    assert (found.path, found.commit, found.reachable) == ("a", commit, False)


def test_what_was_staged_and_never_committed_is_found(repo):
    """A blob that no tree names has no path and no commit; it is there all the same."""
    repo.commit()
    repo.write("a", credentials_file())
    repo.git("add", "a")
    (repo.path / "a").unlink()
    repo.git("rm", "-q", "--cached", "a")
    found = only_place(scan([repo.path]))
    assert (found.path, found.commit, found.reachable) == ("", None, False)


def test_what_is_staged_has_the_path_of_the_index(repo):
    """A blob that the index alone names is said to be staged, and where it will stand."""
    repo.commit()
    repo.write("b/a", credentials_file())
    repo.git("add", "b/a")
    (repo.path / "b" / "a").unlink()
    found = only_place(scan([repo.path]))
    assert (found.path, found.line, found.where) == ("b/a", 2, PlaceKind.INDEX)
    assert (found.commit, found.reachable) == (None, False)


def test_what_a_linked_work_tree_staged_has_its_path(repo, tmp_path):
    """The index of a linked work tree counts as the repository's own."""
    repo.commit()
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "side"))
    side = Repository(tmp_path / "side")
    side.write("a", credentials_file())
    side.git("add", "a")
    found = only_place(scan([repo.path]))
    assert (found.path, found.where) == ("a", PlaceKind.INDEX)


@pytest.mark.parametrize("folder", ["deep/", ""])
def test_a_name_in_a_tree_is_read(repo, folder):
    """A key in a file's name is a place of its own, with the commit that brought the name in."""
    commit = repo.put(f"{folder}{key_id()}.txt", "nothing", day=2)
    (repo.path / folder / f"{key_id()}.txt").unlink()
    found = [o for o in only(scan([repo.path])).occurrences if o.where is PlaceKind.TREE_ENTRY]
    assert [(o.path, o.commit, o.in_head) for o in found] == [
        (f"{folder}{key_id()}.txt", commit, True),
    ]


@pytest.mark.parametrize("folder", ["deep/", ""])
def test_a_name_is_one_place_however_often_its_folder_changes(repo, folder):
    """It came in with the oldest commit, and HEAD has it still, as the work tree does."""
    first = repo.put(f"{folder}{key_id()}.txt", "nothing", day=2)
    repo.put(f"{folder}other.txt", "something", day=3)
    repo.put(f"{folder}other.txt", "something else", day=4)
    (repo.path / ".git" / "index").unlink()
    found = only_place(scan([repo.path]))
    assert (found.path, found.where) == (f"{folder}{key_id()}.txt", PlaceKind.TREE_ENTRY)
    assert (found.commit, found.date, found.in_head) == (first, noon(2), True)


def test_a_name_in_the_top_folder_is_of_the_first_commit_that_has_it(repo):
    """A later commit that changes nothing has the same top folder, and did not bring it in."""
    first = repo.put(f"{key_id()}.txt", "x", day=1)
    repo.git("rm", "-q", "--cached", f"{key_id()}.txt")
    repo.git("commit", "-q", "-m", "away", day=2)
    repo.commit(day=3)
    (repo.path / f"{key_id()}.txt").unlink()
    found = [o for o in only(scan([repo.path])).occurrences if o.where is PlaceKind.TREE_ENTRY]
    assert [each.commit for each in found] == [first]


@pytest.mark.parametrize("folder", ["old/", ""])
def test_a_name_is_called_unreachable_only_where_no_ref_leads(repo, folder):
    """A name in a tree that no ref leads to is unreachable; one in an old commit is not."""
    repo.put(f"{folder}{key_id(n=1)}.txt", "nothing", day=2)
    repo.git("rm", "-q", f"{folder}{key_id(n=1)}.txt")
    repo.commit(day=3)
    blob = repo.git("hash-object", "-w", "--stdin", feed=b"nothing")
    repo.git("mktree", feed=f"100644 blob {blob}\t{key_id(n=2)}.txt\n".encode())
    found = {c.key_id: c.occurrences for c in scan([repo.path]).credentials}
    assert [(o.in_head, o.reachable) for o in found[key_id(n=1)]] == [(False, True)]
    assert [(o.in_head, o.reachable) for o in found[key_id(n=2)]] == [(False, False)]


def test_what_a_tagged_tree_holds_is_reachable(repo):
    """A ref may name a tree without any commit; what stands below it is not lost."""
    repo.commit()
    blob = repo.git("hash-object", "-w", "--stdin", feed=credentials_file().encode())
    inner = repo.git("mktree", feed=f"100644 blob {blob}\ta\n".encode())
    outer = repo.git("mktree", feed=f"040000 tree {inner}\tb\n".encode())
    repo.git("tag", "-a", "-m", "a tree", "snapshot", outer)
    found = only_place(scan([repo.path]))
    assert (found.path, found.commit, found.reachable) == ("b/a", None, True)


def test_messages_that_no_ref_leads_to_are_called_unreachable(repo):
    """So a commit that was amended away, and a tag that was deleted, are told from the others."""
    commit = repo.commit(f"one {key_id(n=1)}")
    repo.git("tag", "-a", "-m", f"two {key_id(n=2)}", "v1")
    repo.git("tag", "-a", "-m", f"three {key_id(n=3)}", "v2")
    repo.git("tag", "-d", "v2")
    repo.git("commit-tree", "HEAD^{tree}", "-p", commit, "-m", f"four {key_id(n=4)}")
    found = {c.key_id: c.occurrences for c in scan([repo.path]).credentials}
    reachable = [[o.reachable for o in found[key_id(n=n)] if o.object] for n in (1, 2, 3, 4)]
    assert reachable == [[True], [True], [False], [False]]


def test_tags_of_tags_and_of_blobs_are_followed(repo):
    """A blob without a commit is found, and so is the message of a tag of a tag."""
    repo.commit()
    blob = repo.git("hash-object", "-w", "--stdin", feed=credentials_file(1).encode())
    repo.git("tag", "blob", blob)
    repo.git("tag", "-a", "inner", "-m", "inner", blob)
    repo.git("tag", "-a", "outer", "-m", key_id(n=2), "inner")
    found = {c.key_id: c.occurrences for c in scan([repo.path]).credentials}
    assert [(o.object, o.commit, o.where) for o in found[key_id(n=1)]] == [
        (blob, None, PlaceKind.HISTORY),
    ]
    assert [(o.path, o.where) for o in found[key_id(n=2)]] == [("outer", PlaceKind.TAG_MESSAGE)]


def test_a_tag_of_a_tag_names_the_commit_at_the_end(repo):
    """Whoever reads the message wants to know the version, not the tag between."""
    commit = repo.commit()
    repo.git("tag", "-a", "inner", "-m", "inner")
    repo.git("-c", "advice.nestedTag=false", "tag", "-a", "outer", "-m", key_id(), "inner")
    assert only_place(scan([repo.path])).commit == commit


def test_past_a_missing_tree_commits_are_known_again(repo):
    """A commit that can't be compared with its parent does not hide who wrote what later."""
    repo.write("lost/a", "")
    repo.put("a", "", day=1)
    lost = repo.git("rev-parse", "HEAD:lost")
    repo.commit(day=1)
    repo.git("rm", "-q", "-r", "lost")
    repo.put("b", credentials_file(1), day=2)
    known = repo.put("c", credentials_file(2), day=3)
    repo.loose(lost).unlink()
    result = scan([repo.path])
    found = {c.key_id: c.occurrences[0] for c in result.credentials}
    assert found[key_id(n=2)].commit == known
    assert (found[key_id(n=1)].path, found[key_id(n=1)].commit) == ("b", None)
    assert found[key_id(n=1)].in_head
    assert lost in "".join(skip_reasons(result))
    assert "for 2 commits" in skip_reasons(result)["who brought in what was found"]


def test_without_hits_and_messages_nothing_is_asked_of_git(repo, tmp_path, monkeypatch):
    """A clean repository costs no process, with git or without it."""
    repo.put("a", "nothing")
    opened, _ = open_repository(0, "repo", repo.path / ".git", repo.path, lambda: tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert attribute_hits(opened, [], [], 1, 60) == Attribution()


def test_a_hit_that_nothing_names_has_an_empty_path(repo, tmp_path):
    """One in a tree has a path; one in the index is staged; both are without a commit."""
    repo.commit()
    sighting = Sighting(CredentialKind.LONG_TERM_KEY, 3, CredentialPart.ID, key_id())
    bodies = {name: f"content of {name}".encode() for name in ("alone", "tree", "index")}
    oids = {
        name: repo.git("hash-object", "-w", "--stdin", feed=body) for name, body in bodies.items()
    }
    repo.git("mktree", feed=f"100644 blob {oids['tree']}\tfile\n".encode())
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{oids['index']},staged")
    opened, _ = open_repository(0, "repo", repo.path / ".git", repo.path, lambda: tmp_path)
    hits = [(oid, "blob", (sighting,)) for oid in oids.values()]
    result = attribute_hits(opened, hits, [], 1, 60)
    places = {each.occurrence.object: each.occurrence for each in result.sightings}
    assert {name: (places[oid].path, places[oid].where) for name, oid in oids.items()} == {
        "alone": ("", PlaceKind.HISTORY),
        "tree": ("file", PlaceKind.HISTORY),
        "index": ("staged", PlaceKind.INDEX),
    }
    assert {(each.line, each.commit, each.reachable) for each in places.values()} == {
        (3, None, False)
    }
    assert result.skipped == ()
