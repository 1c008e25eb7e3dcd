"""In: a text. Out: candidates for refresh tokens of Cognito user pools.

Their holder gets tokens of the user for days, a month by default. Source: "Refresh tokens" of the
Cognito developer guide: encrypted, so five parts of Base64; their header, as it was observed, says
the same in each.
"""

from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.neighbours import nearest
from analyzer.leaks.detect.prefilter_terms import TOKEN_PREFIX, Literal
from analyzer.leaks.detect.whole_tokens import whole_token
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts

_KIND = CredentialKind("cognito-refresh-token")
# A token (JWT) within, encrypted by A256GCM and RSA-OAEP, in that order of members.
_HEADER = "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ"
_TOKEN = lazy_regex(
    rf"(?<![A-Za-z0-9_-]){_HEADER}\.[A-Za-z0-9_-]{{200,1024}}+\.[A-Za-z0-9_-]{{16}}"
    r"\.[A-Za-z0-9_-]{100,8192}+\.[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])"
)
# The name of the service or the ID of a pool, plain or in the claims of a token beside it.
_POOL = lazy_regex(
    r"(?<![A-Za-z0-9])(?P<region>[a-z]{2}(?:-[a-z]{3,10}){1,3}-\d)_[0-9A-Za-z]{9}(?![0-9A-Za-z])"
    r"|(?i:cognito|user[ _-]?pool|refresh[ _-]?token)"
    r"|Y29nbml0by1pZHAu|NvZ25pdG8taWRwL|jb2duaXRvLWlkcC"
)
_REACH = 3000


def find(text: str) -> Iterator[Candidate]:
    """Every such token near something of a user pool, with the region where that says it."""
    tokens = list(_TOKEN.finditer(text))
    pools = list(_POOL.finditer(text)) if tokens else []
    places = [each for each in pools if each["region"]]
    for match in tokens:
        if nearest(pools, *match.span(), _REACH):
            place = nearest(places, *match.span(), _REACH)
            facts = ClaimedFacts(region=place["region"] if place else None, service="cognito-idp")
            yield whole_token(_KIND, match.start(), match[0], facts)


PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(_HEADER.encode(),),
        prefilter=(Literal(_HEADER.encode(), TOKEN_PREFIX),),
        find=find,
    ),
)
