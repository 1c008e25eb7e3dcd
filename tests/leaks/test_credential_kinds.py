"""The table of every kind of credential is whole, and what it names is there."""

import pytest

from analyzer.leaks.credential_kinds import TABLES, CredentialKind
from analyzer.leaks.kind_facts import read_facts_of, read_kind_facts
from analyzer.risk.response_plan import PLANS, response_steps
from analyzer.rules.severity import Severity

OLD_TABLE = "[kind.aws-access-key]\n"


def test_every_table_is_a_kind_and_every_kind_has_a_table_in_the_same_order():
    """What a scan reads of the file, the names of its tables, is what a parser reads."""
    assert list(read_kind_facts(TABLES)) == [kind.value for kind in CredentialKind]


@pytest.mark.parametrize("kind", list(CredentialKind))
def test_every_kind_has_sentences_severities_and_steps_that_exist(kind):
    """A kind that is added without them breaks this, not a user's run."""
    facts = kind.facts
    assert facts.title
    assert facts.why.endswith("."), f"[kind.{kind}] why is no sentence"
    assert facts.fix.endswith("."), f"[kind.{kind}] fix is no sentence"
    assert facts.page.startswith("https://"), f"[kind.{kind}] page is no address"
    order = list(Severity)
    assert order.index(Severity(facts.severity)) <= order.index(Severity(facts.severity_of_id))
    assert facts.steps, f"[kind.{kind}] has no steps"
    assert facts.rule_words, f"[kind.{kind}] has no rule_words"
    unknown = set(facts.steps) - set(response_steps()) - set(PLANS)
    assert not unknown, f"[kind.{kind}] has steps that risk/response_steps.toml lacks: {unknown}"


@pytest.mark.parametrize("kind", list(CredentialKind))
def test_a_table_read_alone_says_what_it_says_among_all(kind):
    """A scan parses the tables of what it found, and of no other kind."""
    assert read_facts_of(TABLES, kind) == read_kind_facts(TABLES)[kind]


def test_only_what_a_person_may_have_chosen_is_guessable():
    """Whatever AWS makes is random, so that an id may be made of it."""
    guessable = {kind for kind in CredentialKind if kind.is_guessable}
    assert guessable == {CredentialKind.CONSOLE_PASSWORD, CredentialKind.OTHER}


@pytest.mark.parametrize(
    "entry",
    [
        "title", "why", "fix", "page", "severity", "severity_of_id", "status", "steps",
        "rule_words", "traits",
    ],
)  # fmt: skip
def test_a_table_that_lacks_an_entry_is_refused_by_name(tmp_path, entry):
    """Whoever adds a kind reads what is missing."""
    path = tmp_path / "kinds.toml"
    lines = TABLES.read_text().splitlines(keepends=True)
    first = next(at for at, line in enumerate(lines) if line.startswith(f"{entry} = "))
    path.write_text("".join(lines[:first] + lines[first + 1 :]))
    with pytest.raises(ValueError, match=rf"\[kind\.aws-access-key\] lacks {entry}$"):
        read_kind_facts(path)


def test_a_table_with_an_entry_too_many_is_refused(tmp_path):
    """A slip of the pen must not pass for a default."""
    path = tmp_path / "kinds.toml"
    path.write_text(TABLES.read_text().replace(OLD_TABLE, f'{OLD_TABLE}severty = "low"\n'))
    with pytest.raises(ValueError, match="has severty, which nothing reads"):
        read_kind_facts(path)


@pytest.mark.parametrize(("entry", "value"), [("status", '"nowhere"'), ("traits", '["odd"]')])
def test_a_status_or_a_trait_that_no_code_knows_is_refused(tmp_path, entry, value):
    """It would change nothing, and look as if it did."""
    lines = TABLES.read_text().splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith(f"{entry} = "))
    lines[first] = f"{entry} = {value}"
    path = tmp_path / "kinds.toml"
    path.write_text("\n".join(lines))
    with pytest.raises(ValueError, match=value.strip('"[]')):
        read_kind_facts(path)
