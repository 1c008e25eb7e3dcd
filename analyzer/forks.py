"""In: pieces of work and what to do with one. Out: the results of each, by forked processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Work = TypeVar("Work")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A piece of which nothing came back.

    `fault` is the name of the exception that the work ended with; empty where the whole process
    ended before it was done, by lack of memory for example.
    """

    fault: str = ""


WORKER_LOST = WorkerLost()


def usable_cpus() -> int:
    """How many processes this one may keep busy."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_forked(
    work: Callable[[Work], Result], pieces: Sequence[Work], jobs: int
) -> Iterator[tuple[int, Result | WorkerLost]]:
    """The result of each piece with its number, as they come; WorkerLost where there is none.

    An exception that `work` raises costs the piece and no other. With one job, or one piece, the
    work is done here.
    """
    if min(jobs, len(pieces)) <= 1:
        yield from ((number, _run_one(work, piece)) for number, piece in enumerate(pieces))
        return
    from multiprocessing import get_context  # a small scan is done before it would be loaded

    context = get_context("fork")
    following = context.Value("Q", 0)

    def send_results(results: Connection) -> None:
        while True:
            with following.get_lock():
                number = following.value
                following.value += 1
            if number >= len(pieces):
                break
            results.send((number, _run_one(work, pieces[number])))
        results.close()

    listening, workers = [], []
    try:
        for _ in range(min(jobs, len(pieces))):
            ours, theirs = context.Pipe(duplex=False)
            worker = context.Process(target=send_results, args=(theirs,), daemon=True)
            worker.start()
            theirs.close()
            listening.append(ours)
            workers.append(worker)
        yield from _receive_results(listening, len(pieces))
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _run_one(work: Callable[[Work], Result], piece: Work) -> Result | WorkerLost:
    """What comes of a piece. The name of an exception can hold nothing of what was read."""
    try:
        return work(piece)
    except Exception as fault:  # noqa: BLE001 - one piece's misfortune is no other's
        return WorkerLost(type(fault).__name__)


def _receive_results(
    listening: list[Connection], count: int
) -> Iterator[tuple[int, Result | WorkerLost]]:
    """What the workers send until the last one has closed its end; then what none of them sent."""
    from multiprocessing.connection import Connection, wait

    missing = set(range(count))
    while listening:
        for each in wait(listening):
            assert isinstance(each, Connection)  # noqa: S101 - it waits for nothing else
            try:
                number, result = each.recv()
            except (EOFError, OSError):  # The latter where one ended while it was sending.
                listening.remove(each)
                continue
            missing.discard(number)
            yield number, result
    yield from ((number, WORKER_LOST) for number in sorted(missing))
