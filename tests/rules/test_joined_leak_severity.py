"""How bad a leak is: what is exposed, whether it works, and what it opens, in one table."""

from dataclasses import replace
from itertools import product

import pytest

from analyzer.leaks.model import CredentialKind
from analyzer.privesc.graph import PrivilegeLevel
from analyzer.risk.account_match import AccountRelation
from analyzer.risk.assessment import LeakAssessment
from analyzer.risk.blast_radius import BlastRadius
from analyzer.risk.exposure import Exposure, ExposureLevel
from analyzer.risk.key_status import KeyStatus, StatusFinding
from analyzer.risk.owner import Certainty, Owner
from analyzer.risk.timeline import ExposureWindow
from analyzer.rules.joined_leak_severity import joined_severity
from analyzer.rules.leak_severity import severity_while_active
from analyzer.rules.severity import Severity
from tests.risk.leaked import leak

GRID = """
                      | everything  others    something
open      active      | critical    critical  high
open      unknown     | critical    critical  high
open      inactive    | high        medium    medium
open      rotated     | medium      low       low
open      deleted     | low         low       low
open      expired     | low         low       low
hidden    active      | critical    high      high
hidden    unknown     | critical    high      high
hidden    inactive    | medium      medium    low
hidden    rotated     | low         low       low
hidden    deleted     | low         low       low
hidden    expired     | low         low       low
id        active      | high        medium    medium
id        unknown     | high        medium    medium
id        inactive    | medium      low       low
id        rotated     | low         low       low
id        deleted     | low         low       low
id        expired     | low         low       low
doubtful  active      | info        info      info
doubtful  unknown     | info        info      info
doubtful  inactive    | info        info      info
doubtful  rotated     | info        info      info
doubtful  deleted     | info        info      info
doubtful  expired     | info        info      info
"""
LEVELS_IN_COLUMN = {
    "everything": (
        PrivilegeLevel.ADMINISTRATOR,
        PrivilegeLevel.DIRECT,
        PrivilegeLevel.CHAIN,
        PrivilegeLevel.CONDITIONAL,
        PrivilegeLevel.UNKNOWN,
        None,
    ),
    "others": (PrivilegeLevel.INDIRECT,),
    "something": (PrivilegeLevel.LIMITED,),
}
COLUMNS = GRID.split("\n")[1].split("|")[1].split()
CASES = [
    (ExposureLevel[exposure.upper()], KeyStatus(status), level, Severity(severity))
    for head, row in (line.split("|") for line in GRID.split("\n")[2:-1])
    for exposure, status in [head.split()]
    for column, severity in zip(COLUMNS, row.split(), strict=True)
    for level in LEVELS_IN_COLUMN[column]
]
ORDER = list(Severity)
HAVING_RIGHTS = (CredentialKind.LONG_TERM_KEY, CredentialKind.CONSOLE_PASSWORD)
WITHOUT_RIGHTS = sorted(set(CredentialKind) - {*HAVING_RIGHTS, CredentialKind.SECRET})


def risk(  # noqa: PLR0913 - one parameter for each thing that counts
    exposure=ExposureLevel.OPEN,
    status=KeyStatus.ACTIVE,
    level=PrivilegeLevel.ADMINISTRATOR,
    *,
    kind=CredentialKind.LONG_TERM_KEY,
    belongs=AccountRelation.OWN,
    is_certain=True,
    is_proven=True,
):
    """A credential of which that much is known."""
    digest = None if exposure is ExposureLevel.ID else "5e" * 8
    return LeakAssessment(
        credential=leak(kind=kind, secret_digest=digest),
        exposure=Exposure(exposure, None, None),
        account_relation=belongs,
        account_links=(),
        owner=Owner(Certainty.UNKNOWN, ""),
        status=StatusFinding(status, "", is_certain=is_certain),
        window=ExposureWindow(None, None, None, is_open=True, is_at_most=False),
        blast_radius=BlastRadius(
            level, "", is_one_service=kind in WITHOUT_RIGHTS, is_proven=is_proven
        ),
        events=(),
        response_plan=(),
    )


def grade(*facts, **more):
    """How bad it is, 0 the worst."""
    return ORDER.index(joined_severity(risk(*facts, **more)))


def test_the_grid_has_every_case():
    """Each exposure, status and level once."""
    assert sorted((each[:3] for each in CASES), key=str) == sorted(
        product(ExposureLevel, KeyStatus, (*PrivilegeLevel, None)), key=str
    )


@pytest.mark.parametrize("kind", HAVING_RIGHTS)
@pytest.mark.parametrize(("exposure", "status", "level", "severity"), CASES)
def test_the_severity_is_that_of_the_grid(kind, exposure, status, level, severity):
    """For what has the rights of its user."""
    assert joined_severity(risk(exposure, status, level, kind=kind)) is severity


# The laws behind the grid.

