"""In: a Roster and an Account. Out: for each IAM user the person it belongs to, and how surely.

A user is matched by the best of its keys: what somebody stated, an ID, an address, a sign-in name,
a full name, a shortened one. Keys that name different people leave the match open. Owner tags are
no keys: the owner of a program is not its user.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from analyzer.evidence.artifacts import Location
from analyzer.evidence.roster_model import (
    Person,
    Roster,
    RosterScope,
    StatedUser,
    UserKind,
)
from analyzer.inventory.model import Account, User
from analyzer.inventory.people_index import RosterIndex, unique_people
from analyzer.inventory.user_keys import MatchKey, MatchTier, keys_of


@dataclass(frozen=True, slots=True)
class UserMatch:
    """Whose a user is. `person` is None for AMBIGUOUS, which has `candidates`, and for NONE.

    `disagreeing` are keys of the first three tiers that name different people. `is_unpadded`: the
    ID fits only without its leading zeros. `sure_keys` counts those that name one person.
    """

    tier: MatchTier
    reason: str
    person: Person | None = None
    candidates: tuple[Person, ...] = ()
    kind: UserKind | None = None
    location: Location | None = None
    disagreeing: tuple[MatchKey, ...] = ()
    is_unpadded: bool = False
    sure_keys: int = 0

    @property
    def is_person_for_sure(self) -> bool:
        """True where a finding may speak of the person."""
        return self.tier.is_sure and self.person is not None


_NOBODY = UserMatch(MatchTier.NONE, "nobody in the roster fits")


@dataclass(frozen=True, slots=True)
class MatchedPeople:
    """The roster, and the match of each user of one account by ARN."""

    index: RosterIndex
    matches: Mapping[str, UserMatch] = field(default_factory=dict)

    @property
    def roster(self) -> Roster:
        """The lists of people that were handed in."""
        return self.index.roster

    def of(self, user: User) -> UserMatch:
        """The user's match."""
        return self.matches.get(user.arn, _NOBODY)

    def scope_at(self, moment: datetime) -> RosterScope | None:
        """Whom the lists hold together."""
        return self.roster.scope_at(moment)

    def shown(self, person: Person) -> str:
        """How a report names the person: the employee ID, unless other was asked for.

        Whoever has none is named by the row of the roster.
        """
        choice = self.roster.settings.shown
        text = person.person_id
        if choice == "mail":
            text = min(person.mails, default="")
        elif choice == "name" and person.names:
            text = f"{person.names[0].given} {person.names[0].family}".strip()
        return text or self._place(person.location)

    def _place(self, place: Location) -> str:
        files = {each.artifact.id: each.artifact.path for each in self.roster.files}
        spot = f"row {place.row}" if place.row else place.pointer or "the document"
        return f"in {spot} of {files.get(place.evidence, place.evidence)}"


def match_people(index: RosterIndex, account: Account) -> MatchedPeople:
    """The match of every user of the account."""
    stated = {each.arn: each for each in index.roster.settings.users}
    return MatchedPeople(
        index,
        {user.arn: _match(index, user, stated.get(user.arn)) for user in account.users},
    )


def _match(index: RosterIndex, user: User, stated: StatedUser | None) -> UserMatch:
    """The match by the best key; a statement outweighs all keys, and is shown to differ."""
    keys = [key for key in keys_of(index, user) if key.people]
    kind = stated.kind if stated else None
    if stated is not None and not stated.person:
        return UserMatch(MatchTier.STATED, f"stated: {kind}", kind=kind, location=stated.location)
    if stated is not None:
        people = index.exact(stated.person)
        if not people:
            reason = "the person stated for it is in no roster"
            return replace(_NOBODY, reason=reason, kind=kind, location=stated.location)
        keys.append(
            MatchKey(
                MatchTier.STATED, "a statement in the file beside the list", stated.location, people
            )
        )
    if not keys:
        return replace(_NOBODY, kind=kind)
    best = min(keys, key=lambda key: key.tier)
    disagreeing = _disagreeing(keys)
    is_settled = best.tier is MatchTier.STATED or not disagreeing
    told = [each for each in keys if each.tier is best.tier and len(each.people) == 1]
    best = told[0] if told else best
    made = UserMatch(
        best.tier,
        best.label,
        kind=kind,
        location=best.location,
        disagreeing=disagreeing,
        is_unpadded=best.is_unpadded,
        sure_keys=len(_sure(keys)),
    )
    if is_settled and len(best.people) == 1 and not best.people[0].is_disputed:
        return replace(made, person=best.people[0])
    several = disagreeing if not is_settled else (best,)
    candidates = unique_people(person for key in several for person in key.people)
    return replace(made, tier=MatchTier.AMBIGUOUS, candidates=candidates)


def _disagreeing(keys: Iterable[MatchKey]) -> tuple[MatchKey, ...]:
    """The first keys that each name one person, and not the same; none where all agree."""
    named: dict[int, MatchKey] = {}
    for key in sorted(_sure(keys), key=lambda key: key.tier):
        named.setdefault(id(key.people[0]), key)
    return tuple(named.values()) if len(named) > 1 else ()


def _sure(keys: Iterable[MatchKey]) -> list[MatchKey]:
    """The keys of which each names exactly one person, and on which a finding may rest."""
    return [key for key in keys if key.tier.is_sure and len(key.people) == 1]
