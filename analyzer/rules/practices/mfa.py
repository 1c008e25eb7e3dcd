"""In: an account. Out: who can act without a second factor, and how root is kept."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.cells import MaybeBool, MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, ReportEntry
from analyzer.rules.listed_credentials import describe_live, live_listed
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    account_resource,
    as_variant,
    fail,
    key_stamp,
    unreadable,
    user_resource,
)
from analyzer.rules.root_sources import root_contradictions, summary_counts

_NO_ROOT_ROW = Unknown("the credential report has no row of the root user")


def root_mfa_missing(account: Account) -> Iterator[Outcome]:
    """Root can act and has no MFA device. CIS 1.4 (5.0), Security Hub IAM.9."""
    root = account.root
    if root is None:
        yield from _root_mfa_by_summary(account)
        return
    can_act = _root_can_act(account, root)
    if can_act is False:
        return
    clashes = [each for each in root_contradictions(account) if each.is_about_mfa]
    if clashes:
        yield Unknown(clashes[0].sentence, clashes[0].summary)
    elif root.mfa_active is not True and can_act is True and _has_no_credentials(account, root):
        reason = (
            "root's row shows no MFA device, and the account summary counts neither a password nor "
            "a key of root; one of them does not tell the state of root"
        )
        yield Unknown(reason, root.row.at("mfa_active"), ("credential_report", "account_summary"))
    elif root.mfa_active is True:
        yield Pass()
    elif root.mfa_active is not False:
        yield unreadable(root.row.at("mfa_active"))
    elif can_act is True:
        where = root.row.at("mfa_active"), root.row.at("password_enabled")
        yield fail(account_resource(account), *where, account=account.id)
    else:
        yield unreadable(root.first_unreadable_cell)


def root_mfa_not_hardware(account: Account) -> Iterator[Outcome]:
    """Root's MFA device is an authenticator app. CIS 1.5 (5.0), Security Hub IAM.6.

    list-virtual-mfa-devices names every virtual device, root's too; a root with MFA and no virtual
    device has a FIDO key or a hardware token.
    """
    if account.root is None:
        yield _NO_ROOT_ROW
        return
    if account.root.mfa_active is False:
        return
    virtual = [device for device in account.root_mfa_devices or () if device.is_virtual]
    if account.root.mfa_active is not True:
        yield unreadable(account.root.row.at("mfa_active"))
    elif virtual:
        where = *(device.location for device in virtual), account.root.row.at("mfa_active")
        yield fail(account_resource(account), *where, account=account.id, serial=virtual[0].serial)
    elif any(
        node.has("VirtualMFADevices") for node in account.documents_of_kind(ExportKind.MFA_DEVICES)
    ):
        yield Pass()
    else:
        yield Unknown("list-virtual-mfa-devices, which alone names root's device, is missing")


def root_access_key_active(account: Account) -> Iterator[Outcome]:
    """Root has an active access key. CIS 1.3 (5.0), Security Hub IAM.4."""
    root = account.root
    if root is None:
        yield from _root_keys_by_summary(account)
        return
    active = root.active_keys
    if active:
        where = (key.location("active") for key in active)
        yield fail(account_resource(account), *where, account=account.id, keys=len(active))
    elif root.unreadable_keys:
        yield unreadable(root.unreadable_keys[0].location("active"))
    elif not root.keys and ExportKind.ACCOUNT_SUMMARY in account.available_exports:
        yield from _root_keys_by_summary(account)  # the second source may know of a newer key
    else:
        yield Pass()


def root_access_key_inactive_present(account: Account) -> Iterator[Outcome]:
    """Root has a disabled access key that was never deleted. CIS 1.3 (5.0)."""
    if account.root is None:
        yield _NO_ROOT_ROW
    for key in account.root.keys if account.root else ():
        if key.active is True:
            continue
        if key.active is False and isinstance(key.created, datetime):
            resource = account_resource(account, f"key@{key_stamp(account.root, key)}")
            where = key.location("last_rotated"), key.location("active")
            yield fail(resource, *where, account=account.id, created=key.created)
        else:
            is_read = isinstance(key.active, bool)
            yield unreadable(key.location("last_rotated" if is_read else "active"))
    if account.root and not account.root.keys:
        yield Pass()


def root_key_used(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A root access key signed a request in the audit window. CIS 1.6 (5.0)."""
    if account.root is None:
        yield _NO_ROOT_ROW
    for key in account.root.keys if account.root else ():
        location = key.location("last_used_date")
        if isinstance(key.last_used, datetime):
            if account.age(key.last_used) > timedelta(days=limits.root_window):
                yield Pass()
                continue
            yield fail(
                account_resource(account, f"key@{key_stamp(account.root, key)}"),
                location,
                account=account.id,
                used=key.last_used,
                service=key.last_service or "an unnamed service",
                window=limits.root_window,
            )
        else:
            yield Pass() if key.last_used is MissingValue.ABSENT else unreadable(location)


