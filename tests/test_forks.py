"""In: work that fails or dies. Out: the proof that it costs its own item and no other."""

import os
import struct
from multiprocessing.connection import Connection

import pytest

from analyzer.forks import WORKER_LOST, WorkerLost, run_forked


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_costs_its_own_piece(jobs):
    """All others are done, and the name of what went wrong is told."""

    def work(number: int) -> int:
        return 10 // (number - 3)

    found = dict(run_forked(work, range(20), jobs))
    assert found.pop(3) == WorkerLost("ZeroDivisionError")
    assert found == {number: 10 // (number - 3) for number in range(20) if number != 3}


def test_a_process_that_ends_while_it_sends_costs_its_own_piece():
    """What comes after the break is not taken for the rest."""

    def part(connection: Connection, _: object) -> None:
        os.write(connection.fileno(), struct.pack("!i", 100) + b"half of it")
        os._exit(1)

    def work(number: int) -> int:
        if number == 0:
            Connection._send_bytes = part  # noqa: SLF001 - in the process of this piece
        return number

    assert dict(run_forked(work, range(4), 2)) == {0: WORKER_LOST, 1: 1, 2: 2, 3: 3}
