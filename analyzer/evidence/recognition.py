"""In: a document, or the text of a failed call. Out: which export it is, told by its content."""

import re
from dataclasses import dataclass

from analyzer.evidence.artifacts import ExportKind
from analyzer.evidence.json_documents import JsonNode, normalised_key

_SIGNATURES: tuple[tuple[ExportKind, tuple[str, ...]], ...] = (
    (ExportKind.PACK_MANIFEST, ("credaudit_pack",)),
    (ExportKind.CREDENTIAL_REPORT, ("Content", "ReportFormat")),
    (ExportKind.CREDENTIAL_REPORT, ("Content", "GeneratedTime")),
    (ExportKind.AUTHORIZATION_DETAILS, ("UserDetailList",)),
    (ExportKind.AUTHORIZATION_DETAILS, ("RoleDetailList",)),
    (ExportKind.AUTHORIZATION_DETAILS, ("GroupDetailList",)),
    (ExportKind.CONTROL_POLICIES, ("Policies", "credaudit_target")),
    (ExportKind.AUTHORIZATION_DETAILS, ("Policies", "IsTruncated")),
    (ExportKind.ACCOUNT_SUMMARY, ("SummaryMap",)),
    (ExportKind.PASSWORD_POLICY, ("PasswordPolicy",)),
    (ExportKind.ACCESS_KEYS, ("AccessKeyMetadata",)),
    (ExportKind.KEY_LAST_USED, ("AccessKeyLastUsed",)),
    (ExportKind.MFA_DEVICES, ("VirtualMFADevices",)),
    (ExportKind.MFA_DEVICES, ("MFADevices",)),
    (ExportKind.LOGIN_PROFILES, ("LoginProfile",)),
    (ExportKind.SERVER_CERTIFICATES, ("ServerCertificateMetadataList",)),
    (ExportKind.SAML_PROVIDERS, ("SAMLProviderList",)),
    (ExportKind.OIDC_PROVIDERS, ("OpenIDConnectProviderList",)),
    (ExportKind.OIDC_PROVIDERS, ("Url", "ClientIDList")),
    (ExportKind.ANALYZERS, ("analyzers",)),
    (ExportKind.ANALYZER_FINDINGS, ("findingDetails",)),
    (ExportKind.ANALYZER_FINDINGS, ("finding",)),
    (ExportKind.ANALYZER_FINDINGS, ("findings",)),
    (ExportKind.LAST_ACCESSED, ("ServicesLastAccessed",)),
    (ExportKind.ORG_FEATURES, ("EnabledFeatures",)),
    (ExportKind.ORGANIZATION, ("Organization",)),
    (ExportKind.ORG_ACCOUNTS, ("Accounts",)),
    (ExportKind.IDENTITY_CENTER, ("Instances",)),
    (ExportKind.IDENTITY_CENTER, ("PermissionSets",)),
    (ExportKind.IDENTITY_CENTER, ("PermissionSet",)),
    (ExportKind.IDENTITY_CENTER, ("AccountAssignments",)),
    (ExportKind.ACCOUNT_CONTACTS, ("AlternateContact",)),
    (ExportKind.ACCOUNT_ALIASES, ("AccountAliases",)),
    (ExportKind.CALLER_IDENTITY, ("UserId", "Account", "Arn")),
    (ExportKind.SERVICE_SPECIFIC_CREDENTIALS, ("ServiceSpecificCredentials",)),
    (ExportKind.SSH_PUBLIC_KEYS, ("SSHPublicKeys",)),
    (ExportKind.SIGNING_CERTIFICATES, ("Certificates",)),
    (ExportKind.CONTROL_POLICIES, ("Policy",)),
)
_FOLDED_SIGNATURES = [(kind, {normalised_key(key) for key in keys}) for kind, keys in _SIGNATURES]
_LISTS = (
    "UserDetailList", "GroupDetailList", "RoleDetailList", "Policies", "AccessKeyMetadata",
    "VirtualMFADevices", "MFADevices", "ServerCertificateMetadataList", "SAMLProviderList",
    "OpenIDConnectProviderList", "analyzers", "findings", "ServicesLastAccessed",
    "EnabledFeatures", "Accounts", "Instances", "PermissionSets", "AccountAssignments",
    "AccountAliases", "ServiceSpecificCredentials", "SSHPublicKeys", "Certificates", "calls",
)  # fmt: skip

_ERROR = re.compile(
    r"An error occurred \((\w+)\) when calling the (\w+) operation[^:]*: ?([^\r\n]*)"
)

_TELLING = {
    ("GetAccountPasswordPolicy", "NoSuchEntity"): ExportKind.PASSWORD_POLICY,
    ("GetAlternateContact", "ResourceNotFoundException"): ExportKind.ACCOUNT_CONTACTS,
    ("DescribeOrganization", "AWSOrganizationsNotInUseException"): ExportKind.ORGANIZATION,
    ("GetLoginProfile", "NoSuchEntity"): ExportKind.LOGIN_PROFILES,
    ("ListOrganizationsFeatures", "ServiceAccessNotEnabledException"): ExportKind.ORG_FEATURES,
}
"""Errors that are answers: AWS says so that there is none."""


@dataclass(frozen=True, slots=True)
class FailedCall:
    """The error text of an AWS CLI call, as the collect script or a person saved it."""

    operation: str
    code: str
    message: str

    @property
    def kind(self) -> ExportKind:
        """The export that this error answers, FAILED_CALL where it only says that it failed."""
        return _TELLING.get((self.operation, self.code), ExportKind.FAILED_CALL)


def recognise(document: JsonNode) -> ExportKind:
    """Which export the document is; UNRECOGNISED where no call of the AWS CLI answers so."""
    if not isinstance(document.value, dict):
        return ExportKind.UNRECOGNISED
    names = {normalised_key(str(name)) for name in document.value}
    found = next(
        (kind for kind, keys in _FOLDED_SIGNATURES if keys <= names), ExportKind.UNRECOGNISED
    )
    policy = document.child("Policy")
    # IAM's own get-policy answers with a Policy, too, but without a summary.
    if (
        found is ExportKind.CONTROL_POLICIES
        and policy is not None
        and not policy.has("PolicySummary")
    ):
        return ExportKind.UNRECOGNISED
    return found


def count_entries(document: JsonNode) -> int:
    """How many things the document lists; 1 for an answer that is no list."""
    counts = [sum(1 for _ in document.each(key)) for key in _LISTS if document.has(key)]
    return sum(counts) if counts else 1


def parse_cli_error(text: str) -> FailedCall | None:
    """The AWS CLI's error message in a text, None where it holds none.

    The collect script writes the command on the first line, so a message in an unknown form still
    says which call failed.
    """
    found = _ERROR.search(text[:10_000])
    if found:
        return FailedCall(found[2], found[1], found[3][:300])
    command, _, message = text.strip().partition("\n")
    if not command.startswith("aws "):
        return None
    return FailedCall(command[:100], "an error", " ".join(message.split())[:300])
