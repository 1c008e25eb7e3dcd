"""Stores that somebody damaged or made up to do harm: what is whole comes, the rest is told of."""

import os
import resource
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from analyzer.git.lookup import iter_objects_of_type, read_object
from analyzer.git.object_store import ObjectStore, open_store
from analyzer.git.objects import UnreadableObject
from tests.git.git_material import (
    BLOB,
    BY_NUMPY,
    OFS_DELTA,
    PLAINLY,
    REF_DELTA,
    Contents,
    Packed,
    appending,
    blob,
    by_git,
    content,
    everything,
    fill,
    laid_out,
    made_up,
    name_of,
    number,
    objects_of,
    text,
    the_pack,
    told,
)
from tests.hypothesis_profiles import examples
from tests.leaks.leak_material import Repository, repository

WAYS = pytest.mark.parametrize("many", [PLAINLY, BY_NUMPY], ids=["plainly", "by numpy"])
FIRST = blob(b"the first one\n" * 30)
LAST = blob(b"the last one\n" * 30)
BOTH = {each.oid: content("blob", each.body) for each in (FIRST, LAST)}
ODD = "ab" * 20
"""The id of what is wrong."""


def _opened(objects: Path, many: int) -> tuple[Contents, list[UnreadableObject], ObjectStore]:
    store = laid_out(open_store(objects), many)
    found, unreadable = told(everything(store))
    return found, [*store.unreadable, *unreadable], store


@cache
def _deflated_lies(length: int) -> dict[str, Packed]:
    body = text(5, length)
    whole = zlib.compress(body)
    corrupt = bytearray(whole)
    corrupt[len(whole) // 2] ^= 0x55
    checksum = whole[:-1] + bytes([whole[-1] ^ 1])
    return {
        "a size too small": Packed(ODD, BLOB, body, size=10),
        "a size too large": Packed(ODD, BLOB, body, size=1000),
        "a size of no bytes": Packed(ODD, BLOB, body, size=0),
        "a size beyond 64 bits": Packed(ODD, BLOB, body, size=1 << 67),
        "a size of petabytes": Packed(ODD, BLOB, body, size=1 << 52),
        "a size of a bit too much": Packed(ODD, BLOB, body, size=65 << 20),
        "a stream cut short": Packed(ODD, BLOB, body, stream=whole[:-10]),
        "a stream without its last byte": Packed(ODD, BLOB, body, stream=whole[:-1]),
        "a corrupt stream": Packed(ODD, BLOB, body, stream=bytes(corrupt)),
        "a wrong checksum": Packed(ODD, BLOB, body, stream=checksum),
        "no stream": Packed(ODD, BLOB, body, stream=b"\xff" * 40),
        "a bomb": Packed(ODD, BLOB, b"", size=100, stream=zlib.compress(bytes(40 << 20), 9)),
        "a small bomb": Packed(ODD, BLOB, b"", size=100, stream=zlib.compress(bytes(1 << 20), 9)),
        "a reserved kind": Packed(ODD, 5, body),
        "kind 0": Packed(ODD, 0, body),
        "kind 7 with a base unknown": Packed(ODD, REF_DELTA, b"\1\1\1a", base="cd" * 20),
        "its own base": Packed(ODD, REF_DELTA, b"\1\1\1a", base=ODD),
        "a distance of nothing": Packed(ODD, OFS_DELTA, b"\1\1\1a", back=0),
        "a distance to before the pack": Packed(ODD, OFS_DELTA, b"\1\1\1a", back=1 << 30),
        "a distance beyond 64 bits": Packed(ODD, OFS_DELTA, b"\1\1\1a", back=1 << 70),
        "a distance into a stream": Packed(ODD, OFS_DELTA, b"\1\1\1a", back=5),
    }


DELTA_LIES = {
    "no bytes": b"",
    "one byte": b"\x80",
    "a size without end": b"\xff" * 30,
    "the size of another base": number(7) + number(3) + b"\3abc",
    "a result of petabytes": number(len(FIRST.body)) + number(1 << 52) + b"\3abc",
    "a result of 65 MiB": number(len(FIRST.body)) + number(65 << 20) + b"\x90\1",
    "a result shorter than said": number(len(FIRST.body)) + number(9) + b"\3abc",
    "a result longer than said": number(len(FIRST.body)) + number(2) + b"\3abc",
    "a copy from beyond the base": number(len(FIRST.body)) + number(9) + b"\x93\xff\xff\x09",
    "an instruction cut short": number(len(FIRST.body)) + number(9) + b"\x7fabc",
    "a reserved instruction": number(len(FIRST.body)) + number(3) + b"\0\3abc",
    "many copies": number(len(FIRST.body)) + number(9) + b"\x90\xff" * 1_000_000,
}


@WAYS
@pytest.mark.parametrize("lie", _deflated_lies(20))
@pytest.mark.parametrize("how", [(20, 1 << 16), (5000, 1 << 16), (5000, 0)])
def test_an_entry_that_lies_is_reported_and_the_rest_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: str, how: tuple[int, int], many: int
) -> None:
    """A header or stream that is wrong costs its own object only, whoever unpacks it."""
    length, longest = how
    monkeypatch.setattr("analyzer.git.pack_reader.SAFE_STREAM", longest)
    made_up(tmp_path, [FIRST, _deflated_lies(length)[lie], LAST])
    found, unreadable, store = _opened(tmp_path, many)
    assert found == BOTH
    assert [each.oid for each in unreadable] == [ODD]
    assert unreadable[0].reason
    assert read_object(store, ODD) is None or lie in {
        "a size of petabytes",
        "a size of a bit too much",
    }


