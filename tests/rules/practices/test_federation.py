"""Practice 8: identity providers that are out of date, out of use, or missing."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account

OWN = "111122223333"
EXPIRED, UNUSED = "saml-metadata-expired", "oidc-provider-unused"
CLIENTS, MISSING = "oidc-client-ids-unapproved", "role-trusts-missing-provider"
GITLAB = "gitlab.example.com"
OIDC, SAML = f"arn:aws:iam::{OWN}:oidc-provider/{GITLAB}", f"arn:aws:iam::{OWN}:saml-provider/corp"
WEB, BY_SAML = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"


def saml(ends):
    """A SAML provider whose metadata end then; an age below 0 is still to come."""
    case = account()
    listed = {"Arn": SAML} | ({} if ends is None else {"ValidUntil": case.when(ends)})
    return case.export("saml-providers.json", {"SAMLProviderList": [listed]})


def oidc(*clients, url=GITLAB):
    """An OpenID Connect provider, described."""
    return account().export("oidc.json", {"Url": url, "ClientIDList": list(clients)})


def trusting(case, arn, action=WEB):
    """With a role that trusts the provider."""
    return case.role("ci").trusts({"Federated": arn}, action=action)


# saml-metadata-expired


@pytest.mark.parametrize(("ends", "variant"), [(400, ""), (0, ""), (-1, "soon"), (-30, "soon")])
def test_metadata_that_end_are_found(ends, variant):
    """Expired, or within the last thirty days."""
    [found] = saml(ends).judged(EXPIRED).findings
    assert found.variant == variant


@pytest.mark.parametrize(("ends", "status"), [(-31, Status.PASS), (None, Status.NOT_ASSESSED)])
def test_metadata_that_last_keep_the_rule(ends, status):
    """Without a date nobody can tell."""
    assert saml(ends).status(EXPIRED) is status


# oidc-provider-unused


def test_a_provider_that_no_role_trusts_is_found():
    """In the list, or described by itself, and once if it is both."""
    listed = {"OpenIDConnectProviderList": [{"Arn": OIDC}]}
    case = oidc().export("oidc-providers.json", listed)
    [found] = case.judged(UNUSED).findings
    assert found.resource.arn == OIDC
    assert trusting(case, OIDC).status(UNUSED) is Status.PASS


def test_a_role_that_cant_be_read_may_trust_it():
    """Nothing unknown makes a provider needless."""
    odd = oidc().role("odd").trusting({"Effect": "Allow", "Principal": "*", "Action": 7})
    assert odd.status(UNUSED) is Status.NOT_ASSESSED
    cut = oidc().page(IsTruncated=True)
    assert cut.status(UNUSED) is Status.NOT_ASSESSED


# oidc-client-ids-unapproved


@pytest.mark.parametrize(
    ("clients", "status"),
    [
        (["sts.amazonaws.com"], Status.PASS),
        ([], Status.PASS),
        (["sts.amazonaws.com", "other"], Status.FAIL),
    ],
)
def test_client_ids_are_approved(clients, status):
    """By default that of STS alone."""
    assert oidc(*clients).status(CLIENTS) is status


def test_the_settings_approve_client_ids():
    """In place of the default."""
    case = oidc("other").limits(oidc_client_ids=("other",))
    assert case.status(CLIENTS) is Status.PASS
    [found] = oidc("sts.amazonaws.com").limits(oidc_client_ids=()).judged(CLIENTS).findings
    assert found.facts["clients"] == "sts.amazonaws.com"


# role-trusts-missing-provider


@pytest.mark.parametrize(("arn", "action"), [(OIDC, WEB), (SAML, BY_SAML)])
def test_a_trust_in_a_provider_that_is_gone_is_found(arn, action):
    """Whoever creates one of that name comes in."""
    case = trusting(account().no_providers(), arn, action)
    assert case.status(MISSING) is Status.FAIL


def test_a_trust_in_a_provider_that_is_there_keeps_the_rule():
    """Listed, or described by itself; cases of letters aside."""
    assert trusting(oidc(), OIDC).status(MISSING) is Status.PASS
    assert trusting(oidc(url=GITLAB.upper()), OIDC).status(MISSING) is Status.PASS
    assert trusting(account().saml_provider(), SAML, BY_SAML).status(MISSING) is Status.PASS


def test_without_the_list_of_its_sort_nobody_can_tell():
    """The other list says nothing; the missing file is named."""
    result = trusting(account().saml_provider(), OIDC).judged(MISSING)
    assert result.status is Status.NOT_ASSESSED
    assert "open-id-connect" in result.command


def test_public_issuers_are_on_no_list():
    """Cognito and the like have no provider in the account."""
    case = trusting(account().no_providers(), "cognito-identity.amazonaws.com")
    assert case.status(MISSING) is Status.NOT_APPLICABLE
