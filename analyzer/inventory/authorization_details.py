"""In: pages of authorization details. Out: principals' details, groups, roles and policies.

Pages may come as one document, several, or several files; entries are joined by their ARN.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import EvidenceDefect, Note
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.details_gaps import missing_references
from analyzer.inventory.model import (
    SECOND_ENTRY,
    Group,
    Policy,
    PrincipalDetails,
    Role,
    UnplacedPart,
    User,
)
from analyzer.inventory.principal_entries import policy_parts_unplaced, principal_details

_SECTIONS = {
    "UserDetailList": "user",
    "GroupDetailList": "group",
    "RoleDetailList": "role",
    "Policies": "policy",
}
_INLINE = {
    "UserDetailList": "UserPolicyList",
    "GroupDetailList": "GroupPolicyList",
    "RoleDetailList": "RolePolicyList",
}
_ARN = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}|aws):([a-z]+)/.+", re.DOTALL)
_MOST_NAMED = 20
"""So many faults of an export are named one by one; more of them are counted."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The entries of all pages, by ARN, with signs that something is missing from them.

    `contradicted` are the ARNs that two entries of one file describe differently, each with the
    entry that was not used.
    """

    users: dict[str, JsonNode]
    groups: dict[str, JsonNode]
    roles: dict[str, JsonNode]
    policies: dict[str, JsonNode]
    gaps: tuple[Note, ...]
    contradicted: dict[str, JsonNode] = field(default_factory=dict)


def merge_pages(
    pages: tuple[JsonNode, ...],
    account: str,
    paths: Mapping[str, str],
    problems: list[EvidenceError],
) -> Pages:
    """All pages as one. Of two entries with one ARN the first wins, and a problem names the other.

    Every entry that belongs to no user, group, role or policy of the account is named by its place
    and left out, and is a gap, as is every section or page that is missing. `paths` are the names
    of the files by artifact id.
    """
    merging = _Merging(account, paths)
    entries = {section: merging.by_arn(pages, section) for section in _SECTIONS}
    problems += _counted(merging.faults, len(merging.counted))
    gaps = merging.gaps
    if pages:
        gaps += [*_missing_pages(pages), *_missing_sections(pages)]
        gaps += missing_references(entries, account)
    return Pages(
        entries["UserDetailList"],
        entries["GroupDetailList"],
        entries["RoleDetailList"],
        entries["Policies"],
        tuple(gaps),
        merging.contradicted,
    )


def _missing_pages(pages: tuple[JsonNode, ...]) -> Iterator[Note]:
    """A note where no page is the last one."""
    if all(_may_continue(page) for page in pages):
        text = "it says that more pages follow, and they are not in it"
        yield Note(text, pages[0].location, EvidenceDefect.TRUNCATED)


def _missing_sections(pages: tuple[JsonNode, ...]) -> Iterator[Note]:
    for section in _SECTIONS:
        if all(page.child(section) is None for page in pages):
            text = f"it lacks the section {section}"
            yield Note(text, pages[0].location, EvidenceDefect.TRUNCATED)


def _may_continue(page: JsonNode) -> bool:
    """Whether pages may follow: only "false", or no member at all, says that none do."""
    says_no = page.boolean("IsTruncated") in {False, MissingValue.ABSENT}
    return not says_no or any(page.child(name) is not None for name in ("Marker", "NextToken"))


@dataclass(frozen=True, slots=True)
class _Merging:
    """Takes the entries of all pages, and keeps what is wrong with them.

    `counted` has one text for each fault, named or not.
    """

    account: str
    paths: Mapping[str, str]
    counted: list[str] = field(default_factory=list)
    faults: list[EvidenceError] = field(default_factory=list)
    gaps: list[Note] = field(default_factory=list)
    contradicted: dict[str, JsonNode] = field(default_factory=dict)

    def by_arn(self, pages: Iterable[JsonNode], section: str) -> dict[str, JsonNode]:
        """The entries of the section; the first of each ARN wins."""
        found: dict[str, JsonNode] = {}
        for page in pages:
            for entry in page.each(section):
                arn = entry.text("Arn") or ""
                if not _is_own(arn, section, self.account):
                    self._leave_out(entry, section)
                    continue
                first = found.setdefault(arn, entry)
                if first is entry or _say_the_same(arn, first, entry):
                    continue
                self.counted.append(arn)
                if len(self.faults) <= _MOST_NAMED:
                    self.faults.append(_contradiction_error(arn, first, entry, self.paths))
                if first.location.evidence == entry.location.evidence:
                    self.contradicted[arn] = entry
        return found

    def _leave_out(self, entry: JsonNode, section: str) -> None:
        """Names the entry; of thousands of them only the first, so that no file costs memory."""
        self.counted.append("")
        if len(self.faults) <= _MOST_NAMED:
            text = f"an entry of {section} has no Arn of a {_SECTIONS[section]} of the account"
            self.gaps.append(Note(text, entry.location, EvidenceDefect.TRUNCATED))
            self.faults.append(_unusable_arn_error(entry, section, self.paths))


def _is_own(arn: str, section: str, account: str) -> bool:
    """True for the ARN of such an entity of the account; AWS's own policies belong to everyone."""
    found = _ARN.fullmatch(arn)
    if found is None or found[2] != _SECTIONS[section]:
        return False
    return found[1] == account or (found[1] == "aws" and section == "Policies")


