"""All that was used is still allowed, and nothing is allowed that was not before."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.layers import Verdict
from analyzer.proposals.policies import NewText
from analyzer.proposals.trimmed_account import faults_of, trim_account, without_faults
from tests.builders import account, allow, deny, policy_text
from tests.hypothesis_profiles import examples
from tests.proposals.uses import asked, event, logged, proposed

SHARED = "arn:aws:iam::111122223333:policy/shared"
STATEMENTS = (
    allow("*"),
    allow("s3:*", on=["arn:aws:s3:::a", "arn:aws:s3:::a/*"]),
    allow("ec2:Run*", "ec2:*Vpc*", "kms:*"),
    allow("ec2:StartInstances", when={"StringEquals": {"aws:PrincipalTag/team": "x"}}),
    allow("ec2:*", when={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    {"Effect": "Allow", "NotAction": ["iam:*", "s3:Delete*"], "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::secret/*"},
    deny("ec2:DeleteVpc"),
    deny("s3:*", on="arn:aws:s3:::a/private/*"),
    {"Effect": "Deny", "NotAction": ["s3:*", "ec2:*"], "Resource": "*"},
    allow("iam:*User*", "iam:PassRole"),
)
ACTIONS = {
    "s3:GetObject": "arn:aws:s3:::a/x",
    "s3:PutObject": "arn:aws:s3:::a/private/x",
    "s3:DeleteObject": "arn:aws:s3:::secret/x",
    "ec2:RunInstances": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
    "ec2:StartInstances": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
    "ec2:DeleteVpc": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1",
    "ec2:DescribeVpcs": "*",
    "kms:CreateKey": "*",
    "iam:CreateUser": "arn:aws:iam::111122223333:user/new",
    "iam:PassRole": "arn:aws:iam::111122223333:role/r",
    "glue:GetTable": "*",
}
SERVICES = sorted({each.partition(":")[0] for each in ACTIONS})
some = st.sets(st.integers(0, len(STATEMENTS) - 1), max_size=4).map(sorted)
used = st.sets(st.sampled_from(sorted(ACTIONS)), max_size=4).map(sorted)
holders = st.lists(st.tuples(some, used, st.booleans(), st.booleans()), min_size=1, max_size=3)


def tracked(names):
    """AWS's answer: each service with its tracked actions, the used ones with a time."""
    return {
        service: {
            each.partition(":")[2]: 5 if each in names else None
            for each in ACTIONS
            if each.startswith(f"{service}:") and each != "iam:PassRole"
        }
        for service in SERVICES
    }


def built(people, shared, by_trail):
    """Users a, b, c with these statements inline and perhaps through a policy and a group."""
    case = account().empty_group("g").inline("of-g", *(STATEMENTS[each] for each in shared[:1]))
    attachments = sum(1 for _, _, holds, _ in people if holds)
    for number, (statements, _, holds, joins) in enumerate(people):
        case = case.user("abc"[number]).tag("team", "x")
        case = case.inline("p", *(STATEMENTS[each] for each in statements)) if statements else case
        case = case.attached(SHARED) if holds and shared else case
        case = case.group("g") if joins else case
    if shared and attachments:
        texts = (STATEMENTS[each] for each in shared)
        case = case.policy("shared", *texts, attachments=attachments)
    events = []
    for number, (_, names, _, _) in enumerate(people):
        who = f"user/{'abc'[number]}"
        if by_trail:
            events += [event(case, who, each) for each in names if each != "iam:PassRole"]
        else:
            case = asked(case, who, tracked(names))
    return logged(case, *events) if by_trail else case


def verdicts(state):
    """What the evaluator says of each action, for each user."""
    authorizer = authorizer_for(state, ACTIONS)
    return {
        (arn.rpartition("/")[2], action): authorizer.decide(policies, action, resource).verdict
        for arn, policies in authorizer.principals.items()
        for action, resource in ACTIONS.items()
    }


@examples(0.15)
@given(holders, some, st.booleans())
def test_a_proposed_policy_allows_what_was_used_and_nothing_more(people, shared, by_trail):
    """Whatever people hold, directly or together, and whichever evidence tells what they used."""
    case = built(people, shared, by_trail)
    before = case.account()
    proposal = proposed(case)
    assert faults_of(authorizer_for(before), proposal) == {}
    old, new = verdicts(before), verdicts(trim_account(before, proposal.policies))
    for number, (_, names, _, _) in enumerate(people):
        for action in ACTIONS:
            who = "abc"[number], action
            assert new[who].rank >= old[who].rank or old[who] is Verdict.DENIED
            if action in names or action == "iam:PassRole":
                assert new[who] is old[who]


def test_a_text_that_allows_more_is_noticed_and_withheld():
    """The proof would fail if the proposal were wrong."""
    case = asked(account().user("ann").may("s3:*", "sqs:*"), "user/ann", {"s3": 1, "sqs": None})
    proposal = proposed(case)
    wrong = with_text(proposal, policy_text(allow("s3:*", "ec2:RunInstances")))
    faults = faults_of(authorizer_for(case.account()), wrong)
    assert faults == {case.arn("user/ann"): ["would gain ec2:RunInstances"]}
    assert without_faults(wrong, faults).policies == ()


def test_a_text_that_lacks_what_was_used_is_noticed():
    """By the service, and on the resources of an action that a witness names."""
    case = account().user("ann").may("iam:GetUser", "iam:CreateUser", "sqs:*")
    case = asked(case, "user/ann", {"iam": {"GetUser": 1}, "sqs": None})
    proposal, ann = proposed(case), case.arn("user/ann")
    authorizer = authorizer_for(case.account())
    less = with_text(proposal, policy_text(allow("iam:CreateUser")))
    assert faults_of(authorizer, less) == {ann: ["would lose iam:GetUser, which it used"]}
    narrow = with_text(proposal, policy_text(allow("iam:GetUser", "iam:CreateUser", on="arn:x")))
    assert "iam:GetUser as before" in " ".join(faults_of(authorizer, narrow)[ann])


def test_a_text_on_other_resources_is_noticed():
    """The action is the old one, and the user another."""
    case = account().user("bob").user("ann")
    case = case.may("iam:GetUser", "sqs:*", on=case.arn("user/ann"))
    case = asked(case, "user/ann", {"iam": 1, "sqs": None})
    wide = with_text(proposed(case), policy_text(allow("iam:GetUser")))
    [faults] = faults_of(authorizer_for(case.account()), wide).values()
    assert "would reach more with iam:GetUser" in faults


def with_text(proposal, document):
    """The proposal with that text in its only policy."""
    [policy] = proposal.policies
    texts = (NewText(policy.texts[0].name, document),)
    return replace(proposal, policies=(replace(policy, texts=texts),))