REAL = [each for each in ExposureLevel if each is not ExposureLevel.DOUBTFUL]
LEVELS = (*PrivilegeLevel, None)
KINDS = sorted(CredentialKind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("exposure", REAL)
def test_no_other_row_is_worse_than_the_least_of_the_active_one(kind, exposure):
    """So that no file that is missing makes a leak look better."""
    least = max(grade(exposure, KeyStatus.ACTIVE, level, kind=kind) for level in LEVELS)
    for status in set(KeyStatus) - {KeyStatus.ACTIVE, KeyStatus.UNKNOWN}:
        assert min(grade(exposure, status, level, kind=kind) for level in LEVELS) >= least


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("belongs", list(AccountRelation))
def test_unknown_counts_as_active(kind, belongs):
    """As does every end that is not certain, but for sessions, which end by themselves."""
    for exposure, level in product(ExposureLevel, LEVELS):
        more = {"kind": kind, "belongs": belongs}
        active = grade(exposure, KeyStatus.ACTIVE, level, **more)
        assert grade(exposure, KeyStatus.UNKNOWN, level, **more) == active
        for status in set(KeyStatus) - {KeyStatus.EXPIRED}:
            assert grade(exposure, status, level, is_certain=False, **more) == active
        if kind in HAVING_RIGHTS and belongs is not AccountRelation.KNOWN:
            assert grade(exposure, KeyStatus.EXPIRED, level, is_certain=False, **more) == active


@pytest.mark.parametrize("level", [None, PrivilegeLevel.UNKNOWN, PrivilegeLevel.CONDITIONAL])
def test_unknown_power_counts_as_everything(level):
    """What nobody reckoned, what policies are missing for, what depends on conditions."""
    for kind, exposure, status in product(HAVING_RIGHTS, ExposureLevel, KeyStatus):
        assert grade(exposure, status, level, kind=kind) == grade(
            exposure, status, PrivilegeLevel.ADMINISTRATOR, kind=kind
        )


def test_power_that_is_not_proven_counts_as_everything():
    """Whoever writes to the repository may have written another user's name."""
    for kind, exposure, status, level in product(HAVING_RIGHTS, ExposureLevel, KeyStatus, LEVELS):
        assert grade(exposure, status, level, kind=kind, is_proven=False) == grade(
            exposure, status, PrivilegeLevel.ADMINISTRATOR, kind=kind
        )


def test_more_exposure_more_rights_and_a_key_that_works_are_never_milder():
    """Each from the worst to the least."""
    statuses = (KeyStatus.ACTIVE, KeyStatus.INACTIVE, KeyStatus.ROTATED, KeyStatus.DELETED)
    levels = (PrivilegeLevel.ADMINISTRATOR, PrivilegeLevel.INDIRECT, PrivilegeLevel.LIMITED)
    for kind in (*HAVING_RIGHTS, CredentialKind.SECRET):
        for exposure, status in product(ExposureLevel, statuses):
            grades = [grade(exposure, status, each, kind=kind) for each in levels]
            assert grades == sorted(grades)
        for exposure, level in product(ExposureLevel, levels):
            grades = [grade(exposure, each, level, kind=kind) for each in statuses]
            assert grades == sorted(grades)
        for status, level in product(statuses, levels):
            grades = [grade(each, status, level, kind=kind) for each in ExposureLevel]
            assert grades == sorted(grades)


# What the grid is not for.


def test_a_secret_without_its_id_is_no_worse_than_it_is_by_itself():
    """Nobody can use it before the ID is found."""
    kind = CredentialKind.SECRET
    alone = ORDER.index(severity_while_active(leak(kind=kind)))
    for exposure, status, level in product(
        (ExposureLevel.OPEN, ExposureLevel.HIDDEN), KeyStatus, LEVELS
    ):
        assert grade(exposure, status, level, kind=kind) == max(
            alone, grade(exposure, status, level)
        )


@pytest.mark.parametrize("kind", WITHOUT_RIGHTS)
def test_what_has_no_users_rights_is_as_bad_as_it_is_by_itself_until_it_ends(kind):
    """Then it is low at most, whatever its owner may do."""
    alone = ORDER.index(severity_while_active(leak(kind=kind)))
    for exposure, level in product((ExposureLevel.OPEN, ExposureLevel.HIDDEN), LEVELS):
        assert grade(exposure, KeyStatus.ACTIVE, level, kind=kind) == alone
        ended = grade(exposure, KeyStatus.INACTIVE, level, kind=kind)
        assert ended == max(alone, ORDER.index(Severity.LOW))


def test_a_key_of_a_known_account_is_as_bad_as_it_is_by_itself():
    """It is the owner's, though nobody audits it: what it opens there is not small."""
    for kind, status, level in product(KINDS, KeyStatus, LEVELS):
        alone = ORDER.index(severity_while_active(leak(kind=kind)))
        is_over = status not in {KeyStatus.ACTIVE, KeyStatus.UNKNOWN}
        expected = max(alone, ORDER.index(Severity.LOW)) if is_over else alone
        found = grade(ExposureLevel.OPEN, status, level, kind=kind, belongs=AccountRelation.KNOWN)
        assert found == expected


def test_a_secret_of_a_foreign_account_is_medium_at_most():
    """It opens nothing that was audited, and its owner has to be told."""
    foreign = {"belongs": AccountRelation.FOREIGN}
    for kind, status, level in product(KINDS, KeyStatus, LEVELS):
        alone = ORDER.index(severity_while_active(leak(kind=kind)))
        is_over = status not in {KeyStatus.ACTIVE, KeyStatus.UNKNOWN}
        least = ORDER.index(Severity.LOW if is_over else Severity.MEDIUM)
        assert grade(ExposureLevel.OPEN, status, level, kind=kind, **foreign) == max(alone, least)
    assert grade(ExposureLevel.ID, **foreign) == ORDER.index(Severity.LOW)


def test_a_decoy_is_for_information():
    """It was laid out to be found."""
    for kind, exposure, status, level in product(KINDS, ExposureLevel, KeyStatus, LEVELS):
        found = risk(exposure, status, level, kind=kind, belongs=AccountRelation.DECOY)
        assert joined_severity(found) is Severity.INFO


def test_a_key_of_nobody_known_is_as_bad_as_one_of_the_account():
    """An ID of the old format tells no account, and may be of this one."""
    for exposure, status, level in product(ExposureLevel, KeyStatus, LEVELS):
        found = risk(exposure, status, level)
        unknown = replace(found, account_relation=AccountRelation.UNKNOWN)
        assert joined_severity(unknown) is joined_severity(found)
