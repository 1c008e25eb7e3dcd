"""In: files of accepted risks. Out: the proof that an acceptance is in force only when complete."""

import hashlib
from datetime import UTC, datetime

import pytest

from analyzer.errors import ConfigurationError
from analyzer.evidence.accepted_risks import (
    EVIDENCE_ID,
    RiskAcceptance,
    accepted_risks_file,
    note_unaudited,
    read_accepted_risks,
)
from analyzer.evidence.export_kinds import ExportKind

AT = datetime(2026, 6, 1, tzinfo=UTC)
ENTRY = """
[[exception]]
id = "R-1"
rule = "key-too-old"
resource = "arn:aws:iam::*:user/ci-*"
account = "111122223333"
reason = "vendor"
owner = "ann"
approver = "bob"
created = 2026-01-01
expires = 2026-12-31
"""


def acceptances(folder, text: str) -> tuple[RiskAcceptance, ...]:
    """What a file of that text accepts."""
    path = folder / "risks.toml"
    path.write_text(text, encoding="utf-8")
    return read_accepted_risks(path)


def test_an_acceptance_is_read_with_its_location(tmp_path):
    """Every member, times in UTC, and the pointer to its table."""
    first, second = acceptances(tmp_path, ENTRY + ENTRY.replace("R-1", "R-2"))
    assert (first.id, first.owner, first.ticket) == ("R-1", "ann", "")
    assert first.created == datetime(2026, 1, 1, tzinfo=UTC)
    assert first.invalid_reason(AT) == ""
    assert (second.id, second.location.pointer) == ("R-2", "/exception/1")
    assert second.location.evidence == EVIDENCE_ID


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"vendor"', '" "', "names no reason"),
        ('owner = "ann"\n', "", "names no owner"),
        ('approver = "bob"\n', "", "names no approver"),
        ("created = 2026-01-01\n", "", "has no date of creation"),
        ("expires = 2026-12-31\n", "", "has no date of expiry"),
        ("2026-12-31", "2027-01-03", "runs for more than a year"),
        ("created = 2026-01-01", "created = 2026-06-20", ""),
        ("created = 2026-01-01\nexpires = 2026", "created = 2027-06-04\nexpires = 2027",
         "was made more than a year after the evidence"),
        ("2026-12-31", "2026-05-31", "expired on 2026-05-31"),
        ("2026-12-31", "2026-06-01", ""),
        ("2026-12-31", "2026-06-01T00:00:00Z", ""),
    ],
)  # fmt: skip
def test_an_acceptance_that_is_not_in_force_says_why(tmp_path, old, new, reason):
    """Without an owner, an end or a reason, or outside its time, it accepts nothing."""
    (found,) = acceptances(tmp_path, ENTRY.replace(old, new))
    assert found.invalid_reason(AT) == reason


@pytest.mark.parametrize(
    ("rule", "account", "user", "is_covered"),
    [
        ("key-too-old", "111122223333", "ci-1", True),
        ("key-unused", "111122223333", "ci-1", False),
        ("key-too-old", "444455556666", "ci-1", False),
        ("key-too-old", "111122223333", "ann", False),
    ],
)
def test_it_covers_its_rule_account_and_resources_alone(tmp_path, rule, account, user, is_covered):
    """The resource is a pattern; without an account it holds in all of them."""
    (found,) = acceptances(tmp_path, ENTRY)
    assert found.covers(rule, account, f"arn:aws:iam::{account}:user/{user}") is is_covered
    (everywhere,) = acceptances(tmp_path, ENTRY.replace('account = "111122223333"\n', ""))
    assert everywhere.covers("key-too-old", "444455556666", "arn:aws:iam::1:user/ci-1")


