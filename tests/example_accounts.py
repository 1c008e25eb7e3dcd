"""In: the excerpts of evidence of a check's page. Out: an account whose exports hold just these.

An excerpt is a part of a file, so what is left out is filled in as the least remarkable value: a
key made a month ago, a policy that allows one thing.
"""

import csv
import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

from analyzer.inventory.model import ROOT_USER
from tests.builders import AccountBuilder, account, allow

NARROW = allow("s3:GetObject", on="arn:aws:s3:::shop-invoices/*")
_DEFAULTS = {
    "password_enabled": {"password_last_changed": 30, "password_last_used": 1},
    "access_key_1_active": {"access_key_1_last_rotated": 30, "access_key_1_last_used_date": 1},
    "access_key_2_active": {"access_key_2_last_rotated": 30, "access_key_2_last_used_date": 1},
    "cert_1_active": {"cert_1_last_rotated": 30},
}
"""What a row must have besides, in days, where a flag of it says yes."""


_PEOPLE = re.compile(r"Employee ID|Login|exported_at")
_ERROR = re.compile(r"An error occurred \((\w+)\) when calling the (\w+) operation")
_FILE_OF = {
    "GetAccountPasswordPolicy": "password-policy.json",
    "GetAlternateContact": "security-contact.json",
    "DescribeOrganization": "organization.json",
}
_AS_THEY_ARE = {
    "AlternateContact": "contacts.json",
    "AccountAssignments": "account-assignments.json",
    "ClientIDList": "oidc-provider.json",
    "ContactInformation": "contact-information.json",
    "DelegatedAdministrators": "delegated-administrators.json",
    "IsLogging": "trails.json",
    "MetricAlarms": "alarms.json",
    "OpenIDConnectProviderList": "oidc-providers.json",
    "Organization": "organization.json",
    "PermissionSet": "permission-sets.json",
    "credaudit_permission_set": "permission-sets.json",
    "Policy": "control-policies.json",
    "credaudit_target": "control-policies.json",
    "findings": "findings.json",
    "metricFilters": "metric-filters.json",
    "profiles": "roles-anywhere.json",
    "trailList": "trails.json",
}
"""Answers that are whole in an excerpt, by a member of theirs, and the file that they go into."""


class NotAnExportError(Exception):
    """The excerpt is no part of an export, but of a repository, a report or an error."""


def account_with(text: str) -> AccountBuilder:
    """The account. Raises NotAnExportError where an excerpt is no part of one."""
    case, counts = account(), None
    for excerpt in text.split("\n\n"):
        if excerpt.startswith("{"):
            document = json.loads(excerpt)
            if "AttachmentCount" in document:
                counts = document
            elif counts:
                case, counts = _counted(case, counts, document), None
            else:
                case = _with_document(case, document)
        elif excerpt.startswith("user,"):
            for row in csv.DictReader(excerpt.splitlines()):
                case = _with_row(case, row)
        else:
            case = _with_lines(case, excerpt)
    return _completed(_counted(case, counts, NARROW) if counts else case)


def _with_lines(case: AccountBuilder, excerpt: str) -> AccountBuilder:
    """With what is no JSON and no row of the report: people, an error, thresholds."""
    if people := _PEOPLE.match(excerpt):
        return _with_people(case, excerpt, is_settings=people[0] == "exported_at")
    if excerpt.startswith("aws "):
        case.texts["answer.json"] = f"{excerpt}: No such thing.\n"
        return case
    if error := _ERROR.match(excerpt):
        return case.answer(_FILE_OF[error[2]], error[2], error[1])
    if excerpt.startswith("[limits]"):
        given = tomllib.loads(excerpt)["limits"]
        return case.limits(**{name: frozenset(values) for name, values in given.items()})
    raise NotAnExportError(excerpt)


def _with_people(case: AccountBuilder, excerpt: str, *, is_settings: bool) -> AccountBuilder:
    """With the list of people, or with one that such a file stands beside."""
    if is_settings:
        return case.people("Employee ID,Last Day\n1,").people(excerpt, "people.toml")
    return case.people(excerpt)


