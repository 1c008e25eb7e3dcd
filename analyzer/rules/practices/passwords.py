"""In: an account. Out: how strong passwords must be, and who still has the first one."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, ReportEntry, User
from analyzer.rules.outcomes import (
    CIS_IDLE_DAYS,
    IDLE_FOR_CIS,
    Outcome,
    Pass,
    Unknown,
    account_resource,
    as_variant,
    fail,
    is_for_emergencies,
    unreadable,
    user_resource,
)
from analyzer.rules.unused_access import (
    UnusedType,
    open_by_name,
)

_BINDS_NOBODY = "binds-nobody"
"""The variant for an account in which no user has a password."""
_SAME_WRITE = timedelta(seconds=5)
"""AWS writes the two times of one act a moment apart."""


def password_policy_missing(account: Account) -> Iterator[Outcome]:
    """The account has no password policy of its own, so AWS's default holds."""
    documents = account.documents_of_kind(ExportKind.PASSWORD_POLICY)
    where = [node.location for node in documents if node.text("credaudit_error") == "NoSuchEntity"]
    if any(node.child("PasswordPolicy") for node in documents):
        why = "two answers contradict each other, and nothing says which is newer"
        yield Unknown(why, where[0]) if where else Pass()
    elif where:
        found = fail(account_resource(account), *where, account=account.id)
        yield as_variant(_BINDS_NOBODY, found) if _has_no_passwords(account) else found


def password_min_length(account: Account, limits: Limits) -> Iterator[Outcome]:
    """Passwords may be shorter than the profile asks. CIS 1.7 (5.0), PCI 8.3.6, IAM.15."""
    for policy in _password_policies(account):
        length = policy.number("MinimumPasswordLength")
        location = policy.location_of("MinimumPasswordLength")
        if length is None:
            yield unreadable(location)
        elif length < limits.password_length:
            minimum = limits.password_length
            yield _fail_policy(account, location, length=length, minimum=minimum)
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
            yield _fail_policy(account, location, remembered=remembered or "none", minimum=minimum)
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
            yield _fail_policy(account, location, age=shown, limit=limits.password_age)
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
        first = _has_first_password(user, entry, limits)
        if first is False:
            yield Pass()
        elif first is None:
            yield _undated(user, entry)
        elif not isinstance(used, datetime):
            yield unreadable(entry.row.at("password_last_used"))
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        else:
            row = entry.row
            profile = _dated_profile(user, entry)
            made_at = row.at("user_creation_time")
            where = row.at("password_last_changed"), profile[1] if profile else made_at
            made = _day_made(entry)
            yield fail(user_resource(user), *where, user=user.name, created=made, used=used)


def initial_password_never_used(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A password was set weeks ago and nobody has signed in with it. CIS 1.11 (5.0) from day 45."""
    analyzed = open_by_name(account, UnusedType.PASSWORD)
    for user, entry in account.users_in_report():
        if entry.password_enabled is False:
            continue
        if is_for_emergencies(user, limits):
            yield Pass()
            continue
        used, changed = entry.password_last_used, entry.password_last_changed
        if isinstance(used, datetime):
            yield Pass()
        elif used is not MissingValue.NO_INFORMATION:
            yield unreadable(entry.row.at("password_last_used"))
        elif not isinstance(changed, datetime):
            yield unreadable(entry.row.at("password_last_changed"))
        elif account.days_since(changed) <= limits.initial_password:
            yield Pass()
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        else:
            age, analyzer = account.days_since(changed), analyzed.get(user.name)
            found = fail(
                user_resource(user),
                entry.row.at("password_last_used"),
                entry.row.at("password_last_changed"),
                *([analyzer.location] if analyzer else []),
                user=user.name,
                changed=changed,
                age=age,
                limit=limits.initial_password,
            )
            yield as_variant(IDLE_FOR_CIS, found) if age >= CIS_IDLE_DAYS else found


def reset_not_required_at_first_use(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A first password may be kept: no change was asked for at first sign-in. PCI 8.3.5."""
    for user, entry in account.users_in_report():
        if entry.password_enabled is False:
            continue
        first, profile = _has_first_password(user, entry, limits), user.login_profile
        if first is False or (profile and profile.reset_required is True):
            yield Pass()
        elif entry.password_enabled is not True:
            yield unreadable(entry.row.at("password_enabled"))
        elif first is not True:
            yield _undated(user, entry)
        elif profile is None:
            yield Unknown("no get-login-profile export covers the user", entry.row)
        elif profile.reset_required is not False:
            yield unreadable(profile.location.child("PasswordResetRequired"))
        else:
            where = profile.location.child("PasswordResetRequired"), entry.row
            yield fail(user_resource(user), *where, user=user.name, created=_day_made(entry))


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
                yield _fail_policy(account, policy.location_of(member), account=account.id)
            case _:
                yield unreadable(policy.location_of(member))


def _undated(user: User, entry: ReportEntry) -> Unknown:
    """The outcome where the age of the first password can't be told."""
    profile = _dated_profile(user, entry)
    if not isinstance(entry.password_last_changed, datetime):
        return unreadable(entry.row.at("password_last_changed"))
    if profile:
        reason = "the login profile was made after the credential report's last password change"
        return Unknown(reason, profile[1])
    return unreadable(entry.row.at("user_creation_time"))


def _dated_profile(user: User, entry: ReportEntry) -> tuple[datetime, Location] | None:
    """When the user's login profile was made, and where that stands.

    None without a date, and for one that is, or may be, older than its user: a namesake's.
    """
    profile = user.login_profile
    if profile is None or not isinstance(profile.created, datetime):
        return None
    if not isinstance(entry.created, datetime) or entry.created - profile.created > _SAME_WRITE:
        return None
    return profile.created, profile.location.child("CreateDate")


def _day_made(entry: ReportEntry) -> datetime | str:
    return entry.created if isinstance(entry.created, datetime) else "an unreadable date"


def _has_first_password(user: User, entry: ReportEntry, limits: Limits) -> bool | None:
    """Whether the password is the first one; None where that can't be told.

    The login profile's CreateDate is when the first password was set. Without it a password from
    the user's first minutes counts as the first.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_LoginProfile.html
    """
    changed, created = entry.password_last_changed, entry.created
    if not isinstance(changed, datetime):
        return None
    if profile := _dated_profile(user, entry):
        if profile[0] - changed > _SAME_WRITE:
            return None  # the profile was made again after the report
        return changed - profile[0] <= _SAME_WRITE
    if not isinstance(created, datetime):
        return None
    return changed - created <= timedelta(minutes=limits.same_moment)


def _fail_policy(account: Account, location: Location, /, **facts: str | int) -> Outcome:
    """The password policy is too weak; milder while nobody in the account has a password."""
    found = fail(account_resource(account), location, **facts)
    return as_variant(_BINDS_NOBODY, found) if _has_no_passwords(account) else found


def _has_no_passwords(account: Account) -> bool:
    """True if the credential report lists every user, and certainly none has a password."""
    return (
        ExportKind.CREDENTIAL_REPORT in account.available_exports
        and account.report_is_complete
        and all(entry.password_enabled is False for _, entry in account.users_in_report())
    )


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
