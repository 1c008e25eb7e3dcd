"""In: a text. Out: candidates for key IDs once more, with the user and the expiry beside them.

Answers of AWS, the caches of its CLI and the state of Terraform say in one object whose a key is
and when it expires.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.patterns import access_key_ids
from analyzer.leaks.detect.values import parse_amz_date
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind

_RESOURCE = "aws_iam_access_key"
# An answer with a user: {"UserName": "ann", "AccessKeyId": "AKIA…"}, or with an "Expiration".
_OBJECT = lazy_regex(r"\{[^{}]{20,32768}+\}")
_USER = lazy_regex(r"\"(?:UserName|user|user_name)\\?\"\s{0,4}:\s{0,4}\\?\"([\w+=,.@-]{1,64})\\?\"")
_MEMBERS = ('"UserName', '"user', '"Expiration', '"expiration')
# As `terraform show` prints it.
_SHOWN_USER = lazy_regex(r"\n\s{1,40}user\s{1,40}=\s\"([\w+=,.@-]{1,64})\"")
_EXPIRY = lazy_regex(r"\"[Ee]xpiration\\?\"\s{0,4}:\s{0,4}\\?\"([0-9TZ:+. -]{16,40})\\?\"")


def find(text: str) -> Iterator[Candidate]:
    """Each key ID in an object that says something about it."""
    is_shown = _RESOURCE in text
    if not is_shown and not any(each in text for each in _MEMBERS):
        return
    for match in _OBJECT.finditer(text):
        user = _USER.search(match[0]) or (_SHOWN_USER.search(match[0]) if is_shown else None)
        expiry = _EXPIRY.search(match[0])
        if not user and not expiry:
            continue
        ids = list(access_key_ids.find(match[0]))
        if len({candidate.value for candidate in ids}) == 1:
            yield from (_with_owner(candidate, match.start(), user, expiry) for candidate in ids)


def _with_owner(
    candidate: Candidate, offset: int, user: re.Match[str] | None, expiry: re.Match[str] | None
) -> Candidate:
    is_temporary = candidate.kind is CredentialKind.TEMPORARY_KEY
    facts = ClaimedFacts(
        account=candidate.claims.account,
        user=user[1] if user and not is_temporary else None,
        expires=parse_amz_date(expiry[1]) if expiry and is_temporary else None,
    )
    return replace(
        candidate, start=candidate.start + offset, end=candidate.end + offset, claims=facts
    )


PATTERNS = (
    Pattern(
        kinds=frozenset(),
        triggers=(access_key_ids.SHAPE,),
        prefilter=(),
        find=find,
        adds_to_others=True,
    ),
)
