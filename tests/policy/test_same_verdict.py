"""In: random small policies. Out: the proof that the product and a plain reading agree on them."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from analyzer.policy.arns import arn_matches
from analyzer.policy.authorizer import AccountAuthorizer, authorizer_for
from analyzer.policy.conditions import KeyKnowledge, KeyState
from analyzer.policy.layers import Verdict
from analyzer.policy.pattern_overlap import resource_patterns
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.request_context import EntryPoint
from tests.builders import AccountBuilder, account
from tests.hypothesis_profiles import examples
from tests.policy.plain_evaluator import Layer, Request, is_entangled, verdict

T = TypeVar("T")
IAM = "arn:aws:iam::111122223333:"
ANN = f"{IAM}user/ann"
ASKED = (
    "s3:GetObject",
    "s3:PutObject",
    "iam:CreateAccessKey",
    "iam:PassRole",
    "iam:GetUser",
    "foo:NewAction",
)
ACTIONS = (
    *("*",) * 8,
    *ASKED,
    *("*", "*:*", "s3:*", "iam:*", "foo:*", "S3:get*", "s3:Get?bject", "iam:*accesskey"),
    *("iam:Pass*", "foo:New?ction", "s3:Nothing", "bar:Other"),
)
ELSEWHERE = (
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/ann/x:y",
    "arn:aws:s3:::B/ann/*",
    "arn:aws:s3:::b/x",
    "arn:aws-cn:iam::111122223333:user/ann",
    "arn:aws:iam::444455556666:user/ann",
    "arn:aws:foo:eu-west-1:111122223333:thing/ann",
    "arn:aws:iam::444455556666:role/x:111122223333:user/ann",
)
RESOURCES = (
    *("*",) * 8,
    *("arn:aws:*:*:*:user/ann",) * 2,
    *("*", "**", "arn:aws:s3:::*", "arn:aws:s3:::b/*", "arn:aws:s3:::?", "arn:aws:s3:::b*x"),
    *(f"{IAM}user/ann", f"{IAM}user/*", f"{IAM}user/*ann", f"{IAM}role/*", f"{IAM}*"),
    *("arn:*:*:*:*:*", "arn:aws:*:*:*:user/ann", "arn:aws:iam::*:user/a?n", "arn:aws:iam:*"),
    *("arn:aws:iam::*:*/ann", "arn:aws:iam::aws:policy/*", f"{IAM}USER/ann", f"{IAM}role/app"),
    *(f"{IAM}user/${{aws:username}}", "arn:aws:s3:::b/${aws:username}/*", "${aws:PrincipalArn}"),
    *("arn:aws:s3:::b/${aws:PrincipalTag/first}", f"{IAM}*/${{aws:PrincipalTag/none,'ann'}}"),
    *(f"{IAM}user/${{aws:PrincipalTag/none}}", "arn:aws:s3:::b/${corp:Unheard}/*"),
    *("arn:aws:s3:::B/ann/${*}", "arn:aws:s3:::b/${?}", f"{IAM}user/${{aws:RequestedRegion}}"),
)
# What stands in a condition: operators, a key and the values that fit both.
_STRINGS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
_NUMBERS = ("NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals")
_ARNS = ("ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals")
_SETS = tuple(f"{each}:{name}" for each in ("ForAnyValue", "ForAllValues") for name in _STRINGS)
_REGIONS = ("eu-west-1", "us-east-1", "eu-*", "*-1", "EU-WEST-1")
_NETWORKS = ("203.0.113.0/24", "198.51.100.7/32", "0.0.0.0/0", "::/0", "2001:db8::/32")
Test = tuple[tuple[str, ...], str, tuple[str, ...]]
TESTS: tuple[Test, ...] = (
    (("Bool",), "aws:MultiFactorAuthPresent", ("true", "false")),
    (_NUMBERS, "aws:MultiFactorAuthAge", ("300", "3600", "0")),
    (("IpAddress", "NotIpAddress"), "aws:SourceIp", _NETWORKS),
    (_STRINGS, "aws:SourceVpce", ("vpce-1", "vpce-*")),
    ((*_STRINGS, "StringEqualsIgnoreCase"), "aws:PrincipalTag/first", ("x", "X", "?", "*")),
    (_STRINGS, "aws:PrincipalTag/none", ("x", "*")),
    ((*_STRINGS, "StringEqualsIgnoreCase"), "aws:RequestedRegion", _REGIONS),
    (_STRINGS, "sts:ExternalId", ("secret", "${aws:username}")),
    (_SETS, "aws:TagKeys", ("red", "blue", "b*")),
    (_STRINGS, "corp:Unheard", ("x", "*")),
    (("StringEquals", "StringLike"), "AWS:username", ("${aws:PrincipalTag/first}", "ann", "a?n")),
    (("StringLike",), "aws:username", ("${corp:Unheard}", "a${corp:Unheard}", "b${corp:Unheard}")),
    (_ARNS, "aws:PrincipalArn", (ANN, f"{IAM}*", "arn:*:iam::*:user/*", "*")),
    (("DateLessThan", "DateGreaterThan"), "aws:CurrentTime", ("2020-01-01T00:00:00+00:00",)),
    (("StringResembles",), "aws:username", ("ann",)),
)
BEST_FIRST = (Verdict.ALLOWED, Verdict.CONDITIONAL, Verdict.NONE, Verdict.DENIED)
LETS_IN = (Verdict.ALLOWED, Verdict.CONDITIONAL)
NULLABLE = tuple(key for operators, key, _ in TESTS if operators[0] != "StringResembles")
KEYS: dict[str, KeyState] = {
    "aws:username": ("ann",),
    "aws:principalarn": (ANN,),
    "aws:principaltag/first": ("x",),
    "aws:principaltag/none": KeyKnowledge.ABSENT,
    "aws:multifactorauthpresent": KeyKnowledge.ABSENT,
    "aws:multifactorauthage": KeyKnowledge.ABSENT,
    "aws:sourceip": KeyKnowledge.ANY_IPV4,
    "aws:sourcevpce": KeyKnowledge.ABSENT,
    "aws:requestedregion": KeyKnowledge.CHOSEN,
    "aws:tagkeys": KeyKnowledge.ABSENT,
    "sts:externalid": KeyKnowledge.ABSENT,
    "aws:currenttime": ("2026-10-01T00:00:00+00:00",),
}
"""What a leaked key of Ann's carries, read from S5 and not from the product.

