"""In: nothing. Out: accounts in which everything is wrong, so that every rule has a finding."""

from functools import cache

from analyzer.config import Profile
from analyzer.leaks.model import CredentialKind
from analyzer.rules.finding import Finding, Result
from tests.builders import DETAILS, AccountBuilder, account, allow, deny, key_id
from tests.rules.organization_accounts import alone, exposed, ruling_everything
from tests.rules.small_exports import SECOND, days

NUMBER, OTHER = "111122223333", "444455556666"
KEYS = [key_id(NUMBER, serial) for serial in range(3)]


@cache
def neglected() -> AccountBuilder:
    """Nobody has ever looked after this account, and somebody else's keys lie about."""
    case = account(NUMBER).root(mfa=False, last_used=3).key(last_used=3).key(age=90, active=False)
    case = case.certificate()
    case = case.user("team", created=100).password(changed=100, last_used=2)
    case = case.login_profile(reset=False).certificate()
    case = case.key(age=100, region="us-east-1").key(age=20)
    case = case.attached("AWSCompromisedKeyQuarantineV2", "AWSCloudShellFullAccess").inline("own")
    case = case.listed_key(KEYS[0]).listed_key(KEYS[1], status="Inactive")
    case = case.user("bob").password(changed=5).key(age=400)
    case = case.user("eve").password(changed=20, last_used=None).key(age=10, last_used=None)
    case = case.user("gone").password(changed=400, last_used=200).ssh_key()
    case = case.key(age=400, last_used=300, active=False).signing_certificate("TA7EXAMPLE")
    case = case.user("jsmith").service_credential().service_credential("A2", ends=-400)
    case = case.user("john.smith-admin")
    case = case.service_credential("A3", service="codecommit.amazonaws.com", age=400)
    case = case.user("svc-night").password(last_used=None).key()
    case = case.user("BedrockAPIKey-x1").attached("AmazonS3FullAccess")
    case = case.user("hal").key(age=80, last_used=60)
    case = case.user("bot").key(service="s3").empty_group("old").inline("more")
    case = case.role("idle", last_used=None, service="config.amazonaws.com")
    case = case.policy("unused", attachments=0).last_accessed("role/idle", s3=None, iam=1)
    case = case.no_password_policy().no_contact().saml_provider().no_analyzer("eu-west-1")
    case = case.analyzer_finding("arn:aws:s3:::open", public=True)
    case = case.server_certificate("web", expired=1)
    case = case.org_features("RootCredentialsManagement").organization(management=OTHER)
    case = case.leak(key_id(OTHER), account=OTHER)
    case = case.leak(None, kind=CredentialKind.BEDROCK_KEY, user="ann")
    for key in KEYS:
        case = case.leak(key, account=NUMBER)
    return case


def second_quarter() -> AccountBuilder:
    """The same, a quarter later: nothing was done, and an exception ran out."""
    then = neglected().cell("bob", "access_key_1_last_used_service", "ec2")
    case = neglected().after(then)
    return case.accepted("console-user-no-mfa", expires=case.now - SECOND)


def half_done() -> AccountBuilder:
    """An authenticator app for root, a weak password policy, no way in but passwords."""
    case = account(NUMBER).mfa_device(f"arn:aws:iam::{NUMBER}:mfa/root").user("ann")
    case = case.password(changed=100).cell("ann", "password_next_rotation", case.when(10))
    kinds = ("Symbols", "Numbers", "UppercaseCharacters", "LowercaseCharacters")
    weak = {f"Require{kind}": False for kind in kinds}
    weak |= {"AllowUsersToChangePassword": False, "HardExpiry": True}
    case = case.password_policy(
        MinimumPasswordLength=6, PasswordReusePrevention=1, MaxPasswordAge=91, **weak
    )
    case = (
        case.no_analyzer("eu-west-1").no_providers().identity_center().org_features("RootSessions")
    )
    return case.leak(KEYS[0], account=NUMBER).limits(
        Profile.FSBP, password_age=90, password_memory=24
    )


def never_expiring() -> AccountBuilder:
    """A password policy that says nothing of age and memory, as the API leaves members out."""
    case = account(NUMBER).password_policy(
        ExpirePasswords=False, MaxPasswordAge=None, PasswordReusePrevention=None
    )
    return case.limits(Profile.FSBP, password_age=90, password_memory=24)


def bad_evidence() -> AccountBuilder:
    """Exports that were edited, cut, and are old."""
    case = account(NUMBER).user("ann").without_root()
    case = case.bare_report(case.csv.replace("false", "FALSE"))
    case = case.page(UserDetailList=[], IsTruncated=True)
    return case.user("bob").summary(Users=9).audited_at(-days(40))


def two_accounts() -> AccountBuilder:
    """The report of one account and the authorization details of another."""
    case = account(NUMBER).user("ann").without(DETAILS)
    return case.export("details.json", account(OTHER).role("app").details)


