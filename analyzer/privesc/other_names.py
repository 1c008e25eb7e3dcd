"""In: a user's policies. Out: the names and paths to take on that policies tell apart.

A user that is renamed keeps its policies, groups and credentials, and trust policies that name it
follow; patterns of resources and condition keys do not. It takes iam:UpdateUser on both names.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html
"""

import itertools
import re
from collections.abc import Iterator

from analyzer.policy.arns import sample_arn
from analyzer.policy.conditions import Ternary
from analyzer.policy.evaluator import PolicyEvaluator
from analyzer.policy.layers import Verdict
from analyzer.policy.pattern_overlap import sample_resources
from analyzer.privesc.account_facts import AccountFacts

USER_NAME, ARN = "aws:username", "aws:principalarn"
UPDATE = "iam:UpdateUser"
_VARIABLE = "${aws:username}"
_BEFORE_NAME = 5
"""Colons in an ARN before what names the resource."""
_MOST = 32
"""So many names are tried; each one more costs a walk of its own."""


def other_names(
    evaluator: PolicyEvaluator, facts: AccountFacts, own: str
) -> Iterator[tuple[str, Ternary]]:
    """The ARNs that the user of that ARN could have instead, and whether it may take each."""
    found = dict.fromkeys(_candidates(evaluator, facts, own))
    free = (each for each in found if facts.owner_of_name(each) in (None, own) and each != own)
    for arn in itertools.islice(free, _MOST):
        match evaluator.decide(UPDATE, arn).verdict:
            case Verdict.ALLOWED:
                yield arn, Ternary.TRUE
            case Verdict.CONDITIONAL:
                yield arn, Ternary.UNKNOWN


def _candidates(evaluator: PolicyEvaluator, facts: AccountFacts, own: str) -> Iterator[str]:
    path, _, name = own.rpartition("/")
    start = own.partition(":user/")[0] + ":user/"
    for text in facts.compared_texts.get(ARN, ()):
        yield from filter(None, [sample_arn(text, f"{start}*")] if "${" not in text else [])
    names = [text for text in facts.compared_texts.get(USER_NAME, ()) if "${" not in text]
    fitting = _names_that_fit(evaluator, facts)
    for other in (*names, *fitting):
        yield sample_arn(f"{path}/{other}", f"{start}*") or own
    for sample in sample_resources(evaluator.statements, f"{start}*"):
        yield f"{sample.rpartition('/')[0]}/{name}"
        yield sample


def _names_that_fit(evaluator: PolicyEvaluator, facts: AccountFacts) -> Iterator[str]:
    """What a user would have to be called for patterns with its name to cover others."""
    last = (
        text.split(":", _BEFORE_NAME)[-1]
        for each in evaluator.statements
        for text in each.statement.resources
        if text.count(":") >= _BEFORE_NAME
    )
    arns = facts.authorizer.resources.arns
    for text in sorted({text for text in last if text.count(_VARIABLE) == 1}):
        before, after = (re.escape(part).replace(r"\*", ".*") for part in text.split(_VARIABLE))
        fits = re.compile(f"{before}([^/:]+){after}")
        found = (fits.fullmatch(arn.split(":", _BEFORE_NAME)[-1]) for arn in arns)
        yield from (met[1] for met in found if met is not None)
