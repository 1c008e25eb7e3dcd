"""In: a question on which iam-simulate says otherwise. Out: the kind of disagreement that it is.

Each kind says who is right and why, with AWS's page, and has the narrowest test of a question that
tells it. What no kind explains is a fault of one of the two, and the comparison fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from analyzer.policy.conditions import KeyState
from analyzer.policy.layers import Verdict
from tests.builders import AccountBuilder, account, allow
from tests.policy.random_questions import (
    ABSENT,
    ANN,
    APP,
    FOREIGN,
    IAM,
    LIMIT,
    LINKED,
    NUMBER,
    OPS,
    Question,
)
from tests.policy.simulations import context, controls, policies_over

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


# What a question is about.


def _documents(question: Question) -> Iterator[dict[str, Any]]:
    yield from (text for _, text in policies_over(question))
    for sort in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        for level in controls(question, sort):
            yield from (each["policy"] for each in level["policies"])


def _statements(question: Question) -> Iterator[dict[str, Any]]:
    for text in _documents(question):
        yield from text["Statement"]


def _tests(question: Question) -> Iterator[tuple[str, str, list[str]]]:
    """Operator, key and values of each test in a condition."""
    for statement in _statements(question):
        for operator, tests in statement.get("Condition", {}).items():
            for key, values in tests.items():
                yield operator, key, values if isinstance(values, list) else [values]


def _trust(question: Question, effect: str, member: str) -> Iterator[list[str]]:
    """The AWS principals that each such statement of the trust policy names."""
    for name, text in policies_over(question):
        for each in text["Statement"] if name == "trust" else ():
            if each["Effect"] == effect and member in each:
                named = each[member] if isinstance(each[member], dict) else {"AWS": each[member]}
                found = named.get("AWS", [])
                yield found if isinstance(found, list) else [found]


def _is_assuming(question: Question) -> bool:
    return (question.action, question.resource) == ("sts:AssumeRole", APP)


def _asks_for_session_token(question: Question) -> bool:
    return question.action == "sts:GetSessionToken" and question.who == ANN


def _changes_linked_role(question: Question) -> bool:
    return (question.action, question.resource) == ("iam:AttachRolePolicy", LINKED)


def _changes_alias_of_aws(question: Question) -> bool:
    return question.action == "kms:DeleteAlias" and ":alias/aws/" in question.resource


def _manages_another_account(question: Question) -> bool:
    return question.action.startswith("iam:") and f":{FOREIGN}:" in question.resource


def _names_bounded_user(question: Question) -> bool:
    has_boundary = any(name == "boundary" for name, _ in policies_over(question))
    is_named = any(question.who in each for each in _trust(question, "Allow", "Principal"))
    return _is_assuming(question) and question.who == ANN and has_boundary and is_named


def _names_account(named: list[str]) -> bool:
    return bool({NUMBER, f"{IAM}root"} & set(named))


def _allows_all_but_account(question: Question) -> bool:
    excepted = _trust(question, "Allow", "NotPrincipal")
    return _is_assuming(question) and any(
        _names_account(each) and question.who not in each for each in excepted
    )


def _denies_by_half_an_exception(question: Question) -> bool:
    """Some of the asker, its session and its account are excepted from a Deny, and not all."""

    def is_half(named: list[str]) -> bool:
        is_role = question.who == OPS
        has_session = not is_role or any(":assumed-role/ops/" in each for each in named)
        wanted = (_names_account(named), question.who in named, has_session)
        has_some = any((*wanted[:2], has_session and is_role))
        return has_some and not all(wanted)

    return _is_assuming(question) and any(map(is_half, _trust(question, "Deny", "NotPrincipal")))


def _tests_every_address(question: Question) -> bool:
    """A request from an IPv4 address, and a test of the block of all of them."""
    is_old = "." in context(question).get("aws:SourceIp", "")
    return is_old and any(
        "IpAddress" in operator and "0.0.0.0/0" in values
        for operator, _, values in _tests(question)
    )


def _tests_other_address_version(question: Question) -> bool:
    """A request from an IPv6 address, and a NotIpAddress that lists an IPv4 address."""
    is_new = ":" in context(question).get("aws:SourceIp", "")
    return is_new and any(
        operator.startswith("NotIpAddress") and any(not {":", "/"} & set(each) for each in values)
        for operator, _, values in _tests(question)
    )


def _lacks_variable(text: str, carried: dict[str, Any]) -> bool:
    """True if the text has a variable without default that the request can't fill."""
    names = (part.partition("}")[0] for part in text.split("${")[1:])
    return any("," not in name and name not in carried for name in names)


def _negates_missing_variable(question: Question) -> bool:
    carried = context(question)
    return any(
        "Not" in operator and key in carried and any(_lacks_variable(v, carried) for v in values)
        for operator, key, values in _tests(question)
    )


def _excludes_missing_variable(question: Question) -> bool:
    carried = context(question)
    return any(
        _lacks_variable(each, carried)
        for statement in _statements(question)
        for each in _listed(statement.get("NotResource", []))
    )


def _has_variable_in_old_version(question: Question) -> bool:
    return any(
        text["Version"] != "2012-10-17" and "${" in str(text) for text in _documents(question)
    )


def _means_star_by_arn(question: Question) -> bool:
    return question.resource == "*" and any(
        each == "arn:*:*:*:*:*"
        for statement in _statements(question)
        for member in ("Resource", "NotResource")
        for each in _listed(statement.get(member, []))
    )


