"""In: nothing; the nouns of use. Out: Witness, Testimony: what a piece of evidence says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location

_SHORTEST = 90
"""Days of tracking, below which nothing is called unused, whatever the settings say."""
UNTRACKED = "iam:PassRole"
"""Never tracked, and asked for by calls to other services than IAM.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""


@dataclass(frozen=True, slots=True)
class Witness:
    """One thing that was used, an action or `service:*`; which evidence says so, when, and where.

    `when` None: the evidence has no time for it.
    """

    used: str
    says: str
    when: datetime | None
    location: Location


@dataclass(frozen=True, slots=True)
class Testimony:
    """What one kind of evidence says of one principal; sets of actions are bits.

    `used` are the actions that were used, and `perhaps` all of services that were, where no more
    is known. `unused` were certainly not used for the period, and neither was anything of the
    services in `unused_services`. `unlisted` are those of services that a whole answer of AWS does
    not name. `why_not` says why nothing can be called unused, "" where it can. `bounds` are
    sentences on what the evidence can't show.
    """

    witnesses: tuple[Witness, ...] = ()
    used: int = 0
    perhaps: int = 0
    unused: int = 0
    unused_services: int = 0
    unlisted: int = 0
    why_not: str = ""
    bounds: tuple[str, ...] = ()


def tracking_period(limits: Limits) -> timedelta:
    """How long something must not have been used: the setting, and never less than 90 days."""
    return timedelta(days=max(limits.unused_service, _SHORTEST))
