"""In: an account. Out: the layers that its organization puts over every principal.

Service and resource control policies come as `describe-policy` answers. Which of them stand over
this account is told by `list-policies-for-target` answers of the account, its units and the root;
without these, a policy counts as one that may stand over it.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

import re
from collections.abc import Iterator, Mapping

from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.policy.documents import ALLOW_EVERYTHING, DocumentCache, PolicyInstance
from analyzer.policy.layers import PolicyLayer, ServiceReach

SERVICE, RESOURCE = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
_OPEN = {SERVICE: "p-FullAWSAccess", RESOURCE: "p-RCPFullAWSAccess"}
"""The policy that AWS attaches at every level, until someone detaches it."""
_POLICY_ARN = re.compile(r"arn:[^:]+:organizations::([0-9]{12}):policy/")
_REACH_OF_RESOURCE_POLICIES = ServiceReach(
    certain=frozenset(
        {
            "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets",
            "clouddirectory", "cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact",
            "codebuild", "codecommit", "codepipeline", "cognito-identity", "cognito-idp",
            "comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax",
            "dsql", "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms",
            "gamelift", "health", "inspector-scan", "kendra", "kinesisvideo", "kms", "logs",
            "memorydb", "networkmonitor", "notifications", "opensearch", "pca-connector-ad",
            "personalize", "polly", "pricing", "resource-groups", "rolesanywhere", "s3",
            "secretsmanager", "servicediscovery", "signin", "sqs", "sts", "support", "swf",
            "textract", "timestream-influxdb", "transcribe", "transfer", "translate", "wafv2",
            "workspaces", "xray",
        }
    ),
    never=frozenset({"iam", "organizations"}),
    exempt=frozenset({"kms:retiregrant"}),
)  # fmt: skip
"""Services whose resources such policies guard, and the one right that they leave alone.

As AWS's list stood on 2026-09-26. It grows, so of any other service nobody can tell, but for the
two whose resources have no policies of their own.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps
"""


def organization_layers(account: Account, cache: DocumentCache) -> tuple[PolicyLayer, ...]:
    """The levels of service and resource control policies; none where no file tells of them.

    Every level must allow. The management account stands under none.
    """
    nodes = account.documents_of_kind(ExportKind.CONTROL_POLICIES)
    if not nodes or account.id == management_account(account):
        return ()
    texts = {found[0]: found for node in nodes if (found := _parse_described(node)) is not None}
    levels = [node for node in nodes if node.has("credaudit_target")]
    return tuple(
        layer
        for sort in (SERVICE, RESOURCE)
        for layer in (
            _levels(sort, levels, texts, cache) if levels else _level_of_all(sort, texts, cache)
        )
    )


def service_control_policies(account: Account, cache: DocumentCache) -> Iterator[PolicyInstance]:
    """The service control policies that stand or may stand over the account, each once.

    The one that AWS attaches everywhere is left out.
    """
    seen: set[str] = set()
    for layer in organization_layers(account, cache):
        for held in layer.held if layer.reach is None else ():
            if held.name not in seen and held.name != _OPEN[SERVICE].removeprefix("p-"):
                seen.add(held.name)
                yield held


_Described = tuple[str, str, JsonNode | None, JsonNode]


def _parse_described(node: JsonNode) -> _Described | None:
    """ID, sort, text and answer of a described policy; None for another answer."""
    policy = node.child("Policy")
    about = policy.child("PolicySummary") if policy else None
    if policy is None or about is None:
        return None
    number = about.text("Id") or ""
    return number, about.text("Type") or SERVICE, policy.document("Content"), about


def _levels(
    sort: str, levels: list[JsonNode], texts: Mapping[str, _Described], cache: DocumentCache
) -> Iterator[PolicyLayer]:
    for level in levels:
        attached = [each for each in level.each("Policies") if each.text("Type") == sort]
        if attached:
            policies = [
                _instance(each.text("Id") or "", sort, each, texts, cache) for each in attached
            ]
            yield _layer(sort, level.text("credaudit_target") or "", policies)


def _level_of_all(
    sort: str, texts: Mapping[str, _Described], cache: DocumentCache
) -> Iterator[PolicyLayer]:
    """One level of all policies handed in, each possibly attached over the account."""
    mine = [each for each in texts.values() if each[1] == sort]
    if mine:
        policies = [_open(sort, mine[0][3], cache)]
        for number, _, text, about in mine:
            if text is not None and number != _OPEN[sort]:
                doubt = f"whether {number} stands over the account"
                policy = cache.held(text, about.text("Name") or number)
                policies.append(
                    PolicyInstance(
                        policy.document, policy.name, policy.location, is_in_text=True, doubt=doubt
                    )
                )
        yield _layer(sort, "somewhere", policies)


def _instance(
    number: str, sort: str, node: JsonNode, texts: Mapping[str, _Described], cache: DocumentCache
) -> PolicyInstance | str:
    described = texts.get(number)
    if described is not None and described[2] is not None:
        return cache.held(described[2], described[3].text("Name") or number)
    return _open(sort, node, cache) if number == _OPEN[sort] else f"{number} unknown"


def _open(sort: str, node: JsonNode, cache: DocumentCache) -> PolicyInstance:
    text = JsonNode(ALLOW_EVERYTHING, node.location, is_in_text=True)
    return cache.held(text, _OPEN[sort].removeprefix("p-"))


def _layer(
    sort: str, target: str, policies: list[PolicyInstance] | list[PolicyInstance | str]
) -> PolicyLayer:
    is_service = sort == SERVICE
    return PolicyLayer(
        name=f"{'SCP' if is_service else 'RCP'} {target}",
        held=tuple(each for each in policies if isinstance(each, PolicyInstance)),
        unknown=tuple(each for each in policies if isinstance(each, str)),
        reach=None if is_service else _REACH_OF_RESOURCE_POLICIES,
    )


def management_account(account: Account) -> str | None:
    """The organization's management account, as far as the evidence tells; None where it does not.

    describe-organization names it, and so does the ARN of each policy that the organization made.
    """
    for node in account.documents_of_kind(ExportKind.ORGANIZATION):
        found = node.child("Organization")
        if found is not None and (number := found.text("MasterAccountId")):
            return number
    for node in account.documents_of_kind(ExportKind.CONTROL_POLICIES):
        policy = node.child("Policy")
        about = [summary] if policy and (summary := policy.child("PolicySummary")) else []
        for each in (*about, *node.each("Policies")):
            if owner := _POLICY_ARN.match(each.text("Arn") or ""):
                return owner[1]
    return None
