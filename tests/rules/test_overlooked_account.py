"""An account that looks well kept but for what its trusts, providers and analyzers say."""

from analyzer.rules.finding import Status
from analyzer.rules.severity import Severity
from analyzer.score import Grade, score
from tests.builders import AccountBuilder, account, the_catalogue
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


def found(case: AccountBuilder) -> set[tuple[Severity, str]]:
    """Severity and rule of each scored finding."""
    entries = the_catalogue()
    return {
        (entries.entry_of(each.rule, each.variant).severity, each.rule)
        for result in case.judged_all().values()
        for each in result.findings
        if entries.entries[each.rule].is_scored
    }


def graded(case: AccountBuilder) -> Grade:
    """The letter that the report would show."""
    results = tuple(case.judged_all().values())
    exports = case.account().available_exports
    return score(results, frozenset(), exports, the_catalogue()).grade


def test_an_administrator_role_for_guests_or_any_certificate_is_an_f():
    """Whatever else is kept well: two critical findings, and those on what waits."""
    worse = found(overlooked()) - found(kept())
    assert {
        (Severity.CRITICAL, "role-open-to-guests"),
        (Severity.CRITICAL, "roles-anywhere-trust-unbounded"),
        (Severity.HIGH, "analyzer-external-finding-open"),
        (Severity.MEDIUM, "analyzer-finding-overdue"),
        (Severity.MEDIUM, "saml-metadata-expired"),
    } <= worse
    assert graded(overlooked()) is Grade.F


def test_the_same_account_without_them_is_none():
    """So it is these that make the letter."""
    assert graded(kept()) is not Grade.F
    rules = {"role-open-to-guests", "roles-anywhere-trust-unbounded"}
    assert all(kept().status(rule) is not Status.FAIL for rule in rules)
