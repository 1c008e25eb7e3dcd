"""Commands for a shell, whatever the names of an export hold."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.proposals.aws_commands import aws_command


@given(st.text())
def test_a_value_stays_one_word_on_one_line_behind_its_option(value):
    """No name ends its quotes, begins a command or becomes an option."""
    command = aws_command("iam delete-user", user_name=value)
    assert command.splitlines() == [command]
    words = shlex.split(command)
    assert words[:3] == ["aws", "iam", "delete-user"]
    assert len(words) == 4
    assert words[3].startswith("--user-name=")


@pytest.mark.parametrize("value", ["file:///etc/passwd", "fileb://x", "FILE://x", "http://x/y"])
def test_a_name_is_never_read_as_the_place_of_a_file(value):
    """The CLI would send what the file holds in place of the name."""
    assert "://" not in aws_command("iam delete-user", user_name=value)


def test_the_url_of_a_provider_stays_one():
    """The CLI does not fetch that one."""
    assert aws_command("iam x", url="https://gitlab.com") == "aws iam x --url=https://gitlab.com"
