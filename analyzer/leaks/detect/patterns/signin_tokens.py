"""In: a text. Out: candidates for sign-in tokens: to the console, and of IAM Identity Center (SSO).

The AWS CLI keeps the latter in `~/.aws/sso/cache`, one object of JSON each, with its expiry; and in
a file of its own its registration, a secret that opens nothing without a token or a person.
"""

from collections.abc import Iterator

from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.confirmations import confirm_assigned, confirm_beside
from analyzer.leaks.detect.json_web_tokens import SIGNED_JSON
from analyzer.leaks.detect.prefilter_terms import TOKEN_PREFIX, Expression, Form, Literal
from analyzer.leaks.detect.randomness import entropy, is_patterned
from analyzer.leaks.detect.values import decode_base64_text, parse_amz_date, unescape
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

# https://signin.aws.amazon.com/federation?Action=login&SigninToken=…
_SIGNIN = lazy_regex(
    r"SigninToken(?:=|%3D|[\"\\]{1,4}\s{0,4}:\s{0,4}[\"\\]{1,4})([A-Za-z0-9_%+/=.-]{60,8192}+)",
)
# aoaAAAAA… and aorAAAAA…, access and refresh tokens, as they were observed. A search for a word is
# much faster where what comes before it is asked after it.
_OBSERVED = lazy_regex(
    r"ao[ar]A{5}(?<![A-Za-z0-9+/_-]ao[ar]A{5})[A-Za-z0-9+/_=:-]{40,4096}+",
)
# A file of the cache: `{"startUrl": "https://x.awsapps.com/start", "accessToken": "…", …}`.
_OBJECT = lazy_regex(r"\{[^{}]{40,32768}+\}")
_MEMBER = lazy_regex(r"\"(\w{4,24})\\?\"\s{0,4}:\s{0,4}\\?\"([^\"\\\s]{1,8192}+)")
_TOKENS = ("accessToken", "refreshToken", "clientSecret")
_REGISTRATION = CredentialKind("sso-client-registration")
# The secret of a registration is a JSON Web Token; its ID ends with the region, in Base64.
_SIGNED = lazy_regex(SIGNED_JSON)
_REGION_AT_END = lazy_regex(r"[a-z]{2}(?:-[a-z]{3,10}){1,3}-\d\Z")
_SHORTEST = 32
_LONGEST_ADDRESS = 700
_LEAST_ENTROPY = 3.5


def find(text: str) -> Iterator[Candidate]:
    """Every such token, with its expiry where that is beside it."""
    for match in _SIGNIN.finditer(text):
        yield _candidate(CredentialKind.SIGNIN_TOKEN, match.start(1), match.end(1), match[1])
    for match in _OBSERVED.finditer(text):
        yield _candidate(CredentialKind.SSO_TOKEN, match.start(), match.end(), match[0])
    for match in _OBJECT.finditer(text):
        if "xpiresAt" in match[0] and ("oken" in match[0] or "clientSecret" in match[0]):
            yield from _find_cached_tokens(match[0], match.start())


def _find_cached_tokens(shown: str, offset: int) -> Iterator[Candidate]:
    """The tokens of an object out of the cache of SSO; of any other object, none."""
    members = {match[1]: match for match in _MEMBER.finditer(shown)}
    values = {name: match[2] for name, match in members.items()}
    is_alone = _is_registration(values)
    if not is_alone and not _is_of_sso(values):
        return
    for name in _TOKENS:
        value = values.get(name, "")
        if len(value) < _SHORTEST or entropy(value) < _LEAST_ENTROPY:
            continue
        is_secret = name == "clientSecret"
        expiry = "registrationExpiresAt" if is_secret and not is_alone else "expiresAt"
        facts = ClaimedFacts(
            region=values.get("region") or _region_of_client(values),
            # A refresh token outlives the access token, and nothing says by how much.
            expires=None if name == "refreshToken" else parse_amz_date(values.get(expiry, "")),
        )
        start = offset + members[name].start(2)
        kind = _REGISTRATION if is_secret else CredentialKind.SSO_TOKEN
        yield _candidate(kind, start, start + len(value), value, name, facts)


def _is_of_sso(values: dict[str, str]) -> bool:
    """Whether the object is one that the AWS CLI writes: of a session, or of its registration."""
    if "awsapps.com" in values.get("startUrl", "") or "registrationExpiresAt" in values:
        return True
    return values.get("accessToken", "").startswith("aoa") and "expiresAt" in values


def _is_registration(values: dict[str, str]) -> bool:
    """Whether it is a registration in a file of its own, which has no token."""
    if "accessToken" in values or "refreshToken" in values or "clientId" not in values:
        return False
    return "expiresAt" in values and bool(_SIGNED.match(values.get("clientSecret", "")))


def _region_of_client(values: dict[str, str]) -> str | None:
    """The region in which the client is registered, which its ID says at its end."""
    region = _REGION_AT_END.search(decode_base64_text(values.get("clientId", "")) or "")
    return region[0] if region else None


def _candidate(  # noqa: PLR0913, PLR0917 - one call for three shapes
    kind: CredentialKind,
    start: int,
    end: int,
    shown: str,
    name: str = "",
    facts: ClaimedFacts | None = None,
) -> Candidate:
    value = unescape(shown)
    doubt = (
        "a placeholder: the value is a sequence or a repetition" if is_patterned(value) else None
    )
    return Candidate(
        kind,
        CredentialPart.WHOLE,
        start,
        end,
        value,
        name,
        doubt=doubt,
        claims=facts or ClaimedFacts(),
    )


PATTERNS = (
    Pattern(
        kinds=frozenset({CredentialKind.SIGNIN_TOKEN, CredentialKind.SSO_TOKEN, _REGISTRATION}),
        triggers=(
            rb"SigninToken[=%\"\\]",
            rb"ao[ar]AA",
            rb"awsapps\.com|registrationExpiresAt|\"aoa[A-Za-z0-9+/_=:-]",
            rb"clientSecret[^A-Za-z0-9]{1,40}eyJ",
        ),
        prefilter=(
            # Of an end that repeats itself thrice, compiling takes a hundred times as long.
            *(Literal(each, Form.PLAIN) for each in (b"aoaAA", b"aorAA")),
            *(Literal(each, Form.BASE64 | Form.UTF_16) for each in (b"aoaAAAAA", b"aorAAAAA")),
            Literal(b"awsapps.com", ~Form.PLAIN & TOKEN_PREFIX),
            Expression(rb"awsapps\.com", confirm=confirm_beside(rb"startUrl", _LONGEST_ADDRESS, 0)),
            Literal(b"registrationExpiresAt", TOKEN_PREFIX),
            Literal(b"SigninToken", Form.UTF_16),
            Expression(rb"SigninToken[=%\"\\]"),
            Literal(b'"clientSecret": "eyJ', Form.UTF_16),
            Expression(rb"clientSecret", confirm=confirm_assigned(rb"eyJ")),
            Literal(b'"aoa', Form.UTF_16),
            Expression(rb"accessToken", confirm=confirm_assigned(rb"aoa[A-Za-z0-9+/_:-]{20}")),
        ),
        find=find,
    ),
)