@pytest.mark.parametrize("hour", [0, 10, 23])
def test_an_acceptance_holds_through_its_last_day(tmp_path, hour):
    """A date names a whole day; a time names a second."""
    (found,) = acceptances(tmp_path, ENTRY)
    assert found.invalid_reason(datetime(2026, 12, 31, hour, tzinfo=UTC)) == ""
    assert found.invalid_reason(datetime(2027, 1, 1, tzinfo=UTC)) == "expired on 2026-12-31"


def test_a_whole_year_is_no_more_than_a_year(tmp_path):
    """The last day counts whole, in a leap year too."""
    year = ENTRY.replace("2026-01-01", "2027-06-01").replace("2026-12-31", "2028-06-01")
    (found,) = acceptances(tmp_path, year)
    assert found.invalid_reason(datetime(2027, 7, 1, tzinfo=UTC)) == ""


@pytest.mark.parametrize(
    ("pattern", "resource", "is_covered"),
    [
        ("user/ci-*", "user/ci-1", True),
        ("user/ci-*", "user/ci-admins/boss", False),
        ("user/ci?", "user/ci/", False),
        ("user/*", "user/team/ann", True),
        ("user/*-bot", "user/team/x-bot", False),
        ("user/*-bot", "user/x-bot", True),
        ("user/team/*", "user/ann", False),
        ("*", "user/team/ann", True),
        ("user/c[i]-*", "user/ci-1", False),
    ],
)
def test_a_star_stops_at_a_slash_unless_it_is_the_whole_last_part(
    tmp_path, pattern, resource, is_covered
):
    """Who accepts the robots does not accept whoever is made in a path that begins alike."""
    arn = "arn:aws:iam::111122223333:"
    (found,) = acceptances(tmp_path, ENTRY.replace("user/ci-*", pattern))
    assert found.covers("key-too-old", "111122223333", arn + resource) is is_covered


@pytest.mark.parametrize("pattern", ["*", "arn:aws:iam::111122223333:*"])
def test_a_pattern_for_all_covers_all(tmp_path, pattern):
    """The bare star and the star behind the account stand for everything."""
    (found,) = acceptances(tmp_path, ENTRY.replace("arn:aws:iam::*:user/ci-*", pattern))
    arn = "arn:aws:iam::111122223333:user/team/ann"
    assert found.covers("key-too-old", "111122223333", arn)


def test_an_acceptance_for_an_account_that_was_not_audited_is_noted(tmp_path):
    """Nothing judged it, and the file says so; one for an audited account has no note."""
    entries = acceptances(tmp_path, ENTRY + ENTRY.replace("111122223333", "444455556666"))
    file = accepted_risks_file(tmp_path / "risks.toml")
    noted = note_unaudited(file, entries, frozenset({"111122223333"}))
    assert [note.text for note in noted.notes] == [
        "R-1 was not judged: account 444455556666 was not audited"
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[exception]\n", "can't be read"),
        ("[exceptions]\n", "holds something else"),
        ("exception = 1\n", "holds something else"),
        ("exception = [1]\n", "exception 1: is no table"),
        (ENTRY + "until = 1\n", "exception 1: unknown key 'until'"),
        (ENTRY.replace('id = "R-1"', 'id = ""'), "needs an id, a rule and a resource"),
        (ENTRY.replace("2026-12-31", '"soon"'), "'soon' is no date. Write 2026-12-31"),
    ],
)
def test_a_file_that_can_not_be_used_is_named(tmp_path, text, fault):
    """A mistake stops the run, with the file and the number of the table."""
    with pytest.raises(ConfigurationError) as caught:
        acceptances(tmp_path, text)
    assert fault in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "risks.toml"))


def test_the_file_itself_is_evidence(tmp_path):
    """Hashed as it lies there, so that a finding on an acceptance can be traced."""
    acceptances(tmp_path, ENTRY)
    artifact = accepted_risks_file(tmp_path / "risks.toml")
    assert artifact.sha256 == hashlib.sha256(ENTRY.encode()).hexdigest()
    assert (artifact.path, artifact.kind) == ("risks.toml", ExportKind.EXCEPTIONS)
