"""In: a Source. Out: what AWS answers when its account is exported, one function an answer."""

import base64
import csv
import hashlib
import io
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from analyzer.evidence.credential_report import COLUMNS
from analyzer.inventory.model import ROOT_USER
from sample_reports.account_tables import (
    ACCOUNT,
    AS_OF,
    EVENING,
    FORENOON,
    HOME,
    MORNING,
    NOON,
    Source,
    Table,
    User,
    between,
    iso,
    policy,
    trust,
)

_ORGANIZATION = f"arn:aws:organizations::{ACCOUNT}"
_QUOTAS = {
    "AccessKeysPerUserQuota": 2, "AssumeRolePolicySizeQuota": 2048,
    "AttachedPoliciesPerGroupQuota": 10, "AttachedPoliciesPerRoleQuota": 10,
    "AttachedPoliciesPerUserQuota": 10, "GlobalEndpointTokenVersion": 1,
    "GroupPolicySizeQuota": 5120, "GroupsPerUserQuota": 10, "GroupsQuota": 300,
    "InstanceProfilesQuota": 1000, "MFADevicesPerUserQuota": 8, "PoliciesQuota": 1500,
    "PolicySizeQuota": 6144, "PolicyVersionsInUseQuota": 10000, "RolePolicySizeQuota": 10240,
    "RolesQuota": 1000, "ServerCertificatesQuota": 20, "SigningCertificatesPerUserQuota": 2,
    "UserPolicySizeQuota": 2048, "UsersQuota": 5000, "VersionsPerPolicyQuota": 5,
}  # fmt: skip


def credential_report(source: Source) -> Table:
    """get-credential-report: a row for root and for each user, in base64."""
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS, restval="N/A", lineterminator="\n")
    rows.writeheader()
    rows.writerow(_root_row(source))
    rows.writerows(_row(user) for user in source.users)
    content = text.getvalue().rstrip("\n").encode()
    return {
        "Content": base64.b64encode(content).decode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": iso(AS_OF),
    }


def _nothing() -> dict[str, str]:
    """The cells of credentials that a user does not have, as far as they aren't N/A."""
    return dict.fromkeys((name for name in COLUMNS if name.endswith("_active")), "false")


def _root_row(source: Source) -> dict[str, str]:
    root, seed = source.part("root"), source.arn("root")
    password = root.get("password")
    row = _nothing() | {
        "user": ROOT_USER,
        "arn": seed,
        "user_creation_time": iso(between(root["made"], MORNING, FORENOON, seed)),
        "password_enabled": "true" if password else "false",
        "password_next_rotation": "not_supported",
        "mfa_active": "true" if root.get("mfa") else "false",
    }
    if password:
        row["password_last_used"] = iso(between(password["used"], NOON, EVENING, seed))
        row["password_last_changed"] = iso(between(password["changed"], FORENOON, NOON, seed))
    return row


def _row(user: User) -> dict[str, str]:
    row = _nothing() | {
        "user": user.name,
        "arn": user.arn,
        "user_creation_time": iso(user.made),
        "password_enabled": "true" if user.has_password else "false",
        "mfa_active": "true" if user.device else "false",
    }
    if user.changed:
        row["password_last_used"] = iso(user.used) if user.used else "no_information"
        row["password_last_changed"] = iso(user.changed)
    for slot, key in enumerate(user.keys, 1):
        row[f"access_key_{slot}_active"] = str(key.active).lower()
        row[f"access_key_{slot}_last_rotated"] = iso(key.made)
        row[f"access_key_{slot}_last_used_date"] = iso(key.used) if key.used else "N/A"
        row[f"access_key_{slot}_last_used_region"] = key.region
        row[f"access_key_{slot}_last_used_service"] = key.service
    return row


