"""In: a leaked credential by itself. Out: how bad it is that it stands there.

For `credaudit scan`, which knows nothing of any account; `joined_exposure` knows more.
"""

from datetime import datetime

from analyzer.leaks.model import Credential, CredentialKind
from analyzer.risk.exposure import has_expired
from analyzer.rules.severity import Severity

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


def maximum_severity(kind: CredentialKind) -> Severity:
    """How bad a credential of this kind can be."""
    return _ALONE[kind]


def severity_while_active(credential: Credential) -> Severity:
    """How bad it is as long as it works, told by what it is and which half of it was found."""
    severity = _ALONE[credential.kind]
    if credential.secret_digest is None:
        return _ID_ALONE.get(credential.kind, severity)
    return severity


def severity_of(credential: Credential, as_of: datetime | None) -> Severity:
    """How bad it is, as far as the credential itself and the places where it stands can tell.

    `as_of` is a time that is known to have come; None: nothing is known to have expired.
    """
    if credential.set_aside:
        return Severity.INFO
    severity = severity_while_active(credential)
    if as_of and has_expired(credential, as_of):
        return max(severity, Severity.LOW, key=list(Severity).index)
    return severity
