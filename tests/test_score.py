"""The score: its worked examples, and the laws that any figure for an auditor must keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence.artifacts import Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.rules.catalogue import Practice, load_catalogue
from analyzer.rules.finding import Finding, Resource, Result, Status
from analyzer.rules.severity import Severity
from analyzer.score import FORMULA, Grade, deduction_tenths, grade, organization_score, score

CATALOGUE = load_catalogue()
ALL_FILES = frozenset(FORMULA.key_files.values())
CONTROLS = [name for name, entry in CATALOGUE.entries.items() if entry.is_scored]


def result(rule, failed=0, status=None, accepted=0):
    """One rule's result with so many failing resources."""
    findings = tuple(
        Finding(rule, "1" * 12, Resource(f"r{n}", f"{rule}/{n}"), (Location("E1"),))
        for n in range(failed)
    )
    chosen = status or (Status.FAIL if failed else Status.PASS)
    return Result(rule, chosen, population=max(failed, 1), failed=failed, findings=findings)


def account(**failing):
    """Every rule passes, but for those named, which fail so many times."""
    wanted = {name.replace("_", "-"): failed for name, failed in failing.items()}
    assert set(wanted) <= set(CATALOGUE.entries)
    return [result(name, wanted.get(name, 0)) for name in CATALOGUE.entries]


def scored(results, accepted=frozenset(), present=ALL_FILES):
    """The score as the program reckons it."""
    return score(results, accepted, present, CATALOGUE)


@pytest.mark.parametrize(
    ("failing", "value", "letter"),
    [
        ({"key_older_than_90_days": 1, "user_in_no_group": 1}, 95, Grade.A),
        ({"key_older_than_90_days": 12}, 90, Grade.A),
        ({"console_user_no_mfa": 1, "any_user_no_mfa": 1}, 86, Grade.B),
        ({"console_user_no_mfa": 40, "any_user_no_mfa": 40}, 73, Grade.C),
        ({"root_mfa_missing": 1, "key_older_than_90_days": 12}, 49, Grade.F),
        (
            {
                "leaked_key_active": 1,
                "leaked_key_privileged_owner": 1,
                "key_older_than_90_days": 3,
            },
            19,
            Grade.F,
        ),
        ({}, 100, Grade.A),
    ],
    ids=lambda given: ", ".join(given) if isinstance(given, dict) else None,
)
def test_worked_examples_come_out_as_published(failing, value, letter):
    """The table that explains the formula is true of it."""
    made = scored(account(**failing))
    assert (made.value, made.grade) == (value, letter)


@pytest.mark.parametrize(
    ("severity", "failed", "tenths"),
    [
        (Severity.MEDIUM, 0, 0),
        (Severity.MEDIUM, 1, 100),
        (Severity.MEDIUM, 2, 130),
        (Severity.MEDIUM, 3, 148),
        (Severity.HIGH, 5, 425),
        (Severity.CRITICAL, 10, 1200),
        (Severity.CRITICAL, 5000, 1200),
        (Severity.INFO, 9, 0),
    ],
)
def test_a_deduction_grows_with_the_logarithm_and_stops_at_double(severity, failed, tenths):
    """Ten failing users cost twice one, five thousand no more than ten."""
    assert deduction_tenths(severity, failed) == tenths


@pytest.mark.parametrize(
    ("rules", "limit"),
    [
        (["console-user-no-mfa"], 89),
        (["console-user-no-mfa", "root-recent-sign-in", "root-mfa-not-hardware",
          "key-older-than-one-year"], 79),
        (["root-mfa-missing"], 49),
        (["root-access-key-active"], 39),
        (["root-access-key-active", "root-key-used"], 19),
        (["root-mfa-missing", "admin-user-no-mfa", "escalation-user-no-mfa"], 29),
    ],
)  # fmt: skip
def test_bad_faults_cap_the_score(rules, limit):
    """No amount of order elsewhere outweighs an open door."""
    made = scored([result(name, 1 if name in rules else 0) for name in CATALOGUE.entries])
    assert made.caps[0].limit == limit
    assert made.value <= limit


