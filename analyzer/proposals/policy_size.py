"""In: a policy's text. Out: it in texts within IAM's limits, which together say the same.

Statements are dealt out among policies, and a long list of actions among statements of one
Resource and Condition. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

MANAGED_LIMIT = 6144
"""Characters of a managed policy; IAM counts no white space."""
INLINE_LIMITS: Mapping[str, int] = {"user": 2048, "group": 5120, "role": 10240}
"""Characters of all inline policies of a user, group or role together."""
_BLANK = re.compile(r"\s")


def text_of(document: Mapping[str, Any]) -> str:
    """The policy as it is handed to IAM."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=True)


def size_of(document: Mapping[str, Any]) -> int:
    """Its characters as IAM counts them."""
    return len(_BLANK.sub("", text_of(document)))


def split_policy(document: Mapping[str, Any], limit: int) -> tuple[dict[str, Any], ...] | None:
    """The policy in texts of that size at most; None where a statement can't be divided so far."""
    version = document["Version"]
    room = limit - size_of({"Version": version, "Statement": []})
    pieces: list[dict[str, Any]] = []
    for statement in document["Statement"]:
        divided = list(_divide(statement, room))
        if any(_size(each) > room for each in divided):
            return None
        pieces += divided
    policies: list[list[dict[str, Any]]] = [[]]
    left = room
    for piece in pieces:
        size = _size(piece) + 1
        if policies[-1] and size > left:
            policies.append([])
            left = room
        policies[-1].append(piece)
        left -= size
    return tuple({"Version": version, "Statement": each} for each in policies)


def _size(statement: Mapping[str, Any]) -> int:
    return size_of(statement)


def _divide(statement: Mapping[str, Any], room: int) -> Iterator[dict[str, Any]]:
    """The statement in parts of its actions; a Sid, which must be unique, stays with the first."""
    actions = statement.get("Action")
    if _size(statement) <= room or not isinstance(actions, list):
        yield dict(statement)
        return
    rest = {name: value for name, value in statement.items() if name != "Sid"}
    empty = _size({**statement, "Action": []})
    taken: list[str] = []
    used, is_first = empty, True
    for action in actions:
        size = len(text_of({"": action})) - len('{"":}') + 1
        if taken and used + size > room:
            yield {**(statement if is_first else rest), "Action": taken}
            taken, used, is_first = [], empty, False
        taken.append(action)
        used += size
    yield {**(statement if is_first else rest), "Action": taken}