def details(source: Source) -> Table:
    """get-account-authorization-details, all pages as one."""
    roles = [_role(source, name, table) for name, table in sorted(source.part("roles").items())]
    groups = [_group(source, name, table) for name, table in sorted(source.part("groups").items())]
    users = [_user_details(source, user) for user in source.users]
    return {
        "UserDetailList": users,
        "GroupDetailList": groups,
        "RoleDetailList": roles,
        "Policies": list(_policies(source, (*users, *groups, *roles))),
        "IsTruncated": False,
    }


def _user_details(source: Source, user: User) -> Table:
    inline, boundary = user.table.get("inline"), user.table.get("boundary")
    return (
        _identity(user)
        | ({"UserPolicyList": source.inline(inline)} if inline else {})
        | {"GroupList": list(user.groups), "AttachedManagedPolicies": source.attached(user.table)}
        | (_boundary(source, boundary) if boundary else {})
        | {"Tags": [{"Key": key, "Value": value} for key, value in user.tags]}
    )


def _boundary(source: Source, name: str) -> Table:
    boundary = {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": source.policy_arn(name),
    }
    return {"PermissionsBoundary": boundary}


def _group(source: Source, name: str, table: Table) -> Table:
    arn = source.arn(f"group/{name}")
    return {
        "Path": "/",
        "GroupName": name,
        "GroupId": source.new_id("AGPA"),
        "Arn": arn,
        "CreateDate": iso(between(table["made"], MORNING, FORENOON, arn)),
        "GroupPolicyList": source.inline(table.get("inline", ())),
        "AttachedManagedPolicies": source.attached(table),
    }


def _role(source: Source, name: str, table: Table) -> Table:
    owned = table.get("service")
    path = f"/aws-service-role/{owned}/" if owned else table.get("path", "/")
    arn = source.arn(f"role{path}{name}")
    made = iso(between(table["made"], MORNING, FORENOON, arn))
    role = {
        "Path": path,
        "RoleName": name,
        "RoleId": source.role_ids[name],
        "Arn": arn,
        "CreateDate": made,
        "AssumeRolePolicyDocument": trust(table),
    }
    profile = {
        "Path": "/",
        "InstanceProfileName": name,
        "InstanceProfileId": source.new_id("AIPA") if table.get("instance_profile") else "",
        "Arn": source.arn(f"instance-profile/{name}"),
        "CreateDate": made,
        "Roles": [dict(role)],
    }
    used = table.get("used")
    last = iso(between(used, NOON, EVENING, arn)) if used else None
    return role | {
        "InstanceProfileList": [profile] if table.get("instance_profile") else [],
        "RolePolicyList": source.inline(table.get("inline", ())),
        "AttachedManagedPolicies": source.attached(table),
        "Tags": [{"Key": "owner", "Value": table["owner"]}] if "owner" in table else [],
        "RoleLastUsed": {"LastUsedDate": last, "Region": HOME} if last else {},
    }


def _policies(source: Source, principals: Iterable[Table]) -> Iterator[Table]:
    """Every policy of the account's own, and those of AWS that someone holds."""
    uses: Counter[str] = Counter()
    bounds: Counter[str] = Counter()
    for principal in principals:
        uses.update(each["PolicyArn"] for each in principal["AttachedManagedPolicies"])
        bounds.update(filter(None, [_bound_by(principal)]))
    own = source.part("policies")
    for name, table in sorted({**source.managed, **own}.items()):
        arn = source.policy_arn(name)
        if name in own or uses[arn]:
            identifier = source.new_id("ANPA") if name in own else _managed_id(name)
            made = iso(between(table["made"], FORENOON, NOON, arn))
            newest = iso(between(table.get("updated", table["made"]), FORENOON, NOON, arn))
            version = {
                "Document": policy(table),
                "VersionId": table.get("version", "v1"),
                "IsDefaultVersion": True,
                "CreateDate": newest,
            }
            yield {
                "PolicyName": name,
                "PolicyId": identifier,
                "Arn": arn,
                "Path": table.get("path", "/"),
                "DefaultVersionId": table.get("version", "v1"),
                "AttachmentCount": uses[arn],
                "PermissionsBoundaryUsageCount": bounds[arn],
                "IsAttachable": True,
                "CreateDate": made,
                "UpdateDate": newest,
                "PolicyVersionList": [version],
            }


