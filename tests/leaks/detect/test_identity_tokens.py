"""In: tokens that stand for an identity. Out: the proof that they and their owners are found."""

import json
from datetime import UTC, datetime

import pytest

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.json_web_tokens import read_json_web_token
from analyzer.leaks.detect.sightings import secret_digest
from analyzer.leaks.model import CredentialKind
from tests.leaks.detect.detect_material import token, whole
from tests.leaks.detect.kinds_material import (
    ACCOUNT,
    CLUSTER,
    END,
    issued_claims,
    login_cache,
    pem,
    pod_claims,
    raw_part,
    registration,
    signed,
)

EXPIRES = datetime.fromtimestamp(END, tz=UTC)
GITHUB = "https://token.actions.githubusercontent.com"
POOL = "eu-west-1:0a1b2c3d-0000-4000-8000-5e6f70819203"


def test_the_token_of_a_pod_says_cluster_region_subject_and_end():
    """All of it stands in the token; it is found in a log line, too."""
    text = f"WebIdentityToken={signed(pod_claims())}&Version=2011-06-15"
    (found,) = scan_bytes(text.encode()).sightings
    assert found.kind == "web-identity-token"
    assert found.digest == secret_digest(signed(pod_claims()))
    claims = found.claims
    assert (claims.issuer, claims.subject) == (CLUSTER, "system:serviceaccount:shop:till")
    assert (claims.region, claims.expires, claims.service) == ("eu-west-1", EXPIRES, "sts")
    assert claims.user is None, "a subject is no user of IAM"


@pytest.mark.parametrize(
    "claims",
    [
        pod_claims(aud="sts.amazonaws.com", iss=GITHUB, sub="repo:a/b:ref:refs/heads/main"),
        pod_claims(aud=["x", "sts.amazonaws.com"]),
        pod_claims(aud="aws.workload.identity", iss="https://app.terraform.io"),
        pod_claims(aud=["pods.eks.amazonaws.com"]),
        pod_claims(aud=POOL, iss="https://cognito-identity.amazonaws.com", sub=POOL),
    ],
)
def test_whatever_is_meant_for_sts_counts(claims):
    """Of GitHub, of a pod identity, of an identity pool."""
    (found,) = scan_bytes(signed(claims).encode()).sightings
    assert (found.kind, found.claims.issuer) == ("web-identity-token", claims["iss"])


@pytest.mark.parametrize(
    "frame",
    [
        "Action=AssumeRoleWithWebIdentity&WebIdentityToken={}&Version=2011-06-15",
        "aws sts assume-role-with-web-identity --web-identity-token {}",
        '{{"WebIdentityToken": "{}"}}',
        "web_identity_token = '{}'",
    ],
)
def test_what_is_handed_to_sts_counts_whatever_its_audience(frame):
    """A provider can ask for an audience of its own."""
    token_of_forge = signed(
        pod_claims(aud="https://forge.example.com", iss="https://forge.example")
    )
    (found,) = scan_bytes(frame.format(token_of_forge).encode()).sightings
    assert found.kind == "web-identity-token"
    assert whole(token_of_forge) == []


def test_the_region_of_an_identity_pool_is_in_its_audience():
    """The issuer is the same everywhere."""
    claims = pod_claims(aud=POOL, iss="https://cognito-identity.amazonaws.com")
    assert whole(signed(claims))[0].claims.region == "eu-west-1"


def test_a_token_that_sts_issued_says_account_and_principal():
    """It opens what trusts the account, and nothing in AWS: a kind of its own."""
    (found,) = scan_bytes(signed(issued_claims()).encode()).sightings
    assert found.kind == "aws-issued-identity-token"
    assert (found.claims.account, found.claims.region) == (ACCOUNT, "eu-west-1")
    assert found.claims.subject == f"arn:aws:iam::{ACCOUNT}:role/till"


def test_a_token_of_an_account_that_somebody_has_is_not_doubted():
    """No example and no placeholder: nothing in it says so."""
    principal = "arn:aws:iam::" + "41852" + "0963741" + ":role/till"
    (found,) = whole(signed(issued_claims() | {"sub": principal}))
    assert found.doubt is None


