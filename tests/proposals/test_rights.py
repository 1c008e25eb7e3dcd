"""Who counts as a person, and what is a right."""

from tests.builders import account, allow
from tests.proposals.people import READ_ONLY, people_of


def left(case, **limits):
    """Who is left alone, and why."""
    return {each.user: each.reason for each in people_of(case, **limits).left_alone}


def test_a_user_with_a_password_or_mfa_is_a_person_and_one_with_a_key_alone_is_none():
    """Programs have no groups by job: a role suits them better."""
    case = account().user("ann").password().user("bob").mfa().user("job").key()
    assert [each.user.name for each in people_of(case).holders] == ["ann", "bob"]
    assert "program" in left(case)["job"]


def test_whether_somebody_is_a_person_is_left_open_where_no_export_says_so():
    """A cell that can't be read makes nobody a program."""
    case = account().user("ann").cell("ann", "password_enabled", "maybe")
    assert left(case) == {"ann": "no export says whether a person signs in as this user"}


def test_inline_policies_of_one_text_are_one_right_whatever_they_are_called():
    """What counts is what a policy gives."""
    case = account().user("ann").password().inline("a", allow("s3:Get*"))
    case = case.user("bob").password().inline("b", allow("s3:Get*"))
    one, other = people_of(case).holders
    assert one.rights == other.rights
    assert len(one.rights) == 1


def test_rights_through_groups_are_told_from_those_held_directly():
    """Only the latter need a group."""
    case = account().user("ann").password().attached("ReadOnlyAccess").group("staff")
    case = case.empty_group("other").attached("SecurityAudit")
    case = case.user("bob").password().group("other")
    one, other = people_of(case).holders
    assert [right.arn for right in one.direct] == [READ_ONLY]
    assert [right.name for right in other.by_group["other"]] == ["SecurityAudit"]
    assert not other.direct


def test_the_quarantine_of_a_leaked_key_is_no_right():
    """AWS attached it to stop the user, and only AWS's steps may lift it."""
    case = account().user("ann").password().attached("AWSCompromisedKeyQuarantineV3")
    assert not people_of(case).holders[0].rights


def test_break_glass_users_and_unreadable_entries_are_left_alone():
    """A proposal for them could be wrong, and nobody would see it."""
    case = account().user("fire").password().user("ann").password()
    case = case.member(AttachedManagedPolicies=[{"PolicyName": "x"}])
    found = left(case, break_glass=frozenset({"fire"}))
    assert found == {
        "fire": "is declared as break-glass",
        "ann": "the export does not tell what it holds",
    }


def test_who_is_in_a_group_that_the_export_lacks_is_left_alone():
    """What that group gives, nobody knows."""
    case = account().user("ann").password().member(GroupList=["gone"])
    assert left(case) == {"ann": "the export does not tell what group gone gives"}
