"""In: an untrusted object store. Out: what git reads from it, without running anything of it.

Git gets a sandbox: an empty repository of our own, with links to the packs and loose objects of the
store, each of which was seen to be a regular file. Git never reads the untrusted repository's
configuration, hooks, attributes, replacement refs, alternates and promisor remotes.
"""

import os
import resource
import signal
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO

from analyzer.files import UnreadableFile, file_type, printable_name
from analyzer.git.confine import kill_group, limit, stop_when_late

_SHA256_LENGTH = 64
_LEAST_CPU, _BYTES_PER_CPU_SECOND = 20, 512 << 10
_LEAST_MEMORY, _MEMORY_RATIO, _MOST_MEMORY = 512 << 20, 64, 4 << 30
_LEAST_DISK, _DISK_RATIO = 256 << 20, 16
"""Bytes of the largest file that a command may write: an index, or one object, unpacked."""
_CHUNK = 1 << 16
_PIECE = 8 << 20
_HEAD_WORDS = 3
_LONGEST_HEAD = 4096
_LONGEST_NAME = 32 * 1024 * 1024
_PACKED = (".pack", ".idx")
_FAN_LENGTH = 2
"""Letters in the name of a folder of loose objects."""


class GitTimeoutError(UnreadableFile):
    """Git did not end within its time limit."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A repository of our own for git: its folder, and the environment that confines git to it.

    `seconds` is the time limit of each command. `stored` counts the bytes that it works on: what a
    command may take of processor, memory and disk goes by that.
    """

    folder: Path
    environment: Mapping[str, str]
    seconds: float
    stored: int

    @property
    def cpu_seconds(self) -> int:
        """Seconds that a command may keep processors busy, all of them together."""
        return _LEAST_CPU + self.stored // _BYTES_PER_CPU_SECOND

    def limits(self) -> Mapping[int, int]:
        """What the system allows a command, by the kind of resource."""
        memory = min(_LEAST_MEMORY + _MEMORY_RATIO * self.stored, _MOST_MEMORY)
        return {
            resource.RLIMIT_CPU: self.cpu_seconds,
            resource.RLIMIT_DATA: memory,
            resource.RLIMIT_FSIZE: _LEAST_DISK + _DISK_RATIO * self.stored,
            resource.RLIMIT_CORE: 0,
        }


@contextmanager
def open_sandbox(
    stores: Sequence[Path], id_length: int, seconds: float, size: int = 0
) -> Iterator[Sandbox]:
    """A repository without refs, hooks and remotes over the given object folders; removed at exit.

    `id_length` is that of an object id in hex, `size` counts bytes that commands work on beside the
    folders. Raises UnreadableFile where it can't be made.
    """
    from tempfile import TemporaryDirectory

    try:
        home = TemporaryDirectory(prefix="credaudit-")
    except OSError as fault:
        raise _cannot_write(fault) from fault
    with home as name:
        folder = Path(name)
        try:
            _init_repository(folder, id_length)
            for number, store in enumerate(stores):
                size += _link_store(store, folder / f"objects{number or ''}")
        except OSError as fault:
            raise _cannot_write(fault) from fault
        yield Sandbox(folder, _environment(folder, len(stores)), seconds, size)


def _cannot_write(fault: OSError) -> UnreadableFile:
    """The error of a system that has no room for a temporary file."""
    return UnreadableFile(f"no place to read from: {os.strerror(fault.errno or 0)}")


def _init_repository(folder: Path, id_length: int) -> None:
    """The files that git requires of a repository, and settings by which it ignores caches."""
    for part in ("objects", "refs"):
        (folder / part).mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
    lines = ["[core]", "bare = true", "commitGraph = false", "multiPackIndex = false"]
    if id_length == _SHA256_LENGTH:
        lines += ["repositoryFormatVersion = 1", "[extensions]", "objectFormat = sha256"]
    (folder / "config").write_text("\n".join(lines) + "\n")


def _link_store(store: Path, home: Path) -> int:
    """Links to the packs and loose objects of a store; only to what is a regular file.

    Gives how many bytes these have.
    """
    size = 0
    for folder in sorted(store.iterdir()):
        if folder.name != "pack" and len(folder.name) != _FAN_LENGTH:
            continue
        if file_type(folder) != stat.S_IFDIR:
            continue
        try:
            paths = [*folder.iterdir()]
        except OSError:
            continue  # The walk over the objects reports it.
        (home / folder.name).mkdir(parents=True)
        for path in paths:
            wanted = folder.name != "pack" or path.suffix in _PACKED
            if wanted and file_type(path) == stat.S_IFREG:
                (home / folder.name / path.name).symlink_to(path.resolve())
                size += path.lstat().st_size
    return size


