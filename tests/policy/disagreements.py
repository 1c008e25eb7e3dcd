"""In: a question on which iam-simulate says otherwise. Out: the kind of disagreement that it is.

Each kind says who is right and why, with AWS's page, and has the narrowest test of a question that
tells it. What no kind explains is a fault of one of the two, and the comparison fails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from analyzer.policy.conditions import KeyState
from analyzer.policy.layers import Verdict
from tests.builders import AccountBuilder, account, allow, deny, policy_text
from tests.policy.question_material import (
    ABSENT,
    ANN,
    APP,
    FOREIGN,
    LIMIT,
    LINKED,
    NUMBER,
    OPS,
    SESSION,
)
from tests.policy.question_traits import (
    allows_all_but_account,
    asks_for_session_token,
    changes_alias_of_a_key,
    changes_alias_of_aws,
    changes_linked_role,
    comes_by_a_session_that_a_service_names,
    compares_arn_with_star,
    denies_by_half_an_exception,
    excludes_missing_variable,
    has_variable_in_old_version,
    manages_another_account,
    means_star_by_arn,
    names_bounded_user,
    negates_missing_variable,
    passes_role_by_its_tags,
    stands_under_resource_policies_of_a_newer_service,
    tests_every_address,
    tests_other_address_version,
)
from tests.policy.random_questions import Question

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
_ALLOWED, _CONDITIONAL, _NONE, _DENIED = tuple(Verdict)
_NO = (_NONE, _DENIED)


class Right(StrEnum):
    """Who has AWS's page on its side. DOUBT: AWS's pages leave it open."""

    CREDAUDIT = "credaudit"
    DOUBT = "nobody can tell"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A kind of disagreement: what either says, who is right, why, and which questions are of it.

    `example` is a question on which the two disagree for this reason and no other.
    """

    name: str
    ours: tuple[Verdict, ...]
    theirs: tuple[Verdict, ...]
    right: Right
    why: str
    page: str
    is_about: Callable[[Question], bool]
    example: Question


def explaining(question: Question, ours: Verdict, theirs: Verdict) -> list[Disagreement]:
    """The kinds that the disagreement can be of."""
    return [
        each
        for each in DISAGREEMENTS
        if ours in each.ours and theirs in each.theirs and each.is_about(question)
    ]


# One question of each kind.

_ANN = account().user("ann").key()


def _asked(
    made: AccountBuilder, action: str, resource: str, address: str | None = None
) -> Question:
    """Ann's question, asked from that address, or from none."""
    keys: dict[str, KeyState] = {"aws:SourceIp": (address,) if address else ABSENT}
    return Question(made, ANN, action, resource, keys)


def _assuming(
    *statements: Any, made: AccountBuilder = _ANN, address: str | None = None
) -> Question:
    """Whether Ann may assume a role with this trust policy."""
    said = [each | {"Action": "sts:AssumeRole"} for each in statements]
    return _asked(made.role("app").trusting(*said), "sts:AssumeRole", APP, address)


_IN = {"Effect": "Allow", "Principal": "*"}
_OUT = {"Effect": "Deny", "Principal": "*"}
_BY_NAME = {"Effect": "Allow", "Principal": {"AWS": ANN}}
_LIMITED = _ANN.boundary(LIMIT).policy("limit", allow("s3:*"))


def _out_unless(operator: str, key: str, value: str) -> dict[str, Any]:
    return _OUT | {"Condition": {operator: {key: value}}}


def _excluding(resource: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "*", "NotResource": resource}


def _under_resource_policy(made: AccountBuilder, action: str) -> AccountBuilder:
    """The account under a resource control policy that denies that to everybody."""
    policy = {"Id": "p-1", "Type": "RESOURCE_CONTROL_POLICY"}
    level = {"credaudit_target": "r-1", "credaudit_account": NUMBER, "Policies": [policy]}
    barred = policy_text(deny(action) | {"Principal": "*"})
    text = {"Policy": {"PolicySummary": policy, "Content": barred}}
    return made.export("control-policies.json", level).export("control-policies.json", text)


