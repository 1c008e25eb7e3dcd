"""In: nothing. Out: an account that looks well kept, and the same with what reviews pass by."""

from tests.builders import AccountBuilder, account
from tests.rules.small_exports import days

OWN, STRANGER = "111122223333", "999988887777"
COGNITO = "cognito-identity.amazonaws.com"


def kept() -> AccountBuilder:
    """One person in a group, with MFA, and a program that has a role."""
    case = account(OWN).root(password=False).empty_group("dev").attached("ViewOnlyAccess")
    case = case.user("ann").password().mfa().group("dev").tag("Owner")
    case = case.role("app").attached("AWSSupportAccess")
    return case.password_policy().contact().analyzer("eu-west-1")


def overlooked() -> AccountBuilder:
    """The same, with two open administrator roles, a stranger's access, and dead metadata."""
    case = kept().role("guests").attached("AdministratorAccess")
    guests = {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "unauthenticated"}}
    of_pool = {"StringEquals": {f"{COGNITO}:aud": "eu-west-1:1a2b"}}
    web = "sts:AssumeRoleWithWebIdentity"
    case = case.trusts({"Federated": COGNITO}, action=web, when=guests | of_pool)
    case = case.role("machines").attached("AdministratorAccess")
    case = case.trusts({"Service": "rolesanywhere.amazonaws.com"})
    saml = {"Arn": f"arn:aws:iam::{OWN}:saml-provider/corp", "ValidUntil": case.when(400)}
    case = case.export("saml-providers.json", {"SAMLProviderList": [saml]})
    listed = {
        "id": "f1",
        "resource": "arn:aws:s3:::shop-backup",
        "resourceType": "AWS::S3::Bucket",
        "status": "ACTIVE",
        "findingType": "ExternalAccess",
        "createdAt": case.when(days(800)),
    }
    access = {"isPublic": False, "principal": {"AWS": STRANGER}, "action": ["s3:PutObject"]}
    details = listed | {"findingDetails": [{"externalAccessDetails": access}]}
    case = case.export("findings.json", {"findings": [listed]})
    return case.export("finding-details.json", details)


def forgotten() -> AccountBuilder:
    """The same, with what the credential report shows least: certificates, API and SSH keys."""
    case = overlooked().root().certificate(age=100)
    case = case.user("BedrockAPIKey-ab12").attached("AmazonBedrockLimitedAccess")
    case = case.service_credential("ACCAEXAMPLE1", age=200)
    case = case.user("git").ssh_key("APKAEXAMPLE1")
    case = case.service_credential("ACCAEXAMPLE2", service="codecommit.amazonaws.com", age=2200)
    idle = {"id": "f2", "resource": f"arn:aws:iam::{OWN}:user/ann", "status": "ACTIVE"}
    idle |= {"resourceType": "AWS::IAM::User", "findingType": "UnusedIAMUserPassword"}
    return case.export("idle.json", {"findings": [idle | {"createdAt": case.when(days(200))}]})