None of the actions of AWS that are asked here has tags, or is one of STS.
"""
OF_UNLISTED: dict[str, KeyState] = {
    "aws:tagkeys": KeyKnowledge.UNKNOWN,
    "sts:externalid": KeyKnowledge.FREE,
}
"""The same for an action that nobody has heard of."""
NETWORKS: tuple[dict[str, KeyState], ...] = (
    {},
    {"aws:sourceip": KeyKnowledge.ANY_IPV6},
    {"aws:sourceip": KeyKnowledge.ABSENT, "aws:sourcevpce": ("vpce-of-the-thief",)},
)
"""From where its holder can call: IPv4, IPv6, an endpoint of his own."""
OTHERWISE: dict[str, tuple[KeyState, ...]] = {
    "aws:MultiFactorAuthPresent": (("true",), ("false",), KeyKnowledge.UNKNOWN),
    "aws:MultiFactorAuthAge": (("600",), KeyKnowledge.UNKNOWN),
    "aws:SourceIp": (("203.0.113.7",), ("192.0.2.1",), KeyKnowledge.UNKNOWN, KeyKnowledge.ABSENT),
    "aws:RequestedRegion": (("eu-west-1",), ("us-east-1",), KeyKnowledge.ABSENT),
    "aws:TagKeys": (("red",), ("red", "blue"), KeyKnowledge.ABSENT, KeyKnowledge.UNKNOWN),
    "corp:Unheard": (("x",), KeyKnowledge.FREE, KeyKnowledge.ABSENT),
}


class World(NamedTuple):
    """Ann's policies in plain JSON, layer by layer, and the account that has them."""

    layers: list[Layer]
    account: AccountBuilder
    keys: dict[str, KeyState]

    def requests(self, action: str, resource: str) -> Iterator[Request]:
        """The same request for the plain evaluator, from each network; IAM has one region."""
        asked = {name.lower(): state for name, state in self.keys.items()}
        is_regional = not action.startswith("iam:") or action == "iam:PassRole"
        region: dict[str, KeyState] = {} if is_regional else {"aws:requestedregion": ("us-east-1",)}
        unlisted = OF_UNLISTED if action.startswith("foo:") else {}
        for network in NETWORKS:
            yield Request(action, resource, KEYS | unlisted | region | network | asked)

    def plain(self, action: str, resource: str) -> Verdict:
        """What a plain reading says, and what AWS says of other accounts' resources."""
        found = {verdict(self.layers, each) for each in self.requests(action, resource)}
        best = next(each for each in BEST_FIRST if each in found)
        if resource.split(":")[4] not in ("444455556666", "999988887777"):
            return best
        if action.startswith("iam:"):
            return Verdict.NONE
        return Verdict.CONDITIONAL if best is Verdict.ALLOWED else best

    def is_entangled(self, action: str, resource: str) -> bool:
        """True if the product may be in doubt, by whichever network."""
        return any(is_entangled(self.layers, each) for each in self.requests(action, resource))

    def judged(self) -> tuple[AccountAuthorizer, PrincipalPolicies]:
        """What the product makes of it."""
        found = authorizer_for(self.account.account(), ASKED)
        return found, found.principals[ANN]


