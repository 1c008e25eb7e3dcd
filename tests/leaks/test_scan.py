"""In: real repositories. Out: the proof that all their keys are found, where and from when."""

import os
import shutil
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyzer.errors import EvidenceError
from analyzer.leaks.model import (
    ClaimedFacts,
    Credential,
    CredentialKind,
    LeakScan,
    Occurrence,
    PlaceKind,
)
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    Repository,
    credentials_file,
    digest,
    key_id,
    repository,
    secret,
)


def only(result: LeakScan) -> Credential:
    """The one credential of a scan."""
    assert len(result.credentials) == 1, result
    return result.credentials[0]


def place(result: LeakScan) -> Occurrence:
    """The one place of the one credential of a scan."""
    assert len(only(result).occurrences) == 1, result
    return only(result).occurrences[0]


def remarks(result: LeakScan) -> dict[str, str]:
    """What was skipped, with the reasons."""
    return {skipped.what: skipped.reason for r in result.repositories for skipped in r.skipped}


def noon(day: int) -> datetime:
    """When the commits of a day of March 2024 were made."""
    return datetime(2024, 3, day, 12, tzinfo=UTC)


def test_a_committed_pair_is_one_credential_in_one_place(repo):
    """A file that HEAD and the work tree both hold counts once, with all that is known of it."""
    commit = repo.put("conf/aws.ini", "\n" + credentials_file(), day=4)
    result = scan([repo.path])
    assert only(result) == Credential(
        id=only(result).id,
        kind=CredentialKind.LONG_TERM_KEY,
        key_id=key_id(),
        account="111122223333",
        secret_digest=digest(),
        pairing="1 line below the key ID, in the same block, named aws_secret_access_key",
        claims=ClaimedFacts(account="111122223333"),
        occurrences=(
            Occurrence(
                repository=repo.path.name,
                path="conf/aws.ini",
                line=3,
                where=PlaceKind.HISTORY,
                object=repo.git("rev-parse", "HEAD:conf/aws.ini"),
                commit=commit,
                author="Ada Author <ada@example.com>",
                date=noon(4),
                in_head=True,
            ),
        ),
    )
    assert remarks(result) == {}


def test_a_deleted_key_is_found_with_the_commit_that_brought_it_in(repo):
    """Later versions of a file and its end don't hide who wrote the key, and when."""
    repo.put("a.txt", "nothing", day=1)
    commit = repo.put("a.txt", credentials_file(), day=2)
    repo.put("a.txt", "nothing again", day=3)
    (repo.path / "a.txt").unlink()
    repo.commit(day=4)
    found = place(scan([repo.path]))
    assert (found.commit, found.date, found.in_head) == (commit, noon(2), False)


def test_a_key_that_came_back_is_dated_by_its_first_coming(repo):
    """The oldest commit that introduced a blob counts, not a later one that restored it."""
    first = repo.put("a", credentials_file(), day=1)
    repo.put("a", "", day=2)
    repo.put("a", credentials_file(), day=3)
    found = place(scan([repo.path]))
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


def test_what_is_changed_but_not_committed_is_another_place(repo):
    """A line moved in the work tree stands in the file, not in HEAD."""
    repo.put("a", credentials_file(), day=1)
    repo.write("a", "\n\n" + credentials_file())
    found = only(scan([repo.path])).occurrences
    assert [(o.line, o.where, o.object is None) for o in found] == [
        (2, PlaceKind.HISTORY, False),
        (4, PlaceKind.WORK_TREE, True),
    ]


def test_a_file_with_an_unchanged_line_is_no_second_place(repo):
    """A change elsewhere in a file does not make its key a second one."""
    repo.put("a", credentials_file(), day=1)
    repo.write("a", credentials_file() + "region = eu-west-1\n")
    assert place(scan([repo.path])).in_head


def test_an_old_version_brought_back_is_another_place(repo):
    """What HEAD no longer has and the work tree has again stands in both histories."""
    repo.put("a", credentials_file(), day=1)
    repo.put("a", "", day=2)
    repo.write("a", credentials_file())
    found = only(scan([repo.path])).occurrences
    assert [(o.where, o.in_head) for o in found] == [
        (PlaceKind.HISTORY, False),
        (PlaceKind.WORK_TREE, False),
    ]


