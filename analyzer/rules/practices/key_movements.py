"""In: an account and the last report. Out: keys that are now used in another place."""

from collections.abc import Iterator
from datetime import datetime

from analyzer.evidence.cells import MissingValue
from analyzer.evidence.previous_report import PreviousKey, PreviousReport
from analyzer.inventory.model import AccessKey, Account
from analyzer.rules.global_services import GLOBAL_SERVICES
from analyzer.rules.outcomes import Outcome, Pass, active_keys, fail, key_resource, unreadable


def key_new_region_or_service(account: Account, previous: PreviousReport) -> Iterator[Outcome]:
    """A key was last used in a region or for a service other than a report ago.

    The report shows the last use alone, so a key that works in two places shows now one, now the
    other. A key is known again by its user and the day of its making.
    """
    earlier: dict[tuple[str, str], list[PreviousKey]] = {}
    for each in previous.keys:
        if each.account == account.id:
            earlier.setdefault((each.user, each.created), []).append(each)
    for user, _, key in active_keys(account):
        if not isinstance(key.made, datetime):
            yield unreadable(key.location("last_rotated"))
            continue
        known = earlier.get((user.name, f"{key.made:%Y-%m-%d}"), [])
        used = [each for each in known if each.service]
        if not used:
            continue
        if key.last_used is MissingValue.UNREADABLE:
            yield unreadable(key.location("last_used_date"))
            continue
        news = _news(key, used)
        if not isinstance(key.last_used, datetime) or not news:
            yield Pass()
        elif key.active is not True:
            yield unreadable(key.location("active"))
        else:
            yield fail(
                key_resource(user, key),
                key.location("last_used_region"),
                key.location("last_used_service"),
                *(each.location for each in used),
                user=user.name,
                news=", ".join(news),
                used=key.last_used,
            )


def _news(key: AccessKey, earlier: list[PreviousKey]) -> list[str]:
    """What of the last use is new: the service, or the region where that says anything."""
    services, regions = {each.service for each in earlier}, {each.region for each in earlier}
    news = []
    if key.last_service and key.last_service not in services:
        news.append(f"service {key.last_service} instead of {', '.join(sorted(services))}")
    is_placed = not ({key.last_service} | services) & GLOBAL_SERVICES
    if is_placed and key.last_region and regions - {""} and key.last_region not in regions:
        news.append(f"region {key.last_region} instead of {', '.join(sorted(regions - {''}))}")
    return news
