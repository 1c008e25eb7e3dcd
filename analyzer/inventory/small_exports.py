"""In: the small exports, an answer a user or a type. Out: keys, login profiles, devices, alias."""

import re
from collections.abc import Iterator, Mapping

from analyzer.evidence.artifacts import Kind
from analyzer.evidence.cells import Flag, Gap
from analyzer.evidence.json_documents import Node
from analyzer.inventory.model import KeyUse, ListedKey, LoginProfile, MfaDevice

ROOT = ":root"
"""The owner's name of root's own devices; no user can be called so."""

_KEY_ID = re.compile(r"(?<![A-Z0-9])AKIA[A-Z2-7]{16}(?![A-Z0-9])")

Documents = Mapping[Kind, tuple[Node, ...]]


def alias(documents: Documents) -> str | None:
    """The account's alias, None where it has none or nothing says so."""
    for node in documents.get(Kind.ACCOUNT_ALIASES, ()):
        for entry in node.each("AccountAliases"):
            if isinstance(entry.value, str):
                return entry.value
    return None


def listed_keys(documents: Documents) -> Iterator[ListedKey]:
    """Every key that a list-access-keys export names, once: as the newest export describes it."""
    seen: set[tuple[str, str]] = set()
    for document in documents.get(Kind.ACCESS_KEYS, ()):
        for entry in document.each("AccessKeyMetadata"):
            key_id, user = entry.text("AccessKeyId"), entry.text("UserName")
            if key_id and user and (user, key_id) not in seen:
                seen.add((user, key_id))
                status = {"Active": True, "Inactive": False}.get(entry.text("Status") or "")
                active: Flag = Gap.UNREADABLE if status is None else status
                yield ListedKey(key_id, user, active, entry.moment("CreateDate"), entry.place)


def key_uses(documents: Documents, paths: Mapping[str, str]) -> Iterator[KeyUse]:
    """Whose each asked key is. `paths` are the files' names, by id: only they hold the key's ID.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html: the answer
    names the user, and not the key that was asked for.
    """
    for document in documents.get(Kind.KEY_LAST_USED, ()):
        path = paths.get(document.place.evidence, "")
        named = _KEY_ID.findall(re.split(r"[/!\\]", path)[-1])
        user, used = document.text("UserName"), document.child("AccessKeyLastUsed")
        if (
            len(set(named)) == 1
            and user
            and used is not None
            and document.place.pointer in ("", None)
        ):
            yield KeyUse(
                key_id=named[0],
                user=user,
                last_used=used.moment("LastUsedDate"),
                region=used.text("Region") or "",
                service=used.text("ServiceName") or "",
                place=document.place,
            )


def login_profiles(documents: Documents) -> Iterator[tuple[str, LoginProfile]]:
    """Each user's name, once, with the console password as the newest export describes it."""
    seen: set[str] = set()
    for document in documents.get(Kind.LOGIN_PROFILES, ()):
        for entry in document.each("LoginProfile"):
            name = entry.text("UserName")
            if name and name not in seen:
                seen.add(name)
                reset = entry.flag("PasswordResetRequired")
                # The CLI always writes the member; where a query cut it off we don't know.
                required = Gap.UNREADABLE if reset is Gap.ABSENT else reset
                yield name, LoginProfile(required, entry.place)


def devices(documents: Documents) -> Iterator[tuple[str, MfaDevice]]:
    """Each assigned device once, with its owner's name; ROOT for root."""
    seen: set[tuple[str, str]] = set()
    for document in documents.get(Kind.MFA_DEVICES, ()):
        for section in ("MFADevices", "VirtualMFADevices"):
            for entry in document.each(section):
                serial, owner = entry.text("SerialNumber"), _owner(entry)
                if serial and owner and (owner, serial) not in seen:
                    seen.add((owner, serial))
                    yield owner, MfaDevice(serial, entry.place)


def _owner(device: Node) -> str | None:
    if device.text("UserName"):
        return device.text("UserName")
    user = device.child("User")
    arn = user.text("Arn") if user else None
    if arn and arn.endswith(":root"):
        return ROOT
    return arn.rpartition("/")[2] if arn else None