def _compares_arn_with_star(question: Question) -> bool:
    carried = context(question)
    return any(
        operator.startswith("Arn") and key in carried and "*" in values
        for operator, key, values in _tests(question)
    )


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


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
        is_about=_asks_for_session_token,
        example=_asked(_ANN, "sts:GetSessionToken", "*"),
    ),
    Disagreement(
        "service-linked-role",
        ours=(_NONE,),
        theirs=(_ALLOWED, _DENIED),
        right=Right.CREDAUDIT,
        why="The service alone changes its role; the account may edit the description and delete.",
        page=f"{_GUIDE}id_roles_create-service-linked-role.html",
        is_about=_changes_linked_role,
        example=_asked(_ANN.may("*"), "iam:AttachRolePolicy", LINKED),
    ),
    Disagreement(
        "alias-of-aws",
        ours=(_NONE,),
        theirs=(_DENIED,),
        right=Right.CREDAUDIT,
        why="AWS alone changes it. Either way nobody may; a Deny only says so once more.",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/alias-manage.html",
        is_about=_changes_alias_of_aws,
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
        is_about=_manages_another_account,
        example=_asked(_ANN.may_not("*"), "iam:PutUserPolicy", f"arn:aws:iam::{FOREIGN}:user/x"),
    ),
    Disagreement(
        "named-user-under-boundary",
        ours=(_CONDITIONAL,),
        theirs=(_ALLOWED,),
        right=Right.DOUBT,
        why="The page on boundaries says that none limits it, the one on AssumeRole that one does.",
        page=f"{_GUIDE}access_policies_boundaries.html",
        is_about=_names_bounded_user,
        example=_assuming(_BY_NAME, made=_LIMITED),
    ),
    Disagreement(
        "allow-all-but-an-account",
        ours=(_CONDITIONAL,),
        theirs=(_NONE,),
        right=Right.DOUBT,
        why="No page says whether NotPrincipal with an account leaves out all its principals.",
        page=f"{_GUIDE}reference_policies_elements_notprincipal.html",
        is_about=_allows_all_but_account,
        example=_assuming({"Effect": "Allow", "NotPrincipal": {"AWS": NUMBER}}),
    ),
    Disagreement(
        "deny-by-half-an-exception",
        ours=(_DENIED, _CONDITIONAL),
        theirs=(_ALLOWED, _NONE),
        right=Right.CREDAUDIT,
        why="To except a principal from a Deny, its account must be named, too, and its session.",
        page=f"{_GUIDE}reference_policies_elements_notprincipal.html",
        is_about=_denies_by_half_an_exception,
        example=_assuming(_IN, {"Effect": "Deny", "NotPrincipal": {"AWS": ANN}}),
    ),
    Disagreement(
        "every-address",
        ours=tuple(Verdict),
        theirs=tuple(Verdict),
        right=Right.CREDAUDIT,
        why="0.0.0.0/0 is a CIDR block that holds every IPv4 address.",
        page=f"{_GUIDE}reference_policies_elements_condition_operators.html#Conditions_IPAddress",
        is_about=_tests_every_address,
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
        is_about=_tests_other_address_version,
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
        is_about=_negates_missing_variable,
        example=_assuming(
            _IN,
            _out_unless("StringNotEquals", "aws:PrincipalArn", "${aws:PrincipalTag/team}"),
        ),
    ),
    Disagreement(
        "excluded-missing-variable",
        ours=(_DENIED, _ALLOWED, _CONDITIONAL),
        theirs=(_NONE, _ALLOWED),
        right=Right.DOUBT,
        why="A NotResource with a variable without value excludes nothing, or voids its statement.",
        page=f"{_GUIDE}reference_policies_variables.html#policy-vars-no-value",
        is_about=_excludes_missing_variable,
        example=_asked(
            _ANN.inline("p", allow("*"), _excluding("arn:aws:s3:::${aws:PrincipalTag/team}")),
            "s3:ListBucket",
            "arn:aws:s3:::bucket",
        ),
    ),
    Disagreement(
        "variable-in-an-old-version",
        ours=tuple(Verdict),
        theirs=tuple(Verdict),
        right=Right.CREDAUDIT,
        why="Variables came with the version 2012-10-17; before, the text means itself.",
        page=f"{_GUIDE}reference_policies_variables.html",
        is_about=_has_variable_in_old_version,
        example=_asked(_OLD, "s3:ListBucket", "arn:aws:s3:::ann"),
    ),
    Disagreement(
        "arn-of-stars-without-a-resource",
        ours=(_CONDITIONAL, _NONE),
        theirs=(_ALLOWED, _NONE, _DENIED),
        right=Right.DOUBT,
        why="Policies name * for actions without resources; of arn:*:*:*:*:* no page tells.",
        page=f"{_REFERENCE}reference_policies_actions-resources-contextkeys.html",
        is_about=_means_star_by_arn,
        example=_asked(_ANN.may("*", on="arn:*:*:*:*:*"), "ec2:DescribeInstances", "*"),
    ),
    Disagreement(
        "star-for-an-arn",
        ours=tuple(Verdict),
        theirs=tuple(Verdict),
        right=Right.DOUBT,
        why="The page tells of patterns with six fields; we take a lone star for any ARN.",
        page=f"{_GUIDE}reference_policies_elements_condition_operators.html#Conditions_ARN",
        is_about=_compares_arn_with_star,
        example=_assuming(_IN, _out_unless("ArnLike", "aws:PrincipalArn", "*")),
    ),
)