def _bound_by(principal: Table) -> str | None:
    boundary: Table = principal.get("PermissionsBoundary", {})
    return boundary.get("PermissionsBoundaryArn")


def _managed_id(name: str) -> str:
    return "ANPAI" + base64.b32encode(hashlib.sha256(name.encode()).digest()[:10]).decode()


def summary(source: Source) -> Table:
    """get-account-summary, counted from the tables."""
    root, roles = source.part("root"), source.part("roles").values()
    in_use = sum(1 for user in source.users if user.device) + ("mfa" in root)
    own = len(source.part("policies"))
    counts = {
        "Users": len(source.users),
        "Groups": len(source.part("groups")),
        "Roles": len(roles),
        "Policies": own,
        "PolicyVersionsInUse": own,
        "InstanceProfiles": sum("instance_profile" in role for role in roles),
        "MFADevices": in_use + len(source.part("virtual_devices").get("unassigned", ())),
        "MFADevicesInUse": in_use,
        "Providers": len(source.part("saml_providers")) + len(source.part("oidc_providers")),
        "ServerCertificates": len(source.part("server_certificates")),
        "AccountMFAEnabled": int("mfa" in root),
        "AccountPasswordPresent": int("password" in root),
        "AccountAccessKeysPresent": 0,
        "AccountSigningCertificatesPresent": 0,
    }
    return {"SummaryMap": dict(sorted({**_QUOTAS, **counts}.items()))}


def virtual_devices(source: Source) -> Table:
    """list-virtual-mfa-devices, in the three fields that the export script keeps."""
    devices: list[Table] = [
        {"SerialNumber": user.device, "EnableDate": iso(user.enabled), "User": _identity(user)}
        for user in source.users
        if user.device and ":mfa/" in user.device
    ]
    root, arn = source.part("root"), source.arn("root")
    if root.get("mfa") == "virtual":
        made = between(root["made"], MORNING, FORENOON, arn)
        device = {
            "SerialNumber": source.arn("mfa/root-account-mfa-device"),
            "EnableDate": iso(made + timedelta(hours=1)),
            "User": {"UserId": source.id, "Arn": arn, "CreateDate": iso(made)},
        }
        devices.insert(0, device)
    for name in source.part("virtual_devices").get("unassigned", ()):
        serial = source.arn(f"mfa/{name}")
        devices.append({"SerialNumber": serial, "EnableDate": None, "User": None})
    return {"VirtualMFADevices": devices}


def _identity(user: User) -> Table:
    return {
        "Path": user.table.get("path", "/"),
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": iso(user.made),
    }


def certificates(source: Source) -> Table:
    """list-server-certificates."""
    entries = [
        {
            "Path": "/",
            "ServerCertificateName": name,
            "ServerCertificateId": source.new_id("ASCA"),
            "Arn": source.arn(f"server-certificate/{name}"),
            "UploadDate": iso(between(table["made"], FORENOON, NOON, name)),
            "Expiration": iso(datetime.combine(table["ends"], time(23, 59, 59), UTC)),
        }
        for name, table in sorted(source.part("server_certificates").items())
    ]
    return {"ServerCertificateMetadataList": entries}


def saml_providers(source: Source) -> Table:
    """list-saml-providers."""
    entries = [
        {
            "Arn": source.arn(f"saml-provider/{name}"),
            "ValidUntil": iso(datetime.combine(table["ends"], NOON, UTC)),
            "CreateDate": iso(between(table["made"], FORENOON, NOON, name)),
        }
        for name, table in sorted(source.part("saml_providers").items())
    ]
    return {"SAMLProviderList": entries}


