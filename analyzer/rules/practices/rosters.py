"""In: an account and the lists of people. Out: how far the lists can be relied on.

None of it costs points: AS 1105.10 asks an auditor to test data of the company for being complete.
"""

import re
from collections.abc import Iterator

from analyzer.config import Limits
from analyzer.display import list_first
from analyzer.evidence.artifacts import Location
from analyzer.evidence.roster_model import RosterFile, RosterScope
from analyzer.inventory.model import Account
from analyzer.inventory.people import MatchedPeople
from analyzer.rules.outcomes import Fail, Outcome, Pass, Unknown, account_resource, fail

_NO_LIST = "no list of people could be read"
_NO_TIME = "nothing says when the list was made; say exported_at in a file beside it"
_ONE_SIDED = {
    RosterScope.ACTIVE: "nobody in it has left",
    RosterScope.LEAVERS: "nobody in it is employed",
}
_NAMED = 3


def roster_stale(account: Account, limits: Limits, people: MatchedPeople) -> Iterator[Outcome]:
    """The list of people and the exports are of different weeks."""
    for file in people.roster.files:
        made, place = file.artifact.captured_at, Location(file.artifact.id)
        if made is None:
            yield Unknown(_NO_TIME, place)
            continue
        apart = abs((account.as_of.date() - made.date()).days)
        if apart > limits.roster_age:
            yield fail(
                account_resource(account, f"roster-time/{_lasting_name(file)}"),
                place,
                file=file.artifact.path,
                made=made,
                apart=apart,
                limit=limits.roster_age,
            )
        else:
            yield Pass()
    yield from _none(people)


def roster_partial(account: Account, people: MatchedPeople) -> Iterator[Outcome]:
    """People are missing from the list, or may be."""
    scope = people.scope_at(account.as_of)
    for file in people.roster.files:
        signs = [each for each in file.defects if each.is_partial]
        texts = [each.what for each in signs]
        # Several lists make up for each other: one of leavers, one of those who are there.
        if scope in _ONE_SIDED and file.settings.scope is None:
            texts.append(_ONE_SIDED[scope])
        places = tuple(each.location for each in signs) or (Location(file.artifact.id),)
        yield _judge(account, file, "partial", texts, places)
    yield from _none(people)


def roster_ambiguous(account: Account, people: MatchedPeople) -> Iterator[Outcome]:
    """Rows of the list leave open who or when is meant."""
    for file in people.roster.files:
        signs = [each for each in file.defects if not each.is_partial]
        texts, places = [each.what for each in signs], [each.location for each in signs]
        bare = [
            match
            for match in people.matches.values()
            if match.is_unpadded
            and any(row.location.evidence == file.artifact.id
                    for each in (match.person, *match.candidates) if each
                    for row in each.rows)
        ]  # fmt: skip
        if bare:
            texts.append(f"{len(bare)} ID(s) of users fit only without their leading zeros")
            places += [match.location for match in bare if match.location]
        yield _judge(account, file, "ambiguous", texts, tuple(places))
    yield from _none(people)


def _judge(
    account: Account,
    file: RosterFile,
    part: str,
    texts: list[str],
    places: tuple[Location, ...],
) -> Fail | Pass:
    if not texts:
        return Pass()
    return fail(
        account_resource(account, f"roster-{part}/{_lasting_name(file)}"),
        *places,
        file=file.artifact.path,
        sign=list_first(texts, _NAMED, ";"),
    )


def _lasting_name(file: RosterFile) -> str:
    """The file's name without numbers: next quarter's export has another date in it."""
    return re.sub(r"\d+", "", file.artifact.path)


def _none(people: MatchedPeople) -> Iterator[Unknown]:
    """One that can't be judged, where a list was handed in and none could be read."""
    if not people.roster.files:
        yield Unknown(_NO_LIST)
