"""In: objects that our reader can not rebuild. Out: the proof that git does, as far as it can."""

import os

from analyzer.files import Skipped
from analyzer.git.allowance import Allowance
from analyzer.git.objects import UnreadableObject
from analyzer.leaks.scan import scan
from analyzer.leaks.sources.git_fallback import retry_with_git
from analyzer.leaks.sources.repository import open_repository
from analyzer.leaks.sources.work import SearchTerms
from tests.leaks.leak_material import (
    credentials_file,
)
from tests.leaks.scan_results import only_place, skip_reasons


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
    assert (only_place(result).path, only_place(result).commit) == ("a", commit)
    assert skip_reasons(result) == {}


def test_what_git_can_not_read_either_is_skipped_for_our_reason_and_the_rest_read(repo, tmp_path):
    """Git goes on behind each object at which it gives up."""
    noise = os.urandom(20_000).hex()
    oids = [
        repo.git("hash-object", "-w", "--stdin", feed=f"{credentials_file(n)}{noise}".encode())
        for n in range(5)
    ]
    opened, _ = open_repository(0, "repo", repo.path / ".git", repo.path, lambda: tmp_path)
    for oid in (oids[1], oids[3]):
        file = repo.loose(oid)
        file.chmod(0o644)
        file.write_bytes(file.read_bytes()[:5000])
    unreadable = [UnreadableObject(oid, "", f"why {n}") for n, oid in enumerate(oids)]
    result = retry_with_git(opened, SearchTerms(), unreadable, 60, Allowance(1 << 30))
    assert [oid for oid, _, _ in result.hits] == [oids[0], oids[2], oids[4]]
    assert {(each.what, each.reason) for each in result.skipped} == {
        (f"object {oids[1]}", "why 1"),
        (f"object {oids[3]}", "why 3"),
    }


def test_without_git_each_object_keeps_its_own_reason(repo, tmp_path, monkeypatch):
    """No reason of ours is lost, and none is made up."""
    opened, _ = open_repository(0, "repo", repo.path / ".git", repo.path, lambda: tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    unreadable = [UnreadableObject("0" * 40, "", "too large", 7)]
    result = retry_with_git(opened, SearchTerms(), unreadable, 60, Allowance(1 << 30))
    assert result.skipped == [Skipped(f"object {'0' * 40}", "too large", 7)]
    assert result.hits == []
