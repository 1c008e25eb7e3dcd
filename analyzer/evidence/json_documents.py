"""In: an artifact's text. Out: the JSON or YAML documents in it, as nodes with locations.

Takes several documents back to back and lists of pages, and reads keys in any SDK's spelling:
`UserName`, `userName` and `user_name` are one key.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from html import unescape
from typing import Any
from urllib.parse import unquote

import yaml

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import EvidenceDefect, Location, Note
from analyzer.evidence.cells import (
    MaybeBool,
    MaybeTime,
    MissingValue,
    parse_bool,
    parse_time,
    time_from_epoch,
)

_BLANK = re.compile(r"[\s,\x1e]*")
_DEEPEST_YAML = 100
_WIDEST = 1000
_YAML_KEY = re.compile(r"\s*(?:---\s*\n)?(?:- )?[A-Za-z_]{3,40}:(?:\s|$)")


_WINDOWS_DATE = re.compile(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/")
"""A time as Windows PowerShell's ConvertTo-Json writes it: milliseconds since 1970, in UTC."""
_C_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LOADER = type(
    "_Loader",
    (_C_LOADER,),
    {
        "yaml_implicit_resolvers": {
            letter: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
            for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }
    },
)
"""Leaves dates as text: a policy's `Version: 2012-10-17` is none, and times are read as in JSON."""


@lru_cache(maxsize=4096)
def normalised_key(key: str) -> str:
    """A key without its SDK's spelling: no underscores, lower case."""
    return key.replace("_", "").lower()


@dataclass(frozen=True, slots=True)
class Placed:
    """A value of a made-up document that stands elsewhere in the file than its name says.

    Two are equal if they say the same, wherever they stand: so documents are compared.
    """

    value: Any
    location: Location = field(compare=False)
    is_in_text: bool = False


@dataclass(frozen=True, slots=True)
class JsonNode:
    """A value of a document and its location.

    What was parsed out of a text has no locations of its own: all of it has that of the text.
    """

    value: Any
    location: Location
    is_in_text: bool = False

    def child(self, key: str) -> "JsonNode | None":
        """The member of that name, whatever the spelling; None where it is absent or null."""
        if not isinstance(self.value, dict):
            return None
        found: str | None = key
        if key not in self.value:
            found = self._find_other_spelling(key)
        if found is None or self.value[found] is None:
            return None
        return self._member(found)

    def location_of(self, key: str) -> Location:
        """The location of the member of that name, or of the whole object where it is absent."""
        found = self.child(key)
        return found.location if found is not None else self.location

    def has(self, key: str) -> bool:
        """True if there is a member of that name, null or not."""
        if not isinstance(self.value, dict):
            return False
        return key in self.value or self._find_other_spelling(key) is not None

    def _find_other_spelling(self, key: str) -> str | None:
        # No answer has so many keys; a search for each name would take a hostile one minutes.
        if len(self.value) > _WIDEST:
            return None
        wanted = normalised_key(key)
        return next((name for name in self.value if normalised_key(str(name)) == wanted), None)

    def each(self, key: str) -> Iterator["JsonNode"]:
        """The members of the list of that name; an object in its place counts as a list of one."""
        found = self.child(key)
        if found is not None:
            yield from found.elements()

    def elements(self) -> Iterator["JsonNode"]:
        """The members of a list; anything else is a list of itself."""
        if not isinstance(self.value, list):
            yield self
            return
        for index in range(len(self.value)):
            yield self._member(index)

    def members(self) -> Iterator[tuple[str, "JsonNode"]]:
        """Every member of an object with its name as written; none of anything else."""
        if isinstance(self.value, dict):
            for name in self.value:
                yield str(name), self._member(name)

    def _member(self, step: str | int) -> "JsonNode":
        inner = self.value[step]
        if isinstance(inner, Placed):
            return JsonNode(inner.value, inner.location, inner.is_in_text)
        location = self.location if self.is_in_text else self.location.child(step)
        return JsonNode(inner, location, self.is_in_text)

    def text(self, key: str) -> str | None:
        """The string of that name; None where it is absent or no string."""
        found = self.child(key)
        return found.value if found is not None and isinstance(found.value, str) else None

    def number(self, key: str) -> int | None:
        """The whole number of that name; None where it is absent or no whole number."""
        found = self.child(key)
        if found is None or isinstance(found.value, bool) or not isinstance(found.value, int):
            return None
        return found.value

    def boolean(self, key: str) -> MaybeBool:
        """The truth value of that name; ABSENT where it is not given."""
        found = self.child(key)
        if found is None:
            return MissingValue.ABSENT
        if isinstance(found.value, bool):
            return found.value
        return parse_bool(found.value) if isinstance(found.value, str) else MissingValue.UNREADABLE

    def time(self, key: str) -> MaybeTime:
        """The time of that name, in any SDK's form; ABSENT where it is not given."""
        found = self.child(key)
        if found is None:
            return MissingValue.ABSENT
        if isinstance(found.value, str):
            written = _WINDOWS_DATE.fullmatch(found.value)
            return time_from_epoch(int(written[1]) / 1000) if written else parse_time(found.value)
        if isinstance(found.value, int | float) and not isinstance(found.value, bool):
            return time_from_epoch(found.value)
        if isinstance(found.value, dict) and found.value.get("__class__") == "datetime":
            return _recorded_time(found.value)
        return MissingValue.UNREADABLE

    def document(self, key: str) -> "JsonNode | None":
        """The policy document of that name, parsed where an SDK left it as (URL-encoded) text.

        None where there is none; a node with the bare text where it can't be parsed.
        """
        found = self.child(key)
        if found is None or not isinstance(found.value, str):
            return found
        decoded = unquote(found.value)
        for spelled in (found.value, decoded, unescape(decoded)):
            try:
                value = json.loads(spelled, object_pairs_hook=reject_duplicate_keys)
                return JsonNode(value, found.location, is_in_text=True)
            except (ValueError, RecursionError):
                continue
        return found


