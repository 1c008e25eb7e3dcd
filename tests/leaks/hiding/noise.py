"""In: nothing. Out: files that look as if they held keys and hold none, and those of examples."""

import base64
import gzip
import hashlib
import json
import textwrap
import uuid
from collections.abc import Callable, Iterable

from tests.leaks.leak_material import key_id


def drawn(name: str, size: int) -> bytes:
    """Bytes as random as any, the same each time."""
    parts = (hashlib.sha256(f"{name} {n}".encode()).digest() for n in range(size // 32 + 1))
    return b"".join(parts)[:size]


def b64(name: str, size: int) -> str:
    """Random bytes in base64."""
    return base64.b64encode(drawn(name, size)).decode()


def digests(kind: str, count: int) -> list[str]:
    """Hexadecimal hashes of one kind."""
    return [hashlib.new(kind, str(n).encode()).hexdigest() for n in range(count)]


def lines(rows: Iterable[str]) -> str:
    """Rows as a text."""
    return "".join(f"{row}\n" for row in rows)


def package_lock() -> str:
    """Hashes in base64, as npm writes them."""
    packages = {
        f"node_modules/secret-{n}": {
            "resolved": f"https://registry.example.com/secret-{n}/-/secret-{n}.tgz",
            "integrity": f"sha512-{b64(f'npm {n}', 64)}",
        }
        for n in range(200)
    }
    return json.dumps({"lockfileVersion": 3, "packages": packages}, indent=2)


def minified() -> str:
    """One long line of code that speaks of secrets and keys."""
    unit = 'var t=e.secretAccessKey||r(%d),n="%s";a.accessKeyId=t?o:s,i.secret="%s"+n;'
    return "".join(unit % (n, b64(f"js {n}", 6), digests("sha1", n + 1)[n]) for n in range(200))


def actions() -> str:
    """A workflow whose steps are pinned by hash and whose secrets are named."""
    steps = [f"      - uses: actions/step-{n}@{sha}" for n, sha in enumerate(digests("sha1", 20))]
    env = [
        "    env:",
        "      AWS_ACCESS_KEY_ID: ${{ secrets.AWS_ACCESS_KEY_ID }}",
        "      AWS_SECRET_ACCESS_KEY: ${{ secrets.AWS_SECRET_ACCESS_KEY }}",
    ]
    return lines(["jobs:", "  build:", *env, "    steps:", *steps])


def certificate(what: str) -> str:
    """Something public in the frame in which private things come too."""
    body = "\n".join(textwrap.wrap(b64(what, 900), 64))
    return f"-----BEGIN {what}-----\n{body}\n-----END {what}-----\n"


TEMPLATES = """\
aws_access_key_id = <your access key id>
aws_secret_access_key = <your secret access key>
AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY}
secret_key: "{{ vault.aws.secret_key }}"
secret_key = var.aws_secret_access_key_of_the_deployment
AWS_SECRET_ACCESS_KEY=%AWS_SECRET_ACCESS_KEY%
aws_secret_access_key = YOUR_AWS_SECRET_ACCESS_KEY_GOES_IN_HERE_
client = boto3.client("s3", aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"])
"""
NAMES = """\
class SecretKeySelectorForAccessManagementPolicies: pass
secretKey = createSecretAccessKeyProviderFromEnvironment
secret_path = "aws/secret/access/key/of/the/deployment/pipeline"
awsSecretAccessKeyId: getAwsSecretAccessKeyIdFromParameterStore
import com.example.secret.SecretAccessKeyRotationScheduleConfiguration
"""

NOISE: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "SHA-1": ("hash/sha1.txt", lambda: lines(digests("sha1", 500))),
    "SHA-1 that are called secrets": (
        "hash/secrets.yaml",
        lambda: lines(f"aws_secret_key_{n}: {sha}" for n, sha in enumerate(digests("sha1", 50))),
    ),
    "SHA-256": ("hash/sha256.txt", lambda: lines(f"{h}  f" for h in digests("sha256", 500))),
    "MD5": ("hash/md5.txt", lambda: lines(digests("md5", 500))),
    "pinned actions": (".github/workflows/build.yml", actions),
    "digests of images": (
        "docker/Dockerfile",
        lambda: lines(f"FROM secret@sha256:{sha}" for sha in digests("sha256", 20)),
    ),
    "package-lock.json": ("web/package-lock.json", package_lock),
    "yarn.lock": (
        "web/yarn.lock",
        lambda: lines(
            f'"@secret/{n}@^1.0":\n  version "1.0.{n}"\n  integrity sha512-{b64(f"y {n}", 64)}'
            for n in range(100)
        ),
    ),
    "go.sum": (
        "go/go.sum",
        lambda: lines(
            f"example.com/secret/key v1.{n}.0/go.mod h1:{b64(f'go {n}', 32)}" for n in range(300)
        ),
    ),
    "poetry.lock": (
        "py/poetry.lock",
        lambda: lines(f'{{file = "a.whl", hash = "sha256:{h}"}},' for h in digests("sha256", 99)),
    ),
    "image in a style sheet": (
        "web/style.css",
        lambda: f".a{{background:url(data:image/png;base64,{b64('png', 90_000)})}}\n",
    ),
    "font in lines of base64": (
        "web/font.b64",
        lambda: base64.encodebytes(drawn("font", 90_000)).decode(),
    ),
    "random bytes": ("bin/random.bin", lambda: drawn("random", 300_000)),
    "random bytes in hexadecimal": ("bin/random.hex", lambda: drawn("hex", 90_000).hex()),
    "base64 of a compressed text": (
        "helm/release.txt",
        lambda: base64.b64encode(gzip.compress(b"nothing to see\n" * 999, mtime=0)).decode(),
    ),
    "UUIDs": (
        "ids/uuids.csv",
        lambda: lines(
            f"secret,{uuid.uuid5(uuid.NAMESPACE_DNS, str(n))}".upper() for n in range(300)
        ),
    ),
    "IDs within longer words": (
        "ids/words.txt",
        lambda: lines(
            form.format(key_id(n=n))
            for n, form in enumerate(["X{}", "{}A", "9{}", "{}0", "Z{}Z", "{0}{0}"])
        ),
    ),
    "IDs with impossible digits": (
        "ids/impossible.txt",
        lambda: lines(f"{key_id(n=n)[:-1]}{n}" for n in (0, 1, 8, 9)),
    ),
    "IDs in small letters": ("ids/small.txt", lambda: f"aws_access_key_id={key_id().lower()}\n"),
    "IDs of users, roles and policies": (
        "ids/principals.json",
        lambda: json.dumps(
            [
                {"Id": key_id(n=n, prefix=prefix), "AccessKeyId": "", "Secret": ""}
                for n, prefix in enumerate(
                    ["AROA", "AIDA", "AGPA", "AIPA", "ANPA", "ANVA", "APKA", "ASCA", "ACCA"]
                )
            ]
        ),
    ),
    "capitals without end": (
        "ids/capitals.txt",
        lambda: lines(base64.b32encode(drawn(f"b32 {n}", 500)).decode() for n in range(100)),
    ),
    "minified JavaScript": ("web/app.min.js", minified),
    "templates": ("docs/templates.md", lambda: TEMPLATES),
    "long names": ("src/names.py", lambda: NAMES),
    "certificate": ("tls/server.pem", lambda: certificate("CERTIFICATE")),
    "public key": ("tls/public.pem", lambda: certificate("PUBLIC KEY")),
    "SSH key": ("ssh/id.pub", lambda: f"ssh-rsa {b64('ssh', 400)} ann@example.com\n"),
    "JSON Web Token": (
        "web/token.txt",
        lambda: (
            "secret: "
            + base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
            + "."
            + base64.urlsafe_b64encode(b'{"sub":"1234567890","name":"Ann"}').decode().rstrip("=")
            + f".{b64('jwt', 30)}\n"
        ),
    ),
    "policy and account": (
        "iam/policy.json",
        lambda: (
            '{"Resource": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/key-AbCdEf"}'
        ),
    ),
    "console CSV of nobody": (
        "iam/credentials.csv",
        lambda: "User name,Password,Access key ID,Secret access key,Console login link\nann,,,,\n",
    ),
}

_KEY, _OTHER = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvb"
EXAMPLES: dict[str, tuple[str, Callable[[], str], str]] = {
    "the example of the documentation": (
        "docs/credentials.md",
        lambda: (
            f"aws_access_key_id = AKIA{'IOSFODNN7EXAMPLE'}\n"
            f"aws_secret_access_key = {_KEY}{'EXAMPLEKEY'}\n"
        ),
        "example",
    ),
    "the other example": (
        "docs/other.md",
        lambda: (
            f"AWS_ACCESS_KEY_ID=AKIA{'I44QH8DHBEXAMPLE'}\n"
            f"AWS_SECRET_ACCESS_KEY={_OTHER}{'EXAMPLEKEY'}\n"
        ),
        "example",
    ),
    "LocalStack": (
        "local/stack.env",
        lambda: f"AWS_ACCESS_KEY_ID={key_id(prefix='LKIA')}\nAWS_SECRET_ACCESS_KEY=test\n",
        "LocalStack",
    ),
    "an example in base64": (
        "docs/secret.yaml",
        lambda: (
            "data:\n  credentials: "
            + base64.b64encode(f"aws_access_key_id = ASIA{'IOSFODNN7EXAMPLE'}\n".encode()).decode()
            + "\n"
        ),
        "example",
    ),
}
