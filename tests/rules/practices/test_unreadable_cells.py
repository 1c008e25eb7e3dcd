"""Unknown is neither guilt nor innocence: what every rule makes of a cell that can't be read."""

from typing import NamedTuple

import pytest

from analyzer.config import Profile
from analyzer.evidence.credential_report import BOOL_COLUMNS, COLUMNS
from analyzer.inventory.model import ROOT_USER
from analyzer.rules.finding import Status
from tests.builders import AccountBuilder, account, the_catalogue
from tests.rules.small_exports import days

DAMAGE = "?"
READ_BY_RULES = [name for name in COLUMNS if name in BOOL_COLUMNS or name.endswith(
    ("_time", "_used", "_changed", "_rotated", "_used_date"))]  # fmt: skip
ANN = account().user("ann", created=days(100))
KEY = ("access_key_1_active", "access_key_1_last_rotated")
USE = "access_key_1_last_used_date"
VIRTUAL = "arn:aws:iam::111122223333:mfa/root-account-mfa-device"
MANAGED = account().org_features("RootCredentialsManagement").organization(management="9" * 12)


class Failing(NamedTuple):
    """An account that breaks the rule because of these cells of the user, and of no other."""

    rule: str
    case: AccountBuilder
    columns: tuple[str, ...]
    user: str = "ann"


FAILING = [
    Failing(
        "root-mfa-missing", account().root(mfa=False), ("mfa_active", "password_enabled"), ROOT_USER
    ),
    Failing("root-mfa-not-hardware", account().mfa_device(VIRTUAL), ("mfa_active",), ROOT_USER),
    Failing("root-access-key-active", account().key(), KEY[:1], ROOT_USER),
    Failing(
        "root-access-key-active",
        account().key(active=False).key(),
        ("access_key_2_active",),
        ROOT_USER,
    ),
    Failing("root-access-key-inactive-present", account().key(active=False), KEY, ROOT_USER),
    Failing("root-key-used", account().key(last_used=3), (USE,), ROOT_USER),
    Failing("root-recent-sign-in", account().root(last_used=3), ("password_last_used",), ROOT_USER),
    Failing(
        "root-credentials-kept-under-central-management", MANAGED, ("password_enabled",), ROOT_USER
    ),
    Failing("console-user-no-mfa", ANN.password(), ("password_enabled", "mfa_active")),
    Failing("any-user-no-mfa", ANN.password(), ("password_enabled", "mfa_active")),
    Failing("any-user-no-mfa", ANN.key(), ("access_key_1_active", "mfa_active")),
    Failing("any-user-no-mfa", ANN.certificate(), ("cert_1_active", "mfa_active")),
    Failing("key-older-than-90-days", ANN.key(age=99), KEY),
    Failing("key-older-than-one-year", ANN.key(age=400), KEY),
    Failing("key-never-used", ANN.key(age=10, last_used=None), (*KEY, USE)),
    Failing(
        "key-created-at-user-creation",
        ANN.password().key(age=days(100)),
        ("password_enabled", "user_creation_time", *KEY),
    ),
    Failing("key-unused-45-days", ANN.key(age=80, last_used=60), (KEY[0], USE)),
    Failing("key-unused-45-days", ANN.key(age=80, last_used=None), (*KEY, USE)),
    Failing(
        "credentials-unused-90-days",
        ANN.password(changed=100, last_used=95),
        ("password_enabled", "password_last_used"),
    ),
    Failing("credentials-unused-90-days", ANN.key(age=100, last_used=95), (KEY[0], USE)),
    Failing("two-active-keys", ANN.key().key(), ("access_key_1_active", "access_key_2_active")),
    Failing(
        "key-rotation-stalled",
        ANN.key(age=90).key(age=20),
        (*KEY, "access_key_2_active", "access_key_2_last_rotated"),
    ),
    Failing("key-rotation-stalled", ANN.key(age=90).key(age=20, last_used=None), (USE,)),
    Failing(
        "key-outlived-password-changes",
        ANN.password(changed=5).key(age=99),
        (*KEY, "password_last_changed"),
    ),
    Failing("signing-certificate-active", ANN.certificate(), ("cert_1_active",)),
    Failing("workload-user-with-key", ANN.key(), ("password_enabled", KEY[0], USE)),
    Failing("no-workload-roles-in-account", ANN.key(), ("password_enabled", KEY[0], USE)),
    Failing("user-in-no-group", ANN.password(), ("password_enabled",)),
    Failing("user-in-no-group", ANN.key(), KEY[:1]),
    Failing(
        "initial-password-still-in-use",
        ANN.password(changed=days(100)),
        ("user_creation_time", "password_last_changed", "password_last_used"),
    ),
    Failing(
        "initial-password-never-used",
        ANN.password(changed=20, last_used=None),
        ("password_enabled", "password_last_used", "password_last_changed"),
    ),
    Failing(
        "reset-not-required-at-first-use",
        ANN.password(changed=days(100)).login_profile(reset=False),
        ("user_creation_time", "password_last_changed"),
    ),
    Failing(
        "password-max-age",
        ANN.password().password_policy(MaxPasswordAge=91).limits(Profile.PCI),
        ("password_enabled", "mfa_active"),
    ),
    Failing(
        "shared-looking-user-name",
        account().user("team").password(),
        ("password_enabled",),
        "team",
    ),
    Failing(
        "concurrent-use-from-two-regions",
        ANN.key(region="eu-west-1").key(region="us-east-1"),
        (KEY[0], USE, "access_key_2_active", "access_key_2_last_used_date"),
    ),
    Failing(
        "human-users-beside-federation",
        ANN.password().saml_provider(),
        ("password_enabled",),
    ),
    Failing(
        "no-federation-configured",
        ANN.password().no_providers().identity_center(),
        ("password_enabled",),
    ),
]
NAMES = [f"{number}-{each.rule}" for number, each in enumerate(FAILING)]
DECIDING = [
    pytest.param(each, column, id=f"{name}-{column}")
    for name, each in zip(NAMES, FAILING, strict=True)
    for column in each.columns
]


