"""Practice 4: roles instead of keys for workloads."""

import pytest

from analyzer.rules.catalogue import fill_sentence
from analyzer.rules.finding import Status
from tests.builders import DETAILS, REPORT, account, allow, the_catalogue
from tests.rules.small_exports import SECOND, days

BOT = account().user("bot").key(last_used=3, service="s3")


def trusting(**principal: str):
    """An account with a workload user and a role with that principal in its trust policy."""
    allowed = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [allowed]}
    return BOT.role("app").member(AssumeRolePolicyDocument=document)


# workload-user-with-key


@pytest.mark.parametrize("service", ["s3", "ec2", "dynamodb", "N/A"])
def test_workload_user_with_key_fails_for_a_key_at_work(service: str):
    """No password, and a key that calls what programs call; N/A is a use all the same."""
    case = account().user("bot").key(last_used=3, service=service)
    spot = f"{REPORT}:3:access_key_1_last_used_date"
    expected = [("user/bot", spot, "2026-09-28T00:00:00+00:00")]
    assert case.proof("workload-user-with-key") == expected


def test_workload_user_with_key_fails_on_the_thirtieth_day():
    """Used within 30 days of the report."""
    assert account().user("bot").key(last_used=days(30)).proof("workload-user-with-key")


def test_workload_user_with_key_passes_a_second_later():
    """A key that rests for more than 30 days runs no workload."""
    case = account().user("bot").key(age=200, last_used=days(30) + SECOND)
    assert case.status("workload-user-with-key") is Status.PASS


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_workload_user_with_key_passes_where_only_iam_or_sts_was_called(service: str):
    """Those calls do not tell a program from a person."""
    case = account().user("bot").key(service=service)
    assert case.status("workload-user-with-key") is Status.PASS


def test_workload_user_with_key_passes_for_a_key_that_was_never_used():
    """Without a use there is no workload."""
    case = account().user("bot").key(last_used=None)
    assert case.status("workload-user-with-key") is Status.PASS


def test_workload_user_with_key_does_not_concern_users_with_a_password():
    """A person at a terminal has a password."""
    case = account().user("ann").password().key()
    assert case.status("workload-user-with-key") is Status.NOT_APPLICABLE


def test_workload_user_with_key_goes_by_use_and_never_by_the_name():
    """A name that sounds like a machine's is a hint at most."""
    case = account().user("ci-deploy-bot").key(service="sts")
    assert case.status("workload-user-with-key") is Status.PASS


# no-workload-roles-in-account


def test_no_workload_roles_in_account_fails_without_a_role_to_take():
    """Programs run on keys, and only a person's role is there."""
    case = trusting(AWS="arn:aws:iam::111122223333:root")
    spot = f"{REPORT}:3:access_key_1_last_used_service"
    assert case.proof("no-workload-roles-in-account") == [("root", spot, "s3")]


@pytest.mark.parametrize(
    "service",
    [
        "ec2.amazonaws.com",
        "lambda.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "pods.eks.amazonaws.com",
        "codebuild.amazonaws.com",
        "rolesanywhere.amazonaws.com",
    ],
)
def test_no_workload_roles_in_account_passes_with_a_role_for_a_service(service: str):
    """One role that a compute service can take shows the way."""
    assert trusting(Service=service).status("no-workload-roles-in-account") is Status.PASS


def test_no_workload_roles_in_account_passes_with_a_role_for_openid_connect():
    """A pipeline outside AWS can take such a role."""
    provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    assert trusting(Federated=provider).status("no-workload-roles-in-account") is Status.PASS


def test_no_workload_roles_in_account_does_not_concern_accounts_without_workload_keys():
    """Where no program runs on a key, no role is missed."""
    case = account().user("ann").password().key()
    assert case.status("no-workload-roles-in-account") is Status.NOT_APPLICABLE


def test_no_workload_roles_in_account_is_not_assessed_where_a_use_cannot_be_read():
    """The only key may or may not be at work."""
    case = BOT.cell("bot", "access_key_1_last_used_date", "?")
    assert case.status("no-workload-roles-in-account") is Status.NOT_ASSESSED


# role-unused-90-days


def test_role_unused_90_days_fails_a_day_past_the_limit():
    """The last use lies 91 days back."""
    case = account().role("old", last_used=days(91))
    [(resource, spot, value)] = case.proof("role-unused-90-days")
    assert (resource, spot) == ("role/old", f"{DETAILS}:/RoleDetailList/0/RoleLastUsed")
    assert value["LastUsedDate"] == "2026-07-02T00:00:00+00:00"


def test_role_unused_90_days_passes_at_the_limit():
    """The last use lies exactly 90 days back."""
    assert account().role("app", last_used=days(90)).status("role-unused-90-days") is Status.PASS


def test_role_unused_90_days_fails_for_an_old_role_without_a_use():
    """An empty RoleLastUsed says: not in the last 400 days."""
    case = account().role("old", created=days(91), last_used=None)
    expected = [("role/old", f"{DETAILS}:/RoleDetailList/0/RoleLastUsed", {})]
    assert case.proof("role-unused-90-days") == expected


def test_role_unused_90_days_passes_for_a_new_role_without_a_use():
    """A role of 90 days has not had the time to be idle."""
    case = account().role("new", created=days(90), last_used=None)
    assert case.status("role-unused-90-days") is Status.PASS


