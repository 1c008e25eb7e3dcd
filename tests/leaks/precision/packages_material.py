"""In: packages.txt. Out: the packages themselves, fetched once, and each as a tree of files.

They are test data, so nothing of them is run: pip takes the metadata of a source package from what
the package says of itself, and unpacks nothing.
"""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.tar_files import extract

LIST = Path(__file__).parent / "packages.txt"

_DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NO_ANSWER = re.compile(
    r"after connection broken by|Could not fetch URL|HTTP error 5\d\d|ReadTimeoutError"
)
"""What pip says of an index that it can't talk to."""
_WRONG = "DO NOT MATCH THE HASHES"
"""What it says of a file that is another one than the list has."""

_BACKEND = """
import pathlib, re, sys

def prepare_metadata_for_build_wheel(folder, settings=None):
    told = pathlib.Path("PKG-INFO").read_text(encoding="utf-8")
    name, version = (re.search(rf"(?m)^{field}: *(\\S+)", told)[1] for field in ("Name", "Version"))
    made = pathlib.Path(folder) / f"{name}-{version}.dist-info"
    made.mkdir()
    (made / "METADATA").write_text(told, encoding="utf-8")
    (made / "WHEEL").write_text("Wheel-Version: 1.0\\nTag: py3-none-any\\n")
    return made.name

__legacy__ = sys.modules[__name__]
"""
"""Stands where pip looks for setuptools: building would run a package's own code for its name."""


class Unreachable(Exception):  # noqa: N818 - a state of affairs, for which a test is skipped
    """The package index or registry does not answer."""


def fetched(home: Path) -> list[Path]:
    """All packages, sorted by name; put into `home` by whoever asks first, while others wait."""
    wanted = set(_DIGEST.findall(LIST.read_text()))
    with locked(home):
        found = _those(wanted, home)
        if len(found) < len(wanted):
            for options in (("--only-binary=:all:",), ("--no-binary=:all:", "--use-pep517")):
                _download(home, options)
            found = _those(wanted, home)
    assert len(found) == len(wanted), found
    return found


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else is in this block with the same folder."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _those(wanted: set[str], folder: Path) -> list[Path]:
    """The files of the folder that have one of the digests."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    return [path for path in files if hashlib.sha256(path.read_bytes()).hexdigest() in wanted]


def _download(folder: Path, options: Sequence[str]) -> None:
    """Has pip fetch each package in one form from the index that it is configured for."""
    with TemporaryDirectory() as name:
        backend = Path(name) / "setuptools"
        backend.mkdir()
        (backend / "__init__.py").touch()
        (backend / "build_meta.py").write_text(_BACKEND)
        done = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--retries=2", "--no-deps", "--no-build-isolation", "--require-hashes", *options,
             f"--dest={folder}", f"--requirement={LIST}"],
            env=os.environ | {"PYTHONPATH": name},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    silent = [line for line in done.stderr.splitlines() if _NO_ANSWER.search(line)]
    if done.returncode and silent and _WRONG not in done.stderr:
        raise Unreachable(silent[-1].strip())
    assert done.returncode == 0, done.stderr


@contextmanager
def unpack(package: Path) -> Iterator[Path]:
    """The folder of the package's files, which is gone afterwards."""
    with TemporaryDirectory() as name:
        if package.suffix == ".whl":
            with zipfile.ZipFile(package) as archive:
                archive.extractall(name)
        else:
            extract(package, Path(name))
        yield Path(name)
