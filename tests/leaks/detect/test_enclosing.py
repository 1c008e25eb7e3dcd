"""In: tokens and signed addresses without any secret. Out: the proof that none is made of them.

Every case has many drawn tokens: in one of eight a piece between escapes has forty characters.
"""

import base64
from urllib.parse import quote

import pytest

from analyzer.leaks.detect import enclosing
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import CredentialKind, CredentialPart, Sighting
from tests.leaks.detect.detect_material import noise, pairs
from tests.leaks.leak_material import digest, key_id, secret

DRAWS = 30
KINDS = CredentialKind


def session_token(n: int, size: int = 480) -> str:
    """The n-th token in the frame of today's."""
    return base64.b64encode(b"\x21\x0a\x09origin_ec" + noise(n, size)).decode()


def request(n: int, address: str = "https://b.s3.us-east-1.amazonaws.com/x?") -> str:
    """A request signed by a session, with its token."""
    token = quote(session_token(n), safe="")
    return (
        f"{address}X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={key_id(n=n, prefix='ASIA')}"
        "%2F20991120%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20991120T010203Z"
        f"&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token={token}"
        f"&X-Amz-Signature={noise(n + 1000, 32).hex()}"
    )


def escaped(n: int, how) -> str:
    """A temporary key's ID, and a token in which signs are escaped."""
    token = "".join(how(each) if each in "+/=" else each for each in session_token(n))
    return f'{key_id(n=n, prefix="ASIA")} x = "{token}"\n'


def encoded(prefix: str, n: int, address: str, *, url_safe: bool = False) -> str:
    """A token that is a signed request in Base64."""
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    return prefix + encode(request(n, address).encode()).decode().rstrip("=")


def drawn(n: int, size: int) -> str:
    """The n-th Base64 of so many bytes."""
    return base64.b64encode(noise(n, size)).decode()


def cloudfront(n: int) -> str:
    """Signature and policy in CloudFront's alphabet."""
    told = drawn(n, 400).replace("+", "-").replace("=", "_").replace("/", "~")
    return f"{key_id(n=n)} https://d1.cloudfront.net/x?Policy={told}&Signature={told[::-1]}"


SIGNED = {
    "presigned address": request,
    "address in an address": lambda n: quote(request(n), safe=""),
    "address in JSON": lambda n: request(n).replace("&", r"\u0026"),
    "address in HTML": lambda n: request(n).replace("&", "&amp;"),
    "RDS": lambda n: request(n, "db.x.us-east-1.rds.amazonaws.com:3306/?Action=connect&DBUser=a&"),
    "EKS": lambda n: encoded(
        "k8s-aws-v1.", n, "https://sts.amazonaws.com/?Action=GetCallerIdentity&", url_safe=True
    ),
    "Bedrock": lambda n: encoded("bedrock-api-" + "key-", n, "bedrock.amazonaws.com/?"),
    "old address": lambda n: (
        f"https://b.s3.amazonaws.com/x?AWSAccessKeyId={key_id(n=n, prefix='ASIA')}"
        f"&Expires=4102444800&x-amz-security-token={quote(session_token(n), safe='')}"
        f"&Signature={quote(drawn(n, 20))}"
    ),
    "hexadecimal": lambda n: escaped(n, lambda each: f"\\x{ord(each):02x}"),
    "Unicode": lambda n: escaped(n, lambda each: f"\\u{ord(each):04X}"),
    "Unicode in JSON in JSON": lambda n: escaped(n, lambda each: f"\\\\u{ord(each):04x}"),
    "octal": lambda n: escaped(n, lambda each: f"\\{ord(each):03o}"),
    "entities": lambda n: escaped(n, lambda each: f"&#{ord(each)};"),
    "hexadecimal entities": lambda n: escaped(n, lambda each: f"&#x{ord(each):X};"),
    "slashes of PHP": lambda n: escaped(n, lambda each: f"\\{each}" if each == "/" else each),
    "percent": lambda n: escaped(n, lambda each: quote(each, safe="")),
    "percent twice": lambda n: escaped(n, lambda each: quote(quote(each, safe=""))),
    "signature of nobody": lambda n: f"{key_id(n=n)} {quote(drawn(n, 300), safe='')}",
    "sign-in link": lambda n: (
        f"{key_id(n=n, prefix='ASIA')} https://signin.aws.amazon.com/federation?Action=login"
        f"&SigninToken={quote(drawn(n, 400), safe='')}"
    ),
    "CloudFront": cloudfront,
    "web token": lambda n: (
        f"{key_id(n=n)} eyJhbGciOiJIUzI1NiJ9.{drawn(n, 30)}.{drawn(n + 1, 32)}"
    ).replace("+", "a").replace("/", "b"),
    "token in lines of forty": lambda n: (
        key_id(n=n, prefix="ASIA")
        + "".join(f'\n  "{session_token(n)[at : at + 40]}"' for at in range(0, 640, 40))
    ),
    "lines that end as on Windows": lambda n: (
        f"{key_id(n=n)}\r\n" + base64.encodebytes(noise(n, 87)).decode().replace("\n", "\r\n")
    ),
}  # fmt: skip


