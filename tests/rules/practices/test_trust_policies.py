"""Practice 4: whom roles let in."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account

OWN, PARTNER = "111122223333", "444455556666"
ROLE = account().role("app")
OUTSIDE = {"AWS": f"arn:aws:iam::{PARTNER}:root"}
WITH_ID = {"StringEquals": {"sts:ExternalId": "x-17"}}
GITHUB = "token.actions.githubusercontent.com"
WEB = "sts:AssumeRoleWithWebIdentity"


def github(sub=None, aud="sts.amazonaws.com", operator="StringLike", issuer=GITHUB):
    """A role for pipelines of that issuer."""
    when = {}
    if sub is not None:
        when.setdefault(operator, {})[f"{issuer}:sub"] = sub
    if aud is not None:
        when.setdefault("StringEquals", {})[f"{issuer}:aud"] = aud
    federated = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{issuer}"}
    return ROLE.trusts(federated, action=WEB, when=when)


def fails(case, rule):
    """Whether the rule fails for the role, at a statement of its trust policy."""
    found = case.proof(rule)
    return [resource for resource, _, _ in found] == ["role/app"] and all(
        "AssumeRolePolicyDocument/Statement/" in spot for _, spot, _ in found
    )


def test_everybody_but_one_is_told_as_such():
    """The user named is the one who is kept out, and no other check takes him for let in."""
    eve = f"arn:aws:iam::{PARTNER}:user/eve"
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": [eve, OWN]}, "Action": "sts:AssumeRole"}
    results = ROLE.trusting(statement).judged_all()
    [finding] = results["role-trust-any-principal"].findings
    assert finding.facts["who"] == f"everybody but {eve} and {OWN}"
    for rule in ("role-trust-iam-user", "role-trust-unlisted-account"):
        assert not results[rule].findings


# role-trust-any-principal


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
@pytest.mark.parametrize(
    "when",
    [
        None,
        {"StringLike": {"aws:PrincipalOrgID": "*"}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
        {"StringNotEquals": {"aws:PrincipalAccount": PARTNER}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"Bool": {"aws:SecureTransport": "true"}},
    ],
)
def test_role_trust_any_principal_fails(principal, when):
    """Anyone, with no condition that ties it down."""
    assert fails(ROLE.trusts(principal, when=when), "role-trust-any-principal")


@pytest.mark.parametrize(
    "when",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringEquals": {"AWS:principalaccount": OWN}},
        WITH_ID,
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/ci"}},
    ],
)
def test_role_trust_any_principal_passes(when):
    """Tied to an organization, an account, an ID or a role."""
    assert ROLE.trusts("*", when=when).status("role-trust-any-principal") is Status.PASS


def denied(when=None, principal="*", action="sts:AssumeRole", member="Principal"):
    """A Deny of the trust policy."""
    found = {"Effect": "Deny", member: principal, "Action": action}
    return found | ({"Condition": when} if when else {})


def trusted(principal, *more, action="sts:AssumeRole"):
    """A role that lets in this principal, and whose trust policy says more."""
    return ROLE.trusting({"Effect": "Allow", "Principal": principal, "Action": action}, *more)


NOT_OURS = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_role_trust_any_principal_passes_where_a_deny_closes_it_to_strangers(principal):
    """Whoever is not of the organization is denied, however that is written."""
    assert trusted(principal, denied(NOT_OURS)).status("role-trust-any-principal") is Status.PASS
    other = denied({"StringNotEquals": {"corp:Odd": "o-1"}})
    assert fails(trusted(principal, other), "role-trust-any-principal")
    of_another_call = denied(NOT_OURS, action="sts:AssumeRoleWithSAML")
    assert fails(trusted(principal, of_another_call), "role-trust-any-principal")


def test_a_role_that_asks_for_the_account_if_there_is_one_is_not_open():
    """The account of the caller is in every request."""
    when = {"StringEqualsIfExists": {"aws:PrincipalAccount": OWN}}
    assert ROLE.trusts("*", when=when).status("role-trust-any-principal") is Status.PASS


@pytest.mark.parametrize(
    ("rule", "principal", "unless"),
    [
        (
            "role-trust-external-no-external-id",
            OUTSIDE,
            {"StringNotEquals": {"sts:ExternalId": "x-17"}},
        ),
        (
            "service-trust-confused-deputy",
            {"Service": "cloudtrail.amazonaws.com"},
            {"StringNotEquals": {"aws:SourceAccount": OWN}},
        ),
        (
            "role-trust-iam-user",
            {"AWS": f"arn:aws:iam::{OWN}:user/ann"},
            {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        ),
    ],
)
def test_a_deny_of_all_others_is_as_good_as_a_condition(rule, principal, unless):
    """What an Allow may ask for, a Deny may ask for as well."""
    assert fails(trusted(principal), rule)
    assert not fails(trusted(principal, denied(unless)), rule)
    assert fails(trusted(principal, denied({"Bool": {"aws:SecureTransport": "false"}})), rule)


def test_a_trust_that_cannot_be_read_is_not_passed():
    """Whoever it lets in."""
    case = ROLE.trusts({"AWS": [7]})
    assert case.status("role-trust-any-principal") is Status.NOT_ASSESSED


# role-trust-unlisted-account


def test_role_trust_unlisted_account_fails():
    """An account that nobody named."""
    assert fails(ROLE.trusts(OUTSIDE), "role-trust-unlisted-account")
    assert fails(ROLE.trusts({"AWS": PARTNER}), "role-trust-unlisted-account")


def test_role_trust_unlisted_account_passes():
    """The account itself, or one that the auditor lists."""
    own = ROLE.trusts({"AWS": f"arn:aws:iam::{OWN}:root"})
    assert own.status("role-trust-unlisted-account") is Status.PASS
    listed = ROLE.trusts(OUTSIDE).limits(own_accounts=frozenset({PARTNER}))
    assert listed.status("role-trust-unlisted-account") is Status.PASS


# role-external-read-everything, role-external-privileged, role-trust-external-no-external-id


def test_role_external_read_everything_fails():
    """A partner reads the whole account."""
    case = ROLE.trusts(OUTSIDE, when=WITH_ID).attached("ReadOnlyAccess")
    assert fails(case, "role-external-read-everything")


def test_role_external_read_everything_passes():
    """A partner with one bucket."""
    case = ROLE.trusts(OUTSIDE).may("s3:GetObject", on="arn:aws:s3:::a/*")
    assert case.status("role-external-read-everything") is Status.PASS


def test_role_external_privileged_fails():
    """A partner is administrator."""
    assert fails(ROLE.trusts(OUTSIDE).may("*"), "role-external-privileged")


def test_role_external_privileged_passes():
    """A partner with one bucket."""
    assert ROLE.trusts(OUTSIDE).may("s3:Get*").status("role-external-privileged") is Status.PASS


def test_role_trust_external_no_external_id_fails():
    """Nothing tells one customer of the partner from another."""
    assert fails(ROLE.trusts(OUTSIDE), "role-trust-external-no-external-id")


def test_role_trust_external_no_external_id_passes():
    """With one."""
    case = ROLE.trusts(OUTSIDE, when=WITH_ID)
    assert case.status("role-trust-external-no-external-id") is Status.PASS


# OIDC and SAML


@pytest.mark.parametrize(
    "sub", [None, "*", "repo:*", "repo:acme*", "repo:acme/*", "repo:*/app:*", "?epo:acme/app:*"]
)
def test_oidc_trust_subject_unbounded_fails(sub):
    """Strangers, namesakes and every project of the owner get in."""
    assert fails(github(sub), "oidc-trust-subject-unbounded")


@pytest.mark.parametrize(
    ("issuer", "sub"),
    [
        ("gitlab.com", "project_path:acme/*"),
        ("app.terraform.io", "organization:*"),
        ("accounts.google.com", None),
    ],
)
def test_oidc_trust_subject_unbounded_fails_for_any_issuer(issuer, sub):
    """GitHub is not the only one that signs for everybody."""
    assert fails(github(sub, issuer=issuer), "oidc-trust-subject-unbounded")


@pytest.mark.parametrize(
    "sub",
    [
        "repo:acme/app:ref:refs/heads/*",
        "repo:acme/app:ref:refs/heads/main",
        "repo:acme/app:environment:prod",
    ],
)
def test_oidc_trust_subject_unbounded_passes(sub):
    """A part of one project; any branch of it is a milder case."""
    assert github(sub).status("oidc-trust-subject-unbounded") is Status.PASS


def test_oidc_trust_subject_unbounded_passes_for_an_exact_subject():
    """StringEquals takes a star for a star."""
    case = github("repo:acme/app:ref:refs/heads/main", operator="StringEquals")
    assert case.status("oidc-trust-subject-unbounded") is Status.PASS
    cluster = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF"
    pod = github("system:serviceaccount:shop:*", issuer=cluster)
    assert pod.status("oidc-trust-subject-unbounded") is Status.PASS


def test_oidc_trust_audience_missing_fails():
    """A token for something else."""
    assert fails(github("repo:acme/app:*", aud=None), "oidc-trust-audience-missing")


def test_oidc_trust_audience_missing_passes():
    """A token for AWS."""
    assert github("repo:acme/app:*").status("oidc-trust-audience-missing") is Status.PASS


def saml(**when):
    """A role for the company's sign-in page."""
    provider = {"Federated": f"arn:aws:iam::{OWN}:saml-provider/corp"}
    return ROLE.trusts(provider, action="sts:AssumeRoleWithSAML", when=when or None)


