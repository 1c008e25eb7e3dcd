"""Files in a store that are no objects: git's leftovers, and what somebody put there."""

import os
from pathlib import Path

from analyzer.git.object_store import open_store
from analyzer.git.unindexed_files import iter_unindexed_files
from tests.git.git_material import fill, objects_of, the_pack
from tests.leaks.leak_material import Repository


def test_what_the_walk_does_not_read_is_listed(repo: Repository, tmp_path: Path) -> None:
    """Half-written files, notes beside packs, links and pipes come; objects and indexes do not."""
    fill(repo)
    repo.put("loose", "x\n")
    objects = objects_of(repo)
    left = {
        "pack/tmp_pack_ab12cd",
        the_pack(repo).with_suffix(".keep").relative_to(objects).as_posix(),
        "ab/tmp_obj_ab12cd",
        "info/alternates",
        "notes",
        "pack/deep/below/pack-1.pack",
        "ab/cdef",
        "pack/odd\nname",
    }
    for name in left:
        (objects / name).parent.mkdir(parents=True, exist_ok=True)
        (objects / name).write_text("here\n")
    (objects / "link").symlink_to(tmp_path)
    os.mkfifo(objects / "pipe")
    store = open_store(objects)
    assert {each for each in iter_unindexed_files(store, objects) if isinstance(each, str)} == {
        *left, "link", "pipe",
    }  # fmt: skip


def test_a_pack_that_can_not_be_laid_out_is_a_stray(repo: Repository) -> None:
    """What the walk can't read as objects is left to be read as files."""
    fill(repo)
    pack = the_pack(repo)
    pack.with_suffix(".idx").unlink()
    store = open_store(objects_of(repo))
    found = list(iter_unindexed_files(store, objects_of(repo)))
    assert pack.relative_to(objects_of(repo)).as_posix() in found
