"""In: a key pair. Out: what AWS makes from one, and the files in which both stand together.

Sources: the IAM user guide on signing (Signature Version 4), the SES developer guide on SMTP
credentials. The token is no real one: it has the frame of one and the account in it.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import quote

from analyzer.leaks.model import CredentialKind
from tests.leaks.hiding.model import Hideout, Pair, in_head, pair_for
from tests.leaks.leak_material import ACCOUNT


def _signed(key: bytes, *words: str) -> bytes:
    for word in words:
        key = hmac.digest(key, word.encode(), "sha256")
    return key


def presigned_url(pair: Pair, day: str = "20240301", region: str = "eu-west-1") -> str:
    """A GET of an object in S3, valid for a week from that day."""
    host = f"bucket.s3.{region}.amazonaws.com"
    scope = f"{day}/{region}/s3/aws4_request"
    fields = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{pair.id}/{scope}",
        "X-Amz-Date": f"{day}T100000Z",
        "X-Amz-Expires": "604800",
        "X-Amz-SignedHeaders": "host",
    }
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    request = f"GET\n/report.pdf\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{day}T100000Z\n{scope}\n{digest}"
    key = _signed(f"AWS4{pair.secret}".encode(), day, region, "s3", "aws4_request")
    return f"https://{host}/report.pdf?{query}&X-Amz-Signature={_signed(key, text).hex()}"


def smtp_password(pair: Pair, region: str = "eu-west-1") -> str:
    """The password of version 4 with which the pair's user sends mail."""
    words = ("11111111", region, "ses", "aws4_request", "SendRawEmail")
    return base64.b64encode(b"\x04" + _signed(f"AWS4{pair.secret}".encode(), *words)).decode()


def session_token(pair: Pair, region: str = "eu-west-1") -> str:
    """A token in the frame of today's, with the account of the pair."""
    noise = b"".join(hashlib.sha256(f"{pair.id} {n}".encode()).digest() for n in range(12))
    account = b"\x22\x0c" + str(ACCOUNT).encode()
    body = b"\x21\x0a\x09origin_ec\x10\x01\x1a" + bytes([len(region)]) + region.encode()
    return base64.b64encode(body + noise[:200] + account + noise[200:]).decode()


def signed_texts() -> Iterator[Hideout]:
    """Files in which something is made from the secret that stands beside it."""
    csv = pair_for("console CSV")
    text = (
        "User name,Password,Access key ID,Secret access key,Console login link\n"
        f"ann,{'Correct-horse' + '7!battery'},{csv.id},{csv.secret},"
        f"https://{ACCOUNT}.signin.aws.amazon.com/console\n"
    )
    extras = frozenset({CredentialKind.CONSOLE_PASSWORD})
    place = in_head("console CSV", csv, "tables/credentials.csv", 2, extras=extras)
    yield Hideout(place, place.path, text.encode)

    url = pair_for("presigned URL")
    text = f"curl '{presigned_url(url)}'\n# signed with {url.secret}\n"
    extras = frozenset({CredentialKind.PRESIGNED_URL})
    place = in_head("presigned URL", url, "signed/download.sh", 1, extras=extras)
    yield Hideout(place, place.path, text.encode)

    smtp = pair_for("SES password")
    text = f"SMTP_USER={smtp.id}\nSMTP_PASSWORD={smtp_password(smtp)}\nSECRET_KEY={smtp.secret}\n"
    extras = frozenset({CredentialKind.SMTP_PASSWORD})
    place = in_head("SES password", smtp, "signed/mail.env", 1, extras=extras)
    yield Hideout(place, place.path, text.encode)

    session = pair_for("session credentials", prefix="ASIA")
    text = session.file + f"aws_session_token = {session_token(session)}\n"
    place = in_head(
        "session credentials", session, "signed/session.ini", 2,
        kind=CredentialKind.TEMPORARY_KEY, extras=frozenset({CredentialKind.SESSION_TOKEN}),
    )  # fmt: skip
    yield Hideout(place, place.path, text.encode)
