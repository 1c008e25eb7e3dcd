"""In: random accounts, each beside one that differs by one thing. Out: what never follows from it.

A law holds for what everybody is allowed, for who may take which role, and for how far everybody
gets by the paths of the catalogue.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from analyzer.policy.layers import Verdict
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import REPORT, AccountBuilder
from tests.hypothesis_profiles import examples
from tests.privesc.random_rights import (
    ANN,
    APP,
    BOB,
    CONTROL,
    ENTRIES,
    IAM,
    LIMIT,
    OBJECT,
    OPS,
    accounts,
    members,
    statements,
    texts,
    trusting,
)

ASKED = (
    ("s3:GetObject", OBJECT),
    ("iam:PutUserPolicy", ANN),
    ("iam:CreateAccessKey", BOB),
    ("iam:CreateUser", f"{IAM}user/new"),
    ("iam:PassRole", APP),
    ("iam:CreatePolicyVersion", LIMIT),
    ("iam:CreateUser", None),
    ("lambda:InvokeFunction", None),
    ("ec2:RunInstances", None),
    ("kms:Decrypt", None),
    ("sts:AssumeRole", APP),
    ("sts:AssumeRole", OPS),
)
DOUBT = 2
"""The rank of a level that nobody can tell: unknown evidence may not end below it."""
RANK = {
    Verdict.DENIED: 0,
    Verdict.NONE: 0,
    Verdict.CONDITIONAL: DOUBT,
    Verdict.ALLOWED: 3,
    PrivilegeLevel.LIMITED: 0,
    PrivilegeLevel.INDIRECT: 1,
    PrivilegeLevel.UNKNOWN: DOUBT,
    PrivilegeLevel.CONDITIONAL: DOUBT,
    PrivilegeLevel.CHAIN: 3,
    PrivilegeLevel.DIRECT: 4,
    PrivilegeLevel.ADMINISTRATOR: 5,
}
Rights = Mapping[tuple[str, str, str | None], Verdict | PrivilegeLevel]
LAW = examples(0.15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def rights(case: AccountBuilder) -> Rights:
    """Every right that is asked of everybody."""
    graph = escalation_graph(case.account())
    found: dict[tuple[str, str, str | None], Verdict | PrivilegeLevel] = {}
    for arn, who in graph.authorizer.principals.items():
        found[arn, "gets as far as", None] = graph.privileges[arn].level
        for action, on in ASKED:
            found[arn, action, on] = graph.authorizer.decide(who, action, on).verdict
    return found


def worse(before: Rights, after: Rights, floor: int = 9) -> dict[Any, Any]:
    """The rights that are fewer afterwards; less than `floor` before is all that must be kept."""
    return {
        right: (said, after[right])
        for right, said in before.items()
        if right in after and RANK[after[right]] < min(RANK[said], floor)
    }


def with_more(draw: st.DrawFn, case: AccountBuilder, effect: str) -> AccountBuilder:
    """The account with one statement more, in any policy that it has."""
    made = copy.deepcopy(case)
    chosen = draw(st.sampled_from(texts(made)))
    more = draw(trusting(effect) if chosen.sort == "trust" else statements(effect))
    found = chosen.text["Statement"]
    found.insert(draw(st.integers(0, len(found))), more)
    return made


@LAW
@given(accounts(), st.data())
def test_one_more_allow_never_takes_a_right_away(case: AccountBuilder, data: st.DataObject) -> None:
    """In whichever policy it stands: a boundary, a trust, a control policy."""
    assert not worse(rights(case), rights(with_more(data.draw, case, "Allow")))


@LAW
@given(accounts(), st.data())
def test_one_more_deny_never_gives_a_right(case: AccountBuilder, data: st.DataObject) -> None:
    """In whichever policy it stands, and whoever could take it away again."""
    assert not worse(rights(with_more(data.draw, case, "Deny")), rights(case))


def name_one_more(draw: st.DrawFn, statement: dict[str, Any]) -> None:
    """The trust names one principal more, or one exception less."""
    if "NotPrincipal" in statement:
        statement["NotPrincipal"] = {"AWS": f"{IAM}user/nobody"}
        return
    who = statement["Principal"]
    named = who if isinstance(who, dict) else {"AWS": who}
    others = [each for each in (ANN, BOB, APP, OPS) if each not in members(named.get("AWS", []))]
    more = draw(st.sampled_from(others))
    statement["Principal"] = named | {"AWS": [*members(named.get("AWS", [])), more]}


def drop_a_condition(draw: st.DrawFn, statement: dict[str, Any]) -> None:
    """The trust asks for one thing less."""
    tests = [(name, key) for name, block in statement.get("Condition", {}).items() for key in block]
    if tests:
        operator, key = draw(st.sampled_from(tests))
        del statement["Condition"][operator][key]


def name_anyone(_: st.DrawFn, statement: dict[str, Any]) -> None:
    """The trust names everyone in place of somebody."""
    statement.pop("NotPrincipal", None)
    statement["Principal"] = "*"


@LAW
@given(accounts(), st.sampled_from([name_one_more, drop_a_condition, name_anyone]), st.data())
def test_a_weaker_trust_never_lets_fewer_in(
    case: AccountBuilder, weaken: Callable[[st.DrawFn, Any], None], data: st.DataObject
) -> None:
    """One name more, one condition less, everyone in place of a name."""
    made = copy.deepcopy(case)
    trusts = [each.text["Statement"] for each in texts(made) if each.sort == "trust"]
    allows = [each for found in trusts for each in found if each["Effect"] == "Allow"]
    for statement in allows[:1]:
        weaken(data.draw, statement)
    assert not worse(rights(case), rights(made))


def lose_text(draw: st.DrawFn, case: AccountBuilder) -> AccountBuilder:
    """The export lacks the text of an inline policy, a managed one, or a trust policy."""
    member = {"UserDetailList": "UserPolicyList", "GroupDetailList": "GroupPolicyList"}
    member |= {"RoleDetailList": "RolePolicyList"}
    entries = [
        (held, "PolicyDocument")
        for section, name in member.items()
        for entry in case.details[section]
        for held in entry.get(name, [])
    ]
    entries += [(each, "AssumeRolePolicyDocument") for each in case.details["RoleDetailList"]]
    entries += [(each, "PolicyVersionList") for each in case.details["Policies"]]
    entries += [
        (each["Policy"], "Content") for each in case.exports.get(CONTROL, []) if "Policy" in each
    ]
    entry, name = draw(st.sampled_from(entries))
    del entry[name]
    return case


def lose_policy(draw: st.DrawFn, case: AccountBuilder) -> AccountBuilder:
    """The export lacks a managed policy altogether."""
    case.details["Policies"].pop(draw(st.integers(0, 1)))
    return case


def lose_report(_: st.DrawFn, case: AccountBuilder) -> AccountBuilder:
    """Nobody handed in a credential report."""
    return case.without(REPORT)


def lose_row(draw: st.DrawFn, case: AccountBuilder) -> AccountBuilder:
    """The credential report is cut."""
    case.rows.pop(draw(st.integers(1, len(case.rows) - 1)))
    return case


def lose_group(draw: st.DrawFn, case: AccountBuilder) -> AccountBuilder:
    """The export lacks a group, or all of them."""
    if draw(st.booleans()):
        return case.page(GroupDetailList=None)
    case.details["GroupDetailList"].pop(draw(st.integers(0, 1)))
    return case


def lose_user(draw: st.DrawFn, case: AccountBuilder) -> AccountBuilder:
    """The details lack a user, and with it the user's tags and boundary."""
    found = case.details["UserDetailList"]
    found.pop(draw(st.integers(0, len(found) - 1)))
    return case


