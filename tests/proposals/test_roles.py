"""A role for each key that a program works with, which lets in that program and reaches no more."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.config import Limits
from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.layers import Verdict
from analyzer.privesc.graph import escalation_graph
from analyzer.proposals.platforms import Platform
from analyzer.proposals.role_reach import reaches_more, with_roles
from analyzer.proposals.role_steps import role_steps
from analyzer.proposals.role_trust import ReplacedUser, trust_policy_for
from analyzer.proposals.roles import propose_roles
from analyzer.proposals.workloads import Remote, Workload
from analyzer.risk.assessment import assess_leaks
from tests.builders import account, allow, deny, key_id

NUMBER = "111122223333"
USER = ReplacedUser(NUMBER, "aws", "job")


def proposed(case):
    """The roles that are proposed for the account that is built."""
    return propose_roles(case.account(), Limits())


def trusted(platform, **remote):
    """The one statement of the trust policy for a program that runs there."""
    place = Workload(platform, "eu-west-1", "", is_guess=False, remote=Remote(**remote))
    [statement] = trust_policy_for(place, USER)["Statement"]
    return statement


def test_a_program_with_a_key_gets_a_role_with_what_its_user_holds():
    """Directly or through groups, with its boundary and tags."""
    case = account().empty_group("jobs").attached("AmazonSQSFullAccess")
    case = case.user("job").key().group("jobs").may("s3:GetObject").tag("app", "x")
    [role] = proposed(case.boundary("arn:aws:iam::aws:policy/PowerUserAccess")).roles
    assert role.name == "job-role"
    assert [each.name for each in role.attached] == ["AmazonSQSFullAccess"]
    assert [each.name for each in role.inline] == ["p0"]
    make = next(
        each.command for each in role_steps(role, frozenset()) if "create-role" in each.command
    )
    assert "--permissions-boundary=arn:aws:iam::aws:policy/PowerUserAccess" in make
    assert '{"Key": "app", "Value": "x"}' in make


def test_people_mailers_and_idle_keys_get_none():
    """A person's key, SES's SMTP interface and a key that nothing uses need something else."""
    case = account().user("ann").key().mfa().user("old").key(last_used=100)
    case = case.user("mail").key(service="ses").may("ses:SendRawEmail")
    found = proposed(case)
    assert not found.roles
    assert {each.user for each in found.left_alone} == {"ann", "mail"}


def test_a_user_with_two_keys_gets_one_role_and_each_key_is_retired():
    """Off first, deleted later, and nothing before the program works with the role."""
    [role] = proposed(account().user("job").key().key().may("s3:Get*")).roles
    steps = list(role_steps(role, frozenset()))
    words = [each.command.split()[2] for each in steps if each.command]
    assert words == [
        "create-role", "put-role-policy",
        "update-access-key", "delete-access-key", "update-access-key", "delete-access-key",
    ]  # fmt: skip
    assert next(n for n, each in enumerate(steps) if "in the program" in each.what) == 2


def test_a_tag_or_a_name_is_a_guess_and_silence_means_outside_aws():
    """Only a file that holds the key counts as known."""
    case = account().user("a").key().tag("runtime", "lambda").user("github-ci").key()
    places = [each.workload for each in proposed(case.user("c").key()).roles]
    assert [each.platform for each in places] == [
        Platform.LAMBDA,
        Platform.ELSEWHERE,
        Platform.GITHUB,
    ]
    assert all(each.is_guess for each in places)


def test_the_file_that_holds_the_key_says_where_the_program_runs(tmp_path):
    """A workflow of GitHub: the role is for its repository, which its remote names."""
    case = account().user("job").key().may("s3:Get*")
    known = key_id(NUMBER, 7)
    entry = {"UserName": "job", "AccessKeyId": known, "Status": "Active"}
    entry["CreateDate"] = case.when(30)
    exports = case.write(tmp_path / "exports")
    (exports / "keys.json").write_text(json.dumps({"AccessKeyMetadata": [entry]}))
    flow = tmp_path / "repo" / ".github" / "workflows" / "deploy.yml"
    flow.parent.mkdir(parents=True)
    flow.write_text(f"env:\n  AWS_ACCESS_KEY_ID: {known}\n")
    [made], _ = build_accounts(load_evidence([exports]), None)
    leaks = scan([tmp_path / "repo"], ScanOptions())
    joined = assess_leaks(leaks, {NUMBER: made}, {NUMBER: escalation_graph(made)}, Limits())
    where = joined[0].credential.occurrences[0].repository
    [role] = propose_roles(
        made, Limits(), joined, {where: Remote("acme/shop", "main", "github.com")}
    ).roles
    assert (role.workload.platform, role.workload.is_guess) == (Platform.GITHUB, False)
    [statement] = role.trust["Statement"]
    subject = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert subject == "repo:acme/shop:ref:refs/heads/main"


def test_every_trust_policy_lets_in_one_program_alone():
    """No wildcard principal, and a condition wherever AWS has one for the service."""
    for platform in Platform:
        statement = trusted(platform)
        assert statement["Principal"] not in ("*", {"AWS": "*"})
        bare = platform in (Platform.LAMBDA, Platform.EC2)
        assert ("Condition" in statement) is not bare


def test_what_no_file_says_is_a_word_in_capitals():
    """Whoever makes the role fills it in; until then nobody gets in."""
    statement = trusted(Platform.GITHUB)
    subject = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert subject == "repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH"


def test_a_provider_that_the_account_has_is_not_made_again():
    """IAM refuses a second one for the same address."""
    [role] = proposed(account().user("github-ci").key()).roles
    known = f"arn:aws:iam::{NUMBER}:oidc-provider/token.actions.githubusercontent.com"
    told = [each.command for each in role_steps(role, frozenset({known}))]
    assert not [each for each in told if "create-open-id-connect-provider" in each]
    assert [each for each in role_steps(role, frozenset()) if "open-id" in each.command]


def test_a_deny_that_spares_a_role_is_noticed():
    """`aws:username` is missing in a role's request, so the statement no longer stops anything."""
    guard = deny("s3:DeleteBucket", when={"StringEquals": {"aws:username": "job"}})
    case = account().user("job").key().inline("a", allow("s3:*")).inline("b", guard)
    made, found = case.account(), proposed(case)
    assert found.roles[0].differs == ("aws:username",)
    assert reaches_more(made, found.roles) == {"job-role": ["s3:DeleteBucket"]}


