"""What paths ask of an account: which roles can be passed or assumed, who has what."""

import pytest

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.account_facts import account_facts
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account, allow, deny

NUMBER = "111122223333"
STRONG = account().role("strong", service="lambda.amazonaws.com").may("*")


def arn(name):
    """The ARN of `user/ann` and the like."""
    return f"arn:aws:iam::{NUMBER}:{name}"


def level(case, name):
    """How far that principal gets."""
    return escalation_graph(case.account()).privileges[arn(name)].level


def facts_of(case):
    """The facts of that account."""
    return account_facts(authorizer_for(case.account()))


def members(facts, found):
    """The names in a set, first those that are certainly in it, then those that possibly are."""
    named = facts.authorizer.resources.named
    return tuple(
        [each.rpartition("/")[2] for each in named(b)] for b in (found.certain, found.possible)
    )


def test_a_free_key_slot_is_what_the_credential_report_shows():
    """Two keys fill both, active or not; of a user whom the report lacks nobody knows."""
    case = account().user("none").user("one").key().user("two").key().key(active=False)
    facts = facts_of(case)
    assert members(facts, facts.with_free_slot) == (["none", "one"], ["none", "one"])
    blind = facts_of(case.without("credential-report.json"))
    assert members(blind, blind.with_free_slot) == ([], ["none", "one", "two"])


def test_a_password_and_a_device_are_what_the_credential_report_shows():
    """Whoever has one is not among those without."""
    facts = facts_of(account().user("ann").password().mfa().user("bob"))
    assert members(facts, facts.with_password)[0] == ["ann"]
    assert members(facts, facts.without_password)[0] == ["bob"]
    assert members(facts, facts.without_mfa)[0] == ["bob"]


def test_a_policy_certainly_gives_rights_if_one_plain_allow_does_so_on_everything():
    """A condition, a target or a Deny beside it leaves too much open; so does a missing text."""
    case = account().user("ann").policy("plain", allow("iam:Put*"))
    case = case.policy("all", allow("*")).policy("narrow", allow("s3:*"))
    case = case.policy("one", allow("iam:*", on=arn("user/ann")))
    case = case.policy("tied", allow("iam:*", when={"Bool": {"aws:SecureTransport": "true"}}))
    case = case.policy("barred", allow("iam:*"), deny("iam:PutUserPolicy")).policy("unread")
    found = dict(facts_of(case).giving_policies)
    assert {name for name, is_certain in found.items() if is_certain} == {
        arn("policy/plain"),
        arn("policy/all"),
    }
    assert {name for name, is_certain in found.items() if not is_certain} == {
        arn(f"policy/{name}") for name in ("one", "tied", "barred", "unread")
    }


def test_a_boundary_lets_everything_through_if_it_allows_everything():
    """One that gives out rights lets through too much to be called safe."""
    case = account().user("ann").policy("all", allow("*")).policy("part", allow("iam:*"))
    case = case.policy("narrow", allow("s3:*")).policy("unread")
    found = dict(facts_of(case).open_policies)
    assert found == {
        arn("policy/all"): True,
        arn("policy/part"): False,
        arn("policy/unread"): False,
    }


