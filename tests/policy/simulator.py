"""In: requests with the policies over them, in plain JSON. Out: what iam-simulate says of each.

iam-simulate is another evaluator of AWS policies, made by other people (an npm package, AGPL). It
is a witness and no part of the product: npm installs it, as the lock file beside pins it, into a
folder that git ignores, and it runs as a process of its own.
https://github.com/cloud-copilot/iam-simulate
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analyzer.policy.layers import Verdict

HERE = Path(__file__).parent / "iam_simulate"
INSTALLED = Path(__file__).parents[2] / ".venv-iam-simulate"
_MANIFESTS = ("package.json", "package-lock.json")
_SPELLED = {
    "Allowed": Verdict.ALLOWED,
    "ImplicitlyDenied": Verdict.NONE,
    "ExplicitlyDenied": Verdict.DENIED,
}
Simulation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running iam-simulate."""

    process: subprocess.Popen[str]

    def verdicts(self, simulations: list[Simulation]) -> list[Verdict]:
        """What it says of each; an error in what it was asked is an error of the test."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(simulations) + "\n")
        self.process.stdin.flush()
        answers = json.loads(self.process.stdout.readline())
        for answer, asked in zip(answers, simulations, strict=True):
            assert isinstance(answer, str), f"{answer} {json.dumps(asked)}"
        return [_SPELLED[answer] for answer in answers]


@contextmanager
def running_simulator() -> Iterator[Simulator]:
    """iam-simulate, started and stopped; where it can't be had, the test is skipped with why."""
    folder = _install()
    command = ["node", str(HERE / "answer.mjs"), str(folder / "package.json")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8") as process:
        try:
            yield Simulator(process)
        finally:
            process.kill()


def _install() -> Path:
    """The folder with the package, as npm installs it from the lock file, digests and all.

    In CI, where the machine is made for it, a failure is one of the test.
    """
    missing = [each for each in ("node", "npm") if shutil.which(each) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")
    pinned = b"".join((HERE / name).read_bytes() for name in _MANIFESTS)
    folder = INSTALLED / hashlib.sha256(pinned).hexdigest()[:16]
    if folder.exists():
        return folder
    INSTALLED.mkdir(exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=INSTALLED))
    for name in _MANIFESTS:
        shutil.copy(HERE / name, made)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    ended = subprocess.run(command, cwd=made, capture_output=True, text=True, check=False)
    if ended.returncode:
        shutil.rmtree(made)
        assert not os.environ.get("CI"), ended.stderr
        pytest.skip(f"npm could not install iam-simulate: {ended.stderr.strip()[:300]}")
    try:
        made.rename(folder)
    except OSError:  # another process was first
        shutil.rmtree(made)
    return folder