def test_a_false_date_makes_no_commit_older_than_its_parents(repo):
    """A descendant whose clock was wrong did not bring the key in."""
    first = repo.put("a", credentials_file(), day=5)
    repo.put("a", "", day=6)
    repo.put("a", credentials_file(), day=1)
    assert place(scan([repo.path])).commit == first


def test_a_submodule_is_not_missed(repo):
    """The commit of a submodule is not an object of this repository."""
    repo.put("a", "")
    repo.git("update-index", "--add", "--cacheinfo", "160000", "1" * 40, "sub")
    repo.git("commit", "-q", "-m", "a submodule")
    assert remarks(scan([repo.path])) == {}


def test_ignored_files_are_read(repo):
    """What git does not see is where keys are kept."""
    repo.put(".gitignore", ".env\n")
    repo.write(".env", f"export AWS_SECRET_ACCESS_KEY={secret()}\n")
    found = only(scan([repo.path]))
    assert (found.kind, found.key_id, found.account) == (CredentialKind.SECRET, None, None)
    assert found.secret_digest == digest()
    assert found.occurrences[0].path == ".env"


def test_a_temporary_key_is_told_from_a_lasting_one(repo):
    """The prefix decides."""
    repo.put("a", credentials_file(prefix="ASIA"))
    assert only(scan([repo.path])).kind is CredentialKind.TEMPORARY_KEY


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
    assert place(scan([repo.path])).commit == merge


def test_a_merged_key_belongs_to_the_branch_and_not_to_the_merge(repo):
    """Merging is not introducing."""
    repo.put("a", "1")
    repo.git("checkout", "-q", "-b", "side")
    commit = repo.put("b", credentials_file(), day=2)
    repo.git("checkout", "-q", "main")
    repo.put("c", "3", day=3)
    repo.git("merge", "-q", "side", day=4)
    assert place(scan([repo.path])).commit == commit


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
    assert place(scan([repo.path])).commit == commit


def test_a_detached_head_is_history(repo):
    """A commit that only HEAD names is read."""
    repo.put("a", "1")
    repo.git("checkout", "-q", "--detach")
    commit = repo.put("a", credentials_file(), day=2)
    found = place(scan([repo.path]))
    assert (found.commit, found.in_head) == (commit, True)


def test_what_no_ref_leads_to_is_found_and_called_unreachable(repo):
    """An amended commit stays in the store until git clears up, and everybody can read it there."""
    commit = repo.put("a", credentials_file())
    repo.git("rm", "-q", "a")
    repo.git("commit", "-q", "--amend", "--allow-empty", "-m", "gone")
    found = place(scan([repo.path]))
    assert (found.path, found.commit, found.reachable) == ("a", commit, False)


def test_what_was_staged_and_never_committed_is_found(repo):
    """A blob that no tree names has no path and no commit; it is there all the same."""
    repo.commit()
    repo.write("a", credentials_file())
    repo.git("add", "a")
    (repo.path / "a").unlink()
    repo.git("rm", "-q", "--cached", "a")
    found = place(scan([repo.path]))
    assert (found.path, found.commit, found.reachable) == ("", None, False)


def test_what_is_staged_has_the_path_of_the_index(repo):
    """A blob that the index alone names is said to be staged, and where it will stand."""
    repo.commit()
    repo.write("b/a", credentials_file())
    repo.git("add", "b/a")
    (repo.path / "b" / "a").unlink()
    found = place(scan([repo.path]))
    assert (found.path, found.line, found.where) == ("b/a", 2, PlaceKind.INDEX)
    assert (found.commit, found.reachable) == (None, False)


def test_what_a_linked_work_tree_staged_has_its_path(repo, tmp_path):
    """The index of a linked work tree counts as the repository's own."""
    repo.commit()
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "side"))
    side = Repository(tmp_path / "side")
    side.write("a", credentials_file())
    side.git("add", "a")
    found = place(scan([repo.path]))
    assert (found.path, found.where) == ("a", PlaceKind.INDEX)


