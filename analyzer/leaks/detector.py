"""In: the bytes of a file, a blob or a message. Out: sightings of key IDs and secrets, by line.

The only module in which a secret's value exists; what leaves it is a digest.
"""

import hashlib
import math
import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from detect_secrets.plugins.aws import AWSKeyDetector

from analyzer.leaks.account import KEY_ID, why_demoted
from analyzer.leaks.credentials import Occurrence

# Only lines with a hint reach the plugin, which is slow: an ID, or a name with a value behind it.
# In what the plugin or `_ASSIGNED` finds, the value ends within 150 characters of the name.
_ID = re.compile(KEY_ID.pattern.encode())
_NAMES = (re.compile(b"aws"), re.compile(b"secret"))
_VALUE = re.compile(rb"(?<![0-9A-Za-z/+])[0-9A-Za-z/+]{40}(?![0-9A-Za-z/+=])")
_VALUE_LENGTH = 40
_REACH = 160
# The plugin wants quotes and "aws…key"; `export AWS_SECRET_ACCESS_KEY=…`, a credentials file and
# JSON's "SecretAccessKey" escape it.
_ASSIGNED = re.compile(
    r"""(?:secret[\w.-]{0,40}?key|key[\w.-]{0,40}?secret)[\w.-]{0,40}
        [\s"'`\\\]\[)(=:>,]{1,12}
        ([A-Za-z0-9+/]{40})(?![A-Za-z0-9+/=])""",
    re.IGNORECASE | re.VERBOSE,
)
_ISOLATED_ID = re.compile(rf"(?<![A-Z0-9]){KEY_ID.pattern}(?![A-Z0-9])")
_ISOLATED_SECRET = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])")
_PLUGIN = AWSKeyDetector()
# 40 hexadecimal digits, that is every SHA-1, can't exceed 4.0; no real secret stays below it.
_LEAST_ENTROPY = 4.0
_REACH_IN_LINES = 5
# Neighbours looked at on either side of an ID, so that a file full of keys costs linear time.
_NEIGHBOURS = 4


@dataclass(frozen=True, slots=True)
class Sighting:
    """A key ID, or a secret's digest, on a line; with the other half where the two are a pair.

    `is_secret` says which half stands on `line`. `doubt` says why it is most likely not live.
    """

    line: int
    is_secret: bool
    key_id: str | None
    secret_digest: str | None
    doubt: str | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A sighting and the place where it stands."""

    sighting: Sighting
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class _Mark:
    """A key ID or a digest in the text, with its offset for the choice of the nearest."""

    line: int
    offset: int
    value: str
    is_secret: bool
    doubt: str | None


def sightings(data: bytes) -> tuple[Sighting, ...]:
    """Every key ID and every secret in `data` once a line, in the order of the text."""
    marks = [mark for line, at, text in _candidate_lines(data) for mark in _marks(line, at, text)]
    ids = [mark for mark in marks if not mark.is_secret]
    secrets = [mark for mark in marks if mark.is_secret]
    pairs = _pairs(ids, secrets)
    others = pairs | {secret: key for key, secret in pairs.items()}
    found = []
    for mark in marks:
        other = others[mark].value if mark in others else None
        key_id, digest = (other, mark.value) if mark.is_secret else (mark.value, other)
        found.append(Sighting(mark.line, mark.is_secret, key_id, digest, mark.doubt))
    return tuple(dict.fromkeys(found))


def spots_at(found: tuple[Sighting, ...], place: Occurrence) -> Iterator[Spot]:
    """The sightings at `place`, whose line gives way to the line of each."""
    return (Spot(sighting, replace(place, line=sighting.line)) for sighting in found)


def _candidate_lines(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Number, offset and text of each line that may hold something, in order."""
    number, counted, end = 1, 0, -1
    for hint in sorted(_hints(data)):
        if hint <= end:
            continue
        begin = data.rfind(b"\n", 0, hint) + 1
        end = data.find(b"\n", hint)
        end = len(data) if end < 0 else end
        number += data.count(b"\n", counted, begin)
        counted = begin
        # Any byte is a character of Latin-1, and what is looked for is ASCII.
        yield number, begin, data[begin:end].decode("latin-1")


def _hints(data: bytes) -> Iterator[int]:
    """Offsets on the lines worth reading; linear in the size of the data, whatever it holds."""
    yield from (match.start() for match in _ID.finditer(data))
    lowered = data.lower()
    for name in _NAMES:
        end = 0
        for match in name.finditer(lowered):
            # Windows of neighbouring names overlap by a value's length and no more.
            begin = max(match.end(), end - _VALUE_LENGTH)
            end = match.end() + _REACH
            yield from (value.start() for value in _VALUE.finditer(data, begin, end))


def _marks(line: int, offset: int, text: str) -> Iterator[_Mark]:
    """What one line holds, in its order. A secret becomes a digest here and goes no further."""
    named = {*_PLUGIN.analyze_string(text), *_ASSIGNED.findall(text)}
    matches = [*_ISOLATED_ID.finditer(text), *_ISOLATED_SECRET.finditer(text)]
    for match in sorted(matches, key=lambda match: match.start()):
        value, at = match[0], offset + match.start()
        if value not in named:
            continue
        if match.re is _ISOLATED_ID:
            yield _Mark(line, at, value, is_secret=False, doubt=why_demoted(value))
        elif _entropy(value) > _LEAST_ENTROPY:
            doubt = "an example from documentation: the secret says so"
            digest = hashlib.sha256(value.encode()).hexdigest()[:16]
            yield _Mark(line, at, digest, True, doubt if "EXAMPLE" in value else None)  # noqa: FBT003


def _entropy(value: str) -> float:
    """Shannon entropy in bits a character."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)


def _pairs(ids: list[_Mark], secrets: list[_Mark]) -> dict[_Mark, _Mark]:
    """The secret of each ID: the nearest within reach, none given twice.

    Of two equally near ones the one that follows wins, as people write the ID first.
    """
    offsets = [secret.offset for secret in secrets]
    options = []
    for key in ids:
        at = bisect(offsets, key.offset)
        for secret in secrets[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]:
            gap = abs(secret.line - key.line)
            distance = (gap, secret.offset < key.offset, abs(secret.offset - key.offset))
            if gap <= _REACH_IN_LINES:
                options.append((distance, key.offset, key, secret))
    pairs: dict[_Mark, _Mark] = {}
    taken: set[_Mark] = set()
    for _, _, key, secret in sorted(options, key=lambda option: option[:2]):
        if key not in pairs and secret not in taken:
            pairs[key] = secret
            taken.add(secret)
    return pairs
