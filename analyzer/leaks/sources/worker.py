"""In: a work item. Out: a PartialScan of the files it names.

`scheduler` calls `run_item` in several processes; it hands a folder to `folders`, a part of a large
file to `large_files`; these hand content to `content`.
"""

from analyzer.leaks.sources.folders import scan_folder
from analyzer.leaks.sources.large_files import scan_range
from analyzer.leaks.sources.work import FileRange, FileWork, PartialScan, WorkContext


def run_item(context: WorkContext, item: FileWork) -> PartialScan:
    """Scans what one work item names. What can't be read is in `skipped` and ends nothing."""
    if isinstance(item, FileRange):
        return scan_range(item, context.terms)
    return scan_folder(context, item)
