"""In: texts. Out: the proof that key IDs and secrets are found, and lookalikes are not."""

import base64
import hashlib

import pytest

from analyzer.leaks.detect.registry import find_candidates
from analyzer.leaks.model import CredentialKind
from tests.leaks.detect.detect_material import ids, pairs, read, secrets
from tests.leaks.leak_material import digest, key_id, secret

BASE64_HASH = base64.b64encode(hashlib.sha512(b"a file").digest()).decode()


@pytest.mark.parametrize(
    "around",
    ["{}", '"{}"', "x{}", "{}_old", "key_{}y", r"\n{}", r"\t{}", "/{}/", "={}&",
     "%3D{}%26", "%253D{}", "=3D{}", r"\x3d{}", r"\075{}", r"\u003d{}", r"\u003D{}",
     r"\U0000003D{}"],
)  # fmt: skip
def test_an_id_is_found_in_any_surroundings(around):
    """Small letters, underlines and punctuation beside an ID don't hide it, nor does an escape."""
    assert ids(around.format(key_id())) == [key_id()]


@pytest.mark.parametrize("around", ["A{}", "{}A", "9{}", "{}0", "Z{}Z", "%D{}", r"\x{}A", "%3{}"])
def test_an_id_within_a_longer_word_is_none(around):
    """A capital or a digit beside it means that it is a piece of something else."""
    assert ids(around.format(key_id())) == []


@pytest.mark.parametrize(
    ("before", "after", "is_doubted"),
    [(64, 64, True), (63, 64, False), (64, 63, False), (0, 64, False)],
)
def test_an_id_amid_base64_is_doubted(before, after, is_doubted):
    """A font is full of A, B and I; a path, or a secret beside the ID, has less on one side."""
    text = f",{('ab3/' * 16)[64 - before :]}{key_id()}{('+d4c' * 16)[:after]},"
    (found,) = read(text)
    assert ("Base64" in (found.doubt or "")) is is_doubted


@pytest.mark.parametrize(
    "prefix", ["ACCA", "AGPA", "AIDA", "AIPA", "ANPA", "ANVA", "APKA", "AROA", "ASCA"]
)
def test_identifiers_that_are_no_credentials_are_never_marked(prefix):
    """They name a user, a role, a policy or a credential's entry, and give access to nothing."""
    assert find_candidates(f"aws_access_key_id = '{key_id(prefix=prefix)}'") == []


@pytest.mark.parametrize(
    ("prefix", "kind", "doubt"),
    [
        ("AKIA", CredentialKind.LONG_TERM_KEY, ""),
        ("ASIA", CredentialKind.TEMPORARY_KEY, ""),
        ("ABIA", CredentialKind.BEARER_ID, ""),
        ("A3TX", CredentialKind.DUBIOUS_ID, "dubious"),
        ("LKIA", CredentialKind.LONG_TERM_KEY, "LocalStack"),
        ("LSIA", CredentialKind.TEMPORARY_KEY, "LocalStack"),
    ],
)
def test_each_prefix_says_what_the_id_is(prefix, kind, doubt):
    """What AWS does not issue is told, with a doubt."""
    (found,) = read(key_id(prefix=prefix))
    assert found.kind is kind
    assert doubt in (found.doubt or "")
    assert bool(doubt) == bool(found.doubt)


def test_an_id_tells_its_account():
    """The account is decoded from the ID alone."""
    (found,) = read(key_id(account=29608264753))
    assert found.claims.account == "029608264753"


@pytest.mark.parametrize("digit", "0189")
def test_an_id_with_an_impossible_digit_is_none(digit):
    """Four of the digits are never issued."""
    assert ids(key_id()[:-1] + digit) == []


