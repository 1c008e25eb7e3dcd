"""In: a text. Out: candidates for private keys of which AWS has the other half.

CloudFront and X.509, IAM Roles Anywhere, IoT devices, EC2 and Lightsail. Private keys are used
everywhere, so one counts only where something of AWS is near it; the nearest says what it is for.
Sources: "CreateKeysAndCertificate" of the IoT API reference, "Get temporary security credentials
from IAM Roles Anywhere", "CreateKeyPair" of EC2 and of Lightsail.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from functools import cache

import hyperscan

from analyzer.leaks.compiled import Rule, compile_rules, matching_numbers
from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.decode.runs import ascii_of
from analyzer.leaks.detect.candidate import EXAMPLE, Candidate, Pattern
from analyzer.leaks.detect.neighbours import iter_near, neighbours
from analyzer.leaks.detect.prefilter_terms import (
    TOKEN_PREFIX,
    Expression,
    Form,
    Literal,
)
from analyzer.leaks.key_id import account_in_unique_id
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialPart

_PEM = lazy_regex(
    r"-----BEGIN (?P<sort>(?:RSA |EC |ENCRYPTED )?)PRIVATE KEY-----"
    # Within the look ahead, so that no shorter body is tried where no end comes behind the longest.
    r"(?=(?P<body>(?:[A-Za-z0-9+/=\s\\\"',:>*#]+|-(?!----))*))(?P=body)-----END ",
)
_LENGTHS = range(100, 16385)
_SIGNING, _ANYWHERE, _DEVICE, _HOST = "signing", "anywhere", "device", "host"
_KINDS = {
    _SIGNING: CredentialKind.SIGNING_KEY,
    _ANYWHERE: CredentialKind("roles-anywhere-key"),
    _DEVICE: CredentialKind("iot-device-key"),
    _HOST: CredentialKind("ssh-key-pair"),
}
_REACHES = {_SIGNING: 600, _ANYWHERE: 2500, _DEVICE: 2500, _HOST: 600}
"""Between the ARN of a certificate and its key stand the certificate and the public key."""
_FARTHEST = max(_REACHES.values())
_LONGEST = 200
"""Characters of the longest context."""
_CONTEXT = lazy_regex(
    r"(?P<anywhere>arn:aws[a-z-]{0,8}:rolesanywhere:(?P<a_region>[a-z0-9-]{4,24}):(?P<a_account>\d{12})"
    r"|aws_signing_helper|(?i:roles-?_?anywhere))"
    r"|(?P<device>arn:aws[a-z-]{0,8}:iot:(?P<d_region>[a-z0-9-]{4,24}):(?P<d_account>\d{12})"
    r":cert/(?P<certificate>[0-9a-f]{64})|\.iot\.(?P<e_region>[a-z0-9-]{4,24})\.amazonaws\.com"
    r"|certificateId\\?\"\s?:\s?\\?\"(?P<c_certificate>[0-9a-f]{64})|-private\.pem\.key"
    r"|AWS_CERT_(?:PRIVATE|CRT|CA)|(?i:aws-?_?iot|create-keys-and-certificate))"
    r"|(?P<host>\"key-[0-9a-f]{8,17}\\?\"|(?i:lightsail|KeyMaterial|aws_key_pair|privateKeyBase64))"
    r"|(?P<signing>(?P<key>APKA[A-Z2-7]{16,17})(?![A-Z0-9])|pk-[A-Z2-7]{32}\.pem|cert-[A-Z2-7]{32}\.pem"
    r"|(?i:key-?_?pair-?_?id|cloud_?-?front|ec2_private_key|ec2_cert|signing_?-?certificate))",
)
# What every context has in it, and every name of a file: a text that has none is not searched.
_WORDS_OF_CONTEXT = (
    rb"roles-?_?anywhere|aws_signing_helper|:iot:|\.iot\.|certificateid|-private\.pem\.key",
    rb"aws_cert_|aws-?_?iot|create-keys-and-certificate|\"key-[0-9a-f]{8}|lightsail|keymaterial",
    rb"aws_key_pair|privatekeybase64|apka[a-z2-7]{16}|pk-[a-z2-7]{32}|cert-[a-z2-7]{32}",
    rb"key-?_?pair-?_?id|cloud_?-?front|ec2_private_key|ec2_cert|signing_?-?certificate",
)
_WORDS_OF_FILES = rb"pk-apka|pk-[a-z2-7]{32}\.pem|-private\.pem\.key|lightsaildefaultkey"
_CONTEXTS, _FILES = 0, 1
# pk-APKA….pem of CloudFront, …-private.pem.key of IoT, LightsailDefaultKey-eu-west-1.pem.
_FILE = lazy_regex(
    r"(?<![A-Za-z0-9])(?:pk-(?P<signing>APKA[A-Z2-7]{16,17}|[A-Z2-7]{32})\.pem(?![A-Za-z0-9])"
    r"|(?P<device>[0-9a-f]{64})-private\.pem\.key"
    r"|(?P<host>LightsailDefaultKey(?:Pair)?-[a-z0-9-]{4,24})\.(?:pem|cer)(?![A-Za-z0-9]))"
)
# The key of a login token is told with its token.
_OF_LOGIN = lazy_regex(r"dpopKey[^A-Za-z0-9]{1,12}\Z")
_HEADER = lazy_regex(r"(?:Proc-Type|DEK-Info):[^\n\\]{0,80}")
_NO_BASE64 = lazy_regex(r"\\[ntr]|[^A-Za-z0-9+/=]")
# How a key begins that is longer than 255 bytes: a sequence of DER, and its length in two bytes.
_LONG_SEQUENCE = lazy_regex("MI[I-L][A-Za-z0-9+/]{5}")


def find(text: str) -> Iterator[Candidate]:
    """Private keys near something of AWS, and names of files that hold one."""
    shown = words_in(text)
    pems = _PEM.finditer(text) if _CONTEXTS in shown else ()
    keys = [each for each in pems if len(each["body"]) in _LENGTHS]
    context = list(iter_near(_CONTEXT, text, keys, _FARTHEST + _LONGEST))
    for match in keys:
        near = [
            each
            for each in neighbours(context, *match.span(), _FARTHEST)
            if max(each.start() - match.end(), match.start() - each.end()) <= _reach(each)
        ]
        if near and not _OF_LOGIN.search(text, max(0, match.start() - 20), match.start()):
            yield _key_candidate(match, near)
    for match in _FILE.finditer(text) if _FILES in shown else ():
        yield _file_candidate(match)


def words_in(text: str) -> set[int]:
    """Which of contexts and files are possibly in the text; a search costs a hundred times more."""
    return matching_numbers(_words(), ascii_of(text))


@cache
def _words() -> hyperscan.Database:
    """The words of contexts and of files, compiled once a process."""
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
    contexts = [Rule(each, flags, _CONTEXTS) for each in _WORDS_OF_CONTEXT]
    return compile_rules("key-context", [*contexts, Rule(_WORDS_OF_FILES, flags, _FILES)])


def _sort(context: re.Match[str]) -> str:
    """Which of the sorts it speaks of."""
    return next(name for name in _KINDS if context[name])


def _reach(context: re.Match[str]) -> int:
    return _REACHES[_sort(context)]


def _key_candidate(match: re.Match[str], near: Sequence[re.Match[str]]) -> Candidate:
    """A private key; its value is the key itself, without line breaks and headers."""
    value = _NO_BASE64.sub("", _HEADER.sub("", match["body"]))
    sort = _sort(near[0])
    own = [each for each in near if _sort(each) == sort]
    key_id = _first(own, "key", "certificate", "c_certificate")
    doubt = EXAMPLE if "EXAMPLE" in value else _doubt_of_length(value)
    if match["sort"].startswith("ENCRYPTED") or "ENCRYPTED" in match["body"]:
        doubt = "encrypted: it opens nothing without its passphrase"
    account = account_in_unique_id(key_id) if key_id else None
    return Candidate(
        _KINDS[sort],
        CredentialPart.WHOLE,
        match.start(),
        match.end(),
        value,
        doubt=doubt,
        claims=ClaimedFacts(
            account=account or _first(own, "a_account", "d_account"),
            region=_first(own, "a_region", "d_region", "e_region"),
        ),
        key_id=key_id,
    )


def _doubt_of_length(value: str) -> str | None:
    """Whether a part of the key is missing, as where documentation shows its first lines."""
    head = _LONG_SEQUENCE.match(value)
    if head is None:
        return None
    whole = 4 + int.from_bytes(base64.b64decode(head[0])[2:4], "big")
    here = len(value.rstrip("=")) * 3 // 4
    return f"cut: {here} bytes of a key of {whole}" if here < whole else None


def _first(near: Sequence[re.Match[str]], *groups: str) -> str | None:
    """What the first of them says that says any of it."""
    return next((each[group] for each in near for group in groups if each[group]), None)


def _file_candidate(match: re.Match[str]) -> Candidate:
    """The name of a file that AWS gives to a private key: such a file exists somewhere."""
    sort = next(name for name in (_SIGNING, _DEVICE, _HOST) if match[name])
    key_id = match[sort]
    return Candidate(
        _KINDS[sort],
        CredentialPart.ID,
        match.start(sort),
        match.end(sort),
        key_id,
        doubt="only a name: a file that is called so holds a private key",
        claims=ClaimedFacts(account=account_in_unique_id(key_id)),
    )


PATTERNS = (
    Pattern(
        kinds=frozenset(_KINDS.values()),
        triggers=(
            (
                rb"-BEGIN (?:RSA |EC |ENCRYPTED )?PRIVATE KEY--"
                rb"[A-Za-z0-9+/=\s\\\"',:>*#\x1c-\x1f\x80-\xff-]{103}"
            ),
            rb"pk-(?:APKA[A-Z2-7]{16}|[A-Z2-7]{32}\.pem)",
            rb"[0-9a-f]{64}-private\.pem\.key",
            rb"LightsailDefaultKey",
        ),
        prefilter=(
            Literal(b"pk-APKA", TOKEN_PREFIX),
            # Of an end that repeats itself thrice, compiling takes a hundred times as long.
            Literal(b"PRIVATE KEY--", TOKEN_PREFIX),
            Expression(rb"PRIVATE(?:\+|[%=](?:25)?20|\\u0020|&#(?:32|x20);)KEY"),
            Literal(b"pk-", Form.UTF_16),
            Expression(rb"pk-[A-Z2-7]{32}\.pem"),
            # The ARN of a certificate stands so far before its key that wide characters part them.
            Literal(b":cert/", Form.UTF_16),
            Literal(b"-private.pem.key", Form.UTF_16),
            Expression(rb"[0-9a-f]{64}-private\.pem\.key"),
            Literal(b"LightsailDefaultKey", ~Form.PLAIN & TOKEN_PREFIX),
            Expression(rb"LightsailDefaultKey(?:Pair)?-[a-z0-9-]{4,24}\.(?:pem|cer)"),
        ),
        find=find,
    ),
)
