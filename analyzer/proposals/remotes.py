"""In: paths of repositories that were searched. Out: what each says of itself, by its name there.

Whoever wrote a repository may be an attacker: a name that no host gives, such as one with a
wildcard, is left away, so that it can't widen the trust of a role.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from analyzer.git.upstream import find_origin
from analyzer.leaks.options import display_names
from analyzer.proposals.workloads import Remote

_ADDRESS = re.compile(
    r"(?:(?:https|ssh|git)://(?:[^@/\s]*@)?(?P<host>[\w.-]+)(?::[0-9]+)?/"
    r"|(?:[\w.-]+@)?(?P<scp>[\w.-]+):/?)"
    r"(?P<name>[\w.-]+(?:/[\w.-]+)+)/?",
    re.ASCII,
)
_BRANCH = re.compile(r"[\w./+#@-]{1,250}", re.ASCII)
_LONGEST = 500


def read_remotes(roots: Iterable[Path]) -> Mapping[str, Remote]:
    """For each path, as a scan names it, the host and name of its remote `origin` and its branch.

    A path without a git directory of its own, or whose remote has no such name, is left out.
    """
    found = ((name, _remote_of(root)) for root, name in display_names(roots).items())
    return {name: remote for name, remote in found if remote is not None}


def _remote_of(root: Path) -> Remote | None:
    own = root / ".git"
    address, branch = find_origin(own if own.is_dir() and not own.is_symlink() else root)
    named = _ADDRESS.fullmatch(address) if len(address) <= _LONGEST else None
    if named is None:
        return None
    host = (named["host"] or named["scp"]).lower()
    name = named["name"].removesuffix(".git")
    return Remote(name, branch if _BRANCH.fullmatch(branch) else "", host)
