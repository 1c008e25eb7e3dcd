"""In: an account's lists of credentials. Out: those that the credential report has no column for.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceSpecificCredentialMetadata.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SSHPublicKeyMetadata.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeBool, MaybeTime, MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, ReportEntry, User
from analyzer.rules.finding import Resource

AWS_MADE_USER = "BedrockAPIKey-"
"""How the console names the users that it makes for an API key, with one policy each."""
_API_KEY_SERVICES = frozenset({"bedrock.amazonaws.com", "logs.amazonaws.com"})
"""Services whose credential is one long-term key in place of a name and a password."""


@dataclass(frozen=True, slots=True)
class ListedCredential:
    """One service-specific credential or SSH public key. `expires` is ABSENT where it never does.

    `active` is unreadable where the status is none that AWS has, or two lists differ in it.
    """

    id: str
    user: str
    service: str
    active: MaybeBool
    created: MaybeTime
    expires: MaybeTime
    is_api_key: bool
    node: JsonNode

    @property
    def location(self) -> Location:
        """The entry as a whole."""
        return self.node.location


def service_credentials(account: Account) -> tuple[ListedCredential, ...]:
    """Every service-specific credential, once, in the order of the files."""
    entries = _entries(account, ExportKind.SERVICE_SPECIFIC_CREDENTIALS)
    return _each_once(
        ListedCredential(
            id=entry.text("ServiceSpecificCredentialId") or "",
            user=entry.text("UserName") or "",
            service=entry.text("ServiceName") or "a service that the list does not name",
            active=_is_active(entry),
            created=entry.time("CreateDate"),
            expires=entry.time("ExpirationDate"),
            is_api_key=_is_api_key(entry),
            node=entry,
        )
        for entry in entries
    )


def ssh_keys(account: Account) -> tuple[ListedCredential, ...]:
    """Every SSH public key, once, in the order of the files."""
    return _each_once(
        ListedCredential(
            id=entry.text("SSHPublicKeyId") or "",
            user=entry.text("UserName") or "",
            service="codecommit.amazonaws.com",
            active=_is_active(entry),
            created=entry.time("UploadDate"),
            expires=MissingValue.ABSENT,
            is_api_key=False,
            node=entry,
        )
        for entry in _entries(account, ExportKind.SSH_PUBLIC_KEYS)
    )


def live_listed(account: Account) -> dict[str, tuple[ListedCredential, ...]]:
    """By user name, what works, or may: the credential report shows none of it."""
    found: dict[str, tuple[ListedCredential, ...]] = {}
    for each in (*service_credentials(account), *ssh_keys(account)):
        if each.active is not False:
            found[each.user] = (*found.get(each.user, ()), each)
    return found


def describe_live(entry: ReportEntry, listed: Sequence[ListedCredential]) -> str:
    """What is live, in words: "password, credential of bedrock.amazonaws.com"."""
    services = dict.fromkeys(f"credential of {each.service}" for each in listed)
    reported = [entry.described()] if entry.has_live_credential is True else []
    return ", ".join([*reported, *services]) or entry.described()


def holder(account: Account, credential: ListedCredential) -> User | None:
    """The user that has it; None where no other export names one of that name."""
    return next((user for user in account.users if user.name == credential.user), None)


def credential_resource(account: Account, credential: ListedCredential) -> Resource:
    """The user's credential, told from the others by its ID; a pointer where it has none."""
    user = holder(account, credential)
    arn = user.arn if user else f"{account.root_arn.removesuffix('root')}user/{credential.user}"
    owner = user.stable_id if user else arn
    return Resource(arn, f"{owner}/credential@{credential.id or credential.location.pointer}")


def _entries(account: Account, kind: ExportKind) -> Iterator[JsonNode]:
    member = kind.traits.lists[0]
    for document in account.documents_of_kind(kind):
        yield from document.each(member)


def _is_api_key(entry: JsonNode) -> bool:
    """Only API keys have an alias or an end; the service alone tells an older answer."""
    return (
        entry.text("ServiceName") in _API_KEY_SERVICES
        or entry.has("ServiceCredentialAlias")
        or entry.has("ExpirationDate")
    )


def _is_active(entry: JsonNode) -> MaybeBool:
    """An expired credential works no more."""
    known = {"Active": True, "Inactive": False, "Expired": False}
    return known.get(entry.text("Status") or "", MissingValue.UNREADABLE)


def _each_once(listed: Iterator[ListedCredential]) -> tuple[ListedCredential, ...]:
    found: dict[str | Location, ListedCredential] = {}
    for each in listed:
        first = found.setdefault(each.id or each.location, each)
        if first.active is not each.active:
            found[each.id] = replace(first, active=MissingValue.UNREADABLE)
    return tuple(found.values())