def saml_provider(name: str, table: Table) -> Table:
    """get-saml-provider; its metadata is without a certificate here."""
    issuer = f"https://{name.lower().replace('_', '-')}.northwind.example/saml"
    metadata = (
        '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" '
        f'entityID="{issuer}"><IDPSSODescriptor '
        'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></EntityDescriptor>'
    )
    return {
        "SAMLMetadataDocument": metadata,
        "CreateDate": iso(between(table["made"], FORENOON, NOON, name)),
        "ValidUntil": iso(datetime.combine(table["ends"], NOON, UTC)),
        "Tags": [],
    }


def api_keys(source: Source) -> Table:
    """list-service-specific-credentials of all users."""
    entries = [
        {
            "UserName": user.name,
            "Status": "Active",
            "ServiceUserName": f"{user.name}-at-{source.id}",
            "CreateDate": iso(user.made + timedelta(seconds=2)),
            "ServiceSpecificCredentialId": source.new_id("ACCA"),
            "ServiceName": user.table["api_key"],
        }
        for user in source.users
        if "api_key" in user.table
    ]
    return {"ServiceSpecificCredentials": entries, "IsTruncated": False}


def user_lists(source: Source, user: User) -> dict[str, Table]:
    """What the calls list-... say of one user, by call."""
    device = {"UserName": user.name, "SerialNumber": user.device, "EnableDate": iso(user.enabled)}
    return {
        "list-access-keys": {"AccessKeyMetadata": list(_access_keys(user))},
        "list-mfa-devices": {"MFADevices": [device] if user.device else []},
        "list-ssh-public-keys": {"SSHPublicKeys": _ssh_keys(source, user)},
        "list-signing-certificates": {"Certificates": []},
    }


def _access_keys(user: User) -> Iterator[Table]:
    for key in user.keys:
        yield {
            "UserName": user.name,
            "AccessKeyId": key.id,
            "Status": "Active" if key.active else "Inactive",
            "CreateDate": iso(key.made),
        }


def login_profile(user: User) -> Table:
    """get-login-profile of a user with a password."""
    profile = {"UserName": user.name, "CreateDate": iso(user.made + timedelta(seconds=1))}
    return {"LoginProfile": profile | {"PasswordResetRequired": user.table.get("reset", False)}}


def _ssh_keys(source: Source, user: User) -> list[Table]:
    made = user.table.get("ssh")
    if not made:
        return []
    key = {"UserName": user.name, "SSHPublicKeyId": source.new_id("APKA"), "Status": "Active"}
    return [key | {"UploadDate": iso(between(made, FORENOON, NOON, user.arn))}]


def analyzer(source: Source, region: str, table: Table) -> Table:
    """One entry of list-analyzers."""
    told = table["analyzer"]
    arn = f"arn:aws:access-analyzer:{region}:{source.id}:analyzer/{told['name']}"
    return {
        "arn": arn,
        "name": told["name"],
        "type": told["type"],
        "createdAt": iso(between(told["made"], FORENOON, NOON, arn)),
        "lastResourceAnalyzedAt": iso(AS_OF - timedelta(hours=1)),
        "tags": {},
        "status": "ACTIVE",
    }


def finding(source: Source, table: Table) -> Table:
    """One entry of list-findings-v2."""
    made = iso(between(table["made"], FORENOON, NOON, table["resource"]))
    digest = hashlib.sha256(table["resource"].encode()).digest()
    return {
        "analyzedAt": iso(AS_OF - timedelta(hours=1)),
        "createdAt": made,
        "id": str(uuid.UUID(bytes=digest[:16], version=4)),
        "resource": table["resource"],
        "resourceType": table["type"],
        "resourceOwnerAccount": source.id,
        "status": table["status"],
        "updatedAt": made,
        "findingType": "ExternalAccess",
    }


def finding_in_full(source: Source, table: Table) -> Table:
    """get-finding-v2, which alone says whether the access is public."""
    details = {
        "action": [table["action"]],
        "condition": {},
        "isPublic": table["public"],
        "principal": {"AWS": table["principal"]},
    }
    return finding(source, table) | {"findingDetails": [{"externalAccessDetails": details}]}


