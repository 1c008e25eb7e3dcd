"""How fast the walk over a pack is, beside `git cat-file` on the same store.

Run: python tests/benchmarks/object_walk.py [--repo PATH]
Without a path it builds a repository of 10,000 commits.

One process. The best of some runs is told, and where the time goes: what unpacking and applying
the deltas take by themselves, over the same streams, is the floor.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dulwich._pack import apply_delta
from isal import isal_zlib
from made_repositories import LARGE, make

from analyzer.git.object_store import ObjectStore, iter_objects, open_store
from analyzer.git.pack_layout import PackLayout

RUNS = 3


def walked(store: ObjectStore) -> tuple[int, int]:
    """Objects and bytes that the walk brings."""
    objects = size = 0
    for work_range in store.work_ranges():
        for each in iter_objects(store, work_range):
            if isinstance(each, tuple):
                objects += 1
                size += len(each[2])
    return objects, size


def floor(store: ObjectStore) -> tuple[float, float]:
    """Seconds that unpacking and applying take by themselves."""
    unpacking = applying = 0.0
    clock = time.perf_counter
    for part in store.parts:
        if not isinstance(part, PackLayout):
            continue
        view, held = memoryview(part.pack), [b""] * 64
        of = part.columns
        columns = (of.starts, of.ends, of.sizes, of.base_slots, of.result_slots)
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
        measure(make(Path(folder) / "repo.git", LARGE))


if __name__ == "__main__":
    main()
