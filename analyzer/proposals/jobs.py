"""In: the people of an account. Out: the jobs that their rights show, and who fits none.

What most people share is set apart first; a job is what two or more hold exactly beside it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from analyzer.proposals.group_names import job_name
from analyzer.proposals.group_sets import SharedSet, base_set, job_sets
from analyzer.proposals.rights import Right, RightsOfPeople


@dataclass(frozen=True, slots=True)
class Job:
    """Rights that several people hold beside those that everyone has."""

    name: str
    rights: tuple[Right, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outlier:
    """A person whose rights no other has: the nearest job, and what sets them apart from it.

    `nearest` is "" where no job has any right of theirs.
    """

    user: str
    nearest: str
    besides: tuple[Right, ...]
    lacking: tuple[Right, ...]


@dataclass(frozen=True, slots=True)
class Jobs:
    """Everyone with rights. `base` are the rights that most share, `only_base` hold just these."""

    base: tuple[Right, ...]
    only_base: tuple[str, ...]
    jobs: tuple[Job, ...]
    outliers: tuple[Outlier, ...]


def jobs_of(people: RightsOfPeople) -> Jobs:
    """The jobs by size, and the outliers by name."""
    held = {each.user.name: each.rights for each in people.holders if each.rights}
    base = base_set(held) or SharedSet(frozenset(), ())
    rest = {name: rights - base.rights for name, rights in held.items() if name in base.members}
    rest |= {name: rights for name, rights in held.items() if name not in base.members}
    tags = {each.user.name: each.details.tags for each in people.holders}
    jobs: list[Job] = []
    for shared in job_sets({name: rights for name, rights in rest.items() if rights}):
        name = _name_of(shared, people.groups, tags, {each.name for each in jobs})
        jobs.append(Job(name, tuple(sorted(shared.rights)), shared.members))
    placed = {member for job in jobs for member in job.members}
    lone = {name: rights for name, rights in rest.items() if rights and name not in placed}
    return Jobs(
        base=tuple(sorted(base.rights)),
        only_base=tuple(sorted(name for name, rights in rest.items() if not rights)),
        jobs=tuple(jobs),
        outliers=tuple(_outliers(lone, jobs)),
    )


def _name_of(
    shared: SharedSet,
    groups: Mapping[str, frozenset[Right]],
    tags: Mapping[str, Mapping[str, str]],
    taken: Collection[str],
) -> str:
    """The name of the group that gives just these rights, where there is one."""
    carrying = sorted(name for name, rights in groups.items() if rights == shared.rights)
    if carrying and carrying[0] not in taken:
        return carrying[0]
    return job_name([tags[each] for each in shared.members], shared.rights, taken)


def _outliers(lone: Mapping[str, frozenset[Right]], jobs: list[Job]) -> Iterator[Outlier]:
    sets = {job.name: frozenset(job.rights) for job in jobs}
    for user, rights in sorted(lone.items()):
        alike = [name for name in sets if sets[name] & rights]
        nearest = min(alike, key=lambda name: (len(sets[name] ^ rights), name), default="")
        job = sets.get(nearest, frozenset())
        yield Outlier(user, nearest, tuple(sorted(rights - job)), tuple(sorted(job - rights)))
