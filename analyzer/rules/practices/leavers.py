"""In: an account and whose user is whose. Out: what those who have left can still do.

A finding rests on a sure match alone: stated by hand, an ID, an address, a sign-in name, or the
full name of one person among all. Where a match is only likely, the user can't be judged.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeBool, MaybeTime, MissingValue
from analyzer.evidence.roster_model import Person, PersonState
from analyzer.inventory.model import Account, PrincipalDetails, ReportEntry, User
from analyzer.inventory.people import MatchedPeople, UserMatch
from analyzer.inventory.user_keys import MatchTier
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.finding import Resource
from analyzer.rules.listed_credentials import ListedCredential, describe_live, live_listed
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    as_variant,
    fail,
    unreadable,
    user_resource,
)
from analyzer.rules.user_matches import (
    LIMITED,
    NO_LAST_DAY,
    NO_TAGS,
    ended_on,
    fitting,
    is_privileged,
    leaver_gap,
    live_cells,
    proof_of,
    unsure,
    varied,
)


class _Leaver(NamedTuple):
    """A user of somebody who has left; `last_day` None where the list has none."""

    user: User
    entry: ReportEntry
    listed: tuple[ListedCredential, ...]
    match: UserMatch
    person: Person
    last_day: datetime | None


def leaver_live_credential(
    account: Account, limits: Limits, people: MatchedPeople, graph: EscalationGraph | None
) -> Iterator[Outcome]:
    """Somebody who has left can still get in. PCI 8.2.5 allows no day."""
    for each in _users_of_leavers(account, people):
        if isinstance(each, Unknown):
            yield each
            continue
        live, ended = _can_get_in(each.entry, each.listed), each.last_day
        is_due = ended is None or account.days_since(ended) > limits.leaver_access
        if live is False or not is_due:
            yield Pass()
        elif live is not True:
            yield _unread(each.entry, each.listed)
        else:
            found = fail(
                user_resource(each.user),
                *live_cells(each.entry),
                *(credential.location for credential in each.listed),
                *proof_of(each.match, each.person),
                user=each.user.name,
                person=people.shown(each.person),
                match=each.match.reason,
                left=ended_on(account, ended),
                credentials=describe_live(each.entry, each.listed),
            )
            yield varied(found, each.match, limited=not is_privileged(graph, each.user.arn))


def leaver_credential_used(
    account: Account, limits: Limits, people: MatchedPeople
) -> Iterator[Outcome]:
    """A credential was used after its person's last day, whether it is still live or not."""
    for each in _users_of_leavers(account, people):
        if isinstance(each, Unknown):
            yield each
            continue
        if each.last_day is None:
            yield Unknown(NO_LAST_DAY, each.person.location)
            continue
        uses = dict(_uses(each.entry))
        # A last day counts whole, in whatever time zone: days are compared, not hours.
        allowed = each.last_day.date() + timedelta(days=limits.leaver_access)
        late = {
            place: used
            for place, used in uses.items()
            if isinstance(used, datetime) and used.date() > allowed
        }
        unread = [place for place, used in uses.items() if used is MissingValue.UNREADABLE]
        if late:
            found = fail(
                user_resource(each.user),
                *sorted(late, key=lambda place: late[place], reverse=True),
                *proof_of(each.match, each.person),
                user=each.user.name,
                person=people.shown(each.person),
                match=each.match.reason,
                ended=each.last_day,
                used=max(late.values()),
            )
            yield varied(found, each.match)
        else:
            yield unreadable(unread[0]) if unread else Pass()


def leaver_user_kept(account: Account, limits: Limits, people: MatchedPeople) -> Iterator[Outcome]:
    """The user of somebody long gone is still there, though nobody can get in."""
    for each in _users_of_leavers(account, people):
        if isinstance(each, Unknown):
            yield each
        elif _can_get_in(each.entry, each.listed) is not False:
            continue  # that it can get in, or may, is for the check of live credentials
        elif each.last_day is None:
            yield Unknown(NO_LAST_DAY, each.person.location)
        elif account.days_since(each.last_day) > limits.leaver_user:
            found = fail(
                user_resource(each.user),
                each.entry.row.at("user"),
                *proof_of(each.match, each.person),
                user=each.user.name,
                person=people.shown(each.person),
                match=each.match.reason,
                ended=each.last_day,
                limit=limits.leaver_user,
            )
            yield varied(found, each.match)
        else:
            yield Pass()


