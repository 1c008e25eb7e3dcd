"""In: a repository whose objects were all scanned. Out: what of its history is not there.

`completion` calls it with the ids that `git_objects` found to be named and not in the store.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from analyzer.files import Skipped
from analyzer.git.allowance import Allowance
from analyzer.git.lookup import contains, read_many
from analyzer.leaks.sources.repository import (
    is_partial,
    read_all_refs,
    read_all_shallow,
    read_history,
)
from analyzer.leaks.sources.work import Repository

_MISSING = "missing; a partial clone lacks what was never fetched"
NOT_FETCHED = "a partial clone: never fetched; `git fetch --refetch --no-filter` brings the rest"
"""Why an object is not in a partial clone, with the command that brings it."""
_OLDER = "what is first seen there may be older, so no author is named for it"


def missing_objects(repository: Repository, missing: AbstractSet[str]) -> Iterator[Skipped]:
    """Refs that lead to nothing, and objects that are named and not there.

    The latter only as far as the repository was checked. What a shallow clone never fetched is no
    gap: it is older than all that is here. What a partial clone did not is a gap, for it belongs to
    commits that are here.
    """
    refs = read_all_refs(repository)
    store = repository.store
    allowance = Allowance(store.budget)
    found = read_many(store, sorted({*refs.targets.values()}), allowance)
    # Once the allowance is used up, whether an object is listed has to do.
    lost = {
        oid
        for oid, each in found
        if each is None and not (allowance.left < 0 and contains(store, oid))
    }
    for name, oid in refs.targets.items():
        if oid in lost:
            yield Skipped(name, f"object {oid} is missing or damaged")
    shallow = read_all_shallow(repository)
    if not repository.is_checked or not missing:
        return
    commits = read_history(repository, refs).commits
    parents = {parent for commit in commits.values() for parent in commit.parents} & missing
    orphans = {oid for oid, each in commits.items() if not parents.isdisjoint(each.parents)}
    if cut := sorted(orphans & shallow):
        reason = f"a shallow clone: {_OLDER}; `git fetch --unshallow` brings the rest"
        yield Skipped(f"history before {count_phrase(cut, 'commit')}", reason, is_gap=False)
    if broken := sorted(orphans - shallow):
        yield Skipped(
            f"history before {count_phrase(broken, 'commit')}",
            f"a parent commit is missing: {_OLDER}",
        )
    if others := sorted(missing - parents):
        if is_partial(repository.stores):
            yield describe_never_fetched(others)
        else:
            yield Skipped(count_phrase(others, "object"), _MISSING)


def describe_never_fetched(oids: Sequence[str]) -> Skipped:
    """The gap that objects leave which a partial clone lacks, with the command that brings them."""
    return Skipped(count_phrase(oids, "object"), NOT_FETCHED)


def count_phrase(oids: Sequence[str], noun: str) -> str:
    """One object by its id, several by their number and the first of them."""
    return f"{noun} {oids[0]}" if len(oids) == 1 else f"{len(oids)} {noun}s, {oids[0]} among them"
