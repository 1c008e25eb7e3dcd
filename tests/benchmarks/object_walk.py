"""How fast the walk over a pack is, beside `git cat-file` on the same store.

Run: python tests/benchmarks/object_walk.py [--repo PATH]
Without a path it builds a repository of 10,000 commits.

One process. The best of some runs is told, and where the time goes: what unpacking and applying
the deltas take by themselves, over the same streams, is the floor.
"""

import argparse
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from dulwich._pack import apply_delta
from isal import isal_zlib

from analyzer.leaks.objects.layout import Layout
from analyzer.leaks.objects.store import Store, open_store, walk

COMMITS = 10_000
FILES = 120
RUNS = 3


def stream(seed: int) -> Iterator[bytes]:
    """A history for `git fast-import`: files of 10 to 200 KB, some lines changed a commit."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    words = [f"{chance.getrandbits(40):x}" for _ in range(4000)]

    def line() -> bytes:
        indent = " " * chance.randrange(0, 12, 4)
        return f"{indent}{' '.join(chance.choices(words, k=chance.randrange(1, 9)))}\n".encode()

    def text(size: int) -> list[bytes]:
        lines: list[bytes] = []
        while size > 0:
            lines.append(line())
            size -= len(lines[-1])
        return lines

    files = [text(int(10_000 * 20 ** chance.random())) for _ in range(FILES)]
    for commit in range(COMMITS):
        which = chance.randrange(FILES) if commit >= FILES else commit
        lines = files[which]
        for _ in range(chance.randrange(1, 6)):
            lines[chance.randrange(len(lines))] = line()
        body = b"".join(lines)
        yield (
            b"commit refs/heads/main\ncommitter A <a@example.com> %d +0000\ndata 8\nchange.\n\n"
            % (1_600_000_000 + commit)
        )
        yield b"M 100644 inline dir%d/file%d\ndata %d\n%s\n" % (which % 11, which, len(body), body)


def build(folder: Path) -> Path:
    """The path of a new repository, packed as `git gc` does."""
    subprocess.run(["git", "init", "--quiet", "--bare", folder], check=True)
    command = ["git", "-C", folder, "fast-import", "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as git:
        assert git.stdin is not None
        for piece in stream(4):
            git.stdin.write(piece)
    subprocess.run(["git", "-C", folder, "repack", "-adfq", "--depth=50"], check=True)
    return folder


def walked(store: Store) -> tuple[int, int]:
    """Objects and bytes that the walk brings."""
    objects = size = 0
    for unit in store.units():
        for each in walk(store, unit):
            if isinstance(each, tuple):
                objects += 1
                size += len(each[2])
    return objects, size


def floor(store: Store) -> tuple[float, float]:
    """Seconds that unpacking and applying take by themselves."""
    unpacking = applying = 0.0
    clock = time.perf_counter
    for part in store.parts:
        if not isinstance(part, Layout):
            continue
        view, held = memoryview(part.pack), [b""] * 64
        columns = (part.starts, part.ends, part.sizes, part.sources, part.slots)
        for start, end, size, source, slot in zip(
            *(each.tolist() for each in columns), strict=True
        ):
            begin = clock()
            body = isal_zlib.decompress(view[start:end], 15, size)
            middle = clock()
            if source >= 0:
                body = apply_delta(held[source], body)[0]
                applying += clock() - middle
            unpacking += middle - begin
            held[slot] = body
    return unpacking, applying


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of some runs."""
    seconds = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def cat_file(repo: Path) -> None:
    """Everything, by git."""
    batch = ["cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch"]
    subprocess.run(["git", "-C", repo, *batch], stdout=subprocess.DEVNULL, check=True)


def measure(repo: Path) -> None:
    """Prints a row a figure."""
    found = subprocess.run(
        ["git", "-C", repo, "rev-parse", "--path-format=absolute", "--git-path", "objects"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    objects = Path(found.stdout.strip())
    store = open_store(objects)
    opening = best(lambda: open_store(objects))
    count, size = walked(store)
    walking = best(lambda: walked(store))
    unpacking, applying = floor(store)
    git = best(lambda: cat_file(repo))
    print(f"{count:,} objects, {size / 1e9:.2f} GB unpacked, kinds {dict(store.kinds())}")
    print(f"open           {opening:7.3f} s")
    print(f"walk           {walking:7.3f} s   {size / walking / 1e9:6.2f} GB/s")
    print(f"               {count / walking:,.0f} objects/s")
    print(f"  of it at least {unpacking:.3f} s unpacking, {applying:.3f} s applying deltas")
    print(f"git cat-file   {git:7.3f} s   {size / git / 1e9:6.2f} GB/s")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repo", type=Path, help="a repository to walk instead of a new one")
    given = parser.parse_args()
    if given.repo is not None:
        measure(given.repo)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(build(Path(folder) / "repo.git"))


if __name__ == "__main__":
    main()