def _say_the_same(arn: str, first: JsonNode, other: JsonNode) -> bool:
    """True if nothing differs; of a policy of AWS each account counts its own attachments."""
    if first.value == other.value:
        return True
    versions = (first.child("PolicyVersionList"), other.child("PolicyVersionList"))
    texts = [each.value if each else None for each in versions]
    return ":iam::aws:" in arn and texts[0] == texts[1]


def _unusable_arn_error(entry: JsonNode, section: str, paths: Mapping[str, str]) -> EvidenceError:
    stated = entry.child("Arn")
    what = "without Arn" if stated is None else f"with the Arn {str(stated.value)[:100]!r}"
    return EvidenceError(
        f"has an entry {what} at {entry.location.pointer}, which was left out of {section}",
        where=paths.get(entry.location.evidence, entry.location.evidence),
        remedy="Hand in the authorization details as the AWS CLI writes them",
    )


def _contradiction_error(
    arn: str, first: JsonNode, other: JsonNode, paths: Mapping[str, str]
) -> EvidenceError:
    used, unused = (paths.get(each.location.evidence, "") for each in (first, other))
    place = f"{unused} at {other.location.pointer}"
    return EvidenceError(
        f"tells different things of {arn} than {place}; {used} was used",
        where=f"{used} at {first.location.pointer}",
        remedy="Hand in one export of authorization details for each account",
    )


def _counted(faults: list[EvidenceError], count: int) -> list[EvidenceError]:
    """The first faults one by one, and how many there are beside them, of so many in all."""
    more = count - _MOST_NAMED
    if more <= 0:
        return faults
    last = EvidenceError(
        f"and {more} more entries have such faults",
        where=faults[_MOST_NAMED].where,
        remedy=faults[_MOST_NAMED].remedy,
    )
    return [*faults[:_MOST_NAMED], last]


def unplaced_problems(
    users: tuple[User, ...],
    groups: tuple[Group, ...],
    roles: tuple[Role, ...],
    policies: tuple[Policy, ...],
    paths: Mapping[str, str],
) -> list[EvidenceError]:
    """One problem for each part of an entry that can't be placed, named by its pointer."""
    holders = (
        *((f"user {each.name}", each.details) for each in users if each.details is not None),
        *((f"group {each.name}", each.details) for each in groups),
        *((f"role {each.name}", each.details) for each in roles),
    )
    parts = [
        (part, f"the rights of {who} are unknown")
        for who, details in holders
        for part in details.unplaced
    ]
    parts += [
        (
            UnplacedPart(
                f"an inline policy {grant.name!r} whose text can't be read", grant.location
            ),
            f"the rights of {who} are unknown",
        )
        for who, details in holders
        for grant in details.inline
        if grant.document is None or grant.document.child("Statement") is None
    ]
    parts += [
        (
            UnplacedPart("a role without a trust policy", role.details.location),
            f"nobody can tell who may assume {role.name}",
        )
        for role in roles
        if role.trust is None
    ]
    parts += [
        (
            UnplacedPart(
                "a role where AWS keeps the roles of its services, which lets in somebody else",
                role.details.location,
            ),
            f"nobody can tell who made {role.name}: AWS makes no such role",
        )
        for role in roles
        if role.is_in_service_path and not role.is_service_linked
    ]
    parts += [
        (part, f"what policy {policy.name} gives is unknown")
        for policy in policies
        for part in policy.unplaced
    ]
    errors = [_unplaced_error(part, effect, paths) for part, effect in parts[: _MOST_NAMED + 1]]
    return _counted(errors, len(parts))


