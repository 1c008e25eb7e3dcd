"""In: nothing. Out: ExportKind, one row for each kind of file that an audit can be given.

A new export of AWS takes a row here, a parser in `analyzer.inventory.small_exports`, its call in
a file of `templates/collect/` and its `[input.]` table in `analyzer/rules/catalogue.toml`.
Recognition, attribution and joining are drawn from the rows; no other module needs a line.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTraits:
    """What the program knows of one kind of export."""

    calls: tuple[str, ...] = ()
    """The calls of the AWS CLI that answer so: `iam list-access-keys`."""
    signatures: tuple[tuple[str, ...], ...] = ()
    """Sets of keys that tell the kind: a document with all keys of one set is of this kind.

    `SSHPublicKeys[]` is a list, `Policy/PolicySummary` an object with that member, and
    `findings[]/isPublic|findingType` a list of objects with one of these; with `[+]` it is not
    empty. Of two kinds whose keys a document has, the upper row wins.
    """
    bare: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Members handed in by themselves (`--query`, PowerShell), with the keys that tell them.

    For a list they are the keys of an entry. A document without any signature that has all keys of
    one of these is read as that member of the answer.
    """
    lists: tuple[str, ...] = ()
    """The keys of the lists in it, whose entries are counted."""
    own_arns: tuple[tuple[str, str], ...] = ()
    """List and member whose ARNs name the account that was asked; no other ARN says whose it is."""
    answers: tuple[tuple[str, str], ...] = ()
    """Operation and error code with which AWS says that there is none: an answer, no failure."""
    is_organization_wide: bool = False
    """Only the management account can export it, and it speaks of every member account."""
    needs_account: bool = True
    """It is a problem if nothing says to which account the file belongs."""
    is_input: bool = True
    """Checks may ask for it, so the catalogue says how to make it."""
    is_collected: bool = True
    """The collect script asks for it."""
    is_read: bool = True
    """Some later stage reads it."""


