"""In: source and name of a CloudTrail event. Out: the service, and the IAM actions it was.

Most events are called like the action that allowed them. Where they are not, the tables here say
what AWS's pages on the service say; of an event that nothing says anything about, only the service
is known. https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.policy.actions import ActionIndex

_DATED = re.compile(r"(?:[0-9]{8}|[0-9]{4}_[0-9]{2}_[0-9]{2})(?:v[0-9]+)?$")
"""The version of the API in names of events: `ListFunctions20150331`, of CloudFront `2020_05_31`.

https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
"""
_HOST = re.compile(r"([a-z0-9.-]{1,80})\.amazonaws\.com(?:\.cn)?", re.IGNORECASE)
_PREFIX_OF: Mapping[str, str] = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "tagging": "tag",
    "sso-oidc": "sso-oauth",
    "iotdata": "iot",
    "data.iot": "iot",
    "application-insights": "applicationinsights",
    "runtime.lex": "lex",
    "models.lex": "lex",
    "runtime.sagemaker": "sagemaker",
    "api.pricing": "pricing",
    "metering.marketplace": "aws-marketplace",
    "entitlement.marketplace": "aws-marketplace",
    "catalog.marketplace": "aws-marketplace",
    "streams.dynamodb": "dynamodb",
    "pinpoint": "mobiletargeting",
    "servicecatalog-appregistry": "servicecatalog",
}
"""Services whose events come from a host that is not called like their actions.

A host with dots that is not here is taken by its last word.
"""
_ACTIONS_OF: Mapping[str, tuple[str, ...]] = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    "s3:ListObjects": ("ListBucket",),
    "s3:ListObjectsV2": ("ListBucket",),
    "s3:ListObjectVersions": ("ListBucketVersions",),
    "s3:ListBuckets": ("ListAllMyBuckets",),
    "s3:HeadBucket": ("ListBucket",),
    "s3:HeadObject": ("GetObject", "GetObjectVersion"),
    "s3:GetObject": ("GetObject", "GetObjectVersion"),
    "s3:GetObjectAttributes": (
        "GetObject",
        "GetObjectVersion",
        "GetObjectAttributes",
        "GetObjectVersionAttributes",
    ),
    "s3:CopyObject": (
        "GetObject",
        "GetObjectVersion",
        "GetObjectTagging",
        "GetObjectVersionTagging",
        "PutObject",
        "PutObjectTagging",
    ),
    "s3:UploadPart": ("PutObject",),
    "s3:UploadPartCopy": ("GetObject", "GetObjectVersion", "PutObject"),
    "s3:CreateMultipartUpload": ("PutObject",),
    "s3:CompleteMultipartUpload": ("PutObject",),
    "s3:ListParts": ("ListMultipartUploadParts",),
    "s3:ListMultipartUploads": ("ListBucketMultipartUploads",),
    "s3:DeleteObject": ("DeleteObject", "DeleteObjectVersion"),
    "s3:DeleteObjects": ("DeleteObject", "DeleteObjectVersion"),
    "s3:GetBucketEncryption": ("GetEncryptionConfiguration",),
    "s3:PutBucketEncryption": ("PutEncryptionConfiguration",),
    "s3:DeleteBucketEncryption": ("PutEncryptionConfiguration",),
    "s3:GetBucketLifecycle": ("GetLifecycleConfiguration",),
    "s3:GetBucketLifecycleConfiguration": ("GetLifecycleConfiguration",),
    "s3:PutBucketLifecycle": ("PutLifecycleConfiguration",),
    "s3:PutBucketLifecycleConfiguration": ("PutLifecycleConfiguration",),
    "s3:DeleteBucketLifecycle": ("PutLifecycleConfiguration",),
    "s3:GetBucketReplication": ("GetReplicationConfiguration",),
    "s3:PutBucketReplication": ("PutReplicationConfiguration",),
    "s3:DeleteBucketReplication": ("PutReplicationConfiguration",),
    "s3:DeleteBucketCors": ("PutBucketCORS",),
    "s3:DeleteBucketTagging": ("PutBucketTagging",),
    "s3:GetPublicAccessBlock": ("GetBucketPublicAccessBlock",),
    "s3:PutPublicAccessBlock": ("PutBucketPublicAccessBlock",),
    "s3:DeletePublicAccessBlock": ("PutBucketPublicAccessBlock",),
    "s3:GetBucketAccelerateConfiguration": ("GetAccelerateConfiguration",),
    # https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
    "lambda:Invoke": ("InvokeFunction",),
    "lambda:InvokeAsync": ("InvokeFunction", "InvokeAsync"),
}
_FOLDED = {name.lower(): actions for name, actions in _ACTIONS_OF.items()}


@dataclass(frozen=True, slots=True)
class EventActions:
    """What an event used: the service's prefix, and its actions.

    Without actions it may have been any of the service; without a service, nobody can tell.
    """

    service: str = ""
    actions: tuple[str, ...] = ()

    def bits(self, index: ActionIndex) -> int:
        """The actions as bits, or all of the service."""
        if self.actions:
            return index.bits_of(self.actions)
        return index.bits(f"{self.service}:*") if self.service else 0


def actions_of_event(source: str, name: str, index: ActionIndex) -> EventActions:
    """The actions that the event used, each one that AWS lists."""
    service = _service_of(source, index)
    if not service:
        return EventActions()
    for spelled in (name, _DATED.sub("", name)):
        renamed = _FOLDED.get(f"{service}:{spelled}".lower())
        actions = tuple(f"{service}:{each}" for each in renamed or (spelled,))
        if all(map(index.knows, actions)):
            return EventActions(service, actions)
    return EventActions(service)


def _service_of(source: str, index: ActionIndex) -> str:
    found = _HOST.fullmatch(source)
    if found is None:
        return ""
    host = found[1].lower()
    prefix = _PREFIX_OF.get(host) or host.rpartition(".")[2]
    return prefix if index.bits(f"{prefix}:*") else ""
