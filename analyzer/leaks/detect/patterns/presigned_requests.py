"""In: a text. Out: candidates for presigned requests, and for tokens made of them.

A presigned URL, a token for EKS, RDS or MSK, a short-term API key: each is a request with its
signature, and its holder can make the request until it expires. Its value is the signature, which
is the same however the request is encoded.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.prefilter_terms import TOKEN_PREFIX, Expression, Form, Literal
from analyzer.leaks.detect.randomness import is_patterned
from analyzer.leaks.detect.values import (
    AMPERSAND,
    decode_base64_text,
    parse_amz_date,
    plus_seconds,
    time_from_epoch,
    unescape,
)
from analyzer.leaks.key_id import UNIQUE_ID, decode_account, placeholder_reason
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

# https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIA…%2F20260301%2Feu-west-1%2Fs3%2Faws4_request&…
# &X-Amz-Signature=… of version 4; ?AWSAccessKeyId=…&Expires=…&Signature=… of version 2.
_RUN = lazy_regex(r"[^\s\"'<>`|^]++")
_V4 = lazy_regex(r"(?i:X-Amz-Signature)=([0-9a-f]{64})(?![0-9A-Za-z])")
_V2 = lazy_regex(r"(?<=[?&;6])Signature=([A-Za-z0-9+/%]{27,48}={0,1})")
_SCHEME = lazy_regex("https?://")
_FIELD = lazy_regex(r"(?:[?&;]|\\u0026)([A-Za-z-]{4,24})=([^&#\\]{0,8192})")
_CREDENTIAL = lazy_regex(r"([A-Z0-9]{16,32})/(\d{8})/([a-z0-9-]{1,32})/([a-z0-9-]{1,40})/aws4_req")
_TOKENS = lazy_regex(
    r"(?<![A-Za-z0-9])(?P<prefix>bedrock-api-key-|aws-external-anthropic-api-key-|k8s-aws-v1\.)"
    r"(?P<body>[A-Za-z0-9+/_-]{40,65536}+)"
    r"|(?<![A-Za-z0-9+/_-])(?P<kafka>aHR0cHM6Ly9rYWZrYS[A-Za-z0-9+/_-]{40,65536}+)",
)
_TOKEN_KINDS = {
    "bedrock-api-key-": (CredentialKind.BEDROCK_SHORT_KEY, "bedrock"),
    "aws-external-anthropic-api-key-": (CredentialKind.CLAUDE_SHORT_KEY, "aws-external-anthropic"),
    "k8s-aws-v1.": (CredentialKind.EKS_TOKEN, "eks"),
    None: (CredentialKind.PRESIGNED_URL, "kafka-cluster"),
}
_EKS_VALID = 15 * 60
_LONGEST_VALID = 604_800
_SECONDS = lazy_regex("[0-9]{1,9}")
_V2_SIGNATURE = 28


def find(text: str) -> Iterator[Candidate]:
    """Every signed request, as an address or as a token made of one."""
    yield from find_tokens(text)
    for run in _RUN.finditer(text):
        if "ignature=" in run[0] or "IGNATURE=" in run[0]:
            yield from _find_addresses(run[0], run.start())


def find_tokens(text: str) -> Iterator[Candidate]:
    """Tokens that are a signed request in Base64; the request itself says the rest."""
    for match in _TOKENS.finditer(text):
        kind, service = _TOKEN_KINDS[match["prefix"]]
        request = decode_base64_text(match["body"] or match["kafka"]) or ""
        # One request a token: some programs leave out the scheme, so what follows is no second one.
        for signed in _find_addresses(request, 0):
            expires = signed.claims.expires
            if kind is CredentialKind.EKS_TOKEN:
                expires = _eks_expiry(request)
            yield Candidate(
                kind,
                CredentialPart.WHOLE,
                match.start(),
                match.end(),
                signed.value,
                doubt=signed.doubt,
                claims=ClaimedFacts(
                    signed.claims.account, None, signed.claims.region, service, expires
                ),
                key_id=signed.key_id,
                signed_text=signed.signed_text,
            )
            break


def _find_addresses(run: str, offset: int) -> Iterator[Candidate]:
    """The signed requests in a run without blanks."""
    for pattern, read in ((_V4, _read_version_4), (_V2, _read_version_2)):
        signatures = list(pattern.finditer(run))
        ends = [*(match.start() for match in signatures), len(run)]
        begin = 0
        for match, end in zip(signatures, ends[1:], strict=True):
            # What is around one signature may be the end of another address, or its beginning.
            before, behind = run[begin : match.end()], run[match.end() : end]
            scheme = max(before.rfind("https://"), before.rfind("http://"), 0)
            candidate = read(before[scheme:] + _SCHEME.split(behind)[0], match, offset)
            begin = match.end()
            if candidate:
                yield candidate


def _query_fields(address: str) -> dict[str, str]:
    """The fields of the query, still escaped, by their names in small letters."""
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(address):
        fields.setdefault(name.lower(), value)
    return fields


def _read_version_4(address: str, signature: re.Match[str], offset: int) -> Candidate | None:
    """A request signed with version 4, if it names the key that signed it."""
    fields = {name: unescape(value) for name, value in _query_fields(address).items()}
    credential = _CREDENTIAL.match(fields.get("x-amz-credential", ""))
    if credential is None:
        return None
    key, _, region, service = credential.groups()
    return Candidate(
        CredentialKind.PRESIGNED_URL,
        CredentialPart.WHOLE,
        offset + signature.start(),
        offset + signature.end(),
        signature[1],
        doubt=_doubt(key, signature[1], address),
        claims=ClaimedFacts(
            account=decode_account(key),
            region=region,
            service=service,
            expires=_expiry(fields),
        ),
        key_id=key,
        signed_text=re.sub(AMPERSAND, "&", address),
    )


def _read_version_2(address: str, signature: re.Match[str], offset: int) -> Candidate | None:
    """A request to S3 signed with version 2, if it names the key that signed it."""
    value = unescape(signature[1])[:_V2_SIGNATURE]
    fields = _query_fields(address)
    key = fields.get("awsaccesskeyid", "")
    # Twenty bytes, so the last of twenty-eight characters is a sign of equality.
    if not re.fullmatch("[A-Z0-9]{16,32}", key) or not re.fullmatch("[A-Za-z0-9+/]{27}=", value):
        return None
    return Candidate(
        CredentialKind.PRESIGNED_URL,
        CredentialPart.WHOLE,
        offset + signature.start(),
        offset + signature.end(),
        value,
        doubt=_doubt(key, value, address),
        claims=ClaimedFacts(
            account=decode_account(key),
            service="s3",
            expires=time_from_epoch(fields.get("expires", "")),
        ),
        key_id=key,
        signed_text=re.sub(AMPERSAND, "&", address),
    )


def _expiry(fields: dict[str, str]) -> datetime | None:
    seconds = fields.get("x-amz-expires", "")
    if not _SECONDS.fullmatch(seconds) or int(seconds) > _LONGEST_VALID:
        return None
    return plus_seconds(parse_amz_date(fields.get("x-amz-date", "")), int(seconds))


def _eks_expiry(request: str) -> datetime | None:
    """EKS accepts a token for a quarter of an hour, whatever its request says."""
    return plus_seconds(parse_amz_date(_query_fields(request).get("x-amz-date", "")), _EKS_VALID)


def _doubt(key: str, signature: str, address: str) -> str | None:
    """Why the signature was likely never valid; None if nothing says so."""
    if "EXAMPLE" in signature:
        return "an example from documentation: the signature says so"
    if is_patterned(signature):
        return "a placeholder: the signature is a sequence or a repetition"
    if "EXAMPLE" in key or UNIQUE_ID.fullmatch(key):
        return placeholder_reason(key)
    # MinIO, Spaces and others sign as AWS does, with keys of their own. AWS takes keys to this day
    # that are older than their prefixes.
    if ".amazonaws." in address:
        return None
    return "another service's: neither the key ID nor the address is of AWS"


_TOKEN_PREFIXES = (
    b"bedrock-api-key-",
    b"aws-external-anthropic-api-key-",
    b"k8s-aws-v1.",
    b"aHR0cHM6Ly9rYWZrYS",
)
PATTERNS = (
    Pattern(
        kinds=frozenset(kind for kind, _ in _TOKEN_KINDS.values()),
        triggers=(
            rb"(?i:x-amz-signature)=[0-9a-f]{64}",
            rb"(?i:awsaccesskeyid)=[A-Z0-9]{16}",
            rb"(?:bedrock-api-key-|aws-external-anthropic-api-key-|k8s-aws-v1\.)[A-Za-z0-9+/_-]{8}",
            rb"aHR0cHM6Ly9rYWZrYS",
        ),
        prefilter=(
            *(Literal(each, TOKEN_PREFIX) for each in _TOKEN_PREFIXES),
            *(
                Literal(each, Form.UTF_16, ignore_case=True)
                for each in (b"x-amz-credential", b"x-amz-signature", b"awsaccesskeyid")
            ),
            # Code and guides are full of the names alone.
            Expression(rb"(?i:x-amz-credential|awsaccesskeyid)[\s\S]{1,24}[A-Z0-9]{16}"),
            Expression(rb"(?i:x-amz-signature)[\s\S]{1,24}[0-9A-Fa-f]{32}"),
        ),
        find=find,
    ),
)
