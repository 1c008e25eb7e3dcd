"""In: a Source. Out: the files of its Pack on the organization, Identity Center and the trails."""

from sample_reports import aws_answers as aws
from sample_reports import organization_answers as org
from sample_reports import watch_answers as watch
from sample_reports.account_tables import ACCOUNT, HOME, Source
from sample_reports.pack import Command, Pack, merged

_NO_ACCOUNTS = "AccessDeniedException: You don't have permissions to access this resource."
_NO_FEATURES = (
    "AccountNotManagementOrDelegatedAdministrator: The request was rejected because the account "
    "is neither the management account nor a delegated administrator of the organization."
)
_NO_DELEGATION = (
    "ResourcePolicyNotFoundException: You specified a resource policy that doesn't exist."
)


def add_organization(pack: Pack, source: Source) -> None:
    """The organization; only its management account is told of the others."""
    table = source.part("organization")
    describe = ("organizations", "describe-organization")
    accounts, features = ("organizations", "list-accounts"), ("iam", "list-organizations-features")
    pack.answer("organization.json", describe, aws.organization(source))
    if source.id == ACCOUNT:
        pack.answer("organization-accounts.json", accounts, aws.organization_accounts(source))
        enabled = {"OrganizationId": table["id"], "EnabledFeatures": table["features"]}
        pack.answer("organizations-features.json", features, enabled)
        _add_delegation(pack, source)
        _add_control_policies(pack, source)
    else:
        pack.refusal("organization-accounts.json", accounts, _NO_ACCOUNTS, "failed")
        pack.refusal("organizations-features.json", features, _NO_FEATURES, "failed")


def _add_delegation(pack: Pack, source: Source) -> None:
    pack.answer("organization/roots.json", ("organizations", "list-roots"), org.roots(source))
    command: Command = ("organizations", "describe-resource-policy")
    pack.refusal("organization/delegation-policy.json", command, _NO_DELEGATION, "none")
    command = ("organizations", "list-delegated-administrators")
    file = "organization/delegated-administrators.json"
    pack.answer(file, command, org.delegated_administrators(source))
    for account in source.part("organization")["accounts"]:
        if account.get("delegated"):
            number = account["id"]
            command = ("organizations", "list-delegated-services-for-account")
            command = (*command, f"--account-id={number}", "--query", merged(delegate=number))
            document = {"credaudit_delegate": number, **org.delegated_services(account)}
            pack.answer(f"organization/delegated-services-{number}.json", command, document)


def _add_control_policies(pack: Pack, source: Source) -> None:
    """What is attached to accounts, units and the root, what is above them, and the texts."""
    table = source.part("organization")
    folder = "control-policies"
    for account in table["accounts"]:
        number = account["id"]
        marks = {"target": number, "account": number}
        _add_attached(pack, source, f"{folder}/{number}/attached", number, marks)
        _add_parent(pack, f"{folder}/{number}/above", number, account["above"], number)
    units = [*table["units"], {"id": table["root"]}]
    for place, unit in enumerate(units, 1):
        marks = {"unit": unit["id"], "account": source.id}
        _add_attached(pack, source, f"{folder}/units/{place}", unit["id"], marks)
        if "above" in unit:
            _add_parent(pack, f"{folder}/units/{place}", unit["id"], unit["above"], source.id)
    for place, (number, document) in enumerate(org.control_policies(source).items(), 1):
        command = ("organizations", "describe-policy", f"--policy-id={number}")
        command = (*command, "--query", merged(account=source.id))
        told = {"credaudit_account": source.id, **document}
        pack.answer(f"{folder}/policy-{place:04d}.json", command, told)


def _add_attached(
    pack: Pack, source: Source, file: str, target: str, marks: dict[str, str]
) -> None:
    for name, sort in (("service", org.SERVICE), ("resource", org.RESOURCE)):
        stated = {"filter": sort, **marks}
        command = ("organizations", "list-policies-for-target", f"--target-id={target}")
        command = (*command, f"--filter={sort}", "--query", merged(**stated))
        document = {f"credaudit_{key}": value for key, value in stated.items()}
        document |= org.attached_policies(source, target, sort)
        pack.answer(f"{file}.{name}.json", command, document)


