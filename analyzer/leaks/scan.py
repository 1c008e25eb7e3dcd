"""In: paths of repositories, folders and files. Out: one LeakScan over all of them.

Nothing is written below the paths, nothing there is run, and no network is used.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from analyzer.errors import EvidenceError
from analyzer.leaks.account import account_of
from analyzer.leaks.credentials import (
    Credential,
    CredentialKind,
    LeakScan,
    Occurrence,
    RepositoryCoverage,
    Skipped,
    Where,
)
from analyzer.leaks.detector import Spot
from analyzer.leaks.files import Event, Looked, Unread, look_at_file, look_at_tree, readable
from analyzer.leaks.gitdir import git_dir_of
from analyzer.leaks.history import look_at_history

_NEVER = datetime.max.replace(tzinfo=UTC)


def scan(paths: Iterable[Path]) -> LeakScan:
    """Every credential in the work trees and the reachable history, one entry each.

    The order of the paths makes no difference. Raises EvidenceError, before anything is read, for
    a path that is neither a file nor a folder; what can't be read later is in the coverage.
    """
    roots = sorted(set(paths))
    for root in roots:
        if not _exists(root):
            raise EvidenceError(
                "there is no such file or folder",
                where=str(root),
                way_out="Name a repository, a folder or a file that exists",
            )
    names = _names(roots)
    spots: list[Spot] = []
    coverage: list[RepositoryCoverage] = []
    for root in roots:
        events = list(_look_at(root, names[root]))
        sizes = [event.size for event in events if isinstance(event, Looked)]
        skipped = tuple(event for event in events if isinstance(event, Skipped))
        coverage.append(
            RepositoryCoverage(names[root], len(sizes), sum(sizes), skipped=skipped),
        )
        spots += _without_echoes([event for event in events if isinstance(event, Spot)])
    return LeakScan(_credentials(spots), tuple(coverage))


def _names(roots: list[Path]) -> dict[Path, str]:
    """What each root is called: its own name, so that a report is the same wherever it lay.

    Roots that share a name are called by the paths that were given.
    """
    own = {root: root.name or root.resolve().name for root in roots}
    shared = Counter(own.values())
    return {root: readable(name if shared[name] == 1 else str(root)) for root, name in own.items()}


def _exists(root: Path) -> bool:
    """Whether a path leads to a file or a folder."""
    try:
        return root.is_dir() or root.is_file()
    except OSError:
        return False


def _look_at(root: Path, repository: str) -> Iterator[Event]:
    """Everything about one path: its history if it has one, then its files."""
    left_out = ".git"
    if root.is_file():
        yield from look_at_file(repository, root.resolve(), readable(root.name))
        return
    try:
        if git_dir := git_dir_of(root):
            left_out = "objects" if git_dir == root else ".git"
            yield from look_at_history(repository, git_dir)
    except Unread as fault:
        yield Skipped("history", fault.reason, fault.size)
    yield from look_at_tree(repository, root, left_out)


def _without_echoes(spots: list[Spot]) -> list[Spot]:
    """Drops what stands in the work tree just where HEAD has it: that is one place, not two."""
    in_head = {_spot_key(spot) for spot in spots if spot.occurrence.in_head}
    return [
        spot
        for spot in spots
        if spot.occurrence.where is not Where.WORK_TREE or _spot_key(spot) not in in_head
    ]


def _spot_key(spot: Spot) -> tuple[bool, str | None, str, int]:
    """Which value stands at which line of which path."""
    sighting = spot.sighting
    value = sighting.secret_digest if sighting.is_secret else sighting.key_id
    return sighting.is_secret, value, spot.occurrence.path, sighting.line


def _credentials(spots: list[Spot]) -> tuple[Credential, ...]:
    """One credential a key ID, one for each secret that belongs to no ID; sorted by id."""
    digest_of = _digests(spots)
    key_of = {digest: key_id for key_id, digest in sorted(digest_of.items(), reverse=True)}
    places: defaultdict[str, set[Occurrence]] = defaultdict(set)
    doubts: dict[str, str | None] = {}
    keys = {spot.sighting.key_id for spot in spots}
    for spot in spots:
        sighting, name = spot.sighting, spot.sighting.key_id or ""
        if sighting.is_secret:
            digest = sighting.secret_digest or ""
            # The line of a pair's ID already stands for the pair.
            if name and digest_of.get(name) == digest:
                continue
            name = key_of.get(digest, digest)
        places[name].add(spot.occurrence)
        # A key's doubt is the doubt about its ID, wherever its secret may stand.
        if not sighting.is_secret or name not in keys:
            doubts[name] = sighting.doubt
    return tuple(
        sorted(
            (
                _credential(name, name in keys, digest_of.get(name), found, doubts.get(name))
                for name, found in places.items()
            ),
            key=lambda credential: credential.id,
        ),
    )


def _digests(spots: list[Spot]) -> dict[str, str]:
    """The secret of each key ID: the one it is most often seen with."""
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for spot in spots:
        key_id, digest = spot.sighting.key_id, spot.sighting.secret_digest
        if key_id and digest:
            votes[key_id][digest] += 1
    return {
        key_id: min(found, key=lambda digest: (-found[digest], digest))
        for key_id, found in votes.items()
    }


def _credential(
    name: str,
    is_key: bool,
    digest: str | None,
    found: set[Occurrence],
    doubt: str | None,
) -> Credential:
    """A credential by its key ID or, where it has none, by its digest."""
    kind = CredentialKind.SECRET
    if is_key:
        long_term = name.startswith("AKIA")
        kind = CredentialKind.LONG_TERM_KEY if long_term else CredentialKind.TEMPORARY_KEY
    return Credential(
        id="cred-" + hashlib.sha256(name.encode()).hexdigest()[:16],
        kind=kind,
        key_id=name if is_key else None,
        account=account_of(name),
        secret_digest=digest if is_key else name,
        occurrences=tuple(sorted(found, key=_age)),
        demoted=doubt,
    )


def _age(place: Occurrence) -> tuple[datetime, bool, str, str, int, str]:
    """Oldest first, what has no date last; then by place, so that the order never changes."""
    return (
        place.date or _NEVER,
        place.where is Where.WORK_TREE,
        place.repository,
        place.path,
        place.line,
        place.object or "",
    )
