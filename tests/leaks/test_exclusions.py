"""In: patterns and paths. Out: what git would ignore, and nothing left out in silence."""

import gzip
import io
import os
import subprocess
import zipfile

import pytest

from analyzer.errors import ConfigurationError
from analyzer.leaks.exclusions import parse_exclusions
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    ENVIRONMENT,
    Repository,
    credentials_file,
    key_id,
    repository,
)
from tests.leaks.scan_results import key_ids, skip_reasons

PATHS = (
    "a.env", "b.map", "docs/a.env", "docs/deep/b.map", "docs/deep/keep.map", "src/docs/a.env",
    "src/x/y/z.pem", "src/z.pem", "x*y", "xay", "[a]", "tests", "odd/tests/t.py", "w b", "!odd",
)  # fmt: skip
PATTERNS = (
    ("docs/",), ("/docs",), ("docs/*.env",), ("*.map",), ("*.map", "!keep.map"), ("src/**/z.pem",),
    ("src/**",), ("**/docs/a.env",), ("x\\*y",), ("x[^a]y",), ("x?y",), ("[!x]*.env",), ("tests/",),
    ("tests",), ("*", "!*.env"), ("*", "!*/", "!*.env"), ("\\[a]",), ("w\\ b",), ("\\!odd",),
    ("docs/deep/", "!docs/deep/keep.map"), ("/*/deep",), ("**",), ("src/*/z.pem",), ("a.env  ",),
)  # fmt: skip


@pytest.mark.parametrize("patterns", PATTERNS)
def test_patterns_mean_what_they_mean_to_git(tmp_path, patterns):
    """Git is asked for each path, with the patterns in a .gitignore of an empty repository."""
    repo = repository(tmp_path)
    repo.write(".gitignore", "".join(f"{each}\n" for each in patterns))
    command = ["git", "check-ignore", "--no-index", "--stdin", "-z"]
    done = subprocess.run(
        command, cwd=repo.path, env=ENVIRONMENT, input="\0".join(PATHS).encode(),
        capture_output=True, check=False,
    )  # fmt: skip
    ignored = set(done.stdout.decode().split("\0")) - {""}
    exclusions = parse_exclusions(patterns)
    assert {path for path in PATHS if exclusions.match(path)} == ignored


@pytest.mark.parametrize("pattern", ["", "/", "!", "a//b", "   "])
def test_a_pattern_that_names_nothing_is_refused(pattern):
    """It is more likely a shell's mistake than a wish."""
    with pytest.raises(ConfigurationError, match="names no path"):
        parse_exclusions((pattern,))


def test_no_pattern_backtracks():
    """A path from an attacker costs no more than its length."""
    exclusions = parse_exclusions(("*a*a*a*a*a*a*b", "**/a/**/a/**/a/**/b"))
    assert exclusions.match("a" * 50_000) is None
    assert exclusions.match("a/" * 90 + "c") is None
    assert exclusions.match("b/" * 50_000 + "a") is None


