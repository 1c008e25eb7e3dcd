"""In: an owner and the escalation graphs. Out: what the holder of the credential can do with it.

Reckoned for the bare key: without the MFA device, the password or the address of its owner.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from analyzer.inventory.model import ROOT_USER
from analyzer.leaks.model import CredentialKind
from analyzer.policy.conditions import Ternary
from analyzer.policy.layers import StatementRef, Verdict
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.entry_points import AssumableRole, assumable_roles, privilege_by
from analyzer.privesc.graph import EscalationGraph, Privilege, PrivilegeLevel
from analyzer.risk.owner import Certainty, Owner

OPEN = frozenset({PrivilegeLevel.CONDITIONAL, PrivilegeLevel.UNKNOWN})
"""Levels that are possibly full control; the exports do not tell."""
_WORST_FIRST = (
    PrivilegeLevel.ADMINISTRATOR,
    PrivilegeLevel.DIRECT,
    PrivilegeLevel.CHAIN,
    PrivilegeLevel.UNKNOWN,
    PrivilegeLevel.CONDITIONAL,
    PrivilegeLevel.INDIRECT,
    PrivilegeLevel.LIMITED,
)
_MOST = 3  # capabilities that one sentence names


@dataclass(frozen=True, slots=True)
class Capability:
    """Something that the holder can do, certainly or under conditions, and the statements."""

    text: str
    is_certain: bool
    statements: tuple[StatementRef, ...]


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """What a credential opens. `level` is None where it was not assessed, which is not nothing.

    `principal` is the ARN it was worked out for: the owner, or the candidate who gets farthest.
    `is_proven` False: it rests on what the repository says of its owner, and may be more.
    `worst_case` is one sentence for whoever has to decide.
    """

    level: PrivilegeLevel | None
    worst_case: str
    principal: str | None = None
    privilege: Privilege | None = None
    roles: tuple[AssumableRole, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    is_one_service: bool = False
    is_proven: bool = True


@dataclass(frozen=True, slots=True)
class CapabilityTexts:
    """The sentences of capabilities.toml."""

    levels: Mapping[str, str]
    capabilities: tuple[tuple[str, tuple[str, ...]], ...]


@cache
def load_capabilities() -> CapabilityTexts:
    """The capabilities, the worst first, and what each level amounts to."""
    text = files("analyzer.risk").joinpath("capabilities.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    capabilities = tuple((each["text"], tuple(each["actions"])) for each in table["capability"])
    return CapabilityTexts(table["level"], capabilities)


def blast_radius(
    kind: CredentialKind,
    owner: Owner,
    graphs: Mapping[str, EscalationGraph],
    known: dict[tuple[str, EntryPoint], Privilege],
) -> BlastRadius:
    """What the credential opens; of several candidates, what the most privileged could do.

    `graphs` are by account. `known` keeps the answers for the next credential of the run.
    """
    if kind.is_session:
        why = "Whoever has it can do what its user or role may do, until the session ends"
        return BlastRadius(None, f"{why}; whose it is, no export tells.")
    if not kind.has_user_rights:
        return BlastRadius(
            None, "Whoever has it can use what it was made for.", is_one_service=True
        )
    is_password = kind.is_console_password
    asked = _Asked(graphs, EntryPoint.CONSOLE if is_password else EntryPoint.LEAKED_KEY, known)
    if owner.certainty is Certainty.UNKNOWN:
        why = "nothing tells whose it is"
        return BlastRadius(None, f"What it opens is not assessed, as {why}: it may be everything.")
    if owner.is_root:
        return _of_root(owner.account.root_arn if owner.account else None)
    if owner.certainty is Certainty.EXACT and owner.account is not None:
        arn = owner.in_account.arn if owner.in_account else ""
        return replace(asked.of_user(owner.account.id, arn), is_proven=owner.is_in_export)
    return asked.of_candidates(owner)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The escalation graphs, and the entry point of whoever holds the credential."""

    graphs: Mapping[str, EscalationGraph]
    entry_point: EntryPoint
    known: dict[tuple[str, EntryPoint], Privilege]

    def of_user(self, account: str, arn: str) -> BlastRadius:
        """What that user's credential opens."""
        graph, privilege = self.graphs.get(account), self._power(account, arn)
        if graph is None or privilege is None:
            what = "authorization details were handed in" if graph is None else "export lists them"
            return BlastRadius(
                None, f"What it opens is not assessed, as no {what}: it may be everything."
            )
        roles = assumable_roles(graph, arn, self.entry_point)
        capabilities = (
            () if privilege.level.is_privileged else tuple(self._capabilities(graph, arn, roles))
        )
        return BlastRadius(
            privilege.level, _worst(privilege, capabilities), arn, privilege, roles, capabilities
        )

    def of_candidates(self, owner: Owner) -> BlastRadius:
        """The worst over the candidates that can hold the key; over all if none can."""
        possible = [each for each in owner.candidates if each.can_hold_it]
        # Where nobody has a key that may be it, root is the least likely to have had one.
        possible = possible or [each for each in owner.candidates if each.user != ROOT_USER]
        possible = possible or list(owner.candidates)
        root = next((each for each in possible if each.user == ROOT_USER), None)
        if root is not None:
            found = _of_root(root.arn)
            return replace(
                found,
                worst_case=f"If it is root's, {found.worst_case[:1].lower()}{found.worst_case[1:]}",
            )
        best = min(possible, key=lambda each: self._rank(each.account, each.arn))
        return self.of_user(best.account, best.arn)

    def _rank(self, account: str, arn: str) -> int:
        privilege = self._power(account, arn)
        return _WORST_FIRST.index(PrivilegeLevel.UNKNOWN if privilege is None else privilege.level)

    def _power(self, account: str, arn: str) -> Privilege | None:
        graph = self.graphs.get(account)
        if graph is None or arn not in graph.authorizer.principals:
            return None
        if (arn, self.entry_point) not in self.known:
            self.known[arn, self.entry_point] = _whole(
                graph, privilege_by(graph, arn, self.entry_point)
            )
        return self.known[arn, self.entry_point]

    def _capabilities(
        self, graph: EscalationGraph, arn: str, roles: tuple[AssumableRole, ...]
    ) -> Iterator[Capability]:
        """What the user itself, or a role it can assume, is allowed to do."""
        user = graph.authorizer.principals[arn]
        reached = graph.authorizer.entry_points_from(user, self.entry_point)
        holders = [(arn, each, truth is Ternary.TRUE) for each, truth in reached.items()]
        holders += [(each.role, EntryPoint.ROLE, each.is_certain) for each in roles]
        for says, actions in load_capabilities().capabilities:
            found: list[Capability] = []
            for holder, entry_point, is_within in holders:
                policies = graph.authorizer.principals[holder]
                for action in actions:
                    decision = graph.authorizer.decide(policies, action, None, entry_point)
                    if decision.verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL):
                        is_certain = is_within and decision.verdict is Verdict.ALLOWED
                        found.append(Capability(says, is_certain, decision.allows))
            if found:
                yield next((each for each in found if each.is_certain), found[0])


