"""In: the ways on which content reaches the detector. Out: the proof that each hands on the Lens.

What is looked for beside our own families of shapes has to come along to the last of them.
"""

import base64
import gzip
import hashlib
import os

import pytest

from analyzer.leaks.detect.detector import has_candidates, scan_bytes, scan_stream
from analyzer.leaks.model import PlaceKind, UniqueIdSighting
from analyzer.leaks.options import Detectors, ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import credentials_file

ID = "AIDA" + base64.b32encode(hashlib.sha256(b"lens").digest())[:17].decode()
SOUGHT = frozenset({ID.encode()})
ONE_JOB = ScanOptions(unique_ids=frozenset({ID}), jobs=1)
LONG = "x\n" * 75_000
"""More than what is held in memory, where a test makes that little."""


def only(found: tuple[UniqueIdSighting, ...]) -> UniqueIdSighting:
    """The one that was found."""
    assert [each.unique_id for each in found] == [ID]
    return found[0]


def test_what_is_not_sought_is_not_seen():
    """Nothing but the argument says what is sought."""
    text = f"id {ID}".encode()
    assert [each.key_id for each in scan_bytes(text, SOUGHT).sightings] == [ID]
    assert [each.key_id for each in scan_stream([text], SOUGHT).sightings] == [ID]
    assert has_candidates(text, SOUGHT)
    assert not scan_bytes(text).sightings
    assert not scan_stream([text]).sightings
    assert not has_candidates(text, frozenset())


def test_an_archive_in_base64_within_a_stream_is_opened():
    """The look at a piece of a stream hands on to the archives in it."""
    inner = base64.b64encode(gzip.compress(f"{ID} {hashlib.sha256().hexdigest()}".encode()))
    text = f"{credentials_file()}\ndata: {inner.decode()}\n".encode()
    for found in (scan_bytes(text, SOUGHT), scan_stream([text], SOUGHT)):
        assert ID in {each.key_id for each in found.sightings}


@pytest.fixture
def little(monkeypatch):
    """A memory that holds only short objects."""
    for module in ("objects", "loose_objects", "pack_reader"):
        monkeypatch.setattr(f"analyzer.git.{module}.LARGEST_BODY", 100_000)
    monkeypatch.setattr("analyzer.git.pack_reader.MOST_HELD", 100_000)


def test_a_file_of_the_history_too_large_for_memory_is_looked_at(repo, little):
    """Piece by piece."""
    commit = repo.put("a", LONG + ID)
    (repo.path / "a").unlink()
    found = only(scan([repo.path], ONE_JOB).unique_ids).occurrence
    assert (found.where, found.commit, found.line) == (PlaceKind.HISTORY, commit, 75_001)


def test_a_message_too_large_for_memory_is_looked_at(repo, little, tmp_path):
    """Its line is the message's."""
    (tmp_path / "message").write_text(f"subject\n\n{LONG}{ID}")
    repo.git("commit", "-q", "--allow-empty", "-F", str(tmp_path / "message"))
    (repo.path / ".git" / "COMMIT_EDITMSG").unlink()
    found = only(scan([repo.path], ONE_JOB).unique_ids).occurrence
    assert (found.where, found.line) == (PlaceKind.COMMIT_MESSAGE, 75_003)


def test_every_batch_of_messages_is_looked_at(repo, monkeypatch):
    """Not only the last one."""
    monkeypatch.setattr("analyzer.leaks.sources.git_objects._BATCH", 1)
    commit = repo.commit(f"for {ID}")
    (repo.path / ".git" / "COMMIT_EDITMSG").unlink()
    assert only(scan([repo.path], ONE_JOB).unique_ids).occurrence.commit == commit


def test_what_git_rebuilds_is_looked_at(repo, little):
    """A delta too large for our own walk over a pack."""
    noise = os.urandom(60_000).hex()
    commit = repo.put("a", f"{noise}\n{ID}", day=1)
    repo.put("a", f"{noise}\n{'nothing ' * 9}", day=2)
    (repo.path / "a").unlink()
    repo.git("repack", "-adfq")
    assert only(scan([repo.path], ONE_JOB).unique_ids).occurrence.commit == commit


def test_a_file_among_the_objects_is_looked_at(repo):
    """It is no object, and may hold anything."""
    repo.commit()
    (repo.path / ".git" / "objects" / "notes").write_text(ID)
    found = only(scan([repo.path], ONE_JOB).unique_ids).occurrence
    assert (found.where, found.path) == (PlaceKind.GIT_DIRECTORY, ".git/objects/notes")


def test_a_staged_file_too_large_for_memory_is_looked_at(repo, little):
    """And the name of another one."""
    repo.commit()
    for name, content in (("a", LONG + ID), (ID, "nothing")):
        repo.write(name, content)
        repo.git("add", name)
        options = ScanOptions(unique_ids=ONE_JOB.unique_ids, staged=True)
        assert only(scan([repo.path], options).unique_ids)
        repo.git("rm", "-q", "-f", name)


@pytest.mark.parametrize("jobs", [1, 2])
def test_both_are_handed_on_together(repo, jobs):
    """To every process: the plugins of detect-secrets, and the IDs."""
    word = hashlib.sha256(b"a password").hexdigest()[:20] + "Xz"
    for n in range(20):
        repo.write(f"{n}/a.py", f"password = '{word}{n}'\n")
    repo.write("19/b", ID)
    repo.commit()
    options = ScanOptions(unique_ids=ONE_JOB.unique_ids, jobs=jobs, detectors=Detectors.ALL)
    found = scan([repo.path], options)
    assert only(found.unique_ids)
    assert len(found.credentials) == 20