def _add_parent(pack: Pack, file: str, child: str, parent: str, account: str) -> None:
    stated = {"child": child, "account": account}
    command = ("organizations", "list-parents", f"--child-id={child}")
    sort = "ROOT" if parent.startswith("r-") else "ORGANIZATIONAL_UNIT"
    document = {f"credaudit_{key}": value for key, value in stated.items()}
    document |= {"Parents": [{"Id": parent, "Type": sort}]}
    pack.answer(f"{file}.parents.json", (*command, "--query", merged(**stated)), document)


def add_instances(pack: Pack, source: Source, region: str) -> None:
    """Whether Identity Center lives in the region, and which permission sets it has."""
    table = source.part("identity_center") if region == HOME else {}
    stated = {"credaudit_region": region}
    command: Command = ("sso-admin", "list-instances", "--region", region, "--query")
    query = f'{{credaudit_region: `"{region}"`, Instances: Instances}}'
    instances = [org.instance(source)] if table else []
    file = f"identity-center/{region}.instances.json"
    pack.answer(file, (*command, query), stated | {"Instances": instances})
    if not table:
        return
    pack.ask(*command, "Instances[].[InstanceArn, IdentityStoreId]")
    arn = instances[0]["InstanceArn"]
    command = ("sso-admin", "list-permission-sets", "--region", region, f"--instance-arn={arn}")
    document = {
        **stated,
        "credaudit_instance": arn,
        "PermissionSets": [
            org.permission_set_arn(source, name) for name in sorted(table["permission_sets"])
        ],
    }
    file = f"identity-center/{region}.1.permission-sets.json"
    pack.answer(file, (*command, "--query", merged(region=region, instance=arn)), document)
    pack.ask(*command, "--query", "PermissionSets[].[@]")


def add_identity_center(pack: Pack, source: Source) -> None:
    """What each permission set grants, who has it, and who the users and groups are."""
    table = source.part("identity_center")
    if table:
        _add_store(pack, source)
    for place, name in enumerate(sorted(table.get("permission_sets", ())), 1):
        _add_permission_set(pack, source, place, name)


def _add_permission_set(pack: Pack, source: Source, place: int, name: str) -> None:
    table = source.part("identity_center")["permission_sets"][name]
    arn, file = org.permission_set_arn(source, name), f"identity-center/sets/{place:04d}"
    which = ("--region", HOME, f"--instance-arn={org.instance(source)['InstanceArn']}")
    which = (*which, f"--permission-set-arn={arn}")
    described = ("sso-admin", "describe-permission-set", *which)
    pack.answer(f"{file}.set.json", described, org.permission_set(source, name, table))
    mark = {"credaudit_permission_set": arn}
    whole = ("--query", merged(permission_set=arn))
    parts = {
        "managed": ("list-managed-policies-in-permission-set", org.managed_policies(source, table)),
        "customer": (
            "list-customer-managed-policy-references-in-permission-set",
            {"CustomerManagedPolicyReferences": []},
        ),
        "accounts": (
            "list-accounts-for-provisioned-permission-set",
            {"AccountIds": [source.id]},
        ),
    }
    for sort, (operation, document) in parts.items():
        command = ("sso-admin", operation, *which, *whole)
        pack.answer(f"{file}.{sort}.json", command, mark | document)
    shown = f'credaudit_permission_set: `"{arn}"`'
    for sort, operation, member, nothing in (
        ("inline", "get-inline-policy-for-permission-set", "InlinePolicy", ""),
        ("boundary", "get-permissions-boundary-for-permission-set", "PermissionsBoundary", None),
    ):
        query = f"{{{shown}, {member}: {member}}}"
        command = ("sso-admin", operation, *which, "--query", query)
        pack.answer(f"{file}.{sort}.json", command, mark | {member: nothing})
    command = ("sso-admin", "list-account-assignments", *which, f"--account-id={source.id}")
    file = f"{file}.{source.id}.assignments.json"
    pack.answer(file, command, org.assignments(source, name, table))


