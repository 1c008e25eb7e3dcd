"""In: a range of objects and what it may unpack to. Out: whether each object may be searched."""

from analyzer.git.allowance import FREE, OVER_BUDGET, Allowance
from analyzer.git.object_store import ObjectStore
from analyzer.git.objects import GitObject, StreamedObject, UnreadableObject
from analyzer.leaks.sources.work import ObjectsWork


class ObjectMeter:
    """What a range of objects may still unpack to."""

    def __init__(self, store: ObjectStore, item: ObjectsWork) -> None:
        self._store, self._part = store, item.work_range.part
        self._granted = item.allowance or 0
        self.allowance = None if item.allowance is None else Allowance(item.allowance)

    @property
    def spent(self) -> int:
        """What was used of the allowance."""
        return self._granted - self.allowance.left if self.allowance else 0

    def admits(self, row: int, each: GitObject | StreamedObject | UnreadableObject) -> bool:
        """Whether an object may be searched; if so, its size is counted."""
        if self.allowance is None:
            return True
        if isinstance(each, UnreadableObject):
            return each.reason != OVER_BUDGET
        size = len(each[2]) if isinstance(each, tuple) else each.size
        if size <= FREE:  # Most are.
            return self.allowance.left >= 0
        stored = self._store.stored_size(self._part, row)
        if not self.allowance.covers(stored, size):
            return False
        self.allowance.charge(stored, size)
        return True

    def count(self, row: int, size: int, further: int) -> None:
        """Counts what the search in an object cost, beyond its size."""
        if further and self.allowance:
            stored = self._store.stored_size(self._part, row)
            self.allowance.charge(stored, size + further, counted=size)
