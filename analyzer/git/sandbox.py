"""In: an object store that nobody vouches for. Out: what git reads from it, and nothing else run.

Git gets an empty repository of our own with links to the other's packs and loose objects, each of
which was seen to be a regular file. The other's configuration, hooks, attributes, replacements,
alternates and promises are never read.
"""

import os
import resource
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import IO

from analyzer.files import UnreadableFile, file_type, printable_name

_SHA256_LENGTH = 64
_MOST_MEMORY = 4 * 1024**3
_CHUNK = 1 << 16
_PIECE = 8 << 20
_HEAD_WORDS = 3
_LONGEST_HEAD = 4096
_LONGEST_NAME = 32 * 1024 * 1024
_PACKED = (".pack", ".idx")
_LOOSE = 2


class GitTimeoutError(UnreadableFile):
    """Git did not come to an end in its time."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A quarantine: its folder, the environment that binds git to it, and git's time in seconds."""

    folder: Path
    environment: Mapping[str, str]
    seconds: float


@contextmanager
def open_sandbox(stores: Sequence[Path], id_length: int, seconds: float) -> Iterator[Sandbox]:
    """A repository without refs, hooks or remotes over the given object folders; gone afterwards.

    Raises Unread where it can't be made.
    """
    try:
        home = tempfile.TemporaryDirectory(prefix="credaudit-")
    except OSError as fault:
        raise _no_place(fault) from fault
    with home as name:
        folder = Path(name)
        try:
            _init_repository(folder, id_length)
            for number, store in enumerate(stores):
                _link_store(store, folder / f"objects{number or ''}")
        except OSError as fault:
            raise _no_place(fault) from fault
        yield Sandbox(folder, _environment(folder, len(stores)), seconds)


def _no_place(fault: OSError) -> UnreadableFile:
    return UnreadableFile(f"no place to read from: {os.strerror(fault.errno or 0)}")


def _init_repository(folder: Path, id_length: int) -> None:
    """What git demands of a repository, and settings that keep it from trusting caches."""
    for part in ("objects", "refs"):
        (folder / part).mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
    lines = ["[core]", "bare = true", "commitGraph = false", "multiPackIndex = false"]
    if id_length == _SHA256_LENGTH:
        lines += ["repositoryFormatVersion = 1", "[extensions]", "objectFormat = sha256"]
    (folder / "config").write_text("\n".join(lines) + "\n")


def _link_store(store: Path, home: Path) -> None:
    """Links to the packs and loose objects of a store; only to what is a regular file."""
    for folder in sorted(store.iterdir()):
        if folder.name != "pack" and len(folder.name) != _LOOSE:
            continue
        if file_type(folder) != stat.S_IFDIR:
            continue
        try:
            paths = [*folder.iterdir()]
        except OSError:
            continue  # Whoever walks over the objects tells of it.
        (home / folder.name).mkdir(parents=True)
        for path in paths:
            wanted = folder.name != "pack" or path.suffix in _PACKED
            if wanted and file_type(path) == stat.S_IFREG:
                (home / folder.name / path.name).symlink_to(path.resolve())


def set_shallow(git: Sandbox, commits: Iterable[str]) -> None:
    """Makes git take these commits for the first ones, as in a shallow clone."""
    (git.folder / "shallow").write_text("".join(f"{oid}\n" for oid in sorted(commits)))


@contextmanager
def run_git(
    git: Sandbox, *arguments: str, feed: Iterable[str] = (), content: Iterable[bytes] = ()
) -> Iterator[IO[bytes]]:
    """The output of a git command that is fed lines, or content; raises Unread if git failed.

    When the block is left or time is up, git is killed with all that it may have started.
    """
    with _files(feed, content) as (asked, complaints):
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
            raise UnreadableFile(
                f"git can't be started: {os.strerror(fault.errno or 0)}"
            ) from fault
        _limit_memory(process)
        late = Event()
        with process, _stop_when_late(process, git.seconds, late):
            output = process.stdout
            if output is None:  # pragma: no cover - a pipe was asked for
                raise UnreadableFile("git has no output")
            try:
                yield output
                if ended := not output.read(1):
                    # Waits without reaping: the process group keeps its number until it is killed.
                    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            finally:
                _kill(process)
        if late.is_set():
            raise GitTimeoutError(f"git took longer than {git.seconds:g} seconds")
        if ended and process.returncode:
            complaints.seek(0)
            last = printable_name(complaints.read(_CHUNK)).strip().rpartition("\n")[2]
            raise UnreadableFile(f"git {arguments[0]} failed: {last}")


@contextmanager
def _files(feed: Iterable[str], content: Iterable[bytes]) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """What git is told, and an empty file for its complaints; raises Unread without room."""
    with ExitStack() as lasting:
        try:
            asked, complaints = (lasting.enter_context(tempfile.TemporaryFile()) for _ in range(2))
            asked.writelines(f"{line}\n".encode() for line in feed)
            asked.writelines(content)
            asked.seek(0)
        except OSError as fault:
            raise _no_place(fault) from fault
        yield asked, complaints


def read_objects_with_git(
    git: Sandbox, oids: Sequence[str]
) -> Iterator[tuple[str, str, int, Iterator[bytes]]]:
    """Id, kind, size and pieces of each object that git can read; missing ones are passed over.

    Each is to be read to its end before the next. Raises Unread where git gives up.
    """
    with run_git(git, "cat-file", "--batch", feed=oids) as output:
        while head := output.readline(_LONGEST_HEAD).split():
            if len(head) != _HEAD_WORDS:
                continue
            size = int(head[2])
            pieces = _pieces(output, size)
            yield head[0].decode(), head[1].decode(), size, pieces
            for _ in pieces:
                pass
            output.read(1)


def _pieces(output: IO[bytes], size: int) -> Iterator[bytes]:
    """So many bytes of git's output; raises Unread where it ends before."""
    while size:
        piece = output.read(min(size, _PIECE))
        if not piece:
            raise UnreadableFile("git's output breaks off")
        size -= len(piece)
        yield piece


def read_nul_separated(output: IO[bytes]) -> Iterator[bytes]:
    """What stands before each NUL of git's -z output; raises Unread if one has no end."""
    rest = b""
    while chunk := output.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
        if len(rest) > _LONGEST_NAME:
            raise UnreadableFile("a name in its history has no end")


def _environment(folder: Path, stores: int) -> dict[str, str]:
    """Nothing inherited but the search path."""
    borrowed = [str(folder / f"objects{number}") for number in range(1, stores)]
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C",
        "GIT_DIR": str(folder),
        "GIT_OBJECT_DIRECTORY": str(folder / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(borrowed),
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
def _stop_when_late(
    process: subprocess.Popen[bytes], seconds: float, late: Event
) -> Iterator[None]:
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
