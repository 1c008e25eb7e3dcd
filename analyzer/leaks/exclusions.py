"""In: patterns as a .gitignore has them. Out: which paths they leave out, and a count of what was.

What a pattern leaves out is never silent: each is listed with the number of what it met. The rules
are those of git's documentation, "gitignore", but for classes such as [[:alpha:]]. Paths can be
hostile, so no pattern backtracks.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import translate
from functools import cache
from typing import TypeAlias

from analyzer.errors import ConfigurationError
from analyzer.files import Skipped

OPTION = "--exclude"
_ANY_FOLDERS = "**"
_MOST_FOLDERS = 100
"""Folders above a path of the history that are asked; a deeper path is not left out."""
_ESCAPED = re.compile(r"\\(.)|\[\^", re.DOTALL)
_NOTHING = re.compile(r"(?!)")
_UNESCAPED_BLANKS = re.compile(r"(?<!\\)[ \t]+\Z")


class LeftOut(StrEnum):
    """What a pattern was met by."""

    FILE = "file"
    FOLDER = "folder"
    CHANGE = "changed file"
    HISTORY = "find in the history"
    MEMBER = "find in an archive"
    ELSEWHERE = "part in another store"
    UNREAD = "unread part"
    INPUT = "find in the input"
    FIND = "find"

    def describe(self, number: int) -> str:
        """So many of them, in words."""
        head, blank, rest = self.value.partition(" in ")
        head = self.value if self is LeftOut.CHANGE else head
        return f"{number:,} {head}{'' if number == 1 else 's'}{blank}{rest}"


LeftOutCounts: TypeAlias = Counter[tuple[str, LeftOut]]
"""How often each pattern met each kind of thing."""


@dataclass(frozen=True, slots=True)
class PathPattern:
    """One pattern: its text, and what each step of a path has to be; None is any number of steps.

    `takes_back` is that of a pattern behind "!".
    """

    text: str
    steps: tuple[re.Pattern[str] | None, ...]
    takes_back: bool
    is_for_folders: bool

    def fits(self, steps: Sequence[str], *, is_folder: bool) -> bool:
        """Whether it names the path of these steps itself, not one below it."""
        if self.is_for_folders and not is_folder:
            return False
        at = mine = 0
        again: tuple[int, int] | None = None  # where the last `**` stands, and what it has taken
        while at < len(steps):
            step = self.steps[mine] if mine < len(self.steps) else _NOTHING
            if step is None:
                again, mine = (mine, at), mine + 1
            elif step.match(steps[at]):
                at, mine = at + 1, mine + 1
            elif again:
                again = again[0], again[1] + 1
                mine, at = again[0] + 1, again[1]
            else:
                return False
        return all(step is None for step in self.steps[mine:])


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Patterns in their order: of those that fit a path the last one decides, as with git.

    What lies in a folder that is left out can't be taken back.
    """

    patterns: tuple[PathPattern, ...] = ()

    def match_entry(self, path: str, *, is_folder: bool) -> str | None:
        """The pattern that leaves out what stands there, whatever is with the folders above."""
        return self._decide(path.split("/"), is_folder=is_folder)

    def match(self, path: str) -> str | None:
        """The pattern that leaves out a file, or a folder above it; None for one that is kept.

        A path goes on into archives, as in a report. A very deep one is kept.
        """
        steps = path.replace("!/", "/").split("/") if self.patterns else []
        if len(steps) > _MOST_FOLDERS:
            return None
        for end in range(1, len(steps) + 1):
            if pattern := self._decide(steps[:end], is_folder=end < len(steps)):
                return pattern
        return None

    def _decide(self, steps: Sequence[str], *, is_folder: bool) -> str | None:
        for each in reversed(self.patterns):
            if each.fits(steps, is_folder=is_folder):
                return None if each.takes_back else each.text
        return None


NO_EXCLUSIONS = Exclusions()


@cache
def parse_exclusions(patterns: tuple[str, ...]) -> Exclusions:
    """The patterns ready for use. Raises ConfigurationError for one that can match nothing."""
    return Exclusions(tuple(map(_parse_pattern, patterns)))


def leave_out_elsewhere(
    counts: LeftOutCounts, exclusions: Exclusions, folder: str, path: str
) -> bool:
    """Whether what is kept elsewhere for a path in a folder is to be left out, which is counted."""
    pattern = exclusions.match(f"{folder}/{path}" if folder else path)
    if pattern:
        counts[pattern, LeftOut.ELSEWHERE] += 1
    return pattern is not None


def describe_left_out(counts: LeftOutCounts) -> Iterator[Skipped]:
    """A line for each pattern, with the numbers of what it left out."""
    for pattern in sorted({pattern for pattern, _ in counts}):
        parts = [kind.describe(counts[pattern, kind]) for kind in LeftOut if counts[pattern, kind]]
        reason = f"left out: {', '.join(parts)}"
        yield Skipped(f"{OPTION} {pattern}", reason, is_gap=False, is_wanted=True)


def describe_unmet(exclusions: Exclusions, met: Iterable[str]) -> Iterator[Skipped]:
    """A line for each pattern that nothing met: it may be mistyped."""
    known = set(met)
    for each in exclusions.patterns:
        if not each.takes_back and each.text not in known:
            known.add(each.text)
            yield Skipped(f"{OPTION} {each.text}", "nothing met it", is_gap=False, is_wanted=True)


def _parse_pattern(text: str) -> PathPattern:
    takes_back = text.startswith("!")
    body = _UNESCAPED_BLANKS.sub("", text.removeprefix("!"))
    is_for_folders = body.endswith("/")
    body = body.rstrip("/")
    # A pattern with a slash in it begins at the top; any other may stand at any depth.
    names = body.removeprefix("/").split("/") if "/" in body else [_ANY_FOLDERS, body]
    if not all(names):
        raise ConfigurationError(
            f"{text!r} names no path",
            where=OPTION,
            remedy="Give a pattern as in a .gitignore: tests/, *.lock, /docs/**/*.pem",
        )
    if names[-1] == _ANY_FOLDERS and len(names) > 1:
        names.append("*")
    steps = tuple(None if name == _ANY_FOLDERS else _compile_step(name) for name in names)
    return PathPattern(text, steps, takes_back, is_for_folders)


def _compile_step(name: str) -> re.Pattern[str]:
    """A regular expression for one step; Python's own translation takes each star as it comes."""
    return re.compile(translate(_ESCAPED.sub(_as_class, name)))


def _as_class(escape: re.Match[str]) -> str:
    """An escaped character, or the start of a negated class, as `fnmatch` spells it."""
    if not escape[1]:
        return "[!"
    return f"[{escape[1]}]" if escape[1] in "*?[" else escape[1]
