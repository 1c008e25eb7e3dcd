"""In: pages of authorization details. Out: principals' details, groups, roles and policies.

Pages may come as one document, several, or several files; entries are joined by their ARN.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.errors import EvidenceError
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Group, Policy, PolicyAttachment, PrincipalDetails, Role

_SECTIONS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@dataclass(frozen=True, slots=True)
class Pages:
    """The entries of all pages, by ARN, and whether nothing is missing from them."""

    users: dict[str, JsonNode]
    groups: dict[str, JsonNode]
    roles: dict[str, JsonNode]
    policies: dict[str, JsonNode]
    are_complete: bool


def merge_pages(pages: tuple[JsonNode, ...], problems: list[EvidenceError]) -> Pages:
    """All pages as one. Of two entries with one ARN the first wins, and a problem names the other.

    Complete means that some page is the last one and that no section was filtered away.
    """
    partial = [page for page in pages if _may_continue(page)]
    users, groups, roles, policies_ = (_by_arn(pages, name, problems) for name in _SECTIONS)
    is_whole = all(any(page.has(section) for page in pages) for section in _SECTIONS)
    return Pages(users, groups, roles, policies_, is_whole and len(partial) < len(pages))


def _may_continue(page: JsonNode) -> bool:
    """Whether pages may follow: only "false", or no member at all, says that none do."""
    says_no = page.boolean("IsTruncated") in {False, MissingValue.ABSENT}
    return not says_no or any(page.child(name) is not None for name in ("Marker", "NextToken"))


def _by_arn(
    pages: Iterable[JsonNode], section: str, problems: list[EvidenceError]
) -> dict[str, JsonNode]:
    found: dict[str, JsonNode] = {}
    for page in pages:
        for entry in page.each(section):
            arn = entry.text("Arn")
            if arn is None:
                problems.append(_missing_arn_error(entry, section))
                continue
            first = found.setdefault(arn, entry)
            if first is not entry and first.value != entry.value:
                problems.append(
                    EvidenceError(
                        f"{entry.location.evidence} and {first.location.evidence} tell different "
                        f"things of {arn}; {first.location.evidence} was used",
                        remedy="Hand in one export of authorization details for each account",
                    )
                )
    return found


def _missing_arn_error(entry: JsonNode, section: str) -> EvidenceError:
    return EvidenceError(
        f"{entry.location.evidence} has an entry without Arn at {entry.location.pointer}, "
        f"which was left out of {section}",
        remedy="Hand in the authorization details as the AWS CLI writes them",
    )


def principal_details(entry: JsonNode, inline_section: str) -> PrincipalDetails:
    """The policies, groups and tags in the entry of a user, group or role.

    `inline_section` is the key of its inline policies, such as `UserPolicyList`.
    """
    boundary = entry.child("PermissionsBoundary")
    return PrincipalDetails(
        location=entry.location,
        created=entry.time("CreateDate"),
        tags_location=entry.location_of("Tags"),
        attached=tuple(
            PolicyAttachment(arn.rpartition("/")[2], node.location, arn=arn)
            for node in entry.each("AttachedManagedPolicies")
            if (arn := node.text("PolicyArn"))
        ),
        inline=tuple(
            PolicyAttachment(name, node.location, document=node.document("PolicyDocument"))
            for node in entry.each(inline_section)
            if (name := node.text("PolicyName"))
        ),
        groups=tuple(node.value for node in entry.each("GroupList") if isinstance(node.value, str)),
        tags={
            key: node.text("Value") or ""
            for node in entry.each("Tags")
            if (key := node.text("Key"))
        },
        boundary=boundary.text("PermissionsBoundaryArn") if boundary else None,
        unique_id=entry.text("UserId") or entry.text("RoleId") or entry.text("GroupId"),
    )


def iter_groups(pages: Pages) -> Iterator[Group]:
    """Every group, by ARN, with its members: the export names them only on the users' side."""
    members: dict[str, list[str]] = defaultdict(list)
    for arn, entry in pages.users.items():
        for node in entry.each("GroupList"):
            if isinstance(node.value, str):
                members[node.value].append(arn.rpartition("/")[2])
    for arn, entry in sorted(pages.groups.items()):
        name = entry.text("GroupName") or arn.rpartition("/")[2]
        yield Group(
            name, arn, principal_details(entry, "GroupPolicyList"), tuple(sorted(members[name]))
        )


def iter_roles(pages: Pages) -> Iterator[Role]:
    """Every role, by ARN."""
    for arn, entry in sorted(pages.roles.items()):
        used = entry.child("RoleLastUsed")
        yield Role(
            name=entry.text("RoleName") or arn.rpartition("/")[2],
            arn=arn,
            details=principal_details(entry, "RolePolicyList"),
            trust=entry.document("AssumeRolePolicyDocument"),
            # An export without the member at all says nothing; an empty one says "not in 400 days".
            last_used=used.time("LastUsedDate") if used else MissingValue.UNREADABLE,
            instance_profiles=tuple(
                _instance_profile_arn(each, arn) for each in entry.each("InstanceProfileList")
            )
            if entry.has("InstanceProfileList")
            else None,
        )


def _instance_profile_arn(profile: JsonNode, role: str) -> str:
    """Its ARN; where that was taken out, the ARN of its name in the role's account."""
    name = f"{profile.text('Path') or '/'}{profile.text('InstanceProfileName') or '*'}"
    return profile.text("Arn") or f"{role.partition(':role/')[0]}:instance-profile{name}"


def iter_policies(pages: Pages) -> Iterator[Policy]:
    """Every managed policy that the export carries, by ARN, with its default version."""
    for arn, entry in sorted(pages.policies.items()):
        default = _default_version(entry)
        yield Policy(
            name=entry.text("PolicyName") or arn.rpartition("/")[2],
            arn=arn,
            attachments=entry.number("AttachmentCount"),
            boundary_uses=entry.number("PermissionsBoundaryUsageCount"),
            document=default.document("Document") if default else None,
            location=entry.location,
            older=tuple(
                document
                for each in entry.each("PolicyVersionList")
                if default is None or each.value is not default.value
                if (document := each.document("Document")) is not None
            ),
        )


def _default_version(policy: JsonNode) -> JsonNode | None:
    versions = list(policy.each("PolicyVersionList"))
    default = [each for each in versions if each.boolean("IsDefaultVersion") is True]
    if (named := policy.text("DefaultVersionId")) is not None:
        default = default or [each for each in versions if each.text("VersionId") == named]
    # Of several versions, none of them marked, any choice would be a guess.
    chosen = default or (versions if len(versions) == 1 else [])
    return chosen[0] if chosen else None
