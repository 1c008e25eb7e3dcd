"""In: a work item. Out: a PartialScan of the files or objects it names.

`scheduler` calls `run_item` in several processes; it hands a folder to `folders`, a part of a large
file to `large_files`, a range of git objects to `git_objects`; these hand content to `content`.
"""

from analyzer.leaks.sources.folders import scan_folder
from analyzer.leaks.sources.git_objects import scan_objects
from analyzer.leaks.sources.large_files import scan_range
from analyzer.leaks.sources.work import FileRange, ObjectsWork, PartialScan, WorkContext, WorkItem


def run_item(context: WorkContext, item: WorkItem) -> PartialScan:
    """Scans what one work item names. What can't be read is in `skipped` and ends nothing."""
    if isinstance(item, ObjectsWork):
        return scan_objects(context.repositories[item.repository], item, context.terms)
    if isinstance(item, FileRange):
        return scan_range(item, context.terms)
    return scan_folder(context, item)