def root_recent_sign_in(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Root signed in to the console in the audit window. CIS 1.6 (5.0)."""
    if account.root is None:
        yield _NO_ROOT_ROW
        return
    used, location = account.root.password_last_used, account.root.row.at("password_last_used")
    if isinstance(used, datetime):
        if account.age(used) > timedelta(days=limits.root_window):
            yield Pass()
        else:
            window = limits.root_window
            yield fail(
                account_resource(account), location, account=account.id, used=used, window=window
            )
    else:
        yield unreadable(location) if used is MissingValue.UNREADABLE else Pass()


def root_credentials_kept_under_central_management(account: Account) -> Iterator[Outcome]:
    """A member account keeps its root password though the organization manages root. CIS 2.1.1."""
    features = [
        node
        for node in account.documents_of_kind(ExportKind.ORG_FEATURES)
        if _enabled_features(node)
    ]
    if not any("RootCredentialsManagement" in _enabled_features(node) for node in features):
        return
    management = _management_account(account)
    if management is None:
        yield Unknown("no describe-organization export says which is the management account")
    elif management == account.id:
        return
    elif account.root is None:
        yield _NO_ROOT_ROW
    else:
        location = account.root.row.at("password_enabled")
        match account.root.password_enabled:
            case True:
                where = location, features[0].location.child("EnabledFeatures")
                yield fail(account_resource(account), *where, account=account.id)
            case False:
                yield Pass()
            case _:
                yield unreadable(location)


def org_central_root_management_off(account: Account) -> Iterator[Outcome]:
    """The organization does not manage root credentials centrally. CIS 2.1.1 (7.0)."""
    if _management_account(account) not in {None, account.id}:
        return  # one organization, one finding: at the account that can switch it on
    for node in account.documents_of_kind(ExportKind.ORG_FEATURES):
        enabled = _enabled_features(node)
        if "RootCredentialsManagement" in enabled:
            yield Pass()
            continue
        yield fail(
            account_resource(account),
            node.location.child("EnabledFeatures")
            if node.has("EnabledFeatures")
            else node.location,
            organization=node.text("OrganizationId") or "the organization",
            enabled=", ".join(enabled) or "none",
        )


def console_user_no_mfa(account: Account) -> Iterator[Outcome]:
    """A user with a console password has no MFA device. CIS 1.9 (5.0), Security Hub IAM.5."""
    for user, entry in account.users_in_report():
        match entry.password_enabled, entry.mfa_active:
            case (False, _):
                continue
            case (_, True):
                yield Pass()
            case (True, False):
                row = entry.row
                where = row.at("mfa_active"), row.at("password_enabled")
                yield fail(user_resource(user), *where, user=user.name)
            case (True, _):
                yield unreadable(entry.row.at("mfa_active"))
            case _:
                yield unreadable(entry.row.at("password_enabled"))


def any_user_no_mfa(account: Account) -> Iterator[Outcome]:
    """A user has no MFA device. Security Hub IAM.19 counts users without credentials, too."""
    listed = live_listed(account)
    for user, entry in account.users_in_report():
        location, beside = entry.row.at("mfa_active"), listed.get(user.name, ())
        live = describe_live(entry, beside)
        found = fail(user_resource(user), location, user=user.name, credentials=live)
        match entry.has_live_credential, entry.mfa_active:
            case (_, True):
                yield Pass()
            case (False, False):
                yield found if beside else as_variant("without-credential", found)
            case (False, _):
                yield unreadable(location)
            case (True, False):
                yield found
            case (True, _):
                yield unreadable(entry.row.at("mfa_active"))
            case _:
                yield unreadable(entry.first_unreadable_cell)


def _has_no_credentials(account: Account, root: ReportEntry) -> bool:
    """True if the summary says that root can't act, and no cell of its row says otherwise.

    AWS writes not_supported for root's password, whether there is one or not.
    """
    counts = summary_counts(account)
    return (
        counts is not None
        and not root.active_keys
        and counts.number("AccountPasswordPresent") == 0
        and counts.number("AccountAccessKeysPresent") == 0
    )


def _root_can_act(account: Account, root: ReportEntry) -> MaybeBool:
    """False where root's credentials were removed, and for GovCloud's root without a key."""
    if root.active_keys:
        return True
    if root.unreadable_keys:
        has_console = (
            root.password_enabled is True or root.password_enabled is MissingValue.NOT_SUPPORTED
        )
        return (
            True if has_console and account.partition != "aws-us-gov" else MissingValue.UNREADABLE
        )
    if account.partition == "aws-us-gov" or root.password_enabled is False:
        return False
    return MissingValue.UNREADABLE if root.password_enabled is MissingValue.UNREADABLE else True


def _root_mfa_by_summary(account: Account) -> Iterator[Outcome]:
    if ExportKind.ACCOUNT_SUMMARY not in account.available_exports:
        yield _NO_ROOT_ROW
    for node in account.documents_of_kind(ExportKind.ACCOUNT_SUMMARY):
        counts = node.child("SummaryMap")
        enabled = counts.number("AccountMFAEnabled") if counts else None
        if counts is None or enabled is None:
            yield unreadable(node.location.child("SummaryMap"))
        elif enabled:
            yield Pass()
        elif counts.number("AccountPasswordPresent") != 0 or counts.number(
            "AccountAccessKeysPresent"
        ):
            location = counts.location.child("AccountMFAEnabled")
            yield fail(account_resource(account), location, account=account.id)


def _root_keys_by_summary(account: Account) -> Iterator[Outcome]:
    if ExportKind.ACCOUNT_SUMMARY not in account.available_exports:
        yield _NO_ROOT_ROW
    for node in account.documents_of_kind(ExportKind.ACCOUNT_SUMMARY):
        counts = node.child("SummaryMap")
        keys = counts.number("AccountAccessKeysPresent") if counts else None
        if counts is None or keys is None:
            yield unreadable(node.location.child("SummaryMap"))
        elif keys:
            location = counts.location.child("AccountAccessKeysPresent")
            yield fail(account_resource(account), location, account=account.id, keys=keys)
        else:
            yield Pass()


def _enabled_features(node: JsonNode) -> list[str]:
    return [str(each.value) for each in node.each("EnabledFeatures")]


def _management_account(account: Account) -> str | None:
    for node in account.documents_of_kind(ExportKind.ORGANIZATION):
        organization = node.child("Organization")
        if organization is not None:
            return organization.text("MasterAccountId")
    return None
