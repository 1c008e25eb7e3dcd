"""In: the export script. Out: proof that its calls are AWS's and the rights exact."""

import json

import boto3
import botocore.session
import pytest
from botocore import xform_name
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.server import ThreadedMotoServer

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.policy.actions import action_index
from analyzer.policy.documents import DocumentCache
from analyzer.writers.collect_rights import (
    needed_actions,
    rights_policy,
    role_template,
    script_calls,
)
from analyzer.writers.collect_script import collect_script
from tests.writers.collect_material import Run, collect

WHOLE = collect_script(extended=True, organization="credaudit")
CLI_NAMES = {"s3api": "s3"}
OF_THE_CLI = {"--output", "--query", "--region", "--cli-connect-timeout", "--cli-read-timeout"}
CUT_AND_SAID = {
    "get-service-last-accessed-details",
    "list-identity-pools",
    "list-service-specific-credentials",
}
"""What has pages that the CLI doesn't turn, or a size of page that AWS demands."""


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    """A run in which every branch is taken, in an organization."""
    folder = tmp_path_factory.mktemp("rights")
    return collect(folder, collect_script(extended=True, organization="credaudit"))


def options_of(arguments: list[str]) -> dict[str, str]:
    """The options of a call and what they say, without those that every call of the CLI has."""
    found = {}
    words = iter(arguments[2:])
    for word in words:
        name, has_value, value = word.partition("=")
        if not has_value:
            following = arguments[arguments.index(word) + 1 :][:1]
            value = following[0] if following and not following[0].startswith("--") else ""
        if name.startswith("--") and name not in OF_THE_CLI:
            found[name] = value
    return found


def test_every_call_is_one_of_aws(run):
    """Service, operation and parameters are AWS's, all that it demands is given, enums are its own.

    https://github.com/boto/botocore: the models from which the AWS CLI makes its commands.
    """
    session = botocore.session.get_session()
    seen = set()
    for call in run.asked:
        service, operation = call["arguments"][:2]
        if service == "configure":
            continue
        seen.add((service, operation))
        model = session.get_service_model(CLI_NAMES.get(service, service))
        names = {xform_name(each, "-"): each for each in model.operation_names}
        shape = model.operation_model(names[operation]).input_shape
        members = {f"--{xform_name(each, '-')}": each for each in shape.members} if shape else {}
        given = options_of(call["arguments"])
        # Booleans that the CLI turns into flags have no value.
        unknown = given.keys() - members.keys()
        assert unknown <= {"--max-items"}, (operation, unknown)
        required = set(shape.required_members) if shape else set()
        assert required <= {members[each] for each in given if each in members}, operation
        for option, value in given.items():
            allowed = getattr(shape.members.get(members.get(option, "")), "enum", None)
            assert not allowed or value in allowed, (operation, option, value)
    assert seen == set(script_calls(WHOLE))


def test_lists_that_come_in_pages_are_read_to_their_end(run):
    """The CLI pages by itself where botocore knows how; whatever else has pages is named here."""
    session = botocore.session.get_session()
    for service, operation in script_calls(WHOLE):
        model = session.get_service_model(CLI_NAMES.get(service, service))
        names = {xform_name(each, "-"): each for each in model.operation_names}
        shape = model.operation_model(names[operation]).output_shape
        has_pages = any(name.lower() in {"nexttoken", "marker", "istruncated"}
                        for name in (shape.members if shape else ()))  # fmt: skip
        pages = session.get_paginator_model(CLI_NAMES.get(service, service))
        if has_pages and operation not in CUT_AND_SAID:
            try:
                assert pages.get_paginator(names[operation])
            except ValueError:
                pytest.fail(f"{service} {operation} has pages that nobody turns")


def test_the_policy_is_the_calls_and_nothing_else():
    """Each action is in AWS's list, spelled so and no wildcard; each call has its action."""
    index = action_index()
    actions = needed_actions(WHOLE)
    assert all(index.knows(each) and "*" not in each for each in actions)
    assert all(list(index.named(index.bits(each))) == [each] for each in actions)
    (reads, enters) = rights_policy(WHOLE, "credaudit")["Statement"]
    assert {*reads["Action"], *enters["Action"]} == set(actions)
    assert enters["Resource"] == "arn:*:iam::*:role/credaudit"
    assert len(actions) == len({named(*call) for call in script_calls(WHOLE)})