def _services(source: Source, arn: str, table: Table) -> Iterator[Table]:
    used = table.get("used", {})
    for namespace in sorted({*used, *table.get("unused", ())}):
        service = {"ServiceName": source.services[namespace], "ServiceNamespace": namespace}
        if namespace in used:
            service["LastAuthenticated"] = iso(between(used[namespace], NOON, EVENING, arn))
            service |= {"LastAuthenticatedEntity": arn, "LastAuthenticatedRegion": HOME}
        service["TotalAuthenticatedEntities"] = int(namespace in used)
        actions = table.get("actions", {}).get(namespace, {})
        tracked = [_action(arn, name, day) for name, day in sorted(actions.items())]
        yield service | ({"TrackedActionsLastAccessed": tracked} if tracked else {})


def _action(arn: str, name: str, day: date | str) -> Table:
    """When an action was last called; a word in place of the day says that it was not."""
    if isinstance(day, str):
        return {"ActionName": name}
    used = iso(between(day, NOON, EVENING, f"{arn}/{name}"))
    who = {"LastAccessedEntity": arn, "LastAccessedTime": used, "LastAccessedRegion": HOME}
    return {"ActionName": name, **who}


def last_accessed(source: Source, principal: str, table: Table) -> Table:
    """get-service-last-accessed-details, once its job is complete."""
    made = AS_OF + timedelta(minutes=2)
    return {
        "JobStatus": "COMPLETED",
        "JobType": "ACTION_LEVEL",
        "JobCreationDate": iso(made),
        "ServicesLastAccessed": list(_services(source, principal, table)),
        "JobCompletionDate": iso(made + timedelta(seconds=3)),
        "IsTruncated": False,
    }


def oidc_provider(host: str, table: Table) -> Table:
    """get-open-id-connect-provider."""
    return {
        "Url": host,
        "ClientIDList": [table["audience"]],
        "ThumbprintList": [hashlib.sha256(host.encode()).hexdigest()[:40]],
        "CreateDate": iso(between(table["made"], FORENOON, NOON, host)),
        "Tags": [],
    }


def organization(source: Source) -> Table:
    """describe-organization; ACCOUNT is the management account."""
    number, mail = source.part("organization")["id"], source.table["mail"]
    described = {
        "Id": number,
        "Arn": f"{_ORGANIZATION}:organization/{number}",
        "FeatureSet": "ALL",
        "MasterAccountArn": f"{_ORGANIZATION}:account/{number}/{ACCOUNT}",
        "MasterAccountId": ACCOUNT,
        "MasterAccountEmail": f"aws+northwind-trading@{mail}",
        "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    }
    return {"Organization": described}


def organization_accounts(source: Source) -> Table:
    """list-accounts of the organization, as the management account gets it."""
    table = source.part("organization")
    entries = [
        {
            "Id": each["id"],
            "Arn": f"{_ORGANIZATION}:account/{table['id']}/{each['id']}",
            "Email": f"aws+{each['name']}@{source.table['mail']}",
            "Name": each["name"],
            "Status": "ACTIVE",
            "State": "ACTIVE",
            "JoinedMethod": each["method"],
            "JoinedTimestamp": iso(between(each["joined"], FORENOON, NOON, each["id"])),
        }
        for each in table["accounts"]
    ]
    return {"Accounts": entries}


def caller_identity(source: Source) -> Table:
    """get-caller-identity of whoever ran the export."""
    caller = source.table["caller"]
    kind, name, *session = caller.split("/")
    if kind == "user":
        number = next(user.id for user in source.users if user.name == name)
        return {"UserId": number, "Account": source.id, "Arn": source.arn(caller)}
    number = f"{source.role_ids[name]}:{session[0]}"
    return {"UserId": number, "Account": source.id, "Arn": f"arn:aws:sts::{source.id}:{caller}"}
