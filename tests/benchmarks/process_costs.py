"""In: a command. Out: what a run of it costs, in wall time and in the time of all its processes."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# An installed program has its byte code; this one may be an editable checkout that was told to
# write none.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
SUCCESSES = {0, 1, 3, 200, 205}
"""That leaks were found is no failure, whatever code tells of it; nor that, as real repositories
have it, an object is missing or an archive of a kind that is not opened."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one run, or the medians of several.

    `cpu` is the user and system time of the process and of all those below it that were waited
    for: of our workers, and of the gits that a scanner starts.
    """

    wall: float
    cpu: float


def run(command: Sequence[str | Path]) -> Cost:
    """What one run costs, from start to end; its output goes nowhere."""
    with tempfile.TemporaryFile() as complaints:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=complaints, cwd=ROOT, env=ENVIRONMENT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in SUCCESSES:
            complaints.seek(0)
            raise SystemExit(f"{command[0]} failed: {complaints.read().decode(errors='replace')}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def median(costs: Iterable[Cost]) -> Cost:
    """The median of each figure by itself."""
    every = tuple(costs)
    return Cost(
        statistics.median(cost.wall for cost in every),
        statistics.median(cost.cpu for cost in every),
    )
