"""In: a Source. Out: what AWS answers on its trails, and on who is told of which events."""

import hashlib
from datetime import UTC, datetime, timedelta

from sample_reports.account_tables import AS_OF, FORENOON, NOON, Source, Table, between, iso

NAMESPACE = "CloudTrailEvents"

_POLICY_CHANGES = (
    "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy",
    "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion",
    "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy",
    "AttachGroupPolicy", "DetachGroupPolicy",
)  # fmt: skip
_TRAIL_CHANGES = ("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging")
_ORGANIZATION_CHANGES = (
    "AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit", "CreatePolicy",
    "DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy",
    "DetachPolicy", "DisablePolicyType", "EnablePolicyType", "InviteAccountToOrganization",
    "LeaveOrganization", "MoveAccount", "RemoveAccountFromOrganization", "UpdatePolicy",
    "UpdateOrganizationalUnit",
)  # fmt: skip


def _any_of(names: tuple[str, ...]) -> str:
    return " || ".join(f"($.eventName = {name})" for name in names)


_PATTERNS = {
    "root-use": '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
    '&& $.eventType != "AwsServiceEvent" }',
    "unauthorized-calls": '{ ($.errorCode = "*UnauthorizedOperation") '
    '|| ($.errorCode = "AccessDenied*") }',
    "sign-in-without-mfa": '{ ($.eventName = "ConsoleLogin") '
    '&& ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") '
    '&& ($.responseElements.ConsoleLogin = "Success") }',
    "policy-changes": f"{{ {_any_of(_POLICY_CHANGES)} }}",
    "trail-changes": f"{{ {_any_of(_TRAIL_CHANGES)} }}",
    "sign-in-failures": '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed '
    'authentication") }',
    "organization-changes": "{ ($.eventSource = organizations.amazonaws.com) && "
    f"({_any_of(_ORGANIZATION_CHANGES)}) }}",
}
"""A filter on each event that CIS names in 4.1 to 4.6 and 4.15 (5.0), by its name here."""


def trail_arn(source: Source, table: Table) -> str:
    """The ARN of the account's trail."""
    return f"arn:aws:cloudtrail:{table['home']}:{source.id}:trail/{table['name']}"


def trail(source: Source, table: Table) -> Table:
    """One entry of describe-trails; a trail of all regions is shown in each of them alike."""
    group = f"arn:aws:logs:{table['home']}:{source.id}:log-group:{table['log_group']}:*"
    return {
        "Name": table["name"],
        "S3BucketName": table["bucket"],
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": True,
        "HomeRegion": table["home"],
        "TrailARN": trail_arn(source, table),
        "LogFileValidationEnabled": True,
        "CloudWatchLogsLogGroupArn": group,
        "CloudWatchLogsRoleArn": source.arn(f"role/{table['writer']}"),
        "HasCustomEventSelectors": False,
        "HasInsightSelectors": False,
        "IsOrganizationTrail": False,
    }


def trail_status(source: Source, table: Table) -> Table:
    """get-trail-status of a trail that is logging."""
    started = between(table["made"], FORENOON, NOON, trail_arn(source, table))
    return {
        "IsLogging": True,
        "LatestDeliveryTime": iso(AS_OF - timedelta(minutes=4)),
        "StartLoggingTime": iso(started),
        "LatestCloudWatchLogsDeliveryTime": iso(AS_OF - timedelta(minutes=3)),
        "LatestDigestDeliveryTime": iso(AS_OF - timedelta(minutes=41)),
        "TimeLoggingStarted": f"{started:%Y-%m-%dT%H:%M:%SZ}",
        "TimeLoggingStopped": "",
    }


def metric_filters(table: Table) -> Table:
    """describe-metric-filters of the trail's log group: one for each event that the table names."""
    made = datetime.combine(table["made"], NOON, UTC)
    entries = [
        {
            "filterName": event,
            "filterPattern": _PATTERNS[event],
            "metricTransformations": [
                {"metricName": event, "metricNamespace": NAMESPACE, "metricValue": "1"}
            ],
            "creationTime": int(made.timestamp()) * 1000,
            "logGroupName": table["log_group"],
            "applyOnTransformedLogs": False,
        }
        for event in sorted(table["filters"])
    ]
    return {"metricFilters": entries}


def alarms(source: Source, table: Table) -> Table:
    """describe-alarms: one on the metric of each event that the table names."""
    place = f"{table['home']}:{source.id}"
    made = iso(datetime.combine(table["made"], NOON, UTC) + timedelta(minutes=20))
    entries = [
        {
            "AlarmName": event,
            "AlarmArn": f"arn:aws:cloudwatch:{place}:alarm:{event}",
            "AlarmConfigurationUpdatedTimestamp": made,
            "ActionsEnabled": True,
            "OKActions": [],
            "AlarmActions": [f"arn:aws:sns:{place}:{table['topic']}"],
            "InsufficientDataActions": [],
            "StateValue": "OK",
            "StateUpdatedTimestamp": iso(AS_OF - timedelta(hours=_hours(event))),
            "MetricName": event,
            "Namespace": NAMESPACE,
            "Statistic": "Sum",
            "Dimensions": [],
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        }
        for event in sorted(table["alarms"])
    ]
    return {"MetricAlarms": entries}


def _hours(event: str) -> int:
    """How long ago the alarm last changed its state."""
    return 20 + hashlib.sha256(event.encode()).digest()[0]