def _add_store(pack: Pack, source: Source) -> None:
    store = source.part("identity_center")["store"]
    which = ("--region", HOME, f"--identity-store-id={store}")
    mark, file = f'credaudit_identity_store: `"{store}"`', f"identity-center/{HOME}.1"
    stated = {"credaudit_identity_store": store}
    fields = (
        "UserId: UserId, UserName: UserName, DisplayName: DisplayName, UserStatus: UserStatus, "
        "CreatedAt: CreatedAt, Emails: Emails[].{Value: Value, Primary: Primary}"
    )
    query = f"{{{mark}, Users: Users[].{{{fields}}}}}"
    command: Command = ("identitystore", "list-users", *which, "--query", query)
    pack.answer(f"{file}.users.json", command, stated | org.store_users(source))
    query = f"{{{mark}, Groups: Groups[].{{GroupId: GroupId, DisplayName: DisplayName}}}}"
    command = ("identitystore", "list-groups", *which, "--query", query)
    pack.answer(f"{file}.groups.json", command, stated | org.store_groups(source))
    groups = {org.store_id(source, "GROUP", each): each
              for each in source.part("identity_center")["groups"]}  # fmt: skip
    for place, (number, group) in enumerate(sorted(groups.items()), 1):
        members = "GroupMemberships: GroupMemberships[].{GroupId: GroupId, MemberId: MemberId}"
        query = f'{{{mark}, credaudit_group: `"{number}"`, {members}}}'
        command = ("identitystore", "list-group-memberships", *which, f"--group-id={number}")
        document = {**stated, "credaudit_group": number, **org.memberships(source, group)}
        pack.answer(f"{file}.members-{place:04d}.json", (*command, "--query", query), document)


def add_trails(pack: Pack, source: Source, region: str) -> None:
    """The trails that are shown in the region."""
    table = source.part("trail")
    command: Command = ("cloudtrail", "describe-trails", "--region", region, "--query")
    document = {"credaudit_region": region, "trailList": [watch.trail(source, table)]}
    pack.answer(f"trails/{region}.json", (*command, merged(region=region)), document)
    pack.ask(*command, "trailList[].[TrailARN, HomeRegion, CloudWatchLogsLogGroupArn]")


def add_trail_states(pack: Pack, source: Source) -> None:
    """Whether the trail is logging, what is looked for in its log, and who is told."""
    table = source.part("trail")
    arn, home, group = watch.trail_arn(source, table), table["home"], table["log_group"]
    command: Command = ("cloudtrail", "get-trail-status", "--region", home, f"--name={arn}")
    document = {"credaudit_trail": arn, **watch.trail_status(source, table)}
    pack.answer("trails/status-1.json", (*command, "--query", merged(trail=arn)), document)
    command = ("logs", "describe-metric-filters", "--region", home, f"--log-group-name={group}")
    command = (*command, "--query", merged(region=home, log_group=group))
    stated = {"credaudit_region": home}
    document = {**stated, "credaudit_log_group": group, **watch.metric_filters(table)}
    pack.answer("trails/watch-1.metric-filters.json", command, document)
    command = ("cloudwatch", "describe-alarms", "--region", home, "--alarm-types", "MetricAlarm")
    command = (*command, "--query", merged(region=home))
    pack.answer("trails/watch-1.alarms.json", command, stated | watch.alarms(source, table))


def add_workload_identities(pack: Pack, region: str) -> None:
    """Neither Roles Anywhere nor an identity pool is in use."""
    stated = {"credaudit_region": region}
    command: Command = ("rolesanywhere", "list-trust-anchors", "--region", region)
    whole = ("--query", merged(region=region))
    file = f"workloads/{region}.trust-anchors.json"
    pack.answer(file, (*command, *whole), stated | {"trustAnchors": []})
    command = ("cognito-identity", "list-identity-pools", "--region", region)
    command = (*command, "--max-results", "60", *whole)
    file = f"workloads/{region}.identity-pools.json"
    pack.answer(file, command, stated | {"IdentityPools": []})
