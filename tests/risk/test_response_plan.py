"""What to do about a leaked credential: in an order in which nothing is lost."""

import json
import shlex
import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from itertools import product

import pytest

from analyzer.inventory.model import ROOT_USER, Account
from analyzer.leaks.model import CredentialKind
from analyzer.privesc.entry_points import AssumableRole
from analyzer.privesc.graph import PrivilegeLevel
from analyzer.risk.account_match import AccountRelation
from analyzer.risk.blast_radius import BlastRadius
from analyzer.risk.key_status import KeyStatus, StatusFinding
from analyzer.risk.owner import Certainty, Owner
from analyzer.risk.response_plan import response_plan
from analyzer.rules.catalogue import fill_command
from tests.risk.leaked import KEY, NUMBER, leak

WHEN = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)
ACCOUNT = Account(NUMBER, "aws", WHEN)
NOBODY = Owner(Certainty.INFERRED, "", ACCOUNT)
OWNERS = (
    NOBODY,
    Owner(Certainty.EXACT, "", ACCOUNT, "ann"),
    Owner(Certainty.EXACT, "", ACCOUNT, ROOT_USER),
    Owner(Certainty.EXACT, "", ACCOUNT, "ann", is_in_export=True),
    Owner(Certainty.UNKNOWN, "", is_doubted=True),
)
STATUSES = [
    StatusFinding(status, "", is_certain=is_certain)
    for status in KeyStatus
    for is_certain in (True, False)
]
REMEDIES = tomllib.loads(files("analyzer.risk").joinpath("response_steps.toml").read_text("utf-8"))
OFF = "--status Inactive"


ALL = BlastRadius(PrivilegeLevel.ADMINISTRATOR, "")
ROLES = (AssumableRole("arn:aws:iam::111122223333:role/x/ops", "", is_certain=True),)
LITTLE = BlastRadius(PrivilegeLevel.LIMITED, "", roles=ROLES)
OF_KEYS = [kind for kind in CredentialKind if kind.is_of_access_key]


def told(kind, status, owner=OWNERS[1], belongs=AccountRelation.OWN, radius=LITTLE, **more):
    """The steps as (why, command) with all facts put in."""
    known = {"kind": kind} | ({} if kind.is_of_access_key else {"key_id": None}) | more
    found = response_plan(leak(**known), belongs, owner, status, radius)
    return [
        (each.reason, fill_command(each.command, each.facts) if each.command else "")
        for each in found
    ]


def position(found, text):
    """Which step has that in its command; None if none has."""
    return next((at for at, (_, line) in enumerate(found) if text in line), None)


EVERY = [
    (kind, status, owner, belongs, radius)
    for kind, status, owner, belongs, radius in product(
        CredentialKind, STATUSES, OWNERS, AccountRelation, (ALL, LITTLE)
    )
]
ACTIVE = StatusFinding(KeyStatus.ACTIVE, "")


def test_nothing_is_deleted_before_it_was_switched_off():
    """Of whatever kind it is, whoever has it: what was deleted by mistake stays gone."""
    deleting = 0
    for kind, status, owner, belongs, radius in EVERY:
        found = told(kind, status, owner, belongs, radius)
        last = position(found, "delete-access-key") or position(found, "delete-service")
        off = position(found, OFF)
        if last is not None:
            deleting += 1
            is_off = kind.is_of_access_key and status.status is KeyStatus.INACTIVE
            assert is_off or (off is not None and off < last), (kind, status)
    assert deleting


@pytest.mark.parametrize("kind", OF_KEYS)
def test_a_key_that_opens_little_is_replaced_before_it_is_switched_off_and_deleted(kind):
    """A program that needs it has the next one by then."""
    found = told(kind, ACTIVE)
    order = [position(found, text) for text in ("create-access-key", OFF, "delete-access-key")]
    assert None not in order
    assert order == sorted(order)


@pytest.mark.parametrize(
    "level", [PrivilegeLevel.ADMINISTRATOR, PrivilegeLevel.CHAIN, PrivilegeLevel.UNKNOWN, None]
)
def test_a_key_that_may_open_everything_is_switched_off_before_all_else(level):
    """Programs stop; the account stays. It is replaced before it is deleted."""
    found = told(CredentialKind.LONG_TERM_KEY, ACTIVE, radius=BlastRadius(level, ""))
    texts = (OFF, "put-user-policy", "lookup-events", "create-access-key", "delete-access-key")
    order = [position(found, text) for text in texts]
    assert order[0] == 0
    assert order == sorted(order)
    assert REMEDIES["undo"]["why"] in [why for why, _ in found]