class ExportKind(StrEnum):
    """What an artifact is, by its content. The values are the catalogue's input names."""

    traits: ExportTraits

    def __new__(cls, value: str, traits: ExportTraits) -> Self:
        """The kind of that value, with what is known of it."""
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.traits = traits
        return kind

    PACK_MANIFEST = (
        "pack_manifest",
        ExportTraits(signatures=(("credaudit_pack",),), lists=("calls",), is_input=False),
    )
    CREDENTIAL_REPORT = (
        "credential_report",
        ExportTraits(
            calls=("iam get-credential-report",),
            signatures=(("Content", "ReportFormat"), ("Content", "GeneratedTime")),
            needs_account=False,
        ),
    )
    AUTHORIZATION_DETAILS = (
        "gaad",
        ExportTraits(
            calls=("iam get-account-authorization-details",),
            signatures=(
                ("UserDetailList[]",),
                ("RoleDetailList[]",),
                ("GroupDetailList[]",),
                ("Policies[+]/PolicyVersionList",),
            ),
            bare=(
                ("UserDetailList", ("UserId", "Arn", "GroupList")),
                ("UserDetailList", ("UserId", "Arn", "AttachedManagedPolicies")),
                ("GroupDetailList", ("GroupId", "Arn", "GroupPolicyList")),
                ("GroupDetailList", ("GroupId", "Arn", "AttachedManagedPolicies")),
                ("RoleDetailList", ("RoleId", "Arn", "RolePolicyList")),
                ("RoleDetailList", ("RoleId", "Arn", "AttachedManagedPolicies")),
                ("Policies", ("PolicyId", "Arn", "PolicyVersionList")),
            ),
            lists=("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"),
            own_arns=(
                ("UserDetailList", "Arn"),
                ("GroupDetailList", "Arn"),
                ("RoleDetailList", "Arn"),
                ("Policies", "Arn"),
            ),
        ),
    )
    ACCOUNT_SUMMARY = (
        "account_summary",
        ExportTraits(
            calls=("iam get-account-summary",),
            signatures=(("SummaryMap",),),
            bare=(
                ("SummaryMap", ("AccountMFAEnabled",)),
                ("SummaryMap", ("AccountAccessKeysPresent",)),
            ),
        ),
    )
    PASSWORD_POLICY = (
        "password_policy",
        ExportTraits(
            calls=("iam get-account-password-policy",),
            # Cognito's password policies have members of other names.
            signatures=(
                (
                    "PasswordPolicy/MinimumPasswordLength|ExpirePasswords|RequireUppercaseCharacters",
                ),
            ),
            bare=(("PasswordPolicy", ("MinimumPasswordLength", "RequireSymbols")),),
            answers=(("GetAccountPasswordPolicy", "NoSuchEntity"),),
        ),
    )
    ACCESS_KEYS = (
        "access_keys",
        ExportTraits(
            calls=("iam list-access-keys",),
            signatures=(("AccessKeyMetadata[]",),),
            bare=(("AccessKeyMetadata", ("AccessKeyId", "Status", "UserName")),),
            lists=("AccessKeyMetadata",),
        ),
    )
    KEY_LAST_USED = (
        "access_key_last_used",
        ExportTraits(
            calls=("iam get-access-key-last-used",),
            signatures=(("AccessKeyLastUsed",),),
            # The credential report has the same times; only an inquiry into one key needs it.
            is_collected=False,
        ),
    )
    MFA_DEVICES = (
        "mfa_devices",
        ExportTraits(
            calls=("iam list-virtual-mfa-devices", "iam list-mfa-devices"),
            signatures=(("VirtualMFADevices[]",), ("MFADevices[]",)),
            bare=(
                ("MFADevices", ("SerialNumber", "EnableDate", "UserName")),
                ("VirtualMFADevices", ("SerialNumber", "EnableDate", "User")),
            ),
            lists=("VirtualMFADevices", "MFADevices"),
            own_arns=(("VirtualMFADevices", "SerialNumber"), ("MFADevices", "SerialNumber")),
        ),
    )
    LOGIN_PROFILES = (
        "login_profiles",
        ExportTraits(
            calls=("iam get-login-profile",),
            signatures=(("LoginProfile/UserName|CreateDate|PasswordResetRequired",),),
            bare=(("LoginProfile", ("UserName", "CreateDate", "PasswordResetRequired")),),
            answers=(("GetLoginProfile", "NoSuchEntity"),),
        ),
    )
    SERVER_CERTIFICATES = (
        "server_certificates",
        ExportTraits(
            calls=("iam list-server-certificates",),
            signatures=(("ServerCertificateMetadataList[]",),),
            bare=(("ServerCertificateMetadataList", ("ServerCertificateId", "Expiration")),),
            lists=("ServerCertificateMetadataList",),
            own_arns=(("ServerCertificateMetadataList", "Arn"),),
        ),
    )
    SAML_PROVIDERS = (
        "saml_providers",
        ExportTraits(
            calls=("iam list-saml-providers",),
            signatures=(("SAMLProviderList[]",),),
            bare=(("SAMLProviderList", ("Arn", "ValidUntil", "CreateDate")),),
            lists=("SAMLProviderList",),
            own_arns=(("SAMLProviderList", "Arn"),),
        ),
    )
    SAML_PROVIDER_DETAILS = (
        "saml_provider_details",
        ExportTraits(
            calls=("iam get-saml-provider",),
            signatures=(("SAMLMetadataDocument",),),
            is_read=False,
        ),
    )
    OIDC_PROVIDERS = (
        "oidc_providers",
        ExportTraits(
            calls=("iam list-open-id-connect-providers", "iam get-open-id-connect-provider"),
            signatures=(("OpenIDConnectProviderList[]",), ("Url", "ClientIDList")),
            lists=("OpenIDConnectProviderList",),
            own_arns=(("OpenIDConnectProviderList", "Arn"),),
        ),
    )
    ANALYZERS = (
        "analyzers",
        ExportTraits(
            calls=("accessanalyzer list-analyzers",),
            signatures=(("analyzers[]/arn",),),
            bare=(("analyzers", ("arn", "name", "type", "status", "createdAt")),),
            lists=("analyzers",),
            own_arns=(("analyzers", "arn"),),
        ),
    )
    FINDING_DETAILS = (
        "finding_details",
        ExportTraits(
            calls=("accessanalyzer get-finding-v2",),
            # Of access from outside, they are ANALYZER_FINDINGS.
            signatures=(
                (
                    (
                        "findingDetails[+]/unusedPermissionDetails|unusedIamRoleDetails|"
                        "unusedIamUserAccessKeyDetails|unusedIamUserPasswordDetails|"
                        "internalAccessDetails"
                    ),
                ),
            ),
        ),
    )
    FINDING_RECOMMENDATIONS = (
        "finding_recommendations",
        ExportTraits(
            calls=("accessanalyzer get-finding-recommendation",),
            signatures=(("recommendationType", "startedAt"),),
            lists=("recommendedSteps",),
        ),
    )
    ANALYZER_FINDINGS = (
        "analyzer_findings",
        ExportTraits(
            calls=("accessanalyzer list-findings-v2", "accessanalyzer get-finding-v2"),
            signatures=(
                ("findingDetails[]",),
                ("finding/resourceOwnerAccount|isPublic|findingType",),
                # What validate-policy has to say of a text has a findingType, too.
                (
                    "findings[]/resourceOwnerAccount|isPublic|findingType|analyzedAt",
                    "findings[]/id|resource|status",
                ),
            ),
            bare=(("findings", ("analyzedAt", "resourceOwnerAccount", "status")),),
            lists=("findings",),
        ),
    )
    LAST_ACCESSED = (
        "last_accessed",
        ExportTraits(
            calls=("iam get-service-last-accessed-details",),
            signatures=(("ServicesLastAccessed[]",),),
            lists=("ServicesLastAccessed",),
        ),
    )
    ORG_FEATURES = (
        "org_features",
        ExportTraits(
            calls=("iam list-organizations-features",),
            signatures=(("EnabledFeatures[]",),),
            lists=("EnabledFeatures",),
            answers=(("ListOrganizationsFeatures", "ServiceAccessNotEnabledException"),),
            is_organization_wide=True,
        ),
    )
    ORGANIZATION = (
        "organization",
        ExportTraits(
            calls=("organizations describe-organization",),
            signatures=(("Organization",),),
            answers=(("DescribeOrganization", "AWSOrganizationsNotInUseException"),),
            is_organization_wide=True,
        ),
    )
    ORG_ACCOUNTS = (
        "org_accounts",
        ExportTraits(
            calls=("organizations list-accounts",),
            signatures=(("Accounts[]/Id",),),
            bare=(("Accounts", ("Id", "Arn", "JoinedTimestamp")),),
            lists=("Accounts",),
            is_organization_wide=True,
            needs_account=False,
        ),
    )
    IDENTITY_CENTER = (
        "identity_center",
        ExportTraits(
            calls=("sso-admin list-instances", "sso-admin list-permission-sets"),
            signatures=(
                ("Instances[]/IdentityStoreId|InstanceArn",),
                ("PermissionSets[]",),
            ),
            lists=("Instances", "PermissionSets"),
            is_organization_wide=True,
        ),
    )
    PERMISSION_SETS = (
        "permission_sets",
        ExportTraits(
            calls=(
                "sso-admin describe-permission-set",
                "sso-admin list-managed-policies-in-permission-set",
                "sso-admin list-customer-managed-policy-references-in-permission-set",
                "sso-admin get-inline-policy-for-permission-set",
                "sso-admin get-permissions-boundary-for-permission-set",
                "sso-admin list-accounts-for-provisioned-permission-set",
            ),
            # Only the first answer says of which permission set it speaks.
            signatures=(
                ("PermissionSet",),
                ("AttachedManagedPolicies[]", "credaudit_permission_set"),
                ("CustomerManagedPolicyReferences[]", "credaudit_permission_set"),
                ("InlinePolicy", "credaudit_permission_set"),
                ("PermissionsBoundary", "credaudit_permission_set"),
                ("AccountIds[]", "credaudit_permission_set"),
            ),
            lists=("AttachedManagedPolicies", "CustomerManagedPolicyReferences", "AccountIds"),
            is_organization_wide=True,
        ),
    )
    ACCOUNT_ASSIGNMENTS = (
        "account_assignments",
        ExportTraits(
            calls=("sso-admin list-account-assignments",),
            signatures=(("AccountAssignments[]",),),
            bare=(("AccountAssignments", ("AccountId", "PermissionSetArn", "PrincipalId")),),
            lists=("AccountAssignments",),
            is_organization_wide=True,
        ),
    )
    IDENTITY_STORE = (
        "identity_store",
        ExportTraits(
            calls=(
                "identitystore list-users",
                "identitystore list-groups",
                "identitystore list-group-memberships",
            ),
            # IAM's lists of users and groups have these keys, too.
            signatures=(
                ("Users[]", "credaudit_identity_store"),
                ("Groups[]", "credaudit_identity_store"),
                ("GroupMemberships[]",),
                ("Users[+]/IdentityStoreId",),
                ("Groups[+]/IdentityStoreId",),
            ),
            lists=("Users", "Groups", "GroupMemberships"),
            is_organization_wide=True,
            is_read=False,
        ),
    )
    DELEGATED_ADMINISTRATORS = (
        "delegated_administrators",
        ExportTraits(
            calls=(
                "organizations list-delegated-administrators",
                "organizations list-delegated-services-for-account",
            ),
            # `credaudit_delegate` is the account for which the second call was made.
            signatures=(("DelegatedAdministrators[]",), ("DelegatedServices[]",)),
            bare=(("DelegatedAdministrators", ("Id", "Arn", "DelegationEnabledDate")),),
            lists=("DelegatedAdministrators", "DelegatedServices"),
            own_arns=(("DelegatedAdministrators", "Arn"),),
            is_organization_wide=True,
        ),
    )
    ORGANIZATION_ROOTS = (
        "organization_roots",
        ExportTraits(
            calls=("organizations list-roots",),
            signatures=(("Roots[]",),),
            bare=(("Roots", ("Id", "Arn", "PolicyTypes")),),
            lists=("Roots",),
            own_arns=(("Roots", "Arn"),),
            is_organization_wide=True,
            is_read=False,
        ),
    )
    ORGANIZATION_DELEGATION = (
        "organization_delegation",
        ExportTraits(
            calls=("organizations describe-resource-policy",),
            signatures=(("ResourcePolicy/ResourcePolicySummary",),),
            answers=(("DescribeResourcePolicy", "ResourcePolicyNotFoundException"),),
            is_organization_wide=True,
            is_read=False,
        ),
    )
    ACCOUNT_CONTACTS = (
        "account_contacts",
        ExportTraits(
            calls=("account get-alternate-contact",),
            signatures=(("AlternateContact",),),
            answers=(("GetAlternateContact", "ResourceNotFoundException"),),
        ),
    )
    CONTACT_INFORMATION = (
        "contact_information",
        ExportTraits(
            calls=("account get-contact-information",),
            signatures=(("ContactInformation",),),
            answers=(("GetContactInformation", "ResourceNotFoundException"),),
        ),
    )
    ACCOUNT_ALIASES = (
        "account_aliases",
        ExportTraits(
            calls=("iam list-account-aliases",),
            signatures=(("AccountAliases[]",),),
            lists=("AccountAliases",),
        ),
    )
    CALLER_IDENTITY = (
        "caller_identity",
        ExportTraits(
            calls=("sts get-caller-identity",),
            signatures=(("UserId", "Account", "Arn"),),
            # It names the account of the files beside it, and nothing else is in it.
            is_input=False,
        ),
    )
    SERVICE_SPECIFIC_CREDENTIALS = (
        "service_specific_credentials",
        ExportTraits(
            calls=("iam list-service-specific-credentials",),
            signatures=(("ServiceSpecificCredentials[]",),),
            bare=(("ServiceSpecificCredentials", ("ServiceSpecificCredentialId", "ServiceName")),),
            lists=("ServiceSpecificCredentials",),
        ),
    )
    SSH_PUBLIC_KEYS = (
        "ssh_public_keys",
        ExportTraits(
            calls=("iam list-ssh-public-keys",),
            signatures=(("SSHPublicKeys[]",),),
            lists=("SSHPublicKeys",),
        ),
    )
    SIGNING_CERTIFICATES = (
        "signing_certificates",
        ExportTraits(
            calls=("iam list-signing-certificates",),
            signatures=(("Certificates[]/CertificateBody|UserName",),),
            lists=("Certificates",),
        ),
    )
    CONTROL_POLICIES = (
        "scp",
        ExportTraits(
            calls=("organizations list-policies-for-target", "organizations describe-policy"),
            # IAM's own get-policy answers with a Policy, too, but without a summary.
            # Levels and parents of an account say `credaudit_account`, those of a unit don't.
            signatures=(
                ("Policies[]", "credaudit_target"),
                ("Policies[]", "credaudit_unit"),
                ("Parents[]", "credaudit_child"),
                ("Policy/PolicySummary",),
            ),
            lists=("Policies",),
            is_organization_wide=True,
        ),
    )
    ROLES_ANYWHERE = (
        "roles_anywhere",
        ExportTraits(
            calls=("rolesanywhere list-trust-anchors", "rolesanywhere list-profiles"),
            signatures=(("trustAnchors[]",), ("profiles[]/profileArn",)),
            bare=(
                ("trustAnchors", ("trustAnchorId", "trustAnchorArn")),
                ("profiles", ("profileId", "profileArn")),
            ),
            lists=("trustAnchors", "profiles"),
            own_arns=(("trustAnchors", "trustAnchorArn"), ("profiles", "profileArn")),
        ),
    )
    IDENTITY_POOLS = (
        "identity_pools",
        ExportTraits(
            calls=(
                "cognito-identity list-identity-pools",
                "cognito-identity describe-identity-pool",
                "cognito-identity get-identity-pool-roles",
            ),
            signatures=(("IdentityPools[]",), ("IdentityPoolId",)),
            bare=(("IdentityPools", ("IdentityPoolId", "IdentityPoolName")),),
            lists=("IdentityPools",),
        ),
    )
    TRAILS = (
        "trails",
        ExportTraits(
            calls=("cloudtrail describe-trails", "cloudtrail get-trail-status"),
            # No ARN of a trail names the account: an organization's trail is shown to its members.
            # `credaudit_trail` is the ARN for which the second call was made.
            signatures=(("trailList[]",), ("IsLogging",)),
            bare=(("trailList", ("TrailARN", "HomeRegion")),),
            lists=("trailList",),
        ),
    )
    CLOUDTRAIL_EVENTS = (
        "cloudtrail_events",
        ExportTraits(
            calls=("cloudtrail lookup-events",),
            # The first is a log file as CloudTrail writes it to S3.
            signatures=(
                ("Records[]/eventVersion|eventSource",),
                ("Events[]/CloudTrailEvent",),
            ),
            lists=("Records", "Events"),
            is_collected=False,
        ),
    )
    METRIC_FILTERS = (
        "metric_filters",
        ExportTraits(
            calls=("logs describe-metric-filters",),
            signatures=(("metricFilters[]",),),
            bare=(("metricFilters", ("filterName", "filterPattern")),),
            lists=("metricFilters",),
        ),
    )
    ALARMS = (
        "alarms",
        ExportTraits(
            calls=("cloudwatch describe-alarms",),
            signatures=(("MetricAlarms[]",),),
            bare=(("MetricAlarms", ("AlarmArn", "MetricName")),),
            lists=("MetricAlarms",),
            own_arns=(("MetricAlarms", "AlarmArn"),),
        ),
    )
    COMPUTE_RESOURCES = (
        "compute_resources",
        ExportTraits(
            calls=(
                "ec2 describe-instances",
                "lambda list-functions",
                "ecs describe-task-definition",
            ),
            signatures=(
                ("Reservations[]",),
                ("Functions[]/FunctionArn",),
                ("taskDefinition/taskDefinitionArn|taskRoleArn",),
            ),
            lists=("Reservations", "Functions"),
            own_arns=(("Functions", "FunctionArn"),),
            is_read=False,
        ),
    )
    RESOURCE_POLICIES = (
        "resource_policies",
        ExportTraits(
            calls=(
                "s3api get-bucket-policy",
                "kms get-key-policy",
                "secretsmanager get-resource-policy",
                "lambda get-policy",
            ),
            # No answer but the third says of what it is the policy.
            signatures=(("Policy", "credaudit_resource"), ("ResourcePolicy", "ARN")),
            answers=(
                ("GetBucketPolicy", "NoSuchBucketPolicy"),
                ("GetPolicy", "ResourceNotFoundException"),
            ),
            is_read=False,
        ),
    )
    CHECKSUMS = ("checksums", ExportTraits(is_input=False))
    PREVIOUS_REPORT = ("previous_run", ExportTraits())
    EXCEPTIONS = ("exceptions", ExportTraits())
    PEOPLE = ("people", ExportTraits())
    FAILED_CALL = ("failed_call", ExportTraits(needs_account=False, is_input=False))
    UNRECOGNISED = ("unrecognised", ExportTraits(is_input=False, is_read=False))
