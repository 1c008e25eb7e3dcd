"""In: a question. Out: what it is about, as far as two evaluators may differ on that.

Each trait reads as a claim about the question, and its docstring as the claim.
"""

from collections.abc import Iterator
from typing import Any

from tests.policy.question_material import ANN, APP, FOREIGN, IAM, LINKED, NUMBER, OPS
from tests.policy.random_questions import Question
from tests.policy.simulations import context, controls, policies_over


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


def is_assuming(question: Question) -> bool:
    """It asks for the role of the account whose trust policy is known."""
    return (question.action, question.resource) == ("sts:AssumeRole", APP)


def asks_for_session_token(question: Question) -> bool:
    """A user asks for a session of its own."""
    return question.action == "sts:GetSessionToken" and question.who == ANN


def passes_role_by_its_tags(question: Question) -> bool:
    """It passes a role, and a policy tests the role's tags."""
    tested = (key.lower() for _, key, _ in _tests(question))
    return question.action == "iam:PassRole" and any("resourcetag/" in key for key in tested)


def changes_linked_role(question: Question) -> bool:
    """It changes a role that belongs to a service."""
    return (question.action, question.resource) == ("iam:AttachRolePolicy", LINKED)


def changes_alias_of_aws(question: Question) -> bool:
    """It changes an alias of a key that AWS manages."""
    return question.action == "kms:DeleteAlias" and ":alias/aws/" in question.resource


def changes_alias_of_a_key(question: Question) -> bool:
    """It changes an alias of a key of the account's own."""
    return question.action == "kms:DeleteAlias" and ":alias/own" in question.resource


def comes_by_a_session_that_a_service_names(question: Question) -> bool:
    """A trust policy names a session of the asker, a role that a service alone takes."""
    is_given = any(
        each["Arn"] == OPS and "Service" in str(each["AssumeRolePolicyDocument"])
        for each in question.account.details["RoleDetailList"]
    )
    named = (each for each in _trust(question, "Allow", "Principal"))
    by_session = any(":assumed-role/ops/" in name for each in named for name in each)
    return is_assuming(question) and question.who == OPS and is_given and by_session


def stands_under_resource_policies_of_a_newer_service(question: Question) -> bool:
    """It works on a table of DynamoDB's, and a resource control policy speaks of these."""
    levels = controls(question, "RESOURCE_CONTROL_POLICY")
    return question.action.startswith("dynamodb:") and "dynamodb:" in str(list(levels))


def manages_another_account(question: Question) -> bool:
    """It works on the IAM of another account."""
    return question.action.startswith("iam:") and f":{FOREIGN}:" in question.resource


def names_bounded_user(question: Question) -> bool:
    """A trust policy names a user that stands under a boundary."""
    has_boundary = any(name == "boundary" for name, _ in policies_over(question))
    is_named = any(question.who in each for each in _trust(question, "Allow", "Principal"))
    return is_assuming(question) and question.who == ANN and has_boundary and is_named


def _names_account(named: list[str]) -> bool:
    return bool({NUMBER, f"{IAM}root"} & set(named))


def allows_all_but_account(question: Question) -> bool:
    """A trust policy lets in everybody but the asker's account, which it names as a whole."""
    excepted = _trust(question, "Allow", "NotPrincipal")
    return is_assuming(question) and any(
        _names_account(each) and question.who not in each for each in excepted
    )


def denies_by_half_an_exception(question: Question) -> bool:
    """Some of the asker, its session and its account are excepted from a Deny, and not all."""

    def is_half(named: list[str]) -> bool:
        is_role = question.who == OPS
        has_session = not is_role or any(":assumed-role/ops/" in each for each in named)
        wanted = (_names_account(named), question.who in named, has_session)
        has_some = any((*wanted[:2], has_session and is_role))
        return has_some and not all(wanted)

    return is_assuming(question) and any(map(is_half, _trust(question, "Deny", "NotPrincipal")))


def tests_every_address(question: Question) -> bool:
    """A request from an IPv4 address, and a test of the block of all of them."""
    is_old = "." in context(question).get("aws:SourceIp", "")
    return is_old and any(
        "IpAddress" in operator and "0.0.0.0/0" in values
        for operator, _, values in _tests(question)
    )


def tests_other_address_version(question: Question) -> bool:
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


def negates_missing_variable(question: Question) -> bool:
    """A negated test of a key that is there, against a variable that is not."""
    carried = context(question)
    return any(
        "Not" in operator and key in carried and any(_lacks_variable(v, carried) for v in values)
        for operator, key, values in _tests(question)
    )


def excludes_missing_variable(question: Question) -> bool:
    """A NotResource with a variable that the request lacks."""
    carried = context(question)
    return any(
        _lacks_variable(each, carried)
        for statement in _statements(question)
        for each in _listed(statement.get("NotResource", []))
    )


def has_variable_in_old_version(question: Question) -> bool:
    """A policy of another version than 2012-10-17 has a variable."""
    return any(
        text["Version"] != "2012-10-17" and "${" in str(text) for text in _documents(question)
    )


def means_star_by_arn(question: Question) -> bool:
    """A statement on the ARN made of stars, and an action without resources."""
    return question.resource == "*" and any(
        each == "arn:*:*:*:*:*"
        for statement in _statements(question)
        for member in ("Resource", "NotResource")
        for each in _listed(statement.get(member, []))
    )


def compares_arn_with_star(question: Question) -> bool:
    """A test of an ARN that is there, against a lone star."""
    carried = context(question)
    return any(
        operator.startswith("Arn") and key in carried and "*" in values
        for operator, key, values in _tests(question)
    )


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
