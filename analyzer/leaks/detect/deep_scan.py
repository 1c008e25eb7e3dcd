"""In: content in which the prefilter found something. Out: the sightings in it.

The slow path: encodings are undone, archives are opened, archives within base64 too, all of it
within one budget of work. No secret's value comes out.
"""

import mmap
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from analyzer.archives.budget import Budget
from analyzer.archives.opened import Member, Opened, OpeningRules, StreamedMember, UnopenedMember
from analyzer.archives.signatures import looks_like_archive
from analyzer.files import Skipped
from analyzer.leaks.decode.charsets import newline
from analyzer.leaks.decode.embedded_archives import embedded_archives
from analyzer.leaks.decode.windows import windows
from analyzer.leaks.detect.candidate import ContentResult
from analyzer.leaks.detect.inline_allow import inline_allows
from analyzer.leaks.detect.pieces import overlapping_pieces, regroup, whole_lines
from analyzer.leaks.detect.prefilter import candidate_offsets, hides_in_base64
from analyzer.leaks.detect.sightings import PlacedCandidate, to_sightings
from analyzer.leaks.detect.unique_ids import find_unique_ids
from analyzer.leaks.detect.window_search import search_window
from analyzer.leaks.faults import FaultLog, yield_until_fault
from analyzer.leaks.model import Sighting, only_new

_WITH_OPENED = OpeningRules(gives_opened=True)
_DEPTH = 3
"""Archives in base64 that may lie inside each other."""


@dataclass(frozen=True, slots=True)
class _DeepScan:
    """The work on one content: its budget, what else it searches for, and what went wrong.

    `refused` has, for each reason why something was left out, the member in which it first was.
    """

    budget: Budget
    unique_ids: frozenset[bytes]
    skipped: list[Skipped] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    faults: FaultLog = field(default_factory=FaultLog)


def scan_deeply(data: bytes, offsets: list[int], unique_ids: frozenset[bytes]) -> ContentResult:
    """What the content holds, and the files in it if it is an archive, however deep.

    `offsets` are the prefilter's; `unique_ids` are those of the accounts under audit.
    """
    work = _DeepScan(Budget.for_size(len(data)), unique_ids)
    sightings: list[Sighting] = []
    opened = _open_archive(data, work.budget)
    if opened:
        sightings += _scan_members(opened, work)
    # What begins like an archive is possibly a text; what an archive stores without compression
    # shows in its bytes, and was found among its members.
    if offsets or not opened:
        sightings += only_new(sightings, _scan_with_archives(data, offsets, work))
    return _content_result(sightings, work, int(opened is not None))


def scan_chunk(
    data: bytes, offsets: list[int], unique_ids: frozenset[bytes], line: int
) -> ContentResult:
    """What a piece of a longer text holds, whose first line is that one's `line`."""
    work = _DeepScan(Budget.for_size(len(data)), unique_ids)
    result = _content_result(list(_scan_with_archives(data, offsets, work, line=line)), work, 0)
    # Where in a long text something was left out is known by the line of the piece.
    skipped = (
        each if each.what else replace(each, what=f"from line {line}") for each in result.skipped
    )
    return replace(result, skipped=tuple(skipped))


def scan_archive_file(descriptor: int, unique_ids: frozenset[bytes]) -> ContentResult | None:
    """What is in the files of an archive too large for memory; None where it is no archive.

    It is mapped: only what its files unpack to is in memory, one at a time. If another process
    truncates the file meanwhile, this one is killed, as with packs.
    """
    try:
        size = os.fstat(descriptor).st_size
        data = memoryview(mmap.mmap(descriptor, size, access=mmap.ACCESS_READ))
    except (OSError, ValueError):
        return None
    work = _DeepScan(Budget.for_size(size), unique_ids)
    opened = _open_archive(data, work.budget)
    return _content_result(list(_scan_members(opened, work)), work, 1) if opened else None


def _open_archive(data: bytes | memoryview, budget: Budget) -> Opened | None:
    """The files in an archive; None where the content is none."""
    if not looks_like_archive(data):
        return None
    from analyzer.archives.members import is_archive, iter_members  # few texts are looked at so

    return iter_members(data, budget, "", _WITH_OPENED) if is_archive(data) else None


def merge_results(within: ContentResult, plain: ContentResult) -> ContentResult:
    """What was found in the files of an archive, and what shows through it and is not in them."""
    news = only_new(within.sightings, plain.sightings)
    return ContentResult(
        (*within.sightings, *news),
        (*within.skipped, *plain.skipped),
        within.containers,
        within.unpacked + plain.unpacked,
        within.decoded + plain.decoded,
    )


def scan_text(
    data: bytes, offsets: Sequence[int], budget: Budget, faults: FaultLog, member: str = ""
) -> tuple[Sighting, ...]:
    """What is in one text, plain and encoded, with the comments that allow it.

    `member` is the path of the text within archives. Whatever raises is noted in `faults` and costs
    no other find: where values can't be paired, each counts by itself.
    """
    placed = list(
        yield_until_fault(_place_candidates(data, offsets, budget, faults), "more texts", faults)
    )
    found = _pair(placed, member, faults) if placed else ()
    reasons = _allows(data, {each.line for each in found}, faults)
    if not reasons:
        return found
    return tuple(replace(each, allowed=reasons.get(each.line)) for each in found)


