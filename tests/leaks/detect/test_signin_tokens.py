"""In: what the AWS CLI, Docker and npm keep. Out: the proof that tokens in it are found."""

import base64
import hashlib
import json
from datetime import UTC, datetime

import pytest

from analyzer.leaks.model import CredentialKind, CredentialPart
from tests.leaks import leak_material
from tests.leaks.detect.detect_material import noise, read, token, whole
from tests.leaks.leak_material import digest, key_id, secret

KINDS = CredentialKind
END = datetime(2024, 3, 1, 20, 0, tzinfo=UTC)
ACCOUNT = str(leak_material.ACCOUNT)


def encoded(value: object) -> str:
    """JSON without blanks in Base64."""
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


def sso_cache(**changes: str) -> str:
    """A file of ~/.aws/sso/cache."""
    return json.dumps(
        {
            "startUrl": "https://ann.awsapps.com/start",
            "region": "eu-west-1",
            "accessToken": "aoaAAAAA" + token(1, 200),
            "expiresAt": "2024-03-01T20:00:00Z",
            "clientId": token(2, 22),
            "clientSecret": "eyJraWQiOiJr" + token(3, 300),
            "registrationExpiresAt": "2024-05-01T20:00:00Z",
            "refreshToken": "aorAAAAA" + token(4, 200),
        }
        | changes
    )


def ecr_password() -> str:
    """What `aws ecr get-login-password` prints."""
    return encoded(
        {"payload": token(1, 300), "datakey": token(2, 200), "version": "2", "type": "DATA_KEY",
         "expiration": int(END.timestamp())},
    )  # fmt: skip


def artifact_token() -> str:
    """What `aws codeartifact get-authorization-token` prints."""
    head = encoded({"ver": 1, "isu": 1709287200, "enc": "A128GCM", "exp": int(END.timestamp())})
    return ".".join([head.rstrip("="), *(token(n, 60) for n in range(4))])


def test_the_cache_of_sso_holds_three_tokens():
    """Two of them say until when they hold; the registration opens nothing by itself."""
    found = {each.digest: each for each in whole(sso_cache())}
    assert sorted(each.kind for each in found.values() if each.kind) == [
        "sso-client-registration", KINDS.SSO_TOKEN, KINDS.SSO_TOKEN,
    ]  # fmt: skip
    assert sorted(str(each.claims.expires) for each in found.values()) == [
        "2024-03-01 20:00:00+00:00", "2024-05-01 20:00:00+00:00", "None",
    ]  # fmt: skip
    assert {each.claims.region for each in found.values()} == {"eu-west-1"}


def test_an_access_token_of_sso_is_known_by_its_beginning():
    """Wherever it stands."""
    (found,) = whole("token: aoaAAAAA" + token(1, 200))
    assert found.kind is KINDS.SSO_TOKEN


def test_other_objects_with_tokens_are_none_of_sso():
    """Everybody calls a token a token."""
    text = sso_cache(startUrl="https://x", accessToken=token(1, 200), refreshToken=token(2, 200))
    assert whole(text.replace("registrationExpiresAt", "x")) == []


@pytest.mark.parametrize(
    "frame",
    ["https://signin.aws.amazon.com/federation?Action=login&SigninToken={}&Destination=x",
     '{{"SigninToken":"{}"}}', '{{"SigninToken": "{}"}}', "x%26SigninToken%3D{}"],
)  # fmt: skip
def test_a_link_into_the_console_is_found(frame):
    """Whoever has it is signed in."""
    (found,) = whole(frame.format(token(5, 200)))
    assert found.kind is KINDS.SIGNIN_TOKEN
    assert found.digest == hashlib.sha256(token(5, 200).encode()).hexdigest()[:16]


def test_a_docker_configuration_for_ecr_tells_all():
    """The host says whose, the password until when."""
    auth = base64.b64encode(f"AWS:{ecr_password()}".encode()).decode()
    host = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
    (found,) = whole(json.dumps({"auths": {host: {"auth": auth}}}, indent=2))
    claims = found.claims
    assert (found.kind, claims.expires) == (KINDS.REGISTRY_TOKEN, END)
    assert (claims.account, claims.region, claims.service) == (ACCOUNT, "eu-west-1", "ecr")
    (same,) = whole(f"docker login -u AWS -p {ecr_password()} {host}")
    assert (same.digest, same.claims) == (found.digest, found.claims)


def test_a_docker_configuration_for_others_is_none_of_ours():
    """Only AWS calls its user AWS, and its payload has a data key."""
    auth = base64.b64encode(f"ann:{ecr_password()}".encode()).decode()
    assert whole(f'"auth": "{auth}"') == []
    assert whole(encoded({"payload": token(1, 300), "type": "JWT"})) == []


