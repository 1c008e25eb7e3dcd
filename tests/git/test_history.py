"""Which commit brought what in, and what can be reached, beside what git says."""

from datetime import UTC, datetime

import pytest

from analyzer.git.history import (
    build_history,
    find_introductions,
    is_malformed,
    parse_identity,
    parse_tag,
)
from analyzer.git.sandbox import open_sandbox


def bodies(repo):
    """Every commit and tag of the repository: ID, kind, body."""
    listed = repo.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()
    for line in listed:
        oid, kind, _ = line.split()
        if kind in {"commit", "tag"}:
            # Output is stripped, but a message's end tells nothing of the head.
            yield oid, kind, (repo.git("cat-file", kind, oid) + "\n").encode()


def history_of(repo, *tips: str):
    """The history with these tips."""
    return build_history(bodies(repo), tips)


def introductions(repo, *objects: str):
    """Path and commit of each object."""
    history = history_of(repo, repo.git("rev-parse", "HEAD"))
    with open_sandbox([repo.path / ".git" / "objects"], 40, 60) as git:
        return find_introductions(git, history, objects, jobs=1)


def test_a_commit_has_its_tree_parents_author_and_date(repo):
    """The date is the committer's, the author the one who wrote it."""
    first = repo.put("a", "1", day=3)
    second = repo.put("a", "2", day=4)
    commit = history_of(repo, second).commits[second]
    assert (commit.tree, commit.parents) == (repo.git("rev-parse", "HEAD^{tree}"), (first,))
    assert commit.author() == repo.git("log", "-1", "--format=%an <%ae>")
    assert commit.date() == datetime(2024, 3, 4, 12, tzinfo=UTC)


def test_what_no_tip_leads_to_is_there_and_not_reachable(repo):
    """A branch that was deleted leaves its commits behind."""
    kept = repo.put("a", "1")
    lost = repo.put("a", "2", day=2)
    history = history_of(repo, kept)
    assert set(history.commits) == {kept, lost}
    assert kept in history.reachable
    assert lost not in history.reachable
    assert history.order == (kept, lost)


def test_parents_come_before_children_whatever_their_dates_say(repo):
    """A clock that went wrong makes no child older than its parent."""
    commits = [repo.put("a", str(day), day=day) for day in (9, 5, 1)]
    assert history_of(repo, commits[-1]).order == tuple(commits)


def test_a_tag_leads_to_its_commit(repo):
    """An annotated tag is an object of its own."""
    commit = repo.put("a", "1")
    repo.git("tag", "-a", "-m", "words", "v1")
    tag = repo.git("rev-parse", "v1")
    history = history_of(repo, tag)
    assert commit in history.reachable
    assert (history.tags[tag].target, history.tags[tag].name) == (commit, "v1")
    assert history.tags[tag].is_of_commit


def test_a_commit_whose_parent_is_gone_is_incomplete(repo):
    """As at the end of a shallow clone."""
    first = repo.put("a", "1")
    second = repo.put("a", "2", day=2)
    held = [each for each in bodies(repo) if each[0] != first]
    assert build_history(held, [second]).incomplete() == {second}


def test_each_object_has_the_commit_that_put_it_at_each_path(repo):
    """The oldest one, for every path where it ever was."""
    first = repo.put("a", "same")
    second = repo.put("b/c", "same", day=2)
    repo.put("a", "other", day=3)
    oid = repo.git("hash-object", "b/c")
    found = introductions(repo, oid)
    assert found.places == {oid: {b"a": first, b"b/c": second}}
    assert found.skipped == ()


def test_an_object_that_no_commit_has_is_at_no_place(repo):
    """It was added once, and never committed."""
    repo.put("a", "1")
    oid = repo.git("hash-object", "-w", "--stdin", feed=b"loose")
    assert introductions(repo, oid).places == {}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("commit", b"parent before tree\n"),
        ("commit", b"tree " + b"g" * 40 + b"\n"),
        ("tag", b"object " + b"a" * 40 + b"\n"),
    ],
)
def test_what_git_would_not_read_is_malformed(kind, body):
    """It is named, and stops nothing else."""
    assert is_malformed(kind, body)
    assert build_history([("x", kind, body)], []).malformed == {"x"}


def test_a_body_that_is_no_tag_gives_none():
    """Not even one that begins like one."""
    assert parse_tag(b"object 1\n") is None


def test_a_date_that_no_calendar_has_is_none():
    """Seconds can be any number; the author is known all the same."""
    body = (
        b"tree "
        + b"a" * 40
        + b"\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 99999999999999 +0000\n\n"
    )
    assert parse_identity(body) == ("A <a@b>", None)
