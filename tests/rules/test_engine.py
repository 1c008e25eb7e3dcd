"""From outcomes to results: what a status means, and what a fingerprint depends on."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence.artifacts import Location
from analyzer.evidence.credential_report import COLUMNS
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from analyzer.rules import engine
from analyzer.rules.engine import CheckInput, checks_by_rule, run_checks
from analyzer.rules.finding import Finding, Resource, Result, Status
from analyzer.rules.outcomes import as_variant, fail, key_resource
from analyzer.rules.practices import access_keys
from tests.builders import DETAILS, REPORT, AccountBuilder, account, the_catalogue
from tests.hypothesis_profiles import examples
from tests.rules.small_exports import SECOND, days
from tests.rules.wrong_accounts import KEYS, NUMBER, findings_of, judged, neglected

ENTRIES = the_catalogue().entries
BUILT = sorted(checks_by_rule())
MANY = examples(0.1)
KNOWN = {
    "account", "limits", "leaks", "findings", "unsettled", "previous", "accepted_risks",
    "told_elsewhere", "graph", "people",
}  # fmt: skip


def kept_well() -> AccountBuilder:
    """An account in which every rule that rests on the authorization details passes."""
    case = account().user("ann").password().mfa().group("dev").tag("owner")
    case = case.attached("AWSCompromisedKeyQuarantine").user("bot").key(service="s3").group("dev")
    case = case.tag("owner").attached("ReadOnlyAccess").role("support").attached("AWSSupportAccess")
    return case.policy("own").saml_provider()


def fingerprints(case: AccountBuilder) -> dict[str, set[str]]:
    """Each rule's findings, by fingerprint."""
    results = case.judged_all().values()
    return {each.rule: {finding.fingerprint for finding in each.findings} for each in results}


# Statuses


def test_results_come_for_every_rule_in_the_catalogue_s_order():
    """The report lists them so, whatever ran first."""
    results = run_checks(CheckInput(account().account()), the_catalogue())
    assert [each.rule for each in results] == list(ENTRIES)


def test_every_rule_of_the_catalogue_is_built():
    """Nothing in it is only described."""
    assert sorted(ENTRIES) == BUILT


@pytest.mark.parametrize("rule", BUILT)
def test_a_rule_whose_input_is_missing_names_what_it_lacks_and_the_command(rule: str):
    """An account of which nothing but its contacts or its certificates were handed in."""
    needs_certificates = "server_certificates" in ENTRIES[rule].inputs[0]
    bare = account().without(REPORT, DETAILS).audited_at(0)
    case = (
        bare.analyzer("eu-west-1")
        if needs_certificates
        else bare.server_certificate("w", expired=-9)
    )
    result = case.judged(rule)
    missing = [the_catalogue().inputs[name] for name in min(ENTRIES[rule].inputs, key=len)]
    unasked = [each for each in missing if each.is_on_request]
    assert result.status is (Status.NOT_REQUESTED if unasked else Status.NOT_ASSESSED)
    assert any(each.what in result.reason for each in missing)
    assert any(each.command in result.command for each in missing)


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_rule_that_nobody_asked_for_asks_only_for_what_the_auditor_hands_in(is_listed: bool):
    """Without a repository no export is missing: nobody has to make one."""
    case = account().user("ann")
    result = (case.listed_key(KEYS[0]) if is_listed else case).judged("leaked-key-active")
    assert result.status is Status.NOT_REQUESTED
    assert result.command == the_catalogue().inputs["repo_scan"].command


def test_a_rule_that_was_asked_for_is_not_assessed_without_its_export():
    """Repositories were handed in, and whether the key lives only the list of keys tells."""
    result = account().user("ann").scanned().judged("leaked-key-active")
    assert result.status is Status.NOT_ASSESSED
    assert result.command == the_catalogue().inputs["access_keys"].command


def test_what_is_handed_in_on_request_is_what_no_account_exports():
    """Whoever asks for more has to hand in these; all else is a gap."""
    asked = {each.name for each in the_catalogue().inputs.values() if each.is_on_request}
    assert asked == {"repo_scan", "previous_run", "exceptions", "people"}


def test_no_member_means_not_applicable():
    """Nobody has a key, so nothing falls under a rule on keys."""
    result = account().user("ann").judged("key-older-than-90-days")
    assert (result.status, result.population) == (Status.NOT_APPLICABLE, 0)
    assert result.reason


def test_members_are_counted():
    """Four keys: one too old, one of which nobody knows, two in order."""
    case = account().user("ann").key(age=100).key(age=1).user("bob").key().key()
    case = case.cell("bob", "access_key_1_last_rotated", "?")
    result = case.judged("key-older-than-90-days")
    assert (result.population, result.failed, result.unknown) == (4, 1, 1)
    assert result.status is Status.FAIL
    assert "1 of 4" in result.reason


