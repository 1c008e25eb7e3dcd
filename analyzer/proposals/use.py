"""In: an account. Out: what is known of each principal's use of its rights, from all evidence.

What one piece of evidence saw used stays, whatever another one says. Of a principal without any
evidence nothing is known, and nobody is judged who is younger than the tracking period.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzer.config import Limits
from analyzer.evidence.cells import MaybeTime
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Role, User, principal_noun
from analyzer.policy.authorizer import AccountAuthorizer
from analyzer.proposals.analyzer_testimony import recommended, testimony_of_findings
from analyzer.proposals.last_accessed import testimony_of_answer
from analyzer.proposals.testimony import (
    UNTRACKED,
    Testimony,
    Witness,
    tracking_period,
)
from analyzer.proposals.trail_events import Trail, read_trail
from analyzer.proposals.trail_testimony import Subject, testimony_of_trail
from analyzer.rules.outcomes import is_for_emergencies

NO_EVIDENCE = "no export tells what its holder used"
"""Why nothing is said of whoever no evidence is about."""


@dataclass(frozen=True, slots=True)
class KnownUse:
    """What a principal used; sets of actions are bits.

    `used` may not be taken away. `keep` are all but the actions that were certainly not used, and
    `keep_listed` of these only what AWS's answer names, for patterns that mean every service.
    `reason` says why nothing can be called unused, "" where it can.
    """

    arn: str
    witnesses: tuple[Witness, ...]
    used: int
    keep: int
    keep_listed: int
    reason: str
    bounds: tuple[str, ...]


def known_uses(authorizer: AccountAuthorizer, limits: Limits) -> Mapping[str, KnownUse]:
    """Every user and role of the authorization details, by ARN."""
    told = _read_all(authorizer, tracking_period(limits))
    return {
        arn: _known_use(authorizer, each.principal, told, limits)
        for arn, each in authorizer.principals.items()
    }


@dataclass(frozen=True, slots=True)
class _Told:
    """What was handed in, by the noun of the principal that it is about.

    Findings are with the time of the analysis.
    """

    trail: Trail
    answers: Mapping[str, list[JsonNode]]
    findings: Mapping[str, list[tuple[datetime | None, Testimony]]]
    recommended: Mapping[str, list[Testimony]]


def _read_all(authorizer: AccountAuthorizer, period: timedelta) -> _Told:
    account, index = authorizer.account, authorizer.actions
    answers: dict[str, list[JsonNode]] = {}
    for node in account.documents_of_kind(ExportKind.LAST_ACCESSED):
        answers.setdefault(principal_noun(node.text("credaudit_principal") or ""), []).append(node)
    findings: dict[str, list[tuple[datetime | None, Testimony]]] = {}
    for arn, when, found in testimony_of_findings(account, index, period):
        findings.setdefault(principal_noun(arn), []).append((when, found))
    kept: dict[str, list[Testimony]] = {}
    for arn, found in recommended(account, authorizer.store.cache):
        if f"::{account.id}:" not in arn:
            continue
        kept.setdefault(principal_noun(arn), []).append(found)
    return _Told(read_trail(account, index), answers, findings, kept)


def _known_use(
    authorizer: AccountAuthorizer, who: User | Role, told: _Told, limits: Limits
) -> KnownUse:
    if isinstance(who, User) and is_for_emergencies(who, limits):
        return _unjudged(who.arn, (), "is declared as break-glass")
    made, period = _made(who), tracking_period(limits)
    if not isinstance(made, datetime):
        return _unjudged(who.arn, (), "no export tells since when it exists")
    found = tuple(_testimonies(authorizer, who, made, told, period))
    judging = [each for each in found if not each.why_not]
    if not judging:
        reasons = [each.why_not for each in found]
        return _unjudged(who.arn, found, reasons[0] if reasons else NO_EVIDENCE)
    found += tuple(told.recommended.get(principal_noun(who.arn), ()))
    actions = authorizer.actions
    used, perhaps = (
        _together(getattr(each, name) for each in found) for name in ("used", "perhaps")
    )
    unused = _together(each.unused for each in judging)
    unused |= _together(each.unused_services for each in judging) & ~perhaps
    passing = actions.bits(UNTRACKED)
    unused &= ~(used | passing)
    unlisted = _together(each.unlisted for each in judging) & ~(used | perhaps | passing)
    return KnownUse(
        who.arn,
        _witnesses(found),
        used=used | (perhaps & ~unused),
        keep=actions.everything & ~unused,
        keep_listed=actions.everything & ~unused & ~unlisted,
        reason="",
        bounds=tuple(dict.fromkeys(bound for each in found for bound in each.bounds)),
    )


def _testimonies(
    authorizer: AccountAuthorizer,
    who: User | Role,
    made: datetime,
    told: _Told,
    period: timedelta,
) -> Iterator[Testimony]:
    account, noun = authorizer.account, principal_noun(who.arn)
    index = authorizer.actions
    answered = [
        testimony_of_answer(account, node, made, index, period)
        for node in told.answers.get(noun, ())
    ]
    yield from answered
    for when, finding in told.findings.get(noun, ()):
        analyzed = min(when or account.as_of, account.as_of)
        if analyzed - made >= period and account.as_of - analyzed <= period:
            yield finding
    is_answered = any(not each.why_not for each in answered)
    of_trail = testimony_of_trail(
        account, told.trail, Subject(who.arn, made, period), index, judges_services=not is_answered
    )
    if of_trail is not None:
        yield of_trail


def _unjudged(arn: str, found: tuple[Testimony, ...], reason: str) -> KnownUse:
    return KnownUse(arn, _witnesses(found), 0, 0, 0, reason, ())


def _witnesses(found: tuple[Testimony, ...]) -> tuple[Witness, ...]:
    every = (witness for each in found for witness in each.witnesses)
    return tuple(sorted(every, key=lambda each: (each.used.lower(), each.says)))


def _together(sets: Iterator[int]) -> int:
    bits = 0
    for each in sets:
        bits |= each
    return bits


def _made(who: User | Role) -> MaybeTime:
    return who.created if isinstance(who, User) else who.details.created
