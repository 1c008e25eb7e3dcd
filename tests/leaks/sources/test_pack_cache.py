"""In: a repository scanned twice. Out: the proof that the second scan reads only what is new."""

import hashlib
import importlib.metadata
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyzer.files import Skipped
from analyzer.git.object_store import LooseObjects
from analyzer.leaks.model import (
    ClaimedFacts,
    CredentialKind,
    CredentialPart,
    Occurrence,
    PlacedSighting,
    PlaceKind,
    Sighting,
)
from analyzer.leaks.options import Detectors, ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import git_objects, repository
from analyzer.leaks.sources.pack_cache import load, save, scanning_code
from analyzer.leaks.sources.work import PartialScan
from tests.leaks.leak_material import credentials_file, key_id, secret


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """Options with a cache, and repositories large enough for it."""
    monkeypatch.setattr(repository, "MOST_CHECKED", 0)
    return ScanOptions(cache=tmp_path / "cache", jobs=1)


def test_a_second_scan_finds_the_same_and_walks_no_known_pack(repo, cached, monkeypatch):
    """What a pack holds is remembered with all its places; only what came since is read."""
    repo.put("a", credentials_file(1), day=1)
    repo.commit(f"a key: {key_id(n=2)}", day=2)
    repo.git("gc", "-q")
    first = scan([repo.path], cached)
    repo.put("b", credentials_file(3), day=3)
    walked = []
    walk = git_objects.iter_objects

    def watched(store, unit, *others):
        walked.append(store.parts[unit.part])
        return walk(store, unit, *others)

    monkeypatch.setattr(git_objects, "iter_objects", watched)
    second = scan([repo.path], cached)
    assert {type(part) for part in walked} == {LooseObjects}
    assert {c.key_id for c in first.credentials} == {key_id(n=1), key_id(n=2)}
    assert {c.key_id for c in second.credentials} == {key_id(n=n) for n in (1, 2, 3)}
    assert [c for c in second.credentials if c.key_id == key_id(n=1)] == [
        c for c in first.credentials if c.key_id == key_id(n=1)
    ]


def test_what_is_remembered_is_believed(repo, cached):
    """A pack that is known is not read again: what is left out of the memory is not found."""
    repo.put("a", credentials_file(1), day=1)
    (repo.path / "a").unlink()
    repo.git("gc", "-q")
    assert scan([repo.path], cached).credentials
    (path,) = cached.cache.iterdir()
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"hits": [], "sightings": []}))
    assert scan([repo.path], cached).credentials == ()
    assert scan([repo.path], replace(cached, cache=None)).credentials


def test_other_detectors_remember_for_themselves(repo, cached, monkeypatch):
    """What some did not look for, others have not remembered; nor does another version of them."""
    word = hashlib.sha256(b"a password").hexdigest()[:20] + "Xz"
    repo.put("a.py", f"password = '{word}'\n", day=1)
    (repo.path / "a.py").unlink()
    repo.git("gc", "-q")
    wide = replace(cached, detectors=Detectors.ALL)
    assert scan([repo.path], cached).credentials == ()
    assert scan([repo.path], wide).credentials
    assert scan([repo.path], cached).credentials == ()
    before = {*cached.cache.iterdir()}
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "another")
    scan([repo.path], cached)
    assert {*cached.cache.iterdir()} == before
    scan([repo.path], wide)
    assert len({*cached.cache.iterdir()} - before) == 1


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


def test_what_is_saved_is_loaded_again_under_the_name_that_the_repository_has_now(tmp_path):
    """Every field of every noun survives, enums and times among them."""
    noon = datetime(2024, 3, 1, 12, tzinfo=UTC)
    claims = ClaimedFacts("111122223333", "ann", "eu-west-1", "iam", noon, "signature", "a label")
    whole = Sighting(
        CredentialKind.EKS_TOKEN, 3, CredentialPart.WHOLE, key_id(), "digest", "pairing", "doubt",
        "base64", "a.zip!/b", claims, "allowed",
    )  # fmt: skip
    unique_id = Sighting(None, 1, CredentialPart.ID, "AIDA")
    place = Occurrence(
        "then", "v1", 3, PlaceKind.TAG_MESSAGE, "oid", "commit", "Ada", noon, in_head=True,
        reachable=False, encoding="base64", doubt="a comment",
    )  # fmt: skip
    scanned = PartialScan(
        [PlacedSighting(whole, place), PlacedSighting(unique_id, replace(place, date=None))],
        [("oid", "blob", (whole, unique_id))],
        [Skipped("what", "why", 7, is_gap=False)],
        objects=1,
        size=2,
        containers=3,
    )
    save(tmp_path, "key", scanned)
    loaded = load(tmp_path, "key", "now")
    assert loaded == replace(
        scanned,
        sightings=[
            replace(each, occurrence=replace(each.occurrence, repository="now"))
            for each in scanned.sightings
        ],
    )
    assert type(loaded.hits[0][2][0].kind) is CredentialKind
    assert load(tmp_path, "another key", "now") is None


def test_the_key_covers_all_code_that_a_scan_loads():
    """A change in any module that a scan uses must not leave an old result standing."""
    code = (
        "import sys, tempfile, pathlib\n"
        "from analyzer.leaks.scan import scan\n"
        "from analyzer.leaks import detect_secrets\n"
        "from analyzer.leaks.sources import pack_cache, staged, unpack\n"
        "folder = pathlib.Path(tempfile.mkdtemp())\n"
        "scan([folder])\n"
        "loaded = [m.__file__ for n, m in sys.modules.items() if n.startswith('analyzer.')]\n"
        "print(*loaded, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = {Path(line) for line in done.stdout.splitlines()}
    assert len(loaded) > 40
    assert loaded <= {*scanning_code()}
