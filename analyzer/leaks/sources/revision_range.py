"""In: a folder of the user's, and the range that was typed. Out: its repository, and revisions.

`commit_range` calls it. Git reads the objects, in a sandbox; refs are read as data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from analyzer.errors import ConfigurationError
from analyzer.files import UnreadableFile, printable_name
from analyzer.git.git_dir import Refs, read_head, read_refs, read_shallow
from analyzer.git.revisions import GitFolders, resolve_revision
from analyzer.git.sandbox import Sandbox, open_sandbox, set_shallow
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.sources.checkout import (
    Checkout,
    find_repository,
    find_unpacked_repository,
    list_object_dirs,
)
from analyzer.leaks.sources.work import SearchTerms, Source

# Without a first commit, in a script most likely an empty variable, nothing would be looked at.
_RANGE = re.compile(r"(?P<first>.+?)(?P<dots>\.{2,3})(?P<last>.*)")
SHORT_ID = 40
"""Letters of the shorter kind of object ids."""
_FETCH_MORE = (
    "Name a commit, a branch or a tag that is there; in a shallow clone `git fetch --unshallow` "
    "brings older ones (in a workflow: fetch-depth: 0)"
)


@dataclass(frozen=True, slots=True)
class RangeRepository:
    """An opened repository: its name in the report, its refs, and git in a sandbox over it."""

    name: str
    checkout: Checkout
    refs: Refs
    shallow: frozenset[str]
    git: Sandbox
    options: ScanOptions
    terms: SearchTerms
    jobs: int


@contextmanager
def open_for_range(
    source: Source, options: ScanOptions, terms: SearchTerms, jobs: int
) -> Iterator[RangeRepository]:
    """The repository that a folder is in, or an archive holds, as long as the block runs.

    Raises ConfigurationError where there is none, UnreadableFile where git has no room.
    """
    try:
        find = find_unpacked_repository if source.is_unpacked else find_repository
        checkout = find(source.root)
    except UnreadableFile as fault:
        raise ConfigurationError(
            fault.reason, where=source.name, remedy="Name the folder of a repository"
        ) from None
    head = read_head(checkout.git_dir, checkout.common)
    refs = replace(read_refs(checkout.common), head=head)
    stores = list_object_dirs(checkout)
    added = (options.quarantine,) if options.quarantine else ()
    oids = [*refs.targets.values(), *(each.new or each.old for each in options.pushed or ())]
    length = len(max(oids, key=len, default="")) or SHORT_ID
    with open_sandbox((*added, *stores), length, options.git_seconds) as git:
        shallow = read_shallow(checkout.common)
        set_shallow(git, shallow)
        yield RangeRepository(source.name, checkout, refs, shallow, git, options, terms, jobs)


def parse_range(repository: RangeRepository, text: str) -> list[str]:
    """The revisions for git of what was typed. Raises ConfigurationError for what is no commit."""
    match = _RANGE.fullmatch(text)
    if not match:
        return [_require_commit(repository, "HEAD"), f"^{_require_commit(repository, text)}"]
    first, last = (_require_commit(repository, match[name] or "HEAD") for name in ("first", "last"))
    return [f"{first}...{last}"] if match["dots"] == "..." else [last, f"^{first}"]


def _require_commit(repository: RangeRepository, text: str) -> str:
    folders = GitFolders(repository.checkout.git_dir, repository.checkout.common)
    found = resolve_revision(repository.git, folders, repository.refs, text)
    if found is None:
        raise ConfigurationError(
            f"{printable_name(text)!r} is no commit of {repository.name}",
            where="--since",
            remedy=_FETCH_MORE,
        )
    return found