def _recorded_time(parts: dict[str, Any]) -> MaybeTime:
    """The time as recorders of boto3's answers keep it: each part by its name, in UTC."""
    named = [parts.get(name, 0) for name in ("year", "month", "day", "hour", "minute", "second")]
    if not all(isinstance(each, int) and 0 <= each < _WIDEST * 10 for each in named):
        return MissingValue.UNREADABLE
    year, month, day, hour, minute, second = named
    return parse_time(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")


@dataclass(frozen=True, slots=True)
class ParsedDocuments:
    """What a text holds: its documents, in order, and a note where one of them broke off."""

    nodes: tuple[JsonNode, ...]
    notes: tuple[Note, ...] = ()


def looks_like_json(text: str) -> bool:
    """True for text that starts as a JSON object or list does."""
    return text.lstrip()[:1] in {"{", "["}


def looks_like_yaml(text: str) -> bool:
    """True for text that starts with a key of a YAML mapping."""
    return _YAML_KEY.match(text) is not None


def parse_json(text: str, root: Location) -> ParsedDocuments:
    """All documents of the text. One that breaks off ends the reading and leaves a note.

    An object with a key twice was edited, and nobody knows which value was AWS's: a text that says
    so stands in its place, so that it costs no other. Raises EvidenceError where not even the first
    document can be read.
    """
    doubled: list[str] = []
    decoder = json.JSONDecoder(object_pairs_hook=partial(_replace_doubled, doubled))
    values: list[Any] = []
    notes: list[Note] = []
    position = _BLANK.match(text, 0).end()  # type: ignore[union-attr]  # matches the empty string
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            fault = _describe_json_error(error)
            if not values:
                raise EvidenceError(fault, remedy="Export it again") from None
            note = f"{fault}; the {len(values)} document(s) before it were read"
            notes.append(Note(note, root, EvidenceDefect.TRUNCATED))
            break
        values.append(value)
        position = _BLANK.match(text, position).end()  # type: ignore[union-attr]
    notes += _doubled_notes(doubled, values, root)
    return ParsedDocuments(tuple(_iter_pages(values, root)), tuple(notes))


def _doubled_notes(doubled: list[str], values: list[Any], root: Location) -> Iterator[Note]:
    """A note on the objects that were replaced. EvidenceError where nothing else is there."""
    if doubled and all(value in doubled for value in values):
        raise EvidenceError(doubled[-1], remedy="Export it again")
    if doubled:
        more = f" ({len(doubled)} such objects)" if len(doubled) > 1 else ""
        note = f"{doubled[0]}{more}; what stands in it was not read"
        yield Note(note, root, EvidenceDefect.UNREADABLE)


def parse_yaml(text: str, root: Location) -> ParsedDocuments:
    """All documents of the text. Raises EvidenceError for broken YAML and for what no export holds.

    That is: aliases, tags, and nesting deeper than any answer's. A mapping with a key twice is read
    as JSON's is.
    """
    strict = _StrictYaml()
    doubled: list[str] = []
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if fault := strict.find_fault(event):
                what = f"is YAML with {fault}, which no export holds"
                raise EvidenceError(what, remedy="Export it again with --output json")
        values = [value for value in _load_yaml(text, doubled) if value is not None]
    except (yaml.YAMLError, ValueError, RecursionError, ArithmeticError) as error:
        fault = str(error).splitlines()[0]
        raise EvidenceError(f"is not valid YAML: {fault}", remedy="Export it again") from None
    notes = tuple(_doubled_notes(doubled, values, root))
    return ParsedDocuments(tuple(_iter_pages(values, root)), notes)


def _load_yaml(text: str, doubled: list[str]) -> Iterator[Any]:
    """Each document of a text without aliases; `doubled` gets what is said of keys given twice."""
    loader = _LOADER(text)
    loader.doubled = doubled
    try:
        while loader.check_data():
            yield loader.get_data()
    finally:
        loader.dispose()


def _construct_mapping(loader: Any, node: yaml.Node) -> Any:  # noqa: ANN401 - PyYAML has any
    """The mapping, or why there is none. Keys are compared as written: "1" and "true" are two."""
    pairs = loader.construct_pairs(node, deep=True)
    written = [(str(key.value), None) for key, _ in node.value]
    told = _replace_doubled(loader.doubled, written)
    return told if isinstance(told, str) else dict(pairs)


yaml.add_constructor("tag:yaml.org,2002:map", _construct_mapping, _LOADER)


@dataclass(slots=True)
class _StrictYaml:
    """Checks the events of a YAML text, all of them before anything is built from it."""

    are_mappings: list[bool] = field(default_factory=list)
    """For all that is open whether it is a mapping, and no list."""
    awaits_key: list[bool] = field(default_factory=list)

    def find_fault(self, event: yaml.Event) -> str:
        """What is wrong with the event: what no export contains; "" for nothing."""
        if isinstance(event, yaml.CollectionEndEvent):
            self.are_mappings.pop()
            self.awaits_key.pop()
            return ""
        if isinstance(event, yaml.AliasEvent):
            return "aliases"  # a few lines of them unfold to gigabytes
        if not isinstance(event, yaml.NodeEvent):
            return ""
        return self._check_node(event)

    def _check_node(self, event: yaml.NodeEvent) -> str:
        if getattr(event, "tag", None) is not None:
            return "tags"
        if self.are_mappings and self.are_mappings[-1]:
            is_key, self.awaits_key[-1] = self.awaits_key[-1], not self.awaits_key[-1]
            if is_key and not isinstance(event, yaml.ScalarEvent):
                return "keys that are no text"
        if isinstance(event, yaml.CollectionStartEvent):
            self.are_mappings.append(isinstance(event, yaml.MappingStartEvent))
            self.awaits_key.append(True)
        return "too many levels" if len(self.are_mappings) > _DEEPEST_YAML else ""


def _iter_pages(values: list[Any], root: Location) -> Iterator[JsonNode]:
    """Each document; a list of objects is a list of pages. Alone, a document needs no number."""
    for number, value in enumerate(values):
        node = JsonNode(value, root if len(values) == 1 else root.child(number))
        yield from node.elements()


def _replace_doubled(doubled: list[str], pairs: list[tuple[str, Any]]) -> Any:  # noqa: ANN401
    """The object of those members, or why there is none, which `doubled` then has, too."""
    try:
        return reject_duplicate_keys(pairs)
    except ValueError as error:
        doubled.append(str(error))
        return str(error)


def reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of those members. ValueError for a key twice, which AWS never writes."""
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        message = f"holds the key {twice[:60]!r} twice in one object"
        raise ValueError(message)
    return made


def _describe_json_error(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"breaks off or is no JSON at line {error.lineno}, column {error.colno}: {error.msg}"
    if isinstance(error, RecursionError):
        return "is nested deeper than any export"
    return str(error)
