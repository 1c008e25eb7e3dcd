"""In: a statement. Out: the actions and resources in it that stand for nothing together.

Which resources an action takes, AWS lists action by action:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.globs import overlap
from analyzer.policy.arns import is_everything, with_all_fields
from analyzer.policy.documents import Statement
from analyzer.policy.lint.faults import Fault, FaultKind, Meaning
from analyzer.policy.lint.surroundings import Surroundings, fault_in

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_FIELDS = 6
_BUCKET_FORM = "s3:::*"
_WILD = re.compile(r"[*?]")
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f")


@dataclass(frozen=True, slots=True)
class _Dead:
    """A part of a statement that stands for nothing."""

    kind: FaultKind
    value: str
    explanation: str


def scope_faults(statement: Statement, around: Surroundings) -> Iterator[Fault]:
    """What its actions and resources do not stand for; NEVER where nothing of them is left."""
    if statement.unread:
        return
    yield from _remarks(statement, around)
    named = statement.action_patterns
    unknown = [found for each in named if (found := _unknown_action(each, around))]
    if statement.excludes_actions:
        # What is not there is left out all the same; nothing more is told of what is left.
        yield from (_fault(statement, each, Meaning.REMARK) for each in unknown)
        return
    known = [each for each in named if around.is_listed(each)]
    dead = [*unknown, *_without_resource(statement, known, around)]
    meaning = Meaning.NEVER if named and len(dead) == len(named) else Meaning.PART
    yield from (_fault(statement, each, meaning) for each in dead)
    if meaning is Meaning.PART and not statement.excludes_resources:
        for each in statement.resources:
            if found := _resource_without_action(each, known, statement, around):
                yield _fault(statement, found, Meaning.PART)


def _fault(statement: Statement, dead: _Dead, meaning: Meaning) -> Fault:
    return fault_in(statement, dead.kind, meaning, dead.value, dead.explanation)


def _remarks(statement: Statement, around: Surroundings) -> Iterator[Fault]:
    for each in statement.action_patterns:
        service, colon, name = each.partition(":")
        is_open = colon and _WILD.search(service) and (service + name).strip("*")
        if is_open and around.is_listed(each):
            text = f"{each} has a wildcard in the name of the service"
            kind = FaultKind.WILDCARD_SERVICE
            yield fault_in(statement, kind, Meaning.REMARK, each, text)
    for each in statement.resources:
        found = _malformed(each)
        if found is not None:
            is_part = found.kind is FaultKind.MISSING_ARN_FIELD
            yield _fault(statement, found, Meaning.REMARK if is_part else Meaning.REFUSED)


def _malformed(resource: str) -> _Dead | None:
    """What is wrong with the form of the ARN."""
    if is_everything(resource) or "${" in resource.partition("/")[0]:
        return None
    fields = resource.split(":", _FIELDS - 1)
    if not overlap(fields[0], "arn"):
        return _Dead(FaultKind.INVALID_ARN, resource, f"{resource or 'an empty text'} is no ARN")
    if len(fields) > 1 and not any(overlap(fields[1], each) for each in _PARTITIONS):
        return _Dead(FaultKind.INVALID_ARN, resource, f"{resource} names no partition of AWS")
    if len(fields) == _FIELDS and not fields[2]:
        return _Dead(FaultKind.INVALID_ARN, resource, f"{resource} names no service")
    if len(fields) < _FIELDS and not resource.endswith("*"):
        text = f"{resource} has {len(fields)} fields of {_FIELDS}"
        return _Dead(FaultKind.MISSING_ARN_FIELD, resource, text)
    return None


def _unknown_action(pattern: str, around: Surroundings) -> _Dead | None:
    """Why AWS lists no action that the pattern stands for; None if it lists one."""
    if around.is_listed(pattern):
        return None
    service, colon, _ = pattern.partition(":")
    dated = around.actions.dated
    if not colon or (not _WILD.search(service) and service.lower() not in around.details.services):
        text = f"{service or pattern} is not among the services in the action table of {dated}"
        return _Dead(FaultKind.UNKNOWN_SERVICE, pattern, text)
    return _Dead(
        FaultKind.UNKNOWN_ACTION, pattern, f"{pattern} is not in the action table of {dated}"
    )


def _without_resource(
    statement: Statement, patterns: list[str], around: Surroundings
) -> Iterator[_Dead]:
    """The actions that take none of the statement's resources."""
    if statement.excludes_resources or not statement.resources:
        return
    for each in patterns:
        if not any(_fits(each, resource, statement, around) for resource in statement.resources):
            yield _mismatch(each, statement.resources, around)


