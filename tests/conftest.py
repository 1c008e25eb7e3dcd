"""Settings and fixtures that every test shares."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hypothesis_profiles import register_profiles
from tests.leaks.leak_material import Repository, repository

register_profiles()

ROOT = Path(__file__).parents[1]

# When the PDF library is loaded, Python's own ctypes.util.find_library asks the system's linker.
_GUARDED_DEMO = """
import sys

LOADERS = {"ldconfig", "gcc", "cc", "ld", "objdump"}

def guard(event, arguments):
    if event.split(".")[0] in {"socket", "urllib", "http", "ftplib", "smtplib"}:
        raise RuntimeError(f"network: {event} {arguments}")
    starts = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"}
    if event in starts and str(*arguments[:1]).rpartition("/")[2] not in LOADERS:
        raise RuntimeError(f"program: {event} {arguments}")

sys.addaudithook(guard)
sys.argv = ["credaudit", "demo", "-o", "out"]
from analyzer.cli import main
main()
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """An empty repository."""
    return repository(tmp_path / "repo")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which a wheel built from this checkout was installed."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = [sys.executable, "-m", "uv", "--offline", "--no-config", "--quiet"]
    build = ["build", "--wheel", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*uv, *build, "--out-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("credaudit-*.whl")
    target = folder / "site"
    install = ["pip", "install", "--no-deps", "--python", sys.executable, "--target", str(target)]
    subprocess.run([*uv, *install, str(wheel)], check=True)
    return target


@pytest.fixture(scope="session")
def demo(
    installed: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    """How the installed program's demo ended, and the folder of what it wrote.

    It runs in a folder away from the checkout, under an audit hook that ends it at the first
    socket or program. Tests that ask for it are of the xdist group "demo", so one worker runs it.
    """
    folder = tmp_path_factory.mktemp("demo")
    ended = subprocess.run(
        [sys.executable, "-c", _GUARDED_DEMO],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return ended, folder / "out"
