"""In: a member of a check's population. Out: its outcome: Pass, Fail or Unknown.

A check yields one outcome for each member; `analyzer.rules.engine` turns them into the rule's
result and its findings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeTime
from analyzer.inventory.model import (
    AccessKey,
    Account,
    Certificate,
    ReportEntry,
    User,
    lasting_stamp,
)
from analyzer.leaks.model import Occurrence
from analyzer.rules.catalogue import Fact
from analyzer.rules.finding import Resource

SETTLED = frozenset({"ARCHIVED", "RESOLVED"})
"""What Access Analyzer calls a finding that needs nobody any more."""
REMEDY = "remedy"
"""The fact that holds a policy document to attach; it stands under `fix` and in no sentence."""
_TWO = 2
"""AWS allows a user two access keys."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A member of the population that keeps the rule."""


@dataclass(frozen=True, slots=True)
class Fail:
    """A member that breaks the rule, where that stands, and the facts for the catalogue's text."""

    resource: Resource
    locations: tuple[Location | Occurrence, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A member that can't be judged: `reason` says why, `location` where it stands."""

    reason: str
    location: Location | None = None


Outcome = Pass | Fail | Unknown


def fail(resource: Resource, /, *locations: Location | Occurrence, **facts: Fact) -> Fail:
    """A failing member with its places, the telling one first, and the catalogue's facts."""
    return Fail(resource, locations, facts)


def unreadable(location: Location) -> Unknown:
    """The outcome where the cell or member that decides can't be read."""
    where = location.column or (location.pointer or "").rpartition("/")[2]
    return Unknown(f"{where or 'the value'} can't be read", location)


def active_key_pair(entry: ReportEntry) -> tuple[AccessKey, AccessKey] | Unknown | None:
    """The user's two active keys; None where there are not two, Unknown where nobody can tell."""
    possible = [key for key in entry.keys if key.active is not False]
    if len(possible) != _TWO:
        return None
    if entry.unreadable_keys:
        return unreadable(entry.unreadable_keys[0].location("active"))
    return possible[0], possible[1]


def user_resource(user: User) -> Resource:
    """The user, told from a namesake by the time it was made."""
    return Resource(user.arn, user.stable_id)


def pass_unless_disputed(*keys: AccessKey) -> Pass | Unknown:
    """Pass, for keys that are young by the report; Unknown where a list names other keys.

    The report's date moves with the key's status, so it shows how old a key is at least.
    """
    for key in keys:
        if key.is_disputed:
            reason = "list-access-keys names other keys of the user than the report has"
            return Unknown(reason, key.location("last_rotated"))
    return Pass()


def key_resource(user: User, item: AccessKey | Certificate) -> Resource:
    """The user's key, told from the others by its creation: slots swap, dates do not.

    Only where both were made within a minute the slot tells them apart.
    """
    entry = user.report_entry
    is_key = isinstance(item, AccessKey)
    items = (entry.keys if is_key else entry.certificates) if entry else ()
    sort = "key" if is_key else "certificate"
    stamp = lasting_stamp(_making(item))
    twins = sum(lasting_stamp(_making(each)) == stamp for each in items)
    if not stamp or twins > 1:
        stamp += f"slot {item.slot}"
    return Resource(user.arn, f"{user.stable_id}/{sort}@{stamp}")


def _making(item: AccessKey | Certificate) -> MaybeTime:
    return item.made if isinstance(item, AccessKey) else item.created


def account_resource(account: Account, part: str = "") -> Resource:
    """The account as a whole, or its root user; `part` tells several such findings apart."""
    return Resource(account.root_arn, f"{account.root_arn}#{part}" if part else account.root_arn)
