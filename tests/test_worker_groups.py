"""Tests that share something dear are run by one worker, so that it is made once."""

import subprocess
import sys

_SUITE = """
import os
import pytest

@pytest.mark.parametrize("number", range(20))
@pytest.mark.xdist_group("shared")
def test_says_who_runs_it(number):
    with open("workers", "a") as file:
        print(os.environ["PYTEST_XDIST_WORKER"], file=file)
"""


def test_tests_of_one_group_have_one_worker(tmp_path):
    """Not so with every pytest: 9.2 alone made the suite half as long again, and said nothing."""
    (tmp_path / "test_group.py").write_text(_SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup"]
    subprocess.run(
        [*command, "--rootdir", str(tmp_path), "test_group.py"],
        cwd=tmp_path, check=True, timeout=60, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert len(set((tmp_path / "workers").read_text().split())) == 1
