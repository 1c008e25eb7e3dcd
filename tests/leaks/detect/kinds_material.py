"""In: numbers. Out: tokens, seeds, private keys and secrets of applications, made up."""

import base64
import json
import string
from typing import Any

from tests.leaks.detect.detect_material import noise, token

ACCOUNT = "111122223333"
CERTIFICATE = noise(40, 32).hex()
CLUSTER = "https://oidc.eks.eu-west-1.amazonaws.com/id/" + noise(41, 16).hex().upper()
END = 1800000000
ANCHOR = f"arn:aws:rolesanywhere:eu-west-1:{ACCOUNT}:trust-anchor/x"


def drawn(n: int, size: int, alphabet: str = string.ascii_lowercase + string.digits) -> str:
    """The n-th text of so many of these characters that looks drawn by chance."""
    return "".join(alphabet[byte % len(alphabet)] for byte in noise(n, size))


def seed(n: int = 50) -> str:
    """The n-th seed of a virtual MFA device."""
    return base64.b32encode(noise(n, 40)).decode()


def pem(n: int = 60, sort: str = "RSA ", line_end: str = "\n") -> str:
    """What stands in the file of a private key."""
    body = base64.b64encode(noise(n, 600)).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return line_end.join(
        [f"-----BEGIN {sort}PRIVATE " + "KEY-----", *lines, f"-----END {sort}PRIVATE " + "KEY-----"]
    )


