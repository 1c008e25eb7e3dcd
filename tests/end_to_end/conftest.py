"""In: a moto account and how it is planted. Out: its pack and its description, made once.

A pack is a file, so the server runs only while it is made. It lies in pytest's cache under the
digest of all that it depends on, so that another run takes it as it is; what the program makes of
it is made in every run.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from analyzer.writers import collect_script
from tests.end_to_end.account import REGIONS, Planted, collect, moto_server, plant

MadeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def made_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """Gives the folder of a name, filled by the function unless it was filled before.

    Processes wait for each other at a lock. A folder that could not be filled is not kept.
    """
    cache = getattr(request.config, "cache", None)
    home = cache.mkdir("end-to-end") if cache else tmp_path_factory.mktemp("end-to-end")

    def folder_of(name: str, fill: Callable[[Path], None]) -> Path:
        made = home / f"{name}-{_digest_of_inputs()}"
        with (home / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                for old in home.glob(f"{name}-*"):
                    shutil.rmtree(old)
                unfinished = home / f"{name}-unfinished"
                unfinished.mkdir()
                fill(unfinished)
                unfinished.rename(made)
        return made

    return folder_of


def _digest_of_inputs() -> str:
    """Of the script, of the modules that plant the accounts, and of what runs them."""
    digest = hashlib.sha256(collect_script.collect_script(regions=REGIONS).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    for package in ("awscli", "boto3", "moto"):
        digest.update(version(package).encode())
    return digest.hexdigest()[:16]


def _collect(folder: Path) -> None:
    with moto_server(folder) as endpoint:
        planted = plant(endpoint)
        collect(folder, endpoint)
    (folder / "planted.json").write_text(planted.to_json(), encoding="utf-8")


@pytest.fixture(scope="session")
def collected(made_once: MadeOnce) -> Path:
    """The folder with `planted.json`, `collect.log`, and the pack both packed and as it was."""
    return made_once("pack", _collect)


@pytest.fixture(scope="session")
def planted(collected: Path) -> Planted:
    """What the collected account holds."""
    return Planted.from_json((collected / "planted.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def pack(collected: Path) -> Path:
    """The `.tar.gz` that the export script made of the planted account."""
    return next(collected.glob("credaudit-*.tar.gz"))
