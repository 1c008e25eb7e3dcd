"""The command line: one small file a command; errors become text and exit codes here alone.

exit_codes   what each exit code means
lazy_group   commands are loaded when they run
console      talk on stderr: warnings, progress, summary
audit        credaudit audit
output       answers on stdout: JSON, tables, locations
query        what the three queries share
scan_inputs  standard input, and what git tells its hooks
scan         credaudit scan
collect      credaudit collect
compare      credaudit compare
who_can      credaudit who-can
what_can     credaudit what-can
paths        credaudit paths
proposal_options  what the proposals share
propose_groups  credaudit propose groups
propose_roles  credaudit propose roles
propose_policies  credaudit propose policies
propose      credaudit propose
key          credaudit key
rules        credaudit rules
verify       credaudit verify
demo         credaudit demo
doctor       credaudit doctor
"""

import atexit
import gc
import os
import sys

import click

from analyzer import __version__
from analyzer.cli.exit_codes import DONE, INTERRUPTED, exit_code
from analyzer.cli.lazy_group import BrokenOutputPipe, LazyGroup
from analyzer.errors import CredauditError


@click.group(
    cls=LazyGroup,
    commands_in={
        "audit": "analyzer.cli.audit",
        "collect": "analyzer.cli.collect",
        "compare": "analyzer.cli.compare",
        "demo": "analyzer.cli.demo",
        "doctor": "analyzer.cli.doctor",
        "key": "analyzer.cli.key",
        "paths": "analyzer.cli.paths",
        "propose": "analyzer.cli.propose",
        "rules": "analyzer.cli.rules",
        "scan": "analyzer.cli.scan",
        "verify": "analyzer.cli.verify",
        "what-can": "analyzer.cli.what_can",
        "who-can": "analyzer.cli.who_can",
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="credaudit")
def credaudit() -> None:
    """Audit AWS IAM from exported files, in a room with no network.

    Exit codes: 0 done, 1 findings at or above --fail-on, 2 usage or configuration, 3 evidence
    missing, unreadable or incomplete, or an output not written.
    """


def main() -> None:
    """Run the command line; every error that a person can mend ends as one line on stderr."""
    # At the end all is freed anyway: Python need not look for cycles among all that was loaded.
    atexit.register(gc.freeze)
    try:
        sys.exit(credaudit.main(standalone_mode=False, auto_envvar_prefix="CREDAUDIT"))
    except click.exceptions.Exit as wanted:
        sys.exit(wanted.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except CredauditError as error:
        click.echo(f"credaudit: {error}", err=True)
        sys.exit(exit_code(error))
    except (KeyboardInterrupt, click.Abort):
        click.echo("credaudit: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenOutputPipe:
        # Python flushes stdout once more at its end, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