@pytest.mark.parametrize("value", [artifact_token(), token(6, 300)])
@pytest.mark.parametrize("frame", ["//{}/npm/r/:_authToken={}", "//{}/npm/r/:_authToken = '{}'"])
def test_an_npmrc_for_codeartifact_tells_all(value, frame):
    """The host says whose, the token until when, if it is one of today's."""
    host = f"ann-{ACCOUNT}.d.codeartifact.eu-west-1.amazonaws.com"
    (found,) = whole(frame.format(host, value))
    claims = found.claims
    assert (found.kind, claims.expires) == (
        KINDS.REGISTRY_TOKEN, END if value == artifact_token() else None,
    )  # fmt: skip
    assert (claims.account, claims.region, claims.service) == (ACCOUNT, "eu-west-1", "codeartifact")
    assert found.digest == hashlib.sha256(value.encode()).hexdigest()[:16]


def test_a_token_for_codeartifact_in_an_address_is_found():
    """As pip keeps it."""
    host = f"ann-{ACCOUNT}.d.codeartifact.eu-west-1.amazonaws.com"
    (found,) = whole(f"index-url = https://aws:{artifact_token()}@{host}/pypi/r/simple/")
    assert (found.claims.account, found.claims.expires) == (ACCOUNT, END)


def test_the_cache_of_the_cli_says_until_when_a_key_holds():
    """The object of a temporary key has its end."""
    held = {"AccessKeyId": key_id(prefix="ASIA"), "SecretAccessKey": secret(),
            "Expiration": "2024-03-01T20:00:00+00:00"}  # fmt: skip
    found = read(json.dumps({"Credentials": held, "AssumedRoleUser": {"Arn": "arn:x"}}))
    assert [(each.part, each.digest) for each in found] == [
        (CredentialPart.ID, digest()), (CredentialPart.SECRET, digest()),
    ]  # fmt: skip
    assert found[0].claims.expires == END


@pytest.mark.parametrize(
    "text",
    [
        {"AccessKey": {"UserName": "ann", "AccessKeyId": key_id(), "SecretAccessKey": secret()}},
        {"attributes": {"id": key_id(), "secret": secret(), "user": "ann", "status": "Active"}},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_an_answer_of_iam_and_terraforms_state_say_whose_a_key_is(text, indent):
    """The user stands in the same object."""
    found = read(json.dumps(text, indent=indent))
    assert [(each.key_id, each.digest) for each in found] == [(key_id(), digest())] * 2
    assert found[0].claims.user == "ann"
    assert found[0].claims.account == ACCOUNT


def test_an_object_with_two_keys_says_of_neither_whose_it_is():
    """It would be a guess."""
    found = read(json.dumps({"a": key_id(n=1), "b": key_id(n=2), "user": "ann"}))
    assert [each.claims.user for each in found] == [None, None]


def pem(sort: str = "RSA ", head: str = "") -> str:
    """A private key in the frame of one."""
    body = base64.b64encode(noise(9, 600)).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {sort}PRIVATE KEY-----\n{head}{lines}\n-----END {sort}PRIVATE KEY-----\n"


APKA = key_id(prefix="APKA")


@pytest.mark.parametrize(
    "frame",
    [f"# pk-{APKA}.pem\n{{}}", f"key_pair_id: {APKA}\nprivate_key: |\n{{}}",
     "CLOUDFRONT_PRIVATE_KEY='{}'", "{}\nKey-Pair-Id=K2JCJMDEHXQW5F", "export EC2_PRIVATE_KEY\n{}"],
)  # fmt: skip
@pytest.mark.parametrize("sort", ["RSA ", "", "EC "])
def test_a_private_key_in_the_neighbourhood_of_aws_is_found(frame, sort):
    """CloudFront and X.509 are the only uses that AWS has for one."""
    (found,) = whole(frame.format(pem(sort)))
    assert (found.kind, found.doubt) == (KINDS.SIGNING_KEY, None)
    assert found.key_id == (APKA if APKA in frame else None)
    (escaped,) = whole(frame.format(pem(sort).replace("\n", r"\n")))
    assert escaped.digest == found.digest


def test_any_other_private_key_is_none_of_ours():
    """Its format is everybody's."""
    assert whole(f"ssh_key: |\n{pem()}") == []
    assert whole(f"cloudfront{' ' * 700}\n{pem()}") == []


@pytest.mark.parametrize("encrypted", [("ENCRYPTED ", ""), ("RSA ", "Proc-Type: 4,ENCRYPTED\n\n")])
def test_an_encrypted_private_key_is_doubted(encrypted):
    """It needs a passphrase."""
    (found,) = whole(f"cloudfront\n{pem(*encrypted)}")
    assert "passphrase" in found.doubt


def test_the_name_of_a_file_that_holds_a_private_key_is_a_trace():
    """AWS gives such names, and a name alone is no key."""
    (found,) = read(f"keys/pk-{APKA}.pem")
    assert (found.kind, found.part, found.key_id) == (KINDS.SIGNING_KEY, CredentialPart.ID, APKA)
    assert "only a name" in found.doubt
