"""In: nothing; these are the nouns of the evidence stage. Out: Place, Note, Artifact.

An artifact is one file as the account owner exported it; a place is a spot in one of them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Location:
    """A spot in one artifact that a reader can go to and see for himself.

    `evidence` is the artifact's id in the report. `row` counts the file's records from 1 with the
    header as row 1, as a spreadsheet shows them. `pointer` is an RFC 6901 JSON pointer into the
    file's document; in a file that holds several documents back to back, its first step is the
    document's number from 0.
    """

    evidence: str
    row: int | None = None
    column: str | None = None
    pointer: str | None = None

    def at(self, column: str) -> "Location":
        """The same row, narrowed to one column."""
        return Location(self.evidence, self.row, column, self.pointer)

    def child(self, step: str | int) -> "Location":
        """One step further down the JSON document."""
        escaped = str(step).replace("~", "~0").replace("/", "~1")
        return Location(self.evidence, self.row, self.column, f"{self.pointer or ''}/{escaped}")


class ExportKind(StrEnum):
    """What an artifact is, by its content. The values are the catalogue's input names."""

    CREDENTIAL_REPORT = "credential_report"
    AUTHORIZATION_DETAILS = "gaad"
    ACCOUNT_SUMMARY = "account_summary"
    PASSWORD_POLICY = "password_policy"  # noqa: S105 - the name of an export, not a password
    ACCESS_KEYS = "access_keys"
    KEY_LAST_USED = "access_key_last_used"
    MFA_DEVICES = "mfa_devices"
    LOGIN_PROFILES = "login_profiles"
    SERVER_CERTIFICATES = "server_certificates"
    SAML_PROVIDERS = "saml_providers"
    OIDC_PROVIDERS = "oidc_providers"
    ANALYZERS = "analyzers"
    ANALYZER_FINDINGS = "analyzer_findings"
    LAST_ACCESSED = "last_accessed"
    ORGANIZATION = "organization"
    ORG_FEATURES = "org_features"
    ORG_ACCOUNTS = "org_accounts"
    IDENTITY_CENTER = "identity_center"
    ACCOUNT_CONTACTS = "account_contacts"
    ACCOUNT_ALIASES = "account_aliases"
    CALLER_IDENTITY = "caller_identity"
    SERVICE_SPECIFIC_CREDENTIALS = "service_specific_credentials"
    SSH_PUBLIC_KEYS = "ssh_public_keys"
    SIGNING_CERTIFICATES = "signing_certificates"
    CONTROL_POLICIES = "scp"
    PACK_MANIFEST = "pack_manifest"
    CHECKSUMS = "checksums"
    PREVIOUS_REPORT = "previous_run"
    EXCEPTIONS = "exceptions"
    FAILED_CALL = "failed_call"
    UNRECOGNISED = "unrecognised"


class CaptureTimeSource(StrEnum):
    """How an artifact's capture time is known, best first."""

    STATED = "stated by the export"
    PACK = "stated by the collect script"
    FILE_NAME = "inferred from the file name"
    NEWEST_STAMP = "inferred from the newest time inside"
    UNKNOWN = "unknown"

    @property
    def is_stated(self) -> bool:
        """True where somebody recorded the time; an inferred one only says "not before"."""
        return self in {CaptureTimeSource.STATED, CaptureTimeSource.PACK}


class EvidenceDefect(StrEnum):
    """What a note of the parser means for the checks that ask how far to trust the evidence."""

    REMARK = "remark"
    RESAVED = "re-saved by a spreadsheet"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable value"


@dataclass(frozen=True, slots=True)
class Note:
    """What the parser noticed and a reader must know, in one sentence, with the place."""

    text: str
    location: Location
    defect: EvidenceDefect = EvidenceDefect.REMARK


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file as it came in, hashed before anything was parsed.

    `path` is the name the person gave, with `!` between an archive and its member. `account` is
    the 12-digit account that the file speaks of, None where it names none. `rows` counts what it
    lists: users of a credential report, principals and policies of authorization details.
    """

    id: str
    path: str
    sha256: str
    size: int
    kind: ExportKind
    account: str | None = None
    captured_at: datetime | None = None
    captured_how: CaptureTimeSource = CaptureTimeSource.UNKNOWN
    rows: int = 0
    notes: tuple[Note, ...] = ()