def test_a_name_in_a_tree_is_read(repo):
    """A key in a file's name is a place of its own, with the commit that brought the name in."""
    commit = repo.put(f"deep/{key_id()}.txt", "nothing", day=2)
    (repo.path / "deep" / f"{key_id()}.txt").unlink()
    found = [o for o in only(scan([repo.path])).occurrences if o.where is PlaceKind.TREE_ENTRY]
    assert [(o.path, o.commit, o.in_head) for o in found] == [
        (f"deep/{key_id()}.txt", commit, True),
    ]


def test_a_name_is_one_place_however_often_its_folder_changes(repo):
    """It came in with the oldest commit, and HEAD has it still, as the work tree does."""
    first = repo.put(f"deep/{key_id()}.txt", "nothing", day=2)
    repo.put("deep/other.txt", "something", day=3)
    repo.put("deep/other.txt", "something else", day=4)
    (repo.path / ".git" / "index").unlink()
    found = place(scan([repo.path]))
    assert (found.path, found.where) == (f"deep/{key_id()}.txt", PlaceKind.TREE_ENTRY)
    assert (found.commit, found.date, found.in_head) == (first, noon(2), True)


def test_a_name_is_called_unreachable_only_where_no_ref_leads(repo):
    """A name in a tree that no ref leads to is unreachable; one in an old commit is not."""
    repo.put(f"old/{key_id(n=1)}.txt", "nothing", day=2)
    repo.git("rm", "-q", "-r", "old")
    repo.commit(day=3)
    blob = repo.git("hash-object", "-w", "--stdin", feed=b"nothing")
    repo.git("mktree", feed=f"100644 blob {blob}\t{key_id(n=2)}.txt\n".encode())
    found = {c.key_id: c.occurrences for c in scan([repo.path]).credentials}
    assert [(o.in_head, o.reachable) for o in found[key_id(n=1)]] == [(False, True)]
    assert [(o.in_head, o.reachable) for o in found[key_id(n=2)]] == [(False, False)]


def test_a_link_in_head_is_one_place(repo):
    """What the link says in the work tree is what HEAD has there."""
    (repo.path / "link").symlink_to(key_id())
    commit = repo.commit(day=2)
    found = place(scan([repo.path]))
    assert (found.path, found.where, found.commit) == ("link", PlaceKind.HISTORY, commit)


def test_what_a_tagged_tree_holds_is_reachable(repo):
    """A ref may name a tree without any commit; what stands below it is not lost."""
    repo.commit()
    blob = repo.git("hash-object", "-w", "--stdin", feed=credentials_file().encode())
    inner = repo.git("mktree", feed=f"100644 blob {blob}\ta\n".encode())
    outer = repo.git("mktree", feed=f"040000 tree {inner}\tb\n".encode())
    repo.git("tag", "-a", "-m", "a tree", "snapshot", outer)
    found = place(scan([repo.path]))
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


def test_commit_messages_are_read(repo):
    """The line is the message's, and the place is the commit; git keeps the last one in a file."""
    commit = repo.commit(f"subject\n\nthe key is {key_id()}", day=6)
    first, second = only(scan([repo.path])).occurrences
    assert first == Occurrence(
        repo.path.name, "", 3, PlaceKind.COMMIT_MESSAGE, commit, commit,
        "Ada Author <ada@example.com>", noon(6),
    )  # fmt: skip
    assert (second.path, second.where) == (".git/COMMIT_EDITMSG", PlaceKind.GIT_DIRECTORY)


def test_names_in_the_header_of_a_commit_are_read(repo):
    """A key in the author's name is found, and said to stand in the header."""
    tree = repo.git("write-tree")
    person = f"{key_id()} <a@example.com> 1700000000 +0000"
    body = f"tree {tree}\nauthor {person}\ncommitter {person}\n\nx\n".encode()
    repo.git("hash-object", "-t", "commit", "-w", "--stdin", feed=body)
    found = only(scan([repo.path])).occurrences
    assert [(o.where, o.line) for o in found] == [
        (PlaceKind.COMMIT_HEADER, 2),
        (PlaceKind.COMMIT_HEADER, 3),
    ]