@pytest.mark.parametrize(
    ("value", "coverage", "letter"),
    [
        (90, 100, Grade.A), (89, 100, Grade.B), (80, 100, Grade.B), (79, 100, Grade.C),
        (65, 100, Grade.C), (64, 100, Grade.D), (50, 100, Grade.D), (49, 100, Grade.F),
        (100, 79, Grade.B), (100, 80, Grade.A), (100, 59, Grade.NOT_RATED),
        (None, 100, Grade.NOT_RATED),
    ],
)  # fmt: skip
def test_grades_and_what_coverage_withholds(value, coverage, letter):
    """Thin evidence never earns an A, and very thin evidence no grade at all."""
    assert grade(value, coverage) is letter


def test_nothing_assessed_is_not_rated_and_never_100():
    """The failure that other tools are known for."""
    results = [result(name, status=Status.NOT_ASSESSED) for name in CATALOGUE.entries]
    made = scored(results, present=frozenset())
    assert (made.value, made.grade, made.coverage) == (None, Grade.NOT_RATED, 0)


def test_what_nobody_asked_for_leaves_the_coverage_as_it_is():
    """It is no gap in the evidence; but it is counted apart, and is never a pass."""
    rules = [each.id for each in CATALOGUE.entries.values() if each.is_scored]
    held = [result(name) for name in rules]
    first, *others = rules
    made = scored([result(first, status=Status.NOT_REQUESTED), *held[1:]])
    assert made.coverage == 100
    assert made.checks == {Status.PASS: len(others), Status.NOT_REQUESTED: 1}
    gap = scored([result(first, status=Status.NOT_ASSESSED), *held[1:]])
    assert gap.coverage < 100


def test_a_practice_without_its_key_file_is_not_rated():
    """100 for what nobody looked at would be a lie."""
    made = scored(account(), present=frozenset({ExportKind.CREDENTIAL_REPORT}))
    rated = {each.practice for each in made.practices if each.tenths is not None}
    assert rated == {
        Practice.MFA, Practice.ACCESS_KEYS, Practice.PASSWORDS, Practice.IDENTITIES,
    }  # fmt: skip


def test_the_ledger_adds_up_by_hand():
    """What an auditor reckons from the printed lines is the printed figure."""
    made = scored(account(console_user_no_mfa=4, key_older_than_90_days=7, group_empty=2))
    practices = dict.fromkeys(Practice, 1000)
    for line in made.ledger:
        practices[line.practice] -= line.tenths
    assert {each.practice: each.tenths for each in made.practices} == practices
    weights = {each.practice: each.weight for each in made.practices}
    mean = sum(practices[each] * weights[each] for each in Practice) / sum(weights.values())
    base = (2 / 3 * mean + 1 / 3 * min(practices.values())) / 10
    assert made.value == int(min(base, made.caps[0].limit))


def test_accepted_risk_lightens_medium_but_not_high_nor_critical():
    """The headline counts an accepted open door as open; both figures are printed."""
    medium, high = account(key_older_than_90_days=1), account(console_user_no_mfa=1)
    for results, is_lighter in ((medium, True), (high, False)):
        taken = frozenset(f.fingerprint for each in results for f in each.findings)
        made, plain = scored(results, taken), scored(results)
        assert (made.value > plain.value) is is_lighter
        assert made.gross == plain.value
        assert made.net == 100
        assert made.accepted == 1


def test_an_acceptance_never_lifts_a_critical_cap():
    """Not even in the figure that leaves accepted risks out."""
    results = account(root_mfa_missing=1)
    taken = frozenset(f.fingerprint for each in results for f in each.findings)
    assert scored(results, taken).net == 49


def test_judgements_of_the_evidence_cost_nothing():
    """A spreadsheet's traces say something of the file, not of the account."""
    assert scored(account(evidence_altered_by_spreadsheet=1, evidence_stale=1)).value == 100