def test_one_unknown_member_among_good_ones_leaves_the_rule_not_assessed():
    """Ninety-nine good ones prove nothing about the hundredth."""
    case = account().user("ann").password().mfa().user("bob").password()
    result = case.cell("bob", "mfa_active", "?").judged("console-user-no-mfa")
    assert (result.status, result.unknown) == (Status.NOT_ASSESSED, 1)
    assert "get-credential-report" in result.command
    assert "row 4" in result.reason


CUT = {"IsTruncated": True, "Marker": "AAA"}


@cache
def cut(make: Callable[[], AccountBuilder]) -> dict[str, Result]:
    """What the rules say of the account where a page of its details is missing."""
    return make().page(**CUT).judged_all()


RESTS_ON_DETAILS = [
    rule
    for rule in BUILT
    if ENTRIES[rule].kind != "data-quality"
    and any(ExportKind.AUTHORIZATION_DETAILS in needed for needed in ENTRIES[rule].inputs)
]


@pytest.mark.parametrize("rule", RESTS_ON_DETAILS)
@pytest.mark.parametrize("make", [kept_well, account, neglected])
def test_cut_authorization_details_never_pass(rule: str, make: Callable[[], AccountBuilder]):
    """Whoever breaks the rule may stand on the page that is missing."""
    result = cut(make)[rule]
    assert result.status is Status.FAIL or result.status.is_open


def test_the_account_that_is_kept_well_passes_while_the_details_are_whole():
    """Or the test above would show nothing."""
    results = kept_well().judged_all()
    passing = {rule for rule in RESTS_ON_DETAILS if results[rule].status is Status.PASS}
    assert {"support-role-missing", "group-empty", "role-unused-90-days"} <= passing


# The contract of checks and findings


@pytest.mark.parametrize("rule", BUILT)
def test_checks_ask_for_known_things_only(rule: str):
    """A check names what it reads; what it does not name it can't read."""
    check = checks_by_rule()[rule]
    names = check.__code__.co_varnames[: check.__code__.co_argcount]
    assert set(names) <= KNOWN
    assert check.__doc__


def test_a_finding_without_a_place_can_not_be_made():
    """No pointer, no finding."""
    with pytest.raises(ValueError, match="no place"):
        Finding("console-user-no-mfa", NUMBER, Resource("arn:x", "x"), ())


PLACED_IN_THE_LAST_REPORT = {"key-new-region-or-service"}


@pytest.mark.parametrize("rule", sorted({*BUILT} - PLACED_IN_THE_LAST_REPORT))
def test_every_place_of_every_finding_can_be_gone_to(rule: str):
    """Row and column, or pointer, lead to something in the file they name."""
    lost = []
    for case, finding in findings_of(rule):
        for location in finding.locations:
            if isinstance(location, Location) and ":" not in location.evidence:
                try:
                    case.value_at(location)
                except LookupError:
                    lost.append(location)
    assert not lost


@pytest.mark.parametrize("rule", BUILT)
def test_findings_of_one_rule_have_different_fingerprints(rule: str):
    """Two findings with one fingerprint would be one line in next quarter's comparison."""
    for _, results in judged():
        findings = results[rule].findings
        assert len({each.fingerprint for each in findings}) == len(findings)


@pytest.mark.parametrize("rule", BUILT)
def test_findings_name_an_arn_of_the_account(rule: str):
    """The resource is an ARN, and the fingerprint 32 hex digits."""
    for _, finding in findings_of(rule):
        assert finding.account == NUMBER
        assert finding.resource.arn.startswith("arn:aws:")
        assert len(finding.fingerprint) == 32
        assert int(finding.fingerprint, 16) >= 0


# Fingerprints


def swapped(row: dict[str, str]) -> dict[str, str]:
    """The row with the contents of the two key slots, and of the certificate slots, exchanged."""
    other = {name: name.replace("_1_", "_0_").replace("_2_", "_1_").replace("_0_", "_2_")
             for name in COLUMNS}  # fmt: skip
    return {name: row[other[name]] for name in COLUMNS}


@MANY
@given(st.randoms(use_true_random=False))
def test_fingerprints_do_not_depend_on_the_order_of_rows_or_entries(dice: random.Random):
    """AWS sorts rows by name and entries by nothing in particular."""
    case = neglected()
    shuffled = replace(
        case,
        rows=dice.sample(case.rows, len(case.rows)),
        details={
            name: dice.sample(each, len(each)) if isinstance(each, list) else each
            for name, each in case.details.items()
        },
    )
    assert fingerprints(shuffled) == fingerprints(case)


