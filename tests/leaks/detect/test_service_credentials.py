"""In: texts with keys and passwords of services. Out: the proof that they are found and read."""

import base64
import hashlib

import pytest

from analyzer.leaks.detect.proofs import smtp_password
from analyzer.leaks.model import CredentialKind
from tests.leaks.detect.detect_material import noise, read, token, whole
from tests.leaks.leak_material import key_id, secret

KINDS = CredentialKind
PASSWORD = base64.b64encode(noise(7, 32)).decode()


def long_key(prefix: str, user: str = "BedrockAPIKey-a1b2", body: str = "") -> str:
    """A long-term API key."""
    inside = f"{user}-at-111122223333:{body or secret()}"
    return prefix + base64.b64encode(inside.encode()).decode()


def digest_of(value: str) -> str:
    """What a report may say of a value."""
    return hashlib.sha256(value.encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("prefix", "kind", "service"),
    [
        ("ABSK", KINDS.BEDROCK_KEY, "bedrock"),
        ("AEAA", KINDS.CLAUDE_KEY, "aws-external-anthropic"),
    ],
)
@pytest.mark.parametrize(
    "frame",
    ["{}", "AWS_BEARER_TOKEN_BEDROCK={}", '"key": "{}"', "Authorization: Bearer {}", r"\n{}\n"],
)
def test_a_long_term_key_tells_its_user_and_account(prefix, kind, service, frame):
    """It is Base64 of both, and of its secret."""
    (found,) = whole(frame.format(long_key(prefix).rstrip("=")))
    assert (found.kind, found.doubt) == (kind, None)
    claims = found.claims
    assert (claims.user, claims.account, claims.service) == (
        "BedrockAPIKey-a1b2",
        "111122223333",
        service,
    )


def test_the_number_behind_a_user_is_no_part_of_the_name():
    """A second key of one user is called user+1."""
    (found,) = whole(long_key("ABSK", "ann.b+1"))
    assert found.claims.user == "ann.b"


def test_a_key_has_one_digest_in_every_spelling():
    """Padding and escapes count for nothing."""
    key = long_key("ABSK", "ann")
    spelled = key.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    assert {found.digest for found in (*whole(key), *whole(spelled), *whole(key.rstrip("=")))} == {
        digest_of(key.rstrip("="))
    }


@pytest.mark.parametrize("prefix", ["ABSK", "AEAA"])
def test_a_prefix_before_noise_is_no_key(prefix):
    """Four letters are soon found in Base64."""
    assert whole(prefix + token(1, 120)) == []
    assert whole("x" + long_key(prefix)) == []


def test_a_bearer_token_that_tells_nothing_is_found_by_its_name():
    """The name of the variable is that of the AWS SDKs."""
    (found,) = whole("export AWS_BEARER_TOKEN_BEDROCK=ABSK" + token(1, 120))
    assert found.kind is KINDS.BEDROCK_KEY


@pytest.mark.parametrize(
    ("body", "word"), [("abcdefghijklmnopqrstuvwxyz", "placeholder"), ("xEXAMPLEx" * 3, "example")]
)
def test_a_key_that_nobody_was_given_is_doubted(body, word):
    """Its secret shows it."""
    (found,) = whole(long_key("ABSK", body=body))
    assert word in found.doubt


@pytest.mark.parametrize(
    "frame",
    ["SMTP_PASSWORD={}", "EMAIL_HOST = 'email-smtp.x'\nEMAIL_HOST_PASSWORD = '{}'",
     '"ses_smtp_password_v4": "{}"', "mail.password: {}", "smtp:\n  pass: '{}'"],
)  # fmt: skip
def test_a_password_for_mail_is_found_by_name(frame):
    """Its first byte is a version, and something around is about mail."""
    (found,) = whole(frame.format(smtp_password(secret(), "eu-west-1")))
    assert (found.kind, found.key_id) == (KINDS.SMTP_PASSWORD, None)


