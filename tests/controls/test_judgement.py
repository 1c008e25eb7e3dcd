"""A control's result: by its own thresholds, never a pass on a proxy, a gap or an acceptance."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.config import Profile
from analyzer.controls.frameworks import Coverage
from analyzer.controls.judgement import DISQUALIFYING, judge_organization
from analyzer.errors import EvidenceError
from tests.builders import REPORT, account, allow, the_catalogue
from tests.controls.judged_controls import Pair, control_of, controls_of, status_of
from tests.hypothesis_profiles import examples
from tests.rules.right_accounts import guarded, people
from tests.rules.wrong_accounts import bad_evidence

WEAK = account().user("ann").password().mfa().password_policy(MinimumPasswordLength=12)


def test_a_control_is_judged_by_its_own_threshold_under_every_profile():
    """Twelve characters are enough for PCI DSS and too few for CIS, whoever asks."""
    for profile in Profile:
        case = WEAK.limits(profile)
        assert status_of(case, "cis_5_0", "1.7") == "fail"
        assert status_of(case, "cis_7_0", "2.8") == "fail"
        assert status_of(case, "security_hub", "IAM.15") == "fail"
        assert status_of(case, "pci_dss_4_0", "8.3.6") == "pass"
        assert status_of(case, "aws_fsbp", "IAM.7") == "pass"


def test_own_settings_do_not_soften_a_control():
    """A credaudit.toml changes the findings, not what the benchmark says."""
    case = WEAK.limits(password_length=6, password_memory=1)
    assert not case.proof("password-min-length")
    assert status_of(case, "cis_5_0", "1.7") == "fail"


def test_what_a_control_leaves_open_is_judged_by_the_run():
    """NIST names no number of days, so the organization's own holds."""
    case = account().user("ann").password().mfa().key(age=60, last_used=50)
    assert status_of(case, "nist_800_53_r5", "AC-2(3)") == "fail"
    looser = case.limits(unused_key=70).scanned()
    failing = control_of(looser, "nist_800_53_r5", "AC-2(3)")
    assert "key-unused-45-days" not in {
        each.mapped.rule for each in failing.checks if each.findings
    }


def test_unused_credentials_have_45_days_for_cis_and_90_for_fsbp():
    """The same key in the same run."""
    case = account().user("ann").password().mfa().key(age=60, last_used=50)
    assert status_of(case, "cis_7_0", "2.11") == "fail"
    assert status_of(case, "security_hub", "IAM.22") == "fail"
    assert status_of(case, "aws_fsbp", "IAM.8") == "pass"


def test_a_password_that_nobody_ever_used_counts_from_the_day_of_its_making():
    """Security Hub gives it 90 days, CIS 45."""
    case = account().user("ann", created=60).password(changed=60, last_used=None).mfa()
    assert status_of(case, "cis_5_0", "1.11") == "fail"
    assert status_of(case, "security_hub", "IAM.8") == "pass"
    older = account().user("ann", created=100).password(changed=100, last_used=None).mfa()
    assert status_of(older, "security_hub", "IAM.8") == "fail"


def test_no_password_policy_at_all_breaks_each_control_about_it():
    """AWS's default has eight characters and no memory."""
    case = account().user("ann").password().mfa().no_password_policy()
    for framework, control in [
        ("cis_5_0", "1.7"), ("cis_5_0", "1.8"), ("cis_7_0", "2.9"), ("security_hub", "IAM.7"),
        ("security_hub", "IAM.13"), ("security_hub", "IAM.17"),
    ]:  # fmt: skip
        assert status_of(case, framework, control) == "fail", control


def test_a_proxy_never_passes():
    """Keys of programs show that roles are not used; their absence shows nothing."""
    for case in (people(), guarded(), account().user("ann").password().mfa()):
        for result in controls_of(case).values():
            if result.coverage is Coverage.PARTLY:
                assert result.status != "pass", result.control.id
    with_key = account().user("ci-deploy").key(age=30, last_used=1)
    assert status_of(account(), "cis_5_0", "1.17") in {"partly", "not-assessed"}
    assert status_of(with_key, "cis_5_0", "1.17") == "fail"


def test_what_no_export_can_tell_is_not_covered():
    """It is for an interview, and says so."""
    result = control_of(people(), "cis_7_0", "2.1.4")
    assert result.status == "not-covered"
    assert not result.checks


def test_a_missing_file_leaves_its_controls_not_assessed():
    """With the reason that the check gives."""
    result = control_of(account().user("ann").without(REPORT), "cis_5_0", "1.9")
    assert result.status == "not-assessed"
    assert "credential report" in result.reason


