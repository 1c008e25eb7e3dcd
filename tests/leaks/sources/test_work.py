"""In: folders and partial results. Out: the proof that work is split and added without loss."""

from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from analyzer.files import DirectoryEntry, EntryType, Skipped, walk_tree
from analyzer.git.objects import UnreadableObject
from analyzer.git.references import LfsPointer
from analyzer.leaks.exclusions import LeftOut, parse_exclusions
from analyzer.leaks.model import CredentialPart, Occurrence, PlacedSighting, PlaceKind, Sighting
from analyzer.leaks.sources import work
from analyzer.leaks.sources.work import (
    FileRange,
    FolderWork,
    PartialScan,
    split_folder,
    split_further,
)


def full(n: int) -> PartialScan:
    """A result with something in every field, different for each number."""
    sighting = Sighting(None, n, CredentialPart.ID, "AIDA")
    place = Occurrence("repo", "path", n, PlaceKind.WORK_TREE)
    return PartialScan(
        [PlacedSighting(sighting, place)],
        [(f"oid {n}", "blob", (sighting,))],
        [Skipped(f"what {n}", "why")],
        [UnreadableObject(f"oid {n}", "", "why")],
        [(Path(f"{n}"), f"{n}")],
        [(Path(f"git dir {n}"), Path(f"store {n}"))],
        [FileRange(place, f"{n}", 0, n, n + 1, n, is_last=True)],
        {f"oid {n}"},
        {(b"name", f"oid {n}")},
        {f"oid {n}": LfsPointer("oid", n)},
        {f"file {n}": LfsPointer("oid", n)},
        objects=n,
        size=n * 10,
        containers=n * 100,
        left_out=Counter({(f"pattern {n}", LeftOut.FILE): n}),
        uncovered=[n],
        spent=n * 1000,
    )


def test_adding_a_result_loses_no_field():
    """Lists and sets are joined, counts are summed, and what was added stays as it was."""
    total, second = full(1), full(2)
    total.add(second)
    assert second == full(2)
    for field in fields(PartialScan):
        mine, added, both = (getattr(each, field.name) for each in (full(1), second, total))
        assert both == (mine | added if isinstance(mine, set | dict) else mine + added), field.name


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """Folders of several levels, with a file in each."""
    for path in ("a/b/c", "a/d", "e", "f/g/h/i"):
        (tmp_path / path).mkdir(parents=True)
    for folder in [tmp_path, *tmp_path.rglob("*")]:
        (folder / "file").write_text("x")
    return tmp_path


@pytest.mark.parametrize("enough", [1, 2, 3, 256])
def test_each_file_is_in_exactly_one_item(crowded, monkeypatch, enough):
    """However many items there are, none is scanned twice and none is forgotten."""
    monkeypatch.setattr(work, "_ENOUGH_ITEMS", enough)
    items = [*split_folder(7, crowded)]
    files = [
        entry.name
        for item in items
        for entry in walk_tree(
            item.folder, item.prefix, crowded, in_git=item.in_git, deep=item.deep
        )
        if isinstance(entry, DirectoryEntry) and entry.type is EntryType.FILE
    ]
    expected = sorted(str(path.relative_to(crowded)) for path in crowded.rglob("file"))
    assert sorted(files) == expected
    assert {item.source for item in items} == {7}
    assert any(item.deep for item in items) is (enough < 256)


def test_a_folder_that_is_split_further_goes_without_what_is_left_out(crowded):
    """Down to each name; a folder that a pattern names is in no item."""
    exclusions = parse_exclusions(("/a/d/", "g/"))
    waiting, parts = [FolderWork(7, crowded, "", in_git=False, deep=True)], []
    while waiting:
        item = waiting.pop()
        further = [*split_further(item, crowded, exclusions)]
        waiting += further
        parts += [] if further else [item.name]
    assert {each for each in parts if each.endswith("file")} == {
        "file", "a/file", "a/b/file", "a/b/c/file", "e/file", "f/file",
    }  # fmt: skip
