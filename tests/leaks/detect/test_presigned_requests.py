"""In: texts with requests signed by botocore. Out: the proof that they are found and read."""

import base64
from datetime import timedelta

import pytest

from analyzer.leaks.model import CredentialKind, CredentialPart
from tests.leaks.detect.detect_material import noise, read, whole
from tests.leaks.detect.signed_material import (
    SIGNED_AT,
    broker_token,
    cluster_token,
    database_token,
    old_address,
    s3_address,
    short_key,
)
from tests.leaks.leak_material import ACCOUNT, key_id

KINDS = CredentialKind
SORTS = {
    "S3": (s3_address(), KINDS.PRESIGNED_URL, "s3", 3600),
    "RDS": (database_token(), KINDS.PRESIGNED_URL, "rds-db", 900),
    "MSK": (broker_token(), KINDS.PRESIGNED_URL, "kafka-cluster", 900),
    "EKS": (cluster_token(), KINDS.EKS_TOKEN, "eks", 900),
    "Bedrock": (
        short_key("bedrock-api-" + "key-", "bedrock"), KINDS.BEDROCK_SHORT_KEY, "bedrock", 43_200,
    ),
    "Claude": (
        short_key("aws-external-anthropic-api-" + "key-", "aws-external-anthropic"),
        KINDS.CLAUDE_SHORT_KEY, "aws-external-anthropic", 43_200,
    ),
}  # fmt: skip


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("frame", ["{}", "curl '{}' -o x", '"url": "{}",', "<{}>", "({})", "{}\n"])
def test_a_signed_request_tells_all_about_itself(sort, frame):
    """Its key, its account, its region, its service, and until when it holds."""
    shown, kind, service, seconds = SORTS[sort]
    (found,) = whole(frame.format(shown))
    assert (found.kind, found.key_id, found.doubt) == (kind, key_id(), None)
    claims = found.claims
    assert (claims.account, claims.region, claims.service) == (str(ACCOUNT), "eu-west-1", service)
    assert claims.expires == SIGNED_AT + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "spelling",
    [lambda url: url.replace("&", "&amp;"), lambda url: url.replace("&", r"\u0026")],
)
def test_an_address_has_one_digest_in_every_spelling(spelling):
    """In HTML and in JSON."""
    (plain,), (spelled,) = whole(s3_address()), whole(spelling(s3_address()))
    assert plain == spelled


def test_the_key_id_in_an_address_is_seen_too():
    """Whose key it is is worth a finding by itself."""
    assert [(each.part, each.key_id) for each in read(s3_address())] == [
        (CredentialPart.ID, key_id()),
        (CredentialPart.WHOLE, key_id()),
    ]


@pytest.mark.parametrize("bucket_in_host", [True, False])
def test_an_address_signed_with_version_2_is_found(bucket_in_host):
    """It says which key and until when."""
    (found,) = whole(f'href="{old_address(bucket_in_host=bucket_in_host)}"')
    assert (found.kind, found.key_id) == (KINDS.PRESIGNED_URL, key_id())
    assert found.claims.service == "s3"
    assert found.claims.expires is not None


def test_several_addresses_in_one_run_are_told_apart():
    """A text without blanks can hold many."""
    text = ",".join(s3_address(n) for n in range(3))
    assert [found.key_id for found in whole(text)] == [key_id(n=n) for n in range(3)]


@pytest.mark.parametrize(
    "text",
    [
        "X-Amz-Signature=" + "ab" * 32,
        s3_address().replace("X-Amz-Credential", "X-Amz-Other"),
        s3_address()[:-1],
        s3_address() + "0",
        "k8s-aws-v1." + base64.b64encode(noise(1, 90)).decode(),
        "bedrock-api-" + "key-rotation-policy-of-our-department-of-everything",
        old_address().replace("AWSAccessKeyId", "GoogleAccessId"),
        "https://x/?AWSAccessKeyId=" + key_id() + "&Expires=1&Signature=abc",
    ],
)
def test_what_is_not_signed_by_a_key_is_no_signed_request(text):
    """A signature alone, or a prefix alone, opens nothing."""
    assert whole(text) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (s3_address().replace(key_id(), "AKIA" + "IOSFODNN7EXAMPLE"), "example"),
        (s3_address()[:-64] + "0" * 64, "placeholder"),
        (s3_address()[:-64] + "0123456789abcdef" * 4, "placeholder"),
    ],
)
def test_a_request_that_nobody_signed_is_doubted(text, word):
    """Examples are kept, with the reason."""
    (found,) = whole(text)
    assert word in found.doubt


@pytest.mark.parametrize(
    "change",
    [
        ("0301T", "X301T"),
        ("=3600", "=9999999"),
        ("=3600", "="),
        ("=3600", "=" + "1" * 5000),
        ("=3600", "=\u0663"),
        ("20240301T100000Z", "99991231T235959Z"),
    ],
)
def test_an_address_without_a_time_has_no_expiry(change):
    """What can't be read is not made up."""
    (found,) = whole(s3_address().replace(*change))
    assert found.claims.expires is None


def test_a_token_for_eks_at_the_end_of_all_years_has_no_expiry():
    """Its quarter of an hour ends in no year that there is."""
    prefix, _, body = cluster_token().partition("k8s-aws-v1.")
    request = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    late = request.replace("20240301T100000Z", "99991231T235959Z").encode()
    (found,) = whole(prefix + "k8s-aws-v1." + base64.urlsafe_b64encode(late).decode().rstrip("="))
    assert (found.kind, found.claims.expires) == (KINDS.EKS_TOKEN, None)


def test_no_year_is_too_far_away():
    """A number that is no time is none."""
    (found,) = whole(old_address().replace("Expires=", "Expires=99999999999999999999"))
    assert found.claims.expires is None


@pytest.mark.parametrize("key", ["DO00" + "ABCDEFGH1JKLMNPQ", "X3RM9WBJB0V0W3ZQ9T6L", "0189" * 5])
@pytest.mark.parametrize("address", [s3_address, old_address])
def test_a_request_signed_with_a_key_of_another_service_is_doubted(address, key):
    """MinIO and Spaces sign as AWS does; their keys have digits that AWS never issues."""
    ours = address().replace(key_id(), key)
    (found,) = whole(ours.replace("amazonaws", "digitaloceanspaces"))
    assert (found.key_id, found.claims.account) == (key, None)
    assert "another service's" in (found.doubt or "")
    # AWS itself still takes keys of the time before prefixes.
    assert [each.doubt for each in whole(ours)] == [None]