def found(text: str) -> tuple[Sighting, ...]:
    """What the whole detector says of a text."""
    return scan_bytes(f"{text}\n".encode()).sightings


@pytest.mark.parametrize("name", SIGNED)
def test_no_piece_of_something_signed_is_a_secret(name):
    """A key ID beside it stays alone."""
    invented = [
        n
        for n in range(DRAWS)
        if any(each.part is CredentialPart.SECRET for each in found(SIGNED[name](n)))
    ]
    assert invented == []


@pytest.mark.parametrize("name", ["percent", "hexadecimal", "octal", "entities", "Unicode"])
def test_an_escaped_token_is_told_once(name):
    """What comes before its first escape is not a second one."""
    for n in range(DRAWS):
        kinds = [each.kind for each in found(SIGNED[name](n))]
        assert kinds == [KINDS.TEMPORARY_KEY, KINDS.SESSION_TOKEN]


@pytest.mark.parametrize("frame", ["{id} {it}", "{id}\nx {it} y", '{{"i": "{id}", "s": "{it}"}}'])
@pytest.mark.parametrize(
    "spell",
    [
        str,
        lambda value: quote(value, safe=""),
        lambda value: value.replace("/", r"\/"),
        lambda value: "".join(f"&#{ord(c)};" if c in "+/" else c for c in value),
        lambda value: "".join(f"\\x{ord(c):02x}" if c in "+/" else c for c in value),
        lambda value: f"%22{value}%22",
        lambda value: f"%3D{value}%26",
        lambda value: f"\\n{value}\\n",
        lambda value: f"secret={value}",
    ],
)
def test_a_secret_that_is_escaped_itself_is_still_found(frame, spell):
    """It shows once its escapes are undone, whichever characters it has."""
    for n in range(DRAWS):
        told = found(frame.format(id=key_id(n=n), it=spell(secret(n))))
        assert {(each.key_id, each.digest) for each in told} == {(key_id(n=n), digest(n))}


def test_a_named_secret_in_a_signed_address_is_found():
    """Somebody may have sent it along."""
    text = f"{request(1)}&aws_secret_access_key={secret()}"
    assert digest() in {each.digest for each in found(text) if each.part is CredentialPart.SECRET}


def test_name_and_password_of_a_signed_address_are_found():
    """They stand before its query."""
    text = f"s3n://{key_id()}:{secret(7)}@bucket/a?X-Amz-Signature={noise(1, 32).hex()}"
    assert pairs(text) == [(key_id(), digest(7))]


@pytest.mark.parametrize("size", [100, 900, 2_000, 5_000, 9_000])
@pytest.mark.parametrize("frame", ["{}", "AWS_BEARER_TOKEN_BEDROCK={}", 'x\n"{}"\n'])
def test_a_short_term_key_is_one_credential_of_any_length(frame, size):
    """Its key ID and its session token are parts of it, and its name makes it no long-term key."""
    inner = request(3, "bedrock.amazonaws.com/?Action=CallWithBearerToken&")
    inner = inner.replace("X-Amz-Security", f"x={'7' * size}&X-Amz-Security")
    token = "bedrock-api-" + "key-" + base64.b64encode(inner.encode()).decode()
    (told,) = found(frame.format(token))
    assert (told.kind, told.key_id) == (KINDS.BEDROCK_SHORT_KEY, key_id(n=3, prefix="ASIA"))


def test_another_key_beside_a_short_term_key_is_another_credential():
    """Only what is in a token is a part of it."""
    token = SIGNED["Bedrock"](1)
    kinds = {each.kind for each in found(f"{key_id(n=5)} {token}")}
    assert kinds == {KINDS.LONG_TERM_KEY, KINDS.BEDROCK_SHORT_KEY}


def test_a_run_with_no_escape_beside_it_needs_no_expression(monkeypatch):
    """To compile them takes a hundredth of the time of a small scan, and most runs are alone."""
    for name in ("_GOES_ON", "_CAME_BEFORE"):
        monkeypatch.setattr(enclosing, name, None)
    assert not enclosing.is_piece_of_longer_run(f'secret = "{secret(1)}"', 10, 50)
