"""In: the match of a user with a person. Out: what checks say of it: how sure, proven by what.

Shared by the checks of leavers and of people.
"""

from collections.abc import Iterator
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.roster_model import Person, RosterScope, UserKind
from analyzer.inventory.model import Account, ReportEntry, User
from analyzer.inventory.people import MatchedPeople, UserMatch
from analyzer.inventory.user_keys import MatchTier
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.outcomes import Fail, Unknown, as_variant, is_for_emergencies

LIMITED, BY_NAME = "limited", "by-name"
"""Variants: for whoever has no full rights, and for whoever is known by name only."""
NO_LIST = "no list of people could be read"
NO_LEAVERS = "nobody in the list of people has left, so it proves of nobody that they are gone"
NO_EMPLOYEES = "the list of people names leavers only, so nobody can be missing from it"
NO_TAGS = "its tags, which may name a person, were not handed in"
NO_LAST_DAY = "the list of people gives no last day"


def leaver_gap(account: Account, people: MatchedPeople) -> Unknown | None:
    """Why no list can show that anybody has left; None where it can."""
    if not people.roster.people:
        return Unknown(NO_LIST)
    scope = people.scope_at(account.as_of)
    return Unknown(NO_LEAVERS) if scope in {None, RosterScope.ACTIVE} else None


def fitting(match: UserMatch) -> tuple[Person, ...]:
    """Everybody whose user it may be."""
    return match.candidates or ((match.person,) if match.person else ())


def unsure(user: User, match: UserMatch) -> Unknown:
    """A user of whom nobody can tell whose it is: a number, and no names."""
    place = user.report_entry.row.at("user") if user.report_entry else match.location
    count = len(fitting(match))
    who = f"{count} people" if count > 1 else "perhaps one person"
    return Unknown(f"{user.name} fits {who} by {match.reason}; state whose it is", place)


def is_human(
    user: User, entry: ReportEntry, match: UserMatch, limits: Limits
) -> bool | MissingValue:
    """Whether a person uses it: it has a password or an MFA device, or somebody says so."""
    if match.kind in {UserKind.SERVICE, UserKind.BREAK_GLASS} or is_for_emergencies(user, limits):
        return False
    if match.kind is UserKind.PERSON or True in (entry.password_enabled, entry.mfa_active):
        return True
    unread = [each for each in (entry.password_enabled, entry.mfa_active) if each is not False]
    return MissingValue.UNREADABLE if unread else False


def is_privileged(graph: EscalationGraph | None, arn: str) -> bool:
    """True for whoever has full rights, or can certainly get them."""
    known = graph.privileges.get(arn) if graph is not None else None
    return known is not None and known.level.is_privileged


def ended_on(account: Account, last_day: datetime | None) -> str:
    """When somebody left, in words."""
    if last_day is None:
        return "on a day that the list does not give"
    return f"on {last_day:%Y-%m-%d}, {account.days_since(last_day)} days before"


def varied(found: Fail, match: UserMatch, *, limited: bool = False) -> Fail:
    """The finding, told as milder for whoever has no full rights, and as less sure by name."""
    names = [LIMITED] if limited else []
    names += [BY_NAME] if match.tier is MatchTier.EXACT_NAME else []
    return as_variant("+".join(names), found)


def proof_of(match: UserMatch, person: Person) -> Iterator[Location]:
    """What joins user and person: the user's key, and the row of the list."""
    if match.location is not None:
        yield match.location
    yield person.location


def live_cells(entry: ReportEntry) -> Iterator[Location]:
    """The cells that show what is live."""
    if entry.password_enabled is True:
        yield entry.row.at("password_enabled")
    yield from (key.location("active") for key in entry.active_keys)
    yield from (each.location("active") for each in entry.certificates if each.active is True)
