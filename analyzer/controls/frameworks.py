"""In: the tables beside this module. Out: every framework and its controls.

A table has one `[[framework]]` for each framework or edition and one `[[control]]` for each control
about identity and access. Of a framework: `id` (the key that checks use under `controls`), `option`
(its name on the command line), name, version, `basis` (who says that a check tests the control),
`named_by` (the key by which checks name its controls, "table" where no check does; else its own
id), and `beyond`, which is said of its controls that exports show something of, where they say
nothing else. Of a control: `id`, or `ids` with one for each framework of the table; a label and an
objective in our own words;
`coverage`, at most which exports can give; `limits`, the thresholds that the control names itself;
`beyond`, what the files cannot show; `same_as`, other controls, practices and checks that stand
behind it; `related`, what AWS's page of the control names.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import Any

_FILES = (
    "cis", "security-hub", "pci-dss", "nist-800-53", "nist-800-171", "nist-csf", "iso-27001",
    "soc-2", "hipaa", "aws-ftr", "well-architected",
)  # fmt: skip
_NOT_SHOWN = "No export of AWS shows it: people, documents and other systems have to be asked."


class Coverage(StrEnum):
    """What exports can tell of a control: all, only that it is broken, or nothing."""

    FULL = "full"
    PARTLY = "partly"
    NOT_COVERED = "not-covered"


class Basis(StrEnum):
    """Who says that a check tests a control: the framework, AWS's documentation, or we."""

    FRAMEWORK = "framework"
    AWS = "aws"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Control:
    """One control of one framework. `limits` are fields of Limits, with the control's own values.

    `same_as` holds pairs: a framework and the id of its control, "practice" and its id, or "check"
    and its id. `related` maps a framework to the ids that AWS's page names for this control.
    """

    framework: str
    id: str
    label: str
    objective: str
    coverage: Coverage
    beyond: str
    limits: Mapping[str, int | bool] = field(default_factory=dict)
    same_as: tuple[tuple[str, str], ...] = ()
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework in one edition, its controls in its own order.

    `beyond` is what the files cannot show of those controls that say nothing of their own.
    """

    id: str
    option: str
    name: str
    version: str
    basis: Basis
    named_by: str
    beyond: str
    controls: Mapping[str, Control]

    @property
    def title(self) -> str:
        """What a reader calls it."""
        return f"{self.name} {self.version}"


def load_frameworks() -> Mapping[str, Framework]:
    """Every framework by its id, in the order in which reports show them."""
    tables = (_read_table(name) for name in _FILES)
    found = (_parse_framework(each, table) for table in tables for each in table["framework"])
    return MappingProxyType({each.id: each for each in found})


def _read_table(name: str) -> dict[str, Any]:
    text = files("analyzer.controls").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _parse_framework(head: Mapping[str, Any], table: Mapping[str, Any]) -> Framework:
    name = head["id"]
    told = ((each.get("ids", {}).get(name, each.get("id")), each) for each in table["control"])
    controls = {number: _parse_control(number, each, head) for number, each in told if number}
    return Framework(
        id=name,
        option=head["option"],
        name=head["name"],
        version=head["version"],
        basis=Basis(head["basis"]),
        named_by=head.get("named_by", name),
        beyond=head["beyond"],
        controls=MappingProxyType(dict(sorted(controls.items(), key=_in_order))),
    )


def _parse_control(number: str, each: Mapping[str, Any], head: Mapping[str, Any]) -> Control:
    pairs = (reference.partition(":") for reference in each.get("same_as", ()))
    coverage = Coverage(each["coverage"])
    return Control(
        framework=head["id"],
        id=number,
        label=each["label"],
        objective=each["objective"],
        coverage=coverage,
        beyond=each.get("beyond", _beyond(head, coverage)),
        limits=MappingProxyType(dict(each.get("limits", {}))),
        same_as=tuple((kind, name) for kind, _, name in pairs),
        related={key: tuple(ids) for key, ids in each.get("related", {}).items()},
    )


def _beyond(head: Mapping[str, Any], coverage: Coverage) -> str:
    """What is said of a control that says nothing of its own."""
    return _NOT_SHOWN if coverage is Coverage.NOT_COVERED else head["beyond"]


def _in_order(item: tuple[str, Control]) -> list[tuple[int, str]]:
    """Numbers by their value, so that 1.9 stands before 1.10."""
    number = item[0]
    marked = "".join(each if each.isalnum() else " " for each in number)
    pieces = (piece for word in marked.split() for piece in _split_digits(word))
    return [(int(each), "") if each.isdigit() else (-1, each) for each in pieces]


def _split_digits(word: str) -> list[str]:
    """BP01 as BP and 01."""
    head = word.rstrip("0123456789")
    return [each for each in (head, word[len(head) :]) if each]