@pytest.mark.parametrize(
    "text",
    [
        "export AWS_SECRET_ACCESS_KEY={}",
        "AWS_SECRET_ACCESS_KEY='{}'",
        "aws_secret_access_key = {}",
        "aws_secret_access_key={}\r",
        '"SecretAccessKey": "{}"',
        '{{\\"SecretAccessKey\\":\\"{}\\"}}',
        "secret_key: {}",
        '  secret_key = "{}"',
        "secretAccessKey: '{}',",
        "<SecretAccessKey>{}</SecretAccessKey>",
        "aws configure set aws_secret_access_key {}",
        "os.environ['AWS_SECRET_ACCESS_KEY'] = '{}'",
        "os.getenv('AWS_SECRET_ACCESS_KEY', '{}')",
        "key = process.env.AWS_SECRET_ACCESS_KEY || '{}'",
        "${{AWS_SECRET_ACCESS_KEY:-{}}}",
        "MY_KEY_SECRET={}",
        "aws_token = '{}'",
        '{{"Name": "AWS_SECRET_ACCESS_KEY", "Value": "{}"}}',
        "- name: AWS_SECRET_ACCESS_KEY\n  value: {}",
        "<name>fs.s3a.secret.key</name>\n<value>{}</value>",
        "<key>AWSSecretKey</key>\n  <string>{}</string>",
        'variable "aws_secret_key" {{\n  default = "{}"',
        "ENV AWS_SECRET_ACCESS_KEY {}",
        "--secret-key {}",
        'secret_key: str = "{}"',
        'const secretKey string = "{}"',
        'NSString *const kSecretKey = @"{}"',
        '.withSecretKey("{}")',
        "Secret access key: {}",
        "The AWS secret is {}",
        "$env:AWS_SECRET_ACCESS_KEY='{}'",
        'Sys.setenv("AWS_SECRET_ACCESS_KEY" = "{}")',
        "aws:\n  secret: {}",
        "AWS_SECRET_ACCESS_KEY := {}",
        ":aws_secret_key => '{}'",
        r"secret_key=%2F{}".replace("%2F", "%3D"),
        r"secret_key\t{}",
        "hadoop.fs.s3a.secret.key={}",
        '{{"ParameterKey": "SecretKey", "ParameterValue": "{}"}}',
    ],
)
def test_a_secret_is_found_by_name_in_the_ways_it_is_written(text):
    """Environment, INI, JSON, YAML, Terraform, XML, shell, code and prose."""
    assert secrets(text.format(secret())) == [digest()]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "checksum = {}",
        "secret = {}",
        "key: {}",
        "secret_key = {}A",
        "secret_key = {}=",
        "secret_key = A{}",
        "secret_key = {}-a",
        "secret_key = a_{}",
        "aws_session_token = {}",
    ],
)
def test_forty_characters_without_a_telling_name_are_no_secret(text):
    """Neither without a name nor as a piece of a longer value."""
    assert secrets(text.format(secret())) == []


@pytest.mark.parametrize(
    "frame",
    [
        "{id}:{secret}",
        "s3n://{id}:{secret}@bucket/path",
        "{id}/{secret}",
        "{id},{secret}",
        "| {id} | {secret} |",
        "{id}\n{secret}",
        "('{id}', '{secret}')",
        'new BasicAWSCredentials("{id}", "{secret}")',
        '{{"id": "{id}", "secret": "{secret}"}}',
        r"{id}\n{secret}",
    ],
)
def test_a_bare_secret_beside_an_id_is_its_secret(frame):
    """The ID beside it is as good as a name."""
    assert pairs(frame.format(id=key_id(), secret=secret())) == [(key_id(), digest())]


