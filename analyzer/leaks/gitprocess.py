"""In: an object store that nobody vouches for. Out: what git reads from it, and nothing else run.

Git gets an empty repository of our own whose objects are the other's. The other's configuration,
hooks, attributes, replacements and promises are in its git directory and are never read.
"""

import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Event, Timer
from typing import IO

from analyzer.leaks.files import LARGEST, Unread, readable

_SHA256_LENGTH = 64
_OBJECTS_AT_ONCE = 20_000
_MOST_BREAKDOWNS = 100
_MOST_MEMORY = 4 * 1024**3
_CHUNK = 1 << 16


class Late(Unread):
    """Git did not come to an end in its time."""


@dataclass(frozen=True, slots=True)
class Git:
    """A quarantine: its folder, the environment that binds git to it, and git's time in seconds."""

    folder: Path
    environment: Mapping[str, str]
    seconds: float


@dataclass(frozen=True, slots=True)
class GitObject:
    """One object. `body` is None where it is missing or damaged, too large, or was not wanted."""

    oid: str
    kind: str
    size: int
    body: bytes | None


@contextmanager
def quarantine(objects: Path, id_length: int, seconds: float) -> Iterator[Git]:
    """A repository without refs, hooks or remotes over the given objects; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="credaudit-") as name:
        folder = Path(name)
        for part in ("objects", "refs"):
            (folder / part).mkdir()
        (folder / "HEAD").write_text("ref: refs/heads/none\n")
        lines = ["[core]", "bare = true", "commitGraph = false", "multiPackIndex = false"]
        if id_length == _SHA256_LENGTH:
            lines += ["repositoryFormatVersion = 1", "[extensions]", "objectFormat = sha256"]
        (folder / "config").write_text("\n".join(lines) + "\n")
        yield Git(folder, _environment(folder, objects), seconds)


def graft(git: Git, commits: Iterable[str]) -> None:
    """Makes git take these commits for the first ones, as in a shallow clone."""
    (git.folder / "shallow").write_text("".join(f"{oid}\n" for oid in sorted(commits)))


@contextmanager
def running(git: Git, *arguments: str, feed: Iterable[str] = ()) -> Iterator[IO[bytes]]:
    """The output of a git command that is fed lines; raises Unread at the end if git failed.

    When the block is left or time is up, git is killed with all that it may have started.
    """
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as complaints:
        asked.writelines(f"{line}\n".encode() for line in feed)
        asked.seek(0)
        try:
            process = subprocess.Popen(
                ("git", *arguments),
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=complaints,
                cwd=git.folder,
                env=git.environment,
                start_new_session=True,
            )
        except OSError as fault:
            raise Unread(f"git can't be started: {os.strerror(fault.errno or 0)}") from fault
        _limit_memory(process)
        late = Event()
        with process, _alarm(process, git.seconds, late):
            output = process.stdout
            if output is None:  # pragma: no cover - a pipe was asked for
                raise Unread("git has no output")
            try:
                yield output
                if ended := not output.read(1):
                    # Waits without reaping: the process group keeps its number until it is killed.
                    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            finally:
                _kill(process)
        if late.is_set():
            raise Late(f"git took longer than {git.seconds:g} seconds")
        if ended and process.returncode:
            complaints.seek(0)
            last = readable(complaints.read(_CHUNK)).strip().rpartition("\n")[2]
            raise Unread(f"git {arguments[0]} failed: {last}")


def tokens(output: IO[bytes]) -> Iterator[bytes]:
    """What stands before each NUL of git's -z output; raises Unread if one has no end."""
    rest = b""
    while chunk := output.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
        if len(rest) > LARGEST:
            raise Unread("a name in its history has no end")


def read_objects(git: Git, oids: Iterable[str], wanted: frozenset[str]) -> Iterator[GitObject]:
    """Each object once, in the order asked for, with the body if its kind is wanted.

    Sizes are known before anything is unpacked: a bomb is never lit.
    """
    queue = iter(oids)
    while asked := list(islice(queue, _OBJECTS_AT_ONCE)):
        with running(git, "cat-file", "--batch-check", feed=asked) as output:
            heads = [_head(line) for line in output]
        reading = [head.oid for head in heads if head.kind in wanted and head.size <= LARGEST]
        bodies = _bodies(git, reading)
        for head in heads:
            if head.kind in wanted and head.size <= LARGEST:
                yield GitObject(head.oid, head.kind, head.size, next(bodies))
            else:
                yield head


def _head(line: bytes) -> GitObject:
    """What --batch-check says of an object: id, kind and size, or id and "missing"."""
    oid, kind, *size = line.decode().split()
    return GitObject(oid, kind, int(size[0]) if size else 0, None)


def _bodies(git: Git, oids: list[str]) -> Iterator[bytes | None]:
    """One body an id, None where git gives up on a damaged object; it is then started again."""
    done = breakdowns = 0
    while done < len(oids):
        try:
            with running(git, "cat-file", "--batch", feed=oids[done:]) as output:
                while done < len(oids):
                    size = output.readline().split()[2:]
                    body = output.read(int(size[0]) + 1)[:-1] if size else None
                    if body is None or len(body) < int(size[0]):
                        break
                    done += 1
                    yield body
        except Late:
            raise
        except Unread:
            breakdowns += 1
            if breakdowns > _MOST_BREAKDOWNS:
                raise
        if done < len(oids):
            done += 1
            yield None


def _environment(folder: Path, objects: Path) -> dict[str, str]:
    """Nothing inherited but the search path."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C",
        "GIT_DIR": str(folder),
        "GIT_OBJECT_DIRECTORY": str(objects.resolve()),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _limit_memory(process: subprocess.Popen[bytes]) -> None:
    """Bounds what git may allocate, where the system knows how to do that from outside."""
    if hasattr(resource, "prlimit"):
        with suppress(OSError):
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))


@contextmanager
def _alarm(process: subprocess.Popen[bytes], seconds: float, late: Event) -> Iterator[None]:
    """Kills the process and says so in `late` if the block takes longer than `seconds`."""

    def ring() -> None:
        late.set()
        _kill(process)

    timer = Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole process group, which may outlive the process that leads it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
