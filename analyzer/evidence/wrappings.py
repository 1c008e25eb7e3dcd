"""In: documents that are no answers by themselves. Out: the answers that they hold.

The same export comes in other wrappings: recorded by a test tool, cut out by `--query`, by
PowerShell without the member's name, as AWS Config keeps it. Each entry keeps its place.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from analyzer.evidence.config_items import details_from_config, is_config_item
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode, Placed
from analyzer.evidence.recognition import FailedCall, parse_cli_error, recognise

_BARE = tuple((kind, member, keys) for kind in ExportKind for member, keys in kind.traits.bare)
_ACCOUNT = re.compile(r"[0-9]{12}")
_RECORDED = frozenset({"status_code", "data"})
_LISTED = frozenset({"value", "Count"})


def unwrap(nodes: Iterable[JsonNode], root: JsonNode) -> tuple[JsonNode, ...]:
    """The documents as AWS answers them; one that is none stays as it is.

    `root` stands for the whole file: entries of one list that lie side by side become one document.
    """
    result: list[JsonNode] = []
    bare: dict[str, list[JsonNode]] = defaultdict(list)
    items: list[Placed] = []
    for node in (inner for each in nodes for inner in _opened(each)):
        if recognise(node) is not ExportKind.UNRECOGNISED:
            result.append(node)
        elif found := _bare_member(node):
            kind, member = found
            if member in kind.traits.lists:
                bare[member].append(node)
            else:
                result.append(_named(member, node))
        elif (details := details_from_config(node)) is not None:
            result.append(details)
        elif is_config_item(node):
            items.append(Placed(node.value, node.location))
        else:
            result.append(node)
    listed = details_from_config(JsonNode({"configurationItems": items}, root.location))
    result += [listed] if listed is not None else []
    for member, entries in bare.items():
        held = [Placed(each.value, each.location) for each in entries]
        result.append(JsonNode({member: held}, root.location))
    return tuple(result)


def recorded_error(node: JsonNode) -> FailedCall | None:
    """The error of AWS in a recorded response; None where it holds none that is an answer."""
    error = node.child("Error")
    message = error.text("Message") if error is not None else None
    return parse_cli_error(message) if message else None


def _opened(node: JsonNode) -> Iterator[JsonNode]:
    """What is inside of a recorded response, or of a list as Windows PowerShell wraps it.

    A list in a list is what `--query '[A, B]'` makes; scripts put answers under account numbers.
    """
    if isinstance(node.value, list):
        yield from node.elements()
        return
    if not isinstance(node.value, dict):
        yield node
        return
    keys = set(node.value)
    data = node.child("data")
    if keys >= _RECORDED and data is not None and isinstance(data.value, dict):
        yield data
    elif keys and all(_ACCOUNT.fullmatch(str(key)) for key in keys):
        yield from (_of_account(number, member) for number, member in node.members())
    elif keys == _LISTED and isinstance(node.value["value"], list):
        for _, member in node.members():
            if isinstance(member.value, list):
                yield from member.elements()
    else:
        yield node


def _of_account(number: str, member: JsonNode) -> JsonNode:
    """The answer that stands under an account's number, labelled with it."""
    if not isinstance(member.value, dict):
        return member
    held = {name: Placed(each.value, each.location) for name, each in member.members()}
    return JsonNode(held | {"credaudit_account": number}, member.location)


def _bare_member(node: JsonNode) -> tuple[ExportKind, str] | None:
    return next(((kind, member) for kind, member, keys in _BARE if all(map(node.has, keys))), None)


def _named(member: str, node: JsonNode) -> JsonNode:
    return JsonNode({member: Placed(node.value, node.location)}, node.location)
