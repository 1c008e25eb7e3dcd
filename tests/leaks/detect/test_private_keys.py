"""In: private keys beside something of AWS. Out: the proof that each is told for what it opens."""

import base64
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.patterns import private_keys
from tests.leaks.detect.detect_material import read, whole
from tests.leaks.detect.kinds_material import (
    ACCOUNT,
    ANCHOR,
    CERTIFICATE,
    device_answer,
    login_cache,
    noise,
    pem,
)

HELPER = (
    "credential_process = aws_signing_helper credential-process --certificate c.pem"
    f" --private-key k.pem --trust-anchor-arn {ANCHOR}"
)


def kinds(text: str) -> list[str | None]:
    """The kinds of what is found whole."""
    return [each.kind for each in whole(text)]


@pytest.mark.parametrize("text", [f"{HELPER}\n{pem()}", f"{pem()}\n{HELPER}", f"{ANCHOR} {pem()}"])
def test_a_key_beside_its_trust_anchor_is_one_of_roles_anywhere(text):
    """The ARN says account and region."""
    (found,) = scan_bytes(text.encode()).sightings
    assert found.kind == "roles-anywhere-key"
    assert (found.claims.account, found.claims.region) == (ACCOUNT, "eu-west-1")


def test_the_answer_of_iot_holds_the_key_of_a_device():
    """Certificate and public key stand between the ARN and the key."""
    (found,) = scan_bytes(device_answer().encode()).sightings
    assert (found.kind, found.key_id) == ("iot-device-key", CERTIFICATE)
    assert (found.claims.account, found.claims.region) == (ACCOUNT, "eu-west-1")


@pytest.mark.parametrize(
    "context",
    [
        'endpoint = "abc123-ats.iot.eu-west-1.amazonaws.com"',
        "static const char AWS_IOT_PRIVATE_KEY[] =",
        'const char AWS_CERT_CRT[] = "";\nconst char AWS_CERT_PRIVATE[] = R"KEY(',
        f'"certificateId": "{CERTIFICATE}", "keyPair": ',
        "aws iot create-keys-and-certificate --set-as-active",
    ],
)
def test_a_key_in_the_code_of_a_device_counts(context):
    """There it stands beside the endpoint."""
    assert kinds(f"{context}\n{pem()}") == ["iot-device-key"]


@pytest.mark.parametrize("name", ["_CONTEXT", "_FILE"])
@given(data=st.data())
def test_the_first_pass_sees_whatever_is_searched_for(name, data):
    """What it does not see is not searched for at all."""
    regex = re.compile(getattr(private_keys, name).pattern)
    text = data.draw(st.from_regex(regex, fullmatch=True, alphabet=string.printable))
    assert private_keys.words_in(f"{text} ")


@pytest.mark.parametrize(
    "text",
    [
        f"# LightsailDefaultKey-eu-west-1.pem\n{pem()}",
        f'{{"KeyFingerprint": "", "KeyMaterial": "{pem(line_end=chr(92) + "n")}"}}',
        f'{{"KeyPairId": "key-0123456789abcdef0"}} {pem()}',
        f'{{"privateKeyBase64": "{pem(line_end=chr(92) + "n")}"}}',
        f'resource "aws_key_pair" "x" {{}}\n{pem()}',
    ],
)
def test_a_key_of_an_instance_is_no_signing_key(text):
    """EC2 and Lightsail make pairs for SSH."""
    assert kinds(text) == ["ssh-key-pair"]


def test_the_nearest_words_decide():
    """A file can hold several keys."""
    text = f"cloudfront:\n{pem(1)}\n" + "\n" * 700 + f"{HELPER}\n{pem(2)}\n"
    assert kinds(text) == ["x509-signing-key", "roles-anywhere-key"]


@pytest.mark.parametrize("context", ["", "an idiot", "rolesplay", "biotech", '"key": "key-x"'])
def test_a_key_alone_or_beside_other_words_is_nobodys(context):
    """Private keys are used everywhere."""
    assert kinds(f"{context}\n{pem()}") == []


def test_a_key_that_is_too_far_away_is_nobodys():
    """A page about AWS can end with any key."""
    assert kinds(f"{HELPER}{' ' * 2600}{pem()}") == []


def test_the_key_of_a_login_token_is_no_finding_of_its_own():
    """It goes with its token, whatever else stands near."""
    assert kinds(f"{ANCHOR}\n{login_cache()}") == ["aws-login-token"]


def test_an_encrypted_key_is_doubted():
    """It needs its passphrase."""
    (found,) = whole(f"{HELPER}\n{pem(sort='ENCRYPTED ')}")
    assert "passphrase" in (found.doubt or "")


@pytest.mark.parametrize(("shown", "doubt"), [(600, "cut: 600 bytes of a key of 1196"), (1196, "")])
def test_a_key_of_which_a_part_is_missing_is_doubted(shown, doubt):
    """Documentation shows the first lines of one: its own length says that it goes on."""
    key = b"\x30\x82\x04\xa8" + noise(3, 1192)
    body = base64.b64encode(key[:shown]).decode()
    marks = [f"-----{mark} RSA PRIVATE " + "KEY-----" for mark in ("BEGIN", "END")]
    (found,) = whole(f"{HELPER}\n{marks[0]}\n{body}\n{marks[1]}\n")
    assert (found.doubt or "") == doubt


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (f"{CERTIFICATE}-private.pem.key", "iot-device-key"),
        ("LightsailDefaultKey-eu-west-1.pem", "ssh-key-pair"),
    ],
)
def test_the_name_of_a_key_file_is_told_and_doubted(name, kind):
    """Such a file exists somewhere."""
    (found,) = scan_bytes(f"ssh -i {name} host\n".encode()).sightings
    assert found.kind == kind
    assert "only a name" in (found.doubt or "")


def test_names_that_anybody_gives_are_none():
    """Only AWS's own say something."""
    assert read("cp device-private.pem.key Lightsail.pem LightsailDefaultKey.pub x/") == ()
