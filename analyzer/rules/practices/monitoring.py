"""In: trails, metric filters, alarms. Out: events of identities that are not kept, or not told.

An alarm takes a chain: a trail of all regions that is logging, its log group, a filter on that
group, an alarm on the filter's metric, and somebody whom the alarm tells. CIS names the events.
https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analyzer.evidence.artifacts import Location
from analyzer.evidence.cells import MaybeBool
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.rules.outcomes import (
    Outcome,
    Pass,
    Unknown,
    account_resource,
    as_variant,
    fail,
)

_LOG_GROUP = re.compile(r"arn:[^:]+:logs:([^:]+):[0-9]{12}:log-group:([^:]+)(?::\*)?")
_ALARM = re.compile(r"arn:[^:]+:cloudwatch:([^:]+):")
_TRAIL = re.compile(r"arn:[^:]+:cloudtrail:[^:]+:([0-9]{12}):trail/")
_ROOT_SAYS, _NO_DEVICE = ("$.userIdentity.type", "Root"), "$.additionalEventData.MFAUsed"
_POLICY_CHANGES = (
    "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy",
    "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion",
    "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy",
    "AttachGroupPolicy", "DetachGroupPolicy",
)  # fmt: skip
_TRAIL_CHANGES = ("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging")
_ORGANIZATION_CHANGES = (
    "organizations.amazonaws.com", "AcceptHandshake", "AttachPolicy", "CreateAccount",
    "CreateOrganizationalUnit", "CreatePolicy", "DeclineHandshake", "DeleteOrganization",
    "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy", "DisablePolicyType",
    "EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount",
    "RemoveAccountFromOrganization", "UpdatePolicy", "UpdateOrganizationalUnit",
)  # fmt: skip
_EVENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "root-use": ("use of the root user", _ROOT_SAYS),
    "unauthorized-calls": ("calls that were refused", ("UnauthorizedOperation", "AccessDenied")),
    "sign-in-without-mfa": ("console sign-in without MFA", ("ConsoleLogin", _NO_DEVICE)),
    "policy-changes": ("changes of IAM policies", _POLICY_CHANGES),
    "trail-changes": ("changes of trails", _TRAIL_CHANGES),
    "sign-in-failures": ("failed console sign-in", ("ConsoleLogin", "Failed authentication")),
    "organization-changes": ("changes of the organization", _ORGANIZATION_CHANGES),
}
"""Variant, name and the words that a filter on the event has, by CIS 4.1-4.6 and 4.15 (5.0)."""


@dataclass(frozen=True, slots=True)
class _Metric:
    """A metric that a filter counts and an alarm of the same region watches."""

    region: str
    namespace: str
    name: str


def audit_trail_missing(account: Account) -> Iterator[Outcome]:
    """No trail of all regions is logging. CIS 3.1 (5.0), Security Hub CloudTrail.1."""
    wide = list(_wide_trails(account))
    states = {each.text("TrailARN"): _is_logging(account, each) for each in wide}
    where = [each.location for each in account.documents_of_kind(ExportKind.TRAILS)]
    if any(state is True for state in states.values()):
        yield Pass()
    elif unknown := [each for each in wide if states[each.text("TrailARN")] is not False]:
        yield Unknown("no get-trail-status export says whether it is logging", unknown[0].location)
    elif any(True for _ in _trail_lists(account)):
        trails = ", ".join(each.text("Name") or "a trail" for each in wide)
        yield fail(account_resource(account, "trail"), *where, trails=trails or "none")
    else:
        yield Unknown("no list of trails was handed in")


def iam_event_alarm_missing(account: Account) -> Iterator[Outcome]:
    """Nobody is told of an event that CIS names. One outcome for each event."""
    if not any(True for _ in _trail_lists(account)):
        yield Unknown("no list of trails was handed in", None, (ExportKind.TRAILS.value,))
        return
    trails = [each for each in _wide_trails(account) if _is_logging(account, each) is not False]
    groups = dict(found for each in trails if (found := _log_group(each)))
    filters = list(_filters_on(account, groups))
    alarms = list(_alarmed(account, set(groups.values())))
    alarmed = {metric for metric, is_heard in alarms if is_heard}
    doubtful = {metric for metric, is_heard in alarms if is_heard is None}
    doubt = _doubt_of_silence(account, trails)
    for variant, (event, words) in _EVENTS.items():
        metrics = {metric for text, metric in filters if all(word in text for word in words)}
        if metrics and ExportKind.ALARMS not in account.available_exports:
            yield Unknown("no alarms were handed in", None, (ExportKind.ALARMS.value,))
        elif metrics & alarmed and all(_is_logging(account, each) is True for each in trails):
            yield Pass()
        elif metrics & (alarmed | doubtful):
            yield Unknown(f"whether somebody is told of {event} can't be told", trails[0].location)
        elif doubt:
            yield doubt
        else:
            resource = account_resource(account, f"alarm/{variant}")
            yield as_variant(variant, fail(resource, *_places(account), event=event))


def _doubt_of_silence(account: Account, trails: list[JsonNode]) -> Unknown | None:
    """Unknown where an alarm that no file shows may watch one of these trails."""
    for each in trails:
        if _owner(each) not in {None, account.id}:
            return Unknown(
                "another account may watch for it: the trail is the organization's", each.location
            )
    kind = ExportKind.METRIC_FILTERS
    if any(map(_log_group, trails)) and kind not in account.available_exports:
        return Unknown("no metric filters were handed in", None, (kind.value,))
    return None


def _places(account: Account) -> Iterator[Location]:
    """What was looked through: filters, alarms, trails."""
    for kind in (ExportKind.METRIC_FILTERS, ExportKind.ALARMS, ExportKind.TRAILS):
        for node in account.documents_of_kind(kind):
            yield node.location


def _trail_lists(account: Account) -> Iterator[JsonNode]:
    for document in account.documents_of_kind(ExportKind.TRAILS):
        if document.has("trailList"):
            yield document


def _wide_trails(account: Account) -> Iterator[JsonNode]:
    """The trails of all regions, the organization's among them, each once."""
    seen: set[str | None] = set()
    for document in _trail_lists(account):
        for trail in document.each("trailList"):
            arn = trail.text("TrailARN")
            if trail.boolean("IsMultiRegionTrail") is True and arn not in seen:
                seen.add(arn)
                yield trail


