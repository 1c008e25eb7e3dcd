"""In: git bundles, made by git. Out: the proof that every object in one is read, or told of."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.archives import bundle_reader
from analyzer.archives.budget import Budget
from analyzer.archives.members import Member, UnopenedMember, is_archive, iter_members
from tests.archives.archive_material import a_zip, looked_into
from tests.leaks.leak_material import Repository, repository


def opened(data: bytes) -> tuple[dict[str, bytes], dict[str, str]]:
    """What a bundle holds by name, and why something in it stayed closed."""
    found = list(iter_members(data, Budget.for_size(len(data))))
    read = {each.name: each.data for each in found if isinstance(each, Member)}
    return read, {each.what: each.reason for each in found if isinstance(each, UnopenedMember)}


def bundled(repo: Repository, *what: str) -> bytes:
    """A bundle of a repository."""
    target = repo.path.parent / "made.bundle"
    repo.git("bundle", "create", "-q", str(target), *what)
    return target.read_bytes()


@pytest.fixture(params=["sha1", "sha256"])
def grown(tmp_path: Path, request: pytest.FixtureRequest) -> Repository:
    """A repository in whose packs much is made from something else."""
    repo = repository(tmp_path / "repo", f"--object-format={request.param}")
    lines = [f"line {n} of a long file" for n in range(3000)]
    for day in range(1, 9):
        lines[day * 100] = f"changed on day {day}"
        repo.put("long.txt", "\n".join(lines), day=day)
    repo.git("tag", "-a", "-m", "a tag", "v1")
    return repo


def test_every_object_of_a_bundle_is_read(grown):
    """Each is what git says that it is, those among them that are made from others."""
    listed = grown.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()
    expected = {f"{kind} {oid}": int(size) for oid, kind, size in map(str.split, listed)}
    data = bundled(grown, "--all")
    assert is_archive(data)
    read, closed = opened(data)
    assert closed == {}
    assert b"refs/tags/v1" in read.pop("refs")
    assert {name: len(body) for name, body in read.items()} == expected


def test_what_a_bundle_builds_on_is_told_once(grown):
    """What is made from objects elsewhere can't be read, and the rest is."""
    read, closed = opened(bundled(grown, "HEAD~2..main"))
    assert {name.partition(" ")[0] for name in read} >= {"refs", "commit", "tree"}
    ((what, reason),) = closed.items()
    assert what.endswith(" objects")
    assert "not in the file" in reason


def test_a_pack_is_read_as_a_bundle_is(grown):
    """A pack without its index, as it lies in an archive of a repository."""
    grown.git("repack", "-a", "-d", "-q")
    (pack,) = (grown.path / ".git" / "objects" / "pack").glob("*.pack")
    listed = grown.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()
    expected = {f"{kind} {oid}": int(size) for oid, kind, size in map(str.split, listed)}
    read, closed = opened(pack.read_bytes())
    assert closed == {}
    assert {name: len(body) for name, body in read.items()} == expected


def test_a_pack_with_deltas_by_id_is_read(grown):
    """So they are named where the pack was made for an old program."""
    ids = grown.git("rev-list", "--all", "--objects", "--no-object-names") + "\n"
    made = grown.path / "made"
    name = grown.git("pack-objects", "-q", "--no-reuse-delta", str(made), feed=ids.encode())
    data = (grown.path / f"made-{name}.pack").read_bytes()
    read, closed = opened(data)
    assert closed == {}
    assert len(read) == len(ids.split())


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_bundle_that_breaks_off_is_read_up_to_there(grown, share):
    """What came in whole is read, and the end is told."""
    data = bundled(grown, "--all")
    whole, _ = opened(data)
    read, closed = opened(data[: int(len(data) * share)])
    assert 1 < len(read) < len(whole)
    assert "damaged" in str(closed)


def test_a_bundle_that_unpacks_to_too_much_is_told(tmp_path, monkeypatch):
    """A few bytes that become very many are not unpacked."""
    repo = repository(tmp_path / "repo")
    repo.put("zeros", bytes(3 << 20))
    monkeypatch.setattr(bundle_reader, "_LEAST", 1 << 20)
    _, closed = opened(bundled(repo, "--all"))
    assert "more bytes than its size allows" in str(closed)


def test_an_object_too_large_to_be_kept_is_told_and_the_others_read(tmp_path, monkeypatch):
    """It is passed over, not held in memory."""
    repo = repository(tmp_path / "repo")
    repo.put("zeros", bytes(3 << 20), day=1)
    monkeypatch.setattr(bundle_reader, "_LARGEST", 1 << 20)
    read, closed = opened(bundled(repo, "--all"))
    assert {name.partition(" ")[0] for name in read} == {"refs", "commit", "tree"}
    assert "bytes" in str(closed)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A bundle of two versions of a file."""
    repo = repository(tmp_path_factory.mktemp("small") / "repo")
    text = "\n".join(map(str, range(500)))
    repo.put("a", text, day=1)
    repo.put("a", f"{text}\nmore", day=2)
    return bundled(repo, "--all")


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_damaged_bundle_never_stops_a_scan(small, at, byte):
    """Whichever byte is changed, something is told or read, and nothing is raised."""
    data = bytearray(small)
    data[at % len(data)] = byte
    read, closed = opened(bytes(data))
    assert read or closed


def test_a_text_about_bundles_is_a_text():
    """The first words alone make no bundle."""
    assert not is_archive(b"# v2 git bundles are files\n")


def test_a_zip_archive_behind_a_pack_or_a_bundle_is_read(tmp_path):
    """What git takes for the one, another program takes for the other."""
    repo = repository(tmp_path / "repo")
    repo.put("a", "harmless")
    repo.git("repack", "-adq")
    (pack,) = (repo.path / ".git" / "objects" / "pack").glob("*.pack")
    for first in (pack.read_bytes(), bundled(repo, "--all")):
        assert looked_into(first + a_zip({"keys": b"key"}))[0]["keys"] == b"key"
