"""In: a file with the message of a commit that is being made. Out: a PartialScan of the message.

`part_scans` calls it for the hook that git runs before it takes a message.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from analyzer.files import read_untrusted
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import Occurrence, PlaceKind
from analyzer.leaks.sources.content import add_result
from analyzer.leaks.sources.work import PartialScan, SearchTerms

_LARGEST = 64 * 1024 * 1024
# Git's own two lines, in any language and with any character for comments. What comes behind them
# is shown to whoever writes the message, and has the lines that the commit removes.
_SCISSORS = re.compile(rb"^(?P<mark>\S{1,40}) -{24} >8 -{24}\r?\n(?P=mark) ", re.MULTILINE)


def scan_commit_message(name: str, path: Path, terms: SearchTerms) -> PartialScan:
    """Scans the message in a file that was named. Raises UnreadableFile where it can't be read."""
    return scan_message_text(name, read_untrusted(path.resolve(), _LARGEST), terms)


def scan_message_text(name: str, text: bytes, terms: SearchTerms) -> PartialScan:
    """Scans a message as the editor left it, without the changes that `git commit -v` shows."""
    cut = _SCISSORS.search(text)
    message = text[: cut.start()] if cut else text
    scan = PartialScan(objects=1, size=len(message))
    place = Occurrence(name, name, 0, PlaceKind.COMMIT_MESSAGE)
    add_result(scan, scan_bytes(message, terms.unique_ids), place)
    scan.skipped = [replace(each, what=each.what or name) for each in scan.skipped]
    return scan
