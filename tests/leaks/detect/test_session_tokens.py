"""In: texts with session tokens. Out: the proof that they are found, read and paired."""

import base64
import hashlib

import pytest

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import CredentialKind, CredentialPart
from tests.leaks.detect.detect_material import noise, pairs, read, token, whole
from tests.leaks.leak_material import ACCOUNT, credentials_file, digest, key_id

FRAMES = [
    b"\x21\x0a\x09origin_ec",
    b"\x17\x0a\x06er/aws",
    b"\x15\x0a\x06er/aws",
    b"\x01\x0a\x03aws",
]


def session(frame: bytes = FRAMES[0], account: str = str(ACCOUNT), size: int = 300) -> str:
    """A token of one generation, with a region and an account among noise."""
    body = b"\x10\x01\x1a\x09eu-west-1\x00" + noise(1, size) + b"\x22\x0c" + account.encode()
    return base64.b64encode(frame + body + noise(2, 30)).decode()


def digest_of(value: str) -> str:
    """What a report may say of a value."""
    return hashlib.sha256(value.encode()).hexdigest()[:16]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_token_is_told_by_how_it_begins(frame):
    """Each generation has its own first bytes."""
    (found,) = whole(f"x = {session(frame)}")
    assert found.kind is CredentialKind.SESSION_TOKEN
    assert found.digest == digest_of(session(frame))
    assert found.doubt is None


def test_a_token_tells_account_and_region():
    """Both stand in it as plain text."""
    (found,) = whole(session())
    assert (found.claims.account, found.claims.region) == (str(ACCOUNT), "eu-west-1")


@pytest.mark.parametrize(
    "escape",
    [
        lambda value: value.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
        lambda value: value.replace("+", "%252b").replace("/", "%252f").replace("=", "%253d"),
        lambda value: value.replace("/", r"\/").replace("+", r"\u002b").replace("=", r"\u003d"),
    ],
)
def test_a_token_has_one_digest_in_every_spelling(escape):
    """In an address, in JSON, in plain text."""
    (found,) = whole(f"token={escape(session())}&x=1")
    assert found.digest == digest_of(session())


@pytest.mark.parametrize(
    "line",
    ["aws_session_token = {}", "AWS_SESSION_TOKEN={}", '"SessionToken": "{}"',
     "<SessionToken>{}</SessionToken>", "x-amz-security-token: {}", "export AWS_SECURITY_TOKEN={}"],
)  # fmt: skip
def test_a_token_that_begins_like_none_is_told_by_its_name(line):
    """The next generation may begin in another way."""
    (found,) = whole(line.format(token(3, 300)))
    assert found.kind is CredentialKind.SESSION_TOKEN
    assert found.digest == digest_of(token(3, 300))


@pytest.mark.parametrize(
    "text",
    ["session_token = get_session_token()", "token = {}", "A{}", "session_token = 'short'",
     "sessionToken: " + "a" * 300],
)  # fmt: skip
def test_what_is_no_token_is_not_taken_for_one(text):
    """Without its beginning it needs its name, and noise."""
    assert whole(text.format(token(3, 300))) == []


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (session(size=60), "cut short"),
        (session()[:60] + "EXAMPLE" + session()[60:], "example"),
        (session()[:16] + "abcd" * 100, "placeholder"),
    ],
)
def test_a_token_that_opens_nothing_is_doubted(value, word):
    """It is kept, with the reason."""
    (found,) = whole(value)
    assert word in found.doubt


def test_a_token_goes_with_the_temporary_key_beside_it():
    """All three lines of a credentials file are one key."""
    text = credentials_file(prefix="ASIA") + f"aws_session_token = {session()}\n"
    assert pairs(text) == [(key_id(prefix="ASIA"), digest())]
    (found,) = [each for each in read(text) if each.kind is CredentialKind.SESSION_TOKEN]
    assert found.key_id == key_id(prefix="ASIA")
    assert found.part is CredentialPart.WHOLE


@pytest.mark.parametrize("prefix", ["AKIA", "ASIA"])
def test_a_token_goes_with_no_key_of_another_account_or_sort(prefix):
    """A long-term key has no token, and a token names its account."""
    other = session() if prefix == "AKIA" else session(account="222233334444")
    text = credentials_file(prefix=prefix) + f"aws_session_token = {other}\n"
    (found,) = [each for each in read(text) if each.kind is CredentialKind.SESSION_TOKEN]
    assert found.key_id is None


def test_a_token_in_several_literals_is_one():
    """A line of code is too short for a token, and its first piece is no token of its own."""
    value = session()
    pieces = '"\n    "'.join(value[at : at + 90] for at in range(0, len(value), 90))
    text = f'key = "{key_id(prefix="ASIA")}"\ntoken = (\n    "{pieces}"\n)\n'
    tokens = [
        each for each in scan_bytes(text.encode()).sightings if each.part is CredentialPart.WHOLE
    ]
    assert [each.digest for each in tokens] == [digest_of(value)]


@pytest.mark.parametrize("sign", "+-")
def test_the_sign_of_a_diff_is_no_part_of_a_token(sign):
    """A token that fills a line which was added or taken away is the same token."""
    (found,) = whole(f"@@ -0,0 +1 @@\n{sign}{session()}\n")
    assert found.digest == digest_of(session())