def test_a_trust_that_excepts_a_service_lets_in_everybody_else():
    """The graph knows it as the authorizer does."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    statement |= {"NotPrincipal": {"Service": "lambda.amazonaws.com"}}
    case = account().user("ann").key().role("app").trusting(statement)
    facts = facts_of(case)
    ann = facts.authorizer.principals[arn("user/ann")]
    taken = facts.assumable(ann, EntryPoint.LEAKED_KEY)
    assert list(facts.authorizer.resources.named(taken.certain)) == [arn("role/app")]


def test_a_policy_is_full_with_five_versions():
    """The default one counts, too."""
    case = account().policy("p", allow("s3:*"))
    for _ in range(3):
        case = case.version(allow("s3:*"))
    assert facts_of(case).at_version_limit == 0
    facts = facts_of(case.version(allow("s3:*")))
    assert list(facts.authorizer.resources.named(facts.at_version_limit)) == [arn("policy/p")]


def test_holders_of_a_policy_have_it_themselves_or_by_a_group():
    """Each gains what a new version of it gives."""
    case = account().empty_group("g").attached(arn("policy/p")).user("ann").group("g")
    case = case.user("bob").attached(arn("policy/p")).user("eve").policy("p", allow("s3:*"))
    facts = facts_of(case)
    found = facts.holding(facts.authorizer.resources.bit(arn("policy/p")))
    assert list(facts.authorizer.resources.named(found)) == [arn("user/ann"), arn("user/bob")]


def test_a_trust_policy_that_names_a_principal_is_known_by_the_name():
    """Of a role it may name the role itself or one of its sessions."""
    case = (
        account()
        .role("target")
        .trusts({"AWS": [arn("user/ann"), f"arn:aws:sts::{NUMBER}:assumed-role/app/x"]})
    )
    case = case.role("app", path="/team/").role("other").user("ann").user("bob")
    facts = facts_of(case)
    named = [
        each.arn.rpartition("/")[2]
        for each in facts.authorizer.principals.values()
        if facts.names(each)
    ]
    assert sorted(named) == ["ann", "app"]


@pytest.mark.parametrize(
    "trusted", [{"AWS": f"arn:aws:iam::{NUMBER}:root"}, {"AWS": arn("user/ann")}]
)
def test_the_quick_way_to_the_roles_that_can_be_assumed_says_what_each_decision_says(trusted):
    """For one Allow of the account, and for a list of names."""
    case = account().role("one").trusts(trusted).role("two").trusts({"AWS": arn("user/bob")})
    case = case.user("ann").key().may("sts:AssumeRole", on=arn("role/*"))
    facts = facts_of(case)
    ann = facts.authorizer.principals[arn("user/ann")]
    found = facts.assumable(ann, EntryPoint.LEAKED_KEY)
    decided = [
        role
        for role in ("one", "two")
        if facts.authorizer.may_assume(ann, arn(f"role/{role}"), EntryPoint.LEAKED_KEY).allows
    ]
    assert members(facts, found) == (decided, decided) == (["one"], ["one"])


@pytest.mark.parametrize(
    ("principal", "when", "expected"),
    [
        ({"Principal": {"Service": "lambda.amazonaws.com"}}, None, PrivilegeLevel.LIMITED),
        ({"Principal": {"Service": "ec2.amazonaws.com"}}, None, PrivilegeLevel.DIRECT),
        ({"NotPrincipal": {"Service": "lambda.amazonaws.com"}}, None, PrivilegeLevel.DIRECT),
        ({"NotPrincipal": {"Service": "ec2.amazonaws.com"}}, None, PrivilegeLevel.LIMITED),
        ({"Principal": "*"}, {"StringEquals": {"corp:Odd": "x"}}, PrivilegeLevel.CONDITIONAL),
        (
            {"Principal": "*"},
            {"StringNotEquals": {"aws:SourceAccount": NUMBER}},
            PrivilegeLevel.DIRECT,
        ),
    ],
)
def test_a_deny_of_the_trust_keeps_a_service_out(principal, when, expected):
    """A role whose trust has an Allow only can be passed; a Deny is final here, too."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    allowed = trust | {"Principal": {"Service": "lambda.amazonaws.com"}}
    barred = trust | {"Effect": "Deny"} | principal | ({"Condition": when} if when else {})
    case = STRONG.trusting(allowed, barred).user("ann").key().may("iam:PassRole", "lambda:*")
    assert level(case, "user/ann") is expected


def test_a_deny_of_tags_keeps_no_service_out():
    """A Deny speaks of the actions that it names, and of no others."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    trust |= {"Principal": {"Service": "lambda.amazonaws.com"}}
    barred = trust | {"Effect": "Deny", "Action": "sts:TagSession"}
    case = STRONG.trusting(trust, barred).user("ann").key().may("iam:PassRole", "lambda:*")
    assert level(case, "user/ann") is PrivilegeLevel.DIRECT


def test_a_trust_in_all_services_but_one_passes_nothing_to_that_one():
    """NotPrincipal with Allow names who is left out."""
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    allowed |= {"NotPrincipal": {"Service": "lambda.amazonaws.com"}}
    case = STRONG.trusting(allowed).user("ann").key().may("iam:PassRole", "lambda:*")
    graph = escalation_graph(case.account())
    assert "lambda.amazonaws.com" not in graph.facts.services
    assert {edge.path.id for edge in graph.edges[arn("user/ann")]} >= {"sts-assume-role"}


def test_a_service_named_with_its_region_can_be_passed_the_role():
    """Step Functions was long trusted so."""
    case = STRONG.trusts({"Service": "states.us-east-1.amazonaws.com"})
    case = case.user("ann").key().may("iam:PassRole", "states:*")
    assert level(case, "user/ann") is not PrivilegeLevel.LIMITED


@pytest.mark.parametrize(
    ("when", "lets_in"),
    [
        ({"Null": {"aws:ResourceAccount": "true"}}, False),
        ({"StringEquals": {"aws:ResourceAccount": "111122223333"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}, True),
    ],
)
def test_a_trust_that_asks_for_the_account_of_the_role_is_asked_for_each(when, lets_in):
    """The key is in every request for the role, and has the role's account."""
    case = account().role("app").trusts({"AWS": arn("root")}, when=when)
    facts = facts_of(case.user("ann").key().may("sts:AssumeRole"))
    policies = facts.authorizer.principals[arn("user/ann")]
    taken = facts.assumable(policies, EntryPoint.LEAKED_KEY)
    assert bool(taken.certain) is bool(taken.possible) is lets_in
