"""In: AWS Config's items of IAM. Out: authorization details: an item holds the whole entity.

Comes as a snapshot or history file, as an answer of get-resource-config-history or
batch-get-resource-config, or as the result of an advanced query:
https://docs.aws.amazon.com/config/latest/developerguide/example-s3-snapshot.html
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from analyzer.evidence.json_documents import JsonNode, Placed, reject_duplicate_keys

_SECTIONS = {
    "AWS::IAM::User": "UserDetailList",
    "AWS::IAM::Group": "GroupDetailList",
    "AWS::IAM::Role": "RoleDetailList",
    "AWS::IAM::Policy": "Policies",
}
_LISTS = ("configurationItems", "baseConfigurationItems", "Results")
_GONE = frozenset({"ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded"})


def details_from_config(document: JsonNode) -> JsonNode | None:
    """The users, groups, roles and policies in it as a page of authorization details.

    Of several items of one entity the newest counts, and none where that says it was deleted. A
    kind of which there is no item is a section that is missing. None where no item is of IAM.
    """
    items = [item for name in _LISTS for item in _items(document, name)]
    newest: dict[str, tuple[str, JsonNode, JsonNode]] = {}
    for section, item, entity in items:
        arn = entity.text("Arn") or item.text("arn") or str(item.location.pointer)
        kept = newest.get(arn)
        if kept is None or _captured(item) > _captured(kept[1]):
            newest[arn] = section, item, entity
    sections: dict[str, list[Placed]] = defaultdict(list)
    for section, item, entity in newest.values():
        if item.text("configurationItemStatus") not in _GONE:
            sections[section].append(Placed(entity.value, entity.location, entity.is_in_text))
    return JsonNode(dict(sections), document.location) if items else None


def is_config_item(node: JsonNode) -> bool:
    """True for one item of IAM by itself, as `--query Results` and `[0]` cut it out."""
    one = JsonNode({"Results": [Placed(node.value, node.location)]}, node.location)
    return next(_items(one, "Results"), None) is not None


def _items(document: JsonNode, name: str) -> Iterator[tuple[str, JsonNode, JsonNode]]:
    """Each item of IAM with its section and its entity; results of a query are text."""
    for each in document.each(name):
        item = _parsed(each)
        section = _SECTIONS.get(item.text("resourceType") or "")
        held = item.child("configuration")
        if section and (held is not None or item.text("configurationItemStatus") in _GONE):
            entity = _parsed(held) if held is not None else item
            yield section, item, entity


def _parsed(node: JsonNode) -> JsonNode:
    """The node, or what its text holds."""
    if isinstance(node.value, str):
        try:
            value = json.loads(node.value, object_pairs_hook=reject_duplicate_keys)
            return JsonNode(value, node.location, is_in_text=True)
        except (ValueError, RecursionError):
            return node
    return node


def _captured(item: JsonNode) -> float:
    time = item.time("configurationItemCaptureTime")
    return time.timestamp() if isinstance(time, datetime) else 0.0
