"""The objects of a hostile repository, read without git where possible; knows nothing of secrets.

objects          the nouns, and what an object ID is made of
allowance        how much a store may unpack to
safe_open        folders and files of a store, no link followed
inflate          zlib streams, bounded
loose_objects    objects in files of their own
pack_index       .idx files
columns          the two forms of a column of numbers, one for each object of a pack
pack_headers     what stands before each entry of a pack
delta_order      an order in which each delta comes after its base
pack_layout      where everything is in one pack, as columns
deltas           the sizes and the operations of a delta
base_notes       what was found in objects, for the deltas on them
pack_reader      the objects of a pack
object_store     all objects of a repository, in ranges of work
unindexed_files  files beside the objects of a store
lookup           one object by its ID, or all of one type
trees            what stands in a tree
references       submodules and objects of Git LFS, by what stands for them
git_dir          refs, HEAD, alternates, worktrees
upstream         the ref that a branch follows
elsewhere        what to hand in where a history is not in the given paths
staging_index    .git/index
confine          bounds to what a process may take, and its end
sandbox          git itself, where nothing of the repository can act
history          which commit brought what in
revisions        commits that a person or a push names, and what each changed
"""
