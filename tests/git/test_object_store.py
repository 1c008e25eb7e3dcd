"""Every object of every kind of store, compared with what `git cat-file` reads from it."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.git.object_store import open_store
from tests.git.git_material import (
    BY_NUMPY,
    PLAINLY,
    by_git,
    edited,
    everything,
    fill,
    laid_out,
    objects_of,
    text,
    the_pack,
    told,
    walked,
)
from tests.leaks.leak_material import ENVIRONMENT, Repository, repository

WAYS = pytest.mark.parametrize("many", [PLAINLY, BY_NUMPY], ids=["plainly", "by numpy"])


def _repacked(*options: str) -> Callable[[Repository], None]:
    def pack(repo: Repository) -> None:
        repo.git(*options[:-1], "repack", "-q", "-a", "-d", "-f", *options[-1].split())

    return pack


def _several(repo: Repository) -> None:
    for n in range(3):
        repo.put(f"more{n}", text(100 + n, 5000))
        repo.git("repack", "-q", "-d")
    repo.put("loose", "nobody packs this\n")
    assert len(list((objects_of(repo) / "pack").glob("*.pack"))) == 4


def _loose(repo: Repository) -> None:
    pack = the_pack(repo)
    content = pack.read_bytes()
    for each in (objects_of(repo) / "pack").iterdir():
        each.unlink()
    repo.git("unpack-objects", "-q", feed=content)
    assert not list((objects_of(repo) / "pack").iterdir())


def _multi(repo: Repository) -> None:
    _several(repo)
    repo.git("multi-pack-index", "write")


def _old_index(repo: Repository) -> None:
    repo.git("-c", "pack.indexVersion=1", "repack", "-q", "-a", "-d", "-f")
    assert the_pack(repo).with_suffix(".idx").read_bytes()[:4] != b"\377tOc"


def _far(repo: Repository) -> None:
    repo.git("repack", "-q", "-a", "-d")
    pack = the_pack(repo)
    index = pack.with_suffix(".idx")
    before = index.stat().st_size
    index.chmod(0o644)
    repo.git("index-pack", "--index-version=2,0x400", str(pack))
    assert index.stat().st_size > before


def _thin(repo: Repository) -> None:
    commits = repo.git("rev-list", "main").splitlines()
    packs = []
    for since, tip in ((None, commits[20]), (commits[20], commits[0])):
        wanted = f"{tip}\n" + (f"^{since}\n" if since else "")
        done = subprocess.run(
            ["git", "pack-objects", "--revs", "--thin", "--stdout", "-q"],
            input=wanted.encode(), cwd=repo.path, env=ENVIRONMENT, capture_output=True, check=True,
        )  # fmt: skip
        packs.append(done.stdout)
    for each in (objects_of(repo) / "pack").iterdir():
        each.unlink()
    for each in packs:
        repo.git("index-pack", "--stdin", "--fix-thin", feed=each)
    (repo.path / ".git" / "refs" / "tags" / "v1").unlink()


PACKINGS = {
    "as imported": lambda _: None,
    "repacked": _repacked(""),
    "deltas that name their base": _repacked("-c", "repack.useDeltaBaseOffset=false", ""),
    "no deltas": _repacked("--window=0"),
    "short chains": _repacked("--window=3 --depth=1"),
    "long chains": _repacked("--window=250 --depth=250"),
    "stored uncompressed": _repacked("-c", "core.compression=0", "-F"),
    "several packs": _several,
    "a multi-pack-index": _multi,
    "loose only": _loose,
    "an index of version 1": _old_index,
    "offsets of 8 bytes": _far,
    "thin packs, completed": _thin,
}


@WAYS
@pytest.mark.parametrize("hashes", ["sha1", "sha256"])
@pytest.mark.parametrize("packing", PACKINGS)
def test_each_object_comes_as_git_has_it(
    tmp_path: Path, packing: str, hashes: str, many: int
) -> None:
    """However a store is packed, the walk brings what git reads, each object and no other."""
    repo = repository(tmp_path / "repo", f"--object-format={hashes}")
    fill(repo)
    PACKINGS[packing](repo)
    assert walked(objects_of(repo), many) == by_git(repo)


@WAYS
def test_no_object_of_a_pack_comes_twice(repo: Repository, many: int) -> None:
    """The work ranges of a store are disjoint, and the count is that of what they bring."""
    fill(repo)
    store = laid_out(open_store(objects_of(repo)), many)
    oids = [each[0] for each in everything(store) if isinstance(each, tuple)]
    assert len(oids) == len(set(oids)) == store.count == sum(store.kinds().values())


@WAYS
def test_chains_of_the_greatest_depth_come_whole(repo: Repository, many: int) -> None:
    """A chain of 4,095 deltas, the longest that git makes, is walked without recursion."""
    fill(repo, 4200, 900, files=1, depth=4095)
    listed = repo.git("verify-pack", "-s", str(the_pack(repo).with_suffix(".idx")))
    assert "chain length = 4095: 1 object" in listed
    assert walked(objects_of(repo), many) == by_git(repo)


@WAYS
def test_a_borrowed_store_is_read_where_it_is_allowed(
    repo: Repository, tmp_path: Path, many: int
) -> None:
    """Objects of an alternate come if the caller names it, and not by themselves."""
    fill(repo)
    borrower = repository(tmp_path / "borrower")
    own = borrower.put("own", "mine\n")
    (objects_of(borrower) / "info").mkdir(exist_ok=True)
    (objects_of(borrower) / "info" / "alternates").write_text(f"{objects_of(repo)}\n")
    assert walked(objects_of(borrower), many, [objects_of(repo)]) == by_git(borrower)
    alone = walked(objects_of(borrower), many)
    assert own in alone
    assert not alone.keys() & by_git(repo).keys()


@WAYS
def test_a_partial_clone_brings_what_it_has(repo: Repository, tmp_path: Path, many: int) -> None:
    """A promisor pack without blobs is read as it is; nothing is fetched."""
    fill(repo)
    repo.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{repo.path}"
    part = tmp_path / "part"
    repo.git("clone", "-q", "--no-checkout", "--template=", "--filter=blob:none", url, str(part))
    clone = Repository(part)
    assert list((objects_of(clone) / "pack").glob("*.promisor"))
    found = walked(objects_of(clone), many)
    assert found == by_git(clone)
    assert {each.kind for each in found.values()} == {"commit", "tree", "tag"}


def test_work_ranges_are_of_balanced_size(repo: Repository) -> None:
    """Work is split into ranges, none of which is most of it."""
    fill(repo, 3000, 900, depth=3)
    ranges = open_store(objects_of(repo)).work_ranges()
    assert len(ranges) > 3
    assert max(each.last - each.first for each in ranges) < 3000


@WAYS
def test_a_large_object_comes_in_pieces(repo: Repository, many: int) -> None:
    """What is larger than 64 MiB is streamed, loose and packed, in pieces of at most 1 MiB."""
    body = bytes(64 * 1024 * 1024 + 1)
    oid = repo.git("hash-object", "-w", "--stdin", feed=body)
    expected = by_git(repo)
    assert walked(objects_of(repo), many) == expected
    repo.git("pack-objects", "-q", str(objects_of(repo) / "pack" / "pack"), feed=oid.encode())
    repo.git("prune-packed", "-q")
    store = laid_out(open_store(objects_of(repo)), many)
    (large,) = everything(store)
    assert not isinstance(large, tuple)
    assert max(map(len, large.chunks)) <= 1 << 20
    assert walked(objects_of(repo), many) == expected


def test_limits_let_all_that_is_below_them_through(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Objects above the limit come as streams where they are whole, else as unreadable."""
    limit = 6000
    monkeypatch.setattr("analyzer.git.pack_reader.LARGEST_BODY", limit)
    fill(repo)
    repo.git("repack", "-q", "-a", "-d", "-f")
    expected = by_git(repo)
    found, unreadable = told(everything(open_store(objects_of(repo))))
    assert all(expected[oid] == each for oid, each in found.items())
    lost = {each.oid for each in unreadable}
    assert lost
    assert lost | found.keys() == expected.keys()
    assert {each.kind for oid, each in expected.items() if oid in lost} == {"blob"}
    assert all("too large" in each.reason for each in unreadable)


