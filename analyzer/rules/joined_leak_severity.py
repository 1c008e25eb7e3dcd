"""In: a leaked credential joined to its account. Out: how bad it is.

What is exposed, whether it lives, what it opens: one table for all three.
"""

from enum import StrEnum

from analyzer.leaks.model import CredentialKind
from analyzer.privesc.graph import PrivilegeLevel
from analyzer.risk.account_match import AccountRelation
from analyzer.risk.assessment import LeakAssessment
from analyzer.risk.blast_radius import OPEN
from analyzer.risk.exposure import ExposureLevel
from analyzer.risk.key_status import KeyStatus
from analyzer.rules.leak_severity import severity_while_active
from analyzer.rules.severity import Severity


class _BlastRadius(StrEnum):
    """What a credential opens, as far as it matters here. What nobody knows may be everything."""

    EVERYTHING = "everything"
    OTHERS = "others"
    SOMETHING = "something"


_COLUMNS = tuple(_BlastRadius)
_C, _H, _M, _L = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
TABLE: dict[tuple[ExposureLevel, KeyStatus], tuple[Severity, Severity, Severity]] = {
    #                                  everything, others, something
    (ExposureLevel.OPEN, KeyStatus.ACTIVE): (_C, _C, _H),
    (ExposureLevel.OPEN, KeyStatus.INACTIVE): (_H, _M, _M),
    (ExposureLevel.OPEN, KeyStatus.ROTATED): (_M, _L, _L),
    (ExposureLevel.OPEN, KeyStatus.DELETED): (_L, _L, _L),
    (ExposureLevel.OPEN, KeyStatus.EXPIRED): (_L, _L, _L),
    (ExposureLevel.HIDDEN, KeyStatus.ACTIVE): (_C, _H, _H),
    (ExposureLevel.HIDDEN, KeyStatus.INACTIVE): (_M, _M, _L),
    (ExposureLevel.HIDDEN, KeyStatus.ROTATED): (_L, _L, _L),
    (ExposureLevel.HIDDEN, KeyStatus.DELETED): (_L, _L, _L),
    (ExposureLevel.HIDDEN, KeyStatus.EXPIRED): (_L, _L, _L),
    (ExposureLevel.ID, KeyStatus.ACTIVE): (_H, _M, _M),
    (ExposureLevel.ID, KeyStatus.INACTIVE): (_M, _L, _L),
    (ExposureLevel.ID, KeyStatus.ROTATED): (_L, _L, _L),
    (ExposureLevel.ID, KeyStatus.DELETED): (_L, _L, _L),
    (ExposureLevel.ID, KeyStatus.EXPIRED): (_L, _L, _L),
}
"""For what has the rights of a user: its access key, or its password.

What may be active counts as active, and nothing in another row is worse than the least of that one:
so no file that is missing makes a leak look better.
"""


def joined_severity(risk: LeakAssessment) -> Severity:
    """How bad it is, with all that the files tell of its account, its owner and its life."""
    credential, exposure = risk.credential, risk.exposure.level
    if exposure is ExposureLevel.DOUBTFUL or risk.account_relation is AccountRelation.DECOY:
        return Severity.INFO
    alone, is_over = severity_while_active(credential), risk.status.is_dead
    if risk.account_relation is AccountRelation.FOREIGN:
        # Its owner has to be told, and in the audited accounts it opens nothing.
        least = Severity.LOW if is_over or exposure is ExposureLevel.ID else Severity.MEDIUM
        return _milder(alone, least)
    if not credential.kind.has_a_users_rights or risk.account_relation is AccountRelation.KNOWN:
        return _milder(alone, Severity.LOW) if is_over else alone
    life = risk.status.status if is_over else KeyStatus.ACTIVE
    found = TABLE[exposure, life][_COLUMNS.index(_blast_radius(risk))]
    return _milder(alone, found) if credential.kind is CredentialKind.SECRET else found


def _blast_radius(risk: LeakAssessment) -> _BlastRadius:
    level = risk.blast_radius.level
    if level is None or level.is_privileged or level in OPEN or not risk.blast_radius.is_proven:
        return _BlastRadius.EVERYTHING
    return _BlastRadius.OTHERS if level is PrivilegeLevel.INDIRECT else _BlastRadius.SOMETHING


def _milder(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=list(Severity).index)
