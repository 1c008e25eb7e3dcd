"""In: the configuration of a user's own repository, as data. Out: the ref that a branch follows.

It is asked as `git rev-parse @{upstream}` asks it.
"""

import re
from pathlib import Path

from analyzer.files import UnreadableFile, printable_name, read_untrusted
from analyzer.git.configuration import read_configuration

_LARGEST_HEAD = 1 << 12
_HEADS = "refs/heads/"
_SYMBOLIC = f"ref: {_HEADS}"
_REFSPEC = re.compile(
    r"\+?(?P<here>[^*:]*)(?P<rest>\*?)(?P<tail>[^*:]*):(?P<there>[^*:]*)(?P<star>\*?)(?P<end>[^*:]*)"
)


def find_upstream(git_dir: Path, common: Path, branch: str) -> str:
    """The full name of the ref that a branch follows; "" where none is configured.

    Without a name, of the branch that is checked out. Of several settings the first of `merge`
    holds and the last of `remote`, as in `git rev-parse @{upstream}`.
    """
    try:
        head = printable_name(read_untrusted(git_dir / "HEAD", _LARGEST_HEAD)).strip()
        settings = read_configuration(common)
    except UnreadableFile:
        return ""
    if not branch and not head.startswith(_SYMBOLIC):
        return ""
    own = settings.get(("branch", branch or head.removeprefix(_SYMBOLIC)), {})
    remote, merged = own.get("remote", [""])[-1], own.get("merge", [""])[0]
    if remote == ".":
        return merged
    for spec in settings.get(("remote", remote), {}).get("fetch", ()):
        if found := _follow(spec, merged):
            return found
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