def test_files_and_folders_are_not_read_and_are_counted(tmp_path):
    """In the ledger of the coverage, by pattern; a pattern that met nothing is told as well."""
    for n, name in enumerate(("a.env", "gen/b.env", "gen/c.env", "deep/er/gen/d", "e.map")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(credentials_file(n))
    (tmp_path / f"{key_id(n=7)}.map").symlink_to("nowhere")
    result = scan([tmp_path], ScanOptions(exclude=("gen/", "*.map", "typo")))
    assert key_ids(result) == {key_id(n=0)}
    assert result.repositories[0].objects == 1
    assert skip_reasons(result) == {
        "--exclude gen/": "left out: 2 folders",
        "--exclude *.map": "left out: 2 files",
        "--exclude typo": "nothing met it",
    }
    assert not result.repositories[0].gaps


def test_the_history_is_left_out_by_the_path_it_had(repo):
    """Files that are gone, at any time; the same content at another path stays a find."""
    repo.put("tests/a.env", credentials_file(1), day=1)
    repo.put("tests/a.env", "", day=2)
    repo.put("tests/b.env", credentials_file(2), day=3)
    repo.put("src/b.env", credentials_file(2), day=4)
    repo.put(f"tests/{key_id(n=3)}", "named", day=5)
    repo.git("rm", "-q", f"tests/{key_id(n=3)}")
    repo.commit(day=6)
    result = scan([repo.path], ScanOptions(exclude=("tests/",)))
    assert key_ids(result) == {key_id(n=2)}
    assert {place.path for each in result.credentials for place in each.occurrences} == {
        "src/b.env"
    }
    assert skip_reasons(result)["--exclude tests/"].startswith("left out: 1 folder, ")
    assert "finds in the history" in skip_reasons(result)["--exclude tests/"]


def test_a_pattern_from_the_top_counts_from_the_path_that_was_handed_in(tmp_path):
    """For the history of a repository further down as for its files."""
    for name in ("one", "two"):
        repo = repository(tmp_path / name)
        repo.put("x.env", credentials_file(len(name)), day=1)
        repo.put("y.env", credentials_file(ord(name[0])), day=2)
    result = scan([tmp_path], ScanOptions(exclude=("/one/x.env",)))
    places = {
        (place.repository.rpartition("/")[2], place.path)
        for each in result.credentials
        for place in each.occurrences
    }
    assert ("one", "x.env") not in places
    assert {("one", "y.env"), ("two", "x.env"), ("two", "y.env")} <= places


def test_what_lies_in_a_git_directory_has_no_path_to_leave_out(repo):
    """A branch of the name of a pattern hides nothing that is kept about it."""
    repo.put("a", "words")
    (repo.path / ".git" / "logs.env").write_text(credentials_file(1))
    repo.git("branch", f"logs/{key_id(n=2)}")
    result = scan([repo.path], ScanOptions(exclude=("logs*", "a")))
    assert {key_id(n=1), key_id(n=2)} <= key_ids(result)


def test_a_find_that_may_stand_elsewhere_stays(repo, monkeypatch):
    """An object at more paths than are listed, and one of which git can't tell the paths."""
    monkeypatch.setattr("analyzer.git.history.MOST_PATHS", 3)
    for n in range(3):
        repo.write(f"tests/{n}", credentials_file(1))
    repo.put("z/real", credentials_file(1))
    repo.git("rm", "-rq", ".")
    repo.commit()
    assert key_ids(scan([repo.path], ScanOptions(exclude=("tests/",)))) == {key_id(n=1)}
    monkeypatch.undo()
    repo.put("tests/later", credentials_file(2))
    monkeypatch.setenv("PATH", "/nonexistent")
    result = scan([repo.path], ScanOptions(exclude=("tests/",)))
    assert key_id(n=2) in key_ids(result)
    assert "not applied" in skip_reasons(result)["--exclude"]


def test_files_in_archives_are_left_out_by_their_path_within(tmp_path):
    """An archive is a folder to a pattern."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app/tests/a.env", credentials_file(1))
        archive.writestr("app/b.env", credentials_file(2))
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "x.zip").write_bytes(packed.getvalue())
    result = scan([tmp_path / "w"], ScanOptions(exclude=("tests/",)))
    assert key_ids(result) == {key_id(n=2)}
    assert "in an archive" in skip_reasons(result)["--exclude tests/"]


@pytest.mark.parametrize("staged", [False, True])
def test_what_only_the_index_has_is_left_out_by_its_path(repo, staged):
    """A file, and a path in an archive, of which the work tree has no copy any more."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app/tests/a.env", credentials_file(1))
        archive.writestr("app/b.env", credentials_file(2))
    for name, content in (("x.zip", packed.getvalue()), ("tests/c.env", credentials_file(3))):
        repo.write(name, content)
        repo.git("add", name)
        (repo.path / name).unlink()
    result = scan([repo.path], ScanOptions(exclude=("tests/",), staged=staged))
    assert key_ids(result) == {key_id(n=2)}
    assert "2 finds in an archive" in skip_reasons(result)["--exclude tests/"]


