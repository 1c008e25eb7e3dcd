"""In: permission sets, account assignments. Out: administrators for too long, and single persons.

The authorization details name no length of a session, so describe-permission-set has to.
https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PermissionSet.html
"""

import re
from collections.abc import Iterator

from analyzer.config import Limits
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Outcome, Pass, Unknown, account_resource, fail, unreadable

_SET = "credaudit_permission_set"
_LENGTH = re.compile(r"P(?:(\d{1,3})D)?T?(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?")
_ROLE_OF_SET = "AWSReservedSSO_"
_FULL_RIGHTS = frozenset({"AdministratorAccess"})


def identity_center_admin_permission_set(
    account: Account, graph: EscalationGraph | None, limits: Limits
) -> Iterator[Outcome]:
    """A session with administrator rights lasts for longer than half a working day."""
    yield from _unlisted(account, ExportKind.PERMISSION_SETS)
    parts = _parts(account)
    for arn, described in _permission_sets(account):
        held = parts.get(arn, ())
        if not _is_in_account(account, described, held):
            continue
        is_admin = _is_admin(described, held, graph)
        where = described.location_of("SessionDuration")
        minutes = _minutes(described.text("SessionDuration"))
        if is_admin is None:
            yield Unknown("nothing says what the permission set grants", described.location)
        elif not is_admin:
            yield Pass()
        elif minutes is None:
            yield unreadable(where)
        elif minutes > limits.admin_session * 60:
            yield fail(
                Resource(arn, f"{account.root_arn}#{arn}"),
                where,
                name=described.text("Name") or arn,
                length=described.text("SessionDuration") or "",
                limit=limits.admin_session,
            )
        else:
            yield Pass()


def identity_center_direct_user_assignment(account: Account) -> Iterator[Outcome]:
    """A permission set is given to a person, and not to a group. One outcome for each set."""
    yield from _unlisted(account, ExportKind.ACCOUNT_ASSIGNMENTS)
    names = {arn: node.text("Name") or arn for arn, node in _permission_sets(account)}
    people: dict[str, list[JsonNode]] = {}
    for document in account.documents_of_kind(ExportKind.ACCOUNT_ASSIGNMENTS):
        for each in document.each("AccountAssignments"):
            if each.text("AccountId") != account.id:
                continue
            arn, sort = each.text("PermissionSetArn"), each.text("PrincipalType")
            if arn is None or sort not in {"USER", "GROUP"}:
                yield unreadable(each.location_of("PrincipalType"))
            else:
                people.setdefault(arn, []).extend([each] if sort == "USER" else [])
    for arn, found in sorted(people.items()):
        if found:
            yield fail(
                account_resource(account, f"assignment/{arn}"),
                *(each.location_of("PrincipalType") for each in found),
                name=names.get(arn, arn),
                people=len({each.text("PrincipalId") for each in found}),
            )
        else:
            yield Pass()


def _unlisted(account: Account, kind: ExportKind) -> Iterator[Unknown]:
    """Unknown where an instance of Identity Center is there, and its grants were not handed in."""
    if kind in account.available_exports:
        return
    for document in account.documents_of_kind(ExportKind.IDENTITY_CENTER):
        for each in (*document.each("Instances"), *document.each("PermissionSets")):
            yield Unknown("Identity Center is in use", each.location, (kind.value,))
            return


def _permission_sets(account: Account) -> Iterator[tuple[str, JsonNode]]:
    seen: set[str] = set()
    for document in account.documents_of_kind(ExportKind.PERMISSION_SETS):
        for each in document.each("PermissionSet"):
            arn = each.text("PermissionSetArn")
            if arn and arn not in seen:
                seen.add(arn)
                yield arn, each


def _parts(account: Account) -> dict[str, tuple[JsonNode, ...]]:
    """The other answers by the permission set that they are on."""
    found: dict[str, tuple[JsonNode, ...]] = {}
    for document in account.documents_of_kind(ExportKind.PERMISSION_SETS):
        if arn := document.text(_SET):
            found[arn] = (*found.get(arn, ()), document)
    return found


def _is_in_account(account: Account, described: JsonNode, held: tuple[JsonNode, ...]) -> bool:
    """False where an answer tells the accounts of the set, and this is none of them."""
    lists = [part for part in held if part.has("AccountIds")]
    if not lists:
        return True
    named = {each.value for part in lists for each in part.each("AccountIds")}
    prefix = f"{_ROLE_OF_SET}{described.text('Name')}_"
    return account.id in named or any(role.name.startswith(prefix) for role in account.roles)


def _is_admin(
    described: JsonNode, held: tuple[JsonNode, ...], graph: EscalationGraph | None
) -> bool | None:
    """Whether the set gives full rights: by its role in the account, else by its policies."""
    name = described.text("Name") or ""
    for arn, privilege in graph.privileges.items() if graph else ():
        if re.fullmatch(rf"{_ROLE_OF_SET}{re.escape(name)}_[0-9a-f]+", arn.rpartition("/")[2]):
            return privilege.level.is_privileged
    attached = [part for part in held if part.has("AttachedManagedPolicies")]
    names = {
        each.text("Name") for part in attached for each in part.each("AttachedManagedPolicies")
    }
    inline = [text for part in held if (text := part.document("InlinePolicy")) is not None]
    if names & _FULL_RIGHTS or any(_allows_everything(text) for text in inline):
        return True
    return False if attached else None


def _allows_everything(policy: JsonNode) -> bool:
    """True for a policy with a statement that allows everything everywhere."""
    return any(
        statement.text("Effect") == "Allow"
        and any(each.value in {"*", "*:*"} for each in statement.each("Action"))
        and any(each.value == "*" for each in statement.each("Resource"))
        for statement in policy.each("Statement")
    )


def _minutes(text: str | None) -> int | None:
    """The length of an ISO 8601 duration, such as PT8H; None where it can't be read."""
    found = _LENGTH.fullmatch(text or "")
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return (days * 24 + hours) * 60 + minutes + (1 if seconds else 0)
