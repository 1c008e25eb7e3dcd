"""Practice 7, second half: how far the evidence itself can be relied on."""

from pathlib import Path

import pytest

from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from analyzer.inventory.model import ROOT_USER
from analyzer.rules.engine import CheckInput, run_checks
from analyzer.rules.finding import Status
from tests.builders import DETAILS, REPORT, account, the_catalogue
from tests.rules.small_exports import SECOND, days

MISMATCH = "evidence-account-mismatch"
ANN = account().user("ann").password().group("dev").role("app")
ALTERED = "evidence-altered-by-spreadsheet"


def spots(case, rule: str) -> list[str]:
    """The first place of each finding of the rule."""
    return [proof.spot for proof in case.proof(rule)]


# evidence-stale


def test_evidence_stale_fails_a_day_past_the_limit():
    """The report was made 31 days before the audit date."""
    case = ANN.audited_at(-days(31))
    assert spots(case, "evidence-stale") == [f"{REPORT}:"]


def test_evidence_stale_passes_at_the_limit():
    """Exactly 30 days are in order."""
    assert ANN.audited_at(-days(30)).status("evidence-stale") is Status.PASS


def test_evidence_stale_fails_for_a_bare_csv_by_the_newest_time_inside():
    """A CSV without its wrapper is at least as old as the last thing it knows of."""
    case = ANN.bare_report(ANN.csv)  # ann signed in a day before the report
    assert case.audited_at(-days(29)).status("evidence-stale") is Status.PASS
    assert case.audited_at(-days(30)).status("evidence-stale") is Status.FAIL


def test_evidence_stale_is_not_assessed_for_a_bare_csv_without_an_audit_date():
    """The newest time inside would be compared with itself; the ages are lower bounds then."""
    case = ANN.bare_report(ANN.csv).without(DETAILS)
    result = case.judged("evidence-stale")
    assert result.status is Status.NOT_ASSESSED
    assert "--as-of" in result.reason
    assert not case.account().as_of_is_stated
    assert case.audited_at(1).account().as_of_is_stated
    assert ANN.account().as_of_is_stated


# evidence-out-of-sync


def test_evidence_out_of_sync_fails_for_a_user_of_the_report_alone():
    """The details do not list everyone whom the report lists."""
    case = ANN.page(UserDetailList=[])
    assert case.status("evidence-out-of-sync") is Status.FAIL
    [finding] = case.judged("evidence-out-of-sync").findings
    assert case.value_at(finding.locations[0])[1]["user"] == "ann"


def test_evidence_out_of_sync_fails_for_a_user_of_the_details_alone():
    """The report does not list everyone whom the details list."""
    rows = [row for row in ANN.csv.splitlines() if not row.startswith("ann,")]
    case = ANN.bare_report("\n".join(rows), "status_reports_2026-10-01T00-00-00.csv")
    [(resource, spot, value)] = case.proof("evidence-out-of-sync")
    assert (resource, spot) == ("root", f"{DETAILS}:/UserDetailList/0")
    assert value["UserName"] == "ann"


def test_evidence_out_of_sync_fails_for_a_user_made_twice():
    """The creation times differ: ann was deleted and made again in between."""
    case = ANN.cell("ann", "user_creation_time", ANN.when(3))
    assert case.status("evidence-out-of-sync") is Status.FAIL


def test_evidence_out_of_sync_passes_where_creation_times_differ_by_a_second():
    """The two exports round the time by themselves."""
    case = ANN.cell("ann", "user_creation_time", ANN.when(days(500) - SECOND))
    assert case.status("evidence-out-of-sync") is Status.PASS


def test_evidence_out_of_sync_fails_a_second_past_a_day_between_the_exports():
    """The collect script says when it made each file."""
    case = ANN.captured(DETAILS, -(days(1) + SECOND))
    assert case.status("evidence-out-of-sync") is Status.FAIL


def test_evidence_out_of_sync_passes_for_exports_of_one_day():
    """The same users, the same creation times, exactly 24 hours apart."""
    assert ANN.captured(DETAILS, -days(1)).status("evidence-out-of-sync") is Status.PASS


# population-count-mismatch


@pytest.mark.parametrize("name", ["Users", "Groups", "Roles", "Policies"])
def test_population_count_mismatch_fails_for_each_population(name: str):
    """The account counts one more than the exports list."""
    counts = {"Users": 1, "Groups": 1, "Roles": 1, "Policies": 0}
    case = ANN.summary(**counts | {name: counts[name] + 1})
    found = case.proof("population-count-mismatch")
    assert {(p.spot, p.value) for p in found} == {
        (f"account-summary.json:/SummaryMap/{name}", counts[name] + 1)
    }


def test_population_count_mismatch_passes_where_all_counts_agree():
    """Root is no user; policies of AWS are not the account's."""
    case = ANN.policy("own").policy("x").member(Arn="arn:aws:iam::aws:policy/Billing")
    case = case.summary(Users=1, Groups=1, Roles=1, Policies=1)
    assert case.status("population-count-mismatch") is Status.PASS


def test_population_count_mismatch_passes_with_the_report_alone():
    """Each export is compared with what it lists, not with what another would."""
    case = ANN.without(DETAILS).summary(Users=1, Groups=7, Roles=7, Policies=7)
    assert case.status("population-count-mismatch") is Status.PASS


# evidence-account-mismatch


def test_evidence_account_mismatch_fails_for_exports_of_two_accounts():
    """The report of one account and the details of another were handed in together."""
    other = account("444455556666").role("app").details
    case = ANN.without(DETAILS).export("details.json", other)
    assert case.status("evidence-account-mismatch") is Status.FAIL


