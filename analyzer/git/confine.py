"""In: a process that was started. Out: bounds to what it may take, and its end with all it started.

It must lead a process group of its own.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

_GRACE = 2


def limit(process: subprocess.Popen[bytes], limits: Mapping[int, int]) -> None:
    """Bounds what a running process may take, by the kind of resource, on systems that can."""
    if hasattr(resource, "prlimit"):
        for kind, most in limits.items():
            # Where the system allows less than that already, it stays so.
            with suppress(OSError, ValueError):
                # At the lower limit a process is told why it ends, at the higher one it is killed.
                resource.prlimit(process.pid, kind, (most, most + _GRACE))


@contextmanager
def stop_when_late(process: subprocess.Popen[bytes], seconds: float, late: Event) -> Iterator[None]:
    """Kills the process and sets `late` if the block takes longer than `seconds`."""

    def stop() -> None:
        late.set()
        kill_group(process)

    timer = Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole process group: what a process started may outlive it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