def test_an_organization_has_both_figures_too():
    """With all accepted risks counted, and without them, by the rule of the headline."""
    results = account(console_user_no_mfa=1)
    taken = frozenset(f.fingerprint for each in results for f in each.findings)
    accepted, clean = scored(results, taken), scored(account())
    made = organization_score([accepted, clean])
    assert made.gross == (accepted.gross + clean.gross) // 2 < made.net == 100
    worst = scored(account(root_access_key_active=1))
    assert organization_score([clean] * 10 + [worst]).gross == worst.gross + 20
    assert organization_score([]).gross is None


def test_an_organization_is_never_far_above_its_worst_account():
    """Ten clean sandboxes don't hide one production account."""
    good, bad = scored(account()), scored(account(root_access_key_active=1))
    assert organization_score([good] * 10 + [bad]).value == bad.value + 20
    assert organization_score([good, good]).value == 100
    assert organization_score([bad]) == bad
    assert organization_score([]).grade is Grade.NOT_RATED


failures = st.dictionaries(st.sampled_from(CONTROLS), st.integers(1, 60), max_size=12)


def made_of(failing):
    """Results in which each rule fails so many times."""
    return [result(name, failing.get(name, 0)) for name in CATALOGUE.entries]


@given(failures, st.data())
def test_one_failure_less_is_never_worse(failing, data):
    """Mending something never costs points."""
    before = scored(made_of(failing))
    if failing:
        name = data.draw(st.sampled_from(sorted(failing)))
        failing = {**failing, name: failing[name] - 1}
    assert scored(made_of(failing)).value >= before.value


@given(failures, st.integers(1, 10_000))
def test_compliant_users_change_nothing(failing, more):
    """The score does not depend on how large the account is."""
    few = made_of(failing)
    many = [
        Result(each.rule, each.status, each.population + more, each.failed, findings=each.findings)
        for each in few
    ]
    assert scored(many) == scored(few)


@given(failures, st.sampled_from(CONTROLS))
def test_a_new_check_that_passes_changes_nothing(failing, added):
    """A larger catalogue alone does not move last quarter's figure."""
    failing = {name: failed for name, failed in failing.items() if name != added}
    with_it = made_of(failing)
    without = [each for each in with_it if each.rule != added]
    assert scored(with_it).value == scored(without).value


@given(failures)
def test_the_same_results_give_the_same_score(failing):
    """Nothing but the results enters."""
    assert scored(made_of(failing)) == scored(list(made_of(failing)))


@given(failures, st.sets(st.sampled_from(sorted(ALL_FILES))))
def test_withdrawing_a_file_never_raises_the_score(failing, withdrawn):
    """What failed in it stays failing (the sticky rule); the clean rest is no longer counted."""
    whole = scored(made_of(failing))
    part = scored(made_of(failing), present=ALL_FILES - withdrawn)
    assert part.value is None or part.value <= whole.value


def test_every_constant_weighs_something():
    """The weights add up to 100, and every practice and severity has its constants."""
    assert sum(FORMULA.weights.values()) == 100
    assert set(FORMULA.weights) == set(FORMULA.key_files) == set(Practice)
    assert set(FORMULA.points) == set(FORMULA.coverage) == set(Severity)
    assert set(CATALOGUE.entries) >= FORMULA.takeover


def told_apart(rule, *variants):
    """The rule fails once for each of these variants."""
    findings = tuple(
        Finding(rule, "1" * 12, Resource(name, f"{rule}/{n}"), (Location("E1"),), variant=name)
        for n, name in enumerate(variants)
    )
    failed = len(variants)
    return Result(rule, Status.FAIL, population=failed, failed=failed, findings=findings)


def with_result(made):
    """Every rule passes but the one of this result."""
    return [made if each.rule == made.rule else each for each in account()]


def test_a_milder_variant_costs_what_its_own_severity_costs():
    """Nobody gets in as this administrator: 3 points, and no cap for a high check."""
    made = scored(with_result(told_apart("user-effective-admin", "no-way-in")))
    [line] = made.ledger
    assert (line.severity, line.tenths, made.caps) == (Severity.LOW, 30, ())


