"""In: a text. Out: candidates for web identity tokens: of STS, for STS, and of Cognito user pools.

Those for STS become a session of any role that trusts their issuer and subject, those that it
issues open what trusts the account, and those of a user pool the application whose user has them.
Sources: "AssumeRoleWithWebIdentity" and "GetWebIdentityToken" of the STS API
reference; "IAM roles for service accounts" of the EKS user guide, whose tokens are for
sts.amazonaws.com; "GetOpenIdToken" of Cognito; "Verifying JSON Web Tokens" of its developer guide.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import EXAMPLE, Candidate, Pattern
from analyzer.leaks.detect.confirmations import confirm_assigned
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.json_web_tokens import (
    SIGNED_JSON,
    JsonWebToken,
    read_json_web_token,
)
from analyzer.leaks.detect.prefilter_terms import FIELD_NAME, Expression, Literal
from analyzer.leaks.detect.randomness import is_patterned
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialPart

_FOR_STS = CredentialKind("web-identity-token")
_BY_STS = CredentialKind("aws-issued-identity-token")
_OF_POOL = CredentialKind("cognito-user-token")
_TOKEN = lazy_regex(SIGNED_JSON)
# STS itself, a pod identity of EKS, a run of HCP Terraform.
_AUDIENCES = frozenset(
    {
        "sts.amazonaws.com",
        "sts.amazonaws.com.cn",
        "pods.eks.amazonaws.com",
        "aws.workload.identity",
    }
)
# WebIdentityToken=…, --web-identity-token …: handed to STS, whatever its audience.
_HANDED_OVER = lazy_regex(r"(?i:web[_-]?identity[_-]?token)[^A-Za-z0-9]{1,8}\Z")
_BEFORE = 40
_COGNITO = "https://cognito-identity.amazonaws.com"
_ISSUED = lazy_regex(r"https://[0-9a-f-]{36}\.tokens\.sts\.[a-z0-9.-]{4,40}\Z")
_CLUSTER = lazy_regex(r"https://oidc\.eks\.([a-z0-9-]{4,24})\.amazonaws\.")
_USER_POOL = lazy_regex(
    r"https://cognito-idp\.([a-z0-9-]{4,24})\.amazonaws\.com(?:\.cn)?/[\w-]{1,55}\Z"
)
_POOL = lazy_regex(r"([a-z]{2}(?:-[a-z]{3,10}){1,3}-\d):[0-9a-f-]{36}\Z")
_PRINCIPAL = lazy_regex(r"arn:aws[a-z-]{0,8}:(?:iam|sts)::(\d{12}):")
_CUSTOM = "https://sts.amazonaws.com/"
_LONGEST = 300


def find(text: str) -> Iterator[Candidate]:
    """Every such token, with its issuer, subject, region and end."""
    for match in _TOKEN.finditer(text):
        token = read_json_web_token(match[0])
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        kind = _kind_of(token, is_handed_over=bool(_HANDED_OVER.search(before))) if token else None
        if token and kind:
            facts = _facts(token)
            yield Candidate(
                kind,
                CredentialPart.WHOLE,
                *match.span(),
                match[0],
                doubt=_doubt(match[0], token, facts),
                claims=facts,
            )


def _kind_of(token: JsonWebToken, *, is_handed_over: bool) -> CredentialKind | None:
    """None for a token that is no business of AWS: most are those of web sites."""
    issuer = token.text("iss") or ""
    if _ISSUED.match(issuer):
        return _BY_STS
    is_for_sts = not _AUDIENCES.isdisjoint(token.audiences) or issuer == _COGNITO
    if is_for_sts or is_handed_over:
        return _FOR_STS
    return _OF_POOL if _USER_POOL.match(issuer) else None


def _facts(token: JsonWebToken) -> ClaimedFacts:
    issuer, subject = token.text("iss") or "", token.text("sub") or ""
    principal = _PRINCIPAL.match(subject) if _ISSUED.match(issuer) else None
    return ClaimedFacts(
        account=principal[1] if principal else None,
        region=_region(token, issuer),
        service="cognito-idp" if _USER_POOL.match(issuer) else "sts",
        expires=token.expires,
        issuer=issuer[:_LONGEST] or None,
        subject=subject[:_LONGEST] or None,
    )


def _region(token: JsonWebToken, issuer: str) -> str | None:
    """The region of the cluster, of the identity pool, or in which STS issued it."""
    pools = (_POOL.match(each) for each in token.audiences)
    match: re.Match[str] | None = _CLUSTER.match(issuer) or _USER_POOL.match(issuer)
    match = match or next(filter(None, pools), None)
    if match:
        return match[1]
    custom = token.claims.get(_CUSTOM)
    region = custom.get("source_region") if isinstance(custom, dict) else None
    return region if isinstance(region, str) else None


def _doubt(shown: str, token: JsonWebToken, facts: ClaimedFacts) -> str | None:
    """Why no issuer made it; None if nothing says so."""
    told = f"{facts.issuer} {facts.subject}"
    if "EXAMPLE" in told or told.partition(" ")[0].endswith("_example"):
        return EXAMPLE
    signature = shown.rpartition(".")[2]
    if is_patterned(signature):
        return "a placeholder: the signature is a sequence or a repetition"
    # Tokens of federation are signed with RSA or elliptic curves: STS has public keys alone.
    if str(token.header.get("alg"))[:2] not in {"RS", "ES", "PS"}:
        return "made up: no token of federation is signed in such a way"
    return value_doubt(signature, facts.account)


# The audience or the issuer in Base64, for each of the three places where it can begin.
_IN_TOKENS = (
    b"c3RzLmFtYXpvbmF3cy5jb2", b"N0cy5hbWF6b25hd3MuY29t", b"zdHMuYW1hem9uYXdzLmNvb",
    b"cG9kcy5la3MuYW1hem9uYXdzLmNvb", b"BvZHMuZWtzLmFtYXpvbmF3cy5jb2",
    b"wb2RzLmVrcy5hbWF6b25hd3MuY29t",
    b"Y29nbml0by1pZGVudGl0eS5hbWF6b25hd3MuY29t", b"NvZ25pdG8taWRlbnRpdHkuYW1hem9uYXdzLmNvb",
    b"jb2duaXRvLWlkZW50aXR5LmFtYXpvbmF3cy5jb2",
    b"YXdzLndvcmtsb2FkLmlkZW50aXR5", b"F3cy53b3JrbG9hZC5pZGVudGl0e", b"hd3Mud29ya2xvYWQuaWRlbnRpdH",
    b"Y29nbml0by1pZHAu", b"NvZ25pdG8taWRwL", b"jb2duaXRvLWlkcC",
    b"LnRva2Vucy5zdHMu", b"50b2tlbnMuc3RzL", b"udG9rZW5zLnN0cy",
)  # fmt: skip
PATTERNS = (
    Pattern(
        kinds=frozenset({_FOR_STS, _BY_STS, _OF_POOL}),
        triggers=(
            b"|".join(_IN_TOKENS),
            rb"(?i:web[_-]?identity[_-]?token)[^A-Za-z0-9]{1,32}eyJ",
        ),
        prefilter=(
            *(Literal(each, FIELD_NAME) for each in _IN_TOKENS),
            Expression(
                rb"web[_-]?identity[_-]?token", ignore_case=True, confirm=confirm_assigned(rb"eyJ")
            ),
        ),
        find=find,
    ),
)
