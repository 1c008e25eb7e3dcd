"""In: files too large for memory. Out: the proof that their ranges find what one reading would."""

import pytest

from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import large_files
from analyzer.leaks.sources.large_files import scan_range
from analyzer.leaks.sources.work import FileRange, SearchTerms
from tests.leaks.leak_material import credentials_file, digest, key_id, repository
from tests.leaks.scan_results import only, skip_reasons

LINE = b"2024-03-01T10:00:00Z INFO worker: request 4711 took 12 ms, status 200, cache miss\n"
CHUNK = 10_000


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """What is larger than 50 KB is read in ranges of 20 KB that share 2 KB."""
    monkeypatch.setattr("analyzer.leaks.sources.folders.LARGEST", 50_000)
    monkeypatch.setattr("analyzer.leaks.sources.large_files.CHUNK", CHUNK)
    monkeypatch.setattr("analyzer.leaks.sources.large_files.OVERLAP", 2_000)
    monkeypatch.setattr("analyzer.leaks.detect.pieces.OVERLAP", 2_000)


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("border", [2 * CHUNK, 3 * CHUNK, 6 * CHUNK])
@pytest.mark.parametrize("shift", [0, 8, 40, 64, 90, 120])
def test_a_key_at_the_border_of_ranges_is_found_once_at_its_line(tmp_path, jobs, border, shift):
    """Wherever the border cuts it, and however many processes share the file."""
    before = (LINE * 2_000)[: border - shift] + b"\n"
    text = before + credentials_file().encode() + LINE * 1_000
    (tmp_path / "app.log").write_bytes(text)
    result = scan([tmp_path], ScanOptions(jobs=jobs))
    credential = only(result)
    assert (credential.key_id, credential.secret_digest) == (key_id(), digest())
    assert [each.line for each in credential.occurrences] == [before.count(b"\n") + 2]
    assert (result.repositories[0].objects, result.repositories[0].size) == (1, len(text))
    assert not result.repositories[0].skipped


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_lines_of_every_range_are_counted_on(tmp_path, codec):
    """A key in each tenth of a file handed in by itself, in wide characters too."""
    keys = [credentials_file(n) for n in range(10)]
    text = "".join(LINE.decode() * 200 + key for key in keys)
    (tmp_path / "app.log").write_bytes(("\ufeff" + text).encode(codec))
    result = scan([tmp_path / "app.log"], ScanOptions(jobs=2))
    lines = {c.key_id: [each.line for each in c.occurrences] for c in result.credentials}
    assert lines == {key_id(n=n): [203 * n + 202] for n in range(10)}


def test_a_large_file_in_a_git_directory_is_read(repo):
    """One of no known kind among the objects of git, too."""
    repo.commit()
    junk = repo.path / ".git" / "objects" / "tmp_junk"
    junk.write_bytes(LINE * 1_000 + credentials_file().encode())
    assert [each.path for each in only(scan([repo.path])).occurrences] == [".git/objects/tmp_junk"]


def test_every_byte_lies_in_one_range(tmp_path, monkeypatch):
    """The ranges of a file follow each other, each with what it shares with the one before."""
    seen: list[FileRange] = []
    monkeypatch.setattr(
        "analyzer.leaks.sources.worker.scan_range",
        lambda item, terms: (seen.append(item), scan_range(item, terms))[1],
    )
    (tmp_path / "app.log").write_bytes(b"x\n" * 55_000)
    scan([tmp_path], ScanOptions(jobs=1))
    assert [(each.begin, each.end) for each in seen] == [
        (0, 20_000), (20_000, 40_000), (40_000, 60_000), (60_000, 80_000), (80_000, 100_000),
        (100_000, 110_000),
    ]  # fmt: skip
    assert [each.line for each in seen] == [1, 9_001, 19_001, 29_001, 39_001, 49_001]
    assert [each.is_last for each in seen] == [False] * 5 + [True]


@pytest.mark.parametrize("fate", ["shorter", "gone", "broken"])
def test_a_range_that_can_not_be_read_is_a_gap(tmp_path, monkeypatch, fate):
    """The file was cut meanwhile, or is gone, or the search raises: the others are read."""
    file = tmp_path / "app.log"
    file.write_bytes(credentials_file().encode() + LINE * 2_000)

    def spoil(item: FileRange, terms: SearchTerms):
        if item.begin and fate == "shorter":
            with file.open("r+b") as opened:
                opened.truncate(30_000)
        elif item.begin and fate == "gone":
            file.unlink(missing_ok=True)
        elif item.begin:
            monkeypatch.setattr(large_files, "scan_pieces", lambda *_: 1 / 0)
        return scan_range(item, terms)

    monkeypatch.setattr("analyzer.leaks.sources.worker.scan_range", spoil)
    result = scan([tmp_path], ScanOptions(jobs=1))
    assert only(result).key_id == key_id()
    assert result.repositories[0].gaps
    assert set(skip_reasons(result)) == {"app.log"}


def test_a_large_file_among_the_objects_of_an_inner_repository_is_searched(tmp_path):
    """It is met only when that repository is opened, and its ranges are its own."""
    inner = repository(tmp_path / "inner")
    inner.put("a", "nothing")
    inner.write(".git/objects/info/old.log", LINE * 2_000 + credentials_file().encode())
    result = scan([tmp_path])
    assert only(result).key_id == key_id()
    assert not any(each.skipped for each in result.repositories)