def test_tag_messages_are_read(repo):
    """A tag's message names the tag, the tagger and the tagged commit."""
    commit = repo.commit()
    repo.git("tag", "-a", "v1", "-m", f"key {key_id()}", day=7)
    found = place(scan([repo.path]))
    assert found == Occurrence(
        repo.path.name, "v1", 1, PlaceKind.TAG_MESSAGE, repo.git("rev-parse", "v1"), commit,
        "Carl Committer <carl@example.com>", noon(7),
    )  # fmt: skip


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
    assert place(scan([repo.path])).commit == commit


def test_a_secret_alone_elsewhere_is_a_place_of_its_key(repo):
    """Once a pair is known, the bare secret in another file is no second credential."""
    repo.put("a", credentials_file(), day=1)
    repo.put("b", f"\n\nsecret_key = {secret()}", day=2)
    assert [(o.path, o.line) for o in only(scan([repo.path])).occurrences] == [("a", 2), ("b", 3)]


def test_a_secret_that_lost_its_key_is_still_a_credential(repo):
    """An ID has one secret, the one most often beside it; the other one is not forgotten."""
    repo.put("a", f"{key_id()}\nsecret_key = {secret(1)}")
    repo.put("b", f"{key_id()}\nsecret_key = {secret(2)}")
    repo.put("c", f"{key_id()}\nsecret_key = {secret(2)}")
    found = {c.kind: c for c in scan([repo.path]).credentials}
    assert found[CredentialKind.LONG_TERM_KEY].secret_digest == digest(2)
    assert found[CredentialKind.SECRET].secret_digest == digest(1)
    assert [(o.path, o.line) for o in found[CredentialKind.SECRET].occurrences] == [("a", 2)]
    assert {o.path for o in found[CredentialKind.LONG_TERM_KEY].occurrences} == {"a", "b", "c"}


def test_examples_are_demoted_and_kept(repo):
    """A documentation key stays in the result and says what it is."""
    repo.put("a", "AKIA" + "IOSFODNN7EXAMPLE")
    assert "example" in (only(scan([repo.path])).set_aside or "")


def test_a_real_key_beside_an_example_secret_is_not_demoted(repo):
    """The doubt about a secret is not a doubt about its key."""
    repo.put("a", f"{key_id()}\nsecret_key={secret()[:33]}EXAMPLE")
    repo.put("b", f"secret_key={secret()[:33]}EXAMPLE")
    assert only(scan([repo.path])).set_aside is None


def test_a_rewritten_history_keeps_the_ids(repo, tmp_path):
    """A credential's id depends on the credential alone."""
    repo.put("a", credentials_file(), day=1)
    other = repository(tmp_path / "other")
    other.put("elsewhere", "\n" * 7 + credentials_file(), day=9)
    assert only(scan([repo.path])).id == only(scan([other.path])).id


def test_many_repositories_give_one_credential_in_any_order(repo, tmp_path):
    """The result depends neither on the order of the paths nor on naming one twice."""
    repo.put("a", credentials_file(), day=2)
    other = repository(tmp_path / "other")
    other.put("a", credentials_file(), day=1)
    result = scan([repo.path, other.path, repo.path])
    assert [o.repository for o in only(result).occurrences] == [other.path.name, repo.path.name]
    assert result == scan([other.path, repo.path])
    assert [r.path for r in result.repositories] == [other.path.name, repo.path.name]


def test_coverage_counts_what_was_read(repo):
    """One commit, one tree, one blob of four bytes; the file again, and all that git keeps."""
    repo.put("a", "four")
    objects = [repo.git("rev-parse", name) for name in ("HEAD", "HEAD^{tree}", "HEAD:a")]
    store = repo.path / ".git" / "objects"
    files = [p for p in repo.path.rglob("*") if p.is_file() and not p.is_relative_to(store)]
    size = sum(int(repo.git("cat-file", "-s", oid)) for oid in objects)
    size += sum(path.stat().st_size for path in files)
    (coverage,) = scan([repo.path]).repositories
    assert (coverage.objects, coverage.size) == (len(objects) + len(files), size)
    assert coverage.skipped == ()


