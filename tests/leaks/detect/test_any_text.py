"""In: any keys in any frames, noise, and hostile texts. Out: the proof that rules hold for all."""

import base64
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.leaks.detect.prefilter import candidate_offsets
from analyzer.leaks.detect.registry import find_candidates
from tests.hypothesis_profiles import examples
from tests.leaks.detect.detect_material import ids, pairs, read, secrets
from tests.leaks.detect.hostile_material import GATE, HOSTILE, unending
from tests.leaks.leak_material import key_id, secret

FRAMES = [
    "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n",
    "export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={secret}\n",
    '{{"AccessKeyId": "{id}", "SecretAccessKey": "{secret}"}}',
    '{{"SecretAccessKey":"{secret}","AccessKeyId":"{id}"}}',
    "access_key = {id}\nsecret_key = {secret}\n",
    "{id}:{secret}\n",
    "s3n://{id}:{secret}@bucket\n",
    "Access key ID,Secret access key\n{id},{secret}\n",
    "AWSAccessKeyId={id}\nAWSSecretKey={secret}\n",
    'provider "aws" {{\n  access_key = "{id}"\n  secret_key = "{secret}"\n}}\n',
    "- name: AWS_ACCESS_KEY_ID\n  value: {id}\n- name: AWS_SECRET_ACCESS_KEY\n  value: {secret}\n",
    "boto3.client('s3', aws_access_key_id='{id}', aws_secret_access_key='{secret}')",
    "<AccessKeyId>{id}</AccessKeyId>\n<SecretAccessKey>{secret}</SecretAccessKey>",
    "$env:AWS_ACCESS_KEY_ID='{id}'\n$env:AWS_SECRET_ACCESS_KEY='{secret}'",
]
LINES = st.text(string.ascii_lowercase + " =:,;.-()", max_size=60).map(lambda line: line + "\n")
NUMBERS = st.integers(0, 10**6)
ALPHABETS = [
    string.printable,
    string.ascii_letters + string.digits + "+/",
    string.ascii_uppercase + "234567",
    string.hexdigits.lower(),
    string.ascii_lowercase + " \n",
    '{}[]":,\n' + string.ascii_letters,
]


@given(number=NUMBERS, frame=st.sampled_from(FRAMES), before=LINES, after=LINES)
@examples(4)
def test_any_pair_in_any_frame_is_found_and_put_together(number, frame, before, after):
    """Whatever the values are, whatever prose stands around, and the prefilter lets it through."""
    text = before + frame.format(id=key_id(n=number), secret=secret(number)) + "\n" + after
    expected = read(FRAMES[0].format(id=key_id(n=number), secret=secret(number)))[0]
    assert pairs(text) == [(expected.key_id, expected.digest)]
    assert candidate_offsets(text.encode())


@given(
    numbers=st.lists(NUMBERS, min_size=2, max_size=6, unique=True), frame=st.sampled_from(FRAMES)
)
@examples(1)
def test_any_number_of_pairs_of_one_frame_are_kept_apart(numbers, frame):
    """Each ID gets the secret that it was written with."""
    alone = [read(frame.format(id=key_id(n=n), secret=secret(n))) for n in numbers]
    text = "\n\n".join(frame.format(id=key_id(n=n), secret=secret(n)) for n in numbers)
    assert pairs(text) == [(found[0].key_id or found[1].key_id, found[0].digest) for found in alone]


@given(seed=NUMBERS, alphabet=st.sampled_from(ALPHABETS))
@examples(0.5)
def test_noise_holds_nothing(seed, alphabet):
    """No text that chance draws is a credential."""
    text = "".join(random.Random(seed).choices(alphabet, k=20_000))  # noqa: S311
    assert read(text) == ()


@given(seed=NUMBERS)
@examples(0.3)
def test_bytes_in_base64_hold_nothing(seed):
    """Pictures, fonts and archives are embedded like that."""
    body = base64.b64encode(random.Random(seed).randbytes(30_000)).decode()  # noqa: S311
    assert read("\n".join(body[at : at + 76] for at in range(0, len(body), 76))) == ()
    assert read(f"secret: data:image/png;base64,{body}") == ()


@given(text=st.text(max_size=300))
@examples(2)
def test_any_characters_are_taken(text):
    """Lone surrogates, control characters, scripts from right to left."""
    assert ids(text + " " + key_id() + " " + text[:5]) in ([key_id()], [])
    read(f'User name,Password,Console login link\n{text},{text},x\n{{"expiresAt":"{text}"}}')


NUMERALS = st.sampled_from(
    ["0", "-1", "900", "604800", "99999999999", "9" * 5000, "\u0663\u0664", "1e9", "", "0x10"]
)
DATES = st.sampled_from(
    [
        "20240301T100000Z",
        "99991231T235959Z",
        "00000000T000000Z",
        "00010101T000000Z",
        "20241399T996199Z",
    ]
)
KEYS = st.sampled_from([key_id(), "DO00" + "ABCDEFGH1JKLMNPQ", "0189" * 5, "A" * 32, "A" * 16])
SNIPPETS = [
    "https://h/?X-Amz-Credential={key}/20240301/eu-west-1/s3/aws4_request&X-Amz-Date={date}"
    "&X-Amz-Expires={number}&X-Amz-Signature=" + "a1" * 32,
    "https://h/?AWSAccessKeyId={key}&Expires={number}&Signature=" + secret()[:27] + "%3D",
    '{{"accessToken":"' + secret() + '","expiresAt":"{date}"}}',
    '{{"AccessKeyId":"{key}","Expiration":"{date}","UserName":"{number}"}}',
    '{{"datakey":"x","expiration":{number},"exp":{number}}}',
    "{key},{number},{date}",
]
ENCODINGS = [
    "{}",
    "k8s-aws-v1.{b64}",
    "bedrock-api-" + "key-{b64}",
    "QVdTOmV5Snd{b64}",
    "eyJwYXlsb2FkIjoi{b64}",
    "eyJ2ZXIiOjEsImlzdSI6{b64}.{b64}",
    "IQoJb3JpZ2luX2Vj{b64}",
    "SigninToken={b64}",
]


@st.composite
def snippets(draw):
    """A piece of a request or a token with extreme numbers, times and keys in it."""
    said = draw(st.sampled_from(SNIPPETS)).format(
        key=draw(KEYS), date=draw(DATES), number=draw(NUMERALS)
    )
    cut = said[: len(said) - draw(st.sampled_from([0, 0, 0, 1, 2, 40]))]
    encoding = draw(st.sampled_from(ENCODINGS))
    return encoding.format(cut, b64=base64.b64encode(cut.encode()).decode())


@given(
    parts=st.lists(snippets(), min_size=1, max_size=4),
    between=st.sampled_from(["", " ", "\n", "&"]),
)
@examples(4)
def test_no_number_no_time_and_no_key_raises_anything(parts, between):
    """What is beyond all numbers and years is unknown, and the rest of the file is read."""
    assert isinstance(find_candidates(between.join(parts)), list)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_hides_nothing_behind_it(name):
    """However much there is to try in vain, a pair that follows it is found."""
    file = FRAMES[0].format(id=key_id(n=7), secret=secret(7))
    assert pairs(file)[0] in pairs(f"{GATE}{unending(name, 160_000)}\n\n{file}")


def test_of_thousands_of_ids_and_secrets_all_are_found():
    """None is lost for there being too many to pair."""
    text = "".join(f"{key_id(n=n)}\n" for n in range(2000)) + f"secret_key={secret()}\n" * 2000
    assert len(secrets(text)) == 2000
    assert len(ids(text)) == 2000
