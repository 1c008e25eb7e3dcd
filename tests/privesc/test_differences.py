"""What a change can make a difference to: everything else is the same as before it."""

import pytest
from hypothesis import HealthCheck, given

from analyzer.evidence.artifacts import Location
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.request_context import entry_points_of
from analyzer.privesc import edges
from analyzer.privesc.account_facts import account_facts
from analyzer.privesc.catalogue import Gain, Target, load_paths
from analyzer.privesc.changed_actors import changed_actor, with_policy, without_boundary
from analyzer.privesc.differences import EVERY_DIFFERENCE, difference
from analyzer.privesc.graph import escalation_graph
from analyzer.privesc.requirements import Actor
from tests.builders import account, allow, deny
from tests.hypothesis_profiles import examples
from tests.privesc.random_rights import accounts

IAM = "arn:aws:iam::111122223333:"
ANN, CAP, MINE = f"{IAM}user/ann", f"{IAM}policy/cap", f"{IAM}policy/mine"
ACTIONS = [action for path in load_paths() for action in path.actions]
LAW = examples(0.08, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def actor(case, arn=ANN):
    """The principal as the export has it."""
    authorizer = authorizer_for(case.account(), ACTIONS)
    policies = authorizer.principals[arn]
    entry_point = entry_points_of(policies.principal)[0]
    evaluator = authorizer.evaluator(policies, entry_point)
    return Actor(account_facts(authorizer), policies, entry_point, evaluator)


def touches(found, before, *actions):
    """Whether each action is among those whose requests can be decided otherwise."""
    table = before.facts.authorizer.actions
    return [bool(found.actions & table.bit(each)) for each in actions]


def given_policy(before, name):
    """The actor with that managed policy of the account's besides."""
    store = before.facts.authorizer.store
    held = store.managed(f"{IAM}policy/{name}", Location(""))
    assert held is not None
    return with_policy(before, held)


def outcomes(graph):
    """How far everybody gets, and in how many steps."""
    return {arn: (each.level, len(each.route)) for arn, each in graph.privileges.items()}


@LAW
@given(accounts())
def test_to_ask_every_path_again_finds_nothing_more(case):
    """What is left out has the same answer before and after the change."""
    with pytest.MonkeyPatch.context() as patch:
        # Three in a row take minutes where every path is asked of each.
        patch.setattr(edges, "MOST_CHANGES", 2)
        found = outcomes(escalation_graph(case.account()))
        patch.setattr(edges, "difference", lambda *_: EVERY_DIFFERENCE)
        assert outcomes(escalation_graph(case.account())) == found


def test_a_policy_more_touches_what_it_allows_and_nothing_else():
    """Whatever else she may is decided as before."""
    case = account().policy("mine", allow("lambda:CreateFunction"))
    before = actor(case.user("ann").key().may("iam:PassRole"))
    found = difference(before, given_policy(before, "mine"))
    asked = "lambda:CreateFunction", "lambda:InvokeFunction", "iam:PassRole"
    assert touches(found, before, *asked) == [True, False, False]


def test_the_same_words_once_more_touch_nothing():
    """Two equal statements of one layer say no more than one."""
    guard = deny("iam:*", when={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
    case = account().policy("mine", guard)
    before = actor(case.user("ann").key().may("iam:*").inline("guard", guard))
    assert difference(before, given_policy(before, "mine")).actions == 0


def test_a_statement_about_other_services_leaves_those_of_iam_alone():
    """All actions on buckets are none on roles."""
    before = actor(account().policy("mine", allow("*", on="arn:aws:s3:::*")).user("ann").key())
    found = difference(before, given_policy(before, "mine"))
    assert touches(found, before, "iam:PassRole", "lambda:CreateFunction") == [False, True]


@pytest.mark.parametrize(
    ("cap", "held_back"),
    [
        (allow("iam:*"), [False, True]),
        (allow("iam:*", on=ANN), [True, True]),
        (allow("iam:*", when={"Bool": {"aws:SecureTransport": "true"}}), [True, True]),
    ],
    ids=["whole", "on-one", "under-a-condition"],
)
def test_without_a_boundary_what_it_let_through_whole_is_as_before(cap, held_back):
    """And a grant of everything gives more than before, so those paths are asked again."""
    case = account().policy("cap", cap).user("ann").key().may("*").boundary(CAP)
    before = actor(case)
    (after,) = without_boundary(before)
    found = difference(before, after)
    assert touches(found, before, "iam:PassRole", "lambda:CreateFunction") == held_back
    assert Gain.ADMIN in found.gains
    assert Target.OWN_BOUNDARY in found.targets


def test_a_key_of_its_own_touches_what_asks_for_it():
    """Her tag opens one statement, and no trust policy looks at it."""
    tag = "aws:PrincipalTag/team"
    opened = allow("iam:PassRole", when={"StringEquals": {tag: "red"}})
    before = actor(account().user("ann").key().inline("p", opened, allow("iam:CreateUser")))
    after = changed_actor(before, keys={tag.lower(): ("red",)})
    found = difference(before, after)
    assert touches(found, before, "iam:PassRole", "iam:CreateUser") == [True, False]
    assert touches(found, before, "sts:AssumeRole") == [False]


def test_a_key_that_a_trust_policy_asks_for_touches_the_taking_of_roles():
    """The role lets in whoever has the tag."""
    tag = "aws:PrincipalTag/team"
    case = account().role("app").trusts({"AWS": f"{IAM}root"}, when={"StringEquals": {tag: "red"}})
    before = actor(case.user("ann").key().may("sts:AssumeRole"))
    after = changed_actor(before, keys={tag.lower(): ("red",)})
    assert touches(difference(before, after), before, "sts:AssumeRole") == [True]


def test_a_right_that_helps_others_touches_all_of_iam():
    """With iam:DeleteAccessKey there is room for a key, whatever makes it."""
    case = account().policy("mine", allow("iam:DeleteAccessKey"))
    before = actor(case.user("ann").key().may("iam:CreateAccessKey"))
    found = difference(before, given_policy(before, "mine"))
    assert touches(found, before, "iam:CreateAccessKey") == [True]


def test_a_text_that_is_not_in_the_export_touches_everything():
    """It can allow or deny anything."""
    case = (
        account()
        .user("ann")
        .key()
        .member(AttachedManagedPolicies=[{"PolicyName": "gone", "PolicyArn": f"{IAM}policy/gone"}])
    )
    before = actor(case)
    first, *rest = before.policies.layers
    assert first.unknown
    known = type(first)(first.name, first.held)
    assert difference(before, changed_actor(before, (known, *rest))).actions == -1
