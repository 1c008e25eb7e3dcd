"""In: what ranges of objects used of their allowances. Out: who goes on, and what is left unread.

Each range has its share of what its store may unpack to. `histories` runs those again for which
that was too little, with what the others left over: so it makes no difference which was done first.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from analyzer.files import Skipped
from analyzer.git.allowance import OVER_BUDGET
from analyzer.git.object_store import share_budget
from analyzer.leaks.results import Outcome
from analyzer.leaks.sources.missing_objects import count_phrase
from analyzer.leaks.sources.work import ObjectsWork, PartialScan, Repository


def with_allowances(repository: Repository, items: Sequence[ObjectsWork]) -> list[ObjectsWork]:
    """The work on a repository, each item with its share of the store's budget."""
    shares = share_budget(repository.store, [each.work_range for each in items])
    return [replace(item, allowance=share) for item, share in zip(items, shares, strict=True)]


def queue_uncovered(
    left: list[int], outcomes: Iterable[tuple[ObjectsWork, Outcome]]
) -> list[ObjectsWork]:
    """The items whose allowance was too little, each with a like part of what is left.

    `left` has for each repository what its store may still unpack to; what the outcomes used is
    taken off. Where nothing is left, there is nothing to go on with.
    """
    waiting: list[ObjectsWork] = []
    for item, outcome in outcomes:
        if isinstance(outcome, PartialScan):
            left[item.repository] -= outcome.spent
            if outcome.uncovered:
                waiting.append(replace(item, rows=frozenset(outcome.uncovered)))
    counts = Counter(each.repository for each in waiting)
    return [
        replace(each, allowance=left[each.repository] // counts[each.repository])
        for each in waiting
        if left[each.repository] > 0
    ]


def list_uncovered(
    repositories: Sequence[Repository], outcomes: Iterable[tuple[ObjectsWork, Outcome]]
) -> Iterator[tuple[int, Skipped]]:
    """What no allowance covered to the last, by the number of its repository; a line for a file.

    Of several outcomes of a range the last one counts.
    """
    last = {(item.repository, item.work_range): outcome for item, outcome in outcomes}
    rows: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for (number, work_range), outcome in last.items():
        if isinstance(outcome, PartialScan):
            rows[number, work_range.part] += outcome.uncovered
    for (number, part), uncovered in rows.items():
        store = repositories[number].store
        ids = [store.object_id(part, row) for row in sorted(uncovered)]
        if ids:
            yield (
                number,
                Skipped(f"{count_phrase(ids, 'object')}, in {store.place(part)}", OVER_BUDGET),
            )
