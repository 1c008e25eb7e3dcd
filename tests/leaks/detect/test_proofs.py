"""In: published vectors, and what botocore signs. Out: the proof that proofs hold."""

import pytest

from analyzer.leaks.detect.proofs import SES_REGIONS, smtp_password, smtp_region, verifies_signature
from analyzer.leaks.detect.registry import find_candidates
from analyzer.leaks.model import CredentialKind, CredentialPart
from tests.leaks.detect.detect_material import pairs, read
from tests.leaks.detect.signed_material import (
    broker_token,
    cluster_token,
    database_token,
    old_address,
    s3_address,
    short_key,
)
from tests.leaks.leak_material import digest, key_id, secret

PUBLISHED_SECRET = "wJalr" + "XUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
PUBLISHED_SIGNATURE = "aeeed9bbccd4d02ee5c0109b86d86835" + "f995330da4c265957d157751f604d404"


def test_the_published_address_is_proven():
    """The example of "Authenticating Requests: Using Query Parameters" in the S3 API reference."""
    address = (
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={'AKIA' + 'IOSFODNN7EXAMPLE'}%2F20130524"
        "%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        f"&X-Amz-Signature={PUBLISHED_SIGNATURE}"
    )
    assert verifies_signature(PUBLISHED_SECRET, address)
    assert not verifies_signature(secret(), address)


@pytest.mark.parametrize(
    ("region", "start", "end"),
    [("eu-central-1", "BMXhUYlu", "dWZ2"), ("us-west-1", "BH+jbMzp", "VYJj")],
)
def test_the_published_password_is_proven(region, start, end):
    """The examples of Terraform's provider for AWS."""
    made = smtp_password("some+" + "secret+key", region)
    assert (made[:8], made[-4:]) == (start, end)
    assert smtp_region("some+" + "secret+key", made) == region


@pytest.mark.parametrize("region", SES_REGIONS)
def test_a_password_of_any_region_is_proven(region):
    """Each region has another one."""
    assert smtp_region(secret(), smtp_password(secret(), region)) == region
    assert smtp_region(secret(1), smtp_password(secret(), region)) is None


@pytest.mark.parametrize(
    "address",
    [
        s3_address(),
        s3_address(method="PUT"),
        s3_address(path="/a.txt?versionId=x%2Fy&response-content-type=text%2Fplain"),
        database_token(),
        old_address(),
        old_address(bucket_in_host=False),
    ],
)
def test_what_botocore_signed_is_proven(address):
    """Whatever the method, the service and the version are."""
    assert verifies_signature(secret(), address)
    assert not verifies_signature(secret(1), address)
    assert not verifies_signature(
        secret(), address.replace("a.", "b.").replace("db.", "dc.").replace("/a", "/b")
    )


@pytest.mark.parametrize(
    "token",
    [
        broker_token(),
        short_key("bedrock-api-" + "key-", "bedrock"),
        short_key("aws-external-anthropic-api-" + "key-", "aws-external-anthropic"),
    ],
)
def test_a_token_made_of_a_request_is_proven(token):
    """What was put behind the signed part does no harm."""
    (witness,) = [
        candidate.signed_text
        for candidate in find_candidates(token)
        if candidate.part is CredentialPart.WHOLE
    ]
    assert verifies_signature(secret(), witness)
    assert not verifies_signature(secret(1), witness)


@pytest.mark.parametrize(
    "request_", ["", "no address", "https://x/?a=b", "https://x/?Signature=x", cluster_token()]
)
def test_what_says_too_little_is_not_proven(request_):
    """A header with an unknown value was signed, or nothing was."""
    assert not verifies_signature(secret(), request_)


def test_the_secret_that_signed_an_address_is_its_keys_however_far_away():
    """A proof is worth more than nearness, and is told in words."""
    text = f"{s3_address()}\nsecret_key={secret(1)}\n" + "\n" * 500 + f"secret_key={secret()}\n"
    assert pairs(text) == [(key_id(), digest())]
    proofs = {found.part: found.claims.proven for found in read(text) if found.digest == digest()}
    assert proofs[CredentialPart.ID] == "the secret makes the signature of the request in line 1"
    assert proofs[CredentialPart.ID] == proofs[CredentialPart.SECRET]
    assert [found.claims.proven for found in read(text) if found.digest == digest(1)] == [None]


def test_the_secret_that_makes_a_password_belongs_to_its_user():
    """The user name of SES is a key ID."""
    password = smtp_password(secret(), "eu-west-1")
    secrets = f"key_secret={secret(1)}\nkey_secret={secret()}"
    text = f"SMTP_USER={key_id()}\nSMTP_PASSWORD={password}\n{secrets}"
    assert pairs(text) == [(key_id(), digest())]
    (found,) = [each for each in read(text) if each.kind is CredentialKind.SMTP_PASSWORD]
    assert found.key_id == key_id()
    (proof,) = {each.claims.proven for each in read(text) if each.part is CredentialPart.ID}
    assert proof == "the secret makes the SES password in line 2, for eu-west-1"


def test_two_keys_with_their_secrets_swapped_are_put_right():
    """Each address finds its secret."""
    text = f"{s3_address(1)}\nsecret_key={secret(2)}\n{s3_address(2)}\nsecret_key={secret(1)}\n"
    assert pairs(text) == [(key_id(n=1), digest(1)), (key_id(n=2), digest(2))]


def test_proofs_have_an_end():
    """Many addresses and many secrets are no endless work."""
    text = "".join(f"{s3_address(n)}\nsecret_key={secret(n + 1000)}\n" for n in range(120))
    assert len(pairs(text)) == 120
