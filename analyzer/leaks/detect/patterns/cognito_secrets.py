"""In: a text. Out: candidates for client secrets of Cognito user pools.

Their holder is the application: it gets tokens of its own, and can sign users up and in. Sources:
"UserPoolClientType" and "AddUserPoolClientSecret" of the Cognito API reference: 24 to 64
letters, digits, _ and +; Cognito itself makes them of small letters and digits.
"""

from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.confirmations import confirm_assigned
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.neighbours import find_words, iter_near, nearest
from analyzer.leaks.detect.prefilter_terms import Expression, Form, Literal
from analyzer.leaks.detect.randomness import class_changes, entropy
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialPart

_KIND = CredentialKind("cognito-client-secret")
_NAMED = lazy_regex(
    r"(?P<name>(?<![A-Za-z0-9])[A-Za-z0-9_.-]{0,60}?(?i:client[_-]?secret(?:[_-]?value)?))"
    r"[\"'\\\]]{0,4}[\s:=>,]{1,8}[\"'\\]{0,4}(?P<secret>[\w+]{24,64})(?![\w+/=.-])",
)
_WORD = lazy_regex(rb"client[_-]?secret")
_LONGEST_NAMED, _LONGEST_CONTEXT = 200, 60
_POOL = r"(?P<region>[a-z]{2}(?:-[a-z]{3,10}){1,3}-\d)_[0-9A-Za-z]{9}(?![0-9A-Za-z])"
_CONTEXT = lazy_regex(
    rf"(?<![A-Za-z0-9]){_POOL}|(?i:cognito|user[ _-]?pool|ClientSecretDescriptor)"
)
_CONSTANT = lazy_regex(r"[A-Z0-9]+(?:_[A-Z0-9]+){2,}")
_REACH = 1500
_LEAST_ENTROPY = 3.6
_LEAST_CHANGES = 5


def find(text: str) -> Iterator[Candidate]:
    """Every client secret whose name, or what stands near it, is of a user pool."""
    named = list(iter_near(_NAMED, text, find_words(text, _WORD), _LONGEST_NAMED))
    context = list(iter_near(_CONTEXT, text, named, _REACH + _LONGEST_CONTEXT))
    pools = [match for match in context if match["region"]]
    for match in named:
        secret = match["secret"]
        if not nearest(context, *match.span(), _REACH) or not _is_drawn(secret):
            continue
        pool = nearest(pools, *match.span(), _REACH)
        yield Candidate(
            _KIND,
            CredentialPart.WHOLE,
            *match.span("secret"),
            secret,
            match["name"],
            doubt=value_doubt(secret),
            claims=ClaimedFacts(region=pool["region"] if pool else None, service="cognito-idp"),
        )


def _is_drawn(secret: str) -> bool:
    """Whether letters and digits alternate as at random, and not as in THE_NAME_OF_A_CONSTANT."""
    is_varied = entropy(secret) > _LEAST_ENTROPY and class_changes(secret) >= _LEAST_CHANGES
    return is_varied and not _CONSTANT.fullmatch(secret)


PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(rb"(?i:client[_-]?secret(?:[_-]?value)?)[^A-Za-z0-9_]{1,40}[\w+\x80-\xff]{4}",),
        prefilter=(
            *(
                Literal(name, Form.UTF_16, ignore_case=True)
                for name in (b"ClientSecret", b"client_secret", b"client-secret")
            ),
            Expression(
                rb"client[_-]?secret(?:[_-]?value)?",
                ignore_case=True,
                confirm=confirm_assigned(rb"[\w+]{24}"),
            ),
        ),
        find=find,
    ),
)
