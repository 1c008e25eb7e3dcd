"""In: a trail. Out: what it testifies of a principal: what was used, and what was surely not.

Only log files that cover the whole period say that something was not used, and then of management
events alone: trails leave data events out unless somebody pays for them.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzer.inventory.model import Account
from analyzer.policy.actions import AccessLevel, ActionIndex
from analyzer.proposals.testimony import UNTRACKED, Testimony, Witness
from analyzer.proposals.trail_events import Trail

_SAYS = "CloudTrail"
_LONGEST_GAP = timedelta(days=7)
"""A longer time without any event in the account is taken for lost files."""
_GLOBAL = ("iam", "sts", "organizations", "cloudfront", "route53", "route53domains", "support",
           "globalaccelerator", "waf", "shield", "account", "budgets", "ce", "cur", "health",
           "trustedadvisor", "sso", "networkmanager", "billing", "tax", "payments")  # fmt: skip
"""Services whose events CloudTrail writes to us-east-1 alone, or mostly."""
# fmt: off
_UNSEEN = frozenset({
    "aoss", "apigateway", "appconfig", "appmesh", "appsync", "aps", "autoscaling-plans",
    "aws-marketplace", "aws-portal", "b2bi", "backup-storage", "bedrock", "bedrock-agentcore",
    "cassandra", "cloudfront-keyvaluestore", "cloudtrail-data", "cloudwatch", "codeartifact",
    "codeguru-profiler", "codewhisperer", "cognito-identity", "cognito-idp", "cognito-sync",
    "connect", "datazone", "dataexchange", "dax", "dbqms", "deadline", "docdb-elastic", "drs",
    "ds-data", "dsql", "dynamodb", "ebs", "ec2messages", "eks-auth", "elasticache", "es",
    "events", "evs", "execute-api", "finspace", "finspace-api", "firehose", "gamelift", "geo",
    "geo-maps", "geo-places", "geo-routes", "glacier", "glue", "greengrass", "guardduty",
    "health", "healthlake", "honeycode", "iot", "iotanalytics", "iotevents", "iotfleetwise",
    "iotjobsdata", "iotsitewise", "iottwinmaker", "iotwireless", "ivschat", "kafka-cluster",
    "kendra-ranking", "kinesis", "kinesisanalytics", "kinesisvideo", "lambda", "lex",
    "license-manager", "logs", "managedblockchain", "managedblockchain-query", "mechanicalturk",
    "mediastore", "medical-imaging", "memorydb", "mgn", "mobileanalytics", "mobiletargeting",
    "neptune-db", "neptune-graph", "opensearch", "osis", "outposts", "payment-cryptography",
    "pca-connector-ad", "pca-connector-scep", "personalize", "pi", "polly", "q", "qapps",
    "qbusiness", "qdeveloper", "qldb", "rds-data", "rds-db", "redshift-data", "rekognition",
    "route53-recovery-cluster", "rum", "s3", "s3-object-lambda", "s3-outposts", "s3express",
    "s3tables", "s3vectors", "sagemaker", "scn", "sdb", "servicediscovery", "ses", "signer",
    "signin", "simspaceweaver", "sms", "sms-voice", "sns", "social-messaging", "sqs", "ssm",
    "ssmmessages", "states", "storagegateway", "support", "swf", "thinclient", "timestream",
    "timestream-influxdb", "transcribe", "translate", "ts", "user-subscriptions",
    "verifiedpermissions", "vpc-lattice-svcs", "wisdom", "workmail", "workmailmessageflow",
    "workspaces-web", "xray",
})
# fmt: on
"""Services with data events, or with rights that are asked for outside CloudTrail: kept whole."""
_UNSEEN_ACTIONS = (
    UNTRACKED,
    "sts:TagSession",
    "sts:Set*",
    "eks:AccessKubernetesApi",
    "elasticfilesystem:Client*",
    "ecr:BatchCheckLayerAvailability",
    "iam:CreateServiceLinkedRole",
    "redshift:Get*Credentials*",
    "ec2:*Tags",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A principal that is judged: its ARN, since when it exists, and how long unused is unused."""

    arn: str
    made: datetime
    period: timedelta


def testimony_of_trail(
    account: Account, trail: Trail, who: Subject, index: ActionIndex, *, judges_services: bool
) -> Testimony | None:
    """What the events say of the principal; None where it has none.

    `judges_services` False: another answer tells which services it used, so that only actions of
    services with events are judged.
    """
    uses = trail.uses.get(who.arn, {})
    untold = sorted(trail.untold.get(who.arn, ()))
    if not uses and not untold:
        return None
    witnesses = [
        Witness(name, _SAYS, use.when, use.location)
        for use in uses.values()
        for name in use.actions.actions or (f"{use.actions.service}:*",)
    ]
    used = 0
    for use in uses.values():
        used |= use.actions.bits(index)
    why_not = _why_not(account, trail, who, untold)
    called = {each.service for each in uses}
    return Testimony(
        tuple(sorted(witnesses, key=lambda each: (each.used, str(each.location)))),
        used=used,
        unused=0 if why_not else _uncalled(trail, called, called, index),
        unused_services=_uncalled(trail, _services(index) - called, called, index)
        if judges_services and not why_not
        else 0,
        why_not=why_not,
        bounds=tuple(_bounds(trail, untold, why_not)),
    )


def _why_not(account: Account, trail: Trail, who: Subject, untold: list[str]) -> str:
    days = who.period.days
    if trail.first is None or trail.last is None:
        return "only event history was handed in, which may be filtered and ends after 90 days"
    if trail.last - trail.first < who.period:
        covered = (trail.last - trail.first).days
        return f"CloudTrail's log files cover {covered} days, and less than {days} tell too little"
    if account.as_of - trail.last > who.period:
        return f"CloudTrail's log files end {account.days_since(trail.last)} days ago"
    if trail.longest_gap > _LONGEST_GAP:
        return f"CloudTrail's log files lack {trail.longest_gap.days} days in a row"
    if trail.last - who.made < who.period:
        return f"was made less than {days} days before the last event"
    if untold:
        return f"events of {untold[0][:80]} can't be told to a service"
    return ""


def _services(index: ActionIndex) -> set[str]:
    return {each.partition(":")[0] for each in index.names}


def _uncalled(trail: Trail, services: set[str], called: set[str], index: ActionIndex) -> int:
    """All of the services, as far as a trail would have told; `called` are those with events."""
    unseen = _UNSEEN | (frozenset() if "us-east-1" in trail.regions else frozenset(_GLOBAL))
    bits = 0
    for service in services - unseen:
        bits |= index.bits(f"{service}:*")
    for pattern in _UNSEEN_ACTIONS:
        bits &= ~index.bits(pattern)
    # Tags are set on creation, and the event is that of the creation.
    for service in services & called:
        bits &= ~(index.level(AccessLevel.TAGGING) & index.bits(f"{service}:*"))
    if not trail.reads:
        bits &= ~(index.level(AccessLevel.READ) | index.level(AccessLevel.LIST))
    return bits


def _bounds(trail: Trail, untold: list[str], why_not: str) -> Iterator[str]:
    yield from (
        f"What events of {each[:80]} used: no service is known by that name." for each in untold
    )
    if why_not:
        return
    regions = ", ".join(sorted(filter(None, trail.regions)))
    yield f"Events of other regions than {regions}, and of trails that were not handed in."
    yield "Rights that a call needs beside its own, where no event names them."
