"""In: numbers. Out: what botocore makes of the n-th key: addresses and tokens, signed for real.

botocore is somebody else's implementation of the same published algorithms.
"""

import base64
from datetime import UTC, datetime
from unittest import mock

from botocore.auth import HmacV1QueryAuth, S3SigV4QueryAuth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.leaks.leak_material import key_id, secret

SIGNED_AT = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)


def credentials(n: int = 0, prefix: str = "AKIA") -> Credentials:
    """The n-th key as botocore wants it."""
    return Credentials(key_id(n=n, prefix=prefix), secret(n))


def s3_address(n: int = 0, method: str = "GET", path: str = "/a%20b/%2Bc.pdf") -> str:
    """An address of an object, valid for an hour."""
    host = "https://bucket.s3.eu-west-1.amazonaws.com"
    request = AWSRequest(method=method, url=host + path)
    return _signed(S3SigV4QueryAuth(credentials(n), "s3", "eu-west-1", 3600), request)


def old_address(n: int = 0, *, bucket_in_host: bool = True) -> str:
    """An address of an object, signed with version 2 of the algorithm."""
    host = (
        "https://bucket.s3.amazonaws.com" if bucket_in_host else "https://s3.amazonaws.com/bucket"
    )
    request = AWSRequest(method="GET", url=f"{host}/a.pdf")
    request.auth_path = "/bucket/a.pdf"
    HmacV1QueryAuth(credentials(n), 3600).add_auth(request)
    return str(request.url)


def request_to(  # noqa: PLR0913 - a request has as many parts
    service: str, host: str, query: str, *, method: str = "GET", n: int = 0, seconds: int = 900
) -> str:
    """A signed request to a service."""
    request = AWSRequest(method=method, url=f"https://{host}/?{query}")
    return _signed(SigV4QueryAuth(credentials(n), service, "eu-west-1", seconds), request)


def database_token(n: int = 0) -> str:
    """What a user shows to a database in place of a password: a request without its scheme."""
    query = "Action=connect&DBUser=ann"
    return request_to("rds-db", "db.x.eu-west-1.rds.amazonaws.com:3306", query, n=n)[
        len("https://") :
    ]


def cluster_token(n: int = 0) -> str:
    """What kubectl shows to EKS."""
    request = AWSRequest(
        method="GET",
        url="https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
        headers={"x-k8s-aws-id": "cluster"},
    )
    address = _signed(SigV4QueryAuth(credentials(n), "sts", "eu-west-1", 60), request)
    return "k8s-aws-v1." + base64.urlsafe_b64encode(address.encode()).decode().rstrip("=")


def short_key(prefix: str, service: str, n: int = 0) -> str:
    """A short-term API key: a request for a call with a bearer token."""
    query = "Action=CallWithBearerToken"
    request = request_to(
        service, f"{service}.amazonaws.com", query, method="POST", n=n, seconds=43_200
    )
    shown = request[len("https://") :] + "&Version=1"
    return prefix + base64.b64encode(shown.encode()).decode()


def broker_token(n: int = 0) -> str:
    """What a client shows to a broker of MSK."""
    query = "Action=kafka-cluster%3AConnect"
    request = request_to("kafka-cluster", "kafka.eu-west-1.amazonaws.com", query, n=n)
    shown = request + "&User-Agent=aws-msk-iam-sasl-signer-python"
    return base64.urlsafe_b64encode(shown.encode()).decode().rstrip("=")


def _signed(auth: SigV4QueryAuth, request: AWSRequest) -> str:
    with mock.patch("botocore.auth.get_current_datetime", return_value=SIGNED_AT):
        auth.add_auth(request)
    return str(request.url)
