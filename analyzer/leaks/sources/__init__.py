"""What is scanned, and the scan of each.

unpack        bundles and archives that were handed in
work          work items and what a scan of one gives
content       one content, plain or streamed
repository    a repository opened for scanning
git_objects   one git object
worker        what a process does with one work item
staged        what `git commit` would commit
pack_cache    results of packs kept for the next scan
"""
