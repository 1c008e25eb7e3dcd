"""In: content of every size. Out: the proof that it is scanned to its end."""

import gzip

import pytest

from analyzer.files import Skipped
from analyzer.git.objects import StreamedObject
from analyzer.git.safe_open import DamagedObject
from analyzer.leaks.detect_secrets import PluginResult
from analyzer.leaks.model import CredentialKind, CredentialPart, Sighting
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import content
from analyzer.leaks.sources.content import (
    failure,
    scan_content,
    scan_in_chunks,
    scan_streamed,
    under_path,
)
from analyzer.leaks.sources.work import SearchTerms
from tests.archives.archive_material import a_zip
from tests.leaks.leak_material import credentials_file, key_id, secret
from tests.leaks.scan_results import only


def test_what_is_large_is_read_in_pieces(repo, monkeypatch):
    """A file and a blob above the limit are read to the end, with their lines."""
    monkeypatch.setattr("analyzer.leaks.sources.folders.LARGEST", 100_000)
    monkeypatch.setattr("analyzer.leaks.sources.content.CHUNK", 10_000)
    monkeypatch.setattr("analyzer.leaks.sources.large_files.CHUNK", 10_000)
    monkeypatch.setattr("analyzer.leaks.sources.large_files.OVERLAP", 1_000)
    monkeypatch.setattr("analyzer.leaks.detect.pieces.OVERLAP", 1_000)
    monkeypatch.setattr("analyzer.git.objects.LARGEST_BODY", 100_000)
    monkeypatch.setattr("analyzer.git.loose_objects.LARGEST_BODY", 100_000)
    text = "\n" * 150_000 + credentials_file() + "\n" * 50_000
    commit = repo.put("large", text, day=1)
    repo.write("larger", "\n" + text)
    found = [(o.path, o.line, o.commit) for o in only(scan([repo.path])).occurrences]
    assert found == [("large", 150_002, commit), ("larger", 150_003, None)]


class Plugins:
    """In place of the plugins of detect-secrets: one that finds something in any text."""

    def __init__(self):
        self.texts = []

    def scan(self, text, name, known):
        """Keeps what it was given."""
        self.texts.append((text, name, [each.key_id for each in known]))
        other = Sighting(CredentialKind.OTHER, 1, CredentialPart.WHOLE, digest="d")
        return PluginResult((other,), (Skipped(f"{name}:9", "long"),))


def test_plugins_get_text_with_what_is_known_of_it():
    """What they find comes behind what our detector found; binary content is not given to them."""
    plugins = Plugins()
    terms = SearchTerms(plugins)
    result = scan_content(terms, "a.txt", memoryview(key_id().encode() + b"\xff"))
    assert plugins.texts == [(key_id() + "\\xff", "a.txt", [key_id()])]
    assert [each.kind for each in result.sightings] == [
        CredentialKind.LONG_TERM_KEY,
        CredentialKind.OTHER,
    ]
    assert [each.what for each in result.skipped] == ["a.txt:9"]
    assert len(scan_content(terms, "a.bin", key_id().encode() + b"\0").sightings) == 1
    assert len(plugins.texts) == 1


def test_content_in_chunks_is_one_text_of_its_whole_length(monkeypatch):
    """A key across two chunks is found, with its line."""
    monkeypatch.setattr(content, "CHUNK", 10)
    head, rest = b"abcd" + b"\n" * 30 + key_id()[:5].encode(), key_id()[5:].encode()
    result, length = scan_in_chunks(SearchTerms(), head, iter([rest]))
    assert [(each.key_id, each.line) for each in result.sightings] == [(key_id(), 31)]
    assert length == len(head) + len(rest)
    assert not result.skipped


def test_what_plugins_do_not_search_is_a_gap():
    """They get no content that is too large for memory, and nobody takes it for searched."""
    result, _ = scan_in_chunks(SearchTerms(Plugins()), b"text", iter([b"more"]))
    assert [each.is_gap for each in result.skipped] == [True]


def test_what_an_archive_unpacks_to_is_counted_be_it_held_or_streamed():
    """As work that its store has to pay for."""
    size = 3 << 20
    packed = gzip.compress(b"\n" * size + credentials_file().encode())
    held = scan_content(SearchTerms(), "a.gz", packed)
    streamed, _, _ = scan_streamed(
        SearchTerms(), StreamedObject("oid", "blob", len(packed), iter([packed]))
    )
    for result in (held, streamed):
        assert {each.key_id for each in result.sightings} == {key_id()}
        assert size <= result.unpacked < 2 * size


def test_an_object_that_breaks_off_is_damaged():
    """What was read until then does not pass for the whole."""

    def chunks():
        yield b"x"
        raise DamagedObject("breaks off")

    with pytest.raises(DamagedObject):
        scan_streamed(SearchTerms(), StreamedObject("oid", "blob", 9, chunks()))


def test_what_is_skipped_in_a_file_is_named_by_the_file_and_its_own_path():
    """Its own path is empty for the file as a whole."""
    assert under_path("a.zip", Skipped("b.txt", "why", 3)) == Skipped("a.zip!/b.txt", "why", 3)
    assert under_path("a.zip", Skipped("", "why", 3)) == Skipped("a.zip", "why", 3)


def test_a_failure_quotes_nothing_of_the_content():
    """The message of an exception can hold a secret; its type can't."""
    assert failure("a", ValueError(secret())) == Skipped("a", "could not be examined: ValueError")


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_large_program_with_an_archive_behind_it_is_told(is_zip):
    """What is packed in it was not searched; without one nothing is missing."""
    packed = a_zip({"a": credentials_file().encode()}) if is_zip else b"the end"
    chunks = [b"#!/bin/sh\n" + b"\n" * content.CHUNK, b"#\n" * 9, packed[:20], packed[20:]]
    size = sum(map(len, chunks))
    result, length, _ = scan_streamed(
        SearchTerms(), StreamedObject("oid", "blob", size, iter(chunks))
    )
    assert length == size
    assert bool(result.skipped) is is_zip
    assert all(each.is_gap and "zip" in each.reason for each in result.skipped)
