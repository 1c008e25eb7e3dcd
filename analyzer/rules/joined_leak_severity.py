"""In: a leaked credential joined to its account. Out: how bad it is.

What is exposed, whether it lives, what it opens: one table for all three.
"""

from enum import StrEnum

from analyzer.leaks.model import CredentialKind
from analyzer.privesc.graph import Level
from analyzer.risk.account_match import Belonging
from analyzer.risk.assessment import Risk
from analyzer.risk.blast_radius import OPEN
from analyzer.risk.exposure import Exposure
from analyzer.risk.key_status import Life
from analyzer.rules.leak_severity import live_severity
from analyzer.rules.severity import Severity


class _Opens(StrEnum):
    """What a credential opens, as far as it matters here. What nobody knows may be everything."""

    EVERYTHING = "everything"
    OTHERS = "others"
    SOMETHING = "something"


_COLUMNS = tuple(_Opens)
_C, _H, _M, _L = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
TABLE: dict[tuple[Exposure, Life], tuple[Severity, Severity, Severity]] = {
    #                                  everything, others, something
    (Exposure.OPEN, Life.ACTIVE): (_C, _C, _H),
    (Exposure.OPEN, Life.INACTIVE): (_H, _M, _M),
    (Exposure.OPEN, Life.ROTATED): (_M, _L, _L),
    (Exposure.OPEN, Life.DELETED): (_L, _L, _L),
    (Exposure.OPEN, Life.EXPIRED): (_L, _L, _L),
    (Exposure.HIDDEN, Life.ACTIVE): (_C, _H, _H),
    (Exposure.HIDDEN, Life.INACTIVE): (_M, _M, _L),
    (Exposure.HIDDEN, Life.ROTATED): (_L, _L, _L),
    (Exposure.HIDDEN, Life.DELETED): (_L, _L, _L),
    (Exposure.HIDDEN, Life.EXPIRED): (_L, _L, _L),
    (Exposure.ID, Life.ACTIVE): (_H, _M, _M),
    (Exposure.ID, Life.INACTIVE): (_M, _L, _L),
    (Exposure.ID, Life.ROTATED): (_L, _L, _L),
    (Exposure.ID, Life.DELETED): (_L, _L, _L),
    (Exposure.ID, Life.EXPIRED): (_L, _L, _L),
}
"""For what has the rights of a user: its access key, or its password.

What may be active counts as active, and nothing in another row is worse than the least of that one:
so no file that is missing makes a leak look better.
"""


def severity_with_account(risk: Risk) -> Severity:
    """How bad it is, with all that the files tell of its account, its owner and its life."""
    credential, exposure = risk.credential, risk.seen.exposure
    if exposure is Exposure.DOUBTFUL or risk.belongs is Belonging.DECOY:
        return Severity.INFO
    alone, is_over = live_severity(credential), risk.life.is_over
    if risk.belongs is Belonging.FOREIGN:
        # Its owner has to be told, and in the audited accounts it opens nothing.
        least = Severity.LOW if is_over or exposure is Exposure.ID else Severity.MEDIUM
        return _milder(alone, least)
    if not credential.kind.has_a_users_rights or risk.belongs is Belonging.KNOWN:
        return _milder(alone, Severity.LOW) if is_over else alone
    life = risk.life.life if is_over else Life.ACTIVE
    found = TABLE[exposure, life][_COLUMNS.index(_opens(risk))]
    return _milder(alone, found) if credential.kind is CredentialKind.SECRET else found


def _opens(risk: Risk) -> _Opens:
    level = risk.might.level
    if level is None or level.is_privileged or level in OPEN or not risk.might.is_proven:
        return _Opens.EVERYTHING
    return _Opens.OTHERS if level is Level.INDIRECT else _Opens.SOMETHING


def _milder(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=list(Severity).index)