def test_a_check_of_two_severities_has_a_line_for_each():
    """Two high and one low finding of one check, the worst first."""
    made = scored(with_result(told_apart("user-effective-admin", "", "no-way-in", "")))
    assert [(each.severity, each.failed) for each in made.ledger] == [
        (Severity.HIGH, 2),
        (Severity.LOW, 1),
    ]
    assert [cap.reason for cap in made.caps] == ["1 high-severity check failed"]


def in_doubt(who, unknown=1, population=4):
    """Every check of high severity could judge all but some of its members."""
    high = {name for name in CONTROLS if CATALOGUE.entries[name].severity is Severity.HIGH}
    return [
        Result(each.rule, Status.NOT_ASSESSED, population, unknown=unknown, in_doubt=who)
        if each.rule in high
        else each
        for each in account()
    ]


def test_what_one_principal_hides_costs_that_principal_alone():
    """Of four members three were judged, so three quarters of the weight count."""
    whole, part = scored(account()), scored(in_doubt(frozenset({"arn:aws:iam::1:user/ann"})))
    weight = FORMULA.coverage[Severity.HIGH] * sum(
        CATALOGUE.entries[name].severity is Severity.HIGH for name in CONTROLS
    )
    assert part.assessed_weight == whole.assessed_weight - weight // 4 - bool(weight % 4)
    none = scored(in_doubt(frozenset({"arn:aws:iam::1:user/ann"}), unknown=4))
    assert none.assessed_weight == whole.assessed_weight - weight


def test_what_anybody_may_hide_costs_the_whole_check():
    """Nobody knows who is in doubt, so the members that were judged prove nothing."""
    weights = {scored(in_doubt(who)).assessed_weight for who in (None, frozenset())}
    assert weights == {scored(in_doubt(None, unknown=4)).assessed_weight}


def barely(practice, assessed):
    """So many checks of the practice pass, the others wait for an export."""
    own = [name for name in CONTROLS if CATALOGUE.entries[name].practice is practice]
    waiting = own[assessed:]
    return [
        result(each.rule, status=Status.NOT_ASSESSED) if each.rule in waiting else each
        for each in account()
    ]


def share_of(made, practice):
    """The practice's score in tenths."""
    return next(each.tenths for each in made.practices if each.practice is practice)


@pytest.mark.parametrize("practice", [Practice.MFA, Practice.LEAST_PRIVILEGE, Practice.ACCESS_KEYS])
def test_a_practice_of_which_one_check_was_judged_is_not_rated(practice):
    """One answer of seventeen is no 100."""
    assert share_of(scored(barely(practice, 1)), practice) is None
    assert share_of(scored(barely(practice, 1000)), practice) == 1000


def test_an_accepted_risk_rates_no_practice_that_nobody_judged():
    """Its 100 would be of what is unknown; the same failure unaccepted does show."""
    rule = next(
        name
        for name in CONTROLS
        if CATALOGUE.entries[name].severity is Severity.MEDIUM
        and CATALOGUE.entries[name].practice is Practice.REVIEWS
    )
    failing = result(rule, 1)
    results = [failing if each.rule == rule else each for each in barely(Practice.REVIEWS, 0)]
    present = ALL_FILES - {ExportKind.ANALYZERS}
    taken = frozenset(each.fingerprint for each in failing.findings)
    assert share_of(scored(results, taken, present), Practice.REVIEWS) is None
    assert share_of(scored(results, present=present), Practice.REVIEWS) == 900


def test_a_practice_of_which_little_was_judged_still_shows_what_fails():
    """The one answer there is says no."""
    first = next(n for n in CONTROLS if CATALOGUE.entries[n].practice is Practice.MFA)
    results = [result(first, 1) if each.rule == first else each for each in barely(Practice.MFA, 1)]
    assert share_of(scored(results), Practice.MFA) == 1000 - 600
