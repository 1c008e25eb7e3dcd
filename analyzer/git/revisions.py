"""In: refs, and what a person or a push names. Out: commits, and what each of them changed.

The refs are read as data; everything else is asked of git in a sandbox, which has no refs of its
own: git is given ids alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from analyzer.files import UnreadableFile, read_untrusted
from analyzer.git.git_dir import Refs
from analyzer.git.sandbox import Sandbox, read_nul_separated, run_git
from analyzer.git.upstream import find_upstream

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT_ID = re.compile(r"[0-9a-f]{4,64}")
_REVISION = re.compile(r"(?P<name>[^~^:\s]+)(?P<steps>(?:\^\{[a-z]*\}|[~^]\d*)*)")
_UPSTREAM = re.compile(r"(?P<branch>.*)@\{u(?:pstream)?\}", re.IGNORECASE)
_STATE_REF = re.compile(r"[A-Z][A-Z_]*HEAD")
"""ORIG_HEAD, FETCH_HEAD and the like: files that begin with an id."""
_LARGEST_STATE = 1 << 20
# In the order in which git looks for a short name.
_PLACES = (
    "{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD",
)  # fmt: skip
_SUBMODULE = b"160000"
_LONGEST_LINE = 4096


class GitFolders(NamedTuple):
    """The git directory of a work tree, and the one with its refs and its configuration."""

    own: Path
    common: Path


@dataclass(frozen=True, slots=True)
class BlobChange:
    """A blob that a commit put at a path; `before` are those that its parents have there.

    `is_new_path` where none of the parents has anything there. `commit` is empty for what no commit
    brought in.
    """

    commit: str
    path: bytes
    oid: str
    before: tuple[str, ...] = ()
    is_new_path: bool = True


def resolve_revision(git: Sandbox, homes: GitFolders, refs: Refs, text: str) -> str | None:
    """The id of the commit that a text names: a branch, a tag, an id or the start of one, HEAD.

    Also a remote, by the branch that is its HEAD, and `@{u}`, what a branch follows. Each may have
    ~, ^ and ^{commit} behind it. None where it names no commit that is there.
    """
    named = _REVISION.fullmatch(text)
    base = _find_base(homes, refs, named["name"]) if named else ""
    if not named or not base:
        return None
    try:
        with run_git(
            git, "rev-parse", "--verify", "--quiet", f"{base}{named['steps']}^{{commit}}"
        ) as output:
            found = output.read(_LONGEST_LINE).decode().strip()
    except UnreadableFile:
        return None
    return found if _ID.fullmatch(found) else None


def list_commits(git: Sandbox, revisions: Iterable[str]) -> list[str]:
    """The commits that ids, `^id` and `id...id` stand for, parents before children.

    An `^id` that is not there counts for nothing. Raises UnreadableFile where a commit is missing.
    """
    arguments = ("rev-list", "--ignore-missing", "--topo-order", "--reverse", "--stdin")
    with run_git(git, *arguments, feed=revisions) as output:
        return output.read().decode().split()


def list_new_objects(git: Sandbox, revisions: Iterable[str]) -> frozenset[str]:
    """The ids of all objects that `revisions` lead to, as for `list_commits`."""
    arguments = ("rev-list", "--ignore-missing", "--objects", "--no-object-names", "--stdin")
    with run_git(git, *arguments, feed=revisions) as output:
        return frozenset(output.read().decode().split())


def list_kinds(git: Sandbox, oids: Iterable[str]) -> dict[str, str]:
    """The kind of each object that is there: commit, tree, blob or tag."""
    with run_git(git, "cat-file", "--batch-check=%(objectname) %(objecttype)", feed=oids) as output:
        rows = [line.split() for line in output.read().decode().splitlines()]
    return {oid: kind for oid, kind in rows if kind != "missing"}


def iter_changes(git: Sandbox, commits: Sequence[str]) -> Iterator[BlobChange]:
    """What each commit brought in: a merge only what none of its parents has.

    A file that was moved is compared with where it came from. Raises UnreadableFile where a tree
    can't be read.
    """
    options = ("--stdin", "--always", "-r", "-c", "--root", "--raw", "-z", "--no-abbrev", "-M")
    with run_git(git, "diff-tree", *options, feed=commits) as output:
        stream, commit = read_nul_separated(output), ""
        for token in stream:
            if not token.startswith(b":"):
                commit = token.decode().strip()
                continue
            parents = len(token) - len(token.lstrip(b":"))
            fields = token[parents:].split()
            modes, oids = fields[: parents + 1], fields[parents + 1 : -1]
            status, path = fields[-1], next(stream, b"")
            if parents == 1 and status[:1] in {b"R", b"C"}:
                path = next(stream, b"")
            if modes[-1] == _SUBMODULE or not oids[-1].strip(b"0"):
                continue
            before = [
                oid.decode()
                for mode, oid in zip(modes[:-1], oids[:-1], strict=True)
                if oid.strip(b"0") and mode != _SUBMODULE
            ]
            yield BlobChange(
                commit, path, oids[-1].decode(), tuple(before), not status.strip(b"ARC0123456789")
            )


def iter_tree(git: Sandbox, tree: str) -> Iterator[BlobChange]:
    """Each blob below a tree that no commit names. Raises UnreadableFile where it can't be read."""
    with run_git(git, "ls-tree", "-r", "-z", "--full-tree", tree) as output:
        for entry in read_nul_separated(output):
            head, _, path = entry.partition(b"\t")
            mode, _, oid = head.split()
            if mode != _SUBMODULE:
                yield BlobChange("", path, oid.decode())


def find_in_tree(git: Sandbox, tree: str, paths: Sequence[bytes]) -> dict[bytes, str]:
    """The id of what a tree has at each path; a path where nothing is does not come."""
    found: dict[bytes, str] = {}
    for begin in range(0, len(paths), 100):
        some = [path.decode("utf-8", "surrogateescape") for path in paths[begin : begin + 100]]
        with run_git(git, "ls-tree", "-z", "--full-tree", tree, "--", *some) as output:
            for entry in read_nul_separated(output):
                head, _, path = entry.partition(b"\t")
                found[path] = head.split()[-1].decode()
    return found


def _find_base(homes: GitFolders, refs: Refs, name: str) -> str:
    """The id that a name without steps stands for, or the start of an id; "" for none."""
    if name in {"HEAD", "@"}:
        return refs.head or ""
    if upstream := _UPSTREAM.fullmatch(name):
        branch = "" if upstream["branch"] in {"HEAD", "@"} else upstream["branch"]
        return refs.targets.get(find_upstream(homes.own, homes.common, branch), "")
    for place in _PLACES:
        full = place.format(name)
        if oid := refs.targets.get(full) or refs.symbolic.get(full):
            return oid
    if _STATE_REF.fullmatch(name):
        try:
            first = read_untrusted(homes.own / name, _LARGEST_STATE).split()[:1]
        except UnreadableFile:
            first = []
        return (
            first[0].decode("latin-1")
            if first and _ID.fullmatch(first[0].decode("latin-1"))
            else ""
        )
    return name if _SHORT_ID.fullmatch(name) else ""
