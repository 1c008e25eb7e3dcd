"""SARIF of a scan: the standard's schema, and the limits of GitHub's code scanning."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import jsonschema
import pytest

from analyzer.files import Skipped
from analyzer.leaks.model import CredentialKind, LeakScan, PlaceKind, ScanCoverage
from analyzer.writers.scan import sarif
from analyzer.writers.scan.document import build_document
from tests.writers.scan_material import (
    BLOB,
    COMMIT,
    ODD,
    credential,
    in_history,
    key_id,
    leaks,
    place,
)

# The standard's own schema (OASIS, SARIF 2.1.0 errata 01), unchanged.
SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0.schema.json").read_text())


def run_of(found):
    """The one run of the log."""
    (run,) = json.loads(sarif.render(build_document(found)))["runs"]
    return run


@pytest.fixture
def run():
    """The run of a scan that found some of everything."""
    return run_of(leaks())


def result_of(run, n):
    """The result of the n-th credential."""
    wanted = f"cred-{n:016x}"
    results = run["results"]
    return next(r for r in results if r["partialFingerprints"]["credential/v1"] == wanted)


def uri(location):
    """The address of a location's file."""
    return location["physicalLocation"]["artifactLocation"]["uri"]


@pytest.mark.parametrize("found", [leaks(), LeakScan()])
def test_the_log_keeps_the_schema_of_the_standard(found):
    """Found something or not."""
    log = json.loads(sarif.render(build_document(found)))
    jsonschema.Draft4Validator(SCHEMA).validate(log)


