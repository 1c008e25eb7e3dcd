"""In: a step of the search that raises. Out: a note of it, while the other steps go on.

No content may hide a credential by breaking what looks for another: a decoder, a pattern or an
archive that raises costs what it alone would have found. A note has the error's type and not its
message, which could quote content.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class FaultLog:
    """The steps that raised, each once, in the order in which they did."""

    reasons: dict[str, None] = field(default_factory=dict)

    def note(self, step: str, fault: Exception) -> None:
        """Notes that the step raised."""
        self.reasons[f"could not be examined for {step}: {type(fault).__name__}"] = None

    def add(self, reasons: Iterable[str]) -> None:
        """Notes what another log has."""
        self.reasons.update(dict.fromkeys(reasons))


def yield_until_fault(items: Iterator[Item], step: str, faults: FaultLog) -> Iterator[Item]:
    """The items until making the next one raises, which is noted."""
    while True:
        try:
            item = next(items)
        except StopIteration:
            return
        except Exception as fault:  # noqa: BLE001 - a fault in one step must not cost the others
            faults.note(step, fault)
            return
        yield item
