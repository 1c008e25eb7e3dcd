"""In: sightings and where each was made. Out: credentials, one entry each with all its places.

And each unique ID that was sought, with its first place in each repository.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime

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

_ECHOES = frozenset({PlaceKind.WORK_TREE, PlaceKind.FILE_NAME, PlaceKind.LINK_TARGET})
_GUESSABLE = frozenset({CredentialKind.CONSOLE_PASSWORD, CredentialKind.OTHER})
"""What people may have chosen themselves."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_SIBLING = "the only secret and the only key ID without its other half in the same folder"


def drop_work_tree_copies(spots: Sequence[PlacedSighting]) -> list[PlacedSighting]:
    """Drops what stands in the work tree just where HEAD has it: that is one place, not two.

    Where a comment allows the one and not the other, they are two.
    """
    in_head = {
        (_value_at(spot), spot.occurrence.doubt) for spot in spots if spot.occurrence.in_head
    }
    return [
        spot
        for spot in spots
        if spot.occurrence.where not in _ECHOES
        or (_value_at(spot), spot.occurrence.doubt) not in in_head
    ]


def first_tree_entry(
    spots: Iterable[PlacedSighting], order: Mapping[str, int]
) -> Iterator[PlacedSighting]:
    """Names in trees, each where it came in first: every change beside it makes a further tree.

    `order` has a number for each commit, the oldest lowest. What is no name is passed on.
    """
    named: defaultdict[tuple[str, str | None, str, int], list[PlacedSighting]] = defaultdict(list)
    for spot in spots:
        if spot.occurrence.where is PlaceKind.TREE_ENTRY:
            named[_value_at(spot)].append(spot)
        else:
            yield spot
    for same in named.values():
        places = [spot.occurrence for spot in same]
        first = min(
            places, key=lambda each: (order.get(each.commit or "", len(order)), each.object or "")
        )
        place = replace(
            first,
            in_head=any(each.in_head for each in places),
            reachable=any(each.reachable for each in places),
        )
        yield PlacedSighting(same[0].sighting, place)


def _value_at(spot: PlacedSighting) -> tuple[str, str | None, str, int]:
    """Which value stands at which line of which path."""
    sighting, place = spot.sighting, spot.occurrence
    value = sighting.key_id if sighting.part is CredentialPart.ID else sighting.digest
    return sighting.part, value, f"{place.repository}/{place.path}", place.line


def merge_sightings(spots: Sequence[PlacedSighting]) -> tuple[Credential, ...]:
    """One credential a key ID, one for each secret or token that belongs to no ID; sorted by id."""
    spots = [spot for spot in spots if spot.sighting.kind]
    votes = _votes(spots)
    votes |= _siblings(spots, votes)
    key_of = {digest: key_id for key_id, (digest, _) in sorted(votes.items(), reverse=True)}
    belonging: defaultdict[str, list[PlacedSighting]] = defaultdict(list)
    for spot in spots:
        belonging[_name(spot.sighting, key_of)].append(spot)
    found = (
        _build_credential(name, own, votes.get(name)) for name, own in sorted(belonging.items())
    )
    return tuple(sorted(_unique_credential_ids(found), key=lambda credential: credential.id))


def merge_unique_ids(spots: Iterable[PlacedSighting]) -> tuple[UniqueIdSighting, ...]:
    """Each unique ID once a repository, at its oldest place there; by repository and ID."""
    found: dict[tuple[str, str], Occurrence] = {}
    for spot in spots:
        place, value = spot.occurrence, spot.sighting.key_id
        if spot.sighting.kind is None and value:
            name = place.repository, value
            found[name] = min(found.get(name, place), place, key=_age)
    return tuple(UniqueIdSighting(name[1], place) for name, place in sorted(found.items()))


def _unique_credential_ids(found: Iterable[Credential]) -> Iterator[Credential]:
    """The credentials, with a number behind an id that an earlier one has as well."""
    seen: Counter[str] = Counter()
    for each in found:
        seen[each.id] += 1
        yield replace(each, id=f"{each.id}-{seen[each.id]}") if seen[each.id] > 1 else each


def _name(sighting: Sighting, key_of: dict[str, str]) -> str:
    """What tells the sighting's credential from all others: a key ID or a digest."""
    if sighting.part is CredentialPart.ID:
        return sighting.key_id or ""
    if sighting.part is CredentialPart.SECRET:
        digest = sighting.digest or ""
        return key_of.get(digest, digest)
    return sighting.digest or sighting.key_id or ""


def _votes(spots: Sequence[PlacedSighting]) -> dict[str, tuple[str, str | None]]:
    """The secret of each key ID, and why: the one it is most often seen with."""
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[tuple[str, str], str | None] = {}
    for spot in spots:
        sighting = spot.sighting
        if sighting.part is not CredentialPart.WHOLE and sighting.key_id and sighting.digest:
            votes[sighting.key_id][sighting.digest] += 1
            pair = sighting.key_id, sighting.digest
            known = reasons.get(pair)
            reasons[pair] = min(filter(None, (known, sighting.pairing)), default=None)
    chosen = {
        key_id: min(found, key=lambda digest: (-found[digest], digest))
        for key_id, found in votes.items()
    }
    return {key_id: (digest, reasons[key_id, digest]) for key_id, digest in chosen.items()}