def generous() -> AccountBuilder:
    """Everyone may do everything, and whoever may not can help himself."""
    boundless, one = allow("*"), "arn:aws:iam::111122223333"
    case = account(NUMBER).empty_group("adm").attached("AdministratorAccess")
    case = case.user("ann").password().key(age=200, last_used=100).attached("AdministratorAccess")
    case = case.password(last_used=100)
    case = case.listed_key(KEYS[0]).leak(KEYS[0], account=NUMBER)
    case = case.mfa_device(f"{one}:mfa/ann").user("bob").password().key()
    case = case.may("iam:PassRole", "lambda:*").may("cloudtrail:*", "iam:DeactivateMFADevice")
    case = case.user("dee").key().may("lambda:UpdateFunctionCode")
    case = case.user("cy").key().may("lambda:UpdateFunctionCode")
    case = case.inline("g", deny("*", when={"Bool": {"aws:MultiFactorAuthPresent": "false"}}))
    for name in ("r1", "r2", "r3", "r4", "r5"):
        case = case.role(name, service="lambda.amazonaws.com").inline("all", boundless)
    case = case.role("open").trusts("*").role("partner").attached("ReadOnlyAccess", "IAMFullAccess")
    case = (
        case.may("*")
        .trusts({"AWS": OTHER})
        .role("web")
        .trusts(
            {"Federated": f"{one}:oidc-provider/gitlab.com"}, action="sts:AssumeRoleWithWebIdentity"
        )
    )
    case = case.role("corp").trusts(
        {"Federated": f"{one}:saml-provider/corp"}, action="sts:AssumeRoleWithSAML"
    )
    case = case.role("timer", service="scheduler.amazonaws.com")
    case = case.role("was").trusts({"AWS": "AIDAABCDEFGHIJKLMNOP2"})
    case = case.role("own").may("*").trusts({"AWS": f"{one}:user/cy"})
    case = case.policy("held", boundless).policy("loose", boundless, attachments=0)
    case = case.policy("old", allow("s3:Get*")).version(boundless)
    case = case.empty_group("adm2").attached("AdministratorAccess").empty_group("none")
    case = case.user("helper").key().may("iam:PutGroupPolicy", on=f"{one}:group/none")
    case = case.user("maker").key().may("iam:CreateRole", "iam:CreateAccessKey", "s3:*")
    case = case.user("chief").attached("AdministratorAccess").mfa_device("GAHT12345678")
    case = case.group("board").last_used_actions("role/own", DeleteBucket=None)
    but_iam = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    wide = ("s3:*", "iam:PassRole", "sts:AssumeRole", "kms:Decrypt", "aws-marketplace:Subscribe",
            "iam:CreateAccessKey")  # fmt: skip
    return case.policy("wide", allow(*wide), but_iam)


def misspelt() -> AccountBuilder:
    """Policies that do not do what they say: nobody has tried them."""
    case = account(NUMBER).user("ann").inline("g", deny("cloudtrail:StopLoging"))
    case = case.inline(
        "a", allow("iam:*", when={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}})
    )
    return case.inline("b", allow("s3:GetObject", on="arn:aws:s3:::reports"))


PEOPLE = """Employee ID,First Name,Last Name,Work Email,Start Date,Last Day
00123,Ann,Lee,ann.lee@corp.example,2019-02-01,2026-09-20
00124,Bo,Ray,bo.ray@corp.example,2019-02-01,
00125,Cy,Dale,cy.dale@corp.example,2019-02-01,2026-01-31
00126,Eve,Fox,eve.fox@corp.example,2019-02-01,
00126,Hal,Ost,hal.ost@corp.example,2019-02-01,
00127,Ida,Poe,ida.poe@corp.example,2019-02-01,2026-09-01
"""
DIRECTORY = """Login,Email,Status
gil.roth@corp.example,gil.roth@corp.example,Suspended
"""


def deserted() -> AccountBuilder:
    """People have left and their users have not, and nobody knows who the others are."""
    case = account(NUMBER).people(PEOPLE).people(DIRECTORY, "directory.csv")
    case = case.people("exported_at = 2026-06-30\ntotal = 9\n", "people.toml")
    case = case.user("ann.lee@corp.example").password(last_used=2).may("*")
    case = case.user("ida.poe").key(last_used=3)
    case = case.user("cy.dale@corp.example")
    case = case.user("adm-stranger").password().may("*").user("stranger").password()
    case = case.user("bo.ray@corp.example").password(last_used=200).key(last_used=1)
    case = case.user("bo").tag("employee-id", "00124").password()
    case = case.user("shared").tag("employee-id", "00124").tag("email", "eve.fox@corp.example")
    case = case.tag("email2", "x").user("gil.roth@corp.example").password()
    case = case.user("build").key().tag("owner", "ann.lee@corp.example")
    return case.role("night").may("*").tag("owner", "00123")


def wily() -> AccountBuilder:
    """Guards that whoever knows his way about walks round."""
    case = account(NUMBER).user("ann").key().may("guardduty:*")
    gold = {"StringEquals": {"aws:PrincipalTag/level": "gold"}}
    case = case.user("bob").key().inline("t", allow("*", when=gold), allow("iam:TagUser"))
    case = case.user("cy").key().inline("d", allow("s3:Get*"), deny("s3:GetObject"))
    return case.role("vendor").trusts({"AWS": OTHER}).may("s3:PutObject")


WRONG = (
    generous, neglected, second_quarter, half_done, never_expiring, bad_evidence, two_accounts,
    exposed, ruling_everything, alone, misspelt, deserted, wily,
)  # fmt: skip


@cache
def judged() -> tuple[tuple[AccountBuilder, dict[str, Result]], ...]:
    """Each of these accounts with what the rules say of it."""
    return tuple((case, case.judged_all()) for case in (make() for make in WRONG))


def findings_of(rule: str) -> list[tuple[AccountBuilder, Finding]]:
    """Every finding of the rule, with its account."""
    return [(case, each) for case, results in judged() for each in results[rule].findings]
