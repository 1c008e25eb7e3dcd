"""In: the fields of each credential. Out: texts that have them, in every spelling and format."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tests.leaks.detect.detect_material import noise, token
from tests.leaks.detect.format_material import FORMATS
from tests.leaks.detect.kinds_material import (
    ACCOUNT,
    ACTIVATION,
    ANCHOR,
    CERTIFICATE,
    drawn,
    login_cache,
    pem,
    pod_claims,
    pool_claims,
    refresh_token,
    registration,
    saml_response,
    seed,
    signed,
)
from tests.leaks.leak_material import secret


class Fields(NamedTuple):
    """Names as words with their values, the last of which may stand far from the others.

    What has a `holder` is a member of something that is called so.
    """

    members: tuple[tuple[str, str], ...]
    holder: str = ""


WORD = "Xk9!mQ2" + "#vLp7zR"
LONG = token(80, 300)
POOL = "eu-west-1_" + "aB3dE6gH9"
DRAWN = token(81, 40)
MAIL = "BK" + token(82, 42)
FIELDS = {
    "login profile": Fields((("password", WORD),), "login profile"),
    "password and reset": Fields((("password reset required", "true"), ("password", WORD))),
    "Ansible": Fields((("name", "ann"), ("password", WORD)), "iam_user"),
    "Terraform": Fields((("type", "aws_iam_user_login_profile"), ("password", WORD))),
    "seed": Fields((("base 32 string seed", seed()),)),
    "seed, another way": Fields((("base32 string seed", seed()),)),
    "seed beside a word": Fields((("mfa", seed()),)),
    "secret": Fields((("aws secret access key", secret(5)),)),
    "secret of a role": Fields((("secret access key", secret(5)),)),
    "Amazon": Fields((("amazon token", secret(5)),)),
    "session token": Fields((("aws session token", LONG),)),
    "security token": Fields((("security token", LONG),)),
    "service password": Fields((("service password", DRAWN),)),
    "service key": Fields((("service api key value", DRAWN),)),
    "service secret": Fields((("service credential secret", DRAWN),)),
    "Bedrock": Fields((("aws bearer token bedrock", DRAWN),)),
    "CodeCommit": Fields((("user", f"ann-at-{ACCOUNT}"), ("password", token(83, 43) + "="))),
    "mail": Fields((("smtp password", MAIL),)),
    "SES": Fields((("ses smtp password", MAIL),)),
    "mail host": Fields((("host", "email-smtp.eu-west-1.amazonaws.com"), ("password", MAIL))),
    "API Gateway": Fields(
        (
            ("url", "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/p"),
            ("x api key", drawn(84, 40)),
        )
    ),
    "API Gateway, other": Fields(
        (
            ("url", "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/p"),
            ("api key", drawn(84, 40)),
        )
    ),
    "API Gateway, 20": Fields(
        (
            ("url", "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/p"),
            ("api key", drawn(85, 24)),
        )
    ),
    "API Gateway, listed": Fields((("stage keys", "[]"), ("value", drawn(84, 40)))),
    "API Gateway, resource": Fields(
        (("type", "AWS::ApiGateway::ApiKey"), ("value", drawn(84, 40)))
    ),
    "SSM": Fields((("activation id", ACTIVATION), ("activation code", token(86, 20)))),
    "seller": Fields(
        (
            ("client id", "amzn1.application-oa2-client." + noise(87, 16).hex()),
            ("client secret", noise(88, 32).hex()),
        )
    ),
    "Cognito": Fields((("user pool id", POOL), ("client secret", drawn(89, 51)))),
    "Cognito, value": Fields((("user pool id", POOL), ("client secret value", drawn(89, 51)))),
    "SSO": Fields(
        (
            ("start url", "https://x.awsapps.com/start"),
            ("expires at", "2024-05-01T20:00:00Z"),
            ("refresh token", token(90, 90)),
        )
    ),
    "SSO, access": Fields(
        (("expires at", "2024-05-01T20:00:00Z"), ("access token", "aoa" + token(91, 90)))
    ),
    "SSO registration": Fields(tuple(json.loads(registration()).items())),
    "SSO registration expires": Fields(
        (
            ("registration expires at", "2024-05-01T20:00:00Z"),
            ("client secret", token(92, 90)),
            ("expires at", "x"),
        )
    ),
    "aws login": Fields(
        tuple((k, v) for k, v in json.loads(login_cache()).items() if isinstance(v, str))
    ),
    "MWAA": Fields((("web token", signed({"sub": "ann"})),)),
    "MWAA, CLI": Fields((("cli token", signed({"sub": "ann"})),)),
    "MWAA, host": Fields(
        (("host", "x.c2.eu-west-1.airflow.amazonaws.com"), ("token", signed({"sub": "ann"})))
    ),
    "web identity": Fields((("web identity token", signed({"a": 1})),)),
    "pod": Fields((("token", signed(pod_claims())),)),
    "user pool": Fields((("id token", signed(pool_claims())), ("refresh token", refresh_token()))),
    "SAML": Fields((("s a m l response", saml_response()),)),
    "SAML, assertion": Fields((("saml assertion", saml_response()),)),
    "IoT": Fields(
        (
            ("certificate arn", f"arn:aws:iot:eu-west-1:{ACCOUNT}:cert/{CERTIFICATE}"),
            ("private key", pem(93)),
        )
    ),
    "Roles Anywhere": Fields((("trust anchor", ANCHOR), ("private key", pem(94)))),
    "EC2": Fields((("key material", pem(95)),)),
    "CodeCatalyst": Fields((("access token id", ACTIVATION), ("secret", noise(96, 16).hex()))),
    "CloudFront": Fields(
        (("CloudFront-Key-Pair-Id", "K" + "2ABCDEFGHIJ34"), ("CloudFront-Signature", LONG))
    ),
}


def _camel(words: Sequence[str]) -> str:
    return words[0] + "".join(map(str.title, words[1:]))


SPELLINGS: dict[str, Callable[[Sequence[str]], str]] = {
    "camel": _camel,
    "Pascal": lambda words: "".join(each[:1].upper() + each[1:] for each in words),
    "snake": "_".join,
    "kebab": "-".join,
    "spaced": " ".join,
    "as one": "".join,
    "capitals": lambda words: "_".join(words).upper(),
}
BLANKS = ("", " ", "  ", "	")


def spell(name: str, spelling: str) -> str:
    """The name in that spelling; what is no list of words stays."""
    return SPELLINGS[spelling](name.split()) if " " in name else name


def write(  # noqa: PLR0913 - all that may vary
    fields: Fields,
    spelling: str,
    frame: str,
    blank: str,
    gap: int = 0,
    *,
    is_reversed: bool = False,
) -> str:
    """A text of that format; between the first and the second field is one of so many letters."""
    members = [(spell(name, spelling), value) for name, value in fields.members]
    ordered = members[::-1] if is_reversed else members
    note = [("note", "x" * gap)] if gap else []
    first = ordered[:1] if len(ordered) > 1 else []
    together = [*first, *note, *ordered[len(first) :]]
    return FORMATS[frame](spell(fields.holder, spelling), together, blank)


COMMANDS = {
    "a login profile": f"aws iam create-login-profile --user-name ann --password '{WORD}'",
    "a change": f"aws iam change-password --old-password 'x' --new-password '{WORD}'",
    "a change over lines": f"aws iam \\\n  change-password --new-password '{WORD}'",
    "a change in a list": f'["aws", "iam", "change-password", "--new-password", "{WORD}"]',
    "an activation": f"amazon-ssm-agent -register -id {ACTIVATION} -code {token(86, 20)}",
    "an activation, another order": f"agent --code '{token(86, 20)}' --id '{ACTIVATION}'",
    "a seed": f"oathtool -b {seed()} --totp",
    "a seed before its word": f"run {seed()} # for the authenticator\n",
    "a seed far from its word": f"# MFA of {'x' * 150}\n{seed()}\n",
    "a seed in an address": f"otpauth://totp/ann@{ACCOUNT}?secret={seed()}",
    "a header": (
        f"curl -H 'x-api-key: {drawn(84, 30)}' https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
    ),
    "a password of a service": f"git clone https://ann-at-{ACCOUNT}:{token(83, 43)}=@x",
}
