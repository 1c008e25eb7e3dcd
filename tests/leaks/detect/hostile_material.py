"""In: a name and a length. Out: text that is made to keep the detector busy in vain."""

from analyzer.leaks.detect.registry import PATTERNS, called_for
from tests.leaks.detect.signed_material import s3_address
from tests.leaks.detect.test_prefilter import SHAPES
from tests.leaks.leak_material import key_id, secret

HOSTILE = {
    "ids": lambda: key_id() + " ",
    "secrets": lambda: secret() + "\n",
    "named": lambda: f"secret_key={secret()}\n",
    "pairs": lambda: f"{key_id()} {secret()}\n",
    "one line of pairs": lambda: f"{key_id()} {secret()},",
    "addresses": lambda: s3_address() + "\n",
    "signatures": lambda: "X-Amz-Signature=" + "a1" * 32 + "&",
    "old signatures": lambda: "&AWSAccessKeyId=a&Signature=" + "a" * 28,
    "braces": lambda: "{",
    "objects": lambda: '{"user":"a","Expiration":',
    "pem": lambda: "-----BEGIN PRIVATE KEY-----APKA cloudfront ",
    "tokens": lambda: "IQoJb3JpZ2luX2Vj",
    "k8s": lambda: "k8s-aws-v1." + "a" * 60 + " ",
    "bearer": lambda: "ABSK" + "QUJD" * 30 + " ",
    "owners": lambda: "a-at-111122223333 ",
    "owner runs": lambda: "a=,.@-",
    "headers": lambda: "user name password access key id secret access key ",
    "tables": lambda: "User name,Password,Console login link\na,b,c\n",
    "quotes": lambda: '"',
    "names": lambda: "aws_secret_key = ",
    "percent": lambda: "%2B",
    "signin": lambda: "SigninToken=",
    "mail": lambda: "smtp_pass=B" + "A" * 43 + " ",
    "codeartifact": lambda: ".d.codeartifact.eu-west-1.amazonaws.com",
    "expiresat": lambda: '{"expiresAt":"x","accessToken":"',
    "newlines": lambda: "\n[a]",
    "aws": lambda: "aws" * 13 + " ",
    "words of names": lambda: "secretkey",
    "names and a quote": lambda: "awskeykey'",
    "names and equals": lambda: "keysecret= ",
    "web tokens": lambda: "eyJ" + "a" * 9 + ".eyJ" + "b" * 9 + ".",
    "beginnings of web tokens": lambda: "eyJhbGciOi",
    "otpauth": lambda: "otpauth://totp/aws?secret=",
    "seeds": lambda: "MFA234567" * 8 + " ",
    "login keys": lambda: 'dpopKey": "-----BEGIN PRIVATE KEY-----',
    "login profiles": lambda: "create-login-profile --password \\",
    "profiles": lambda: '  LoginProfile: Password: "',
    "signatures of content": lambda: "&Key-Pair-Id=K234567890123&Signature=" + "a1B" * 31,
    "cookies": lambda: "CloudFront-Signature=" + "a1B" * 31 + " CloudFront-Policy=",
    "client secrets": lambda: "cognito client_secret=a1b2c3d4e5f6g7h8i9j0k1l2m3n4\n",
    "names of client secrets": lambda: "cognito_user_pool_",
    "gateways": lambda: "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com api_key=",
    "devices": lambda: "arn:aws:iot:eu-west-1:111122223333:cert/" + "a" * 64,
    "airflow": lambda: "aws_mwaa/eyJ",
    "links": lambda: ".sagemaker.aws?a&quicksight.aws.amazon.com/?",
    "activations": lambda: "activation-code -code -id -id=",
    "objects of tokens": lambda: '{"accessTokenId":"secret":"',
}
HOSTILE_ENCODINGS = {
    "quotes": '"',
    "broken lines": "`\n",
    "indented broken lines": '"\n  `\n',
    "comments": '"--\n-- a\n',
    "names": '"a"\nb',
    "brackets": '"a") ;',
    "methods": '"a" b.append ( ',
    "spaces": '"' + " " * 90,
    "percent": "%41",
    "percent, cut": "%41%4",
    "hexadecimal": "\\x41",
    "octal": "\\101",
    "backslashes": "\\",
    "u": "\\uuuuuuuu",
    "entities": "&#65;",
    "numbers": "1, ",
    "short lists": "1,2,3,4,5,6,7,8,9,10 ",
    "hexadecimal numbers": "0x4a ,   ",
    "pairs of digits": "4a:4b-4c ",
    "base64": "QUJD",
    "short lines of base64": "QUJDREVGR0hJSktMTU5P\n",
}
"""What is hostile to the decoders: pieces that look like an escape, a joint or a list for long."""
GATE = "\n".join(
    min((text for text in SHAPES.values() if number in called_for(text)), key=len)
    for number in range(len(PATTERNS))
)
"""What each pattern is called for, so that all of them look at what follows."""


def unending(name: str, size: int) -> str:
    """The hostile piece of that name, again and again, to about so many characters."""
    piece = HOSTILE[name]()
    return piece * (size // len(piece))


HOSTILE_NUMBERS = (
    "00000000: 4141 4141 4141\n", "0 ", "00 ", "chr(65)", "chr(", "a.", "65 ", "'A',", "'A' ",
    "0x0041,", "0000000   a   b\n", "0000000   a", " \n", "41-" * 40 + "\n", "0000000 ",
    "00000000  " + "41 " * 20 + "   x", "01010101 ", "0000000   1   2", "[char]65+", "a.chr(65),",
    " " * 9 + "\n0a,", "1234567890",
)  # fmt: skip
"""Pieces of what is nearly a dump, or a list of numbers."""

HOSTILE_RUNS = (
    "a<t>", "a<t ", "a<w:rPr>", "a<w:rPr><b>", "a<r><w:rPr>" + "<b/>" * 59, "=3D=\n", "=41",
    "x=" * 40 + "\n", "<t><t><t>", "a<span class=x>", "a</w:t></w:r><w:r><w:rPr>", "<", "a<",
)  # fmt: skip
"""Pieces of what is nearly a text in runs, or quoted-printable."""

HEADINGS = (
    "GIT binary patch\n", "GIT binary patch\nliteral 5\n",
    "@@ -1 +1 @@\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n",
    f"commit {'a' * 40}\n",
)  # fmt: skip
"""Lines of a diff that has nothing else."""
