"""The sticky rule: a finding of the last report closes on evidence, and on nothing else."""

from dataclasses import replace

import pytest

from analyzer.rules.finding import Status
from tests.builders import DETAILS, REPORT, AccountBuilder, account, allow, the_catalogue
from tests.rules.wrong_accounts import neglected

RULE = "console-user-no-mfa"
ANN = account().user("ann").password()


def fingerprints(case: AccountBuilder, rule: str = RULE) -> list[str]:
    """The rule's findings, in the order of the report."""
    return [each.fingerprint for each in case.judged(rule).findings]


def test_a_finding_stays_open_where_the_export_was_not_handed_in():
    """Leaving the report out does not give ann a second factor."""
    now = account().role("app").without(REPORT).audited_at(0).after(ANN)
    result = now.judged(RULE)
    assert result.status is Status.FAIL
    assert result.failed == 1 <= result.population
    assert fingerprints(now) == fingerprints(ANN)


def test_a_finding_that_stays_points_at_the_last_report():
    """Its place is where it stood then; the evidence of today does not show it."""
    [finding] = account().role("app").without(REPORT).audited_at(0).after(ANN).judged(RULE).findings
    [location] = finding.locations
    assert (location.evidence, location.pointer) == ("P1", "/findings/0")
    assert finding.withdrawn == finding.fingerprint
    assert finding.resource.arn == "arn:aws:iam::111122223333:user/ann"


def test_a_finding_stays_open_where_its_cell_can_not_be_read():
    """A damaged cell closes nothing."""
    now = ANN.cell("ann", "mfa_active", "?").after(ANN)
    assert now.status(RULE) is Status.FAIL
    assert fingerprints(now) == fingerprints(ANN)


def test_a_finding_stays_open_beside_new_ones_while_somebody_is_unknown():
    """Bob is new and fails; ann can't be read, so what she had stays."""
    now = ANN.cell("ann", "mfa_active", "?").user("bob").password().after(ANN)
    assert now.status(RULE) is Status.FAIL
    assert set(fingerprints(ANN)) < set(fingerprints(now))
    assert now.judged(RULE).failed == 2


def test_a_finding_closes_where_somebody_else_is_unknown():
    """Bob's cell can't be read; that ann has a second factor now is evidence all the same."""
    then = ANN.user("bob").password()
    now = then.cell("ann", "mfa_active", "true").cell("bob", "mfa_active", "?").after(then)
    [left] = now.judged(RULE).findings
    assert left.resource.arn.endswith(":user/bob")
    gone = account().user("bob").password().cell("bob", "mfa_active", "?").after(then)
    assert [each.resource.arn for each in gone.judged(RULE).findings] == [left.resource.arn]


def test_a_finding_closes_where_another_users_policy_can_not_be_read():
    """What bob holds says nothing of ann, whose rights are gone."""
    broken = {"Effect": "Allow", "Action": "*"}
    then = account().user("ann").may("*").user("bob").inline("p", broken)
    now = account().user("ann").user("bob").inline("p", broken).after(then)
    assert fingerprints(then, "user-effective-admin") != []
    assert fingerprints(now, "user-effective-admin") == []


def test_a_finding_on_a_policy_closes_where_another_can_not_be_read():
    """One policy was narrowed; that another is broken is no reason to doubt it."""
    broken = {"Effect": "Allow", "Action": "*"}
    held = [f"arn:aws:iam::111122223333:policy/{name}" for name in ("wide", "broken")]
    ann = account().user("ann").attached(*held).policy("broken", broken)
    then, now = ann.policy("wide", allow("s3:*")), ann.policy("wide", allow("s3:Get*"))
    assert fingerprints(then, "policy-service-wildcard") != []
    assert fingerprints(now.after(then), "policy-service-wildcard") == []


def test_a_finding_on_the_account_stays_open_while_a_user_is_unknown():
    """Whether people sign in with passwords decides it, and ann's cell does not say."""
    then = ANN.no_providers().identity_center()
    now = then.cell("ann", "password_enabled", "?").after(then)
    rule = "no-federation-configured"
    assert fingerprints(now, rule) == fingerprints(then, rule) != []


