"""In: work that fails or dies. Out: the proof that it costs its own item and no other."""

import os
import signal
from pathlib import Path

import pytest

from analyzer.forks import WORKER_LOST, WorkerLost, run_apart, run_forked


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_costs_its_own_piece(jobs):
    """All others are done, and the name of what went wrong is told."""

    def work(number: int) -> int:
        return 10 // (number - 3)

    found = dict(run_forked(work, range(20), jobs))
    assert found.pop(3) == WorkerLost("ZeroDivisionError")
    assert found == {number: 10 // (number - 3) for number in range(20) if number != 3}


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("ending", [signal.SIGBUS, signal.SIGKILL])
def test_a_signal_costs_the_piece_that_its_process_was_at(jobs, ending):
    """More processes die than there are, one of them at the last piece; all others are done."""
    deadly = {0, 1, 5, 6, 7, 8, 19}

    def work(number: int) -> int:
        if number in deadly:
            os.kill(os.getpid(), ending)
        return -number

    found = dict(run_forked(work, range(20), jobs, is_risky=True))
    lost = WorkerLost(signal=ending)
    assert found == {number: lost if number in deadly else -number for number in range(20)}


def test_more_pieces_than_a_pipe_has_room_for():
    """Each is done once, though their numbers have to wait."""
    count = 40_000
    assert dict(run_forked(lambda number: number, range(count), 2)) == dict(enumerate(range(count)))


def test_a_process_that_ends_while_it_sends_costs_its_own_piece(monkeypatch):
    """What comes of half an answer is not taken for a whole one."""
    written = os.write

    def write_half(pipe: int, content: memoryview) -> int:
        written(pipe, content[: len(content) // 2])
        os._exit(1)

    def work(number: int) -> int:
        if number == 0:
            monkeypatch.setattr(os, "write", write_half)  # in the process of this piece
        return number

    assert dict(run_forked(work, range(4), 2)) == {0: WORKER_LOST, 1: 1, 2: 2, 3: 3}


def test_a_result_that_can_not_be_copied_costs_its_own_piece():
    """The others come."""
    results = [1, lambda: None, 3]
    found = dict(run_forked(lambda number: results[number], range(3), 2))
    assert (found[0], found[2]) == (1, 3)
    assert found[1].fault


def test_a_worker_may_have_workers():
    """What dies within costs no more than itself."""

    def inner(number: int) -> int:
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    def outer(number: int) -> list[object]:
        return sorted(dict(run_forked(inner, range(number), 2)).values(), key=str)

    found = dict(run_forked(outer, [2, 3], 2))
    lost = WorkerLost(signal=signal.SIGKILL)
    assert found == {0: sorted([0, lost], key=str), 1: sorted([0, lost, 2], key=str)}


def test_work_apart_gives_its_result_or_what_ended_it():
    """A file that is cut off has words of its own."""
    assert run_apart(lambda: 7) == 7
    lost = run_apart(lambda: os.kill(os.getpid(), signal.SIGBUS))
    assert lost == WorkerLost(signal=signal.SIGBUS)
    assert "cut off" in lost.reason
    assert "lack of memory" in WORKER_LOST.reason


def _open_files() -> list[Path]:
    return sorted(Path("/dev/fd").iterdir())


def test_nothing_is_left_behind():
    """No process, no open file, also where not all results are asked for."""
    before = _open_files()
    results = run_forked(lambda number: number, range(1000), 3)
    next(results)
    results.close()
    assert _open_files() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
