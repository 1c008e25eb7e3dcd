"""Single objects, and objects of some kinds, compared with what `git cat-file` reads."""

from dataclasses import replace

import pytest

from analyzer.git.allowance import OVER_BUDGET, Allowance
from analyzer.git.lookup import (
    all_ids,
    contains,
    iter_objects_of_type,
    read_many,
    read_object,
    tree_reader,
)
from analyzer.git.object_store import ObjectStore, open_store
from analyzer.git.pack_layout import PackLayout
from analyzer.git.pack_reader import rebuild_object
from tests.git.git_material import (
    BY_NUMPY,
    PLAINLY,
    REF_DELTA,
    TREE,
    Packed,
    appending,
    blob,
    by_git,
    content,
    fill,
    laid_out,
    made_up,
    name_of,
    objects_of,
    text,
    the_pack,
    told,
)
from tests.leaks.leak_material import Repository, repository

STORES = pytest.mark.parametrize(
    ("many", "hashes", "setting"),
    [
        (PLAINLY, "sha1", "pack.indexVersion=2"),
        (BY_NUMPY, "sha1", "pack.indexVersion=2"),
        (PLAINLY, "sha1", "pack.indexVersion=1"),
        (BY_NUMPY, "sha1", "repack.useDeltaBaseOffset=false"),
        (PLAINLY, "sha256", "pack.indexVersion=2"),
    ],
)


@pytest.fixture
def mixed(tmp_path, many: int, hashes: str, setting: str) -> tuple[Repository, ObjectStore]:
    """A repository with one pack and some loose objects."""
    repo = repository(tmp_path / "mixed", f"--object-format={hashes}")
    fill(repo)
    repo.git("-c", setting, "repack", "-q", "-a", "-d", "-f")
    repo.put("loose", text(9, 3000))
    return repo, laid_out(open_store(objects_of(repo)), many)


@STORES
def test_any_object_can_be_read_by_its_id(mixed: tuple[Repository, ObjectStore]) -> None:
    """`read_object` brings the very object, whatever its place in its delta chain."""
    repo, store = mixed
    for oid, expected in by_git(repo).items():
        found = read_object(store, oid)
        assert isinstance(found, tuple)
        assert found[0] == oid
        assert content(found[1], found[2]) == expected


@STORES
def test_many_objects_are_read_as_each_alone(mixed: tuple[Repository, ObjectStore]) -> None:
    """Packed, loose, missing, or by what is no id: `read_many` brings what `read_object` does."""
    repo, store = mixed
    oids = [*by_git(repo), "0" * 40, "f" * 64, "no id", ""]
    found = dict(read_many(store, oids, Allowance(1 << 30)))
    assert found == {oid: read_object(store, oid) for oid in oids}
    assert list(found) == oids


def test_many_objects_are_read_up_to_an_allowance(repo: Repository) -> None:
    """What comes after the object that uses it up is not read."""
    fill(repo)
    oids = sorted(by_git(repo))
    found = [each for _, each in read_many(open_store(objects_of(repo)), oids, Allowance(1))]
    assert found[1:] == [None] * (len(oids) - 1)


@STORES
def test_an_id_that_is_not_there_brings_nothing(mixed: tuple[Repository, ObjectStore]) -> None:
    """No object is made up for an id that the store does not list, or that is none."""
    repo, store = mixed
    some = next(iter(by_git(repo)))
    for oid in ("0" * 40, "f" * 64, some[:-1], some[:12], some.upper(), "no id", "", "zz" * 20):
        if oid != some:
            assert read_object(store, oid) is None, oid
            assert not contains(store, oid), oid


@STORES
def test_a_store_knows_what_it_holds(mixed: tuple[Repository, ObjectStore]) -> None:
    """`contains` says yes to each object, packed or loose, and `all_ids` has just these."""
    repo, store = mixed
    assert all_ids(store) == by_git(repo).keys()
    assert all(contains(store, oid) for oid in by_git(repo))


@STORES
@pytest.mark.parametrize("kinds", [{"commit"}, {"blob"}, {"tree", "tag"}, {"commit", "tag"}])
def test_objects_of_some_kinds_come_without_the_others(
    mixed: tuple[Repository, ObjectStore], kinds: set[str]
) -> None:
    """`iter_objects_of_type` brings each object of the kinds, packed or loose, and no other."""
    repo, store = mixed
    found, unreadable = told(iter_objects_of_type(store, kinds))
    assert not unreadable
    assert found == {oid: each for oid, each in by_git(repo).items() if each.kind in kinds}


