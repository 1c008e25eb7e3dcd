"""What belongs to the own organization is not outside, for every check alike."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account

OWN, MANAGEMENT, STRANGER = "111122223333", "777788889999", "444455556666"
CHECKS = (
    "role-external-privileged",
    "role-external-read-everything",
    "role-trust-external-no-external-id",
    "role-trust-unlisted-account",
)
MADE_BY_AWS = (
    "OrganizationAccountAccessRole",
    "AWSControlTowerExecution",
    "aws-controltower-AdministratorExecutionRole",
    "stacksets-exec-0123456789abcdef",
    "AWSCloudFormationStackSetExecutionRole",
)


def open_to(number: str, name: str = "partner", when=None):
    """An account with a role of full rights that lets in that account."""
    case = account().role(name).attached("AdministratorAccess", "ReadOnlyAccess")
    return case.trusts({"AWS": f"arn:aws:iam::{number}:root"}, when=when)


def members(*numbers: str):
    """list-accounts."""
    arn = f"arn:aws:organizations::{MANAGEMENT}:account/o-x"
    return {"Accounts": [{"Id": each, "Arn": f"{arn}/{each}"} for each in numbers]}


@pytest.mark.parametrize("rule", CHECKS)
def test_a_stranger_fails_every_check(rule: str):
    """Nothing names the account."""
    assert open_to(STRANGER).status(rule) is Status.FAIL


@pytest.mark.parametrize("rule", CHECKS)
@pytest.mark.parametrize(
    "known",
    [
        open_to(MANAGEMENT).organization(management=MANAGEMENT),
        open_to(STRANGER).export("org.json", members(OWN, STRANGER, MANAGEMENT)),
        open_to(STRANGER).limits(own_accounts=frozenset({STRANGER})),
        open_to(
            STRANGER, when={"StringEquals": {"aws:PrincipalOrgID": "o-example123"}}
        ).organization(management=MANAGEMENT),
    ],
    ids=["management account", "member", "declared", "own organization alone"],
)
def test_an_account_of_the_organization_passes_every_check(rule: str, known):
    """Whichever export or setting names it."""
    assert known.status(rule) in {Status.PASS, Status.NOT_APPLICABLE}


def test_a_condition_on_another_organization_opens_to_outsiders():
    """It keeps strangers out, but not those of that organization."""
    when = {"StringEquals": {"aws:PrincipalOrgID": "o-another456"}}
    case = open_to(STRANGER, when=when).organization(management=MANAGEMENT)
    assert case.status("role-external-privileged") is Status.FAIL


@pytest.mark.parametrize("name", MADE_BY_AWS)
def test_a_role_named_as_aws_names_them_is_not_assessed_without_the_organization(name: str):
    """Most likely it is the management account; no file says so. The gap names the command."""
    result = open_to(MANAGEMENT, name).judged("role-external-privileged")
    assert result.status is Status.NOT_ASSESSED
    assert "describe-organization" in result.command


@pytest.mark.parametrize("name", MADE_BY_AWS)
def test_the_name_is_no_shield_for_a_stranger(name: str):
    """All members are listed, and the account is none of them."""
    case = open_to(STRANGER, name).export("org.json", members(OWN, MANAGEMENT))
    assert case.status("role-external-privileged") is Status.FAIL
    assert case.status("role-trust-external-no-external-id") is Status.FAIL
