"""In: an IAM user and a RosterIndex. Out: what of the user may name a person, and who fits it.

Tags count where their key is one that a roster has, too, such as employee-id or email.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from analyzer.evidence.artifacts import Location
from analyzer.evidence.roster_fields import RosterField, field_of, header_key
from analyzer.evidence.roster_model import Person
from analyzer.inventory.model import User
from analyzer.inventory.name_variants import without_affix
from analyzer.inventory.people_index import RosterIndex, unique_people

_PERSON_TAGS = frozenset({"person", "employee", "user", "username", "owneremployeeid"})
"""Tags beside those of the roster's own columns that say whose a user is."""

_TAG_FIELDS = frozenset({RosterField.MAIL, RosterField.LOGIN, RosterField.NAME})


class MatchTier(IntEnum):
    """How surely a user is a person's: the first three may be judged, the others only shown."""

    STATED = 0
    EXACT_KEY = 1
    EXACT_NAME = 2
    DERIVED = 3
    AMBIGUOUS = 4
    NONE = 5

    @property
    def is_sure(self) -> bool:
        """True for what a finding may rest on."""
        return self <= MatchTier.EXACT_NAME


@dataclass(frozen=True, slots=True)
class MatchKey:
    """Something of a user that may name a person: what it is, where, and who fits it."""

    tier: MatchTier
    label: str
    location: Location | None
    people: tuple[Person, ...]
    is_unpadded: bool = False


def keys_of(index: RosterIndex, user: User) -> Iterator[MatchKey]:
    """Every key of the user, those of the tags first."""
    place = user.report_entry.row.at("user") if user.report_entry else None
    if user.details is not None:
        place = place or user.details.location.child("UserName")
        for number, (tag, value) in enumerate(user.details.tags.items()):
            spot = user.details.tags_location.child(number)
            yield from _tag_keys(index, tag, value, spot)
    yield from _user_name_keys(index, user.name, place)


def _tag_keys(index: RosterIndex, tag: str, value: str, place: Location) -> Iterator[MatchKey]:
    label = f'the tag "{tag}"'
    told = field_of(tag)
    own = {header_key(each) for each in index.roster.settings.id_tags}
    is_id = told is RosterField.ID or header_key(tag) in own
    if not value.strip() or not (is_id or told in _TAG_FIELDS or header_key(tag) in _PERSON_TAGS):
        return
    lowered = value.strip().casefold()
    yield MatchKey(MatchTier.EXACT_KEY, label, place, index.addressed(value))
    if told is RosterField.LOGIN:
        yield MatchKey(MatchTier.EXACT_KEY, label, place, index.by_login.get(lowered, ()))
    if is_id:
        people = index.by_id.get(lowered, ())
        yield MatchKey(MatchTier.EXACT_KEY, label, place, people)
        if not people:
            bare = index.by_bare_id.get(lowered.lstrip("0"), ())
            reason = f"{label} without leading zeros"
            yield MatchKey(MatchTier.EXACT_NAME, reason, place, bare, is_unpadded=True)
    if told is RosterField.NAME or header_key(tag) in _PERSON_TAGS:
        yield MatchKey(MatchTier.EXACT_NAME, label, place, index.named(value))
    if "@" in value:
        yield from _address_keys(index, label, value, place)


def _address_keys(
    index: RosterIndex, label: str, text: str, place: Location | None
) -> Iterator[MatchKey]:
    """What an address in an own domain tells that nobody has: its local part in another one."""
    local, _, domain = text.strip().casefold().partition("@")
    if domain not in index.roster.domains or index.addressed(text):
        return
    people = index.by_local.get(local.partition("+")[0], ())
    yield MatchKey(MatchTier.EXACT_NAME, f"{label}, in another domain", place, people)
    yield MatchKey(MatchTier.EXACT_NAME, f"{label}, by name", place, index.named(local))


def _user_name_keys(index: RosterIndex, name: str, place: Location | None) -> Iterator[MatchKey]:
    label, lowered = "the user name", name.casefold()
    yield MatchKey(MatchTier.EXACT_KEY, label, place, index.addressed(name))
    yield MatchKey(MatchTier.EXACT_KEY, label, place, index.by_login.get(lowered, ()))
    if "@" in name:
        yield from _address_keys(index, label, name, place)
        return
    reason = "the user name, an address before its @"
    yield MatchKey(MatchTier.EXACT_NAME, reason, place, index.by_local.get(lowered, ()))
    yield MatchKey(MatchTier.EXACT_NAME, label, place, index.named(name))
    yield MatchKey(MatchTier.DERIVED, "a shortened name", place, index.derived(name))
    if bare := without_affix(name):
        cut = (*index.exact(bare), *index.named(bare), *index.by_local.get(bare.casefold(), ()))
        people = unique_people(cut) or index.derived(bare)
        yield MatchKey(MatchTier.DERIVED, "its name without a prefix or suffix", place, people)
