"""In: the configuration of a user's own repository, as data. Out: the ref that a branch follows.

Format: git's own documentation, "git-config". No file that it includes is read.
"""

import re
from pathlib import Path

from analyzer.files import UnreadableFile, printable_name, read_untrusted

_LARGEST = 1 << 20
_HEADS = "refs/heads/"
_SYMBOLIC = f"ref: {_HEADS}"
_SECTION = re.compile(r'[ \t]*\[[ \t]*(\w+)[ \t]+"((?:[^"\\\n]|\\.)*)"[ \t]*\]')
_SETTING = re.compile(r"[ \t]*(\w+)[ \t]*=(.*)")
_REFSPEC = re.compile(r"\+?(?P<here>[^*:]*)(?P<rest>\*?):(?P<there>[^*:]*)\*?")


def find_upstream(git_dir: Path, common: Path, branch: str) -> str:
    """The full name of the ref that a branch follows; "" where none is configured.

    Without a name, of the branch that is checked out.
    """
    try:
        head = printable_name(read_untrusted(git_dir / "HEAD", _LARGEST)).strip()
        text = printable_name(read_untrusted(common / "config", _LARGEST))
    except UnreadableFile:
        return ""
    if not branch and not head.startswith(_SYMBOLIC):
        return ""
    settings = _parse(text)
    own = settings.get(("branch", branch or head.removeprefix(_SYMBOLIC)), {})
    remote, merged = own.get("remote", [""])[-1], own.get("merge", [""])[-1]
    if remote == ".":
        return merged
    for spec in settings.get(("remote", remote), {}).get("fetch", ()):
        found = _REFSPEC.fullmatch(spec)
        if not found or not merged.startswith(found["here"]):
            continue
        rest = merged.removeprefix(found["here"])
        if found["rest"] or not rest:
            return found["there"] + rest
    return ""


def _parse(text: str) -> dict[tuple[str, str], dict[str, list[str]]]:
    """The settings of each section that has a name, with all their values."""
    sections: dict[tuple[str, str], dict[str, list[str]]] = {}
    own: dict[str, list[str]] = {}
    for line in text.split("\n"):
        if found := _SECTION.match(line):
            name = re.sub(r"\\(.)", r"\1", found[2])
            own = sections.setdefault((found[1].lower(), name), {})
        elif line.lstrip().startswith("["):
            own = {}
        elif setting := _SETTING.match(line):
            own.setdefault(setting[1].lower(), []).append(setting[2].strip().strip('"'))
    return sections