def _whole(graph: EscalationGraph, privilege: Privilege) -> Privilege:
    """The privilege; unknown instead of a low one where the export does not list everybody."""
    if privilege.level.is_privileged or graph.authorizer.account.details_are_complete:
        return privilege
    why = "the authorization details do not list everybody"
    return replace(privilege, level=PrivilegeLevel.UNKNOWN, route=(), reasons=(why,))


def _of_root(arn: str | None) -> BlastRadius:
    says = load_capabilities().levels[PrivilegeLevel.ADMINISTRATOR.value]
    return BlastRadius(PrivilegeLevel.ADMINISTRATOR, f"Whoever has it can {says}.", arn)


def _worst(privilege: Privilege, capabilities: tuple[Capability, ...]) -> str:
    """One sentence; what is certain comes before what depends on conditions."""
    says = (
        load_capabilities()
        .levels.get(privilege.level.value, "")
        .replace("{steps}", str(len(privilege.route)))
    )
    certain = [each.text for each in capabilities if each.is_certain][:_MOST]
    possible = [each.text for each in capabilities if not each.is_certain][:_MOST]
    if privilege.level.is_privileged:
        return f"Whoever has it can {says}."
    if privilege.level in OPEN:
        also = f" It can certainly {_listed(certain)}." if certain else ""
        return f"{says[:1].upper()}{says[1:]}.{also}"
    if parts := [*([says] if says else []), *certain]:
        return f"Whoever has it can {_listed(parts)}."
    if possible:
        return f"Whoever has it can perhaps {_listed(possible)}, under conditions."
    kinds = len(load_capabilities().capabilities)
    return f"Of the {kinds} kinds of harm that were looked for, its holder can do none."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