def some(values: Sequence[T]) -> st.SearchStrategy[list[T]]:
    """One or two of them."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


@st.composite
def conditions(draw: st.DrawFn, tests: Sequence[Test]) -> dict[str, Any]:
    """Up to two tests that may contradict one another."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(draw(st.integers(0, 2))):
        if draw(st.integers(0, 6)) == 0:
            key = draw(st.sampled_from(NULLABLE))
            found.setdefault("Null", {})[key] = draw(st.sampled_from(["true", "false", True]))
            continue
        operators, key, values = draw(st.sampled_from(tests))
        operator = draw(st.sampled_from(operators)) + draw(st.sampled_from(["", "IfExists"]))
        chosen = draw(some(values))
        found.setdefault(operator, {})[key] = chosen if len(chosen) > 1 else chosen[0]
    return found


@st.composite
def statements(draw: st.DrawFn, tests: Sequence[Test]) -> dict[str, Any]:
    """An Allow or a Deny, in each of the ways to write one."""
    named = draw(st.sampled_from(["Action", "Action", "Action", "NotAction"]))
    on = draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]))
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    made |= {named: draw(some(ACTIONS)), on: draw(some(RESOURCES))}
    when = draw(conditions(tests))
    return made | ({"Condition": when} if when else {})


@st.composite
def documents(draw: st.DrawFn, tests: Sequence[Test]) -> dict[str, Any]:
    """A policy, now and then of the version that knows no variables."""
    version = draw(st.sampled_from(["2012-10-17"] * 4 + ["2008-10-17"]))
    return {
        "Version": version,
        "Statement": draw(st.lists(statements(tests), min_size=1, max_size=3)),
    }


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Ann among a few others: policies of her own and a group, at times a boundary and SCPs."""
    tests = draw(some(TESTS))  # few, so that statements meet on one key
    inline = draw(st.lists(documents(tests), min_size=1, max_size=2))
    shared = draw(st.lists(documents(tests), max_size=1))
    identity: list[Any] = [*inline, *shared]
    over: list[Layer] = []
    made = account().empty_group("dev").member(GroupPolicyList=held(shared))
    made = made.user("bob", path="/team/").key().role("app").role("ops", path="/ops/")
    made = made.policy("limit").member(PolicyVersionList=None)
    kind = draw(st.sampled_from(["none", "none", "known", "missing", "unread"]))
    if kind == "known":
        document = draw(documents(tests))
        over = [[document]]
        version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document}
        made = made.member(PolicyVersionList=[version])
    elif kind != "none":
        over = [[None]]
    made = made.user("ann").key().group("dev").tag("first", "x")
    made = made.member(UserPolicyList=held(inline))
    if kind != "none":
        made = made.boundary(f"{IAM}policy/{'gone' if kind == 'missing' else 'limit'}")
    if draw(st.integers(0, 7)) == 0:
        made = made.attached(f"{IAM}policy/nowhere")
        identity.append(None)
    for target in draw(st.sampled_from([(), (), ("r-1",), ("r-1", "ou-1")])):
        document = draw(documents(tests))
        over.append([document])
        made = under(made, target, document)
    changed = draw(some(tuple(OTHERWISE))) if draw(st.booleans()) else []
    keys = {each: draw(st.sampled_from(OTHERWISE[each])) for each in changed}
    return World([identity, *over], made, keys)


def under(case: AccountBuilder, target: str, document: dict[str, Any]) -> AccountBuilder:
    """The account with this service control policy at that level of its organization."""
    policy = {"Id": f"p-{target}", "Type": "SERVICE_CONTROL_POLICY"}
    number = "111122223333"
    level = {"credaudit_target": target, "credaudit_account": number, "Policies": [policy]}
    text = {"Policy": {"PolicySummary": policy, "Content": json.dumps(document)}}
    return case.export("control-policies.json", level).export("control-policies.json", text)


def held(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Inline policies as the export has them."""
    return [{"PolicyName": f"p{n}", "PolicyDocument": each} for n, each in enumerate(found)]


