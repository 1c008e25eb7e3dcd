"""In: named secrets. Out: the proof that those of other vendors are told apart from ours."""

import pytest

from analyzer.leaks.model import CredentialPart
from tests.leaks.detect.detect_material import read
from tests.leaks.leak_material import digest, key_id, secret

VENDORS = [
    "RECAPTCHA", "WASABI", "MINIO", "LINODE", "GCS", "CEPH", "SCW", "ALIYUN", "TENCENT", "B2", "R2",
    "CLOUDFLARE_R2", "OCI", "ORACLE", "IBM_COS", "DO_SPACES", "DIGITALOCEAN", "BACKBLAZE",
    "SCALEWAY", "ALIBABA", "OVH", "VULTR", "HETZNER", "STORJ", "IDRIVE_E2", "CLERK", "TURNSTILE",
    "PAYSTACK", "WORKSNAPS", "FETCHRSS", "AIRBRAKE", "RAZORPAY", "OKTA", "BYBIT", "GARAGE",
    "KRAKEN", "MEILI", "MEILISEARCH", "NAVER", "NCP", "OKX", "SANITY", "SQUARE", "TYPESENSE",
    "UPYUN",
]  # fmt: skip
OTHERS = {
    "the name says so": [
        *(f"{vendor}_SECRET_KEY={{}}" for vendor in VENDORS),
        "minioSecretKey: '{}'",
        'b2SecretKey = "{}"',
        "MinIORootSecretKey={}",
        "R2_SECRET_ACCESS_KEY={}",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET={}",
        "--wasabi-secret-key {}",
    ],
    "the section says so": [
        "[wasabi]\ntype = s3\nsecret_access_key = {}\n",
        "minio:\n  accessKey: x\n  secretKey: {}\n",
        '{{"minio": {{"accessKey": "x", "secretKey": "{}"}}}}',
        'minio = {{\n  "accessKey": "x",\n  "secretKey": "{}"\n}}',
    ],
    "the endpoint beside it": [
        "[remote]\nprovider = Wasabi\nsecret_access_key = {}\nendpoint = s3.example.com\n",
        "s3(endpoint_url='https://nyc3.digitaloceanspaces.com', aws_secret_access_key='{}')",
        "AWS_ENDPOINT_URL=https://abc.r2.cloudflarestorage.com\nAWS_SECRET_ACCESS_KEY={}\n",
        "AWS_SECRET_ACCESS_KEY={}\nAWS_S3_ENDPOINT=http://minio:9000\n",
        "storage:\n  endpoint: https://s3.eu-central-1.wasabisys.com\n  secret_key: {}\n",
        '{{"host": "eu-central-1.linodeobjects.com", "secretKey": "{}"}}',
        "AWS_SECRET_ACCESS_KEY={}\nAWS_ENDPOINT_URL_S3=http://garage:3900\n",
        "AWS_SECRET_ACCESS_KEY={}\nendpoint_url=https://s3.api.upyun.com\n",
        "new Client({{\n  endPoint: 'play.min.io',\n  port: 9000,\n  secretKey: '{}',\n}})",
    ],
}
OURS = [
    "AWS_SECRET_ACCESS_KEY={}",
    "PROD_SECRET_ACCESS_KEY={}",
    "AWS_SECRET_KEY_FOR_MINIO={}",
    "global_secret_key={}",
    "kubernetes_secret_key={}",
    "elastic_secret_key={}",
    "workspaces_secret_key={}",
    "cosmos_secret_key={}",
    "squared_secret_key={}",
    "Encp_secret_key={}",
    "AWS_SECRET_ACCESS_KEY={}\nMINIO_ENDPOINT=http://minio:9000\n",
    "WASABI_ENDPOINT=https://s3.wasabisys.com\nAWS_SECRET_ACCESS_KEY={}\n",
    "[default]\naws_secret_access_key={}\n\n[wasabi]\nendpoint=s3.wasabisys.com\n",
    "[wasabi]\nx=1\n[default]\nsecret_access_key={}\n",
    "AWS_SECRET_ACCESS_KEY={}\nendpoint_url=https://s3.eu-west-1.amazonaws.com",
    "wasabi:\n  secretKey: x\nprod:\n  secretKey: {}\n",
]


@pytest.mark.parametrize(
    ("text", "reason"), [(text, reason) for reason, texts in OTHERS.items() for text in texts]
)
def test_another_vendors_secret_is_doubted_with_the_reason(text, reason):
    """A name, a section or an endpoint that says whose the secret is is believed."""
    (found,) = read(text.format(secret()))
    assert found.digest == digest()
    assert (found.doubt or "").startswith(f"another service's: {reason}")


@pytest.mark.parametrize("text", OURS)
def test_a_secret_that_nothing_gives_to_another_stays_ours(text):
    """Neither a word that has a vendor's letters in it, nor another section's endpoint."""
    (found,) = read(text.format(secret()))
    assert (found.digest, found.doubt) == (digest(), None)


def test_a_key_id_of_aws_is_believed_before_any_name():
    """Their own IDs begin in another way."""
    text = f"MINIO_ACCESS_KEY={key_id()}\nMINIO_SECRET_KEY={secret()}\n"
    (found,) = (each for each in read(text) if each.part is CredentialPart.ID)
    assert (found.digest, found.doubt) == (digest(), None)