def test_a_key_that_may_live_is_replaced_switched_off_and_its_sessions_ended():
    """What may be active counts as active."""
    doubtful = [StatusFinding(status, "") for status in (KeyStatus.ACTIVE, KeyStatus.UNKNOWN)]
    doubtful += [
        StatusFinding(status, "", is_certain=False)
        for status in (KeyStatus.ROTATED, KeyStatus.DELETED, KeyStatus.EXPIRED)
    ]
    for kind, status, radius in product(OF_KEYS, doubtful, (ALL, LITTLE)):
        found = told(kind, status, radius=radius)
        for text in ("create-access-key", OFF, "put-user-policy", "lookup-events", "delete-access"):
            assert position(found, text) is not None, (kind, status, text)


def test_sessions_of_the_roles_within_reach_are_ended_too():
    """They outlive the key, and its user's policies say nothing to them."""
    found = told(CredentialKind.LONG_TERM_KEY, ACTIVE)
    assert "--role-name=ops " in found[position(found, "put-role-policy")][1]
    assert position(told(CredentialKind.LONG_TERM_KEY, ACTIVE, radius=ALL), "put-role") is None


def test_a_key_that_is_off_is_looked_into_and_deleted():
    """So that nobody switches it on again; its sessions may still run."""
    found = told(CredentialKind.LONG_TERM_KEY, StatusFinding(KeyStatus.INACTIVE, ""))
    assert position(found, OFF) is None
    order = [position(found, text) for text in ("put-user", "lookup-events", "delete-access-key")]
    assert order == sorted(order)


@pytest.mark.parametrize("status", [KeyStatus.DELETED, KeyStatus.EXPIRED, KeyStatus.ROTATED])
def test_of_what_is_certainly_gone_only_its_deeds_are_sought(status):
    """AWS would answer that there is no such key."""
    for kind in OF_KEYS:
        found = told(kind, StatusFinding(status, ""))
        verbs = {line.split()[2] for _, line in found if line}
        assert verbs == {"lookup-events"}


def test_an_unknown_owner_is_sought_first():
    """AWS tells whose a key is; until then the commands have a word in capitals."""
    found = told(CredentialKind.LONG_TERM_KEY, StatusFinding(KeyStatus.UNKNOWN, ""), NOBODY)
    assert "get-access-key-last-used" in found[0][1]
    assert KEY in found[0][1]
    assert "--user-name USER_NAME" in found[position(found, OFF)][1].replace("=", " ")


def test_for_a_secret_alone_its_id_is_sought_first():
    """Without it AWS can't be asked."""
    found = told(CredentialKind.SECRET, ACTIVE, NOBODY, key_id=None)
    assert found[0] == (REMEDIES["id"]["why"], "")


def test_roots_key_is_for_root_to_switch_off():
    """No command of a user can."""
    for status in (KeyStatus.ACTIVE, KeyStatus.INACTIVE, KeyStatus.UNKNOWN):
        found = told(CredentialKind.LONG_TERM_KEY, StatusFinding(status, ""), OWNERS[2])
        assert REMEDIES["root"]["why"] in [why for why, _ in found]
        assert position(found, "--user-name") is None


def test_a_password_is_taken_away_and_not_left_for_the_thief_to_change():
    """A reset at the next sign-in is done by whoever signs in."""
    found = told(CredentialKind.CONSOLE_PASSWORD, ACTIVE)
    assert position(found, "delete-login-profile") == 0
    assert position(found, "reset-required") is None
    assert position(found, "put-user-policy") == 1
    root = told(CredentialKind.CONSOLE_PASSWORD, ACTIVE, OWNERS[2])
    assert root[0][0] == REMEDIES["root-password"]["why"]


def test_cleaning_up_the_repository_comes_last():
    """Copies stay, so it replaces no other step."""
    for kind, status, owner, belongs, radius in EVERY:
        whys = [why for why, _ in told(kind, status, owner, belongs, radius)]
        alone = {REMEDIES["decoy"]["why"], REMEDIES["look"]["why"]}
        assert whys[-1] == REMEDIES["rewrite"]["why"] or (len(whys) == 1 and whys[0] in alone)


