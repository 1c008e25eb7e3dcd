"""In: the tables in `accounts/`. Out: sample evidence, a list of people, and the reports on them.

Run: python sample_reports/make.py [FOLDER]
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
if __name__ == "__main__":  # started as a script, Python knows only this folder
    sys.path.insert(0, str(ROOT))

from sample_reports import make_evidence, make_people

_LEAKERS = ("ci-deploy", "backup-runner")
"""Users whose first key stands in the sample repository."""
_EXAMPLE = "AKIA" + "IOSFODNN7EXAMPLE"
"""The key ID of the documentation of AWS."""
_AUTHOR = "Kim Larsen"
_DAY = "2026-08-{day:02}T09:30:00+00:00"


def make(into: Path) -> None:
    """Write evidence, people and reports below the folder; the same bytes every time."""
    evidence = into / "evidence"
    make_evidence.make(evidence)
    people = [word for path in make_people.make(into / "people") for word in ("--people", path)]
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder) / "webshop"
        _repository(shop, evidence)
        arguments = ["audit", evidence, "--repo", shop, *people, "-o", into, "--quiet"]
        subprocess.run([sys.executable, "-m", "analyzer", *arguments], check=True, cwd=ROOT)


def _repository(folder: Path, evidence: Path) -> None:
    """Keys as people lose them: in plain sight, taken out again, encoded, packed, and harmless.

    The secrets are made up here, so that no file of the samples holds one.
    """
    first, second = (_key_of(evidence, name) for name in _LEAKERS)
    folder.mkdir()
    _git(folder, 1, "init", "--quiet", "--initial-branch=main")
    deploy = folder / "deploy.env"
    deploy.write_text(f"AWS_ACCESS_KEY_ID={first}\nAWS_SECRET_ACCESS_KEY={_secret(first)}\n")
    _commit(folder, 2, "Deploy from the build server")
    (folder / "backup.py").write_text(f'KEY_ID = "{second}"\nBUCKET = "northwind-backup"\n')
    _commit(folder, 9, "Back up every night")
    deploy.write_text("AWS_REGION=eu-west-1\n")
    _commit(folder, 11, "Take the key from the environment")
    (folder / "cluster.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: backup\ndata:\n"
        f"  AWS_ACCESS_KEY_ID: {_encoded(second)}\n"
        f"  AWS_SECRET_ACCESS_KEY: {_encoded(_secret(second))}\n"
    )
    with zipfile.ZipFile(folder / "old-laptop.zip", "w") as archive:
        entry = zipfile.ZipInfo("home/.aws/credentials")
        archive.writestr(entry, f"[default]\naws_access_key_id = {first}\n")
    _commit(folder, 16, "Move the backup into the cluster")
    (folder / "SETUP.md").write_text(
        f"Export a key, for example {_EXAMPLE}.\n\n"
        f"    export AWS_ACCESS_KEY_ID={_test_key()}  # gitleaks:allow\n"
    )
    _commit(folder, 18, "Say how to begin")
    (folder / "roles.tf.json").write_text(f'{{"release": "{_role_id(evidence)}"}}\n')
    gone = _deleted_key(first)
    (folder / ".s3cfg").write_text(f"access_key = {gone}\nsecret_key = {_secret(gone)}\n")
    _commit(folder, 20, "Publish the pictures by hand", "Jin Watanabe")


def _secret(key: str) -> str:
    """A secret access key that belongs to no one: 40 characters that depend on the key's ID."""
    return base64.b64encode(hashlib.sha256(key.encode()).digest())[:40].decode()


def _test_key() -> str:
    """A key ID of no account of the samples."""
    letters = base64.b32encode(hashlib.sha256(b"a key for tests").digest()).decode()
    return f"AKIA{letters[:16]}"


def _deleted_key(other: str) -> str:
    """A key ID of the same account as another one's that no list has."""
    bits = int.from_bytes(base64.b32decode(other[4:]), "big")
    serial = int.from_bytes(hashlib.sha256(b"a key that is gone").digest()[:4], "big")
    return "AKIA" + base64.b32encode((bits >> 39 << 39 | serial).to_bytes(10, "big")).decode()


def _role_id(evidence: Path) -> str:
    """The unique ID of a role: it shows whose account the repository is about."""
    details = json.loads((evidence / "northwind" / "authorization-details.json").read_text())
    roles = {each["RoleName"]: each["RoleId"] for each in details["RoleDetailList"]}
    return str(roles["release-manager"])


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _key_of(evidence: Path, user: str) -> str:
    for path in sorted((evidence / "northwind" / "users").glob("*.access-keys.json")):
        for key in json.loads(path.read_text())["AccessKeyMetadata"]:
            if key["UserName"] == user:
                return str(key["AccessKeyId"])
    raise LookupError(user)


def _commit(folder: Path, day: int, message: str, author: str = _AUTHOR) -> None:
    _git(folder, day, "add", "--all")
    _git(folder, day, "commit", "--quiet", "--no-gpg-sign", "-m", message, author=author)


def _git(folder: Path, day: int, *arguments: str, author: str = _AUTHOR) -> None:
    mailbox = author.lower().replace(" ", ".")
    person = {"NAME": author, "EMAIL": f"{mailbox}@northwind.example", "DATE": ""}
    stamp = person | {"DATE": _DAY.format(day=day)}
    names = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
             for key, value in stamp.items()}  # fmt: skip
    own = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    subprocess.run(["git", *arguments], check=True, cwd=folder, env=inherited | own | names)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "sample_reports")
