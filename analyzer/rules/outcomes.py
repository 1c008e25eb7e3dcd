"""In: a member of a check's population. Out: its outcome: Pass, Fail or Unknown.

A check yields one outcome for each member; `analyzer.rules.engine` turns them into the rule's
result and its findings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from analyzer.config import Limits
from analyzer.display import list_first
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeTime
from analyzer.inventory.model import (
    AccessKey,
    Account,
    Certificate,
    ReportEntry,
    Role,
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
CIS_IDLE_DAYS = 45
"""From this day without use on CIS asks to disable a credential: 1.11 (5.0)."""
IDLE_FOR_CIS = "idle-for-cis"
"""The variant for what was never used, once CIS asks for the same."""
_LISTED = 8
_TWO = 2
"""AWS allows a user two access keys."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A member of the population that keeps the rule."""


@dataclass(frozen=True, slots=True)
class Fail:
    """A member that breaks the rule, where that stands, and the facts for the catalogue's text.

    `variant` names the milder case of the rule that it is; see `Catalogue.entry_of`.
    """

    resource: Resource
    locations: tuple[Location | Occurrence, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A member that can't be judged: `reason` says why, `location` where it stands.

    `inputs` names the sorts of evidence that would settle it, where they are not those that the
    check asks for anyway.
    """

    reason: str
    location: Location | None = None
    inputs: tuple[str, ...] = ()


Outcome = Pass | Fail | Unknown


def fail(resource: Resource, /, *locations: Location | Occurrence, **facts: Fact) -> Fail:
    """A failing member with its places, the telling one first, and the catalogue's facts."""
    return Fail(resource, locations, facts)


def as_variant(name: str, outcome: Fail) -> Fail:
    """The same failing member as that variant of the rule."""
    return replace(outcome, variant=name)


def shut_out(principal: User | Role, outcome: Fail) -> Fail:
    """The outcome, milder while nobody can get in as the user: it has no live credential."""
    entry = principal.report_entry if isinstance(principal, User) else None
    is_shut = entry is not None and entry.has_live_credential is False
    return as_variant("no-way-in", outcome) if is_shut else outcome


def unreadable(location: Location) -> Unknown:
    """The outcome where the cell or member that decides can't be read."""
    where = location.column or (location.pointer or "").rpartition("/")[2]
    return Unknown(f"{where or 'the value'} can't be read", location)


def active_keys(account: Account) -> Iterator[tuple[User, ReportEntry, AccessKey]]:
    """Every key that is or may be active."""
    for user, entry in account.users_in_report():
        for key in entry.keys:
            if key.active is not False:
                yield user, entry, key


def active_key_pair(entry: ReportEntry) -> tuple[AccessKey, AccessKey] | Unknown | None:
    """The user's two active keys; None where there are not two, Unknown where nobody can tell."""
    possible = [key for key in entry.keys if key.active is not False]
    if len(possible) != _TWO:
        return None
    if entry.unreadable_keys:
        return unreadable(entry.unreadable_keys[0].location("active"))
    return possible[0], possible[1]


def list_names(names: Sequence[str]) -> str:
    """The first names in order, and how many more there are; the places hold them all."""
    return list_first(sorted(names), _LISTED)


def is_for_emergencies(user: User, limits: Limits) -> bool:
    """True for a declared break-glass user, who is meant to be idle."""
    return user.name in limits.break_glass or user.arn in limits.break_glass


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
    """The user's key, told from the others by its creation: slots swap, dates do not."""
    sort = "key" if isinstance(item, AccessKey) else "certificate"
    stamp = key_stamp(user.report_entry, item)
    return Resource(user.arn, f"{user.stable_id}/{sort}@{stamp}")


def key_stamp(entry: ReportEntry | None, item: AccessKey | Certificate) -> str:
    """The minute in which the key or certificate of that row was made.

    Only where that is unknown, or two were made within it, the slot tells them apart.
    """
    items: tuple[AccessKey | Certificate, ...] = ()
    if entry is not None:
        items = entry.keys if isinstance(item, AccessKey) else entry.certificates
    stamp = lasting_stamp(_making(item))
    twins = sum(lasting_stamp(_making(each)) == stamp for each in items)
    return f"{stamp}slot {item.slot}" if not stamp or twins > 1 else stamp


def _making(item: AccessKey | Certificate) -> MaybeTime:
    return item.made if isinstance(item, AccessKey) else item.created


def account_resource(account: Account, part: str = "") -> Resource:
    """The account as a whole, or its root user; `part` tells several such findings apart."""
    return Resource(account.root_arn, f"{account.root_arn}#{part}" if part else account.root_arn)