@WAYS
@pytest.mark.parametrize("lie", DELTA_LIES)
@pytest.mark.parametrize("kind", [OFS_DELTA, REF_DELTA])
def test_a_delta_that_lies_is_reported_and_the_rest_comes(
    tmp_path: Path, lie: str, kind: int, many: int
) -> None:
    """A delta that does not fit its base costs what is made of it only; no memory is taken."""
    offset = 12 + 2 + len(zlib.compress(FIRST.body))
    body = DELTA_LIES[lie]
    wrong = (
        Packed(ODD, kind, body, base=FIRST.oid)
        if kind == REF_DELTA
        else Packed(ODD, kind, body, back=offset - 12)
    )
    child = Packed("cd" * 20, REF_DELTA, appending(b"abc", b"def"), base=ODD)
    made_up(tmp_path, [FIRST, wrong, child, LAST])
    found, unreadable, _ = _opened(tmp_path, many)
    assert found == BOTH
    assert {each.oid for each in unreadable} == {ODD, "cd" * 20}


@WAYS
def test_deltas_of_both_kinds_are_applied(tmp_path: Path, many: int) -> None:
    """The makers of these tests' packs make good ones, too, with bases that come later."""
    more = name_of("blob", FIRST.body + b"more")
    most = name_of("blob", FIRST.body + b"more and more")
    entries = [
        Packed(most, REF_DELTA, appending(FIRST.body + b"more", b" and more"), base=more),
        FIRST,
        Packed(more, OFS_DELTA, appending(FIRST.body, b"more"), back=0),
        LAST,
    ]
    offsets = made_up(tmp_path, entries)
    entries[2] = Packed(more, OFS_DELTA, entries[2].body, back=offsets[2] - offsets[1])
    made_up(tmp_path, entries)
    found, unreadable, _ = _opened(tmp_path, many)
    assert not unreadable
    assert found == BOTH | {
        more: content("blob", FIRST.body + b"more"),
        most: content("blob", FIRST.body + b"more and more"),
    }


