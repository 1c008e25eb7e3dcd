"""What is said of trust policies: what lets in nobody, and what lets in more than it seems to."""

import pytest

from analyzer.policy.lint.faults import FaultKind, Meaning
from tests.policy.lint.crafted import told, trust_faults

OWN, PARTNER = "111122223333", "444455556666"
SAML = {"Federated": f"arn:aws:iam::{OWN}:saml-provider/corp"}
ISSUER = "token.actions.githubusercontent.com"
OIDC = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{ISSUER}"}
OUTSIDE = {"AWS": f"arn:aws:iam::{PARTNER}:root"}
BY_TOKEN, BY_ASSERTION = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"
K = FaultKind


def trust(principal, action="sts:AssumeRole", when=None, **more):
    """An Allow of a trust policy."""
    said = {"Effect": "Allow", "Principal": principal, "Action": action}
    return said | ({"Condition": when} if when else {}) | more


SAID = {
    "everybody but one": (
        {"Effect": "Allow", "NotPrincipal": {"AWS": f"arn:aws:iam::{OWN}:user/eve"},
         "Action": "sts:AssumeRole"},
        (K.ALL_BUT_ONE, Meaning.REMARK, "ALLOW_WITH_NOT_PRINCIPAL"),
    ),
    "anyone by ForAllValues": (
        trust("*", when={"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-9/*"}}),
        (K.FOR_ALL_VALUES, Meaning.EVADED, None),
    ),
    "anyone by IfExists": (
        trust("*", when={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-9"}}),
        (K.MISSING_PASSES, Meaning.EVADED, None),
    ),
    "anyone by a star": (
        trust("*", when={"StringLike": {"aws:PrincipalArn": "*"}}),
        (K.ANY_VALUE, Meaning.ALWAYS, None),
    ),
    "any external ID": (
        trust(OUTSIDE, when={"StringLike": {"sts:ExternalId": "*"}}),
        (K.ANY_VALUE, Meaning.EVADED, None),
    ),
    "call of others for SAML": (
        trust(SAML), (K.MISMATCHED_PRINCIPAL, Meaning.NEVER, "MISMATCHED_ACTION_FOR_PRINCIPAL"),
    ),
    "call of others for a service": (
        trust({"Service": "glue.amazonaws.com"}, BY_TOKEN),
        (K.MISMATCHED_PRINCIPAL, Meaning.NEVER, "MISMATCHED_ACTION_FOR_PRINCIPAL"),
    ),
    "call of others for one of two": (
        trust({**SAML, **OUTSIDE}),
        (K.MISMATCHED_PRINCIPAL, Meaning.PART, "MISMATCHED_ACTION_FOR_PRINCIPAL"),
    ),
    "Resource": (
        trust(OUTSIDE, Resource="*"),
        (K.RESOURCE_IN_TRUST, Meaning.REFUSED, "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE"),
    ),
    "wildcard in a principal": (
        trust({"AWS": f"arn:aws:iam::{PARTNER}:role/build-*"}),
        (K.WILDCARD_PRINCIPAL, Meaning.REFUSED,
         "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL"),
    ),
    "misspelt key": (
        trust(OUTSIDE, when={"StringEquals": {"sts:ExternalID2": "x-17"}}),
        (K.UNKNOWN_SERVICE_KEY, Meaning.NEVER, "INVALID_SERVICE_CONDITION_KEY"),
    ),
    "service": (trust({"Service": "sns.amazonaws.com"}), None),
    "own account": (trust({"AWS": f"arn:aws:iam::{OWN}:root"}), None),
    "assertions": (
        trust(SAML, BY_ASSERTION, {"StringEquals": {"SAML:aud": "https://x/saml"}}), None,
    ),
    "tokens": (
        trust(OIDC, BY_TOKEN, {"StringLike": {f"{ISSUER}:sub": "repo:acme/shop:*"}}), None,
    ),
    "guests of an identity pool": (
        trust({"Federated": "cognito-identity.amazonaws.com"}, BY_TOKEN,
              {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"}}),
        None,
    ),
    "pods": (
        trust({"Service": "pods.eks.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"]), None,
    ),
    "certificates": (
        trust({"Service": "rolesanywhere.amazonaws.com"},
              ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]),
        None,
    ),
    "tags alone": (trust(SAML, "sts:TagSession"), None),
    "partner by MFA": (
        trust(OUTSIDE, when={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), None,
    ),
    "partner by network": (
        trust(OUTSIDE, when={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}), None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_a_trust_is_told_by_its_kind_meaning_and_code(name):
    """One fault for each crafted trust, and none for those that are right or judged by checks."""
    statement, wanted = SAID[name]
    assert told(trust_faults(statement)) == ({wanted} if wanted else set())


def test_a_wildcard_and_the_wrong_call_are_told_both():
    """The one fault does not hide the other."""
    found = trust_faults(trust({"AWS": f"arn:aws:iam::{PARTNER}:role/*"}, BY_ASSERTION))
    assert {each.kind for each in found} == {K.WILDCARD_PRINCIPAL, K.MISMATCHED_PRINCIPAL}


def test_who_is_left_out_is_not_said_to_be_let_in():
    """The sentence names everybody else."""
    [fault] = trust_faults(SAID["everybody but one"][0])
    assert fault.explanation.startswith("NotPrincipal lets in everybody but ")
