"""In: logs of two hundred megabytes, and bombs. Out: the proof that each is read as it should be.

A log packs to a tenth or to a thousandth, and is read whole in little memory; a bomb is left.
"""

import bz2
import gzip
import lzma
import tracemalloc
import zlib

import pytest
import zstandard

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import credentials_file

MB = 1 << 20
LINE = b"2024-03-01T10:00:00Z INFO worker: request 4711 took 12 ms, status 200, cache miss\n"
KEY = credentials_file().encode()


def test_a_log_of_two_hundred_megabytes_is_read_in_little_memory(repo):
    """In the folder and in a blob, with the line."""
    packer = zlib.compressobj(9, wbits=31)
    block = LINE * 20_000
    packed = b"".join(packer.compress(block) for _ in range(200 * MB // len(block)))
    packed += packer.compress(KEY) + packer.flush()
    repo.put("log.gz", packed)
    (repo.path / "log.gz").unlink()
    repo.write("copy.gz", packed)
    assert len(packed) < 2 * MB
    tracemalloc.start()
    result = scan([repo.path], ScanOptions(jobs=1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (credential,) = result.credentials
    places = {(each.path, each.line) for each in credential.occurrences}
    line = 20_000 * (200 * MB // len(block)) + 2
    assert places == {("log.gz!/content", line), ("copy.gz!/content", line)}
    assert not result.repositories[0].skipped
    assert peak < 400 * MB


@pytest.mark.parametrize(
    "nested",
    [
        lambda zeros: bz2.compress(bz2.compress(zeros * 24)),
        lambda zeros: lzma.compress(gzip.compress(zeros * 24)),
        lambda zeros: zstandard.compress(zstandard.compress(zeros * 24)),
    ],
)
def test_a_bomb_is_left_and_named(nested):
    """Hundreds of megabytes in a few kilobytes is not gone through, and not called searched."""
    packed = nested(bytes(16 * MB))
    assert len(packed) < 100_000
    result = scan_bytes(packed)
    assert any("the rest is not read" in each.reason and each.is_gap for each in result.skipped)
    assert any("bytes were read" in each.reason for each in result.skipped)