def test_a_decoy_is_left_alone():
    """Whoever laid it wants it to stay."""
    for kind, status in product(CredentialKind, STATUSES):
        assert told(kind, status, belongs=AccountRelation.DECOY) == [(REMEDIES["decoy"]["why"], "")]


def test_what_is_doubtful_is_looked_at():
    """Somebody has to say whether it is an example."""
    found = told(CredentialKind.LONG_TERM_KEY, ACTIVE, OWNERS[-1])
    assert [why for why, _ in found] == [REMEDIES["look"]["why"]]


def test_in_a_foreign_account_nothing_is_changed():
    """Its owner has to be told."""
    for kind, status, belongs in product(
        CredentialKind, STATUSES, (AccountRelation.KNOWN, AccountRelation.FOREIGN)
    ):
        assert not any(line for _, line in told(kind, status, belongs=belongs))


@pytest.mark.parametrize("kind", [kind for kind in CredentialKind if kind.is_temporary])
def test_a_session_is_ended_at_its_user_or_role(kind):
    """A temporary credential can't be switched off."""
    found = told(kind, StatusFinding(KeyStatus.UNKNOWN, ""))
    assert found[0][0] == REMEDIES["session"]["why"]
    assert position(found, "access-key --") is None


@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        (CredentialKind.SIGNING_KEY, "update-signing-certificate"),
        (CredentialKind.APPSYNC_KEY, "delete-api-key"),
        (CredentialKind.BEDROCK_KEY, "update-service-specific-credential"),
        (CredentialKind.SERVICE_PASSWORD, "update-service-specific-credential"),
        (CredentialKind("mfa-seed"), "deactivate-mfa-device"),
        (CredentialKind("roles-anywhere-key"), "import-crl"),
        (CredentialKind("iot-device-key"), "iot update-certificate"),
        (CredentialKind("web-identity-token"), "AssumeRoleWithWebIdentity"),
        (CredentialKind("cognito-client-secret"), "delete-user-pool-client-secret"),
        (CredentialKind("api-gateway-key"), "update-api-key"),
        (CredentialKind("ssm-activation"), "delete-activation"),
    ],
)
def test_each_kind_has_the_commands_of_its_own(kind, verb):
    """What switches off an access key does nothing to a certificate."""
    assert position(told(kind, StatusFinding(KeyStatus.UNKNOWN, "")), verb) is not None


NAMES = ("ann", "o'brien", "a b", "$(reboot)", "x;reboot", "--all", "-dash", '"', "a\\b", "`x`")


@pytest.mark.parametrize("name", NAMES)
def test_a_user_name_stays_one_word_of_a_shell(name):
    """Whatever it holds, it is neither split nor expanded, nor taken for an option."""
    owner = Owner(Certainty.EXACT, "", ACCOUNT, name)
    for kind in (*OF_KEYS, CredentialKind.CONSOLE_PASSWORD, CredentialKind.BEDROCK_KEY):
        for _, line in told(kind, ACTIVE, owner):
            words = shlex.split(line)
            if "--user-name" in line:
                assert f"--user-name={name}" in words


def test_older_sessions_are_denied_by_a_policy_that_parses():
    """Those from before the key was switched off, which nobody knows yet."""
    found = told(CredentialKind.LONG_TERM_KEY, ACTIVE)
    words = shlex.split(found[position(found, "put-user-policy")][1])
    [statement] = json.loads(words[words.index("--policy-document") + 1])["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
    limit = {"aws:TokenIssueTime": "TIME_OF_DEACTIVATION"}
    assert statement["Condition"] == {"DateLessThan": limit}


def test_every_remedy_is_for_something_and_every_fact_is_put_in():
    """No text of the file is dead, and no brace of it stays."""
    said, lines = set(), set()
    for kind, status, owner, belongs, radius in EVERY:
        for why, line in told(kind, status, owner, belongs, radius):
            said.add(why)
            lines.add(line)
    assert said == {each["why"] for each in REMEDIES.values()}
    assert not any(f"{{{name}}}" in line for line in lines for name in ("user", "key_id", "role"))
