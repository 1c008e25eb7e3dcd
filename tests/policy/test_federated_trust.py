"""Whose tokens a trust in a web-identity provider accepts."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.federated_trust import (
    SubjectBinding,
    federated_trust,
    restricts_saml_audience,
    subject_binding,
)
from tests.policy.verdicts import ANN, IAM, ROLE, role_trusting

GITHUB = "token.actions.githubusercontent.com"
CLUSTER = "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
POOL = "cognito-identity.amazonaws.com"
EXACT, WITHIN, OWNER, OPEN = SubjectBinding


def trust(issuer, when=None):
    """The trust of a role in that issuer."""
    name = issuer if issuer == POOL else f"{IAM}oidc-provider/{issuer}"
    case = role_trusting({"Federated": name}, when=when, action="sts:AssumeRoleWithWebIdentity")
    [grant] = authorizer_for(case.account()).grants[ROLE]
    return federated_trust(grant)


@pytest.mark.parametrize(
    ("pattern", "binding"),
    [
        ("repo:owner/name:ref:refs/heads/main", EXACT),
        ("repo:owner/name:*", WITHIN),
        ("repo:owner/name:ref:refs/heads/*", WITHIN),
        ("repo:owner/na*", OWNER),
        ("repo:owner/*", OWNER),
        ("repo:owner*", OPEN),
        ("repo:*", OPEN),
        ("*:owner/name", OPEN),
        ("*", OPEN),
        ("?epo:owner/name:*", OPEN),
        ("system:serviceaccount:*", OPEN),
        ("system:serviceaccount:prod:*", OWNER),
        ("organization:acme:project:*", OWNER),
        ("organization:acme:project:web:*", WITHIN),
    ],
)
def test_a_pattern_binds_by_what_comes_before_its_first_wildcard(pattern, binding):
    """A name that a wildcard cuts short is nobody's."""
    assert subject_binding(pattern, is_like=True) is binding


def test_a_star_means_itself_where_the_operator_knows_no_patterns():
    """StringEquals compares texts."""
    assert subject_binding("repo:*", is_like=False) is EXACT


@pytest.mark.parametrize(
    ("when", "subject", "binding"),
    [
        (None, None, OPEN),
        ({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, None, OPEN),
        ({"StringEquals": {f"{GITHUB}:ref": "refs/heads/main"}}, None, OPEN),
        ({"StringLike": {f"{GITHUB}:sub": "repo:o/*"}}, "repo:o/*", OWNER),
        ({"StringLike": {f"{GITHUB}:sub": ["repo:o/n:*", "repo:*"]}}, "repo:*", OPEN),
        ({"StringEquals": {f"{GITHUB}:repository_owner": "o"}}, "o", OWNER),
        (
            {"StringLike": {f"{GITHUB}:sub": "repo:o/*", f"{GITHUB}:repository": "o/n"}},
            "o/n",
            EXACT,
        ),
        ({"StringEquals": {f"{CLUSTER}:sub": "x"}}, None, OPEN),
    ],
)
def test_the_tightest_condition_counts_by_the_loosest_of_its_values(when, subject, binding):
    """Conditions add up, values are alternatives, and claims that anybody has bind nothing."""
    found = trust(GITHUB, when)
    assert (found.subject, found.binding) == (subject, binding)


@pytest.mark.parametrize(
    ("issuer", "subject", "is_unbounded"),
    [
        (GITHUB, "repo:o/*", True),
        (GITHUB, "repo:o/n:*", False),
        (CLUSTER, "system:serviceaccount:prod:*", False),
        (CLUSTER, "system:serviceaccount:*", True),
    ],
)
def test_one_owner_is_narrow_enough_for_an_issuer_of_ones_own(issuer, subject, is_unbounded):
    """A shared issuer signs for unrelated projects of one owner, too."""
    assert trust(issuer, {"StringLike": {f"{issuer}:sub": subject}}).is_unbounded is is_unbounded


def test_the_audience_names_the_identity_pool_and_of_other_issuers_nobody():
    """A pool is the owner's own; every project on a shared issuer asks for the same audience."""
    pool = trust(POOL, {"StringEquals": {f"{POOL}:aud": "eu-west-1:pool"}})
    assert (pool.restricts_audience, pool.binding) == (True, WITHIN)
    github = trust(GITHUB, {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}})
    assert (github.restricts_audience, github.binding) == (True, OPEN)


def test_a_trust_in_no_web_identity_provider_is_none():
    """Users and SAML providers sign no such tokens."""
    for principal in ({"AWS": ANN}, {"Federated": f"{IAM}saml-provider/corp"}):
        case = role_trusting(principal, action=["sts:AssumeRole", "sts:AssumeRoleWithSAML"])
        [grant] = authorizer_for(case.account()).grants[ROLE]
        assert federated_trust(grant) is None


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}, True),
        ({"StringEquals": {"saml:recipient": "https://signin.aws.amazon.com/saml"}}, True),
        ({"StringLike": {"SAML:aud": "*"}}, False),
        ({"StringEquals": {"SAML:iss": "https://idp.example.com"}}, False),
        (None, False),
    ],
)
def test_a_saml_trust_asks_for_its_audience(when, expected):
    """The issuer makes assertions for other services, too."""
    principal = {"Federated": f"{IAM}saml-provider/corp"}
    case = role_trusting(principal, when=when, action="sts:AssumeRoleWithSAML")
    [grant] = authorizer_for(case.account()).grants[ROLE]
    assert restricts_saml_audience(grant) is expected
