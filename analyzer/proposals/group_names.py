"""In: the members of a proposed group and their tags. Out: a name that IAM takes.

Names: up to 128 of letters, digits and +=,.@_-
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from analyzer.proposals.rights import Right

_JOB_TAGS = ("job", "jobtitle", "function", "role", "team", "department", "dept", "unit", "group")
"""The keys of tags that tell a job, the closest one first; hyphens and the like are left away."""
_NOT_ALLOWED = re.compile(r"[^\w+=,.@-]+", re.ASCII)
_LONGEST = 64
"""Half of what IAM takes, since a name has to be read, and a number may follow."""
BASE_NAME = "everyone"


def job_name(
    tags: Collection[Mapping[str, str]], rights: Collection[Right], taken: Collection[str]
) -> str:
    """A tag's value that more than half of the members share, else the name of a policy.

    `taken` are the names in use; IAM tells no capitals from small letters.
    """
    words = [*_shared_values(tags), *(each.name for each in sorted(rights)), "job"]
    names = [name for word in words if (name := _fit(word))]
    free = [name for name in names if name.lower() not in {each.lower() for each in taken}]
    return free[0] if free else free_name(names[0], taken)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with the first number behind it that makes it free."""
    used = {each.lower() for each in taken}
    number, tried = 1, name
    while tried.lower() in used:
        number += 1
        tried = f"{name}-{number}"
    return tried


def _shared_values(tags: Collection[Mapping[str, str]]) -> Iterator[str]:
    for key in _JOB_TAGS:
        values = [
            value.strip()
            for each in tags
            for name, value in each.items()
            if _NOT_ALLOWED.sub("", name.lower()).replace("-", "").replace("_", "") == key
        ]
        ranked = Counter(filter(None, values)).most_common(1)
        if ranked and ranked[0][1] * 2 > len(tags):
            yield ranked[0][0]


def _fit(word: str) -> str:
    """The word as a name, the rest of it replaced by hyphens; "" where nothing is left."""
    return _NOT_ALLOWED.sub("-", word).strip("-").lower()[:_LONGEST]
