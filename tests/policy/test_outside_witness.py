"""moto's own evaluator as a witness from outside, for the part of the language that it speaks.

It is never asked about what it reads otherwise than AWS does:

* Condition: moto takes an unmet condition for a Deny, while in AWS the statement is then silent.
* NotResource: moto does not know it and takes the statement, even a Deny, for a full grant.
* `?`: moto hands it to a regular expression, where it makes the character before it optional.
* Other case in an action: moto compares as written, while in AWS actions have no case.
* Policy variables: moto leaves them as text, whose braces then mean something else.
* A wildcard in the first five fields of an ARN: moto lets it run on over the colons.
* An unfinished ARN: moto takes it as it stands, while AWS puts `*` into the missing fields.
* Dots and other signs of regular expressions: moto does not escape them.
* Boundaries and unknown texts: moto looks at one policy at a time.
"""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from moto.iam.access_control import IAMPolicy, PermissionResult

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.layers import Verdict
from analyzer.policy.request_context import EntryPoint
from tests.builders import account
from tests.hypothesis_profiles import examples

IAM = "arn:aws:iam::111122223333:"
ANN = f"{IAM}user/ann"
REQUESTS = (
    ("s3:GetObject", "arn:aws:s3:::bucket/ann/photo"),
    ("s3:PutObject", "arn:aws:s3:::bucket/x:y"),
    ("iam:CreateAccessKey", ANN),
    ("iam:PassRole", f"{IAM}role/app"),
    ("foo:NewAction", "arn:aws:foo:eu-west-1:111122223333:thing/ann"),
)
ACTIONS = (
    *("*", "s3:*", "s3:Get*", "s3:*Object", "iam:*", "iam:*AccessKey", "iam:Pass*", "foo:*"),
    *(action for action, _ in REQUESTS),
)
RESOURCES = (
    *("*", "arn:aws:s3:::*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::*/ann/*", "arn:aws:s3:::*:y"),
    *(f"{IAM}user/*", f"{IAM}*", f"{IAM}*/ann", f"{IAM}role/a*p", "arn:aws:s3:::BUCKET/*"),
    *(resource for _, resource in REQUESTS),
)
SPELLED = {
    Verdict.ALLOWED: PermissionResult.PERMITTED,
    Verdict.DENIED: PermissionResult.DENIED,
    Verdict.NONE: PermissionResult.NEUTRAL,
}


def some(values: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """One of them, or a list of a few."""
    return st.sampled_from(values) | st.lists(st.sampled_from(values), min_size=1, max_size=3)


STATEMENTS = st.builds(
    lambda effect, named, actions, on: {"Effect": effect, named: actions, "Resource": on},
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(["Action", "Action", "NotAction"]),
    some(ACTIONS),
    some(RESOURCES),
)
DOCUMENTS = st.lists(STATEMENTS, min_size=1, max_size=4).map(
    lambda statements: {"Version": "2012-10-17", "Statement": statements}
)


def witness(policies: list[dict[str, Any]], action: str, resource: str) -> PermissionResult:
    """What moto says of each policy, put together: a Deny first, then an Allow."""
    said = {IAMPolicy(json.dumps(each)).is_action_permitted(action, resource) for each in policies}
    order = (PermissionResult.DENIED, PermissionResult.PERMITTED, PermissionResult.NEUTRAL)
    return next(each for each in order if each in said)


@examples(0.5)
@given(st.lists(DOCUMENTS, min_size=1, max_size=3))
def test_the_witness_says_the_same(policies: list[dict[str, Any]]) -> None:
    """Allow, Deny, NotAction and wildcards, over several inline policies."""
    held = [{"PolicyName": f"p{n}", "PolicyDocument": each} for n, each in enumerate(policies)]
    case = account().user("ann").key().member(UserPolicyList=held)
    found = authorizer_for(case.account(), [action for action, _ in REQUESTS])
    for action, resource in REQUESTS:
        said = found.decide(found.principals[ANN], action, resource, EntryPoint.LEAKED_KEY)
        assert SPELLED[said.verdict] is witness(policies, action, resource), (action, resource)
