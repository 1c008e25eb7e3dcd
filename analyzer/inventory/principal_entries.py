"""In: the entry of a user, group or role. Out: PrincipalDetails, with what can't be placed in it.

What AWS writes: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UserDetail.html and its
sisters GroupDetail and RoleDetail. Whatever else stands in an entry may be a grant. It is read as
far as it can be, and kept as an `UnplacedPart`, so that nobody takes the principal for one without.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode, normalised_key
from analyzer.inventory.model import (
    UNREADABLE_BOUNDARY,
    PolicyAttachment,
    PrincipalDetails,
    UnplacedPart,
)

_PLAIN = (
    "Path", "UserName", "UserId", "GroupName", "GroupId", "RoleName", "RoleId", "Arn",
    "CreateDate", "Tags", "GroupList", "AttachedManagedPolicies", "PermissionsBoundary",
    "AssumeRolePolicyDocument", "InstanceProfileList", "RoleLastUsed",
)  # fmt: skip
_POLICY = (
    "PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId", "AttachmentCount",
    "PermissionsBoundaryUsageCount", "IsAttachable", "Description", "CreateDate", "UpdateDate",
    "PolicyVersionList", "Tags",
)  # fmt: skip
_GRANTING = ("polic", "group", "boundary", "permission", "attached")
_INSIDE = frozenset({"statement", "policydocument", "policyarn", "policyname", "policyversionlist"})
_MOST_MEMBERS = 1000
"""An entry of AWS has some 15 members; beyond this many other spellings are not looked for."""
_MOST_VALUES = 10_000
"""So many values inside one member are looked at for a policy; a member with more may hold one."""

_NOWHERE = Location("")
_Read = PolicyAttachment | UnplacedPart


def principal_details(entry: JsonNode, inline_section: str) -> PrincipalDetails:
    """The policies, groups and tags in the entry of a user, group or role.

    `inline_section` is the key of its inline policies, such as `UserPolicyList`. Each part of the
    entry that AWS would not have written so is in `unplaced`, also where a grant was read there.
    """
    attached = list(_attachments(entry))
    inline = list(_inline_policies(entry, inline_section))
    groups = list(_groups(entry))
    tags = list(_tags(entry))
    boundary, unread = _boundary(entry)
    known = (*_PLAIN, inline_section)
    return PrincipalDetails(
        location=entry.location,
        created=entry.time("CreateDate"),
        tags_location=entry.location_of("Tags"),
        attached=tuple(each for each in attached if isinstance(each, PolicyAttachment)),
        inline=tuple(each for each in inline if isinstance(each, PolicyAttachment)),
        groups=tuple(each for each in groups if isinstance(each, str)),
        tags=dict(each for each in tags if isinstance(each, tuple)),
        boundary=boundary,
        unique_id=entry.text("UserId") or entry.text("RoleId") or entry.text("GroupId"),
        unplaced=(
            *_unplaced(attached),
            *_unplaced(inline),
            *_unplaced(groups),
            *_unplaced(tags),
            *unread,
            *_unknown_members(entry, known),
        ),
    )


def policy_parts_unplaced(entry: JsonNode) -> Iterator[UnplacedPart]:
    """What can't be placed in the entry of a managed policy: a text beside its versions."""
    yield from _unknown_members(entry, _POLICY)


def _unplaced(found: Iterable[object]) -> Iterator[UnplacedPart]:
    return (each for each in found if isinstance(each, UnplacedPart))


def _members(entry: JsonNode, section: str) -> Iterator[JsonNode]:
    """The members of the list; an object counts as a list of one, and an empty one as none."""
    found = entry.child(section)
    if found is not None and found.value != {}:
        yield from found.elements()


def _attachments(entry: JsonNode) -> Iterator[_Read]:
    """Every attached policy; a bare ARN is read as one, and yet is nothing that AWS writes."""
    for node in _members(entry, "AttachedManagedPolicies"):
        arn = node.text("PolicyArn")
        bare = node.value if isinstance(node.value, str) and ":policy/" in node.value else None
        if named := arn or bare:
            yield PolicyAttachment(named.rpartition("/")[2], node.location, arn=named)
        if not arn:
            yield UnplacedPart("an attached policy without PolicyArn", node.location)