@pytest.mark.parametrize("pack", [True, False])
def test_a_bare_repository_is_read(repo, tmp_path, pack):
    """History is all there is, from a pack as from single objects."""
    commit = repo.put("a", credentials_file())
    bare = tmp_path / "bare.git"
    repo.git("clone", "-q", "--bare", str(repo.path), str(bare))
    if pack:
        repository(bare.parent / "x").git("-C", str(bare), "gc", "-q")
    found = place(scan([bare]))
    assert (found.commit, found.in_head, found.path) == (commit, True, "a")


def test_a_sha256_repository_is_read(tmp_path):
    """Both object formats are git's."""
    repo = repository(tmp_path / "repo", "--object-format=sha256")
    repo.put("deep/a", credentials_file(), day=3)
    found = place(scan([repo.path]))
    assert (len(found.object or ""), found.date, found.in_head) == (64, noon(3), True)


def test_an_empty_repository_is_read(repo):
    """No commit is no error, and its files are files."""
    assert scan([repo.path]).credentials == ()
    repo.write("a", credentials_file())
    result = scan([repo.path])
    assert place(result).where is PlaceKind.WORK_TREE
    assert remarks(result) == {}


def test_a_folder_without_git_is_files(tmp_path):
    """A plain folder is walked."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").write_text(credentials_file())
    found = place(scan([tmp_path]))
    assert (found.path, found.line, found.where) == ("sub/a", 2, PlaceKind.WORK_TREE)


def test_a_single_file_is_scanned_as_a_file(tmp_path):
    """A path to a file gives that file under its name."""
    file = tmp_path / "a.txt"
    file.write_text(credentials_file())
    found = place(scan([file]))
    assert (found.repository, found.path, found.line) == (file.name, "a.txt", 2)


def test_a_link_that_the_user_names_is_followed(tmp_path):
    """Only links that are found are not trusted."""
    (tmp_path / "a.txt").write_text(credentials_file())
    (tmp_path / "link").symlink_to("a.txt")
    assert place(scan([tmp_path / "link"])).path == "link"


def test_a_missing_path_is_an_error_before_anything_is_read(tmp_path):
    """A mistyped path must not look like a clean repository."""
    with pytest.raises(EvidenceError) as raised:
        scan([tmp_path, tmp_path / "none"])
    assert raised.value.where == str(tmp_path / "none")
    assert raised.value.remedy


def test_a_relative_path_is_as_good(repo, monkeypatch):
    """The result names the path as it was given."""
    commit = repo.put("a", credentials_file())
    monkeypatch.chdir(repo.path.parent)
    found = place(scan([repo.path.relative_to(repo.path.parent)]))
    assert (found.repository, found.commit) == ("repo", commit)


def test_a_shallow_clone_says_where_it_ends(repo, tmp_path):
    """What is there is read, and the rest is announced as missing."""
    repo.put("old", credentials_file(1), day=1)
    repo.git("rm", "-q", "old")
    commit = repo.put("a", credentials_file(2), day=2)
    repo.git("clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "clone"))
    result = scan([tmp_path / "clone"])
    assert only(result).key_id == key_id(n=2)
    assert place(result).commit == commit
    (reason,) = remarks(result).values()
    assert remarks(result) == {f"history before commit {commit}": reason}
    assert "shallow" in reason


@pytest.mark.parametrize("what", ["blob:none", "tree:0"])
def test_a_partial_clone_says_what_is_missing(repo, tmp_path, what):
    """Objects that were never fetched are counted, and nobody goes to fetch them."""
    repo.put("old", credentials_file(1), day=1)
    repo.git("rm", "-q", "old")
    commit = repo.put("a", credentials_file(2), day=2)
    repo.put("b", "", day=3)
    clone = tmp_path / "clone"
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", f"--filter={what}", f"file://{repo.path}", str(clone))
    result = scan([clone])
    assert only(result).key_id == key_id(n=2)
    assert any("missing" in each.reason for each in result.repositories[0].skipped)
    assert (place(result).commit == commit) is (what == "blob:none")


def test_a_missing_commit_is_a_gap_and_not_the_end(repo):
    """Branches and commits on the near side of the damage are read."""
    repo.put("a", credentials_file(1), day=1)
    lost = repo.put("b", "", day=2)
    near = repo.put("c", credentials_file(2), day=3)
    repo.git("checkout", "-q", "-b", "far", f"{lost}~")
    far = repo.put("d", credentials_file(3), day=4)
    repo.loose(lost).unlink()
    result = scan([repo.path])
    commits = {c.key_id: c.occurrences[0].commit for c in result.credentials}
    assert commits[key_id(n=2)] == near
    assert commits[key_id(n=3)] == far
    assert key_id(n=1) in commits
    (skipped,) = result.repositories[0].skipped
    assert skipped.what == f"history before commit {near}"
    assert "missing" in skipped.reason


def test_a_missing_tip_is_named(repo):
    """A ref to nothing is told with its name; the others are read."""
    repo.put("a", credentials_file(), day=1)
    repo.git("checkout", "-q", "-b", "broken")
    lost = repo.put("b", "", day=2)
    repo.loose(lost).unlink()
    result = scan([repo.path])
    assert lost in remarks(result)["refs/heads/broken"]
    assert any(o.where is PlaceKind.HISTORY for o in only(result).occurrences)


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x78\x01\xff\xff"])
def test_a_damaged_blob_is_told_and_the_rest_read(repo, damage):
    """One broken object does not end the scan of the others."""
    for n in range(5):
        repo.put(f"f{n}", credentials_file(n), day=n + 1)
    broken = repo.git("rev-parse", "HEAD:f2")
    (repo.path / "f2").unlink()
    repo.loose(broken).chmod(0o644)
    repo.loose(broken).write_bytes(damage)
    result = scan([repo.path])
    assert {c.key_id for c in result.credentials} == {key_id(n=n) for n in (0, 1, 3, 4)}
    assert any(broken in what for what in remarks(result))


def test_a_truncated_blob_is_told_and_the_rest_read(repo):
    """An object whose beginning is good and whose end is gone is damaged, too."""
    noise = os.urandom(20_000).hex()
    for n in range(3):
        repo.put(f"f{n}", noise + "\n" + credentials_file(n), day=n + 1)
    broken = repo.git("rev-parse", "HEAD:f1")
    (repo.path / "f1").unlink()
    file = repo.loose(broken)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:5000])
    result = scan([repo.path])
    assert {c.key_id for c in result.credentials} == {key_id(n=n) for n in (0, 2)}
    assert any(broken in what for what in remarks(result))


def test_a_missing_tree_costs_its_own_content_only(repo):
    """Every blob is read, but the path of one whose folder is gone is not known any more."""
    repo.write("lost/a", credentials_file(1))
    repo.put("kept/a", credentials_file(2), day=1)
    repo.loose(repo.git("rev-parse", "HEAD:lost")).unlink()
    shutil.rmtree(repo.path / "lost")
    (repo.path / ".git" / "index").unlink()
    result = scan([repo.path])
    paths = {c.key_id: c.occurrences[0].path for c in result.credentials}
    assert paths == {key_id(n=1): "", key_id(n=2): "kept/a"}
    assert any("missing" in reason for reason in remarks(result).values())


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
    assert lost in "".join(remarks(result))
    assert "for 2 commits" in remarks(result)["who brought in what was found"]


def test_what_is_large_is_read_in_pieces(repo, monkeypatch):
    """A file and a blob above the limit are read to the end, with their lines."""
    monkeypatch.setattr("analyzer.leaks.sources.folders.LARGEST", 100_000)
    monkeypatch.setattr("analyzer.leaks.sources.content.CHUNK", 10_000)
    monkeypatch.setattr("analyzer.leaks.sources.folders.CHUNK", 10_000)
    monkeypatch.setattr("analyzer.git.objects.LARGEST_BODY", 100_000)
    monkeypatch.setattr("analyzer.git.loose_objects.LARGEST_BODY", 100_000)
    text = "\n" * 150_000 + credentials_file() + "\n" * 50_000
    commit = repo.put("large", text, day=1)
    repo.write("larger", "\n" + text)
    found = [(o.path, o.line, o.commit) for o in only(scan([repo.path])).occurrences]
    assert found == [("large", 150_002, commit), ("larger", 150_003, None)]


def test_a_repository_inside_is_read_as_one(repo):
    """A nested repository has a name and a history of its own."""
    inner = repository(repo.path / "sub" / "inner")
    first = inner.put("a", credentials_file(1), day=1)
    inner.put("a", credentials_file(2), day=2)
    result = scan([repo.path])
    found = {c.key_id: c.occurrences for c in result.credentials}
    assert [(o.repository, o.path, o.commit) for o in found[key_id(n=1)]] == [
        ("repo/sub/inner", "a", first),
    ]
    assert len(found[key_id(n=2)]) == 1
    assert [r.path for r in result.repositories] == ["repo", "repo/sub/inner"]
    assert remarks(result) == {}


def test_a_bundle_is_read(repo, tmp_path):
    """A bundle is a repository in one file, with all of its history."""
    commit = repo.put("a", credentials_file(), day=1)
    repo.put("a", "gone", day=2)
    repo.git("bundle", "create", "-q", str(tmp_path / "all.bundle"), "--all")
    found = place(scan([tmp_path / "all.bundle"]))
    assert (found.repository, found.path, found.commit) == ("all.bundle", "a", commit)


def test_a_bundle_that_builds_on_another_one_is_read_as_far_as_it_goes(repo, tmp_path):
    """What it builds on is told as missing, and its own commits are read."""
    repo.put("a", "\n".join(map(str, range(2000))), day=1)
    commit = repo.put("b", credentials_file(), day=2)
    repo.git("bundle", "create", "-q", str(tmp_path / "new.bundle"), "HEAD~..main")
    result = scan([tmp_path / "new.bundle"])
    assert any(o.commit == commit or o.object for o in only(result).occurrences)
    assert "builds on" in remarks(result)["history"]


@pytest.mark.parametrize(("what", "in_head"), [("--all", True), ("main", False)])
def test_a_bundle_knows_its_head_if_it_has_one(repo, tmp_path, what, in_head):
    """What was checked out when a bundle was made is its HEAD."""
    repo.put("a", credentials_file())
    repo.git("bundle", "create", "-q", str(tmp_path / "made.bundle"), what)
    assert place(scan([tmp_path / "made.bundle"])).in_head is in_head


def test_a_bundle_made_beside_a_linked_work_tree_is_read(repo, tmp_path):
    """Git lists the HEAD of each work tree in it, under no name of a ref."""
    repo.put("a", "nothing", day=1)
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "side"))
    commit = Repository(tmp_path / "side").put("b", credentials_file(), day=2)
    repo.git("bundle", "create", "-q", str(tmp_path / "all.bundle"), "--all")
    result = scan([tmp_path / "all.bundle"])
    assert (place(result).commit, place(result).reachable) == (commit, True)
    assert remarks(result) == {}


@pytest.mark.parametrize("form", ["gztar", "zip", "tar"])
def test_an_archive_of_a_repository_is_read_as_a_repository(repo, tmp_path, form):
    """Whoever was handed a packed folder need not unpack it."""
    commit = repo.put("a", credentials_file(), day=1)
    repo.put("a", "gone", day=2)
    archive = shutil.make_archive(str(tmp_path / "packed"), form, repo.path.parent, repo.path.name)
    result = scan([Path(archive)])
    assert place(result).commit == commit
    assert place(result).path == "a"


def test_links_in_an_archive_of_a_repository_are_read_and_not_followed(repo, tmp_path):
    """What a link says may be a key, wherever it leads."""
    repo.put("a", "nothing")
    (repo.path / "link").symlink_to(f"/srv/{key_id()}")
    archive = shutil.make_archive(str(tmp_path / "packed"), "tar", repo.path.parent, "repo")
    found = place(scan([Path(archive)]))
    assert (found.path, found.where) == ("repo/link", PlaceKind.LINK_TARGET)


def test_nothing_is_unpacked_by_way_of_a_link(repo, tmp_path):
    """An archive that names a link as a folder writes nothing where the link leads."""
    repo.put("a", credentials_file())
    outside = tmp_path / "outside"
    outside.mkdir()
    with tarfile.open(tmp_path / "packed.tar", "w") as archive:
        for name in ("way", "way/in", "way/deep/in"):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, str(outside)
            archive.addfile(link)
        archive.addfile(tarfile.TarInfo("way/file"))
        archive.add(repo.path, "repo")
    result = scan([tmp_path / "packed.tar"])
    assert only(result).key_id == key_id()
    assert list(outside.iterdir()) == []


def test_a_link_through_a_link_is_told(repo, tmp_path):
    """It could not be laid anywhere but outside."""
    repo.put("a", credentials_file())
    with tarfile.open(tmp_path / "packed.tar", "w") as archive:
        for name in ("way", "way/deep/in"):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
            archive.addfile(link)
        archive.add(repo.path, "repo")
    reasons = remarks(scan([tmp_path / "packed.tar"]))
    assert reasons["way/deep/in"] == "its name leads through a link: not read"
    assert not (tmp_path / "deep").exists()


def test_only_what_is_staged_is_read_before_a_commit(repo):
    """What HEAD has already, and what is not staged yet, is none of this commit's business."""
    repo.put("old", credentials_file(1), day=1)
    repo.write("new", "\n" + credentials_file(2))
    repo.git("add", "new")
    repo.write("new", "changed since")
    repo.write("later", credentials_file(3))
    found = place(scan([repo.path], ScanOptions(staged=True)))
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