@WAYS
def test_a_ring_of_deltas_is_reported(tmp_path: Path, many: int) -> None:
    """Deltas that are each other's bases, and what hangs on them, end no walk."""
    ids = [f"{n:02x}" * 20 for n in range(1, 6)]
    ring = [
        Packed(oid, REF_DELTA, b"\1\1\1a", base=ids[(n + 1) % 4]) for n, oid in enumerate(ids[:4])
    ]
    made_up(tmp_path, [FIRST, *ring, Packed(ids[4], REF_DELTA, b"\1\1\1a", base=ids[0]), LAST])
    found, unreadable, _ = _opened(tmp_path, many)
    assert found == BOTH
    assert sorted(each.oid for each in unreadable) == ids
    assert {each.reason for each in unreadable} == {"its delta bases form a ring"}


@WAYS
@pytest.mark.parametrize("offset", [0, 4, 11, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1])
def test_an_offset_outside_of_the_pack_is_reported(tmp_path: Path, offset: int, many: int) -> None:
    """An index that points out of the pack, or out of itself, loses that object only."""
    made_up(tmp_path, [FIRST, Packed(ODD, BLOB, b"x"), LAST], {ODD: offset})
    found, unreadable, _ = _opened(tmp_path, many)
    assert found == BOTH
    assert [each.oid for each in unreadable] == [ODD]


@WAYS
def test_two_ids_at_one_offset_are_told_of(tmp_path: Path, many: int) -> None:
    """An object is read once; the other id that claims its place is reported."""
    offsets = made_up(tmp_path, [FIRST, LAST])
    made_up(tmp_path, [FIRST, Packed(ODD, BLOB, b"x"), LAST], {ODD: offsets[0]})
    found, unreadable, _ = _opened(tmp_path, many)
    assert {each.oid for each in unreadable} <= {ODD, FIRST.oid}
    assert len(unreadable) == 1
    assert len(found) == 2


def _cut(pack: Path, index: Path) -> None:
    pack.write_bytes(pack.read_bytes()[:-200])


def _of_another_pack(pack: Path, index: Path) -> None:
    pack.write_bytes(pack.read_bytes()[:-20] + b"x" * 20)


def _no_magic(pack: Path, index: Path) -> None:
    pack.write_bytes(b"KCAP" + pack.read_bytes()[4:])


def _wrong_count(pack: Path, index: Path) -> None:
    pack.write_bytes(pack.read_bytes()[:8] + b"\xff\xff\xff\xff" + pack.read_bytes()[12:])


@WAYS
@pytest.mark.parametrize("harm", [_of_another_pack, _no_magic, _wrong_count])
def test_a_pack_unlike_its_index_is_read_and_told_of(tmp_path: Path, harm, many: int) -> None:
    """A wrong trailer, signature or count is reported of the file; its objects still come."""
    made_up(tmp_path, [FIRST, LAST])
    harm(tmp_path / "pack/pack-made.pack", tmp_path / "pack/pack-made.idx")
    found, unreadable, _ = _opened(tmp_path, many)
    assert found == BOTH
    assert [(each.oid, each.where) for each in unreadable] == [("", "pack/pack-made.pack")]


@WAYS
@pytest.mark.parametrize("left", [0, 1, 12, 31, 32, 33, 41, 60, 100])
def test_a_pack_cut_short_brings_what_is_left(tmp_path: Path, left: int, many: int) -> None:
    """Nothing is read beyond the end of a pack, however little there is of it."""
    made_up(tmp_path, [FIRST, LAST])
    pack = tmp_path / "pack/pack-made.pack"
    pack.write_bytes(pack.read_bytes()[:left])
    found, unreadable, _ = _opened(tmp_path, many)
    assert found.items() <= BOTH.items()
    assert {each.oid for each in unreadable} >= BOTH.keys() - found.keys()


@pytest.mark.parametrize("left", [0, 3, 8, 1031, 1032, 1040, 1100, 1127])
def test_a_pack_without_a_usable_index_is_named(tmp_path: Path, left: int) -> None:
    """What needs `git index-pack` is listed for it, and reported."""
    made_up(tmp_path, [FIRST, LAST])
    index = tmp_path / "pack/pack-made.idx"
    index.write_bytes(index.read_bytes()[:left])
    store = open_store(tmp_path)
    assert store.unindexed == (tmp_path / "pack/pack-made.pack",)
    assert [each.where for each in store.unreadable] == ["pack/pack-made.pack"]
    assert store.count == 0


