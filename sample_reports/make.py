"""In: the tables in `accounts/`. Out: the sample evidence, and the reports made from it.

Run: python sample_reports/make.py [FOLDER]
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
if __name__ == "__main__":  # started as a script, Python knows only this folder
    sys.path.insert(0, str(ROOT))

from sample_reports import make_evidence

_LEAKERS = ("ci-deploy", "backup-runner")
"""Users whose first key stands in the sample repository."""
_DAY = "2026-06-{day:02}T09:30:00+00:00"


def make(into: Path) -> None:
    """Write evidence and reports below the folder; the same bytes every time."""
    evidence = into / "evidence"
    make_evidence.make(evidence)
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder) / "webshop"
        _repository(shop, evidence)
        arguments = ["audit", str(evidence), "--repo", str(shop), "-o", str(into), "--quiet"]
        subprocess.run([sys.executable, "-m", "analyzer", *arguments], check=True, cwd=ROOT)


def _repository(folder: Path, evidence: Path) -> None:
    """Two commits that bring keys in, and a third that takes one out of sight."""
    first, second = (_key_of(evidence, name) for name in _LEAKERS)
    folder.mkdir()
    _git(folder, 1, "init", "--quiet", "--initial-branch=main")
    (folder / "deploy.env").write_text(f"AWS_ACCESS_KEY_ID={first}\nAWS_REGION=eu-west-1\n")
    _commit(folder, 2, "Deploy from the build server")
    (folder / "backup.py").write_text(f'KEY_ID = "{second}"\nBUCKET = "northwind-backup"\n')
    _commit(folder, 9, "Back up every night")
    (folder / "deploy.env").write_text("AWS_REGION=eu-west-1\n")
    _commit(folder, 11, "Take the key from the environment")


def _key_of(evidence: Path, user: str) -> str:
    for path in sorted((evidence / "northwind" / "users").glob("*.access-keys.json")):
        for key in json.loads(path.read_text())["AccessKeyMetadata"]:
            if key["UserName"] == user:
                return str(key["AccessKeyId"])
    raise LookupError(user)


def _commit(folder: Path, day: int, message: str) -> None:
    _git(folder, day, "add", "--all")
    _git(folder, day, "commit", "--quiet", "--no-gpg-sign", "-m", message)


def _git(folder: Path, day: int, *arguments: str) -> None:
    person = {"NAME": "Kim Larsen", "EMAIL": "kim.larsen@northwind.example", "DATE": ""}
    stamp = person | {"DATE": _DAY.format(day=day)}
    names = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
             for key, value in stamp.items()}  # fmt: skip
    own = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    subprocess.run(["git", *arguments], check=True, cwd=folder, env=inherited | own | names)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "sample_reports")