def damage_archive(repo: Repository, name: str) -> None:
    """Commits an archive that breaks off."""
    repo.put(name, gzip.compress(os.urandom(3000))[:1500])


def damage_object(repo: Repository, name: str) -> None:
    """Commits a file whose object is then no object."""
    repo.put(name, f"words of {name}\n")
    file = repo.loose(repo.git("rev-parse", f"HEAD:{name}"))
    file.unlink()
    file.write_bytes(b"damage")


@pytest.mark.parametrize("damage", [damage_archive, damage_object])
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_can_not_be_read_is_left_out_by_its_path(repo, damage, jobs):
    """A fixture that is damaged on purpose is no gap for ever; at another path it is one."""
    damage(repo, "tests/bad.gz")
    options = ScanOptions(exclude=("tests/",), jobs=jobs)
    assert any(each.gaps for each in scan([repo.path]).repositories)
    result = scan([repo.path], options)
    assert not any(each.gaps for each in result.repositories)
    assert "unread part" in skip_reasons(result)["--exclude tests/"]
    damage(repo, "src/bad.gz")
    assert len(scan([repo.path], options).repositories[0].gaps) > 0
    options = ScanOptions(exclude=("tests/", "src/"), jobs=jobs)
    assert not any(each.gaps for each in scan([repo.path], options).repositories)


def test_what_can_not_be_read_and_stands_elsewhere_too_is_a_gap(repo):
    """Its one path is left out, the other one is not; nor is what no commit has."""
    damage_archive(repo, "tests/bad.gz")
    body = (repo.path / "tests" / "bad.gz").read_bytes()
    options = ScanOptions(exclude=("tests/",))
    repo.put("src/bad.gz", body)
    repo.git("rm", "-q", "src/bad.gz")
    repo.commit()
    assert any(each.gaps for each in scan([repo.path], options).repositories)


def test_what_can_not_be_read_and_has_no_path_is_a_gap(repo):
    """It may stand anywhere."""
    repo.put("a", "words")
    repo.git("hash-object", "-w", "--stdin", feed=gzip.compress(os.urandom(3000))[:1500])
    result = scan([repo.path], ScanOptions(exclude=("*.gz", "tests/")))
    assert any(each.gaps for each in result.repositories)


def test_messages_and_notes_can_be_left_out(repo):
    """Of commits and tags, and what `git notes` keeps; files stay, and the number is told."""
    repo.put("a.env", credentials_file(1))
    repo.commit(message=f"use {key_id(n=2)}")
    repo.git("tag", "-a", "-m", f"with {key_id(n=3)}", "v1")
    repo.git("notes", "add", "-m", f"was {key_id(n=4)}", "HEAD")
    everything = {key_id(n=n) for n in range(1, 5)}
    assert key_ids(scan([repo.path])) == everything
    result = scan([repo.path], ScanOptions(messages=False))
    reason = skip_reasons(result)["messages of commits and tags, and notes"]
    assert reason == "--no-messages: 3 finds left out"
    assert key_ids(result) == {key_id(n=1)}
    assert "what .git keeps of these messages" in skip_reasons(result)
    for name in ("COMMIT_EDITMSG", "NOTES_EDITMSG", "TAG_EDITMSG", "logs/refs/notes/commits"):
        repo.write(f".git/{name}", f"draft of {key_id(n=4)}\n")
    assert key_ids(scan([repo.path], ScanOptions(messages=False))) == {key_id(n=1)}


def test_a_reflog_holds_more_than_messages(repo):
    """What stands in no message stays a find, whichever file of git's has it."""
    repo.put("a", "words")
    log = repo.path / ".git" / "logs" / "HEAD"
    log.write_text(f"{log.read_text()}0 0 A <a> 1 +0000\tclone: from {key_id(n=5)}\n")
    assert key_id(n=5) in key_ids(scan([repo.path], ScanOptions(messages=False)))