def test_without_history_only_files_are_read(repo):
    """Who asks for files alone gets files alone."""
    repo.put("a", credentials_file(1), day=1)
    repo.put("a", credentials_file(2), day=2)
    result = scan([repo.path], ScanOptions(history=False))
    assert (only(result).key_id, place(result).where) == (key_id(n=2), PlaceKind.WORK_TREE)


def test_importing_the_scanner_brings_no_pandas():
    """The command that only looks for leaks starts fast."""
    code = "import sys, analyzer.leaks.scan; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_repositories_that_share_a_name_are_told_by_their_paths(tmp_path):
    """Two checkouts called `app` must not look like one."""
    for team in ("red", "blue"):
        (tmp_path / team / "app").mkdir(parents=True)
    paths = [tmp_path / "red" / "app", tmp_path / "blue" / "app"]
    assert {each.path for each in scan(paths).repositories} == {str(path) for path in paths}


def test_a_delta_too_large_for_our_walk_is_left_to_git(repo, monkeypatch):
    """What the walk over a pack can't rebuild is read by git, with its commit."""
    noise = os.urandom(60_000).hex()
    repo.put("a", noise, day=1)
    commit = repo.put("a", noise + "\n" + credentials_file(), day=2)
    (repo.path / "a").unlink()
    repo.git("repack", "-adfq")
    monkeypatch.setattr("analyzer.git.pack_reader.LARGEST_BODY", 100_000)
    monkeypatch.setattr("analyzer.git.pack_reader.MOST_HELD", 100_000)
    result = scan([repo.path])
    assert (place(result).path, place(result).commit) == ("a", commit)
    assert remarks(result) == {}


