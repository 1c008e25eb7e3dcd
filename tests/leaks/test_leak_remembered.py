"""In: a repository scanned twice. Out: the proof that the second scan reads only what is new."""

from dataclasses import replace

import pytest
from leak_material import credentials_file, key_id, secret

from analyzer.leaks import reading, readying
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """Options with a cache, and repositories large enough for it."""
    monkeypatch.setattr(readying, "MOST_CHECKED", 0)
    return ScanOptions(cache=tmp_path / "cache", jobs=1)


def test_a_second_scan_finds_the_same_and_walks_no_known_pack(repo, cached, monkeypatch):
    """What a pack holds is remembered with all its places; only what came since is read."""
    repo.put("a", credentials_file(1), day=1)
    repo.commit(f"a key: {key_id(n=2)}", day=2)
    repo.git("gc", "-q")
    first = scan([repo.path], cached)
    repo.put("b", credentials_file(3), day=3)
    walked = []
    walk = reading.walk

    def watched(store, unit):
        walked.append(store.parts[unit.part])
        return walk(store, unit)

    monkeypatch.setattr(reading, "walk", watched)
    second = scan([repo.path], cached)
    assert {type(part).__name__ for part in walked} == {"Loose"}
    assert {c.key_id for c in first.credentials} == {key_id(n=1), key_id(n=2)}
    assert {c.key_id for c in second.credentials} == {key_id(n=n) for n in (1, 2, 3)}
    assert [c for c in second.credentials if c.key_id == key_id(n=1)] == [
        c for c in first.credentials if c.key_id == key_id(n=1)
    ]


def test_a_pack_with_other_bytes_is_another_pack(repo, cached):
    """Whoever changes a pack and keeps its name gets it read again."""
    repo.put("a", credentials_file(), day=1)
    (repo.path / "a").unlink()
    repo.git("gc", "-q")
    scan([repo.path], cached)
    (pack,) = (repo.path / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:-1] + b"x")
    assert scan([repo.path], cached) == scan([repo.path], replace(cached, cache=None))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"hits": [[1]]}', "null"])
def test_a_spoilt_memory_is_no_memory(repo, cached, content):
    """A file in the cache that makes no sense is made anew."""
    repo.put("a", credentials_file(), day=1)
    (repo.path / "a").unlink()
    repo.git("gc", "-q")
    first = scan([repo.path], cached)
    for path in cached.cache.iterdir():
        path.write_text(content)
    assert scan([repo.path], cached) == first


def test_no_secret_is_remembered(repo, cached):
    """The cache holds digests, and is for its owner alone."""
    repo.put("a", credentials_file(), day=1)
    repo.git("gc", "-q")
    scan([repo.path], cached)
    (path,) = cached.cache.iterdir()
    assert secret() not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
