"""In: results, and the last report. Out: the results with what can't be looked into any more.

A finding closes on evidence. Where a rule can't be judged this time, or not for everyone, what it
found last time stays open: leaving a file out never makes an account look better. Where all that
can't be judged are known users, what it found on another user is settled; and so for roles, groups
and policies.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from analyzer.evidence.artifacts import Location
from analyzer.evidence.previous_report import PreviousFinding, PreviousReport
from analyzer.inventory.model import Account
from analyzer.rules.finding import Finding, Resource, Result, Status
from analyzer.rules.outcomes import Unknown

_SORTS = (":user/", ":role/", ":group/", ":policy/")


def carry_over_findings(
    results: tuple[Result, ...], account: str, previous: PreviousReport
) -> tuple[Result, ...]:
    """The results of one account, findings of the last report added where they were not settled."""
    earlier: dict[str, list[PreviousFinding]] = {}
    for finding in previous.findings.values():
        if finding.account == account:
            earlier.setdefault(finding.rule, []).append(finding)
    return tuple(_carried_over(result, account, earlier.get(result.rule, [])) for result in results)


def _carried_over(result: Result, account: str, earlier: list[PreviousFinding]) -> Result:
    is_settled = result.status is not Status.NOT_ASSESSED and not result.unknown
    now = {finding.fingerprint for finding in result.findings}
    left = [
        finding
        for finding in earlier
        if finding.fingerprint not in now and not _was_judged(result, finding.resource)
    ]
    if is_settled or not left:
        return result
    kept = tuple(
        Finding(
            rule=result.rule,
            account=account,
            resource=Resource(finding.resource, finding.fingerprint),
            locations=(finding.location,),
            withdrawn=finding.fingerprint,
            variant=finding.variant,
        )
        for finding in sorted(left, key=lambda each: each.fingerprint)
    )
    return replace(
        result,
        status=Status.FAIL,
        population=max(result.population, result.failed + len(kept)),
        failed=result.failed + len(kept),
        findings=(*result.findings, *kept),
    )


def principals_in_doubt(unknown: Iterable[Unknown], account: Account) -> frozenset[str] | None:
    """The ARNs of the users, roles, groups and policies in whose entries all of them have a place.

    None where one has no place, or one that is nobody's.
    """
    locations = [each.location for each in unknown]
    if not locations or None in locations:
        return None if locations else frozenset()
    owners = {_key(place, place.pointer or ""): arn for arn, place in _places(account)}
    found = [_owner(location, owners) for location in locations if location is not None]
    return None if None in found else frozenset(arn for arn in found if arn)


def _was_judged(result: Result, resource: str) -> bool:
    """True if the principal is none of those in doubt, and these are of its sort.

    A place in a user's entry may also keep the account or a group from being judged.
    """
    sort, doubt = _sort(resource), result.in_doubt
    if not sort or not doubt or resource in doubt:
        return False
    return all(_sort(each) == sort for each in doubt)


def _sort(arn: str) -> str:
    """Whether the ARN is of a user, a role, a group or a policy; "" for all else."""
    return next((sort for sort in _SORTS if sort in arn), "")


def _places(account: Account) -> Iterator[tuple[str, Location]]:
    for user in account.users:
        if user.report_entry is not None:
            yield user.arn, user.report_entry.row
        if user.details is not None:
            yield user.arn, user.details.location
    for role in account.roles:
        yield role.arn, role.details.location
    for group in account.groups:
        yield group.arn, group.details.location
    for policy in account.policies:
        yield policy.arn, policy.location


def _key(location: Location, pointer: str) -> tuple[str, int | None, str]:
    return location.evidence, location.row, pointer


def _owner(location: Location, owners: Mapping[tuple[str, int | None, str], str]) -> str | None:
    """Whose entry the place is in."""
    pointer = location.pointer or ""
    while True:
        if (found := owners.get(_key(location, pointer))) is not None:
            return found
        if not pointer:
            return None
        pointer = pointer.rpartition("/")[0]
