"""In: an account. Out: the condition keys that a request gets from the principal it works on.

The boundary and the tags of each user and role stand in the export. A request that works on one of
them carries these, so a policy that asks for them can be decided.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from analyzer.globs import matches
from analyzer.inventory.model import Account, PrincipalDetails
from analyzer.policy.arns import ResourceIndex
from analyzer.policy.bound_statements import BoundStatement
from analyzer.policy.conditions import Context, KeyKnowledge, KeyState, substitute_variables

BOUNDARY = "iam:permissionsboundary"
OWNER = "aws:resourceaccount"
TAGS = ("iam:resourcetag/", "aws:resourcetag/")
_COMPARES_TEXT = ("String", "Arn", "Null")
_MOST_GROUPS = 64
_WILD = set("*?$")
TargetKeys = Mapping[str, KeyState]


def is_of_target(key: str) -> bool:
    """True for a key, in lower case, whose value is a property of the user or role worked on."""
    return key == BOUNDARY or key.startswith(TAGS)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ValuesOfKey:
    """Who has which value of one key, as bits: `held` all who have one, `absent` those without."""

    holders: Mapping[str, int]
    held: int
    absent: int
    by_folded_value: dict[str, list[str]] = field(default_factory=dict)
    values_cache: dict[int, KeyState] = field(default_factory=dict)

    @property
    def known(self) -> int:
        """Everyone of whom the value, or that there is none, is known."""
        return self.absent | self.held

    def state_of(self, bit: int) -> KeyState:
        """The state of the key for that one resource; looked up once for each."""
        if bit not in self.values_cache:
            self.values_cache[bit] = self._look_up(bit)
        return self.values_cache[bit]

    def _look_up(self, bit: int) -> KeyState:
        if not bit & self.held:
            return KeyKnowledge.ABSENT if bit & self.absent else KeyKnowledge.UNKNOWN
        return next((value,) for value, bits in self.holders.items() if bits & bit)

    def split(self, compared: frozenset[str] | None) -> Iterator[tuple[KeyState, int]]:
        """Everyone by the state of the key; holders of values that no policy compares are alike.

        `compared` None: every value makes a difference.
        """
        chosen = dict.fromkeys(self.holders if compared is None else self._meant(compared))
        others = self.held
        for value in chosen:
            bits = self.holders[value]
            others &= ~bits
            yield (value,), bits
        if others:
            yield (next(value for value in self.holders if value not in chosen),), others
        yield KeyKnowledge.ABSENT, self.absent

    def _meant(self, compared: frozenset[str]) -> Iterator[str]:
        """The values that some text or pattern means, whatever their case."""
        if any(_WILD & set(text) for text in compared):
            patterns = [text.casefold() for text in compared]
            for value in self.holders:
                if any(matches(pattern, value.casefold()) for pattern in patterns):
                    yield value
            return
        if not self.by_folded_value:
            for value in self.holders:
                self.by_folded_value.setdefault(value.casefold(), []).append(value)
        for text in compared:
            yield from self.by_folded_value.get(text.casefold(), ())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TargetStates:
    """The properties of the account's own principals that requests on them carry as keys.

    `values` holds the boundary and each tag that somebody has; `untagged` are those whose tags are
    known, and who have no other.
    """

    resources: ResourceIndex
    values: Mapping[str, ValuesOfKey]
    untagged: ValuesOfKey
    groups_cache: dict[object, tuple[tuple[TargetKeys, int], ...]] = field(default_factory=dict)

    def keys_of(self, arn: str, keys: Iterable[str]) -> dict[str, KeyState]:
        """The states of these keys in a request on that ARN, as far as they are the target's."""
        bit = self.resources.bit(arn)
        return {key: self._of(key).state_of(bit) for key in keys if is_of_target(key)}

    def groups(
        self, compared: Mapping[str, frozenset[str] | None]
    ) -> tuple[tuple[TargetKeys, int], ...]:
        """The account's resources in groups of which all have the same states, as bits.

        `compared` are the keys wanted, each with what policies compare it with, see
        `ValuesOfKey.split`. Of a key with too many values nothing is said.
        """
        wanted = tuple(sorted(compared.items(), key=lambda each: each[0]))
        if wanted not in self.groups_cache:
            self.groups_cache[wanted] = tuple(self._groups(compared))
        return self.groups_cache[wanted]

    def tells_all(self, compared: Mapping[str, frozenset[str] | None]) -> bool:
        """True if no key has so many values that `groups` says nothing of it."""
        return all(len(states) == len(compared) for states, _ in self.groups(compared))

    def _groups(
        self, compared: Mapping[str, frozenset[str] | None]
    ) -> Iterator[tuple[TargetKeys, int]]:
        groups: list[tuple[TargetKeys, int]] = [({}, self.resources.everything)]
        for key, values in sorted(compared.items()):
            of_key = self._of(key)
            parts = [*of_key.split(values), (KeyKnowledge.UNKNOWN, ~of_key.known)]
            if len(parts) * len(groups) <= _MOST_GROUPS:
                groups = [
                    ({**states, key: state}, mine & theirs)
                    for states, mine in groups
                    for state, theirs in parts
                    if mine & theirs
                ]
        yield from groups

    def _of(self, key: str) -> ValuesOfKey:
        return self.values.get(_plain(key), self.untagged)


