"""What to do about a leaked credential: in an order in which nothing is lost."""

import json
import shlex
import string
import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from itertools import product

import pytest

from analyzer.identity import Account
from analyzer.leaks.credentials import CredentialKind
from analyzer.risk.appearance import TEMPORARY
from analyzer.risk.belonging import Belonging
from analyzer.risk.candidates import ROOT
from analyzer.risk.holders import Certainty, Owner
from analyzer.risk.life import KEYS, Life, Lifetime
from analyzer.risk.steps import steps
from analyzer.rules.catalogue import command
from tests.risk.leaked import KEY, NUMBER, leak

WHEN = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)
ACCOUNT = Account(NUMBER, "aws", WHEN)
NOBODY = Owner(Certainty.INFERRED, "", ACCOUNT)
OWNERS = (
    NOBODY,
    Owner(Certainty.EXACT, "", ACCOUNT, "ann"),
    Owner(Certainty.EXACT, "", ACCOUNT, ROOT),
    Owner(Certainty.EXACT, "", ACCOUNT, "ann", is_in_export=True),
)
LIVES = [Lifetime(life, "", is_sure=sure) for life in Life for sure in (True, False)]
REMEDIES = tomllib.loads(files("analyzer.risk").joinpath("remedies.toml").read_text("utf-8"))
OFF = "--status Inactive"


def told(kind, life, owner=OWNERS[1], belongs=Belonging.OWN, as_of=WHEN, **more):
    """The steps as (why, command) with all facts put in."""
    known = {"kind": kind} | ({} if kind in KEYS else {"key_id": None}) | more
    found = steps(leak(**known), belongs, owner, life, as_of)
    return [(each.why, command(each.command, each.facts) if each.command else "") for each in found]


def position(found, text):
    """Which step has that in its command; None if none has."""
    return next((at for at, (_, line) in enumerate(found) if text in line), None)


EVERY = [
    (kind, life, owner, belongs, demoted)
    for kind, life, owner, belongs, demoted in product(
        CredentialKind, LIVES, OWNERS, Belonging, (None, "an example")
    )
]


def test_nothing_is_deleted_before_it_was_switched_off():
    """Of whatever kind it is, whoever has it: what was deleted by mistake stays gone."""
    deleting = 0
    for kind, life, owner, belongs, demoted in EVERY:
        found = told(kind, life, owner, belongs, demoted=demoted)
        last, off = position(found, "delete-"), position(found, OFF)
        if last is not None:
            deleting += 1
            is_off = kind in KEYS and life.life is Life.INACTIVE
            assert is_off or (off is not None and off < last), (kind, life)
            assert position(found[:last], "delete-") is None
    assert deleting


def test_a_key_is_replaced_before_it_is_switched_off_and_deleted():
    """A program that needs it has the next one by then."""
    for kind, life in product(sorted(KEYS), LIVES):
        found = told(kind, life)
        order = [position(found, text) for text in ("create-access-key", OFF, "delete-access-key")]
        known = [each for each in order if each is not None]
        assert known == sorted(known)
        assert (order[0] is None) == (order[1] is None)


def test_a_key_that_may_live_is_replaced_switched_off_and_its_sessions_ended():
    """What may be active counts as active."""
    doubtful = [Lifetime(life, "") for life in (Life.ACTIVE, Life.UNKNOWN)]
    doubtful += [
        Lifetime(life, "", is_sure=False) for life in (Life.ROTATED, Life.DELETED, Life.EXPIRED)
    ]
    for kind, life in product(sorted(KEYS), doubtful):
        found = told(kind, life)
        for text in ("create-access-key", OFF, "put-user-policy", "lookup-events", "delete-access"):
            assert position(found, text) is not None, (kind, life, text)


def test_a_key_that_is_off_is_looked_into_and_deleted():
    """So that nobody switches it on again."""
    found = told(CredentialKind.LONG_TERM_KEY, Lifetime(Life.INACTIVE, ""))
    assert position(found, OFF) is None
    assert position(found, "lookup-events") < position(found, "delete-access-key")


@pytest.mark.parametrize("life", [Life.DELETED, Life.EXPIRED, Life.ROTATED])
def test_of_what_is_surely_gone_only_its_deeds_are_sought(life):
    """AWS would answer that there is no such key."""
    for kind in sorted(KEYS):
        found = told(kind, Lifetime(life, ""))
        verbs = {line.split()[2] for _, line in found if line}
        assert verbs == {"lookup-events"}