def test_a_finding_on_a_group_stays_open_while_a_user_hides_its_groups():
    """Ann may be its member, or not."""
    then = account().empty_group("dev").user("ann")
    now = then.member(GroupList=[None]).after(then)
    assert fingerprints(now, "group-empty") == fingerprints(then, "group-empty") != []


def test_a_finding_on_a_role_stays_open_while_a_user_is_unknown():
    """What stands in a user's entry may touch a role, too; no check says that it does not."""
    then = account().user("ann").role("app").attached("AWSCloudShellFullAccess")
    held = account().user("ann").member(GroupList=[None]).role("app").after(then)
    rule = "cloudshell-full-access"
    assert fingerprints(held, rule) == fingerprints(then, rule) != []


def test_a_finding_stays_open_where_somebody_unknown_has_no_place():
    """The export does not list everyone: ann may be one of those it lacks."""
    then = account().user("ann").attached("AdministratorAccess").user("bob")
    cut = account().user("bob").page(IsTruncated=True).after(then)
    rule = "user-effective-admin"
    assert fingerprints(cut, rule) == fingerprints(then, rule) != []


def test_a_finding_closes_on_evidence():
    """The report shows the second factor."""
    assert ANN.mfa().after(ANN).status(RULE) is Status.PASS


def test_a_finding_closes_with_its_user():
    """The report no longer lists ann, so nobody falls under the rule."""
    assert account().after(ANN).status(RULE) is Status.NOT_APPLICABLE


def test_a_finding_that_is_found_again_is_one_finding():
    """It is in the evidence, so nothing has to be kept from the last report."""
    now = ANN.after(ANN)
    [finding] = now.judged(RULE).findings
    assert finding.withdrawn == ""
    assert fingerprints(now) == fingerprints(ANN)


def test_findings_of_other_accounts_are_theirs():
    """A report may speak of several accounts."""
    other = account("444455556666").user("ann").password()
    now = account().role("app").without(REPORT).audited_at(0).after(other)
    assert now.status(RULE) is Status.NOT_ASSESSED


def test_without_a_previous_report_nothing_is_kept():
    """The first audit has no past."""
    assert ANN.cell("ann", "mfa_active", "?").status(RULE) is Status.NOT_ASSESSED


def test_a_leak_stays_open_where_no_repository_was_scanned():
    """The key is no less exposed for not being looked for."""
    then = neglected()
    now = replace(then, beside={})
    for rule in ("leaked-key-active", "leaked-key-inactive", "leaked-key-owner-unknown"):
        assert fingerprints(now.after(then), rule) == fingerprints(then, rule)


@pytest.mark.parametrize("rule", ["role-unused-90-days", "user-direct-policy"])
def test_a_finding_stays_open_where_the_details_are_cut(rule: str):
    """The resource may stand on the missing page, though others were found at fault."""
    then = account().role("old", last_used=None).user("ann").inline("own")
    then = then.role("other", last_used=None).user("bob").inline("own")
    now = account().role("other", last_used=None).user("bob").inline("own")
    now = now.page(IsTruncated=True, Marker="AAA").after(then)
    assert set(fingerprints(then, rule)) == set(fingerprints(now, rule))


FILES = sorted({REPORT, DETAILS, *neglected().exports, *neglected().texts})
SCORED = [each.id for each in the_catalogue().entries.values() if each.kind != "data-quality"]


@pytest.mark.parametrize("file", FILES)
def test_leaving_a_file_out_never_closes_a_finding(file: str):
    """Whatever is withheld, every finding of the last report is still there."""
    then = neglected()
    now = then.without(file).audited_at(0).after(then)
    before, after = then.judged_all(), now.judged_all()
    closed = {
        rule
        for rule in SCORED
        if not {each.fingerprint for each in before[rule].findings}
        <= {each.fingerprint for each in after[rule].findings}
    }
    assert not closed


def test_what_is_carried_over_keeps_its_variant():
    """A mild finding does not turn grave because a file is missing."""
    earlier = account().user("ann").may("*")
    now = account().user("ann").without(DETAILS).after(earlier)
    [finding] = now.judged("user-effective-admin").findings
    assert (finding.withdrawn, finding.variant) == (finding.fingerprint, "no-way-in")
