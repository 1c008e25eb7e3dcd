"""In: the names of the tables in credential_kinds.toml. Out: the kinds of credentials.

The list of kinds is the file: a table there is a kind. A scan reads no more of it than the names;
`kind_facts` parses a kind's table when the first credential of it is judged.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analyzer.leaks.kind_facts import KindFacts

TABLES = Path(__file__).with_suffix(".toml")
_HEAD = "[kind."


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
        from analyzer.leaks.kind_facts import read_facts_of

        return read_facts_of(TABLES, self.value)

    @property
    def is_service_specific(self) -> bool:
        """True for what IAM calls a service-specific credential; it has a list of its own."""
        return self.facts.is_service_specific

    @property
    def is_console_password(self) -> bool:
        """True for what the credential report lists as a user's password."""
        return self.facts.is_console_password

    @property
    def is_of_access_key(self) -> bool:
        """True for what works as long as a user's access key; SMTP passwords are made of one."""
        return self.facts.is_of_access_key

    @property
    def has_user_rights(self) -> bool:
        """True for what opens, by itself, all that its user may do."""
        return self.facts.has_user_rights

    @property
    def is_temporary(self) -> bool:
        """True for what AWS ends after some hours at most, whatever it says itself."""
        return self.facts.is_temporary

    @property
    def is_session(self) -> bool:
        """True for a part of a session that can do all that its user or role may do."""
        return self.facts.is_session

    @property
    def is_guessable(self) -> bool:
        """True for what a person may have chosen: an id that was made of it could give it away."""
        return self.facts.is_guessable
