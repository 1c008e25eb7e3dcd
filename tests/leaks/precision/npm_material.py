"""In: npm-packages.txt. Out: the packages themselves, fetched once.

They are test data: npm packs what its registry has, and nothing of a package is run.
"""

import base64
import hashlib
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.leaks.precision.packages_material import Unreachable, locked

LIST = Path(__file__).parent / "npm-packages.txt"
TOP = "package"
"""The folder in which npm puts the files of a package."""

_ENTRY = re.compile(r"^(?P<spec>\S+@\S+) sha512-(?P<digest>\S+)$", re.MULTILINE)
_NO_ANSWER = re.compile(
    r"E(?:NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|AI_AGAIN|5\d\d)\b|ERR_SOCKET_TIMEOUT|network"
)
"""What npm says of a registry that it can't talk to."""


def listed() -> dict[str, str]:
    """Each package as npm calls it, with its digest."""
    return {each["spec"]: each["digest"] for each in _ENTRY.finditer(LIST.read_text())}


def file_name(spec: str) -> str:
    """What a package's file is called, without ending: `@aws-sdk/client-s3@3.1` is a path."""
    name, _, version = spec.rpartition("@")
    return f"{name.removeprefix('@').replace('/', '-')}-{version}"


def reviewed_name(spec: str) -> str:
    """Where the review of a package is: its name without the version."""
    version = spec.rpartition("@")[2]
    return f"npm/{file_name(spec).removesuffix(f'-{version}')}"


def fetched(home: Path) -> dict[str, Path]:
    """Each package's file; put into `home` by whoever asks first, while others wait."""
    wanted = listed()
    with locked(home):
        missing = [spec for spec in wanted if not _is_there(home, spec, wanted)]
        if missing:
            _pack(home, missing)
    assert not [spec for spec in missing if not _is_there(home, spec, wanted)]
    return {spec: home / f"{file_name(spec)}.tgz" for spec in wanted}


def _is_there(home: Path, spec: str, wanted: Mapping[str, str]) -> bool:
    path = home / f"{file_name(spec)}.tgz"
    if not path.is_file():
        return False
    return base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode() == wanted[spec]


def _pack(home: Path, specs: list[str]) -> None:
    """Has npm fetch packages from the registry that it is configured for."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unreachable("npm is not here")
    done = subprocess.run(
        [npm, "pack", "--ignore-scripts", "--loglevel=error",
         f"--pack-destination={home}", *specs],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode and _NO_ANSWER.search(done.stderr):
        raise Unreachable(done.stderr.strip().splitlines()[0])
    assert done.returncode == 0, done.stderr