def agree(product: Verdict, world: World, action: str, resource: str) -> bool:
    """True if the verdicts are the same, or the product is in doubt where it may be.

    A Deny in doubt over what nothing allows leaves NONE: neither verdict lets anyone in.
    """
    plain = world.plain(action, resource)
    doubts = {Verdict.CONDITIONAL} | ({Verdict.NONE} if plain is Verdict.DENIED else set())
    return product is plain or (product in doubts and world.is_entangled(action, resource))


def of_reach(
    found: AccountAuthorizer, policies: PrincipalPolicies, world: World, action: str
) -> Iterator[Any]:
    """Each ARN of the account with the verdict that the bits spell."""
    evaluator = found.evaluator(policies, EntryPoint.LEAKED_KEY).with_context(world.keys)
    reached = evaluator.allowed_resources(action)
    assert reached.certain & reached.possible == reached.certain
    sure = set(found.resources.named(reached.certain))
    for arn in found.resources.named(found.resources.everything):
        is_possible = bool(found.resources.bit(arn) & reached.possible)
        yield arn, Verdict.ALLOWED if arn in sure else is_possible


MANY = examples(0.25, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(worlds(), st.sampled_from(ASKED))
def test_a_decision_is_what_a_plain_reading_says(world: World, action: str) -> None:
    """On resources of the account and on any other, for known and unknown actions."""
    found, policies = world.judged()
    for resource in (*ELSEWHERE, *found.resources.named(found.resources.everything)):
        said = found.decide(policies, action, resource, EntryPoint.LEAKED_KEY, world.keys).verdict
        assert agree(said, world, action, resource), (said, world.plain(action, resource), resource)


@MANY
@given(worlds(), st.sampled_from(ASKED))
def test_the_bits_are_what_a_plain_reading_says_of_each_arn(world: World, action: str) -> None:
    """What is surely in reach is allowed; what may be is conditional; the rest is neither."""
    found, policies = world.judged()
    for arn, said in of_reach(found, policies, world, action):
        plain = world.plain(action, arn)
        is_doubted = said is True and world.is_entangled(action, arn)
        expected = {Verdict.ALLOWED: Verdict.ALLOWED, Verdict.CONDITIONAL: True}.get(plain, False)
        assert said == expected or is_doubted, (said, plain, arn)


@MANY
@given(worlds(), st.sampled_from(ASKED))
def test_what_is_allowed_somewhere_is_never_denied_everywhere(world: World, action: str) -> None:
    """Asked without a resource, the verdict is no worse than on any resource of the right kind.

    Nobody manages the IAM of another account, so of that only the account's own counts.
    """
    found, policies = world.judged()
    said = found.decide(policies, action, None, EntryPoint.LEAKED_KEY, world.keys).verdict
    whose = found.resources.account if action.startswith("iam:") else "*"
    shapes = resource_patterns(found.actions.resource_forms(action), found.resources, whose)
    for resource in (*ELSEWHERE, *found.resources.named(found.resources.everything)):
        if any(arn_matches(shape, resource) for shape in shapes):
            plain = world.plain(action, resource)
            assert said in LETS_IN or plain not in LETS_IN, (said, plain, resource)