def owner_left(
    account: Account, limits: Limits, people: MatchedPeople, graph: EscalationGraph | None
) -> Iterator[Outcome]:
    """An owner tag names somebody who has left, by ID, address or sign-in name."""
    gap = leaver_gap(account, people)
    if gap is not None:
        yield gap
        return
    for resource, noun, details, own in _tagged(account, people):
        for number, (tag, value) in enumerate(details.tags.items()):
            if tag.lower() not in {each.lower() for each in limits.owner_tags}:
                continue
            named = people.index.exact(value)
            place = details.tags_location.child(number)
            if len(named) > 1 or any(each.is_disputed for each in named):
                yield Unknown(f"the tag {tag} fits {len(named)} people", place)
            elif named and named[0] is not own:
                state = named[0].state_at(account.as_of)
                if state is PersonState.UNKNOWN:
                    yield Unknown("the list does not say whether the owner is there", place)
                elif state is not PersonState.LEFT:
                    yield Pass()
                else:
                    left = named[0].left_on(account.as_of)
                    found = fail(
                        resource,
                        place,
                        named[0].location,
                        principal=noun,
                        tag=tag,
                        person=people.shown(named[0]),
                        left=ended_on(account, left),
                    )
                    is_limited = not is_privileged(graph, resource.arn)
                    yield as_variant(LIMITED, found) if is_limited else found


def barred_live_credential(account: Account, people: MatchedPeople) -> Iterator[Outcome]:
    """The directory has closed the person's account, and AWS still lets the person in."""
    listed = live_listed(account)
    for user, entry in account.users_in_report():
        match, beside = people.of(user), listed.get(user.name, ())
        if match.person is None or match.tier > MatchTier.EXACT_KEY:
            continue
        if match.person.state_at(account.as_of) is not PersonState.BARRED:
            continue
        live = _can_get_in(entry, beside)
        if live is True:
            yield fail(
                user_resource(user),
                *live_cells(entry),
                *(credential.location for credential in beside),
                *proof_of(match, match.person),
                user=user.name,
                person=people.shown(match.person),
                match=match.reason,
                credentials=describe_live(entry, beside),
            )
        else:
            yield Pass() if live is False else _unread(entry, beside)


def _can_get_in(entry: ReportEntry, listed: tuple[ListedCredential, ...]) -> MaybeBool:
    """Whether a credential of the report works, or one that only lists of single services show."""
    states = (entry.has_live_credential, *(each.active for each in listed))
    if any(each is True for each in states):
        return True
    return next((each for each in states if each is not False), False)


def _unread(entry: ReportEntry, listed: tuple[ListedCredential, ...]) -> Unknown:
    """What keeps it from being told."""
    if entry.has_live_credential is not False:
        return unreadable(entry.first_unreadable_cell)
    return unreadable(listed[0].node.location_of("Status"))


def _users_of_leavers(account: Account, people: MatchedPeople) -> Iterator[_Leaver | Unknown]:
    """Every user of somebody who has left, and each of whom nobody can tell."""
    gap = leaver_gap(account, people)
    if gap is not None:
        yield gap
        return
    listed = live_listed(account)
    for user, entry in account.users_in_report():
        match, beside = people.of(user), listed.get(user.name, ())
        place, live = entry.row.at("user"), _can_get_in(entry, beside)
        if match.person is not None and match.tier.is_sure:
            state = match.person.state_at(account.as_of)
            if state is PersonState.LEFT:
                last_day = match.person.left_on(account.as_of)
                yield _Leaver(user, entry, beside, match, match.person, last_day)
            elif state is PersonState.UNKNOWN and live is not False:
                reason = f"the list of people does not say whether the person of {user.name} left"
                yield Unknown(reason, match.person.location)
        elif live is False or match.tier is MatchTier.STATED:
            continue
        elif any(each.state_at(account.as_of) is PersonState.LEFT for each in fitting(match)):
            yield unsure(user, match)
        elif user.details is None and match.tier is MatchTier.NONE:
            yield Unknown(f"{user.name}: {NO_TAGS}", place, ("gaad",))


def _uses(entry: ReportEntry) -> Iterator[tuple[Location, MaybeTime]]:
    yield entry.row.at("password_last_used"), entry.password_last_used
    for key in entry.keys:
        yield key.location("last_used_date"), key.last_used


def _tagged(
    account: Account, people: MatchedPeople
) -> Iterator[tuple[Resource, str, PrincipalDetails, Person | None]]:
    """Users and the account's own roles with their details; of a user also whose it is."""
    for user, details in account.users_in_details():
        match = people.of(user)
        own = match.person if match.tier.is_sure else None
        yield user_resource(user), f"user {user.name}", details, own
    for role in account.roles:
        if not role.is_service_linked and not role.is_identity_center:
            resource = Resource(role.arn, role.stable_id)
            yield resource, f"role {role.name}", role.details, None
