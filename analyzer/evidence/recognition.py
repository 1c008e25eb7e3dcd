"""In: a document, or the text of a failed call. Out: which export it is, told by its content."""

import re
from dataclasses import dataclass

from analyzer.evidence.artifacts import Kind
from analyzer.evidence.json_documents import Node, folded

_SIGNATURES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.PACK_MANIFEST, ("credaudit_pack",)),
    (Kind.CREDENTIAL_REPORT, ("Content", "ReportFormat")),
    (Kind.CREDENTIAL_REPORT, ("Content", "GeneratedTime")),
    (Kind.AUTHORIZATION_DETAILS, ("UserDetailList",)),
    (Kind.AUTHORIZATION_DETAILS, ("RoleDetailList",)),
    (Kind.AUTHORIZATION_DETAILS, ("GroupDetailList",)),
    (Kind.CONTROL_POLICIES, ("Policies", "credaudit_target")),
    (Kind.AUTHORIZATION_DETAILS, ("Policies", "IsTruncated")),
    (Kind.ACCOUNT_SUMMARY, ("SummaryMap",)),
    (Kind.PASSWORD_POLICY, ("PasswordPolicy",)),
    (Kind.ACCESS_KEYS, ("AccessKeyMetadata",)),
    (Kind.KEY_LAST_USED, ("AccessKeyLastUsed",)),
    (Kind.MFA_DEVICES, ("VirtualMFADevices",)),
    (Kind.MFA_DEVICES, ("MFADevices",)),
    (Kind.LOGIN_PROFILES, ("LoginProfile",)),
    (Kind.SERVER_CERTIFICATES, ("ServerCertificateMetadataList",)),
    (Kind.SAML_PROVIDERS, ("SAMLProviderList",)),
    (Kind.OIDC_PROVIDERS, ("OpenIDConnectProviderList",)),
    (Kind.OIDC_PROVIDERS, ("Url", "ClientIDList")),
    (Kind.ANALYZERS, ("analyzers",)),
    (Kind.ANALYZER_FINDINGS, ("findingDetails",)),
    (Kind.ANALYZER_FINDINGS, ("finding",)),
    (Kind.ANALYZER_FINDINGS, ("findings",)),
    (Kind.LAST_ACCESSED, ("ServicesLastAccessed",)),
    (Kind.ORG_FEATURES, ("EnabledFeatures",)),
    (Kind.ORGANIZATION, ("Organization",)),
    (Kind.ORG_ACCOUNTS, ("Accounts",)),
    (Kind.IDENTITY_CENTER, ("Instances",)),
    (Kind.IDENTITY_CENTER, ("PermissionSets",)),
    (Kind.IDENTITY_CENTER, ("PermissionSet",)),
    (Kind.IDENTITY_CENTER, ("AccountAssignments",)),
    (Kind.ACCOUNT_CONTACTS, ("AlternateContact",)),
    (Kind.ACCOUNT_ALIASES, ("AccountAliases",)),
    (Kind.CALLER_IDENTITY, ("UserId", "Account", "Arn")),
    (Kind.SERVICE_SPECIFIC_CREDENTIALS, ("ServiceSpecificCredentials",)),
    (Kind.SSH_PUBLIC_KEYS, ("SSHPublicKeys",)),
    (Kind.SIGNING_CERTIFICATES, ("Certificates",)),
    (Kind.CONTROL_POLICIES, ("Policy",)),
)
_FOLDED_SIGNATURES = [(kind, {folded(key) for key in keys}) for kind, keys in _SIGNATURES]
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
    ("GetAccountPasswordPolicy", "NoSuchEntity"): Kind.PASSWORD_POLICY,
    ("GetAlternateContact", "ResourceNotFoundException"): Kind.ACCOUNT_CONTACTS,
    ("DescribeOrganization", "AWSOrganizationsNotInUseException"): Kind.ORGANIZATION,
    ("GetLoginProfile", "NoSuchEntity"): Kind.LOGIN_PROFILES,
    ("ListOrganizationsFeatures", "ServiceAccessNotEnabledException"): Kind.ORG_FEATURES,
}
"""Errors that are answers: AWS says so that there is none."""


@dataclass(frozen=True, slots=True)
class FailedCall:
    """The error text of an AWS CLI call, as the collect script or a person saved it."""

    operation: str
    code: str
    message: str

    @property
    def kind(self) -> Kind:
        """The export that this error answers, FAILED_CALL where it only says that it failed."""
        return _TELLING.get((self.operation, self.code), Kind.FAILED_CALL)


def kind_of(document: Node) -> Kind:
    """Which export the document is; UNRECOGNISED where no call of the AWS CLI answers so."""
    if not isinstance(document.value, dict):
        return Kind.UNRECOGNISED
    names = {folded(str(name)) for name in document.value}
    found = next((kind for kind, keys in _FOLDED_SIGNATURES if keys <= names), Kind.UNRECOGNISED)
    policy = document.child("Policy")
    # IAM's own get-policy answers with a Policy, too, but without a summary.
    if found is Kind.CONTROL_POLICIES and policy is not None and not policy.has("PolicySummary"):
        return Kind.UNRECOGNISED
    return found


def entries_in(document: Node) -> int:
    """How many things the document lists; 1 for an answer that is no list."""
    counts = [sum(1 for _ in document.each(key)) for key in _LISTS if document.has(key)]
    return sum(counts) if counts else 1


def failed_call(text: str) -> FailedCall | None:
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
