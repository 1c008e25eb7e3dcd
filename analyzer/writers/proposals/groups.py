"""In: a proposal of groups. Out: it as JSON, as lines of text, and as Terraform."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analyzer.display import printable
from analyzer.proposals.group_steps import group_steps
from analyzer.proposals.groups import GroupProposal, ProposedGroup, Regrouping
from analyzer.proposals.inline_names import name_inline_policies
from analyzer.proposals.jobs import Outlier
from analyzer.proposals.rights import Right
from analyzer.writers.proposals.terraform import Reference, Value, label_of, resource_block

_NONE = "no group would take over anything that people hold directly"


def groups_as_json(proposal: GroupProposal, changed: tuple[str, ...]) -> dict[str, Any]:
    """All of it, plain. `changed` are the users whose rights would not be the same."""
    jobs = proposal.jobs
    return {
        "base": [_right(each) for each in jobs.base],
        "only_base": list(jobs.only_base),
        "jobs": [
            {
                "name": each.name,
                "rights": [_right(right) for right in each.rights],
                "members": list(each.members),
            }
            for each in jobs.jobs
        ],
        "outliers": [
            {
                "user": each.user,
                "nearest": each.nearest,
                "besides": [_right(right) for right in each.besides],
                "lacking": [_right(right) for right in each.lacking],
            }
            for each in jobs.outliers
        ],
        "groups": [group_as_json(each) for each in proposal.groups],
        "moves": [
            {
                "user": each.holder.user.name,
                "joins": list(each.joins),
                "drops": [_right(right) for right in each.drops],
                "keeps": [_right(right) for right in each.keeps],
            }
            for each in proposal.regroupings
        ],
        "settled": list(proposal.settled),
        "left_alone": [{"user": each.user, "reason": each.reason} for each in proposal.left_alone],
        "commands": list(group_steps(proposal)),
        "rights_changed": list(changed),
    }


def group_as_json(group: ProposedGroup) -> dict[str, Any]:
    """One group, plain."""
    return {
        "name": group.name,
        "new": group.is_new,
        "base": group.is_base,
        "rights": [_right(right) for right in group.rights],
        "joining": list(group.joining),
    }


def _right(right: Right) -> dict[str, str]:
    if right.is_managed:
        return {"policy": right.name, "arn": right.arn}
    return {"policy": right.name, "document": right.text}


def groups_as_text(proposal: GroupProposal, changed: tuple[str, ...]) -> Iterator[str]:
    """A page for a reader: what people share, who stands apart, the moves, the commands."""
    jobs = proposal.jobs
    if jobs.base:
        yield f"nearly everyone holds {_names(jobs.base)}"
    if jobs.jobs:
        yield "jobs, by the rights that people share:"
    elif len(jobs.outliers) > 1:
        yield "no two people hold the same rights"
    elif not jobs.outliers:
        yield "nobody is left to put into groups"
    for job in jobs.jobs:
        yield f"  {printable(job.name)}: {_names(job.rights)}; {_count(len(job.members), 'person')}"
    if jobs.outliers:
        yield "people whose rights nobody else has:"
    yield from (f"  {_outlier(each)}" for each in jobs.outliers)
    yield from _moves(proposal)
    if proposal.left_alone:
        yield "left alone:"
    for left in proposal.left_alone:
        yield f"  {printable(left.user)}: {printable(left.reason)}"
    yield _proof(changed)
    yield from ("", "set -e", *group_steps(proposal)) if proposal.regroupings else ()


def _proof(changed: tuple[str, ...]) -> str:
    if changed:
        return f"CAUTION: the rights of {', '.join(map(printable, changed))} would change"
    return "Nobody's rights change: each person's policies and allowed actions were compared."


def _moves(proposal: GroupProposal) -> Iterator[str]:
    if not proposal.regroupings:
        yield _NONE
        return
    yield "groups:"
    for group in proposal.groups:
        kind = "new" if group.is_new else "exists"
        who = ", ".join(map(printable, group.joining))
        yield f"  {printable(group.name)} ({kind}): {_names(group.rights)}; joining: {who}"
    keeping = [each for each in proposal.regroupings if each.keeps]
    if keeping:
        yield "still held directly afterwards, since no second person has it:"
    for change in keeping:
        yield f"  {printable(change.holder.user.name)}: {_names(change.keeps)}"


def _outlier(outlier: Outlier) -> str:
    user = printable(outlier.user)
    if not outlier.nearest:
        return f"{user}: {_names(outlier.besides)}"
    besides = f", plus {_names(outlier.besides)}" if outlier.besides else ""
    lacking = f", without {_names(outlier.lacking)}" if outlier.lacking else ""
    return f"{user}: like {printable(outlier.nearest)}{lacking}{besides}"


def _names(rights: Iterable[Right]) -> str:
    return ", ".join(printable(each.label) for each in rights)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else 'people'}"


def groups_as_terraform(proposal: GroupProposal, changed: tuple[str, ...]) -> Iterator[str]:
    """Blocks for what is new, then the commands for what Terraform does not manage yet."""
    used: set[str] = set()
    made: dict[str, Reference] = {}
    yield f"# {_proof(changed) if proposal.regroupings else _NONE}"
    for group in proposal.groups:
        if group.is_new:
            label = label_of(group.name, used=used)
            made[group.name] = Reference(f"aws_iam_group.{label}", "name")
            yield resource_block("aws_iam_group", label, {"name": group.name})
            yield from _grants(group, made[group.name], used)
    for change in proposal.regroupings:
        if change.joins:
            yield _membership(change, made, used)
    dropped = [each for each in group_steps(proposal) if "-user-policy " in each]
    if dropped:
        yield "\n".join(
            (
                "# When these are applied, take away the direct grants; where Terraform manages",
                "# them, delete their blocks instead.",
                *(f"# {printable(each)}" for each in dropped),
            )
        )


def _grants(group: ProposedGroup, made: Reference, used: set[str]) -> Iterator[str]:
    for right in group.rights:
        if right.is_managed:
            label = label_of(group.name, right.name, used=used)
            yield resource_block(
                "aws_iam_group_policy_attachment",
                label,
                {"group": made, "policy_arn": right.arn},
            )
    for name, text in name_inline_policies(group.rights):
        label = label_of(group.name, name, used=used)
        arguments: dict[str, Value] = {"name": name, "group": made, "policy": text}
        yield resource_block("aws_iam_group_policy", label, arguments)


def _membership(change: Regrouping, made: Mapping[str, Reference], used: set[str]) -> str:
    """Membership beside others: `aws_iam_group_membership` would throw everyone else out."""
    user = change.holder.user.name
    groups: list[str | Reference] = [made.get(each, each) for each in change.joins]
    return resource_block(
        "aws_iam_user_group_membership",
        label_of("member", user, used=used),
        {"user": user, "groups": groups},
    )