@pytest.mark.parametrize("most", [0, 5000, 1 << 30])
def test_what_is_kept_for_deltas_is_bounded(
    repo: Repository, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """With less room to keep bodies in, deltas are reported instead, and nothing comes wrong."""
    monkeypatch.setattr("analyzer.git.pack_reader.MOST_HELD", most)
    monkeypatch.setattr("analyzer.git.pack_reader._LARGE_BODY", 0)
    fill(repo)
    repo.git("repack", "-q", "-a", "-d", "-f")
    expected = by_git(repo)
    found, unreadable = told(everything(open_store(objects_of(repo))))
    assert all(expected[oid] == each for oid, each in found.items())
    assert {each.oid for each in unreadable} | found.keys() == expected.keys()
    assert bool(unreadable) == (most < 1 << 30)


def test_the_same_object_in_two_packs_comes_twice(repo: Repository, tmp_path: Path) -> None:
    """Copies may differ, so each is looked at."""
    fill(repo)
    again = repository(tmp_path / "again")
    fill(again)
    shutil.copy(the_pack(repo), objects_of(again) / "pack" / "pack-copy.pack")
    shutil.copy(the_pack(repo).with_suffix(".idx"), objects_of(again) / "pack" / "pack-copy.idx")
    store = open_store(objects_of(again))
    assert store.count == 2 * len(by_git(repo))


def test_an_edit_of_a_large_text_is_a_delta(repo: Repository) -> None:
    """Bodies of more than a megabyte stay at hand for the deltas on them."""
    before = text(1, 3_000_000)
    for n in range(6):
        repo.put("large", before)
        before = edited(before, n)
    repo.git("repack", "-q", "-a", "-d", "-f")
    assert walked(objects_of(repo), PLAINLY) == by_git(repo)
