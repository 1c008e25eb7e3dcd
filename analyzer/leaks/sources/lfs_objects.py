"""In: what stands for an object of Git LFS. Out: a scan of the object, if git's directory has it.

A commit brings in the pointer alone, and yet `git push` sends the object along. `staged` and
`changed_blobs` call it; in a scan of everything the object is a file as any other.
"""

import os
import stat
from dataclasses import replace
from pathlib import Path

from analyzer.files import DirectoryEntry, EntryType, Skipped, file_type
from analyzer.git.references import LfsPointer
from analyzer.leaks.model import Occurrence
from analyzer.leaks.sources.folders import scan_single_file
from analyzer.leaks.sources.large_files import scan_range
from analyzer.leaks.sources.never_fetched import describe_lfs_object, lfs_object_path
from analyzer.leaks.sources.work import PartialScan, SearchTerms


def find_lfs_object(git_dir: Path, pointer: LfsPointer) -> Path | None:
    """The file with the object that a pointer stands for; None where it is not here."""
    file = lfs_object_path(git_dir, pointer)
    return file if file_type(file) == stat.S_IFREG else None


def scan_lfs_object(file: Path, place: Occurrence, terms: SearchTerms) -> PartialScan:
    """Scans the object in a file as what stands at `place`, to its end whatever its size."""
    entry = DirectoryEntry(os.fspath(file), place.path, EntryType.FILE, in_git=False)
    scan = scan_single_file(place.repository, entry, terms)
    for each in scan.ranges:
        scan.add(scan_range(each, terms))
    scan.ranges.clear()
    scan.pointer_files.clear()
    # Ranges overlap, and what is in two of them was found twice.
    found = [*dict.fromkeys(scan.sightings)]
    scan.sightings = [replace(each, occurrence=_move(each.occurrence, place)) for each in found]
    return scan


def lfs_object_elsewhere(path: str, pointer: LfsPointer) -> Skipped:
    """What is told of an object that is not here: nobody who commits or pushes can bring it in."""
    return replace(describe_lfs_object(path, pointer), is_wanted=True)


def _move(found: Occurrence, place: Occurrence) -> Occurrence:
    return replace(
        place, path=found.path, line=found.line, encoding=found.encoding, doubt=found.doubt
    )
