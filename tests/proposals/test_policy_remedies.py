"""The policy that would be enough, as the fix of a finding of rights that are too wide."""

import json

import pytest

from analyzer.proposals.policy_remedies import policy_remedies
from tests.builders import account, allow
from tests.proposals.uses import asked, proposed

SHARED = "arn:aws:iam::111122223333:policy/shared"


def fixes(case):
    """The actions of the proposed policy for each rule that gets one."""
    findings = [each for result in case.judged_all().values() for each in result.findings]
    found = policy_remedies(proposed(case).policies, findings)
    return {
        each.rule: [one["Action"] for one in json.loads(found[each.fingerprint])["Statement"]]
        for each in findings
        if each.fingerprint in found
    }


def test_an_administrator_gets_what_it_used():
    """And so do the findings on its unused services and on the policy itself."""
    case = account().role("ci").inline("all", allow("*"))
    case = asked(case, "role/ci", {"s3": {"GetBucketAcl": 1}, "sqs": None, "iam": None})
    found = fixes(case)
    assert "role-effective-admin" in found
    assert found["granted-services-unused"] == found["role-effective-admin"]
    assert found["role-effective-admin"][0][0] == "iam:PassRole"


def test_a_policy_with_a_whole_service_gets_its_actions():
    """Where these are known."""
    case = account().user("ann").attached(SHARED).policy("shared", allow("sqs:*"))
    tracked = dict.fromkeys((name for name in ("CreateQueue", "DeleteQueue")), None)
    case = asked(case, "user/ann", {"sqs": tracked | {"GetQueueUrl": 1}})
    [actions] = fixes(case)["policy-service-wildcard"]
    assert "sqs:GetQueueUrl" in actions
    assert "sqs:CreateQueue" not in actions


def test_a_text_that_is_still_wide_is_no_fix_of_that():
    """The service was used, and nobody knows what of it."""
    case = account().user("ann").attached(SHARED).policy("shared", allow("sqs:*", "s3:*"))
    case = asked(case, "user/ann", {"sqs": 1, "s3": None})
    found = fixes(case)
    assert "policy-service-wildcard" not in found
    assert found["granted-services-unused"] == [["sqs:*"]]


@pytest.mark.parametrize("services", [None, {"sqs": 1, "s3": 1}])
def test_without_proof_of_disuse_there_is_no_fix(services):
    """No evidence, or nothing that could go."""
    case = account().user("ann").may("s3:*", "sqs:*")
    case = asked(case, "user/ann", services) if services else case
    assert fixes(case) == {}


def test_of_several_policies_none_is_the_fix():
    """One document can't stand for two; `propose policies` tells both."""
    case = account().user("ann").may("s3:*", "sqs:*").may("ec2:*", "kms:*")
    case = asked(case, "user/ann", {"s3": 1, "sqs": None, "ec2": 1, "kms": None})
    assert fixes(case) == {}