def _completed(case: AccountBuilder) -> AccountBuilder:
    """The account with what an excerpt refers to and leaves out: without it the export is cut."""
    named = re.findall(
        r"arn:aws:iam::111122223333:(policy|role)/([a-z-]+)", json.dumps(case.details)
    )
    known = {
        each["Arn"] for section in ("Policies", "RoleDetailList") for each in case.details[section]
    }
    for kind, name in dict.fromkeys(named):
        if case.arn(f"{kind}/{name}") not in known:
            is_policy = kind == "policy"
            case = _beside_others(case).policy(name, NARROW) if is_policy else case.role(name)
    return case


def _beside_others(case: AccountBuilder) -> AccountBuilder:
    """With a user, a group and a role: so the export is no filtered one that lacks the holders."""
    return case.user("other").group("others").role("other")


def _counted(case: AccountBuilder, policy: Any, statement: Any) -> AccountBuilder:
    return _beside_others(case).policy(
        policy["PolicyName"],
        statement,
        attachments=policy["AttachmentCount"],
        boundaries=policy.get("PermissionsBoundaryUsageCount", 0),
    )


def _with_row(case: AccountBuilder, row: dict[str, str]) -> AccountBuilder:
    """The row's cells, and those that AWS would have filled in beside them."""
    name = row["user"]
    known = {each["UserName"] for each in case.details["UserDetailList"]}
    if name != ROOT_USER and name not in known:
        case = case.user(name)
    cells = dict(row)
    for flag, ages in _DEFAULTS.items():
        if row.get(flag) == "true":
            cells = {column: case.when(age) for column, age in ages.items()} | cells
    for column, text in cells.items():
        case = case.cell(name, column, text)
    return case


def _with_document(case: AccountBuilder, document: Any) -> AccountBuilder:
    """The document, handed to whoever knows the first of its members that says what it is."""
    for member, file in _AS_THEY_ARE.items():
        if member in document:
            return case.export(file, document)
    for member, add in _BY_MEMBER.items():
        if member in document:
            return add(case, document)
    raise NotAnExportError(document)


def _trusting(case: AccountBuilder, statement: Any) -> AccountBuilder:
    return (case if case.details["RoleDetailList"] else case.role("example")).trusting(statement)


def _version(case: AccountBuilder, version: Any) -> AccountBuilder:
    made = _beside_others(case).policy("example", NARROW)
    is_default, statements = version["IsDefaultVersion"], version["Document"]["Statement"]
    return made if is_default else made.version(*statements)


def _virtual_devices(case: AccountBuilder, listed: Any) -> AccountBuilder:
    return case.export("virtual-mfa-devices.json", listed)


def _providers(case: AccountBuilder, listed: Any) -> AccountBuilder:
    if not listed["SAMLProviderList"]:
        return case.no_providers()
    return case.export("saml-providers.json", listed)


def _analyzers(case: AccountBuilder, listed: Any) -> AccountBuilder:
    region = listed["credaudit_region"]
    if not listed["analyzers"]:
        return case.no_analyzer(region)
    [analyzer] = listed["analyzers"]
    return case.analyzer(region, analyzer["type"], analyzer["status"])


def _login_profile(case: AccountBuilder, answer: Any) -> AccountBuilder:
    profile = answer["LoginProfile"]
    named = case.user(profile["UserName"], created=100).password(changed=100)
    return named.login_profile(reset=profile["PasswordResetRequired"])


def _privileged_device(case: AccountBuilder, device: Any) -> AccountBuilder:
    known = {each["UserName"] for each in case.details["UserDetailList"]}
    if device["UserName"] in known:
        return case.mfa_device(device["SerialNumber"])
    named = case.user(device["UserName"]).password().mfa().attached("AdministratorAccess")
    return named.mfa_device(device["SerialNumber"])


