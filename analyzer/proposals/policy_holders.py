"""In: an account. Out: each policy that somebody holds, with everyone who holds it, or why not.

A customer-managed policy is one, whoever holds it; an inline one belongs to one user, group or
role; of a policy that AWS maintains each grant stands for itself, since it alone can be replaced.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import (
    Account,
    Group,
    Policy,
    PolicyAttachment,
    PrincipalDetails,
    Role,
    is_aws_managed_policy,
)
from analyzer.policy.aws_managed import aws_managed_text
from analyzer.rules.privilege_queries import boundaries_in_use


class EntityKind(StrEnum):
    """What can hold a policy; the values are the words of the CLI's commands."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Entity:
    """A user, group or role that holds policies, and the principals that get them by it."""

    kind: EntityKind
    name: str
    arn: str
    principals: tuple[str, ...]

    @property
    def noun(self) -> str:
        """What a sentence calls it."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class HeldPolicy:
    """A policy and who holds it. `arn` is "" for an inline one.

    `reason` says why its text can't be judged or changed, "" where it can.
    """

    name: str
    arn: str
    entities: tuple[Entity, ...]
    document: JsonNode | None
    reason: str = ""

    @property
    def is_aws_managed(self) -> bool:
        """True for a policy that AWS maintains."""
        return is_aws_managed_policy(self.arn)

    @property
    def holders(self) -> tuple[str, ...]:
        """The ARNs of all users and roles that have its rights."""
        return tuple(sorted({each for entity in self.entities for each in entity.principals}))

    @property
    def label(self) -> str:
        """What a sentence calls it: an inline policy with its holder, which it belongs to."""
        if not self.arn:
            return f"inline {self.name} of {self.entities[0].noun}"
        return f"{self.name} of {self.entities[0].noun}" if self.is_aws_managed else self.name


def held_policies(account: Account) -> Iterator[HeldPolicy]:
    """Every policy that a user, role or group with members holds; inline ones by their holder."""
    managed: dict[str, list[Entity]] = {}
    for entity, details, fault in _entities(account):
        for grant in details.inline:
            yield replace(_inline(entity, grant), reason=fault or _no_text(grant.document))
        for grant in details.attached:
            if grant.arn and not grant.aws_name:
                managed.setdefault(grant.arn, []).append(entity)
            elif grant.arn and not grant.is_quarantine:
                yield _of_aws(account, entity, grant, fault)
    policies = {policy.arn: policy for policy in account.policies}
    boundaries = boundaries_in_use(account)
    faults = {entity.arn: fault for entity, _, fault in _entities(account)}
    for arn, entities in sorted(managed.items()):
        policy = policies.get(arn)
        held = HeldPolicy(
            arn.rpartition("/")[2], arn, tuple(entities), policy.document if policy else None
        )
        fault = next((faults[each.arn] for each in entities if faults[each.arn]), "")
        reason = _why_not(policy, held, boundaries) or fault or _lacking(account)
        yield replace(held, reason=reason)


def entry_of(account: Account, arn: str) -> JsonNode | None:
    """The managed policy's entry in the authorization details, with its versions."""
    pages = account.documents_of_kind(ExportKind.AUTHORIZATION_DETAILS)
    found = (each for page in pages for each in page.each("Policies"))
    return next((each for each in found if each.text("Arn") == arn), None)


def _entities(account: Account) -> Iterator[tuple[Entity, PrincipalDetails, str]]:
    """Each with its details, and why nothing that it holds can be changed, "" where it can."""
    known = {group.name for group in account.groups}
    for user, details in account.users_in_details():
        entity = Entity(EntityKind.USER, user.name, user.arn, (user.arn,))
        unclear = bool(details.unplaced) or bool(set(details.groups) - known)
        yield entity, details, "the export does not tell all that it holds" if unclear else ""
    for group in account.groups:
        if group.members:
            fault = _fault(group.details) or _lacking(account)
            yield _of_group(account, group), group.details, fault
    for role in account.roles:
        yield Entity(EntityKind.ROLE, role.name, role.arn, (role.arn,)), role.details, _locked(role)


def _of_group(account: Account, group: Group) -> Entity:
    arns = {user.name: user.arn for user in account.users}
    members = tuple(arns[name] for name in group.members if name in arns)
    return Entity(EntityKind.GROUP, group.name, group.arn, members)


def _lacking(account: Account) -> str:
    """Why more than the known ones may hold what a group or a managed policy gives."""
    is_whole = account.details_are_complete and not account.details_are_cut
    return "" if is_whole else "the authorization details lack a part: others may hold it, too"


def _fault(details: PrincipalDetails) -> str:
    return "the export does not tell all that it holds" if details.unplaced else ""


def _locked(role: Role) -> str:
    if role.is_in_service_path:
        return "is of a service-linked role, which only its service changes"
    if role.is_identity_center:
        return "is of a permission set, which only Identity Center changes"
    return _fault(role.details)


def _inline(entity: Entity, grant: PolicyAttachment) -> HeldPolicy:
    return HeldPolicy(grant.name, "", (entity,), grant.document)


def _of_aws(account: Account, entity: Entity, grant: PolicyAttachment, fault: str) -> HeldPolicy:
    arn = grant.arn or ""
    exported = next((each for each in account.policies if each.arn == arn), None)
    document = exported.document if exported else None
    if document is None:
        document = aws_managed_text(arn, grant.location)
    held = HeldPolicy(grant.name, arn, (entity,), document)
    unclear = "its export is damaged" if exported and exported.unplaced else ""
    return replace(held, reason=fault or unclear or _no_text(document))


def _no_text(document: JsonNode | None) -> str:
    return "" if document is not None else "its text is not in the export"


def _why_not(policy: Policy | None, held: HeldPolicy, boundaries: frozenset[str]) -> str:
    if policy is None or policy.document is None:
        return "its text is not in the export"
    if policy.unplaced:
        return f"it holds {policy.unplaced[0].described()}"
    if policy.boundary_uses or policy.arn in boundaries:
        return "it is a permissions boundary, too"
    if policy.attachments is not None and policy.attachments > len(held.entities):
        return "it is attached to more than the export shows"
    return ""