def _pair(placed: list[PlacedCandidate], member: str, faults: FaultLog) -> tuple[Sighting, ...]:
    try:
        return to_sightings(placed, member)
    except Exception as fault:  # noqa: BLE001 - a fault in one pair must not cost the others
        faults.note("which values belong together", fault)
    alone: dict[Sighting, None] = {}
    for each in placed:
        try:
            alone |= dict.fromkeys(to_sightings([each], member))
        except Exception as fault:  # noqa: BLE001 - likewise
            faults.note("one value by itself", fault)
    return tuple(alone)


def _allows(data: bytes, lines: set[int], faults: FaultLog) -> Mapping[int, str]:
    """The comments that allow a find; none where they can't be read, so that it counts."""
    try:
        return inline_allows(data, lines)
    except Exception as fault:  # noqa: BLE001 - a fault in a comment must not cost a find
        faults.note("comments that allow", fault)
        return {}


def _place_candidates(
    data: bytes, offsets: Sequence[int], budget: Budget, faults: FaultLog
) -> Iterator[PlacedCandidate]:
    lines = layers = counted = 0
    ending = newline(data)
    for begin, end in windows(data, offsets):
        found = search_window(data[begin:end])
        faults.add(found.faults)
        for reason in found.refusals:
            budget.refuse(reason)
        if not budget.charge_cost(found.cost):
            return
        if found.placed:
            lines += data.count(ending, counted, begin)
            counted = begin
        yield from (each.shifted(begin, lines, layers) for each in found.placed)
        layers += found.layers


def _scan_with_archives(  # noqa: PLR0913, PLR0917 - for content, members and pieces of a stream
    data: bytes,
    offsets: list[int],
    work: _DeepScan,
    member: str = "",
    line: int = 1,
    depth: int = _DEPTH,
) -> Iterator[Sighting]:
    """What is in one text and in the archives that it has in base64, each value once."""
    sightings = scan_text(data, offsets, work.budget, work.faults, member)
    yield from (replace(each, line=each.line + line - 1) for each in sightings)
    inner = yield_until_fault(
        embedded_archives(data, offsets, work.budget, member, line),
        "archives in base64",
        work.faults,
    )
    if depth:
        yield from only_new(sightings, _scan_members(inner, work, depth - 1))
    elif any(inner):
        work.budget.refuse("holds archives in base64 inside each other, more than are opened")
    _note_refusals(work, member)


def _scan_members(opened: Opened, work: _DeepScan, depth: int = _DEPTH) -> Iterator[Sighting]:
    """What is in the files of an archive; what can't be opened goes to `work.skipped`.

    Of the own bytes of an archive that was opened, only what none of the files has.
    """
    known = set()
    for member in yield_until_fault(iter(opened), "more files of an archive", work.faults):
        is_opened = isinstance(member, Member) and member.is_opened
        for each in _scan_member(member, work, depth):
            if not (is_opened and each.value_key in known):
                yield each
            known.add(each.value_key)


def _scan_member(
    member: Member | StreamedMember | UnopenedMember, work: _DeepScan, depth: int
) -> Iterator[Sighting]:
    if isinstance(member, UnopenedMember):
        gap = Skipped(member.what, member.reason, member.size, is_gap=not member.is_locked)
        work.skipped.append(gap)
    elif isinstance(member, StreamedMember):
        yield from _scan_streamed_member(member, work, depth)
    else:
        yield from find_unique_ids(member.data, work.unique_ids, member.name)
        offsets = candidate_offsets(member.data)
        if offsets or (not member.is_opened and hides_in_base64(member.data)):
            yield from _scan_with_archives(member.data, offsets, work, member.name, depth=depth)


def _scan_streamed_member(
    member: StreamedMember, work: _DeepScan, depth: int
) -> Iterator[Sighting]:
    """What is in a file too large to be held; what two of its pieces share is given once."""
    known: set[Sighting] = set()
    for data, line in overlapping_pieces(regroup(member.pieces)):
        ids = find_unique_ids(data, work.unique_ids, member.name)
        found = [replace(each, line=each.line + line - 1) for each in ids]
        if (offsets := candidate_offsets(data)) or hides_in_base64(whole_lines(data)):
            found += _scan_with_archives(data, offsets, work, member.name, line, depth)
        yield from (each for each in dict.fromkeys(found) if each not in known)
        known.update(found)


def _note_refusals(work: _DeepScan, member: str) -> None:
    for reason in work.budget.exceeded:
        work.refused.setdefault(reason, member)


def _content_result(sightings: list[Sighting], work: _DeepScan, containers: int) -> ContentResult:
    _note_refusals(work, "")
    told = "\n".join({each.reason for each in work.skipped})
    refused = (
        Skipped(member, f"it {reason}: from here on it is searched only in part")
        for reason, member in work.refused.items()
        if reason not in told
    )
    skipped = (*work.skipped, *refused, *_gaps(work))
    budget = work.budget
    return ContentResult(tuple(sightings), skipped, containers, budget.unpacked, budget.decoded)


def _gaps(work: _DeepScan) -> Iterator[Skipped]:
    """What raised: nobody knows what it would have found."""
    yield from (Skipped("", reason) for reason in work.faults.reasons)