def _inline_policies(entry: JsonNode, section: str) -> Iterator[_Read]:
    """Every inline policy; one without a name is read under the name of its place."""
    for node in _members(entry, section):
        name = (node.text("PolicyName") or "").strip()
        document = node.document("PolicyDocument")
        if name:
            yield PolicyAttachment(name, node.location, document=document)
            continue
        if document is not None:
            named = f"unnamed policy at {node.location.pointer}"
            yield PolicyAttachment(named, node.location, document=document)
        yield UnplacedPart("an inline policy without PolicyName", node.location)


def _groups(entry: JsonNode) -> Iterator[str | UnplacedPart]:
    """The name of every group; an object with its name is read, and yet is not AWS's form."""
    section = entry.child("GroupList")
    if section is not None and not isinstance(section.value, list) and section.value != {}:
        yield UnplacedPart("a GroupList that is no list", section.location)
    for node in _members(entry, "GroupList"):
        is_text = isinstance(node.value, str) and bool(node.value.strip())
        name = node.value if is_text else node.text("GroupName")
        if name:
            yield name
        if not is_text:
            yield UnplacedPart("a group that is no name", node.location)


def _tags(entry: JsonNode) -> Iterator[tuple[str, str] | UnplacedPart]:
    """Every tag. Conditions ask for tags, so a broken one can decide what a policy gives."""
    for node in _members(entry, "Tags"):
        key, value = node.text("Key"), node.text("Value")
        if key is not None:
            yield key, value or ""
        if not key or value is None:
            yield UnplacedPart("a tag without Key or Value", node.location)


def _boundary(entry: JsonNode) -> tuple[str | None, tuple[UnplacedPart, ...]]:
    """The ARN of the boundary; UNREADABLE_BOUNDARY where there is one and nobody can tell which."""
    found = entry.child("PermissionsBoundary")
    if found is None or found.value in ({}, []):
        return None, ()
    if arn := found.text("PermissionsBoundaryArn"):
        return arn, ()
    is_arn = isinstance(found.value, str) and ":policy/" in found.value
    part = UnplacedPart("a permissions boundary without its ARN", found.location)
    return found.value if is_arn else UNREADABLE_BOUNDARY, (part,)


def _unknown_members(entry: JsonNode, known: Iterable[str]) -> Iterator[UnplacedPart]:
    """Members that AWS does not write there and that may hold a grant, second spellings too."""
    if not isinstance(entry.value, dict):
        return
    if len(entry.value) > _MOST_MEMBERS:
        yield UnplacedPart("an entry with more members than AWS writes", entry.location)
    read = {normalised_key(name): name for name in known}
    for name, value in entry.value.items():
        folded = normalised_key(str(name))
        is_read = folded in read and _is_the_spelling_read(entry, read[folded], name)
        if not is_read and (_may_grant(folded, value) or (folded in read and value)):
            yield UnplacedPart("a member that AWS does not write", entry.location.child(name))


def _is_the_spelling_read(entry: JsonNode, known: str, name: str) -> bool:
    """True if that member is the one that `child(known)` finds; of two spellings only one is."""
    if known in entry.value:
        return name == known
    folded = normalised_key(known)
    spellings = (str(each) for each in entry.value)
    return next(each for each in spellings if normalised_key(each) == folded) == name


def _may_grant(folded: str, value: Any) -> bool:  # noqa: ANN401 - whatever JSON holds
    """True if an unknown member speaks of policies or groups, by its name or inside of it."""
    if not value or isinstance(value, bool | int | float):
        return False
    return any(word in folded for word in _GRANTING) or _holds_policy(value)


def _holds_policy(value: Any) -> bool:  # noqa: ANN401 - whatever JSON holds
    waiting, looked_at = [value], 0
    while waiting:
        each = waiting.pop()
        looked_at += 1
        if looked_at > _MOST_VALUES:
            return True
        if isinstance(each, dict):
            if any(normalised_key(str(key)) in _INSIDE for key in each):
                return True
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str) and _is_policy_text(each):
            return True
    return False


def _is_policy_text(text: str) -> bool:
    """True for a policy's ARN, or a document as (URL-encoded) text."""
    if ":policy/" in text:
        return True
    document = JsonNode({"text": text}, _NOWHERE).document("text")
    return document is not None and isinstance(document.value, dict) and document.has("Statement")
