"""`credaudit doctor`: versions, system libraries, fonts."""

import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version

import click

from analyzer import __version__
from analyzer.cli.exit_codes import INCOMPLETE

PACKAGES = ("click", "detect-secrets", "jinja2", "pandas", "pyyaml", "rich", "weasyprint")


@click.command("doctor")
def command() -> None:
    """Show what the program needs and whether it is there."""
    from analyzer.writers.pdf import LIBRARIES
    from analyzer.writers.templates import template_root

    click.echo(f"credaudit {__version__}, Python {platform.python_version()}, {sys.platform}")
    for name in PACKAGES:
        click.echo(f"  {name:15} {_version(name)}")
    click.echo(f"  {'git':15} {shutil.which('git') or 'missing: --repo needs it'}")
    click.echo(f"  {'templates':15} {'found' if template_root().is_dir() else 'missing'}")
    try:
        import weasyprint  # noqa: F401 - whether it can be imported is the question
    except OSError:
        click.echo(f"  {'PDF':15} missing system libraries; on Debian: apt-get install {LIBRARIES}")
        sys.exit(INCOMPLETE)
    click.echo(f"  {'PDF':15} ready")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
