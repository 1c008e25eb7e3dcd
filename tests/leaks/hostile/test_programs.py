"""In: repositories that name programs. Out: the proof that none runs, and nothing is written."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.git import sandbox
from analyzer.leaks.model import PlaceKind
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import ENVIRONMENT, Repository, credentials_file, key_id, repository
from tests.leaks.scan_results import commits, key_ids, skip_reasons

WHO = "who brought in what was found"


def sprung(trap: Path) -> bool:
    """Whether the trap has run; resets it."""
    mark = Path(f"{trap}.sprung")
    ran = mark.exists()
    mark.unlink(missing_ok=True)
    return ran


def attribute(repo: Repository, trap: Path, setting: str, attributes: str) -> None:
    """A setting that takes effect through attributes."""
    repo.git("config", setting, str(trap))
    (repo.path / ".git" / "info").mkdir(exist_ok=True)
    (repo.path / ".git" / "info" / "attributes").write_text(f"* {attributes}\n")


def hook(repo: Repository, trap: Path) -> None:
    """Hooks in the ordinary place."""
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        (repo.path / ".git" / "hooks").mkdir(exist_ok=True)
        shutil.copy(trap, repo.path / ".git" / "hooks" / name)


def hooks_path(repo: Repository, trap: Path) -> None:
    """Hooks in the tree, to be committed with it."""
    (repo.path / "hooks").mkdir()
    shutil.copy(trap, repo.path / "hooks" / "post-checkout")
    repo.git("config", "core.hooksPath", str(repo.path / "hooks"))


def forged_signature(repo: Repository, trap: Path) -> None:
    """A commit whose signature any log would have checked."""
    body = repo.git("cat-file", "commit", "HEAD").encode()
    head, _, message = body.partition(b"\n\n")
    forged = head + b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n -----END PGP SIGNATURE-----\n\n"
    oid = repo.git("hash-object", "-t", "commit", "-w", "--stdin", feed=forged + message + b"\n")
    repo.git("update-ref", "HEAD", oid)
    repo.git("config", "gpg.program", str(trap))
    repo.git("config", "log.showSignature", "true")


def promisor(repo: Repository, trap: Path, url: str) -> None:
    """A remote that promises a missing blob, at an address that is a program."""
    lost = repo.git("rev-parse", "HEAD:bait")
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "evil",
        "remote.evil.url": url.format(trap),
        "remote.evil.promisor": "true",
        "protocol.ext.allow": "always",
        "core.sshCommand": str(trap),
    }.items():
        repo.git("config", name, value)
    repo.loose(lost).unlink()
    (repo.path / "bait").unlink()


Arm = Callable[[Repository, Path], None]


VECTORS: dict[str, tuple[Arm, tuple[str, ...]]] = {
    "textconv": (
        lambda repo, trap: attribute(repo, trap, "diff.evil.textconv", "diff=evil"),
        ("log", "-p"),
    ),
    "diff command": (
        lambda repo, trap: attribute(repo, trap, "diff.evil.command", "diff=evil"),
        ("diff", "HEAD~"),
    ),
    "clean filter": (
        lambda repo, trap: attribute(repo, trap, "filter.evil.clean", "filter=evil"),
        ("add", "--renormalize", "."),
    ),
    "smudge filter": (
        lambda repo, trap: attribute(repo, trap, "filter.evil.smudge", "filter=evil"),
        ("checkout-index", "--force", "--all", "--prefix=out/"),
    ),
    "diff.external": (
        lambda repo, trap: repo.git("config", "diff.external", str(trap)),
        ("diff", "HEAD~"),
    ),
    "fsmonitor": (
        lambda repo, trap: repo.git("config", "core.fsmonitor", str(trap)),
        ("status",),
    ),
    "hooks": (hook, ("checkout", "HEAD")),
    "hooksPath": (hooks_path, ("checkout", "HEAD")),
    "showSignature": (forged_signature, ("log", "--format=%H")),
    "promisor ext": (
        lambda repo, trap: promisor(repo, trap, "ext::{} %S"),
        ("rev-list", "--objects", "HEAD"),
    ),
    "promisor ssh": (
        lambda repo, trap: promisor(repo, trap, "ssh://evil/{}"),
        ("rev-list", "--objects", "HEAD"),
    ),
}


@pytest.mark.parametrize("vector", VECTORS)
def test_no_program_of_the_repository_runs(repo, trap, vector):
    """A trap that ordinary git springs stays silent, and the keys are found all the same."""
    arm, command = VECTORS[vector]
    repo.put("a", credentials_file(1), day=1)
    repo.put("bait", "bait", day=2)
    repo.put("a", credentials_file(2), day=3)
    arm(repo, trap)
    sprung(trap)
    result = scan([repo.path])
    assert not sprung(trap)
    assert key_ids(result) == {key_id(n=1), key_id(n=2)}
    subprocess.run(["git", *command], cwd=repo.path, env=ENVIRONMENT, check=False,
                   stdin=subprocess.DEVNULL, capture_output=True)  # fmt: skip
    assert sprung(trap), "the trap was not armed, so its silence proves nothing"


def test_the_callers_environment_leads_git_nowhere(repo, trap, tmp_path, monkeypatch):
    """Inherited variables neither run a program nor lend other objects or another repository."""
    commit = repo.put("a", credentials_file(), day=1)
    other = repository(tmp_path / "other")
    other.put("b", credentials_file(7))
    for name, value in {
        "GIT_DIR": str(other.path / ".git"),
        "GIT_WORK_TREE": str(other.path),
        "GIT_OBJECT_DIRECTORY": str(other.path / ".git" / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(other.path / ".git" / "objects"),
        "GIT_EXTERNAL_DIFF": str(trap),
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": str(trap),
        "PAGER": str(trap),
    }.items():
        monkeypatch.setenv(name, value)
    result = scan([repo.path])
    assert (key_ids(result), commits(result)) == ({key_id()}, {commit})
    assert not sprung(trap)
    assert not (tmp_path / "trace").exists()


def test_nothing_is_written(repo, tmp_path, monkeypatch):
    """Every file and folder below the path keeps its bytes, its times and its mode."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    repo.put("a", credentials_file(), day=1)
    repo.git("tag", "-a", "v1", "-m", "one")
    repo.git("gc", "-q")
    repo.put("b", credentials_file(), day=2)

    def state() -> dict[Path, tuple[int, int, bytes]]:
        """What must not change, but for access times."""
        return {
            path: (path.lstat().st_mtime_ns, path.lstat().st_mode,
                   path.read_bytes() if path.is_file() else b"")
            for path in [repo.path, *repo.path.rglob("*")]
        }  # fmt: skip

    before = state()
    assert scan([repo.path]).credentials
    assert state() == before


