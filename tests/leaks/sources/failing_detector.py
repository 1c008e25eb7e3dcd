"""In: a word. Out: a detector that fails at any content with it."""

import pytest

from analyzer.leaks.detect.candidate import ContentResult
from analyzer.leaks.sources import content, git_objects


def breaks(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Has the detector fail at any content that has the word in it."""
    scan_bytes = content.scan_bytes

    def broken(data: bytes | memoryview, *unique_ids: frozenset[bytes]) -> ContentResult:
        if word.encode() in bytes(data):
            raise ZeroDivisionError(bytes(data))
        return scan_bytes(data, *unique_ids)

    for module in (content, git_objects):
        monkeypatch.setattr(module, "scan_bytes", broken)