def test_an_index_that_claims_billions_is_refused(tmp_path: Path) -> None:
    """A count that the file has no room for costs no memory."""
    made_up(tmp_path, [FIRST, LAST])
    index = tmp_path / "pack/pack-made.idx"
    raw = bytearray(index.read_bytes())
    raw[8 + 1020 : 8 + 1024] = b"\xff\xff\xff\xff"
    index.write_bytes(raw)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert open_store(tmp_path).unindexed
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


@WAYS
def test_a_pack_without_objects_is_no_trouble(tmp_path: Path, many: int) -> None:
    """An empty pack has no objects and nothing to report."""
    made_up(tmp_path, [])
    assert _opened(tmp_path, many)[:2] == ({}, [])


@pytest.mark.parametrize(
    "harm",
    [b"", b"nonsense", zlib.compress(b"blob 3\0ab"), zlib.compress(b"blob 3\0abcd"),
     zlib.compress(b"blob 3\0abc")[:-1], zlib.compress(b"blob 03\0abc"),
     zlib.compress(b"blob -3\0"),
     zlib.compress(b"blub 3\0abc"), zlib.compress(b"blob 99999999999999999999\0abc"),
     zlib.compress(b"blob 3"), zlib.compress(b"blob " + b"9" * 1000), zlib.compress(bytes(1 << 24)),
     zlib.compress(b"blob 10\0" + bytes(40 << 20)), zlib.compress(b"tree 4611686018427387904\0a")],
)  # fmt: skip
def test_a_loose_object_that_lies_is_reported(repo: Repository, harm: bytes) -> None:
    """Whatever a loose file is instead of an object, it is reported and the others come."""
    good = repo.git("hash-object", "-w", "--stdin", feed=b"good\n")
    (objects_of(repo) / "ab").mkdir(exist_ok=True)
    (objects_of(repo) / ODD[:2] / ODD[2:]).write_bytes(harm)
    found, unreadable, _ = _opened(objects_of(repo), PLAINLY)
    assert found == {good: content("blob", b"good\n")}
    assert [each.oid for each in unreadable] == [ODD]


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
@pytest.mark.parametrize("where", ["loose", "pack", "index", "fan", "packs"])
def test_nothing_but_files_is_opened(tmp_path: Path, kind: str, where: str) -> None:
    """No link is followed out of a store and no pipe is waited for."""
    objects, elsewhere = tmp_path / "objects", tmp_path / "elsewhere"
    made_up(objects, [FIRST, LAST])
    (objects / "ab").mkdir()
    (objects / ODD[:2] / ODD[2:]).write_bytes(zlib.compress(b"blob 3\0abc"))
    path = {
        "loose": objects / ODD[:2] / ODD[2:],
        "pack": objects / "pack/pack-made.pack",
        "index": objects / "pack/pack-made.idx",
        "fan": objects / "ab",
        "packs": objects / "pack",
    }[where]
    if kind == "folder" and path.is_dir():
        return
    path.rename(elsewhere)
    if kind == "link":
        path.symlink_to(elsewhere)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    found, unreadable, store = _opened(objects, PLAINLY)
    packed, loose = BOTH, {ODD: content("blob", b"abc")}
    assert found == (packed if where in {"loose", "fan"} else loose)
    if where in {"loose", "pack", "index"}:
        assert unreadable
    assert bool(store.unindexed) == (where == "index")