def test_a_git_that_hangs_is_ended_with_its_children(repo, tmp_path, monkeypatch):
    """The time limit kills the process group and is told; the files are still read."""
    repo.put("a", credentials_file())
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "git"
    fake.write_text(f"#!/bin/sh\n(sleep 3; : > {tmp_path}/survived) &\nsleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    begun = time.monotonic()
    result = scan([repo.path], ScanOptions(git_seconds=0.5))
    assert "longer than 0.5 seconds" in skip_reasons(result)[WHO]
    assert key_ids(result) == {key_id()}
    time.sleep(max(0.0, 3.5 - (time.monotonic() - begun)))
    assert not (tmp_path / "survived").exists()


def test_a_git_that_keeps_a_processor_busy_is_ended(repo, tmp_path, monkeypatch):
    """Its processor time is bounded by the size of the store, long before the clock's limit."""
    monkeypatch.setattr(sandbox, "_LEAST_CPU", 1)
    repo.put("a", credentials_file())
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "git"
    fake.write_text("#!/bin/sh\nwhile :; do :; done\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    result = scan([repo.path], ScanOptions(git_seconds=60))
    assert "more than 1 seconds of a processor" in skip_reasons(result)[WHO]
    assert key_ids(result) == {key_id()}


def test_git_may_take_memory_by_the_size_of_the_store(repo, tmp_path, monkeypatch):
    """A file that it writes is bounded likewise, and it leaves no core."""
    repo.put("a", credentials_file())
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "git"
    fake.write_text(
        f"#!/bin/sh\nsleep 0.5; (ulimit -d; ulimit -f; ulimit -c) > {tmp_path}/limits; exit 1\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    scan([repo.path])
    data, file, core = (tmp_path / "limits").read_text().split()
    assert (512 << 10) <= int(data) < (600 << 10)  # in KiB
    assert file != "unlimited"
    assert core == "0"


def test_without_git_the_files_are_read(repo, tmp_path, monkeypatch):
    """Without git every object is read; only who brought it in is not known, and that is told."""
    repo.put("a", credentials_file())
    monkeypatch.setenv("PATH", str(tmp_path))
    result = scan([repo.path])
    (found,) = result.credentials[0].occurrences
    assert (found.where, found.path, found.commit) == (PlaceKind.HISTORY, "a", None)
    assert "can't be started" in skip_reasons(result)["who brought in what was found"]


def test_a_git_program_in_the_repository_is_not_git(repo, trap, monkeypatch):
    """A relative entry of the search path does not lead into the scanned folder."""
    commit = repo.put("a", credentials_file())
    shutil.copy(trap, repo.path / "git")
    monkeypatch.chdir(repo.path)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    assert commits(scan([Path()])) == {commit}
    assert not sprung(trap)