@pytest.mark.parametrize("failing", FAILING, ids=NAMES)
def test_the_accounts_of_this_module_break_their_rules(failing: Failing):
    """Without the damage each of them fails, or the tests below would show nothing."""
    assert failing.case.status(failing.rule) is Status.FAIL


@pytest.mark.parametrize(("failing", "column"), DECIDING)
def test_an_unreadable_cell_that_decides_leaves_the_rule_not_assessed(
    failing: Failing, column: str
):
    """Neither a finding without ground nor a pass: what the cell said is not known."""
    case = failing.case.cell(failing.user, column, DAMAGE)
    assert case.status(failing.rule) is Status.NOT_ASSESSED


@pytest.mark.parametrize(("failing", "column"), DECIDING)
def test_the_reason_names_the_cell_that_can_not_be_read(failing: Failing, column: str):
    """Whoever goes to look must find the damage where the reason says it is."""
    result = failing.case.cell(failing.user, column, DAMAGE).judged(failing.rule)
    assert result.status is not Status.NOT_ASSESSED or column in result.reason


@pytest.mark.parametrize("failing", FAILING, ids=NAMES)
def test_an_unreadable_cell_never_turns_a_fail_into_a_pass(failing: Failing):
    """Whatever cell of the row is damaged: the rule still fails, or it is not assessed."""
    status = {
        column: failing.case.cell(failing.user, column, DAMAGE).status(failing.rule)
        for column in READ_BY_RULES
    }
    excused = {
        column: each
        for column, each in status.items()
        if each not in {Status.FAIL, Status.NOT_ASSESSED}
    }
    assert not excused


# The same as a law: a verdict in spite of a damaged cell must hold for whatever the cell said.

STANDING = [each.id for each in the_catalogue().entries.values() if each.kind != "data-quality"]
PASSWORD = ("password_enabled", "password_last_used", "password_last_changed", "mfa_active")
FIRST_KEY = ("password_enabled", "mfa_active", *KEY, USE)
SECOND_KEY = ("access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date")
SITUATIONS = {
    "person": (ANN.password(changed=60, last_used=2), PASSWORD),
    "newcomer": (ANN.password(changed=100, last_used=None).login_profile(reset=False), PASSWORD),
    "sleeper": (ANN.password(changed=95, last_used=95).mfa(), PASSWORD),
    "program": (ANN.key(age=99, last_used=1), FIRST_KEY),
    "idle key": (ANN.key(age=99, last_used=None), FIRST_KEY),
    "two keys": (
        ANN.password().key(age=99).key(age=20, region="us-east-1"),
        (*FIRST_KEY, *SECOND_KEY),
    ),
    "leftovers": (
        ANN.password(changed=2).key(age=99, active=False).certificate(active=False),
        ("access_key_1_active", "cert_1_active"),
    ),
}
VARIED = [
    pytest.param(case, column, id=f"{name}-{column}")
    for name, (case, columns) in SITUATIONS.items()
    for column in columns
]
FLAG_TEXTS = ("true", "false")
TIME_TEXTS = (*(ANN.when(age) for age in (1, 40, 60, 95)), "N/A", "no_information")


@pytest.mark.parametrize(("case", "column"), VARIED)
def test_a_verdict_in_spite_of_damage_holds_for_whatever_the_cell_said(
    case: AccountBuilder, column: str
):
    """A rule fails only if it would for every value, and clears only what no value breaks."""
    case = case.no_providers().identity_center()
    damaged = case.cell("ann", column, DAMAGE).judged_all()
    texts = FLAG_TEXTS if column in BOOL_COLUMNS else TIME_TEXTS
    possible = [case.cell("ann", column, text).judged_all() for text in texts]
    unfounded = {
        rule
        for rule in STANDING
        if damaged[rule].status is Status.FAIL
        and any(each[rule].status in {Status.PASS, Status.NOT_APPLICABLE} for each in possible)
    }
    blind = {
        rule
        for rule in STANDING
        if damaged[rule].status in {Status.PASS, Status.NOT_APPLICABLE}
        and any(each[rule].status is Status.FAIL for each in possible)
    }
    assert not unfounded | blind, f"unfounded: {sorted(unfounded)}; blind: {sorted(blind)}"
