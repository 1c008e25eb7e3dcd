"""Files are written whole or not at all, and for their owner alone."""

import os
import stat
from threading import Thread

import pytest

from analyzer.errors import OutputError
from analyzer.writers.atomic_file import write


def test_a_file_appears_with_its_folder_and_its_mode(tmp_path):
    """Readable and writable for the owner, for nobody else."""
    write(tmp_path / "new" / "report.json", b"x")
    assert (tmp_path / "new" / "report.json").read_bytes() == b"x"
    assert stat.S_IMODE((tmp_path / "new" / "report.json").stat().st_mode) == 0o600


def test_an_old_report_is_replaced_in_one_step_and_no_scraps_stay(tmp_path):
    """Nobody ever reads half a report."""
    write(tmp_path / "report.json", b"old")
    write(tmp_path / "report.json", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert (tmp_path / "report.json").read_bytes() == b"new"


def test_a_run_that_is_killed_while_writing_leaves_the_old_report(tmp_path, monkeypatch):
    """The interruption passes on, and the scrap is gone."""
    write(tmp_path / "report.json", b"old")

    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "report.json", b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_path_that_can_not_be_written_is_named(tmp_path):
    """As a sentence, not as a traceback."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"report\.json"):
        write(tmp_path / "file" / "report.json", b"x")


def test_a_pipe_or_a_device_is_written_to_and_stays_what_it_is(tmp_path):
    """As root, replacing /dev/null by a file would break the whole machine."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(pipe, b"x")
    reader.join()
    assert (read, stat.S_ISFIFO(pipe.stat().st_mode)) == ([b"x"], True)
