"""iam-simulate as a witness from outside: the same questions, and each disagreement explained.

What the two say is compared on random accounts: policies of the asker and its groups, boundaries,
control policies, trust, resources of other accounts, keys, and what AWS decides by itself.
`disagreements.py` lists the kinds on which they differ, who is right, and why.
"""

from collections import Counter

import pytest
from hypothesis import settings

from analyzer.policy.authorizer import AccountAuthorizer, authorizer_for
from analyzer.policy.layers import Verdict
from tests.builders import AccountBuilder
from tests.policy.disagreements import DISAGREEMENTS, Disagreement, explaining
from tests.policy.question_material import ASKED
from tests.policy.random_questions import Question, random_questions
from tests.policy.simulations import simulated
from tests.policy.simulator import Simulator, running_simulator
from tests.policy.smaller_questions import described, smallest

pytestmark = pytest.mark.xdist_group("iam-simulate")
_OF_ONE_ACCOUNT = 4


@pytest.fixture(scope="module")
def simulator():
    """iam-simulate, running."""
    with running_simulator() as running:
        yield running


def judged(made: AccountBuilder) -> AccountAuthorizer:
    """What credaudit makes of the account."""
    return authorizer_for(made.account(), ASKED)


def verdict(question: Question, judged_account: AccountAuthorizer | None = None) -> Verdict:
    """What credaudit says."""
    found = judged_account or judged(question.account)
    policies = found.principals[question.who]
    return found.decide(policies, question.action, question.resource, None, question.keys).verdict


def is_unexplained(question: Question, simulator: Simulator) -> bool:
    """True if the two disagree, and no kind of disagreement tells why."""
    try:
        ours, theirs = verdict(question), simulated(simulator, question)
    except AssertionError:  # it can't be asked
        return False
    return ours is not theirs and not explaining(question, ours, theirs)


def test_every_disagreement_is_explained(simulator):
    """Hundreds of questions here, and ten times as many at night; the least one is shown."""
    said: Counter[str] = Counter()
    for seed in range(settings().max_examples):
        questions = random_questions(seed, _OF_ONE_ACCOUNT)
        found = judged(questions[0].account)
        for question in questions:
            ours, theirs = verdict(question, found), simulated(simulator, question)
            kinds = () if ours is theirs else explaining(question, ours, theirs)
            said.update([ours] if ours is theirs else [each.name for each in kinds])
            if ours is not theirs and not kinds:
                least = smallest(question, lambda each: is_unexplained(each, simulator))
                says = f"{verdict(least)}, iam-simulate: {simulated(simulator, least)}"
                pytest.fail(f"seed {seed}: credaudit says {says}\n{described(least)}")
    for each in Verdict:
        assert said[each] > said.total() / 20, said


@pytest.mark.parametrize("kind", DISAGREEMENTS, ids=lambda each: each.name)
def test_each_kind_of_disagreement_is_one(simulator, kind: Disagreement):
    """Its example divides the two, and this kind alone explains it."""
    ours, theirs = verdict(kind.example), simulated(simulator, kind.example)
    assert ours is not theirs
    assert explaining(kind.example, ours, theirs) == [kind]
