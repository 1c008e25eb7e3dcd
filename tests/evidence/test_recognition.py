"""In: documents and error texts. Out: the proof that each is recognised as what it answers."""

import pytest

from analyzer.evidence.artifacts import Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.evidence.recognition import FailedCall, count_entries, recognise
from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import ACCOUNT, artifact, faults, reading, report


def error(command: str, code: str, operation: str, message: str) -> str:
    """An error text as the collect script saves it: the command, then the CLI's words."""
    return (
        f"aws {command}\n\nAn error occurred ({code}) when calling the {operation} operation: "
        f"{message}\n"
    )


ANSWERS = {
    ExportKind.PASSWORD_POLICY: error(
        "iam get-account-password-policy",
        "NoSuchEntity",
        "GetAccountPasswordPolicy",
        f"The Password Policy with domain name {ACCOUNT} cannot be found.",
    ),
    ExportKind.LOGIN_PROFILES: error(
        "iam get-login-profile --user-name=ann",
        "NoSuchEntity",
        "GetLoginProfile",
        "Login Profile for User ann cannot be found.",
    ),
    ExportKind.ORGANIZATION: error(
        "organizations describe-organization",
        "AWSOrganizationsNotInUseException",
        "DescribeOrganization",
        "Your account is not a member of an organization.",
    ),
    ExportKind.ACCOUNT_CONTACTS: error(
        "account get-alternate-contact --alternate-contact-type SECURITY",
        "ResourceNotFoundException",
        "GetAlternateContact",
        "No contact of the inputted alternate contact type found.",
    ),
}
REFUSALS = {
    "denied": error(
        "iam get-account-password-policy",
        "AccessDenied",
        "GetAccountPasswordPolicy",
        f"User: arn:aws:iam::{ACCOUNT}:user/x is not authorized to perform: iam:Get",
    ),
    "throttled": error(
        "iam list-users", "Throttling", "ListUsers", "Rate exceeded"
    ).replace(" operation:", " operation (reached max retries: 4):"),
    "another call's NoSuchEntity": error(
        "iam get-user", "NoSuchEntity", "GetUser", "The user with name x cannot be found."
    ),
}  # fmt: skip


@pytest.mark.parametrize("bare", [False, True], ids=["with command", "message alone"])
@pytest.mark.parametrize("kind", ANSWERS)
def test_there_is_none_is_evidence(tmp_path, kind, bare):
    """Where AWS says that there is none, that is the export, with its words as a note."""
    text = ANSWERS[kind].partition("\n")[2] if bare else ANSWERS[kind]
    evidence = reading(tmp_path, {"x.error.txt": text, "report.csv": report()})
    (account,), _ = build_accounts(evidence)
    (node,) = account.documents_of_kind(kind)
    assert faults(evidence.problems) == ""
    assert kind in account.available_exports
    assert node.text("credaudit_error") in artifact(evidence, ".txt").notes[0].text


@pytest.mark.parametrize("text", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_no_evidence(tmp_path, text):
    """A call that was refused is kept as a failed call and answers nothing."""
    evidence = reading(tmp_path, {"x.error.txt": text, "report.csv": report()})
    (account,), _ = build_accounts(evidence)
    assert faults(evidence.problems) == ""
    assert artifact(evidence, ".txt").kind is ExportKind.FAILED_CALL
    assert account.available_exports == {ExportKind.CREDENTIAL_REPORT}


def test_the_message_names_the_account(tmp_path):
    """The text about a missing password policy holds the account, so it needs no neighbours."""
    evidence = reading(tmp_path, {"x.txt": ANSWERS[ExportKind.PASSWORD_POLICY]})
    assert evidence.artifacts[0].account == ACCOUNT


def document(value) -> JsonNode:
    """A document of that value."""
    return JsonNode(value, Location("E1"))


@pytest.mark.parametrize(
    ("keys", "kind"),
    [(keys, kind) for kind in ExportKind for keys in kind.traits.signatures],
    ids=str,
)
@pytest.mark.parametrize("spell", [str, str.lower], ids=["as AWS", "lower case"])
def test_the_keys_of_a_row_tell_its_kind(keys, kind, spell):
    """Whatever the spelling, and whatever other keys are beside them."""
    value = {"other": 1}
    for key in keys:
        outer, _, inner = key.partition("/")
        held = {spell(inner.split("|")[0]): {}} if inner else {}
        is_list = outer.endswith(("[]", "[+]"))
        name = spell(outer.removesuffix("[]").removesuffix("[+]"))
        earlier = value.get(name, [{}])[0] if is_list else {}
        value[name] = [earlier | held] if is_list else held
    assert recognise(document(value)) is kind


@pytest.mark.parametrize(
    "value",
    [{}, [], "x", {"UserId": "A"}, {"Policies": []}, {"Policy": {"Arn": "x"}}, {"Policy": None}],
    ids=str,
)
def test_a_part_of_the_keys_tells_nothing(value):
    """IAM's get-policy answers with a Policy as Organizations does, but without a summary."""
    assert recognise(document(value)) is ExportKind.UNRECOGNISED


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ({"SummaryMap": {"Users": 1}}, 1),
        ({"AccountAliases": []}, 0),
        ({"UserDetailList": [1, 2], "Policies": [3], "Other": [4, 5]}, 3),
        ({"Policies": {"Arn": "x"}}, 1),
    ],
    ids=str,
)
def test_the_entries_of_known_lists_are_counted(value, count):
    """All lists together, each once; an answer that is no list is one thing."""
    assert count_entries(document(value)) == count


@pytest.mark.parametrize("kind", ExportKind)
def test_an_error_that_is_an_answer_has_the_kind_of_the_answer(kind):
    """Operation and code together say so; the code alone does not."""
    for operation, code in kind.traits.answers:
        assert FailedCall(operation, code, "").kind is kind
        assert FailedCall("ListUsers", code, "").kind is ExportKind.FAILED_CALL
