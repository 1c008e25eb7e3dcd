"""In: the AWS CLI's output as text or table. Out: a document, or what it is.

Text output has no keys: values stand in the order of the keys' names, and what is not set is left
out. So only answers whose values can't be confused are read:
https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html
"""

import re
from typing import Any

_REPORT = re.compile(
    r"\s*(?P<Content>[A-Za-z0-9+/]{100,}={0,2})\t(?P<GeneratedTime>\S+)\ttext/csv\s*"
)
_KEY = re.compile(
    r"ACCESSKEYMETADATA\t(?P<AccessKeyId>A[A-Z0-9]{15,127})\t(?P<CreateDate>[^\t]+)\t"
    r"(?P<Status>[A-Za-z]+)\t(?P<UserName>[^\t]+)"
)
_ALIAS = re.compile(r"ACCOUNTALIASES\t(?P<alias>[a-z0-9-]+)")
_LABEL = re.compile(r"[A-Z][A-Z0-9]{3,60}(?:\t|\Z)")
_RULE = re.compile(r"[-+|]*-{8,}[-+|]*")
_TITLE = re.compile(r"\|+\s*(?P<operation>[A-Z][A-Za-z]+)\s*\|+")


def read_cli_text(text: str) -> dict[str, Any] | None:
    """The answer that the text is, as JSON would have it; None where it can't be read."""
    if found := _REPORT.fullmatch(text):
        return {**found.groupdict(), "ReportFormat": "text/csv"}
    lines = [line.rstrip("\r") for line in text.strip().split("\n")]
    keys = [_KEY.fullmatch(line) for line in lines]
    if all(keys):
        return {"AccessKeyMetadata": [each.groupdict() for each in keys if each]}
    aliases = [_ALIAS.fullmatch(line) for line in lines]
    if all(aliases):
        return {"AccountAliases": [each["alias"] for each in aliases if each]}
    return None


def describe_cli_text(text: str) -> str:
    """What the text is, where the AWS CLI printed it for people; "" for any other text."""
    lines = text.strip().split("\n", 3)[:3]
    if _RULE.fullmatch(lines[0].strip()):
        title = _TITLE.fullmatch(lines[1].strip()) if len(lines) > 1 else None
        return f"a table that the AWS CLI drew of {title['operation'] if title else 'an answer'}"
    # A truth value of the answer stands before its lists.
    label = lines[1] if len(lines) > 1 and lines[0].strip() in {"True", "False"} else lines[0]
    if _LABEL.match(label):
        return f"text output of the AWS CLI, of {label.partition(chr(9))[0].strip()}"
    return ""
