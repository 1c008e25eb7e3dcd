"""In: an account. Out: the names that are taken in it, and what would free those of policies."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from analyzer.inventory.model import Account


def named_resources(account: Account) -> Iterator[str]:
    """The users, roles and policies that the account has, also policies whose text is missing."""
    yield from (user.arn for user in account.users)
    yield from (role.arn for role in account.roles)
    yield from (policy.arn for policy in account.policies)
    yield from freeing_calls(account)


def freeing_calls(account: Account) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """For each policy who holds it, or has it as boundary, and the action that takes it off."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    holders = (
        *(("User", user.arn, user.details) for user in account.users),
        *(("Role", role.arn, role.details) for role in account.roles),
        *(("Group", group.arn, group.details) for group in account.groups),
    )
    for kind, arn, details in holders:
        for each in details.attached if details is not None else ():
            if each.arn:
                found[each.arn].append((arn, f"iam:Detach{kind}Policy"))
        if details is not None and details.boundary:
            call = f"iam:Delete{kind}PermissionsBoundary"
            found[details.boundary].append((arn, call))
    return {policy: tuple(calls) for policy, calls in found.items()}


def name_in(arn: str) -> str:
    """The kind, owner and name that an ARN of IAM tells, as AWS compares them."""
    owner, _, rest = arn.partition(":iam::")[2].partition(":")
    return f"{owner}:{rest.partition('/')[0]}/{rest.rpartition('/')[2]}".casefold()