def compared_texts(
    statements: Sequence[BoundStatement], keys: frozenset[str], context: Context
) -> Iterator[tuple[str, frozenset[str] | None]]:
    """The keys of targets that the statements mention, each with the texts it is compared with.

    None where more than equal texts and patterns matter, or where the key stands in for a text.
    """
    for key in filter(is_of_target, keys):
        tests = [
            (each.statement, clause)
            for each in statements
            for clause in each.statement.clauses
            if clause.key.lower() == key
        ]
        is_text = all(each.operator.startswith(_COMPARES_TEXT) for _, each in tests)
        if not tests or not is_text or any(_has_variable(each, key) for each in statements):
            yield key, None
            continue
        yield (
            key,
            frozenset(
                substitute_variables(value, context, has_variables=statement.has_variables)[0]
                for statement, clause in tests
                for value in clause.values
            ),
        )


def target_states(account: Account, resources: ResourceIndex) -> TargetStates:
    """The states of the account's principals. Policies' tags are in no export, groups have none."""
    described = [(user.arn, user.details) for user in account.users if user.details is not None]
    described += [(role.arn, role.details) for role in account.roles]
    principals = resources.bits_of(arn for arn, _ in described)
    groups = resources.bits_of(group.arn for group in account.groups)
    policies = resources.bits_of(policy.arn for policy in account.policies)
    holders: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for arn, details in described:
        for key, value in _properties(details):
            holders[key][value] |= resources.bit(arn)
    values = {
        key: _values(found, principals | groups)
        for key, found in holders.items()
        if key != BOUNDARY
    }
    values[BOUNDARY] = _values(holders.get(BOUNDARY, {}), principals | groups | policies)
    return TargetStates(resources, values, _values({}, principals | groups))


def _values(holders: Mapping[str, int], everyone: int) -> ValuesOfKey:
    held = _union(holders.values())
    return ValuesOfKey(holders, held, everyone & ~held)


def _properties(details: PrincipalDetails) -> Iterator[tuple[str, str]]:
    if details.boundary is not None:
        yield BOUNDARY, details.boundary
    for name, value in details.tags.items():
        yield f"tag/{name.lower()}", value


def _has_variable(bound: BoundStatement, key: str) -> bool:
    statement = bound.statement
    texts = (*statement.resources, *(text for each in statement.clauses for text in each.values))
    return any(f"${{{key}" in text.lower() for text in texts)


def _plain(key: str) -> str:
    """The key without the prefix that tells which service asks for the tag."""
    prefix = next((each for each in TAGS if key.startswith(each)), "")
    return f"tag/{key.removeprefix(prefix)}" if prefix else key


def _union(bits: Iterable[int]) -> int:
    found = 0
    for each in bits:
        found |= each
    return found
