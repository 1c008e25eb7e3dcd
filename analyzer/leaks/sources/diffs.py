"""In: text that may hold diffs, from `git diff`, `git log -p` and the like. Out: its parts.

Each part is a text that can be searched as the file that it is of, without the marks of the diff,
with the place of each of its lines. Every line of the input is in a part, whatever the input is.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from analyzer.files import Skipped, printable_name
from analyzer.leaks.model import PlaceKind
from analyzer.leaks.options import STANDARD_INPUT
from analyzer.leaks.sources.binary_patches import LARGEST_PATCHES, read_binary_patch
from analyzer.leaks.sources.diff_names import path_in_head, path_of
from analyzer.leaks.sources.word_diffs import WordHunk, read_word_hunk

_SIGN = re.compile(rb"^@@+ -\d|^commit [0-9a-f]{40}|^GIT binary patch\r?$", re.MULTILINE)
_COLOUR = re.compile(rb"\x1b\[[\d;]*[mK]")
_HUNK = re.compile(rb"(@@+)((?: -\d{1,9}(?:,\d{1,9})?)+) \+(\d{1,9})(?:,(\d{1,9}))? @@+")
_COMMIT = re.compile(rb"(?:commit (?:[-<>^] )?|From )([0-9a-f]{40}(?:[0-9a-f]{24})?)\b")
_AUTHOR = re.compile(rb"(?:Author|From): +(.{1,1000}?)\r?$|author (.{1,1000}) \d+ [+-]\d{4}\r?$")
_BINARY = re.compile(rb"Binary files (.{1,4096}) and (.{1,4096}) differ\r?$")
_MARKS = frozenset(b"+- ")
_NO_CONTENT = "a binary file, of which a diff has no content"
_PATCH = b"GIT binary patch"


@dataclass(slots=True)
class DiffPart:
    """One side of a file in a diff, or what stands around the diffs.

    `numbers` has the line number of each line of `text` in its place, `kinds` where it stands; a
    line without a number is of another part, and is there for what stands beside it.
    """

    path: str = ""
    commit: str | None = None
    author: str | None = None
    lines: list[bytes] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("I"))
    kinds: list[PlaceKind] = field(default_factory=list)

    def add(self, line: bytes, number: int, kind: PlaceKind) -> None:
        """Adds a line; number 0 for one that belongs to another part."""
        self.lines.append(line)
        self.numbers.append(number)
        self.kinds.append(kind)

    @property
    def text(self) -> bytes:
        """All of its lines."""
        return b"\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class BinaryPart:
    """What a binary patch makes of a file, or what the file was.

    Without `has_lines`, what is known of that, of which the lines are not.
    """

    path: str
    commit: str | None
    author: str | None
    text: bytes
    kind: PlaceKind
    has_lines: bool


@dataclass(slots=True)
class _Hunk:
    """How many lines are still to come: of each old version, and of the new one; and the next."""

    old_left: list[int]
    new_left: int
    old_next: list[int]
    new_next: int


@dataclass(slots=True)
class _Reader:
    """What is known at a line: the commit, the file, the hunk, and the parts so far.

    `head` is the last line that began a file as git begins one. To `patch_bytes` binary patches may
    still unpack.
    """

    around: DiffPart = field(default_factory=DiffPart)
    message: DiffPart = field(default_factory=DiffPart)
    new: DiffPart = field(default_factory=DiffPart)
    old: DiffPart = field(default_factory=DiffPart)
    hunk: _Hunk | None = None
    head: bytes = b""
    patch_bytes: int = LARGEST_PATCHES
    has_file: bool = False
    in_header: bool = False
    in_message: bool = False


def holds_diff(data: bytes) -> bool:
    """Whether a text has what looks like a diff or a log of git, in colour or not."""
    plain = _COLOUR.sub(b"", data) if b"\x1b[" in data else data
    return b"\0" not in plain[:8000] and bool(_SIGN.search(plain))


def split_diff(data: bytes) -> Iterator[DiffPart | BinaryPart | Skipped]:
    """The parts of a text, each file's when it ends, what stands around them last.

    Also what a diff says is there and does not hold. Takes time linear in the text.
    """
    raw = data.split(b"\n")
    lines = _COLOUR.sub(b"", data).split(b"\n") if b"\x1b[" in data else raw
    reader, done = _Reader(), 0
    for number, line in enumerate(lines, 1):
        if number <= done:
            continue
        if reader.hunk and _read_hunk_line(reader, line):
            continue
        following = lines[number] if number < len(lines) else b""
        if _begins_part(reader, line, following):
            yield from _close(reader)
        if line.startswith(b"diff --"):
            reader.head = line
        if skipped := _absent_content(line):
            yield skipped
        if line.startswith(_PATCH):
            yield from _read_patch(reader, lines, number)
        before = reader.hunk
        _read_line(reader, line, following, number)
        if (hunk := reader.hunk) and hunk is not before and len(hunk.old_left) == 1:
            counts = hunk.old_left[0], hunk.new_left
            done = _read_words(reader, hunk, read_word_hunk(lines, raw, number, counts))
    yield from _close(reader)
    yield reader.around


def _begins_part(reader: _Reader, line: bytes, following: bytes) -> bool:
    """Whether a line, outside of a hunk, is the first of another file or commit."""
    if line.startswith((b"diff --", b"Index: ")) or _COMMIT.match(line):
        return True
    return reader.has_file and line.startswith(b"--- ") and following.startswith(b"+++ ")


def _close(reader: _Reader) -> Iterator[DiffPart]:
    for part in (reader.message, reader.new, reader.old):
        if any(part.numbers):
            yield part
    commit, author = reader.new.commit, reader.new.author
    reader.message = DiffPart("", commit, author)
    reader.new, reader.old = DiffPart("", commit, author), DiffPart("", commit, author)
    reader.has_file = reader.in_message = reader.in_header = False


def _read_line(reader: _Reader, line: bytes, following: bytes, number: int) -> None:
    """A line that is in no hunk: a header, a message, or neither."""
    if commit := _COMMIT.match(line):
        for part in (reader.message, reader.new, reader.old):
            part.commit, part.author = commit[1].decode(), None
        reader.in_header = True
    elif reader.in_header and (author := _AUTHOR.match(line)):
        for part in (reader.message, reader.new, reader.old):
            part.author = printable_name(author[1] or author[2])
    elif reader.in_header and not line.strip():
        reader.in_header, reader.in_message = False, True
    elif line.startswith(b"--- ") and following.startswith(b"+++ "):
        reader.new.path = reader.old.path = path_of(line[4:], following[4:])
        reader.has_file, reader.in_message = True, False
    elif reader.has_file and (head := _HUNK.match(line)):
        reader.hunk = _open_hunk(head)
        for part in (reader.new, reader.old):
            part.add(b"", 0, PlaceKind.KEPT_LINE)
    elif reader.in_message and not line.startswith((b"diff --", b"---")):
        count = len(reader.message.lines) + 1
        reader.message.add(line, count, PlaceKind.COMMIT_MESSAGE)
        return
    reader.around.add(line, number, PlaceKind.STANDARD_INPUT)


def _open_hunk(head: re.Match[bytes]) -> _Hunk:
    old = [each.lstrip(b"-").split(b",") for each in head[2].split()]
    return _Hunk(
        [int(each[1]) if len(each) > 1 else 1 for each in old],
        int(head[4]) if head[4] is not None else 1,
        [int(each[0]) for each in old],
        int(head[3]),
    )


def _read_hunk_line(reader: _Reader, line: bytes) -> bool:
    """Adds a line to the sides that have it; False, with the hunk at its end, if it is none."""
    hunk = reader.hunk
    if hunk is None or (hunk.new_left <= 0 and max(hunk.old_left) <= 0):
        reader.hunk = None
        return False
    width = len(hunk.old_left)
    # Some programs take the blank off an empty line.
    marks, rest = (line[:width], line[width:]) if line.strip(b"\r") else (b" " * width, line)
    if marks.startswith(b"\\"):
        return False
    if len(marks) < width or not _MARKS.issuperset(marks):
        reader.hunk = None
        return False
    if b"-" in marks:
        first = marks.index(b"-")
        reader.old.add(rest, hunk.old_next[first], PlaceKind.REMOVED_LINE)
        _advance(hunk, marks, b"-")
        return True
    kind = PlaceKind.ADDED_LINE if b"+" in marks else PlaceKind.KEPT_LINE
    reader.new.add(rest, hunk.new_next, kind)
    if kind is PlaceKind.KEPT_LINE:
        reader.old.add(rest, 0, kind)
    hunk.new_next, hunk.new_left = hunk.new_next + 1, hunk.new_left - 1
    _advance(hunk, marks, b" ")
    return True


def _read_words(reader: _Reader, hunk: _Hunk, words: WordHunk | None) -> int:
    """Adds the lines of a hunk by words to its sides; gives the number of the last, 0 for none."""
    if not words:
        return 0
    for number, line in enumerate(words.new, hunk.new_next):
        kind = PlaceKind.KEPT_LINE if line.is_kept else PlaceKind.ADDED_LINE
        reader.new.add(line.text, number, kind)
    for number, line in enumerate(words.old, hunk.old_next[0]):
        kind = PlaceKind.KEPT_LINE if line.is_kept else PlaceKind.REMOVED_LINE
        reader.old.add(line.text, 0 if line.is_kept else number, kind)
    reader.hunk = None
    return words.end


def _advance(hunk: _Hunk, marks: bytes, mark: bytes) -> None:
    """Counts a line of each old version whose column has the mark."""
    for column in range(len(marks)):
        if marks[column : column + 1] == mark:
            hunk.old_next[column] += 1
            hunk.old_left[column] -= 1


def _absent_content(line: bytes) -> Skipped | None:
    """What a line says of content that is not in the diff as text."""
    if names := _BINARY.match(line):
        return Skipped(path_of(names[1], names[2]), _NO_CONTENT, is_gap=False)
    return None


def _read_patch(reader: _Reader, lines: list[bytes], begin: int) -> Iterator[BinaryPart | Skipped]:
    """What a binary patch holds. The lines of what could be read are blank then: no text."""
    name = path_in_head(reader.head)
    reasons: dict[str, None] = {}
    for side in [*read_binary_patch(lines, begin, reader.patch_bytes)]:
        start, begin = begin, side.end
        if side.reason:
            reasons[side.reason] = None
        reader.patch_bytes -= side.unpacked
        if not side.content:
            continue
        lines[start : side.end] = [b""] * (side.end - start)
        kind = PlaceKind.ADDED_LINE if side.is_new else PlaceKind.REMOVED_LINE
        commit, author = reader.new.commit, reader.new.author
        yield BinaryPart(name, commit, author, side.content, kind, not side.reason)
    yield from (Skipped(name or STANDARD_INPUT, reason) for reason in reasons)
