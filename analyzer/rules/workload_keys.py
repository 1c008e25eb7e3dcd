"""In: an account. Out: the access keys that programs work with, and what kind of program.

Told by the credential report: a user without a password whose key was used lately, elsewhere than
people use theirs.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.inventory.model import AccessKey, Account, PrincipalDetails, ReportEntry, User

_PEOPLE_S_SERVICES = frozenset({"iam", "sts"})
"""What a person at a terminal calls; a key last used elsewhere most likely serves a program."""
_SMTP_USER = "ses-smtp-user"
"""How the SES console names the users that it makes for its SMTP interface.

https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html
"""
_SMTP_GROUP = "AWSSESSendingGroupDoNotRename"
_SENDING = frozenset({"ses:sendrawemail", "ses:sendemail", "ses:send*"})


def kind_of_holder(user: User, entry: ReportEntry, key: AccessKey) -> str:
    """The variant: a person with MFA, a mailer that can't take a role, or "" for a program."""
    if entry.mfa_active is True:
        return "person"
    is_mailer = _may_only_send(user.details) if user.details else user.name.startswith(_SMTP_USER)
    return "ses-smtp" if key.last_service == "ses" and is_mailer else ""


def _may_only_send(details: PrincipalDetails) -> bool:
    """True if all that the user holds is leave to send mail by SES."""
    if details.attached or set(details.groups) - {_SMTP_GROUP}:
        return False
    if not details.inline:
        return bool(details.groups)
    actions = [
        str(action.value).lower()
        for grant in details.inline
        if grant.document is not None
        for statement in grant.document.each("Statement")
        for action in statement.each("Action")
    ]
    return bool(actions) and set(actions) <= _SENDING


def is_workload_key(account: Account, limits: Limits, key: AccessKey, used: datetime) -> bool:
    """True if the key was used then lately, and not for what people at a terminal call."""
    recent = account.age(used) <= timedelta(days=limits.workload_activity)
    return recent and key.last_service not in _PEOPLE_S_SERVICES


def workload_keys(account: Account, limits: Limits) -> Iterator[tuple[User, AccessKey]]:
    """The keys that programs certainly work with, and that a role could replace."""
    for user, entry, key in working_keys(account, limits):
        if isinstance(entry.mfa_active, bool) and not kind_of_holder(user, entry, key):
            yield user, key


def working_keys(account: Account, limits: Limits) -> Iterator[tuple[User, ReportEntry, AccessKey]]:
    """The active keys of users without a password that something works with."""
    for user, entry in account.users_in_report():
        if entry.password_enabled is False:
            for key in entry.active_keys:
                used = key.last_used
                if isinstance(used, datetime) and is_workload_key(account, limits, key, used):
                    yield user, entry, key