@pytest.mark.parametrize("many", [PLAINLY, BY_NUMPY])
def test_no_more_is_unpacked_than_an_object_is_made_of(repo: Repository, many: int) -> None:
    """Reading one object takes as many others as its chain of deltas is long."""
    fill(repo, 300, 900, files=1)
    repo.git("repack", "-q", "-a", "-d", "-f", "--depth=10")
    (part,) = laid_out(open_store(objects_of(repo)), many).parts
    assert isinstance(part, PackLayout)
    lengths = []
    for place in range(part.count):
        *made_of, (oid, _, _) = rebuild_object(part, place)
        assert oid == part.index.table[part.columns.names[place] :][:20].hex()
        lengths.append(len(made_of))
    rows = repo.git("verify-pack", "-v", str(the_pack(repo).with_suffix(".idx"))).splitlines()
    depths = [int(row.split()[5]) for row in rows if row[40:41] == " " and len(row.split()) == 7]
    assert sorted(length for length in lengths if length) == sorted(depths)
    assert max(depths) > 5


def test_a_large_object_can_be_read_by_its_id(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`read_object` brings what is too large for one piece as a stream."""
    for module in ("pack_reader", "loose_objects"):
        monkeypatch.setattr(f"analyzer.git.{module}.LARGEST_BODY", 1000)
    fill(repo)
    repo.git("reset", "-q", "--hard")
    repo.put("loose", text(9, 5000))
    expected = by_git(repo)
    store = open_store(objects_of(repo))
    for oid in (repo.git("rev-parse", "HEAD:loose"), repo.git("rev-parse", "main~3:folder/file4")):
        found = read_object(store, oid)
        assert found is not None
        assert not isinstance(found, tuple)
        assert told([found]) == ({oid: expected[oid]}, [])


def test_trees_at_the_end_of_a_chain_are_read_within_one_allowance(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes all of its chain; many of them are read up to a limit, whatever their size."""
    body = b"".join(b"40000 %d\0" % seed + bytes(20) for seed in range(1000))
    entries = [Packed(name_of("tree", body), TREE, body)]
    for _ in range(40):
        entries.append(
            Packed("", REF_DELTA, appending(body, b"4 a\0" + bytes(20)), base=entries[-1].oid)
        )
        body += b"4 a\0" + bytes(20)
        entries[-1] = replace(entries[-1], oid=name_of("tree", body))
    made_up(objects_of(repo), entries)
    store = open_store(objects_of(repo))
    assert all(tree_reader(store)(each.oid) for each in entries)
    monkeypatch.setattr("analyzer.git.lookup._LONGEST_CHAIN", 20 * len(body))
    monkeypatch.setattr("analyzer.git.object_store.LEAST", 0)
    monkeypatch.setattr("analyzer.git.object_store.RATIO", 0)
    read_tree = tree_reader(store)
    read = [each.oid for each in entries if read_tree(each.oid)]
    assert read == [each.oid for each in entries[: len(read)]]
    assert len(read) < 10
    for left in (5 * len(body), len(body) // 2):
        allowance = Allowance(left)
        assert read_object(store, entries[-1].oid, allowance) is None
        assert allowance.left < 0


def test_a_damaged_copy_does_not_hide_a_good_one(repo: Repository) -> None:
    """Where one copy of an object can't be read, another one is."""
    fill(repo)
    oid = repo.git("rev-parse", "HEAD:folder/file1")
    repo.git("unpack-objects", "-q", feed=the_pack(repo).read_bytes())
    one = objects_of(repo)
    other = repository(repo.path.parent / "other")
    body = read_object(open_store(one), oid)
    assert isinstance(body, tuple)
    loose = objects_of(other) / oid[:2]
    loose.mkdir()
    (loose / oid[2:]).write_bytes(b"nonsense")
    made_up(objects_of(other), [blob(body[2])])
    assert read_object(open_store(objects_of(other)), oid) == body


def test_no_more_objects_of_a_kind_are_read_than_is_allowed(tmp_path) -> None:
    """A commit of 60 MB is stored in 60 KB: those beyond the budget are told as unreadable."""
    repo = repository(tmp_path / "repo")
    for number in range(4):
        repo.commit(f"{number}" * 100_000)
    repo.git("repack", "-adq")
    store = open_store(objects_of(repo))
    found, unreadable = told(iter_objects_of_type(store, {"commit"}, Allowance(200_000)))
    assert (len(found), {each.reason for each in unreadable}) == (2, {OVER_BUDGET})
