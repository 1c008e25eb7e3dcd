"""In: small repositories that unpack to much. Out: the proof that a scan of them ends."""

from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import Repository, credentials_file, key_id
from tests.leaks.scan_results import skip_reasons


def bomb(repo: Repository) -> None:
    """A commit with a hundred million paths to one blob."""
    blob = repo.git("hash-object", "-w", "--stdin", feed=credentials_file(2).encode())
    mode, kind, oid = "100644", "blob", blob
    for _ in range(8):
        lines = "".join(f"{mode} {kind} {oid}\t{name}\n" for name in range(10))
        oid = repo.git("mktree", feed=lines.encode())
        mode, kind = "040000", "tree"
    commit = repo.git("commit-tree", "-p", "HEAD", "-m", "bomb", oid, day=2)
    repo.git("update-ref", "refs/heads/main", commit)


def test_a_tree_bomb_ends_in_time(repo):
    """The key in it is found at one of its paths, and what is not known of it is told."""
    commit = repo.put("a", credentials_file(1), day=1)
    bomb(repo)
    result = scan([repo.path], ScanOptions(git_seconds=1))
    found = {c.key_id: c.occurrences[0] for c in result.credentials}
    assert found[key_id(n=1)].commit == commit
    in_bomb = found[key_id(n=2)]
    assert (in_bomb.path, in_bomb.commit, in_bomb.in_head) == ("0/0/0/0/0/0/0/0", None, True)
    assert "longer than 1 second" in skip_reasons(result)["who brought in what was found"]


def test_a_zlib_bomb_is_read_in_pieces(repo):
    """A blob a thousand times as large as its file is read to its end, without being held."""
    size = 200 * 1024 * 1024
    with (repo.path / "zeros").open("wb") as file:
        file.truncate(size)
    repo.commit()
    (repo.path / "zeros").unlink()
    (coverage,) = scan([repo.path]).repositories
    assert coverage.size > size
    assert coverage.skipped == ()
