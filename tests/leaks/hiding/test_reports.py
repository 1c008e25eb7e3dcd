"""What a report of the whole repository shows: every key ID, and no secret, in any format."""

import pytest

from analyzer.writers.json import render as json
from analyzer.writers.scan.csv import render as csv
from analyzer.writers.scan.document import build_document
from analyzer.writers.scan.sarif import render as sarif
from analyzer.writers.scan.text import render as text
from tests.leaks.hiding.places import PLACES

pytestmark = pytest.mark.xdist_group("hiding")


@pytest.mark.parametrize("render", [csv, json, sarif, text], ids=["csv", "json", "sarif", "text"])
def test_no_secret_stands_in_a_report(scanned, render):
    """Neither in the name of a file, a branch or a tag nor in an author: not ten characters."""
    shown = render(build_document(scanned)).decode("utf-8")
    secrets = [(name, place.pair.secret) for name, place in PLACES.items()]
    told = [
        name
        for name, secret in secrets
        if any(secret[at : at + 10] in shown for at in range(len(secret) - 9))
    ]
    assert told == []


def test_a_masked_name_says_what_it_held(scanned):
    """The kind of credential stands where its secret was."""
    paths = {place.path for each in scanned.credentials for place in each.occurrences}
    assert any("[aws-secret-key]" in path for path in paths)
