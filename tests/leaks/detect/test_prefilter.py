"""In: each shape that counts by itself, in each character set. Out: proof that it is looked at."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.prefilter import candidate_offsets
from analyzer.leaks.detect.registry import find_candidates
from tests.hypothesis_profiles import examples
from tests.leaks.detect import kinds_material
from tests.leaks.detect.detect_material import noise, token
from tests.leaks.detect.signed_material import (
    broker_token,
    cluster_token,
    old_address,
    s3_address,
    short_key,
)
from tests.leaks.leak_material import key_id, secret

LONG = base64.b64encode(noise(3, 300)).decode()
DRAWN = base64.b64encode(noise(7, 32)).decode()
MAIL = "BK" + base64.b64encode(noise(5, 32)).decode()[:42]
SPACES = "\n" + " " * 12
NAMED = {
    "environment": "AWS_SECRET_ACCESS_KEY={}\n",
    "ECS": f'"name": "AWS_SECRET_ACCESS_KEY",{SPACES}"value": "{{}}"\n',
    "ECS with CRLF": '"name": "AWS_SECRET_ACCESS_KEY",\r\n\t"value": "{}"\r\n',
    "Kubernetes": "- name: AWS_SECRET_ACCESS_KEY\n  value: {}\n",
    "plist": "<key>AWSSecretAccessKey</key>\n\t<string>{}</string>\n",
    "Terraform": 'variable "aws_secret_key" {{\n  default = "{}"\n}}\n',
    "Terraform with a type": 'variable "aws_secret_key" {{\n  type    = string\n  default = "{}"\n',
    "folded": "aws_secret_access_key: >-\n  {}\n",
    "Amazon": "AMAZON_ACCESS_KEY={}\n",
    "Amazon over two lines": "- name: amazon_token\n  value: {}\n",
    "the other way round": "deploy_key_aws: {}\n",
    "a password": "AWS_PASS: >\n  {}\n",
    "words": "Secret access key\n{}\n",
}
NAMED_SHAPES = {f"a secret, {name}": frame.format(secret(7)) for name, frame in NAMED.items()}
SHAPES = {
    **NAMED_SHAPES,
    **{prefix: key_id(prefix=prefix) for prefix in ("AKIA", "ASIA", "ABIA", "A3TX", "LKIA")},
    **{
        f"a session token, {begin}": begin + LONG
        for begin in ("IQoJb3JpZ2luX2Vj", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "AQoDYXdz")
    },
    "a session token, named": f"session_token:\n  {LONG}",
    "a security token, url-safe": f"SecurityToken={LONG[:60]}-_{LONG}",
    "ABSK": "ABSK" + base64.b64encode(b"ann-at-111122223333:" + secret().encode()).decode(),
    "AEAA": "AEAA" + base64.b64encode(b"ann-at-111122223333:" + secret().encode()).decode(),
    "S3": s3_address(),
    "S3 in small letters": s3_address().replace("X-Amz-", "x-amz-"),
    "S3, version 2": old_address().replace(key_id(), "B" * 20),
    "MSK": broker_token(),
    "EKS": cluster_token(),
    "Bedrock": short_key("bedrock-api-" + "key-", "bedrock"),
    "Claude": short_key("aws-external-anthropic-api-" + "key-", "aws-external-anthropic"),
    "SES": f"host: email-smtp.eu-west-1.amazonaws.com\nuser: x\npassword: {MAIL}\n",
    "SES, by its name": f"SMTP: {MAIL}\n",
    "SES, in the environment": f"SES_SMTP_PASSWORD={MAIL}\n",
    "SES, escaped": f"SMTP_PASSWORD%3D{MAIL}\n",
    "handed to STS, in a block": (
        f"AWS_WEB_IDENTITY_TOKEN: |\n    {kinds_material.signed({'a': 1})}\n"
    ),
    "CodeCommit": f"ann-at-111122223333 {DRAWN}",
    "a field": f"ServicePassword: {DRAWN}",
    "a bearer token": f"AWS_BEARER_TOKEN_BEDROCK={DRAWN}",
    "an API key": f"ServiceApiKeyValue={DRAWN}",
    "AppSync": "da2-" + "a1b2c3d4e5f6g7h8i9j0k1l2m3",
    "MWS": "amzn.mws." + "4ea38b7b-f563-7709-4bae-12ba3456789a",
    "CodeArtifact": (
        "//d-111122223333.d.codeartifact.eu-west-1.amazonaws.com/npm/r/:_authToken="
        + token(4, 200)
    ),
    "sign-in": "SigninToken=" + token(5, 200),
    "SSO": (
        '{"startUrl": "https://x.awsapps.com/", "expiresAt": "",'
        f' "refreshToken": "{token(6, 90)}"}}'
    ),
    "SSO without its address": f'{{"accessToken": "aoa{token(6, 90)}", "expiresAt": "2024"}}',
    "a console password": "User name,Password,Console login link\nann,hunter22,https://x\n",
    "a console password, directly": "User name,Password,Direct sign-in link\nann,hunter22,x\n",
    "a signing key's file": "pk-" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" + ".pem",
    **kinds_material.SHAPES,
}  # fmt: skip
CHARACTER_SETS = {
    "as it stands": str.encode,
    "UTF-16 LE": lambda text: text.encode("utf-16-le"),
    "UTF-16 BE": lambda text: text.encode("utf-16-be"),
    "UTF-32 LE": lambda text: text.encode("utf-32-le"),
    "UTF-32 BE": lambda text: text.encode("utf-32-be"),
}
IN_BASE64 = (
    "AKIA", "ASIA", "ABSK", "S3", "MSK", "EKS", "Bedrock", "Claude", "MWS",
    *(name for name in SHAPES if name.startswith("a session token, ") and "named" not in name),
    *(name for name in NAMED_SHAPES if "secret" in SHAPES[name].lower()),
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_counts_by_itself(shape):
    """Or what is proven of them here would prove nothing."""
    assert any(candidate.stands_alone for candidate in find_candidates(SHAPES[shape]))


@pytest.mark.parametrize("encoding", CHARACTER_SETS)
@given(shape=st.sampled_from(list(SHAPES)), before=st.sampled_from(["", "x ", "\ufeff", "é\n"]))
def test_what_counts_by_itself_is_worth_a_look(encoding, shape, before):
    """In all wide characters too, at the begin of a file and at its end."""
    text = before + SHAPES[shape].rstrip("\n")
    counts = any(candidate.stands_alone for candidate in find_candidates(text))
    assert candidate_offsets(CHARACTER_SETS[encoding](text)) or not counts


@given(shape=st.sampled_from(IN_BASE64), shift=st.integers(0, 2))
def test_what_is_told_by_its_prefix_or_as_a_secret_is_worth_a_look_in_base64(shape, shift):
    """Wherever in the base64 it begins."""
    hidden = base64.b64encode(b" " * shift + SHAPES[shape].encode())
    assert candidate_offsets(b"data: " + hidden + b"\n")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
def test_what_is_worth_a_look_is_found(shape, codec):
    """Each shape is a sighting, whatever characters it is written in."""
    assert scan_bytes(f"note\n{SHAPES[shape]}\n".encode(codec)).sightings


HASH = "0123456789abcdef0123456789abcdef01234567"
ORDINARY = {
    "a commit beside the word": f"see my-org/project-secrets/commit/{HASH}\n",
    "a hash in a lock file": f'"@secretlint/core": "sha512-{"aB3/" * 21}aB==",\n',
    "a SHA-256 of a key": f"aws key digest {HASH}{HASH[:24]}\n",
    "lists of words": "['secret', 'foo', 'bar', 'baz'], [\"secret\", \"one\"]\n",
    "names of parameters": "def sign(AWSAccessKeyId, x_amz_signature): X-Amz-Credential is set\n",
    "packages that are called so": f'"@secretlint/a": "{"aB3" * 13}x", secretlint: {"Cd4" * 13}y\n',
    "a schema of the API": (
        '"CreateLoginProfileRequest":{"members":{"Password":{"shape":"passwordType",'
        '"documentation":"<p>The new password, \\"strong\\" or not.</p>"},'
        '"PasswordResetRequired":{"shape":"booleanType"}},\n"LoginProfile":{"shape":"x"},'
        '"Base32StringSeed":{"shape":"BootstrapDatum"},'
        '"stageKeys":{"shape":"ListOfString"}}\n'
    ),
    "an exception of Cognito": '"PasswordResetRequiredException": password = "x"\n',
    "declarations": (
        "    LoginProfile: LoginProfile;\n    Password: passwordType;\n"
        "def create_login_profile(self, user_name: str, password: str, reset: bool) -> None: ...\n"
    ),
    "hosts": "http://alias.awsapps.com/ f'{name}.notebook.{region}.sagemaker.aws'\n",
    "certificates": f"arn:aws:iot:us-west-2:111122223333:cert/{HASH}{HASH[:24]}\n",
    "names of key pairs": "LightsailDefaultKeyPair, LightsailDefaultKey-<region>\n",
    "names in capitals": '"NAMESPACE", "ACCOUNTS", "IAMPOLICY_ASSIGNMENT"\n',
    "continents and countries": '<b>AN</b> <b>AS</b>: Asia \\"SK\\" - SLOVAKIA</p>\n',
    "classes": "aws key: AssumeRoleWithWebIdentityCredentialFetcher, secretKey: "
    "VirtualGatewayTlsValidationContextSdsTrust\n",
    "members": "['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration', 'secret_key']\n",
    "options of other programs": "--error-code ThisIsTheNameOfAnException1 --country-code\n",
    "documentation of a secret": '"ClientSecret":{"shape":"ClientSecretType","x":"y"}\n',
    "slashes of JSON": '"secret": "https:\\/\\/docs.example.com\\/guide\\/Secrets\\/Access"\n',
    "a long word": "the secret getTheNameOfTheServiceThatIsCalled is set\n",
}


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY)
def test_what_ordinary_text_is_full_of_is_not_looked_at_closely(text):
    """Hashes beside the word secret, lists that name it, the names of parameters."""
    assert candidate_offsets(text.encode() * 50) == []


FAR = "x" * 380
QUOTED = {
    "JSON": ('"Password": "', '"'), "JSON in JSON": ('\\"Password\\":\\"', '\\"'),
    "Python": ("Password='", "'"), "a call": ('password=str("', '")'),
    "HTML": ("Password: &quot;", "&quot;"), "a mail": ('Password=3D"', '"'),
    "an address": ("Password%22%3A%22", "%22"),
    "escapes": (r"Password\u0022: \u0022", r"\u0022"), "YAML": ("\n    Password: ", "\n"),
    "YAML in JSON": ("\\n  password: ", "\\n"), "Ruby": ("password 'x' 'y'; Password => '", "'"),
}  # fmt: skip


@pytest.mark.parametrize("side", ["before", "behind"])
@pytest.mark.parametrize(
    "name",
    [
        "create_login_profile(", '"LoginProfile": ', "PasswordResetRequired: x", " iam_user: ",
        "new CreateLoginProfileRequest(", "UpdateLoginProfileCommand(",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", QUOTED)
def test_a_password_far_from_what_makes_it_a_users_is_looked_at_closely(form, name, side):
    """As far as the detector reads, in whatever way it is quoted."""
    opening, closing = QUOTED[form]
    member = f"{opening}Hunter2x9!k{closing}"
    text = f"{name}{FAR}{member}" if side == "behind" else f"{member}{FAR}{name}"
    assert candidate_offsets(text.encode())


def test_what_is_not_ascii_takes_up_more_bytes_than_the_detector_reads_characters():
    """A comment in Chinese between a name and its value does not part them."""
    text = f'create_login_profile({"密" * 380} Password="Hunter2x9!k")'
    assert candidate_offsets(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        f'{{"ServicePassword": "{DRAWN[:9]}\\/{DRAWN[9:]}"}}',
        f"&lt;ServicePassword&gt;{DRAWN}&lt;",
        f'{{"source": ["k = \\"AK\\" + \\"{key_id()[2:]}\\"\\n"]}}',
        "  LoginProfile:\n    Password: Hunter\\Zxcvb9\n",
        "    Password: hunter2Zx!9\n  LoginProfile: x\n",
        '"stageKeys": [],' + " " * 590 + '"value": "a1B2c3D4e5F6g7H8i9J0k1L2m3N4"',
        '{"secret": "' + "a1B2" * 180 + '", "name": "x", "accessTokenId": "a1"}',
        '{"startUrl": "https://' + "x" * 300 + '.awsapps.com/"}',
        f'{{\\"LoginProfile\\":{{\\"Note\\":\\"{FAR}{FAR[:20]}\\",\\"Password\\":\\"Hunter2x9!k\\"}}}}',
        '{"LoginProfile" : {"Password" : "Hunter2x9!k"}}',
        'password_reset_required = true\npassword = "Hunter2x9!k"\n',
        "iam_user:\n  name: ann\n  password: Hunter2x9!k\n",
        f"base32_string_seed = {kinds_material.seed()}\n",
        f'{{"aws_secret_access_key":"{secret(7)[:20]}\\/{secret(7)[:19]}"}}',
        f"aws_secret_access_key={secret(7)[:20]}%2B{secret(7)[:19]}",
        "-----BEGIN+RSA+PRIVATE+KEY-----",
    ],
)
def test_a_value_that_is_escaped_long_or_at_an_end_is_looked_at_closely(text):
    """What asks for a value beside a name takes it as the detector does."""
    assert candidate_offsets(text.encode())


@given(st.integers(0, 10**9), st.sampled_from(["", "\n", " = ", '": "', "\\n", "%3D", "x: >-\n  "]))
@examples(5)
def test_any_secret_beside_its_name_is_looked_at_closely(number, between):
    """Whatever letters were drawn, and whatever stands between; at the end of the text, too."""
    value = secret(number)
    for text in (f"AWS_SECRET_ACCESS_KEY{between or '='}{value}", f"amazon key {value}\n"):
        assert candidate_offsets(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        f"secretOfTheVeryMainProductionAccountKey = {secret(7)}",
        f"keyOfTheVeryMainProductionAccountSecret1 = {secret(7)}",
        f'keySecret1 = "{secret(7)[:14]}" & "{secret(7)[14:]}"',
        f"secretForTheMainProduct=\nionKey=3D{secret(7)}",
        f"secretForTheMainProduct= \r\nionKey=3D{secret(7)}",
    ],
)
def test_a_secret_with_a_long_or_cut_name_is_looked_at_closely(text):
    """The name may have many words, stand before pieces, or be cut by a mail's soft line break."""
    assert candidate_offsets(f"{text}\n".encode())
    assert scan_bytes(f"{text}\n".encode()).sightings


WORDS = st.sampled_from(
    ["aws", "amazon", "secret", "key", "access", "token", "prod", "app", "value"]
)
JOINED = {"snake": "_".join, "kebab": "-".join, "dotted": ".".join, "as one": "".join}


@given(
    words=st.lists(WORDS, min_size=1, max_size=4),
    join=st.sampled_from(list(JOINED.values())),
    case=st.sampled_from([str.lower, str.upper, str.title]),
)
@examples(4)
def test_any_name_that_makes_a_secret_of_a_value_is_looked_at_closely(words, join, case):
    """However its words are joined, in whichever order they stand."""
    text = f"{join([case(word) for word in words])} = '{secret(7)}'\n"
    assert candidate_offsets(text.encode()) or not find_candidates(text)[0].stands_alone


def test_pieces_of_numbers_in_a_table_are_no_letters():
    """A hundred thousand numbers have both neighbours of AKIA in them many times."""
    assert candidate_offsets(b"149 41 84b 49 53 491 1113 111 111 1013\n") == []
    assert candidate_offsets(b"00000000  41 4b 49 41 20\n")
