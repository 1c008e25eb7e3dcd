"""In: the people of an account and its groups. Out: who would join which group, for which rights.

Nobody gains or loses a right. Who holds all rights through groups stays as is. For the others,
groups that give nothing more than the person holds come first, then a base group for what most of
them share, then a group for each set of rights that two or more hold. Rights of one person alone
stay where they are, and are named.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from analyzer.proposals.group_names import BASE_NAME, free_name, job_name
from analyzer.proposals.group_sets import SharedSet, base_set, job_sets
from analyzer.proposals.jobs import Jobs, jobs_of
from analyzer.proposals.rights import Holder, LeftAlone, Right, RightsOfPeople

_MOST_MANAGED = 10
"""Managed policies of a group, by IAM's default quota.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
_MOST_INLINE = 5120
"""Characters of all inline policies of a group, blanks left out; the same page."""
_MOST_GROUPS = 10
"""Groups of one user; the same page."""


@dataclass(frozen=True, slots=True)
class ProposedGroup:
    """A group with all its rights. `joining` are those who are no members yet."""

    name: str
    rights: tuple[Right, ...]
    joining: tuple[str, ...]
    is_new: bool
    is_base: bool = False


@dataclass(frozen=True, slots=True)
class Regrouping:
    """What changes for one person, who leaves no group. `keeps` are rights that stay direct."""

    holder: Holder
    joins: tuple[str, ...]
    drops: tuple[Right, ...]
    keeps: tuple[Right, ...]


@dataclass(frozen=True, slots=True)
class GroupProposal:
    """All of it. `settled` hold every right through groups today."""

    jobs: Jobs
    groups: tuple[ProposedGroup, ...]
    regroupings: tuple[Regrouping, ...]
    settled: tuple[str, ...]
    left_alone: tuple[LeftAlone, ...]


def propose_groups(people: RightsOfPeople) -> GroupProposal:
    """The groups that would carry what people hold directly today."""
    direct = [each for each in people.holders if each.direct]
    settled = [each.user.name for each in people.holders if each.rights and not each.direct]
    given = {name: rights for name, rights in people.groups.items() if rights}
    fitting = {each.user.name: tuple(_fitting_groups(each, given)) for each in direct}
    made = _new_groups(direct, given, fitting, people.groups)
    sets = {**given, **{each.name: frozenset(each.rights) for each in made}}
    regroupings, left = [], list(people.left_alone)
    for holder in direct:
        name = holder.user.name
        joined = (*fitting[name], *(each.name for each in made if name in each.joining))
        change = _regroup(holder, joined, sets)
        if len({*holder.details.groups, *joined}) > _MOST_GROUPS:
            left.append(LeftAlone(name, f"would be in more than {_MOST_GROUPS} groups"))
        elif change.joins or change.drops:
            regroupings.append(change)
    return GroupProposal(
        jobs=jobs_of(people),
        groups=tuple(_with_those_joining(sets, made, regroupings)),
        regroupings=tuple(regroupings),
        settled=tuple(settled),
        left_alone=tuple(left),
    )


def _fitting_groups(holder: Holder, given: Mapping[str, frozenset[Right]]) -> Iterator[str]:
    """Groups that give the person nothing new, until they give all that such groups can.

    Those that the person is in come first, then those that give most.
    """
    fitting = [name for name, rights in given.items() if rights <= holder.rights]
    fitting.sort(key=lambda name: (name not in holder.by_group, -len(given[name]), name))
    covered: frozenset[Right] = frozenset()
    for name in fitting:
        if name in holder.by_group or given[name] - covered:
            covered |= given[name]
            yield name


def _new_groups(
    direct: list[Holder],
    given: Mapping[str, frozenset[Right]],
    fitting: Mapping[str, tuple[str, ...]],
    known: Collection[str],
) -> tuple[ProposedGroup, ...]:
    """The base group and the groups by job for what existing groups don't give."""
    remaining = {
        each.user.name: each.rights.difference(*(given[name] for name in fitting[each.user.name]))
        for each in direct
    }
    tags = {each.user.name: each.details.tags for each in direct}
    base = base_set({name: held for name, held in remaining.items() if held})
    made: list[ProposedGroup] = []
    if base is not None:
        for name in base.members:
            remaining[name] -= base.rights
        made += _split(base, free_name(BASE_NAME, known), known, is_base=True)
    for job in job_sets({name: held for name, held in remaining.items() if held}):
        taken = {*known, *(each.name for each in made)}
        name = job_name([tags[each] for each in job.members], job.rights, taken)
        made += _split(job, name, taken)
    return tuple(made)


def _split(
    shared: SharedSet, name: str, taken: Collection[str], *, is_base: bool = False
) -> Iterator[ProposedGroup]:
    """As many groups as IAM's quotas ask for; the first has the name."""
    used = set(taken)
    for part in _within_quotas(sorted(shared.rights)):
        free = free_name(name, used)
        used.add(free)
        yield ProposedGroup(free, part, shared.members, is_new=True, is_base=is_base)


def _within_quotas(rights: list[Right]) -> Iterator[tuple[Right, ...]]:
    part: list[Right] = []
    managed = characters = 0
    for right in rights:
        size = sum(not each.isspace() for each in right.text)
        is_full = right.is_managed and managed == _MOST_MANAGED
        if part and (is_full or characters + size > _MOST_INLINE):
            yield tuple(part)
            part, managed, characters = [], 0, 0
        part.append(right)
        managed += right.is_managed
        characters += size
    if part:
        yield tuple(part)


def _regroup(
    holder: Holder, joined: Collection[str], sets: Mapping[str, frozenset[Right]]
) -> Regrouping:
    given = frozenset[Right]().union(*(sets[name] for name in joined))
    joins = tuple(name for name in joined if name not in holder.by_group)
    return Regrouping(
        holder,
        joins=joins,
        drops=tuple(sorted(each for each in holder.direct if each in given)),
        keeps=tuple(sorted(each for each in holder.direct if each not in given)),
    )


def _with_those_joining(
    sets: Mapping[str, frozenset[Right]],
    made: tuple[ProposedGroup, ...],
    regroupings: list[Regrouping],
) -> Iterator[ProposedGroup]:
    """Each group that somebody joins, the new ones first."""
    joining: dict[str, list[str]] = {each.name: [] for each in made}
    for change in regroupings:
        for name in change.joins:
            joining.setdefault(name, []).append(change.holder.user.name)
    new = {each.name: each for each in made}
    for name, members in joining.items():
        if not members:
            continue
        if name in new:
            yield replace(new[name], joining=tuple(members))
        else:
            rights = tuple(sorted(sets[name]))
            yield ProposedGroup(name, rights, tuple(members), is_new=False)