_OLD_TEXT = {
    "Version": "2008-10-17",
    "Statement": [allow("s3:*", on="arn:aws:s3:::${aws:username}")],
}
_OLD = _ANN.member(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": _OLD_TEXT}])
DISAGREEMENTS = (
    Disagreement(
        "session-token",
        ours=(_ALLOWED,),
        theirs=_NO,
        right=Right.CREDAUDIT,
        why="No permission is needed, and no policy controls the call.",
        page="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html",
        is_about=asks_for_session_token,
        example=_asked(_ANN, "sts:GetSessionToken", "*"),
    ),
    Disagreement(
        "service-linked-role",
        ours=(_NONE,),
        theirs=(_ALLOWED, _DENIED),
        right=Right.CREDAUDIT,
        why="The service alone changes its role; the account may edit the description and delete.",
        page=f"{_GUIDE}id_roles_create-service-linked-role.html",
        is_about=changes_linked_role,
        example=_asked(_ANN.may("*"), "iam:AttachRolePolicy", LINKED),
    ),
    Disagreement(
        "resource-policies-of-a-newer-service",
        ours=(_DENIED, _CONDITIONAL),
        theirs=(_ALLOWED, _CONDITIONAL, _NONE),
        right=Right.CREDAUDIT,
        why="AWS's list of services that such policies reach has grown; DynamoDB is on it.",
        page="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services",
        is_about=stands_under_resource_policies_of_a_newer_service,
        example=_asked(
            _under_resource_policy(_ANN.may("dynamodb:*"), "dynamodb:*"),
            "dynamodb:GetItem",
            f"arn:aws:dynamodb:eu-west-1:{NUMBER}:table/t",
        ),
    ),
    Disagreement(
        "alias-of-a-key",
        ours=(_CONDITIONAL,),
        theirs=(_ALLOWED,),
        right=Right.CREDAUDIT,
        why="The key of the alias has to let it happen, too, and its policy is not known.",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html",
        is_about=changes_alias_of_a_key,
        example=_asked(
            _ANN.may("kms:*"), "kms:DeleteAlias", f"arn:aws:kms:eu-west-1:{NUMBER}:alias/own"
        ),
    ),
    Disagreement(
        "session-that-a-service-names",
        ours=(_CONDITIONAL,),
        theirs=(_ALLOWED,),
        right=Right.CREDAUDIT,
        why="Nobody picks the name of a session that a service makes.",
        page=f"{_GUIDE}reference_policies_variables.html#principaltable",
        is_about=comes_by_a_session_that_a_service_names,
        example=Question(
            account().role("ops", path="/ops/").role("app").trusts({"AWS": f"{SESSION}cd"}),
            OPS,
            "sts:AssumeRole",
            APP,
            {"aws:SourceIp": ABSENT},
        ),
    ),
    Disagreement(
        "alias-of-aws",
        ours=(_NONE,),
        theirs=(_DENIED,),
        right=Right.CREDAUDIT,
        why="AWS alone changes it. Either way nobody may; a Deny only says so once more.",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/alias-manage.html",
        is_about=changes_alias_of_aws,
        example=_asked(
            _ANN.may_not("kms:*"),
            "kms:DeleteAlias",
            f"arn:aws:kms:eu-west-1:{NUMBER}:alias/aws/s3",
        ),
    ),
    Disagreement(
        "iam-of-another-account",
        ours=(_NONE,),
        theirs=(_DENIED,),
        right=Right.CREDAUDIT,
        why="IAM's calls work on the caller's account. Either way nobody may.",
        page=f"{_GUIDE}reference_policies_evaluation-logic-cross-account.html",
        is_about=manages_another_account,
        example=_asked(_ANN.may_not("*"), "iam:PutUserPolicy", f"arn:aws:iam::{FOREIGN}:user/x"),
    ),
    Disagreement(
        "named-user-under-boundary",
        ours=(_CONDITIONAL,),
        theirs=(_ALLOWED,),
        right=Right.DOUBT,
        why="The page on boundaries says that none limits it, the one on AssumeRole that one does.",
        page=f"{_GUIDE}access_policies_boundaries.html",
        is_about=names_bounded_user,
        example=_assuming(_BY_NAME, made=_LIMITED),
    ),
    Disagreement(
        "allow-all-but-an-account",
        ours=(_CONDITIONAL,),
        theirs=(_NONE,),
        right=Right.DOUBT,
        why="No page says whether NotPrincipal with an account leaves out all its principals.",
        page=f"{_GUIDE}reference_policies_elements_notprincipal.html",
        is_about=allows_all_but_account,
        example=_assuming({"Effect": "Allow", "NotPrincipal": {"AWS": NUMBER}}),
    ),
    Disagreement(
        "deny-by-half-an-exception",
        ours=(_DENIED, _CONDITIONAL),
        theirs=(_ALLOWED, _NONE),
        right=Right.CREDAUDIT,
        why="To except a principal from a Deny, its account must be named, too, and its session.",
        page=f"{_GUIDE}reference_policies_elements_notprincipal.html",
        is_about=denies_by_half_an_exception,
        example=_assuming(_IN, {"Effect": "Deny", "NotPrincipal": {"AWS": ANN}}),
    ),
    Disagreement(
        "every-address",
        ours=tuple(Verdict),
        theirs=tuple(Verdict),
        right=Right.CREDAUDIT,
        why="0.0.0.0/0 is a CIDR block that holds every IPv4 address.",
        page=f"{_GUIDE}reference_policies_elements_condition_operators.html#Conditions_IPAddress",
        is_about=tests_every_address,
        example=_assuming(
            _IN,
            _out_unless("NotIpAddress", "aws:SourceIp", "0.0.0.0/0"),
            address="203.0.113.7",
        ),
    ),
    Disagreement(
        "address-of-another-version",
        ours=tuple(Verdict),
        theirs=tuple(Verdict),
        right=Right.CREDAUDIT,
        why="An IPv6 address is no IPv4 address, so NotIpAddress holds.",
        page=f"{_GUIDE}reference_policies_elements_condition_operators.html#Conditions_IPAddress",
        is_about=tests_other_address_version,
        example=_assuming(
            _IN,
            _out_unless("NotIpAddress", "aws:SourceIp", "192.0.2.1"),
            address="2001:db8::1",
        ),
    ),
    Disagreement(
        "negated-missing-variable",
        ours=tuple(Verdict),
        theirs=tuple(Verdict),
        right=Right.CREDAUDIT,
        why="Nothing equals a variable without value, so operators with Not hold.",
        page=f"{_GUIDE}reference_policies_variables.html#policy-vars-no-value",
        is_about=negates_missing_variable,
        example=_assuming(
            _IN,
            _out_unless("StringNotEquals", "aws:PrincipalArn", "${aws:PrincipalTag/team}"),
        ),
    ),
    Disagreement(
        "excluded-missing-variable",
        ours=(_CONDITIONAL, _NONE),
        theirs=(_ALLOWED, *_NO),
        right=Right.DOUBT,
        why="A NotResource with a variable without value excludes nothing, or voids its statement.",
        page=f"{_GUIDE}reference_policies_variables.html#policy-vars-no-value",
        is_about=excludes_missing_variable,
        example=_asked(
            _ANN.inline("p", allow("*"), _excluding("arn:aws:s3:::${aws:PrincipalTag/team}")),
            "s3:ListBucket",
            "arn:aws:s3:::bucket",
        ),
    ),
    Disagreement(
        "role-passed-by-its-tags",
        ours=(_CONDITIONAL, _NONE),
        theirs=(_ALLOWED, _NONE, _DENIED),
        right=Right.DOUBT,
        why="AWS warns that tags of the role don't hold iam:PassRole back, and promises no result.",
        page=f"{_GUIDE}id_roles_use_passrole.html",
        is_about=passes_role_by_its_tags,
        example=_asked(
            _ANN.may("iam:PassRole", when={"StringEquals": {"aws:ResourceTag/team": "x"}})
            .role("app")
            .tag("team", "x"),
            "iam:PassRole",
            APP,
        ),
    ),
    Disagreement(
        "variable-in-an-old-version",
        ours=tuple(Verdict),
        theirs=tuple(Verdict),
        right=Right.CREDAUDIT,
        why="Variables came with the version 2012-10-17; before, the text means itself.",
        page=f"{_GUIDE}reference_policies_variables.html",
        is_about=has_variable_in_old_version,
        example=_asked(_OLD, "s3:ListBucket", "arn:aws:s3:::ann"),
    ),
    Disagreement(
        "arn-of-stars-without-a-resource",
        ours=(_CONDITIONAL, _NONE),
        theirs=(_ALLOWED, _NONE, _DENIED),
        right=Right.DOUBT,
        why="Policies name * for actions without resources; of arn:*:*:*:*:* no page tells.",
        page=f"{_REFERENCE}reference_policies_actions-resources-contextkeys.html",
        is_about=means_star_by_arn,
        example=_asked(_ANN.may("*", on="arn:*:*:*:*:*"), "ec2:DescribeInstances", "*"),
    ),
    Disagreement(
        "star-for-an-arn",
        ours=tuple(Verdict),
        theirs=tuple(Verdict),
        right=Right.DOUBT,
        why="The page tells of patterns with six fields; we take a lone star for any ARN.",
        page=f"{_GUIDE}reference_policies_elements_condition_operators.html#Conditions_ARN",
        is_about=compares_arn_with_star,
        example=_assuming(_IN, _out_unless("ArnLike", "aws:PrincipalArn", "*")),
    ),
)