def part(value: object) -> str:
    """JSON without blanks in the Base64 of addresses."""
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def raw_part(text: str) -> str:
    """Any text in the Base64 of addresses."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def signed(claims: dict[str, Any], algorithm: str = "RS256", n: int = 61) -> str:
    """A JSON Web Token that says that; its signature is noise."""
    signature = base64.urlsafe_b64encode(noise(n, 256)).decode().rstrip("=")
    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims)}.{signature}"


def pod_claims(**changes: Any) -> dict[str, Any]:
    """What the token of a pod with a role says."""
    return {
        "aud": ["sts.amazonaws.com"],
        "exp": END,
        "iss": CLUSTER,
        "sub": "system:serviceaccount:shop:till",
    } | changes


def issued_claims() -> dict[str, Any]:
    """What a token that STS issued says."""
    return {
        "aud": "https://api.example.com",
        "exp": END,
        "iss": "https://0a1b2c3d-0000-4000-8000-5e6f70819203.tokens.sts.global.api.aws",
        "sub": f"arn:aws:iam::{ACCOUNT}:role/till",
        "https://sts.amazonaws.com/": {"aws_account": ACCOUNT, "source_region": "eu-west-1"},
    }


def pool_claims(**changes: Any) -> dict[str, Any]:
    """What an access token of a user pool says."""
    return {
        "sub": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
        "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_" + "aB3dE6gH9",
        "token_use": "access",
        "exp": END,
    } | changes


def refresh_token(n: int = 97) -> str:
    """A refresh token of a user pool; all but its header is noise."""
    sizes = (256, 12, 600, 16)
    parts = (
        base64.urlsafe_b64encode(noise(n + at, size)).decode().rstrip("=")
        for at, size in enumerate(sizes)
    )
    return ".".join((part({"cty": "JWT", "enc": "A256GCM", "alg": "RSA-OAEP"}), *parts))


def saml_document(audience: str = "urn:amazon:webservices", account: str = ACCOUNT) -> str:
    """What an identity provider posts to AWS."""
    return (
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1">'
        '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_2">'
        "<saml:Issuer>https://idp.example.org/sso</saml:Issuer><saml:Subject>"
        '<saml:NameID Format="x">ann</saml:NameID><saml:SubjectConfirmation>'
        '<saml:SubjectConfirmationData NotOnOrAfter="2024-05-01T20:05:00.000Z"/>'
        "</saml:SubjectConfirmation></saml:Subject>"
        '<saml:Conditions NotOnOrAfter="2024-05-01T21:00:00Z">'
        f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience>"
        "</saml:AudienceRestriction></saml:Conditions><saml:AttributeStatement><saml:Attribute "
        'Name="https://aws.amazon.com/SAML/Attributes/Role"><saml:AttributeValue>'
        f"arn:aws:iam::{account}:role/till,arn:aws:iam::{account}:saml-provider/idp"
        "</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"
        "</samlp:Response>"
    )


def saml_response(document: str | None = None) -> str:
    """The same as a form has it."""
    return base64.b64encode((document or saml_document()).encode()).decode()


def login_cache(**changes: Any) -> str:
    """A file of ~/.aws/login/cache."""
    return json.dumps(
        {
            "accessToken": {"accountId": ACCOUNT, "expiresAt": "2024-03-01T20:00:00Z"},
            "tokenType": "aws_sigv4",
            "clientId": "arn:aws:signin:::devtools/same-device",
            "refreshToken": token(62, 400),
            "idToken": signed({"sub": f"arn:aws:iam::{ACCOUNT}:user/ann"}),
            "signInRegion": "eu-west-1",
            "dpopKey": pem(63, "EC "),
        }
        | changes
    )


def registration(**changes: str) -> str:
    """The registration of the AWS CLI in a file of its own."""
    client = base64.urlsafe_b64encode(noise(64, 16) + b"eu-west-1").decode().rstrip("=")
    secret = signed({"serialized": "{}"}, "HS384")
    return json.dumps(
        {"clientId": client, "clientSecret": secret, "expiresAt": "2024-05-01T20:00:00Z"} | changes
    )


def device_answer() -> str:
    """What `aws iot create-keys-and-certificate` prints, in the order of its members."""
    certificate = pem(65).replace("RSA PRIVATE KEY", "CERTIFICATE") + token(65, 350)
    return json.dumps(
        {
            "certificateArn": f"arn:aws:iot:eu-west-1:{ACCOUNT}:cert/{CERTIFICATE}",
            "certificateId": CERTIFICATE,
            "certificatePem": certificate,
            "keyPair": {"PublicKey": token(66, 450), "PrivateKey": pem(67)},
        }
    )


def content_signature(n: int = 68, size: int = 256) -> str:
    """A signature as CloudFront writes it."""
    return base64.b64encode(noise(n, size)).decode().translate(str.maketrans("+=/", "-_~"))


def content_policy() -> str:
    """A custom policy as CloudFront writes it."""
    condition = {"DateLessThan": {"AWS:EpochTime": END}}
    policy = {
        "Statement": [
            {"Resource": "https://d111.cloudfront.net/*?a=>>>???~~~", "Condition": condition}
        ]
    }
    text = json.dumps(policy, separators=(",", ":")).encode()
    return base64.b64encode(text).decode().translate(str.maketrans("+=/", "-_~"))


KEY_PAIR = "K" + drawn(69, 13, string.ascii_uppercase + string.digits)
SIGNED_URL = (
    f"https://d111.cloudfront.net/x?Expires={END}&Signature={content_signature()}"
    f"&Key-Pair-Id={KEY_PAIR}"
)
COOKIES = (
    f"Cookie: CloudFront-Policy={content_policy()}; CloudFront-Signature={content_signature(70)};"
    f" CloudFront-Key-Pair-Id={KEY_PAIR}"
)
ADDRESS = (
    f"otpauth://totp/Amazon%20Web%20Services:ann@{ACCOUNT}?secret={seed()}"
    "&issuer=Amazon%20Web%20Services"
)
ACTIVATION = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
SELLER_SECRET = "amzn1.oa2-cs" + ".v1." + noise(71, 32).hex()
SHAPES = {
    "MFA, address": ADDRESS,
    "MFA, field": f'{{"Base32StringSeed": "{seed(51)}"}}',
    "aws login": login_cache(),
    "Roles Anywhere": f"--trust-anchor-arn {ANCHOR}\n{pem(72)}",
    "IoT": device_answer(),
    "a pod's token": signed(pod_claims()),
    "a token of STS": signed(issued_claims()),
    "CloudFront, URL": SIGNED_URL,
    "CloudFront, cookies": COOKIES,
    "Cognito": f"user_pool: x\nclient_secret: {drawn(73, 51)}",
    "API Gateway": (
        f"curl -H 'x-api-key: {drawn(74, 40)}' https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/p"
    ),
    "login profile": "aws iam create-login-profile --user-name ann --password 'Xk9!" + "mQ2#vL'",
    "EC2": f'"KeyMaterial": "{pem(75)}"',
    "MWAA": f'{{"WebToken": "{signed({"sub": "ann"})}"}}',
    "SageMaker": f"https://x.notebook.eu-west-1.sagemaker.aws?authToken={signed({'a': 1}, n=76)}",
    "CodeCatalyst": (f"https://ann:{noise(77, 16).hex()}@git.us-west-2.codecatalyst.aws/v1/s/p/r"),
    "Login with Amazon": SELLER_SECRET,
    "SSO registration": registration(),
    "Cognito, a user's token": signed(pool_claims()),
    "Cognito, a refresh token": f"RefreshToken: {refresh_token()}",
    "SAML": f"SAMLResponse={saml_response()}",
    "SSM": f'{{"ActivationId": "{ACTIVATION}", "ActivationCode": "{token(78, 20)}"}}',
}