def named(service: str, operation: str) -> str:
    """One name for calls that one right allows."""
    return f"{service} {operation}".removesuffix("-v2")


def test_a_smaller_script_needs_less():
    """Without --extended nothing of it is asked for, and without an organization no role."""
    plain = needed_actions(collect_script())
    assert set(plain) < set(needed_actions(WHOLE))
    assert not any(each.startswith(("s3:", "kms:", "lambda:", "ecs:")) for each in plain)
    assert "sts:AssumeRole" not in plain


def listed(actions: str | list[str]) -> list[str]:
    """The actions of a statement, which may write one by itself."""
    return [actions] if isinstance(actions, str) else actions


def test_the_head_names_every_right_and_marks_what_security_audit_lacks():
    """A star stands at what moto's copy of the managed policy doesn't allow, and nowhere else."""
    managed = json.loads(aws_managed_policies_data)["SecurityAudit"]["Document"]["Statement"]
    index = action_index()
    allowed = 0
    for pattern in (each for statement in managed for each in listed(statement["Action"])):
        allowed |= index.bits(pattern)
    head = WHOLE.partition("set -u")[0].replace("\n#", "")
    for action in needed_actions(WHOLE):
        name = action.partition(":")[2]
        is_marked = f" {name}*" in head
        assert is_marked or f" {name}," in head or f" {name} " in head
        if action != "sts:GetCallerIdentity":  # which needs no right
            assert is_marked is not bool(allowed & index.bit(action)), action


def test_the_policy_reads_as_one_by_our_own_parser():
    """Both statements can be read, and they are short enough for an inline policy of a role."""
    policy = rights_policy(WHOLE, "credaudit")
    document = DocumentCache(action_index()).document(JsonNode(policy, Location("E1")))
    assert [each.unread for each in document.statements] == ["", ""]
    assert len(json.dumps(policy, separators=(",", ":"))) < 10_240


@pytest.fixture(scope="module")
def cloudformation():
    """A client of CloudFormation, and of IAM, against moto in this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    common = {
        "endpoint_url": f"http://{host}:{port}",
        "region_name": "us-east-1",
        "aws_access_key_id": "testing",
        "aws_secret_access_key": "testing",
    }
    yield boto3.client("cloudformation", **common), boto3.client("iam", **common)
    server.stop()


def test_the_template_makes_the_role(cloudformation):
    """CloudFormation takes it; the role trusts the named auditor alone and may read, not enter."""
    stacks, iam = cloudformation
    auditor = "arn:aws:iam::111122223333:role/audit"
    parameters = {"AuditAccount": "111122223333", "Auditor": auditor}
    stacks.create_stack(
        StackName="credaudit",
        TemplateBody=role_template(collect_script(), "credaudit"),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
    )
    role = iam.get_role(RoleName="credaudit")["Role"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert trust["Condition"] == {"ArnLike": {"aws:PrincipalArn": auditor}}
    (name,) = iam.list_role_policies(RoleName="credaudit")["PolicyNames"]
    assert name == "credaudit"


def test_the_role_may_read_and_not_enter():
    """Its own rights are those of the script in one account."""
    template = json.loads(role_template(collect_script(), "credaudit"))
    (granted,) = template["Resources"]["Role"]["Properties"]["Policies"]
    assert granted["PolicyDocument"] == rights_policy(collect_script())
    assert "sts:AssumeRole" not in json.dumps(granted)


def test_the_script_prints_that_template(tmp_path):
    """With --role-template it asks AWS nothing."""
    printed = collect(tmp_path, WHOLE, "--role-template")
    assert printed.asked == ()
    plain = collect_script(extended=True)
    assert json.loads(printed.printed) == json.loads(role_template(plain, "credaudit"))
