"""In: nothing. Out: accounts whose organization, trusts and trails are kept well, and badly."""

from tests.builders import AccountBuilder, account
from tests.rules import organization_exports as exports

NUMBER, OTHER, MANAGEMENT = "111122223333", "444455556666", "777788889999"
STRANGER = "999988887777"
IAM = f"arn:aws:iam::{NUMBER}"
COGNITO, GITLAB = "cognito-identity.amazonaws.com", "gitlab.example.com"
WEB = "sts:AssumeRoleWithWebIdentity"
ANYWHERE = {"Service": "rolesanywhere.amazonaws.com"}
ANCHOR = "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/1a2b"
PROFILE = "arn:aws:rolesanywhere:eu-west-1:111122223333:profile/p1"
ASKED_FOR_BILLS = "aws account get-alternate-contact --alternate-contact-type BILLING"
BUCKET = "arn:aws:s3:::shop-backup"


def exposed() -> AccountBuilder:
    """Guests and any certificate become administrator, strangers read, and nobody is told."""
    case = account(NUMBER).export("organization.json", exports.organization(OTHER, "BILLING"))
    case = case.role("guests").may("*").trusts({"Federated": COGNITO}, action=WEB)
    case = case.role("machines").may("*").trusts(ANYWHERE)
    case = case.role("visitor").may("s3:PutObject")
    case = case.trusts({"AWS": STRANGER}, when={"StringEquals": {"sts:ExternalId": NUMBER}})
    case = case.role("lost").trusts({"Federated": f"{IAM}:oidc-provider/gone"}, action=WEB)
    case = case.role("held").attached("PowerUserAccess")
    case = case.limits(forbidden_policies=frozenset({"PowerUserAccess"}))
    case = case.export("anywhere.json", {"profiles": [{"profileArn": PROFILE, "enabled": True}]})
    finding = {
        "resource": BUCKET,
        "resourceOwnerAccount": NUMBER,
        "status": "ACTIVE",
        "createdAt": case.when(400),
        "isPublic": False,
    }
    stranger = {"id": "f1", "principal": {"AWS": STRANGER}, "action": ["s3:PutObject"]}
    case = case.export("findings.json", {"findings": [finding | stranger]})
    case = case.export("scp.json", exports.level(NUMBER))
    case = case.export("trails.json", exports.trails())
    case = case.export("trails.json", exports.logging(is_on=False))
    case = case.export("filters.json", exports.metric_filters())
    case = case.export("alarms.json", exports.alarms())
    case = case.export("address.json", exports.contact(PhoneNumber=None))
    case = case.answer("bills.json", "GetAlternateContact", "ResourceNotFoundException")
    case.texts["bills.json"] = f"{ASKED_FOR_BILLS}{case.texts['bills.json']}"
    saml = {"Arn": f"{IAM}:saml-provider/corp", "ValidUntil": case.when(400)}
    case = case.export("saml-providers.json", {"SAMLProviderList": [saml]})
    case = case.export("oidc.json", {"Url": GITLAB, "ClientIDList": ["other"]})
    case = case.export("sets.json", exports.permission_set("PT12H"))
    case = case.export("sets.json", exports.policies_of_set("AdministratorAccess"))
    return case.export("assignments.json", exports.assignment(NUMBER, "USER"))


def ruling_everything() -> AccountBuilder:
    """The management account, in which a program works, and which lets another one rule, too."""
    case = account(NUMBER).export("organization.json", exports.organization(NUMBER))
    case = case.export("delegates.json", exports.delegate(OTHER))
    return case.role("app", service="lambda.amazonaws.com")


def alone() -> AccountBuilder:
    """An account of no organization."""
    case = account(NUMBER)
    return case.answer(
        "organization.json", "DescribeOrganization", "AWSOrganizationsNotInUseException"
    )


def closed() -> AccountBuilder:
    """Guests get nothing, a machine shows its certificate, and somebody is told of everything."""
    case = account(NUMBER).export("organization.json", exports.organization(MANAGEMENT))
    of_pool = {"StringEquals": {f"{COGNITO}:aud": exports.POOL}}
    signed_in = {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}
    case = case.role("users").trusts({"Federated": COGNITO}, action=WEB, when=of_pool | signed_in)
    of_one = {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "build.example.com"}}
    by_anchor = {"ArnEquals": {"aws:SourceArn": ANCHOR}}
    case = case.role("machines").may("s3:GetObject").trusts(ANYWHERE, when=of_one | by_anchor)
    one_id = {"StringEquals": {"sts:ExternalId": "0b0e5a1c-7f3a-4d1e"}}
    case = case.role("visitor").may("s3:GetObject").trusts({"AWS": OTHER}, when=one_id)
    case = case.role("build").trusts({"Federated": f"{IAM}:oidc-provider/{GITLAB}"}, action=WEB)
    case = case.limits(forbidden_policies=frozenset({"PowerUserAccess"}))
    policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    profile = {"profileArn": PROFILE, "enabled": True, "managedPolicyArns": policies}
    case = case.export("anywhere.json", {"profiles": [profile]})
    finding = {
        "id": "f1",
        "resource": BUCKET,
        "resourceOwnerAccount": NUMBER,
        "status": "ACTIVE",
        "createdAt": case.when(10),
        "isPublic": False,
        "principal": {"AWS": MANAGEMENT},
    }
    case = case.export("findings.json", {"findings": [finding]})
    case = case.export("scp.json", exports.level(NUMBER, "p-guard123"))
    case = case.export("scp.json", exports.control_policy("p-guard123", *exports.GUARDED))
    case = case.export("trails.json", exports.trails()).export("trails.json", exports.logging())
    case = case.export("filters.json", exports.metric_filters(*exports.FILTERS))
    case = case.export("alarms.json", exports.alarms(*exports.FILTERS))
    case = case.export("address.json", exports.contact())
    for sort in ("BILLING", "OPERATIONS"):
        case = case.export("contacts.json", exports.alternate_contact(sort))
    case = case.saml_provider()
    case = case.export("oidc.json", {"Url": GITLAB, "ClientIDList": ["sts.amazonaws.com"]})
    case = case.export("sets.json", exports.permission_set("PT1H"))
    case = case.export("sets.json", exports.policies_of_set("AdministratorAccess"))
    return case.export("assignments.json", exports.assignment(NUMBER, "GROUP"))


def ruling() -> AccountBuilder:
    """The management account with nothing in it, and one declared delegate."""
    case = account(NUMBER).export("organization.json", exports.organization(NUMBER))
    case = case.export("delegates.json", exports.delegate(OTHER))
    return case.limits(delegated_administrators=frozenset({OTHER}))
