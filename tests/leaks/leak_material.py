"""In: numbers. Out: key IDs, secrets and repositories that hold them, made up at run time.

No test source holds a key, so that no scanner takes these files for a leak.
"""

import base64
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada Author",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Carl Committer",
    "GIT_COMMITTER_EMAIL": "carl@example.com",
}

ACCOUNT = 604521873390
"""The account of all keys that say no other; documentation's own are set aside."""


def key_id(account: int = ACCOUNT, n: int = 0, prefix: str = "AKIA") -> str:
    """The n-th key ID of an account."""
    rest = int.from_bytes(hashlib.sha256(f"id {n}".encode()).digest()[:5], "big") >> 1
    bits = 1 << 79 | account << 39 | rest
    return prefix + base64.b32encode(bits.to_bytes(10, "big")).decode()


def secret(n: int = 0) -> str:
    """The n-th secret access key."""
    return base64.b64encode(hashlib.sha256(f"secret {n}".encode()).digest())[:40].decode()


def digest(n: int = 0) -> str:
    """What a report may say of the n-th secret."""
    return hashlib.sha256(secret(n).encode()).hexdigest()[:16]


def credentials_file(n: int = 0, prefix: str = "AKIA") -> str:
    """The n-th key pair as the AWS CLI keeps it."""
    return (
        "[default]\n"
        f"aws_access_key_id = {key_id(n=n, prefix=prefix)}\n"
        f"aws_secret_access_key = {secret(n)}\n"
    )


@dataclass(frozen=True)
class Repository:
    """A real repository, made by git with nobody's configuration."""

    path: Path

    def git(self, *arguments: str, day: int = 1, feed: bytes | None = None) -> str:
        """Runs git on the given day of March 2024, authored the day before."""
        dates = {
            "GIT_AUTHOR_DATE": f"2024-03-{day:02d}T10:00:00+0000",
            "GIT_COMMITTER_DATE": f"2024-03-{day:02d}T12:00:00+0000",
        }
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=ENVIRONMENT | dates,
            input=feed,
            stdin=None if feed is not None else subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().strip()

    def write(self, name: str | bytes, content: str | bytes) -> Path:
        """A file of the work tree."""
        path = self.path / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def commit(self, message: str = "a change", day: int = 1) -> str:
        """The id of a commit of the whole work tree."""
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", message, day=day)
        return self.git("rev-parse", "HEAD")

    def put(self, name: str | bytes, content: str | bytes, day: int = 1) -> str:
        """The id of a commit that writes one file."""
        self.write(name, content)
        return self.commit(day=day)

    def loose(self, oid: str) -> Path:
        """The file that holds an object."""
        return self.path / ".git" / "objects" / oid[:2] / oid[2:]


def repository(path: Path, *options: str) -> Repository:
    """A new repository on the branch main."""
    path.mkdir(parents=True, exist_ok=True)
    made = Repository(path)
    made.git("init", "--quiet", "--initial-branch=main", "--template=", *options)
    return made


def packed(repo: Repository, form: str) -> Path:
    """An archive of a repository with its folder, in a form of `shutil.make_archive`."""
    made = shutil.make_archive(str(repo.path.parent / "packed"), form, repo.path.parent, "repo")
    return Path(made)
