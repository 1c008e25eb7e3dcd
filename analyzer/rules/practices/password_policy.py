"""In: an account. Out: whether its password policy asks for enough.

Without a policy of its own AWS's default holds: eight characters of three kinds out of four, no
memory, no end. AWS Config calls that non-compliant whatever is asked for, so each check on the
policy fails; what the missing policy costs, `password-policy-missing` alone deducts.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
https://docs.aws.amazon.com/config/latest/developerguide/iam-password-policy.html
"""

from collections.abc import Iterator

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account, User
from analyzer.policy.layers import Verdict
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    account_resource,
    as_variant,
    fail,
    list_names,
    unreadable,
)

_BINDS_NOBODY = "binds-nobody"
"""The variant for an account in which no user has a password."""
_BY_DEFAULT = "by-default"
"""The variant for AWS's default policy; another check has what it costs."""
_CHANGING = "iam:ChangePassword"


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
    yield from _fail_by_default(account, minimum=limits.password_length)
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
    yield from _fail_by_default(account, minimum=limits.password_memory)
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
    yield from _fail_by_default(account, limit=limits.password_age)
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


def password_hard_expiry(account: Account) -> Iterator[Outcome]:
    """Whoever misses the end of a password is locked out until an administrator sets a new one."""
    for policy in _password_policies(account):
        hard, expires = policy.boolean("HardExpiry"), policy.boolean("ExpirePasswords")
        if MissingValue.UNREADABLE in {hard, expires}:
            name = "HardExpiry" if hard is MissingValue.UNREADABLE else "ExpirePasswords"
            yield unreadable(policy.location_of(name))
        elif hard is not True or expires is False:
            yield Pass()
        else:
            yield _fail_policy(account, policy.location_of("HardExpiry"), account=account.id)


def password_self_change_blocked(graph: EscalationGraph) -> Iterator[Outcome]:
    """Nobody but an administrator can replace a user's first or stolen password. PCI 8.3.5."""
    account = graph.authorizer.account
    for policy in _password_policies(account):
        allowed = policy.boolean("AllowUsersToChangePassword")
        location = policy.location_of("AllowUsersToChangePassword")
        if allowed is True:
            yield Pass()
            continue
        blocked, unsettled = _without_the_right(graph)
        if allowed is MissingValue.UNREADABLE:
            yield unreadable(location)
        elif blocked:
            where = (user.report_entry.row for user in blocked if user.report_entry)
            names = list_names([user.name for user in blocked])
            yield fail(account_resource(account), location, *where, users=len(blocked), names=names)
        else:
            yield unsettled[0] if unsettled else Pass()


def _without_the_right(graph: EscalationGraph) -> tuple[list[User], list[Unknown]]:
    """The users with a password whom no policy lets change it, and those nobody can tell of."""
    blocked, unsettled = [], []
    for user, entry in graph.authorizer.account.users_in_report():
        if entry.password_enabled is False:
            continue
        policies = graph.authorizer.principals.get(user.arn)
        if policies is None or entry.password_enabled is not True:
            unsettled.append(unreadable(entry.row.at("password_enabled")))
            continue
        decision = graph.authorizer.decide(policies, _CHANGING, user.arn, EntryPoint.CONSOLE)
        if decision.verdict is Verdict.CONDITIONAL:
            depends = ", ".join(decision.reasons)
            unsettled.append(Unknown(f"depends on {depends}", policies.details.location))
        elif decision.verdict is not Verdict.ALLOWED:
            blocked.append(user)
    return blocked, unsettled


def _default_policy(account: Account) -> tuple[Location, ...]:
    """Where AWS says that the account has no policy of its own; empty where there may be one."""
    documents = account.documents_of_kind(ExportKind.PASSWORD_POLICY)
    if any(node.child("PasswordPolicy") for node in documents):
        return ()
    return tuple(
        node.location for node in documents if node.text("credaudit_error") == "NoSuchEntity"
    )


def _fail_by_default(account: Account, /, **facts: str | int) -> Iterator[Outcome]:
    """The failure of a check on the policy where AWS's default holds; none where it does not."""
    where = _default_policy(account)
    if where:
        found = fail(account_resource(account), *where, **facts, account=account.id)
        name = f"{_BY_DEFAULT}+{_BINDS_NOBODY}" if _has_no_passwords(account) else _BY_DEFAULT
        yield as_variant(name, found)


def _password_policies(account: Account) -> Iterator[JsonNode]:
    for document in account.documents_of_kind(ExportKind.PASSWORD_POLICY):
        policy = document.child("PasswordPolicy")
        if policy is not None:
            yield policy


def _check_required(account: Account, member: str) -> Iterator[Outcome]:
    yield from _fail_by_default(account)
    for policy in _password_policies(account):
        match policy.boolean(member):
            case True:
                yield Pass()
            case False:
                yield _fail_policy(account, policy.location_of(member), account=account.id)
            case _:
                yield unreadable(policy.location_of(member))


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
