"""In: a folder of a user's own repository. Out: what it is called where it was cloned from.

Read as data: git is not run, and no remote is asked.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from analyzer.files import UnreadableFile, printable_name, read_untrusted
from analyzer.git.configuration import read_configuration

_LARGEST_HEAD = 1 << 12
_SYMBOLIC = "ref: refs/heads/"
_URL = re.compile(
    r"(?:[a-z+]+://(?:[^/@]*@)?(?P<host>[^/:]+)(?::\d+)?/|(?:[^/@]+@)?(?P<scp>[^/:]+):)"
    r"/?(?P<path>[^?#]+?)(?:\.git)?/?",
    re.IGNORECASE,
)
"""An address with a scheme, or in scp's form `git@github.com:owner/name.git`."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository's host and path at its remote, and the branch that is checked out.

    Each is "" where no file says it. `path` is OWNER/NAME, at GitLab with groups before it.
    """

    host: str = ""
    path: str = ""
    branch: str = ""


def read_remote(folder: Path) -> Remote:
    """The remote `origin`, or the only one there is, of a work tree or a bare repository."""
    git_dir = folder / ".git" if (folder / ".git").is_dir() else folder
    try:
        head = printable_name(read_untrusted(git_dir / "HEAD", _LARGEST_HEAD)).strip()
        settings = read_configuration(git_dir)
    except UnreadableFile:
        return Remote()
    branch = head.removeprefix(_SYMBOLIC) if head.startswith(_SYMBOLIC) else ""
    remotes = {name: each for (kind, name), each in settings.items() if kind == "remote"}
    name = "origin" if "origin" in remotes else next(iter(remotes), "") * (len(remotes) == 1)
    address = _URL.fullmatch(remotes.get(name, {}).get("url", [""])[-1])
    if address is None:
        return Remote(branch=branch)
    return Remote((address["host"] or address["scp"]).lower(), address["path"], branch)