def test_a_failure_is_one_although_another_check_has_no_file():
    """More evidence could not mend it."""
    case = account().user("ann").password(changed=400, last_used=300).without("analyzers.json")
    assert status_of(case, "cis_5_0", "1.11") == "fail"


def test_an_accepted_risk_still_breaks_the_control_and_is_counted():
    """The framework knows no acceptance; the reader sees both numbers."""
    case = account().user("ann").password().user("bob").password()
    case = case.accepted("console-user-no-mfa", "arn:aws:iam::111122223333:user/ann")
    result = control_of(case, "cis_5_0", "1.9")
    assert (result.status, result.failed, result.accepted) == ("fail", 2, 1)


def test_an_acceptance_covers_what_only_the_control_finds():
    """The run's own thresholds found nothing to accept."""
    case = WEAK.limits(Profile.PCI).accepted("password-min-length")
    result = control_of(case, "cis_5_0", "1.7")
    assert (result.status, result.accepted) == ("fail", 1)


def test_a_variant_counts_for_the_controls_that_it_names():
    """A password or key unused for 20 days is a finding of ours, and none of CIS's."""
    case = account().user("ann", created=20).password(changed=20).mfa().key(age=20, last_used=None)
    assert case.proof("key-never-used")
    assert status_of(case, "cis_5_0", "1.11") == "pass"
    case = account().user("ann", created=20).password(changed=20, last_used=None).mfa()
    assert case.proof("initial-password-never-used")
    assert status_of(case, "cis_5_0", "1.11") == "pass"
    assert status_of(case, "pci_dss_4_0", "8.3.5") == "fail"


def test_population_and_failures_are_those_of_the_checks():
    """So that an auditor can add them up."""
    case = account().user("ann").password().user("bob").password().mfa()
    result = control_of(case, "cis_5_0", "1.9")
    assert (result.population, result.failed) == (2, 1)
    assert [each.mapped.rule for each in result.checks] == ["console-user-no-mfa"]


def test_evidence_is_the_files_that_the_checks_read():
    """By the ids under which the report lists them, with their digests."""
    case = account().user("ann").password().mfa()
    given = case.case()
    kinds = {each.id: each.kind.value for each in given.account.artifacts}
    result = control_of(case, "cis_5_0", "1.9")
    assert {kinds[each] for each in result.evidence} == {"credential_report"}


def test_a_report_without_root_is_nothing_to_pass_on():
    """Somebody took a row out, so other rows may be gone too."""
    case = account().user("ann").password().mfa().without_root()
    result = control_of(case, "cis_5_0", "1.9")
    assert result.status == "not-assessed"
    assert "report-missing-root-row" in {each.rule for each in result.doubts}


def test_doubts_about_the_evidence_are_said_beside_the_result():
    """An old file is no failure, and the reader ought to know."""
    found = controls_of(bad_evidence()).values()
    assert any(each.doubts for each in found)
    assert set(the_catalogue().entries) >= DISQUALIFYING


def test_the_organization_has_the_worst_of_its_accounts():
    """One account without MFA is enough, and populations add up."""
    good = controls_of(account().user("ann").password().mfa())
    bad = controls_of(account("444455556666").user("bob").password())
    total = {
        Pair(each.control.framework, each.control.id): each
        for each in judge_organization([tuple(good.values()), tuple(bad.values())])
    }
    result = total["cis_5_0", "1.9"]
    assert (result.account, result.status, result.population) == (None, "fail", 2)
    assert total["cis_7_0", "2.1.4"].status == "not-covered"


FULL_ACCOUNTS = (
    people(),
    guarded(),
    account().user("ann").password().key(age=400, last_used=200).may("*").no_password_policy(),
    account().user("ann").password().mfa().group("dev").password_policy().contact(),
    account().role("open").trusts({"AWS": "*"}).inline("all", allow("s3:*")).no_contact(),
)


@given(st.sampled_from(FULL_ACCOUNTS), st.data())
@examples(0.3)
def test_handing_in_less_never_turns_a_control_into_a_pass(case, data):
    """What failed or was not assessed with more files is no better with fewer."""
    files = sorted({REPORT, "authorization-details.json", *case.exports, *case.texts})
    gone = data.draw(st.sets(st.sampled_from(files), min_size=1, max_size=len(files) - 1))
    fewer = case.without(*gone)
    try:
        now = controls_of(fewer)
    except (StopIteration, EvidenceError):  # nothing is left that names the account, or its time
        return
    for pair, before in controls_of(case).items():
        if before.status in {"fail", "not-assessed"}:
            assert now[pair].status != "pass", (pair, gone)
