"""In: the CloudTrail files of an account. Out: its users' and roles' events, and what is covered.

Log files hold `Records`; lookup-events answers with `Events`, each of which has its record as a
text. A call that was refused used nothing.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeTime
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.policy.actions import ActionIndex
from analyzer.proposals.event_actions import EventActions, actions_of_event

_REFUSED = ("accessdenied", "unauthorized", "notauthorized", "authfailure", "explicitdeny")


@dataclass(frozen=True, slots=True)
class Use:
    """The newest event of a principal in which these actions were used."""

    actions: EventActions
    when: datetime | None
    location: Location


@dataclass(slots=True)
class Trail:
    """What CloudTrail's files show: uses by the principal's ARN, and what the log files cover.

    `days` and `regions` are those of log files alone: a list of lookup-events may be filtered.
    `reads`: some log file holds an event that only reads; trails can leave these out.
    `untold` are the hosts, by principal, of events that can't be told to a service.
    """

    uses: dict[str, dict[EventActions, Use]] = field(default_factory=dict)
    untold: dict[str, set[str]] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    regions: set[str] = field(default_factory=set)
    reads: bool = False

    @property
    def longest_gap(self) -> timedelta:
        """The longest time between two days with events."""
        days = sorted(self.days)
        gaps = (after - before for before, after in pairwise(days))
        return max(gaps, default=timedelta(0))


def read_trail(account: Account, index: ActionIndex) -> Trail:
    """All CloudTrail files of the account; events that other accounts received are left out."""
    trail = Trail()
    names = {user.name: user.arn for user in account.users}
    known = {*names.values(), *(role.arn for role in account.roles)}
    for record, is_log in _records(account):
        if record.text("recipientAccountId") not in (account.id, None):
            continue
        when = record.time("eventTime")
        if is_log:
            _note_cover(trail, record, when)
        who = _principal(record, names, account.id)
        if who not in known or _is_refused(record):
            continue
        source = record.text("eventSource") or ""
        found = actions_of_event(source, record.text("eventName") or "", index)
        if not found.service:
            trail.untold.setdefault(who, set()).add(source)
            continue
        _keep_newest(trail.uses.setdefault(who, {}), Use(found, _known(when), record.location))
    return trail


def _records(account: Account) -> Iterator[tuple[JsonNode, bool]]:
    for document in account.documents_of_kind(ExportKind.CLOUDTRAIL_EVENTS):
        yield from ((each, True) for each in document.each("Records"))
        for event in document.each("Events"):
            record = event.document("CloudTrailEvent")
            if record is not None:
                yield record, False


def _note_cover(trail: Trail, record: JsonNode, when: MaybeTime) -> None:
    if not isinstance(when, datetime):
        return
    trail.days.add(when.date())
    trail.first = min(when, trail.first or when)
    trail.last = max(when, trail.last or when)
    trail.regions.add(record.text("awsRegion") or "")
    trail.reads = trail.reads or record.boolean("readOnly") is True


def _principal(record: JsonNode, names: dict[str, str], account: str) -> str:
    """The ARN of the user or role that called, "" for anybody else.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    identity = record.child("userIdentity")
    kind = identity.text("type") if identity else None
    if identity is None or identity.text("accountId") not in (account, None):
        return ""
    if kind == "IAMUser":
        return identity.text("arn") or names.get(identity.text("userName") or "", "")
    context = identity.child("sessionContext") if kind == "AssumedRole" else None
    issuer = context.child("sessionIssuer") if context else None
    return (issuer.text("arn") or "") if issuer else ""


def _is_refused(record: JsonNode) -> bool:
    code = (record.text("errorCode") or "").lower().replace(".", "")
    return any(each in code for each in _REFUSED)


def _keep_newest(uses: dict[EventActions, Use], use: Use) -> None:
    known = uses.get(use.actions)
    if known is None or (use.when and (known.when is None or use.when > known.when)):
        uses[use.actions] = use


def _known(when: MaybeTime) -> datetime | None:
    return when if isinstance(when, datetime) else None
