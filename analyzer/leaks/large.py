"""In: an open file too large for memory. Out: what the files in it hold, if it is an archive.

It is mapped: only what its files unpack to lies in memory, one at a time.
"""

import mmap
import os

from analyzer.leaks.anchors import anchors
from analyzer.leaks.coats.budget import Budget
from analyzer.leaks.coats.containers import Unopened, is_container, members
from analyzer.leaks.credentials import Half, Sighting, Skipped
from analyzer.leaks.detecting.identifiers import identifiers
from analyzer.leaks.detecting.texts import sighted
from analyzer.leaks.detector import Found


def files_in(descriptor: int, sought: frozenset[bytes]) -> Found | None:
    """What stands in the files of an archive, however deep; None where it is none.

    Who else makes the file shorter meanwhile ends the process that reads it: as with packs.
    """
    try:
        size = os.fstat(descriptor).st_size
        data = memoryview(mmap.mmap(descriptor, size, access=mmap.ACCESS_READ))
    except (OSError, ValueError):
        return None
    if not is_container(data):
        return None
    budget = Budget.for_size(size)
    seen: list[Sighting] = []
    skipped: list[Skipped] = []
    for member in members(data, budget):
        if isinstance(member, Unopened):
            skipped.append(Skipped(member.what, member.reason, member.size, is_gap=False))
            continue
        seen += identifiers(member.data, sought, member.name)
        if spots := anchors(member.data):
            seen += sighted(member.data, spots, budget, member.name)
    skipped += (Skipped("", f"it {reason}", is_gap=False) for reason in budget.refusals)
    return Found(tuple(seen), tuple(skipped), 1)


def beside(within: Found, plain: Found) -> Found:
    """What was found in the files of an archive, and what shows through it and is not in them."""
    known = {_value_of(each) for each in within.sightings}
    news = (each for each in plain.sightings if _value_of(each) not in known)
    return Found((*within.sightings, *news), (*within.skipped, *plain.skipped), within.containers)


def _value_of(sighting: Sighting) -> tuple[str, str | None]:
    return sighting.half, sighting.key_id if sighting.half is Half.ID else sighting.digest
