"""In: small repositories that unpack to much. Out: the proof that a scan of them ends."""

import io
import random
import zipfile

import pytest
from dulwich.pack import apply_delta

from analyzer.git import object_store, pack_reader
from analyzer.git.allowance import OVER_BUDGET
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.git.git_material import (
    OFS_DELTA,
    REF_DELTA,
    Packed,
    appending,
    blob,
    made_up,
    name_of,
    number,
    objects_of,
)
from tests.leaks.leak_material import Repository, credentials_file, key_id
from tests.leaks.scan_results import key_ids, skip_reasons

MB = 1 << 20
BASE = b"A" * MB


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


def repeating(times: int, seed: int) -> Packed:
    """A delta of 20 bytes that makes so many copies of `BASE`, and a name of its own."""
    copies = b"\xc0\x10" * times  # 1 MB from the beginning
    delta = number(MB) + number(times * MB + 4) + copies + b"\4%04d" % seed
    return Packed(name_of("blob", b"%d of %d" % (seed, times)), OFS_DELTA, delta, back=0)


def delta_bomb(repo: Repository, times: int, count: int, beside: int = 0) -> None:
    """A pack of one blob, of so many deltas on it, and behind them of a key and some noise."""
    base = blob(BASE)
    distances = made_up(objects_of(repo), [base])
    entries = [base, *(repeating(times, seed) for seed in range(count))]
    entries.append(blob(credentials_file(2).encode()))
    entries.append(blob(random.Random(0).randbytes(beside)))  # noqa: S311 - no secret
    for _ in range(3):  # A distance takes more bytes the longer it is.
        distances = made_up(objects_of(repo), entries)
        entries = [
            each if each.back is None else Packed(each.oid, each.kind, each.body, back=at - 12)
            for each, at in zip(entries, distances, strict=True)
        ]


@pytest.fixture
def small_budget(monkeypatch):
    """Every store may unpack to 20 MB beyond what is free."""
    monkeypatch.setattr(object_store, "LEAST", 20 * MB)
    monkeypatch.setattr(object_store, "RATIO", 0)


@pytest.mark.parametrize("range_cost", [2_000_000, 5_000])
@pytest.mark.usefixtures("small_budget")
def test_a_delta_bomb_is_read_up_to_its_budget(repo, monkeypatch, range_cost):
    """All processes share it; what is beyond is a gap, what is small is read all the same."""
    monkeypatch.setattr(object_store, "_RANGE_COST", range_cost)
    delta_bomb(repo, times=4, count=40)
    result = scan([repo.path], ScanOptions(jobs=1))
    (coverage,) = result.repositories
    assert key_ids(result) == {key_id(n=2)}
    assert 12 * MB < coverage.size < 22 * MB
    (gap,) = coverage.gaps
    assert gap.reason == OVER_BUDGET
    assert gap.what.startswith("36 objects, ")
    assert gap.what.endswith(", in objects/pack/pack-made.pack")
    assert scan([repo.path], ScanOptions(jobs=3)) == result


@pytest.mark.parametrize("is_damaged", [False, True])
@pytest.mark.usefixtures("small_budget")
def test_deltas_beyond_the_budget_are_not_undone(repo, monkeypatch, is_damaged):
    """Not even to see how large they are, however often the store is gone over.

    One that is damaged at its end is tried twice, and costs as much.
    """
    undone = 0

    def counting(base, delta):
        nonlocal undone
        undone += 1
        return apply_delta(base, delta + b"\0" * is_damaged)

    monkeypatch.setattr(pack_reader, "apply_delta", counting)
    delta_bomb(repo, times=1, count=60)
    (coverage,) = scan([repo.path], ScanOptions(jobs=1)).repositories
    assert OVER_BUDGET in {each.reason for each in coverage.gaps}
    assert 18 < undone < (50 if is_damaged else 25)


