"""The program opens no socket and starts no program: proven, not promised.

Only `--repo` starts git.
"""

import pytest

pytestmark = pytest.mark.xdist_group("demo")


def test_a_whole_audit_opens_no_socket_and_starts_no_program(demo):
    """Every format, under an audit hook that ends the run at the first attempt."""
    ended, out = demo
    assert ended.returncode == 0, ended.stderr
    assert {path.name for path in out.iterdir()} == {
        "report.html", "report.pdf", "report.json", "findings.csv", "population.csv",
        "controls.csv",
    }  # fmt: skip
