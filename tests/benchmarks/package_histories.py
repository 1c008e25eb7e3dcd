"""In: packages and versions of them. Out: git repositories and folders of what they really hold.

Each version is a commit, by one author, a day after the one before: the same bytes each time.
Nothing of an archive is run, and only its regular files are taken.
"""

import shutil
import subprocess
import tarfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from tests.benchmarks.package_registries import fetch_from_npm, fetch_from_pypi

FETCHERS = {"npm": fetch_from_npm, "pypi": fetch_from_pypi}
FIRST_DAY, DAY = 1_600_000_000, 86_400


@dataclass(frozen=True, slots=True)
class PackageHistory:
    """Versions of one package, oldest first."""

    package: str
    registry: str
    versions: tuple[str, ...]

    @property
    def name(self) -> str:
        """The package as a name for a file."""
        return self.package.removeprefix("@").replace("/", "-")


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A regular file of an archive, below the one folder that archives have at their top."""

    path: str
    is_executable: bool
    content: bytes


def read_histories() -> tuple[PackageHistory, ...]:
    """The histories that are measured."""
    text = Path(__file__).with_name("package_histories.toml").read_text(encoding="utf-8")
    return tuple(
        PackageHistory(each["package"], each["registry"], tuple(each["versions"].split()))
        for each in tomllib.loads(text)["history"]
    )


def fetch(history: PackageHistory, cache: Path) -> tuple[Path, ...]:
    """An archive for each version, below `cache`."""
    folder = cache / "archives" / history.name
    return tuple(FETCHERS[history.registry](history.package, history.versions, folder))


def inner_path(name: str) -> str | None:
    """Where a member of an archive lies below the top folder; None if it must not be written."""
    parts = PurePosixPath(name).parts[1:]
    if not parts or name.startswith("/") or {"..", ".git"} & set(parts) or not name.isprintable():
        return None
    return "/".join(parts)


def read_archive(archive: Path) -> Iterator[PackedFile]:
    """Its regular files, in its order."""
    with tarfile.open(archive) as opened:
        for member in opened:
            path = inner_path(member.name)
            content = opened.extractfile(member) if member.isreg() and path else None
            if path and content:
                yield PackedFile(path, bool(member.mode & 0o100), content.read())


def import_stream(versions: Sequence[str], archives: Sequence[Path]) -> Iterator[bytes]:
    """The history for `git fast-import`."""
    for number, (version, archive) in enumerate(zip(versions, archives, strict=True)):
        message = f"Release {version}\n".encode()
        yield b"commit refs/heads/main\ncommitter A <a@example.com> %d +0000\ndata %d\n%s\n" % (
            FIRST_DAY + DAY * number,
            len(message),
            message,
        )
        yield b"deleteall\n"
        for file in read_archive(archive):
            mode = b"100755" if file.is_executable else b"100644"
            path = file.path.encode()
            yield b"M %s inline %s\ndata %d\n%s\n" % (mode, path, len(file.content), file.content)


def build_repository(history: PackageHistory, cache: Path) -> Path:
    """A bare repository of the history, packed with deltas; the one from last time, if it is it."""
    folder = cache / "repositories" / history.name
    description = folder / "description"
    versions = " ".join(history.versions)
    if description.exists() and description.read_text(encoding="utf-8") == versions:
        return folder
    archives = fetch(history, cache)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", folder], check=True)
    git = ["git", "-C", folder]
    with subprocess.Popen([*git, "fast-import", "--quiet"], stdin=subprocess.PIPE) as importer:
        assert importer.stdin is not None
        for piece in import_stream(history.versions, archives):
            importer.stdin.write(piece)
    # `git gc` alone would keep the few deltas that the import found; more threads than one find
    # others each time.
    packing = ["-c", "pack.threads=1", "repack", "-adfq", "--depth=50", "--window=10"]
    subprocess.run([*git, *packing], check=True)
    description.write_text(versions, encoding="utf-8")
    return folder


def spread(archives: Iterable[Sequence[Path]]) -> Iterator[Path]:
    """Of each package the newest archive, then of each the one before, and so on."""
    rest = [list(each) for each in archives]
    while any(rest):
        for each in rest:
            if each:
                yield each.pop()


def build_tree(histories: Sequence[PackageHistory], count: int, cache: Path) -> Path:
    """A folder with so many files of the packages; the one from last time, if it is there.

    Those of each archive are in a folder of their own.
    """
    folder = cache / "trees" / str(count)
    if folder.exists():
        return folder
    archives = spread(fetch(history, cache) for history in histories)
    files = ((archive, file) for archive in archives for file in read_archive(archive))
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    for archive, file in islice(files, count):
        path = part / archive.parent.name / archive.name.split(".t")[0] / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    part.rename(folder)
    return folder
