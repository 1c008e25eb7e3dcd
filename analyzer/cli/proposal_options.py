"""In: the command line of a proposal. Out: the options that the three proposals share."""

from pathlib import Path

import click

from analyzer.cli.audit import chosen_config
from analyzer.cli.query import CommandFunction, evidence_command
from analyzer.config import Limits, Profile, limits_of


def proposal_command(function: CommandFunction) -> CommandFunction:
    """The evidence that a proposal rests on, own thresholds, and how it is printed."""
    return evidence_command(_CONFIG(_FORM(function)))


def read_limits(config: Path | None) -> Limits:
    """The thresholds of that file, or of a credaudit.toml in this folder, or the built-in ones."""
    return limits_of(Profile.CIS, chosen_config(config))


_CONFIG = click.option(
    "--config",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Own thresholds and break-glass users.  [default: credaudit.toml, if there is one]",
)
_FORM = click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["text", "json", "terraform"]),
    default="text",
    show_default=True,
    help="How to print the proposal.",
)
