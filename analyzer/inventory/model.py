"""In: nothing; these are the nouns of an account. Out: Account, User, Role, AccessKey and others.

`analyzer.inventory.join` builds this immutable model from all exports of an account. What no
export says is None; a value that can't be read is a MissingValue.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analyzer.evidence.artifacts import Artifact, Location, Note
from analyzer.evidence.cells import MaybeBool, MaybeTime, MissingValue
from analyzer.evidence.credential_report import ROOT_NAME
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode

ROOT_USER = ROOT_NAME
"""What the credential report calls the root user."""
QUARANTINE_POLICY = "AWSCompromisedKeyQuarantine"
"""The AWS managed policy for users whose access key AWS found in public; V2 and V3 followed it.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
"""

SECOND_ENTRY = "a second entry that says otherwise"
"""What an `UnplacedPart` says where two entries of one file describe one thing differently."""
UNREADABLE_BOUNDARY = "a boundary that can't be read"
"""Stands for the ARN of a permissions boundary of which nobody can tell which it is."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """One access key slot that holds a key, active or not.

    `created` is the report's last_rotated: when the key was made or its status last changed.
    `key_id` is known only where a list-access-keys export names it. `listed` is its entry in such a
    list; `is_disputed`: a list names the user's keys, and none of them can be told to be this one.
    """

    slot: int
    active: MaybeBool
    created: MaybeTime
    last_used: MaybeTime
    last_region: str
    last_service: str
    row: Location
    key_id: str | None = None
    listed: "ListedKey | None" = None
    is_disputed: bool = False

    @property
    def made(self) -> MaybeTime:
        """When the key was made: by its entry in a list, else not later than `created`."""
        listed = self.listed.created if self.listed else None
        return listed if isinstance(listed, datetime) else self.created

    @property
    def made_locations(self) -> tuple[Location, ...]:
        """What shows when it was made: the report's cell, and the entry that says otherwise."""
        cell = self.location("last_rotated")
        if self.listed is None or self.made == self.created:
            return (cell,)
        return (self.listed.location.child("CreateDate"), cell)

    def location(self, column: str) -> Location:
        """The slot's cell of that column, such as `active` or `last_used_date`."""
        return self.row.at(f"access_key_{self.slot}_{column}")


@dataclass(frozen=True, slots=True)
class ListedKey:
    """One access key as list-access-keys names it; the report has no key IDs."""

    key_id: str
    user: str
    active: MaybeBool
    created: MaybeTime
    location: Location


@dataclass(frozen=True, slots=True)
class KeyLastUsed:
    """What get-access-key-last-used answers of one key; its ID stands in the file's name alone."""

    key_id: str
    user: str
    last_used: MaybeTime
    region: str
    service: str
    location: Location


@dataclass(frozen=True, slots=True)
class Certificate:
    """One X.509 signing certificate slot that holds a certificate."""

    slot: int
    active: MaybeBool
    created: MaybeTime
    row: Location

    def location(self, column: str) -> Location:
        """The slot's cell: `active` or `last_rotated`."""
        return self.row.at(f"cert_{self.slot}_{column}")


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """A user's (or root's) row of the credential report.

    `more_credentials` is what the report says of credentials that it has no columns for.
    """

    row: Location
    created: MaybeTime
    password_enabled: MaybeBool
    password_last_used: MaybeTime
    password_last_changed: MaybeTime
    password_next_rotation: MaybeTime
    mfa_active: MaybeBool
    keys: tuple[AccessKey, ...]
    certificates: tuple[Certificate, ...]
    more_credentials: str = ""

    @property
    def active_keys(self) -> tuple[AccessKey, ...]:
        """The keys that are certainly active."""
        return tuple(key for key in self.keys if key.active is True)

    @property
    def unreadable_keys(self) -> tuple[AccessKey, ...]:
        """The keys whose status can't be read; any of them may be active."""
        return tuple(key for key in self.keys if not isinstance(key.active, bool))

    @property
    def may_hold_key(self) -> bool:
        """True unless no key is active, for certain."""
        return bool(self.active_keys or self.unreadable_keys)

    @property
    def first_unreadable_cell(self) -> Location:
        """The first cell that makes `has_live_credential` unreadable."""
        if not isinstance(self.password_enabled, bool):
            return self.row.at("password_enabled")
        for key in self.unreadable_keys:
            return key.location("active")
        for certificate in self.certificates:
            if not isinstance(certificate.active, bool):
                return certificate.location("active")
        return self.row

    @property
    def has_live_credential(self) -> MaybeBool:
        """Whether a password, key or certificate in the row is active.

        Unreadable where none certainly is and one may be.
        """
        flags = [self.password_enabled, *(key.active for key in self.keys)]
        flags += [certificate.active for certificate in self.certificates]
        if any(each is True for each in flags):
            return True
        return False if all(each is False for each in flags) else MissingValue.UNREADABLE

    def described(self) -> str:
        """What is live, in words: "password, 2 active keys"."""
        keys = len(self.active_keys)
        certificates = sum(each.active is True for each in self.certificates)
        parts = ["password"] if self.password_enabled is True else []
        parts += [f"{keys} active key{'s' if keys > 1 else ''}"] if keys else []
        parts += ["signing certificate"] if certificates else []
        return ", ".join(parts) or "none"


