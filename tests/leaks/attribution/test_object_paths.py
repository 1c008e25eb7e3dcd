"""In: objects and trees without commits. Out: the proof that each object has a path that tells."""

from analyzer.git.object_store import open_store
from analyzer.leaks.attribution.object_paths import paths_from_trees
from tests.leaks.leak_material import Repository


def blob(repo: Repository, content: str) -> str:
    """The id of a file's content."""
    return repo.git("hash-object", "-w", "--stdin", feed=content.encode())


def tree(repo: Repository, **entries: str) -> str:
    """The id of a folder with such entries: the id of each, by its name."""
    lines = (
        f"{'040000 tree' if repo.git('cat-file', '-t', oid) == 'tree' else '100644 blob'} "
        f"{oid}\t{name}\n"
        for name, oid in entries.items()
    )
    return repo.git("mktree", feed="".join(lines).encode())


def paths(repo: Repository, *oids: str) -> dict[str, bytes]:
    """The path of each object, as far as one is known."""
    return paths_from_trees(open_store(repo.path / ".git" / "objects"), frozenset(oids))


def test_a_path_goes_through_all_folders(repo):
    """From the top tree that names a tree that names the object; an object of no tree has none."""
    inner, alone = blob(repo, "inner"), blob(repo, "alone")
    tree(repo, top=tree(repo, sub=tree(repo, file=inner)))
    assert paths(repo, inner, alone) == {inner: b"top/sub/file"}


def test_of_several_paths_the_one_through_most_folders_counts_and_then_the_first(repo):
    """The longer one tells more; the order of the trees in the store doesn't count."""
    both = blob(repo, "both")
    folder = tree(repo, z=both, y=both)
    assert paths(repo, both) == {both: b"y"}
    tree(repo, c=folder)
    tree(repo, b=folder)
    assert paths(repo, both) == {both: b"b/y"}


def test_a_folder_has_a_path_as_a_file_has(repo):
    """Names in a folder are hits of the folder's tree."""
    folder = tree(repo, file=blob(repo, "inner"))
    tree(repo, top=folder)
    assert paths(repo, folder) == {folder: b"top"}


def test_a_path_goes_on_above_a_folder_that_is_sought_too(repo):
    """A file in a folder with a telling name: both are hits, and the file's path is whole."""
    inner = blob(repo, "inner")
    folder = tree(repo, file=inner)
    tree(repo, top=folder)
    assert paths(repo, inner, folder) == {inner: b"top/file", folder: b"top"}


def test_a_path_goes_on_above_a_folder_that_holds_another_object_sought(repo):
    """One file stands in the folder itself, the other one folder deeper."""
    outer, inner = blob(repo, "outer"), blob(repo, "inner")
    tree(repo, top=tree(repo, file=outer, sub=tree(repo, file=inner)))
    assert paths(repo, outer, inner) == {outer: b"top/file", inner: b"top/sub/file"}


def test_of_an_object_twice_below_one_folder_the_deeper_path_counts(repo):
    """It goes through more folders, all the way up."""
    both = blob(repo, "both")
    tree(repo, top=tree(repo, file=both, sub=tree(repo, file=both)))
    assert paths(repo, both) == {both: b"top/sub/file"}
