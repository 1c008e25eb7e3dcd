"""In: the account of `account.py`. Out: its pack and its description, made once a session.

A pack is a file, so the server runs only while it is made. With pytest-xdist each worker is a
session: the first one makes the pack while the others wait at a lock, and then all read it.
"""

import fcntl
import os
from pathlib import Path

import pytest

from tests.end_to_end.account import Planted, collect, moto_server, plant


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `planted.json`, `collect.log`, and the pack both packed and as it was."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / "collected"
    done = folder / "planted.json"
    with (base / "collected.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()
            with moto_server(folder) as endpoint:
                planted = plant(endpoint)
                collect(folder, endpoint)
            done.write_text(planted.to_json(), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def planted(collected: Path) -> Planted:
    """What the collected account holds."""
    return Planted.from_json((collected / "planted.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def pack(collected: Path) -> Path:
    """The `.tar.gz` that the export script made of the planted account."""
    return next(collected.glob("credaudit-*.tar.gz"))