@dataclass(frozen=True, slots=True)
class PolicyAttachment:
    """A policy that a principal holds: managed with its ARN, inline with its document."""

    name: str
    location: Location
    arn: str | None = None
    document: JsonNode | None = None

    @property
    def aws_name(self) -> str:
        """The name of a policy that AWS maintains, "" for any other: a namesake is not the same."""
        arn = self.arn or ""
        return arn.rpartition("/")[2] if is_aws_managed_policy(arn) else ""

    @property
    def is_quarantine(self) -> bool:
        """True where AWS attached the policy because it found a key of the user in public."""
        return self.aws_name.startswith(QUARANTINE_POLICY)


@dataclass(frozen=True, slots=True)
class UnplacedPart:
    """A part of an entry that AWS does not write so. It may grant anything, or forbid it."""

    what: str
    location: Location

    def described(self) -> str:
        """The part and its place: "an attached policy without PolicyArn at /UserDetailList/0/…"."""
        return f"{self.what} at {self.location.pointer or '/'}"


@dataclass(frozen=True, slots=True)
class PrincipalDetails:
    """What the authorization details say of a principal.

    `unplaced`: nobody can tell what those parts of its entry give, so its rights are unknown.
    """

    location: Location
    created: MaybeTime
    tags_location: Location
    attached: tuple[PolicyAttachment, ...] = ()
    inline: tuple[PolicyAttachment, ...] = ()
    groups: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    boundary: str | None = None
    unique_id: str | None = None
    unplaced: tuple[UnplacedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class MfaDevice:
    """One MFA device. The serial tells its type, the export does not."""

    serial: str
    location: Location

    @property
    def is_virtual(self) -> bool:
        """True for an authenticator app; FIDO keys have `u2f/` serials, tokens a plain number."""
        return ":mfa/" in self.serial


@dataclass(frozen=True, slots=True)
class LoginProfile:
    """A user's console password as get-login-profile describes it.

    `created` is when the user's first password was set; a later change leaves it as it is.
    """

    reset_required: MaybeBool
    location: Location
    created: MaybeTime = MissingValue.UNREADABLE


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user, from the credential report, the authorization details, or both."""

    name: str
    arn: str
    report_entry: ReportEntry | None = None
    details: PrincipalDetails | None = None
    login_profile: LoginProfile | None = None
    mfa_devices: tuple[MfaDevice, ...] = ()

    @property
    def created(self) -> MaybeTime:
        """When the user was made, by whichever export says it, the details first."""
        known = [each.created for each in (self.details, self.report_entry) if each]
        return next((time for time in known if isinstance(time, datetime)), MissingValue.UNREADABLE)

    @property
    def stable_id(self) -> str:
        """ARN and creation time: both exports have them, and a namesake made later differs."""
        return f"{self.arn}@{lasting_stamp(self.created)}"


@dataclass(frozen=True, slots=True)
class Group:
    """An IAM group; `members` are the users whose details name it."""

    name: str
    arn: str
    details: PrincipalDetails
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role. `last_used` is ABSENT for one that was not used in the last 400 days.

    `instance_profiles` are the ARNs of the instance profiles that it is in. None: the export does
    not say.
    """

    name: str
    arn: str
    details: PrincipalDetails
    trust: JsonNode | None
    last_used: MaybeTime
    instance_profiles: tuple[str, ...] | None = None

    @property
    def stable_id(self) -> str:
        """ARN and creation time: a namesake made later is another role."""
        return f"{self.arn}@{lasting_stamp(self.details.created)}"

    @property
    def is_service_linked(self) -> bool:
        """True for a role that an AWS service owns; the account can't change it.

        Such a role lets in services alone, so one of that path that lets in others is none.
        """
        return self.is_in_service_path and _lets_in_services_alone(self.trust)

    @property
    def is_in_service_path(self) -> bool:
        """True for a role where AWS keeps the roles of its services, and nobody else can make one.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
        """
        return ":role/aws-service-role/" in self.arn

    @property
    def is_identity_center(self) -> bool:
        """True for a role that IAM Identity Center made for a permission set."""
        return is_identity_center_role(self.arn)


@dataclass(frozen=True, slots=True)
class Policy:
    """A managed policy of the account. `attachments` None: the export does not count them.

    `document` is its default version, `older` are the others that the export carries. `unplaced`
    are parts of its entry that may hold another text, so what it gives is unknown.
    """

    name: str
    arn: str
    attachments: int | None
    boundary_uses: int | None
    document: JsonNode | None
    location: Location
    older: tuple[JsonNode, ...] = ()
    unplaced: tuple[UnplacedPart, ...] = ()

    @property
    def is_aws_managed(self) -> bool:
        """True for a policy that AWS maintains."""
        return is_aws_managed_policy(self.arn)


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that the exports say of one account.

    Ages are measured at `as_of`. `artifacts` are the files of the account that count, older exports
    and copies left out; `other_artifacts` are those of other accounts. `documents` are its JSON
    exports by kind, the newest file first. `analyzer_findings` are Access Analyzer's findings on
    its resources, whichever account's analyzer made them: entries of lists and single findings.
    `as_of_is_stated` False: that time is the newest in the files, so the real ages may be greater.
    `root_mfa_devices` None: no export lists devices. `root_rows` are all rows of root; there
    should be one. `details_gaps` are the signs that the authorization details lack a part, each
    with its place.
    """

    id: str
    partition: str
    as_of: datetime
    as_of_is_stated: bool = True
    alias: str | None = None
    root: ReportEntry | None = None
    root_mfa_devices: tuple[MfaDevice, ...] | None = None
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: tuple[Policy, ...] = ()
    listed_keys: tuple[ListedKey, ...] = ()
    keys_last_used: tuple[KeyLastUsed, ...] = ()
    documents: Mapping[ExportKind, tuple[JsonNode, ...]] = field(default_factory=dict)
    analyzer_findings: tuple[JsonNode, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    other_artifacts: tuple[Artifact, ...] = ()
    available_exports: frozenset[ExportKind] = frozenset()
    root_rows: tuple[Location, ...] = ()
    report_is_complete: bool = True
    details_are_complete: bool = True
    details_gaps: tuple[Note, ...] = ()

    @property
    def details_are_cut(self) -> bool:
        """True where pages, sections or entries of the authorization details are missing."""
        return bool(self.details_gaps)

    @property
    def root_arn(self) -> str:
        """The ARN of the root user, which also stands for the account as a whole."""
        return f"arn:{self.partition}:iam::{self.id}:root"

    def age(self, moment: datetime) -> timedelta:
        """How long ago that was, at the time of the report."""
        return self.as_of - moment

    def days_since(self, moment: datetime) -> int:
        """The whole days since then, which is what limits count: 90 days and an hour are 90."""
        return self.age(moment).days

    def users_in_report(self) -> Iterator[tuple[User, ReportEntry]]:
        """Every user whom the credential report lists, root excluded."""
        for user in self.users:
            if user.report_entry is not None:
                yield user, user.report_entry

    def users_in_details(self) -> Iterator[tuple[User, PrincipalDetails]]:
        """Every user whom the authorization details list."""
        for user in self.users:
            if user.details is not None:
                yield user, user.details

    def documents_of_kind(self, kind: ExportKind) -> tuple[JsonNode, ...]:
        """The documents of that kind, in the order of the files."""
        return self.documents.get(kind, ())


def is_aws_managed_policy(arn: str) -> bool:
    """True for a policy that AWS maintains, which no account can change."""
    return ":iam::aws:policy/" in arn


def is_identity_center_role(arn: str) -> bool:
    """True for a role of a permission set, which IAM lets nobody but Identity Center change.

    https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
    """
    return ":role/aws-reserved/sso.amazonaws.com/" in arn


def _lets_in_services_alone(trust: JsonNode | None) -> bool:
    """True if every statement of the trust policy names services, and nobody besides."""
    statements = list(trust.each("Statement")) if trust is not None else []
    principals = [each.child("Principal") for each in statements]
    return bool(principals) and all(
        each is not None and [name.lower() for name, _ in each.members()] == ["service"]
        for each in principals
    )


def lasting_stamp(made: MaybeTime) -> str:
    """The minute in which something was made, "" where that is unknown; part of its identity.

    Each export rounds the second by itself, and a spreadsheet drops it.
    """
    return f"{made:%Y-%m-%dT%H:%M}" if isinstance(made, datetime) else ""


def principal_noun(arn: str) -> str:
    """What a sentence calls a principal: "user ann", "role ci"; the ARN where it is no such."""
    kind, slash, name = arn.rpartition(":")[2].partition("/")
    return f"{kind} {name.rpartition('/')[2]}" if slash and kind and name else arn
