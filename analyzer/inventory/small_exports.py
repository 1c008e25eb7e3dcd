"""In: the exports of one call each. Out: keys, login profiles, MFA devices, the alias.

A new export kind has its parser here: a function of Documents that yields objects of the model.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from analyzer.evidence.cells import MaybeBool, MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import KeyLastUsed, ListedKey, LoginProfile, MfaDevice

ROOT_DEVICE_USER = ":root"
"""The owner of the root user's devices; no IAM user can have that name."""

_CONTACT_TYPE = re.compile(r"--alternate-contact-type[= ]'?\"?([A-Za-z]+)")
_KEY_ID = re.compile(r"(?<![A-Z0-9])AKIA[A-Z2-7]{16}(?![A-Z0-9])")

Documents = Mapping[ExportKind, tuple[JsonNode, ...]]


def account_alias(documents: Documents) -> str | None:
    """The account's alias, None where it has none or nothing says so."""
    for node in documents.get(ExportKind.ACCOUNT_ALIASES, ()):
        for entry in node.each("AccountAliases"):
            if isinstance(entry.value, str):
                return entry.value
    return None


def listed_keys(documents: Documents) -> Iterator[ListedKey]:
    """Every key that a list-access-keys export names, once.

    Where two lists tell different things of its status, neither counts: of what was handed in all
    is of today, or nobody knows which list is newer.
    """
    found: dict[tuple[str, str], ListedKey] = {}
    for document in documents.get(ExportKind.ACCESS_KEYS, ()):
        for entry in document.each("AccessKeyMetadata"):
            key_id, user = entry.text("AccessKeyId"), entry.text("UserName")
            if not key_id or not user:
                continue
            status = {"Active": True, "Inactive": False}.get(entry.text("Status") or "")
            active: MaybeBool = MissingValue.UNREADABLE if status is None else status
            key = ListedKey(key_id, user, active, entry.time("CreateDate"), entry.location)
            first = found.setdefault((user, key_id), key)
            if first.active is not active:
                found[user, key_id] = replace(first, active=MissingValue.UNREADABLE)
    yield from found.values()


def contact_type(document: JsonNode) -> str:
    """The type of alternate contact that an answer is about: SECURITY, BILLING or OPERATIONS.

    AWS's word that there is none does not name it; the saved command line does. "" where that names
    none either. Without a command it is SECURITY, for which the collect script asks alone.
    """
    contact = document.child("AlternateContact")
    named = contact.text("AlternateContactType") if contact else None
    command = document.text("command") or ""
    asked = _CONTACT_TYPE.search(command)
    return (named or (asked[1] if asked else "" if command else "SECURITY")).upper()


def has_contact(document: JsonNode) -> MaybeBool:
    """Whether an answer holds an alternate contact; UNREADABLE where something else stands there.

    AWS's word that there is none was read as an answer that lacks it.
    """
    contact = document.child("AlternateContact")
    if contact is None:
        return False
    # Whoever hands the answer on may have blackened some of it.
    told = any((contact.text(name) or "").strip() for name in ("Name", "Title", "EmailAddress"))
    return True if told else MissingValue.UNREADABLE


def users_with_key_list(documents: Documents) -> frozenset[str]:
    """Everyone whose keys a list-access-keys export tells, those who have none among them."""
    named: set[str] = set()
    for document in documents.get(ExportKind.ACCESS_KEYS, ()):
        users = [entry.text("UserName") for entry in document.each("AccessKeyMetadata")]
        named |= {user for user in (document.text("credaudit_user"), *users) if user}
    return frozenset(named)


def keys_last_used(documents: Documents, paths: Mapping[str, str]) -> Iterator[KeyLastUsed]:
    """The user and the last use of each key. `paths` are the files' names, by artifact id.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html: the answer
    names the user and not the key, whose ID is known from the name of the file alone.
    """
    for document in documents.get(ExportKind.KEY_LAST_USED, ()):
        path = paths.get(document.location.evidence, "")
        named = _KEY_ID.findall(re.split(r"[/!\\]", path)[-1])
        user, used = document.text("UserName"), document.child("AccessKeyLastUsed")
        if (
            len(set(named)) == 1
            and user
            and used is not None
            and document.location.pointer in ("", None)
        ):
            yield KeyLastUsed(
                key_id=named[0],
                user=user,
                last_used=used.time("LastUsedDate"),
                region=used.text("Region") or "",
                service=used.text("ServiceName") or "",
                location=document.location,
            )


def login_profiles(documents: Documents) -> Iterator[tuple[str, LoginProfile]]:
    """Each user's name, once, with the console password as the newest export describes it."""
    seen: set[str] = set()
    for document in documents.get(ExportKind.LOGIN_PROFILES, ()):
        for entry in document.each("LoginProfile"):
            name = entry.text("UserName")
            if name and name not in seen:
                seen.add(name)
                reset = entry.boolean("PasswordResetRequired")
                # The CLI always writes the member; where a query cut it off we don't know.
                required = MissingValue.UNREADABLE if reset is MissingValue.ABSENT else reset
                yield name, LoginProfile(required, entry.location, entry.time("CreateDate"))


def mfa_devices(documents: Documents) -> Iterator[tuple[str, MfaDevice]]:
    """Each assigned device once, with its owner's name; ROOT_DEVICE_USER for root."""
    seen: set[tuple[str, str]] = set()
    for document in documents.get(ExportKind.MFA_DEVICES, ()):
        for section in ("MFADevices", "VirtualMFADevices"):
            for entry in document.each(section):
                serial, owner = entry.text("SerialNumber"), _device_owner(entry)
                if serial and owner and (owner, serial) not in seen:
                    seen.add((owner, serial))
                    yield owner, MfaDevice(serial, entry.location)


def _device_owner(device: JsonNode) -> str | None:
    if device.text("UserName"):
        return device.text("UserName")
    user = device.child("User")
    arn = user.text("Arn") if user else None
    if arn and arn.endswith(":root"):
        return ROOT_DEVICE_USER
    return arn.rpartition("/")[2] if arn else None
