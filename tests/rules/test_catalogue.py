"""The catalogue and the checks fit each other, and its sentences fit the facts."""

import re
import shlex
import string

import pytest

from analyzer.rules.catalogue import Practice, fill_command, fill_sentence
from analyzer.rules.engine import checks_by_rule
from analyzer.rules.finding import Status
from analyzer.rules.outcomes import REMEDY
from analyzer.rules.severity import Severity
from tests.builders import the_catalogue
from tests.rules.right_accounts import judged as well_kept
from tests.rules.wrong_accounts import findings_of, judged, neglected

BUILT = sorted(checks_by_rule())
ENTRIES = list(the_catalogue().entries.values())
HOSTILE = "$(touch x); 'y'"
FINDS_OR_IS_IDLE = {
    "human-users-beside-federation": "its members are the users who have a password",
    "leaked-key-other-account": "its members are the leaked keys of other accounts",
    "leaked-key-owner-match-unavailable": "with a list of keys it has no members",
}
"""Checks of which no member can keep the rule, so that they never pass, with the reason."""
KINDS = {"control", "advisory", "data-quality"}


def named_in(template: str) -> set[str]:
    """The facts that a template asks for."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_check_is_described_and_every_full_description_is_built():
    """An entry has `observed` if and only if a function of that name yields its findings."""
    assert set(BUILT) == {entry.id for entry in ENTRIES if entry.observed}


def test_titles_are_unique():
    """A reader must be able to tell two rules apart by their titles."""
    titles = [entry.title.casefold() for entry in ENTRIES]
    assert len(set(titles)) == len(titles)


def test_every_practice_has_a_chapter_and_a_rule():
    """The report's chapters are the eight practices, in their order, and none is empty."""
    assert [chapter.practice for chapter in the_catalogue().chapters] == list(Practice)
    assert {entry.practice for entry in ENTRIES} == set(Practice)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_every_entry_is_complete(entry):
    """Title, practices, kind, inputs that the catalogue knows, and prose without a gap."""
    assert entry.practices
    assert entry.kind in KINDS
    assert entry.inputs
    assert all(entry.inputs)
    assert {name for needed in entry.inputs for name in needed} <= set(the_catalogue().inputs)
    assert all(text.strip() for text in (entry.title, entry.expected, entry.why, entry.fix))


@pytest.mark.parametrize("each", the_catalogue().inputs.values(), ids=lambda each: each.name)
def test_every_input_says_how_to_make_it(each):
    """Not assessed comes with the command that closes the gap."""
    assert each.what.strip()
    assert each.command.strip()


@pytest.mark.parametrize("rule", BUILT)
def test_every_rule_has_a_finding_in_the_accounts_where_all_is_wrong(rule: str):
    """Without a finding, the tests on sentences and places below would show nothing."""
    assert findings_of(rule)


@pytest.mark.parametrize("rule", BUILT)
def test_every_rule_is_kept_in_an_account_where_all_is_right(rule: str):
    """It looked at something and found nothing; a rule nobody has seen pass is no rule yet."""
    kept = Status.NOT_APPLICABLE if rule in FINDS_OR_IS_IDLE else Status.PASS
    found = [results[rule] for results in well_kept()]
    assert any(
        each.status is kept and bool(each.population) == (kept is Status.PASS) for each in found
    )


@pytest.mark.parametrize("rule", FINDS_OR_IS_IDLE)
def test_what_is_idle_in_those_accounts_never_passes(rule: str):
    """The list of exceptions shrinks as soon as a check of it knows members that keep the rule."""
    statuses = {results[rule].status for results in well_kept()}
    statuses |= {results[rule].status for _, results in judged()}
    assert Status.PASS not in statuses


@pytest.mark.parametrize("rule", BUILT)
def test_the_sentences_ask_for_facts_that_the_check_yields(rule: str):
    """Every template can be filled from every finding, and no fact of its own case is left over."""
    for _, finding in findings_of(rule):
        entry = the_catalogue().entry_of(rule, finding.variant)
        texts = (entry.observed, entry.expected, entry.fix, *entry.commands)
        asked = set().union(*map(named_in, texts))
        assert asked <= set(finding.facts)
        assert finding.variant or set(finding.facts) - {REMEDY} == asked
        for text in texts[:3]:
            assert not re.search(r"[{}]|None|<|Gap|datetime", fill_sentence(text, finding.facts))
        for text in entry.commands:
            assert shlex.split(fill_command(text, finding.facts))[0] == "aws"


