"""In: a type of resource and its arguments. Out: one block of HCL, whatever the names hold.

https://developer.hashicorp.com/terraform/language/expressions/strings
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

_NOT_IN_LABELS = re.compile(r"[^a-z0-9_]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of another block, such as `aws_iam_role.job.name`: Terraform makes that first.

    It is written as it is, so it holds nothing but what `label_of` gave.
    """

    block: str
    attribute: str


Value: TypeAlias = str | Reference | Mapping[str, str] | Iterable[str | Reference]


def quote_hcl(text: str) -> str:
    """The text as a string of HCL that holds nothing else: no template is begun in it.

    Control characters and all beyond ASCII are written as code points.
    """
    text = "".join(_ESCAPES.get(each) or _as_ascii(each) for each in text)
    return '"' + text.replace("${", "$${").replace("%{", "%%{") + '"'


def label_of(*words: str, used: set[str]) -> str:
    """A label that no other resource has, which is then in `used`; labels are words in ASCII."""
    plain = _NOT_IN_LABELS.sub("_", "_".join(words).lower()).strip("_") or "unnamed"
    label = plain if plain[0].isalpha() else f"n_{plain}"
    number, tried = 1, label
    while tried in used:
        number += 1
        tried = f"{label}_{number}"
    used.add(tried)
    return tried


def resource_block(kind: str, label: str, arguments: Mapping[str, Value]) -> str:
    """A block `resource`; texts are quoted, also those in a list or in a map and its keys."""
    width = max(map(len, arguments))
    lines = [f"  {name.ljust(width)} = {_value(value)}" for name, value in arguments.items()]
    return "\n".join((f'resource "{kind}" "{label}" {{', *lines, "}"))


def _value(value: Value) -> str:
    if isinstance(value, str):
        return quote_hcl(value)
    if isinstance(value, Reference):
        return f"{value.block}.{value.attribute}"
    if isinstance(value, Mapping):
        pairs = (f"{quote_hcl(key)} = {quote_hcl(each)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return f"[{', '.join(map(_value, value))}]"


def _as_ascii(character: str) -> str:
    number = ord(character)
    if number < ord(" ") or number > ord("~"):
        return f"\\U{number:08x}" if number > 0xFFFF else f"\\u{number:04x}"  # noqa: PLR2004 - HCL's two forms
    return character
