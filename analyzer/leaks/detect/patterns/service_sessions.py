"""In: a text. Out: candidates for links and tokens that sign in to a service without more.

Airflow (MWAA): a token holds for a minute, what it opens for hours. SageMaker and QuickSight: a
link holds for five minutes. Sources: "CreateCliToken" and "CreateWebLoginToken" of MWAA,
"CreatePresignedNotebookInstanceUrl" and "CreatePresignedDomainUrl" of SageMaker,
"GenerateEmbedUrlForRegisteredUser" of QuickSight.
"""

from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.confirmations import confirm_beside
from analyzer.leaks.detect.json_web_tokens import SIGNED_JSON, read_json_web_token
from analyzer.leaks.detect.neighbours import nearest
from analyzer.leaks.detect.prefilter_terms import FIELD_NAME, Expression, Form, Literal
from analyzer.leaks.detect.whole_tokens import whole_token
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts

_AIRFLOW = CredentialKind("mwaa-token")
_LINK = CredentialKind("service-sign-in-url")
_TOKEN = lazy_regex(SIGNED_JSON)
# https://….c2.eu-west-1.airflow.amazonaws.com/aws_mwaa/aws-console-sso?login=true#…
_AIRFLOW_PLACE = lazy_regex(
    r"\.(?P<region>[a-z]{2}(?:-[a-z]{3,10}){1,3}-\d)\.airflow\.amazonaws\.com|aws_mwaa/|(?:Cli|Web)Token\\{0,7}[\"']"
)
# https://x.notebook.eu-west-1.sagemaker.aws?authToken=…, https://d-….studio.….sagemaker.aws/auth?token=…
_NOTEBOOK = lazy_regex(
    r"\.(?P<region>[a-z]{2}(?:-[a-z]{3,10}){1,3}-\d)(?:\.[a-z]{3,20})?\.sagemaker\.aws[/\w-]{0,60}\?"
    r"(?:[^\s\"'<>]{0,200}?[&;])?(?:authT|t)oken=(?P<token>[A-Za-z0-9_.%=-]{40,8192}+)"
)
# https://eu-west-1.quicksight.aws.amazon.com/embed/…?code=…&identityprovider=quicksight&isauthcode=true
_DASHBOARD = lazy_regex(
    r"(?:(?P<region>[a-z]{2}(?:-[a-z]{3,10}){1,3}-\d)\.)?quicksight\.aws\.amazon\.com/[^\s\"'<>?]{0,300}\?"
    r"(?:[^\s\"'<>]{0,400}?(?:[&;]|\\u0026))?code=(?P<token>[A-Za-z0-9_.%=~-]{40,8192}+)"
)
_REACH = 300


def find(text: str) -> Iterator[Candidate]:
    """Every such link and token, with the region that its host names."""
    places = list(_AIRFLOW_PLACE.finditer(text))
    hosts = [place for place in places if place["region"]]
    for match in _TOKEN.finditer(text) if places else ():
        if nearest(places, *match.span(), _REACH):
            host, token = nearest(hosts, *match.span(), _REACH), read_json_web_token(match[0])
            facts = ClaimedFacts(
                region=host["region"] if host else None,
                service="airflow",
                expires=token.expires if token else None,
                subject=token.text("sub") if token else None,
            )
            yield whole_token(_AIRFLOW, match.start(), match[0], facts)
    for pattern, service in ((_NOTEBOOK, "sagemaker"), (_DASHBOARD, "quicksight")):
        for match in pattern.finditer(text):
            token = read_json_web_token(match["token"])
            facts = ClaimedFacts(
                region=match["region"], service=service, expires=token.expires if token else None
            )
            yield whole_token(_LINK, match.start("token"), match["token"], facts)


PATTERNS = (
    Pattern(
        kinds=frozenset({_AIRFLOW, _LINK}),
        triggers=(
            rb"\.airflow\.amazonaws\.com|aws_mwaa/|(?:Cli|Web)Token\\{0,7}[\"']",
            rb"\.sagemaker\.aws|quicksight\.aws\.amazon\.com/",
        ),
        prefilter=(
            Literal(b"aws_mwaa", FIELD_NAME),
            Literal(b".airflow.amazonaws.com", FIELD_NAME),
            # The values are searched for, too: the names are those of any answer's documentation.
            *(
                Literal(name + b'Token":' + blank + b'"eyJ', Form.UTF_16)
                for name in (b"Cli", b"Web")
                for blank in (b"", b" ")
            ),
            # A token ends or begins as near as escapes let it.
            Expression(
                rb"(?:Cli|Web)Token",
                confirm=confirm_beside(
                    rb"eyJ[A-Za-z0-9_-]{8}|\.[A-Za-z0-9_-]{20}", 2 * _REACH, 2 * _REACH
                ),
            ),
            Literal(b".sagemaker.aws", Form.UTF_16),
            Expression(rb"\.sagemaker\.aws", confirm=confirm_beside(rb"oken", 0, 2 * _REACH)),
            Literal(b"isauthcode=true", FIELD_NAME),
        ),
        find=find,
    ),
)
