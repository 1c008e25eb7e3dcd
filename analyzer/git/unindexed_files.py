"""In: an opened store, and its objects/ folder. Out: its files that are no objects."""

import os
from collections.abc import Iterator
from pathlib import Path

from analyzer.git.loose_objects import is_loose
from analyzer.git.object_store import ObjectStore
from analyzer.git.objects import UnreadableObject


def iter_unindexed_files(store: ObjectStore, objects: Path) -> Iterator[str | UnreadableObject]:
    """The path below objects/ of each file that the walk does not read, of links and pipes too.

    No symbolic link is followed. A folder that can't be listed comes as unreadable.
    """
    folders = [""]
    while folders:
        below = folders.pop()
        try:
            with os.scandir(objects / below) as listing:
                names = sorted((each.name, each.is_dir(follow_symlinks=False)) for each in listing)
        except OSError as fault:
            yield UnreadableObject("", below, os.strerror(fault.errno or 0))
            continue
        for name, is_folder in names:
            path = os.path.join(below, name)  # noqa: PTH118 - text, relative to objects/
            if is_folder:
                folders.append(path)
            elif not is_loose(path) and objects / path not in store.opened:
                yield path