def test_fingerprints_do_not_depend_on_the_slot():
    """Slots follow key IDs, so a new key may push an old one into the other slot."""
    case = neglected()
    assert fingerprints(replace(case, rows=[swapped(row) for row in case.rows])) == fingerprints(
        case
    )


def test_fingerprints_do_not_depend_on_the_time_of_the_report():
    """What was wrong at noon is the same thing a minute later."""
    case = neglected()
    assert fingerprints(replace(case, now=case.now + 60 * SECOND)) == fingerprints(case)


@pytest.mark.parametrize("rule", ["evidence-truncated", "evidence-altered-by-spreadsheet"])
def test_fingerprints_of_bad_evidence_do_not_depend_on_the_file_s_bytes(rule: str):
    """Next quarter's export has other bytes; that it is cut or re-saved again is the same."""
    then = account().user("ann").page(**CUT)
    now = then.user("bob")
    then, now = (each.bare_report(each.csv.replace("false", "FALSE")) for each in (then, now))
    assert fingerprints(then)[rule]
    assert fingerprints(then)[rule] == fingerprints(now)[rule]


def test_fingerprints_differ_for_a_namesake_created_later():
    """A user deleted and made again under the same name is another one."""
    then = account().user("ann", created=500).password().key(age=100)
    now = account().user("ann", created=499).password().key(age=100)
    for rule in ("console-user-no-mfa", "key-older-than-90-days", "user-in-no-group"):
        assert fingerprints(then)[rule].isdisjoint(fingerprints(now)[rule])


def test_fingerprints_differ_for_a_role_made_again():
    """A role deleted and made again under the same name is another one."""
    then, now = (account().role("app", created=age, last_used=None) for age in (300, 299))
    rule = "role-unused-90-days"
    assert fingerprints(then)[rule].isdisjoint(fingerprints(now)[rule])


def test_fingerprints_differ_for_a_key_that_was_rotated():
    """The new key is another one, in whatever slot."""
    then, now = (account().user("ann").key(age=age) for age in (200, 100))
    rule = "key-older-than-90-days"
    assert fingerprints(then)[rule].isdisjoint(fingerprints(now)[rule])


def test_fingerprints_are_the_same_whichever_export_tells_of_the_user():
    """A report that was not handed in does not make the users others."""
    case = account().user("ann").inline("own")
    alone = case.without(REPORT).audited_at(0)
    rule = "user-direct-policy"
    assert fingerprints(case)[rule] == fingerprints(alone)[rule] != set()


def test_a_key_is_told_by_its_creation():
    """Two keys of one user are two resources; the ARN alone does not tell them apart."""
    [user] = account().user("ann").key(age=90).key(age=20).account().users
    assert user.report_entry is not None
    first, second = (key_resource(user, key) for key in user.report_entry.keys)
    assert first.arn == second.arn
    assert first.identity != second.identity


# Laws

COMPLIANT = st.tuples(st.integers(0, 999), st.integers(100, 900), st.booleans())


@MANY
@given(st.lists(COMPLIANT, min_size=1, max_size=3, unique_by=lambda each: each[0]))
def test_a_compliant_user_never_changes_which_resources_fail(users: list[tuple[int, int, bool]]):
    """Whoever keeps every rule neither hides nor adds a finding of somebody else's."""
    case = neglected().without("saml-providers.json", "account-summary.json")
    case = case.empty_group("dev").attached("ViewOnlyAccess").user("peer").group("dev")
    case = more = case.user("fellow").group("dev")
    for number, created, rarely in users:
        name = "".join(chr(ord("a") + int(digit)) for digit in f"{number:03}")
        more = more.user(f"{name}.smith", created=created).mfa().group("dev").tag("owner")
        more = more.password(changed=20, last_used=40 if rarely else 1)
    before, after = case.judged_all(), more.judged_all()
    for rule in BUILT:
        assert {each.fingerprint for each in after[rule].findings} == {
            each.fingerprint for each in before[rule].findings
        }, rule


PASSWORDS = st.one_of(
    st.none(),
    st.tuples(st.integers(0, 400), st.one_of(st.none(), st.integers(0, 400))),
)
HELD_KEYS = st.lists(
    st.tuples(st.integers(0, 500), st.one_of(st.none(), st.integers(0, 500)), st.booleans()),
    max_size=2,
)


@st.composite
def anybody(draw: st.DrawFn) -> AccountBuilder:
    """An account with one user who holds anything at all."""
    case = account().user("ann", created=draw(st.integers(0, 500)))
    case = case.mfa() if draw(st.booleans()) else case
    if password := draw(PASSWORDS):
        case = case.password(changed=password[0], last_used=password[1])
    for age, last_used, active in draw(HELD_KEYS):
        case = case.key(age=age, last_used=last_used, active=active)
    return case


