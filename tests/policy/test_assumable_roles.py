"""The roles that somebody can assume: found for all alike at once, and right for each."""

import itertools

import pytest

from analyzer.policy.assumable_roles import assumable_roles_of
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.layers import Verdict
from tests.builders import account, allow, deny
from tests.policy.verdicts import IAM, LIMIT, ROOT, UNKNOWN_KEY

SESSION = "arn:aws:sts::111122223333:assumed-role/app/{}"
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole"}
TEAM = "aws:PrincipalTag/team"
PRINCIPALS = (
    "*",
    ROOT,
    {"AWS": f"{IAM}user/ann"},
    {"AWS": [f"{IAM}user/bob", f"{IAM}role/app"]},
    {"AWS": [SESSION.format("one"), SESSION.format("two"), f"{IAM}user/cat"]},
    {"AWS": "arn:aws:sts::111122223333:assumed-role/machine/i-1"},
    {"Service": "ec2.amazonaws.com"},
)
CONDITIONS = (
    {},
    {"StringEquals": {TEAM: "red"}},
    {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    {"StringEquals": {"aws:username": "ann"}},
    {"StringEquals": {UNKNOWN_KEY: "x"}},
    {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
)
DENIES = (
    None,
    {"Principal": {"AWS": f"{IAM}user/bob"}},
    {"Principal": {"AWS": SESSION.format("one")}},
    {"NotPrincipal": {"AWS": [f"{IAM}user/ann", ROOT["AWS"]]}},
)


def askers():
    """Users and roles that differ in their tags, their policies and their boundaries."""
    may = allow("sts:AssumeRole")
    tagged = allow("sts:AssumeRole", when={"StringEquals": {"aws:ResourceTag/team": "red"}})
    case = account().policy("limit", allow("s3:*"))
    case = case.user("ann").key().tag("team", "red").inline("p", may)
    case = case.user("bob").key().tag("team", "blue").inline("p", may).boundary(LIMIT)
    case = case.user("cat").key().tag("team", "red").user("dan").key().tag("team", "blue")
    case = case.user("eve").inline("p", deny("sts:AssumeRole", on=f"{IAM}role/r1*"), may)
    case = case.user("flo").key().inline("p", tagged)
    case = case.user("gus").key().mfa().inline("p", may).boundary(f"{IAM}policy/unheard")
    case = case.role("machine", service="ec2.amazonaws.com")
    return case.role("app").trusts(ROOT).inline("p", may).tag("team", "red")


def with_roles(case, trusts):
    """The account with a role for each trust policy, some tagged."""
    for number, statements in enumerate(trusts):
        case = case.role(f"r{number}").trusting(*statements)
        case = case.tag("team", "red" if number % 2 else "blue")
    return case


def trusts_of(denied):
    """A trust policy for each principal and condition, beside that Deny."""
    barred = [ASSUME | denied | {"Effect": "Deny"}] if denied else []
    for principal, when in itertools.product(PRINCIPALS, CONDITIONS):
        yield [ASSUME | {"Principal": principal} | ({"Condition": when} if when else {}), *barred]


@pytest.mark.parametrize("denied", DENIES)
def test_all_at_once_are_those_that_are_allowed_one_by_one(denied):
    """For each way in which a trust policy means somebody, by each way in which somebody comes."""
    made = authorizer_for(with_roles(askers(), trusts_of(denied)).account())
    found, resources = assumable_roles_of(made), made.resources
    verdicts = set()
    for policies in made.principals.values():
        for by in made.entry_points(policies):
            taken = found.among(policies, by, resources.everything)
            for role in made.trusts:
                verdict = made.may_assume(policies, role, by).verdict
                is_in = bool(taken.certain & resources.bit(role))
                is_perhaps_in = bool(taken.possible & resources.bit(role))
                asked = policies.arn, role, by
                assert is_in is (verdict is Verdict.ALLOWED), asked
                assert is_perhaps_in is (verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL)), asked
                verdicts.add(verdict)
    assert verdicts == set(Verdict)


def users(number, **tags):
    """So many users, each with an access key and these tags."""
    case = account()
    for each in range(number):
        case = case.user(f"u{each}").key()
        for name, value in tags.items():
            case = case.tag(name, value.format(each))
    return case


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        (None, 1),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, 1),
        ({"StringEquals": {TEAM: "red"}}, 1),
        ({"StringEquals": {"aws:PrincipalTag/name": "n1"}}, 6),
        ({"StringEquals": {"aws:username": "u1"}}, 6),
    ],
)
def test_principals_whom_nothing_tells_apart_are_asked_once(when, asked):
    """What tells them apart is what the trust policies mention, and no other tag."""
    case = users(6, team="red", name="n{}")
    for each in range(3):
        case = case.role(f"r{each}").trusts("*", when=when)
    made = authorizer_for(case.account())
    found = assumable_roles_of(made)
    for policies in list(made.principals.values()):
        if ":user/" in policies.arn:
            (by,) = made.entry_points(policies)
            found.among(policies, by, made.resources.everything)
    assert len(found.known) == asked


def test_who_is_named_is_asked_for_itself():
    """Whether it is let in or kept out, by its own name or by that of a session."""
    kept_out = ASSUME | {"Effect": "Deny", "Principal": {"AWS": [f"{IAM}user/u1"]}}
    session = ASSUME | {"Effect": "Deny", "Principal": {"AWS": SESSION.format("one")}}
    anyone = ASSUME | {"Principal": "*"}
    case = users(3).role("r0").trusting(anyone, kept_out).role("app", path="/team/").trusts(ROOT)
    made = authorizer_for(case.role("r1").trusting(anyone, session).account())
    found, resources = assumable_roles_of(made), made.resources
    taken = {}
    for arn, policies in made.principals.items():
        for by in made.entry_points(policies):
            some = found.among(policies, by, resources.everything).certain
            taken[arn.rpartition("/")[2]] = [
                each.rpartition("/")[2] for each in resources.named(some)
            ]
    assert taken["u0"] == taken["u2"] == ["r0", "r1"]
    assert taken["u1"] == ["r1"]
    assert {f"{IAM}user/u1", f"{IAM}role/team/app"} <= found.naming.keys()


def test_tags_of_many_values_are_all_known():
    """More than groups can be made of; each role is then asked for by itself."""
    names = [f"name-{number}" for number in range(80)]
    some = {"StringEquals": {"aws:ResourceTag/name": names[:70]}}
    case = account().user("ann").key().inline("p", allow("sts:AssumeRole", when=some))
    for name in names:
        case = case.role(name).trusts(ROOT).tag("name", name)
    made = authorizer_for(case.account())
    ann = made.principals[f"{IAM}user/ann"]
    (by,) = made.entry_points(ann)
    taken = assumable_roles_of(made).among(ann, by, made.resources.everything)
    found = {each.rpartition("/")[2] for each in made.resources.named(taken.certain)}
    assert (found, taken.possible) == (set(names[:70]), taken.certain)
