"""In: a text. Out: candidates for passwords and keys that IAM makes for one user and one service.

SES: made of a secret key, its first byte is a version. CodeCommit and Keyspaces: random, with a
user name that says whose it is. Others: known by the name of their field.
"""

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import replace

from analyzer.leaks.detect.candidate import EXAMPLE, EXAMPLE_ACCOUNT, Candidate, Pattern
from analyzer.leaks.detect.patterns import api_keys, presigned_requests
from analyzer.leaks.detect.prefilter_terms import FIELD_NAME, Expression, Form, Literal
from analyzer.leaks.detect.randomness import (
    entropy,
    is_patterned,
    mixes_character_classes,
    run_ends,
)
from analyzer.leaks.detect.values import BASE64, unescape
from analyzer.leaks.detect.variable_names import plain_name, variable_name_before
from analyzer.leaks.key_id import DOCUMENTATION_ACCOUNTS
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

_EQUALS = r"(?:=|%(?:25)?3[Dd]|\\u003[Dd])"
_BEFORE = r"(?:(?<![A-Za-z0-9+/_=-])|(?<=[A-Za-z_]=)|(?<=%3[AaDd])|(?<=\\[ntr]))"
_SMTP_LENGTH = 44
# BK…, 44 characters: 4 is the first byte of the second version, 2 that of the first.
_SMTP = lazy_regex(rf"{_BEFORE}(?:B[A-P]|A[g-v])[A-Za-z0-9+/]{{42}}(?![A-Za-z0-9+/=_-])")
_PASSWORD = lazy_regex(rf"{_BEFORE}{BASE64}{{43}}{_EQUALS}(?![A-Za-z0-9+/=_-])")
# ann-at-111122223333
_OWNER = lazy_regex(r"(?<![\w+=,.@-])([\w+=,.@-]{1,80})-at-(\d{12})(?!\d)")
# In `user=ann-at-…` the sign of equality could be a part of the name, and never is.
_LEAD = lazy_regex(r"^.*[=,]")
_OWNER_REACH = 600
_LEAST_ENTROPY = 3.75
_MAIL_REACH = 300
_MAIL = lazy_regex(r"smtp|email-|mail_|mail\.|(?<![a-z])ses(?![a-z])", re.IGNORECASE)
# "ServicePassword": "…", AWS_BEARER_TOKEN_BEDROCK=…
_KEY_NAMES = lazy_regex(
    r"(?i:(ServiceApiKeyValue|ServiceCredentialSecret|ServicePassword"
    r"|AWS_BEARER_TOKEN(?:_[A-Z]{2,24})?))"
    r"[\"'\\]{0,4}[\s:=>,]{1,8}[\"'\\]{0,4}([A-Za-z0-9+/_.~=-]{24,65536}+)",
)


def _find_smtp_passwords(text: str) -> Iterator[Candidate]:
    """Passwords for SES, where something near them is about mail.

    One without such a name counts only beside a key ID, which is its user name.
    """
    for end in run_ends(text):
        match = _SMTP.match(text, end - _SMTP_LENGTH) if end >= _SMTP_LENGTH else None
        if match is None:
            continue
        value = match[0]
        around = text[max(0, match.start() - _MAIL_REACH) : match.end() + _MAIL_REACH]
        if not _MAIL.search(around) or not _is_random(value):
            continue
        name = variable_name_before(text, match.start()).word
        is_named = "pass" in plain_name(name) or "smtp" in plain_name(name)
        candidate = _candidate(match, 0, CredentialKind.SMTP_PASSWORD, name if is_named else "")
        yield replace(candidate, stands_alone=is_named)


def _find_owned_passwords(text: str) -> Iterator[Candidate]:
    """Passwords near a user name of the form user-at-account, rather the one before."""
    owners = list(_OWNER.finditer(text))
    starts = [each.start() for each in owners]
    for match in _PASSWORD.finditer(text) if owners else ():
        at = bisect(starts, match.start())
        near = [
            owner
            for owner in owners[max(0, at - 1) : at + 1]
            if max(owner.start() - match.end(), match.start() - owner.end()) <= _OWNER_REACH
        ]
        if near and _is_random(unescape(match[0])):
            user = _LEAD.sub("", near[0][1])
            facts = ClaimedFacts(account=near[0][2], user=user)
            candidate = _candidate(match, 0, CredentialKind.SERVICE_PASSWORD, "")
            if near[0][2] in DOCUMENTATION_ACCOUNTS:
                candidate = replace(candidate, doubt=candidate.doubt or EXAMPLE_ACCOUNT)
            yield replace(
                candidate, name=variable_name_before(text, match.start()).word, claims=facts
            )


def _find_named_passwords(text: str) -> Iterator[Candidate]:
    """What has the name of a field in which IAM gives out a secret."""
    for match in _KEY_NAMES.finditer(text):
        value, name = match[2], match[1].lower()
        is_found_elsewhere = any(api_keys.find(value)) or any(presigned_requests.find_tokens(value))
        if is_found_elsewhere or not _is_random(value):
            continue
        kind = CredentialKind.SERVICE_API_KEY
        if name == "servicepassword":
            kind = CredentialKind.SERVICE_PASSWORD
        elif name.endswith("bedrock"):
            kind = CredentialKind.BEDROCK_KEY
        yield _candidate(match, 2, kind, match[1])


def _is_random(value: str) -> bool:
    return mixes_character_classes(value) and entropy(value) > _LEAST_ENTROPY


def _candidate(match: re.Match[str], group: int, kind: CredentialKind, name: str) -> Candidate:
    value = unescape(match[group])
    doubt = EXAMPLE if "EXAMPLE" in value else None
    if is_patterned(value):
        doubt = "a placeholder: the value is a sequence or a repetition"
    start, end = match.span(group)
    return Candidate(kind, CredentialPart.WHOLE, start, end, value, name, doubt=doubt)


_FIELD_NAMES = (
    b"servicepassword",
    b"serviceapikeyvalue",
    b"servicecredentialsecret",
    b"aws_bearer_token",
)
PATTERNS = (
    Pattern(
        kinds=frozenset({CredentialKind.SMTP_PASSWORD}),
        triggers=(rb"[A-Za-z0-9+/]{44}(?:[^A-Za-z0-9+/=_-]|\z)",),
        prefilter=(
            *(Literal(word, Form.UTF_16, ignore_case=True) for word in (b"smtp", b"pass")),
            Expression(
                rb"(?:smtp|pass)[\s\S]{0,80}[^A-Za-z0-9/+](?:(?:25|x|u00)?[0-9A-F]{2}|[nrt])?"
                rb"[AB][A-V][A-Za-z0-9/+]{42}",
                ignore_case=True,
            ),
        ),
        find=_find_smtp_passwords,
    ),
    Pattern(
        kinds=frozenset({CredentialKind.SERVICE_PASSWORD}),
        triggers=(rb"-at-[0-9]{12}",),
        prefilter=(Literal(b"-at-", Form.UTF_16), Expression(rb"-at-[0-9]{12}")),
        find=_find_owned_passwords,
    ),
    Pattern(
        kinds=frozenset(
            {
                CredentialKind.SERVICE_API_KEY,
                CredentialKind.SERVICE_PASSWORD,
                CredentialKind.BEDROCK_KEY,
            }
        ),
        triggers=(rb"(?i:service(?:apikeyvalue|credentialsecret|password)|aws_bearer_token)",),
        prefilter=tuple(Literal(each, FIELD_NAME, ignore_case=True) for each in _FIELD_NAMES),
        find=_find_named_passwords,
    ),
)
