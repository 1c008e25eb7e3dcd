"""In: a work item. Out: a PartialScan of the files or objects it names.

`scheduler` calls `run_item` in several processes; it hands a folder to `folders`, a range of git
objects to `git_objects`, and both hand content to `content`.
"""

from analyzer.leaks.sources.folders import scan_folder
from analyzer.leaks.sources.git_objects import scan_objects
from analyzer.leaks.sources.work import ObjectsWork, PartialScan, WorkContext, WorkItem


def run_item(context: WorkContext, item: WorkItem) -> PartialScan:
    """Scans what one work item names. What can't be read is in `skipped` and ends nothing."""
    if isinstance(item, ObjectsWork):
        return scan_objects(context.repositories[item.repository], item, context.terms)
    return scan_folder(context, item)
