"""What whoever holds a leaked credential could do, with the bare key and nothing besides."""

import pytest

from analyzer.config import Limits
from analyzer.inventory.model import ROOT_USER
from analyzer.leaks.model import ClaimedFacts, CredentialKind
from analyzer.privesc.graph import PrivilegeLevel
from analyzer.risk.blast_radius import load_capabilities
from analyzer.rules.privilege_queries import locations
from tests.builders import DETAILS, account
from tests.risk.leaked import (
    KEY,
    NUMBER,
    OTHER,
    SECOND,
    joined,
    joined_all,
    leak,
    quoted,
    seen,
    spot,
)

TRUSTED = {"AWS": f"arn:aws:iam::{NUMBER}:root"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
ODD = {"StringEquals": {"corp:Odd": "x"}}
"""A key that no page of AWS tells of."""
SAYS_ANN = ClaimedFacts(user="ann")
PASSWORD = {"kind": CredentialKind.CONSOLE_PASSWORD, "key_id": None, "claims": SAYS_ANN}
OF_ANN = leak(claims=SAYS_ANN)


def arn(name):
    """The ARN of `user/ann` and the like."""
    return f"arn:aws:iam::{NUMBER}:{name}"


def ann():
    """A user with a key; what she may do comes behind."""
    return account().user("ann").key(age=300)


def blast_radius_of(case, credential=OF_ANN):
    """What is told of the credential's blast radius, as an audit of the account tells it."""
    return joined(case, credential).blast_radius


def capabilities(case, credential=OF_ANN):
    """What its holder can do, and whether certainly."""
    return {each.text: each.is_certain for each in blast_radius_of(case, credential).capabilities}


# The bare key, without the device, the password or the address of its owner.


def test_a_key_of_an_administrator_is_everything():
    """And nothing more needs to be said of it."""
    found = blast_radius_of(ann().attached("AdministratorAccess"))
    assert (found.level, found.principal, found.capabilities) == (
        PrivilegeLevel.ADMINISTRATOR,
        arn("user/ann"),
        (),
    )
    assert "everything" in found.worst_case


@pytest.mark.parametrize(
    "guarded",
    [
        ann().password().mfa().may("*", when=MFA),
        ann()
        .password()
        .mfa()
        .may("*")
        .may_not("*", when={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
    ],
)
def test_a_guard_by_mfa_stops_the_bare_key_and_not_the_password(guarded):
    """A request with a long-term key carries no MFA; whoever signs in brings the device."""
    assert blast_radius_of(guarded).level is PrivilegeLevel.LIMITED
    assert "can do none" in blast_radius_of(guarded).worst_case
    assert blast_radius_of(guarded, leak(**PASSWORD)).level is PrivilegeLevel.ADMINISTRATOR


def test_a_deny_without_if_exists_does_not_stop_the_bare_key():
    """The key is missing from the request, so the condition is not met."""
    guard = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    assert (
        blast_radius_of(ann().may("*").may_not("*", when=guard)).level
        is PrivilegeLevel.ADMINISTRATOR
    )


@pytest.mark.parametrize(
    "guarded",
    [
        ann().password().may("*", when=OFFICE),
        ann().password().may("*").may_not("*", when={"NotIpAddress": OFFICE["IpAddress"]}),
    ],
)
def test_a_guard_by_address_stops_the_bare_key_and_is_a_condition_of_the_password(guarded):
    """A thief comes from anywhere; whoever signs in may sit in the office."""
    assert blast_radius_of(guarded).level is PrivilegeLevel.LIMITED
    assert blast_radius_of(guarded, leak(**PASSWORD)).level is PrivilegeLevel.CONDITIONAL


def test_a_condition_that_nobody_can_settle_stays_one():
    """It is told as perhaps, and never as certain."""
    found = blast_radius_of(ann().may("*", when=ODD))
    assert found.level is PrivilegeLevel.CONDITIONAL
    assert "may be able to" in found.worst_case
    case = ann().may("s3:GetObject", when=ODD)
    assert capabilities(case) == {"read stored data": False}
    assert "perhaps read stored data" in blast_radius_of(case).worst_case


# The way up, and the roles within reach.


def test_a_step_to_full_control_is_full_control():
    """By a role that may be passed to code of the holder's own."""
    case = account().role("strong", service="lambda.amazonaws.com").may("*")
    found = blast_radius_of(case.user("ann").key(age=300).may("iam:PassRole", "lambda:*"))
    assert found.level is PrivilegeLevel.DIRECT
    assert [step.target for step in found.privilege.route] == [arn("role/strong")]
    assert "in one step" in found.worst_case


def chain(*names):
    """Roles of which each may take the next, and an administrator at the end."""
    case = account().role("strong").may("*").trusts(TRUSTED)
    for name, onward in zip(names, (*names[1:], "strong"), strict=True):
        case = case.role(name).trusts(TRUSTED).may("sts:AssumeRole", on=arn(f"role/{onward}"))
    return case


def test_a_way_over_several_roles_is_told_with_its_length():
    """The manager's sentence counts the steps."""
    case = chain("one", "two").user("ann").key(age=300)
    found = blast_radius_of(case.may("sts:AssumeRole", on=arn("role/one")))
    assert (found.level, len(found.privilege.route)) == (PrivilegeLevel.CHAIN, 3)
    assert "in 3 steps" in found.worst_case


def test_roles_within_reach_are_told_nearest_first():
    """Each with the one from which it is taken."""
    case = chain("one", "two").user("ann").key(age=300)
    found = blast_radius_of(case.may("sts:AssumeRole", on=arn("role/one")))
    assert [(each.role, each.via, each.is_certain) for each in found.roles] == [
        (arn("role/one"), arn("user/ann"), True),
        (arn("role/two"), arn("role/one"), True),
        (arn("role/strong"), arn("role/two"), True),
    ]


def test_a_role_that_asks_for_mfa_is_out_of_the_bare_keys_reach():
    """Its trust policy sees the caller's request."""
    case = account().role("ops").trusts(TRUSTED, when=MFA).may("s3:*").user("ann").key(age=300)
    case = case.password().mfa().may("sts:AssumeRole")
    assert blast_radius_of(case).roles == ()
    assert [each.role for each in blast_radius_of(case, leak(**PASSWORD)).roles] == [
        arn("role/ops")
    ]


def test_what_a_role_may_is_within_what_the_holder_may():
    """With the statement that allows it, wherever it hangs."""
    case = account().role("reader").trusts(TRUSTED).may("s3:GetObject")
    case = case.user("ann").key(age=300).may("sts:AssumeRole", on=arn("role/reader"))
    assert capabilities(case) == {"read stored data": True}
    [capability] = blast_radius_of(case).capabilities
    [statement] = quoted(case, locations(capability.statements))
    assert statement["Action"] == ["s3:GetObject"]


def test_what_a_role_may_is_not_sure_where_taking_it_is_not():
    """The chain is as certain as its weakest link."""
    case = account().role("reader").trusts(TRUSTED, when=ODD).may("s3:GetObject")
    case = case.user("ann").key(age=300).may("sts:AssumeRole", on=arn("role/reader"))
    assert [each.is_certain for each in blast_radius_of(case).roles] == [False]
    assert capabilities(case) == {"read stored data": False}


def test_a_certain_way_to_a_capability_goes_before_a_possible_one():
    """The user herself may, and a doubtful role may too."""
    case = account().role("reader").trusts(TRUSTED, when=ODD).may("s3:GetObject")
    case = case.user("ann").key(age=300).may("sts:AssumeRole").may("s3:GetObject", when=ODD)
    assert capabilities(case) == {"read stored data": False}
    assert capabilities(case.may("dynamodb:GetItem")) == {"read stored data": True}


def test_giving_rights_to_others_is_told_beside_the_capabilities():
    """It is less than full control, and worse than reading."""
    case = account().empty_group("g").user("ann").key(age=300)
    found = blast_radius_of(case.may("iam:AttachGroupPolicy", "s3:GetObject"))
    assert found.level is PrivilegeLevel.INDIRECT
    assert "give rights to others" in found.worst_case
    assert "read stored data" in found.worst_case


# Capabilities.

EVERY = [(says, action) for says, actions in load_capabilities().capabilities for action in actions]


@pytest.mark.parametrize(("says", "action"), EVERY)
def test_each_action_is_its_capability(says, action):
    """Whoever may do that alone can do this alone; with a key of KMS if its key policy agrees."""
    is_certain = not action.startswith("kms:")
    assert capabilities(ann().may(action)).get(says) is is_certain


def test_capabilities_are_told_worst_first_and_the_sentence_names_three():
    """A manager reads one sentence."""
    order = [says for says, _ in load_capabilities().capabilities]
    case = ann().may(*(actions[0] for _, actions in reversed(load_capabilities().capabilities)))
    assert [each.text for each in blast_radius_of(case).capabilities] == order
    told = blast_radius_of(case).worst_case
    assert [says in told for says in order] == [True] * 3 + [False] * (len(order) - 3)
    assert told.endswith(".")


def test_who_may_nothing_of_all_that_can_do_none_of_it():
    """And the sentence says no more than that."""
    found = blast_radius_of(ann().may("sqs:ListQueues"))
    assert (found.level, found.capabilities) == (PrivilegeLevel.LIMITED, ())
    assert f"Of the {len(load_capabilities().capabilities)} kinds of harm" in found.worst_case


def test_what_is_certain_is_told_beside_what_depends_on_conditions():
    """A reader must not take it for a mere possibility."""
    case = ann().may("*", when=ODD).may("secretsmanager:GetSecretValue")
    assert "can certainly read secrets" in blast_radius_of(case).worst_case


def test_each_level_has_words():
    """A level without them would be told as nothing."""
    assert set(load_capabilities().levels) == {each.value for each in PrivilegeLevel} - {
        PrivilegeLevel.LIMITED.value
    }


# Of several candidates.


def test_of_candidates_who_gets_farthest_counts():
    """Any of them may be the owner."""
    case = ann().may("s3:GetObject").user("bob").key(age=300).attached("AdministratorAccess")
    found = blast_radius_of(case, seen(100))
    assert (found.level, found.principal) == (PrivilegeLevel.ADMINISTRATOR, arn("user/bob"))


def test_who_holds_no_key_that_could_be_it_does_not_count():
    """A user without keys, and one whose key has another ID."""
    case = ann().may("s3:GetObject").user("bob").attached("AdministratorAccess")
    case = case.user("eve").key(age=300).listed_key(SECOND, age=300).attached("AdministratorAccess")
    assert blast_radius_of(case, seen(100)).principal == arn("user/ann")


def test_who_switched_a_key_off_and_on_since_the_leak_counts():
    """The report's date moved, and the key is the same."""
    case = ann().may("s3:GetObject").user("bob").key(age=10).attached("AdministratorAccess")
    assert blast_radius_of(case, seen(100)).level.is_privileged


def test_root_counts_where_it_has_a_key():
    """It is told as what it is: a possibility."""
    case = account().key(age=300).user("ann").key(age=300).may("s3:GetObject")
    found = blast_radius_of(case, seen(100))
    assert found.level is PrivilegeLevel.ADMINISTRATOR
    assert found.principal.endswith(":root")
    assert found.worst_case.startswith("If it is root's, ")


def test_an_owner_that_the_export_lacks_counts_as_more_than_limited():
    """What nobody knows may be everything."""
    case = ann().may("s3:GetObject").user("bob").key(age=300)
    case.details["UserDetailList"].pop()
    found = blast_radius_of(case, seen(100))
    assert found.level is PrivilegeLevel.UNKNOWN
    assert "full control" in found.worst_case


def test_where_nobody_holds_it_anybody_counts():
    """It was somebody's."""
    case = account().user("ann").may("s3:GetObject").user("bob").attached("AdministratorAccess")
    assert blast_radius_of(case, seen(100)).level is PrivilegeLevel.ADMINISTRATOR


# What is not known.


@pytest.mark.parametrize(
    ("case", "credential"),
    [
        (ann().without(DETAILS), OF_ANN),
        (ann().without(DETAILS), seen(100)),
        (ann(), leak(**PASSWORD | {"claims": ClaimedFacts(user="eve")})),
        (ann(), leak(account=OTHER)),
    ],
)
def test_what_nobody_reckoned_is_not_nothing(case, credential):
    """No details, an owner whom no export lists, an account outside the audit."""
    found = blast_radius_of(case, credential)
    assert (found.level, found.is_one_service) == (None, False)
    assert "not assessed" in found.worst_case
    assert "may be everything" in found.worst_case


def test_an_owner_whose_policies_the_export_lacks_is_unknown():
    """It counts as full control, and the sentence says so."""
    found = blast_radius_of(ann().attached(arn("policy/gone")))
    assert found.level is PrivilegeLevel.UNKNOWN
    assert "counts as full control" in found.worst_case


def test_a_user_that_could_be_taken_over_counts_though_the_details_lack_it():
    """The report lists bob, and what he may do nobody knows."""
    case = account().user("bob").attached("AdministratorAccess").user("ann").key(age=300)
    case = case.may("iam:CreateAccessKey")
    assert blast_radius_of(case).level.is_privileged
    del case.details["UserDetailList"][0]
    assert blast_radius_of(case).level not in {PrivilegeLevel.LIMITED, PrivilegeLevel.INDIRECT}


# Root, and what is not all that a user may.


def test_a_password_of_nobody_known_may_be_of_whoever_has_one():
    """That somebody has no key says nothing of a password."""
    case = ann().may("s3:GetObject").user("boss").password().attached("AdministratorAccess")
    found = blast_radius_of(
        case.root(password=False), leak(spot(100), **PASSWORD | {"claims": ClaimedFacts()})
    )
    assert (found.level, found.principal) == (PrivilegeLevel.ADMINISTRATOR, arn("user/boss"))


def test_roots_key_is_everything():
    """No policy holds root."""
    found = blast_radius_of(ann(), leak(**PASSWORD | {"claims": ClaimedFacts(user=ROOT_USER)}))
    assert (found.level, found.principal) == (PrivilegeLevel.ADMINISTRATOR, arn("root"))


@pytest.mark.parametrize(
    "kind",
    sorted(
        set(CredentialKind)
        - {CredentialKind.LONG_TERM_KEY, CredentialKind.SECRET, CredentialKind.CONSOLE_PASSWORD}
    ),
)
def test_other_kinds_open_one_service_or_a_session_of_nobody_known(kind):
    """The owner's rights say nothing of them; a session may have them all."""
    found = blast_radius_of(ann().attached("AdministratorAccess"), leak(kind=kind, claims=SAYS_ANN))
    assert (found.level, found.is_one_service) == (None, not kind.is_session)


def test_what_rests_on_the_repositorys_own_words_is_not_proven():
    """Whoever can write a file can write a name beside the key."""
    case = ann().user("bob").key(age=300).attached("AdministratorAccess")
    said = blast_radius_of(case, leak(claims=SAYS_ANN))
    assert (said.level, said.is_proven) == (PrivilegeLevel.LIMITED, False)
    assert blast_radius_of(case.listed_key(KEY), leak()).is_proven


def test_in_a_run_over_many_accounts_each_owner_has_the_rights_of_its_own():
    """Namesakes in two accounts are two users."""
    accounts = (
        ann().may("s3:GetObject").listed_key(SECOND).account(),
        account(OTHER).user("ann").key().attached("AdministratorAccess").listed_key(KEY).account(),
    )
    theirs = joined_all(accounts, leak(), Limits()).blast_radius
    assert (theirs.level, theirs.principal) == (
        PrivilegeLevel.ADMINISTRATOR,
        f"arn:aws:iam::{OTHER}:user/ann",
    )
    ours = joined_all(accounts, leak(key_id=SECOND), Limits()).blast_radius
    assert (ours.level, ours.principal) == (PrivilegeLevel.LIMITED, arn("user/ann"))
