"""What `credaudit scan` writes: the document, its schema, text, CSV."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from analyzer.leaks.model import ClaimedFacts, LeakScan, PlaceKind, ScanCoverage
from analyzer.writers import json as json_writer
from analyzer.writers.scan import csv as csv_writer
from analyzer.writers.scan import sarif as sarif_writer
from analyzer.writers.scan import text as text_writer
from analyzer.writers.scan.document import build_document
from tests.writers.scan_material import COMMIT, ODD, credential, in_history, key_id, leaks, place

WRITERS = Path(__file__).parents[3] / "analyzer" / "writers"
SCHEMA = json.loads((WRITERS / "scan.schema.json").read_text())
REPORT_SCHEMA = json.loads((WRITERS / "report.schema.json").read_text())


@pytest.fixture
def scanned():
    """The document of a scan that found some of everything."""
    return build_document(leaks())


def test_the_document_keeps_its_schema(scanned):
    """What other programs rely on is what they get."""
    jsonschema.validate(scanned, SCHEMA)


def test_a_scan_without_anything_keeps_it_too():
    """No list may be missing because it is empty."""
    jsonschema.validate(build_document(LeakScan()), SCHEMA)


def test_the_schema_allows_nothing_that_it_does_not_name():
    """A field that somebody adds without a word breaks this."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["additionalProperties"] is False


def test_issuer_and_subject_stand_where_a_token_names_them():
    """Both keep the schema, in the document and in words; nothing else has them."""
    claims = ClaimedFacts(issuer="https://forge.example", subject="repo:a/b")
    told = replace(credential(), claims=claims)
    document = build_document(LeakScan((told, credential(2))))
    jsonschema.validate(document, SCHEMA)
    by_id = {each["id"]: each["facts"] for each in document["credentials"]}
    assert sorted(by_id[told.id].keys() - by_id[credential(2).id].keys()) == ["issuer", "subject"]
    assert "of repo:a/b issued by https://forge.example" in text_writer.render(document).decode()


def test_a_credential_of_a_scan_is_shaped_like_one_of_a_report():
    """Who reads the one can read the other; what only an account can tell stands beside it."""
    for name in ("repository", "suppression"):
        assert SCHEMA["$defs"][name] == REPORT_SCHEMA["$defs"][name]
    alone, joined = (each["$defs"]["credential"] for each in (SCHEMA, REPORT_SCHEMA))
    assert set(alone["required"]) < set(joined["required"])
    told_by_accounts = {"owner", "status", "blast_radius"}
    for name in alone["properties"].keys() - told_by_accounts:
        assert alone["properties"][name] == joined["properties"][name]
    assert set(alone["properties"]["owner"]["required"]) < set(
        joined["properties"]["owner"]["required"]
    )


def test_the_worst_comes_first_and_what_is_set_aside_last(scanned):
    """Whoever reads only the first block reads the worst."""
    order = ["critical", "high", "medium", "low", "info"]
    ranks = [
        (each["set_aside"] is not None, order.index(each["severity"]))
        for each in scanned["credentials"]
    ]
    assert ranks == sorted(ranks)
    assert scanned["credentials"][0]["key_id"] == key_id(1)


def test_the_order_in_which_credentials_were_found_makes_no_difference(scanned):
    """The same scan gives the same bytes."""
    found = leaks()
    turned = build_document(replace(found, credentials=found.credentials[::-1]))
    assert json_writer.render(turned) == json_writer.render(scanned)


def test_a_token_that_names_its_user_has_an_owner(scanned):
    """What a credential says by itself needs no list of keys."""
    token = next(each for each in scanned["credentials"] if each["facts"]["service"])
    assert token["owner"]["user"] == "ann"
    assert token["facts"]["expires"] == "2026-03-01T15:00:00Z"
    assert token["severity"] == "low"  # a commit of the next day shows that it has expired


def test_an_author_without_a_date_is_told(scanned):
    """As of a diff that came through a pipe; nobody is looked for where there is no commit."""
    places = in_history(date=None), in_history(author=None, path="b"), place()
    text = text_writer.render(build_document(LeakScan((credential(1, "aws-access-key", *places),))))
    assert [line.split("  ")[-2:] for line in text.decode().split("\n") if ":3  " in line] == [
        ["history", "Ann"], ["history", "author unknown"], ["shop:app.py:3", "work tree"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("aws-access-key", "with its secret"),
        ("ses-smtp-password", "with its secret"),
        ("presigned-url", "signed with that key; the key's secret is not in it"),
        ("cloudfront-signed-url", "signed with that key; the key's secret is not in it"),
        ("aws-session-token", "the session's token; the key's secret is not in it"),
    ],
)
def test_the_secret_of_a_key_is_found_only_where_it_is(kind, says):
    """A signature and a token name a key and do not have its secret, in text and in SARIF."""
    document = build_document(LeakScan((credential(1, kind),)))
    assert f"          {says}\n" in text_writer.render(document).decode()
    assert f", {says} (" in sarif_writer.render(document).decode()


def test_the_text_has_a_block_for_each_credential(scanned):
    """Severity, kind, ID, account, pairing and places, and what was looked at."""
    text = text_writer.render(scanned).decode()
    head = f"critical  aws-access-key  {key_id(1)}  account 111122223333\n"
    assert text.startswith(head + "          with its secret: on the next line\n")
    assert "          shop:app.py:3  work tree\n" in text
    assert f"          shop@{COMMIT[:12]}:app.py:3  history  Ann, 2026-03-01\n" in text
    assert "the ID alone, no secret" in text
    assert "in no branch or tag" in text
    assert "in base64" in text
    assert "other-secret (Secret Keyword)" in text
    assert "looked at shop: 12 objects, 3,456 bytes, 1 archive\n" in text
    assert "  not big.bin: too large (5,000 bytes)\n" in text
    assert text.endswith("4 credentials, 2 set aside\n")


