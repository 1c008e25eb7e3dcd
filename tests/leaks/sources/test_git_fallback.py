"""In: objects that our reader can not rebuild. Out: the proof that git does, as far as it can."""

import os

from analyzer.leaks.scan import scan
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