def _siblings(
    spots: Sequence[PlacedSighting], votes: dict[str, tuple[str, str | None]]
) -> dict[str, tuple[str, str | None]]:
    """IDs and secrets that stand in two files of one folder, where no other could be meant."""
    taken = {digest for digest, _ in votes.values()}
    ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    secrets: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for spot in spots:
        sighting, place = spot.sighting, spot.occurrence
        folder = place.repository, place.path.rpartition("/")[0]
        if sighting.part is CredentialPart.ID and sighting.key_id and sighting.key_id not in votes:
            ids[folder].add(sighting.key_id)
        elif (
            sighting.part is CredentialPart.SECRET
            and sighting.digest
            and sighting.digest not in taken
        ):
            secrets[folder].add(sighting.digest)
    options = {
        (next(iter(found)), next(iter(secrets[folder])))
        for folder, found in ids.items()
        if len(found) == len(secrets[folder]) == 1
    }
    by_id, by_secret = Counter(key for key, _ in options), Counter(digest for _, digest in options)
    return {
        key_id: (digest, _SIBLING)
        for key_id, digest in sorted(options)
        if by_id[key_id] == by_secret[digest] == 1
    }


def _build_credential(
    name: str, spots: Sequence[PlacedSighting], vote: tuple[str, str | None] | None
) -> Credential:
    """A credential by its key ID or its digest, with every place where a part of it stands."""
    ids = [spot.sighting for spot in spots if spot.sighting.part is CredentialPart.ID]
    # A key's doubt is the doubt about its ID, wherever its secret may stand.
    telling = ids or [spot.sighting for spot in spots]
    first = min(telling, key=lambda each: (bool(each.doubt), each.kind, each.line))
    facts = _merge_claims(spot.sighting.claims for spot in spots)
    digest, pairing = vote or (None if ids else first.digest, None)
    key_id = name if ids else first.key_id
    places = tuple(sorted(_one_a_pair(spots, bool(ids)), key=_age))
    is_lone = first.part is CredentialPart.SECRET and not ids
    # Only what is no credential's has no kind, and it was left out before.
    kind = CredentialKind.SECRET if is_lone else first.kind or CredentialKind.OTHER
    # Whoever has an id made of a password could try passwords until one fits.
    named_by = _spelling(places[0]) if kind in _GUESSABLE else name
    return Credential(
        id="cred-" + hashlib.sha256(named_by.encode()).hexdigest()[:16],
        kind=kind,
        key_id=key_id,
        # What stands in the ID nobody can alter; what stands beside it anybody can.
        account=(decode_account(key_id) if key_id else None) or facts.account,
        secret_digest=digest,
        occurrences=places,
        set_aside=_doubt(telling, places),
        pairing=pairing,
        claims=facts,
    )


def _spelling(place: Occurrence) -> str:
    return f"{place.repository}/{place.path}:{place.line} {place.encoding}"


def _doubt(telling: Sequence[Sighting], places: Sequence[Occurrence]) -> str | None:
    """What speaks against it everywhere; one place without a doubt is enough to believe it."""
    if all(each.doubt for each in telling):
        return min(each.doubt for each in telling if each.doubt)
    doubts = sorted({each.doubt for each in places if each.doubt})
    return "; ".join(doubts) if all(each.doubt for each in places) else None


def _one_a_pair(spots: Sequence[PlacedSighting], is_key: bool) -> set[Occurrence]:
    """The places of a credential; where a pair stands close together, that of its ID."""
    ids = {
        (spot.sighting.digest, spot.occurrence.path, spot.occurrence.object)
        for spot in spots
        if spot.sighting.part is CredentialPart.ID
    }
    return {
        spot.occurrence
        for spot in spots
        if not is_key
        or spot.sighting.part is not CredentialPart.SECRET
        or (spot.sighting.digest, spot.occurrence.path, spot.occurrence.object) not in ids
    }


def _merge_claims(known: Iterable[ClaimedFacts]) -> ClaimedFacts:
    """All that several facts say; of two answers the least, so that no order of files counts.

    Whoever can add a file can contradict another: two names are no name, and the latest end counts.
    """
    gathered: dict[str, object] = {}
    told = list(known)
    for field in fields(ClaimedFacts):
        values = {value for each in told if (value := getattr(each, field.name)) is not None}
        if values and not (field.name == "user" and len(values) > 1):
            gathered[field.name] = max(values) if field.name == "expires" else min(values)
    return ClaimedFacts(**gathered)  # type: ignore[arg-type]


def _age(place: Occurrence) -> tuple[datetime, bool, str, str, int, str, str, str, str, str]:
    """Oldest first, what has no date last; then by place, so that the order never changes."""
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