def set_shallow(git: Sandbox, commits: Iterable[str]) -> None:
    """Makes git treat these commits as having no parents, as at the edge of a shallow clone."""
    (git.folder / "shallow").write_text("".join(f"{oid}\n" for oid in sorted(commits)))


@contextmanager
def run_git(
    git: Sandbox, *arguments: str, feed: Iterable[str] = (), content: Iterable[bytes] = ()
) -> Iterator[IO[bytes]]:
    """The output of a git command whose input is the lines of `feed`, then the bytes of `content`.

    When the block is left or time is up, git is killed with all that it may have started. Raises
    UnreadableFile if git can't be started or failed, GitTimeoutError if time was up, that of the
    clock or that of the processor.
    """
    import subprocess

    with _open_files(feed, content) as (given, messages):
        try:
            process = subprocess.Popen(
                ("git", *arguments),
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=messages,
                cwd=git.folder,
                env=git.environment,
                start_new_session=True,
            )
        except OSError as fault:
            raise UnreadableFile(
                f"git can't be started: {os.strerror(fault.errno or 0)}"
            ) from fault
        limit(process, git.limits())
        late = Event()
        with process, stop_when_late(process, git.seconds, late):
            output = process.stdout
            if output is None:  # pragma: no cover - a pipe was asked for
                raise UnreadableFile("git has no output")
            try:
                yield output
                if ended := not output.read(1):
                    # Waits without reaping, so that the process group keeps its id for the kill.
                    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            finally:
                kill_group(process)
        if late.is_set():
            raise GitTimeoutError(f"git took longer than {git.seconds:g} seconds")
        if ended and process.returncode == -signal.SIGXCPU:
            raise GitTimeoutError(f"git needed more than {git.cpu_seconds} seconds of a processor")
        if ended and process.returncode:
            messages.seek(0)
            last = printable_name(messages.read(_CHUNK)).strip().rpartition("\n")[2]
            raise UnreadableFile(f"git {arguments[0]} failed: {last}")


@contextmanager
def _open_files(
    feed: Iterable[str], content: Iterable[bytes]
) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A file with git's input, and an empty one for its error messages.

    Raises UnreadableFile where there is no room for them.
    """
    from tempfile import TemporaryFile

    with ExitStack() as lasting:
        try:
            given, messages = (lasting.enter_context(TemporaryFile()) for _ in range(2))
            given.writelines(f"{line}\n".encode() for line in feed)
            given.writelines(content)
            given.seek(0)
        except OSError as fault:
            raise _cannot_write(fault) from fault
        yield given, messages


def read_objects_with_git(
    git: Sandbox, oids: Sequence[str]
) -> Iterator[tuple[str, str, int, Iterator[bytes]]]:
    """Id, kind, size and content, in pieces, of each object that git can read; others are left out.

    What is left of the pieces is skipped when the next object is asked for. Raises UnreadableFile
    where git fails.
    """
    with run_git(git, "cat-file", "--batch", feed=oids) as output:
        while head := output.readline(_LONGEST_HEAD).split():
            if len(head) != _HEAD_WORDS:
                continue
            size = int(head[2])
            pieces = _read_pieces(output, size)
            yield head[0].decode(), head[1].decode(), size, pieces
            for _ in pieces:
                pass
            output.read(1)


def _read_pieces(output: IO[bytes], size: int) -> Iterator[bytes]:
    """The next `size` bytes of git's output; raises UnreadableFile where it ends before."""
    while size:
        piece = output.read(min(size, _PIECE))
        if not piece:
            raise UnreadableFile("git's output breaks off")
        size -= len(piece)
        yield piece


def read_nul_separated(output: IO[bytes]) -> Iterator[bytes]:
    """The fields of git's -z output, each of which ends with a NUL.

    Raises UnreadableFile for a field that is longer than any name.
    """
    rest = b""
    while chunk := output.read(_CHUNK):
        *fields, rest = (rest + chunk).split(b"\0")
        yield from fields
        if len(rest) > _LONGEST_NAME:
            raise UnreadableFile("a name in its history has no end")


def _environment(folder: Path, stores: int) -> dict[str, str]:
    """The environment of git; it inherits nothing but the search path."""
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
