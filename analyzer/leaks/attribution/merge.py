"""In: sightings at their places. Out: credentials, one for each with all its places.

Also unique IDs, each at its first place in each repository. `scan` calls it with what `scheduler`
brought together.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import TypeAlias

from analyzer.leaks.key_id import decode_account
from analyzer.leaks.model import (
    ClaimedFacts,
    Credential,
    CredentialKind,
    CredentialPart,
    Occurrence,
    PlacedSighting,
    PlaceKind,
    Sighting,
    UniqueIdSighting,
)

_WORK_TREE_PLACES = frozenset({PlaceKind.WORK_TREE, PlaceKind.FILE_NAME, PlaceKind.LINK_TARGET})
_NEVER = datetime.max.replace(tzinfo=UTC)
_SAME_FOLDER = "the only secret and the only key ID without its other half in the same folder"

_Pairs: TypeAlias = dict[str, tuple[str, str | None]]
"""For a key ID, the digest of its secret, and the reason for which they are taken for a pair."""


def drop_work_tree_copies(placed: Sequence[PlacedSighting]) -> list[PlacedSighting]:
    """The sightings without those in the work tree that HEAD has at the same path and line.

    Where a comment allows the one and not the other, both stay.
    """
    in_head = {
        (_value_and_line(each), each.occurrence.doubt) for each in placed if each.occurrence.in_head
    }
    return [
        each
        for each in placed
        if each.occurrence.where not in _WORK_TREE_PLACES
        or (_value_and_line(each), each.occurrence.doubt) not in in_head
    ]


def first_tree_entries(
    placed: Iterable[PlacedSighting], order: Mapping[str, int]
) -> Iterator[PlacedSighting]:
    """The sightings, those in the same name of a tree as one: that of the oldest commit.

    Every change to a folder makes a further tree with the same names. `order` has a number for each
    commit, the oldest lowest. Sightings elsewhere come back as they are.
    """
    by_name: defaultdict[tuple[str, str | None, str, int], list[PlacedSighting]]
    by_name = defaultdict(list)
    for each in placed:
        if each.occurrence.where is PlaceKind.TREE_ENTRY:
            by_name[_value_and_line(each)].append(each)
        else:
            yield each
    for same in by_name.values():
        places = [each.occurrence for each in same]
        first = min(
            places,
            key=lambda place: (order.get(place.commit or "", len(order)), place.object or ""),
        )
        place = replace(
            first,
            in_head=any(each.in_head for each in places),
            reachable=any(each.reachable for each in places),
        )
        yield PlacedSighting(same[0].sighting, place)


def merge_sightings(placed: Sequence[PlacedSighting]) -> tuple[Credential, ...]:
    """One credential for each key ID, and for each secret or token without an ID; sorted by id.

    A key ID has one secret: the one it is most often seen with, or else the only one in its folder.
    Unique IDs are no credentials and are left out.
    """
    placed = [each for each in placed if each.sighting.kind]
    pairs = _pair_by_majority(placed)
    pairs |= _pair_by_folder(placed, pairs)
    id_of_secret = {digest: key_id for key_id, (digest, _) in sorted(pairs.items(), reverse=True)}
    by_name: defaultdict[str, list[PlacedSighting]] = defaultdict(list)
    for each in placed:
        by_name[_credential_name(each.sighting, id_of_secret)].append(each)
    credentials = (
        _build_credential(name, own, pairs.get(name)) for name, own in sorted(by_name.items())
    )
    return tuple(sorted(_number_equal_ids(credentials), key=lambda credential: credential.id))


def merge_unique_ids(placed: Iterable[PlacedSighting]) -> tuple[UniqueIdSighting, ...]:
    """Each unique ID once for each repository, at its oldest place there; by repository and ID."""
    oldest: dict[tuple[str, str], Occurrence] = {}
    for each in placed:
        place, value = each.occurrence, each.sighting.key_id
        if each.sighting.kind is None and value:
            key = place.repository, value
            oldest[key] = min(oldest.get(key, place), place, key=_by_age)
    return tuple(UniqueIdSighting(value, place) for (_, value), place in sorted(oldest.items()))


def _value_and_line(each: PlacedSighting) -> tuple[str, str | None, str, int]:
    """A value and the path and line where it is."""
    place = each.occurrence
    return *each.sighting.value_key, f"{place.repository}/{place.path}", place.line


def _number_equal_ids(credentials: Iterable[Credential]) -> Iterator[Credential]:
    """The credentials, with a number at the end of an id that an earlier one has as well."""
    count: Counter[str] = Counter()
    for each in credentials:
        count[each.id] += 1
        yield replace(each, id=f"{each.id}-{count[each.id]}") if count[each.id] > 1 else each


def _credential_name(sighting: Sighting, id_of_secret: Mapping[str, str]) -> str:
    """What tells a sighting's credential from all others: a key ID or a digest."""
    if sighting.part is CredentialPart.ID:
        return sighting.key_id or ""
    if sighting.part is CredentialPart.SECRET:
        digest = sighting.digest or ""
        return id_of_secret.get(digest, digest)
    return sighting.digest or sighting.key_id or ""