def test_what_is_set_aside_stands_below_with_its_reason(scanned):
    """Nothing vanishes."""
    above, _, below = text_writer.render(scanned).decode().partition("Set aside:\n")
    assert key_id(4) not in above
    assert "set aside: an example" in below
    assert "set aside: allowed by a comment: x:y" in below


def test_no_name_moves_the_terminal(scanned):
    """Escape sequences and reversed text are shown as what they are."""
    for colour in (False, True):
        text = text_writer.render(scanned, colour=colour).decode()
        assert "\x1b[31m\u202e" not in text
        assert "\u202e" not in text
        assert r"\x1b[31m\u202e" in text


def test_without_colour_the_text_has_no_escape_sequence(scanned):
    """A pipe gets plain text."""
    assert b"\x1b" not in text_writer.render(scanned)
    assert b"\x1b[1;31mcritical" in text_writer.render(scanned, colour=True)


def test_many_places_are_counted_and_not_listed():
    """One key in a thousand commits is one short block."""
    places = [in_history(path=f"f{n}") for n in range(9)]
    text = text_writer.render(build_document(LeakScan((credential(1, "aws-access-key", *places),))))
    assert text.count(b"history") == 5
    assert b"and 4 more places\n" in text


def test_a_commit_whose_author_is_not_known_says_so():
    """At the edge of a shallow clone: a blank could be taken for an oversight."""
    known, unknown = in_history(), in_history(author=None, date=None)
    shown = [
        text_writer.render(build_document(LeakScan((credential(1, "aws-access-key", each),))))
        for each in (known, unknown, place())
    ]
    assert [b"author unknown" in each for each in shown] == [False, True, False]


def test_many_things_skipped_are_counted(scanned):
    """A ledger of ten thousand lines is for the JSON."""
    shop = scanned["coverage"]["repositories"][0]
    shop["skipped"] *= 25
    text = text_writer.render(scanned).decode()
    assert text.count("not big.bin") == 10
    assert "and 15 things more" in text


def test_quiet_text_is_what_was_found_and_nothing_else(scanned):
    """No summary where nobody wants one, and nothing at all where nothing was found."""
    assert b"looked at" not in text_writer.render(scanned, summary=False)
    assert text_writer.render(build_document(LeakScan()), summary=False) == b""


def test_nothing_found_says_what_was_looked_at():
    """A clean result without its scope means nothing."""
    empty = LeakScan(repositories=(ScanCoverage("shop", 1, 2),))
    said = text_writer.render(build_document(empty)).decode()
    assert said == "looked at shop: 1 object, 2 bytes\n0 credentials\n"


def test_csv_has_a_row_for_each_place(scanned):
    """Sorted and filtered in a spreadsheet, each row stands for itself."""
    rows = list(csv.DictReader(io.StringIO(csv_writer.render(scanned).decode())))
    assert len(rows) == sum(len(each["occurrences"]) for each in scanned["credentials"])
    assert (rows[0]["severity"], rows[0]["key_id"]) == ("critical", key_id(1))
    assert {row["credential"] for row in rows} == {f"cred-{n:016x}" for n in range(1, 7)}


def test_csv_tells_what_the_credential_says_of_itself(scanned):
    """The label is all that tells two finds of detect-secrets' plugins apart."""
    rows = list(csv.DictReader(io.StringIO(csv_writer.render(scanned).decode())))
    told = {row["credential"]: row for row in rows}
    assert told[f"cred-{6:016x}"]["label"] == "Secret Keyword"
    token = told[f"cred-{3:016x}"]
    assert (token["user"], token["service"], token["region"]) == ("ann", "bedrock", "eu-west-1")
    assert (token["expires"], token["proven"]) == ("2026-03-01T15:00:00Z", "")


def test_what_was_signed_with_a_key_has_no_secret():
    """Neither in a row nor in the document, though two of them are told apart by a digest."""
    kinds = {"aws-access-key": True, "aws-session-token": True} | dict.fromkeys(
        ("presigned-url", "eks-token", "cloudfront-signed-url", "bedrock-short-term-api-key"), False
    )
    found = (credential(n, kind) for n, kind in enumerate(kinds, 1))
    document = build_document(LeakScan(tuple(found)))
    assert {each["kind"]: each["has_secret"] for each in document["credentials"]} == kinds
    rows = csv.DictReader(io.StringIO(csv_writer.render(document).decode()))
    assert {row["kind"]: row["has_secret"] for row in rows} == {
        name: str(has) for name, has in kinds.items()
    }


@pytest.mark.parametrize("path", ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx"])
def test_no_csv_cell_is_a_formula(path):
    """A path is text, whatever it begins with."""
    document = build_document(LeakScan((credential(1, "aws-access-key", place(path)),)))
    rows = list(csv.DictReader(io.StringIO(csv_writer.render(document).decode())))
    assert not rows[0]["path"].startswith(("=", "+", "-", "@", "\t"))


def test_json_is_ascii(scanned):
    """No name in it can move a terminal."""
    drawn = json_writer.render(scanned)
    assert drawn.isascii()
    assert b"\x1b" not in drawn
    assert ODD in [p["path"] for c in json.loads(drawn)["credentials"] for p in c["occurrences"]]


def test_where_is_told_in_words(scanned):
    """A place says which part of a repository it is in."""
    wheres = {p["where"] for c in scanned["credentials"] for p in c["occurrences"]}
    assert wheres <= {each.value for each in PlaceKind}
