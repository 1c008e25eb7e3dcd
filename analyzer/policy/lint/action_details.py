"""In: the second file of AWS's list. Out: the resources and condition keys of each action.

`.ci/make_actions.py` makes it beside the action table, of the same day. It is read when asked for.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from analyzer.policy.actions import action_index

_UNTOLD = "?"
TAG_FAMILIES = frozenset({"aws:requesttag/", "aws:resourcetag/", "aws:tagkeys"})
"""The keys of tags that any service may have."""
_END_OF_FAMILY = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True, repr=False)
class ActionDetails:
    """What AWS lists with each action, by its name in lower case.

    `forms` are the ARNs of the resources that it may work on, `arn:partition:` left off, "@" for
    an account; `keys` the condition keys that its requests may have, families up to their
    separator. An action that is missing here is one of which AWS says neither. `services_with` are
    the services that know each family of tags.
    """

    forms: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, frozenset[str]]
    types: Mapping[str, str]
    every_key: frozenset[str]
    services: frozenset[str]
    services_with: Mapping[str, frozenset[str]]

    def has_key(self, action: str, key: str) -> bool | None:
        """Whether requests for the action may have the key, in lower case; None: who knows."""
        held = self.keys.get(action)
        return None if held is None else any(each in held for each in families_of(key))

    def knows_key(self, key: str) -> bool:
        """True if AWS lists the key, in lower case, with some action."""
        return any(each in self.every_key for each in families_of(key))

    def type_of(self, key: str) -> str | None:
        """The type that AWS gives the key; None where it gives none, or two."""
        return next((self.types[each] for each in families_of(key) if each in self.types), None)


def _services_with(keys: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """The services some action of which has that key of tags."""
    found: dict[str, set[str]] = {family: set() for family in TAG_FAMILIES}
    for action, held in keys.items():
        for family in TAG_FAMILIES & held:
            found[family].add(action.partition(":")[0])
    return {family: frozenset(services) for family, services in found.items()}


def families_of(key: str) -> Iterator[str]:
    """The key itself, and what it begins with up to each separator, the longest first."""
    yield key
    for found in reversed(list(_END_OF_FAMILY.finditer(key))):
        yield key[: found.end()]


@cache
def action_details() -> ActionDetails:
    """The table, read once."""
    packed = files("analyzer.policy").joinpath("action_details.json.gz").read_bytes()
    read = json.loads(gzip.decompress(packed))
    # AWS writes families in many ways, one of them as the key of a tag called tag-key.
    sets = [
        frozenset(f"{key.partition('/')[0]}/" if "/" in key else key for key in each.split())
        for each in read["keys"]
    ]
    every_form = read["forms"]
    forms: dict[str, tuple[str, ...]] = {}
    keys: dict[str, frozenset[str]] = {}
    named: dict[str, list[str]] = {}
    for name in action_index().folded:
        named.setdefault(name.partition(":")[0], []).append(name)
    for service, held in read["services"].items():
        told = zip(named[service], held["works"].split(" "), held["keys"].split(" "), strict=True)
        for name, works, number in told:
            if works != _UNTOLD:
                forms[name] = tuple(every_form[int(each)] for each in works.split(",") if each)
                keys[name] = sets[int(number)]
    return ActionDetails(
        forms=forms,
        keys=keys,
        types={key: kind for kind, held in read["types"].items() for key in held.split()},
        services_with=_services_with(keys),
        every_key=frozenset().union(*sets),
        services=frozenset(named),
    )