LOSSES = (lose_text, lose_policy, lose_report, lose_row, lose_group, lose_user)


@LAW
@given(accounts(), st.sampled_from(LOSSES), st.data())
def test_unknown_evidence_never_makes_a_verdict_safer(
    case: AccountBuilder, lose: Callable[..., AccountBuilder], data: st.DataObject
) -> None:
    """What was a danger stays one, or becomes what nobody can tell."""
    less = lose(data.draw, copy.deepcopy(case))
    assert not worse(rights(case), rights(less), floor=DOUBT)


def split_policy(draw: st.DrawFn, case: AccountBuilder) -> None:
    """An inline policy becomes two."""
    for section, name in (
        ("UserDetailList", "UserPolicyList"),
        ("RoleDetailList", "RolePolicyList"),
    ):
        for entry in case.details[section]:
            for held in list(entry.get(name, [])):
                found = held["PolicyDocument"]["Statement"]
                at = draw(st.integers(0, len(found)))
                rest = held["PolicyDocument"] | {"Statement": found[at:]}
                held["PolicyDocument"]["Statement"] = found[:at]
                entry[name].append({"PolicyName": "rest", "PolicyDocument": rest})


def rename(_: st.DrawFn, case: AccountBuilder) -> None:
    """Inline policies get other names, and statements too."""
    for number, each in enumerate(texts(case)):
        for place, statement in enumerate(each.text["Statement"]):
            statement["Sid"] = f"S{number}x{place}"
    for entry in (each for section in ENTRIES for each in case.details[section]):
        for name in ("UserPolicyList", "GroupPolicyList", "RolePolicyList"):
            for number, held in enumerate(entry.get(name, [])):
                held["PolicyName"] = f"other-{number}"


