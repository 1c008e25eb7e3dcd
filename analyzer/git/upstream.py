"""In: the configuration of a repository, as data. Out: the ref that a branch follows, the origin.

Format: git's own documentation, "git-config". No file that it includes is read.
"""

import re
from pathlib import Path
from typing import TypeAlias

from analyzer.files import UnreadableFile, printable_name, read_untrusted

_LARGEST = 1 << 20
_HEADS = "refs/heads/"
_SYMBOLIC = f"ref: {_HEADS}"
_ORIGIN = "ref: refs/remotes/origin/"
_SECTION = re.compile(r'\[[ \t]*([\w.-]+)(?:[ \t]+"((?:[^"\\\n]|\\[^\n])*)")?[ \t]*\]', re.ASCII)
_SETTING = re.compile(r"([a-zA-Z][a-zA-Z\d-]*)[ \t]*(?:(=)|(?=[\r\n#;]|$))", re.ASCII)
_BETWEEN = re.compile(r"(?:\s+|[#;][^\n]*)*")
_PIECE = re.compile(r'[ \t\r\f\v]+|[^\s"\\#;]+|["#;\n]|\\\r?\n|\\.')
_QUOTED = re.compile(r'[^"\\\n]+|["\n]|\\\r?\n|\\.')
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\"}
_REFSPEC = re.compile(
    r"\+?(?P<here>[^*:]*)(?P<rest>\*?)(?P<tail>[^*:]*):(?P<there>[^*:]*)(?P<star>\*?)(?P<end>[^*:]*)"
)
_Sections: TypeAlias = dict[tuple[str, str], dict[str, list[str]]]


def find_upstream(git_dir: Path, common: Path, branch: str) -> str:
    """The full name of the ref that a branch follows; "" where none is configured.

    Without a name, of the branch that is checked out. Of several settings the first of `merge`
    holds and the last of `remote`, as in `git rev-parse @{upstream}`.
    """
    head, text = _read_text(git_dir / "HEAD").strip(), _read_text(common / "config")
    if not branch and not head.startswith(_SYMBOLIC):
        return ""
    settings = _parse(text)
    own = settings.get(("branch", branch or head.removeprefix(_SYMBOLIC)), {})
    remote, merged = own.get("remote", [""])[-1], own.get("merge", [""])[0]
    if remote == ".":
        return merged
    for spec in settings.get(("remote", remote), {}).get("fetch", ()):
        if found := _follow(spec, merged):
            return found
    return ""


def find_origin(git_dir: Path) -> tuple[str, str]:
    """The address of the remote `origin`, and its main branch; each "" where it is not known.

    The main branch is what the remote's HEAD named at the time of the clone, else the branch that
    is checked out.
    """
    settings = _parse(_read_text(git_dir / "config"))
    address = settings.get(("remote", "origin"), {}).get("url", [""])[0]
    main = _read_text(git_dir / "refs" / "remotes" / "origin" / "HEAD").strip()
    if main.startswith(_ORIGIN):
        return address, main.removeprefix(_ORIGIN)
    head = _read_text(git_dir / "HEAD").strip()
    return address, head.removeprefix(_SYMBOLIC) if head.startswith(_SYMBOLIC) else ""


def _read_text(path: Path) -> str:
    """A small file of git as text; "" for one that can't be read."""
    try:
        return printable_name(read_untrusted(path, _LARGEST)).removeprefix("\ufeff")
    except UnreadableFile:
        return ""


def _follow(spec: str, merged: str) -> str:
    """Where a refspec puts a ref of the remote; "" for one that it does not fetch."""
    found = _REFSPEC.fullmatch(spec)
    if not found or found["rest"] != found["star"] or not merged:
        return ""
    if not found["rest"]:
        return found["there"] if merged == found["here"] else ""
    here, tail = found["here"], found["tail"]
    if len(merged) < len(here + tail) or not (merged.startswith(here) and merged.endswith(tail)):
        return ""
    return found["there"] + merged[len(here) : len(merged) - len(tail)] + found["end"]


def _parse(text: str) -> _Sections:
    """The settings of each section, with all their values; none of a text that git refuses."""
    sections: _Sections = {}
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
