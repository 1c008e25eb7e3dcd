"""In: nothing. Out: accounts so well kept that every check passes in one of them at least."""

from functools import cache

from analyzer.config import Profile
from analyzer.rules.finding import Result
from tests.builders import AccountBuilder, account, allow, deny, key_id
from tests.rules.organization_accounts import closed, ruling

NUMBER, PARTNER, MANAGEMENT = "111122223333", "444455556666", "777788889999"
IAM = f"arn:aws:iam::{NUMBER}"
READS_ONE_BUCKET = allow("s3:GetObject", on="arn:aws:s3:::shop-invoices/*")
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
GITHUB = "token.actions.githubusercontent.com"
KEY = key_id(NUMBER)


def people() -> AccountBuilder:
    """Two people in a group, with young keys and passwords, and the role of a program."""
    case = account(NUMBER).root(password=False).empty_group("dev").attached("ViewOnlyAccess")
    case = case.user("ann", created=100).password(changed=30).group("dev").tag("Owner")
    case = case.login_profile(reset=True).key(age=20)
    case = case.listed_key(KEY, status="Inactive").leak(KEY, account=NUMBER)
    case = case.user("bob").password(changed=60).mfa().group("dev").tag("Owner")
    case = case.key(age=80, last_used=40).role("app").attached("AWSSupportAccess")
    case = case.policy("invoices", READS_ONE_BUCKET).version(READS_ONE_BUCKET)
    for principal in ("group/dev", "user/ann", "user/bob", "role/app"):
        case = case.last_accessed(principal, s3=1, sqs=2)
    case = case.password_policy().contact().saml_provider().analyzer("eu-west-1")
    case = case.analyzer_finding("arn:aws:s3:::shared", public=False)
    case = case.server_certificate("web", expired=-30).organization(management=MANAGEMENT)
    case = case.org_features("RootCredentialsManagement", "RootSessions")
    counts = {"Users": 2, "Groups": 1, "Roles": 1, "Policies": 1}
    case = case.service_credential(ends=-30).ssh_key()
    case = case.service_credential("A2", service="codecommit.amazonaws.com", age=9)
    case = case.export("ann.json", {"SSHPublicKeys": [], "credaudit_user": "ann"})
    case = case.cell("bob", "password_next_rotation", case.when(-30))
    return case.summary(AccountAccessKeysPresent=0, **counts).limits(Profile.FSBP, password_age=90)


def mended() -> AccountBuilder:
    """The same a quarter later: Ann has MFA now, for which there was an exception."""
    without, since = people(), people().cell("ann", "mfa_active", "true")
    return since.after(without).accepted("console-user-no-mfa")


def guarded() -> AccountBuilder:
    """Full rights take a device, programs take roles, and each role says who may come in."""
    case = account(NUMBER).key(age=900, last_used=400)
    case = case.user("admin").password().mfa().may("*")
    case = case.mfa_device("GAHT12345678").mfa_device("GAHT12345679")
    case = case.inline("only-with-mfa", deny("*", when=WITHOUT_MFA)).key(age=10).key(age=5)
    case = case.aws_policy("ViewOnlyAccess", allow("ec2:Describe*", "s3:List*"))
    case = case.empty_group("ops").user("bot").group("ops").attached("ViewOnlyAccess")
    case = case.key(age=30).listed_key(KEY).leak(KEY, account=NUMBER)
    case = case.user("old-bot").key(age=200, last_used=100).key(age=40, active=False)
    case = case.certificate().signing_certificate("TA7EXAMPLE")
    case = case.policy("unheld", READS_ONE_BUCKET, attachments=0)
    case = case.role("operator").may("*").trusts({"AWS": f"{IAM}:root"}, when=WITH_MFA)
    by_team = allow("s3:GetObject", on="arn:aws:s3:::shop-${aws:PrincipalTag/team}/*")
    case = case.role("team").trusts({"Service": "ec2.amazonaws.com"}).inline("by-team", by_team)
    case = case.role("partner").inline("invoices", READS_ONE_BUCKET)
    case = case.trusts({"AWS": PARTNER}, when={"StringEquals": {"sts:ExternalId": "u-7f3a-91c2"}})
    case = case.role("night").trusts(
        {"Service": "scheduler.amazonaws.com"},
        when={"StringEquals": {"aws:SourceAccount": NUMBER}},
    )
    case = case.role("staff").trusts(
        {"Federated": f"{IAM}:saml-provider/corp"},
        when={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        action="sts:AssumeRoleWithSAML",
    )
    one_branch = {"aud": "sts.amazonaws.com", "sub": "repo:acme/shop:ref:refs/heads/main"}
    return case.role("build").trusts(
        {"Federated": f"{IAM}:oidc-provider/{GITHUB}"},
        when={"StringEquals": {f"{GITHUB}:{key}": value for key, value in one_branch.items()}},
        action="sts:AssumeRoleWithWebIdentity",
    )


def taken_over() -> AccountBuilder:
    """Of last quarter's user without MFA nothing is left; root has a device, and a bot rests."""
    case = account(NUMBER).no_virtual_mfa_devices().org_features("RootCredentialsManagement")
    case = case.role("support").attached("AWSSupportAccess").saml_provider()
    then = case.user("gone").password()
    case = case.last_used_actions("role/support", "support", CreateCase=3)
    case = case.user("BedrockAPIKey-x1").attached("AmazonBedrockLimitedAccess")
    case = case.empty_group("ops").attached("ViewOnlyAccess").user("bot").group("ops")
    case = case.attached("ViewOnlyAccess").inline("invoices", READS_ONE_BUCKET)
    return case.key(age=60, last_used=40).after(then)


PEOPLE = """Employee ID,First Name,Last Name,Work Email,Start Date,Last Day,Status
00123,Ann,Lee,ann.lee@corp.example,2019-02-01,2026-09-20,Terminated
00124,Bo,Ray,bo.ray@corp.example,2019-02-01,,Active
00125,Cy,Dale,cy.dale@corp.example,2019-02-01,,Suspended
"""


def well_known() -> AccountBuilder:
    """Each user is one person's; whoever left or is suspended can get in no more."""
    case = account(NUMBER).people(PEOPLE).people("exported_at = 2026-09-29\n", "people.toml")
    case = case.user("ann.lee@corp.example").user("cy.dale@corp.example")
    case = case.user("bo.ray@corp.example").tag("employee-id", "00124").password().mfa().key()
    return case.user("build").tag("owner", "bo.ray@corp.example")


RIGHT = (mended, guarded, taken_over, closed, ruling, well_known)


@cache
def judged() -> tuple[dict[str, Result], ...]:
    """What the rules say of each of these accounts."""
    return tuple(make().judged_all() for make in RIGHT)