def test_a_nameless_password_for_mail_counts_beside_a_key_id():
    """Its user name is a key ID."""
    password = smtp_password(secret(), "eu-west-1")
    text = f"new Smtp('email-smtp.eu-west-1.amazonaws.com', '{key_id()}', '{password}')"
    (found,) = whole(text)
    assert (found.kind, found.key_id) == (KINDS.SMTP_PASSWORD, key_id())
    assert whole(text.replace(key_id(), "ann")) == []
    assert whole(text.replace("smtp", "x").replace("Smtp", "X").replace("email-", "")) == []


@pytest.mark.parametrize(
    "frame",
    ["https://ann-at-111122223333:{}@git-codecommit.eu-west-1.amazonaws.com/v1/repos/x",
     "username = ann-at-111122223333\npassword = {}",
     "cassandra(user='ann-at-111122223333', secret='{}')",
     '{{"ServicePassword": "{}", "ServiceUserName": "ann-at-111122223333"}}',
     "User Name,Password\nann-at-111122223333,{}",
     "user=ann-at-111122223333 pass={}"],
)  # fmt: skip
@pytest.mark.parametrize("spelled", [False, True])
def test_a_password_beside_its_user_and_account_is_theirs(frame, spelled):
    """The user name of CodeCommit and Keyspaces says whose it is."""
    value = PASSWORD
    if spelled:
        value = value.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    (found,) = whole(frame.format(value))
    assert (found.kind, found.digest) == (KINDS.SERVICE_PASSWORD, digest_of(PASSWORD))
    assert (found.claims.user, found.claims.account) == ("ann", "111122223333")


def test_a_password_in_the_account_of_documentation_is_doubted():
    """Nobody has the account that AWS's examples are written with."""
    (found,) = whole(f"user = ann-at-123456789012\npassword = {PASSWORD}")
    assert "documentation" in (found.doubt or "")


def test_each_user_gets_the_password_behind_the_name():
    """In a list, the name stands first."""
    text = "".join(
        f"u{n}-at-111122223333 {base64.b64encode(noise(n, 32)).decode()}\n" for n in range(5)
    )
    assert [found.claims.user for found in whole(text)] == [f"u{n}" for n in range(5)]


@pytest.mark.parametrize(
    "text",
    [PASSWORD, f"password = {PASSWORD}", f"ann-at-1111222233334 {PASSWORD}",
     f"ann-at-111122223333{' ' * 700}{PASSWORD}", "ann-at-111122223333 sha256-" + PASSWORD],
)  # fmt: skip
def test_a_drawn_value_without_a_user_is_no_password(text):
    """Every SHA-256 looks like one."""
    assert whole(text) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ServiceApiKeyValue", KINDS.SERVICE_API_KEY),
        ("ServiceCredentialSecret", KINDS.SERVICE_API_KEY),
        ("AWS_BEARER_TOKEN_LOGS", KINDS.SERVICE_API_KEY),
        ("ServicePassword", KINDS.SERVICE_PASSWORD),
    ],
)
def test_a_key_is_found_by_the_name_that_iam_gives_it(name, kind):
    """AWS does not publish how such keys are made."""
    (found,) = whole(f'"{name}": "{token(4, 60)}"')
    assert found.kind is kind
    assert whole(f'"{name}": "your-key-goes-here-and-nowhere-else"') == []


def test_prefixed_keys_are_found():
    """AppSync's and those of a service that has ended."""
    drawn = "q7x2m4kz9w3bv6n8c1d5f0gh" + "jy"
    appsync, mws = "da2-" + drawn, "amzn.mws." + "01234567-89ab-cdef-0123-456789abcdef"
    found = read(f"x-api-key: {appsync}\n{mws}\nda2-{'x' * 26}\nxda2-{drawn}\n")
    assert [each.kind for each in found] == [KINDS.APPSYNC_KEY, KINDS.MWS_TOKEN, KINDS.APPSYNC_KEY]
    assert ["" if each.doubt is None else each.doubt.split(":")[0] for each in found] == [
        "",
        "historic",
        "a placeholder",
    ]
