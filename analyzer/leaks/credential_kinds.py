"""In: credential_kinds.toml. Out: the kinds of credentials, and all that is said of each.

The list of kinds is the file: a table there is a kind. A scan reads only the names of its tables;
the rest is parsed when the first credential is judged.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

TABLES = Path(__file__).with_suffix(".toml")
_HEAD = "[kind."


class StatusSource(StrEnum):
    """Which export says whether a credential of a kind still works."""

    ACCESS_KEYS = "access-keys"
    CONSOLE_PASSWORD = "console-password"  # noqa: S105 - of the credential report
    SERVICE_SPECIFIC_CREDENTIALS = "service-specific-credentials"
    NONE = "none"


class Trait(StrEnum):
    """What sets a kind apart when a leak is joined to its account."""

    TEMPORARY = "temporary"
    SESSION = "session"
    USER_RIGHTS = "user-rights"


@dataclass(frozen=True, slots=True)
class KindFacts:
    """The table of one kind; the head of the file says what each entry means.

    The severities are names of `rules.severity.Severity`, the steps names of tables or plans of
    `risk.response_plan`: what those mean is decided there.
    """

    title: str
    why: str
    fix: str
    page: str
    severity: str
    severity_of_id: str
    status: StatusSource
    steps: tuple[str, ...]
    traits: frozenset[Trait]


def _add_other_kinds(members: MutableMapping[str, str]) -> None:
    """A member for each table that has none yet: "some-token" is called SOME_TOKEN."""
    lines = TABLES.read_text(encoding="utf-8").splitlines()
    for line in lines:
        kind = line.removeprefix(_HEAD).partition("]")[0]
        if line.startswith(_HEAD) and kind not in members.values():
            members[kind.upper().replace("-", "_")] = kind


class CredentialKind(StrEnum):
    """What was found: a member for each table of credential_kinds.toml.

    Here stand those which code names. A pattern of a further kind says `CredentialKind("its-id")`.
    """

    LONG_TERM_KEY = "aws-access-key"  # AKIA…: a user's or root's
    TEMPORARY_KEY = "aws-temporary-key"  # ASIA…: of a session
    SECRET = "aws-secret-key"  # noqa: S105 - the kind of a finding: a secret without its key ID
    SESSION_TOKEN = "aws-session-token"  # noqa: S105 - likewise
    BEARER_ID = "sts-bearer-token-id"  # ABIA…: an identifier
    DUBIOUS_ID = "dubious-key-id"  # A3T…: in other tools' rules, in no table of AWS
    BEDROCK_KEY = "bedrock-api-key"
    BEDROCK_SHORT_KEY = "bedrock-short-term-api-key"
    CLAUDE_KEY = "claude-on-aws-api-key"
    CLAUDE_SHORT_KEY = "claude-on-aws-short-term-api-key"
    SERVICE_PASSWORD = "service-specific-password"  # noqa: S105 - CodeCommit, Keyspaces
    SERVICE_API_KEY = "service-specific-api-key"  # CloudWatch Logs and Metrics
    SMTP_PASSWORD = "ses-smtp-password"  # noqa: S105 - a kind
    PRESIGNED_URL = "presigned-url"
    EKS_TOKEN = "eks-token"  # noqa: S105 - a kind
    SIGNIN_TOKEN = "console-signin-token"  # noqa: S105 - a kind
    SSO_TOKEN = "sso-token"  # noqa: S105 - a kind
    REGISTRY_TOKEN = "registry-token"  # noqa: S105 - ECR, CodeArtifact
    CONSOLE_PASSWORD = "console-password"  # noqa: S105 - a kind
    SIGNING_KEY = "x509-signing-key"
    MWS_TOKEN = "mws-token"  # noqa: S105 - a kind
    APPSYNC_KEY = "appsync-api-key"
    OTHER = "other-secret"  # what a plugin of detect-secrets calls one
    # The body of a class is a mapping of its members, and takes more of them.
    _add_other_kinds(vars())

    @property
    def facts(self) -> KindFacts:
        """Its table. Raises ValueError where that lacks an entry or has one too many."""
        return kind_facts(TABLES)[self]

    @property
    def is_service_specific(self) -> bool:
        """True for what IAM calls a service-specific credential; it has a list of its own."""
        return self.facts.status is StatusSource.SERVICE_SPECIFIC_CREDENTIALS

    @property
    def is_console_password(self) -> bool:
        """True for what the credential report lists as a user's password."""
        return self.facts.status is StatusSource.CONSOLE_PASSWORD

    @property
    def is_of_access_key(self) -> bool:
        """True for what works as long as a user's access key; SMTP passwords are made of one."""
        return self.facts.status is StatusSource.ACCESS_KEYS

    @property
    def has_user_rights(self) -> bool:
        """True for what opens, by itself, all that its user may do."""
        return Trait.USER_RIGHTS in self.facts.traits

    @property
    def is_temporary(self) -> bool:
        """True for what AWS ends after some hours at most, whatever it says itself."""
        return Trait.TEMPORARY in self.facts.traits

    @property
    def is_session(self) -> bool:
        """True for a part of a session that can do all that its user or role may do."""
        return Trait.SESSION in self.facts.traits


@cache
def kind_facts(path: Path) -> Mapping[CredentialKind, KindFacts]:
    """The table of every kind, in the order of the file at `path`.

    Raises ValueError, which names what is missing, for a kind without a table, and for a table
    that lacks an entry or has one that nothing reads.
    """
    import tomllib  # a scan that finds nothing never comes here

    tables = tomllib.loads(path.read_text(encoding="utf-8"))["kind"]
    if absent := [kind.value for kind in CredentialKind if kind.value not in tables]:
        raise ValueError(f"{path.name} has no table [kind.{absent[0]}]")
    return MappingProxyType(
        {CredentialKind(name): _facts_of(name, table) for name, table in tables.items()}
    )


def _facts_of(name: str, table: Mapping[str, object]) -> KindFacts:
    known = [each.name for each in fields(KindFacts)]
    for entry in known:
        if entry not in table:
            raise ValueError(f"[kind.{name}] lacks {entry}")
    for entry in table:
        if entry not in known:
            raise ValueError(f"[kind.{name}] has {entry}, which nothing reads")
    steps, traits = table["steps"], table["traits"]
    if not isinstance(steps, list) or not isinstance(traits, list):
        raise ValueError(f"[kind.{name}] has steps or traits that are no list")  # noqa: TRY004 - one error for whatever the table lacks
    return KindFacts(
        title=str(table["title"]),
        why=str(table["why"]),
        fix=str(table["fix"]),
        page=str(table["page"]),
        severity=str(table["severity"]),
        severity_of_id=str(table["severity_of_id"]),
        status=StatusSource(str(table["status"])),
        steps=tuple(steps),
        traits=frozenset(map(Trait, traits)),
    )
