"""In: a question on which two evaluators disagree. Out: the least of it on which they still do."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.policy.question_material import ABSENT
from tests.policy.random_questions import Question
from tests.policy.simulations import context, controls, policies_over

_MAY_BE_EMPTY = frozenset(
    {
        *("UserPolicyList", "RolePolicyList", "GroupPolicyList", "AttachedManagedPolicies"),
        *("GroupList", "Tags"),
    }
)
_MAY_SHRINK = frozenset({"Statement", "Action", "NotAction", "Resource", "NotResource", "AWS"})
_MAY_GO = frozenset({"Condition", "PermissionsBoundary"})
_ANSWERS = "control-policies.json"


def smallest(question: Question, disagrees: Callable[[Question], bool]) -> Question:
    """The question with everything taken away that the disagreement does not need."""
    changed = True
    while changed:
        changed = False
        for smaller in _smaller(question):
            if disagrees(smaller):
                question, changed = smaller, True
                break
    return question


def described(question: Question) -> str:
    """The question as a reader checks it: who asks what, and all policies that matter."""
    lines = [f"{question.who} asks for {question.action} on {question.resource}"]
    lines += [f"  {key} = {value}" for key, value in context(question).items()]
    lines += [f"  {name}: {json.dumps(text)}" for name, text in policies_over(question)]
    for sort in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        for level in controls(question, sort):
            lines += [f"  {sort}: {json.dumps(each['policy'])}" for each in level["policies"]]
    return "\n".join(lines)


def _smaller(question: Question) -> Iterator[Question]:
    made = question.account
    for file in made.exports:
        exports = {name: answers for name, answers in made.exports.items() if name != file}
        yield replace(question, account=replace(made, exports=exports))
    for details in _without_one(made.details):
        yield replace(question, account=replace(made, details=details))
    answers = made.exports.get(_ANSWERS, [])
    for at, answer in enumerate(answers):
        # A level may go as a whole; a policy without its text would be another question.
        others = [[]] if "credaudit_target" in answer else []
        for each in (*others, *([one] for one in _without_one(answer))):
            exports = made.exports | {_ANSWERS: [*answers[:at], *each, *answers[at + 1 :]]}
            yield replace(question, account=replace(made, exports=exports))
    for key, state in question.keys.items():
        if state is not ABSENT:
            yield replace(question, keys=question.keys | {key: ABSENT})


def _without_one(document: Any) -> Iterator[Any]:
    """The document with one thing less, big things first."""
    for path in sorted(_removable(document, ()), key=len):
        made = copy.deepcopy(document)
        holder = made
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        yield made


def _removable(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, list):
        is_of_several = len(node) > 1 and (path[-1] in _MAY_SHRINK or "Condition" in path)
        if path[-1] in _MAY_BE_EMPTY or is_of_several:
            yield from ((*path, at) for at in range(len(node)))
        for at, each in enumerate(node):
            yield from _removable(each, (*path, at))
    elif isinstance(node, dict):
        for key, each in node.items():
            if key in _MAY_GO or (len(node) > 1 and "Condition" in path[-2:]):
                yield (*path, key)
            yield from _removable(each, (*path, key))
