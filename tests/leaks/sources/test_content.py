"""In: content of every size. Out: the proof that it is scanned to its end."""

from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    credentials_file,
)
from tests.leaks.scan_results import only


def test_what_is_large_is_read_in_pieces(repo, monkeypatch):
    """A file and a blob above the limit are read to the end, with their lines."""
    monkeypatch.setattr("analyzer.leaks.sources.folders.LARGEST", 100_000)
    monkeypatch.setattr("analyzer.leaks.sources.content.CHUNK", 10_000)
    monkeypatch.setattr("analyzer.leaks.sources.folders.CHUNK", 10_000)
    monkeypatch.setattr("analyzer.git.objects.LARGEST_BODY", 100_000)
    monkeypatch.setattr("analyzer.git.loose_objects.LARGEST_BODY", 100_000)
    text = "\n" * 150_000 + credentials_file() + "\n" * 50_000
    commit = repo.put("large", text, day=1)
    repo.write("larger", "\n" + text)
    found = [(o.path, o.line, o.commit) for o in only(scan([repo.path])).occurrences]
    assert found == [("large", 150_002, commit), ("larger", 150_003, None)]