NO_SECRETS = {
    "sha1": hashlib.sha1(b"x").hexdigest(),  # noqa: S324 - a hash as it stands in files
    "sha512": f"sha512-{BASE64_HASH}",
    "sha256": base64.b64encode(hashlib.sha256(b"x").digest()).decode(),
    "path": "src/main/java/com/example/Service1/Impl2",
    "class": "AmazonSimpleStorageServiceClientBuilder2",
    "url-safe": base64.urlsafe_b64encode(b"\xfb\xff" * 9).decode() + "-" + secret(),
    "wrapped": "\n".join(BASE64_HASH[at : at + 46] for at in (0, 2)) + "\n" + secret(),
    "escaped wrap": BASE64_HASH[:64] + r"\n" + secret() + r"\n",
    "uuids": "1B4E28BA-2FA1-11D2-883F-0016D3CCA427/6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
    "long path": "home/Ann/Projects/App1/config/Secret9Key",
    "text in another script": base64.b64encode(
        "ein Text über große Schlüssel".encode()[:30]
    ).decode(),
    "text": base64.b64encode(b"a text that somebody encoded.!").decode(),
    "documented hash": hashlib.sha1(b"x").hexdigest()[:33] + "EXAMPLE",  # noqa: S324 - likewise
    "upper hex": hashlib.sha1(b"x").hexdigest().upper(),  # noqa: S324 - likewise
}


@pytest.mark.parametrize("name", NO_SECRETS)
def test_what_chance_did_not_make_is_no_secret_even_beside_an_id(name):
    """Hashes, paths, names, pieces of Base64 and encoded text stay alone."""
    assert pairs(f"{key_id()}\n{NO_SECRETS[name]}") == [(key_id(), None)]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (secret()[:33] + "EXAMPLE", "example"),
        ("wJalr" + "XUtnFEMI/K7MDENG+bPxRfiCYzzzzzzzKEY", "example"),
        ("abcdefghijklmnopqrstuvwxyzABCD0123456789", "placeholder"),
        (("aB3dE6gH9/" * 4), "placeholder"),
        ("EnablePropagateAdditionalUserContext" + "Data", "words"),
        ("AWSSecretAccessKeyIDProviderFactory" + "BeanX", "words"),
        ("AmazonSimpleStorageServiceClientBuilder" + "2", "words"),
        ("lib/Zebra/Quota/Juniper/Fox/Vaults" + "/Dwarf", "words"),
        (base64.b64encode("größere Schlüssel für alle".encode()).decode()[:40], "encoded text"),
    ],
)
def test_a_named_secret_that_is_none_is_doubted_and_kept(value, word):
    """Examples, sequences and repetitions are told, with a doubt."""
    (found,) = read(f"aws_secret_access_key = {value}")
    assert word in (found.doubt or "")


def test_hardly_a_secret_looks_like_a_name():
    """Of two thousand none."""
    drawn = [f"aws_secret_key = {secret(n)}" for n in range(2000)]
    assert [text for text in drawn for found in read(text) if found.doubt] == []


def test_a_hash_is_no_secret_whatever_it_is_called():
    """Forty hexadecimal digits stay below the entropy of a secret."""
    assert secrets("aws_secret_key = '" + "0123456789abcdef" * 2 + "01234567'") == []


@pytest.mark.parametrize("sign", "+-")
@pytest.mark.parametrize("n", [0, 7, next(n for n in range(999) if secret(n)[0] == "+")])
def test_the_sign_of_a_diff_is_no_part_of_what_its_line_says(sign, n):
    """A bare pair is found whole, also where the secret itself begins with such a sign."""
    text = f"@@ -0,0 +1,2 @@\n{sign}{key_id(n=n)}\n{sign}{secret(n)}\n"
    assert pairs(text) == [(key_id(n=n), digest(n))]
    assert pairs(f"{sign}{secret(n)}\n{sign}{key_id(n=n)}") == [(key_id(n=n), digest(n))]


def test_a_sign_within_a_line_is_a_part_of_the_run():
    """There it is one of the characters in which base64 is written."""
    assert pairs(f"{key_id()}\n =+{secret()}\n") == [(key_id(), None)]


def test_a_command_for_api_gateway_names_no_secret_access_key():
    """Its words are "aws" and "key", and the value is the id of a key of API Gateway."""
    value = secret(3)
    command = f"aws apigateway update-api-key --api-key {value}\n"
    assert [each for each in find_candidates(command) if each.stands_alone] == []
    command = f"aws configure set aws_secret_access_key {value}\n"
    assert [each.value for each in find_candidates(command)] == [value]
