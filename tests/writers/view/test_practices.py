"""The chapters: every finding in one, the example of each check, and what was not assessed."""

import copy

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.writers import html, json
from analyzer.writers.view.practices import (
    checks_not_requested,
    count_by_severity,
    evidence_gaps,
    finding_groups,
    first_actions,
    practice_sections,
)
from tests.builders import account
from tests.writers.leaked_report import plain


def made_of(case, folder, **settings):
    """The report of this account."""
    return audit(Settings(inputs=(case.write(folder),), **settings))


def test_every_finding_stands_in_one_chapter(report, catalogue):
    """Under its check, and every check of the report has a row."""
    made = practice_sections(report, catalogue)
    found = [each["fingerprint"] for one in made for group in one.groups for each in group.findings]
    assert sorted(found) == sorted(each["fingerprint"] for each in report["findings"])
    rows = {check.entry.id for section in made for check in section.checks}
    assert rows == {rule["id"] for account in report["accounts"] for rule in account["rules"]}


def test_the_first_actions_are_the_worst_open_ones(report, catalogue):
    """Five checks at most, never one that somebody has accepted."""
    actions = first_actions(report, catalogue)
    assert len(actions) == 5
    assert actions[0].entry.severity.value == "critical"
    changed = copy.deepcopy(report)
    for finding in changed["findings"]:
        if finding["rule"] == actions[0].entry.id:
            finding["status"] = "accepted"
    assert actions[0].entry.id not in {each.entry.id for each in first_actions(changed, catalogue)}
    assert sum(count_by_severity(changed).values()) == len(report["findings"]) - len(
        actions[0].findings
    )


def test_an_accepted_finding_stands_behind_the_open_ones(report, catalogue):
    """It is still shown."""
    changed = copy.deepcopy(report)
    several = next(each for each in finding_groups(report, catalogue) if len(each.findings) > 1)
    first = several.first["fingerprint"]
    for finding in changed["findings"]:
        if finding["fingerprint"] == first:
            finding["status"] = "accepted"
    same = next(
        each for each in finding_groups(changed, catalogue) if each.entry.id == several.entry.id
    )
    assert same.findings[-1]["fingerprint"] == first
    assert same.open == len(same.findings) - 1


def test_the_example_of_a_check_is_a_finding_that_was_looked_into(tmp_path, catalogue):
    """One that only the last report shows has neither facts nor commands to copy."""
    case = account().user("ann").key(age=400).user("zoe").key(age=400)
    (tmp_path / "report.json").write_bytes(json.render(made_of(case, tmp_path / "then")))
    later = case.cell("ann", "access_key_1_last_rotated", "?")
    made = made_of(later, tmp_path / "now", previous=(tmp_path,))
    groups = finding_groups(made, catalogue)
    [group] = [each for each in groups if each.entry.id == "key-older-than-one-year"]
    assert [each["resource"][-3:] for each in group.findings] == ["zoe", "ann"]
    assert group.first["fix"]["commands"]
    assert "not handed in" not in group.findings[1]["observed"]  # it was, with a broken cell


def test_each_gap_is_told_once_with_all_its_checks(report):
    """No check is lost when needs are put together."""
    told = {
        (rule, name) for gap in evidence_gaps(report) for rule in gap.rules for name in gap.accounts
    }
    assert told == {(gap["rule"], gap["account"]) for gap in report["coverage"]["evidence_gaps"]}


def test_checks_without_an_answer_are_counted_once_for_all_accounts(tmp_path, catalogue):
    """More of them than the catalogue has would be a strange figure."""
    for number in range(4):
        account(f"11112222333{number}").user("ann").key().write(tmp_path / str(number))
    made = audit(Settings(inputs=(tmp_path,)))
    rules = {each["rule"] for each in made["coverage"]["evidence_gaps"]}
    assert len(made["coverage"]["evidence_gaps"]) == 4 * len(rules)
    told = plain(html.render(made, catalogue).decode())
    assert f"Not assessed: {len(rules)} checks for want of evidence, in at least one acc" in told
    made["coverage"]["evidence_gaps"] = []
    told = plain(html.render(made, catalogue).decode())
    assert "Every check that applies and was requested was assessed." in told
    made["coverage"]["not_requested"] = []
    assert "Every check that applies was assessed." in plain(html.render(made, catalogue).decode())


def test_what_nobody_asked_for_is_told_apart_from_what_lacks_evidence(tmp_path, catalogue):
    """A list of its own, a result of its own beside the check, and a figure beside the score."""
    made = made_of(account().user("ann").key(), tmp_path)
    unasked = made["coverage"]["not_requested"]
    assert unasked
    assert not {each["rule"] for each in unasked} & {
        each["rule"] for each in made["coverage"]["evidence_gaps"]
    }
    needs = checks_not_requested(made)
    assert {rule for each in needs for rule in each.rules} == {each["rule"] for each in unasked}
    assert {each.command.rpartition(" --")[2] for each in needs} == {
        "repo PATH", "previous REPORT.json", "exceptions FILE", "people ROSTER",
    }  # fmt: skip
    page = html.render(made, catalogue).decode()
    told, scored = plain(page), made["accounts"][0]["score"]["checks"]
    assert f"Not requested: {len(unasked)} checks" in told
    assert f"{scored['not-requested']} were not requested and count in neither." in told
    assert page.count('class="tag not-requested"') >= len(unasked)


def test_a_check_that_differs_by_account_says_where(report, catalogue):
    """Where accounts differ, each result stands with its account."""
    checks = [each for section in practice_sections(report, catalogue) for each in section.checks]
    apart = next(each for each in checks if not each.is_alike)
    assert apart.worst == apart.results[0][0]
    assert sum(len(accounts) for _, accounts in apart.results) == len(report["accounts"])


def test_each_variant_of_a_check_is_a_group_with_an_anchor_of_its_own(report, catalogue):
    """Its severity and words are its own; the check's own anchor is always there."""
    changed = copy.deepcopy(report)
    rule = "user-effective-admin"
    [first] = [each for each in changed["findings"] if each["rule"] == rule][:1]
    milder = first | {"variant": "no-way-in", "severity": "low", "fingerprint": "f" * 32}
    changed["findings"].append(milder)
    groups = [each for each in finding_groups(changed, catalogue) if each.entry.id == rule]
    assert {each.anchor: each.entry.severity.value for each in groups} == {
        rule: "high",
        f"{rule}-no-way-in": "low",
    }
    changed["findings"].remove(first)
    groups = [each for each in finding_groups(changed, catalogue) if each.entry.id == rule]
    assert any(each.anchor == rule for each in groups)
