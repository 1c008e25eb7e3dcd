"""In: what identity providers post. Out: proof that responses to AWS are found, and no others."""

from datetime import UTC, datetime
from textwrap import wrap

import pytest

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.sightings import secret_digest
from tests.leaks.detect.detect_material import whole
from tests.leaks.detect.kinds_material import saml_document, saml_response

RESPONSE = saml_response()
OWN = "41852" + "0963741"
FOR_AWS = [
    "https://signin.aws.amazon.com/saml", "https://eu-west-1.signin.aws.amazon.com/saml",
    "https://signin.amazonaws.cn/saml", "https://signin.amazonaws-us-gov.com/saml",
]  # fmt: skip


def test_a_response_says_account_subject_issuer_and_end():
    """The end is the earliest of those in it."""
    shown = saml_response(saml_document(account=OWN))
    (found,) = scan_bytes(f"SAMLResponse={shown}&RelayState=".encode()).sightings
    assert (found.kind, found.doubt) == ("saml-response", None)
    claims = found.claims
    assert (claims.account, claims.subject) == (OWN, "ann")
    assert claims.issuer == "https://idp.example.org/sso"
    assert claims.expires == datetime(2024, 5, 1, 20, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "shown",
    [
        RESPONSE, RESPONSE.replace("+", "%2B").replace("/", "%2F"), RESPONSE.replace("/", "\\/"),
        "\n".join(wrap(RESPONSE, 76)), "\r\n  ".join(wrap(RESPONSE, 64)),
    ],
)  # fmt: skip
def test_however_it_is_written_it_is_the_same(shown):
    """Escaped in a form or in JSON, in lines."""
    (found,) = whole(f'"SAMLAssertion": "{shown}"\n')
    assert found.digest == secret_digest(RESPONSE.rstrip("="))
    assert scan_bytes(f'"SAMLAssertion": "{shown}"\n'.encode()).sightings


@pytest.mark.parametrize("audience", FOR_AWS)
def test_every_sign_in_of_aws_counts(audience):
    """Of a region, and of the other partitions."""
    document = saml_document(audience)
    assert whole(saml_response(document))
    assert scan_bytes(saml_response(f'<?xml version="1.0"?>\n{document}').encode()).sightings


@pytest.mark.parametrize(
    "document",
    [
        saml_document("https://app.example.org/saml"),
        saml_document().replace("Assertion", "Request"),
        saml_document("https://signin.aws.amazon.com.evil.example/saml"),
    ],
)
def test_what_is_not_posted_to_aws_is_none(document):
    """Every web site with single sign-on gets such responses."""
    assert whole(saml_response(document)) == []


def test_a_response_with_an_account_of_documentation_is_doubted():
    """Nobody has it."""
    (found,) = whole(saml_response(saml_document(account="123456789012")))
    assert "example" in (found.doubt or "")


def test_a_long_response_in_lines_is_whole():
    """A signature and certificates make it several times as long as what is near any match."""
    document = saml_document().replace("</saml:Issuer>", f"</saml:Issuer>{'<x>y</x>' * 2500}")
    shown = saml_response(document)
    (found,) = scan_bytes(
        ("SAMLResponse:\n" + "\n".join(wrap(shown, 76)) + "\n").encode()
    ).sightings
    assert found.digest == secret_digest(shown.rstrip("="))