def _resource_without_action(
    resource: str, patterns: list[str], statement: Statement, around: Surroundings
) -> _Dead | None:
    if any(_fits(each, resource, statement, around) for each in patterns) or not patterns:
        return None
    return _wrong_arn(resource, around) or _Dead(
        FaultKind.RESOURCE_MISMATCH,
        resource,
        f"none of its actions takes {resource}, by the action table of {around.actions.dated}",
    )


def _wrong_arn(resource: str, around: Surroundings) -> _Dead | None:
    """Why the ARN is one of no resource of the account."""
    fields = with_all_fields(resource).split(":", _FIELDS - 1)
    if not overlap(fields[1], around.partition):
        text = f"{resource} is in another partition than {around.partition}"
        return _Dead(FaultKind.OTHER_PARTITION, resource, text)
    is_plain = not fields[5].startswith(("accesspoint", "storage-lens", "job", "access-grants"))
    if fields[2] == "s3" and fields[3] + fields[4] and is_plain:
        text = f"{resource} has a region or an account, which ARNs of buckets and objects lack"
        return _Dead(FaultKind.S3_FIELDS, resource, text)
    return None


def _mismatch(pattern: str, resources: tuple[str, ...], around: Surroundings) -> _Dead:
    """Why the action takes none of the resources, in the words that help most."""
    for each in resources:
        if found := _wrong_arn(each, around):
            return found
    forms = around.forms_of(pattern) or frozenset()
    listed = resources[0] if len(resources) == 1 else f"{resources[0]} and the like"
    dated = f"by the action table of {around.actions.dated}"
    if not forms:
        text = f'{pattern} takes no resource but "*", not {listed}, {dated}'
        return _Dead(FaultKind.NEEDS_STAR, pattern, text)
    buckets = [each for each in resources if ":s3:::" in each and "/" not in each]
    if buckets and any("/" in each for each in forms if each.startswith(_BUCKET_FORM)):
        text = f"{pattern} takes objects, as in {buckets[0]}/*, not the bucket {buckets[0]}"
        return _Dead(FaultKind.OBJECT_ACTION_ON_BUCKET, pattern, text)
    groups = [each for each in resources if ":iam:" in each and ":group/" in each]
    if groups and any(":user/" in each for each in forms):
        text = f"{pattern} works on users, and {groups[0]} covers the group, not its members"
        return _Dead(FaultKind.USER_ACTION_ON_GROUP, pattern, text)
    return _Dead(FaultKind.RESOURCE_MISMATCH, pattern, f"{pattern} does not take {listed}, {dated}")


def _fits(pattern: str, resource: str, statement: Statement, around: Surroundings) -> bool:
    """True if some action of the pattern possibly works on a resource that the other covers."""
    wanted = _VARIABLE.sub("*", resource) if statement.has_variables else resource
    known = around.fits_cache.get((pattern, wanted))
    if known is None:
        known = around.fits_cache[pattern, wanted] = _is_taken(pattern, wanted, around)
    return known


def _is_taken(pattern: str, resource: str, around: Surroundings) -> bool:
    wrong = _malformed(resource)
    if is_everything(resource) or (wrong and wrong.kind is FaultKind.INVALID_ARN):
        return True
    forms = around.forms_of(pattern)
    if forms is None or (not forms and _is_all_of(pattern, resource)):
        return True
    fields = with_all_fields(resource).split(":", _FIELDS - 1)
    return overlap(fields[1], around.partition) and any(_form_fits(each, fields) for each in forms)


def _is_all_of(pattern: str, resource: str) -> bool:
    """True for an ARN of whatever the action's service has, on which no page says a word."""
    fields = with_all_fields(resource).split(":", _FIELDS - 1)
    return not fields[5].strip("*") and overlap(fields[2], pattern.partition(":")[0].lower())


def _form_fits(form: str, fields: list[str]) -> bool:
    """True if some resource of that form is covered by the ARN of these fields."""
    # AWS forbids a slash in the name of a bucket.
    if form == _BUCKET_FORM and "/" in fields[5]:
        return False
    theirs = form.replace("@", "*").split(":", _FIELDS - 3)
    return overlap(fields[0], "arn") and all(map(_may_meet, theirs, fields[2:]))


def _may_meet(one: str, other: str) -> bool:
    """Whether the patterns overlap; most pairs are told apart by how they begin."""
    if "*" in (one, other):
        return True
    mine, theirs = _WILD.split(one, 1)[0], _WILD.split(other, 1)[0]
    begins = mine.startswith(theirs) or theirs.startswith(mine)
    return begins and overlap(one, other)