NAME_OPTION = re.compile(r"--(?:user|role|group|policy|instance-profile)-name[ =](\S+)")


@pytest.mark.parametrize("rule", BUILT)
def test_a_command_names_by_the_name_alone(rule: str):
    """IAM knows no user called "user ann": a name has no blank, so no quotes stand round it."""
    for _, finding in findings_of(rule):
        for template in the_catalogue().entry_of(rule, finding.variant).commands:
            told = NAME_OPTION.findall(fill_command(template, finding.facts))
            assert not [each for each in told if "'" in each], template


@pytest.mark.parametrize("rule", BUILT)
def test_commands_quote_a_hostile_name(rule: str):
    """A name that is shell code arrives in the command as one word, and runs nothing."""
    for template in the_catalogue().entries[rule].commands:
        facts = dict.fromkeys(named_in(template), HOSTILE)
        wanted = [re.sub(r"\{\w+\}", lambda _: HOSTILE, each) for each in shlex.split(template)]
        assert shlex.split(fill_command(template, facts)) == wanted


def test_a_name_with_a_hyphen_in_front_is_no_option():
    """AWS allows "-x" as a name; without the sign of equality the command line refuses it."""
    template = "aws iam get-user --user-name {user} --query {query}"
    told = fill_command(template, {"user": "-x", "query": "a b"})
    assert shlex.split(told) == ["aws", "iam", "get-user", "--user-name=-x", "--query", "a b"]
    assert fill_command(template, {"user": "x-", "query": "q"}) == (
        "aws iam get-user --user-name x- --query q"
    )


def test_a_hostile_user_name_survives_the_whole_way():
    """From the report's cell to the command: one word, the name itself."""
    case = neglected().user(HOSTILE).password()
    [finding] = [
        each
        for each in case.judged("console-user-no-mfa").findings
        if each.facts["user"] == HOSTILE
    ]
    for template in the_catalogue().entries["console-user-no-mfa"].commands:
        assert shlex.split(fill_command(template, finding.facts))[-1] == HOSTILE


VARIANTS = [
    (entry.id, name) for entry in ENTRIES for name in (*entry.variants, *the_catalogue().variants)
]


@pytest.mark.parametrize(("rule", "variant"), VARIANTS)
def test_a_variant_never_weighs_more_than_its_check(rule: str, variant: str):
    """It is told apart because it is milder, or needs other words; its commands are AWS's."""
    order, told = list(Severity), the_catalogue().entry_of(rule, variant)
    assert order.index(told.severity) >= order.index(the_catalogue().entries[rule].severity)
    assert all(shlex.split(each)[0] == "aws" for each in told.commands)


def test_an_unknown_variant_is_the_check_itself():
    """As in a report of last quarter that knew a case of which this catalogue has none."""
    for name in ("", "gone"):
        told = the_catalogue().entry_of("user-effective-admin", name)
        assert told is the_catalogue().entries["user-effective-admin"]


def test_of_several_variants_the_last_one_speaks():
    """A role of Identity Center that an analyzer found: what it says, and what can be done."""
    told = the_catalogue().entry_of("role-unused-90-days", "analyzer+identity-center")
    assert told.observed.startswith("Access Analyzer")
    assert not any(" iam " in each for each in told.commands)


@pytest.mark.parametrize("rule", ["key-never-used", "initial-password-never-used"])
def test_a_credential_without_use_cites_cis_only_once_cis_asks(rule: str):
    """The early finding is our own advice."""
    assert not any(name.startswith("cis") for name in the_catalogue().entries[rule].controls)
    told = the_catalogue().entry_of(rule, "idle-for-cis").controls
    assert told["cis_5_0"] == ("1.11",)


def test_cis_judges_each_credential_by_itself():
    """1.11 (5.0) is of passwords and of keys, and not of users who are idle as a whole."""
    citing = {entry.id for entry in ENTRIES if "1.11" in entry.controls.get("cis_5_0", ())}
    assert {"password-unused", "key-unused-45-days"} <= citing
    assert "credentials-unused-90-days" not in citing