def _used_actions(case: AccountBuilder, service: Any) -> AccountBuilder:
    named = case.role("example").may(f"{service['ServiceNamespace']}:*")
    answer = {"credaudit_principal": case.arn("role/example"), "JobStatus": "COMPLETED"}
    return named.export("last-accessed.json", answer | {"ServicesLastAccessed": [service]})


def _key(_: AccountBuilder, listed: Any) -> AccountBuilder:
    raise NotAnExportError(listed)


def _group(case: AccountBuilder, members: Any) -> AccountBuilder:
    return _member(_grouped(case, members["GroupName"]), "GroupDetailList", members)


def _role(case: AccountBuilder, members: Any) -> AccountBuilder:
    made = case if case.details["RoleDetailList"] else case.role(members["RoleName"])
    return _member(made, "RoleDetailList", members)


def _user(case: AccountBuilder, members: Any) -> AccountBuilder:
    name = members["UserName"]
    if not any(each["UserName"] == name for each in case.details["UserDetailList"]):
        case = case.user(name).password().mfa()
    for group in members.get("GroupList", ()):
        case = _grouped(case, group)
    return _member(case, "UserDetailList", members)


def _grouped(case: AccountBuilder, name: str) -> AccountBuilder:
    known = any(each["GroupName"] == name for each in case.details["GroupDetailList"])
    return case if known else case.empty_group(name)


def _held(case: AccountBuilder, statement: Any) -> AccountBuilder:
    """A customer policy with the statement, held by the user named last."""
    if not case.details["UserDetailList"]:
        case = case.user("example").password().mfa()
    held = {"PolicyName": "example", "PolicyArn": case.arn("policy/example")}
    return _member(
        case.policy("example", statement), "UserDetailList", {"AttachedManagedPolicies": [held]}
    )


def _member(case: AccountBuilder, section: str, members: Any) -> AccountBuilder:
    """Further members of the principal named last; names of AWS's own policies get their ARN."""
    for held in members.get("AttachedManagedPolicies", ()):
        held.setdefault("PolicyArn", f"arn:aws:iam::aws:policy/{held['PolicyName']}")
    for inline in ("UserPolicyList", "GroupPolicyList", "RolePolicyList"):
        for each in members.get(inline, ()):
            each.setdefault("PolicyDocument", {"Statement": [NARROW]})
    case.named = section
    return case.member(**members)


_BY_MEMBER: dict[str, Callable[[AccountBuilder, Any], AccountBuilder]] = {
    "Principal": _trusting,
    "Effect": _held,
    "VersionId": _version,
    "PasswordPolicy": lambda case, each: case.password_policy(**each["PasswordPolicy"]),
    "EnabledFeatures": lambda case, each: case.org_features(*each["EnabledFeatures"]),
    "VirtualMFADevices": _virtual_devices,
    "SAMLProviderList": _providers,
    "credaudit_region": _analyzers,
    "ServerCertificateMetadataList": lambda case, each: case.export(
        "server-certificates.json", each
    ),
    "IsTruncated": lambda case, each: case.page(**each),
    "LoginProfile": _login_profile,
    "SerialNumber": _privileged_device,
    "ServiceSpecificCredentialId": lambda case, each: case.export(
        "service-specific-credentials.json", {"ServiceSpecificCredentials": [each]}
    ),
    "SSHPublicKeyId": lambda case, each: case.export("ssh.json", {"SSHPublicKeys": [each]}),
    "CertificateId": lambda case, each: case.export("certs.json", {"Certificates": [each]}),
    "credaudit_user": lambda case, each: case.export("lists.json", each),
    "TrackedActionsLastAccessed": _used_actions,
    "AccessKeyId": _key,
    "AccessKeyMetadata": _key,
    "UserName": _user,
    "GroupName": _group,
    "RoleName": _role,
    "RoleDetailList": lambda case, _: case,
}
"""What each member makes of an account; the first that a document has decides."""
