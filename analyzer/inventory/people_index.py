"""In: a Roster. Out: its people by each of their keys, so that a user's key finds them at once."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from analyzer.evidence.roster_model import Person, Roster
from analyzer.inventory.name_variants import (
    derived_in,
    derived_of,
    local_part,
    pairs_in,
    pairs_of,
    plain_addresses,
)

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class RosterIndex:
    """A roster's people by each of their keys; made once for all accounts."""

    roster: Roster
    by_id: Mapping[str, tuple[Person, ...]]
    by_bare_id: Mapping[str, tuple[Person, ...]]
    by_address: Mapping[str, tuple[Person, ...]]
    by_login: Mapping[str, tuple[Person, ...]]
    by_local: Mapping[str, tuple[Person, ...]]
    by_pair: Mapping[tuple[str, str], tuple[Person, ...]]
    by_derived: Mapping[str, tuple[Person, ...]]

    def exact(self, text: str) -> tuple[Person, ...]:
        """Everybody with that ID, work address or sign-in name."""
        lowered = text.strip().casefold()
        found = [*self.by_id.get(lowered, ()), *self.by_login.get(lowered, ()),
                 *self.addressed(text)]  # fmt: skip
        return unique_people(found)

    def addressed(self, text: str) -> tuple[Person, ...]:
        """Everybody with that work address."""
        addresses = plain_addresses([text], self.roster.domains)
        return unique_people(
            each for address in addresses for each in self.by_address.get(address, ())
        )

    def named(self, text: str) -> tuple[Person, ...]:
        """Everybody with that full name, leavers too."""
        return unique_people(each for pair in pairs_in(text) for each in self.by_pair.get(pair, ()))

    def derived(self, text: str) -> tuple[Person, ...]:
        """Everybody whose name can be shortened to that."""
        return unique_people(
            each for key in derived_in(text) for each in self.by_derived.get(key, ())
        )


def index_roster(roster: Roster) -> RosterIndex:
    """The roster's people by key."""
    people = roster.people
    return RosterIndex(
        roster,
        by_id=_by(people, lambda each: each.ids),
        by_bare_id=_by(people, lambda each: {key.lstrip("0") for key in each.ids} - {""}),
        by_address=_by(people, lambda each: set(plain_addresses(each.mails, roster.domains))),
        by_login=_by(people, lambda each: each.logins),
        by_local=_by(people, lambda each: {local_part(mail) for mail in each.mails}),
        by_pair=_by(people, lambda each: {key for name in each.names for key in pairs_of(name)}),
        by_derived=_by(people, _derived_keys),
    )


def unique_people(people: Iterable[Person]) -> tuple[Person, ...]:
    """The people, each once, in the order in which they came."""
    return tuple({id(each): each for each in people}.values())


def _derived_keys(person: Person) -> set[str]:
    return {key for name in person.names for key in derived_of(name)}


def _by(
    people: Iterable[Person], keys_of: Callable[[Person], Iterable[_Key]]
) -> dict[_Key, tuple[Person, ...]]:
    found: dict[_Key, list[Person]] = defaultdict(list)
    for person in people:
        for key in keys_of(person):
            found[key].append(person)
    return {key: tuple(each) for key, each in found.items()}