def test_every_kind_is_a_rule_with_what_github_shows_of_it(run):
    """Title, help, a page, tags, and a severity as a string."""
    rules = run["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == [each.value for each in CredentialKind]
    for rule in rules:
        assert rule["helpUri"].startswith("https://")
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert 0 < float(rule["properties"]["security-severity"]) < 10
        assert 0 < len(rule["properties"]["tags"]) <= 10
        assert len(rule["fullDescription"]["text"]) < 1000


def test_a_critical_kind_is_critical_for_github(run):
    """GitHub calls critical what is above 9.0."""
    rules = {each["id"]: each for each in run["tool"]["driver"]["rules"]}
    assert float(rules["aws-access-key"]["properties"]["security-severity"]) > 9


def test_every_result_names_its_rule(run):
    """By ID and by index, which agree."""
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == 6
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_severity_becomes_a_level(run):
    """Error for critical and high, note for what is set aside."""
    assert result_of(run, 1)["level"] == "error"
    assert result_of(run, 2)["level"] == "warning"
    assert result_of(run, 4)["level"] == "note"


def test_the_first_location_is_one_that_github_can_show(run):
    """It shows files of HEAD, so the oldest commit gives way to the work tree."""
    result = result_of(run, 1)
    assert uri(result["locations"][0]) == "app.py"
    assert len(result["locations"]) == 1
    assert len(result["relatedLocations"]) == 2


def test_a_message_is_addressed_by_its_object(run):
    """A commit message is no file of the tree, and yet it has an address."""
    addresses = [uri(each) for each in result_of(run, 1)["relatedLocations"]]
    assert f".git/objects/{COMMIT[:2]}/{COMMIT[2:]}" in addresses


def test_a_repository_within_the_root_is_addressed_from_the_root():
    """GitHub knows the files of the checkout alone, by their way from its top."""
    inner = replace(place("lib.py"), repository="shop/vendor/lib")
    coverage = (ScanCoverage("shop", 3), ScanCoverage("shop/vendor/lib", 2))
    found = LeakScan((credential(1), credential(2, "aws-access-key", inner)), coverage)
    addresses = {uri(each["locations"][0]) for each in run_of(found)["results"]}
    assert addresses == {"app.py", "vendor/lib/lib.py"}


def test_odd_bytes_are_percent_encoded(run):
    """What is no UTF-8 comes out as the byte that it is, and nothing breaks the address."""
    address = uri(result_of(run, 4)["locations"][0])
    assert address.isascii()
    assert "%FF" in address
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    named = ODD.encode().replace(rb"\xff", b"\xff")
    assert unquote_to_bytes(address) == named


@pytest.mark.parametrize("path", ["a:b", "a?b#c", "a%41", "//x/y"])
def test_a_path_stays_a_path(path):
    """No scheme, no query and no fragment comes out of a name."""
    (result,) = run_of(LeakScan((credential(1, "aws-access-key", place(path)),)))["results"]
    address = uri(result["locations"][0])
    assert not address.startswith("//")
    assert unquote_to_bytes(urlsplit(address).path).decode() == path.lstrip("/")
    assert urlsplit(address).path == address


def test_no_name_becomes_a_link():
    """SARIF reads [text](address) in a message as a link."""
    token = credential(1, CredentialKind.OTHER, place(), key_id=None,
        set_aside="[click](https://example.com)")  # fmt: skip
    (result,) = run_of(LeakScan((token,)))["results"]
    assert "\\[click\\](" in result["message"]["text"]


def test_no_name_becomes_a_placeholder():
    """SARIF puts an argument in for {0}, and there is none; braces are written twice (3.11.5)."""
    token = credential(1, CredentialKind.OTHER, place(), key_id=None, set_aside="an {0} of {you}")
    coverage = ScanCoverage("shop", skipped=(Skipped("{app}.zip", "damaged"),))
    run = run_of(LeakScan((token,), (coverage,)))
    assert "set aside: an {{0}} of {{you}} (" in run["results"][0]["message"]["text"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "{{app}}.zip: damaged" in note["message"]["text"]


def test_fingerprints_stay_when_lines_move():
    """What was dismissed once does not come back with the next commit."""
    prints = [
        run_of(LeakScan((credential(1, "aws-access-key", spot),)))["results"][0][
            "partialFingerprints"
        ]
        for spot in (place(line=3), place("other.py", line=90), in_history())
    ]
    assert prints[0] == prints[1] == prints[2]


def test_two_credentials_on_one_line_have_two_fingerprints():
    """One does not hide the other."""
    found = LeakScan((credential(1), credential(2)))
    prints = [
        each["partialFingerprints"]["primaryLocationLineHash"] for each in run_of(found)["results"]
    ]
    assert len(set(prints)) == 2


def test_what_people_let_stay_is_a_suppression(run):
    """With who said so; a documentation example is nobody's mark."""
    (mark,) = result_of(run, 5)["suppressions"]
    assert (mark["kind"], mark["status"]) == ("inSource", "accepted")
    assert mark["justification"] == "allowed by a comment: x:y"
    assert "suppressions" not in result_of(run, 4)
    assert "suppressions" not in result_of(run, 1)


def test_what_was_not_looked_at_is_a_notification(run):
    """The ledger travels with the results."""
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "big.bin: too large" in note["message"]["text"]


def test_several_roots_are_told_apart():
    """The same path in two repositories has two addresses."""
    two = (ScanCoverage("shop"), ScanCoverage("/srv/other"))
    found = LeakScan((credential(1),), two)
    assert uri(run_of(found)["results"][0]["locations"][0]) == "shop/app.py"


def test_githubs_limits_are_kept(monkeypatch):
    """The worst come first, and the log says how many did not fit."""
    monkeypatch.setattr(sarif, "RESULTS", 2)
    monkeypatch.setattr(sarif, "RELATED", 3)
    found = leaks()
    many = credential(1, "aws-access-key", *(in_history(path=f"f{n}") for n in range(9)))
    run = run_of(replace(found, credentials=(many, *found.credentials[1:])))
    assert run["results"][0]["ruleId"] == "aws-access-key"
    assert len(run["results"]) == 2
    assert len(run["results"][0]["relatedLocations"]) == 3
    assert "4 more credentials" in run["invocations"][0]["toolExecutionNotifications"][-1][
        "message"]["text"]  # fmt: skip


def test_standard_input_has_an_address():
    """A pipe has no file name, and a location must have an address."""
    spot = place("", where=PlaceKind.STANDARD_INPUT)
    (result,) = run_of(LeakScan((credential(1, "aws-access-key", spot),)))["results"]
    assert uri(result["locations"][0]) == "standard%20input"


def test_objects_that_no_commit_names_have_an_address():
    """An unreachable blob without a path is found by its ID."""
    spot = place("", where=PlaceKind.HISTORY, object=BLOB, reachable=False)
    (result,) = run_of(LeakScan((credential(1, "aws-access-key", spot),)))["results"]
    assert uri(result["locations"][0]) == f".git/objects/{BLOB[:2]}/{BLOB[2:]}"
    assert key_id(1) in result["message"]["text"]