@pytest.mark.parametrize("damage", ["missing", "garbage"])
def test_a_pack_without_a_usable_index_is_indexed_elsewhere(repo, damage):
    """Git makes an index in a folder of ours; nothing is written into the repository."""
    commit = repo.put("a", credentials_file(), day=1)
    (repo.path / "a").unlink()
    repo.git("gc", "-q")
    (index,) = (repo.path / ".git" / "objects" / "pack").glob("*.idx")
    index.chmod(0o644)
    if damage == "missing":
        index.unlink()
    else:
        index.write_bytes(b"garbage")
    before = sorted(path.name for path in repo.path.rglob("*"))
    result = scan([repo.path])
    assert place(result).commit == commit
    assert remarks(result) == {}
    assert sorted(path.name for path in repo.path.rglob("*")) == before


def test_a_key_of_an_account_of_decoys_is_set_aside_with_the_reason(repo):
    """Whoever lays out traps names their account; other keys stay what they are."""
    repo.write("a", credentials_file(1))
    repo.write("b", key_id(account=777788889999, n=2))
    found = scan([repo.path], ScanOptions(decoys=frozenset({"777788889999"})))
    set_aside = {each.key_id: each.set_aside for each in found.credentials}
    assert set_aside[key_id(n=1)] is None
    assert "a decoy: account 777788889999" in set_aside[key_id(account=777788889999, n=2)]