def reorder(draw: st.DrawFn, case: AccountBuilder) -> None:
    """Statements, policies, users, groups and roles stand in another order."""
    turns = draw(st.booleans())
    for each in texts(case):
        each.text["Statement"].sort(key=repr, reverse=turns)
    for section in case.details.values():
        if isinstance(section, list):
            section.sort(key=repr, reverse=turns)
    for entry in (each for section in ENTRIES for each in case.details[section]):
        for member in entry.values():
            if isinstance(member, list):
                member.sort(key=repr, reverse=turns)
    case.rows[1:] = sorted(case.rows[1:], key=repr, reverse=turns)


def change_case(draw: st.DrawFn, case: AccountBuilder) -> None:
    """Actions are written in another case."""
    turn = draw(st.sampled_from([str.upper, str.lower, str.swapcase]))
    for each in texts(case):
        for statement in each.text["Statement"]:
            for name in {"Action", "NotAction"} & statement.keys():
                statement[name] = [turn(action) for action in members(statement[name])]


@LAW
@given(accounts(), st.sampled_from([split_policy, rename, reorder, change_case]), st.data())
def test_how_policies_are_written_changes_nothing(
    case: AccountBuilder, rewrite: Callable[..., None], data: st.DataObject
) -> None:
    """A policy split in two, other names, another order, another case of letters."""
    made = copy.deepcopy(case)
    rewrite(data.draw, made)
    before, after = rights(case), rights(made)
    assert {
        each: (before[each], after[each]) for each in before if before[each] != after[each]
    } == {}


@LAW
@given(accounts())
def test_all_roles_at_once_are_the_roles_asked_one_by_one(case: AccountBuilder) -> None:
    """What the graph holds for assumable is what asking for each role says."""
    graph = escalation_graph(case.account())
    found, resources = graph.authorizer, graph.authorizer.resources
    for arn, who in found.principals.items():
        for by in found.entry_points(who):
            taken = graph.facts.assumable(who, by)
            for role in {APP, OPS} - {arn}:
                said = found.may_assume(who, role, by).verdict
                assert bool(taken.certain & resources.bit(role)) == (said is Verdict.ALLOWED)
                assert bool(taken.possible & resources.bit(role)) == (RANK[said] >= DOUBT)


@LAW
@given(accounts())
def test_all_targets_at_once_are_the_targets_asked_one_by_one(case: AccountBuilder) -> None:
    """The boundaries and tags of all the account's principals are known to both alike."""
    graph = escalation_graph(case.account())
    found, resources = graph.authorizer, graph.authorizer.resources
    actions = {action for action, _ in ASKED if action.startswith("iam:")}
    for who in found.principals.values():
        for by in found.entry_points(who):
            evaluator = found.evaluator(who, by)
            for action in actions:
                reached = evaluator.allowed_resources(action)
                for on in resources.named(resources.everything):
                    said = evaluator.decide(action, on).verdict
                    bit = resources.bit(on)
                    assert bool(reached.certain & bit) == (said is Verdict.ALLOWED), (action, on)
                    assert bool(reached.possible & bit) == (RANK[said] >= DOUBT), (action, on)