@pytest.mark.usefixtures("small_budget")
def test_what_builds_on_a_delta_beyond_the_budget_is_beyond_it_too(repo):
    """It is one line with that one, and nothing in it is said to be damaged."""
    base = blob(BASE)
    entries, length = [base], MB
    for seed in range(60):
        delta = number(length) + number(MB + 4) + b"\xc0\x10\4%04d" % seed
        length = MB + 4
        oid = name_of("blob", BASE + b"%04d" % seed)
        entries.append(Packed(oid, REF_DELTA, delta, base=entries[-1].oid))
    made_up(objects_of(repo), entries)
    (gap,) = scan([repo.path], ScanOptions(jobs=1)).repositories[0].gaps
    assert gap.reason == OVER_BUDGET
    assert " objects, " in gap.what


@pytest.mark.usefixtures("small_budget")
def test_what_one_range_has_left_over_another_may_use(repo, monkeypatch):
    """A large file of many versions is no bomb, though most of the budget is not for its range."""
    monkeypatch.setattr(object_store, "_RANGE_COST", 5_000)
    delta_bomb(repo, times=4, count=4, beside=100_000)
    (coverage,) = scan([repo.path]).repositories
    assert coverage.size > 17 * MB
    assert coverage.gaps == ()


@pytest.mark.parametrize("sizes", [[40], [20, 20, 20]])
def test_a_loose_object_counts_by_what_its_file_takes_up(repo, monkeypatch, sizes):
    """As a packed one does: of a large file a store may unpack to much."""
    monkeypatch.setattr(object_store, "LEAST", 0)
    monkeypatch.setattr(object_store, "RATIO", 300)
    for number_, size in enumerate(sizes):
        repo.write(f"zeros {number_}", bytes(size * MB) + b"%d" % number_)
    repo.commit()
    for path in repo.path.glob("zeros*"):
        path.unlink()
    (coverage,) = scan([repo.path]).repositories
    assert coverage.size > sum(sizes) * MB
    assert coverage.gaps == ()


@pytest.mark.usefixtures("small_budget")
def test_many_small_archives_share_the_budget_of_their_store(repo):
    """Each may unpack to a fixed amount whatever its size; all of them together may not."""
    for number_ in range(40):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"zeros {number_}", bytes(MB))
        repo.write(f"{number_}.zip", packed.getvalue())
    repo.commit()
    for path in repo.path.glob("*.zip"):
        path.unlink()
    (coverage,) = scan([repo.path]).repositories
    assert 20 <= coverage.containers < 25
    assert OVER_BUDGET in {each.reason for each in coverage.gaps}


@pytest.mark.usefixtures("small_budget")
def test_what_is_full_of_keys_costs_more_than_its_size(repo):
    """A find takes as long as thousands of bytes without one: a megabyte may be too much."""
    base = "".join(credentials_file(number) for number in range(200)).encode()
    whole = blob(base)
    deltas = (
        Packed(name_of("blob", more), REF_DELTA, appending(base, more), base=whole.oid)
        for more in (b"%04d" % seed for seed in range(40))
    )
    made_up(objects_of(repo), [whole, *deltas])
    (coverage,) = scan([repo.path]).repositories
    assert coverage.objects < 40
    assert [each.reason for each in coverage.gaps] == [OVER_BUDGET]


@pytest.mark.usefixtures("small_budget")
def test_what_only_git_can_rebuild_is_read_up_to_the_budget(repo, monkeypatch):
    """The first few are; of the others git tells the size, and does not unpack them."""
    monkeypatch.setattr(pack_reader, "LARGEST_BODY", 2 * MB)
    delta_bomb(repo, times=4, count=10)
    (coverage,) = scan([repo.path]).repositories
    assert 12 * MB < coverage.size < 22 * MB
    assert {(each.reason, each.size) for each in coverage.gaps} == {(OVER_BUDGET, 4 * MB + 4)}
    assert len(coverage.gaps) == 6
