"""In: folders. Out: the proof that their files, names and links are scanned."""

from analyzer.leaks.model import (
    CredentialKind,
    PlaceKind,
)
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    credentials_file,
    digest,
    key_id,
    secret,
)
from tests.leaks.scan_results import key_ids, only, only_place, skip_reasons
from tests.leaks.sources.failing_detector import breaks


def test_ignored_files_are_read(repo):
    """What git does not see is where keys are kept."""
    repo.put(".gitignore", ".env\n")
    repo.write(".env", f"export AWS_SECRET_ACCESS_KEY={secret()}\n")
    found = only(scan([repo.path]))
    assert (found.kind, found.key_id, found.account) == (CredentialKind.SECRET, None, None)
    assert found.secret_digest == digest()
    assert found.occurrences[0].path == ".env"


def test_a_folder_without_git_is_files(tmp_path):
    """A plain folder is walked."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").write_text(credentials_file())
    found = only_place(scan([tmp_path]))
    assert (found.path, found.line, found.where) == ("sub/a", 2, PlaceKind.WORK_TREE)


def test_a_file_that_breaks_our_code_is_told_and_the_rest_read(tmp_path, monkeypatch):
    """The same for files, their names, and links."""
    for n in range(2):
        (tmp_path / f"f{n}").write_text(credentials_file(n))
    (tmp_path / f"{key_id(n=2)}.txt").write_text("nothing")
    (tmp_path / "link").symlink_to(f"/srv/{key_id(n=3)}")
    for n in range(1, 4):
        with monkeypatch.context() as patch:
            breaks(patch, key_id(n=n))
            result = scan([tmp_path], ScanOptions(jobs=1))
        assert key_ids(result) == {key_id(n=other) for other in range(4) if other != n}
        assert "could not be examined: ZeroDivisionError" in skip_reasons(result).values()
