"""In: a git directory. Out: the settings of its configuration, as data.

Format: git's own documentation, "git-config". No file that it includes is read.
"""

import re
from pathlib import Path
from typing import TypeAlias

from analyzer.files import printable_name, read_untrusted

_LARGEST = 1 << 20
_SECTION = re.compile(r'\[[ \t]*([\w.-]+)(?:[ \t]+"((?:[^"\\\n]|\\[^\n])*)")?[ \t]*\]', re.ASCII)
_SETTING = re.compile(r"([a-zA-Z][a-zA-Z\d-]*)[ \t]*(?:(=)|(?=[\r\n#;]|$))", re.ASCII)
_BETWEEN = re.compile(r"(?:\s+|[#;][^\n]*)*")
_PIECE = re.compile(r'[ \t\r\f\v]+|[^\s"\\#;]+|["#;\n]|\\\r?\n|\\.')
_QUOTED = re.compile(r'[^"\\\n]+|["\n]|\\\r?\n|\\.')
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\"}
Sections: TypeAlias = dict[tuple[str, str], dict[str, list[str]]]
"""By kind and name of a section, each setting with all its values in their order."""


def read_configuration(git_dir: Path) -> Sections:
    """The settings of each section; none of a text that git refuses.

    Raises UnreadableFile where there is no such file, or one that is too large.
    """
    text = printable_name(read_untrusted(git_dir / "config", _LARGEST))
    return _parse(text.removeprefix("\ufeff"))


def _parse(text: str) -> Sections:
    """The settings of each section, with all their values; none of a text that git refuses."""
    sections: Sections = {}
    own: dict[str, list[str]] = {}
    at = 0
    while (at := _end_of(_BETWEEN, text, at)) < len(text):
        if section := _SECTION.match(text, at):
            kind, name = section[1].lower(), section[2]
            if name is None:
                kind, _, name = kind.partition(".")
            own = sections.setdefault((kind, re.sub(r"\\(.)", r"\1", name)), {})
            at = section.end()
        elif (setting := _SETTING.match(text, at)) and setting[2]:
            read = _read_value(text, setting.end())
            if read is None:
                return {}
            value, at = read
            own.setdefault(setting[1].lower(), []).append(value)
        elif setting:
            at = setting.end()
        else:
            return {}
    return sections


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _read_value(text: str, at: int) -> tuple[str, int] | None:
    """A value, and where it ends: without quotes, blanks around it and a comment.

    None for one that git refuses.
    """
    parts: list[str] = []
    blanks = ""
    is_quoted = False
    while piece := (_QUOTED if is_quoted else _PIECE).match(text, at):
        found = piece[0]
        if found == "\n" or (found in {"#", ";"} and not is_quoted):
            break
        at = piece.end()
        if found.isspace() and not is_quoted:
            blanks = found if parts else ""
            continue
        if found == '"':
            is_quoted = not is_quoted
            found = ""
        elif found.startswith("\\") and not found.endswith("\n"):
            if found[1] not in _ESCAPES:
                return None
            found = _ESCAPES[found[1]]
        elif found.startswith("\\"):
            continue
        parts += (blanks, found)
        blanks = ""
    return None if is_quoted else ("".join(parts), at)