def _pair_by_majority(placed: Sequence[PlacedSighting]) -> _Pairs:
    """Each key ID with the secret that it is most often paired with."""
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[tuple[str, str], str | None] = {}
    for each in placed:
        sighting = each.sighting
        if sighting.part is not CredentialPart.WHOLE and sighting.key_id and sighting.digest:
            pair = sighting.key_id, sighting.digest
            votes[sighting.key_id][sighting.digest] += 1
            reasons[pair] = min(filter(None, (reasons.get(pair), sighting.pairing)), default=None)
    chosen = {
        key_id: min(digests, key=lambda digest: (-digests[digest], digest))
        for key_id, digests in votes.items()
    }
    return {key_id: (digest, reasons[key_id, digest]) for key_id, digest in chosen.items()}


def _pair_by_folder(placed: Sequence[PlacedSighting], pairs: _Pairs) -> _Pairs:
    """Key IDs and secrets still without a half, where a folder has just one of each.

    An ID or a secret that two folders would pair differently stays alone, and so does an example
    or another one of doubt.
    """
    paired = {digest for digest, _ in pairs.values()}
    ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    secrets: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for each in placed:
        sighting, place = each.sighting, each.occurrence
        if sighting.doubt:
            continue
        folder = place.repository, place.path.rpartition("/")[0]
        key_id, digest = sighting.key_id, sighting.digest
        if sighting.part is CredentialPart.ID and key_id and key_id not in pairs:
            ids[folder].add(key_id)
        elif sighting.part is CredentialPart.SECRET and digest and digest not in paired:
            secrets[folder].add(digest)
    options = {
        (next(iter(found)), next(iter(secrets[folder])))
        for folder, found in ids.items()
        if len(found) == len(secrets[folder]) == 1
    }
    by_id, by_secret = Counter(key for key, _ in options), Counter(digest for _, digest in options)
    return {
        key_id: (digest, _SAME_FOLDER)
        for key_id, digest in sorted(options)
        if by_id[key_id] == by_secret[digest] == 1
    }


def _build_credential(
    name: str, placed: Sequence[PlacedSighting], pair: tuple[str, str | None] | None
) -> Credential:
    """The credential of that key ID or digest, with every place where a part of it is."""
    ids = [each.sighting for each in placed if each.sighting.part is CredentialPart.ID]
    # Only the ID of a key says whether it is a real one, whatever its secret looks like.
    decisive = ids or [each.sighting for each in placed]
    first = min(decisive, key=lambda each: (bool(each.doubt), each.kind, each.line))
    claims = _merge_claims(each.sighting.claims for each in placed)
    digest, pairing = pair or (None if ids else first.digest, None)
    key_id = name if ids else first.key_id
    places = tuple(sorted(_distinct_places(placed, is_key=bool(ids)), key=_by_age))
    is_lone = first.part is CredentialPart.SECRET and not ids
    # Sightings without a kind are of unique IDs, which were left out before.
    kind = CredentialKind.SECRET if is_lone else first.kind or CredentialKind.OTHER
    # From an id that was made of a password, the password could be guessed.
    identity = _place_name(places[0]) if kind.is_guessable else name
    return Credential(
        id="cred-" + hashlib.sha256(identity.encode()).hexdigest()[:16],
        kind=kind,
        key_id=key_id,
        # Nobody can change the account in an ID; anybody can change what is written beside it.
        account=(decode_account(key_id) if key_id else None) or claims.account,
        secret_digest=digest,
        occurrences=places,
        set_aside=_reason_to_set_aside(decisive, places),
        pairing=pairing,
        claims=claims,
    )


def _place_name(place: Occurrence) -> str:
    return f"{place.repository}/{place.path}:{place.line} {place.encoding}"


def _reason_to_set_aside(sightings: Sequence[Sighting], places: Sequence[Occurrence]) -> str | None:
    """The doubt about a credential; None if a sighting, or a place, is without one."""
    if all(each.doubt for each in sightings):
        return min(each.doubt for each in sightings if each.doubt)
    doubts = sorted({each.doubt for each in places if each.doubt})
    return "; ".join(doubts) if all(each.doubt for each in places) else None


def _distinct_places(placed: Sequence[PlacedSighting], *, is_key: bool) -> set[Occurrence]:
    """The places of a credential; a pair in one file has that of its ID alone."""
    ids = {
        (each.sighting.digest, each.occurrence.path, each.occurrence.object)
        for each in placed
        if each.sighting.part is CredentialPart.ID
    }
    return {
        each.occurrence
        for each in placed
        if not is_key
        or each.sighting.part is not CredentialPart.SECRET
        or (each.sighting.digest, each.occurrence.path, each.occurrence.object) not in ids
    }


def _merge_claims(claims: Iterable[ClaimedFacts]) -> ClaimedFacts:
    """All that several claims say; where they differ, the least value, so no order of files counts.

    Anybody who can add a file can contradict another: two users are no user, and the latest end of
    validity counts.
    """
    every = list(claims)
    merged: dict[str, object] = {}
    for field in fields(ClaimedFacts):
        values = {value for each in every if (value := getattr(each, field.name)) is not None}
        if values and not (field.name == "user" and len(values) > 1):
            merged[field.name] = max(values) if field.name == "expires" else min(values)
    return ClaimedFacts(**merged)  # type: ignore[arg-type]


def _by_age(place: Occurrence) -> tuple[datetime, bool, str, str, int, str, str, str, str, str]:
    """Sorts the oldest first and what has no date last; then by place, so the order is fixed."""
    return (
        place.date or _NEVER,
        place.where is PlaceKind.WORK_TREE,
        place.repository,
        place.path,
        place.line,
        place.object or "",
        place.encoding,
        place.where.value,
        place.commit or "",
        place.author or "",
    )
