"""In: what is no export that is read. Out: what it is, and what to hand in instead.

A table that a tool made is no evidence: nobody can check its values against what AWS said.
"""

import re
from dataclasses import dataclass

from analyzer.evidence.json_documents import JsonNode
from analyzer.evidence.recognition import has_shape

_DETAILS = "Hand in `aws iam get-account-authorization-details --output json`"
_REPORT = "Hand in `aws iam get-credential-report --output json`"
_BOTH = f"{_REPORT} and `aws iam get-account-authorization-details --output json`"
_PEOPLE = "Hand in the list with --people, apart from the exports"
_DERIVED = f"A table that a tool made of AWS's answers is no evidence. {_BOTH}"

_CONFIG_QUERY = (
    "Hand in the result of `SELECT resourceType, configuration, configurationItemStatus WHERE "
    "resourceType LIKE 'AWS::IAM::%'`"
)
_LABELLED = (
    "Let `credaudit collect` ask, which notes the target, or hand in "
    "`aws organizations describe-policy --output json` of each policy"
)


@dataclass(frozen=True, slots=True)
class ForeignExport:
    """What a file is, in words, and what to hand in instead."""

    what: str
    instead: str


_DOCUMENTS = tuple(
    (ForeignExport(what, instead), signatures)
    for what, instead, signatures in (
        (
            "Inspector findings",
            _DERIVED,
            (("findings[+]/findingArn|inspectorScore|packageVulnerabilityDetails",),),
        ),
        (
            "what validate-policy of Access Analyzer says of a policy's text",
            _DETAILS,
            (("findings[+]/issueCode",),),
        ),
        (
            "Security Hub findings",
            _DERIVED,
            (("Findings[]/ProductArn|AwsAccountId",), ("SchemaVersion", "ProductArn")),
        ),
        ("GuardDuty findings", _DERIVED, (("Findings[]/SchemaVersion|DetectorId|Service",),)),
        ("Macie findings", _DERIVED, (("findings[+]/classificationDetails|policyDetails",),)),
        ("the IDs of findings, of GuardDuty or Macie", _DERIVED, (("FindingIds[]",),)),
        (
            "Trusted Advisor results",
            _DERIVED,
            (("result/flaggedResources|checkId",), ("checks[]/category",)),
        ),
        ("findings in OCSF, as Prowler writes them", _DERIVED, (("finding_info", "metadata"),)),
        (
            "Prowler's results",
            _DERIVED,
            (("CheckID", "StatusExtended"), ("check_id", "status_extended")),
        ),
        ("ScoutSuite's results", _DERIVED, (("last_run", "services", "provider_code"),)),
        (
            "a Steampipe query's rows",
            _DERIVED,
            (("rows[]", "columns[]"), ("control_id", "resource", "status")),
        ),
        (
            "Cloud Custodian's resources",
            _DERIVED,
            (("c7n:MatchedFilters",), ("c7n:credential-report",)),
        ),
        (
            "AWS Config's items without the configuration of a user, group, role or policy of IAM",
            _CONFIG_QUERY,
            (("Results[]", "QueryInfo"), ("configurationItems[]",), ("baseConfigurationItems[]",)),
        ),
        (
            "AWS Config's verdicts on rules",
            _DERIVED,
            (("EvaluationResults[]",), ("ComplianceByConfigRules[]",)),
        ),
        ("one group of `iam get-group`", _BOTH, (("Group/GroupId",),)),
        (
            "the list of users of `iam list-users`",
            _BOTH,
            (("Users[]/UserId",), ("UserId", "UserName", "Arn")),
        ),
        (
            "the list of groups of `iam list-groups`",
            _DETAILS,
            (("Groups[]/GroupId",), ("GroupId", "GroupName")),
        ),
        (
            "the list of roles of `iam list-roles`",
            _DETAILS,
            (("Roles[]/RoleId",), ("RoleId", "RoleName")),
        ),
        ("one user of `iam get-user`", _BOTH, (("User/UserId",),)),
        ("one role of `iam get-role`", _DETAILS, (("Role/RoleId",),)),
        (
            "one version of a policy of `iam get-policy-version`",
            _DETAILS,
            (("PolicyVersion/Document",),),
        ),
        ("one policy of `iam get-policy`", _DETAILS, (("Policy/PolicyId",),)),
        ("one inline policy", _DETAILS, (("PolicyDocument", "PolicyName"),)),
        ("a list of the names of inline policies", _DETAILS, (("PolicyNames[]",),)),
        (
            "the list of who holds a policy",
            _DETAILS,
            (("PolicyUsers[]", "PolicyGroups[]", "PolicyRoles[]"),),
        ),
        ("a list of instance profiles", _DETAILS, (("InstanceProfiles[]",),)),
        (
            "a list of attached policies",
            _DETAILS,
            (("AttachedPolicies[]",), ("PolicyArn", "PolicyName")),
        ),
        (
            "the list of policies of `iam list-policies`, without their texts",
            _DETAILS,
            (("Policies[]/PolicyId", "Policies[]/PolicyName"),),
        ),
        (
            "a list of control policies that does not say on what they lie",
            _LABELLED,
            (("Policies[]/AwsManaged|Type",), ("Id", "Arn", "AwsManaged")),
        ),
        ("EC2 instances", _BOTH, (("Reservations[]",), ("Instances[]/InstanceId",))),
        ("Lightsail instances", _BOTH, (("instances[]/blueprintId|supportCode",),)),
        (
            "a password policy of another service than IAM",
            "Hand in `aws iam get-account-password-policy --output json`",
            (("PasswordPolicy",), ("UserPool",)),
        ),
        ("a policy document by itself", _DETAILS, (("Version", "Statement"),)),
        ("a Terraform state", _BOTH, (("terraform_version", "resources"),)),
        ("findings that name no service", _DERIVED, (("findings[]",),)),
        ("instances that name no service", _BOTH, (("Instances[]",),)),
    )
)
_TEXTS = tuple(
    (ForeignExport(what, instead), re.compile(pattern, re.IGNORECASE))
    for what, instead, pattern in (
        (
            "Prowler's results",
            _DERIVED,
            r"\A[^\n]*\b(?:check_id\b.*\bstatus_extended|auth_method;timestamp)",
        ),
        ("ScoutSuite's results", _DERIVED, r"\Ascoutsuite_results\s*="),
        (
            "a Steampipe benchmark's rows",
            _DERIVED,
            r"\A[^\n]*\bcontrol_(?:title|id)\b.*\breason\b",
        ),
        ("Security Hub findings", _DERIVED, r"\A[^\n]*\bproductarn\b[^\n]*\bcompliance"),
        (
            "Trusted Advisor results",
            _DERIVED,
            r"\A[^\n]*\b(?:trusted advisor|IAM Access Key[^\n]*Rotat)",
        ),
        ("a web page", _DERIVED, r"\A\s*(?:<!doctype html|<html)"),
        (
            "a list of people",
            _PEOPLE,
            r"\A[^\n]*(?:employee.?id|personalnummer|matricule|first.?name[^\n]*last.?name)",
        ),
    )
)
_CONVERT = f"Hand in what AWS answered, and no copy of it. {_BOTH}"
_BINARIES = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"BM", "a picture (BMP)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a file of an old office program (.xls, .doc, .msg)"),
    (b"{\\rtf", "a document of a word processor (RTF)"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
)
_BOXED_PICTURES = (b"heic", b"heix", b"mif1", b"avif")


def foreign_document(document: JsonNode) -> ForeignExport | None:
    """What the document is, where it is known and not read."""
    return next(
        (found for found, kinds in _DOCUMENTS if any(has_shape(document, each) for each in kinds)),
        None,
    )


def foreign_text(text: str) -> ForeignExport | None:
    """What the text is, where it is a table or page of another tool."""
    head = text.lstrip("\ufeff \r\n")[:10_000]
    return next((found for found, pattern in _TEXTS if pattern.search(head)), None)


def foreign_binary(data: bytes) -> ForeignExport | None:
    """What the file is, where its first bytes tell a format that holds no export."""
    if data[4:8] == b"ftyp" and data[8:12] in _BOXED_PICTURES:
        return ForeignExport("a picture (HEIC)", _CONVERT)
    what = next((name for mark, name in _BINARIES if data.startswith(mark)), None)
    return ForeignExport(what, _CONVERT) if what and not _is_text_after_all(data) else None


def _is_text_after_all(data: bytes) -> bool:
    """True where a mark of two letters begins a text, such as "BMW;…"."""
    return data.startswith(b"BM") and b"\0" not in data[:64]
