"""In: an account and whose user is whose. Out: users of nobody, and people with several users."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeTime, MissingValue
from analyzer.evidence.roster_model import RosterScope, UserKind
from analyzer.inventory.model import Account, ReportEntry, User
from analyzer.inventory.name_variants import says_administrator
from analyzer.inventory.people import MatchedPeople, UserMatch
from analyzer.inventory.user_keys import MatchTier
from analyzer.privesc.graph import EscalationGraph
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import (
    Fail,
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
    NO_EMPLOYEES,
    NO_LIST,
    NO_TAGS,
    is_human,
    is_privileged,
    proof_of,
    unsure,
    varied,
)

_OF_TERMINALS = frozenset({"iam", "sts"})
"""Services that a person at a terminal calls, whatever the work is."""
_TWO = 2


def user_of_nobody(
    account: Account, limits: Limits, people: MatchedPeople, graph: EscalationGraph | None
) -> Iterator[Outcome]:
    """A person signs in as this user, and nobody in the list is that person."""
    scope = people.scope_at(account.as_of)
    if scope in {None, RosterScope.LEAVERS}:
        yield Unknown(NO_EMPLOYEES if scope else NO_LIST)
        return
    for user, entry in account.users_in_report():
        match = people.of(user)
        is_used = is_human(user, entry, match, limits)
        if is_used is False:
            continue
        if match.tier.is_sure:
            yield Pass()
        elif isinstance(is_used, MissingValue):
            yield unreadable(entry.row.at("password_enabled"))
        elif match.tier is not MatchTier.NONE:
            yield unsure(user, match)
        elif user.details is None:
            yield Unknown(f"{user.name}: {NO_TAGS}", entry.row.at("user"), ("gaad",))
        else:
            found = fail(
                user_resource(user),
                entry.row.at("user"),
                user.details.tags_location,
                *(Location(each.artifact.id) for each in people.roster.files),
                user=user.name,
                count=len(people.roster.people),
            )
            names = [LIMITED] if not is_privileged(graph, user.arn) else []
            names += ["active-list"] if scope is RosterScope.ACTIVE else []
            yield as_variant("+".join(names), found)


def several_users_per_person(
    account: Account, limits: Limits, people: MatchedPeople
) -> Iterator[Outcome]:
    """One person signs in as several users of the account."""
    users: dict[int, list[tuple[User, ReportEntry, UserMatch]]] = defaultdict(list)
    for user, entry in account.users_in_report():
        match = people.of(user)
        if match.person is None or not match.tier.is_sure:
            continue
        is_used = is_human(user, entry, match, limits)
        if isinstance(is_used, MissingValue):
            yield unreadable(entry.row.at("password_enabled"))
        elif is_used:
            users[id(match.person)].append((user, entry, match))
    for found in users.values():
        if len(found) < _TWO:
            yield Pass()
            continue
        yield _fail_several(account, people, found)


def person_keys_disagree(account: Account, people: MatchedPeople) -> Iterator[Outcome]:
    """Two things that say whose a user is name different people."""
    for user in account.users:
        match = people.of(user)
        if match.sure_keys < _TWO:
            continue
        if not match.disagreeing:
            yield Pass()
            continue
        first, second, *_ = match.disagreeing
        places = [key.location for key in match.disagreeing if key.location]
        places += [key.people[0].location for key in match.disagreeing]
        yield fail(
            user_resource(user),
            *places,
            user=user.name,
            first_key=first.label,
            first=people.shown(first.people[0]),
            second_key=second.label,
            second=people.shown(second.people[0]),
        )


def person_works_like_a_program(
    account: Account, limits: Limits, people: MatchedPeople
) -> Iterator[Outcome]:
    """A person's key is at work while the person has not signed in for long. A hint, no proof."""
    for user, entry in account.users_in_report():
        match = people.of(user)
        is_person = match.is_person_for_sure and match.kind is not UserKind.SERVICE
        keys = [key for key in entry.keys if key.active is True]
        if not (is_person and keys and entry.password_enabled is True):
            continue
        signed_in = entry.password_last_used
        if signed_in is MissingValue.UNREADABLE:
            yield unreadable(entry.row.at("password_last_used"))
            continue
        is_away = (
            not isinstance(signed_in, datetime)
            or account.days_since(signed_in) > limits.unused_password
        )
        busy = [key for key in keys if _is_at_work(account, limits, key.last_used)
                and key.last_service not in {"", "N/A", *_OF_TERMINALS}]  # fmt: skip
        if not (is_away and busy):
            yield Pass()
            continue
        assert match.person is not None  # noqa: S101 - is_person_for_sure says so
        yield fail(
            user_resource(user),
            busy[0].location("last_used_service"),
            busy[0].location("last_used_date"),
            entry.row.at("password_last_used"),
            *proof_of(match, match.person),
            user=user.name,
            person=people.shown(match.person),
            service=busy[0].last_service,
            used=busy[0].last_used if isinstance(busy[0].last_used, datetime) else "lately",
            signed_in=signed_in if isinstance(signed_in, datetime) else "never",
        )


def _is_at_work(account: Account, limits: Limits, used: MaybeTime) -> bool:
    return isinstance(used, datetime) and account.days_since(used) <= limits.workload_activity


def _fail_several(
    account: Account, people: MatchedPeople, found: list[tuple[User, ReportEntry, UserMatch]]
) -> Fail:
    person = found[0][2].person
    assert person is not None  # noqa: S101 - the users were grouped by it
    users = [user for user, _, _ in found]
    key = person.person_id or min(person.mails, default=users[0].name)
    is_split = len(users) == _TWO and sum(says_administrator(each.name) for each in users) == 1
    made = fail(
        Resource(users[0].arn, f"{account.root_arn}#person/{key}"),
        *(entry.row.at("user") for _, entry, _ in found),
        person.location,
        person=people.shown(person),
        count=len(users),
        users=", ".join(user.name for user in users),
    )
    least = max((match for _, _, match in found), key=lambda match: match.tier)
    parts = "administrator-split" if is_split else "", varied(made, least).variant
    names = [name for name in parts if name]
    return as_variant("+".join(names), made)