def test_evidence_account_mismatch_names_each_file_with_its_own_account():
    """Whoever forwards the sentence blames the right file."""
    other = account("444455556666").role("app").details
    [finding] = ANN.without(DETAILS).export("details.json", other).judged(MISMATCH).findings
    facts = finding.facts
    assert (facts["file"].endswith(REPORT), facts["account"]) == (True, "111122223333")
    assert (facts["other_file"].endswith("details.json"), facts["other"]) == (True, "444455556666")


def test_evidence_account_mismatch_passes_for_exports_of_one_account():
    """Report and details name the same account."""
    assert ANN.status("evidence-account-mismatch") is Status.PASS


def test_evidence_account_mismatch_passes_for_two_accounts_in_full(tmp_path: Path):
    """Two accounts, each with both exports, are two audits and no mistake."""
    for number in ("111122223333", "444455556666"):
        account(number).user("ann").write(tmp_path / number)
    accounts, _ = build_accounts(load_evidence((tmp_path,)))
    for each in accounts:
        results = {result.rule: result for result in run_checks(CheckInput(each), the_catalogue())}
        assert results["evidence-account-mismatch"].status is Status.PASS


# evidence-truncated


@pytest.mark.parametrize(
    "members",
    [
        {"IsTruncated": True, "Marker": "AAA"},
        {"IsTruncated": None, "Marker": "AAA"},
        {"IsTruncated": None, "NextToken": "AAA"},
        {"RoleDetailList": None},
    ],
    ids=["IsTruncated", "Marker", "NextToken", "section"],
)
def test_evidence_truncated_fails_for_each_sign(members: dict):
    """A page that promises another one, or a filter that left a section out."""
    assert spots(ANN.page(**members), "evidence-truncated") == [f"{DETAILS}:"]


def test_evidence_truncated_passes_for_a_whole_export():
    """IsTruncated is false, and every section is there."""
    assert ANN.status("evidence-truncated") is Status.PASS


def test_evidence_truncated_passes_for_all_pages_together():
    """Two pages, the first of which promises the second."""
    first = {"UserDetailList": [], "IsTruncated": True, "Marker": "AAA"}
    case = ANN.export("first-page.json", first)
    assert case.status("evidence-truncated") is Status.PASS


# evidence-altered-by-spreadsheet


def resaved(text: str):
    """The account with this text as its report, in a file named as the console names it."""
    return ANN.bare_report(text, "status_reports_2026-10-01T00-00-00.csv")


def reordered(text: str) -> str:
    """The table with its last column first."""
    rows = [line.split(",") for line in text.splitlines()]
    return "\n".join(",".join([row[-1], *row[:-1]]) for row in rows)


def with_account(text: str) -> str:
    """The table with an account column, its number as a spreadsheet shows it."""
    header, *rows = text.splitlines()
    return "\n".join([f"{header},account", *(f"{row},1.11122E+11" for row in rows)])


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + ANN.csv,
        ANN.csv.replace("\n", "\r\n"),
        ANN.csv.replace(",", ";"),
        ANN.csv.replace(",", "\t"),
        ANN.csv.replace("true", "TRUE").replace("false", "FALSE"),
        ANN.csv.replace("2026-09-30T00:00:00+00:00", "30.09.2026 00:00"),
        with_account(ANN.csv),
        reordered(ANN.csv),
    ],
    ids=["BOM", "CRLF", "semicolon", "tab", "capitals", "dates", "column", "order"],
)
def test_evidence_altered_by_spreadsheet_fails_for_each_sign(text: str):
    """AWS writes none of these."""
    assert resaved(text).status(ALTERED) is Status.FAIL


def test_evidence_altered_by_spreadsheet_points_at_the_altered_cell():
    """The first cell that AWS would have written otherwise."""
    case = resaved(ANN.csv.replace("true", "TRUE").replace("false", "FALSE"))
    [(_, spot, value)] = case.proof(ALTERED)
    assert (spot, value) == ("status_reports_2026-10-01T00-00-00.csv:2:password_enabled", "TRUE")


@pytest.mark.parametrize(
    "text",
    [ANN.csv, ANN.csv + "\n", ANN.csv.replace("+00:00", "Z")],
    ids=["as it is", "final newline", "Z dates"],
)
def test_evidence_altered_by_spreadsheet_passes_for_the_forms_of_aws(text: str):
    """AWS writes both forms of dates; a final newline comes with base64 -d and echo."""
    assert resaved(text).status(ALTERED) is Status.PASS


def test_evidence_altered_by_spreadsheet_passes_for_the_23rd_column():
    """The guide documents additional_credentials_info; live files lack it."""
    header, *rows = ANN.csv.splitlines()
    text = "\n".join([f"{header},additional_credentials_info", *(f"{row},N/A" for row in rows)])
    assert resaved(text).status(ALTERED) is Status.PASS


# report-missing-root-row


def test_report_missing_root_row_fails_without_one():
    """AWS always writes root's row first; this one was cut off."""
    assert ANN.without_root().status("report-missing-root-row") is Status.FAIL


def test_report_missing_root_row_fails_for_two():
    """Root stands in the report twice."""
    lines = ANN.csv.splitlines()
    case = resaved("\n".join([*lines, lines[1]]))
    [finding] = case.judged("report-missing-root-row").findings
    assert [case.value_at(location)[1]["user"] for location in finding.locations] == [
        ROOT_USER,
        ROOT_USER,
    ]


def test_report_missing_root_row_passes_for_one():
    """One root, one account."""
    assert ANN.status("report-missing-root-row") is Status.PASS


def test_report_missing_root_row_passes_for_a_user_called_root_beside_it():
    """A user of that name is no second root."""
    assert account().user("root").status("report-missing-root-row") is Status.PASS
