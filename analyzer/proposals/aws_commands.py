"""In: an operation of the AWS CLI and its options. Out: one line for a POSIX shell."""

import shlex

from analyzer.display import printable


def aws_command(operation: str, **options: str) -> str:
    """`aws iam add-user-to-group --group-name=…`: each value quoted and tied to its option.

    Tied, since a name of an export may begin with a hyphen and would be an option itself. Control
    characters, which no name of AWS holds, are shown and not written.
    """
    words = [
        f"--{name.replace('_', '-')}={shlex.quote(printable(value))}"
        for name, value in options.items()
    ]
    return " ".join(("aws", operation, *words))
