"""In: a Source. Out: what AWS answers on its organization's rules and on IAM Identity Center."""

import hashlib
import json
import uuid

from sample_reports.account_tables import (
    ACCOUNT,
    FORENOON,
    NOON,
    Source,
    Table,
    between,
    iso,
    policy,
)

SERVICE, RESOURCE = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"

_OPEN = {
    "Id": "p-FullAWSAccess",
    "Arn": "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
    "Name": "FullAWSAccess",
    "Description": "Allows access to every operation",
    "Type": SERVICE,
    "AwsManaged": True,
}


def _arn(source: Source, kind: str, rest: str = "") -> str:
    number = source.part("organization")["id"]
    return f"arn:aws:organizations::{ACCOUNT}:{kind}/{number}{rest}"


def roots(source: Source) -> Table:
    """list-roots."""
    number = source.part("organization")["root"]
    kinds = [{"Type": SERVICE, "Status": "ENABLED"}]
    root = {"Id": number, "Arn": _arn(source, "root", f"/{number}"), "Name": "Root"}
    return {"Roots": [root | {"PolicyTypes": kinds}]}


def delegated_administrators(source: Source) -> Table:
    """list-delegated-administrators."""
    table = source.part("organization")
    entries = []
    for each in table["accounts"]:
        if each.get("delegated"):
            day = min(each["delegated"].values())
            entries.append(
                {
                    "Id": each["id"],
                    "Arn": _arn(source, "account", f"/{each['id']}"),
                    "Email": f"aws+{each['name']}@{source.table['mail']}",
                    "Name": each["name"],
                    "Status": "ACTIVE",
                    "State": "ACTIVE",
                    "JoinedMethod": each["method"],
                    "JoinedTimestamp": iso(between(each["joined"], FORENOON, NOON, each["id"])),
                    "DelegationEnabledDate": iso(between(day, NOON, NOON.replace(16), each["id"])),
                }
            )
    return {"DelegatedAdministrators": entries}


def delegated_services(account: Table) -> Table:
    """list-delegated-services-for-account."""
    entries = [
        {
            "ServicePrincipal": name,
            "DelegationEnabledDate": iso(between(day, NOON, NOON.replace(16), account["id"])),
        }
        for name, day in sorted(account["delegated"].items())
    ]
    return {"DelegatedServices": entries}


def _about(source: Source, name: str) -> Table:
    table = source.part("organization")["policies"][name]
    return {
        "Id": table["id"],
        "Arn": _arn(source, "policy", f"/service_control_policy/{table['id']}"),
        "Name": name,
        "Description": table["about"],
        "Type": SERVICE,
        "AwsManaged": False,
    }


def attached_policies(source: Source, target: str, sort: str) -> Table:
    """list-policies-for-target; policies on resources are not switched on."""
    if sort == RESOURCE:
        return {"Policies": []}
    policies = source.part("organization")["policies"]
    own = [_about(source, name) for name, table in policies.items() if target in table["on"]]
    return {"Policies": [_OPEN, *own]}


def control_policies(source: Source) -> dict[str, Table]:
    """describe-policy of each control policy, by its ID."""
    found = {}
    for name, table in source.part("organization")["policies"].items():
        content = json.dumps(policy(table))
        told = {"Policy": {"PolicySummary": _about(source, name), "Content": content}}
        found[table["id"]] = told
    everything = policy({"allow": [{"actions": "*"}]})
    found[_OPEN["Id"]] = {"Policy": {"PolicySummary": _OPEN, "Content": json.dumps(everything)}}
    return dict(sorted(found.items()))


def instance(source: Source) -> Table:
    """The one entry of list-instances in the region where Identity Center lives."""
    table = source.part("identity_center")
    return {
        "InstanceArn": f"arn:aws:sso:::instance/{table['instance']}",
        "IdentityStoreId": table["store"],
        "OwnerAccountId": source.id,
        "Name": table["name"],
        "CreatedDate": iso(between(table["made"], FORENOON, NOON, table["instance"])),
        "Status": "ACTIVE",
    }


def permission_set_arn(source: Source, name: str) -> str:
    """The ARN of the permission set of that name."""
    number = hashlib.sha256(f"{source.id}/{name}".encode()).hexdigest()[:16]
    return f"arn:aws:sso:::permissionSet/{source.part('identity_center')['instance']}/ps-{number}"


def permission_set(source: Source, name: str, table: Table) -> Table:
    """describe-permission-set."""
    arn = permission_set_arn(source, name)
    told = {
        "Name": name,
        "PermissionSetArn": arn,
        "Description": table["about"],
        "CreatedDate": iso(between(table["made"], FORENOON, NOON, arn)),
        "SessionDuration": table["session"],
    }
    return {"PermissionSet": told}


def managed_policies(source: Source, table: Table) -> Table:
    """list-managed-policies-in-permission-set."""
    return {
        "AttachedManagedPolicies": [
            {"Name": name, "Arn": source.policy_arn(name)} for name in table["attached"]
        ]
    }


def assignments(source: Source, name: str, table: Table) -> Table:
    """list-account-assignments of the permission set in this account."""
    told = {"AccountId": source.id, "PermissionSetArn": permission_set_arn(source, name)}
    entries = [
        told | {"PrincipalType": sort, "PrincipalId": store_id(source, sort, each)}
        for sort, key in (("GROUP", "groups"), ("USER", "users"))
        for each in table.get(key, ())
    ]
    return {"AccountAssignments": entries}


def store_id(source: Source, sort: str, name: str) -> str:
    """The identifier of a user or a group of the identity store."""
    digest = hashlib.sha256(f"{source.part('identity_center')['store']}/{sort}/{name}".encode())
    return str(uuid.UUID(bytes=digest.digest()[:16], version=4))


def store_users(source: Source) -> Table:
    """list-users of the identity store, in the fields that the export script keeps."""
    people, table = source.part("users"), source.part("identity_center")
    entries = [
        {
            "UserId": store_id(source, "USER", name),
            "UserName": f"{name}@{source.table['mail']}",
            "DisplayName": people[name]["is"],
            "UserStatus": "ENABLED",
            "CreatedAt": iso(between(table["made"], NOON, NOON.replace(16), name)),
            "Emails": [{"Value": f"{name}@{source.table['mail']}", "Primary": True}],
        }
        for name in sorted(table["users"])
    ]
    return {"Users": entries}


def store_groups(source: Source) -> Table:
    """list-groups of the identity store."""
    names = sorted(source.part("identity_center")["groups"])
    return {
        "Groups": [
            {"GroupId": store_id(source, "GROUP", name), "DisplayName": name} for name in names
        ]
    }


def memberships(source: Source, group: str) -> Table:
    """list-group-memberships of one group."""
    members = source.part("identity_center")["groups"][group]
    whose = {"GroupId": store_id(source, "GROUP", group)}
    return {
        "GroupMemberships": [
            whose | {"MemberId": store_id(source, "USER", name)} for name in members
        ]
    }
