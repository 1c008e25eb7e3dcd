"""In: audits of four quarters. Out: the proof that the chain is whole, and survives in one file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.writers.json import render
from tests.builders import account
from tests.tracking.small_reports import QUARTERS

SCHEMA = json.loads((Path(__file__).parents[3] / "analyzer/writers/report.schema.json").read_text())
JOINED = datetime(2024, 1, 1, tzinfo=UTC)
RULE = "console-user-no-mfa"
ACCEPTED = f"""
[[exception]]
id = "EX-1"
rule = "{RULE}"
resource = "*"
reason = "leaves in spring"
owner = "ann"
approver = "bob"
created = 2026-09-01
expires = 2027-08-01
"""


def quarter(folder, number, *previous, mended=(), accepted=False):
    """The report of that quarter, as a file; `mended` are the users who have MFA then."""
    now = datetime.fromisoformat(QUARTERS[number]).replace(tzinfo=UTC)
    case = account(now=now)
    for name in ("lars", "zoe"):
        case = case.user(name, created=(now - JOINED).days).password()
        case = case.mfa() if name in mended else case
    risks = folder / "risks.toml"
    risks.write_text(ACCEPTED)
    made = audit(
        Settings(
            inputs=(case.write(folder / f"evidence-{number}"),),
            previous=tuple(previous),
            exceptions=risks if accepted else None,
        )
    )
    file = folder / f"{len(previous)}-{number}.json"
    file.write_bytes(render(made))
    return file


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Lars gets MFA in the second quarter, loses it in the third, and is accepted in the fourth."""
    folder = tmp_path_factory.mktemp("chain")
    first = quarter(folder, 0)
    second = quarter(folder, 1, first, mended=("lars",))
    third = quarter(folder, 2, second)
    return folder, first, second, third, quarter(folder, 3, third, accepted=True)


def told(file):
    """Change, reason, day first observed and reports in a row of the rule, by user."""
    return {
        each["resource"].rpartition("/")[2]: (
            each["change"], each["change_reason"], each["since"][:10], each["reports"],
        )
        for each in json.loads(file.read_text())["findings"]
        if each["rule"] == RULE
    }  # fmt: skip


def gone(file):
    """The same of what is gone, with the day on which it was found to be fixed."""
    return {
        each["resource"].rpartition("/")[2]: (each["change"], (each["fixed"] or "")[:10])
        for each in json.loads(file.read_text())["history"]["gone"]
        if each["rule"] == RULE
    }


def test_every_word_is_told_over_four_quarters(chain):
    """Only the last report was handed in each time, and the first date survives a repair."""
    _, first, second, third, fourth = chain
    assert told(first) == {
        "lars": (None, "", QUARTERS[0], 1), "zoe": (None, "", QUARTERS[0], 1),
    }  # fmt: skip
    assert told(second) == {"zoe": ("open", "", QUARTERS[0], 2)}
    assert gone(second) == {"lars": ("fixed", QUARTERS[1])}
    assert told(third) == {
        "lars": ("regressed", f"fixed by {QUARTERS[1]}", QUARTERS[0], 1),
        "zoe": ("open", "", QUARTERS[0], 3),
    }
    assert told(fourth) == {
        "lars": ("accepted", "", QUARTERS[0], 2), "zoe": ("accepted", "", QUARTERS[0], 4),
    }  # fmt: skip


def test_the_last_report_alone_tells_what_all_of_them_tell(chain):
    """The chain survives one file."""
    folder, first, second, third, fourth = chain
    again = quarter(folder, 3, folder / first, second, third, accepted=True)
    alone, all_three = (json.loads(each.read_text()) for each in (fourth, again))
    assert all_three["findings"] == [
        each | {"places": now["places"]}
        for each, now in zip(alone["findings"], all_three["findings"], strict=True)
    ]
    assert all_three["history"]["gone"] == alone["history"]["gone"]
    days = [each["as_of"][:10] for each in alone["history"]["quarters"]]
    assert days == list(QUARTERS[:4])
    assert [each["value"] for each in alone["history"]["quarters"]] == [
        each["value"] for each in all_three["history"]["quarters"]
    ]


def test_what_is_still_open_costs_no_more_than_before(chain):
    """The second quarter mended something, and added nothing: its score is no worse."""
    _, first, second, *_ = chain
    scores = [json.loads(each.read_text())["score"]["value"] for each in (first, second)]
    assert scores[1] >= scores[0]


def test_each_report_keeps_the_schema(chain):
    """With a history and without."""
    for file in chain[1:]:
        jsonschema.validate(json.loads(file.read_text()), SCHEMA)


def test_a_report_that_is_newer_than_the_evidence_is_left_out(chain):
    """Nothing can have changed since a time that is to come."""
    folder, first, _, third, _ = chain
    report = json.loads(quarter(folder, 1, first, third).read_text())
    assert [each["as_of"][:10] for each in report["history"]["quarters"]] == list(QUARTERS[:2])
    assert any("after the evidence" in each["what"] for each in report["problems"])


def test_only_eight_quarters_are_told(chain):
    """Two years; of the ones before, only what is gone is kept."""
    report = json.loads(chain[-1].read_text())
    [*_, one] = report["history"]["quarters"]
    many = [one | {"as_of": f"2020-0{n}-01T00:00:00Z", "sha256": f"{n}" * 64} for n in range(1, 10)]
    file = chain[0] / "many.json"
    report["history"]["quarters"] = [*many, one]
    file.write_text(json.dumps(report))
    later = json.loads(quarter(chain[0], 4, file).read_text())
    assert len(later["history"]["quarters"]) == 8
