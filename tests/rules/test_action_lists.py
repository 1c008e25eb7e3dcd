"""The lists of actions agree with the action table, and each entry says why it is there."""

import pytest

from analyzer.policy.actions import AccessLevel, action_index
from analyzer.rules.action_lists import (
    ActionList,
    action_groups,
    left_out_groups,
    listed_actions,
    sources,
    twins,
)

ACTIONS = action_index()
NAMED_BY_ITS_API = {"aoss:APIAccessAll"}
"""One right for every call on the data of OpenSearch Serverless, which AWS counts as Write."""


def left_out(name):
    """The actions that the list leaves out."""
    return [action for group in left_out_groups(name) for action in group.actions]


@pytest.mark.parametrize("name", ActionList)
def test_each_action_is_in_the_action_table_and_once_in_the_list(name):
    """In AWS's spelling; what is listed is not left out."""
    found = [*listed_actions(name), *left_out(name)]
    assert [each for each in found if each not in ACTIONS.names] == []
    assert len({each.lower() for each in found}) == len(found)


@pytest.mark.parametrize("name", ActionList)
def test_each_group_says_why_and_by_whom(name):
    """No action is there without a reason, and none is listed without a source."""
    assert all(group.reason.strip() and group.actions for group in action_groups(name))
    assert all(group.source in sources() for group in action_groups(name))
    assert all(group.reason.strip() and group.actions for group in left_out_groups(name))


def test_every_source_is_used():
    """A source that nothing rests on is no source."""
    used = {group.source for name in ActionList for group in action_groups(name)}
    assert used == set(sources())


def test_every_right_over_permissions_is_listed_or_left_out_for_a_reason():
    """What AWS calls Permissions management, all of it: a new table asks for a decision."""
    name = ActionList.RESOURCE_POLICY_WRITE
    decided = {each.lower() for each in (*listed_actions(name), *left_out(name))}
    asked = {each.lower() for each in ACTIONS.named(ACTIONS.level(AccessLevel.PERMISSIONS))}
    assert sorted(asked - decided) == []
    assert sorted(each.lower() for each in left_out(name) if each.lower() not in asked) == []


def test_what_rests_on_the_access_level_has_it():
    """Permissions management for what opens resources, Read for what reads."""
    wanted = dict.fromkeys(ActionList, AccessLevel.READ)
    wanted[ActionList.RESOURCE_POLICY_WRITE] = AccessLevel.PERMISSIONS
    wrong = [
        action
        for name, level in wanted.items()
        for group in action_groups(name)
        if group.source == "levels"
        for action in group.actions
        if not ACTIONS.has_level(action, level)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", [ActionList.DATA_READ, ActionList.TEXT_READ])
def test_what_reads_data_changes_none(name):
    """AWS calls each of them Read, but for one."""
    others = {
        each for each in listed_actions(name) if not ACTIONS.has_level(each, AccessLevel.READ)
    }
    assert others <= NAMED_BY_ITS_API


def test_logs_and_data_are_two_lists():
    """An action is either."""
    assert not set(listed_actions(ActionList.DATA_READ)) & set(listed_actions(ActionList.TEXT_READ))


def test_every_twin_is_in_the_action_table_and_says_where_it_stands():
    """A twin is another action, and AWS's page says that it comes to the same."""
    for twin in twins():
        assert {twin.denied, *twin.others} <= set(ACTIONS.names)
        assert twin.denied not in twin.others
        assert "https://docs.aws.amazon.com/" in twin.reason
