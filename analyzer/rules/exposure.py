"""In: a leaked credential by itself. Out: how bad it is that it stands there.

One table for `credaudit scan`, which knows nothing of any account, and for the reports, where a
check that knows the account can find worse.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from analyzer.leaks.credentials import Credential, CredentialKind, LeakScan
from analyzer.rules.badness import Severity

LONGEST_SESSION = timedelta(hours=36)
"""No temporary credential outlives this (AWS STS API Reference, "GetSessionToken")."""

_ALONE = {
    # Opens an account to whoever reads it, until somebody deactivates it.
    CredentialKind.LONG_TERM_KEY: Severity.CRITICAL,
    CredentialKind.CONSOLE_PASSWORD: Severity.CRITICAL,
    # Opens one service without an end, or everything for some hours.
    CredentialKind.TEMPORARY_KEY: Severity.HIGH,
    CredentialKind.BEDROCK_KEY: Severity.HIGH,
    CredentialKind.CLAUDE_KEY: Severity.HIGH,
    CredentialKind.SERVICE_PASSWORD: Severity.HIGH,
    CredentialKind.SERVICE_API_KEY: Severity.HIGH,
    CredentialKind.SMTP_PASSWORD: Severity.HIGH,
    CredentialKind.SSO_TOKEN: Severity.HIGH,
    CredentialKind.SIGNING_KEY: Severity.HIGH,
    # Nothing without its key ID, which tends to stand in the next file.
    CredentialKind.SECRET: Severity.HIGH,
    # Opens one thing for some hours, or lacks its other half.
    CredentialKind.BEDROCK_SHORT_KEY: Severity.MEDIUM,
    CredentialKind.CLAUDE_SHORT_KEY: Severity.MEDIUM,
    CredentialKind.SESSION_TOKEN: Severity.MEDIUM,
    CredentialKind.PRESIGNED_URL: Severity.MEDIUM,
    CredentialKind.EKS_TOKEN: Severity.MEDIUM,
    CredentialKind.SIGNIN_TOKEN: Severity.MEDIUM,
    CredentialKind.REGISTRY_TOKEN: Severity.MEDIUM,
    CredentialKind.OTHER: Severity.MEDIUM,  # another program's pattern, of unknown weight
    # An identifier; a key that web pages carry on purpose; a service that has ended.
    CredentialKind.BEARER_ID: Severity.LOW,
    CredentialKind.DUBIOUS_ID: Severity.LOW,
    CredentialKind.APPSYNC_KEY: Severity.LOW,
    CredentialKind.MWS_TOKEN: Severity.LOW,
}
_ID_ALONE = {
    # No secret, and yet the mark of a place where one was: look there, and at its history.
    CredentialKind.LONG_TERM_KEY: Severity.MEDIUM,
    CredentialKind.TEMPORARY_KEY: Severity.LOW,
    # The password is what opens; a user name tells which one to guess.
    CredentialKind.SERVICE_PASSWORD: Severity.LOW,
    CredentialKind.SMTP_PASSWORD: Severity.MEDIUM,
}
_TEMPORARY = {
    CredentialKind.TEMPORARY_KEY,
    CredentialKind.SESSION_TOKEN,
    CredentialKind.BEDROCK_SHORT_KEY,
    CredentialKind.CLAUDE_SHORT_KEY,
    CredentialKind.EKS_TOKEN,
    CredentialKind.SIGNIN_TOKEN,
    CredentialKind.REGISTRY_TOKEN,
}
"""What AWS lets live for `LONGEST_SESSION` at most, whatever the credential itself says."""


def worst_of(kind: CredentialKind) -> Severity:
    """How bad a credential of this kind can be."""
    return _ALONE[kind]


def severity_of(credential: Credential, as_of: datetime | None) -> Severity:
    """How bad it is, as far as the credential itself and the places where it stands can tell.

    `as_of` is a time that is known to have come; None: nothing is known to have expired.
    """
    if credential.demoted:
        return Severity.INFO
    severity = _ALONE[credential.kind]
    if credential.secret_digest is None:
        severity = _ID_ALONE.get(credential.kind, severity)
    if as_of and _has_expired(credential, as_of):
        return max(severity, Severity.LOW, key=list(Severity).index)
    return severity


def latest_date(leaks: LeakScan) -> datetime | None:
    """The latest date in the scanned histories: by then, what expired earlier had expired.

    The clock is no witness: the same repository must give the same report.
    """
    dates = (each.date for credential in leaks.credentials for each in credential.occurrences)
    return max(_known(dates), default=None)


def _has_expired(credential: Credential, as_of: datetime) -> bool:
    """Whether it says so, or was seen so early that nothing of its kind could still live."""
    if credential.facts.expires:
        return credential.facts.expires <= as_of
    if credential.kind not in _TEMPORARY:
        return False
    seen = min(_known(each.date for each in credential.occurrences), default=None)
    return seen is not None and as_of - seen >= LONGEST_SESSION


def _known(dates: Iterable[datetime | None]) -> Iterable[datetime]:
    return (each for each in dates if each)