def _unplaced_error(part: UnplacedPart, effect: str, paths: Mapping[str, str]) -> EvidenceError:
    return EvidenceError(
        f"holds {part.described()}, so {effect}",
        where=paths.get(part.location.evidence, part.location.evidence),
        remedy="Hand in the authorization details as the AWS CLI writes them",
    )


def details_of(pages: Pages, arn: str, entry: JsonNode, section: str) -> PrincipalDetails:
    """The details in the entry; another entry of that ARN that says otherwise casts doubt on it."""
    details = principal_details(entry, _INLINE[section])
    if arn not in pages.contradicted:
        return details
    part = UnplacedPart(SECOND_ENTRY, pages.contradicted[arn].location)
    return replace(details, unplaced=(*details.unplaced, part))


def iter_groups(pages: Pages) -> Iterator[Group]:
    """Every group, by ARN, with its members: the export names them only on the users' side."""
    members: dict[str, list[str]] = defaultdict(list)
    for arn, entry in pages.users.items():
        for name in principal_details(entry, _INLINE["UserDetailList"]).groups:
            members[name].append(arn.rpartition("/")[2])
    names = {
        arn: entry.text("GroupName") or arn.rpartition("/")[2]
        for arn, entry in sorted(pages.groups.items())
    }
    uses = Counter(names.values())
    for arn, name in names.items():
        entry = pages.groups[arn]
        details = details_of(pages, arn, entry, "GroupDetailList")
        if uses[name] > 1:
            part = UnplacedPart("a group whose name another has, too", entry.location)
            details = replace(details, unplaced=(*details.unplaced, part))
        yield Group(name, arn, details, tuple(sorted(members[name])))


def iter_roles(pages: Pages) -> Iterator[Role]:
    """Every role, by ARN."""
    for arn, entry in sorted(pages.roles.items()):
        used = entry.child("RoleLastUsed")
        is_told = used is not None and isinstance(used.value, dict)
        yield Role(
            name=entry.text("RoleName") or arn.rpartition("/")[2],
            arn=arn,
            details=details_of(pages, arn, entry, "RoleDetailList"),
            trust=entry.document("AssumeRolePolicyDocument"),
            # An export without the member at all says nothing; an empty one says "not in 400 days".
            last_used=used.time("LastUsedDate") if used and is_told else MissingValue.UNREADABLE,
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
        document = default.document("Document") if default else None
        unplaced = list(policy_parts_unplaced(entry))
        if document is None and (":iam::aws:" not in arn or entry.has("PolicyVersionList")):
            where = entry.location_of("PolicyVersionList")
            unplaced.append(UnplacedPart("a policy without the text of a default version", where))
        if arn in pages.contradicted:
            where = pages.contradicted[arn].location
            unplaced.append(UnplacedPart(SECOND_ENTRY, where))
        yield Policy(
            name=entry.text("PolicyName") or arn.rpartition("/")[2],
            arn=arn,
            attachments=entry.number("AttachmentCount"),
            boundary_uses=entry.number("PermissionsBoundaryUsageCount"),
            document=document,
            location=entry.location,
            older=tuple(
                older
                for each in entry.each("PolicyVersionList")
                if default is None or each.value is not default.value
                if (older := each.document("Document")) is not None
            ),
            unplaced=tuple(unplaced),
        )


def _default_version(policy: JsonNode) -> JsonNode | None:
    """The one version that is in force; None where the entry names none, or more than one."""
    versions = list(policy.each("PolicyVersionList"))
    named = policy.text("DefaultVersionId")
    # Of several versions, none of them marked, any choice would be a guess; and so of two marked.
    marked = [each for each in versions if each.boolean("IsDefaultVersion") is True]
    if len(marked) > 1:
        return None
    candidates = marked or [
        each
        for each in versions
        if each.boolean("IsDefaultVersion") is MissingValue.ABSENT
        and (named is not None or len(versions) == 1)
    ]
    if named is not None:
        candidates = [each for each in candidates if each.text("VersionId") in (named, None)]
    return candidates[0] if len(candidates) == 1 else None
