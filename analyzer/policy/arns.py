"""In: the ARNs of an account and resource patterns. Out: which ARNs a pattern covers, as bits.

AWS compares an ARN field by field; only in the last field does `*` reach across `:` and `/`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from analyzer.globs import (
    LITERAL_MARK,
    LITERAL_STAR,
    covers,
    example_of_both,
    literal,
    matches,
    overlap,
)

_FIELDS = 6
_WILD = "*?"
_ANY = ("~~~~", "~~~~", "~~~~", "~~-~~~~~~~-0", "000000000000", "~~~~~~~~")
"""For each field a text that no policy names, region and account as long as real ones."""
_BUCKETS = ":s3:::*"
_FEW = 16
_MOST_KEPT = 1 << 16
"""Patterns whose fields are remembered; what a policy names is asked for again and again."""


@lru_cache(_MOST_KEPT)
def is_everything(pattern: str) -> bool:
    """True for a pattern that no resource escapes: only stars, in each field that an ARN has."""
    if pattern and not pattern.strip("*"):
        return True
    parts = _fields(pattern)
    stars = all(each and not each.strip("*") for each in parts[2:])
    return len(parts) == _FIELDS and covers(parts[0], "arn") and bool(parts[1]) and stars


def with_all_fields(pattern: str) -> str:
    """The pattern with all six fields: AWS takes missing ones for stars."""
    return pattern + ":*" * (_FIELDS - 1 - min(pattern.count(":"), _FIELDS - 1))


@lru_cache(_MOST_KEPT)
def _fields(pattern: str) -> tuple[str, ...]:
    return tuple(with_all_fields(pattern).split(":", _FIELDS - 1))


def arn_matches(pattern: str, arn: str) -> bool:
    """True if the pattern covers that one ARN."""
    theirs = arn.split(":", _FIELDS - 1)
    if len(theirs) < _FIELDS:
        return matches(pattern, arn)
    # A star alone, and a text that is the same, are most of what policies hold.
    for mine, its in zip(_fields(pattern), theirs, strict=True):
        if mine not in (its, "*") and not matches(mine, its):
            return False
    return True


def arn_covers(wide: str, narrow: str) -> bool:
    """True if the wide pattern covers each ARN of the narrow one, as far as both can tell."""
    if is_everything(wide) or is_everything(narrow):
        return is_everything(wide)
    return all(covers(a, b) for a, b in zip(_fields(wide), _fields(narrow), strict=True))


def arns_overlap(one: str, other: str) -> bool:
    """True if some ARN is possibly covered by both patterns."""
    if is_everything(one) or is_everything(other):
        return True
    return all(overlap(a, b) for a, b in zip(_fields(one), _fields(other), strict=True))


@lru_cache(_MOST_KEPT)
def sample_arn(pattern: str, shape: str) -> str | None:
    """An ARN of that shape, a pattern itself, that the pattern covers: a witness, or None.

    What both leave open is filled with what nobody is likely to have named. AWS forbids a slash in
    the name of a bucket, so `b/*` covers objects alone.
    """
    wanted = tuple(shape.split(":", _FIELDS - 1))
    mine = wanted if is_everything(pattern) else _fields(pattern)
    fields: list[str] = []
    for one, other, filler in zip(mine, wanted, _ANY, strict=True):
        field = example_of_both(one, other, filler) if one != other or "*" in one else one
        if field is None:
            return None
        fields.append(field)
    return None if shape.endswith(_BUCKETS) and "/" in fields[-1] else ":".join(fields)


def intersection(one: str, other: str) -> str | None:
    """A pattern of ARNs that both cover, field by field; None where there are none.

    Where two fields cross, one text of what they have in common stands for all of it.
    """
    if is_everything(one) or is_everything(other):
        return other if is_everything(one) else one
    fields: list[str] = []
    for a, b, filler in zip(_fields(one), _fields(other), _ANY, strict=True):
        if covers(a, b) or covers(b, a):
            fields.append(b if covers(a, b) else a)
        elif (met := example_of_both(a, b, filler)) is not None:
            fields.append(literal(met))
        else:
            return None
    return ":".join(fields)


@dataclass(frozen=True, slots=True, repr=False)
class ResourceIndex:
    """The account's own resources, sorted; the index of an ARN is its bit."""

    arns: tuple[str, ...]
    numbers: dict[str, int]
    partition: str = "aws"
    account: str = "*"
    known: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def everything(self) -> int:
        """All bits."""
        return (1 << len(self.arns)) - 1

    def bit(self, arn: str) -> int:
        """The bit of that ARN; 0 where the account does not have it."""
        return 1 << self.numbers[arn] if arn in self.numbers else 0

    def bits_of(self, arns: Iterable[str]) -> int:
        """The bits of those of the ARNs that the account has."""
        found = 0
        for arn in arns:
            found |= self.bit(arn)
        return found

    def bits(self, pattern: str) -> int:
        """The bits of the ARNs that the pattern covers. Each pattern is looked up once."""
        found = self.known.get(pattern)
        if found is None:
            found = self.known[pattern] = self._looked_up(pattern)
        return found

    def named(self, bits: int) -> Iterator[str]:
        """The ARNs of the bits, in order."""
        if bits.bit_count() <= _FEW:
            while bits:
                lowest = bits & -bits
                yield self.arns[lowest.bit_length() - 1]
                bits ^= lowest
            return
        digits = f"{bits:b}"[::-1]
        at = digits.find("1")
        while at >= 0:
            yield self.arns[at]
            at = digits.find("1", at + 1)

    def _looked_up(self, pattern: str) -> int:
        if pattern and not pattern.strip("*"):
            return self.everything
        pattern = with_all_fields(pattern)
        wild = min((at for each in _WILD if (at := pattern.find(each)) >= 0), default=-1)
        if wild < 0:
            return self.bit(pattern.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?"))
        prefix = pattern[:wild].replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")
        found = 0
        for index in range(bisect_left(self.arns, prefix), len(self.arns)):
            arn = self.arns[index]
            if not arn.startswith(prefix):
                break
            if arn_matches(pattern, arn):
                found |= 1 << index
        return found


def resource_index(
    arns: Iterable[str], partition: str = "aws", account: str = "*"
) -> ResourceIndex:
    """The index of these ARNs, in that partition and account."""
    ordered = tuple(sorted(set(arns)))
    numbers = {arn: index for index, arn in enumerate(ordered)}
    return ResourceIndex(ordered, numbers, partition, account)
