"""In: a leaked credential by itself. Out: its severity.

For `credaudit scan`, which knows nothing of any account; `joined_leak_severity` knows more. What
each kind weighs is in leaks/credential_kinds.toml.
"""

from datetime import datetime

from analyzer.leaks.model import Credential, CredentialKind
from analyzer.risk.exposure import has_expired
from analyzer.rules.severity import Severity


def maximum_severity(kind: CredentialKind) -> Severity:
    """How bad a credential of this kind can be."""
    return Severity(kind.facts.severity)


def severity_while_active(credential: Credential) -> Severity:
    """How bad it is as long as it works, by its kind and by which part of it was found."""
    facts = credential.kind.facts
    is_id_alone = credential.secret_digest is None
    return Severity(facts.severity_of_id if is_id_alone else facts.severity)


def severity_of(credential: Credential, as_of: datetime | None) -> Severity:
    """How bad it is, as far as the credential itself and its places can tell.

    `as_of` is a time that has certainly come; with None nothing counts as expired.
    """
    if credential.set_aside:
        return Severity.INFO
    severity = severity_while_active(credential)
    if as_of and has_expired(credential, as_of):
        return max(severity, Severity.LOW, key=list(Severity).index)
    return severity