def test_role_unused_90_days_does_not_concern_service_linked_roles():
    """The account can't delete a role that a service owns."""
    path = "/aws-service-role/support.amazonaws.com/"
    case = account().role("AWSServiceRoleForSupport", last_used=None, path=path)
    assert case.status("role-unused-90-days") is Status.NOT_APPLICABLE


def test_role_unused_90_days_is_not_assessed_where_the_export_does_not_speak_of_use():
    """A role without the member at all may have been used yesterday."""
    case = account().role("app").member(RoleLastUsed=None)
    assert case.status("role-unused-90-days") is Status.NOT_ASSESSED


def test_role_unused_90_days_is_not_cleared_by_the_analyzer_findings_alone():
    """The catalogue takes analyzer findings as the input; an open one for an unused role counts."""
    role = "arn:aws:iam::111122223333:role/old"
    case = account().analyzer_finding(role, sort="UnusedIAMRole").without(DETAILS)
    assert case.status("role-unused-90-days") in {Status.FAIL, Status.NOT_ASSESSED}


def test_role_unused_90_days_takes_no_finding_s_date_for_idle_time():
    """The analyzer counts by a period of its own, and its finding came after that."""
    role = "arn:aws:iam::111122223333:role/old"
    case = account().analyzer_finding(role, sort="UnusedIAMRole").without(DETAILS)
    [finding] = case.judged("role-unused-90-days").findings
    entry = the_catalogue().entry_of(finding.rule, finding.variant)
    said = fill_sentence(entry.observed, finding.facts)
    assert "10 days" not in said
    assert "the time that the analyzer looks back" in said
    assert "2026-09-21" in said


# support-role-missing


@pytest.mark.parametrize(
    "case",
    [
        account().role("app"),
        account().user("ann").attached("AWSSupportAccess"),
        account().empty_group("ops").attached("AWSSupportAccess"),
    ],
    ids=["nobody", "user", "group"],
)
def test_support_role_missing_fails_where_no_role_holds_the_policy(case):
    """CIS asks for a role; a user or a group that may open a case is none."""
    [(resource, spot, _)] = case.proof("support-role-missing")
    assert (resource, spot) == ("root", f"{DETAILS}:")


@pytest.mark.parametrize(
    "case",
    [
        account().role("support").attached("AWSSupportAccess"),
        account(partition="aws-cn").role("support").attached("AWSSupportAccess"),
    ],
    ids=["role", "other partition"],
)
def test_support_role_missing_passes_for_whoever_holds_it(case):
    """Any role will do, in any partition."""
    assert case.status("support-role-missing") is Status.PASS


def test_support_role_missing_fails_for_a_namesake_of_the_account():
    """A policy that the account itself calls so opens no case."""
    case = account().role("support").attached("arn:aws:iam::111122223333:policy/AWSSupportAccess")
    case = case.policy("AWSSupportAccess", allow("support:*"))
    assert case.status("support-role-missing") is Status.FAIL


SENDING = allow("ses:SendRawEmail")


def variant_of(case) -> str:
    """Of what kind the holder of the key is."""
    [finding] = case.judged("workload-user-with-key").findings
    return finding.variant


@pytest.mark.parametrize(
    "case",
    [
        account().user("ses-smtp-user.20260101-090000").key(service="ses").inline("s", SENDING),
        account().user("mailer").key(service="ses").inline("s", SENDING),
        account().user("mailer").key(service="ses").group("AWSSESSendingGroupDoNotRename"),
        account().user("ses-smtp-user.2").key(service="ses").without(DETAILS).root(),
    ],
    ids=["made by the console", "sends alone", "in AWS's group", "by its name"],
)
def test_workload_user_with_key_is_mild_for_the_smtp_interface(case):
    """It takes no role, so nothing better can be asked for."""
    assert variant_of(case) == "ses-smtp"


@pytest.mark.parametrize(
    "case",
    [
        account().user("ses-smtp-user.1").key(service="s3").inline("s", SENDING),
        account().user("ses-smtp-user.1").key(service="ses").inline("s", allow("s3:*")),
        account().user("mailer").key(service="ses").attached("AmazonSESFullAccess"),
    ],
    ids=["calls something else", "may do more", "could take a role"],
)
def test_workload_user_with_key_is_no_mailer_by_its_name_alone(case):
    """What it calls and what it may do decide."""
    assert variant_of(case) == ""


def test_workload_user_with_key_knows_a_person_by_the_device():
    """No program carries an MFA device; and there is no workload to make a role for."""
    person = account().user("lea").mfa().key(service="s3")
    assert variant_of(person) == "person"
    assert person.status("no-workload-roles-in-account") is Status.NOT_APPLICABLE
    assert BOT.status("no-workload-roles-in-account") is Status.FAIL


@pytest.mark.parametrize("rule", ["role-unused-90-days", "role-effective-admin"])
def test_roles_of_identity_center_get_no_command_that_aws_refuses(rule: str):
    """The role is changed by its permission set; a role of the account's own as ever."""
    path = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
    case = account().role("AWSReservedSSO_Admin_0123456789abcdef", path=path, last_used=None)
    [reserved] = case.attached("AdministratorAccess").judged(rule).findings
    own = account().role("AWSReservedSSO_Admin_0123456789abcdef", last_used=None)
    [forged] = own.attached("AdministratorAccess").judged(rule).findings
    commands = [
        the_catalogue().entry_of(rule, each.variant).commands for each in (reserved, forged)
    ]
    assert all(line.startswith("aws sso-admin ") for line in commands[0])
    assert all(line.startswith("aws iam ") for line in commands[1])