def test_saml_trust_audience_missing_fails():
    """An assertion for something else."""
    assert fails(saml(), "saml-trust-audience-missing")


def test_saml_trust_audience_missing_passes():
    """An assertion for AWS."""
    case = saml(StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"})
    assert case.status("saml-trust-audience-missing") is Status.PASS


# services, deleted principals, users


@pytest.mark.parametrize(
    "service", ["scheduler.amazonaws.com", "datasync.amazonaws.com", "vpc-flow-logs.amazonaws.com"]
)
def test_service_trust_confused_deputy_fails(service):
    """It works for every customer."""
    case = account().role("app", service=service)
    assert fails(case, "service-trust-confused-deputy")


def test_service_trust_confused_deputy_passes():
    """For this account only; and EC2 sends no source."""
    tied = ROLE.trusts(
        {"Service": "scheduler.amazonaws.com"},
        when={"StringEquals": {"aws:SourceAccount": OWN}},
    )
    assert tied.status("service-trust-confused-deputy") is Status.PASS
    assert ROLE.status("service-trust-confused-deputy") is Status.PASS


def test_role_trust_deleted_principal_fails():
    """AWS shows the ID of one that is gone."""
    assert fails(ROLE.trusts({"AWS": "AIDAABCDEFGHIJKLMNOP2"}), "role-trust-deleted-principal")


def test_role_trust_deleted_principal_passes():
    """All of them exist."""
    assert ROLE.status("role-trust-deleted-principal") is Status.PASS


def test_role_trust_iam_user_fails():
    """One person by name."""
    case = ROLE.trusts({"AWS": f"arn:aws:iam::{OWN}:user/ann"})
    assert fails(case, "role-trust-iam-user")


def test_role_trust_iam_user_passes():
    """A role by name."""
    case = ROLE.trusts({"AWS": f"arn:aws:iam::{OWN}:role/ci"}).role("ci")
    assert case.status("role-trust-iam-user") is Status.PASS


def test_privileged_role_no_mfa_for_users_fails():
    """Administrators become so without a second factor."""
    case = ROLE.may("*").trusts({"AWS": f"arn:aws:iam::{OWN}:root"})
    assert fails(case, "privileged-role-no-mfa-for-users")


def test_privileged_role_no_mfa_for_users_passes():
    """With one."""
    when = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    case = ROLE.may("*").trusts({"AWS": f"arn:aws:iam::{OWN}:root"}, when=when)
    assert case.status("privileged-role-no-mfa-for-users") is Status.PASS


# how well a condition ties


@pytest.mark.parametrize(
    "when",
    [
        {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
        {"StringLike": {"aws:PrincipalOrgPaths": "*/r-1/*"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}},
        {"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/ci", "*role/ci"]}},
        {"StringLike": {"aws:userid": "*:ann"}},
        {"StringLike": {"sts:ExternalId": "?*"}},
    ],
)
def test_a_pattern_that_strangers_meet_ties_nothing(when):
    """Anyone can have an organization, a role called ci, or a session called ann."""
    assert fails(ROLE.trusts("*", when=when), "role-trust-any-principal")


