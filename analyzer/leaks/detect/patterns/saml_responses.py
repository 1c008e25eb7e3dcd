"""In: a text. Out: candidates for SAML responses to AWS, each with its end, account and subject.

Whoever has one in time gets a session of each role in it. Sources: "AssumeRoleWithSAML" of the STS
API reference: five minutes, Base64; "Configure SAML assertions for the authentication response" of
the IAM user guide: audience, recipient, and the attribute that pairs roles with the provider.
"""

from collections.abc import Iterator
from datetime import datetime

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.prefilter_terms import Form, Literal
from analyzer.leaks.detect.values import decode_base64_text, parse_amz_date, unescape
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialPart

_KIND = CredentialKind("saml-response")
# <samlp:, <saml2p:, <Response or <?xml in Base64; what mails or programs break into lines, too.
_RESPONSE = lazy_regex(
    r"(?:PHNhbWx|PFJlc3Bvbn|PD94bWwg)"
    r"(?:[A-Za-z0-9+/]{1,65536}+|%(?:25)?2[BbFf]|\\/|\\u002[BbFf]"
    r"|\r?\n[ \t]{0,16}(?=[A-Za-z0-9+/])){1,4096}"
)
_BLANK = lazy_regex(r"\s+")
_PLACE = r"https://(?:[a-z0-9-]{4,24}\.)?signin\.(?:aws\.amazon\.com|amazonaws(?:\.cn|-us-gov\.com))/saml"
_FOR_AWS = lazy_regex(
    rf"(?:Recipient|Destination)=[\"']{_PLACE}|Audience>\s{{0,80}}(?:{_PLACE}|urn:amazon:webservices)"
)
_ASSERTION = lazy_regex(r"<(?:\w{1,16}:)?(?:Encrypted)?Assertion[\s>]")
_ROLE = lazy_regex(r"arn:aws[a-z-]{0,8}:iam::(\d{12}):(?:role|saml-provider)/")
_ISSUER = lazy_regex(r"<(?:\w{1,16}:)?Issuer(?:\s[^<>]{0,300})?>\s{0,80}([^<>]{1,300}?)\s{0,80}<")
_SUBJECT = lazy_regex(r"<(?:\w{1,16}:)?NameID(?:\s[^<>]{0,600})?>\s{0,80}([^<>]{1,300}?)\s{0,80}<")
_END = lazy_regex(r"\sNotOnOrAfter=[\"']([0-9TZ:.+-]{19,40})[\"']")


def find(text: str) -> Iterator[Candidate]:
    """Every response that is meant for AWS and has an assertion, plain or encrypted, in it."""
    for match in _RESPONSE.finditer(text):
        value = unescape(_BLANK.sub("", match[0]))
        response = decode_base64_text(value) or ""
        if not _FOR_AWS.search(response) or not _ASSERTION.search(response):
            continue
        role, issuer = _ROLE.search(response), _ISSUER.search(response)
        subject = _SUBJECT.search(response)
        account = role[1] if role else None
        yield Candidate(
            _KIND,
            CredentialPart.WHOLE,
            *match.span(),
            value,
            doubt=value_doubt(response, account),
            claims=ClaimedFacts(
                account=account,
                service="sts",
                expires=_first_end(response),
                issuer=issuer[1] if issuer else None,
                subject=subject[1] if subject else None,
            ),
        )


def _first_end(response: str) -> datetime | None:
    """The earliest of the times from which on it is not taken."""
    ends = map(parse_amz_date, _END.findall(response))
    return min((each for each in ends if each), default=None)


PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(rb"(?:PHNhbWx|PFJlc3Bvbn|PD94bWwg)[A-Za-z0-9+/%\\\s-]{60}",),
        # A line of Base64 may end within an address; within how it begins it hardly does.
        prefilter=tuple(
            Literal(each, Form.BASE64)
            for each in (
                b"<samlp:Res", b"<saml2p:Res", b"signin.aws.amazon.com/saml",
                b"urn:amazon:webservices", b"signin.amazonaws",
            )
        ),
        find=find,
    ),
)  # fmt: skip
