"""In: a text. Out: candidates for API keys of API Gateway.

Such a key names a caller to a usage plan; alone it opens what asks for nothing else. Sources:
"CreateApiKey" of the API Gateway API reference; "AWS::ApiGateway::ApiKey": 20 to 128 letters and
digits, made by the service 40 of them.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.confirmations import SIGNS, confirm_assigned, confirm_beside
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.neighbours import nearest
from analyzer.leaks.detect.prefilter_terms import REACH, Expression, Form, Literal
from analyzer.leaks.detect.randomness import class_changes, entropy
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialPart

_KIND = CredentialKind("api-gateway-key")
# x-api-key: …, beside https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com
_HEADER = lazy_regex(
    r"(?i:x-api-key(?:[\"',\s]{1,24}value)?|api_?-?key)\\?[\"'\]]{0,4}[\s:=>,]{1,6}\\?[\"']{0,2}(?P<key>[A-Za-z0-9]{20,128})"
    r"(?![A-Za-z0-9+/=_.-])"
)
_HOST = lazy_regex(r"[a-z0-9]{10}\.execute-api\.(?P<region>[a-z0-9-]{4,24})\.amazonaws\.com")
# {"id": "…", "value": "…", "enabled": true, "stageKeys": []}, and templates.
_VALUE = lazy_regex(
    r"(?<![A-Za-z0-9_])[\"']?(?i:value)(?:\\?[\"'])?\s{0,20}[:=]\s{0,4}\\?[\"']?(?P<key>[A-Za-z0-9]{20,128})"
    r"(?![A-Za-z0-9+/=_.-])"
)
_RESOURCE = lazy_regex(r"AWS::ApiGateway::ApiKey|aws_api_gateway_api_key|\"stageKeys\\?\"")
_REACH = 600
_LEAST_ENTROPY = 3.4
_LEAST_CHANGES = 4


_HOST_WORD = b".execute-api."
_KEY = rb"[A-Za-z0-9]{20}"
_confirm_header = confirm_beside(rb"(?i:api_?-?key)" + SIGNS + _KEY, REACH, REACH)
# Of a list of keys, and of no description of one.
_confirm_value = confirm_beside(
    rb"(?i:value)[\s\S]{1,40}?[A-Za-z0-9]{20}", _REACH + 160, _REACH + 160
)


def find(text: str) -> Iterator[Candidate]:
    """Every key in a header beside the address of an API, or in what makes or lists keys."""
    for context, pattern in ((_HOST, _HEADER), (_RESOURCE, _VALUE)):
        near = list(context.finditer(text))
        for match in pattern.finditer(text) if near else ():
            found, key = nearest(near, *match.span(), _REACH), match["key"]
            if found is None or not _is_drawn(key):
                continue
            yield Candidate(
                _KIND,
                CredentialPart.WHOLE,
                *match.span("key"),
                key,
                "x-api-key" if pattern is _HEADER else "value",
                doubt=value_doubt(key),
                claims=ClaimedFacts(region=found.groupdict().get("region"), service="execute-api"),
            )


def _is_drawn(key: str) -> bool:
    """Whether letters and digits alternate as in a value that was drawn at random."""
    return entropy(key) > _LEAST_ENTROPY and class_changes(key) >= _LEAST_CHANGES


PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(
            rb"\.execute-api\.",
            rb"AWS::ApiGateway::ApiKey|aws_api_gateway_api_key",
            rb"\"stageKeys\\?\"",
        ),
        prefilter=(
            *(Literal(each, Form.UTF_16, ignore_case=True) for each in (b"x-api-key", _HOST_WORD)),
            Expression(rb"x-api-key", ignore_case=True, confirm=confirm_assigned(_KEY)),
            Expression(rb"api_?-?key", ignore_case=True, confirm=confirm_assigned(_KEY + _KEY)),
            # A shorter key counts beside the address only, where escapes leave it that near.
            Expression(re.escape(_HOST_WORD), confirm=_confirm_header),
            Literal(b"stageKeys", Form.UTF_16),
            Expression(rb"stageKeys", confirm=_confirm_value),
            Expression(rb"ApiGateway[^A-Za-z][\s\S]{0,14}ApiKey", confirm=_confirm_value),
            Expression(rb"aws_api_gateway_api_key", confirm=_confirm_value),
        ),
        find=find,
    ),
)
