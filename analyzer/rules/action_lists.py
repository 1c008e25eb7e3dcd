"""In: action_lists.toml. Out: the actions that read data, hand out credentials, open resources.

Which list an action is in, and who says so, stands in the file alone; a test holds it against the
action table.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


class ActionList(StrEnum):
    """The lists."""

    DATA_READ = "data-read"
    TEXT_READ = "text-read"
    CREDENTIAL_RETURNING = "credential-returning"
    RESOURCE_POLICY_WRITE = "resource-policy-write"
    DETECTION = "detection"
    CONCEALMENT = "concealment"


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """Actions that are listed, or left out, for one reason. `source` is "" for those left out."""

    actions: tuple[str, ...]
    reason: str
    source: str = ""


def listed_actions(name: ActionList) -> tuple[str, ...]:
    """The actions of the list, in the file's order: what tells most comes first."""
    return tuple(action for group in action_groups(name) for action in group.actions)


def action_groups(name: ActionList) -> tuple[ActionGroup, ...]:
    """The groups of the list, each with its source and reason."""
    return _read()[0][name]


def left_out_groups(name: ActionList) -> tuple[ActionGroup, ...]:
    """The actions that the list leaves out, with the reasons."""
    return _read()[1][name]


@dataclass(frozen=True, slots=True)
class Twin:
    """An action, and others that come to the same: denying the one alone denies nothing."""

    denied: str
    others: tuple[str, ...]
    reason: str


def twins() -> Iterator[Twin]:
    """Every action that has such twins."""
    for each in _table()["twin"]:
        yield Twin(each["denied"], tuple(each["others"]), each["reason"])


def sources() -> Mapping[str, str]:
    """What each source is, by its name in the groups."""
    return MappingProxyType(_table()["source"])


@cache
def _table() -> dict[str, Any]:
    path = files("analyzer.rules").joinpath("action_lists.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


_Groups = Mapping[ActionList, tuple[ActionGroup, ...]]


@cache
def _read() -> tuple[_Groups, _Groups]:
    table = _table()["list"]
    listed = {name: _groups(table[name]["listed"]) for name in ActionList}
    left_out = {name: _groups(table[name].get("left-out", ())) for name in ActionList}
    return MappingProxyType(listed), MappingProxyType(left_out)


def _groups(tables: Any) -> tuple[ActionGroup, ...]:  # noqa: ANN401 - whatever TOML holds
    return tuple(
        ActionGroup(tuple(each["actions"]), each["reason"], each.get("source", ""))
        for each in tables
    )