@WAYS
def test_one_corrupt_object_costs_what_hangs_on_it(tmp_path: Path, many: int) -> None:
    """With a stream broken in the middle of a real pack, all but its deltas come right."""
    repo = repository(tmp_path / "repo")
    fill(repo)
    repo.git("repack", "-q", "-a", "-d", "-f", "--depth=50")
    expected = by_git(repo)
    pack = the_pack(repo)
    pack.chmod(0o644)
    listed = [
        row.split()
        for row in repo.git("verify-pack", "-v", str(pack.with_suffix(".idx"))).splitlines()
        if row[40:41] == " "
    ]
    bases = {row[0]: row[6] for row in listed if len(row) == 7}
    middle = max(bases.values(), key=list(bases.values()).count)
    lost = {middle}
    for _ in listed:
        lost |= {oid for oid, base in bases.items() if base in lost}
    assert 1 < len(lost) < len(expected)
    (row,) = (row for row in listed if row[0] == middle)
    raw = bytearray(pack.read_bytes())
    raw[int(row[4]) + int(row[3]) - 2] ^= 0xFF
    pack.write_bytes(raw)
    found, unreadable, store = _opened(objects_of(repo), many)
    assert found == {oid: each for oid, each in expected.items() if oid not in lost}
    assert {each.oid for each in unreadable} == lost
    assert all(read_object(store, oid) is None for oid in lost)


@WAYS
def test_an_id_that_points_into_another_object_hides_nothing(tmp_path: Path, many: int) -> None:
    """An object comes whole though the index says that another one begins within it."""
    offsets = made_up(tmp_path, [FIRST, LAST])
    for place in range(offsets[0] + 1, offsets[1]):
        moved = {ODD: place}
        made_up(tmp_path, [FIRST, LAST, Packed(ODD, BLOB, b"x")], moved)
        found, unreadable, _ = _opened(tmp_path, many)
        assert found.items() >= BOTH.items()
        assert {ODD} == ({each.oid for each in unreadable} | found.keys()) - BOTH.keys()


@WAYS
def test_many_ids_that_point_into_one_stream_cost_no_more_than_it_is_long(
    tmp_path: Path, many: int
) -> None:
    """Thousands of ids on overlapping streams without end are refused without reading each."""
    empty = b"\0\0\0\xff\xff" * 200
    ids = [f"{n:040x}" for n in range(4000)]
    made_up(tmp_path, [Packed(ids[0], BLOB, b"", size=1 << 26, stream=b"\x78\x01")])
    entry = (tmp_path / "pack/pack-made.pack").read_bytes()[12:-20]
    # Each entry lies in a block that is stored as it is within the streams of all before it.
    block = struct.pack("<BHH", 0, len(entry), len(entry) ^ 0xFFFF) + entry + empty
    made_up(
        tmp_path,
        [Packed(oid, BLOB, b"x") for oid in ids],
        {oid: 12 + 5 + n * len(block) for n, oid in enumerate(ids)},
    )
    (tmp_path / "pack/pack-made.pack").write_bytes(b"PACK" + bytes(8) + block * len(ids))
    found, unreadable, _ = _opened(tmp_path, many)
    assert not found
    assert {each.oid for each in unreadable} - {""} == set(ids)


@dataclass(frozen=True)
class _Honest:
    """A small repository in one pack, and where in it the objects are."""

    pack: bytes
    index: bytes
    contents: Contents
    offsets: dict[str, int]
    bases: dict[str, str]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> _Honest:
    """A repository with many deltas, which name their bases."""
    repo = repository(tmp_path_factory.mktemp("honest"))
    fill(repo, 25, 400)
    repo.git("-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-a", "-d", "-f")
    index = the_pack(repo).with_suffix(".idx")
    listed = repo.git("verify-pack", "-v", str(index)).splitlines()
    rows = [row.split() for row in listed if row[40:41] == " "]
    return _Honest(
        the_pack(repo).read_bytes(),
        index.read_bytes(),
        by_git(repo),
        {row[0]: int(row[4]) for row in rows},
        {row[0]: row[6] for row in rows if len(row) == 7},
    )


def _touched(honest: _Honest, places: list[int]) -> set[str]:
    """The objects in whose entries the places lie, and all that are made of them."""
    touched = set()
    for place in places:
        before = {oid: at for oid, at in honest.offsets.items() if at <= place}
        if before:
            touched.add(max(before, key=before.__getitem__))
    for _ in honest.bases:
        touched |= {oid for oid, base in honest.bases.items() if base in touched}
    return touched


