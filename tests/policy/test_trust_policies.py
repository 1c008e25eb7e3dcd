"""Whom a trust policy names, and what its conditions restrict each of them to."""

import pytest

from analyzer.evidence.artifacts import Location
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.condition_parser import Clause
from analyzer.policy.trust_policies import (
    PrincipalType,
    Restriction,
    is_restrictive,
    names_role,
    service_name,
)
from tests.builders import account
from tests.policy.verdicts import ANN, IAM, ROLE, role_trusting

NUMBER = "111122223333"
UNIQUE_ID = "AIDA" + "Q" * 17


def grants(case):
    """Whom the role trusts."""
    return authorizer_for(case.account()).grants[ROLE]


@pytest.mark.parametrize(
    ("principal", "kind", "owner"),
    [
        ("*", PrincipalType.ANYONE, None),
        ({"AWS": "*"}, PrincipalType.ANYONE, None),
        ({"AWS": NUMBER}, PrincipalType.ACCOUNT, NUMBER),
        ({"AWS": f"{IAM}root"}, PrincipalType.ACCOUNT, NUMBER),
        ({"AWS": ANN}, PrincipalType.USER, NUMBER),
        ({"AWS": ROLE}, PrincipalType.ROLE, NUMBER),
        ({"AWS": f"arn:aws:sts::{NUMBER}:assumed-role/app/x"}, PrincipalType.SESSION, NUMBER),
        ({"AWS": f"{IAM}group/dev"}, PrincipalType.OTHER, NUMBER),
        ({"AWS": UNIQUE_ID}, PrincipalType.DELETED, None),
        ({"AWS": "ann"}, PrincipalType.OTHER, None),
        ({"AWS": ""}, PrincipalType.OTHER, None),
        ({"Service": "ec2.amazonaws.com"}, PrincipalType.SERVICE, None),
        ({"Federated": f"{IAM}saml-provider/corp"}, PrincipalType.SAML, NUMBER),
        ({"Federated": f"{IAM}oidc-provider/gitlab.com"}, PrincipalType.OIDC, NUMBER),
        ({"Federated": "accounts.google.com"}, PrincipalType.OIDC, None),
        ({"CanonicalUser": "79a5"}, PrincipalType.OTHER, None),
    ],
)
def test_each_way_to_name_a_principal_is_told_apart(principal, kind, owner):
    """By the member it stands under, and by the shape of its name."""
    [grant] = grants(role_trusting(principal))
    assert (grant.type, grant.account) == (kind, owner)


def test_each_principal_of_a_statement_is_a_grant_of_its_own():
    """In the order of the text."""
    case = role_trusting({"AWS": [ANN, "444455556666"], "Service": "ec2.amazonaws.com"})
    assert [each.name for each in grants(case)] == [ANN, "444455556666", "ec2.amazonaws.com"]


def test_only_what_allows_to_assume_the_role_is_a_grant():
    """A Deny lets nobody in, and tagging a session is no way in."""
    trust = {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": "sts:AssumeRole"}
    role = account().role("app")
    assert grants(role.trusting(trust | {"Effect": "Deny"})) == ()
    assert grants(role.trusting(trust | {"Action": "sts:TagSession"})) == ()
    assert len(grants(role.trusting(trust | {"Action": "sts:AssumeRoleWithSAML"}))) == 1


def test_a_statement_with_not_principal_names_who_is_left_out():
    """Everybody else is let in."""
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": ANN}, "Action": "sts:AssumeRole"}
    [grant] = grants(account().role("app").trusting(statement))
    assert (grant.name, grant.excludes) == (ANN, True)


def test_a_statement_that_nobody_can_read_lets_in_someone_unknown():
    """It may let in anyone."""
    statement = {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": {"sts": "AssumeRole"}}
    [grant] = grants(account().role("app").trusting(statement))
    assert grant.type is PrincipalType.OTHER


@pytest.mark.parametrize(
    ("when", "restrictions"),
    [
        (None, set()),
        ({"StringEquals": {"sts:ExternalId": "x"}}, {Restriction.EXTERNAL_ID}),
        ({"StringNotEquals": {"sts:ExternalId": "x"}}, set()),
        ({"StringEqualsIfExists": {"sts:ExternalId": "x"}}, set()),
        ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, set()),
        ({"StringLike": {"aws:PrincipalOrgID": "o-abc*"}}, {Restriction.ORGANIZATION}),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {Restriction.MFA}),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, set()),
        ({"Null": {"aws:MultiFactorAuthAge": "false"}}, {Restriction.MFA}),
        ({"Null": {"sts:ExternalId": "false"}}, set()),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}, {Restriction.SOURCE}),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, set()),
        ({"StringEquals": {"corp:Unheard": "x"}}, set()),
        (
            {"StringEquals": {"aws:SourceAccount": NUMBER, "aws:PrincipalArn": ANN}},
            {Restriction.SOURCE, Restriction.PRINCIPAL},
        ),
    ],
)
def test_a_condition_restricts_if_it_keeps_strangers_out(when, restrictions):
    """One that a missing key or a lone star fulfils restricts to nothing."""
    [grant] = grants(role_trusting({"AWS": ANN}, when=when))
    assert grant.restrictions == restrictions


@pytest.mark.parametrize(
    ("values", "expected"), [((), False), ((" ",), False), (("a", "*"), False), (("a", "b"), True)]
)
def test_a_clause_is_as_restrictive_as_the_loosest_of_its_values(values, expected):
    """They are alternatives, and without any nothing is asked for."""
    clause = Clause("StringLike", "sts:ExternalId", values, Location("E1"))
    assert is_restrictive(clause) is expected


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ec2.amazonaws.com", "ec2.amazonaws.com"),
        ("EC2.amazonaws.com.cn", "ec2.amazonaws.com"),
        ("states.us-east-1.amazonaws.com", "states.amazonaws.com"),
        ("logs.us-gov-west-1.amazonaws.com", "logs.amazonaws.com"),
        ("ops.apigateway.amazonaws.com", "ops.apigateway.amazonaws.com"),
    ],
)
def test_a_service_has_one_name_in_every_region_and_partition(written, name):
    """Older policies name the region, those of China the partition."""
    assert service_name(written) == name


@pytest.mark.parametrize(
    ("session", "role", "expected"),
    [
        (f"arn:aws:sts::{NUMBER}:assumed-role/app/x", ROLE, True),
        (f"arn:aws:sts::{NUMBER}:assumed-role/app/x", f"{IAM}role/team/app", True),
        (f"arn:aws:sts::{NUMBER}:assumed-role/apple/x", ROLE, False),
        ("arn:aws:sts::444455556666:assumed-role/app/x", ROLE, False),
        (f"arn:aws-cn:sts::{NUMBER}:assumed-role/app/x", ROLE, False),
        (f"arn:aws:sts::{NUMBER}:federated-user/app", ROLE, False),
        (ROLE, ROLE, False),
    ],
)
def test_a_session_is_one_of_the_role_with_its_name_and_account(session, role, expected):
    """The ARN of a session leaves the path of the role away."""
    assert names_role(session, role) is expected
