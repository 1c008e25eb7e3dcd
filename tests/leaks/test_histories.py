"""In: git directories. Out: the proof that each is scanned, whatever happens to another."""

import errno
import subprocess
import sys

import pytest

from analyzer.files import UnreadableFile
from analyzer.leaks import histories
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import credentials_file, key_id, repository
from tests.leaks.scan_results import key_ids, skip_reasons


@pytest.mark.parametrize("fault", [UnreadableFile("it is gone"), OSError(errno.EIO, "bad")])
def test_a_git_directory_that_can_not_be_opened_costs_its_own_history(repo, monkeypatch, fault):
    """Others are read all the same."""
    repo.put("a", credentials_file(1))
    (repo.path / "a").unlink()
    inner = repository(repo.path / "inner")
    inner.put("b", credentials_file(2))
    (inner.path / "b").unlink()
    opened = histories.open_repository

    def refusing(number, called, *rest):
        if called.endswith("inner"):
            raise fault
        return opened(number, called, *rest)

    monkeypatch.setattr(histories, "open_repository", refusing)
    result = scan([repo.path])
    assert key_ids(result) == {key_id(n=1)}
    (of_inner,) = (each for each in result.repositories if each.path == "repo/inner")
    assert "can't be opened" in of_inner.skipped[0].reason


def test_an_unopened_repository_comes_behind_all_others(repo, monkeypatch):
    """Sources first, then what is in them by name, then what could not be opened."""
    for name in ("b", "a", "c"):
        repository(repo.path / name).put("x", "nothing")
    opened = histories.open_repository

    def refusing(number, name, *rest):
        if name.endswith("/a"):
            raise UnreadableFile("it is gone")
        return opened(number, name, *rest)

    monkeypatch.setattr(histories, "open_repository", refusing)
    result = scan([repo.path])
    assert [each.path for each in result.repositories] == ["repo", "repo/b", "repo/c", "repo/a"]


def test_lost_objects_are_a_gap_in_their_own_repository(repo, tmp_path, monkeypatch):
    """Files, and other sources, are scanned."""
    repo.put("a", credentials_file(1))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "b").write_text(credentials_file(2))

    def failing(*_):
        raise MemoryError

    monkeypatch.setattr(histories, "scan_objects", failing)
    result = scan([tmp_path / "b", repo.path], ScanOptions(jobs=1))
    gaps = {each.path: {gap.what for gap in each.gaps} for each in result.repositories}
    assert gaps["b"] == set()
    assert gaps["repo"]
    assert key_ids(result) == {key_id(n=1), key_id(n=2)}


def test_a_folder_without_a_history_loads_nothing_that_reads_one(tmp_path):
    """Whoever scans ten files would notice it."""
    (tmp_path / "a").write_text("nothing")
    code = (
        "import sys; from pathlib import Path; from analyzer.leaks.scan import scan;"
        "scan([Path(sys.argv[1])]); print(*sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    loaded = {each for each in ended.stdout.split() if each.startswith("analyzer.git.")}
    assert loaded == {f"analyzer.git.{name}" for name in ("elsewhere", "git_dir", "references")}


@pytest.mark.parametrize("has_find", [True, False])
def test_what_could_not_be_read_has_a_path_where_git_is_asked_for_paths(repo, has_find):
    """The first of several; a history without a find is not gone through for it."""
    body = b"7z\xbc\xaf\x27\x1c" + bytes(100)
    repo.write("b/x.7z", body)
    repo.put("a/x.7z", body)
    oid = repo.git("rev-parse", "HEAD:a/x.7z")
    repo.git("rm", "-q", "-r", "a", "b")
    repo.put("c", credentials_file() if has_find else "words")
    (told,) = skip_reasons(scan([repo.path]))
    assert told == (f"a/x.7z, object {oid}" if has_find else f"object {oid}")
