"""In: content in pieces. Out: the proof that it is read as content in one piece is."""

import base64
import gzip
import hashlib

import pytest

from analyzer.leaks.detect.detector import scan_bytes, scan_stream
from tests.leaks.leak_material import credentials_file, digest


def test_content_in_pieces_is_as_good_as_whole():
    """A key that two pieces share is found once, at its line."""
    text = b"\n" * 70_000 + credentials_file().encode() + b"x" * 70_000
    cut = 70_000 + 30
    pieces = [text[:cut], text[cut : cut + 5], text[cut + 5 :]]
    assert scan_stream(pieces).sightings == scan_bytes(text).sightings


def token() -> str:
    """A session token, in one run of a thousand characters."""
    noise = b"".join(hashlib.sha512(bytes([n])).digest() for n in range(12))
    return "IQoJb3JpZ2luX2Vj" + base64.b64encode(noise).decode()


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("before", [2, 100, 1100])
def test_a_token_that_the_end_of_a_piece_cuts_is_one_credential(codec, before):
    """Its beginning looks like another token, and is looked at with what follows."""
    text = "x" * 79 + "\n"
    data = (text * 1000 + "T=" + token() + "\n" + text * 1000).encode(codec)
    cut = len((text * 1000).encode(codec)) + 2 * before
    found = scan_stream([data[:cut], data[cut:]]).sightings
    assert found == scan_bytes(data).sightings
    assert len(found) == 1


def test_a_token_at_the_end_of_a_stream_is_found():
    """Nothing follows that could be a part of it."""
    data = f"\nT={token()}".encode()
    assert [each.line for each in scan_stream([data[:99], data[99:]]).sightings] == [2]


def test_a_run_without_an_end_is_looked_at_all_the_same():
    """Where all that is kept is one run, no part of it is left out."""
    data = f"T={token()};".encode() + b"x" * 200_000
    assert len(scan_stream([data, b"x" * 99]).sightings) == 1


def test_an_archive_in_base64_in_a_stream_is_read_or_told():
    """One that a piece holds whole is opened; of one that is cut something is said."""
    noise = b"".join(hashlib.sha512(n.to_bytes(2, "big")).digest() for n in range(3000))
    packed = b"\n\ndata: " + base64.b64encode(gzip.compress(noise + credentials_file().encode()))
    whole = scan_stream([packed])
    assert {each.digest for each in whole.sightings if each.digest} == {digest()}
    cut = scan_stream([packed[:100_000], packed[100_000:]])
    assert [each.what.partition("!/")[0] for each in cut.skipped] == ["base64 in line 3"]