def _is_logging(account: Account, trail: JsonNode) -> MaybeBool | None:
    """What get-trail-status says of the trail; None where it was not asked."""
    for document in account.documents_of_kind(ExportKind.TRAILS):
        if document.text("credaudit_trail") == trail.text("TrailARN") and document.has("IsLogging"):
            return document.boolean("IsLogging")
    return None


def _owner(trail: JsonNode) -> str | None:
    """The account whose trail it is: an organization's trail is shown to its members."""
    found = _TRAIL.match(trail.text("TrailARN") or "")
    return found[1] if found else None


def _log_group(trail: JsonNode) -> tuple[str, str] | None:
    """Name and region of the log group that the trail writes to."""
    found = _LOG_GROUP.fullmatch(trail.text("CloudWatchLogsLogGroupArn") or "")
    return (found[2], found[1]) if found else None


def _filters_on(account: Account, groups: Mapping[str, str]) -> Iterator[tuple[str, _Metric]]:
    """The pattern of each filter on one of these log groups, with the metric that it counts."""
    for document in account.documents_of_kind(ExportKind.METRIC_FILTERS):
        for each in document.each("metricFilters"):
            region = groups.get(each.text("logGroupName") or "")
            if region is not None:
                for made in each.each("metricTransformations"):
                    namespace = made.text("metricNamespace") or ""
                    metric = _Metric(region, namespace, made.text("metricName") or "")
                    yield each.text("filterPattern") or "", metric


def _alarmed(account: Account, regions: set[str]) -> Iterator[tuple[_Metric, bool | None]]:
    """Each metric with an alarm, and whether the alarm tells anybody; None where unreadable.

    An alarm without its ARN may be in any of these regions.
    """
    for document in account.documents_of_kind(ExportKind.ALARMS):
        for each in document.each("MetricAlarms"):
            names = each.text("Namespace") or "", each.text("MetricName") or ""
            is_on, placed = (
                each.boolean("ActionsEnabled"),
                _ALARM.match(each.text("AlarmArn") or ""),
            )
            tells = any(True for _ in each.each("AlarmActions"))
            heard = (is_on and tells) if isinstance(is_on, bool) and placed else None
            for region in {placed[1]} if placed else regions:
                yield _Metric(region, *names), heard
