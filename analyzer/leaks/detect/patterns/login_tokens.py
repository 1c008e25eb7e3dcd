"""In: a text. Out: candidates for refresh tokens of `aws login`, beside the key that they need.

The AWS CLI keeps both in `~/.aws/login/cache`, one object of JSON each. With both, new keys of the
session come for twelve hours. Source: "Login credentials provider" of the AWS SDKs and Tools
Reference Guide; a token without its DPoP key (RFC 9449) is refused.
"""

from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.json_web_tokens import read_json_web_token
from analyzer.leaks.detect.neighbours import nearest
from analyzer.leaks.detect.prefilter_terms import FIELD_NAME, Literal
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialPart

_KIND = CredentialKind("aws-login-token")
_MEMBER = r"\\?\"\s{0,8}:\s{0,8}\\?\""
_PROOF_KEY = lazy_regex(rf"dpopKey{_MEMBER}-----BEGIN (?:EC )?PRIVATE KEY-----")
_REFRESH = lazy_regex(rf"refreshToken{_MEMBER}([^\"\\\s]{{40,8192}}+)")
_ACCOUNT = lazy_regex(rf"accountId{_MEMBER}(\d{{12}})")
_REGION = lazy_regex(rf"signInRegion{_MEMBER}([a-z0-9-]{{4,24}})")
_IDENTITY = lazy_regex(rf"idToken{_MEMBER}([A-Za-z0-9_.-]{{40,8192}}+)")
_USER = lazy_regex(r"arn:aws[a-z-]{0,8}:iam::\d{12}:user/(?:[^\s\"]{1,512}/)?([\w+=,.@-]{1,64})\Z")
_REACH = 6000


def find(text: str) -> Iterator[Candidate]:
    """The refresh token nearest to each such key, with what its file says of the session."""
    keys = list(_PROOF_KEY.finditer(text))
    tokens = list(_REFRESH.finditer(text)) if keys else []
    for key in keys:
        token = nearest(tokens, *key.span(), _REACH)
        if token:
            first, last = min(key.start(), token.start()), max(key.end(), token.end())
            facts = _facts(text[max(0, first - _REACH) : last + _REACH])
            yield Candidate(
                _KIND,
                CredentialPart.WHOLE,
                *token.span(1),
                token[1],
                "refreshToken",
                doubt=value_doubt(token[1], facts.account),
                claims=facts,
            )


def _facts(around: str) -> ClaimedFacts:
    account, region = _ACCOUNT.search(around), _REGION.search(around)
    identity = _IDENTITY.search(around)
    token = read_json_web_token(identity[1]) if identity else None
    subject = token.text("sub") if token else None
    user = _USER.match(subject or "")
    return ClaimedFacts(
        account=account[1] if account else None,
        user=user[1] if user else None,
        region=region[1] if region else None,
        service="signin",
        subject=subject,
    )


PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(rb"dpopKey",),
        prefilter=(Literal(b"dpopKey", FIELD_NAME),),
        find=find,
    ),
)
