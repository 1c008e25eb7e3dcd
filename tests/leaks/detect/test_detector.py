"""In: texts. Out: the proof that keys and secrets are found, paired, and never shown."""

import base64
import bz2
import gzip
import io
import lzma
import zipfile
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import CredentialPart, Sighting
from tests.leaks.leak_material import credentials_file, digest, key_id, secret


def sightings(data: bytes) -> tuple[Sighting, ...]:
    """All that is found in some content."""
    return scan_bytes(data).sightings


def ids(text: str | bytes) -> list[str | None]:
    """The key IDs found."""
    data = text if isinstance(text, bytes) else text.encode()
    return [found.key_id for found in sightings(data) if found.part is CredentialPart.ID]


def digests(text: str) -> list[str | None]:
    """The digests of the secrets found."""
    return [
        found.digest for found in sightings(text.encode()) if found.part is CredentialPart.SECRET
    ]


def pairs(text: str) -> list[tuple[str | None, str | None]]:
    """Each key ID with its secret."""
    return [(f.key_id, f.digest) for f in sightings(text.encode()) if f.part is CredentialPart.ID]


@pytest.mark.parametrize(
    "around", ["{}", '"{}"', "x{}", "{}_old", "key_{}y", r"\n{}", "/{}/", "={}&"]
)
def test_an_id_is_found_in_any_surroundings(around):
    """Lower case, underscores and punctuation beside an ID don't hide it."""
    assert ids(around.format(key_id())) == [key_id()]


@pytest.mark.parametrize("around", ["A{}", "{}A", "9{}", "{}0", "Z{}Z"])
def test_an_id_within_a_longer_word_is_none(around):
    """A capital or a digit beside it means that it is a piece of something else."""
    assert ids(around.format(key_id())) == []


@pytest.mark.parametrize("prefix", ["ACCA", "AROA", "AIDA", "ANPA", "AGPA", "ASCA"])
def test_identifiers_that_are_no_access_keys_are_left_alone(prefix):
    """Other tools take some of these for keys; they are none."""
    assert ids(f"aws_access_key_id = '{key_id(prefix=prefix)}'") == []


@pytest.mark.parametrize("prefix", ["LKIA", "LSIA"])
def test_a_key_of_localstack_is_told_wherever_it_stands(prefix):
    """Nothing else in the file has to draw attention to it; it is doubted."""
    (found,) = sightings(f"id = {key_id(prefix=prefix)}\n".encode())
    assert "LocalStack" in (found.doubt or "")


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
        "MY_KEY_SECRET={}",
        "aws_token = '{}'",
        '{{"Name": "AWS_SECRET_ACCESS_KEY", "Value": "{}"}}',
    ],
)
def test_a_secret_is_found_in_the_ways_it_is_written(text):
    """Environment, ini, JSON, YAML, Terraform, XML, shell and code."""
    assert digests(text.format(secret())) == [digest()]


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
    ],
)
def test_forty_characters_without_a_telling_name_are_no_secret(text):
    """Neither without a name nor as a piece of a longer value."""
    assert digests(text.format(secret())) == []


def test_a_hash_is_no_secret():
    """Forty hexadecimal digits stay below the entropy of a secret, whatever they are called."""
    assert digests("aws_secret_key = '" + "0123456789abcdef" * 2 + "01234567'") == []


def test_a_pair_is_put_together():
    """The secret is that of the ID beside it, and both know their lines."""
    found = sightings(("\n" + credentials_file()).encode())
    assert [(f.line, f.part) for f in found] == [(3, CredentialPart.ID), (4, CredentialPart.SECRET)]
    assert {(f.key_id, f.digest) for f in found} == {(key_id(), digest())}


@pytest.mark.parametrize(("gap", "paired"), [(0, True), (5, True), (64, True), (65, False)])
@pytest.mark.parametrize("id_first", [True, False])
def test_a_secret_within_reach_belongs_to_the_id(gap, paired, id_first):
    """Sixty-four lines up or down are near enough, one more is not."""
    parts = [f"id = {key_id()}", f"secret_key = {secret()}"]
    text = (";" if gap == 0 else "\n" * gap).join(parts if id_first else parts[::-1])
    assert pairs(text) == [(key_id(), digest() if paired else None)]
    assert digests(text) == [digest()]


def test_the_nearest_secret_wins():
    """A nearer one beats one that comes first."""
    text = f"secret_key={secret(1)}\n\n\n{key_id()}\n\nsecret_key={secret(2)}"
    assert pairs(text) == [(key_id(), digest(2))]


