"""In: submodules and objects of Git LFS that are elsewhere. Out: the proof that they are told."""

import hashlib
import shutil

import pytest

from analyzer.git.object_store import ObjectStore
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import Repository, credentials_file, key_id, repository
from tests.leaks.scan_results import key_ids, skip_reasons

ALLOW = ("-c", "protocol.file.allow=always")


def pointer(content: bytes) -> str:
    """What stands for the content in a repository with Git LFS."""
    digest = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n"


def keep(repo: Repository, content: bytes) -> None:
    """Puts an object of Git LFS to where it is kept."""
    digest = hashlib.sha256(content).hexdigest()
    repo.write(f".git/lfs/objects/{digest[:2]}/{digest[2:4]}/{digest}", content)


@pytest.fixture
def library(tmp_path) -> Repository:
    """A repository that others have as a submodule."""
    library = repository(tmp_path / "origin" / "library")
    library.put("a", credentials_file(1), day=1)
    return library


@pytest.fixture
def whole(repo, library) -> Repository:
    """A repository with that submodule, which it has fetched."""
    repo.git(*ALLOW, "submodule", "--quiet", "add", str(library.path), "libs/one")
    repo.commit("with a submodule", day=2)
    return repo


@pytest.mark.parametrize("options", [[], ["--bare"], ["--no-checkout"]])
def test_a_submodule_that_was_never_fetched_is_told(whole, library, tmp_path, options):
    """With its path, its address and what to do: no gap, as nobody asked for it."""
    whole.git("clone", "-q", *options, str(whole.path), str(tmp_path / "clone"))
    (coverage,) = scan([tmp_path / "clone"]).repositories
    commit = library.git("rev-parse", "HEAD")
    (told,) = coverage.skipped
    assert (told.what, told.is_gap) == ("libs/one", False)
    assert told.reason == (
        f"a submodule, {library.path}: its commit {commit} is not here; "
        "`git submodule update --init` brings it"
    )


def test_a_submodule_that_is_here_is_searched_and_not_told(whole):
    """In the place where git keeps it, and all of it."""
    result = scan([whole.path])
    assert key_ids(result) == {key_id(n=1)}
    assert skip_reasons(result) == {}


def test_a_submodule_whose_repository_is_handed_in_is_not_told(whole, library, tmp_path):
    """Wherever it is: its commit counts, and not a folder."""
    whole.git("clone", "-q", str(whole.path), str(tmp_path / "clone"))
    assert skip_reasons(scan([tmp_path / "clone", library.path])) == {}


def test_what_is_lost_of_a_submodule_in_earlier_commits_is_told_by_name(whole):
    """Its latest commit is here, two earlier ones are not."""
    for number in "12":
        whole.git("update-index", "--cacheinfo", f"160000,{number * 40},libs/one")
        whole.git("commit", "-q", "-m", "another one", day=3)
    whole.git("reset", "-q", "--hard", "HEAD~2")
    reasons = skip_reasons(scan([whole.path]))
    assert reasons.keys() == {"one in some commits"}
    assert f"2 commits of it, {'1' * 40} among them, are not here" in reasons["one in some commits"]


@pytest.mark.parametrize("history", [True, False])
def test_an_export_without_its_submodules_says_so(whole, tmp_path, history):
    """An archive of a repository has an empty folder, or none, for each of them."""
    export = tmp_path / "export" / "sub"
    export.mkdir(parents=True)
    shutil.copy(whole.path / ".gitmodules", export)
    for make in (lambda: None, (export / "libs" / "one").mkdir):
        if make is not None:
            (export / "libs").mkdir(exist_ok=True)
            make()
        reasons = skip_reasons(scan([export.parent], ScanOptions(history=history)))
        assert reasons.keys() == {"sub/libs/one"}
    (export / "libs" / "one" / "a").write_text("a file")
    assert skip_reasons(scan([export.parent], ScanOptions(history=history))) == {}


def test_a_gitmodules_that_leads_out_of_the_tree_tells_nothing_of_it(tmp_path):
    """Whether a file is outside is nobody's business."""
    (tmp_path / "in").mkdir()
    text = "".join(
        f'[submodule "{n}"]\n\tpath = {path}\n'
        for n, path in enumerate(["../out", "/etc", "a/../.."])
    )
    (tmp_path / "in" / ".gitmodules").write_text(text)
    assert skip_reasons(scan([tmp_path / "in"])) == {}