@pytest.mark.parametrize(
    "guard",
    [
        deny("s3:GetObject", on="arn:aws:s3:::data/${aws:username}/*"),
        deny("s3:GetObject", when={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}),
        allow("s3:GetObject", when={"StringNotEquals": {"aws:username": "job"}}),
    ],
)
def test_a_statement_that_may_stop_the_user_alone_is_noticed_on_any_resource(guard):
    """Objects of S3 are in no export, so only the text tells that the role gets at them."""
    case = account().user("job").key().inline("a", allow("s3:*")).inline("b", guard)
    made, found = case.account(), proposed(case)
    assert "s3:GetObject" in reaches_more(made, found.roles)["job-role"]


def test_a_test_that_only_the_user_meets_gives_the_role_less():
    """The role lacks the key, so neither statement lets it anywhere."""
    own = allow("s3:GetObject", on="arn:aws:s3:::data/${aws:username}/*")
    named = allow("s3:PutObject", when={"StringEquals": {"aws:username": "job"}})
    case = account().user("job").key().inline("a", own, named)
    assert reaches_more(case.account(), proposed(case).roles) == {"job-role": []}


STATEMENTS = (
    deny("s3:GetObject", on="arn:aws:s3:::data/${aws:username}/*"),
    allow("s3:*"),
    allow("sqs:SendMessage", on=f"arn:aws:sqs:eu-west-1:{NUMBER}:q"),
    allow("iam:*", on=f"arn:aws:iam::{NUMBER}:user/job"),
    allow("s3:GetObject", on="arn:aws:s3:::data/${aws:username}/*"),
    deny("s3:Delete*"),
    deny("iam:*", when={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
    allow("dynamodb:*", when={"StringEquals": {"aws:PrincipalTag/app": "x"}}),
)
ASKED = (
    ("s3:GetObject", "arn:aws:s3:::data/job/x"),
    ("s3:DeleteObject", "arn:aws:s3:::data/job/x"),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{NUMBER}:q"),
    ("dynamodb:Scan", f"arn:aws:dynamodb:eu-west-1:{NUMBER}:table/t"),
    ("iam:CreateAccessKey", f"arn:aws:iam::{NUMBER}:user/job"),
)


@settings(deadline=None)
@given(st.frozensets(st.integers(0, len(STATEMENTS) - 1), max_size=4))
def test_a_role_may_no_more_than_the_key_did_unless_it_is_said(held):
    """Whatever the user holds, a request that is allowed to the role alone is told."""
    case = account().user("job").key().tag("app", "x")
    for number in sorted(held):
        case = case.inline(f"p{number}", STATEMENTS[number])
    made, found = case.account(), proposed(case)
    told = reaches_more(made, found.roles)["job-role"]
    authorizer = authorizer_for(with_roles(made, found.roles))
    user = authorizer.principals[f"arn:aws:iam::{NUMBER}:user/job"]
    role = authorizer.principals[f"arn:aws:iam::{NUMBER}:role/job-role"]
    for action, resource in ASKED:
        by_role = authorizer.decide(role, action, resource).verdict
        by_key = authorizer.decide(user, action, resource).verdict
        refused = by_key not in (Verdict.ALLOWED, Verdict.CONDITIONAL)
        assert not (by_role is Verdict.ALLOWED and refused) or action in told


def test_no_name_of_a_repository_makes_a_pattern_of_the_subject():
    """Only a subject that ends with an id of its platform is matched as a pattern."""
    statement = trusted(Platform.GITHUB, name="acme/*", branch="*")
    assert "StringLike" not in statement["Condition"]
