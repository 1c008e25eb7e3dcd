"""In: a statement and an action. Out: whether it names every resource of a type of the action's.

`arn:aws:iam::*:role/*` is every role as much as `*` is. A pattern names all of a type if it covers
resources whose names nobody can have thought of, and takes nothing but the fixed parts of the
type's ARN for granted. Which ARNs an action works on, AWS lists action by action:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from analyzer.globs import matches, overlap
from analyzer.policy.arns import is_everything, with_all_fields
from analyzer.policy.documents import Statement
from analyzer.policy.lint.action_details import action_details

_FIELDS = 6
_UNHEARD = "\ue000"
"""A private character, which no policy and no name has."""
_SHORT, _LONG = _UNHEARD * 8, _UNHEARD * 24
_ANY_ACCOUNT = _UNHEARD * 12
_SECRETS, _SUFFIX = "secret:*", "-" + _UNHEARD * 6
_ACROSS_ACCOUNTS = "sts:assumerole"
_WILD = "*"
_MOST_KEPT = 1 << 14


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a pattern reaches that names all of a type: in one region, in another account.

    Both are empty where it is every region, and the account itself, whether or not others are.
    """

    region: str = ""
    account: str = ""

    @property
    def bounds(self) -> str:
        """The bounds in words; "" where there are none."""
        where = (("region", self.region), ("account", self.account))
        return " and ".join(f"{what} {name}" for what, name in where if name)


def reach_of(statement: Statement, action: str, partition: str, account: str) -> Reach | None:
    """How far the statement's resources are all of a type on which the action works; else None.

    Several patterns count one by one: the furthest speaks. Another account's resources count for
    sts:AssumeRole alone, because other actions need more than a policy of this account there.
    """
    forms = action_details().forms.get(action.lower(), ())
    if statement.excludes_resources:
        return None if any(_leaves_out(each, forms) for each in statement.resources) else Reach()
    if any(map(is_everything, statement.resources)):
        return Reach()
    by_service = _by_service(statement.resources)
    found = [
        reach
        for form in forms
        for pattern in (*by_service.get(form.partition(":")[0], ()), *by_service[_WILD])
        if (reach := _reach(pattern, form, partition, account))
        and (not reach.account or action.lower() == _ACROSS_ACCOUNTS)
    ]
    return min(found, key=lambda each: (bool(each.account), bool(each.region)), default=None)


def names_all_of_service(pattern: str, service: str, partition: str, account: str) -> bool:
    """True if the pattern names all that the service can have in the account, in any region."""
    forms = (f"{service}:?*:@:*", f"{service}::@:*", *(("s3:::*",) if service == "s3" else ()))
    return is_everything(pattern) or Reach() in (
        _reach(pattern, form, partition, account) for form in forms
    )


@lru_cache(_MOST_KEPT)
def _by_service(patterns: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """The patterns by the service that they name; under _WILD those that leave it open."""
    found: dict[str, list[str]] = {_WILD: []}
    for each in patterns:
        service = with_all_fields(each).split(":", _FIELDS - 1)[2]
        found.setdefault(_WILD if set(service) & set("*?") else service, []).append(each)
    return {service: tuple(named) for service, named in found.items()}


def _leaves_out(pattern: str, forms: tuple[str, ...]) -> bool:
    """True if the pattern, of a NotResource, may stand for a resource of one of the forms."""
    if is_everything(pattern) or not forms:
        return True
    theirs = with_all_fields(pattern).split(":", _FIELDS - 1)[2:]
    shapes = (form.replace("@", "*").split(":", _FIELDS - 3) for form in forms)
    return any(all(map(overlap, shape, theirs)) for shape in shapes)


@lru_cache(_MOST_KEPT)
def _reach(pattern: str, form: str, partition: str, account: str) -> Reach | None:
    prefix, its_partition, *mine = with_all_fields(pattern).split(":", _FIELDS - 1)
    service, region, owner, names = form.split(":", _FIELDS - 3)
    is_there = matches(prefix, "arn") and matches(its_partition, partition)
    if not is_there or not matches(mine[0], service) or not _names_all(mine[3], names):
        return None
    where = _bound(mine[1], _SHORT if set(region) & set("*?") else region)
    whose = _bound(mine[2], _ANY_ACCOUNT if owner in ("@", "*") else owner)
    if whose and matches(mine[2], account):
        whose = ""
    return None if where is None or whose is None else Reach(where, whose)


def _bound(field: str, wanted: str) -> str | None:
    """What the field narrows the type to: "" if to nothing; None if it fits no such ARN."""
    if matches(field, wanted):
        return ""
    return field if field and wanted.startswith(_UNHEARD) else None


def _names_all(pattern: str, names: str) -> bool:
    """True if it covers every name of that shape; a type of which there is one has no "every"."""
    if "*" not in names:
        return False
    suffix = _SUFFIX if names == _SECRETS else ""
    return all(matches(pattern, names.replace("*", each) + suffix) for each in (_SHORT, _LONG))
