"""Expressions, compiled once and kept."""

import errno
import sys
from pathlib import Path

import hyperscan
import pytest

from analyzer.leaks import compiled
from analyzer.leaks.compiled import Rule, compile_rules

RULES = [Rule(b"AKIA[A-Z2-7]{4}", 0, 0), Rule(b"secret", hyperscan.HS_FLAG_CASELESS, 7)]
TEXT = b"a Secret beside AKIAABCD"


def matches(database):
    """The number and the end of every match in the text."""
    found = []
    database.scan(TEXT, match_event_handler=lambda number, _, end, *__: found.append((number, end)))
    return sorted(found)


def kept(folder):
    """The names of the files that are kept."""
    return sorted(each.name for each in folder.iterdir())


def test_a_kept_database_finds_what_a_fresh_one_finds(tmp_path):
    """Numbers and flags are kept with the expressions."""
    fresh = compile_rules("some", RULES, tmp_path)
    assert matches(fresh) == [(0, 24), (7, 8)]
    assert matches(compile_rules("some", RULES, tmp_path)) == matches(fresh)


def test_what_is_kept_is_not_compiled_again(tmp_path, monkeypatch):
    """That is what it is kept for."""
    compile_rules("some", RULES, tmp_path)
    monkeypatch.setattr(hyperscan, "Database", None)
    assert matches(compile_rules("some", RULES, tmp_path))


@pytest.mark.parametrize("damaged", [b"", b"no database", None])
def test_a_damaged_file_is_made_again(tmp_path, damaged):
    """Empty, of something else, or with one byte changed: Hyperscan's checksum tells."""
    whole = matches(compile_rules("some", RULES, tmp_path))
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    half = len(content) // 2
    if damaged is None:
        damaged = content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]
    file.write_bytes(damaged)
    assert matches(compile_rules("some", RULES, tmp_path)) == whole
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    "others", [RULES[:1], RULES[::-1], [Rule(b"secret", 0, 7)], [Rule(b"secret", 0, 8)]]
)
def test_other_rules_take_the_place_of_earlier_ones(tmp_path, others):
    """An expression less, another order, another flag or number: none may answer for another."""
    compile_rules("some", RULES, tmp_path)
    before = kept(tmp_path)
    compile_rules("some", others, tmp_path)
    assert len(kept(tmp_path)) == 1
    assert kept(tmp_path) != before


def test_a_folder_that_takes_no_file_does_no_harm(tmp_path):
    """A program that is installed for all users is compiled at each start."""
    (tmp_path / "file").touch()
    assert matches(compile_rules("some", RULES, tmp_path / "file" / "folder"))
    assert kept(tmp_path) == ["file"]


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    """Or each start would leave a file, until nothing else has room."""

    def write_some(path, content):
        with path.open("wb") as file:
            file.write(content[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_some)
    assert matches(compile_rules("some", RULES, tmp_path))
    assert kept(tmp_path) == []


def test_a_kept_database_can_be_read_by_every_user(tmp_path):
    """It is as public as the program itself."""
    compile_rules("some", RULES, tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("is_told", [True, False])
def test_nothing_is_kept_beside_the_byte_code_that_python_may_not_write(
    tmp_path, monkeypatch, is_told
):
    """Who sets PYTHONDONTWRITEBYTECODE wants no new files; a file that is there is read."""
    monkeypatch.setattr(compiled, "cache_from_source", lambda _: str(tmp_path / "module.pyc"))
    monkeypatch.setattr(sys, "dont_write_bytecode", is_told)
    assert matches(compile_rules("some", RULES))
    assert bool(kept(tmp_path)) is not is_told
