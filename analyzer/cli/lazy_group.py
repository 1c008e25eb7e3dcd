"""In: a command's name. Out: the command, imported only when it is asked for.

`--help` and `scan` must not pay for pandas.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class BrokenOutputPipe(Exception):  # noqa: N818 - nothing went wrong
    """Whoever read the output has closed it."""


class LazyGroup(click.Group):
    """A group whose commands are the `command` of the modules named."""

    def __init__(self, *args: Any, commands_in: Mapping[str, str], **kwargs: Any) -> None:  # noqa: ANN401 - click's own signature
        super().__init__(*args, **kwargs)
        self.commands_in = commands_in

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """All commands, sorted."""
        return sorted(self.commands_in)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, None where there is none."""
        if name not in self.commands_in:
            return None
        command = import_module(self.commands_in[name]).command
        assert isinstance(command, click.Command)  # noqa: S101 - our own modules; a test reads all
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command; a reader who has seen enough, such as `head`, is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # click would end the program with 1, which means findings here.
            raise BrokenOutputPipe from error
