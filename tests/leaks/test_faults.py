"""Whatever step of the search raises, it hides nothing that another step finds, and is told."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from analyzer.archives import members
from analyzer.leaks.decode import layers
from analyzer.leaks.detect import deep_scan, registry, window_search
from analyzer.leaks.detect.candidate import Candidate, ContentResult
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.registry import PATTERNS, called_for
from analyzer.leaks.faults import FaultLog, yield_until_fault
from analyzer.leaks.model import CredentialKind
from tests.archives.archive_material import a_zip
from tests.leaks.decode.encoded_material import KEY, PAIR, SECRET, b64
from tests.leaks.leak_material import key_id

SAYS = f"the message quotes {SECRET}"
DECODERS = ("_join_strings", "_unescape", "_drop_nul", "_decode")


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch):
    """A window that was searched before is not searched again; here each is."""
    monkeypatch.setattr(window_search, "_LONGEST_KEPT", 0)


def raises(*_: object, **__: object) -> Any:
    """Fails, with content in its message."""
    raise ZeroDivisionError(SAYS)


def key_ids(result: ContentResult) -> set[str | None]:
    """The key IDs that were found."""
    return {each.key_id for each in result.sightings}


def gaps(result: ContentResult) -> list[str]:
    """What the scan says was not examined."""
    return [each.reason for each in result.skipped if each.is_gap]


@pytest.mark.parametrize("broken", PATTERNS, ids=lambda pattern: pattern.find.__module__)
def test_a_pattern_that_raises_hides_nothing_that_another_finds(monkeypatch, broken):
    """With the pattern of key IDs it is the nameless secret's neighbour that stays."""
    others = [replace(each, find=raises) if each is broken else each for each in PATTERNS]
    monkeypatch.setattr(registry, "PATTERNS", others)
    finds_key_ids = CredentialKind.LONG_TERM_KEY in broken.kinds
    result = scan_bytes(PAIR.encode())
    assert (KEY in key_ids(result)) is not finds_key_ids
    if PATTERNS.index(broken) not in called_for(PAIR):
        assert gaps(result) == []
    else:
        assert any("ZeroDivisionError" in reason for reason in gaps(result))


def test_what_a_pattern_found_before_it_raised_still_counts(monkeypatch):
    """The second key breaks it, the first is found."""
    second = key_id(n=8)
    (of_ids,) = (each for each in PATTERNS if CredentialKind.LONG_TERM_KEY in each.kinds)

    def find(text: str) -> Iterator[Candidate]:
        for candidate in of_ids.find(text):
            if candidate.value == second:
                raise ZeroDivisionError(SAYS)
            yield candidate

    others = [replace(each, find=find) if each is of_ids else each for each in PATTERNS]
    monkeypatch.setattr(registry, "PATTERNS", others)
    assert key_ids(scan_bytes(f"{KEY}\n{second}\n".encode())) == {KEY}


@pytest.mark.parametrize("name", DECODERS)
def test_a_decoder_that_raises_hides_no_plain_pair(monkeypatch, name):
    """The pair stands beside what the decoder was to undo."""
    monkeypatch.setattr(layers, name, raises)
    result = scan_bytes(PAIR.encode())
    assert key_ids(result) == {KEY}
    assert len(gaps(result)) == 1
    assert gaps(result)[0].endswith(": ZeroDivisionError")


def test_a_decoder_that_raises_leaves_the_others_their_layers(monkeypatch):
    """Escapes can't be undone, base64 still is."""
    monkeypatch.setattr(layers, "_unescape", raises)
    assert KEY in key_ids(scan_bytes(b64(PAIR).encode()))


@pytest.mark.parametrize("step", ["to_sightings", "inline_allows", "embedded_archives"])
def test_what_follows_the_search_costs_no_find(monkeypatch, step):
    """Where values can't be paired or comments not be read, the key is found without them."""
    made = deep_scan.to_sightings

    def alone_only(placed: list[object], *member: str) -> object:
        return made(placed, *member) if len(placed) == 1 else raises()

    def breaking(*_: object) -> Iterator[object]:
        yield from raises()

    broken = {"to_sightings": alone_only, "embedded_archives": breaking}
    monkeypatch.setattr(deep_scan, step, broken.get(step, raises))
    result = scan_bytes(PAIR.encode())
    assert KEY in key_ids(result)
    assert gaps(result)


def test_an_archive_that_raises_in_the_middle_leaves_what_came_before(monkeypatch):
    """Its first file is searched."""
    opened = members.iter_members

    def breaking(*given: object) -> Iterator[object]:
        yield next(opened(*given))
        raise ZeroDivisionError(SAYS)

    monkeypatch.setattr(members, "iter_members", breaking)
    result = scan_bytes(a_zip({"a": PAIR.encode(), "b": b"nothing"}))
    assert key_ids(result) == {KEY}
    assert gaps(result) == ["could not be examined for more files of an archive: ZeroDivisionError"]


def test_no_note_quotes_content(monkeypatch):
    """A message can hold the secret, so only the type of an error is told."""
    for name in DECODERS:
        monkeypatch.setattr(layers, name, raises)
    assert SECRET not in repr(scan_bytes(PAIR.encode()).skipped)


def test_the_items_before_a_fault_come_and_the_fault_is_noted_once():
    """However often the same step raises."""
    faults = FaultLog()
    for _ in range(2):
        assert list(yield_until_fault(map(int, ["1", "x", "2"]), "numbers", faults)) == [1]
    assert list(faults.reasons) == ["could not be examined for numbers: ValueError"]
