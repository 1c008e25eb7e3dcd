"""In: an opened store. Out: the files in its folders that the walk over the objects does not read.

What git left behind half written (tmp_obj_…, tmp_pack_…), notes beside packs (.keep, .promisor),
and whatever somebody put there.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from analyzer.leaks.objects.bodies import Unreadable
from analyzer.leaks.objects.loose import is_loose
from analyzer.leaks.objects.store import Store


def strays(store: Store, objects: Path) -> Iterator[str | Unreadable]:
    """The path below objects/ of each file that holds no object; links and pipes are among them.

    No link is followed. A folder that can't be listed is told of.
    """
    folders = [""]
    while folders:
        below = folders.pop()
        try:
            with os.scandir(objects / below) as listing:
                found = sorted((each.name, each.is_dir(follow_symlinks=False)) for each in listing)
        except OSError as fault:
            yield Unreadable("", below, os.strerror(fault.errno or 0))
            continue
        for name, is_folder in found:
            path = os.path.join(below, name)  # noqa: PTH118 - text, to be told below objects/
            if is_folder:
                folders.append(path)
            elif not is_loose(path) and objects / path not in store.opened:
                yield path
