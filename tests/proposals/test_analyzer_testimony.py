"""What Access Analyzer's details and recommendations say of use."""

import json

import pytest

from tests.builders import account, allow, policy_text
from tests.proposals.uses import asked, kept, use_of

ANN = account().user("ann")
DETAILS = [
    {"unusedPermissionDetails": {"serviceNamespace": "sqs"}},
    {
        "unusedPermissionDetails": {
            "serviceNamespace": "s3",
            "actions": [{"action": "DeleteBucket"}],
        }
    },
]


def found(case, *, status="ACTIVE", age=90, analyzed=1):
    """The account with an analyzer's finding on ann, by such a period."""
    unused = {} if age is None else {"unusedAccess": {"unusedAccessAge": age}}
    analyzer = {"arn": case.arn("analyzer/a"), "type": "ACCOUNT_UNUSED_ACCESS"}
    made = case.export("analyzers.json", {"analyzers": [analyzer | {"configuration": unused}]})
    finding = {
        "id": "1",
        "resource": case.arn("user/ann"),
        "resourceType": "AWS::IAM::User",
        "status": status,
        "findingType": "UnusedPermission",
        "analyzedAt": case.when(analyzed),
        "createdAt": case.when(5),
        "updatedAt": case.when(1),
        "findingDetails": DETAILS,
    }
    return made.export("finding.json", finding)


def test_a_finding_names_unused_services_and_actions():
    """Everything else stays."""
    actions = ("sqs:SendMessage", "s3:DeleteBucket", "s3:GetObject", "ec2:RunInstances")
    assert kept(found(ANN), "user/ann", *actions) == ["s3:GetObject", "ec2:RunInstances"]


@pytest.mark.parametrize(
    ("age", "reason"), [(30, "looks back 30 days"), (None, "how long the analyzer looks back")]
)
def test_an_analyzer_of_a_shorter_period_judges_nobody(age, reason):
    """Nor does one whose period is not known."""
    assert reason in use_of(found(ANN, age=age), "user/ann").reason


def test_a_finding_that_is_settled_says_nothing():
    """It is of an earlier state."""
    case = found(ANN, status="RESOLVED")
    assert use_of(case, "user/ann").reason == "no export tells what its holder used"


@pytest.mark.parametrize("analyzed", [91, -400])
def test_a_finding_of_long_ago_or_of_the_future_gives_no_period_away(analyzed):
    """The old one says nothing of today; the other does not make a young user old."""
    young = account().user("ann", created=80)
    case = found(ANN if analyzed > 0 else young, analyzed=analyzed)
    assert use_of(case, "user/ann").reason == "no export tells what its holder used"


def test_what_another_answer_saw_used_is_not_unused():
    """The finding is older than the use."""
    case = asked(found(ANN), "user/ann", {"sqs": 1, "s3": {"DeleteBucket": 2}})
    actions = ("sqs:SendMessage", "s3:DeleteBucket")
    assert kept(case, "user/ann", *actions) == list(actions)


def test_what_aws_would_keep_stays():
    """A recommendation is a witness, though it judges nobody by itself."""
    answer = {
        "startedAt": ANN.when(1),
        "resourceArn": ANN.arn("user/ann"),
        "recommendationType": "UnusedPermissionRecommendation",
        "status": "SUCCEEDED",
        "recommendedSteps": [
            {
                "unusedPermissionsRecommendedStep": {
                    "recommendedAction": "CREATE_POLICY",
                    "recommendedPolicy": json.dumps(policy_text(allow("sqs:SendMessage"))),
                }
            }
        ],
    }
    alone = ANN.export("recommendation.json", answer)
    assert use_of(alone, "user/ann").reason
    case = found(ANN).export("recommendation.json", answer)
    assert kept(case, "user/ann", "sqs:SendMessage", "sqs:DeleteQueue") == ["sqs:SendMessage"]
