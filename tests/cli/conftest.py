"""The program as people start it: its entry point, or a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer.cli import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def process(tmp_path):
    """Start `credaudit` as a process of its own, outside the checkout."""

    def start(*arguments, **environment):
        made = subprocess.run(
            [sys.executable, "-m", "analyzer", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ended(made.returncode, made.stdout, made.stderr)

    return start


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Call the program's own entry point, in an empty folder, and see how it ends."""
    monkeypatch.chdir(tmp_path)

    def start(*arguments):
        monkeypatch.setattr(sys, "argv", ["credaudit", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        seen = capsys.readouterr()
        return Ended(int(ended.value.code or 0), seen.out, seen.err)

    return start


@pytest.fixture
def evidence(tmp_path):
    """A folder with a password policy that fails and the call that names the account."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    policy = {
        "MinimumPasswordLength": 8,
        "RequireSymbols": False,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "ExpirePasswords": False,
    }
    identity = {"UserId": "AIDAX", "Account": "1" * 12, "Arn": f"arn:aws:iam::{'1' * 12}:user/a"}
    (folder / "policy.json").write_text(json.dumps({"PasswordPolicy": policy}))
    (folder / "me.json").write_text(json.dumps(identity))
    return folder
