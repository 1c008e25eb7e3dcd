"""In: an account. Out: how strong passwords must be, and who still has the first one."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, ReportEntry
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    account_resource,
    fail,
    unreadable,
    user_resource,
)


def password_policy_missing(account: Account) -> Iterator[Outcome]:
    """The account has no password policy of its own, so AWS's default holds."""
    documents = account.documents_of_kind(ExportKind.PASSWORD_POLICY)
    where = [node.location for node in documents if node.text("credaudit_error") == "NoSuchEntity"]
    if any(node.child("PasswordPolicy") for node in documents):
        why = "two answers contradict each other, and nothing says which is newer"
        yield Unknown(why, where[0]) if where else Pass()
    elif where:
        yield fail(account_resource(account), *where, account=account.id)


def password_min_length(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Passwords may be shorter than the profile asks. CIS 1.7 (5.0), PCI 8.3.6, IAM.15."""
    for policy in _password_policies(account):
        length = policy.number("MinimumPasswordLength")
        location = policy.location_of("MinimumPasswordLength")
        if length is None:
            yield unreadable(location)
        elif length < limits.password_length:
            minimum = limits.password_length
            yield fail(account_resource(account), location, length=length, minimum=minimum)
        else:
            yield Pass()


def password_reuse(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Old passwords may come back too soon. CIS 1.8 (5.0), PCI 8.3.7, IAM.16."""
    for policy in _password_policies(account):
        remembered = policy.number("PasswordReusePrevention")
        location = policy.location_of("PasswordReusePrevention")
        if remembered is None and policy.child("PasswordReusePrevention"):
            yield unreadable(location)
        elif (remembered or 0) < limits.password_memory:
            minimum = limits.password_memory
            yield fail(
                account_resource(account),
                location,
                remembered=remembered or "none",
                minimum=minimum,
            )
        else:
            yield Pass()


def password_uppercase(account: Account) -> Iterator[Outcome]:
    """No capital letter is asked for. Security Hub IAM.11."""
    yield from _check_required(account, "RequireUppercaseCharacters")


def password_lowercase(account: Account) -> Iterator[Outcome]:
    """No small letter is asked for. Security Hub IAM.12."""
    yield from _check_required(account, "RequireLowercaseCharacters")


def password_symbol(account: Account) -> Iterator[Outcome]:
    """No symbol is asked for. Security Hub IAM.13."""
    yield from _check_required(account, "RequireSymbols")


def password_number(account: Account) -> Iterator[Outcome]:
    """No digit is asked for. Security Hub IAM.14."""
    yield from _check_required(account, "RequireNumbers")


def password_max_age(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Passwords live longer than the profile allows; CIS asks for no end. PCI 8.3.9, IAM.17.

    Where the profile asks only of single-factor logins, an account without them is not concerned.
    """
    if limits.password_age is None:
        return
    if limits.password_age_single_factor_only:
        if ExportKind.CREDENTIAL_REPORT not in account.available_exports:
            yield Unknown("only the credential report says who signs in without MFA")
            return
        unread = _single_factor_logins(account)
        if unread is not None:
            yield from unread
            return
    for policy in _password_policies(account):
        expires, age = policy.boolean("ExpirePasswords"), policy.number("MaxPasswordAge")
        location = policy.location_of("MaxPasswordAge")
        if expires is MissingValue.UNREADABLE or (expires is True and age is None):
            yield unreadable(location)
        elif age is None or expires is False or age > limits.password_age:
            shown = age if age is not None and expires is not False else "never"
            yield fail(account_resource(account), location, age=shown, limit=limits.password_age)
        else:
            yield Pass()


def initial_password_still_in_use(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A user signs in with the password that somebody else chose. PCI 8.3.5."""
    for user, entry in account.users_in_report():
        used = entry.password_last_used
        if entry.password_enabled is False or used in {
            MissingValue.NO_INFORMATION,
            MissingValue.ABSENT,
        }:
            continue
        first = _has_first_password(entry, limits)
        if first is False:
            yield Pass()
        elif first is None:
            yield unreadable(_undated_cell(entry))
        elif not isinstance(used, datetime):
            yield unreadable(entry.row.at("password_last_used"))
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        else:
            row = entry.row
            where = row.at("password_last_changed"), row.at("user_creation_time")
            made = entry.created
            yield fail(user_resource(user), *where, user=user.name, created=made, used=used)


def initial_password_never_used(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A password was set weeks ago and nobody has signed in with it."""
    for user, entry in account.users_in_report():
        if entry.password_enabled is False:
            continue
        used, changed = entry.password_last_used, entry.password_last_changed
        if isinstance(used, datetime):
            yield Pass()
        elif used is not MissingValue.NO_INFORMATION:
            yield unreadable(entry.row.at("password_last_used"))
        elif not isinstance(changed, datetime):
            yield unreadable(entry.row.at("password_last_changed"))
        elif account.age(changed) <= timedelta(days=limits.initial_password):
            yield Pass()
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        else:
            yield fail(
                user_resource(user),
                entry.row.at("password_last_used"),
                entry.row.at("password_last_changed"),
                user=user.name,
                changed=changed,
                age=account.age(changed).days,
                limit=limits.initial_password,
            )


def reset_not_required_at_first_use(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A first password may be kept: no change was asked for at first sign-in. PCI 8.3.5."""
    for user, entry in account.users_in_report():
        if entry.password_enabled is False:
            continue
        first, profile = _has_first_password(entry, limits), user.login_profile
        if first is False or (profile and profile.reset_required is True):
            yield Pass()
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        elif first is not True:
            yield unreadable(_undated_cell(entry))
        elif profile is None:
            yield Unknown("no get-login-profile export covers the user", entry.row)
        elif profile.reset_required is not False:
            yield unreadable(profile.location.child("PasswordResetRequired"))
        else:
            where = profile.location.child("PasswordResetRequired"), entry.row
            yield fail(user_resource(user), *where, user=user.name, created=entry.created)


def _password_policies(account: Account) -> Iterator[JsonNode]:
    for document in account.documents_of_kind(ExportKind.PASSWORD_POLICY):
        policy = document.child("PasswordPolicy")
        if policy is not None:
            yield policy


def _check_required(account: Account, member: str) -> Iterator[Outcome]:
    for policy in _password_policies(account):
        match policy.boolean(member):
            case True:
                yield Pass()
            case False:
                yield fail(
                    account_resource(account), policy.location_of(member), account=account.id
                )
            case _:
                yield unreadable(policy.location_of(member))


def _undated_cell(entry: ReportEntry) -> Location:
    """The cell that keeps the password's age at the user's creation from being told."""
    is_dated = isinstance(entry.password_last_changed, datetime)
    return entry.row.at("user_creation_time" if is_dated else "password_last_changed")


def _has_first_password(entry: ReportEntry, limits: Limits) -> bool | None:
    """Whether the password dates from the user's creation; None where that can't be told."""
    changed, created = entry.password_last_changed, entry.created
    if not isinstance(changed, datetime) or not isinstance(created, datetime):
        return None
    return changed - created <= timedelta(minutes=limits.same_moment)


def _single_factor_logins(account: Account) -> tuple[Unknown, ...] | None:
    """None where someone certainly signs in without MFA; else those who can't be judged."""
    unread = []
    for _, entry in account.users_in_report():
        match entry.password_enabled, entry.mfa_active:
            case (True, False):
                return None
            case (False, _) | (_, True):
                continue
            case (True, _):
                unread.append(unreadable(entry.row.at("mfa_active")))
            case _:
                unread.append(unreadable(entry.row.at("password_enabled")))
    return tuple(unread)