def test_an_unknown_owner_is_sought_first():
    """AWS tells whose a key is; until then the commands have a word in capitals."""
    found = told(CredentialKind.LONG_TERM_KEY, Lifetime(Life.UNKNOWN, ""), NOBODY)
    assert "get-access-key-last-used" in found[0][1]
    assert KEY in found[0][1]
    assert "--user-name USER_NAME" in found[position(found, OFF)][1].replace("=", " ")


def test_roots_key_is_for_root_to_switch_off():
    """No command of a user can."""
    for life in (Life.ACTIVE, Life.INACTIVE, Life.UNKNOWN):
        found = told(CredentialKind.LONG_TERM_KEY, Lifetime(life, ""), OWNERS[2])
        assert REMEDIES["root"]["why"] in [why for why, _ in found]
        assert position(found, "--user-name") is None


def test_cleaning_up_the_repository_comes_last():
    """Copies stay, so it replaces no other step."""
    for kind, life, owner, belongs, demoted in EVERY:
        whys = [why for why, _ in told(kind, life, owner, belongs, demoted=demoted)]
        alone = {REMEDIES["decoy"]["why"], REMEDIES["look"]["why"]}
        assert whys[-1] == REMEDIES["rewrite"]["why"] or (len(whys) == 1 and whys[0] in alone)


def test_a_decoy_is_left_alone():
    """Whoever laid it wants it to stay."""
    for kind, life in product(CredentialKind, LIVES):
        assert told(kind, life, belongs=Belonging.DECOY) == [(REMEDIES["decoy"]["why"], "")]


def test_what_is_doubtful_is_looked_at_unless_an_export_names_it():
    """Then it is no example."""
    active = Lifetime(Life.ACTIVE, "")
    found = told(CredentialKind.LONG_TERM_KEY, active, demoted="an example")
    assert [why for why, _ in found] == [REMEDIES["look"]["why"]]
    listed = told(CredentialKind.LONG_TERM_KEY, active, OWNERS[3], demoted="an example")
    assert position(listed, OFF) is not None


def test_in_a_foreign_account_nothing_is_changed():
    """Its owner has to be told."""
    for kind, life, belongs in product(CredentialKind, LIVES, (Belonging.KNOWN, Belonging.FOREIGN)):
        found = told(kind, life, belongs=belongs)
        verbs = {line.split()[2] for _, line in found if line}
        assert verbs <= {"get-access-key-info"}


def test_a_session_is_ended_at_its_role():
    """A temporary key can't be switched off."""
    for kind in sorted(TEMPORARY):
        found = told(kind, Lifetime(Life.UNKNOWN, ""))
        assert found[0][0] == REMEDIES["role-sessions"]["why"]
        assert position(found, "access-key --") is None


NAMES = ("ann", "o'brien", "a b", "$(reboot)", "x;reboot", "--all", "-dash", '"', "a\\b", "`x`")


@pytest.mark.parametrize("name", NAMES)
def test_a_user_name_stays_one_word_of_a_shell(name):
    """Whatever it holds, it is neither split nor expanded, nor taken for an option."""
    owner = Owner(Certainty.EXACT, "", ACCOUNT, name)
    for kind in (*sorted(KEYS), CredentialKind.CONSOLE_PASSWORD, CredentialKind.BEDROCK_KEY):
        for _, line in told(kind, Lifetime(Life.ACTIVE, ""), owner):
            words = shlex.split(line)
            if "--user-name" in line:
                assert f"--user-name={name}" in words


def test_older_sessions_are_denied_by_a_policy_that_parses():
    """Those from before the report; the shell hands it over as one word."""
    found = told(CredentialKind.LONG_TERM_KEY, Lifetime(Life.ACTIVE, ""))
    words = shlex.split(found[position(found, "put-user-policy")][1])
    [statement] = json.loads(words[words.index("--policy-document") + 1])["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
    assert statement["Condition"] == {"DateLessThan": {"aws:TokenIssueTime": f"{WHEN:%FT%TZ}"}}


def test_every_remedy_is_for_something_and_every_fact_is_put_in():
    """No text of the file is dead, and no brace of it stays."""
    said, lines = set(), set()
    for kind, life, owner, belongs, demoted in EVERY:
        for as_of in (WHEN, None):
            for why, line in told(kind, life, owner, belongs, as_of, demoted=demoted):
                said.add(why)
                lines.add(line)
    assert said == {each["why"] for each in REMEDIES.values()}
    for each in REMEDIES.values():
        fields = {name for _, name, _, _ in string.Formatter().parse(each.get("command", ""))}
        assert fields - {None} <= {"user", "key_id", "policy"}
    assert not any("{user}" in line or "{key_id}" in line for line in lines)