@examples(0.2)
@given(anybody())
def test_the_same_evidence_gives_the_same_results(case: AccountBuilder):
    """Same input, same bytes: every result, its findings and their order."""
    assert case.judged_all() == case.judged_all()


@examples(0.2)
@given(anybody())
def test_counts_fit_the_status(case: AccountBuilder):
    """Fail if one fails, not assessed if one is unknown, pass if all are good, else no one is."""
    for result in case.judged_all().values():
        assert len(result.findings) == result.failed <= result.population - result.unknown
        if result.failed:
            assert result.status is Status.FAIL
        elif result.unknown:
            assert result.status is Status.NOT_ASSESSED
        elif result.population == 0:
            assert result.status is Status.NOT_APPLICABLE or result.status.is_open
        if result.status is Status.NOT_APPLICABLE or result.status.is_open:
            assert result.reason


@examples(0.2)
@given(anybody())
def test_an_old_key_is_one_finding_by_age(case: AccountBuilder):
    """No active key breaks both rules on age, and none past 90 days escapes both."""
    results = case.judged_all()
    [user] = case.account().users
    assert user.report_entry is not None
    aged = [key for key in user.report_entry.active_keys if case.now - key.created > days(90)]
    found = [*results["key-older-than-90-days"].findings]
    found += results["key-older-than-one-year"].findings
    assert sorted(each.locations[0].column for each in found) == sorted(
        key.location("last_rotated").column for key in aged
    )


# One resource, one finding


def test_two_failures_on_one_resource_are_one_finding_with_both_places():
    """Two files that tell the same of one thing do not make it two."""
    case = account().password_policy(MinimumPasswordLength=8)
    case = case.password_policy(MinimumPasswordLength=10)
    result = case.judged("password-min-length")
    assert (result.population, result.failed, len(result.findings)) == (1, 1, 1)
    assert len(result.findings[0].locations) == 2


@pytest.mark.parametrize("order", [("app", "lib"), ("lib", "app")])
def test_of_two_failures_on_one_resource_the_graver_speaks(monkeypatch, order):
    """A milder case does not hide the rule's own, whichever comes first."""
    root = Resource(f"arn:aws:iam::{NUMBER}:root", "one")
    found = {
        "app": fail(root, Location("E1")),
        "lib": as_variant("mild", fail(root, Location("E2"))),
    }

    def check(account):
        yield from (found[name] for name in order)

    check.__module__ = access_keys.__name__
    monkeypatch.setattr(access_keys, "two_active_keys", check)
    [finding] = account().user("ann").judged("two-active-keys").findings
    assert finding.variant == ""
    assert len(finding.locations) == 2


def test_what_an_older_report_tells_makes_no_evidence_stale(tmp_path):
    """It was not used, so its age says nothing of the audit."""
    old = account().user("leaver")
    old = replace(old, now=old.now - days(120)).write(tmp_path / "q1")
    new = account().user("ann").write(tmp_path / "q2")
    [made], problems = build_accounts(load_evidence((old, new)))
    results = run_checks(CheckInput(made), the_catalogue())
    assert {each.status for each in results if each.rule == "evidence-stale"} == {Status.PASS}
    assert any("older credential report" in str(each) for each in problems)


def test_a_check_that_breaks_off_costs_nobody_elses_result(monkeypatch):
    """What it found before stands, the rest is unknown, and its message is not quoted."""

    def breaks(account, limits):
        yield from real(account, limits)
        raise ZeroDivisionError("a value of the evidence")

    real = access_keys.key_older_than_90_days
    breaks.__module__ = access_keys.__name__
    case = account().user("ann").key(age=200).user("bob").key(age=1)
    whole = case.judged_all()
    monkeypatch.setattr(access_keys, "key_older_than_90_days", breaks)
    broken = case.judged_all()
    found = broken.pop("key-older-than-90-days")
    assert (found.status, found.failed, found.unknown) == (Status.FAIL, 1, 1)
    assert "ZeroDivisionError" in found.reason
    assert "a value of the evidence" not in found.reason
    whole.pop("key-older-than-90-days")
    assert broken == whole


def test_rights_that_can_not_be_judged_leave_the_other_checks(monkeypatch):
    """Whatever needs the graph is not assessed, and says why."""

    def raises(_):
        raise ZeroDivisionError

    case = account().user("ann").key(age=200).may("*")
    monkeypatch.setattr(engine, "escalation_graph", raises)
    results = case.judged_all()
    assert results["key-older-than-90-days"].status is Status.FAIL
    assert results["user-effective-admin"].status is Status.NOT_ASSESSED
    assert results["user-effective-admin"].reason == engine.RIGHTS_UNJUDGED
