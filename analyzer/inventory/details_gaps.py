"""In: all entries of the authorization details. Out: Notes on what they refer to and do not list.

An export of some kinds alone (`--filter User`) says nothing of the rest and gives empty lists. What
is in it names what is not: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from analyzer.evidence.artifacts import EvidenceDefect, Location, Note
from analyzer.evidence.json_documents import JsonNode

Entries = Mapping[str, Mapping[str, JsonNode]]
"""The entries of each section by their ARN."""

_OWN_POLICY = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:policy/.+", re.DOTALL)
_TRUSTED = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):(user|role)/[^*?]+", re.DOTALL)
_HOLDERS = ("UserDetailList", "GroupDetailList", "RoleDetailList")
_SECTION_OF = {"user": "UserDetailList", "role": "RoleDetailList"}


def missing_references(entries: Entries, account: str) -> Iterator[Note]:
    """One note for each section that lacks something, with the first place that names it."""
    found = (
        *_groups_not_listed(entries),
        *_policies_not_listed(entries),
        *_trusted_not_listed(entries, account),
        *_holders_not_listed(entries),
    )
    told: set[str] = set()
    for section, text, location in found:
        if section not in told:
            told.add(section)
            yield Note(text, location, EvidenceDefect.TRUNCATED)


def _groups_not_listed(entries: Entries) -> Iterator[tuple[str, str, Location]]:
    listed = {
        entry.text("GroupName") or arn.rpartition("/")[2]
        for arn, entry in entries["GroupDetailList"].items()
    }
    for arn, entry in entries["UserDetailList"].items():
        for node in entry.each("GroupList"):
            if isinstance(node.value, str) and node.value and node.value not in listed:
                who = f"user {arn.rpartition('/')[2]} is in group {node.value}"
                yield "GroupDetailList", f"{who}, and the groups lack it", node.location


def _policies_not_listed(entries: Entries) -> Iterator[tuple[str, str, Location]]:
    """A customer's policy that is not listed; any policy, where but one kind of entries is listed.

    AWS lists its own policies that are in use, too, but many leave these long texts out on purpose.
    """
    listed = entries["Policies"]
    is_one_kind = sum(bool(each) for each in entries.values()) == 1
    for node, arn in _held_policies(entries):
        if arn not in listed and (_OWN_POLICY.fullmatch(arn) or is_one_kind):
            yield "Policies", f"{arn} is in use, and the policies lack it", node.location


def _held_policies(entries: Entries) -> Iterator[tuple[JsonNode, str]]:
    for section in _HOLDERS:
        for entry in entries[section].values():
            boundary = entry.child("PermissionsBoundary")
            if boundary is not None and (arn := boundary.text("PermissionsBoundaryArn")):
                yield boundary, arn
            for node in entry.each("AttachedManagedPolicies"):
                if arn := node.text("PolicyArn"):
                    yield node, arn


def _holders_not_listed(entries: Entries) -> Iterator[tuple[str, str, Location]]:
    """Where a section is empty and a customer's policy is in more use than the others show.

    AWS counts who holds a policy (AttachmentCount) and whose boundary it is
    (PermissionsBoundaryUsageCount). Where all sections have entries a count that is off proves no
    filter: AWS counts a little later than it attaches.
    """
    empty = [section for section in _HOLDERS if not entries[section]]
    if not empty:
        return
    seen = Counter(arn for _, arn in _held_policies(entries))
    for arn, entry in entries["Policies"].items():
        counts = (entry.number("AttachmentCount"), entry.number("PermissionsBoundaryUsageCount"))
        stated = sum(count or 0 for count in counts)
        if _OWN_POLICY.fullmatch(arn) and stated > seen[arn]:
            text = f"{arn} is held {stated} times, of which {seen[arn]} are listed"
            verb = "is" if len(empty) == 1 else "are"
            yield empty[0], f"{text}; {' and '.join(empty)} {verb} empty", entry.location


def _trusted_not_listed(entries: Entries, account: str) -> Iterator[tuple[str, str, Location]]:
    """Users and roles of the account that a trust policy names.

    AWS writes the unique ID of a deleted one in the place of its ARN, so an ARN stands for one
    that exists:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    for arn, entry in entries["RoleDetailList"].items():
        trust = entry.document("AssumeRolePolicyDocument")
        for node in _trusted(trust) if trust is not None else ():
            named = _TRUSTED.fullmatch(node.value) if isinstance(node.value, str) else None
            if named is None or named[1] != account:
                continue
            section = _SECTION_OF[named[2]]
            if node.value not in entries[section]:
                who = f"role {arn.rpartition('/')[2]} trusts {node.value}"
                yield section, f"{who}, and the {named[2]}s lack it", node.location


def _trusted(trust: JsonNode) -> Iterable[JsonNode]:
    for statement in trust.each("Statement"):
        principal = statement.child("Principal")
        if principal is not None and isinstance(principal.value, dict):
            yield from principal.each("AWS")
