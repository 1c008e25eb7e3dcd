"""In: pieces of work and what to do with one. Out: the results of each, by forked processes.

A process that the system ends costs the piece that it was at: another process goes on with the
rest. What reads a mapped file belongs here, as whoever cuts the file off meanwhile, or a failing
disk, ends its reader by SIGBUS.
"""

from __future__ import annotations

import mmap
import os
import select
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO, RawIOBase
from typing import TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")

_NUMBER = 8
"""Bytes of a number in a pipe or in shared memory."""
_CUT_OFF = "the file was cut off, or its disk failed, while it was read"
_ENDED = "the process that read it ended, for lack of memory perhaps"


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A piece of which nothing came back.

    `fault` is the name of the exception that the work ended with; empty where the whole process
    ended before it was done. `signal` is the number of the signal that ended it, 0 for none.
    """

    fault: str = ""
    signal: int = 0

    @property
    def reason(self) -> str:
        """What became of it, in words."""
        if self.fault:
            return f"could not be examined: {self.fault}"
        return _CUT_OFF if self.signal == signal.SIGBUS else _ENDED


WORKER_LOST = WorkerLost()


def usable_cpus() -> int:
    """How many processes this one may keep busy."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_forked(
    work: Callable[[Work], Result], pieces: Sequence[Work], jobs: int, *, is_risky: bool = False
) -> Iterator[tuple[int, Result | WorkerLost]]:
    """The result of each piece with its number, as they come; WorkerLost where there is none.

    An exception that `work` raises, or a signal that ends its process, costs the piece and no
    other. With one job, or one piece, the work is done here, unless it `is_risky`: unless it may
    end the process.
    """
    if not pieces or (min(jobs, len(pieces)) <= 1 and not is_risky):
        yield from ((number, _run_one(work, piece)) for number, piece in enumerate(pieces))
        return
    yield from _run_workers(
        lambda number: _run_one(work, pieces[number]), len(pieces), min(jobs, len(pieces))
    )


def run_apart(work: Callable[[], Result]) -> Result | WorkerLost:
    """The result of work that may end its process, and therefore is done in one of its own."""
    ((_, result),) = run_forked(lambda _: work(), (None,), 1, is_risky=True)
    return result


def _run_one(work: Callable[[Work], Result], piece: Work) -> Result | WorkerLost:
    """What comes of a piece. The name of an exception can hold nothing of what was read."""
    try:
        return work(piece)
    except Exception as fault:  # noqa: BLE001 - one piece's misfortune is no other's
        return WorkerLost(type(fault).__name__)


@dataclass(frozen=True, slots=True)
class _Queue:
    """The numbers of the pieces, in a pipe out of which each worker takes the next.

    `taken` is memory that all workers share: each notes at its own place what it is at, one more
    than the number of the piece, 0 for none. So it is known what is lost with it.
    """

    reading: int
    writing: RawIOBase
    taken: mmap.mmap

    def note(self, place: int, value: int) -> None:
        """Notes what the worker with that place is at."""
        self.taken[place * _NUMBER : (place + 1) * _NUMBER] = value.to_bytes(_NUMBER)

    def piece_at(self, place: int) -> int:
        """The number of the piece that the worker with that place is at, -1 for none."""
        return int.from_bytes(self.taken[place * _NUMBER : (place + 1) * _NUMBER]) - 1


def _run_workers(
    run: Callable[[int], Result | WorkerLost], count: int, jobs: int
) -> Iterator[tuple[int, Result | WorkerLost]]:
    """What `run` gives for each number below `count`, by `jobs` processes, as it comes."""
    import pickle

    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    queue = _Queue(reading, FileIO(writing, "wb"), mmap.mmap(-1, jobs * _NUMBER))
    workers: dict[int, tuple[int, int]] = {}
    missing, queued = set(range(count)), 0
    try:
        for place in range(jobs):
            _start_worker(run, queue, place, workers)
        while workers:
            queued = _fill_queue(queue, queued, count)
            for pipe in _wait_for_answers(workers):
                answer = _read_answer(pipe)
                if answer:
                    number, result = pickle.loads(answer)  # noqa: S301 - of our own making
                    missing.discard(number)
                    yield number, result
                    continue
                process, place = workers.pop(pipe)
                os.close(pipe)
                ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status := _wait(process)) else 0
                lost = queue.piece_at(place)
                if lost in missing:
                    missing.discard(lost)
                    yield lost, WorkerLost(signal=ended_by)
                    # Only one that had begun something: else there would be no end to it.
                    _start_worker(run, queue, place, workers)
    finally:
        _end_all(queue, workers)
    yield from ((number, WORKER_LOST) for number in sorted(missing))


def _start_worker(
    run: Callable[[int], object], queue: _Queue, place: int, workers: dict[int, tuple[int, int]]
) -> None:
    """Adds a worker, by the pipe on which it answers: its process and its place.

    None is added where the system has no room for one more.
    """
    queue.note(place, 0)
    ours, theirs = os.pipe()
    try:
        process = os.fork()
    except OSError:
        os.close(ours)
        os.close(theirs)
        return
    if not process:
        try:
            # An end that is open in another worker would never be seen to be closed.
            queue.writing.close()
            for each in (ours, *workers):
                os.close(each)
            _answer_all(run, queue, place, theirs)
        finally:
            os._exit(0)
    os.close(theirs)
    workers[ours] = process, place


def _answer_all(run: Callable[[int], object], queue: _Queue, place: int, pipe: int) -> None:
    """Takes numbers until there are no more, and sends what `run` gives for each."""
    import pickle

    while taken := os.read(queue.reading, _NUMBER):
        number = int.from_bytes(taken)
        queue.note(place, number + 1)
        result = run(number)
        try:
            answer = pickle.dumps((number, result), pickle.HIGHEST_PROTOCOL)
        except Exception as fault:  # noqa: BLE001 - whatever the result does when it is copied
            answer = pickle.dumps((number, WorkerLost(type(fault).__name__)))
        unsent = memoryview(len(answer).to_bytes(_NUMBER) + answer)
        while unsent:
            unsent = unsent[os.write(pipe, unsent) :]
        queue.note(place, 0)


def _fill_queue(queue: _Queue, queued: int, count: int) -> int:
    """Puts in as many further numbers as there is room for; gives how many there were in all."""
    while queued < count and queue.writing.write(queued.to_bytes(_NUMBER)):
        queued += 1
    if queued == count:
        queue.writing.close()
    return queued


def _wait_for_answers(workers: dict[int, tuple[int, int]]) -> list[int]:
    """The pipes on which an answer waits, or the end of its worker."""
    waiting = select.poll()
    for pipe in workers:
        waiting.register(pipe, select.POLLIN)
    return [pipe for pipe, _ in waiting.poll()]


def _read_answer(pipe: int) -> bytes:
    """The next answer; empty where the worker has ended, be it in the midst of one."""
    length = _read_exactly(pipe, _NUMBER)
    return _read_exactly(pipe, int.from_bytes(length)) if length else b""


def _read_exactly(pipe: int, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        piece = os.read(pipe, size - len(content))
        if not piece:
            return b""
        content += piece
    return bytes(content)


def _end_all(queue: _Queue, workers: dict[int, tuple[int, int]]) -> None:
    for pipe, (process, _) in workers.items():
        os.kill(process, signal.SIGKILL)  # Not yet waited for, so the number is still its own.
        _wait(process)
        os.close(pipe)
    os.close(queue.reading)
    queue.writing.close()
    queue.taken.close()


def _wait(process: int) -> int:
    """The status with which a process ended."""
    return os.waitpid(process, 0)[1]