@pytest.mark.parametrize(
    "claims",
    [
        pod_claims(aud=["https://kubernetes.default.svc"]),
        pod_claims(aud="https://github.com/a", iss=GITHUB),
        pod_claims(aud=None, sub="sts.amazonaws.com"),
        {"iss": "https://cognito-idp.eu-west-1.example.com/x"},
    ],
)
def test_tokens_for_others_are_not_told(claims):
    """Nearly all JSON Web Tokens are those of web sites."""
    assert whole(signed(claims)) == []


@pytest.mark.parametrize(
    "text",
    [
        signed(pod_claims(iss=CLUSTER[:-7] + "EXAMPLE")),
        signed(pod_claims(), "HS256"),
        signed(pod_claims()).rpartition(".")[0] + "." + "abcdefgh" * 8,
        signed(issued_claims() | {"sub": "arn:aws:iam::123456789012:role/x"}),
    ],
)
def test_tokens_that_nobody_issued_are_doubted(text):
    """Documentation shows some, and tests sign theirs with a word."""
    (found,) = whole(text)
    assert found.doubt


@pytest.mark.parametrize("end", ["1800000000", 1e300, -1, True, None, [], 10**40, float("nan")])
def test_no_end_of_a_token_raises_anything(end):
    """Whoever wrote it can have written anything."""
    told = whole(signed(pod_claims(exp=end)))[0]
    assert told.claims.expires is None or told.claims.expires.year == 1969 or end is True


@pytest.mark.parametrize("claims", ["[]", "{", '{"aud":' + "[" * 3000 + "}", "null", '"x"'])
def test_what_is_no_object_is_no_token(claims):
    """However deep it is nested."""
    hidden = signed(pod_claims()).split(".")
    assert read_json_web_token(".".join([hidden[0], raw_part(claims), hidden[2]])) is None


def test_a_login_session_is_told_by_its_refresh_token():
    """The file says account, region and user; the key goes with it and is no finding of its own."""
    (found,) = (each for each in scan_bytes(login_cache().encode()).sightings)
    assert found.kind == "aws-login-token"
    assert found.digest == secret_digest(token(62, 400))
    claims = found.claims
    assert (claims.account, claims.user, claims.region) == (ACCOUNT, "ann", "eu-west-1")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_it_is_found_before_or_after_its_key(line_end):
    """Members of JSON have no order."""
    parts = json.loads(login_cache(dpopKey=pem(63, "EC ", line_end)))
    backwards = json.dumps(dict(reversed(parts.items())), indent=1)
    assert [each.kind for each in whole(backwards)] == ["aws-login-token"]


@pytest.mark.parametrize("key", ["", "REDACTED", None])
def test_without_its_key_a_refresh_token_opens_nothing(key):
    """AWS asks for a proof made with the key."""
    assert whole(login_cache(dpopKey=key)) == []


def test_a_registration_alone_is_told_for_what_it_is():
    """Its ID ends with its region."""
    (found,) = scan_bytes(registration().encode()).sightings
    assert found.kind == "sso-client-registration"
    assert found.claims.region == "eu-west-1"
    assert found.claims.expires == datetime(2024, 5, 1, 20, 0, tzinfo=UTC)


def test_the_same_registration_beside_its_tokens_is_the_same_credential():
    """Else one secret in two files were two."""
    secret = json.loads(registration())["clientSecret"]
    text = registration(accessToken="aoaAAAAA" + token(9, 90), registrationExpiresAt="2024-05-01")
    kinds = {each.digest: each.kind for each in whole(text)}
    assert kinds[secret_digest(secret)] == "sso-client-registration"
    assert CredentialKind.SSO_TOKEN in kinds.values()


@pytest.mark.parametrize("changes", [{"clientSecret": token(1, 60)}, {"expiresAt": None}])
def test_client_secrets_of_other_systems_are_none(changes):
    """Every OAuth client has one."""
    parts = {name: value for name, value in (json.loads(registration()) | changes).items() if value}
    assert whole(json.dumps(parts)) == []
