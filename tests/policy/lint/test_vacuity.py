"""Whether the conditions of a statement keep anybody out."""

import pytest

from analyzer.policy.lint.vacuity import restricts_nobody
from tests.builders import allow
from tests.policy.lint.crafted import AROUND, document

MFA = "aws:MultiFactorAuthPresent"
HOLDS = [
    {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
    {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
    {"BoolIfExists": {MFA: "true"}},
    {"StringNotEquals": {"aws:PrincipalTag/nobody-has-it": "x"}},
    {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-1/r/ou/"}},
    {"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-1"}},
    {"Null": {"aws:PrincipalArn": "false"}},
    {"StringLike": {"aws:UserAgent": "*"}},
    {"ArnLike": {"aws:PrincipalArn": "*"}},
]
RESTRICTS = [
    {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    {"Bool": {MFA: "true"}},
    {"StringEquals": {"aws:PrincipalTag/nobody-has-it": "x"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "x"}},
    {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
    {"StringLikeIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}},
    {"StringLike": {"aws:PrincipalTag/team": "*"}},
    {"Unheard": {"aws:SourceIp": "0.0.0.0/0"}},
]


def restricts(when):
    """Whether an Allow of everything under that condition keeps somebody out."""
    [statement] = document(allow("*", when=when)).statements
    return not restricts_nobody(statement, AROUND)


@pytest.mark.parametrize("when", [None, *HOLDS], ids=str)
def test_a_condition_that_holds_anyway_keeps_nobody_out(when):
    """Nor does none at all."""
    assert not restricts(when)


@pytest.mark.parametrize("when", RESTRICTS, ids=str)
def test_a_condition_that_fails_for_somebody_is_a_limit(when):
    """And so is one that can't be read."""
    assert restricts(when)


@pytest.mark.parametrize("empty", HOLDS, ids=str)
def test_one_condition_that_restricts_is_enough(empty):
    """All of them have to hold."""
    assert restricts(empty | {"StringEquals": {"aws:SourceVpc": "vpc-1"}})


def test_a_statement_that_cannot_be_read_is_not_called_open():
    """Nobody knows what it says."""
    [statement] = document({"Effect": "Allow", "Action": 7, "Resource": "*"}).statements
    assert not restricts_nobody(statement, AROUND)
