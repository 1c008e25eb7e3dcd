"""In: a principal and roles. Out: those of them that it can assume, found once for all alike.

Two principals are alike for a trust policy that names neither of them, nor a session of theirs, if
they have the same policies and the same values of the condition keys that it mentions. So roles are
asked together by those keys, and each answer is kept for the next principal.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from analyzer.policy.authorizer import AccountAuthorizer
from analyzer.policy.conditions import NO_KEYS, Context, KeyState
from analyzer.policy.documents import PolicyInstance
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.principals import PrincipalPolicies
from analyzer.policy.request_context import EntryPoint
from analyzer.policy.role_assumption import assumptions
from analyzer.policy.target_states import TargetKeys, is_of_target
from analyzer.policy.trust_policies import named_in, role_key


@dataclass(slots=True)
class _Known:
    """Which roles were asked, as bits, and which of them can be assumed."""

    asked: int = 0
    certain: int = 0
    possible: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class AssumableRoles:
    """The roles of an account, by what tells those who ask for them apart.

    `naming` are the roles whose trust policy names the principal, or a session of it, in whatever
    statement; `by_keys` all roles by the condition keys that their trust policies mention;
    `target_keys` those of the keys that are the role's own, by the ID of the policy's document.
    """

    authorizer: AccountAuthorizer
    naming: Mapping[str, int]
    by_keys: tuple[tuple[tuple[str, ...], int], ...]
    target_keys: Mapping[int, frozenset[str]]
    known: dict[tuple[object, ...], _Known] = field(default_factory=dict)

    def among(
        self,
        policies: PrincipalPolicies,
        entry_point: EntryPoint,
        roles: int,
        asked: Mapping[str, KeyState] = NO_KEYS,
    ) -> ResourceSet:
        """Those of the roles, as bits, that the principal can assume by that entry point.

        `asked` are condition keys that its request has besides.
        """
        evaluators = self.authorizer.evaluators
        evaluator = evaluators.evaluator(policies, entry_point).with_context(asked)
        context = self.authorizer.assuming_context(policies, entry_point, asked)
        own = self.naming.get(policies.arn, 0) & roles
        certain, possible = self._ask(policies, context, own)
        for keys, bits in self.by_keys:
            if not (others := bits & roles & ~own):
                continue
            alike = (keys, id(evaluator), type(policies.principal), context.told_apart_by(keys))
            known = self.known.setdefault(alike, _Known())
            if new := others & ~known.asked:
                found = self._ask(policies, context, new)
                known.asked |= new
                known.certain |= found[0]
                known.possible |= found[1]
            certain |= known.certain & others
            possible |= known.possible & others
        return ResourceSet(certain, possible)

    def _ask(self, policies: PrincipalPolicies, context: Context, roles: int) -> tuple[int, int]:
        if not roles:
            return 0, 0
        evaluators = self.authorizer.evaluators
        certain = possible = 0
        for asking in assumptions(evaluators, policies, context):
            for trust, states, bits in self._told_apart(roles):
                found = asking.roles_taken(trust, bits, states)
                certain, possible = certain | found.certain, possible | found.possible
        return certain, possible

    def _told_apart(self, roles: int) -> Iterator[tuple[PolicyInstance, TargetKeys, int]]:
        """The roles by their trust policy, and by those of their tags that it mentions."""
        groups: dict[tuple[object, ...], tuple[PolicyInstance, TargetKeys, int]] = {}
        for arn in self.authorizer.resources.named(roles):
            trust = self.authorizer.trusts[arn]
            keys = self.target_keys.get(id(trust.document), frozenset())
            states = self.authorizer.evaluators.targets.keys_of(arn, keys) if keys else {}
            name = (id(trust.document), *sorted(states.items()))
            before = groups[name][2] if name in groups else 0
            groups[name] = trust, states, before | self.authorizer.resources.bit(arn)
        yield from groups.values()


def assumable_roles_of(authorizer: AccountAuthorizer) -> AssumableRoles:
    """The roles of the account, to be asked for."""
    by_keys: dict[tuple[str, ...], int] = defaultdict(int)
    naming: dict[str, int] = defaultdict(int)
    target_keys: dict[int, frozenset[str]] = {}
    named_so: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for role in authorizer.account.roles:
        named_so[role_key(role.arn)].append(role.arn)
    for trust, roles in _by_document(authorizer):
        statements = trust.document.statements
        mentioned = {key for statement in statements for key in statement.mentions}
        by_keys[tuple(sorted(mentioned))] |= roles
        target_keys[id(trust.document)] = frozenset(filter(is_of_target, mentioned))
        for named in map(named_in, statements):
            sessions = (arn for key in named.sessions_of for arn in named_so.get(key, ()))
            for arn in (*named.names, *sessions):
                naming[arn] |= roles
    return AssumableRoles(authorizer, naming, tuple(by_keys.items()), target_keys)


def _by_document(authorizer: AccountAuthorizer) -> Iterator[tuple[PolicyInstance, int]]:
    """Each trust policy with the roles that have it."""
    found: dict[int, tuple[PolicyInstance, int]] = {}
    for arn, trust in authorizer.trusts.items():
        number = id(trust.document)
        before = found[number][1] if number in found else 0
        found[number] = trust, before | authorizer.resources.bit(arn)
    yield from found.values()
