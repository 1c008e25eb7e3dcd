"""What is scanned, and the scan of each.

A file's way: work item of `scheduler` → worker → folders → content → detect; that of a blob:
work item of `histories` → git_objects → content → detect.

bundles           a git bundle that was handed in, as a bare repository
unpacked_files    the files of an archive, written to a folder
unpack            a bundle or archive that was handed in, as a folder to scan
work              the nouns: work items, what they are about, and what scanning one gives
content           scans the bytes of one file, object or name
never_fetched     submodules and objects of Git LFS that are not here
large_files       scans a file too large for memory, in ranges
folders           scans the files of a folder, and their names
lfs_objects       scans what a pointer of Git LFS stands for
object_meter      what a range of objects may still unpack to
git_objects       scans a range of a repository's objects
worker            runs one work item
repository        opens a git directory for scanning
git_fallback      scans the objects that only git can rebuild
missing_objects   what of a repository's history is not there
checkout          the repository that a folder of the user's is in
revision_range    the repository and the commits that were asked for
changed_blobs     what is new in the blobs that commits brought in
commit_range      scans what a range of commits, or a push, brings in
word_line_ends    which ends of lines a diff by words has of the old text alone
old_lines         the old text's lines, by the words that such a diff has of them
word_diffs        a hunk of a diff by words, as the two sides had it
diff_names        the path of a file by the names that a diff has for it
binary_patches    what a binary patch in a diff has whole
diffs             a text with diffs in it, taken apart into files and their lines
standard_input    scans what came through a pipe
commit_message    scans the message of a commit that is being made
staged            scans what `git commit` would commit
pack_cache        keeps the results of packs for the next scan
"""
