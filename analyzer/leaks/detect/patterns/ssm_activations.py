"""In: a text. Out: candidates for activations of Systems Manager: an ID and its code.

With both a machine registers itself as a node of the account, and gets keys of the node's role.
Source: "CreateActivation" of the Systems Manager API reference: the code has 20 to 250 characters;
"Install SSM Agent on hybrid Linux nodes".
"""

from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.confirmations import SIGNS, confirm_assigned, confirm_beside
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.neighbours import nearest
from analyzer.leaks.detect.prefilter_terms import Expression, Form, Literal
from analyzer.leaks.detect.randomness import entropy
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialPart

_KIND = CredentialKind("ssm-activation")
_SET = r"\\?[\"']{0,2}[\s:=>,]{1,8}\\?[\"']{0,2}"
_ID = lazy_regex(
    rf"(?i:activation[_ -]?id|(?<![A-Za-z0-9-])-{{1,2}}id|\"id){_SET}"
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f-])"
)
_CODE = lazy_regex(
    rf"(?i:activation[_ -]?code|(?<![A-Za-z0-9-])-{{1,2}}code){_SET}"
    r"([A-Za-z0-9/+]{20,250})(?![A-Za-z0-9/+=])"
)
_REGION = lazy_regex(rf"(?i:region){_SET}([a-z]{{2}}(?:-[a-z]{{3,10}}){{1,3}}-\d)")
_REACH = 300
_LEAST_ENTROPY = 3.2


def find(text: str) -> Iterator[Candidate]:
    """Every code beside the ID that it goes with."""
    codes = list(_CODE.finditer(text))
    ids = list(_ID.finditer(text)) if codes else []
    regions = list(_REGION.finditer(text)) if ids else []
    for match in codes:
        activation = nearest(ids, *match.span(), _REACH)
        if activation is None or entropy(match[1]) < _LEAST_ENTROPY:
            continue
        region = nearest(regions, *match.span(), _REACH)
        yield Candidate(
            _KIND,
            CredentialPart.WHOLE,
            *match.span(1),
            match[1],
            "activation code",
            doubt=value_doubt(match[1]),
            claims=ClaimedFacts(region=region[1] if region else None, service="ssm"),
            key_id=activation[1],
        )


_BEGUN_CODE = rb"[A-Za-z0-9/+]{20}"
PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(rb"(?i:activation[_ -]?code|-code)[^A-Za-z0-9/+]{1,32}[A-Za-z0-9/+]{20}",),
        prefilter=(
            Literal(b"ActivationCode", Form.UTF_16, ignore_case=True),
            Literal(b"-code ", Form.UTF_16),
            Expression(
                rb"activation(?:[_ +-]|[%=](?:25)?20)?code",
                ignore_case=True,
                confirm=confirm_assigned(_BEGUN_CODE),
            ),
            Expression(
                rb"-code",
                ignore_case=True,
                confirm=confirm_beside(
                    rb"(?:\A|[^A-Za-z0-9-]|\\[nrt]|[%=](?:25)?20)--?(?i:code)"
                    + SIGNS
                    + _BEGUN_CODE,
                    before=12,
                    after=200,
                ),
            ),
        ),
        find=find,
    ),
)
