"""In: the ARNs of an account and resource patterns. Out: which ARNs a pattern covers, as bits.

AWS compares an ARN field by field; only in the last field does `*` reach across `:` and `/`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analyzer.globs import LITERAL_MARK, LITERAL_STAR, covers, matches, overlap

_FIELDS = 6
_WILD = "*?"
_ANY = "credaudit-any"


def is_everything(pattern: str) -> bool:
    """True for a pattern that no resource escapes: only stars, in each field that an ARN has."""
    if pattern and not pattern.strip("*"):
        return True
    parts = padded(pattern).split(":", _FIELDS - 1)
    stars = all(each and not each.strip("*") for each in parts[2:])
    return len(parts) == _FIELDS and covers(parts[0], "arn") and bool(parts[1]) and stars


def padded(pattern: str) -> str:
    """The pattern with all six fields: AWS takes missing ones for stars."""
    return pattern + ":*" * (_FIELDS - 1 - min(pattern.count(":"), _FIELDS - 1))


def arn_matches(pattern: str, arn: str) -> bool:
    """True if the pattern covers that one ARN."""
    mine, theirs = padded(pattern).split(":", _FIELDS - 1), arn.split(":", _FIELDS - 1)
    if len(theirs) < _FIELDS:
        return matches(pattern, arn)
    return all(a == b or matches(a, b) for a, b in zip(mine, theirs, strict=True))


def arns_overlap(one: str, other: str) -> bool:
    """True if some ARN may be covered by both patterns."""
    if is_everything(one) or is_everything(other):
        return True
    mine, theirs = padded(one).split(":", _FIELDS - 1), padded(other).split(":", _FIELDS - 1)
    return all(overlap(a, b) for a, b in zip(mine, theirs, strict=True))


def example(pattern: str, shape: str) -> str:
    """An ARN that the pattern covers and that nobody is likely to have named: a witness.

    `shape`, an ARN pattern of what is asked for, fills the fields that the pattern leaves open.
    """
    wanted = shape.split(":", _FIELDS - 1)
    mine = wanted if is_everything(pattern) else padded(pattern).split(":", _FIELDS - 1)
    fields = [b if a and not a.strip("*") else a for a, b in zip(mine, wanted, strict=True)]
    plain = ":".join(fields).replace("*", _ANY).replace("?", "x")
    return plain.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")


def is_of_service(pattern: str, services: Iterable[str]) -> bool:
    """True if the pattern can cover resources of one of these services."""
    parts = padded(pattern).split(":", _FIELDS - 1)
    return is_everything(pattern) or any(matches(parts[2], each) for each in services)


@dataclass(frozen=True, slots=True, repr=False)
class Universe:
    """The account's own resources, sorted; the index of an ARN is its bit."""

    arns: tuple[str, ...]
    numbers: dict[str, int]
    known: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def everything(self) -> int:
        """All bits."""
        return (1 << len(self.arns)) - 1

    def bit(self, arn: str) -> int:
        """The bit of that ARN; 0 where the account does not have it."""
        return 1 << self.numbers[arn] if arn in self.numbers else 0

    def bits(self, pattern: str) -> int:
        """The bits of the ARNs that the pattern covers. Each pattern is looked up once."""
        found = self.known.get(pattern)
        if found is None:
            found = self.known[pattern] = self._looked_up(pattern)
        return found

    def named(self, bits: int) -> Iterator[str]:
        """The ARNs of the bits, in order."""
        while bits:
            lowest = bits & -bits
            yield self.arns[lowest.bit_length() - 1]
            bits ^= lowest

    def _looked_up(self, pattern: str) -> int:
        if pattern and not pattern.strip("*"):
            return self.everything
        pattern = padded(pattern)
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


def universe(arns: Iterable[str]) -> Universe:
    """The universe of these ARNs."""
    ordered = tuple(sorted(set(arns)))
    return Universe(ordered, {arn: index for index, arn in enumerate(ordered)})
