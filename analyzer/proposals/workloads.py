"""In: a user whose key a program uses, and the leaks joined to it. Out: where that program runs.

A file that holds the key says it best; a tag or a name is a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.inventory.model import AccessKey, Account, User
from analyzer.leaks.model import Occurrence
from analyzer.proposals.platforms import Platform, platform_of_path, platform_of_words
from analyzer.risk.assessment import LeakAssessment
from analyzer.risk.owner import Certainty

_TAGS = frozenset({"platform", "runtime", "compute", "host", "runs-on", "service", "app"})

_HOSTS = {Platform.GITHUB: "github.com", Platform.GITLAB: "gitlab.com"}
"""Where a repository lies whose programs the platform runs, and names them by it."""


@dataclass(frozen=True, slots=True)
class Remote:
    """What a scanned repository says of itself: OWNER/NAME of its remote, its branch, the host."""

    name: str = ""
    branch: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Workload:
    """Where a program runs, and how that is known; `is_guess` if only a name or a tag says so.

    `remote` is of the repository that holds the key, `region` the one that the key last called.
    """

    platform: Platform
    region: str
    reason: str
    is_guess: bool
    remote: Remote = Remote()


def key_places(
    account: Account, leaks: tuple[LeakAssessment, ...]
) -> Mapping[str, tuple[Occurrence, ...]]:
    """The places of each user's leaked keys, those in HEAD first, where a file names the owner."""
    found: dict[str, list[Occurrence]] = {}
    for each in leaks:
        owner = each.owner
        is_own = owner.account is not None and owner.account.id == account.id
        if is_own and owner.certainty is Certainty.EXACT and owner.user:
            found.setdefault(owner.user, []).extend(each.credential.occurrences)
    return {
        name: tuple(sorted(places, key=lambda each: not each.in_head))
        for name, places in found.items()
    }


def find_workload(
    user: User,
    keys: tuple[AccessKey, ...],
    places: tuple[Occurrence, ...],
    remotes: Mapping[str, Remote],
) -> Workload:
    """Where the user's program runs; outside AWS where nothing says otherwise."""
    region = next((key.last_region for key in keys if key.last_region), "")
    for place in places:
        platform = platform_of_path(place.path)
        if platform is not None:
            why = f"its key stands in {place.path} line {place.line}"
            remote = remotes.get(place.repository, Remote())
            is_there = remote.host == _HOSTS.get(platform)
            known = remote if is_there else Remote()
            return Workload(platform, region, why, is_guess=False, remote=known)
    for key, value in (user.details.tags if user.details else {}).items():
        platform = platform_of_words(value) if key.lower() in _TAGS else None
        if platform is not None:
            return Workload(platform, region, f"its tag {key} says {value}", is_guess=True)
    platform = platform_of_words(user.name)
    if platform is not None:
        return Workload(platform, region, "its name says so", is_guess=True)
    used = " and ".join(
        f"{key.last_service or 'a service'} in {key.last_region or 'a region'}" for key in keys
    )
    where = f"; its key stands in {places[0].path} line {places[0].line}" if places else ""
    why = f"no file says where it runs; it called {used}{where}"
    return Workload(Platform.ELSEWHERE, region, why, is_guess=True)
