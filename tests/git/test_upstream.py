"""What a branch follows, as the configuration says it."""

import pytest

from analyzer.git.upstream import find_upstream

REMOTE = '[remote "origin"]\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'


@pytest.mark.parametrize("value", ["origin", '"origin"', "  origin \t", '"origin"\r'])
def test_a_value_is_read_without_its_quotes_and_blanks(tmp_path, value):
    """As git reads it."""
    (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    setting = f'[branch "main"]\n\tremote = {value}\n\tmerge = refs/heads/main\n'
    (tmp_path / "config").write_bytes((REMOTE + setting).encode())
    assert find_upstream(tmp_path, tmp_path, "") == "refs/remotes/origin/main"


def test_a_line_of_blanks_takes_no_time(tmp_path):
    """Whoever wrote the repository wrote its configuration: a million blanks are read once."""
    (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / "config").write_text(f'[branch "main"]\na = {" " * 500_000}"x"y\n')
    assert find_upstream(tmp_path, tmp_path, "") == ""