def test_objects_of_lfs_that_are_not_here_are_told(repo):
    """With path, size and digest; what earlier commits had, in one line."""
    repo.put("old.bin", pointer(b"old"), day=1)
    repo.git("rm", "-q", "old.bin")
    repo.put("sub/big.bin", pointer(b"x" * 12345), day=2)
    (coverage,) = scan([repo.path]).repositories
    first, second = coverage.skipped
    assert (first.what, first.size, first.is_gap) == (
        "1 object of Git LFS in earlier commits", 3, False,
    )  # fmt: skip
    assert (second.what, second.size, second.is_gap) == ("sub/big.bin", 12345, False)
    assert hashlib.sha256(b"x" * 12345).hexdigest() in second.reason


def test_objects_of_lfs_that_are_here_are_searched_and_not_told(repo):
    """In the git directory; or in the work tree, where the object of that very digest is."""
    kept, checked_out = credentials_file(1).encode(), credentials_file(2).encode()
    repo.put("a", pointer(kept))
    keep(repo, kept)
    repo.put("b", pointer(checked_out))
    repo.write("b", checked_out)
    result = scan([repo.path])
    assert key_ids(result) == {key_id(n=1), key_id(n=2)}
    assert skip_reasons(result) == {}
    repo.write("b", credentials_file(3))
    assert skip_reasons(scan([repo.path])).keys() == {"b"}


def test_pointers_without_a_repository_are_told(tmp_path):
    """In an export each stands where its object should be; one within another repository, once."""
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "big.bin").write_text(pointer(b"big"))
    inner = repository(tmp_path / "export" / "inner")
    inner.put("other.bin", pointer(b"other"))
    told = [
        (each.path, [skipped.what for skipped in each.skipped])
        for each in scan([tmp_path / "export"]).repositories
    ]
    assert told == [("export", ["big.bin"]), ("export/inner", ["other.bin"])]


def test_a_pointer_in_a_folder_without_any_history_is_told(tmp_path):
    """An export of one repository alone: nothing there leads to a git directory."""
    (tmp_path / "big.bin").write_text(pointer(b"big"))
    assert "Git LFS" in skip_reasons(scan([tmp_path]))["big.bin"]


def test_only_a_hundred_are_listed_one_by_one(repo):
    """The others come as a number."""
    for number in range(103):
        repo.write(f"{number}.bin", pointer(b"%d" % number))
    repo.commit()
    (coverage,) = scan([repo.path]).repositories
    assert len(coverage.skipped) == 101
    assert "3 objects of Git LFS more" in {each.what for each in coverage.skipped}


def test_a_cache_remembers_what_stands_for_others(whole, tmp_path, monkeypatch):
    """The second scan tells the same without walking the pack."""
    monkeypatch.setattr("analyzer.leaks.sources.repository.MOST_CHECKED", 0)
    whole.put("big.bin", pointer(b"big"))
    whole.git("repack", "-adq")
    whole.git("clone", "-q", "--bare", str(whole.path), str(tmp_path / "bare"))
    options = ScanOptions(cache=tmp_path / "cache")
    first = scan([tmp_path / "bare"], options)
    assert skip_reasons(first).keys() == {"libs/one", "big.bin"}
    assert scan([tmp_path / "bare"], options) == first


@pytest.mark.parametrize("options", [[], ["--bare"]])
@pytest.mark.parametrize("is_mapped", [False, True])
def test_what_is_left_out_is_counted_and_not_told(whole, tmp_path, options, is_mapped, monkeypatch):
    """A pattern names the path of a submodule, or of a pointer of Git LFS; others are told."""
    whole.write("data/a.bin", pointer(b"one"))
    whole.put("b.bin", pointer(b"two"), day=3)
    whole.git("clone", "-q", *options, str(whole.path), str(tmp_path / "clone"))
    if is_mapped:
        monkeypatch.setattr(ObjectStore, "is_mapped", property(lambda _: True))
    told = skip_reasons(scan([tmp_path / "clone"], ScanOptions(exclude=("libs/", "/data/"))))
    assert {"libs/one", "data/a.bin"}.isdisjoint(told)
    assert "b.bin" in told
    assert told["--exclude libs/"].endswith("1 part in another store")
    assert told["--exclude /data/"].endswith("1 part in another store")


def test_what_is_left_out_of_an_export_is_not_told(whole, tmp_path):
    """It has no history to ask, and no folder for the submodule."""
    tree = tmp_path / "export" / "tree"
    tree.mkdir(parents=True)
    shutil.copy(whole.path / ".gitmodules", tree)
    assert "tree/libs/one" in skip_reasons(scan([tree.parent]))
    told = skip_reasons(scan([tree.parent], ScanOptions(exclude=("/tree/libs/",))))
    assert told == {"--exclude /tree/libs/": "left out: 1 part in another store"}
