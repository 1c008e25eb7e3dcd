"""In: an operation of the AWS CLI and its options. Out: one line for a POSIX shell."""

import re
import shlex

from analyzer.display import printable

_FILE_PREFIX = re.compile(r"(file|fileb|https?)://", re.IGNORECASE)


def aws_command(operation: str, **options: str) -> str:
    """`aws iam add-user-to-group --group-name=…`: each value quoted and tied to its option.

    Tied, since a name of an export may begin with a hyphen and would be an option itself. Control
    characters, which no name of AWS holds, are shown and not written. A value that the AWS CLI
    would take for the place of a file is broken up, but for that of `url`, which it takes as it is.
    https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
    """
    words = [
        f"--{name.replace('_', '-')}={shlex.quote(_as_text(name, value))}"
        for name, value in options.items()
    ]
    return " ".join(("aws", operation, *words))


def _as_text(option: str, value: str) -> str:
    shown = printable(value)
    if option != "url" and _FILE_PREFIX.match(shown):
        return shown.replace("://", ":\\x2f\\x2f", 1)
    return shown