def test_pairs_on_one_line_are_not_mixed_up():
    """On one line the distance in characters decides."""
    text = ",".join(f'"{key_id(n=n)}","secretKey":"{secret(n)}"' for n in range(9))
    assert pairs(text) == [(key_id(n=n), digest(n)) for n in range(9)]


def test_lines_are_counted_as_an_editor_counts_them():
    """Only line feeds end a line, and binary bytes are no obstacle."""
    data = b"\x00\xff\n\r\x0b\x85\n" + key_id().encode() + b"\n\n" + key_id(n=1).encode()
    assert [(f.line, f.key_id) for f in sightings(data)] == [(3, key_id()), (5, key_id(n=1))]


def test_an_id_twice_on_a_line_is_one_sighting():
    """A line is a place, not a column."""
    assert ids(f"{key_id()} {key_id()}\n{key_id()}") == [key_id(), key_id()]


def test_doubts_are_told():
    """An example's ID and an example's secret say that they are."""
    example = secret()[:33] + "EXAMPLE"
    found = sightings(f"AKIA{'IOSFODNN7EXAMPLE'}\nsecret_key={example}\n{key_id()}".encode())
    assert ["example" in (f.doubt or "") for f in found] == [True, True, False]


def test_no_secret_is_in_what_comes_out():
    """Neither the text nor any part of ten characters of the secret leaves the detector."""
    shown = repr(sightings(credentials_file().encode()))
    assert not [at for at in range(31) if secret()[at : at + 10] in shown]


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_around_a_key_are_harmless(before, after):
    """Whatever surrounds a line with a key, the key is found."""
    text = before + b"\n" + key_id().encode() + b"\n" + after
    assert key_id() in ids(text)


@pytest.mark.parametrize(
    "comment", ["# gitleaks:allow", "// pragma: allowlist secret", "# noqa: S105"]
)
def test_a_comment_that_allows_a_key_is_quoted(comment):
    """The key is found all the same, and the comment stands beside it."""
    (first, second) = sightings(f"{key_id(n=1)} {comment}\n{key_id(n=2)}".encode())
    assert comment.split()[1].split(":")[0] in (first.allowed or "")
    assert second.allowed is None


def test_what_an_archive_stores_unpacked_is_seen_once():
    """Its bytes show through; the member is the place, and what follows the archive another."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("notes.env", credentials_file(1))
    found = scan_bytes(packed.getvalue() + f"\n{key_id(n=2)}\n".encode())
    places = {
        (each.key_id, each.member) for each in found.sightings if each.part is CredentialPart.ID
    }
    assert places == {(key_id(n=1), "notes.env"), (key_id(n=2), "")}


def zipped(data: bytes) -> bytes:
    """A zip archive with one compressed file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.env", data)
    return packed.getvalue()


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        lambda data: base64.b64encode(gzip.compress(data)),
        zlib.compress,
        lambda data: zlib.compress(data, 9),
        bz2.compress,
        lzma.compress,
        zstandard.compress,
        zipped,
    ],
    ids=["gzip", "gzip twice", "zlib", "zlib -9", "bzip2", "xz", "zstandard", "zip"],
)
def test_base64_of_what_is_compressed_is_worth_a_look(pack):
    """Nothing of the key shows; how such base64 begins is enough."""
    text = f'name: app\ndata: "{base64.b64encode(pack(credentials_file().encode())).decode()}"\n'
    assert pairs(text) == [(key_id(), digest())]
    assert {found.line for found in sightings(text.encode())} == {2}


def test_base64_of_compressed_text_is_read_to_its_end():
    """A key far behind the begin of the base64 is found."""
    noise = base64.b64encode(b"".join(n.to_bytes(3, "big") for n in range(0, 1 << 24, 97)))
    packed = base64.b64encode(gzip.compress(noise[:400_000] + b"\n" + credentials_file().encode()))
    assert pairs(f"data: {packed.decode()}\n") == [(key_id(), digest())]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("shift", range(3))
def test_base64_of_wide_characters_is_worth_a_look(codec, shift):
    """PowerShell takes its commands so; the key may begin at each place of the base64."""
    hidden = base64.b64encode(f"{'x' * shift}\n{credentials_file()}".encode(codec)).decode()
    assert pairs(f"powershell -EncodedCommand {hidden}\n") == [(key_id(), digest())]


def test_lines_of_binary_content_are_not_taken_for_wide_ones():
    """NUL bytes that all lie on one side by chance don't change what ends a line."""
    data = bytes(range(256)) * 40 + b"\0" + key_id().encode()
    assert [found.line for found in sightings(data)] == [41]