@pytest.mark.parametrize(
    "when",
    [
        {"StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/*"}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/*"}},
        {"StringLike": {"aws:userid": "AROAABCDEFGHIJKLMNOP2:*"}},
    ],
)
def test_a_pattern_with_a_fixed_owner_ties(when):
    """Whatever the rest of it leaves open."""
    assert ROLE.trusts("*", when=when).status("role-trust-any-principal") is Status.PASS


@pytest.mark.parametrize(
    ("when", "is_asked"),
    [
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, True),
        ({"Null": {"aws:MultiFactorAuthAge": "false"}}, True),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, False),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({"Null": {"aws:MultiFactorAuthPresent": "false"}}, False),
    ],
)
def test_mfa_is_asked_for_by_what_only_mfa_brings(when, is_asked):
    """A session without it carries the key MultiFactorAuthPresent as well, and says false."""
    case = ROLE.trusts({"AWS": f"arn:aws:iam::{OWN}:user/ann"}, when=when).user("ann")
    assert (case.status("role-trust-iam-user") is Status.PASS) == is_asked


@pytest.mark.parametrize(
    ("arn", "is_tied"),
    [
        (f"arn:aws:scheduler:*:{OWN}:schedule/*", True),
        ("arn:aws:s3:::our-bucket", True),
        ("arn:aws:s3:::*", False),
        ("arn:aws:scheduler:*:*:schedule/*", False),
        ("arn:aws:scheduler:eu-west-1:1111*:schedule/*", False),
    ],
)
def test_a_source_without_its_account_is_anybodys(arn, is_tied):
    """The service acts for whichever account the pattern leaves open."""
    when = {"ArnLike": {"aws:SourceArn": arn}}
    case = ROLE.trusts({"Service": "scheduler.amazonaws.com"}, when=when)
    assert (case.status("service-trust-confused-deputy") is Status.PASS) == is_tied


@pytest.mark.parametrize(
    "name",
    ["states.us-east-1.amazonaws.com", "states.amazonaws.com.cn", "logs.eu-west-1.amazonaws.com"],
)
def test_a_service_named_with_its_region_is_the_same_service(name):
    """Older and newer policies spell it in both ways."""
    assert fails(ROLE.trusts({"Service": name}), "service-trust-confused-deputy")


@pytest.mark.parametrize(
    ("issuer", "sub"),
    [
        ("app.terraform.io", "organization:acme:project:*"),
        ("oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF", "system:serviceaccount:*"),
        ("oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF", "system:serviceaccount:*:*"),
        ("oidc.circleci.com/org/1234", None),
    ],
)
def test_words_that_every_subject_has_pin_nothing(issuer, sub):
    """What stands between names is nobody's name."""
    assert fails(github(sub, issuer=issuer), "oidc-trust-subject-unbounded")


@pytest.mark.parametrize(
    ("issuer", "sub"),
    [
        ("app.terraform.io", "organization:acme:project:web:workspace:*"),
        ("oidc.circleci.com/org/1234", "org/1234/*"),
        ("gitlab.com", "project_path:acme/app:ref_type:branch:*"),
    ],
)
def test_an_issuer_of_one_customer_needs_no_more_than_a_subject(issuer, sub):
    """Strangers get no token there; a shared one must be pinned to a project."""
    assert github(sub, issuer=issuer).status("oidc-trust-subject-unbounded") is Status.PASS


@pytest.mark.parametrize(
    ("claim", "is_pinned"),
    [("repository", True), ("repository_owner", False), ("ref", False), ("environment", False)],
)
def test_a_claim_pins_what_it_names(claim, is_pinned):
    """An owner has many projects, and everybody has a branch called main."""
    federated = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"}
    case = ROLE.trusts(federated, action=WEB, when={"StringEquals": {f"{GITHUB}:{claim}": "main"}})
    assert (case.status("oidc-trust-subject-unbounded") is Status.PASS) == is_pinned


def test_the_issuer_of_a_saml_assertion_is_not_its_audience():
    """The company's sign-in makes assertions for many services."""
    assert fails(saml(StringEquals={"saml:iss": "https://corp"}), "saml-trust-audience-missing")


@pytest.mark.parametrize(
    "rule",
    [
        "role-external-privileged",
        "privileged-role-no-mfa-for-users",
        "oidc-trust-subject-unbounded",
        "oidc-trust-audience-missing",
        "saml-trust-audience-missing",
        "service-trust-confused-deputy",
        "role-trust-any-principal",
    ],
)
@pytest.mark.parametrize("trust", [None, "%7Bx", {}, {"Statement": [{"Effect": "Allow"}]}])
def test_whom_an_unreadable_trust_policy_lets_in_is_not_assessed(rule, trust):
    """Nobody can tell whether it is a stranger, a provider or a service: no check calls it none."""
    case = account().role("app").may("*").member(AssumeRolePolicyDocument=trust)
    assert case.status(rule) is Status.NOT_ASSESSED


def test_role_external_privileged_fails_for_a_stranger_in_a_service_s_path():
    """Its path hides no role from the check."""
    case = account().role("Backdoor", path="/aws-service-role/x.amazonaws.com/").may("*")
    [(resource, _, _)] = case.trusts(OUTSIDE).proof("role-external-privileged")
    assert resource == "role/aws-service-role/x.amazonaws.com/Backdoor"


def test_signed_in_guests_of_any_identity_pool_are_strangers():
    """A pool of one's own signs anybody in: only its ID in aud tells whose pool it is."""
    issuer = "cognito-identity.amazonaws.com"
    signed_in = {"ForAnyValue:StringLike": {f"{issuer}:amr": "authenticated"}}
    own = signed_in | {"StringEquals": {f"{issuer}:aud": "eu-west-1:1a2b"}}
    web = "sts:AssumeRoleWithWebIdentity"
    for when, status in ((signed_in, Status.FAIL), (own, Status.PASS)):
        case = account().role("app").trusts({"Federated": issuer}, action=web, when=when)
        assert case.status("oidc-trust-subject-unbounded") is status
        assert case.status("oidc-trust-audience-missing") is status