def _harmed(raw: bytes, flips: list[tuple[float, int]]) -> tuple[bytes, list[int]]:
    places = [int(share * len(raw)) for share, _ in flips]
    harmed = bytearray(raw)
    for place, (_, change) in zip(places, flips, strict=True):
        harmed[place] ^= change
    return bytes(harmed), places


RANDOMLY = examples(1, suppress_health_check=[HealthCheck.function_scoped_fixture])
FLIPS = st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), min_size=1, max_size=4)


@RANDOMLY
@given(flips=FLIPS, many=st.sampled_from([PLAINLY, BY_NUMPY]))
def test_random_damage_to_a_pack_touches_only_what_it_hits(
    honest: _Honest, tmp_path: Path, flips: list[tuple[float, int]], many: int
) -> None:
    """With bytes changed anywhere in a pack, each object not made of them comes right."""
    pack, places = _harmed(honest.pack, flips)
    store = _written(tmp_path, pack, honest.index, many)
    found, unreadable = told(everything(store))
    told(iter_objects_of_type(store, {"commit", "tag"}))
    touched = _touched(honest, places)
    for oid, expected in honest.contents.items():
        assert oid in touched or found[oid] == expected
    assert {each.oid for each in (*store.unreadable, *unreadable)} - {""} <= touched
    assert found.keys() | {each.oid for each in (*store.unreadable, *unreadable)} >= touched


@RANDOMLY
@given(flips=FLIPS, many=st.sampled_from([PLAINLY, BY_NUMPY]))
def test_random_damage_to_an_index_alters_no_content(
    honest: _Honest, tmp_path: Path, flips: list[tuple[float, int]], many: int
) -> None:
    """With bytes changed anywhere in an index, what comes under an untouched id is right."""
    index, places = _harmed(honest.index, flips)
    store = _written(tmp_path, honest.pack, index, many)
    found, unreadable = told(everything(store))
    if store.unindexed:
        assert store.unreadable
        assert not found
        return
    lost = {each.oid for each in (*store.unreadable, *unreadable)}
    assert len(found.keys() | lost - {""}) >= len(honest.contents) - len(flips)
    for oid in found.keys() & honest.contents.keys() - _moved(honest, places):
        assert found[oid] == honest.contents[oid]


def _moved(honest: _Honest, places: list[int]) -> set[str]:
    """The ids in whose rows of the index the places lie."""
    count = len(honest.contents)
    oids = sorted(honest.contents)
    begin = 8 + 1024
    names = {(place - begin) // 20 for place in places}
    offsets = {(place - begin - 24 * count) // 4 for place in places}
    return {oids[row] for row in names | offsets if 0 <= row < count}


def _written(folder: Path, pack: bytes, index: bytes, many: int) -> ObjectStore:
    (folder / "pack").mkdir(exist_ok=True)
    (folder / "pack/pack-harmed.pack").write_bytes(pack)
    (folder / "pack/pack-harmed.idx").write_bytes(index)
    return laid_out(open_store(folder), many)


def test_far_offsets_that_the_index_lacks_are_reported(tmp_path: Path) -> None:
    """An 8-byte offset that is negative or huge is outside of the pack."""
    for value in (-1, -(1 << 63), (1 << 63) - 1, 1 << 40):
        for many in (PLAINLY, BY_NUMPY):
            made_up(tmp_path, [FIRST, Packed(ODD, BLOB, b"x"), LAST], {ODD: 1 << 31})
            index = tmp_path / "pack/pack-made.idx"
            raw = index.read_bytes()
            index.write_bytes(raw[:-40] + struct.pack(">q", value) + raw[-40:])
            found, unreadable, _ = _opened(tmp_path, many)
            assert found == BOTH
            assert [each.oid for each in unreadable] == [ODD]
