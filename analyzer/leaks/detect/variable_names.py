"""In: a text and where a value begins. Out: the name that the value has there, if any.

Reads backwards over what separates a name from its value in shells, code, JSON, YAML, XML, INI.
"""

from typing import NamedTuple

from analyzer.leaks.lazy_regex import lazy_regex

REACH = 160
"""Characters before a value in which its name is searched for."""

_WORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_BETWEEN = " \t\r\n\"'`\\()[]{}<>/:=,|?@&*!;$+-#%"
_LARGEST_GAP = 40
_ESCAPE = lazy_regex(r"(?:%[0-9A-Fa-f]{2}|\\(?:[ntr]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}))+\Z")
_HOPS = 4
# Words between a name and its value: `"Name": "X", "Value": "…"`, `<name>X</name><value>…`,
# `X: str = "…"`, `variable "X" { default =`
_CARRIERS = frozenset(
    {
        "value", "val", "default", "string", "str", "char", "const", "final", "var", "let", "name",
        "key", "type", "is", "to", "was", "set", "nsstring", "varchar", "text", "field", "data",
        "content", "std", "sensitive", "true", "false", "description",
    },
)  # fmt: skip


class VariableName(NamedTuple):
    """A value's name as one word, the last words of its line, and all the text before the value."""

    word: str
    phrase: str
    lead: str


def variable_name_before(text: str, start: int) -> VariableName:
    """What the value that begins at `start` is called; empty where it has no name."""
    lead = text[max(0, start - REACH) : start]
    rest = _ESCAPE.sub("", lead)
    for _ in range(_HOPS):
        stem = rest.rstrip(_BETWEEN)
        if not stem or len(rest) - len(stem) > _LARGEST_GAP:
            break
        word = _last_word(stem)
        if not word:
            break
        lower = word.lower().strip("_.-")
        is_carrier = lower in _CARRIERS or lower.endswith("value")
        if not is_carrier or len(stem) == len(word):
            return VariableName(word, _phrase(stem), lead)
        rest = stem[: len(stem) - len(word)]
    return VariableName("", "", lead)


def plain_name(name: str) -> str:
    """A name with small letters and digits only: "AWS_Secret-Key" and "awsSecretKey" are one."""
    return "".join(filter(str.isalnum, name)).lower()


def _last_word(stem: str) -> str:
    return stem[len(stem.rstrip(_WORD)) :]


def _phrase(stem: str) -> str:
    """The last words of the line, such as "Secret access key"."""
    line = stem[stem.rfind("\n") + 1 :][-48:]
    return line[len(line.rstrip(_WORD + " ")) :]
