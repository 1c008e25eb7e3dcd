"""In: a seed. Out: a random account, and questions that are worth asking in it.

Each account holds Ann (in a group), Bob, a few roles, a policy of its own, and at times boundaries
and policies of the organization. A question says which condition keys its request carries, so that
nothing but the account's own evidence is left to be known or unknown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from analyzer.policy.conditions import KeyState
from tests.builders import AccountBuilder, account, allow
from tests.policy.question_material import (
    ABSENT,
    ANN,
    APP,
    ARNS,
    ASSUMING,
    BOB,
    CHOSEN,
    FOREIGN,
    GUARDED,
    IAM,
    IDENTITY,
    LIMIT,
    LINKED,
    MANAGED,
    NUMBER,
    OF_PRINCIPALS,
    OF_SESSIONS,
    OF_TARGETS,
    ONE_REGION,
    OPS,
    OTHERS,
    PATTERNS,
    RESERVED,
    TESTS,
    TRUSTED,
    Test,
)

T = TypeVar("T")
_NOW_AND_THEN, _SOMETIMES, _OFTEN = 0.12, 0.25, 0.5


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """Whether this principal of the account may do that, by a request that has these keys."""

    account: AccountBuilder
    who: str
    action: str
    resource: str
    keys: dict[str, KeyState]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an account's policies are about: what conditions test, and what is asked."""

    tests: Sequence[Test]
    requests: Sequence[tuple[str, str]]


def random_questions(seed: int, number: int) -> list[Question]:
    """That many questions about one account, always the same for a seed."""
    rng = Random(seed)  # noqa: S311 - nothing secret
    pool = rng.choice([OTHERS, IDENTITY, ASSUMING, ASSUMING])
    requests = [rng.choice(pool) for _ in range(number)]
    tests = list(TESTS)
    tests += OF_PRINCIPALS * 3 if pool is IDENTITY else OF_SESSIONS if pool is ASSUMING else ()
    subject = Subject(some(rng, tests, 3), requests)  # few, so that statements meet on one key
    made = random_account(rng, subject)
    return [
        Question(
            made, rng.choice([ANN, ANN, ANN, OPS, OPS, LINKED]), *each, chosen_keys(rng, *each)
        )
        for each in requests
    ]


def some(rng: Random, values: Sequence[T], most: int = 2) -> list[T]:
    """One of them, or a few."""
    return rng.sample(values, rng.randint(1, min(most, len(values))))


def chosen_keys(rng: Random, action: str, resource: str) -> dict[str, KeyState]:
    """What the request carries that does not follow from the account."""
    found = {key: rng.choice(states) for key, states in CHOSEN.items()}
    if not any(f":{number}:" in resource for number in (NUMBER, FOREIGN)):
        found["aws:ResourceAccount"] = rng.choice([ABSENT, (NUMBER,)])
    if resource not in (ANN, BOB, APP, OPS, LINKED, RESERVED):
        found |= dict.fromkeys(OF_TARGETS, ABSENT)
    if action != "sts:AssumeRole":
        found["sts:ExternalId"] = ABSENT
    if action.partition(":")[0] in ONE_REGION and action != "iam:PassRole":
        del found["aws:RequestedRegion"]
    return found


