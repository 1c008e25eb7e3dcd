"""In: a leaked credential joined to its account. Out: its severity.

One table over what is exposed, whether it still works, and what it opens.
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
    """What a credential opens, as far as it matters here. The unknown counts as everything."""

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

What is possibly active counts as active, and nothing in another row is worse than the mildest entry
of that row: so no missing file makes a leak look better.
"""


def joined_severity(assessment: LeakAssessment) -> Severity:
    """How bad it is, with all that the files say of its account, its owner and its status."""
    credential, exposure = assessment.credential, assessment.exposure.level
    if exposure is ExposureLevel.DOUBTFUL or assessment.account_relation is AccountRelation.DECOY:
        return Severity.INFO
    severity, is_dead = severity_while_active(credential), assessment.status.is_dead
    if assessment.account_relation is AccountRelation.FOREIGN:
        # Its owner has to be told, and in the audited accounts it opens nothing.
        is_harmless = is_dead or exposure is ExposureLevel.ID
        return _milder(severity, Severity.LOW if is_harmless else Severity.MEDIUM)
    if not credential.kind.has_user_rights or assessment.account_relation is AccountRelation.KNOWN:
        return _milder(severity, Severity.LOW) if is_dead else severity
    status = assessment.status.status if is_dead else KeyStatus.ACTIVE
    joined = TABLE[exposure, status][_COLUMNS.index(_blast_radius(assessment))]
    return _milder(severity, joined) if credential.kind is CredentialKind.SECRET else joined


def _blast_radius(assessment: LeakAssessment) -> _BlastRadius:
    radius = assessment.blast_radius
    level = radius.level
    if level is None or level.is_privileged or level in OPEN or not radius.is_proven:
        return _BlastRadius.EVERYTHING
    return _BlastRadius.OTHERS if level is PrivilegeLevel.INDIRECT else _BlastRadius.SOMETHING


def _milder(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=list(Severity).index)
