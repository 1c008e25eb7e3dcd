"""In: one repository with a key pair in every place. Out: the proof that each of them is found."""

from datetime import UTC, datetime
from fnmatch import fnmatchcase

import pytest

from analyzer.leaks.model import Credential, LeakScan, Occurrence
from tests.leaks.hiding.archives import CLOSED
from tests.leaks.hiding.model import Holder, Place, pair_for
from tests.leaks.hiding.places import PLACES
from tests.leaks.leak_material import ACCOUNT

pytestmark = pytest.mark.xdist_group("hiding")
every_place = pytest.mark.parametrize("name", PLACES)
REPOSITORIES = {"everything", "everything/.git/modules/lib"}


def credential(scanned: LeakScan, place: Place) -> Credential:
    """The one credential of a place's key ID and kind."""
    (found,) = (
        each
        for each in scanned.credentials
        if (each.key_id, each.kind) == (place.pair.id, place.kind)
    )
    return found


def occurrence(scanned: LeakScan, place: Place) -> Occurrence:
    """The one occurrence at the place's path."""
    (found,) = (
        each
        for each in credential(scanned, place).occurrences
        if fnmatchcase(each.path, place.path)
    )
    return found


def demand(place: Place) -> dict[str, object]:
    """What the place demands of its occurrence, and nothing that it leaves open."""
    stamp = datetime(2024, 3, place.day, 12, tzinfo=UTC) if place.day else None
    known = {
        "date": stamp,
        "author": place.author,
        "in_head": place.in_head,
        "reachable": place.reachable,
    }
    return {name: value for name, value in known.items() if value is not None}


def test_there_are_as_many_pairs_as_places():
    """No two places share a key or a secret, so none is found in place of another."""
    ids = {place.pair.id for place in PLACES.values()}
    digests = {place.pair.digest for place in PLACES.values()}
    assert len(ids) == len(digests) == len(PLACES) >= 200
    assert {place.holder for place in PLACES.values()} == set(Holder)


@every_place
def test_the_key_is_found_with_its_secret(scanned, name):
    """A pair is one credential, however it is encoded and wherever it lies."""
    place = PLACES[name]
    found = credential(scanned, place)
    assert found.secret_digest == place.pair.digest
    assert found.account == str(ACCOUNT)
    assert bool(found.set_aside) == place.set_aside


@every_place
def test_the_key_is_found_where_it_stands(scanned, name):
    """Path, line, part of the repository, commit, author and reachability are the place's own."""
    place = PLACES[name]
    found = occurrence(scanned, place)
    assert found.repository in REPOSITORIES
    assert not place.where or found.where in place.where
    assert not place.lines or found.line in place.lines
    assert {part: getattr(found, part) for part in demand(place)} == demand(place)


@every_place
def test_the_key_is_found_nowhere_else(scanned, name):
    """A place is told once, at most with the other paths that name it."""
    place = PLACES[name]
    found = credential(scanned, place).occurrences
    assert len(found) == len(set(found)) <= 1 + len(place.also)
    assert all(
        any(fnmatchcase(each.path, way) for way in (place.path, *place.also)) for each in found
    )


@every_place
def test_the_key_is_found_in_its_object_and_commit(hidden, scanned, name):
    """Where git has an object and a commit for it, these are named."""
    found = occurrence(scanned, PLACES[name])
    assert found.object == hidden.objects.get(name, found.object)
    assert found.commit == hidden.commits.get(name, found.commit)


@pytest.mark.parametrize("name", [name for name, place in PLACES.items() if place.extras])
def test_what_was_made_of_a_key_is_found_beside_it(scanned, name):
    """A password, a token or a signed address at the place is a credential of its own."""
    place = PLACES[name]
    kinds = {
        each.kind
        for each in scanned.credentials
        if any(fnmatchcase(spot.path, place.path) for spot in each.occurrences)
    }
    assert kinds >= place.extras


def test_nothing_is_found_that_nobody_hid(scanned):
    """Every credential is that of a place, or one of the others that stand there."""
    ids = {place.pair.id for place in PLACES.values()}
    extras = frozenset[str]().union(*(place.extras for place in PLACES.values()))
    strange = [
        each for each in scanned.credentials if each.key_id not in ids and each.kind not in extras
    ]
    assert strange == []


@pytest.mark.parametrize("name", CLOSED)
def test_what_stays_closed_is_in_the_list_of_what_was_left_out(hidden, scanned, name):
    """The file is named by its path and by its object, each with the reason and the size."""
    path, make, reason = CLOSED[name]
    oid = hidden.repo.git("rev-parse", f"main:{path}")
    skipped = [each for part in scanned.repositories for each in part.skipped]
    told = {each.what: each.size for each in skipped if reason in each.reason}
    (alone,) = (what for what in told if what.endswith(f", object {oid}"))
    assert alone.startswith(path)
    told = {what.partition("!/")[0]: size for what, size in told.items() if what != alone}
    assert 0 < (told[path] or 0) <= len(make(pair_for(name)))
    assert pair_for(name).id not in {each.key_id for each in scanned.credentials}


def test_nothing_else_was_left_out(scanned):
    """Of all the repository only links were not followed, and their texts were read."""
    closed = {reason for _, _, reason in CLOSED.values()}
    skipped = {
        (each.what, each.reason)
        for part in scanned.repositories
        for each in part.skipped
        if not any(reason in each.reason for reason in closed)
    }
    reason = "a symbolic link out of the tree: not followed"
    assert skipped == {("links/keys", reason), ("work/link", reason)}
