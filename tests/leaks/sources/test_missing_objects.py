"""In: repositories that lack something. Out: the proof that it is named, and the rest scanned."""

import os
import shutil

import pytest

from analyzer.git.allowance import Allowance
from analyzer.leaks.model import (
    PlaceKind,
)
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import missing_objects
from tests.leaks.leak_material import (
    credentials_file,
    key_id,
)
from tests.leaks.scan_results import key_ids, only, only_place, skip_reasons


def test_a_shallow_clone_says_where_it_ends(repo, tmp_path):
    """What is there is read, and the rest is announced as missing."""
    repo.put("old", credentials_file(1), day=1)
    repo.git("rm", "-q", "old")
    commit = repo.put("a", credentials_file(2), day=2)
    repo.git("clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "clone"))
    result = scan([tmp_path / "clone"])
    assert only(result).key_id == key_id(n=2)
    place = only_place(result)
    assert (place.commit, place.author, place.date, place.in_head, place.reachable) == (
        commit, None, None, True, True,
    )  # fmt: skip
    (reason,) = skip_reasons(result).values()
    assert skip_reasons(result) == {f"history before commit {commit}": reason}
    assert "shallow" in reason
    assert "no author" in reason


def test_whatever_was_there_before_a_history_breaks_off_has_no_author(repo, tmp_path):
    """The leak is another's than the last commit's; only what came since has an author."""
    as_leaker = ("-c", "user.name=Lea Leaker")
    repo.write("old", credentials_file(1))
    repo.git("add", "-A")
    repo.git(*as_leaker, "commit", "-q", "-m", "the leak", day=1)
    repo.put("readme", "a", day=2)
    edge = repo.put("readme", "b", day=3)
    commit = repo.put("new", credentials_file(2), day=4)
    for number, options in enumerate((["--depth=2"], ["--shallow-since=2024-03-03T00:00:00Z"])):
        clone = tmp_path / str(number)
        repo.git("clone", "-q", *options, f"file://{repo.path}", str(clone))
        places = {c.key_id: c.occurrences[0] for c in scan([clone]).credentials}
        old, new = places[key_id(n=1)], places[key_id(n=2)]
        assert (old.commit, old.author, old.date) == (edge, None, None)
        assert (new.commit, new.author) == (commit, "Ada Author <ada@example.com>")


def test_a_whole_line_of_history_keeps_its_authors_beside_one_that_breaks_off(repo, tmp_path):
    """Of two branches that were joined one begins here; a merge at the edge is no author either."""
    repo.put("old", credentials_file(1), day=1)
    cut = repo.put("a", "", day=2)
    repo.git("checkout", "-q", "--orphan", "other")
    repo.git("rm", "-q", "-rf", ".")
    begun = repo.put("new", credentials_file(2), day=1)
    repo.git("merge", "-q", "--allow-unrelated-histories", "-m", "both", cut, day=3)
    both = repo.git("rev-parse", "HEAD")
    repo.put("b", "", day=4)
    repo.loose(cut).unlink()
    places = {c.key_id: c.occurrences[0] for c in scan([repo.path]).credentials}
    old, new = places[key_id(n=1)], places[key_id(n=2)]
    assert (new.commit, new.author) == (begun, "Ada Author <ada@example.com>")
    assert (old.commit, old.author) == (both, None)


def test_a_history_that_git_replace_cuts_off_has_no_author_at_its_edge(repo):
    """The replacement has all files of what it stands for, and no parents."""
    repo.put("old", credentials_file(1), day=1)
    cut = repo.put("a", "", day=2)
    repo.put("b", "", day=3)
    first = repo.git("rev-parse", "HEAD~2")
    repo.git("replace", "--graft", cut)
    for lost in (first, cut):
        repo.loose(lost).unlink()
    place = only_place(scan([repo.path]))
    assert (place.author, place.date) == (None, None)


@pytest.mark.parametrize("what", ["blob:none", "tree:0"])
def test_a_partial_clone_says_what_is_missing(repo, tmp_path, what):
    """Objects that were never fetched are a gap, counted, and nobody goes to fetch them."""
    repo.put("old", credentials_file(1), day=1)
    repo.git("rm", "-q", "old")
    commit = repo.put("a", credentials_file(2), day=2)
    repo.put("b", "", day=3)
    clone = tmp_path / "clone"
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", f"--filter={what}", f"file://{repo.path}", str(clone))
    result = scan([clone])
    assert only(result).key_id == key_id(n=2)
    (gap,) = result.repositories[0].gaps
    lines = repo.git("-C", str(clone), "rev-list", "--objects", "--all", "--missing=print")
    lost = [line[1:] for line in lines.splitlines() if line.startswith("?")]
    many = f"{len(lost)} objects, {min(lost)} among them"
    assert gap.what == (many if len(lost) > 1 else f"old, object {lost[0]}")
    assert "`git fetch --refetch --no-filter` brings the rest" in gap.reason
    repo.git("-C", str(clone), "fetch", "-q", "--refetch", "--no-filter")
    assert key_ids(scan([clone])) == {key_id(n=1), key_id(n=2)}
    assert not scan([clone]).repositories[0].gaps
    assert (only_place(result).commit == commit) is (what == "blob:none")


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
    assert lost in skip_reasons(result)["refs/heads/broken"]
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
    assert any(broken in what for what in skip_reasons(result))


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
    assert any(broken in what for what in skip_reasons(result))


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
    assert any("missing" in reason for reason in skip_reasons(result).values())


def test_refs_that_cost_too_much_to_read_are_looked_up(repo, monkeypatch):
    """Each could lead to the end of a long chain of deltas; beyond an allowance none is read."""
    repo.put("a", credentials_file(), day=1)
    repo.put("b", "", day=2)
    lost = "1" * 40
    repo.write(".git/refs/heads/lost", f"{lost}\n")
    monkeypatch.setattr(missing_objects, "Allowance", lambda _: Allowance(-1))
    told = skip_reasons(scan([repo.path]))
    assert told == {"refs/heads/lost": f"object {lost} is missing or damaged"}