def conditions(rng: Random, tests: Sequence[Test]) -> dict[str, Any]:
    """The member Condition: none, mostly, or up to two tests that may contradict one another."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        test = rng.choice(tests)
        if rng.random() < _NOW_AND_THEN:
            found.setdefault("Null", {})[test.key] = rng.choice(["true", "false"])
            continue
        operator = rng.choice(test.operators) + rng.choice(["", "", "IfExists"])
        chosen = some(rng, test.values)
        found.setdefault(operator, {})[test.key] = chosen if len(chosen) > 1 else chosen[0]
    return {"Condition": found} if found else {}


def statement(rng: Random, subject: Subject) -> dict[str, Any]:
    """An Allow or a Deny, about some of the requests or about nothing of them."""
    actions = (*("*",) * 3, *(action for action, _ in subject.requests), *PATTERNS)
    resources = (*("*",) * 3, *(resource for _, resource in subject.requests), *ARNS)
    return {
        "Effect": rng.choice(["Allow", "Allow", "Allow", "Deny"]),
        rng.choice(["Action"] * 4 + ["NotAction"]): some(rng, actions),
        rng.choice(["Resource"] * 4 + ["NotResource"]): some(rng, resources),
        **conditions(rng, subject.tests),
    }


def document(rng: Random, subject: Subject) -> dict[str, Any]:
    """A policy, every other one wide, now and then of the version that knows no variables."""
    version = "2008-10-17" if rng.random() < _NOW_AND_THEN else "2012-10-17"
    wide = [allow("*")] if rng.random() < _OFTEN else []
    found = [statement(rng, subject) for _ in range(rng.randint(1, 3))]
    return {"Version": version, "Statement": [*wide, *found]}


def trust_policy(rng: Random, tests: Sequence[Test]) -> dict[str, Any]:
    """Up to three statements: who is let in, who is kept out, by name or by exception."""
    found = []
    for _ in range(rng.randint(1, 3)):
        named = "NotPrincipal" if rng.random() < _NOW_AND_THEN else "Principal"
        principals = [each for each in TRUSTED if named == "Principal" or "*" not in str(each)]
        found.append(
            {
                "Effect": rng.choice(["Allow", "Allow", "Allow", "Deny"]),
                named: rng.choice(principals),
                "Action": rng.choice(
                    ["sts:AssumeRole", "sts:AssumeRole", "sts:*", "sts:TagSession"]
                ),
                **conditions(rng, tests),
            }
        )
    return {"Version": "2012-10-17", "Statement": found}


def random_account(rng: Random, subject: Subject) -> AccountBuilder:
    """An account in which these requests mean something."""

    def held(most: int) -> list[dict[str, Any]]:
        found = [document(rng, subject) for _ in range(rng.randint(0, most))]
        return [{"PolicyName": f"p{at}", "PolicyDocument": each} for at, each in enumerate(found)]

    def limited(made: AccountBuilder) -> AccountBuilder:
        return made.boundary(LIMIT) if rng.random() < _SOMETIMES else made

    def attached(made: AccountBuilder) -> AccountBuilder:
        return made.attached(rng.choice(MANAGED)) if rng.random() < _SOMETIMES else made

    made = account().empty_group("dev").member(GroupPolicyList=held(1))
    for name in ("limit", "own"):
        version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document(rng, subject)}
        made = made.policy(name).member(PolicyVersionList=[version])
    made = limited(made.user("bob", path="/team/").key().tag("team", "y"))
    made = (
        made.role("app")
        .tag("team", "x")
        .member(AssumeRolePolicyDocument=trust_policy(rng, subject.tests))
    )
    made = limited(made)
    made = made.role(RESERVED.rpartition("/")[2], path="/aws-reserved/sso.amazonaws.com/")
    made = made.role(LINKED.rpartition("/")[2], path="/aws-service-role/x.amazonaws.com/")
    made = limited(made.member(RolePolicyList=held(1)))
    made = made.role("ops", path="/ops/").tag("team", "x").member(RolePolicyList=held(2))
    made = made.trusts({"AWS": f"{IAM}root"}) if rng.random() < _OFTEN else made
    made = attached(limited(made))
    made = made.user("ann").key().tag("team", rng.choice(["x", "ann"])).group("dev")
    made = attached(limited(made.member(UserPolicyList=held(2))))
    return organized(rng, made, subject)


def organized(rng: Random, made: AccountBuilder, subject: Subject) -> AccountBuilder:
    """Now and then under policies of an organization, level by level, or its management account."""
    levels = rng.choice([(), (), ("r-1",), ("r-1", "ou-1")])
    if levels and rng.random() < _NOW_AND_THEN:
        made = made.organization(management=NUMBER)
    for target in levels:
        text = document(rng, subject) | {"Version": "2012-10-17"}
        texts = {f"p-{target}": ("SERVICE_CONTROL_POLICY", text)}
        if rng.random() < _OFTEN:
            guard = {
                "Effect": "Deny",
                "Principal": "*",
                "Action": some(rng, GUARDED),
                "Resource": rng.choice(["*", "*", "arn:aws:s3:::*", f"{IAM}*"]),
                **conditions(rng, subject.tests),
            }
            text = {"Version": "2012-10-17", "Statement": [guard]}
            texts[f"p-{target}-rcp"] = ("RESOURCE_CONTROL_POLICY", text)
        for answer in _level(target, texts):
            made = made.export("control-policies.json", answer)
    return made


def _level(target: str, texts: dict[str, tuple[str, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    summaries = [{"Id": number, "Type": sort} for number, (sort, _) in texts.items()]
    attached = [*summaries, {"Id": "p-RCPFullAWSAccess", "Type": "RESOURCE_CONTROL_POLICY"}]
    yield {"credaudit_target": target, "credaudit_account": NUMBER, "Policies": attached}
    for summary in summaries:
        yield {"Policy": {"PolicySummary": summary, "Content": texts[summary["Id"]][1]}}
