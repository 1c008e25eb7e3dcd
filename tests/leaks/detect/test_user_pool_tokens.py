"""In: tokens of Cognito user pools. Out: the proof that they are found, and no token of others."""

from datetime import UTC, datetime

import pytest

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.sightings import secret_digest
from tests.leaks.detect.detect_material import whole
from tests.leaks.detect.kinds_material import END, pool_claims, raw_part, refresh_token, signed


@pytest.mark.parametrize("use", ["access", "id"])
def test_a_token_of_a_pool_says_region_user_and_end(use):
    """All of it stands in the token; whether it has ended is for whoever knows the time."""
    text = f"Authorization: Bearer {signed(pool_claims(token_use=use))}\n"
    (found,) = scan_bytes(text.encode()).sightings
    assert (found.kind, found.doubt) == ("cognito-user-token", None)
    claims = found.claims
    assert (claims.region, claims.service) == ("eu-west-1", "cognito-idp")
    assert (claims.issuer, claims.subject) == (pool_claims()["iss"], pool_claims()["sub"])
    assert claims.expires == datetime.fromtimestamp(END, tz=UTC)


def test_what_is_handed_to_sts_is_one_find():
    """A role can trust a user pool; the same token is no second credential."""
    (found,) = whole(f"WebIdentityToken={signed(pool_claims())}")
    assert found.kind == "web-identity-token"


@pytest.mark.parametrize(
    "issuer",
    [
        "https://cognito-idp.eu-west-1.amazonaws.com.evil.example/x", "https://idp.example.org/x",
        "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x", "cognito-idp",
    ],
)  # fmt: skip
def test_tokens_of_other_issuers_are_none(issuer):
    """Nearly all JSON Web Tokens are those of web sites."""
    assert whole(signed(pool_claims(iss=issuer))) == []


@pytest.mark.parametrize(
    "token",
    [
        signed(pool_claims(), "HS256"),
        signed(pool_claims(iss="https://cognito-idp.us-west-2.amazonaws.com/us-west-2_example")),
    ],
)
def test_a_token_that_no_pool_issued_is_doubted(token):
    """Tests sign theirs with a word, and the guide shows a pool called so."""
    (found,) = whole(token)
    assert found.doubt


@pytest.mark.parametrize(
    "frame",
    [
        '{{"RefreshToken": "{}"}}', "# Cognito\ntoken = {}\n",
        "eu-west-1_" + "aB3dE6gH9" + " {}\n", signed(pool_claims()) + "\n{}\n",
    ],
)  # fmt: skip
def test_a_refresh_token_counts_near_a_pool(frame):
    """It is encrypted, and says nothing by itself."""
    found = {
        each.kind: each for each in scan_bytes(frame.format(refresh_token()).encode()).sightings
    }
    assert found["cognito-refresh-token"].digest == secret_digest(refresh_token())


@pytest.mark.parametrize(
    "text",
    [
        f"x = {refresh_token()}",
        f"RefreshToken={refresh_token()[:-30]}",
        "RefreshToken=" + raw_part('{"alg":"RSA-OAEP"}') + refresh_token()[62:],
    ],
)
def test_other_encrypted_tokens_are_none(text):
    """Without a pool, cut, or with another header."""
    assert whole(text) == []
